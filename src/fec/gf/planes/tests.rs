//! Every operation on planes against the tables, at every level of the machine.

use super::*;
use crate::fec::gf::{ORDER, exp, inv, mul};
use crate::simd::{BaseBits, Level, Line, dispatch, vectors};

/// Vectors of the widest level that the operands take.
const LINES: usize = 32;

fn slice<V: Bits>(elements: &[u16]) -> Planes<V> {
    let mut planes = zero();
    for (p, plane) in planes.iter_mut().enumerate() {
        let mut lanes = [0u16; 32];
        for (w, &e) in elements.iter().enumerate().take(16 * V::LANES) {
            lanes[w / 16] |= (e >> p & 1) << (w % 16);
        }
        *plane = V::load(&lanes);
    }
    planes
}

fn unslice<V: Bits>(planes: Planes<V>) -> Vec<u16> {
    let mut elements = vec![0; 16 * V::LANES];
    for (p, plane) in planes.into_iter().enumerate() {
        let mut lanes = [0u16; 32];
        plane.store(&mut lanes);
        for (w, e) in elements.iter_mut().enumerate() {
            *e |= (lanes[w / 16] >> (w % 16) & 1) << p;
        }
    }
    elements
}

/// Checks all operations on the pairs `(a[w], b[w])`; returns how many the level took.
#[inline(always)]
fn check<V: Bits>(a: &[u16], b: &[u16], lines: &mut [Line]) -> usize {
    let width = 16 * V::LANES;
    let (x, y) = (slice::<V>(a), slice::<V>(b));
    let (a, b) = (&a[..width], &b[..width]);
    let each = |f: &dyn Fn(u16, u16) -> u16| -> Vec<u16> {
        a.iter().zip(b).map(|(&a, &b)| f(a, b)).collect()
    };
    assert_eq!(unslice(add(x, y)), each(&|a, b| a ^ b));
    assert_eq!(unslice(multiply(&x, &y)), each(&mul));
    assert_eq!(unslice(square(&x)), each(&|a, _| mul(a, a)));
    assert_eq!(unslice(inverse(&x)), each(&|a, _| inv(a).unwrap_or(0)));
    let mut sum = [V::zero(); 19];
    multiply_add(&mut sum, &x, &y);
    multiply_add(&mut sum, &y, &y);
    assert_eq!(unslice(reduce(&sum)), each(&|a, b| mul(a ^ b, b)));
    assert_eq!(unslice(one::<V>()), vec![1; width]);
    // A mask from a vector: ones where a is not zero.
    let mask = nonzero(&x);
    let chosen = each(&|a, b| if a == 0 { b } else { a });
    assert_eq!(unslice(select(mask, &x, &y)), chosen);
    macro_rules! shifted {
        ($($j:literal)*) => {$(
            let constant = exp(((ORDER as i32 + $j) % ORDER as i32) as usize);
            assert_eq!(unslice(times_alpha::<V, $j>(x)), each(&|a, _| mul(a, constant)), "{}", $j);
        )*};
    }
    shifted!(-10 -9 -8 -7 -6 -5 -4 -3 -2 -1 0 1 2 3 4 5 6 7 8 9 10 11);
    // The vectors of a level in the lines of memory that the kernels work in.
    vectors::<V>(lines)[..10].copy_from_slice(&x);
    let read: Vec<u16> = lines.iter().flat_map(|l| l.0).take(V::LANES).collect();
    let mut expected = vec![0; V::LANES];
    x[0].store(&mut expected);
    assert_eq!(read, expected);
    width
}

dispatch! {
    fn run(a: &[u16], b: &[u16], lines: &mut [Line]) -> usize =
        base: check::<BaseBits>, mid: check::<crate::simd::MidBits>,
        top: check::<crate::simd::TopBits>
}

#[test]
fn planes_compute_in_the_field() {
    // Every element meets every other over the rounds of b.
    let a: Vec<u16> = (0..1024).collect();
    for level in Level::all() {
        let mut lines = [Line::ZERO; LINES];
        for turn in (0..1024).step_by(if cfg!(debug_assertions) { 31 } else { 1 }) {
            let mut at = 0;
            while at < 1024 {
                let b: Vec<u16> = (0..1024).map(|i| (i * 5 + turn) % 1024).collect();
                at += run(level, &a[at..], &b[at..], &mut lines);
            }
            assert_eq!(at, 1024);
        }
    }
}
