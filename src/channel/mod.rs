//! Electrical channels: Touchstone files, networks, synthetic traces, packages, responses.
