//! Decoding of many blocks: checks, then block by block.

use super::front;
use super::run::{self, Output};
use super::{BLOCK_BITS, BLOCK_SYMBOLS, InnerDecoder, InnerReport, MESSAGE_BITS};
use crate::error::{Error, Result, length};
use crate::pattern::check_at_most;
use crate::signal::Llr;

/// Checks the lengths of all arrays of a call; gives the number of blocks.
fn blocks(
    name: &'static str,
    got: usize,
    per_block: usize,
    messages: &[u8],
    flips: Option<&[i8]>,
) -> Result<usize> {
    let count = got / per_block;
    length(name, count * per_block, got)?;
    length("messages", count * MESSAGE_BITS, messages.len())?;
    if let Some(flips) = flips {
        length("flips", count, flips.len())?;
    }
    Ok(count)
}

/// The error that names the first entry that is not finite.
fn not_finite(name: &'static str, values: impl Iterator<Item = f32>) -> Error {
    let found = values.enumerate().find(|(_, v)| !v.is_finite());
    let (index, value) = found.unwrap_or((0, f32::NAN));
    Error::NotFinite {
        name: format!("{name}[{index}]").into(),
        value: f64::from(value),
    }
}

impl InnerDecoder {
    /// Decodes hard decisions: symbols 0..=3 in level order, `[block, 64]`.
    ///
    /// One wrong position is corrected: where the syndrome is the column of a parity bit, that bit is flipped, where it
    /// is that of a pair, the pair's *second* bit. At the outer levels this is the only bit that a neighbouring level
    /// differs in, at the inner ones it is as likely as the first: a wrong choice makes the pair's sum right and both
    /// its bits wrong. Of an even number of wrong positions all that are no word of the code (all of two) are
    /// detected, of three 48.3 %: uncorrectable, left as received. The other three are taken for one wrong position.
    /// The search of the configuration is not used.
    pub fn decode_symbols(
        &self,
        symbols: &[u8],
        messages: &mut [u8],
        flips: Option<&mut [i8]>,
    ) -> Result<InnerReport> {
        blocks(
            "symbols",
            symbols.len(),
            BLOCK_SYMBOLS,
            messages,
            flips.as_deref(),
        )?;
        check_at_most("symbols", symbols, 3)?;
        let output = &mut Output::new(self.level, messages, flips);
        Ok(run::symbols(self.level, symbols, &self.none, output))
    }

    /// Decodes samples (the soft output of an equalizer), `[block, 64]`, in the unit of the levels.
    ///
    /// The decision is that of a slicer with thresholds midway between the levels (a sample on one belongs to the upper
    /// level). A distance from a threshold counts times the spacing of the levels there over the mean spacing. The
    /// reliability of a pair is the least of the three, and the bit that differs across that threshold is the one to
    /// flip. The parity bits have max-log reliabilities: the second bit of a symbol the lesser of the distances from
    /// the outer thresholds, the first the distance from the middle one and, beyond an outer threshold, that from it
    /// as well (exact for even spacings).
    pub fn decode_samples(
        &self,
        samples: &[f32],
        messages: &mut [u8],
        flips: Option<&mut [i8]>,
    ) -> Result<InnerReport> {
        blocks(
            "samples",
            samples.len(),
            BLOCK_SYMBOLS,
            messages,
            flips.as_deref(),
        )?;
        let (p, level) = (&self.patterns, self.level);
        let report = if self.config.bits.is_none() {
            run::finite(samples).then(|| {
                let row = |i| self.eye.samples(run::samples_row(samples, i));
                run::each(row, p, messages, flips.unwrap_or_default())
            })
        } else {
            let output = &mut Output::new(level, messages, flips);
            run::samples(
                level,
                samples,
                &self.eye,
                self.distance_scale,
                self.top,
                p,
                output,
            )
        };
        report.ok_or_else(|| not_finite("samples", samples.iter().copied()))
    }

    /// Decodes log-likelihood ratios, `[block, 128]`, positive where 0 is the likelier; a zero of negative sign is a 1.
    pub fn decode_llr(
        &self,
        llr: &[f32],
        messages: &mut [u8],
        flips: Option<&mut [i8]>,
    ) -> Result<InnerReport> {
        blocks("llr", llr.len(), BLOCK_BITS, messages, flips.as_deref())?;
        let (p, level) = (&self.patterns, self.level);
        let report = if self.config.bits.is_none() {
            run::finite(llr).then(|| {
                let row = |i| front::llr(run::bits_row(llr, i));
                run::each(row, p, messages, flips.unwrap_or_default())
            })
        } else {
            let output = &mut Output::new(level, messages, flips);
            run::llr(level, llr, self.llr_scale, self.top, p, output)
        };
        report.ok_or_else(|| not_finite("llr", llr.iter().copied()))
    }

    /// [`InnerDecoder::decode_llr`] on the pairs that a sequence detector gives, `[block, 64]`, first bit first.
    pub fn decode_soft(
        &self,
        llr: &[[Llr; 2]],
        messages: &mut [u8],
        flips: Option<&mut [i8]>,
    ) -> Result<InnerReport> {
        blocks("llr", llr.len(), BLOCK_SYMBOLS, messages, flips.as_deref())?;
        let (p, level) = (&self.patterns, self.level);
        let report = if self.config.bits.is_none() {
            run::finite_pairs(llr).then(|| {
                let row = |i| front::llr(&run::soft_row(llr, i));
                run::each(row, p, messages, flips.unwrap_or_default())
            })
        } else {
            let output = &mut Output::new(level, messages, flips);
            run::soft(level, llr, self.llr_scale, self.top, p, output)
        };
        report.ok_or_else(|| not_finite("llr", llr.iter().flatten().map(|l| l.0)))
    }

    /// Decodes integer ratios, `[block, 128]`, positive where 0 is the likelier (and where it is zero). The magnitudes
    /// are the reliabilities; `bits` has no meaning here.
    pub fn decode_integers(
        &self,
        llr: &[i8],
        messages: &mut [u8],
        flips: Option<&mut [i8]>,
    ) -> Result<InnerReport> {
        blocks("llr", llr.len(), BLOCK_BITS, messages, flips.as_deref())?;
        let output = &mut Output::new(self.level, messages, flips);
        Ok(run::integers(self.level, llr, &self.patterns, output))
    }
}
