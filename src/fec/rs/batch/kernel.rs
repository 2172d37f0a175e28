//! The batch decoder, generic over the vectors of bits.

use super::queue::{Queue, ROW};
use super::search::{ROUND, TERMS, search};
use super::transpose::{Rows, to_planes, to_rows};
use super::{Plan, UNCORRECTABLE};
use super::{key, syndrome, values};
use crate::fec::gf::planes::{Planes, nonzero, zero};
use crate::simd::{BaseBits, Bits, Line, dispatch, vectors};
#[cfg(target_arch = "x86_64")]
use crate::simd::{MidBits, TopBits};

/// Vectors that the kernel needs beside its queues.
pub(super) const fn vectors_needed(lanes: usize, n: usize) -> usize {
    10 * (3 * lanes + ROW + 17 + 17 + 16 + TERMS + ROUND) + n
}

/// Working memory of a kernel.
struct Room<'a, V> {
    half: &'a mut [V],
    tile: &'a mut [Planes<V>],
    scaled: &'a mut [Planes<V>],
    syndromes: &'a mut [Planes<V>],
    lambda: &'a mut [Planes<V>],
    next: &'a mut [Planes<V>],
    omega: &'a mut [Planes<V>],
    terms: &'a mut [Planes<V>],
    sums: &'a mut [Planes<V>],
    roots: &'a mut [V],
}

impl<'a, V: Bits> Room<'a, V> {
    #[inline(always)]
    fn new(lines: &'a mut [Line], n: usize) -> Self {
        let (half, rest) = vectors::<V>(lines).split_at_mut(10 * V::LANES);
        let (roots, rest) = rest.split_at_mut(n);
        let (planes, _) = rest.as_chunks_mut::<10>();
        let (tile, planes) = planes.split_at_mut(V::LANES);
        let (scaled, planes) = planes.split_at_mut(V::LANES);
        let (syndromes, planes) = planes.split_at_mut(ROW);
        let (lambda, planes) = planes.split_at_mut(17);
        let (next, planes) = planes.split_at_mut(17);
        let (omega, planes) = planes.split_at_mut(16);
        let (terms, planes) = planes.split_at_mut(TERMS);
        let (sums, _) = planes.split_at_mut(ROUND);
        Self {
            half,
            tile,
            scaled,
            syndromes,
            lambda,
            next,
            omega,
            terms,
            sums,
            roots,
        }
    }
}

/// What a call reads and writes.
pub(super) struct Job<'a> {
    pub(super) plan: &'a Plan,
    /// Received words, `n` symbols each; corrected in place.
    pub(super) words: &'a mut [u16],
    /// Corrected symbols of each word, or [`UNCORRECTABLE`].
    pub(super) counts: &'a mut [u16],
    /// Corrected positions of each word, `t` entries each, rising; as many as the count says.
    pub(super) positions: &'a mut [u16],
}

/// Buffers of a call.
pub(super) struct Buffers<'a> {
    /// One row of [`ROW`] symbols for each word of a group.
    pub(super) rows: &'a mut [u16],
    /// One count for each word of a group.
    pub(super) found: &'a mut [u16],
    pub(super) light: &'a mut Queue,
    pub(super) heavy: &'a mut Queue,
}

dispatch! {
    /// Decodes all words of the job.
    pub(super) fn decode(job: &mut Job, buffers: &mut Buffers, lines: &mut [Line]) =
        base: decode_all::<BaseBits>, mid: decode_all::<MidBits>, top: decode_all::<TopBits>
}

/// Calls `each` with the number of every one bit of a vector, rising.
#[inline(always)]
fn for_each_bit<V: Bits>(v: V, mut each: impl FnMut(usize)) {
    let mut lanes = [0; 32];
    v.store(&mut lanes);
    for (q, four) in lanes[..V::LANES].as_chunks::<4>().0.iter().enumerate() {
        let mut bits = four
            .iter()
            .rev()
            .fold(0u64, |all, &lane| all << 16 | u64::from(lane));
        while bits != 0 {
            each(64 * q + bits.trailing_zeros() as usize);
            bits &= bits - 1;
        }
    }
}

#[inline(always)]
fn decode_all<V: Bits>(job: &mut Job, buffers: &mut Buffers, lines: &mut [Line]) {
    let plan = job.plan;
    let group = 16 * V::LANES;
    let mut room = Room::<V>::new(lines, plan.n);
    let mut start = 0;
    while start < job.counts.len() {
        let count = group.min(job.counts.len() - start);
        let rows = Rows {
            symbols: &job.words[start * plan.n..],
            stride: plan.n,
            count,
        };
        let dirty = syndromes(plan, rows, &mut room);
        job.counts[start..start + count].fill(0);
        push_dirty(plan, start, dirty, &mut room, buffers);
        start += count;
        // Light words first: those that turn out heavy join the others. A whole group of heavy ones
        // goes before the light rest, so that no queue outgrows two groups.
        let last = start == job.counts.len();
        loop {
            let (light, heavy) = (buffers.light.words.len(), buffers.heavy.words.len());
            let cap = if light >= group {
                plan.light
            } else if heavy >= group {
                plan.t
            } else if last && light > 0 {
                plan.light
            } else if last && heavy > 0 {
                plan.t
            } else {
                break;
            };
            correct(cap, job, &mut room, buffers);
        }
    }
}

