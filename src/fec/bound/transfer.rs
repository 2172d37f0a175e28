//! The transfer matrices of the burst chain: how many symbols of one word a row of symbols gets wrong.
//!
//! A row is one RS symbol of each of the `m` lanes that share a PAM4 lane. Its matrix `R_r(z)` is 2 x 2
//! over polynomials: the coefficient of `z^j` from `a` to `b` is the probability that the chain goes
//! from state `a` before the row to state `b` after it while `j` of the row's symbols of the word turn
//! out wrong. Every entry is a sum of products of probabilities: nothing is subtracted.

use super::burst::{Multiplex, Path};

/// Smallest coefficient kept: below, a polynomial ends. Far above the subnormal numbers, which are slow.
const SMALLEST: f64 = 1e-290;

/// A 2 x 2 matrix, `[from][to]`.
type Matrix = [[f64; 2]; 2];

/// What one PAM4 symbol does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// Transition probabilities of the chain; state 1 is a wrong symbol on the line.
    pub(super) transition: Matrix,
    /// Share of the wrong symbols whose first bit is the wrong one.
    pub(super) first_bit: f64,
    /// A wrong symbol of the data is a change of state, not the state 1.
    pub(super) precoding: bool,
}

impl Step {
    fn is_wrong(&self, from: usize, to: usize) -> bool {
        if self.precoding { from != to } else { to == 1 }
    }
}

/// Whether the symbol of a lane in a row belongs to word 0.
fn is_mine(path: &Path, row: usize, lane: usize) -> bool {
    match path.multiplex {
        Multiplex::Symbol | Multiplex::BitInStep { .. } => row.is_multiple_of(path.interleave),
        Multiplex::Bit { .. } => (row + lane).is_multiple_of(path.interleave),
    }
}

/// The matrix of a row, by the number of wrong symbols of the word; `mine[lane]`.
///
/// The state within the row is that of the chain and, for each symbol of the word, whether it is wrong
/// already: `2^(symbols + 1)` numbers.
fn row_matrix(step: &Step, symbol_bits: usize, mine: &[bool]) -> Vec<Matrix> {
    let lanes = mine.len();
    let mut flag = vec![0usize; lanes];
    let mut symbols = 0;
    for (flag, _) in flag.iter_mut().zip(mine).filter(|(_, mine)| **mine) {
        *flag = 1 << symbols;
        symbols += 1;
    }
    let mut out = vec![[[0.0; 2]; 2]; symbols + 1];
    for start in 0..2 {
        let mut now = vec![[0.0; 2]; 1 << symbols];
        now[0][start] = 1.0;
        for pam4 in 0..lanes * symbol_bits / 2 {
            let first = flag[(2 * pam4) % lanes];
            let second = flag[(2 * pam4 + 1) % lanes];
            let mut next = vec![[0.0; 2]; 1 << symbols];
            for (wrong, states) in now.iter().enumerate() {
                for (from, &p) in states.iter().enumerate() {
                    for to in 0..2 {
                        let q = p * step.transition[from][to];
                        if step.is_wrong(from, to) {
                            next[wrong | first][to] += q * step.first_bit;
                            next[wrong | second][to] += q * (1.0 - step.first_bit);
                        } else {
                            next[wrong][to] += q;
                        }
                    }
                }
            }
            now = next;
        }
        for (wrong, states) in now.iter().enumerate() {
            for (to, p) in states.iter().enumerate() {
                out[wrong.count_ones() as usize][start][to] += p;
            }
        }
    }
    out
}

/// Probabilities of 0, 1, 2 ... wrong symbols among the first `symbols` of a word, the chain starting
/// from `initial`; entries past the last one that is not negligible are left out.
pub(super) fn distribution(
    step: &Step,
    initial: [f64; 2],
    path: &Path,
    symbol_bits: usize,
    symbols: usize,
) -> Vec<f64> {
    let lanes = path.multiplex.lanes();
    let mine_of = |row: usize| (0..lanes).map(move |lane| is_mine(path, row, lane));
    // Rows repeat with the interleave; a row without a symbol of the word joins the row before it.
    let mut period: Vec<(usize, Vec<Matrix>)> = Vec::new();
    for row in 0..path.interleave {
        let mine: Vec<bool> = mine_of(row).collect();
        let matrix = row_matrix(step, symbol_bits, &mine);
        if matrix.len() == 1 {
            if let Some((_, before)) = period.last_mut() {
                for m in before {
                    *m = product(m, &matrix[0]);
                }
            }
        } else {
            period.push((row, matrix));
        }
    }

    let mut now = [vec![initial[0]], vec![initial[1]]];
    let mut next = [Vec::new(), Vec::new()];
    let mut left = symbols;
    for (row, matrix) in period.iter().cycle() {
        if left == 0 {
            break;
        }
        let count = matrix.len() - 1;
        if count <= left {
            multiply(&now, matrix, &mut next);
            left -= count;
        } else {
            // The last row is shared with the next word: its first symbols are still of this one.
            let mine: Vec<bool> = mine_of(*row)
                .map(|mine| {
                    let take = mine && left > 0;
                    left -= usize::from(take);
                    take
                })
                .collect();
            multiply(&now, &row_matrix(step, symbol_bits, &mine), &mut next);
        }
        std::mem::swap(&mut now, &mut next);
    }
    now[0].iter().zip(&now[1]).map(|(a, b)| a + b).collect()
}

/// `out = now R(z)` for row vectors of polynomials, cut where nothing is left.
fn multiply(now: &[Vec<f64>; 2], matrix: &[Matrix], out: &mut [Vec<f64>; 2]) {
    let length = now[0].len() + matrix.len() - 1;
    for to in 0..2 {
        out[to].clear();
        out[to].resize(length, 0.0);
        for (j, m) in matrix.iter().enumerate() {
            let (m0, m1) = (m[0][to], m[1][to]);
            for ((o, a), b) in out[to][j..].iter_mut().zip(&now[0]).zip(&now[1]) {
                *o += a * m0 + b * m1;
            }
        }
    }
    while out[0].len() > 1 && out.iter().all(|p| p.last().is_none_or(|&c| c < SMALLEST)) {
        out[0].pop();
        out[1].pop();
    }
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let mut out = [[0.0; 2]; 2];
    for (i, row) in out.iter_mut().enumerate() {
        for (j, o) in row.iter_mut().enumerate() {
            *o = a[i][0] * b[0][j] + a[i][1] * b[1][j];
        }
    }
    out
}
