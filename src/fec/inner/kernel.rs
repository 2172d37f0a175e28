//! The decoder of integer reliabilities in byte lanes.
//!
//! Three steps. (1) Block by block: decisions and reliabilities to planes and a row of 68 bytes; the row stays
//! where the syndrome is not zero. (2) Of as many such blocks as a vector has lanes at once: the rows transposed, the six
//! least of the words `256 reliability + position`, and for both halves of a pattern the sums of reliabilities and of columns, eight each.
//! (3) Block by block, lanes being patterns: sum and syndrome by shuffles of these, the completion and
//! its reliability by table reads, the least of all.

use super::code::{COLUMNS, NO_POSITION, POSITION, Planes};
use super::patterns::{MAX_LIST, MAX_POSITIONS, Patterns};
use super::search::CEILING;
use super::{InnerReport, MESSAGE_BITS, POSITIONS};
use crate::simd::{Least, U8s};

/// Bytes of a row: the positions, up to a multiple of sixteen.
pub(super) const ROW: usize = 80;
/// Blocks that are read before the rest of their bits is written.
const TILE: usize = 256;
/// Lanes of the widest vector.
const LANES: usize = 64;

/// Columns as a table for lanes.
static COLUMN_TABLE: [u8; 128] = {
    let mut table = [0; 128];
    let mut p = 0;
    while p < POSITIONS {
        table[p] = COLUMNS[p];
        p += 1;
    }
    table
};

/// Where the reader of an input puts a block: planes, and bit `k` whether the second bit of pair `k` is the
/// less reliable one.
pub(super) trait Read {
    /// Block `at` of the input; its reliabilities go to the first 68 bytes of the row.
    fn read(&self, at: usize, row: &mut [u8; ROW]) -> (Planes, u64);
}

/// Blocks whose syndrome is not zero.
struct Dirty {
    rows: [[u8; ROW]; LANES],
    syndromes: [u8; LANES],
    seconds: [u64; LANES],
    blocks: [u16; LANES],
    count: usize,
}

/// What step 2 leaves: by block the sums of the halves of the patterns, by rank the positions.
struct Tables {
    sums: [[u8; 16]; LANES],
    syndromes: [[u8; 16]; LANES],
    positions: [[u8; LANES]; MAX_POSITIONS],
}

/// Decodes all blocks of an input; `flips` is empty or takes one entry per block.
#[inline(always)]
pub(super) fn decode<V: U8s, H: Least>(
    input: &impl Read,
    patterns: &Patterns,
    messages: &mut [u8],
    flips: &mut [i8],
) -> InnerReport {
    let mut dirty = Dirty {
        rows: [[0; ROW]; LANES],
        syndromes: [0; LANES],
        seconds: [0; LANES],
        blocks: [0; LANES],
        count: 0,
    };
    let mut tables = Tables {
        sums: [[0; 16]; LANES],
        syndromes: [[0; 16]; LANES],
        positions: [[0; LANES]; MAX_POSITIONS],
    };
    let mut planes = [Planes::default(); TILE];
    let mut report = InnerReport::default();
    let mut flips = flips.chunks_mut(TILE);
    for (tile, messages) in messages.chunks_mut(TILE * MESSAGE_BITS).enumerate() {
        let count = messages.len() / MESSAGE_BITS;
        let flips = flips.next().unwrap_or_default();
        flips.fill(0);
        let mut wrong = 0;
        for i in 0..count {
            let at = dirty.count;
            let (block, second) = input.read(tile * TILE + i, &mut dirty.rows[at]);
            let s = block.syndrome();
            planes[i] = block;
            dirty.syndromes[at] = s;
            dirty.seconds[at] = second;
            dirty.blocks[at] = i as u16;
            dirty.count += usize::from(s != 0);
            wrong += u64::from(s != 0);
            if dirty.count == V::N || i + 1 == count {
                settle::<V, H>(
                    &mut dirty,
                    &mut tables,
                    patterns,
                    &mut planes,
                    flips,
                    &mut report,
                );
            }
        }
        report.blocks += count as u64;
        report.clean += count as u64 - wrong;
        for (message, planes) in messages.chunks_exact_mut(MESSAGE_BITS).zip(&planes) {
            unpack::<V>(*planes, message);
        }
    }
    report
}

/// Steps 2 and 3.
#[inline(always)]
fn settle<V: U8s, H: Least>(
    dirty: &mut Dirty,
    tables: &mut Tables,
    patterns: &Patterns,
    planes: &mut [Planes; TILE],
    flips: &mut [i8],
    report: &mut InnerReport,
) {
    prepare::<V>(dirty, tables);
    for i in 0..dirty.count {
        let block = usize::from(dirty.blocks[i]);
        let (pattern, completion) = match best::<H>(
            &dirty.rows[i],
            &tables.sums[i],
            &tables.syndromes[i],
            dirty.syndromes[i],
            patterns,
        ) {
            Some(found) => found,
            None => {
                report.uncorrectable += 1;
                if let Some(n) = flips.get_mut(block) {
                    *n = -1;
                }
                continue;
            }
        };
        let second = dirty.seconds[i];
        let mut fixed = planes[block];
        for (j, positions) in tables.positions.iter().enumerate() {
            fixed.flip_if(positions[i], second, u64::from(pattern >> j & 1));
        }
        fixed.flip(completion, second);
        planes[block] = fixed;
        let count = pattern.count_ones() + 1;
        report.corrected += 1;
        report.flipped_bits += u64::from(count);
        if let Some(n) = flips.get_mut(block) {
            *n = count as i8;
        }
    }
    dirty.count = 0;
}

