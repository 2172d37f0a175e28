//! Two interleaved samples per symbol, parted.

use crate::simd::{Base, F32s, dispatch};

dispatch! {
    /// Writes `x[0], x[2], …` to `even` and `x[1], x[3], …` to `odd`; `x` is as long as both together.
    pub(super) fn split(x: &[f32], even: &mut [f32], odd: &mut [f32]) =
        base: split_all::<Base>, mid: split_all::<crate::simd::Mid>, top: split_all::<crate::simd::Top>
}

#[inline(always)]
fn split_all<V: F32s>(x: &[f32], even: &mut [f32], odd: &mut [f32]) {
    let whole = even.len() / V::N * V::N;
    let vectors = even.chunks_exact_mut(V::N).zip(odd.chunks_exact_mut(V::N));
    for (x, (even, odd)) in x.chunks_exact(2 * V::N).zip(vectors) {
        let (e, o) = V::load(x).unzip(V::load(&x[V::N..]));
        e.store(even);
        o.store(odd);
    }
    let rest = even[whole..].iter_mut().zip(&mut odd[whole..]);
    for (x, (even, odd)) in x[2 * whole..].chunks_exact(2).zip(rest) {
        (*even, *odd) = (x[0], x[1]);
    }
}
