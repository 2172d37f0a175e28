//! The decoder of integer reliabilities in byte lanes.
//!
//! Four steps. (1) Block by block: decisions and reliabilities to planes and a row of 68 bytes; then the syndromes of
//! as many blocks as a vector has lanes. Rows of blocks whose syndrome is not zero are kept until they fill a vector.
//! (2) For all of these at once: the rows transposed, the six least of the words `256 reliability + position`,
//! and for both halves of a pattern the sums of reliabilities and of columns, eight each. (3) Block by block, lanes
//! being patterns: sum and syndrome by shuffles of these, the completion and its reliability by table reads, the least
//! of all. (4) For all at once: what the best pattern flips.

use super::code::{COLUMNS, NIBBLES, NO_POSITION, POSITION};
use super::patterns::{MAX_POSITIONS, Patterns};
use super::search::CEILING;
use super::{InnerReport, MESSAGE_BITS, POSITIONS};
use crate::simd::{Least, U8s};

/// Bytes of a row: the positions, up to a multiple of sixteen.
pub(super) const ROW: usize = 80;
/// Blocks that are read before the rest of their bits is written.
const TILE: usize = 256;
/// Lanes of the widest vector.
const LANES: usize = 64;
/// What stands for the best pattern where there is none.
const NOTHING: u8 = 127;

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

/// Flipped bits of a pattern with its completion.
static FLIPPED: [u8; 128] = {
    let mut table = [0; 128];
    let mut pattern = 0;
    while pattern < 128 {
        table[pattern] = 1 + pattern.count_ones() as u8;
        pattern += 1;
    }
    table
};

/// The bytes of both planes of a block.
pub(super) type PlaneBytes = [u8; 16];

/// Planes as [`super::code::Planes`] has them, in bytes.
#[inline(always)]
pub(super) fn plane_bytes(first: u64, second: u64) -> PlaneBytes {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&first.to_le_bytes());
    bytes[8..].copy_from_slice(&second.to_le_bytes());
    bytes
}

/// Something that gives blocks.
pub(super) trait Read {
    /// Block `at` of the input: its planes, and bit `k` whether the second bit of pair `k` is the less reliable one.
    /// The reliabilities go to the first 68 bytes of the row.
    fn read(&self, at: usize, row: &mut [u8; ROW]) -> (PlaneBytes, u64);
}

/// Blocks as they are read.
struct Fresh {
    rows: [[u8; ROW]; LANES],
    seconds: [u64; LANES],
    syndromes: [u8; LANES],
}

/// Blocks whose syndrome is not zero.
struct Dirty {
    rows: [[u8; ROW]; LANES],
    syndromes: [u8; LANES],
    seconds: [u64; LANES],
    blocks: [u16; LANES],
    count: usize,
}

/// What steps 2 to 4 leave: by block the sums of the halves of the patterns, by rank positions and columns; by
/// block the best pattern, its flipped bits and the pairs in which they are.
struct Tables {
    sums: [[u8; 16]; LANES],
    syndromes: [[u8; 16]; LANES],
    positions: [[u8; LANES]; MAX_POSITIONS],
    columns: [[u8; LANES]; MAX_POSITIONS],
    found: [u8; LANES],
    flipped: [u8; LANES],
    pairs: [u64; LANES],
}

