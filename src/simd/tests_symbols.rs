//! The lanes of symbols against their definitions, at every level.

use proptest::prelude::*;

use super::symbols::{PlainSymbols, Symbols, source};
use super::{Level, dispatch};

/// All results of one call, in a fixed order.
#[inline(always)]
fn all<V: Symbols>(a: &[u16], b: &[u16], out: &mut Vec<[u16; 32]>) {
    let (x, y) = (V::load(a), V::load(b));
    let mut push = |v: V| {
        let mut lanes = [0; 32];
        v.store(&mut lanes);
        out.push(lanes);
    };
    let mut low = [0; 32];
    let mut high = [0; 32];
    for i in 1..32 {
        // A linear map from ten columns: the first ten entries of `b`.
        let column = |k: usize| b[k] & 1023;
        low[i] = (0..5).fold(0, |sum, k| {
            sum ^ if i >> k & 1 == 1 { column(k) } else { 0 }
        });
        high[i] = (0..5).fold(0, |sum, k| {
            sum ^ if i >> k & 1 == 1 { column(5 + k) } else { 0 }
        });
    }
    push(V::zero());
    push(x ^ y);
    push(x.apply(&V::map(&low, &high)));
    push(x.down());
    push(x.up());
    for n in [0, 1, 8, 15, 16, 17, 29, 31, 32] {
        push(V::load_front(&a[..n]));
    }
    for bit in 0..10 {
        push(x.where_bit(bit, y));
    }
    for two in [
        V::fold::<16>(x, y),
        V::fold::<8>(x, y),
        V::fold::<4>(x, y),
        V::fold::<2>(x, y),
        V::fold::<1>(x, y),
    ] {
        push(two[0]);
        push(two[1]);
    }
    let masked = x.where_bit(0, y);
    push(V::load(&[x.first(); 32]));
    push(V::load(&[masked.zeros() as u16; 32]));
    push(V::load(&[(masked.zeros() >> 16) as u16; 32]));
}

dispatch! {
    fn run(a: &[u16], b: &[u16], out: &mut Vec<[u16; 32]>) =
        base: all::<PlainSymbols>, mid: all::<super::MidSymbols>, top: all::<super::TopSymbols>
}

proptest! {
    #[test]
    fn every_level_does_what_the_names_say(
        a in prop::collection::vec(0u16..1024, 32),
        b in prop::collection::vec(0u16..1024, 32),
    ) {
        let mut plain = Vec::new();
        run(Level::BASELINE, &a, &b, &mut plain);
        // The map is linear and takes bit k to its column.
        for i in 0..32 {
            let image = (0..10).fold(0, |sum, k| sum ^ if a[i] >> k & 1 == 1 { b[k] } else { 0 });
            prop_assert_eq!(plain[2][i], image);
            prop_assert_eq!(plain[3][i], if i < 31 { a[i + 1] } else { 0 });
            prop_assert_eq!(plain[4][i], if i > 0 { a[i - 1] } else { 0 });
        }
        for level in Level::all() {
            let mut out = Vec::new();
            run(level, &a, &b, &mut out);
            prop_assert_eq!(&out, &plain, "{}", level);
        }
    }
}

fn covers<const W: usize>() {
    // First and second halves together take each lane of both vectors once.
    let mut seen = [[0; 32]; 2];
    for i in 0..32 {
        let (from_b, lane) = source::<W>(i);
        assert_eq!(lane / W % 2, 0);
        for at in [lane, lane + W] {
            seen[usize::from(from_b)][at] += 1;
        }
    }
    assert_eq!(seen, [[1; 32]; 2]);
}

#[test]
fn a_fold_takes_every_lane_once() {
    covers::<16>();
    covers::<8>();
    covers::<4>();
    covers::<2>();
    covers::<1>();
}
