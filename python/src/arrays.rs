//! Stream arguments: exactly the right dtype and layout, or an error that names the cast to write.

use std::ops::Range;

use numpy::ndarray::{ArrayView2, ArrayViewMut2, Axis, Ix1, Ix2};
use numpy::{
    BorrowError, Element, PyArrayDescrMethods, PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn,
    PyReadwriteArrayDyn, PyUntypedArray, PyUntypedArrayMethods, dtype, get_array_module,
};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::error::shape as shape_error;

/// An array of samples or symbols whose layout is checked, borrowed for reading.
pub(crate) struct Stream<'py, T: Element> {
    array: PyReadonlyArrayDyn<'py, T>,
    bytes: Range<usize>,
}

impl<'py, T: Element> Stream<'py, T> {
    /// Checks and borrows an argument.
    pub(crate) fn new(name: &str, argument: &Bound<'py, PyAny>) -> PyResult<Self> {
        let array = typed::<T>(name, argument)?;
        let dimensions = array.ndim();
        if !matches!(dimensions, 1 | 2) {
            let text = format!("{name} has {dimensions} dimensions, must be [n] or [lane, n]");
            return Err(shape_error(argument.py(), &text, name, 2, dimensions)?);
        }
        laid_out(name, &array)?;
        let bytes = bytes(&array);
        let array = array.try_readonly().map_err(|_| busy(name))?;
        Ok(Self { array, bytes })
    }

    /// `[n]` or `[lane, n]`, as it was given.
    pub(crate) fn shape(&self) -> &[usize] {
        self.array.shape()
    }

    /// Whether there is no sample at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.array.is_empty()
    }

    /// The memory it lies in.
    pub(crate) fn bytes(&self) -> &Range<usize> {
        &self.bytes
    }

    /// Rows of samples; one where the array is `[n]`.
    pub(crate) fn lanes(&self) -> usize {
        lanes(self.shape())
    }

    /// The array as `[lane, n]`.
    pub(crate) fn rows(&self) -> PyResult<ArrayView2<'_, T>> {
        if self.array.is_empty() {
            // NumPy's strides of empty arrays mean nothing.
            return ArrayView2::from_shape(rows_and_samples(self.shape()), &[]).map_err(bad);
        }
        let view = self.array.as_array();
        if view.ndim() == 1 {
            let one = view.into_dimensionality::<Ix1>().map_err(bad)?;
            Ok(one.insert_axis(Axis(0)))
        } else {
            view.into_dimensionality::<Ix2>().map_err(bad)
        }
    }
}

/// An array of rows of a fixed length, one behind the other, borrowed for reading.
pub(crate) struct Rows<'py, T: Element> {
    array: PyReadonlyArrayDyn<'py, T>,
    bytes: Range<usize>,
}

impl<'py, T: Element> Rows<'py, T> {
    /// Checks and borrows an argument `[..., length]`.
    pub(crate) fn new(name: &str, argument: &Bound<'py, PyAny>, length: usize) -> PyResult<Self> {
        let array = typed::<T>(name, argument)?;
        let got = array.shape().last().copied();
        if got != Some(length) {
            let py = argument.py();
            let shape = PyTuple::new(py, array.shape())?;
            let text = format!("{name} has shape {shape}, must be [..., {length}]");
            return Err(shape_error(py, &text, name, length, got.unwrap_or(0))?);
        }
        if !array.is_c_contiguous() || !array.is_aligned() {
            return Err(not_contiguous(name));
        }
        let bytes = bytes(&array);
        let array = array.try_readonly().map_err(|_| busy(name))?;
        Ok(Self { array, bytes })
    }

    /// As it was given.
    pub(crate) fn shape(&self) -> &[usize] {
        self.array.shape()
    }

    /// The shape with rows of another length, or of single values.
    pub(crate) fn shaped(&self, length: Option<usize>) -> Vec<usize> {
        let mut shape = self.shape().to_vec();
        shape.pop();
        shape.extend(length);
        shape
    }

    /// The memory it lies in.
    pub(crate) fn bytes(&self) -> &Range<usize> {
        &self.bytes
    }

    /// All entries, row by row.
    pub(crate) fn slice(&self) -> &[T] {
        // An array without entries need not look contiguous.
        self.array.as_slice().unwrap_or_default()
    }
}

/// Rows of a shape `[n]` or `[lane, n]`.
pub(crate) fn lanes(shape: &[usize]) -> usize {
    if shape.len() == 2 { shape[0] } else { 1 }
}

fn rows_and_samples(shape: &[usize]) -> (usize, usize) {
    (lanes(shape), shape.last().copied().unwrap_or(0))
}

/// Where a result goes: the caller's array or a new one.
pub(crate) struct Output<'py, T: Element> {
    array: Bound<'py, PyArrayDyn<T>>,
    guard: PyReadwriteArrayDyn<'py, T>,
    bytes: Range<usize>,
}

