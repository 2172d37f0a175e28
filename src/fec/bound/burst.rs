//! Errors in bursts: the two-state chain of a decision feedback equalizer, exactly, through
//! interleaving, multiplexing and precoding down to the symbol errors of a codeword.

use super::super::RsCode;
use super::transfer::{Step, distribution};
use super::words::WordErrors;
use crate::error::{Error, Result, in_range};
use crate::signal::BurstModel;

/// The most PCS lanes that share a PAM4 lane in a [`Multiplex`]; the state grows as `2^lanes`.
pub const MAX_LANES: usize = 8;

/// Errors of PAM4 symbols on the line as a chain of two states, right and wrong.
///
/// `P(wrong | right) = iep` (initial error probability), `P(wrong | wrong) = epf` (error propagation
/// factor). The chain is stationary: the symbol error ratio is `iep / (iep + 1 - epf)`. Wrong symbols
/// are off by one level, and within a run of them the sign alternates (what a feedback tap of positive
/// sign does). `epf = iep` is independent errors; 0.75 is the one-tap equalizer with weight 1 in little
/// noise. Source: the chain of the FPGA simulations in the `DesignCon` 2025 proceedings, pp. 955-975.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BurstChain {
    iep: f64,
    epf: f64,
}

impl BurstChain {
    /// The chain of two probabilities: `iep` in 0..=1, `epf` in 0..=1 and below one.
    pub fn new(iep: f64, epf: f64) -> Result<Self> {
        in_range("iep", iep, 0.0, 1.0)?;
        in_range("epf", epf, 0.0, 1.0 - f64::EPSILON)?;
        Ok(Self { iep, epf })
    }

    /// The chain with a symbol error ratio: `iep = ser (1 - epf) / (1 - ser)`.
    ///
    /// The ratio must leave `iep` a probability: at most `1 / (2 - epf)`.
    pub fn from_symbol_error_ratio(ser: f64, epf: f64) -> Result<Self> {
        in_range("epf", epf, 0.0, 1.0 - f64::EPSILON)?;
        in_range("ser", ser, 0.0, 1.0 / (2.0 - epf))?;
        Self::new((ser * (1.0 - epf) / (1.0 - ser)).min(1.0), epf)
    }

    /// Independent errors with a symbol error ratio: both probabilities are `ser`.
    pub fn independent(ser: f64) -> Result<Self> {
        in_range("ser", ser, 0.0, 1.0 - f64::EPSILON)?;
        Self::new(ser, ser)
    }

    /// The chain with the symbol error ratio and the mean run of errors of a [`BurstModel`].
    ///
    /// A chain of two states has geometric runs: of a model with more memory (several taps) it keeps these
    /// two numbers, not the shape.
    pub fn from_model(model: &BurstModel) -> Result<Self> {
        Self::from_symbol_error_ratio(
            model.event_rate * model.symbols_per_event,
            model.run_propagation(),
        )
    }

    /// Probability of an error after a right symbol.
    #[must_use]
    pub fn iep(&self) -> f64 {
        self.iep
    }

    /// Probability of an error after a wrong symbol.
    #[must_use]
    pub fn epf(&self) -> f64 {
        self.epf
    }

    /// Share of wrong PAM4 symbols: on the line, or of the data after the precoder is undone.
    ///
    /// `iep / (iep + 1 - epf)` without precoding; with it a wrong symbol is a change of state,
    /// `2 iep (1 - epf) / (iep + 1 - epf)`.
    #[must_use]
    pub fn symbol_error_ratio(&self, precoding: bool) -> f64 {
        let leave = 1.0 - self.epf;
        let changes = if precoding { 2.0 * leave } else { 1.0 };
        self.iep * changes / (self.iep + leave)
    }

    /// Bit error ratio before the decoder: half of [`Self::symbol_error_ratio`], one bit in two.
    #[must_use]
    pub fn bit_error_ratio(&self, precoding: bool) -> f64 {
        0.5 * self.symbol_error_ratio(precoding)
    }

