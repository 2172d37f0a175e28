//! The option line, `# <unit> <parameter> <format> R <ohm>`.

use num_complex::Complex64;

use super::number::{number, shown, words};
use crate::units::db_to_amplitude;

/// How a pair of numbers becomes a complex one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Format {
    /// Real and imaginary part.
    Ri,
    /// Magnitude and angle in degrees.
    Ma,
    /// `20 log10` of the magnitude and angle in degrees.
    Db,
}

impl Format {
    pub(super) fn complex(self, a: f64, b: f64) -> Complex64 {
        match self {
            Self::Ri => Complex64::new(a, b),
            Self::Ma => Complex64::from_polar(a, b.to_radians()),
            Self::Db => Complex64::from_polar(db_to_amplitude(a), b.to_radians()),
        }
    }
}

/// What the option line says; words it leaves out keep their default.
#[derive(Debug, Clone, Copy)]
pub(super) struct Options {
    /// Hz per unit of the frequency column.
    pub(super) hertz: f64,
    pub(super) format: Format,
    /// Reference impedance of every port.
    pub(super) z0_ohm: f64,
}

impl Default for Options {
    /// `# GHz S MA R 50`, as the format defines it.
    fn default() -> Self {
        Self {
            hertz: 1e9,
            format: Format::Ma,
            z0_ohm: 50.0,
        }
    }
}

/// What the option line holds once each.
const KINDS: [&str; 4] = [
    "frequency unit",
    "parameter",
    "number format",
    "reference impedance",
];

/// Which of [`KINDS`] a word is, in upper case.
fn kind(upper: &[u8]) -> Option<usize> {
    match upper {
        b"HZ" | b"KHZ" | b"MHZ" | b"GHZ" | b"THZ" => Some(0),
        b"S" => Some(1),
        b"RI" | b"MA" | b"DB" => Some(2),
        b"R" => Some(3),
        _ => None,
    }
}

impl Options {
    /// Reads the words behind `#`, in any order and case.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut words = words(text).peekable();
        let mut given: [Option<&[u8]>; 4] = [None; 4];
        while let Some(word) = words.next() {
            let upper = word.to_ascii_uppercase();
            if let Some(kind) = kind(&upper)
                && let Some(first) = given[kind].replace(word)
            {
                return Err(format!(
                    "{} and {} on the option line, must be one {}",
                    shown(first),
                    shown(word),
                    KINDS[kind]
                ));
            }
            match upper.as_slice() {
                b"HZ" => options.hertz = 1.0,
                b"KHZ" => options.hertz = 1e3,
                b"MHZ" => options.hertz = 1e6,
                b"GHZ" => options.hertz = 1e9,
                b"THZ" => options.hertz = 1e12,
                b"RI" => options.format = Format::Ri,
                b"MA" => options.format = Format::Ma,
                b"DB" => options.format = Format::Db,
                b"S" => {}
                b"Y" | b"Z" | b"G" | b"H" => {
                    return Err(format!(
                        "{} parameters are not read, must be S parameters",
                        shown(word)
                    ));
                }
                b"R" => {
                    let Some(value) = words.next() else {
                        return Err("R has no value, needs the reference impedance in ohm".into());
                    };
                    options.z0_ohm = impedance(value)?;
                    // Some writers repeat the value once per port.
                    while let Some(more) = words.next_if(|w| number(w).is_ok()) {
                        if impedance(more)? != options.z0_ohm {
                            return Err(format!(
                                "R has {} beside {}, all ports must have one reference impedance",
                                shown(more),
                                options.z0_ohm
                            ));
                        }
                    }
                }
                _ => {
                    return Err(format!(
                        "{} on the option line, must be one of Hz, kHz, MHz, GHz, THz, S, MA, DB, \
                         RI, R <ohm>",
                        shown(word)
                    ));
                }
            }
        }
        Ok(options)
    }
}

fn impedance(word: &[u8]) -> Result<f64, String> {
    match number(word) {
        Ok(z) if z > 0.0 => Ok(z),
        _ => Err(format!(
            "reference impedance is {}, must be a number above zero in ohm",
            shown(word)
        )),
    }
}
