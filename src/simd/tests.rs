//! Every lane operation, at every level of the machine, against plain scalar code.

use super::{Base, F32s, Level, U32s, dispatch};

/// Runs each operation once; `f` and `u` hold 32 inputs each, the results go to `fo` and `uo` in
/// rows of 16.
#[inline(always)]
fn all_operations<V: F32s>(
    f: &[f32],
    u: &[u32],
    b: &[u8],
    fo: &mut [[f32; 16]],
    uo: &mut [[u32; 16]],
    bo: &mut [u8],
) -> usize {
    for i in (0..16).step_by(V::N) {
        let (x, y) = (V::load(&f[i..]), V::load(&f[16 + i..]));
        let (p, q) = (V::U::load(&u[i..]), V::U::load(&u[16 + i..]));
        let ge = x.simd_ge(y);
        let table = V::table4_new([1.5, -2.5, 3.5, -4.5]);
        let floats = [
            x + y,
            x - y,
            x * y,
            x.mul_add(y, V::splat(0.25)),
            V::select(ge, x, y),
            (x * x).sqrt(),
            table.table4(p & V::U::splat(3)),
            p.to_f32_signed(),
            x.to_bits().as_f32(),
        ];
        for (row, v) in fo.iter_mut().zip(floats) {
            v.store(&mut row[i..]);
        }
        let ints = [
            p + q,
            p - q,
            p & q,
            p | q,
            p ^ q,
            p.shl::<7>(),
            p.shr::<9>(),
            V::U::load_u8(&b[i..]),
            x.to_bits(),
            p.mul_even(q),
            p.odd_to_even(),
            p.merge_even(q),
            V::mask_bits(ge),
        ];
        for (row, v) in uo.iter_mut().zip(ints) {
            v.store(&mut row[i..]);
        }
        p.store_u8(&mut bo[i..]);
        p.store_bytes(&mut bo[16 + 4 * i..]);
    }
    assert_eq!(V::N, <V::U as U32s>::N);
    V::N
}

dispatch! {
    fn run(f: &[f32], u: &[u32], b: &[u8], fo: &mut [[f32; 16]], uo: &mut [[u32; 16]], bo: &mut [u8]) -> usize =
        base: all_operations::<Base>, mid: all_operations::<super::Mid>, top: all_operations::<super::Top>
}

#[test]
fn every_operation_equals_scalar_code_at_every_level() {
    let f: Vec<f32> = (0..32)
        .map(|i| {
            let mixed = (i as f32 * 0.73).sin() * 3.0;
            match i {
                5 => f32::NAN,
                6 => 0.0,
                22 => -0.0,
                7 => f32::INFINITY,
                _ => mixed,
            }
        })
        .collect();
    let u: Vec<u32> = (0..32u32)
        .map(|i| i.wrapping_mul(0x9E37_79B9) ^ (i << 3))
        .collect();
    let b: Vec<u8> = (0..16u8).map(|i| i.wrapping_mul(37)).collect();
    for level in Level::all() {
        let (mut fo, mut uo, mut bo) = ([[0.0; 16]; 9], [[0; 16]; 13], [0; 80]);
        let lanes = run(level, &f, &u, &b, &mut fo, &mut uo, &mut bo);
        let expected_lanes = super::Width::Widest.lanes(level);
        assert_eq!(lanes, expected_lanes, "{level} ran another instance");
        for i in 0..16 {
            let (x, y, p, q) = (f[i], f[16 + i], u[i], u[16 + i]);
            let fused = if level.is_fused() {
                x.mul_add(y, 0.25)
            } else {
                x * y + 0.25
            };
            let floats = [
                x + y,
                x - y,
                x * y,
                fused,
                if x >= y { x } else { y },
                (x * x).sqrt(),
                [1.5, -2.5, 3.5, -4.5][(p & 3) as usize],
                p as i32 as f32,
                x,
            ];
            for (k, e) in floats.into_iter().enumerate() {
                let got = fo[k][i];
                assert!(
                    got.to_bits() == e.to_bits() || (got.is_nan() && e.is_nan()),
                    "{level} float operation {k} lane {i}: {got} for {e}"
                );
            }
            let (even, odd) = (i & !1, i | 1);
            let even_product = u64::from(u[even]) * u64::from(u[16 + even]);
            let ints = [
                p.wrapping_add(q),
                p.wrapping_sub(q),
                p & q,
                p | q,
                p ^ q,
                p << 7,
                p >> 9,
                u32::from(b[i]),
                x.to_bits(),
                (even_product >> if i == odd { 32 } else { 0 }) as u32,
                if i == odd { 0 } else { u[odd] },
                if i == odd { u[16 + even] } else { p },
                if x >= y { u32::MAX } else { 0 },
            ];
            for (k, e) in ints.into_iter().enumerate() {
                assert_eq!(uo[k][i], e, "{level} integer operation {k} lane {i}");
            }
            assert_eq!(bo[i], p as u8, "{level} byte store lane {i}");
            let bytes = &bo[16 + 4 * i..20 + 4 * i];
            assert_eq!(bytes, p.to_le_bytes(), "{level} all bytes, lane {i}");
        }
    }
}

