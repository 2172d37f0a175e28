//! Noise that follows a current, over lanes.

use crate::simd::{Base, F32s, dispatch};

dispatch! {
    /// With `c = max(1 + i / mean, 0)` and `d` the same of `j`:
    /// `i = mean sqrt((rin c^2 + shot c + rin d^2 + shot d) / 2) z`.
    pub(super) fn follow(i: &mut [f32], j: &[f32], z: &[f32], per_mean: f32, rin: f32, shot: f32, mean: f32) =
        base: follow_all::<Base>,
        mid: follow_all::<crate::simd::Mid>,
        top: follow_all::<crate::simd::Top>
}

dispatch! {
    /// With `c = max(i / mean, 0)`: `i += mean sqrt((rin c + shot) c) z`.
    pub(super) fn follow_instant(i: &mut [f32], z: &[f32], per_mean: f32, rin: f32, shot: f32, mean: f32) =
        base: instant_all::<Base>,
        mid: instant_all::<crate::simd::Mid>,
        top: instant_all::<crate::simd::Top>
}

#[inline(always)]
fn instant_all<V: F32s>(i: &mut [f32], z: &[f32], per_mean: f32, rin: f32, shot: f32, mean: f32) {
    let constants = [per_mean, rin, shot, mean].map(V::splat);
    let whole = i.len() / V::N * V::N;
    for k in (0..whole).step_by(V::N) {
        instant::<V>(&i[k..], &z[k..], &constants).store(&mut i[k..]);
    }
    let tail = i.len() - whole;
    let (mut last, mut normal) = ([0.0f32; 16], [0.0f32; 16]);
    last[..tail].copy_from_slice(&i[whole..]);
    normal[..tail].copy_from_slice(&z[whole..whole + tail]);
    let out = instant::<V>(&last, &normal, &constants);
    out.store(&mut last);
    i[whole..].copy_from_slice(&last[..tail]);
}

/// Plain products and sums: the same bits at every level.
#[inline(always)]
fn instant<V: F32s>(i: &[f32], z: &[f32], constants: &[V; 4]) -> V {
    let [per_mean, rin, shot, mean] = *constants;
    let (current, zero) = (V::load(i), V::splat(0.0));
    let c = current * per_mean;
    let c = V::select(c.simd_ge(zero), c, zero);
    current + ((rin * c + shot) * c).sqrt() * V::load(z) * mean
}

#[inline(always)]
fn follow_all<V: F32s>(
    i: &mut [f32],
    j: &[f32],
    z: &[f32],
    per_mean: f32,
    rin: f32,
    shot: f32,
    mean: f32,
) {
    let constants = [per_mean, 0.5 * rin, 0.5 * shot, mean].map(V::splat);
    let whole = i.len() / V::N * V::N;
    for k in (0..whole).step_by(V::N) {
        step::<V>(&i[k..], &j[k..], &z[k..], &constants).store(&mut i[k..]);
    }
    let tail = i.len() - whole;
    let (mut last, mut other, mut normal) = ([0.0f32; 16], [0.0f32; 16], [0.0f32; 16]);
    last[..tail].copy_from_slice(&i[whole..]);
    other[..tail].copy_from_slice(&j[whole..whole + tail]);
    normal[..tail].copy_from_slice(&z[whole..whole + tail]);
    let out = step::<V>(&last, &other, &normal, &constants);
    out.store(&mut last);
    i[whole..].copy_from_slice(&last[..tail]);
}

#[inline(always)]
fn step<V: F32s>(i: &[f32], j: &[f32], z: &[f32], constants: &[V; 4]) -> V {
    let [per_mean, rin, shot, mean] = *constants;
    let c = relative::<V>(i, per_mean);
    let d = relative::<V>(j, per_mean);
    ((rin * c + shot) * c + (rin * d + shot) * d).sqrt() * V::load(z) * mean
}

/// `max(1 + i / mean, 0)`.
#[inline(always)]
fn relative<V: F32s>(i: &[f32], per_mean: V) -> V {
    let zero = V::splat(0.0);
    let c = V::splat(1.0) + V::load(i) * per_mean;
    V::select(c.simd_ge(zero), c, zero)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;

    #[test]
    fn every_level_equals_scalar_code_at_every_length() {
        let (mean, rin, shot) = (0.5e-3f32, 3.2e-15f32, 6.4e-16f32);
        for level in Level::all() {
            for n in 0..40 {
                let i: Vec<f32> = (0..n).map(|k| (k as f32).sin() * 0.8e-3).collect();
                let j: Vec<f32> = (0..n).map(|k| (k as f32 * 0.6).sin() * 0.8e-3).collect();
                let z: Vec<f32> = (0..n).map(|k| (k as f32 * 1.7).cos()).collect();
                let mut got = i.clone();
                follow(level, &mut got, &j, &z, 1.0 / mean, rin, shot, mean);
                let (rin, shot) = (0.5 * rin, 0.5 * shot);
                for k in 0..n {
                    let c = (1.0 + i[k] * (1.0 / mean)).max(0.0);
                    let d = (1.0 + j[k] * (1.0 / mean)).max(0.0);
                    let density = (rin * c + shot) * c + (rin * d + shot) * d;
                    assert_eq!(got[k], density.sqrt() * z[k] * mean, "{level} {k}/{n}");
                }
            }
        }
    }

    #[test]
    fn noise_of_the_instant_equals_scalar_code_at_every_level_and_length() {
        let (mean, rin, shot) = (0.5e-3f32, 3.2e-3f32, 6.4e-4f32);
        for level in Level::all() {
            for n in 0..40 {
                let i: Vec<f32> = (0..n).map(|k| ((k as f32).sin() + 0.9) * 0.5e-3).collect();
                let z: Vec<f32> = (0..n).map(|k| (k as f32 * 1.7).cos()).collect();
                let mut got = i.clone();
                follow_instant(level, &mut got, &z, 1.0 / mean, rin, shot, mean);
                for k in 0..n {
                    let c = (i[k] * (1.0 / mean)).max(0.0);
                    let want = i[k] + ((rin * c + shot) * c).sqrt() * z[k] * mean;
                    assert_eq!(got[k], want, "{level} {k}/{n}");
                }
            }
        }
    }
}
