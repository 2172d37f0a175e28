//! What the library's errors are in Python: one table.

use std::io::ErrorKind;

use pamlink::Error;
use pyo3::exceptions::{
    PyArithmeticError, PyFileNotFoundError, PyIsADirectoryError, PyNotADirectoryError, PyOSError,
    PyPermissionError, PyTypeError, PyValueError,
};
use pyo3::prelude::*;
use pyo3::{IntoPyObjectExt, PyTypeInfo, create_exception};

create_exception!(
    pamlink,
    ConfigError,
    PyValueError,
    "A setting is not finite, out of range, unknown or of the wrong kind.\n\n\
     Attributes\n----------\n\
     name : str\n    The setting.\n\
     value : object\n    What was given, where one value is to blame, else None.\n\
     min, max : float or None\n    The range allowed, where there is one."
);
create_exception!(
    pamlink,
    ShapeError,
    PyValueError,
    "An array has the wrong shape or length.\n\n\
     Attributes\n----------\n\
     name : str\n    The argument.\n\
     expected, got : int or tuple of int\n    Its length or shape as it must be and as it is."
);
create_exception!(
    pamlink,
    ParseError,
    PyValueError,
    "A file cannot be read as what it should be.\n\n\
     Attributes\n----------\n\
     path : str\n    The file.\n\
     line : int\n    The line, counted from 1."
);
create_exception!(
    pamlink,
    ChannelError,
    PyValueError,
    "A channel file is read without a mistake but cannot serve as a channel.\n\n\
     Attributes\n----------\n\
     file : str or None\n    The file."
);
create_exception!(
    pamlink,
    SingularError,
    PyArithmeticError,
    "A system of equations has no unique solution.\n\n\
     Attributes\n----------\n\
     name : str\n    The system.\n\
     rcond : float\n    Estimate of its reciprocal condition number."
);

/// Turns results of the library into Python's.
pub(crate) trait OrRaise<T> {
    /// The value, or the Python exception for the error.
    fn or_raise(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> OrRaise<T> for pamlink::Result<T> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| raised(py, error).unwrap_or_else(|failure| failure))
    }
}

/// The error of a setting that is called something else in Python.
pub(crate) fn renamed(mut error: Error, from: &str, to: &str) -> Error {
    if let Error::Empty { name }
    | Error::NotFinite { name, .. }
    | Error::NotPositive { name, .. }
    | Error::OutOfRange { name, .. } = &mut error
    {
        *name = name.replace(from, to).into();
    }
    error
}

/// The exception for an error; one arm per row of the table.
fn raised(py: Python<'_>, error: Error) -> PyResult<PyErr> {
    let text = error.to_string();
    match error {
        Error::NotFinite { name, value } | Error::NotPositive { name, value } => {
            config(py, &text, &name, Some(value), None)
        }
        Error::OutOfRange {
            name,
            value,
            min,
            max,
        } => config(py, &text, &name, Some(value), Some((min, max))),
        Error::NotIncreasing { name, value, .. } => config(py, &text, &name, Some(value), None),
        Error::UnknownWord { name, value, .. } | Error::WrongType { name, value, .. } => {
            config(py, &text, &name, Some(value), None)
        }
        Error::Empty { name } | Error::UnknownField { name, .. } => {
            config::<f64>(py, &text, &name, None, None)
        }
        Error::Length {
            name,
            expected,
            got,
        } => shape(py, &text, &name, expected, got),
        Error::NotContiguous { name } => Ok(PyTypeError::new_err(format!(
            "{name} is not contiguous along its samples: pass np.ascontiguousarray({name})"
        ))),
        Error::Parse { path, line, .. } => {
            let path = path.display().to_string();
            with::<ParseError>(
                py,
                &text,
                &[("path", any(py, path)?), ("line", any(py, line)?)],
            )
        }
        Error::Singular { name, rcond } => {
            let name = any(py, name.as_ref())?;
            with::<SingularError>(py, &text, &[("name", name), ("rcond", any(py, rcond)?)])
        }
        Error::NotAChannel { file, .. } => channel(py, &text, Some(file)),
        Error::PortOrder { file, .. } => channel(
            py,
            &text.replace("--port-order ", "port_order="),
            Some(file),
        ),
        Error::Band { .. } | Error::NoData { .. } => channel(py, &text, None),
        Error::Io { path, source } => io(py, &path.display().to_string(), &source),
        // The enum may grow; a test of the table notices a row that is missing.
        _ => Ok(PyValueError::new_err(text)),
    }
}

fn config<'py, V: IntoPyObjectExt<'py>>(
    py: Python<'py>,
    text: &str,
    name: &str,
    value: Option<V>,
    range: Option<(f64, f64)>,
) -> PyResult<PyErr> {
    let attributes = [
        ("name", any(py, name)?),
        ("value", any(py, value)?),
        ("min", any(py, range.map(|r| r.0))?),
        ("max", any(py, range.map(|r| r.1))?),
    ];
    with::<ConfigError>(py, text, &attributes)
}

/// A [`ShapeError`]; lengths are integers, shapes tuples.
pub(crate) fn shape<'py, S: IntoPyObjectExt<'py>>(
    py: Python<'py>,
    text: &str,
    name: &str,
    expected: S,
    got: S,
) -> PyResult<PyErr> {
    let attributes = [
        ("name", any(py, name)?),
        ("expected", any(py, expected)?),
        ("got", any(py, got)?),
    ];
    with::<ShapeError>(py, text, &attributes)
}

fn channel(py: Python<'_>, text: &str, file: Option<String>) -> PyResult<PyErr> {
    with::<ChannelError>(py, text, &[("file", any(py, file)?)])
}

/// The builtin that Python's own `open` would raise, with `errno`, `strerror` and `filename`.
fn io(py: Python<'_>, path: &str, source: &std::io::Error) -> PyResult<PyErr> {
    let Some(code) = source.raw_os_error() else {
        return Ok(PyOSError::new_err(format!("{path}: {source}")));
    };
    let reason: String = py
        .import("os")?
        .call_method1("strerror", (code,))?
        .extract()?;
    let arguments = (code, reason, path.to_owned());
    Ok(match source.kind() {
        ErrorKind::NotFound => PyFileNotFoundError::new_err(arguments),
        ErrorKind::PermissionDenied => PyPermissionError::new_err(arguments),
        ErrorKind::IsADirectory => PyIsADirectoryError::new_err(arguments),
        ErrorKind::NotADirectory => PyNotADirectoryError::new_err(arguments),
        _ => PyOSError::new_err(arguments),
    })
}

fn any<'py>(py: Python<'py>, value: impl IntoPyObjectExt<'py>) -> PyResult<Bound<'py, PyAny>> {
    value.into_bound_py_any(py)
}

fn with<E: PyTypeInfo>(
    py: Python<'_>,
    text: &str,
    attributes: &[(&str, Bound<'_, PyAny>)],
) -> PyResult<PyErr> {
    let exception = py.get_type::<E>().call1((text,))?;
    for (name, value) in attributes {
        exception.setattr(*name, value)?;
    }
    Ok(PyErr::from_value(exception))
}
