//! Soft output: max-log forward-backward in windows.

use super::Mlse;
use super::engine::{CHUNK, Input};
use super::kernel::STEPS;
use super::machine::Machine;
use super::single::segment_rows;
use super::soft_kernel as kernel;
use super::trellis::{Trellis4, Trellis16};
use crate::Level;
use crate::error::{Error, Result, in_range, length, positive};
use crate::signal::Llr;
use crate::simd::Width;

/// Samples that a segment sees before its first window.
const WARM_UP: usize = 2 * STEPS;

/// Windows of a segment.
const LONG: usize = 64;

/// Both directions of a trellis.
#[derive(Debug, Clone, Copy)]
enum Pair<'a> {
    Four(&'a Trellis4, &'a Trellis4),
    Sixteen(&'a Trellis16, &'a Trellis16),
}

impl Pair<'_> {
    fn forward(self, level: Level, q: &[u32], metrics: &mut [u32], kept: &mut [u32]) {
        match self {
            Self::Four(t, _) => kernel::forward_four(level, t, q, metrics, kept),
            Self::Sixteen(t, _) => kernel::forward_sixteen(level, t, q, metrics, kept),
        }
    }

    fn backward(
        self,
        level: Level,
        q: &[u32],
        metrics: &mut [u32],
        kept: &[u32],
        bits: &mut [u32],
    ) {
        match self {
            Self::Four(_, t) => kernel::backward_four(level, t, q, metrics, kept, bits),
            Self::Sixteen(_, t) => kernel::backward_sixteen(level, t, q, metrics, kept, bits),
        }
    }
}

/// Segments of a record come in multiples of the widest vector's streams, at every level.
const SEGMENTS: usize = 32;

impl Mlse {
    /// What one unit of the metrics is as a log-likelihood ratio.
    fn scale(&self, sigma: f32) -> Result<f32> {
        let unit = self.machine.unit();
        // A bit metric has 16 bits.
        let least = (unit * 65_536.0 / (2.0 * f64::from(f32::MAX))).sqrt();
        let sigma = in_range("sigma", f64::from(sigma), least, f64::from(f32::MAX))?;
        Ok((unit / (2.0 * sigma * sigma)) as f32)
    }

    /// Log-likelihood ratios of the two bits of each symbol, by the max-log approximation: `llr[n]` is the
    /// Gray pair of symbol `n`, first bit first, positive where 0 is the likelier.
    ///
    /// `LLR = (min over bit 1 of D - min over bit 0 of D) / (2 sigma^2)`, where `D` is the sum of
    /// squared distances of a path and `sigma` the standard deviation of the noise of a sample. Max-log
    /// takes the best path for the sum over all paths and is a little too sure: on `1 + 0.5 D` at `sigma` 0.5
    /// to 0.6 bits are wrong with probability `1 / (1 + exp(0.955 |LLR|))`, within 10 %
    /// (`tests/mlse_theory.rs`). Other responses have other factors: a decoder that wants true ratios fits one to
    /// its channel.
    ///
    /// Against the same minima without rounding a value is off by 0.035 rms (`1 + 0.5 D`) and 0.09 rms (1, 0.6,
    /// 0.2: 16 states) at `sigma` 0.6 (held by a test), in inverse proportion to `sigma^2`; where samples reach
    /// the limits of the metrics by more.
    ///
    /// # Numeric contract
    /// Integers up to the one product with the scale; bit-identical at every level. Records of 4096 samples
    /// and more are worked on in windows, whose places depend on the length of the record alone: a value uses
    /// 128 samples before its segment and [`super::MlseConfig::depth`] or more after its window. Where the
    /// survivors of both recursions have merged within these (see [`Mlse::apply_counting`] for how rarely
    /// they have not; a signal that is lost on `1 + D` for hundreds of symbols keeps them apart), it is
    /// exactly the value over the whole record of [`super::reference::max_log`].
    ///
    /// # Cost
    /// See [`super::cost::max_log`].
    ///
    /// # Errors
    /// [`Error::NotPositive`] and [`Error::NotFinite`] for `sigma`, [`Error::OutOfRange`] for one so small that
    /// ratios leave the range of `f32`, [`Error::Length`] for `llr`,
    /// [`Error::UnknownWord`] for a reduced-state plan, which has no backward recursion.
    ///
    /// # Source
    /// P. Robertson, E. Villebrun, P. Hoeher, "A comparison of optimal and sub-optimal MAP decoding
    /// algorithms operating in the log domain", ICC 1995.
    ///
    /// # Example
    /// ```
    /// use pamlink::mlse::{Mlse, MlseConfig};
    /// use pamlink::signal::Llr;
    ///
    /// // Symbols 3, 3, 0 (bits 10 10 00) through 1 + 0.5 D.
    /// let mlse = Mlse::new(&MlseConfig::default())?;
    /// let mut llr = [[Llr(0.0); 2]; 3];
    /// mlse.soft(&[4.5, 4.5, -1.5], 0.5, &mut llr)?;
    /// assert!(llr[1][0] < Llr(-5.0) && llr[1][1] > Llr(5.0));
    /// assert!(llr[2][0] > Llr(5.0) && llr[2][1] > Llr(5.0));
    /// # Ok::<(), pamlink::Error>(())
    /// ```
    pub fn soft(&self, x: &[f32], sigma: f32, llr: &mut [[Llr; 2]]) -> Result<()> {
        positive("sigma", f64::from(sigma))?;
        length("llr", x.len(), llr.len())?;
        let scale = self.scale(sigma)?;
        let (four, sixteen);
        let pair = match &self.machine {
            Machine::Four(t) => {
                four = t.transpose();
                Pair::Four(t, &four)
            }
            Machine::Sixteen(t) => {
                sixteen = t.transpose();
                Pair::Sixteen(t, &sixteen)
            }
            Machine::Reduced(_) => {
                return Err(Error::UnknownWord {
                    name: "reduced".into(),
                    value: "true".to_owned(),
                    allowed: "false (soft output needs all states)",
                });
            }
        };
        if x.len() < SEGMENTS * CHUNK {
            self.soft_sequential(x, &mut self.machine.first(), scale, llr);
            return Ok(());
        }
        let segments = x.len().div_ceil(SEGMENTS * CHUNK * LONG) * SEGMENTS;
        let size = x.len().div_ceil(segments * CHUNK) * CHUNK;
        let width = 2 * Width::Widest.lanes(self.level);
        for (tile, llr) in llr.chunks_mut(width * size).enumerate() {
            self.soft_tile(pair, x, tile * width * size, size, scale, llr);
        }
        Ok(())
    }

