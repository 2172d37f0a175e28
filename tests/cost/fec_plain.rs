//! Plain encoder and decoder of Reed-Solomon codes in a field that counts its operations.

use std::cell::Cell;

use pamlink::fec::{RsCode, gf};

/// Products with constants, general products, sums, reads of tables.
pub(super) type Counts = [f64; 4];

thread_local! {
    static COUNT: Cell<Counts> = const { Cell::new([0.0; 4]) };
}

fn count(kind: usize, by: f64) {
    COUNT.with(|cell| {
        let mut counts = cell.get();
        counts[kind] += by;
        cell.set(counts);
    });
}

/// Operations of a run.
pub(super) fn counted<R>(run: impl FnOnce() -> R) -> (R, Counts) {
    COUNT.with(|cell| cell.set([0.0; 4]));
    let result = run();
    (result, COUNT.with(Cell::get))
}

fn fixed(a: u16, constant: u16) -> u16 {
    count(0, 1.0);
    gf::mul(a, constant)
}

fn mul(a: u16, b: u16) -> u16 {
    count(1, 1.0);
    gf::mul(a, b)
}

fn add(a: u16, b: u16) -> u16 {
    count(2, 1.0);
    a ^ b
}

/// One read of a table of 1024 entries.
fn table<T>(entry: T) -> T {
    count(3, 1.0);
    entry
}

/// The inverse by table; zero where there is none.
fn inv(a: u16) -> u16 {
    table(gf::inv(a).unwrap_or(0))
}

fn alpha(exponent: usize) -> u16 {
    gf::exp(exponent % 1023)
}

/// The feedback register, one message symbol a step; `generator` from the highest power but one.
pub(super) fn encode(code: &RsCode, generator: &[u16], message: &[u16]) -> Vec<u16> {
    let mut register = vec![0; code.n - code.k];
    for &symbol in message {
        let feedback = add(symbol, register[0]);
        for i in 0..register.len() - 1 {
            register[i] = add(register[i + 1], fixed(feedback, generator[i]));
        }
        let last = register.len() - 1;
        register[last] = fixed(feedback, generator[last]);
    }
    register
}

/// Values of the received polynomial at `alpha^0, alpha^1, …`.
pub(super) fn syndromes(code: &RsCode, word: &[u16]) -> Vec<u16> {
    let value = |j| word.iter().fold(0, |v, &r| add(fixed(v, alpha(j)), r));
    (0..2 * code.t).map(value).collect()
}

/// Locator `0..=t` and evaluator `0..t`, lowest power first.
pub(super) struct Key {
    locator: Vec<u16>,
    evaluator: Vec<u16>,
}

impl Key {
    pub(super) fn degree(&self) -> usize {
        self.locator.iter().rposition(|&c| c != 0).unwrap_or(0)
    }
}

/// Inversionless Berlekamp-Massey in `3t + 1` equal cells.
pub(super) fn inversionless(code: &RsCode, syndromes: &[u16]) -> Key {
    let t = code.t;
    let mut delta = [syndromes, &vec![0; t], &[1, 0]].concat();
    let mut theta = delta[..=3 * t].to_vec();
    let (mut gamma, mut k) = (1, 0i32);
    for _ in 0..2 * t {
        let discrepancy = delta[0];
        let new: Vec<u16> = (0..=3 * t)
            .map(|i| add(mul(gamma, delta[i + 1]), mul(discrepancy, theta[i])))
            .collect();
        if discrepancy != 0 && k >= 0 {
            theta.copy_from_slice(&delta[1..]);
            (gamma, k) = (discrepancy, -k - 1);
        } else {
            k += 1;
        }
        delta[..=3 * t].copy_from_slice(&new);
    }
    Key {
        locator: delta[t..=2 * t].to_vec(),
        evaluator: delta[..t].to_vec(),
    }
}

/// The search of all positions.
pub(super) fn chien(code: &RsCode, key: &Key) -> Vec<usize> {
    // Terms of the locator at the inverse of the first symbol's position, then of each next one.
    let t = code.t;
    let at = |i: usize| alpha(i * (1023 - (code.n - 1)));
    let mut terms: Vec<u16> = (1..=t).map(|i| fixed(key.locator[i], at(i))).collect();
    let mut roots = Vec::new();
    for position in 0..code.n {
        if terms
            .iter()
            .fold(key.locator[0], |sum, &term| add(sum, term))
            == 0
        {
            roots.push(position);
        }
        if position + 1 < code.n {
            for (i, term) in terms.iter_mut().enumerate() {
                *term = fixed(*term, alpha(i + 1));
            }
        }
    }
    roots
}

