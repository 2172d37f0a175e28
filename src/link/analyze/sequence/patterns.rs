//! Symbols sent within an error event.

use crate::mlse::design::LONGEST;
use crate::pam4::bit_errors;
use crate::random::Philox;

/// Most patterns of levels of an event, all for three symbols of one level; more are drawn.
pub(super) const PATTERNS: usize = 27;
/// Philox stream of the patterns drawn.
const STREAM: u64 = 0xE7E_2757;

/// Symbols sent within an event.
pub(super) struct Pattern {
    pub(super) sent: Vec<u8>,
    pub(super) bits: f64,
}

/// Share of sequences that allow an event: of four levels, `4 - |e|` can move by `e`.
pub(super) fn possible(event: &[i8]) -> f64 {
    event
        .iter()
        .map(|e| (4.0 - f64::from(e.abs())) / 4.0)
        .product()
}

/// The symbols that can move by `e`.
pub(super) fn allowed(e: i8) -> std::ops::Range<usize> {
    let by = usize::from(e.unsigned_abs());
    if e < 0 { by..4 } else { 0..4 - by }
}

/// All patterns of symbols that allow an event, or some of them.
pub(super) fn patterns(event: &[i8]) -> Vec<Pattern> {
    let count = event.iter().map(|&e| allowed(e).len()).product::<usize>();
    let philox = Philox::new(0, STREAM);
    let few = count.min(PATTERNS);
    (0..few)
        .map(|i| {
            let mut index = i;
            let sent: Vec<u8> = event
                .iter()
                .enumerate()
                .map(|(n, &e)| {
                    let allowed = allowed(e);
                    let size = allowed.len();
                    let pick = if count <= PATTERNS {
                        let pick = index % size;
                        index /= size;
                        pick
                    } else {
                        let u = philox.uniform((i * LONGEST + n) as u64);
                        ((u * size as f64) as usize).min(size - 1)
                    };
                    (allowed.start + pick) as u8
                })
                .collect();
            let bits = sent
                .iter()
                .zip(event)
                .map(|(&a, &e)| bit_errors(a, a.wrapping_add_signed(e)))
                .sum::<u32>();
            Pattern {
                sent,
                bits: f64::from(bits),
            }
        })
        .collect()
}
