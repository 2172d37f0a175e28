//! Slicer and level look-up over lanes.

use crate::simd::{Base, F32s, U32s, dispatch};

/// Thresholds and symbol numbers, spread over the lanes.
#[derive(Clone, Copy)]
pub(crate) struct Decider<V: F32s> {
    thresholds: [V; 3],
    /// The bits of the symbols 0..=3, carried as `f32` lanes so that masks can select them.
    symbols: [V; 4],
}

impl<V: F32s> Decider<V> {
    #[inline(always)]
    pub(crate) fn new(thresholds: &[f32; 3]) -> Self {
        let t = thresholds;
        Self {
            thresholds: [V::splat(t[0]), V::splat(t[1]), V::splat(t[2])],
            symbols: [
                V::U::splat(0).as_f32(),
                // Hidden from the optimiser, which turns the selection of a known one or zero into
                // two operations.
                V::U::splat(std::hint::black_box(1)).as_f32(),
                V::U::splat(2).as_f32(),
                V::U::splat(3).as_f32(),
            ],
        }
    }

    /// The symbol of each lane. Three independent comparisons, three selections: the thresholds
    /// rise, so the highest one reached names the symbol.
    #[inline(always)]
    pub(crate) fn decide(&self, y: V) -> V::U {
        let [t0, t1, t2] = self.thresholds;
        let [s0, s1, s2, s3] = self.symbols;
        let (m0, m1, m2) = (y.simd_ge(t0), y.simd_ge(t1), y.simd_ge(t2));
        V::select(m2, s3, V::select(m1, s2, V::select(m0, s1, s0))).to_bits()
    }
}

#[inline(always)]
fn slice_lanes<V: F32s>(x: &[f32], thresholds: &[f32; 3], d: &mut [u8]) {
    debug_assert_eq!(x.len(), d.len());
    let decider = Decider::<V>::new(thresholds);
    let body = x.len() / (4 * V::N) * (4 * V::N);
    let (x, x_tail) = x.split_at(body);
    let (d, d_tail) = d.split_at_mut(body);
    for (x, d) in x.chunks_exact(4 * V::N).zip(d.chunks_exact_mut(4 * V::N)) {
        let four = std::array::from_fn(|u| decider.decide(V::load(&x[u * V::N..])));
        V::U::store_u8x4(four, d);
    }
    for (x, d) in x_tail.chunks(V::N).zip(d_tail.chunks_mut(V::N)) {
        let (mut from, mut to) = ([0.0; 16], [0; 16]);
        from[..x.len()].copy_from_slice(x);
        decider.decide(V::load(&from)).store_u8(&mut to);
        d.copy_from_slice(&to[..d.len()]);
    }
}

#[inline(always)]
fn values_lanes<V: F32s, const U: usize>(symbols: &[u8], levels: &[f32; 4], y: &mut [f32]) {
    debug_assert_eq!(symbols.len(), y.len());
    let table = V::table4_new(*levels);
    let body = y.len() / (U * V::N) * (U * V::N);
    let (s, s_tail) = symbols.split_at(body);
    let (y, y_tail) = y.split_at_mut(body);
    for (s, y) in s.chunks_exact(U * V::N).zip(y.chunks_exact_mut(U * V::N)) {
        for u in 0..U {
            table
                .table4(V::U::load_u8(&s[u * V::N..]))
                .store(&mut y[u * V::N..]);
        }
    }
    for (s, y) in s_tail.chunks(V::N).zip(y_tail.chunks_mut(V::N)) {
        let (mut from, mut to) = ([0; 16], [0.0; 16]);
        from[..s.len()].copy_from_slice(s);
        table.table4(V::U::load_u8(&from)).store(&mut to);
        y.copy_from_slice(&to[..y.len()]);
    }
}

dispatch! {
    /// Decisions of a stream.
    pub(super) fn slice(x: &[f32], thresholds: &[f32; 3], d: &mut [u8]) =
        base: slice_lanes::<Base>, mid: slice_lanes::<crate::simd::Mid>,
        top: slice_lanes::<crate::simd::Top>
}

dispatch! {
    /// Level values of a stream of symbols 0..=3.
    pub(super) fn values(symbols: &[u8], levels: &[f32; 4], y: &mut [f32]) =
        base: values_lanes::<Base, 4>, mid: values_lanes::<crate::simd::Mid, 4>,
        top: values_lanes::<crate::simd::Top, 4>
}
