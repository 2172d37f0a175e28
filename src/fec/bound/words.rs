//! The distribution of symbol errors per codeword: what every source of errors is turned into, what
//! segments are joined by, and what every post-FEC number is read from.

use statrs::function::gamma::ln_gamma;

use super::super::RsCode;
use super::histogram::Histogram;
use super::independent::frame_loss_ratio;
use crate::error::{Error, Result, in_range, length};

/// Probabilities below this are dropped where distributions are combined.
const NEGLIGIBLE: f64 = 1e-290;

/// Probabilities of 0, 1, 2 ... symbol errors in a word of `n` symbols.
///
/// Known up to some count; what lies above it is one number, the tail ("16 and more" of a measured
/// histogram). Distributions made of a model have no tail: they are known as far as they reach.
/// Failure probabilities are sums of the positive terms above `t`, never one minus the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct WordErrors {
    symbols: usize,
    p: Vec<f64>,
    tail: f64,
}

impl WordErrors {
    /// `p[i]` of i errors, `tail` of more than `p.len() - 1`; the parts are known to be sound.
    pub(super) fn from_parts(symbols: usize, p: Vec<f64>, tail: f64) -> Self {
        Self { symbols, p, tail }
    }

    /// A word without errors.
    pub fn none(symbols: usize) -> Result<Self> {
        Self::independent(symbols, 0.0)
    }

    /// Independent symbol errors: the binomial distribution, `C(n, i) p^i (1-p)^(n-i)`.
    ///
    /// `symbols` in 1..=65536, `symbol_error` in 0..=1. Relative error below 1e-11 in every entry.
    pub fn independent(symbols: usize, symbol_error: f64) -> Result<Self> {
        in_range("symbols", symbols as f64, 1.0, 65536.0)?;
        in_range("symbol_error", symbol_error, 0.0, 1.0)?;
        let n = symbols as f64;
        let (ln_p, ln_q) = (symbol_error.ln(), (-symbol_error).ln_1p());
        // 0 ln 0 = 0: certainty at either end.
        let power = |count: f64, ln: f64| if count == 0.0 { 0.0 } else { count * ln };
        let mut p: Vec<f64> = (0..=symbols)
            .map(|i| {
                let i = i as f64;
                (ln_choose(n, i) + power(i, ln_p) + power(n - i, ln_q)).exp()
            })
            .collect();
        trim(&mut p);
        Ok(Self::from_parts(symbols, p, 0.0))
    }

    /// What the inner decoder leaves, from its RS-symbol error ratio.
    ///
    /// A block that the inner decoder gets wrong hits several RS symbols at once; the convolutional
    /// interleaver in front of the inner encoder deals the twelve RS symbols of a block to different
    /// words, so that within a word the errors are independent: [`Self::independent`]. Without that
    /// interleaver this is too good. [`super::after_inner`] has the ratio for a bit error ratio.
    pub fn from_inner_decoder(symbols: usize, rs_symbol_error: f64) -> Result<Self> {
        Self::independent(symbols, rs_symbol_error)
    }

    /// The shares of a measured histogram; its last bin, "that many and more", becomes the tail.
    ///
    /// [`Error::Empty`] without words; [`Error::OutOfRange`] if a bin counts more errors than a word
    /// has symbols.
    pub fn from_histogram(histogram: &Histogram, symbols: usize) -> Result<Self> {
        let words = histogram.words();
        if words == 0 {
            return Err(Error::Empty {
                name: "histogram".into(),
            });
        }
        in_range(
            "symbols",
            symbols as f64,
            histogram.top() as f64 + 1.0,
            65536.0,
        )?;
        let share = |count: u64| count as f64 / words as f64;
        let exact = &histogram.counts()[..=histogram.top()];
        let p = exact.iter().map(|&c| share(c)).collect();
        Ok(Self::from_parts(symbols, p, share(histogram.overflow())))
    }

    /// Symbols of the word, or of the part of it that is described.
    #[must_use]
    pub fn symbols(&self) -> usize {
        self.symbols
    }

    /// Probability of `i` errors at index `i`; counts beyond the end are negligible or in [`Self::tail`].
    #[must_use]
    pub fn probabilities(&self) -> &[f64] {
        &self.p
    }