    /// Distribution of the symbol errors among `symbols` symbols of one codeword sent along a path.
    ///
    /// `symbols` is `code.n` for a word that travels on one lane. A word spread over several PAM4 lanes
    /// leaves a share on each: take each lane's distribution and put them together with
    /// [`WordErrors::beside`].
    ///
    /// # Equation
    /// `P(i) = [z^i] pi R_0(z) R_1(z) ... 1`: `pi` the stationary distribution, one factor per row (one
    /// RS symbol of each lane that shares the PAM4 lane). With [`Multiplex::Symbol`] and `I` words
    /// interleaved the factors are those of the closed form
    /// `A(z) = (T0^5 + z (T^5 - T0^5)) T^(5 (I - 1))`, `T` the transition matrix, `T0` the same without
    /// the transitions that make an error. With bits multiplexed the state also holds which of the
    /// row's symbols of the word are wrong already; the matrices are exact, too.
    ///
    /// # Numeric contract
    /// Sums of products of probabilities, no complement is taken anywhere: relative error of every entry
    /// below 1e-11, down to 1e-290, where the polynomial is cut.
    ///
    /// # Cost
    /// One pass over the rows of the word: 0.08 to 0.2 ms for KP4 (Zen 4, release build).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for an interleave outside 1..=64, lanes outside 1..=[`MAX_LANES`], a symbol
    /// count outside 1..=65536, symbols of no or more than 16 bits; [`Error::Length`] for a row of an odd
    /// number of bits.
    ///
    /// # Example
    /// ```
    /// use pamlink::fec::{BurstChain, KP4, Path};
    /// let chain = BurstChain::new(1e-3, 0.75)?;
    /// let words = chain.symbol_error_distribution(&Path::default(), &KP4, KP4.n)?;
    /// assert!((words.codeword_error_ratio(&KP4)? - 1.8454e-3).abs() < 5e-8);
    /// # Ok::<(), pamlink::Error>(())
    /// ```
    pub fn symbol_error_distribution(
        &self,
        path: &Path,
        code: &RsCode,
        symbols: usize,
    ) -> Result<WordErrors> {
        path.check()?;
        in_range("symbols", symbols as f64, 1.0, 65536.0)?;
        let symbol_bits = in_range("symbol_bits", f64::from(code.symbol_bits), 1.0, 16.0)? as usize;
        let row_bits = path.multiplex.lanes() * symbol_bits;
        if row_bits % 2 == 1 {
            return Err(Error::Length {
                name: "row of symbols in bits".into(),
                expected: row_bits + 1,
                got: row_bits,
            });
        }
        let (iep, epf) = (self.iep, self.epf);
        let step = Step {
            transition: [[1.0 - iep, iep], [1.0 - epf, epf]],
            first_bit: path.first_bit_share(),
            precoding: path.precoding,
        };
        let wrong = self.symbol_error_ratio(false);
        let right = (1.0 - epf) / (iep + (1.0 - epf));
        let p = distribution(&step, [right, wrong], path, symbol_bits, symbols);
        Ok(WordErrors::from_parts(symbols, p, 0.0))
    }
}

/// How the lanes of the coded stream share one PAM4 lane.
///
/// The coded stream is dealt symbol by symbol to PCS (or FEC) lanes; what happens below decides which
/// symbols of which words the two bits of a wrong PAM4 symbol belong to.
///
/// Bits multiplexed: bit `b` of the PAM4 lane is bit `b div m` of PCS lane `b mod m`, and PAM4 symbol `k`
/// carries bits `2k` (the first, the high bit of the Gray pair) and `2k + 1`. The PCS lanes are taken as
/// aligned at the symbols: a row is one RS symbol of each, `10 m` bits. Real lanes come with any skew.
///
/// What it costs, as the `iep` at which KP4 fails with 1.45e-11 at `epf` 0.75 (computed here; without
/// precoding / with it):
///
/// | words interleaved | whole symbols | four lanes out of step | four lanes in step |
/// |---|---|---|---|
/// | 1 | 4.29e-6 / 1.02e-4 | 8.77e-8 / 7.66e-5 | the same |
/// | 2 | 1.83e-4 / 2.36e-4 | 2.23e-5 / 1.41e-4 | 7.85e-6 / 9.53e-5 |
/// | 4 | 3.50e-4 / 3.52e-4 | 1.43e-4 / 2.63e-4 | 8.43e-6 / 9.54e-5 |
///
/// Names and cases: Wang et al., "BER/FLR calculation results for multiplexing in PMA", IEEE 802.3bs, 2014.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Multiplex {
    /// Whole RS symbols one after another, symbol `r` from word `r mod I` (200G lanes).
    #[default]
    Symbol,
    /// Bits of `lanes` PCS lanes in turn, neighbouring lanes out of step: symbol `r` of lane `l` belongs
    /// to word `(r + l) mod I`. The good case ("orthogonal"); for two words it is the checkerboard
    /// of IEEE 802.3 clause 119. 100G lanes take four lanes, 50G lanes two.
    Bit {
        /// PCS lanes that share the PAM4 lane, `m`.
        lanes: usize,
    },
    /// Bits of `lanes` PCS lanes in turn, all lanes in step: symbol `r` of every lane belongs to word
    /// `r mod I`. The bad case ("non-orthogonal"), which the free choice of lanes and skew allows.
    BitInStep {
        /// PCS lanes that share the PAM4 lane, `m`.
        lanes: usize,
    },
}