/// Step 2. Lanes beyond the count hold what was there before.
#[inline(always)]
fn prepare<V: U8s>(dirty: &Dirty, tables: &mut Tables) {
    let rows = dirty.rows.as_flattened();
    // Words `256 reliability + position`, rising, for the lanes in the order of `words`.
    let mut least = [[V::splat(255); 2]; MAX_POSITIONS];
    for first in (0..POSITIONS).step_by(16) {
        let mut bytes = [V::splat(0); 16];
        for (i, b) in bytes.iter_mut().enumerate() {
            *b = V::load_parts(&rows[i * ROW + first..], 16 * ROW);
        }
        V::transpose_parts(&mut bytes);
        for (i, &b) in bytes.iter().enumerate().take(POSITIONS - first) {
            let words = V::words(V::splat((first + i) as u8), b);
            for half in 0..2 {
                let mut w = words[half];
                for kept in &mut least {
                    let low = kept[half].words_min(w);
                    w = kept[half].words_max(w);
                    kept[half] = low;
                }
            }
        }
    }
    let zero = V::splat(0);
    // Sums of reliabilities and of columns over the subsets of three, by the number of the subset.
    let mut sums = [zero; 16];
    let mut syndromes = [zero; 16];
    syndromes[0] = V::load(&dirty.syndromes);
    for (rank, words) in least.iter().enumerate() {
        let (position, reliability) = V::words_split(*words);
        position.store(&mut tables.positions[rank]);
        let column = position.look_up(&COLUMN_TABLE);
        let (half, bit) = (rank / 3 * 8, 1 << (rank % 3));
        for subset in 0..bit {
            sums[half + bit + subset] = sums[half + subset].add_saturating(reliability);
            syndromes[half + bit + subset] = syndromes[half + subset] ^ column;
        }
    }
    for (table, to) in [
        (&mut sums, &mut tables.sums),
        (&mut syndromes, &mut tables.syndromes),
    ] {
        V::transpose_parts(table);
        let to = to.as_flattened_mut();
        for (i, v) in table.iter().enumerate() {
            v.store_parts(&mut to[16 * i..], 16 * 16);
        }
    }
}

/// Step 3: the best pattern of a block and the position that completes it.
#[inline(always)]
fn best<H: Least>(
    row: &[u8; ROW],
    sums: &[u8; 16],
    syndromes: &[u8; 16],
    syndrome: u8,
    patterns: &Patterns,
) -> Option<(u8, u8)> {
    let (list, [low, high, end]) = patterns.lanes(syndrome);
    let (low, high, end) = (H::load(low), H::load(high), H::load(end));
    let (sums_of, syndromes_of) = (H::repeat(sums), H::repeat(syndromes));
    let s = syndromes_of.shuffle(low) ^ syndromes_of.shuffle(high);
    let completion = (s & H::splat(127)).look_up(&POSITION);
    let metric = sums_of
        .shuffle(low)
        .add_saturating(sums_of.shuffle(high))
        .add_saturating(completion.look_up_80(row))
        .min(H::splat(CEILING));
    let none = completion.equal(H::splat(NO_POSITION)).add_saturating(end);
    let found = metric.add_saturating(none).least();
    if found >> 8 > u16::from(CEILING) {
        return None;
    }
    let pattern = list[usize::from(found) % MAX_LIST];
    let s = syndromes[usize::from(pattern & 7)] ^ syndromes[8 + usize::from(pattern >> 3 & 7)];
    Some((pattern, POSITION[usize::from(s & 127)]))
}

/// Where lane `n` of a vector finds the bit `first + n` of a message in the bytes of both planes, and which
/// bit of the byte it is.
const fn places<const N: usize>(first: usize) -> ([u8; N], [u8; N]) {
    let (mut byte, mut bit) = ([0; N], [0; N]);
    let mut n = 0;
    while n < N {
        let (k, plane) = ((first + n) / 2, (first + n) % 2);
        byte[n] = (8 * plane + k / 8) as u8;
        bit[n] = 1 << (k % 8);
        n += 1;
    }
    (byte, bit)
}

/// [`places`] for all vectors: the last one ends with the message.
static PLACES: ([u8; MESSAGE_BITS], [u8; MESSAGE_BITS]) = places(0);

/// The message bits of a block, one per byte.
#[inline(always)]
fn unpack<V: U8s>(planes: Planes, message: &mut [u8]) {
    let message = &mut message[..MESSAGE_BITS];
    let mut both = [0; 16];
    both[..8].copy_from_slice(&planes.first.to_le_bytes());
    both[8..].copy_from_slice(&planes.second.to_le_bytes());
    let both = V::repeat(&both);
    for first in (0..MESSAGE_BITS).step_by(V::N) {
        let first = first.min(MESSAGE_BITS - V::N);
        let (byte, bit) = (V::load(&PLACES.0[first..]), V::load(&PLACES.1[first..]));
        (both.shuffle(byte) & bit)
            .min(V::splat(1))
            .store(&mut message[first..]);
    }
}
