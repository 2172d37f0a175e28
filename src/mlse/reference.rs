//! The Viterbi algorithm from its definition, one symbol at a time, with the whole record traced back.

/// The symbols of the path with the smallest sum of branch metrics.
///
/// States are numbered 0..`states`, the newest symbol of state `s` is `s % 4`. All start states have
/// metric zero. `branch(n, from, symbol)` is the metric of step `n`. Ties: of two origins with one
/// metric the lower state wins, and the traceback starts at the lowest of the best states.
pub fn viterbi<M: Copy + PartialOrd + std::ops::Add<Output = M>>(
    n: usize,
    states: usize,
    zero: M,
    mut branch: impl FnMut(usize, usize, usize) -> M,
) -> Vec<u8> {
    let mut metrics = vec![zero; states];
    let mut origins = Vec::with_capacity(n);
    for step in 0..n {
        let mut next = vec![None::<(M, usize)>; states];
        for from in 0..states {
            for symbol in 0..4 {
                let to = (4 * from + symbol) % states;
                let metric = metrics[from] + branch(step, from, symbol);
                if next[to].is_none_or(|(best, _)| metric < best) {
                    next[to] = Some((metric, from));
                }
            }
        }
        let next: Vec<(M, usize)> = next.into_iter().flatten().collect();
        metrics = next.iter().map(|n| n.0).collect();
        origins.push(next.iter().map(|n| n.1).collect::<Vec<_>>());
    }
    let mut state = 0;
    for s in 1..states {
        if metrics[s] < metrics[state] {
            state = s;
        }
    }
    let mut symbols = vec![0; n];
    for (symbol, origins) in symbols.iter_mut().zip(&origins).rev() {
        *symbol = (state % 4) as u8;
        state = origins[state];
    }
    symbols
}

/// [`viterbi`] with squared distances in `f64`, without any rounding of samples or metrics:
/// the detector that the integer one approximates.
#[must_use]
pub fn exact(x: &[f32], response: &[f32], levels: &[f32; 4]) -> Vec<u8> {
    let memory = response.len() - 1;
    let states = 4usize.pow(memory as u32);
    viterbi(x.len(), states, 0.0, |n, from, symbol| {
        let mut expected = f64::from(response[0]) * f64::from(levels[symbol]);
        for k in 1..=memory {
            let past = from / 4usize.pow(k as u32 - 1) % 4;
            expected += f64::from(response[k]) * f64::from(levels[past]);
        }
        (f64::from(x[n]) - expected).powi(2)
    })
}

/// The reduced-state algorithm: four states, the last symbol; each state keeps its whole path, and
/// `branch(n, older, last, symbol)` reads the older symbol off it. `first` is the older symbol of
/// every state before the start. Ties as in [`viterbi`].
pub fn per_survivor<M: Copy + PartialOrd + std::ops::Add<Output = M>>(
    n: usize,
    zero: M,
    first: usize,
    mut branch: impl FnMut(usize, usize, usize, usize) -> M,
) -> Vec<u8> {
    // A path is a list of nodes (symbol, place of the node before it).
    let mut nodes: Vec<(usize, usize)> = vec![(first, 0)];
    let mut paths: Vec<(M, usize)> = Vec::new();
    for symbol in 0..4 {
        nodes.push((symbol, 0));
        paths.push((zero, nodes.len() - 1));
    }
    for step in 0..n {
        let mut next = Vec::new();
        for symbol in 0..4 {
            let mut best: Option<(M, usize)> = None;
            for &(metric, node) in &paths {
                let (last, before) = nodes[node];
                let metric = metric + branch(step, nodes[before].0, last, symbol);
                if best.is_none_or(|(least, _)| metric < least) {
                    best = Some((metric, node));
                }
            }
            if let Some((metric, node)) = best {
                nodes.push((symbol, node));
                next.push((metric, nodes.len() - 1));
            }
        }
        paths = next;
    }
    let mut best = paths[0];
    for &path in &paths {
        if path.0 < best.0 {
            best = path;
        }
    }
    let mut node = best.1;
    let mut symbols: Vec<u8> = (0..n)
        .map(|_| {
            let (symbol, before) = nodes[node];
            node = before;
            symbol as u8
        })
        .collect();
    symbols.reverse();
    symbols
}

/// Max-log metrics of the bits from the definition, over the whole record: for each symbol and bit the smallest
/// sum of branch metrics of a path with bit 1 less the smallest of one with bit 0. States and
/// branches as in [`viterbi`].
pub fn max_log<M>(
    n: usize,
    states: usize,
    zero: M,
    mut branch: impl FnMut(usize, usize, usize) -> M,
) -> Vec<[M; 2]>
where
    M: Copy + PartialOrd + std::ops::Add<Output = M> + std::ops::Sub<Output = M>,
{
    let smaller = |a: &mut Option<M>, b: M| *a = Some(a.map_or(b, |a| if b < a { b } else { a }));
    let to = |from: usize, symbol: usize| (4 * from + symbol) % states;
    let mut branches = vec![vec![[zero; 4]; states]; n];
    for (step, branches) in branches.iter_mut().enumerate() {
        for (from, branches) in branches.iter_mut().enumerate() {
            *branches = std::array::from_fn(|symbol| branch(step, from, symbol));
        }
    }
    // Best sum of the steps up to one that ends in a state.
    let mut before = vec![vec![Some(zero); states]];
    for (step, branches) in branches.iter().enumerate() {
        let mut next = vec![None; states];
        for from in 0..states {
            for symbol in 0..4 {
                if let Some(m) = before[step][from] {
                    smaller(&mut next[to(from, symbol)], m + branches[from][symbol]);
                }
            }
        }
        before.push(next);
    }
    // Best sum of the steps after one that begins in a state.
    let mut after = vec![Some(zero); states];
    let mut bits = vec![[zero; 2]; n];
    for (step, branches) in branches.iter().enumerate().rev() {
        let mut best = [[None; 2]; 2];
        for state in 0..states {
            let gray = crate::pam4::SYMBOL_TO_GRAY[state % 4];
            if let (Some(a), Some(b)) = (before[step + 1][state], after[state]) {
                let sum = a + b;
                smaller(&mut best[0][usize::from(gray >> 1)], sum);
                smaller(&mut best[1][usize::from(gray & 1)], sum);
            }
        }
        bits[step] = best.map(|[zeros, ones]| match (zeros, ones) {
            (Some(zeros), Some(ones)) => ones - zeros,
            _ => zero,
        });
        let mut past = vec![None; states];
        for from in 0..states {
            for symbol in 0..4 {
                if let Some(m) = after[to(from, symbol)] {
                    smaller(&mut past[from], m + branches[from][symbol]);
                }
            }
        }
        after = past;
    }
    bits
}
