//! Reed-Solomon decoders and encoder, and the inner decoder, by SIMD level; the crate `rxing` takes turns with
//! them. Every answer is asserted before it is timed. Rates are information bits per second of one core.
//!
//! Words are decoded in place: before each call the same errors (fixed by seed) are added to the
//! words that the call before has corrected, at most 15 additions a word. Words beyond reach stay as they are.

#[path = "../common/mod.rs"]
mod common;
mod inner;
mod reed_solomon;
mod words;

use std::fmt::Write;

use common::{Candidate, Timing, interleaved};
use pamlink::Level;
use pamlink::fec::rs::ReedSolomon;
use pamlink::fec::{KP4, KR4};

use reed_solomon::{batch, encoder, packed, rival, single};
use words::Errors;

/// Words of a batch.
const BATCH: usize = 512;

/// One row of the table.
struct Row<'a> {
    work: Candidate<'a>,
    /// Information bits of a call.
    bits: usize,
    /// Calls count so many words one by one, whose time is told.
    latency: Option<usize>,
    /// The row of the rival, and libfec's rate in Gb/s or time of a word in us.
    against: &'static str,
    quoted: Option<f64>,
}

fn rows<'a>(level: Level) -> Vec<Row<'a>> {
    let plan = |code| ReedSolomon::with_level(code, level).expect("a code");
    let (kp4, kr4) = (plan(KP4), plan(KR4));
    let threshold = Errors::BitRatio(2.4e-4);
    let mut rows = Vec::new();
    for errors in [0, 1, 15, 16]
        .map(Errors::Each)
        .into_iter()
        .chain([threshold])
    {
        rows.push(batch(&kp4, BATCH, errors));
    }
    for errors in [Errors::Each(0), threshold] {
        rows.push(batch(&kp4, 2 * BATCH, errors));
        rows.push(packed(&kp4, errors));
    }
    for errors in [0, 7, 8] {
        rows.push(batch(&kr4, BATCH, Errors::Each(errors)));
    }
    for errors in [0, 1, 2, 3, 15, 16] {
        rows.push(single(&kp4, Errors::Each(errors)));
    }
    rows.extend(encoder(&kp4));
    rows.extend(inner::decoders(level, false));
    rows.extend(inner::decoders(level, true));
    rows
}

fn rivals<'a>() -> Vec<Row<'a>> {
    let kp4 = [0, 1, 15, 16].map(|n| (KP4, Errors::Each(n)));
    let kr4 = [0, 7, 8].map(|n| (KR4, Errors::Each(n)));
    let threshold = (KP4, Errors::BitRatio(2.4e-4));
    let all = kp4.into_iter().chain(kr4).chain([threshold]);
    all.map(|(code, errors)| rival(code, errors)).collect()
}

fn main() {
    let timed = !std::env::args().any(|a| a == "--test");
    for level in Level::all() {
        let mut all = rivals();
        let count = all.len();
        all.extend(rows(level));
        if !timed {
            continue;
        }
        let (mut work, told): (Vec<Candidate<'_>>, Vec<_>) = all
            .into_iter()
            .map(|r| (r.work, (r.bits, r.latency, r.against, r.quoted)))
            .unzip();
        let times = interleaved(&mut work, 7, 0.008);
        let rate = |i: usize, of: fn(&Timing) -> f64| told[i].0 as f64 / of(&times[i]) / 1e9;
        println!("\nForward error correction at {level}, information Gb/s (range)");
        for (i, (name, _)) in work.iter().enumerate() {
            let (_, latency, against, quoted) = told[i];
            let median = rate(i, |t| t.median_s);
            let mut line = format!(
                "  {name:<36} {median:8.3}  ({:.3}-{:.3})",
                rate(i, |t| t.high_s),
                rate(i, |t| t.low_s)
            );
            if let Some(words) = latency {
                let _ = write!(line, "  {:7.3} us", times[i].median_s / words as f64 * 1e6);
            }
            if let Some(rival) = work[..count].iter().position(|(n, _)| n == against) {
                let _ = write!(
                    line,
                    "  {:6.1} x rxing",
                    median / rate(rival, |t| t.median_s)
                );
            }
            if let Some(quoted) = quoted {
                let _ = write!(
                    line,
                    "  {:6.1} x libfec (quoted: {quoted})",
                    median / quoted
                );
            }
            println!("{line}");
        }
    }
}