/// The syndromes of a group into the room; ones where a word has a syndrome that is not zero.
#[inline(always)]
fn syndromes<V: Bits>(plan: &Plan, rows: Rows, room: &mut Room<V>) -> V {
    room.syndromes.fill(zero());
    for from in (0..plan.n).step_by(V::LANES) {
        let valid = V::LANES.min(plan.n - from);
        to_planes(rows, from, valid, room.half, room.tile);
        syndrome::advance(plan, from, &room.tile[..valid], room.scaled, room.syndromes);
    }
    let mut dirty = V::zero();
    for s in &room.syndromes[..plan.roots] {
        dirty = dirty | nonzero(s);
    }
    dirty
}

/// Puts the words of a group that `dirty` marks into the queue.
#[inline(always)]
fn push_dirty<V: Bits>(
    plan: &Plan,
    start: usize,
    dirty: V,
    room: &mut Room<V>,
    buffers: &mut Buffers,
) {
    let mut any = [0; 32];
    dirty.store(&mut any);
    if any == [0; 32] {
        return;
    }
    let mut from = 0;
    while from < plan.roots {
        to_rows(&room.syndromes[from..], room.half, buffers.rows, ROW, from);
        from += V::LANES;
    }
    for_each_bit(dirty, |w| {
        buffers.light.push(start + w, &buffers.rows[w * ROW..]);
    });
}

/// Corrects the first words of a queue, at most one group: the light one for `cap` below `t`, where
/// words with more errors go on to the heavy one.
#[inline(always)]
fn correct<V: Bits>(cap: usize, job: &mut Job, room: &mut Room<V>, buffers: &mut Buffers) {
    let plan = job.plan;
    let group = 16 * V::LANES;
    let is_light = !buffers.light.words.is_empty() && cap == plan.light;
    let queue = if is_light {
        &*buffers.light
    } else {
        &*buffers.heavy
    };
    let count = group.min(queue.words.len());
    let rows = Rows {
        symbols: &queue.rows,
        stride: ROW,
        count,
    };
    let mut from = 0;
    while from < plan.roots {
        to_planes(rows, from, V::LANES, room.half, room.tile);
        room.syndromes[from..from + V::LANES].copy_from_slice(&room.tile[..V::LANES]);
        from += V::LANES;
    }
    let s = &room.syndromes[..plan.roots];
    let length = key::solve(cap, s, room.lambda, room.next);
    let roots = &mut room.roots[..plan.n];
    let found = search(cap, room.lambda, room.terms, room.sums, roots);
    // A locator counts when all its roots are distinct and at used positions.
    let mut bad = length.none;
    for (found, length) in found.into_iter().zip(length.bits) {
        bad = bad | (found ^ length);
    }
    let good = bad ^ V::ones();

    // One slot per error: the position for the caller, the inverse locator for the formula.
    buffers.found.fill(0);
    buffers.rows.fill(0);
    let mut most = 0;
    for (u, (root, &inverse)) in room.roots.iter().zip(&plan.inverses).enumerate().rev() {
        let position = (plan.n - 1 - u) as u16;
        for_each_bit(*root & good, |w| {
            if w < count {
                let slot = usize::from(buffers.found[w]);
                buffers.found[w] += 1;
                buffers.rows[w * ROW + slot] = inverse;
                job.positions[queue.words[w] * plan.t + slot] = position;
                most = most.max(slot + 1);
            }
        });
    }
    if most > 0 {
        values::evaluator(cap, s, room.lambda, room.omega);
        let mut from = 0;
        while from < most {
            let rows = Rows {
                symbols: buffers.rows,
                stride: ROW,
                count: group,
            };
            to_planes(rows, from, V::LANES, room.half, room.tile);
            for slot in &mut room.tile[..V::LANES.min(most - from)] {
                *slot = values::value(cap, room.lambda, room.omega, slot);
            }
            to_rows(room.tile, room.half, buffers.rows, ROW, from);
            from += V::LANES;
        }
    }

    let mut verdict = [0; 32];
    bad.store(&mut verdict);
    for w in 0..count {
        let word = if is_light {
            buffers.light.words[w]
        } else {
            buffers.heavy.words[w]
        };
        if verdict[w / 16] >> (w % 16) & 1 == 1 {
            if is_light && cap < plan.t {
                buffers.heavy.push(word, &buffers.light.rows[w * ROW..]);
            } else {
                job.counts[word] = UNCORRECTABLE;
            }
            continue;
        }
        let errors = usize::from(buffers.found[w]);
        job.counts[word] = errors as u16;
        let received = &mut job.words[word * plan.n..][..plan.n];
        let positions = &job.positions[word * plan.t..][..errors];
        for (&position, value) in positions.iter().zip(&buffers.rows[w * ROW..]) {
            received[usize::from(position)] ^= value;
        }
    }
    if is_light {
        buffers.light.drop_front(count);
    } else {
        buffers.heavy.drop_front(count);
    }
}
