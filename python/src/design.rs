//! Taps from a pulse response.

use numpy::PyArray1;
use pamlink::equalizer::design::{self, MmseConfig};
use pamlink::error::{finite, in_range};
use pamlink::pam4;
use pamlink::signal::Pulse;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::error::OrRaise;
use crate::settings;

/// A designed equalizer and what it leaves over.
///
/// Attributes
/// ----------
/// ffe : ndarray of float64, [ffe_taps]
///     Feed-forward taps as `pamlink.Ffe` takes them: index 0 weighs the latest sample.
/// dfe : ndarray of float64, [dfe_taps]
///     Feedback taps as `pamlink.Dfe` takes them: the first weighs the decision before.
/// precursors : int
///     Feed-forward taps before the main one.
/// snr : float
///     Symbol variance over the variance of interference and noise at the slicer.
/// snr_db : float
///     The same in dB.
/// isi_variance : float
///     Variance of the intersymbol interference left at the slicer, in the unit of the levels squared.
/// noise_variance : float
///     Variance of the noise at the slicer, in the unit of the levels squared.
/// cursor : float
///     The main cursor at the slicer: one, to rounding.
#[pyclass(frozen, module = "pamlink.design")]
pub(crate) struct Design {
    design: design::Design,
    precursors: usize,
}

#[pymethods]
impl Design {
    /// Feed-forward taps, index 0 on the latest sample.
    #[getter]
    fn ffe<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.design.ffe)
    }

    /// Feedback taps; the first weighs the decision before.
    #[getter]
    fn dfe<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.design.dfe)
    }

    /// Feed-forward taps before the main one.
    #[getter]
    fn precursors(&self) -> usize {
        self.precursors
    }

    /// Symbol variance over the variance of interference and noise at the slicer.
    #[getter]
    fn snr(&self) -> f64 {
        self.design.snr
    }

    /// The same in dB.
    #[getter]
    fn snr_db(&self) -> f64 {
        self.design.snr_db
    }

    /// Variance of the intersymbol interference left at the slicer.
    #[getter]
    fn isi_variance(&self) -> f64 {
        self.design.isi_variance
    }

    /// Variance of the noise at the slicer.
    #[getter]
    fn noise_variance(&self) -> f64 {
        self.design.noise_variance
    }

    /// The main cursor at the slicer: one, to rounding.
    #[getter]
    fn cursor(&self) -> f64 {
        self.design.cursor
    }

    fn __repr__(&self) -> String {
        format!(
            "Design({}, {}, snr_db={:.2})",
            settings::counted(self.design.ffe.len(), "ffe tap"),
            settings::counted(self.design.dfe.len(), "dfe tap"),
            self.design.snr_db
        )
    }
}

/// Design the unbiased equalizer of least mean square error within bounds.
///
/// The equalized pulse ``q[m] = sum_k ffe[k] pulse[cursor + m + p - k]`` has ``q[0] = 1``; what is least is
/// the variance of noise and of ``q[m] - dfe[m - 1]`` over all other ``m``.
///
/// Parameters
/// ----------
/// pulse : array_like of float, [l]
///     Response to one symbol of value one, one sample per symbol.
/// ffe_taps : int
///     Number of feed-forward taps, 1 to 1024.
/// precursors : int
///     Of them before the main one.
/// dfe_taps : int
///     Number of feedback taps, 0 to 64.
/// noise_sigma : float, optional
///     Standard deviation of white noise in the unit of the samples. This or `noise_autocorrelation` must
///     be given.
/// noise_autocorrelation : array_like of float, [ffe_taps or more], optional
///     Of coloured noise, at lags of 0, 1, … symbols, in the unit of the samples squared.
/// cursor : int, optional
///     Index of the main cursor in `pulse`; where its magnitude is largest by default.
/// dfe_limits : float, (min, max) or array_like [dfe_taps, 2], optional
///     Bounds of the feedback taps relative to a main cursor of one; one number bounds the magnitude.
/// ffe_limits : float, (min, max) or array_like [ffe_taps, 2], optional
///     Bounds of the feed-forward taps relative to the main one, which is then positive.
/// levels : array_like of float, [4]
///     Values of the symbols; their variance weighs interference against noise.
///
/// Returns
/// -------
/// pamlink.design.Design
///     Taps and what they leave over.
///
/// Raises
/// ------
/// ConfigError
///     For counts, bounds and numbers that make no sense.
/// ShapeError
///     For too few lags of the autocorrelation, another number of bounds or levels.
/// SingularError
///     Where the taps are not determined (no noise and more taps than the pulse needs) or no taps meet the
///     limits.
/// TypeError
///     For no noise given, or both kinds.
///
/// References
/// ----------
/// J. Cioffi, G. Dudevoir, M. Eyuboglu, G. D. Forney, "MMSE decision-feedback equalizers and coding", IEEE
/// Trans. Commun. 43 (1995).
///
/// Examples
/// --------
/// >>> design = pamlink.design.mmse(
/// ...     [0.1, 1.0, 0.4], ffe_taps=3, precursors=1, dfe_taps=1, noise_sigma=0.1
/// ... )
/// >>> design
/// Design(3 ffe taps, 1 dfe tap, snr_db=26.39)
/// >>> design.dfe.round(3)
/// array([0.418])
#[pyfunction]
#[pyo3(signature = (pulse, *, ffe_taps, precursors=None, dfe_taps=None, noise_sigma=None,
    noise_autocorrelation=None, cursor=None, dfe_limits=None, ffe_limits=None, levels=None))]
