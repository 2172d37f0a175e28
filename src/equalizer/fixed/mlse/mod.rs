//! Sequence detection on codes: the Viterbi algorithm on `1 + alpha D`.

mod config;
mod kernel;
#[cfg(test)]
mod tests;

use ndarray::{ArrayView2, ArrayViewMut2};

pub use config::{Distance, FixedMlseConfig, Normalisation};

use super::dfe::check_samples;
use super::lanes::by_tiles;
use super::{code_range, reference};
use crate::Level;
use crate::error::{Result, in_range, length};
use crate::mlse::cost::Viterbi;
use crate::ops::{Cost, Ops};

const MAX_STREAMS: f64 = 1_048_576.0;
/// What a state may take.
const MAX_STATE_MIB: f64 = 256.0;
const BYTES_PER_MIB: f64 = 1_048_576.0;

/// Detects the sequence of symbols behind `y[n] = level(a[n]) + alpha level(a[n-1])` on integers.
///
/// # Datapath
/// - The state is the last symbol; a branch from `s` to `t` expects
///   `e = levels[t] + round(alpha levels[s] / 2^alpha_fraction)`, made once.
/// - Branch metric: `min(|y - e| >> metric_shift, 2^metric_bits - 1)`, or of `(y - e)^2`. The
///   difference and its square are exact.
/// - Each state takes the smallest of four sums, the lowest origin among equals. Path metrics start
///   at zero (the symbol before the first may be any) and stay in their register by the
///   [`Normalisation`]; sums before a subtraction carry the bits they need.
/// - After every `block` symbols past the first `depth`, one trace back starts at the best state
///   (lowest among equals), goes `depth` steps and decides the `block` symbols before those.
///
/// # Modulo metrics
/// Every state reaches every state in one step, so path metrics differ by at most
/// `2^metric_bits - 1` and sums by twice that; signed comparison in `path_bits` bits is right if
/// that is below `2^(path_bits - 1)`: `path_bits >= metric_bits + 2`. Anything less is refused.
///
/// # Shapes and timing
/// Samples `i16`, symbols `u8` 0..=3; interleaved `[n, stream]` (best in multiples of 64 streams)
/// or `[lane, n]`. Decisions come [`FixedMlse::latency`] symbols late: the first that many outputs
/// of a state mean nothing, [`FixedMlse::flush`] gives the last ones.
///
/// # Numeric contract
/// Bit-identical to [`reference::mlse`] at every SIMD level and for any split of a stream.
///
/// # Cost
/// See [`FixedMlse::cost`].
///
/// # Errors
/// [`crate::Error::OutOfRange`] for widths, codes beyond their word, expected values beyond 8191 in
/// magnitude, samples beyond their word and states of too many streams;
/// [`crate::Error::NotIncreasing`] for levels;
/// [`crate::Error::Length`] and [`crate::Error::NotContiguous`] for arrays. Nothing is touched then.
///
/// # Source
/// A. Hekstra, "An alternative to metric rescaling in Viterbi decoders", IEEE Trans. Commun. 37
/// (1989): modulo metrics.
///
/// # Example
/// ```
/// use pamlink::equalizer::fixed::{FixedMlse, FixedMlseConfig};
///
/// let mlse = FixedMlse::new(&FixedMlseConfig::default())?;
/// // Symbols 3, 0, 2 after a 0 (alpha 0.5): noiseless.
/// let mut d = [0; 3];
/// mlse.apply(&[42 - 21, -42 + 21, 14 - 21], &mut d)?;
/// assert_eq!(d, [3, 0, 2]);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct FixedMlse {
    config: FixedMlseConfig,
    trellis: kernel::Trellis,
    level: Level,
}

/// Where the streams of a [`FixedMlse`] stand: metrics, decisions not yet traced, symbols not yet
/// handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedMlseState {
    streams: usize,
    width: usize,
    /// `[state, width]`, four times the metrics plus the state.
    metrics: Vec<i16>,
    /// `[depth + block, width]`, a ring.
    ring: Vec<i16>,
    /// `[block, width]`, the symbols decided last.
    decided: Vec<u8>,
    /// Symbols seen.
    seen: usize,
}

impl FixedMlseState {
    /// Number of streams.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.streams
    }

    /// Back to the start.
    pub fn reset(&mut self) {
        for (s, row) in self.metrics.chunks_exact_mut(self.width).enumerate() {
            row.fill(s as i16);
        }
        self.ring.fill(0);
        self.decided.fill(0);
        self.seen = 0;
    }
}

