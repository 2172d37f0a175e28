//! Squares of fields, and interference with a delayed copy, over lanes.

use crate::simd::{Base, F32s, dispatch};

/// Replaces `out` by an expression of its lanes and those of the inputs, for whole vectors and for the rest:
/// `over!(V, out as x, [a as y, …], expression)`.
///
/// Text, not a closure: what lies between `dispatch!` and a lane operation must be inlined.
macro_rules! over {
    ($v:ident, $out:ident as $x:ident, [$($in:ident as $y:ident),*], $new:expr) => {{
        let whole = $out.len() / $v::N * $v::N;
        for k in (0..whole).step_by($v::N) {
            let $x = $v::load(&$out[k..]);
            $(let $y = $v::load(&$in[k..]);)*
            ($new).store(&mut $out[k..]);
        }
        let tail = $out.len() - whole;
        if tail > 0 {
            let mut last = [0.0f32; 16];
            last[..tail].copy_from_slice(&$out[whole..]);
            let $x = $v::load(&last);
            $(let $y = {
                let mut rest = [0.0f32; 16];
                rest[..tail].copy_from_slice(&$in[whole..whole + tail]);
                $v::load(&rest)
            };)*
            ($new).store(&mut last);
            $out[whole..].copy_from_slice(&last[..tail]);
        }
    }};
}

dispatch! {
    /// `out[i] = scale (re[i]^2 + im[i]^2)`.
    pub(in crate::optics) fn square(re: &[f32], im: &[f32], scale: f32, out: &mut [f32]) =
        base: square_all::<Base>,
        mid: square_all::<crate::simd::Mid>,
        top: square_all::<crate::simd::Top>
}

dispatch! {
    /// `re[i] = scale (re[i]^2 + im[i]^2)`.
    pub(in crate::optics) fn square_in_place(re: &mut [f32], im: &[f32], scale: f32) =
        base: square_in_place_all::<Base>,
        mid: square_in_place_all::<crate::simd::Mid>,
        top: square_in_place_all::<crate::simd::Top>
}

dispatch! {
    /// `x[i] *= scale`.
    pub(in crate::optics) fn scale(x: &mut [f32], scale: f32) =
        base: scale_all::<Base>,
        mid: scale_all::<crate::simd::Mid>,
        top: scale_all::<crate::simd::Top>
}

dispatch! {
    /// `p[i] += ratio d[i] + cross sqrt(max(p[i] d[i], 0))`.
    pub(in crate::optics) fn interfere(p: &mut [f32], d: &[f32], ratio: f32, cross: f32) =
        base: interfere_all::<Base>,
        mid: interfere_all::<crate::simd::Mid>,
        top: interfere_all::<crate::simd::Top>
}

dispatch! {
    /// `p[i] += constant + cross sqrt(max(p[i], 0))`.
    pub(in crate::optics) fn interfere_mean(p: &mut [f32], constant: f32, cross: f32) =
        base: interfere_mean_all::<Base>,
        mid: interfere_mean_all::<crate::simd::Mid>,
        top: interfere_mean_all::<crate::simd::Top>
}

dispatch! {
    /// `x[i] += a u[i] - b w[i]`: one part of a complex product added.
    pub(in crate::optics) fn add_turned(x: &mut [f32], u: &[f32], w: &[f32], a: f32, b: f32) =
        base: add_turned_all::<Base>,
        mid: add_turned_all::<crate::simd::Mid>,
        top: add_turned_all::<crate::simd::Top>
}

/// Plain products and sums throughout: the same bits at every level.
#[inline(always)]
fn squared<V: F32s>(re: V, im: V, scale: V) -> V {
    (re * re + im * im) * scale
}

#[inline(always)]
fn square_all<V: F32s>(re: &[f32], im: &[f32], scale: f32, out: &mut [f32]) {
    let scale = V::splat(scale);
    over!(V, out as _old, [re as x, im as y], squared(x, y, scale));
}

#[inline(always)]
fn square_in_place_all<V: F32s>(re: &mut [f32], im: &[f32], scale: f32) {
    let scale = V::splat(scale);
    over!(V, re as x, [im as y], squared(x, y, scale));
}

#[inline(always)]
fn scale_all<V: F32s>(x: &mut [f32], scale: f32) {
    let scale = V::splat(scale);
    over!(V, x as y, [], y * scale);
}

/// The square root of what is not negative; zero of the rest, NaN of NaN.
#[inline(always)]
fn root<V: F32s>(x: V) -> V {
    let zero = V::splat(0.0);
    // Greater or equal is false for NaN on either side, so NaN passes.
    V::select(zero.simd_ge(x), zero, x).sqrt()
}

#[inline(always)]
fn interfere_all<V: F32s>(p: &mut [f32], d: &[f32], ratio: f32, cross: f32) {
    let (ratio, cross) = (V::splat(ratio), V::splat(cross));
    over!(V, p as x, [d as y], x + (ratio * y + cross * root(x * y)));
}

#[inline(always)]
fn interfere_mean_all<V: F32s>(p: &mut [f32], constant: f32, cross: f32) {
    let (constant, cross) = (V::splat(constant), V::splat(cross));
    over!(V, p as x, [], x + (constant + cross * root(x)));
}

#[inline(always)]
fn add_turned_all<V: F32s>(x: &mut [f32], u: &[f32], w: &[f32], a: f32, b: f32) {
    let (a, b) = (V::splat(a), V::splat(b));
    over!(V, x as old, [u as y, w as z], old + (a * y - b * z));
}
