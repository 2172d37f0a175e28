//! One stream that goes on, in long blocks: the chunks of a block run as segments side by side, and are
//! decided by the rule of [`super::engine`].

use super::Mlse;
use super::engine::{CHUNK, MlseState, Output};
use super::machine::MOST_METRICS;
use super::single::{half, set_half};

impl MlseState {
    /// Whole chunks of one stream, two at least; returns the symbols written from `to` on.
    pub(super) fn long_block(
        &mut self,
        plan: &Mlse,
        x: &[f32],
        d: &mut Output<'_>,
        to: usize,
    ) -> usize {
        let machine = &plan.machine;
        let (lanes, depth) = (self.lanes, plan.config.depth);
        let count = x.len() / CHUNK;
        let mut truth = machine.first();
        let mut decisions = [0; 2 * CHUNK];
        let mut states = vec![0; lanes];
        let mut written = 0;
        // The chunk held, from the start of this block.
        if self.chunks > 0 {
            let tile = &mut self.tiles[0];
            let words = tile.metrics.chunks_exact(lanes);
            for (m, words) in truth.iter_mut().zip(words) {
                *m = half(words, lanes, 0);
            }
            let mut metrics = truth;
            machine.forward(&x[..depth], &mut metrics, &mut decisions[..depth]);
            let best = machine.best(&metrics);
            let end = machine.trace(&decisions[..depth], best, &mut [0; CHUNK][..depth]);
            set_half(&mut states, lanes, 0, end as i32);
            let (symbols, unsettled) = (&mut self.work.symbols, &mut self.unsettled);
            tile.decide(
                machine,
                plan.level,
                self.chunks,
                &states,
                symbols,
                unsettled,
            );
            d.write(plan.level, symbols, CHUNK, 1, 0, 1, to);
            written = CHUNK;
        }
        // All chunks but the last, which takes the place of the chunk held.
        let n = (count - 1) * CHUNK;
        let out = match d {
            Output::Woven(d) => &mut d[to + written..][..n],
            Output::Rows(d) => &mut d[0][to + written..][..n],
        };
        let mut segments = plan.segments(x, n, &truth, out);
        plan.check_metrics(x, &mut segments);
        let mut before =
            (self.chunks > 0).then(|| half(&self.tiles[0].boundary, lanes, 0) as usize);
        for index in 0..count - 1 {
            let (mut start, mut end) = segments.states(index);
            if segments.is_dirty(index) {
                let from = index * CHUNK;
                let mut metrics: [i32; MOST_METRICS] = segments.metrics(index, machine.metrics());
                let decisions = &mut decisions[..CHUNK + depth];
                machine.forward(&x[from..from + CHUNK + depth], &mut metrics, decisions);
                let (chunk, ahead) = decisions.split_at(CHUNK);
                let best = machine.best(&metrics);
                end = machine.trace(ahead, best, &mut [0; CHUNK][..depth]);
                start = machine.trace(chunk, end, &mut out[from..from + CHUNK]);
            }
            self.unsettled[0] += u64::from(before.is_some_and(|before| before != start));
            before = Some(end);
        }
        let tile = &mut self.tiles[0];
        truth = segments.metrics(count - 2, machine.metrics());
        machine.forward(&x[n - CHUNK..n], &mut truth, &mut decisions[..CHUNK]);
        for (words, &m) in tile.metrics.chunks_exact_mut(lanes).zip(&truth) {
            words.fill(0);
            set_half(words, lanes, 0, m);
        }
        tile.boundary.fill(0);
        set_half(&mut tile.boundary, lanes, 0, before.unwrap_or(0) as i32);
        let q = &mut self.work.q;
        super::kernel::read_woven(plan.level, machine.front(), &x[n..], 1, 0, 1, q);
        machine.advance(plan.level, q, &mut tile.metrics, &mut tile.survivors);
        self.chunks += count as u64;
        written + n
    }
}
