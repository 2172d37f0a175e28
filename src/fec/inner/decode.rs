//! Decoding of many blocks: checks, then block by block.

use super::code::{NO_POSITION, POSITION, Planes};
use super::front::{self, Received};
use super::search::{Reliability, search};
use super::{BLOCK_BITS, BLOCK_SYMBOLS, InnerDecoder, InnerReport, MESSAGE_BITS};
use crate::error::{Result, length};
use crate::pattern::check_at_most;
use crate::signal::Llr;

impl InnerReport {
    /// Counts a block: flipped bits, or `None` if nothing was found.
    #[inline(always)]
    fn count(&mut self, flipped: Option<usize>) -> i8 {
        self.blocks += 1;
        match flipped {
            Some(0) => self.clean += 1,
            Some(n) => {
                self.corrected += 1;
                self.flipped_bits += n as u64;
            }
            None => self.uncorrectable += 1,
        }
        flipped.map_or(-1, |n| n as i8)
    }
}

/// The message bits of a block, one per byte.
#[inline(always)]
fn unpack(planes: Planes, message: &mut [u8]) {
    for (k, pair) in message[..MESSAGE_BITS].chunks_exact_mut(2).enumerate() {
        pair[0] = (planes.first >> k & 1) as u8;
        pair[1] = (planes.second >> k & 1) as u8;
    }
}

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

/// Checks that every entry is finite; the error names the first that is not.
fn all_finite(name: &'static str, values: impl Iterator<Item = f32> + Clone) -> Result<()> {
    // Zero times a finite number is zero, of all others it is NaN.
    if values.clone().fold(0.0, |sum, v| sum + 0.0 * v) == 0.0 {
        return Ok(());
    }
    for (index, value) in values.enumerate() {
        crate::error::finite(format!("{name}[{index}]"), f64::from(value))?;
    }
    Ok(())
}

impl InnerDecoder {
    /// Decodes hard decisions: symbols 0..=3 in level order, `[block, 64]`.
    ///
    /// One wrong position is corrected: where the syndrome is the column of a parity bit, that bit is flipped, where it
    /// is that of a pair, the pair's *second* bit. At the outer levels this is the only bit that a neighbouring
    /// level differs in, at the inner ones it is as likely as the first: a wrong choice makes the pair's sum right and its two bits wrong. An even
    /// number of wrong positions is detected (uncorrectable, left as received), of three wrong positions 48.3 %; the
    /// others are taken for one wrong position. The search of the configuration is not used.
    pub fn decode_symbols(
        &self,
        symbols: &[u8],
        messages: &mut [u8],
        mut flips: Option<&mut [i8]>,
    ) -> Result<InnerReport> {
        blocks(
            "symbols",
            symbols.len(),
            BLOCK_SYMBOLS,
            messages,
            flips.as_deref(),
        )?;
        check_at_most("symbols", symbols, 3)?;
        let mut report = InnerReport::default();
        let rows = symbols
            .chunks_exact(BLOCK_SYMBOLS)
            .zip(messages.chunks_exact_mut(MESSAGE_BITS));
        for (i, (symbols, message)) in rows.enumerate() {
            let mut planes = front::symbols(symbols);
            let s = planes.syndrome();
            let odd = s.count_ones() % 2 == 1;
            let position = POSITION[usize::from(s >> 1)];
            let flipped = if s == 0 {
                Some(0)
            } else if odd && position != NO_POSITION {
                planes.flip(position, u64::MAX);
                Some(1)
            } else {
                None
            };
            unpack(planes, message);
            let n = report.count(flipped);
            if let Some(flips) = flips.as_deref_mut() {
                flips[i] = n;
            }
        }
        Ok(report)
    }

    /// Decodes samples (the soft output of an equalizer), `[block, 64]`, in the unit of the levels.
    ///
    /// The decision is that of a slicer with thresholds midway between the levels (a sample on one belongs to the upper
    /// level). The reliability of a pair is the distance from the nearest threshold, in half mean spacings of the levels
    /// and times the spacing there over the mean one; the bit that differs across this threshold is the one to flip. The parity bits
    /// have max-log reliabilities: the second bit of a pair the lesser of the distances from the outer thresholds, the
    /// first the distance from the middle one and, beyond an outer threshold, that from it as well.
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
        all_finite("samples", samples.iter().copied())?;
        let row = |i: usize| &samples[i * BLOCK_SYMBOLS..][..BLOCK_SYMBOLS];
        Ok(match self.config.bits {
            None => self.each(|i| self.eye.samples(row(i)), messages, flips),
            Some(_) => self.each(
                |i| self.scaled_eye.samples_quantized(row(i), self.top),
                messages,
                flips,
            ),
        })
    }

    /// Decodes log-likelihood ratios, `[block, 128]`, positive where 0 is the likelier (and where it is zero).
    pub fn decode_llr(
        &self,
        llr: &[f32],
        messages: &mut [u8],
        flips: Option<&mut [i8]>,
    ) -> Result<InnerReport> {
        blocks("llr", llr.len(), BLOCK_BITS, messages, flips.as_deref())?;
        all_finite("llr", llr.iter().copied())?;
        let row = |i: usize| &llr[i * BLOCK_BITS..][..BLOCK_BITS];
        Ok(match self.config.bits {
            None => self.each(|i| front::llr(row(i)), messages, flips),
            Some(_) => self.each(
                |i| front::llr_quantized(row(i), self.llr_scale, self.top),
                messages,
                flips,
            ),
        })
    }

    /// [`InnerDecoder::decode_llr`] on the pairs that [`crate::mlse::Mlse::soft`] gives, `[block, 64]`, first bit first.
    pub fn decode_soft(
        &self,
        llr: &[[Llr; 2]],
        messages: &mut [u8],
        flips: Option<&mut [i8]>,
    ) -> Result<InnerReport> {
        blocks("llr", llr.len(), BLOCK_SYMBOLS, messages, flips.as_deref())?;
        all_finite("llr", llr.iter().flatten().map(|l| l.0))?;
        let row = |i: usize| {
            let pairs = &llr[i * BLOCK_SYMBOLS..][..BLOCK_SYMBOLS];
            let row: [f32; BLOCK_BITS] = std::array::from_fn(|n| pairs[n / 2][n % 2].0);
            row
        };
        Ok(match self.config.bits {
            None => self.each(|i| front::llr(&row(i)), messages, flips),
            Some(_) => self.each(
                |i| front::llr_quantized(&row(i), self.llr_scale, self.top),
                messages,
                flips,
            ),
        })
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
        let row = |i: usize| &llr[i * BLOCK_BITS..][..BLOCK_BITS];
        Ok(self.each(|i| front::integers(row(i)), messages, flips))
    }

    /// Block by block.
    #[inline(always)]
    fn each<R: Reliability>(
        &self,
        read: impl Fn(usize) -> Received<R>,
        messages: &mut [u8],
        mut flips: Option<&mut [i8]>,
    ) -> InnerReport {
        let mut report = InnerReport::default();
        for (i, message) in messages.chunks_exact_mut(MESSAGE_BITS).enumerate() {
            let mut received = read(i);
            let s = received.planes.syndrome();
            let flipped = if s == 0 {
                Some(0)
            } else {
                search(&received.weights, s, &self.patterns).map(|flips| {
                    for &p in &flips.positions[..flips.count] {
                        received.planes.flip(p, received.second);
                    }
                    flips.count
                })
            };
            unpack(received.planes, message);
            let n = report.count(flipped);
            if let Some(flips) = flips.as_deref_mut() {
                flips[i] = n;
            }
        }
        report
    }
}