/// Values at the roots by Forney's formula, and the correction.
pub(super) fn forney(code: &RsCode, key: &Key, roots: &[usize], word: &mut [u16]) {
    for &position in roots {
        let exponent = 1023 - (code.n - 1 - position);
        let x = alpha(exponent);
        let (top, rest) = key.evaluator.split_last().expect("t is not zero");
        let value = rest.iter().rev().fold(*top, |v, &c| add(mul(v, x), c));
        // The odd terms of the locator as the search has left them.
        let odd: Vec<u16> = (1..=code.t)
            .step_by(2)
            .map(|i| gf::mul(key.locator[i], alpha(i * exponent)))
            .collect();
        let slope = odd[1..].iter().fold(odd[0], |sum, &term| add(sum, term));
        let power = table(alpha(2 * code.t * exponent));
        word[position] = add(word[position], mul(mul(value, power), inv(slope)));
    }
}

/// Coefficients `l_1, l_2, …` of the recurrence of `errors` syndromes, if it holds for all of them.
pub(super) fn closed(errors: usize, s: &[u16]) -> Option<Vec<u16>> {
    // Cofactors of the symmetric matrix of syndromes are determinants of two by two.
    let two = |a: usize, b: usize, c: usize, d: usize| add(mul(s[a], s[b]), mul(s[c], s[d]));
    let (determinant, coefficients) = match errors {
        1 => (s[0], vec![mul(s[1], inv(s[0]))]),
        2 => {
            let determinant = two(0, 2, 1, 1);
            let by = inv(determinant);
            let l = [two(0, 3, 1, 2), two(1, 3, 2, 2)];
            (determinant, l.map(|l| mul(l, by)).to_vec())
        }
        _ => {
            let square = mul(s[2], s[2]);
            let a = [
                [
                    two(2, 4, 3, 3),
                    two(1, 4, 2, 3),
                    add(mul(s[1], s[3]), square),
                ],
                [0, add(mul(s[0], s[4]), square), two(0, 3, 1, 2)],
                [0, 0, two(0, 2, 1, 1)],
            ];
            let cofactor = |i: usize, j: usize| a[i.min(j)][i.max(j)];
            let dot = |i: usize, v: &[u16]| {
                let first = mul(cofactor(i, 0), v[0]);
                (1..3).fold(first, |sum, j| add(sum, mul(cofactor(i, j), v[j])))
            };
            let determinant = dot(0, &s[..3]);
            let by = inv(determinant);
            let l = [2, 1, 0].map(|i| mul(dot(i, &s[3..6]), by));
            (determinant, l.to_vec())
        }
    };
    let mut holds = determinant != 0;
    for j in 2 * errors..s.len() {
        let terms = coefficients.iter().enumerate();
        let rest = terms.fold(s[j], |sum, (i, &l)| add(sum, mul(l, s[j - 1 - i])));
        holds &= rest == 0;
    }
    holds.then_some(coefficients)
}

/// Positions and values of up to three errors from their recurrence; none for a cubic without a linear
/// term, or roots that are no positions.
pub(super) fn solve(code: &RsCode, s: &[u16], l: &[u16], word: &mut [u16]) -> Option<()> {
    // The tables are searches here.
    let first_of = |f: &dyn Fn(u16) -> u16, c: u16| (0..1024).find(|&x| f(x) == c);
    let (roots, values) = match *l {
        [x] => (vec![x], vec![s[0]]),
        [a, b] => {
            let by = inv(a);
            let c = mul(mul(by, by), b);
            let y = table(first_of(&|y| gf::mul(y, y) ^ y, c)?);
            let x = mul(a, y);
            let other = mul(add(s[1], mul(x, s[0])), by);
            (vec![x, add(x, a)], vec![add(s[0], other), other])
        }
        [a, b, c] => {
            let p = add(mul(a, a), b);
            let q = add(mul(a, b), c);
            let by = table(first_of(&|r| gf::mul(gf::mul(r, r), p), 1)?);
            let scaled = mul(mul(mul(by, by), by), q);
            let cube = |w: u16| gf::mul(gf::mul(w, w), w) ^ w;
            let u = table(first_of(&cube, scaled)?);
            let v = table((u + 1..1024).find(|&v| cube(v) == scaled)?);
            let root = mul(p, by);
            let (y, z) = (mul(u, root), mul(v, root));
            let x = [add(y, a), add(z, a), add(add(y, z), a)];
            let value = |i: usize, j: usize, k: usize| {
                let top = add(
                    add(s[2], mul(add(x[j], x[k]), s[1])),
                    mul(mul(x[j], x[k]), s[0]),
                );
                mul(top, inv(mul(add(x[i], x[j]), add(x[i], x[k]))))
            };
            let (first, second) = (value(0, 1, 2), value(1, 0, 2));
            (
                x.to_vec(),
                vec![first, second, add(add(s[0], first), second)],
            )
        }
        _ => return None,
    };
    for (x, value) in roots.into_iter().zip(values) {
        let position = (code.n - 1).checked_sub(table(gf::log(x)?).into())?;
        word[position] = add(word[position], value);
    }
    Some(())
}

/// Whether a word needs more than its syndromes.
pub(super) fn dirty(syndromes: &[u16]) -> bool {
    syndromes.iter().any(|&s| s != 0)
}
