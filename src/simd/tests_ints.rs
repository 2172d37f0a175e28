//! Every integer lane operation, at every level of the machine, against plain scalar code.

use super::{BaseI16, I16s, I32s, Level, dispatch};

/// Runs each operation once over 32 lanes; results go to rows of 32.
#[inline(always)]
fn all_operations<V: I16s>(p: &[i16], q: &[i16], out: &mut [[i16; 32]], bytes: &mut [u8]) -> usize {
    let mut raw = [0; 64];
    for (raw, p) in raw.chunks_exact_mut(2).zip(p) {
        raw.copy_from_slice(&p.to_le_bytes());
    }
    for i in (0..32).step_by(V::N) {
        let (a, b) = (V::load(&p[i..]), V::load(&q[i..]));
        let three = V::splat(3);
        let thresholds = [-9000, 20, 14_000].map(V::splat);
        let count = a.count4(&thresholds);
        let wide = |v: V, w: V| v.dot(w);
        let (even, odd) = (
            wide(a, b),
            wide(a, V::repeat(&[7, -3, 7, -3, 7, -3, 7, -3])),
        );
        let seven = <V::Wide as I32s>::splat(-70_000);
        let rows = [
            a + b,
            a - b,
            a * b,
            a & b,
            a | b,
            a.min(b),
            a.max(b),
            a.abs(),
            a.shl(3),
            a.sra(3),
            a.srl(3),
            count & V::splat(0xff),
            V::table4_new([-300, 5, 1234, -32_768]).table4(count),
            (a & V::splat(-256)).field4(b & three),
            V::load_bytes(&raw[2 * i..]),
            // Unsigned bytes up to 127 times signed ones: the sum of two products fits.
            (a & V::splat(0x7f7f)).dot_bytes(b),
            <V::Wide as I32s>::interleave_saturated(even.sra(9), odd.sra(9)),
            <V::Wide as I32s>::interleave_saturated((even + seven).shl(2), odd.max(seven)),
            <V::Wide as I32s>::interleave_saturated(
                even.min(seven),
                odd & <V::Wide as I32s>::splat(0x0fff),
            ),
        ];
        for (row, v) in out.iter_mut().zip(rows) {
            v.store(&mut row[i..]);
        }
    }
    for i in (0..32).step_by(2 * V::N) {
        if i + 2 * V::N <= 32 {
            let two = [V::load(&p[i..]), V::load(&p[i + V::N..])];
            V::store_low_bytes(two, &mut bytes[i..]);
        }
    }
    let [front, back] = V::interleave(V::load(p), V::load(q));
    let mut woven = [0; 64];
    front.store(&mut woven);
    back.store(&mut woven[V::N..]);
    for i in 0..V::N {
        assert_eq!((woven[2 * i], woven[2 * i + 1]), (p[i], q[i]), "interleave");
    }
    V::N
}

dispatch! {
    fn run(p: &[i16], q: &[i16], out: &mut [[i16; 32]], bytes: &mut [u8]) -> usize =
        base: all_operations::<BaseI16>, mid: all_operations::<super::MidI16>,
        top: all_operations::<super::MidI16>
}

fn saturated(x: i32) -> i16 {
    x.clamp(-32_768, 32_767) as i16
}

#[test]
fn every_integer_operation_equals_scalar_code_at_every_level() {
    let word = |i: u32, k: u32| (i.wrapping_mul(k) >> 7) as i16;
    let mut p: Vec<i16> = (0..32).map(|i| word(i + 1, 0x9E37_79B9)).collect();
    let q: Vec<i16> = (0..32).map(|i| word(i + 3, 0x85EB_CA6B)).collect();
    (p[1], p[2], p[3], p[4], p[5]) = (-32_768, 32_767, 20, 19, 14_000);
    for level in Level::all() {
        let (mut out, mut bytes) = ([[0; 32]; 19], [0; 64]);
        let lanes = run(level, &p, &q, &mut out, &mut bytes);
        assert_eq!(lanes, if level.has_mid() { 16 } else { 8 }, "{level}");
        for i in 0..32 {
            let (a, b) = (p[i], q[i]);
            let count = usize::from(a >= -9000) + usize::from(a >= 20) + usize::from(a >= 14_000);
            let (al, ah) = (i32::from(a as u8 & 0x7f), i32::from((a >> 8) as u8 & 0x7f));
            let dots = al * i32::from(b as i8) + ah * (i32::from(b) >> 8);
            let pair = |k: usize| {
                let (e, o) = (2 * k, 2 * k + 1);
                let with = |c: i32, d: i32| i32::from(p[e]) * c + i32::from(p[o]) * d;
                (with(q[e].into(), q[o].into()), with(7, -3))
            };
            let (even, odd) = pair(i / 2);
            let pick = |e: i32, o: i32| saturated(if i % 2 == 0 { e } else { o });
            let expected = [
                a.wrapping_add(b),
                a.wrapping_sub(b),
                a.wrapping_mul(b),
                a & b,
                a | b,
                a.min(b),
                a.max(b),
                a.wrapping_abs(),
                a << 3,
                a >> 3,
                ((a as u16) >> 3) as i16,
                count as i16,
                [-300, 5, 1234, -32_768][count],
                (((a as u16) >> 8) >> (2 * (b & 3)) & 3) as i16,
                a,
                dots as i16,
                pick(even >> 9, odd >> 9),
                pick(even.wrapping_sub(70_000) << 2, odd.max(-70_000)),
                pick(even.min(-70_000), odd & 0x0fff),
            ];
            for (k, e) in expected.into_iter().enumerate() {
                assert_eq!(out[k][i], e, "{level} operation {k} lane {i}");
            }
            assert_eq!(bytes[i], a as u8, "{level} byte {i}");
        }
    }
}
