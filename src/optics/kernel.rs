//! Noise that follows a current, over lanes.

use crate::simd::{Base, F32s, dispatch};

dispatch! {
    /// With `c = max(1 + i / mean, 0)`: `i = mean sqrt(rin c^2 + shot c) z`.
    pub(super) fn follow(i: &mut [f32], z: &[f32], per_mean: f32, rin: f32, shot: f32, mean: f32) =
        base: follow_all::<Base>,
        mid: follow_all::<crate::simd::Mid>,
        top: follow_all::<crate::simd::Top>
}

#[inline(always)]
fn follow_all<V: F32s>(i: &mut [f32], z: &[f32], per_mean: f32, rin: f32, shot: f32, mean: f32) {
    let constants = [per_mean, rin, shot, mean].map(V::splat);
    let whole = i.len() / V::N * V::N;
    for k in (0..whole).step_by(V::N) {
        step::<V>(&i[k..], &z[k..], &constants).store(&mut i[k..]);
    }
    let tail = i.len() - whole;
    let (mut last, mut last_z) = ([0.0f32; 16], [0.0f32; 16]);
    last[..tail].copy_from_slice(&i[whole..]);
    last_z[..tail].copy_from_slice(&z[whole..whole + tail]);
    let out = step::<V>(&last, &last_z, &constants);
    out.store(&mut last);
    i[whole..].copy_from_slice(&last[..tail]);
}

#[inline(always)]
fn step<V: F32s>(i: &[f32], z: &[f32], [per_mean, rin, shot, mean]: &[V; 4]) -> V {
    let (zero, one) = (V::splat(0.0), V::splat(1.0));
    let c = one + V::load(i) * *per_mean;
    let c = V::select(c.simd_ge(zero), c, zero);
    ((*rin * c + *shot) * c).sqrt() * V::load(z) * *mean
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
                let z: Vec<f32> = (0..n).map(|k| (k as f32 * 1.7).cos()).collect();
                let mut got = i.clone();
                follow(level, &mut got, &z, 1.0 / mean, rin, shot, mean);
                for k in 0..n {
                    let c = (1.0 + i[k] * (1.0 / mean)).max(0.0);
                    let exact = ((rin * c + shot) * c).sqrt() * z[k] * mean;
                    assert_eq!(got[k], exact, "{level} {k}/{n}");
                }
            }
        }
    }
}
