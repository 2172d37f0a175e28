//! Feed-forward equalizer: a transversal filter at symbol spacing.
//!
//! `y[n] = sum_k taps[k] x[n + p - k]`, `k = 0..taps.len()`, with `p` precursors: tap `p` is the main
//! tap, lower indices weigh later samples (they cancel precursors), higher ones earlier samples.
//!
//! - **Shapes.** One stream `[n]` or several `[lane, n]`, `f32`, any scale.
//! - **Numeric contract.** Each output differs from the exact sum by at most
//!   `(taps.len() + 1) 2^-24 sum_k |taps[k] x[n + p - k]|`. Outputs are the same bits for any split
//!   of a stream into blocks at one level, and the same at all FMA levels.
//! - **Cost.** `taps.len()` multiply-adds per symbol.
//! - **Errors.** Empty or non-finite taps, too many precursors, output length other than the input's;
//!   buffers are then left as they were. Non-finite samples spread to the outputs they reach.

pub mod cost;
mod kernel;
pub mod reference;

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::error::{Error, Result, in_range, length};
use crate::simd::Level;

/// Outputs that a streaming call computes from the copy of its head are a multiple of this.
const HEAD: usize = 32;

/// Taps of a feed-forward equalizer.
#[derive(Debug, Clone, PartialEq)]
pub struct FfeConfig {
    /// Tap weights; index 0 weighs the latest sample.
    pub taps: Vec<f32>,
    /// Number of taps before the main one, `0..taps.len()`.
    pub precursors: usize,
}

/// A feed-forward equalizer, validated and ready to run; immutable and shared between threads.
///
/// ```
/// use pamlink::equalizer::ffe::{Ffe, FfeConfig};
///
/// let ffe = Ffe::new(&FfeConfig { taps: vec![-0.1, 1.0, -0.2], precursors: 1 })?;
/// let mut y = [0.0; 4];
/// ffe.apply(&[0.0, 1.0, 0.0, 0.0], &mut y)?;
/// assert_eq!(y, [-0.1, 1.0, -0.2, 0.0]);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Ffe {
    reversed: Vec<f32>,
    precursors: usize,
    level: Level,
}

/// The samples a stream must remember between blocks: the last `taps - 1` inputs.
#[derive(Debug, Clone)]
pub struct FfeState {
    history: Vec<f32>,
    scratch: Vec<f32>,
}

impl FfeState {
    /// Back to the start of a stream: zeros before the first sample.
    pub fn reset(&mut self) {
        self.history.fill(0.0);
    }
}