impl Multiplex {
    /// PCS lanes that share the PAM4 lane; one for whole symbols.
    #[must_use]
    pub fn lanes(self) -> usize {
        match self {
            Self::Symbol => 1,
            Self::Bit { lanes } | Self::BitInStep { lanes } => lanes,
        }
    }
}

/// What lies between the codewords and the PAM4 symbols of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Path {
    /// Codewords interleaved symbol by symbol, `I`: 1..=64.
    pub interleave: usize,
    /// How lanes share the PAM4 lane.
    pub multiplex: Multiplex,
    /// Precoding 1/(1+D) modulo 4: the data are wrong where the state of the line changes.
    pub precoding: bool,
}

impl Default for Path {
    fn default() -> Self {
        Self {
            interleave: 1,
            multiplex: Multiplex::Symbol,
            precoding: false,
        }
    }
}

impl Path {
    /// Share of the wrong PAM4 symbols of the data whose first bit is the wrong one.
    ///
    /// Levels 0..=3 carry 00, 01, 11, 10. On the line an error crosses one of three thresholds, and only
    /// the middle one flips the first bit: 1/3. Once the precoder is undone the data are off by one
    /// *modulo 4*, equally likely from each of four values, and two of the four steps of the circle flip
    /// the first bit: 1/2. Exactly one bit of a wrong symbol is wrong in both cases.
    #[must_use]
    pub fn first_bit_share(&self) -> f64 {
        if self.precoding { 0.5 } else { 1.0 / 3.0 }
    }

    fn check(&self) -> Result<()> {
        in_range("interleave", self.interleave as f64, 1.0, 64.0)?;
        in_range(
            "lanes",
            self.multiplex.lanes() as f64,
            1.0,
            MAX_LANES as f64,
        )?;
        Ok(())
    }

    /// The `iep` at which words of `code` fail with probability `cer`, the propagation being `epf`.
    ///
    /// Bisected in the logarithm between 1e-299 and 0.1, then by secants, to a relative 1e-9.
    /// [`Error::OutOfRange`] if `cer` is below 1e-270 or above what 0.1 gives.
    ///
    /// Cost: about sixteen evaluations of [`BurstChain::symbol_error_distribution`].
    pub fn iep_limit(&self, code: &RsCode, epf: f64, cer: f64) -> Result<f64> {
        let failure = |ln_iep: f64| -> Result<f64> {
            BurstChain::new(ln_iep.exp(), epf)?
                .symbol_error_distribution(self, code, code.n)?
                .codeword_error_ratio(code)
        };
        let (mut lo, mut hi) = (-690.0f64, 0.1f64.ln());
        let most = failure(hi)?;
        in_range("cer", cer, 1e-270, most)?;
        let want = cer.ln();
        let (mut at_lo, mut at_hi) = (f64::NEG_INFINITY, most.ln() - want);
        let mut rose = None;
        // Halved until both ends have a failure ratio to speak of, then the Illinois form of the secant.
        while hi - lo > 1e-10 {
            let secant = hi - at_hi * (hi - lo) / (at_hi - at_lo);
            let mid = if hi - lo < 8.0 && secant > lo && secant < hi {
                secant
            } else {
                0.5 * (lo + hi)
            };
            let at_mid = failure(mid)?.ln() - want;
            if at_mid.abs() < 1e-10 {
                return Ok(mid.exp());
            }
            let rises = at_mid < 0.0;
            let again = rose == Some(rises);
            rose = Some(rises);
            // An end that stays twice counts half.
            if rises {
                (lo, at_lo) = (mid, at_mid);
                at_hi *= if again { 0.5 } else { 1.0 };
            } else {
                (hi, at_hi) = (mid, at_mid);
                at_lo *= if again { 0.5 } else { 1.0 };
            }
        }
        Ok(hi.exp())
    }
}