#[pyo3(
    text_signature = "(pulse, *, ffe_taps, precursors=0, dfe_taps=0, noise_sigma=None, \
    noise_autocorrelation=None, cursor=None, dfe_limits=None, ffe_limits=None, \
    levels=(-3, -1, 1, 3))"
)]
#[allow(clippy::too_many_arguments)] // keyword arguments of Python
pub(crate) fn mmse(
    pulse: &Bound<'_, PyAny>,
    ffe_taps: &Bound<'_, PyAny>,
    precursors: Option<&Bound<'_, PyAny>>,
    dfe_taps: Option<&Bound<'_, PyAny>>,
    noise_sigma: Option<f64>,
    noise_autocorrelation: Option<&Bound<'_, PyAny>>,
    cursor: Option<&Bound<'_, PyAny>>,
    dfe_limits: Option<&Bound<'_, PyAny>>,
    ffe_limits: Option<&Bound<'_, PyAny>>,
    levels: Option<&Bound<'_, PyAny>>,
) -> PyResult<Design> {
    let py = pulse.py();
    let counted = |name, argument: Option<&Bound<'_, PyAny>>, most| {
        argument.map_or(Ok(0), |a| settings::count(name, a, 0..=most))
    };
    // Checked before anything of that size is made.
    let ffe = settings::count("ffe_taps", ffe_taps, 1..=1024)?;
    let dfe = counted("dfe_taps", dfe_taps, 64)?;
    let open = vec![(f64::NEG_INFINITY, f64::INFINITY); dfe];
    let levels = match levels {
        Some(levels) => settings::fixed_f64("levels", levels)?,
        None => pam4::LEVELS.map(f64::from),
    };
    #[allow(clippy::needless_update)] // settings not bound keep their defaults
    let config = MmseConfig {
        ffe_taps: ffe,
        precursors: counted("precursors", precursors, ffe - 1)?,
        dfe: settings::limits("dfe_limits", dfe_limits, dfe)?.unwrap_or(open),
        ffe_limits: settings::limits("ffe_limits", ffe_limits, ffe)?.unwrap_or_default(),
        symbol_variance: pam4::variance(levels),
        ..MmseConfig::default()
    };
    let samples = settings::numbers("pulse", pulse)?;
    let cursor = match cursor {
        Some(cursor) => settings::count("cursor", cursor, 0..=samples.len().max(1) - 1)?,
        None => largest(&samples),
    };
    let noise = match (noise_sigma, noise_autocorrelation) {
        (Some(sigma), None) => {
            in_range("noise_sigma", sigma, 0.0, f64::MAX).or_raise(py)?;
            let variance = finite("noise_sigma squared", sigma * sigma).or_raise(py)?;
            let mut white = vec![0.0; ffe];
            white[0] = variance;
            white
        }
        (None, Some(lags)) => settings::numbers("noise_autocorrelation", lags)?,
        _ => {
            return Err(PyTypeError::new_err(
                "one of noise_sigma and noise_autocorrelation must be given, and not both",
            ));
        }
    };
    let design = py
        .detach(|| design::mmse(&Pulse::new(samples, 1, cursor)?, &noise, &config))
        .or_raise(py)?;
    Ok(Design {
        design,
        precursors: config.precursors,
    })
}

/// Index of the first sample of largest magnitude.
fn largest(samples: &[f64]) -> usize {
    let mut best = 0;
    for (index, sample) in samples.iter().enumerate() {
        if sample.abs() > samples[best].abs() {
            best = index;
        }
    }
    best
}