impl Ffe {
    /// A plan at the best level of this machine (see [`Level::best`]).
    pub fn new(config: &FfeConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A plan at a level.
    pub fn with_level(config: &FfeConfig, level: Level) -> Result<Self> {
        let taps = &config.taps;
        if taps.is_empty() {
            return Err(Error::Empty {
                name: "ffe taps".into(),
            });
        }
        for (k, &tap) in taps.iter().enumerate() {
            crate::error::finite(format!("ffe taps[{k}]"), f64::from(tap))?;
        }
        in_range(
            "ffe precursors",
            config.precursors as f64,
            0.0,
            (taps.len() - 1) as f64,
        )?;
        Ok(Self {
            reversed: taps.iter().rev().copied().collect(),
            precursors: config.precursors,
            level,
        })
    }

    /// The taps, index 0 on the latest sample.
    #[must_use]
    pub fn taps(&self) -> Vec<f32> {
        self.reversed.iter().rev().copied().collect()
    }

    /// Taps before the main one; also the latency of [`Ffe::process`] in symbols.
    #[must_use]
    pub fn precursors(&self) -> usize {
        self.precursors
    }

    /// The level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Equalizes a whole record, zeros outside it: `y[n] = sum_k taps[k] x[n + p - k]`.
    pub fn apply(&self, x: &[f32], y: &mut [f32]) -> Result<()> {
        length("ffe output", x.len(), y.len())?;
        let (n, past, p) = (x.len(), self.reversed.len() - 1, self.precursors);
        // Causal outputs c[i] = sum_k taps[k] x[i - k] exist for i = p..n + p. Those whose window lies
        // inside the record come straight from it; both ends go through a padded copy.
        let head = past.min(n);
        let mut padded = vec![0.0; past];
        padded.extend_from_slice(&x[..head]);
        let mut edge = vec![0.0; head.max(p)];
        kernel::fir(self.level, &self.reversed, &padded, &mut edge[..head]);
        if p < head {
            y[..head - p].copy_from_slice(&edge[p..head]);
        }
        if past < n {
            let inside = &mut y[past - p..n - p];
            kernel::fir(self.level, &self.reversed, x, inside);
        }
        // The tail c[max(n, ..)..n + p]: the last `past` samples, then zeros.
        padded.clear();
        padded.resize(past - head, 0.0);
        padded.extend_from_slice(&x[n - head..]);
        padded.resize(past + p, 0.0);
        kernel::fir(self.level, &self.reversed, &padded, &mut edge[..p]);
        let from = p.saturating_sub(n);
        y[n - p.min(n)..].copy_from_slice(&edge[from..p]);
        Ok(())
    }

    /// [`Ffe::apply`] for each lane of `[lane, n]` arrays whose rows are contiguous.
    #[allow(clippy::needless_pass_by_value)] // views are passed by value, as everywhere in ndarray
    pub fn apply_lanes(&self, x: ArrayView2<'_, f32>, mut y: ArrayViewMut2<'_, f32>) -> Result<()> {
        length("ffe output lanes", x.nrows(), y.nrows())?;
        length("ffe output", x.ncols(), y.ncols())?;
        let contiguous = |strides: &[isize], columns: usize| columns <= 1 || strides[1] == 1;
        if !contiguous(x.strides(), x.ncols()) {
            return Err(Error::NotContiguous {
                name: "ffe input".into(),
            });
        }
        if !contiguous(y.strides(), y.ncols()) {
            return Err(Error::NotContiguous {
                name: "ffe output".into(),
            });
        }
        for (x, mut y) in x.rows().into_iter().zip(y.rows_mut()) {
            if let (Some(x), Some(y)) = (x.as_slice(), y.as_slice_mut()) {
                self.apply(x, y)?;
            }
        }
        Ok(())
    }

    /// The state of a new stream.
    #[must_use]
    pub fn state(&self) -> FfeState {
        let past = self.reversed.len() - 1;
        FfeState {
            history: vec![0.0; past],
            scratch: Vec::with_capacity(past + past.next_multiple_of(HEAD)),
        }
    }

    /// Next block of a stream: output `i` is `sum_k taps[k] x[i - k]`, so it lags [`Ffe::apply`] by
    /// [`Ffe::precursors`] symbols. Any split into blocks gives the same outputs.
    pub fn process(&self, state: &mut FfeState, x: &[f32], y: &mut [f32]) -> Result<()> {
        let past = self.reversed.len() - 1;
        length("ffe output", x.len(), y.len())?;
        length("ffe state", past, state.history.len())?;
        // Outputs that reach back into the last block go through a copy, a whole small block of them.
        let head = past.next_multiple_of(HEAD).min(x.len());
        state.scratch.clear();
        state.scratch.extend_from_slice(&state.history);
        state.scratch.extend_from_slice(&x[..head]);
        kernel::fir(self.level, &self.reversed, &state.scratch, &mut y[..head]);
        if x.len() > head {
            let from = head - past;
            kernel::fir(self.level, &self.reversed, &x[from..], &mut y[head..]);
            state.history.copy_from_slice(&x[x.len() - past..]);
        } else {
            let kept = state.scratch.len() - past;
            state.history.copy_from_slice(&state.scratch[kept..]);
        }
        Ok(())
    }

    /// The last [`Ffe::precursors`] outputs of a stream, zeros following it.
    pub fn flush(&self, state: &mut FfeState, y: &mut [f32]) -> Result<()> {
        length("ffe flush output", self.precursors, y.len())?;
        let zeros = vec![0.0; self.precursors];
        self.process(state, &zeros, y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_plans_and_lengths_are_errors_and_leave_the_output() {
        let plan = |taps: Vec<f32>, precursors| Ffe::new(&FfeConfig { taps, precursors });
        assert!(plan(vec![], 0).is_err());
        let nan = plan(vec![1.0, f32::NAN], 0).unwrap_err().to_string();
        assert!(nan.contains("taps[1]"), "{nan}");
        assert!(plan(vec![1.0], 1).is_err());
        let ffe = plan(vec![1.0, 0.5], 0).unwrap();
        let mut y = [7.0; 3];
        assert!(ffe.apply(&[1.0; 4], &mut y).is_err());
        assert!(ffe.process(&mut ffe.state(), &[1.0; 4], &mut y).is_err());
        assert_eq!(y, [7.0; 3]);
        let x = ndarray::Array2::<f32>::zeros((2, 6));
        let mut y = ndarray::Array2::<f32>::zeros((2, 3));
        let strided = x.slice(ndarray::s![.., ..;2]);
        assert!(matches!(
            ffe.apply_lanes(strided, y.view_mut()),
            Err(Error::NotContiguous { .. })
        ));
    }

    #[test]
    fn plans_are_shared_between_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Ffe>();
    }
}
