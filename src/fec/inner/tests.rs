//! The decoder against the plain equations.

use proptest::prelude::*;

use super::*;
use crate::random::{Gauss, Philox};

mod oracle;