#[inline(always)]
fn transposed<V: F32s>(from: &[f32], to: &mut [f32]) -> usize {
    let mut rows = [V::splat(0.0); 16];
    for i in 0..V::N {
        rows[i] = V::load(&from[i * V::N..]);
    }
    V::transpose(&mut rows);
    for i in 0..V::N {
        rows[i].store(&mut to[i * V::N..]);
    }
    V::N
}

dispatch! {
    fn transpose(from: &[f32], to: &mut [f32]) -> usize =
        base: transposed::<Base>, mid: transposed::<super::Mid>, top: transposed::<super::Top>
}

#[test]
fn a_square_is_transposed_at_every_level() {
    let from: Vec<f32> = (0..256).map(|i| i as f32).collect();
    for level in Level::all() {
        let mut to = vec![0.0; 256];
        let n = transpose(level, &from, &mut to);
        for i in 0..n {
            for j in 0..n {
                assert_eq!(to[j * n + i], from[i * n + j], "{level} row {i} lane {j}");
            }
        }
    }
}

#[inline(always)]
fn packed<U: U32s>(from: &[u32], to: &mut [u8]) -> usize {
    U::store_u8x4(std::array::from_fn(|i| U::load(&from[i * U::N..])), to);
    U::N
}

dispatch! {
    fn pack(from: &[u32], to: &mut [u8]) -> usize =
        base: packed::<<Base as F32s>::U>, mid: packed::<<super::Mid as F32s>::U>,
        top: packed::<<super::Top as F32s>::U>
}

#[test]
fn four_vectors_are_stored_as_bytes_at_every_level() {
    let from: Vec<u32> = (0..64).map(|i| (i * 37) % 256).collect();
    for level in Level::all() {
        let mut to = [0; 65];
        let n = 4 * pack(level, &from, &mut to);
        for i in 0..n {
            assert_eq!(u32::from(to[i]), from[i], "{level} byte {i}");
        }
        assert!(to[n..].iter().all(|&b| b == 0));
    }
}

#[inline(always)]
fn slid<V: F32s>(from: &[f32], to: &mut [[f32; 16]; 5]) -> usize {
    let (a, b) = (V::load(from), V::load(&from[4..]));
    let (even, odd) = a.unzip(V::load(&from[V::N..]));
    let all = [a.slide::<1>(b), a.slide::<2>(b), a.slide::<3>(b), even, odd];
    for (row, v) in to.iter_mut().zip(all) {
        v.store(row);
    }
    V::N
}

dispatch! {
    fn slide(from: &[f32], to: &mut [[f32; 16]; 5]) -> usize =
        base: slid::<Base>, mid: slid::<super::Mid>, top: slid::<super::Top>
}

#[test]
fn windows_slide_and_pairs_come_apart_at_every_level() {
    let from: Vec<f32> = (0..32).map(|i| i as f32).collect();
    for level in Level::all() {
        let mut to = [[0.0; 16]; 5];
        let n = slide(level, &from, &mut to);
        for i in 0..n {
            for k in 1..4 {
                assert_eq!(to[k - 1][i], from[i + k], "{level} lane {i}, {k} on");
            }
            assert_eq!(to[3][i], from[2 * i], "{level} even lane {i}");
            assert_eq!(to[4][i], from[2 * i + 1], "{level} odd lane {i}");
        }
    }
}

/// Results of the operations on pairs, in rows of 16.
#[inline(always)]
fn pair_operations<V: F32s>(u: &[u32], f: &[f32], uo: &mut [[u32; 16]], fo: &mut [f32]) -> usize {
    for i in (0..16).step_by(V::N) {
        let (p, q) = (V::U::load(&u[i..]), V::U::load(&u[16 + i..]));
        let table = V::U::pair_table4_new([-5, 32767, 7, -32768]);
        let results = [
            p.pair_add(q),
            p.pair_sub(q),
            p.pair_min(q),
            p.pair_mul_round(q),
            p.pair_shl::<3>(),
            p.pair_sar::<2>(),
            p.pair_shr_by(q & V::U::splat(0x000f_000f)),
            table.pair_table4((p & V::U::splat(0x0003_0003)).pair_index()),
        ];
        for (row, v) in uo.iter_mut().zip(results) {
            v.store(&mut row[i..]);
        }
        let clamped = V::load(&f[i..]).clamp_nan_low(V::splat(-1.5), V::splat(2.0));
        clamped.store(&mut fo[i..]);
    }
    V::N
}

