//! Encoder and decoder of a Reed-Solomon code, per PAM4 symbol (two line bits).

use super::closed::{Count, attempt, solution};
use super::errors::Shares;
use super::{PCS_OVERHEAD, gates_per_bit};
use crate::fec::bound::WordErrors;
use crate::fec::{KP4, RsCode};
use crate::ops::{Cost, Ops};

/// Check symbols of the code whose gates were counted.
const CHECKS: f64 = 30.0;
/// Cells and steps of its key solver per symbol of a word.
const KEY_CELLS: f64 = 46.0 * 30.0 / 544.0;

/// How the positions of the errors of a dirty word are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum KeySolver {
    /// Inversionless Berlekamp-Massey and a search of all positions, on every dirty word.
    #[default]
    Inversionless,
    /// Closed forms for one, two and three errors, tried in this order; the others as above.
    ClosedForms,
}

/// Share of words that hold at least one error, `d = 1 - (1 - SER)^544`, from the error rate of the
/// 10-bit symbols. `SER` outside 0..=1 is clamped.
///
/// A decoder runs its key solver on these words only, so a cleaner link costs less: 0.73 at a bit
/// error ratio of 2.4e-4, 0.005 at 1e-6.
#[must_use]
pub fn dirty_share(symbol_error_ratio: f64) -> f64 {
    let ser = symbol_error_ratio.clamp(0.0, 1.0);
    -(KP4.n as f64 * (-ser).ln_1p()).exp_m1()
}

/// The encoder with its share of the PCS; `symbols_per_cycle` is the parallelism (16 usual).
///
/// Algorithm: for each of the `k` message symbols `2t` constant products and `2t` ten-bit sums of the
/// feedback register. Hardware, per bit of KP4: `1.5 (146 + 270/Ps)` gate equivalents; both in
/// proportion to `2t`.
#[must_use]
pub fn encoder(code: &RsCode, symbols_per_cycle: f64) -> Cost {
    let roots = 2.0 * code.t as f64;
    Cost {
        algorithm: per_pam4(code, &constant(code.k as f64 * roots)),
        hardware: gates_per_bit(scaled(code, 146.0 + 270.0 / symbols_per_cycle)),
        ..stage(code, "encoder", symbols_per_cycle, "")
    }
}

/// The syndromes of every word, by Horner's rule.
///
/// Algorithm: `2t` constant products and `2t` sums for each of the `n` symbols. Hardware, per bit of
/// KP4: `1.5 (162 + 270/Ps)` gate equivalents, in proportion to `2t`.
#[must_use]
pub fn syndromes(code: &RsCode, symbols_per_cycle: f64) -> Cost {
    let roots = 2.0 * code.t as f64;
    Cost {
        algorithm: per_pam4(code, &constant(code.n as f64 * roots)),
        hardware: gates_per_bit(scaled(code, 162.0 + 270.0 / symbols_per_cycle)),
        ..stage(code, "syndromes", symbols_per_cycle, "")
    }
}

/// The key equation of dirty words.
///
/// Algorithm: inversionless Berlekamp-Massey without a separate discrepancy, `2t` steps of `3t + 1`
/// cells, each two products and one sum (Sarwate and Shanbhag, "High-speed architectures for
/// Reed-Solomon decoders", IEEE Trans. VLSI Syst. 9, 2001). [`KeySolver::ClosedForms`] puts in front,
/// for words with up to three errors in its place, for `e = 1, 2, 3` the `e` coefficients from
/// `2e` syndromes (1, 8, 26 products, 0, 3, 14 sums, an inverse from a table) and their check on the
/// others, `e (2t - 2e)` products and sums. For a code that corrects fewer than three these stop at `t`.
///
/// Hardware, per bit of KP4: `1.5 * 182 d` gate equivalents for a share `d` of dirty words, in
/// proportion to cells times steps over the length of the word. It is that of the inversionless form for
/// either solver: closed forms save time of the solver but not its gates.
#[must_use]
pub fn key_equation(code: &RsCode, errors: &WordErrors, solver: KeySolver) -> Cost {
    key(code, &Shares::new(code, errors), solver)
}

