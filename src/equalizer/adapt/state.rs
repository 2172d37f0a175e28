//! Where an adapting stream stands.

use std::sync::Arc;

use super::config::{AdaptConfig, Parts, Update};
use super::equalizer::Equalizer;
use super::kernel::{Carried, Constants, LEAD};
use crate::Level;
use crate::error::{Error, Result, length};

/// Outputs of one call of a kernel at most.
pub(super) const CHUNK: usize = 256;

/// Sums of a block that is not complete yet, in the block form.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sums {
    /// Symbols of the block so far.
    pub(super) symbols: usize,
    /// Error times regressor per feed-forward tap, even and odd symbols of the block.
    pub(super) ffe: [Vec<f32>; 2],
    pub(super) dfe: [[f32; 16]; 2],
    pub(super) gain: f32,
    pub(super) offset: f32,
    pub(super) levels: [f32; 4],
    pub(super) square: f32,
    /// Symbols that counted.
    pub(super) used: usize,
    /// The same over all finished blocks: what the running errors have gathered.
    pub(super) gathered: u64,
}

impl Sums {
    pub(super) fn clear(&mut self) {
        self.ffe.iter_mut().for_each(|sum| sum.fill(0.0));
        self.dfe = [[0.0; 16]; 2];
        (self.gain, self.offset, self.square) = (0.0, 0.0, 0.0);
        self.levels = [0.0; 4];
        (self.symbols, self.used) = (0, 0);
    }
}

/// Taps, history and statistics of one adapting stream. Belongs to the plan that made it, and to
/// those with the same configuration and arithmetic.
///
/// Feedback memory, counters and the running errors are those of the stream; which parts are frozen
/// is part of the state, so that it can change while the stream runs.
#[derive(Debug, Clone)]
pub struct AdaptState {
    /// Feed-forward taps, oldest sample first, zeros in front up to [`padded`]; see [`super::kernel`]
    /// for the three.
    pub(super) w: Vec<f32>,
    pub(super) wk: Vec<f32>,
    pub(super) m: Vec<f32>,
    pub(super) carried: Carried,
    pub(super) sums: Sums,
    pub(super) constants: Constants,
    /// Symbol up to which the constants hold.
    pub(super) until: u64,
    pub(super) frozen: Parts<bool>,
    /// The last samples (erased ones as zero), then the block in hand.
    pub(super) x: Vec<f32>,
    /// Codes of the outputs whose samples are still to come.
    pub(super) waiting: Vec<u8>,
    /// Outputs to come whose window holds an erased sample.
    pub(super) tainted: usize,
    pub(super) outputs: u64,
    pub(super) left_out: u64,
    pub(super) level: Level,
    pub(super) codes: Vec<u8>,
    pub(super) y: Vec<f32>,
    pub(super) d: Vec<u32>,
    /// That of the plan.
    pub(super) config: Arc<AdaptConfig>,
}

impl AdaptState {
    pub(super) fn new(config: &Arc<AdaptConfig>, level: Level) -> Self {
        let taps = config.ffe.taps.len();
        let past = padded(taps);
        let mut state = Self {
            w: vec![0.0; past],
            wk: vec![0.0; past],
            m: vec![0.0; past],
            carried: Carried {
                b0: 0.0,
                bk: [0.0; 16],
                mb: [0.0; 16],
                v: [0.0; 17],
                f: 0.0,
                gain: config.gain,
                offset: config.offset,
                levels: config.levels,
                mse: [0.0; 2],
            },
            sums: Sums {
                ffe: [vec![0.0; past], vec![0.0; past]],
                ..Sums::default()
            },
            constants: Constants::default(),
            until: 0,
            frozen: Parts::default(),
            x: vec![0.0; past + CHUNK + 64],
            waiting: vec![LEAD; config.ffe.precursors],
            tainted: 0,
            outputs: 0,
            left_out: 0,
            level,
            codes: Vec::with_capacity(CHUNK),
            y: vec![0.0; CHUNK + 64],
            d: vec![0; CHUNK + 64],
            config: Arc::clone(config),
        };
        state.set(config);
        state
    }

    /// The taps, gain, offset and levels of a configuration.
    fn set(&mut self, config: &AdaptConfig) {
        // Adding zero turns -0.0 into 0.0: a frozen tap keeps its bits.
        let front = self.w.len() - self.config.ffe.taps.len();
        for (k, tap) in config.ffe.taps.iter().rev().enumerate() {
            self.w[front + k] = tap + 0.0;
        }
        self.wk.copy_from_slice(&self.w);
        self.m.fill(0.0);
        let c = &mut self.carried;
        (c.b0, c.bk, c.mb, c.v) = (0.0, [0.0; 16], [0.0; 16], [0.0; 17]);
        for (k, tap) in config.dfe.iter().enumerate() {
            if k == 0 {
                c.b0 = tap + 0.0;
            } else {
                c.bk[k - 1] = tap + 0.0;
            }
        }
        (c.f, c.mse) = (0.0, [0.0; 2]);
        (c.gain, c.offset, c.levels) = (config.gain, config.offset, config.levels);
    }

