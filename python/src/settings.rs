//! Settings: anything that can be read as what is wanted.

use std::ops::RangeInclusive;

use numpy::{
    AllowTypeChange, PyArrayDescrMethods, PyArrayLike1, PyArrayLike2, PyUntypedArray,
    PyUntypedArrayMethods, get_array_module,
};
use pamlink::error::finite;
use pamlink::{Error, Level};
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;

use crate::error::OrRaise;

/// A list of numbers: any sequence or array of one dimension.
pub(crate) fn numbers(name: &str, argument: &Bound<'_, PyAny>) -> PyResult<Vec<f64>> {
    match argument.extract::<PyArrayLike1<'_, f64, AllowTypeChange>>() {
        Ok(list) if numeric(argument) => Ok(list.as_array().to_vec()),
        _ => Err(unreadable(name, argument, "a list of numbers")),
    }
}

/// Whether NumPy finds real numbers in an argument: text that spells some is text.
pub(crate) fn numeric(argument: &Bound<'_, PyAny>) -> bool {
    let kind = || -> PyResult<bool> {
        let array = get_array_module(argument.py())?.call_method1("asarray", (argument,))?;
        match array.cast::<PyUntypedArray>()?.dtype().kind() {
            b'b' | b'i' | b'u' | b'f' => Ok(true),
            b'O' => {
                for entry in array.call_method0("ravel")?.try_iter()? {
                    entry?.extract::<f64>()?;
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    };
    kind().unwrap_or(false)
}

/// The same in single precision; what is finite must stay so.
pub(crate) fn singles(name: &str, argument: &Bound<'_, PyAny>) -> PyResult<Vec<f32>> {
    let list = numbers(name, argument)?;
    let single = |(index, &value): (usize, &f64)| {
        #[allow(clippy::cast_possible_truncation)] // overflow to infinity is the check below
        let rounded = value as f32;
        if value.is_finite() && !rounded.is_finite() {
            finite(format!("{name}[{index}] in float32"), f64::from(rounded))?;
        }
        Ok(rounded)
    };
    list.iter()
        .enumerate()
        .map(single)
        .collect::<pamlink::Result<_>>()
        .or_raise(argument.py())
}

/// A list of a known length in single precision.
pub(crate) fn fixed<const N: usize>(
    name: &'static str,
    argument: &Bound<'_, PyAny>,
) -> PyResult<[f32; N]> {
    let list = singles(name, argument)?;
    pamlink::error::length(name, N, list.len()).or_raise(argument.py())?;
    Ok(std::array::from_fn(|i| list[i]))
}

/// The same in double precision.
pub(crate) fn fixed_f64<const N: usize>(
    name: &'static str,
    argument: &Bound<'_, PyAny>,
) -> PyResult<[f64; N]> {
    let list = numbers(name, argument)?;
    pamlink::error::length(name, N, list.len()).or_raise(argument.py())?;
    Ok(std::array::from_fn(|i| list[i]))
}

/// Bounds of `count` taps: one number (both ways), one pair for all, or a pair for each.
pub(crate) fn limits(
    name: &'static str,
    argument: Option<&Bound<'_, PyAny>>,
    count: usize,
) -> PyResult<Option<Vec<(f64, f64)>>> {
    let Some(argument) = argument else {
        return Ok(None);
    };
    if let Ok(bound) = argument.extract::<f64>() {
        return Ok(Some(vec![(-bound, bound); count]));
    }
    let wanted = "a number, a pair (min, max) or a pair for each tap";
    if !numeric(argument) {
        return Err(unreadable(name, argument, wanted));
    }
    if let Ok(pair) = argument.extract::<PyArrayLike1<'_, f64, AllowTypeChange>>() {
        let pair = pair.as_array();
        if pair.len() == 2 {
            return Ok(Some(vec![(pair[0], pair[1]); count]));
        }
    } else if let Ok(pairs) = argument.extract::<PyArrayLike2<'_, f64, AllowTypeChange>>() {
        let pairs = pairs.as_array();
        if pairs.ncols() == 2 {
            pamlink::error::length(name, count, pairs.nrows()).or_raise(argument.py())?;
            return Ok(Some(
                pairs.rows().into_iter().map(|p| (p[0], p[1])).collect(),
            ));
        }
    }
    Err(unreadable(name, argument, wanted))
}

/// A whole number from 0 to `max`.
pub(crate) fn whole(name: &'static str, argument: &Bound<'_, PyAny>, max: u64) -> PyResult<u64> {
    within(name, argument, 0..=max)
}

/// A whole number of a range.
fn within(
    name: &'static str,
    argument: &Bound<'_, PyAny>,
    range: RangeInclusive<u64>,
) -> PyResult<u64> {
    let outside = || {
        Err(Error::OutOfRange {
            name: name.into(),
            // Only an integer beyond every double cannot be read.
            value: argument.extract().unwrap_or_else(|_| match argument.lt(0) {
                Ok(true) => f64::NEG_INFINITY,
                _ => f64::INFINITY,
            }),
            min: *range.start() as f64,
            max: *range.end() as f64,
        })
        .or_raise(argument.py())
    };
    match argument.extract::<u64>() {
        Ok(value) if range.contains(&value) => Ok(value),
        Ok(_) => outside(),
        Err(error) if error.is_instance_of::<PyOverflowError>(argument.py()) => outside(),
        Err(_) => Err(unreadable(name, argument, "a whole number")),
    }
}

/// A count of things, of a range.
pub(crate) fn count(
    name: &'static str,
    argument: &Bound<'_, PyAny>,
    range: RangeInclusive<usize>,
) -> PyResult<usize> {
    let (least, most) = range.into_inner();
    let value = within(name, argument, least as u64..=most as u64)?;
    Ok(usize::try_from(value).unwrap_or(most))
}

/// A number of things in words.
pub(crate) fn counted(n: usize, thing: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {thing}{plural}")
}

/// The SIMD level to run at: the one named if this machine has it, else its best.
pub(crate) fn level(py: Python<'_>, word: Option<&str>) -> PyResult<Level> {
    let Some(word) = word else {
        return Ok(Level::best());
    };
    let level = Level::best().lowered(word).map_err(|error| match error {
        Error::UnknownWord { value, allowed, .. } => Error::UnknownWord {
            name: "level".into(),
            value,
            allowed,
        },
        other => other,
    });
    level.or_raise(py)
}

fn unreadable(name: &str, argument: &Bound<'_, PyAny>, wanted: &str) -> PyErr {
    PyTypeError::new_err(format!("{name} is {argument}, must be {wanted}"))
}
