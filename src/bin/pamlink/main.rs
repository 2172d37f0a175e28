//! The `pamlink` command.
fn main() {}
