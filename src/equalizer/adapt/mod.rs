//! Adaptive equalization: feed-forward taps, feedback taps, gain, offset and levels that follow the
//! channel.
//!
//! With FFE taps `w` (`p` of them before the main one), feedback taps `b`, gain `g`, offset `o` and
//! levels `l`, symbol `n` gives
//!
//! ```text
//! u[n] = sum_k w[k] x[n+p-k]
//! y[n] = g u[n] + o - sum_j b[j] v[n-1-j]
//! e[n] = t[n] - y[n]            target minus output
//! w[k] <- (1 - mu_w leak_w) w[k] + mu_w e x[n+p-k]
//! b[j] <- (1 - mu_b leak_b) b[j] - mu_b e v[n-1-j]
//! g <- g + mu_g e u[n],   o <- o + mu_o e,   l[s] <- l[s] - mu_l e
//! ```
//!
//! where `s` is the symbol known to be sent (data-aided) or the decision `slice(y[n])`
//! (decision-directed), `t[n] = l[s]` the target, and `v[n] = l[s]`, as the level was then, is fed
//! back. Thresholds lie midway between the levels of the moment. The sign rules put `sgn(e)` for `e`,
//! `sgn` of the regressor for the regressor, or both. The gain is not part of the regressor of `w`:
//! the step that counts for its stability is `g mu_w`.
//!
//! **What is pinned.** Gain and FFE share a scale, and so do the levels with all the rest. By default
//! the main tap stays put while the gain has a step ([`MainTap`]), and the outer levels always do
//! ([`AdaptConfig::outer_levels_pinned`]).
//!
//! Three forms: one stream, exact, and one stream in blocks ([`Adapter`]); many streams side by side
//! ([`Streams`]); and the solution in one go from a record of known symbols ([`least_squares()`]).

mod block;
mod config;
pub mod cost;
mod equalizer;
mod group;
mod held;
mod kernel;
mod lanes;
mod least_squares;
pub mod reference;
mod state;
mod streams;
#[cfg(test)]
mod tests;

pub use config::{AdaptConfig, MAX_FFE_TAPS, MainTap, Parts, Rule, Schedule, Update};
pub use equalizer::Equalizer;
pub use held::StreamsState;
pub use least_squares::{LeastSquares, LeastSquaresConfig, least_squares};
pub use state::AdaptState;
pub use streams::Streams;

use std::sync::Arc;

use crate::Level;
use crate::error::{Result, length};
use kernel::{DECIDE, HOLD};
use state::CHUNK;