    pub(super) fn restart(&mut self, config: &AdaptConfig) {
        self.set(config);
        self.sums.clear();
        self.sums.gathered = 0;
        self.until = 0;
        self.x.fill(0.0);
        self.waiting.fill(LEAD);
        (self.tainted, self.outputs, self.left_out) = (0, 0, 0);
    }

    /// Carries out the pending update.
    pub(super) fn settle(&mut self) {
        let fused = self.level.is_fused();
        let f = self.carried.f;
        let add = |m: f32, k: f32| (if fused { m.mul_add(f, k) } else { m * f + k }) + 0.0;
        for ((w, wk), m) in self.w.iter_mut().zip(&mut self.wk).zip(&self.m) {
            *w = add(*m, *wk);
            *wk = *w;
        }
        let c = &mut self.carried;
        for (bk, mb) in c.bk.iter_mut().zip(&c.mb) {
            *bk = add(*mb, *bk);
        }
        c.b0 += 0.0;
        c.f = 0.0;
    }

    /// Number of the symbol that the next output stands for; zero before the first.
    #[must_use]
    pub fn symbols(&self) -> u64 {
        self.outputs
            .saturating_sub(self.config.ffe.precursors as u64)
    }

    /// Updates left out because a sample in the window was not finite, or the error was not.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Running mean square error, exponential window of
    /// [`AdaptConfig::mse_window_symbols`]; it starts at zero and is divided by the weight it has
    /// gathered. Of the target minus the output: in decision-directed mode of the decisions. In the
    /// block form it holds the finished blocks, and is zero before the first one is. A square above
    /// `2^120` counts as `2^120`; updates left out do not count.
    #[must_use]
    pub fn mse(&self) -> f64 {
        self.unbiased(0)
    }

    /// [`Self::mse`] over a window eight times as long.
    #[must_use]
    pub fn mse_slow(&self) -> f64 {
        self.unbiased(1)
    }

    fn unbiased(&self, k: usize) -> f64 {
        let window = f64::from(self.config.mse_window_symbols) * [1.0, 8.0][k];
        unbiased(self.carried.mse[k], self.gathered(), window)
    }

    /// Symbols that the running errors hold.
    fn gathered(&self) -> u64 {
        match self.config.update {
            Update::EverySymbol => self.symbols().saturating_sub(self.left_out),
            Update::Block(_) => self.sums.gathered,
        }
    }

    /// Whether the error no longer falls: at least 16 windows of symbols have counted, everything that
    /// adapts is finite, and the running error is less than `within_db` below the slower one or below
    /// what single precision resolves, the square of `f32::EPSILON` times the largest level. The spread of [`Self::mse`] itself is
    /// about `4.3 / sqrt(window)` dB (0.2 dB for 512 symbols), so ask for more than that.
    #[must_use]
    pub fn has_converged(&self, within_db: f64) -> bool {
        let window = f64::from(self.config.mse_window_symbols);
        let long_enough = self.gathered() as f64 >= 16.0 * window;
        let (fast, slow) = (self.mse(), self.mse_slow());
        let largest = self
            .carried
            .levels
            .iter()
            .fold(0.0, |a: f32, l| a.max(l.abs()));
        let resolved = f64::from(f32::EPSILON) * f64::from(largest);
        let settled = fast <= resolved * resolved || 10.0 * (slow / fast).log10() < within_db;
        long_enough && fast.is_finite() && settled && self.equalizer().check().is_ok()
    }

    /// Which parts are frozen.
    #[must_use]
    pub fn frozen(&self) -> Parts<bool> {
        self.frozen
    }

    /// Freezes parts (true) or lets them adapt with their configured steps (false), from the next
    /// output on. A frozen part keeps its bits, and does not leak.
    pub fn freeze(&mut self, parts: Parts<bool>) {
        self.settle();
        self.frozen = parts;
        self.until = 0;
    }

    /// Everything that adapts, as the next output would use it.
    #[must_use]
    pub fn equalizer(&self) -> Equalizer {
        let mut now = self.clone();
        now.settle();
        let front = now.w.len() - self.config.ffe.taps.len();
        let mut dfe = vec![now.carried.b0];
        let back = self.config.dfe.len();
        dfe.extend_from_slice(&now.carried.bk[..back.saturating_sub(1)]);
        dfe.truncate(back);
        Equalizer {
            ffe: now.w[front..].iter().rev().copied().collect(),
            precursors: self.config.ffe.precursors,
            dfe,
            gain: now.carried.gain,
            offset: now.carried.offset,
            levels: now.carried.levels,
        }
    }