impl FixedMlse {
    /// A detector at the best SIMD level of this machine.
    pub fn new(config: &FixedMlseConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A detector at a given SIMD level.
    pub fn with_level(config: &FixedMlseConfig, level: Level) -> Result<Self> {
        config.check()?;
        let expected = reference::expected(config);
        // Four times a difference of a sample and an expected value fits 16 bits.
        let most = 8191.0 + code_range(config.sample_bits).0 as f64;
        for e in expected.as_flattened() {
            in_range("levels[t] + alpha levels[s]", *e as f64, -most, most)?;
        }
        let flat = expected.as_flattened().iter();
        let distance_max = flat.fold(0, |m, e| m.max(e.abs())) - code_range(config.sample_bits).0;
        let branch_max = (1i64 << config.metric_bits) - 1;
        // The least distance whose shifted square reaches the largest metric; no more than 182.
        let clip = (1..=182).find(|d| (d * d) >> config.metric_shift >= branch_max);
        let saturates = config.normalisation == Normalisation::SubtractMin
            && config.path_bits < config.metric_bits;
        Ok(Self {
            trellis: kernel::Trellis {
                expected: expected.map(|row| row.map(|e| e as i16)),
                shift: config.metric_shift,
                branch_max: branch_max as i16,
                clip: match config.distance {
                    Distance::Absolute => 0,
                    Distance::Squared => clip.unwrap_or(182) as i16,
                },
                distance_max: distance_max as i16,
                path_max: if saturates {
                    (1 << config.path_bits) - 1
                } else {
                    0
                },
            },
            level,
            config: config.clone(),
        })
    }

    /// The SIMD level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &FixedMlseConfig {
        &self.config
    }

    /// Symbols by which decisions lag samples: `depth + block`.
    #[must_use]
    pub fn latency(&self) -> usize {
        self.config.depth + self.config.block
    }

    /// A state for `streams` independent streams at their start.
    ///
    /// It takes `2 depth + 3 block + 8` bytes for each stream, streams counted in whole multiples of
    /// 64: 256 MiB at most, and 1 048 576 streams at most.
    pub fn state(&self, streams: usize) -> Result<FixedMlseState> {
        in_range("streams", streams as f64, 1.0, MAX_STREAMS)?;
        let width = streams.next_multiple_of(kernel::PAD);
        let stream_bytes = 2 * self.latency() + self.config.block + 8;
        in_range(
            "memory of the state in MiB",
            width as f64 * stream_bytes as f64 / BYTES_PER_MIB,
            0.0,
            MAX_STATE_MIB,
        )?;
        let mut state = FixedMlseState {
            streams,
            width,
            metrics: vec![0; 4 * width],
            ring: vec![0; self.latency() * width],
            decided: vec![0; self.config.block * width],
            seen: 0,
        };
        state.reset();
        Ok(state)
    }

    fn check_state(&self, state: &FixedMlseState) -> Result<()> {
        length(
            "state (decisions)",
            self.latency() * state.width,
            state.ring.len(),
        )?;
        length(
            "state (block)",
            self.config.block * state.width,
            state.decided.len(),
        )
    }

    /// Streams interleaved sample by sample; output `i` is the symbol [`FixedMlse::latency`] before
    /// sample `i`.
    pub fn process(&self, state: &mut FixedMlseState, x: &[i16], d: &mut [u8]) -> Result<()> {
        self.check_state(state)?;
        length("x", x.len() / state.streams * state.streams, x.len())?;
        length("d", x.len(), d.len())?;
        check_samples(self.level, x, self.config.sample_bits)?;
        self.run(state, x, d);
        Ok(())
    }

    fn run(&self, state: &mut FixedMlseState, x: &[i16], d: &mut [u8]) {
        let (streams, width) = (state.streams, state.width);
        let (depth, block, ring) = (self.config.depth, self.config.block, self.latency());
        let mut from = 0;
        while from < x.len() {
            // Up to the next trace back and to the end of the ring.
            let phase = (state.seen + block - depth % block) % block;
            let slot = state.seen % ring;
            let left = (x.len() - from) / streams;
            let take = left.min(block - phase).min(ring - slot);
            let part = from..from + take * streams;
            // Symbols decided by the last trace back leave first.
            for (row, d) in d[part.clone()].chunks_exact_mut(streams).enumerate() {
                let at = (phase + row) * width;
                d.copy_from_slice(&state.decided[at..at + streams]);
            }
            kernel::add_compare_select(
                self.level,
                &self.trellis,
                &x[part],
                streams,
                &mut state.ring[slot * width..(slot + take) * width],
                width,
                &mut state.metrics,
            );
            state.seen += take;
            from += take * streams;
            if phase + take == block && state.seen >= ring {
                kernel::trace(
                    self.level,
                    &state.ring,
                    (state.seen - 1) % ring,
                    depth,
                    width,
                    &state.metrics,
                    &mut state.decided,
                );
            }
        }
    }

