//! Sample-by-sample steps of a front end: adding signals, displacing sampling instants.

use crate::simd::{Base, F32s, U32s, dispatch};

dispatch! {
    /// `x[i] += y[i]`.
    pub(super) fn add(x: &mut [f32], y: &[f32]) =
        base: add_all::<Base>, mid: add_all::<crate::simd::Mid>, top: add_all::<crate::simd::Top>
}

dispatch! {
    /// `x[i] += (random * z[i] + s[i]) * slope[i]`, `s = +dual` where bit 0 of `sign[i]` is set, else `-dual`.
    pub(super) fn displace(x: &mut [f32], slope: &[f32], z: &[f32], sign: &[u8], random: f32, dual: f32) =
        base: displace_all::<Base>,
        mid: displace_all::<crate::simd::Mid>,
        top: displace_all::<crate::simd::Top>
}

#[inline(always)]
fn add_all<V: F32s>(x: &mut [f32], y: &[f32]) {
    let whole = x.len() / V::N * V::N;
    let (body, tail) = x.split_at_mut(whole);
    for (x, y) in body.chunks_exact_mut(V::N).zip(y.chunks_exact(V::N)) {
        (V::load(x) + V::load(y)).store(x);
    }
    for (x, y) in tail.iter_mut().zip(&y[whole..]) {
        *x += y;
    }
}

#[inline(always)]
fn displace_all<V: F32s>(
    x: &mut [f32],
    slope: &[f32],
    z: &[f32],
    sign: &[u8],
    random: f32,
    dual: f32,
) {
    let whole = x.len() / V::N * V::N;
    let table = V::table4_new([-dual, dual, -dual, dual]);
    let scale = V::splat(random);
    for i in (0..whole).step_by(V::N) {
        let bits = V::U::load_u8(&sign[i..]) & V::U::splat(1);
        // Plain product and sum, so that every level gives the same bits.
        let tau = scale * V::load(&z[i..]) + table.table4(bits);
        let moved = V::load(&x[i..]) + tau * V::load(&slope[i..]);
        moved.store(&mut x[i..]);
    }
    for i in whole..x.len() {
        let two = if sign[i] & 1 == 1 { dual } else { -dual };
        x[i] += (random * z[i] + two) * slope[i];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;

    #[test]
    fn every_level_equals_scalar_code_at_every_length() {
        let value = |i: usize, k: f32| (i as f32 * k).sin();
        for level in Level::all() {
            for n in 0..70 {
                let x: Vec<f32> = (0..n).map(|i| value(i, 0.7)).collect();
                let y: Vec<f32> = (0..n).map(|i| value(i, 1.3)).collect();
                let z: Vec<f32> = (0..n).map(|i| value(i, 2.9)).collect();
                let sign: Vec<u8> = (0..n).map(|i| (i * 7 % 4) as u8).collect();
                let mut sum = x.clone();
                add(level, &mut sum, &y);
                let mut moved = x.clone();
                displace(level, &mut moved, &y, &z, &sign, 0.01, 0.02);
                for i in 0..n {
                    assert_eq!(sum[i], x[i] + y[i]);
                    let two = if sign[i] & 1 == 1 { 0.02 } else { -0.02 };
                    assert_eq!(
                        moved[i],
                        x[i] + (0.01 * z[i] + two) * y[i],
                        "{level} {i}/{n}"
                    );
                }
            }
        }
    }
}
