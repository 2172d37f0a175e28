//! Four states for a response of three: the state is the last symbol, the symbol before it is that of
//! the state's survivor. Layout and method of [`super::kernel`], whose traceback serves this
//! form too: the decision of a state is at once the older symbol of the next step.

use super::kernel::{pair, pick};
use super::trellis::Trellis16;
use crate::simd::{Base, F32s, U32s, dispatch};

/// Constants of a step; all tables are indexed by the older symbol.
struct Step<U: U32s> {
    new: [U; 3],
    /// Coefficient of the sample, by state.
    past: [U; 4],
    /// `[new symbol][state]`.
    w: [[U; 4]; 4],
    masks: [U; 2],
}

impl<U: U32s> Step<U> {
    #[inline(always)]
    fn new(t: &Trellis16) -> Self {
        let mut w = [[U::splat(0); 4]; 4];
        let mut past = [U::splat(0); 4];
        for m in 0..4 {
            past[m] = U::pair_table4_new(t.old.map(|o| (t.middle[m] + o) as i16));
            for n in 0..4 {
                w[n][m] = U::pair_table4_new(t.w[n][m].map(|w| (4 * w + m as i32) as i16));
            }
        }
        Self {
            new: [pair(t.new[1]), pair(t.new[2]), pair(t.new[3])],
            past,
            w,
            masks: [pair(3), pair(15)],
        }
    }

    #[inline(always)]
    fn run(&self, q: U, m: &mut [U; 3], older: &mut [U; 4]) -> U {
        let mut t = [pair::<U>(i32::from(i16::MAX)); 4];
        for j in 0..4 {
            let index = older[j].pair_index();
            let mut c = q.pair_mul_round(self.past[j].pair_table4(index));
            if j > 0 {
                c = c.pair_add(m[j - 1]);
            }
            let c = c.pair_shl::<2>();
            for n in 0..4 {
                t[n] = t[n].pair_min(c.pair_add(self.w[n][j].pair_table4(index)));
            }
        }
        let first = t[0].pair_sar::<2>();
        for n in 0..3 {
            let moved = q.pair_mul_round(self.new[n]).pair_sub(first);
            m[n] = t[n + 1].pair_sar::<2>().pair_add(moved);
        }
        for n in 0..4 {
            older[n] = t[n] & self.masks[0];
        }
        let lower = older[0] | older[1].shl::<2>();
        let upper = older[2] | older[3].shl::<2>();
        lower | upper.shl::<4>()
    }
}

/// `metrics` holds three metrics and the older symbols of the four states.
#[inline(always)]
fn forward<U: U32s>(t: &Trellis16, q: &[u32], metrics: &mut [u32], survivors: &mut [u32]) {
    let step = Step::<U>::new(t);
    let bytes = pair::<U>(0xff);
    let mut m = [U::splat(0); 3];
    let mut older = [U::splat(0); 4];
    let (relative, past) = metrics.split_at_mut(3 * U::N);
    for (m, from) in m.iter_mut().zip(relative.chunks_exact(U::N)) {
        *m = U::load(from);
    }
    for (o, from) in older.iter_mut().zip(past.chunks_exact(U::N)) {
        *o = U::load(from);
    }
    let mut two = q.chunks_exact(2 * U::N);
    let mut out = survivors.chunks_exact_mut(U::N);
    for (q, s) in (&mut two).zip(&mut out) {
        let early = step.run(U::load(q), &mut m, &mut older);
        let late = step.run(U::load(&q[U::N..]), &mut m, &mut older);
        pick(bytes, early, late.pair_shl::<8>()).store(s);
    }
    if let (false, Some(s)) = (two.remainder().is_empty(), out.next()) {
        step.run(U::load(two.remainder()), &mut m, &mut older)
            .store(s);
    }
    for (m, to) in m.into_iter().zip(relative.chunks_exact_mut(U::N)) {
        m.store(to);
    }
    for (o, to) in older.into_iter().zip(past.chunks_exact_mut(U::N)) {
        o.store(to);
    }
}

dispatch! {
    /// Add, compare, select.
    pub(super) fn advance(t: &Trellis16, q: &[u32], metrics: &mut [u32], survivors: &mut [u32]) =
        base: forward::<<Base as F32s>::U>, mid: forward::<<crate::simd::Mid as F32s>::U>,
        top: forward::<<crate::simd::Top as F32s>::U>
}
