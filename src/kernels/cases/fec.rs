//! Forward error correction: Reed-Solomon words and blocks of the inner code.

use ndarray::Array2;

use crate::Level;
use crate::error::Result;
use crate::fec::inner::{self, InnerConfig, InnerDecoder, reference};
use crate::fec::rs::{ReedSolomon, Report};
use crate::fec::{KP4, RsCode};
use crate::random::Philox;
use crate::simd::roof::Roof;

use super::super::data::difference;
use super::Case;

/// Words of a call: what the widest vectors take at once.
const WORDS: usize = 512;
/// Blocks of the inner code per call.
const BLOCKS: usize = 1024;

/// Random messages encoded, and the same with `errors` wrong symbols in each word.
fn words(rs: &ReedSolomon, errors: usize) -> Result<(Array2<u16>, Array2<u16>)> {
    let RsCode { n, k, .. } = rs.code();
    let random = Philox::new(9, 1).with_level(Level::BASELINE);
    let at = |word: usize, i: usize| random.uniform((word * 4096 + i) as u64);
    let message = Array2::from_shape_fn((WORDS, k), |(w, i)| (at(w, i) * 1024.0) as u16);
    let mut sent = Array2::zeros((WORDS, n));
    rs.encode_batch(message.view(), sent.view_mut())?;
    let mut received = sent.clone();
    for (w, mut word) in received.rows_mut().into_iter().enumerate() {
        // One wrong symbol in each of `errors` stretches of the word, so that no place is met twice.
        let stretch = n / errors.max(1);
        for e in 0..errors {
            let i = e * stretch + (at(w, 2048 + e) * stretch as f64) as usize;
            word[i] ^= 1 + (at(w, 3072 + e) * 1023.0) as u16;
        }
    }
    Ok((sent, received))
}

fn reed_solomon(level: Level, errors: usize, size: &'static str) -> Result<Case> {
    let rs = ReedSolomon::with_level(KP4, level)?;
    let (sent, received) = words(&rs, errors)?;
    let mut work = rs.workspace();
    let mut report = Report::new();
    let mut decoded = received.clone();
    rs.decode_batch(&mut work, decoded.view_mut(), &mut report)?;
    let failure = difference(
        decoded.as_slice().unwrap_or_default(),
        sent.as_slice().unwrap_or_default(),
    );
    Ok(Case {
        kernel: "KP4 decoder",
        size,
        check: "exact",
        failure,
        symbols: WORDS * KP4.codeword_pam4_symbols(),
        // On 32-bit lanes of bit planes: ten sums for each of 30 syndromes and 544 symbols, a bit of each word.
        uses: vec![(
            Roof::Logic,
            300.0 * KP4.n as f64 / 32.0 / KP4.codeword_pam4_symbols() as f64,
        )],
        work: Box::new(move || {
            if errors > 0 {
                decoded.assign(&received);
            }
            let _ = rs.decode_batch(&mut work, decoded.view_mut(), &mut report);
        }),
    })
}

pub(in super::super) fn kp4_clean(level: Level) -> Result<Case> {
    reed_solomon(level, 0, "512 words, clean")
}

pub(in super::super) fn kp4_full(level: Level) -> Result<Case> {
    reed_solomon(level, KP4.t, "512 words, 15 errors")
}

/// What the reference makes of one block of integer ratios: its message.
fn chased(llr: &[i8]) -> Vec<u8> {
    let mut bits: Vec<u8> = llr.iter().map(|&l| u8::from(l < 0)).collect();
    // The bit of each position that a flip flips: of a pair the less reliable one.
    let weak: [usize; inner::POSITIONS] = std::array::from_fn(|p| {
        let pair = 2 * p;
        match p.checked_sub(inner::PAIRS) {
            Some(parity) => inner::MESSAGE_BITS + parity,
            None => pair + usize::from(llr[pair + 1].unsigned_abs() < llr[pair].unsigned_abs()),
        }
    });
    let sums = std::array::from_fn(|p| match p.checked_sub(inner::PAIRS) {
        Some(parity) => bits[inner::MESSAGE_BITS + parity],
        None => bits[2 * p] ^ bits[2 * p + 1],
    });
    let reliabilities = weak.map(|i| f64::from(llr[i].unsigned_abs()));
    let found = match reference::syndrome(&sums) {
        0 => None,
        s => reference::chase(s, &reliabilities, 6, 3, 254.0),
    };
    if let Some(found) = found {
        for (i, _) in weak.iter().zip(found.flips).filter(|(_, flip)| *flip) {
            bits[*i] ^= 1;
        }
    }
    bits.truncate(inner::MESSAGE_BITS);
    bits
}

/// The inner code at a bit error ratio near 4.8e-3, from integer ratios.
pub(in super::super) fn inner_code(level: Level) -> Result<Case> {
    let random = Philox::new(11, 1).with_level(Level::BASELINE);
    let mut at = 0;
    let mut uniform = move || {
        at += 1;
        random.uniform(at)
    };
    let mut messages = vec![0; BLOCKS * inner::MESSAGE_BITS];
    for bit in &mut messages {
        *bit = u8::from(uniform() < 0.5);
    }
    let mut bits = vec![0; BLOCKS * inner::BLOCK_BITS];
    inner::encode(&messages, &mut bits)?;
    // Magnitudes 1 to 127, the small ones the rarer; a wrong bit is a doubtful one.
    let llr: Vec<i8> = bits
        .iter()
        .map(|&b| {
            let size = 1.0 + 126.0 * uniform().sqrt();
            let wrong = uniform() < 9.6e-3 && size < 90.0;
            let sign = if (b == 1) == wrong { 1.0 } else { -1.0 };
            (sign * size) as i8
        })
        .collect();
    let decoder = InnerDecoder::with_level(&InnerConfig::default(), level)?;
    decoder.decode_integers(&llr, &mut messages, None)?;
    let want: Vec<u8> = llr.chunks(inner::BLOCK_BITS).flat_map(chased).collect();
    Ok(Case {
        kernel: "inner decoder",
        size: "Chase 6/42, 8-bit LLR",
        check: "exact",
        failure: difference(&messages, &want),
        symbols: BLOCKS * inner::BLOCK_SYMBOLS,
        // Four bytes to a 32-bit lane, two bits to a symbol: a magnitude of each bit, the lesser of each pair
        // and one round of the search for the least reliable positions, the least any search can do.
        uses: vec![(Roof::Logic, 0.25 * (2.0 + 1.0 + 1.0))],
        work: Box::new(move || {
            let _ = decoder.decode_integers(&llr, &mut messages, None);
        }),
    })
}
