//! The one error type of the crate: each variant is a kind of mistake and carries the name of the
//! thing that is wrong, its value, and what would be right.

use std::borrow::Cow;
use std::path::PathBuf;

/// The name of a field, argument or port, as the user wrote it.
pub type Name = Cow<'static, str>;

/// Result with the crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// What can be wrong with an input.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A number is NaN or infinite.
    #[error("{name} is {}, must be a finite number", number(*value))]
    NotFinite {
        /// The field or argument.
        name: Name,
        /// Its value.
        value: f64,
    },
    /// A number that must be above zero is not.
    #[error("{name} is {}, must be above zero", number(*value))]
    NotPositive {
        /// The field or argument.
        name: Name,
        /// Its value.
        value: f64,
    },
    /// A number lies outside its range.
    #[error(
        "{name} is {}, must lie between {} and {}",
        number(*value),
        number(*min),
        number(*max)
    )]
    OutOfRange {
        /// The field or argument.
        name: Name,
        /// Its value.
        value: f64,
        /// The smallest value allowed.
        min: f64,
        /// The largest value allowed.
        max: f64,
    },
    /// A slice or array has the wrong length.
    #[error("{name} has length {got}, must be {expected}")]
    Length {
        /// The argument.
        name: Name,
        /// The length it must have.
        expected: usize,
        /// The length it has.
        got: usize,
    },
    /// A slice or array is empty where at least one entry is needed.
    #[error("{name} is empty, needs at least one entry")]
    Empty {
        /// The argument.
        name: Name,
    },
    /// A row of a multi-lane array is not contiguous in memory.
    #[error("{name} is not contiguous along its samples, must be in standard [lane, n] layout")]
    NotContiguous {
        /// The argument.
        name: Name,
    },
    /// A list that must rise strictly does not.
    #[error(
        "{name} does not rise at index {index}: {} follows {}, each entry must be above the one \
         before",
        number(*value),
        number(*previous)
    )]
    NotIncreasing {
        /// The argument.
        name: Name,
        /// Index of the entry that is too small.
        index: usize,
        /// The entry before it.
        previous: f64,
        /// Its value.
        value: f64,
    },
    /// A text is none of the words allowed.
    #[error("{name} is \"{value}\", must be one of {allowed}")]
    UnknownWord {
        /// The field or argument.
        name: Name,
        /// What was given.
        value: String,
        /// The words allowed, separated by commas.
        allowed: &'static str,
    },
    /// A path names no field of a configuration.
    #[error("{name} is not a field, must be one of {known}")]
    UnknownField {
        /// The path up to the part that is not known.
        name: Name,
        /// The fields at that level, separated by commas.
        known: String,
    },
    /// A field of a configuration cannot hold the value given.
    #[error("{name} is {value}, must be {expected}")]
    WrongType {
        /// The field.
        name: Name,
        /// What was given.
        value: String,
        /// What the field wants.
        expected: String,
    },
    /// A channel file ends below the frequency that a lane needs.
    #[error("file ends at {end_ghz:.1} GHz, {baud_gbd} GBd needs >= {needed_ghz:.1}")]
    Band {
        /// The last frequency of the file in GHz.
        end_ghz: f64,
        /// The symbol rate in `GBd`.
        baud_gbd: f64,
        /// The frequency the file would have to reach in GHz.
        needed_ghz: f64,
    },
    /// A cell whose numbers cannot be had.
    #[error("{cell}: no data: {reason}")]
    NoData {
        /// Lane rate and architecture.
        cell: String,
        /// Why not.
        reason: String,
    },
    /// A file or network that is read without a mistake but is no passive channel.
    #[error("{file}: {reason}")]
    NotAChannel {
        /// The file.
        file: String,
        /// What is wrong with it and what would be right.
        reason: String,
    },
    /// A four-port whose data do not say which ports belong together.
    #[error(
        "cannot tell the port order of {file}: |S21| = {s21:.2e}, |S31| = {s31:.2e} at \
         {at_ghz:.3} GHz; give --port-order 1-2,3-4 or 1-3,2-4"
    )]
    PortOrder {
        /// The file.
        file: String,
        /// Mean of `|S21|` and `|S43|` at the lowest frequencies.
        s21: f64,
        /// Mean of `|S31|` and `|S42|` there.
        s31: f64,
        /// The first frequency in GHz.
        at_ghz: f64,
    },
    /// A file cannot be read as what it should be.
    #[error("{}:{line}: {reason}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there and what would be right.
        reason: String,
    },
    /// A system of equations has no unique solution.
    #[error("{name} is singular (reciprocal condition {rcond:e}), change the taps or add noise")]
    Singular {
        /// The system.
        name: Name,
        /// Estimate of its reciprocal condition number.
        rcond: f64,
    },
    /// A file cannot be opened or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A number as messages show it: with an exponent where digits alone would be hard to count.