    /// The last [`FixedMlse::latency`] decisions of every stream, `[n, stream]`: those not yet
    /// decided follow from one trace back from the best state. The state starts anew.
    pub fn flush(&self, state: &mut FixedMlseState, d: &mut [u8]) -> Result<()> {
        let (streams, width) = (state.streams, state.width);
        let (depth, block, ring) = (self.config.depth, self.config.block, self.latency());
        self.check_state(state)?;
        length("d", ring * streams, d.len())?;
        let phase = (state.seen + block - depth % block) % block;
        // The rest of the block decided last, then `depth + phase` symbols without a decision.
        let mut rows = vec![0; ring * width];
        let held = block - phase;
        rows[..held * width].copy_from_slice(&state.decided[phase * width..]);
        let last = (state.seen + ring - 1) % ring;
        kernel::trace(
            self.level,
            &state.ring,
            last,
            0,
            width,
            &state.metrics,
            &mut rows[held * width..],
        );
        for (d, row) in d.chunks_exact_mut(streams).zip(rows.chunks_exact(width)) {
            d.copy_from_slice(&row[..streams]);
        }
        state.reset();
        Ok(())
    }

    /// Detects one whole stream.
    pub fn apply(&self, x: &[i16], d: &mut [u8]) -> Result<()> {
        length("d", x.len(), d.len())?;
        check_samples(self.level, x, self.config.sample_bits)?;
        let mut state = self.state(1)?;
        let mut all = vec![0; x.len() + self.latency()];
        let (late, last) = all.split_at_mut(x.len());
        self.run(&mut state, x, late);
        self.flush(&mut state, last)?;
        d.copy_from_slice(&all[self.latency()..]);
        Ok(())
    }

    /// Streams as rows `[lane, n]`, one per stream of the state; the decisions lag as those of
    /// [`FixedMlse::process`], which is the faster form.
    #[allow(clippy::needless_pass_by_value)] // views are handed over, as everywhere in `ndarray`
    pub fn process_lanes(
        &self,
        state: &mut FixedMlseState,
        x: ArrayView2<'_, i16>,
        mut d: ArrayViewMut2<'_, u8>,
    ) -> Result<()> {
        length("x (lanes)", state.streams, x.nrows())?;
        self.check_state(state)?;
        crate::rows::same("x", &x, "d", &d)?;
        for row in x.rows() {
            check_samples(
                self.level,
                row.to_slice().unwrap_or(&[]),
                self.config.sample_bits,
            )?;
        }
        by_tiles(&x, &mut d, |woven, symbols| {
            self.run(state, woven, symbols);
            Ok(())
        })
    }

    /// What the detector costs.
    ///
    /// Algorithm, per symbol: 16 differences of `sample_bits` + 1 bits (squared: 16 products), 16
    /// sums and 12 comparisons of `path_bits`, and for [`Normalisation::SubtractMin`] 4 differences
    /// and 3 comparisons more. Hardware: blocks side by side that overlap by 0.4
    /// ([`Viterbi::default`]), squares by table, selectors of the survivors, `8 depth` clocked bits.
    #[must_use]
    pub fn cost(&self) -> Cost {
        let c = &self.config;
        let (sample, path) = (f64::from(c.sample_bits) + 1.0, f64::from(c.path_bits));
        let subtract = f64::from(u8::from(c.normalisation == Normalisation::SubtractMin));
        let sums = Ops {
            add: vec![(sample, 16.0), (path, 16.0 + 4.0 * subtract)],
            cmp: vec![(path, 12.0 + 3.0 * subtract)],
            ..Ops::default()
        };
        let squared = c.distance == Distance::Squared;
        let overlap = Viterbi::default().overlap;
        let mut hardware = Ops {
            mux_bits: 12.0 * (path + 2.0),
            lut_read_bits: if squared {
                16.0 * f64::from(c.metric_bits)
            } else {
                0.0
            },
            ..sums.clone()
        }
        .times(1.0 + overlap);
        hardware.ff_bits = 8.0 * c.depth as f64;
        Cost {
            algorithm: Ops {
                mul: if squared {
                    vec![(sample, sample, 16.0)]
                } else {
                    Vec::new()
                },
                ..sums
            },
            hardware,
            ..Cost::new(
                "MLSE 4 states",
                format!(
                    "block Viterbi, {}-bit branch and {path}-bit path metrics, overlap {overlap}",
                    c.metric_bits
                ),
            )
        }
    }
}

const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<FixedMlse>();
};