fn key(code: &RsCode, errors: &Shares, solver: KeySolver) -> Cost {
    let t = code.t as f64;
    let roots = 2.0 * t;
    let cells = roots * (3.0 * t + 1.0);
    let (mut general, mut algorithm) = (errors.dirty, Ops::default());
    for e in 1..=closed_to(code, solver) {
        // Tried on what the forms for fewer errors have left.
        algorithm = algorithm.plus(&attempt(e, roots).ops().times(general));
        general -= errors.with(e);
    }
    let inversionless = Count {
        products: 2.0 * cells,
        sums: cells,
        reads: 0.0,
    };
    algorithm = algorithm.plus(&inversionless.ops().times(general.max(0.0)));
    let size = cells / code.n as f64 / KEY_CELLS;
    Cost {
        algorithm: per_pam4(code, &algorithm),
        hardware: gates_per_bit(182.0 * size * errors.dirty),
        ..Cost::new(
            format!("{} key equation", upper(code)),
            format!(
                "on {:.0} % of words, PCS x {PCS_OVERHEAD}",
                100.0 * errors.dirty
            ),
        )
    }
}

/// The search for the positions and the values of the errors (Chien, Forney), and the correction.
///
/// Algorithm, for each word that went through Berlekamp-Massey: `t` constant products and `t` sums at
/// each of the `n` positions; for each error the evaluator at the root (`t - 1` products and sums), the
/// odd terms of the locator (`ceil(t/2) - 1` sums), an inverse from a table, two products, a power of the
/// position from a table and the correction of the symbol. Words solved by [`KeySolver::ClosedForms`] take for 1, 2, 3 errors 0, 5, 18
/// products, 1, 5, 21 sums and 1, 4, 8 reads of tables of 1024 ten-bit entries. A cubic without a linear term (one in 1024) is counted like the others.
/// Words that cannot be decoded are searched, not corrected.
///
/// Hardware, per bit of KP4: `1.5 (120 + 270/Ps)` gate equivalents in proportion to `2t`, running on all
/// words.
#[must_use]
pub fn root_search(
    code: &RsCode,
    errors: &WordErrors,
    solver: KeySolver,
    symbols_per_cycle: f64,
) -> Cost {
    search(code, &Shares::new(code, errors), solver, symbols_per_cycle)
}

fn search(code: &RsCode, errors: &Shares, solver: KeySolver, symbols_per_cycle: f64) -> Cost {
    let t = code.t as f64;
    let (mut searched, mut corrected) = (errors.dirty, errors.corrected);
    let mut algorithm = Ops::default();
    for e in 1..=closed_to(code, solver) {
        let share = errors.with(e);
        algorithm = algorithm.plus(&solution(e).ops().times(share));
        searched -= share;
        corrected -= e as f64 * share;
    }
    let value = Count {
        products: t + 1.0,
        sums: (t - 1.0) + (code.t.div_ceil(2) as f64 - 1.0) + 1.0,
        reads: 2.0,
    };
    algorithm = algorithm
        .plus(&constant(code.n as f64 * t).times(searched.max(0.0)))
        .plus(&value.ops().times(corrected.max(0.0)));
    Cost {
        algorithm: per_pam4(code, &algorithm),
        hardware: gates_per_bit(scaled(code, 120.0 + 270.0 / symbols_per_cycle)),
        ..stage(code, "root search", symbols_per_cycle, "")
    }
}

/// A whole decoder with its share of the PCS: [`syndromes`], [`key_equation`] and [`root_search`], the
/// words kept meanwhile and their correction (`60 + 30` gate equivalents per bit).
///
/// Hardware, per bit of KP4: `1.5 (162 syndromes + 120 roots and values + 182 d + 60 FIFO + 540/Ps + 30)`.
///
/// Latency 100 ns: published 100 ns to 198 ns (the latter at 50G lanes).
#[must_use]
pub fn decoder(
    code: &RsCode,
    errors: &WordErrors,
    solver: KeySolver,
    symbols_per_cycle: f64,
) -> Cost {
    whole(code, &Shares::new(code, errors), solver, symbols_per_cycle)
}