/// Adapts one stream; the equations are those of the [module](self).
///
/// # Shapes and units
/// Samples `x` of any unit; outputs `y` and levels share one. As in
/// [`crate::equalizer::ffe::Ffe::process`] output `i` belongs to the symbol `precursors` samples
/// back; the first `precursors` outputs of a stream belong to none, adapt nothing and are not fed
/// back. Training symbols are given in step with the samples: `symbols[i]` is the one whose main
/// cursor is in `x[i]`. [`Adapter::train`] and [`Adapter::track`] may alternate at will: an output
/// is data-aided if its symbol was given. There is no flush: to have the outputs of the last
/// `precursors` symbols of a record append as many zeros to it. In both, `d` is what the slicer decides.
///
/// # Numeric contract
/// The exact form ([`Update::EverySymbol`]) is a look-ahead form of the equations: the same in exact arithmetic, rounded in
/// another order than the plain loop. Taps, outputs and decisions are the same bits at all FMA levels
/// and for any split of the stream into calls; between FMA levels and baseline, and against
/// [`mod@reference`] in `f64`, they differ by rounding (tests hold 2e-5 of the largest number over
/// 300 symbols), so near a threshold a decision may differ too.
///
/// # Blocks
/// With [`Update::Block`] of B symbols the taps, gain, offset and levels stay put over the symbols
/// `m B .. (m + 1) B`, and then move by the sum of what each of these symbols gives; leakage takes
/// `1 - B step leakage`, where `B step leakage` is at most one. It is another algorithm, with a lower bound on stable steps (about B times for
/// white samples), and the same mean where steps are small. A change of frozen parts or of the
/// schedule acts on the whole block that ends after it. Its numbers have the same contract.
///
/// # Bad samples and divergence
/// A sample that is not finite counts as zero, and no update takes place while it is in the window
/// of the taps; nor where the error is not finite. [`AdaptState::left_out`] counts these. Steps that
/// are too large make taps grow until they are not finite: [`Equalizer::check`] tells.
///
/// # Cost
/// Two products and two additions per FFE tap and per feedback tap, and a few more; see
/// [`cost::joint`].
///
/// # Errors
/// Those of [`AdaptConfig`]'s numbers out of range, not finite or not rising;
/// [`crate::Error::Length`] for slices of other lengths, [`crate::Error::OutOfRange`] for symbols
/// above 3. For a state of another plan [`crate::Error::Length`] if the number of taps, feedback taps
/// or precursors differs, [`crate::Error::OutOfRange`] if the symbols of an update do, and
/// [`crate::Error::WrongType`] if one of the levels has fused multiply-adds and the other has not,
/// or anything else of the configuration differs. Outputs and state are then untouched.
///
/// # Source
/// B. Widrow, M. Hoff, "Adaptive switching circuits", IRE WESCON Convention Record 4 (1960); S. Haykin,
/// "Adaptive Filter Theory". Look-ahead: J. Benesty, P. Duhamel, "A fast exact least mean square
/// adaptive algorithm", IEEE Trans. Signal Processing 40 (1992).
///
/// # Example
/// ```
/// use pamlink::equalizer::adapt::{AdaptConfig, Adapter, Parts};
/// use pamlink::equalizer::ffe::FfeConfig;
/// use pamlink::random::Philox;
///
/// // A channel 1 + 0.4 z^-1, known symbols.
/// let mut symbols = vec![0; 20_000];
/// Philox::new(1, 0).fill_symbols(0, &mut symbols);
/// let a = |s: u8| 2.0 * f32::from(s) - 3.0;
/// let x: Vec<f32> = (0..symbols.len())
///     .map(|n| a(symbols[n]) + if n > 0 { 0.4 * a(symbols[n - 1]) } else { 0.0 })
///     .collect();
/// let adapter = Adapter::new(&AdaptConfig {
///     ffe: FfeConfig { taps: vec![1.0], precursors: 0 },
///     dfe: vec![0.0],
///     steps: Parts { ffe: 1e-3, dfe: 1e-3, ..Parts::default() },
///     ..AdaptConfig::default()
/// })?;
/// let mut state = adapter.state();
/// let (mut y, mut d) = (vec![0.0; x.len()], vec![0; x.len()]);
/// adapter.train(&mut state, &x, &symbols, &mut y, &mut d)?;
/// assert!((state.equalizer().dfe[0] - 0.4).abs() < 1e-3);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Adapter {
    config: Arc<AdaptConfig>,
    level: Level,
}

impl Adapter {
    /// A plan at the best SIMD level of this machine.
    pub fn new(config: &AdaptConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A plan at a given SIMD level.
    pub fn with_level(config: &AdaptConfig, level: Level) -> Result<Self> {
        config.check()?;
        Ok(Self {
            config: Arc::new(config.clone()),
            level,
        })
    }

    /// The SIMD level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &AdaptConfig {
        &self.config
    }

    /// A stream at its start, nothing frozen.
    #[must_use]
    pub fn state(&self) -> AdaptState {
        AdaptState::new(&self.config, self.level)
    }

    /// Back to the start: configured taps, zeros before the first sample. What is frozen stays so.
    pub fn reset(&self, state: &mut AdaptState) -> Result<()> {
        self.check_state(state)?;
        state.restart(&self.config);
        Ok(())
    }

    /// The next samples, with the symbols that were sent.
    pub fn train(
        &self,
        state: &mut AdaptState,
        x: &[f32],
        symbols: &[u8],
        y: &mut [f32],
        d: &mut [u8],
    ) -> Result<()> {
        length("symbols", x.len(), symbols.len())?;
        crate::pattern::check_at_most("symbols", symbols, 3)?;
        self.run(state, x, Some(symbols), y, d)
    }

