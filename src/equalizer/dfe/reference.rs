//! The decision-feedback equalizer from its equation, one symbol at a time.

use crate::equalizer::slicer::reference::decide;

/// Decides one stream from its start; returns decisions and slicer inputs.
///
/// `y[n] = (x[n] - (c_K-1 + … + c_1)) - c_0` with `c_k = taps[k] * levels[d[n-1-k]]`, zero before
/// the start; the sum runs from the oldest contribution to the second newest. Every operation is
/// rounded to `f32`, none is fused.
#[must_use]
pub fn decide_stream(
    x: &[f32],
    taps: &[f32],
    levels: &[f32; 4],
    thresholds: &[f32; 3],
) -> (Vec<u8>, Vec<f32>) {
    let (mut d, mut y) = (Vec::<u8>::new(), Vec::new());
    for (n, &x) in x.iter().enumerate() {
        let contribution = |k: usize| {
            let past = n
                .checked_sub(1 + k)
                .map_or(0.0, |i| levels[usize::from(d[i])]);
            taps.get(k).map_or(0.0, |tap| tap * past)
        };
        let older: f32 = (1..taps.len())
            .rev()
            .map(contribution)
            .fold(0.0, |sum, c| sum + c);
        let input = (x - older) - contribution(0);
        d.push(decide(input, thresholds));
        y.push(input);
    }
    (d, y)
}