fn whole(code: &RsCode, errors: &Shares, solver: KeySolver, symbols_per_cycle: f64) -> Cost {
    let stages = [
        syndromes(code, symbols_per_cycle),
        key(code, errors, solver),
        search(code, errors, solver, symbols_per_cycle),
    ];
    let mut algorithm = Ops::default();
    let mut gates = gates_per_bit(60.0 + 30.0).gates;
    for stage in &stages {
        algorithm = algorithm.plus(&stage.algorithm);
        gates += stage.hardware.gates;
    }
    let on = format!("key solver on {:.0} % of words, ", 100.0 * errors.dirty);
    Cost {
        algorithm,
        hardware: Ops {
            gates,
            ..Ops::default()
        },
        latency_s: 100e-9,
        ..stage(code, "decoder", symbols_per_cycle, &on)
    }
}

/// [`encoder`] of [`KP4`].
#[must_use]
pub fn kp4_encoder(symbols_per_cycle: f64) -> Cost {
    encoder(&KP4, symbols_per_cycle)
}

/// [`decoder`] of [`KP4`] for a share `dirty` of words with errors that are independent
/// ([`dirty_share`]; 1 = key solver always on, no word decoded). A share outside 0..=1 is clamped,
/// one that is no number is 1.
#[must_use]
pub fn kp4_decoder(dirty: f64, symbols_per_cycle: f64) -> Cost {
    let clean = 1.0 - dirty.clamp(0.0, 1.0);
    // The inverse of `dirty_share`.
    let symbol_error = -(clean.ln() / KP4.n as f64).exp_m1();
    let errors = WordErrors::independent(KP4.n, symbol_error)
        .map_or_else(|_| Shares::hopeless(), |errors| Shares::new(&KP4, &errors));
    whole(&KP4, &errors, KeySolver::default(), symbols_per_cycle)
}

/// Errors up to which closed forms are used.
fn closed_to(code: &RsCode, solver: KeySolver) -> usize {
    match solver {
        KeySolver::Inversionless => 0,
        KeySolver::ClosedForms => code.t.min(3),
    }
}

/// So many constant products, each with a ten-bit sum.
fn constant(count: f64) -> Ops {
    Ops {
        gf_const: count,
        xor2: 10.0 * count,
        ..Ops::default()
    }
}

/// Operations of a word, per PAM4 symbol.
fn per_pam4(code: &RsCode, word: &Ops) -> Ops {
    word.clone()
        .times(1.0 / code.codeword_pam4_symbols() as f64)
}

/// Gates of KP4 for another number of check symbols.
fn scaled(code: &RsCode, gates: f64) -> f64 {
    gates * 2.0 * code.t as f64 / CHECKS
}

fn upper(code: &RsCode) -> String {
    code.name.to_uppercase()
}

fn stage(code: &RsCode, name: &str, symbols_per_cycle: f64, more: &str) -> Cost {
    Cost::new(
        format!("{} {name}", upper(code)),
        format!("{symbols_per_cycle} symbols per cycle, {more}PCS x {PCS_OVERHEAD}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dirty_share_holds_the_two_published_points() {
        // BER 2.4e-4 and 1e-6 with independent bits: SER = 1 - (1 - BER)^10. Two digits are given.
        let ser = |ber: f64| 1.0 - (1.0 - ber).powi(10);
        assert!((dirty_share(ser(2.4e-4)) - 0.73).abs() < 0.005);
        assert!((dirty_share(ser(1e-6)) - 0.0054).abs() < 0.0001);
        assert_eq!(dirty_share(0.0), 0.0);
        assert_eq!(dirty_share(1.0), 1.0);
    }
}
