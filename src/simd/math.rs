//! Elementary functions over lanes, with stated errors.
