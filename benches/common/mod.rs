//! Timing that compares: candidates take turns in one process, medians and ranges are reported.
// Each bench uses a part of this file; all times are in seconds.
#![allow(dead_code, clippy::struct_field_names)]

use std::time::Instant;

/// Seconds per call of one candidate over all rounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    pub(crate) median_s: f64,
    pub(crate) low_s: f64,
    pub(crate) high_s: f64,
}

/// A named piece of work.
pub(crate) type Candidate<'a> = (String, Box<dyn FnMut() + 'a>);

/// Times the candidates in turns: each round gives each of them about `slice_s` seconds.
pub(crate) fn interleaved(
    candidates: &mut [Candidate<'_>],
    rounds: usize,
    slice_s: f64,
) -> Vec<Timing> {
    let repeats: Vec<usize> = candidates
        .iter_mut()
        .map(|(_, work)| {
            work();
            let start = Instant::now();
            work();
            let once = start.elapsed().as_secs_f64().max(1e-8);
            ((slice_s / once) as usize).max(1)
        })
        .collect();
    let mut seconds = vec![Vec::with_capacity(rounds); candidates.len()];
    for _ in 0..rounds {
        for (i, (_, work)) in candidates.iter_mut().enumerate() {
            let start = Instant::now();
            for _ in 0..repeats[i] {
                work();
            }
            seconds[i].push(start.elapsed().as_secs_f64() / repeats[i] as f64);
        }
    }
    seconds
        .into_iter()
        .map(|mut s| {
            s.sort_by(f64::total_cmp);
            Timing {
                median_s: s[s.len() / 2],
                low_s: s[0],
                high_s: s[s.len() - 1],
            }
        })
        .collect()
}

/// Reproducible numbers in -1..1.
pub(crate) fn noise(seed: u32, n: usize) -> Vec<f32> {
    let mut s = seed.wrapping_mul(2_654_435_761) | 1;
    (0..n)
        .map(|_| {
            s ^= s << 13;
            s ^= s >> 17;
            s ^= s << 5;
            (s >> 8) as f32 / (1u32 << 23) as f32 - 1.0
        })
        .collect()
}