    /// Sets the constants for the symbols from now on.
    pub(super) fn renew(&mut self, config: &AdaptConfig) {
        self.settle();
        let symbol = self.symbols();
        self.until = config.schedule.next_change(symbol);
        let factor = config.schedule.factor(symbol);
        let steps = scaled_steps(config, factor, self.frozen);
        let times = match config.update {
            Update::EverySymbol => 1.0,
            Update::Block(symbols) => symbols as f32,
        };
        let front = self.w.len() - self.config.ffe.taps.len();
        let main = self.w.len() - 1 - config.ffe.precursors;
        let c = &mut self.constants;
        c.mu.clear();
        c.mu.resize(front, 0.0);
        c.mu.resize(self.w.len(), steps.ffe);
        c.keep.clear();
        c.keep.resize(
            self.w.len(),
            (1.0 - times * steps.ffe * config.ffe_leakage).max(0.0),
        );
        if config.main_pinned() {
            (c.mu[main], c.keep[main]) = (0.0, 1.0);
        }
        c.mu_b = [0.0; 17];
        c.mu_b[..config.dfe.len()].fill(steps.dfe);
        c.keep_b = [(1.0 - times * steps.dfe * config.dfe_leakage).max(0.0); 17];
        (c.mu_gain, c.mu_offset) = (steps.gain, steps.offset);
        c.mu_levels = [steps.levels; 4];
        if config.outer_levels_pinned {
            (c.mu_levels[0], c.mu_levels[3]) = (0.0, 0.0);
        }
        c.sign_error = config.rule.sign_error();
        c.sign_data = config.rule.sign_data();
        c.rho = [
            1.0 / config.mse_window_symbols,
            0.125 / config.mse_window_symbols,
        ];
    }
}

/// Taps with the zeros in front of them: a multiple of eight that has an instance of the kernel.
pub(super) fn padded(taps: usize) -> usize {
    taps.next_multiple_of(8).max(16)
}

/// That a state was made by a plan of this configuration and of a level with the same arithmetic.
pub(super) fn check_made_by(
    config: &Arc<AdaptConfig>,
    level: Level,
    of_state: &Arc<AdaptConfig>,
    level_of_state: Level,
) -> Result<()> {
    let fusion = level.is_fused() == level_of_state.is_fused();
    if fusion && Arc::ptr_eq(config, of_state) {
        return Ok(());
    }
    let (plan, state) = (config, of_state);
    let (taps, taps_of_state) = (plan.ffe.taps.len(), state.ffe.taps.len());
    length("taps of the state", taps, taps_of_state)?;
    length(
        "feedback taps of the state",
        plan.dfe.len(),
        state.dfe.len(),
    )?;
    let (leads, leads_of_state) = (plan.ffe.precursors, state.ffe.precursors);
    length("precursors of the state", leads, leads_of_state)?;
    let (block, block_of_state) = (plan.update.symbols(), state.update.symbols());
    if block != block_of_state {
        return Err(Error::OutOfRange {
            name: "symbols per update of the state".into(),
            value: block_of_state as f64,
            min: block as f64,
            max: block as f64,
        });
    }
    if !fusion {
        let sort = if level.is_fused() { "with" } else { "without" };
        return Err(Error::WrongType {
            name: "SIMD level of the state".into(),
            value: level_of_state.to_string(),
            expected: format!("{level} or another level {sort} fused multiply-adds"),
        });
    }
    if plan == state {
        return Ok(());
    }
    Err(Error::WrongType {
        name: "state".into(),
        value: "that of a plan with another configuration".into(),
        expected: "made by this plan or by one with the same configuration".into(),
    })
}

/// Whether every sample is finite; without branches, so that the compiler makes vectors of it.
pub(super) fn sound(x: &[f32]) -> bool {
    const EXPONENT: u32 = 0x7f80_0000;
    let bad = |x: &f32| u32::from(x.to_bits() & EXPONENT == EXPONENT);
    x.iter().fold(0, |any, x| any | bad(x)) == 0
}

/// A running mean over its gathered weight.
pub(super) fn unbiased(raw: f32, used: u64, window: f64) -> f64 {
    let weight = 1.0 - (1.0 - 1.0 / window).powf(used as f64);
    f64::from(raw) / weight.max(f64::MIN_POSITIVE)
}

/// The steps of all parts at a factor of the schedule, zero where frozen.
pub(super) fn scaled_steps(config: &AdaptConfig, factor: f32, frozen: Parts<bool>) -> Parts<f32> {
    let part = |step: f32, frozen: bool| if frozen { 0.0 } else { step * factor };
    let s = &config.steps;
    Parts {
        ffe: part(s.ffe, frozen.ffe),
        dfe: part(s.dfe, frozen.dfe),
        gain: part(s.gain, frozen.gain),
        offset: part(s.offset, frozen.offset),
        levels: part(s.levels, frozen.levels),
    }
}