    /// Segments of `size` samples from `at` on as lanes.
    fn soft_tile(
        &self,
        pair: Pair<'_>,
        x: &[f32],
        at: usize,
        size: usize,
        scale: f32,
        llr: &mut [[Llr; 2]],
    ) {
        let (level, depth) = (self.level, self.config.depth);
        let lanes = Width::Widest.lanes(level);
        let count = self.machine.metrics() * lanes;
        let (copies, fallback) = segment_rows::copies(x, at, size, 2 * lanes, WARM_UP);
        let rows = segment_rows::rows(x, at, size, 2 * lanes, WARM_UP, &copies, &fallback);
        let rows = Input::Rows(rows);
        let mut q = vec![0; 2 * CHUNK * lanes];
        let mut kept = vec![0; CHUNK * count];
        let mut bits = vec![0; CHUNK * 2 * lanes];
        let mut floats = vec![0.0; CHUNK * 4 * lanes];
        let mut metrics = vec![0; count];
        let mut back = vec![0; count];
        let warm = &mut q[..WARM_UP * lanes];
        rows.read(level, self.machine.front(), 0, warm);
        pair.forward(level, warm, &mut metrics, &mut []);
        if at == 0 {
            // The first segment has nothing before it.
            metrics
                .iter_mut()
                .step_by(lanes)
                .for_each(|m| *m &= 0xffff_0000);
        }
        rows.read(
            level,
            self.machine.front(),
            WARM_UP,
            &mut q[..CHUNK * lanes],
        );
        for chunk in 0..size / CHUNK {
            let (now, next) = q.split_at_mut(CHUNK * lanes);
            rows.read(
                level,
                self.machine.front(),
                WARM_UP + (chunk + 1) * CHUNK,
                next,
            );
            // The window that holds the end of the record, and one before it whose look-ahead would
            // pass the end, go to the end of the record without lanes.
            let first = at + chunk * CHUNK;
            let ending = (0..2 * lanes).map(|i| first + i * size).find(|&from| {
                from < x.len()
                    && from + CHUNK + depth > x.len()
                    && (chunk == 0 || from + depth <= x.len())
            });
            if let Some(from) = ending {
                let lane = (from - first) / size;
                let mut state = self.machine.first();
                for (s, words) in state.iter_mut().zip(metrics.chunks_exact(lanes)) {
                    *s = i32::from((words[lane % lanes] >> (16 * (lane / lanes))) as i16);
                }
                self.soft_sequential(&x[from..], &mut state, scale, &mut llr[from - at..]);
            }
            pair.forward(level, now, &mut metrics, &mut kept);
            back.fill(0);
            pair.backward(level, &next[..depth * lanes], &mut back, &[], &mut []);
            pair.backward(level, now, &mut back, &kept, &mut bits);
            kernel::to_rows(level, &bits, scale, CHUNK, &mut floats);
            for (i, both) in floats.chunks_exact(2 * CHUNK).enumerate() {
                let from = first + i * size;
                if from + CHUNK + depth > x.len() {
                    break;
                }
                let (one, two) = both.split_at(CHUNK);
                let out = &mut llr[from - at..][..CHUNK];
                for (out, (&one, &two)) in out.iter_mut().zip(one.iter().zip(two)) {
                    *out = [Llr(one), Llr(two)];
                }
            }
            now.copy_from_slice(next);
        }
    }

    /// The record from known metrics to its end, without lanes.
    fn soft_sequential(
        &self,
        x: &[f32],
        metrics: &mut [i32; super::machine::MOST_METRICS],
        scale: f32,
        llr: &mut [[Llr; 2]],
    ) {
        let states = self.machine.states();
        let kept: Vec<_> = x
            .iter()
            .map(|&x| {
                self.machine.forward(&[x], metrics, &mut [0]);
                *metrics
            })
            .collect();
        let mut back = vec![0; states];
        for ((&x, kept), llr) in x.iter().zip(&kept).zip(llr).rev() {
            let mut symbols = [i32::MAX; 4];
            for state in 0..states {
                let before = if state == 0 { 0 } else { kept[state - 1] };
                let best = &mut symbols[state % 4];
                *best = (*best).min(before + back[state]);
            }
            let [a, b, c, d] = symbols;
            let bits = [c.min(d) - a.min(b), b.min(c) - a.min(d)];
            *llr = bits.map(|bit| Llr(bit as f32 * scale));
            let q = self.machine.front().quantise(x);
            let next: Vec<i32> = (0..states)
                .map(|from| {
                    let path =
                        |s: usize| back[(4 * from + s) % states] + self.machine.branch(q, from, s);
                    path(0).min(path(1)).min(path(2).min(path(3)))
                })
                .collect();
            back.iter_mut()
                .zip(&next)
                .for_each(|(b, n)| *b = n - next[0]);
        }
    }
}
