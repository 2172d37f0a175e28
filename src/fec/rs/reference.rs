//! Bounded-distance decoding as linear algebra, by none of the decoder's means.
//!
//! The method of Peterson, Gorenstein and Zierler. With the powers `p = n - 1 - i` of the positions,
//! locators `X = alpha^p` and syndromes `S_j = r(alpha^j) = sum_l Y_l X_l^j`, `j = 0..2t`:
//!
//! 1. The erasures, `f` of them with the polynomial `G(x) = prod (x - X)`, are taken out of the
//!    syndromes: `T_j = sum_k G_k S_(j+k)`, `j = 0..2t - f`, hold the unknown errors alone.
//! 2. For `e = 0, 1, ...` with `2 e + f <= 2 t`, all the equations
//!    `T_(j+e) = sum_(k<e) c_k T_(j+k)` are solved for the `c_k`. The first `e` that has a solution
//!    is the only candidate.
//! 3. The errors lie where `x^e - sum_k c_k x^k` is zero: all `n` positions are tried. There must be
//!    `e`, none of them erased.
//! 4. The values solve all `2t` equations `S_j = sum_l Y_l X_l^j` over errors and erasures.
//!
//! Systems are solved by Gaussian elimination.

use crate::fec::RsCode;
use crate::fec::gf::{exp, inv, mul, pow};

/// The codeword within reach of the word, given its erased positions; nothing if there is none.
pub(super) fn decode(code: &RsCode, word: &[u16], erasures: &[usize]) -> Option<Vec<u16>> {
    let n = code.n;
    let checks = 2 * code.t;
    let locator = |i: usize| exp(n - 1 - i);
    let s: Vec<u16> = (0..checks)
        .map(|j| word.iter().fold(0, |v, &r| mul(v, exp(j)) ^ r))
        .collect();

    let mut g = vec![1];
    for &i in erasures {
        g.insert(0, 0);
        for k in 1..g.len() {
            g[k - 1] ^= mul(g[k], locator(i));
        }
    }
    let free = checks - erasures.len();
    let t: Vec<u16> = (0..free)
        .map(|j| {
            g.iter()
                .zip(&s[j..])
                .fold(0, |sum, (&g, &s)| sum ^ mul(g, s))
        })
        .collect();

    let (e, c) = (0..=free / 2).find_map(|e| {
        let rows = (0..free - e).map(|j| t[j..=j + e].to_vec()).collect();
        solve(rows).map(|c| (e, c))
    })?;

    let polynomial = |x: u16| (0..e).fold(pow(x, e), |sum, k| sum ^ mul(c[k], pow(x, k)));
    let errors: Vec<usize> = (0..n)
        .filter(|&i| polynomial(locator(i)) == 0 && e > 0)
        .collect();
    if errors.len() != e || errors.iter().any(|i| erasures.contains(i)) {
        return None;
    }

    let at = [&errors[..], erasures].concat();
    let rows = (0..checks)
        .map(|j| {
            let powers = at.iter().map(|&i| pow(locator(i), j));
            powers.chain([s[j]]).collect()
        })
        .collect();
    let values = solve(rows)?;
    let mut corrected = word.to_vec();
    for (&i, y) in at.iter().zip(values) {
        corrected[i] ^= y;
    }
    Some(corrected)
}

/// The solution of equations `[coefficients..., right-hand side]`; free unknowns are zero; nothing
/// if the equations contradict each other.
fn solve(mut rows: Vec<Vec<u16>>) -> Option<Vec<u16>> {
    let unknowns = rows.first().map_or(0, |row| row.len() - 1);
    let mut pivots = Vec::new();
    for column in 0..unknowns {
        let top = pivots.len();
        let Some(found) = (top..rows.len()).find(|&r| rows[r][column] != 0) else {
            continue;
        };
        rows.swap(top, found);
        let scale = inv(rows[top][column])?;
        for x in &mut rows[top] {
            *x = mul(*x, scale);
        }
        let pivot = rows[top].clone();
        for (r, row) in rows.iter_mut().enumerate() {
            let factor = row[column];
            if r != top && factor != 0 {
                for (x, &p) in row.iter_mut().zip(&pivot) {
                    *x ^= mul(factor, p);
                }
            }
        }
        pivots.push(column);
    }
    if rows[pivots.len()..].iter().any(|row| row[unknowns] != 0) {
        return None;
    }
    let mut solution = vec![0; unknowns];
    for (row, &column) in rows.iter().zip(&pivots) {
        solution[column] = row[unknowns];
    }
    Some(solution)
}

#[test]
fn a_code_small_enough_to_list_decodes_to_its_nearest_word() {
    // RS(4,2), t = 1: the words of the span of two codewords by brute force over a few multiples.
    let code = RsCode {
        name: "small",
        n: 4,
        k: 2,
        t: 1,
        symbol_bits: 10,
    };
    // g = (x - 1)(x - alpha) = x^2 + 3 x + 2 and x g.
    let codeword = |a: u16, b: u16| vec![a, b ^ mul(3, a), mul(2, a) ^ mul(3, b), mul(2, b)];
    for (a, b) in [(0, 0), (1, 0), (0, 5), (77, 1000), (1023, 1)] {
        let sent = codeword(a, b);
        assert_eq!(decode(&code, &sent, &[]), Some(sent.clone()));
        for at in 0..4 {
            let mut word = sent.clone();
            word[at] ^= 9;
            assert_eq!(decode(&code, &word, &[]), Some(sent.clone()));
            word[(at + 1) % 4] ^= 700;
            let erased = [at, (at + 1) % 4];
            assert_eq!(decode(&code, &word, &erased), Some(sent.clone()));
            // Whatever is found with two errors is a codeword at distance one.
            if let Some(found) = decode(&code, &word, &[]) {
                let far = found.iter().zip(&word).filter(|(f, w)| f != w).count();
                let b = found[1] ^ mul(3, found[0]);
                assert_eq!((far, codeword(found[0], b)), (1, found));
            }
        }
    }
}