dispatch! {
    fn pairs(u: &[u32], f: &[f32], uo: &mut [[u32; 16]], fo: &mut [f32]) -> usize =
        base: pair_operations::<Base>, mid: pair_operations::<super::Mid>,
        top: pair_operations::<super::Top>
}

#[test]
fn pairs_of_i16_equal_scalar_code_at_every_level() {
    let u: Vec<u32> = (0..32u32)
        .map(|i| match i {
            3 => 0x8000_7fff,
            19 => 0x7fff_8001,
            _ => i.wrapping_mul(0x9E37_79B9) ^ (i << 5),
        })
        .collect();
    let mut f: Vec<f32> = (0..16).map(|i| (i as f32 * 0.9).sin() * 4.0).collect();
    (f[2], f[5], f[9]) = (f32::NAN, f32::INFINITY, f32::NEG_INFINITY);
    for level in Level::all() {
        let (mut uo, mut fo) = ([[0; 16]; 8], [0.0; 16]);
        let lanes = pairs(level, &u, &f, &mut uo, &mut fo);
        assert_eq!(lanes, super::Width::Widest.lanes(level), "{level}");
        for i in 0..16 {
            for half in 0..2 {
                let part = |x: u32| (x >> (16 * half)) as u16;
                let (p, q) = (part(u[i]), part(u[16 + i]));
                let (a, b) = (p as i16, q as i16);
                let expected = [
                    a.wrapping_add(b),
                    a.wrapping_sub(b),
                    a.min(b),
                    ((i32::from(a) * i32::from(b) + (1 << 14)) >> 15) as i16,
                    a << 3,
                    a >> 2,
                    (p >> (q & 15)) as i16,
                    [-5, 32767, 7, -32768][usize::from(p & 3)],
                ];
                for (k, e) in expected.into_iter().enumerate() {
                    assert_eq!(part(uo[k][i]) as i16, e, "{level} operation {k} lane {i}");
                }
            }
            let e = if f[i].is_nan() {
                -1.5
            } else {
                f[i].clamp(-1.5, 2.0)
            };
            assert_eq!(fo[i], e, "{level} clamp lane {i}");
        }
    }
}

#[inline(always)]
fn reduced<V: F32s>(from: &[f32], to: &mut [[f32; 16]; 2]) -> usize {
    let next = V::load(&from[V::N..]);
    V::load(from).sum8(next).store(&mut to[0]);
    next.shift_in(V::load(from)).store(&mut to[1]);
    V::N
}

dispatch! {
    fn reduce(from: &[f32], to: &mut [[f32; 16]; 2]) -> usize =
        base: reduced::<Base>, mid: reduced::<super::Mid>, top: reduced::<super::Top>
}

#[test]
fn sums_of_eight_and_moved_lanes_equal_scalar_code_at_every_level() {
    let from: Vec<f32> = (0..32).map(|i| (i as f32 * 0.37).sin()).collect();
    let s: [f32; 4] = std::array::from_fn(|i| from[i] + from[i + 4]);
    let sum = (s[0] + s[1]) + (s[2] + s[3]);
    for level in Level::all() {
        let mut to = [[0.0; 16]; 2];
        let n = reduce(level, &from, &mut to);
        assert_eq!(to[0][..n], vec![sum; n], "{level}");
        assert_eq!(to[1][..n], from[n - 1..2 * n - 1], "{level}");
    }
}

#[inline(always)]
fn packed_minus<U: U32s>(from: &[u32], to: &mut [u8]) -> usize {
    let minus: [U; 4] =
        std::array::from_fn(|i| U::splat(0) - U::load(&from[i * U::N..(i + 1) * U::N]));
    U::store_minus_u8x4(minus, to);
    U::N
}

dispatch! {
    fn pack_minus(from: &[u32], to: &mut [u8]) -> usize =
        base: packed_minus::<<Base as F32s>::U>, mid: packed_minus::<<super::Mid as F32s>::U>,
        top: packed_minus::<<super::Top as F32s>::U>
}

#[test]
fn four_vectors_are_stored_as_bytes_with_the_other_sign_at_every_level() {
    let from: Vec<u32> = (0..64).map(|i| (i * 37) % 128).collect();
    for level in Level::all() {
        let mut to = [0; 65];
        let n = 4 * pack_minus(level, &from, &mut to);
        for i in 0..n {
            assert_eq!(u32::from(to[i]), from[i], "{level} byte {i}");
        }
        assert!(to[n..].iter().all(|&b| b == 0));
    }
}