/// Decodes all blocks of an input; `flips` is empty or takes one entry per block.
#[inline(always)]
pub(super) fn decode<V: U8s, H: Least>(
    input: &impl Read,
    patterns: &Patterns,
    messages: &mut [u8],
    flips: &mut [i8],
) -> InnerReport {
    let mut fresh = Fresh {
        rows: [[0; ROW]; LANES],
        seconds: [0; LANES],
        syndromes: [0; LANES],
    };
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
        columns: [[0; LANES]; MAX_POSITIONS],
        found: [0; LANES],
        flipped: [0; LANES],
        pairs: [0; LANES],
    };
    let mut planes = [[0; 16]; TILE];
    let mut report = InnerReport::default();
    let mut flips = flips.chunks_mut(TILE);
    for (tile, messages) in messages.chunks_mut(TILE * MESSAGE_BITS).enumerate() {
        let count = messages.len() / MESSAGE_BITS;
        let flips = flips.next().unwrap_or_default();
        flips.fill(0);
        for first in (0..count).step_by(V::N) {
            let lanes = V::N.min(count - first);
            for i in 0..lanes {
                let (bytes, second) = input.read(tile * TILE + first + i, &mut fresh.rows[i]);
                planes[first + i] = bytes;
                fresh.seconds[i] = second;
            }
            let mut wrong = syndromes::<V>(planes[first..].as_flattened(), &mut fresh.syndromes)
                & (u64::MAX >> (64 - lanes));
            report.clean += lanes as u64 - u64::from(wrong.count_ones());
            while wrong != 0 {
                let i = wrong.trailing_zeros() as usize % LANES;
                wrong &= wrong - 1;
                let at = dirty.count % LANES;
                dirty.rows[at] = fresh.rows[i];
                dirty.syndromes[at] = fresh.syndromes[i];
                dirty.seconds[at] = fresh.seconds[i];
                dirty.blocks[at] = (first + i) as u16;
                dirty.count += 1;
                if dirty.count == V::N {
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
        }
        settle::<V, H>(
            &mut dirty,
            &mut tables,
            patterns,
            &mut planes,
            flips,
            &mut report,
        );
        report.blocks += count as u64;
        for (message, planes) in messages.chunks_exact_mut(MESSAGE_BITS).zip(&planes) {
            unpack::<V>(planes, message);
        }
    }
    report
}

/// The syndromes of as many blocks as there are lanes; gives bits for those that are not zero.
#[inline(always)]
fn syndromes<V: U8s>(planes: &[u8], to: &mut [u8; LANES]) -> u64 {
    let mut bytes = [V::splat(0); 16];
    for (i, b) in bytes.iter_mut().enumerate() {
        *b = V::load_parts(&planes[16 * i..], 16 * 16);
    }
    V::transpose_parts(&mut bytes);
    // Of the last byte of each plane the upper half are parity bits.
    let (first, second) = (bytes[7].upper_four(), bytes[15].upper_four());
    let mut s = V::repeat(&NIBBLES[16]).shuffle(second) ^ V::repeat(&NIBBLES[15]).shuffle(first);
    for i in 0..8 {
        let sums = bytes[i] ^ bytes[8 + i];
        s = s ^ V::repeat(&NIBBLES[2 * i]).shuffle(sums & V::splat(15));
        if i < 7 {
            s = s ^ V::repeat(&NIBBLES[2 * i + 1]).shuffle(sums.upper_four());
        }
    }
    s.store(to);
    (s.equal(V::splat(0)) ^ V::splat(255)).top_bits()
}

/// Steps 2 to 4 for the blocks that wait.
#[inline(always)]
fn settle<V: U8s, H: Least>(
    dirty: &mut Dirty,
    tables: &mut Tables,
    patterns: &Patterns,
    planes: &mut [PlaneBytes; TILE],
    flips: &mut [i8],
    report: &mut InnerReport,
) {
    let count = dirty.count;
    dirty.count = 0;
    if count == 0 {
        return;
    }
    prepare::<V>(dirty, tables);
    for i in 0..count.min(LANES) {
        tables.found[i] = best::<H>(
            &dirty.rows[i],
            &tables.sums[i],
            &tables.syndromes[i],
            dirty.syndromes[i],
            patterns,
        );
    }
    finish::<V>(dirty, tables, patterns);
    for i in 0..count.min(LANES) {
        let block = usize::from(dirty.blocks[i]) % TILE;
        let (pairs, second) = (tables.pairs[i], dirty.seconds[i]);
        let flip = plane_bytes(pairs & !second, pairs & second);
        let fixed = u128::from_le_bytes(planes[block]) ^ u128::from_le_bytes(flip);
        planes[block] = fixed.to_le_bytes();
        let flipped = tables.flipped[i];
        report.flipped_bits += u64::from(flipped);
        report.corrected += u64::from(flipped != 0);
        report.uncorrectable += u64::from(flipped == 0);
    }
    if !flips.is_empty() {
        for (&block, &flipped) in dirty.blocks[..count].iter().zip(&tables.flipped) {
            flips[usize::from(block)] = if flipped == 0 { -1 } else { flipped as i8 };
        }
    }
}

/// Puts words `i < j` of a list in order.
#[inline(always)]
fn order<V: U8s>(list: &mut [V], i: usize, j: usize) {
    let (a, b) = (list[i], list[j]);
    (list[i], list[j]) = (a.words_min(b), a.words_max(b));
}

/// The six least of six in order and four more, in order.
#[inline(always)]
fn keep_least<V: U8s>(least: &mut [V; MAX_POSITIONS], new: &mut [V; 4]) {
    for (i, j) in [(0, 1), (2, 3), (0, 2), (1, 3), (1, 2)] {
        order(new, i, j);
    }
    // The rising list against the falling one: what stays rises and falls once.
    for i in 0..4 {
        least[2 + i] = least[2 + i].words_min(new[3 - i]);
    }
    // A merge of such a list: halves, then three each.
    for (i, j) in [
        (0, 3),
        (1, 4),
        (2, 5),
        (0, 1),
        (3, 4),
        (1, 2),
        (4, 5),
        (0, 1),
        (3, 4),
    ] {
        order(least, i, j);
    }
}

/// Step 2. Lanes beyond the count hold what was there before.
#[inline(always)]
fn prepare<V: U8s>(dirty: &Dirty, tables: &mut Tables) {
    let rows = dirty.rows.as_flattened();
    // Words `256 reliability + position`, rising, for the lanes in the order of `words`.
    let zero = V::splat(0);
    let mut least = [[V::splat(255); MAX_POSITIONS]; 2];
    for first in (0..POSITIONS).step_by(16) {
        let mut bytes = [V::splat(0); 16];
        for (i, b) in bytes.iter_mut().enumerate() {
            *b = V::load_parts(&rows[i * ROW + first..], 16 * ROW);
        }
        V::transpose_parts(&mut bytes);
        for i in (0..16.min(POSITIONS - first)).step_by(4) {
            let mut four = [[zero; 2]; 4];
            for (j, words) in four.iter_mut().enumerate() {
                *words = V::words(V::splat((first + i + j) as u8), bytes[i + j]);
            }
            for half in 0..2 {
                let mut new = [four[0][half], four[1][half], four[2][half], four[3][half]];
                keep_least(&mut least[half], &mut new);
            }
        }
    }
    // Sums of reliabilities and of columns over the subsets of three, by the number of the subset.
    let mut sums = [zero; 16];
    let mut syndromes = [zero; 16];
    syndromes[0] = V::load(&dirty.syndromes);
    for rank in 0..MAX_POSITIONS {
        let (position, reliability) = V::words_split([least[0][rank], least[1][rank]]);
        position.store(&mut tables.positions[rank]);
        let column = position.look_up(&COLUMN_TABLE);
        column.store(&mut tables.columns[rank]);
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

/// Step 3: the best pattern of a block, as its place in the table of the patterns.
#[inline(always)]
fn best<H: Least>(
    row: &[u8; ROW],
    sums: &[u8; 16],
    syndromes: &[u8; 16],
    syndrome: u8,
    patterns: &Patterns,
) -> u8 {
    let (start, [low, high, end]) = patterns.lanes(syndrome);
    let (low, high, end) = (H::load(low), H::load(high), H::load(end));
    let (sums, syndromes) = (H::repeat(sums), H::repeat(syndromes));
    let s = syndromes.shuffle(low) ^ syndromes.shuffle(high);
    let completion = (s & H::splat(127)).look_up(&POSITION);
    let metric = sums
        .shuffle(low)
        .add_saturating(sums.shuffle(high))
        .add_saturating(completion.look_up_80(row))
        .min(H::splat(CEILING));
    let none = completion.equal(H::splat(NO_POSITION)).add_saturating(end);
    let found = metric.add_saturating(none).least();
    if found >> 8 > u16::from(CEILING) {
        NOTHING
    } else {
        start + found as u8
    }
}

/// Step 4.
#[inline(always)]
fn finish<V: U8s>(dirty: &Dirty, tables: &mut Tables, patterns: &Patterns) {
    let zero = V::splat(0);
    let found = V::load(&tables.found);
    let nothing = found.equal(V::splat(NOTHING));
    let pattern = found.look_up(patterns.table());
    // No bits where nothing was found.
    let flipped = nothing ^ V::splat(255);
    (pattern.look_up(&FLIPPED) & flipped).store(&mut tables.flipped);
    tables.pairs = [0; LANES];
    let mut s = V::load(&dirty.syndromes);
    let mut places = [0; LANES];
    for rank in 0..MAX_POSITIONS {
        let absent = (pattern & V::splat(1 << rank)).equal(zero);
        s = s ^ (V::load(&tables.columns[rank]) & (absent ^ V::splat(255)));
        V::load(&tables.positions[rank])
            .add_saturating(absent)
            .store(&mut places);
        flip_places::<V>(&places, &mut tables.pairs);
    }
    (s & V::splat(127))
        .look_up(&POSITION)
        .add_saturating(nothing)
        .store(&mut places);
    flip_places::<V>(&places, &mut tables.pairs);
}

/// Positions of parity bits flip what no one reads, or nothing.
#[inline(always)]
fn flip_places<V: U8s>(places: &[u8; LANES], pairs: &mut [u64; LANES]) {
    for at in (0..V::N).step_by(8) {
        V::flip_bits(&places[at..], &mut pairs[at..]);
    }
}

/// Where each bit of a message lies in the bytes of both planes, and which bit of the byte it is.
static PLACES: ([u8; MESSAGE_BITS], [u8; MESSAGE_BITS]) = {
    let (mut byte, mut bit) = ([0; MESSAGE_BITS], [0; MESSAGE_BITS]);
    let mut n = 0;
    while n < MESSAGE_BITS {
        let (k, plane) = (n / 2, n % 2);
        byte[n] = (8 * plane + k / 8) as u8;
        bit[n] = 1 << (k % 8);
        n += 1;
    }
    (byte, bit)
};

/// The message bits of a block, one per byte. The last vector ends with the message.
#[inline(always)]
fn unpack<V: U8s>(planes: &PlaneBytes, message: &mut [u8]) {
    let message = &mut message[..MESSAGE_BITS];
    let both = V::repeat(planes);
    for first in (0..MESSAGE_BITS).step_by(V::N) {
        let first = first.min(MESSAGE_BITS - V::N);
        let (byte, bit) = (V::load(&PLACES.0[first..]), V::load(&PLACES.1[first..]));
        (both.shuffle(byte) & bit)
            .min(V::splat(1))
            .store(&mut message[first..]);
    }
}
