//! Convolution on the grid by overlap-save: blocks of a stream through a real Fourier transform.

use std::fmt;
use std::sync::Arc;

use num_complex::Complex32;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::planes::Planes;

/// The longest transform that is considered.
const MOST: usize = 1 << 16;

/// A response for blocks of `hop` samples in transforms of `size`.
#[derive(Clone)]
pub(super) struct Overlap {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    /// Of the taps, over `size`.
    spectrum: Vec<Complex32>,
    size: usize,
    hop: usize,
}

impl fmt::Debug for Overlap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overlap")
            .field("size", &self.size)
            .field("hop", &self.hop)
            .finish_non_exhaustive()
    }
}

/// A block that fills, and the filtered one before it that empties at the same pace.
#[derive(Debug, Clone)]
pub(super) struct OverlapState {
    /// The samples before the block, and the block as far as it is filled.
    input: Vec<f32>,
    output: Vec<f32>,
    /// Symbols of the block that have come.
    filled: usize,
    work: Vec<f32>,
    bins: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

impl OverlapState {
    pub(super) fn reset(&mut self) {
        self.input.fill(0.0);
        self.output.fill(0.0);
        self.filled = 0;
    }
}

impl Overlap {
    /// For taps and a waveform at `m` samples per UI: the transform that costs least per sample, and blocks of as
    /// many whole symbols as it can filter.
    pub(super) fn new(taps: &[f32], m: usize) -> Self {
        let hop = |size: usize| (size + 1).saturating_sub(taps.len()) / m * m;
        let cost = |size: usize| size as f64 * (size as f64).log2() / hop(size) as f64;
        let least = (taps.len() + m).next_power_of_two();
        let mut size = least;
        while 2 * size <= MOST.max(least) && cost(2 * size) < cost(size) {
            size *= 2;
        }
        let mut planner = RealFftPlanner::<f32>::new();
        let forward = planner.plan_fft_forward(size);
        let inverse = planner.plan_fft_inverse(size);
        let mut padded = forward.make_input_vec();
        padded[..taps.len()].copy_from_slice(taps);
        let mut spectrum = forward.make_output_vec();
        // Lengths are those of the plan.
        let _ = forward.process(&mut padded, &mut spectrum);
        for bin in &mut spectrum {
            *bin /= size as f32;
        }
        Self {
            forward,
            inverse,
            spectrum,
            size,
            hop: hop(size),
        }
    }

    /// Samples by which the output lags that of the direct sum.
    pub(super) fn hop(&self) -> usize {
        self.hop
    }

    pub(super) fn state(&self) -> OverlapState {
        let scratch = self
            .forward
            .get_scratch_len()
            .max(self.inverse.get_scratch_len());
        OverlapState {
            input: vec![0.0; self.size],
            output: vec![0.0; self.hop],
            filled: 0,
            work: vec![0.0; self.size],
            bins: vec![Complex32::default(); self.size / 2 + 1],
            scratch: vec![Complex32::default(); scratch],
        }
    }

    /// Whether a state is one of this plan.
    pub(super) fn fits(&self, state: &OverlapState) -> bool {
        state.input.len() == self.size && state.output.len() == self.hop
    }

    /// The next `n` symbols.
    pub(super) fn process(
        &self,
        state: &mut OverlapState,
        from: &Planes,
        n: usize,
        to: &mut Planes,
    ) {
        let m = from.samples_per_ui();
        let old = self.size - self.hop;
        let mut done = 0;
        while done < n {
            let take = (n - done).min(self.hop / m - state.filled);
            let place = state.filled * m;
            for p in 0..m {
                let x = &from.fresh(p, n)[done..done + take];
                let fresh = state.input[old + place + p..].iter_mut().step_by(m);
                for (to, x) in fresh.zip(x) {
                    *to = *x;
                }
                let y = &mut to.fresh_mut(p, n)[done..done + take];
                let ready = state.output[place + p..].iter().step_by(m);
                for (y, from) in y.iter_mut().zip(ready) {
                    *y = *from;
                }
            }
            state.filled += take;
            done += take;
            if state.filled * m == self.hop {
                self.transform(state);
                state.filled = 0;
            }
        }
    }

    /// A whole block: the last `hop` results of the circular sum are those of the linear one.
    fn transform(&self, state: &mut OverlapState) {
        let OverlapState {
            input,
            output,
            work,
            bins,
            scratch,
            ..
        } = state;
        work.copy_from_slice(input);
        // Lengths are those of the plan, and the two real bins stay real.
        let _ = self.forward.process_with_scratch(work, bins, scratch);
        for (bin, h) in bins.iter_mut().zip(&self.spectrum) {
            *bin *= h;
        }
        bins[0].im = 0.0;
        bins[self.size / 2].im = 0.0;
        let _ = self.inverse.process_with_scratch(bins, work, scratch);
        output.copy_from_slice(&work[self.size - self.hop..]);
        input.copy_within(self.hop.., 0);
    }
}
