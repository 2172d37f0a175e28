//! What an input must be, and the errors that say so.

use crate::error::{Error, Name, Result, in_range, length};
use crate::fec::RsCode;

use super::T_MAX;

/// Checks that the codec can serve a code.
pub(super) fn code(code: &RsCode) -> Result<()> {
    let odd = |name: &'static str, value: usize, expected: String| {
        Err(Error::WrongType {
            name: name.into(),
            value: value.to_string(),
            expected,
        })
    };
    if code.symbol_bits != 10 {
        return odd("code.symbol_bits", code.symbol_bits as usize, "10".into());
    }
    in_range("code.n", code.n as f64, 3.0, 1023.0)?;
    in_range("code.k", code.k as f64, 1.0, code.n as f64 - 2.0)?;
    if (code.n - code.k) % 2 == 1 {
        return odd(
            "code.n - code.k",
            code.n - code.k,
            "an even number of parity symbols".into(),
        );
    }
    if code.t != (code.n - code.k) / 2 {
        return odd(
            "code.t",
            code.t,
            format!("(n - k) / 2 = {}", (code.n - code.k) / 2),
        );
    }
    in_range("code.t", code.t as f64, 1.0, T_MAX as f64)?;
    Ok(())
}

/// Checks that each symbol has ten bits; the error names it as `name[index]`.
pub(super) fn symbols(name: impl Fn() -> Name, symbols: &[u16]) -> Result<()> {
    // One pass that the compiler vectorises; the place is looked for only if there is one.
    if symbols.iter().fold(0, |any, &s| any | s) < 1024 {
        return Ok(());
    }
    let index = symbols.iter().position(|&s| s >= 1024).unwrap_or(0);
    Err(Error::OutOfRange {
        name: format!("{}[{index}]", name()).into(),
        value: f64::from(symbols[index]),
        min: 0.0,
        max: 1023.0,
    })
}

/// Checks erased positions: at most `2 t`, each below `n`, none twice.
pub(super) fn erasures(code: &RsCode, erasures: &[usize]) -> Result<()> {
    in_range(
        "erasures.len()",
        erasures.len() as f64,
        0.0,
        2.0 * code.t as f64,
    )?;
    for (index, &at) in erasures.iter().enumerate() {
        let name = || format!("erasures[{index}]");
        in_range(name(), at as f64, 0.0, code.n as f64 - 1.0)?;
        if let Some(first) = erasures[..index].iter().position(|&e| e == at) {
            return Err(Error::WrongType {
                name: name().into(),
                value: at.to_string(),
                expected: format!("a position not named before; erasures[{first}] is the same"),
            });
        }
    }
    Ok(())
}

/// Checks the shape of a batch: equal numbers of words, `columns` entries each.
pub(super) fn columns(name: &str, expected: usize, got: usize) -> Result<()> {
    length(format!("{name} (symbols)"), expected, got)
}