impl<'py, T: Element> Output<'py, T> {
    /// `out`, which must have `shape` and share no memory with what is `taken`, or a new array.
    pub(crate) fn new(
        py: Python<'py>,
        name: &str,
        out: Option<&Bound<'py, PyAny>>,
        shape: &[usize],
        taken: &[&Range<usize>],
    ) -> PyResult<Self> {
        let array = match out {
            Some(out) => {
                let array = typed::<T>(name, out)?;
                if array.shape() != shape {
                    let (expected, got) =
                        (PyTuple::new(py, shape)?, PyTuple::new(py, array.shape())?);
                    let text = format!("{name} has shape {got}, must be {expected}");
                    return Err(shape_error(py, &text, name, expected, got)?);
                }
                laid_out(name, &array)?;
                array
            }
            None => empty(py, shape)?,
        };
        let bytes = bytes(&array);
        for other in taken {
            let shared = bytes.start.max(other.start)..bytes.end.min(other.end);
            if !shared.is_empty() {
                return Err(PyValueError::new_err(format!(
                    "{name} overlaps another argument in memory, must be an array of its own"
                )));
            }
        }
        let guard = array.try_readwrite().map_err(|error| match error {
            BorrowError::NotWriteable => {
                PyValueError::new_err(format!("{name} is read-only, must be writeable"))
            }
            _ => busy(name),
        })?;
        Ok(Self {
            array,
            guard,
            bytes,
        })
    }

    /// The array as `[lane, n]`, to fill.
    pub(crate) fn rows(&mut self) -> PyResult<ArrayViewMut2<'_, T>> {
        if self.array.is_empty() {
            let shape = rows_and_samples(self.array.shape());
            return ArrayViewMut2::from_shape(shape, &mut []).map_err(bad);
        }
        let view = self.guard.as_array_mut();
        if view.ndim() == 1 {
            let one = view.into_dimensionality::<Ix1>().map_err(bad)?;
            Ok(one.insert_axis(Axis(0)))
        } else {
            view.into_dimensionality::<Ix2>().map_err(bad)
        }
    }

    /// All entries, which must lie one behind the other.
    pub(crate) fn flat(&mut self, name: &str) -> PyResult<&mut [T]> {
        if self.array.is_empty() {
            return Ok(&mut []);
        }
        self.guard.as_slice_mut().map_err(|_| not_contiguous(name))
    }

    /// All entries one behind the other, where they are.
    pub(crate) fn slice(&mut self) -> Option<&mut [T]> {
        self.guard.as_slice_mut().ok()
    }

    /// The memory it lies in.
    pub(crate) fn bytes(&self) -> &Range<usize> {
        &self.bytes
    }

    /// The array, filled.
    pub(crate) fn done(self) -> Bound<'py, PyArrayDyn<T>> {
        self.array
    }
}

/// A new array in standard layout; memory that cannot be had is a `MemoryError`.
fn empty<'py, T: Element>(py: Python<'py>, shape: &[usize]) -> PyResult<Bound<'py, PyArrayDyn<T>>> {
    let shape = PyTuple::new(py, shape)?;
    let array = get_array_module(py)?.call_method1("empty", (shape, dtype::<T>(py)))?;
    Ok(array.cast_into()?)
}

/// An array of the right type.
fn typed<'py, T: Element>(
    name: &str,
    argument: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyArrayDyn<T>>> {
    let wanted = dtype::<T>(argument.py());
    let Ok(array) = argument.cast::<PyUntypedArray>() else {
        return Err(PyTypeError::new_err(format!(
            "{name} is {}, must be a NumPy array of {wanted}: pass np.asarray({name}, \
             dtype=np.{wanted})",
            argument.get_type().name()?
        )));
    };
    if !array.dtype().is_equiv_to(&wanted) {
        return Err(PyTypeError::new_err(format!(
            "{name} is {}, must be {wanted}: pass {name}.astype(np.{wanted})",
            array.dtype()
        )));
    }
    Ok(argument.cast::<PyArrayDyn<T>>()?.clone())
}

/// Checks that an array is aligned and has contiguous rows, one behind the other.
fn laid_out<T: Element>(name: &str, array: &Bound<'_, PyArrayDyn<T>>) -> PyResult<()> {
    let (shape, strides) = (array.shape(), array.strides());
    let size = size_of::<T>().cast_signed();
    let rows = match *shape {
        [lanes, n] => {
            let row = n.cast_signed() * size;
            (n <= 1 || strides[1] == size)
                && (lanes <= 1 || (strides[0] >= row && strides[0] % size == 0))
        }
        _ => false,
    };
    if (array.is_c_contiguous() || rows) && array.is_aligned() {
        return Ok(());
    }
    Err(not_contiguous(name))
}

fn not_contiguous(name: &str) -> PyErr {
    PyTypeError::new_err(format!(
        "{name} is not contiguous along its samples or not aligned: pass \
         np.ascontiguousarray({name})"
    ))
}

/// The addresses from the first to the last sample of an array that is [`laid_out`].
fn bytes<T: Element>(array: &Bound<'_, PyArrayDyn<T>>) -> Range<usize> {
    let (start, size) = (array.data().addr(), size_of::<T>());
    let length = match *array.shape() {
        _ if array.is_empty() => 0,
        [lanes, n] if lanes > 1 => (lanes - 1) * array.strides()[0].cast_unsigned() + n * size,
        _ => array.len() * size,
    };
    start..start + length
}

fn busy(name: &str) -> PyErr {
    PyRuntimeError::new_err(format!(
        "{name} is in use by a call in another thread, must be left alone until it returns"
    ))
}

fn bad(error: impl std::fmt::Display) -> PyErr {
    PyTypeError::new_err(error.to_string())
}