fn number(x: f64) -> String {
    if x == 0.0 || !x.is_finite() || (1e-3..=1e6).contains(&x.abs()) {
        x.to_string()
    } else {
        format!("{x:e}")
    }
}

#[cfg(feature = "serde")]
impl Error {
    /// The name of the field that is wrong, where one is.
    pub(crate) fn field(&mut self) -> Option<&mut Name> {
        match self {
            Self::NotFinite { name, .. }
            | Self::NotPositive { name, .. }
            | Self::OutOfRange { name, .. }
            | Self::UnknownWord { name, .. }
            | Self::UnknownField { name, .. }
            | Self::WrongType { name, .. } => Some(name),
            _ => None,
        }
    }
}

/// `value` if it is finite, else [`Error::NotFinite`].
pub fn finite(name: impl Into<Name>, value: f64) -> Result<f64> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Error::NotFinite {
            name: name.into(),
            value,
        })
    }
}

/// `value` if it is finite and above zero.
pub fn positive(name: impl Into<Name>, value: f64) -> Result<f64> {
    let name = name.into();
    let value = finite(name.clone(), value)?;
    if value > 0.0 {
        Ok(value)
    } else {
        Err(Error::NotPositive { name, value })
    }
}

/// `value` if it is finite and within `min..=max`.
pub fn in_range(name: impl Into<Name>, value: f64, min: f64, max: f64) -> Result<f64> {
    let name = name.into();
    let value = finite(name.clone(), value)?;
    if (min..=max).contains(&value) {
        Ok(value)
    } else {
        Err(Error::OutOfRange {
            name,
            value,
            min,
            max,
        })
    }
}

/// Checks that a slice has the length it must have.
pub fn length(name: impl Into<Name>, expected: usize, got: usize) -> Result<()> {
    if expected == got {
        Ok(())
    } else {
        Err(Error::Length {
            name: name.into(),
            expected,
            got,
        })
    }
}

/// Checks that every entry of a list is finite; the error names the entry as `name[index]`.
pub fn all_finite(name: &'static str, values: &[f64]) -> Result<()> {
    for (index, &value) in values.iter().enumerate() {
        if !value.is_finite() {
            return Err(Error::NotFinite {
                name: format!("{name}[{index}]").into(),
                value,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_check_names_the_field_and_the_right_value() {
        let text = |e: Error| e.to_string();
        assert_eq!(
            text(positive("baud_hz", -1.0).unwrap_err()),
            "baud_hz is -1, must be above zero"
        );
        assert_eq!(
            text(finite("taps[3]", f64::NAN).unwrap_err()),
            "taps[3] is NaN, must be a finite number"
        );
        assert_eq!(
            text(in_range("enob", 20.0, 1.0, 16.0).unwrap_err()),
            "enob is 20, must lie between 1 and 16"
        );
        assert_eq!(
            text(length("y", 4, 3).unwrap_err()),
            "y has length 3, must be 4"
        );
        assert!(all_finite("taps", &[0.0, f64::INFINITY]).is_err());
        assert_eq!(
            text(in_range("target", 2.0, 1e-300, 0.5).unwrap_err()),
            "target is 2, must lie between 1e-300 and 0.5"
        );
        assert_eq!(
            text(positive("baud_hz", -1e30).unwrap_err()),
            "baud_hz is -1e30, must be above zero"
        );
    }
}