    /// The next samples, decisions as targets.
    pub fn track(
        &self,
        state: &mut AdaptState,
        x: &[f32],
        y: &mut [f32],
        d: &mut [u8],
    ) -> Result<()> {
        self.run(state, x, None, y, d)
    }

    fn check_state(&self, state: &AdaptState) -> Result<()> {
        state::check_made_by(&self.config, self.level, &state.config, state.level)
    }

    fn run(
        &self,
        state: &mut AdaptState,
        x: &[f32],
        symbols: Option<&[u8]>,
        y: &mut [f32],
        d: &mut [u8],
    ) -> Result<()> {
        self.check_state(state)?;
        length("y", x.len(), y.len())?;
        length("d", x.len(), d.len())?;
        let mut at = 0;
        while at < x.len() {
            if state.symbols() >= state.until {
                state.renew(&self.config);
            }
            let room = usize::try_from(state.until - state.symbols()).unwrap_or(usize::MAX);
            let n = (x.len() - at).min(CHUNK).min(room);
            let known = symbols.map(|s| &s[at..at + n]);
            self.chunk(state, &x[at..at + n], known);
            y[at..at + n].copy_from_slice(&state.y[..n]);
            for (d, s) in d[at..at + n].iter_mut().zip(&state.d) {
                *d = *s as u8;
            }
            at += n;
        }
        Ok(())
    }

    /// At most [`CHUNK`] samples with the same constants.
    fn chunk(&self, s: &mut AdaptState, x: &[f32], known: Option<&[u8]>) {
        let (n, past) = (x.len(), s.w.len());
        let waiting = s.waiting.len();
        s.codes.clear();
        s.codes.extend_from_slice(&s.waiting);
        match known {
            Some(symbols) => s.codes.extend_from_slice(symbols),
            None => s.codes.resize(waiting + n, DECIDE),
        }
        s.waiting.copy_from_slice(&s.codes[n..]);
        s.codes.truncate(n);
        let block = &mut s.x[past..][..n];
        block.copy_from_slice(x);
        if s.tainted > 0 || !state::sound(x) {
            for (x, code) in block.iter_mut().zip(&mut s.codes) {
                if !x.is_finite() {
                    *x = 0.0;
                    s.tainted = self.config.ffe.taps.len();
                }
                if s.tainted > 0 {
                    s.tainted -= 1;
                    *code |= HOLD;
                }
            }
        }
        match self.config.update {
            Update::EverySymbol => {
                s.left_out += kernel::run(
                    self.level,
                    &s.constants,
                    &mut s.w,
                    &mut s.wk,
                    &mut s.m,
                    &mut s.carried,
                    self.config.dfe.len(),
                    &s.x,
                    &s.codes,
                    &mut s.y,
                    &mut s.d,
                );
            }
            Update::Block(symbols) => self.blocks(s, symbols, n),
        }
        s.outputs += n as u64;
        s.x.copy_within(n..n + past, 0);
    }

    /// The chunk in hand in blocks of `symbols`, which begin at multiples of that number.
    fn blocks(&self, s: &mut AdaptState, symbols: usize, n: usize) {
        let (taps, back) = (self.config.ffe.taps.len(), self.config.dfe.len());
        let front = s.w.len() - taps;
        let leads = self.config.ffe.precursors as u64;
        let mut at = 0;
        while at < n {
            // Outputs before the first symbol make a block of their own, which moves nothing.
            let output = s.outputs + at as u64;
            let left = if output < leads {
                usize::try_from(leads - output).unwrap_or(usize::MAX)
            } else {
                symbols - s.sums.symbols
            };
            let count = left.min(n - at).min(block::LONGEST);
            s.left_out += block::run(
                self.level,
                &s.constants,
                &s.w,
                &mut s.carried,
                &mut s.sums,
                front,
                back,
                &s.x[at..],
                &s.codes[at..at + count],
                &mut s.y[at..],
                &mut s.d[at..],
            );
            if output < leads {
                s.sums.clear();
            } else if s.sums.symbols == symbols {
                block::finish(&s.constants, &mut s.w, &mut s.carried, &mut s.sums);
                s.wk.copy_from_slice(&s.w);
            }
            at += count;
        }
    }
}

const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Adapter>();
};
