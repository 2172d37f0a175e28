//! Gaussian noise.

use crate::Level;
use crate::error::Result;
use crate::random::Gauss;
use crate::random::gauss::reference;
use crate::simd::Width;
use crate::simd::roof::Roof;

use super::super::data::beyond;
use super::Case;

/// Samples per call.
const BLOCK: usize = 4096;

#[allow(clippy::unnecessary_wraps)] // every case is made by a function of this form
pub(in super::super) fn gauss(level: Level) -> Result<Case> {
    let source = Gauss::new(7, 1).with_level(level);
    let mut z = vec![0.0; BLOCK];
    source.fill(0, &mut z);
    // Contract of the generator: 5e-7 of the radius.
    let (want, bound): (Vec<f64>, Vec<f64>) = (0..BLOCK as u64)
        .map(|s| reference::sample(7, 1, s))
        .map(|(z, radius)| (z, 5e-7 * radius))
        .unzip();
    Ok(Case {
        kernel: "Gaussian noise",
        size: "in order",
        check: "rounding bound",
        failure: beyond(&z, &want, &bound),
        symbols: BLOCK,
        // Per pair of numbers: 26 float and 18 integer products; of everything, 239 for four numbers.
        uses: vec![
            (Roof::Fma(Width::Widest), 22.0),
            (Roof::Sqrt, 0.5),
            (Roof::Logic, 60.0),
        ],
        work: Box::new(move || source.fill(0, &mut z)),
    })
}