    /// Probability of more errors than [`Self::probabilities`] has entries for.
    #[must_use]
    pub fn tail(&self) -> f64 {
        self.tail
    }

    /// Probability of `errors` or more; [`Error::OutOfRange`] if that lies within the tail.
    pub fn at_least(&self, errors: usize) -> Result<f64> {
        self.reaches("errors", errors)?;
        Ok(self.sum_from(errors, |_| 1.0).min(1.0))
    }

    /// Mean number of symbol errors; errors in the tail count as one more than the last entry.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.sum_from(0, |i| i as f64)
    }

    /// Variance of the number of symbol errors, with the same reading of the tail.
    ///
    /// The binomial with this mean has `mean (1 - mean / n)`: more than that is a sign of bursts.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        self.sum_from(0, |i| (i as f64 - mean).powi(2))
    }

    /// Share of wrong symbols before the decoder, mean over symbols.
    #[must_use]
    pub fn symbol_error_ratio(&self) -> f64 {
        self.mean() / self.symbols as f64
    }

    /// Codeword error ratio: the probability of more errors than the code corrects, `sum over i > t`.
    ///
    /// [`Error::Length`] if this is not a whole word of the code (see [`Self::beside`]);
    /// [`Error::OutOfRange`] if the tail begins at `t` errors or below.
    pub fn codeword_error_ratio(&self, code: &RsCode) -> Result<f64> {
        length("word", code.n, self.symbols)?;
        self.at_least(code.t + 1)
    }

    /// Symbol error ratio after the decoder, `sum over i > t of (i / n) P(i)`: a word that cannot be
    /// decoded is passed on as it is. Miscorrection (below `1/t!` of the failures) is left out.
    pub fn post_fec_ser(&self, code: &RsCode) -> Result<f64> {
        length("word", code.n, self.symbols)?;
        self.reaches("t", code.t + 1)?;
        Ok(self.sum_from(code.t + 1, |i| i as f64 / self.symbols as f64))
    }

    /// Bit error ratio after the decoder: `SER after * BER before / SER before`, a wrong symbol of a
    /// failed word having as many wrong bits as any other.
    pub fn post_fec_ber(&self, code: &RsCode, pre_fec_ber: f64) -> Result<f64> {
        in_range("pre_fec_ber", pre_fec_ber, 0.0, 1.0)?;
        let before = self.symbol_error_ratio();
        let after = self.post_fec_ser(code)?;
        Ok(if before == 0.0 {
            0.0
        } else {
            after * pre_fec_ber / before
        })
    }

    /// Frame loss ratio by [`frame_loss_ratio`], words interleaved `interleave` ways.
    pub fn frame_loss_ratio(&self, code: &RsCode, interleave: usize) -> Result<f64> {
        frame_loss_ratio(self.codeword_error_ratio(code)?, interleave)
    }

    /// Two parts of one word side by side, each on a lane of its own: counts and lengths add.
    #[must_use]
    pub fn beside(&self, other: &Self) -> Self {
        self.convolved(other, self.symbols + other.symbols)
    }

    /// The word after one segment and then another, counts added: the plain convolution of 802.3dj annex
    /// 174A. A symbol that both segments hit counts twice, so failures are overestimated: for rare
    /// independent errors with ratios `a` and `b` by `t (t + 1) / n * a b / (a + b)^2`, at most 11 % for
    /// KP4 and two segments ([`Self::in_series`] has no such excess).
    ///
    /// Segments are independent of one another. [`Error::Length`] if the words differ in length.
    pub fn convolve(&self, other: &Self) -> Result<Self> {
        length("other", self.symbols, other.symbols)?;
        Ok(self.convolved(other, self.symbols))
    }

    /// The word after one segment and then another, a symbol hit twice counted once.
    ///
    /// Given `i` and `j` errors, `h` of them fall on the same symbols with the hypergeometric probability
    /// `C(i, h) C(n - i, j - h) / C(n, j)`: exact if in one of the two segments the errors lie anywhere
    /// with equal probability (independent errors, inner decoder, a deep interleave), whatever the
    /// other does. For independent errors in both it is `1 - (1 - p)(1 - q)` per symbol. Two errors that
    /// undo each other are counted as an error.
    ///
    /// Cost: the product of the three counts that matter, some milliseconds for words of 544 symbols.
    /// [`Error::Length`] if the words differ in length.
    pub fn in_series(&self, other: &Self) -> Result<Self> {
        length("other", self.symbols, other.symbols)?;
        let n = self.symbols;
        let known = self.known(other, n);
        let ln_factorial: Vec<f64> = (0..=n).map(|i| ln_gamma(i as f64 + 1.0)).collect();
        let ln_c = |n: usize, k: usize| ln_factorial[n] - ln_factorial[k] - ln_factorial[n - k];
        let mut p = vec![0.0; known + 1];
        let mut tail = self.sum_tail(other);
        for (i, &a) in self.p.iter().enumerate() {
            for (j, &b) in other.p.iter().enumerate() {
                let weight = a * b;
                if weight < NEGLIGIBLE {
                    continue;
                }
                let fewest = (i + j).saturating_sub(n);
                let mut share =
                    weight * (ln_c(i, fewest) + ln_c(n - i, j - fewest) - ln_c(n, j)).exp();
                for h in fewest..=i.min(j) {
                    match p.get_mut(i + j - h) {
                        Some(p) => *p += share,
                        None => tail += share,
                    }
                    // To h + 1 of the hypergeometric distribution.
                    let (h, i, j) = (h as f64, i as f64, j as f64);
                    share *= (i - h) * (j - h) / ((h + 1.0) * (n as f64 - i - j + h + 1.0));
                    if share < NEGLIGIBLE {
                        break;
                    }
                }
            }
        }
        trim(&mut p);
        Ok(self.assembled(other, n, known, p, tail))
    }

    fn convolved(&self, other: &Self, symbols: usize) -> Self {
        let known = self.known(other, symbols);
        let mut p = vec![0.0; known + 1];
        let mut tail = self.sum_tail(other);
        for (i, &a) in self.p.iter().enumerate() {
            if a < NEGLIGIBLE {
                continue;
            }
            for (j, &b) in other.p.iter().enumerate() {
                // Doubly hit symbols can carry a sum past the length: such words are all wrong.
                match p.get_mut((i + j).min(symbols)) {
                    Some(p) => *p += a * b,
                    None => tail += a * b,
                }
            }
        }
        self.assembled(other, symbols, known, p, tail)
    }

    /// The highest count at which the sum of two is known: neither may be in its tail there.
    fn known(&self, other: &Self, symbols: usize) -> usize {
        let mut known = (self.p.len() + other.p.len() - 2).min(symbols);
        for side in [self, other] {
            if side.tail > 0.0 {
                known = known.min(side.p.len() - 1);
            }
        }
        known
    }

    /// Probability that one of two is in its tail.
    fn sum_tail(&self, other: &Self) -> f64 {
        let head: f64 = other.p.iter().sum();
        self.tail * (head + other.tail) + self.p.iter().sum::<f64>() * other.tail
    }

    fn assembled(
        &self,
        other: &Self,
        symbols: usize,
        known: usize,
        mut p: Vec<f64>,
        tail: f64,
    ) -> Self {
        if self.tail == 0.0 && other.tail == 0.0 {
            trim(&mut p);
        } else {
            p.resize(known + 1, 0.0);
        }
        Self::from_parts(symbols, p, tail)
    }

    /// `sum over i >= from of weight(i) P(i)`, smallest terms first, the tail as one more than known.
    fn sum_from(&self, from: usize, weight: impl Fn(usize) -> f64) -> f64 {
        let mut sum = self.tail * weight(self.p.len());
        for (i, p) in self.p.iter().enumerate().skip(from).rev() {
            sum += p * weight(i);
        }
        sum
    }

    fn reaches(&self, name: &'static str, errors: usize) -> Result<()> {
        if self.tail > 0.0 {
            in_range(name, errors as f64, 0.0, self.p.len() as f64)?;
        }
        Ok(())
    }
}

fn ln_choose(n: f64, k: f64) -> f64 {
    ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0)
}

/// Drops the end of a distribution where nothing is left; one entry stays.
fn trim(p: &mut Vec<f64>) {
    while p.len() > 1 && p.last().is_some_and(|&p| p < NEGLIGIBLE) {
        p.pop();
    }
}
