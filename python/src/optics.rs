//! Optical modulators.

use numpy::{PyArray1, PyArrayDyn};
use pamlink::Error;
use pamlink::optics::modulator::{self, EmlConfig, MzmConfig, OpticalPower};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::arrays::{Output, Stream};
use crate::error::OrRaise;
use crate::settings;

/// What fixes the power of a modulator.
fn power(
    max_power_w: Option<f64>,
    oma_w: Option<f64>,
    drive_vpp: Option<f64>,
) -> pamlink::Result<OpticalPower> {
    match (max_power_w, oma_w, drive_vpp) {
        (None, None, None) => Ok(OpticalPower::MaxPowerW(4e-3)),
        (Some(w), None, None) => Ok(OpticalPower::MaxPowerW(w)),
        (None, Some(oma_w), Some(drive_vpp)) => Ok(OpticalPower::OuterOma { oma_w, drive_vpp }),
        (max_power, ..) => Err(Error::WrongType {
            name: "power".into(),
            value: match max_power {
                Some(_) => "max_power_w beside oma_w or drive_vpp".to_owned(),
                None => "one of oma_w and drive_vpp".to_owned(),
            },
            expected: "either max_power_w alone or oma_w with drive_vpp".to_owned(),
        }),
    }
}

/// Rows of a stream through a memoryless curve, without the GIL.
fn rowwise<'py>(
    name: &str,
    x: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
    each: impl Fn(&[f32], &mut [f32]) -> pamlink::Result<()> + Sync,
) -> PyResult<Bound<'py, PyArrayDyn<f32>>> {
    let py = x.py();
    let x = Stream::<f32>::new(name, x)?;
    let mut out = Output::<f32>::new(py, "out", out, x.shape(), &[x.bytes()])?;
    if !x.is_empty() {
        let (rows, mut filled) = (x.rows()?, out.rows()?);
        py.detach(|| {
            for (x, mut y) in rows.rows().into_iter().zip(filled.rows_mut()) {
                if let (Some(x), Some(y)) = (x.as_slice(), y.as_slice_mut()) {
                    each(x, y)?;
                }
            }
            Ok(())
        })
        .or_raise(py)?;
    }
    Ok(out.done())
}

/// Mach-Zehnder modulator, push-pull, static and large-signal.
///
/// With ``psi = pi v / v_pi + bias - 180 deg`` and ``e = 1 / static extinction``:
/// ``P(v) = max_power_w ((1 + e) + (1 - e) cos psi) / 2``. Positive drive raises the power.
///
/// Parameters
/// ----------
/// v_pi_v : float
///     Half-wave voltage: change of the differential drive between dark and bright, V.
/// bias_deg : float
///     Bias phase at zero drive, 1 to 179 degrees; 90 is quadrature.
/// static_extinction_db : float
///     Brightest over darkest power, dB.
/// chirp : float
///     Linewidth factor at the bias point.
/// max_power_w : float, optional
///     Power where the modulator transmits most, W; 4e-3 by default. Not with `oma_w`.
/// oma_w : float, optional
///     Outer modulation amplitude to be made, W, at the swing `drive_vpp`.
/// drive_vpp : float, optional
///     Outer swing of the drive that makes `oma_w`, V peak to peak.
/// level : {"baseline", "avx2", "avx512", "avx512icl"}, optional
///     Instructions to run with, if the machine has them; its best by default.
///
/// Raises
/// ------
/// ConfigError
///     For numbers out of range, and powers that do not fit together.
///
/// Notes
/// -----
/// Memoryless: bandwidth belongs to the linear stages around it. Every method is safe to call from any
/// number of threads.
///
/// Examples
/// --------
/// >>> mzm = pamlink.optics.Mzm(v_pi_v=4.0, oma_w=1e-3, drive_vpp=2.0)
/// >>> mzm
/// Mzm(v_pi_v=4)
/// >>> mzm.levels(2.0).round(6)
/// array([0.000209, 0.000526, 0.000892, 0.001209])
#[pyclass(frozen, module = "pamlink.optics")]
pub(crate) struct Mzm {
    plan: modulator::Mzm,
    level: Option<String>,
}

#[pymethods]
impl Mzm {
    #[new]
    #[pyo3(signature = (*, v_pi_v=None, bias_deg=None, static_extinction_db=None, chirp=None, max_power_w=None, oma_w=None, drive_vpp=None, level=None))]
    #[pyo3(
        text_signature = "(*, v_pi_v=4.0, bias_deg=90.0, static_extinction_db=30.0, chirp=0.0, max_power_w=None, oma_w=None, drive_vpp=None, level=None)"
    )]
    #[allow(clippy::too_many_arguments)] // keyword arguments of Python
    fn new(
        py: Python<'_>,
        v_pi_v: Option<f64>,
        bias_deg: Option<f64>,
        static_extinction_db: Option<f64>,
        chirp: Option<f64>,
        max_power_w: Option<f64>,
        oma_w: Option<f64>,
        drive_vpp: Option<f64>,
        level: Option<String>,
    ) -> PyResult<Self> {
        let standard = MzmConfig::default();
        let config = MzmConfig {
            v_pi_v: v_pi_v.unwrap_or(standard.v_pi_v),
            bias_deg: bias_deg.unwrap_or(standard.bias_deg),
            static_extinction_db: static_extinction_db.unwrap_or(standard.static_extinction_db),
            chirp: chirp.unwrap_or(standard.chirp),
            power: power(max_power_w, oma_w, drive_vpp).or_raise(py)?,
        };
        let run = settings::level(py, level.as_deref())?;
        let plan = modulator::Mzm::with_level(&config, run).or_raise(py)?;
        Ok(Self { plan, level })
    }

    /// Half-wave voltage: change of the differential drive between dark and bright, V.
    #[getter]
    fn v_pi_v(&self) -> f64 {
        self.plan.config().v_pi_v
    }

    /// Bias phase at zero drive, 1 to 179 degrees; 90 is quadrature.
    #[getter]
    fn bias_deg(&self) -> f64 {
        self.plan.config().bias_deg
    }

    /// Brightest over darkest power, dB.
    #[getter]
    fn static_extinction_db(&self) -> f64 {
        self.plan.config().static_extinction_db
    }

    /// Linewidth factor at the bias point.
    #[getter]
    fn chirp(&self) -> f64 {
        self.plan.config().chirp
    }

    /// Instructions that run.
    #[getter]
    fn level(&self) -> &'static str {
        self.plan.level().name()
    }

    /// Power over drive.
    ///
    /// Parameters
    /// ----------
    /// v : ndarray of float32, [n] or [lane, n]
    ///     Drive around the bias, V.
    /// out : ndarray of float32, optional
    ///     Where to write, shaped like `v`.
    ///
    /// Returns
    /// -------
    /// ndarray of float32
    ///     Power in W, shaped like `v`; `out` if it was given.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     For arrays of another dtype or layout; the message says the cast to write.
    /// ShapeError
    ///     For another shape of `out`.
    ///
    /// Examples
    /// --------
    /// >>> mzm = pamlink.optics.Mzm(max_power_w=1.0)
    /// >>> p = mzm.power(np.array([-1, 0, 1], dtype=np.float32))
    /// >>> bool(np.all(np.diff(p) > 0))
    /// True
    #[pyo3(signature = (v, *, out=None))]
    fn power<'py>(
        &self,
        v: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArrayDyn<f32>>> {
        rowwise("v", v, out, |v, p| self.plan.power(v, p))
    }

    /// Power at one drive, in double precision.
    ///
    /// Parameters
    /// ----------
    /// v : float
    ///     Drive around the bias, V.
    ///
    /// Returns
    /// -------
    /// float
    ///     Power, W.
    ///
    /// Examples
    /// --------
    /// >>> mzm = pamlink.optics.Mzm(max_power_w=1.0)
    /// >>> 0.0 < mzm.power_at(0.0) < 1.0
    /// True
    fn power_at(&self, v: f64) -> f64 {
        self.plan.power_at(v)
    }

    /// Slope of the power at one drive.
    ///
    /// Parameters
    /// ----------
    /// v : float
    ///     Drive around the bias, V.
    ///
    /// Returns
    /// -------
    /// float
    ///     Slope, W/V.
    ///
    /// Examples
    /// --------
    /// >>> mzm = pamlink.optics.Mzm()
    /// >>> step = mzm.power_at(1e-4) - mzm.power_at(-1e-4)
    /// >>> bool(np.isclose(mzm.slope_at(0.0), step / 2e-4))
    /// True
    fn slope_at(&self, v: f64) -> f64 {
        self.plan.slope_at(v)
    }

    /// Powers of the four levels of a drive with equal steps.
    ///
    /// Parameters
    /// ----------
    /// drive_vpp : float
    ///     Outer swing, V peak to peak.
    ///
    /// Returns
    /// -------
    /// ndarray of float64, [4]
    ///     Powers in level order, W.
    ///
    /// Examples
    /// --------
    /// >>> mzm = pamlink.optics.Mzm(oma_w=1e-3, drive_vpp=2.0)
    /// >>> levels = mzm.levels(2.0)
    /// >>> bool(np.isclose(levels[3] - levels[0], 1e-3))
    /// True
    fn levels<'py>(&self, py: Python<'py>, drive_vpp: f64) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.plan.levels(drive_vpp).0)
    }

    /// Outer modulation amplitude of a drive.
    ///
    /// Parameters
    /// ----------
    /// drive_vpp : float
    ///     Outer swing, V peak to peak.
    ///
    /// Returns
    /// -------
    /// float
    ///     ``P3 - P0``, W.
    ///
    /// Examples
    /// --------
    /// >>> mzm = pamlink.optics.Mzm(oma_w=1e-3, drive_vpp=2.0)
    /// >>> round(mzm.oma_w(2.0), 9)
    /// 0.001
    fn oma_w(&self, drive_vpp: f64) -> f64 {
        self.plan.levels(drive_vpp).oma_w()
    }

    /// Outer extinction ratio of a drive.
    ///
    /// Parameters
    /// ----------
    /// drive_vpp : float
    ///     Outer swing, V peak to peak.
    ///
    /// Returns
    /// -------
    /// float
    ///     ``P3 / P0`` in dB.
    ///
    /// Examples
    /// --------
    /// >>> mzm = pamlink.optics.Mzm()
    /// >>> mzm.extinction_ratio_db(1.0) > mzm.extinction_ratio_db(0.5)
    /// True
    fn extinction_ratio_db(&self, drive_vpp: f64) -> f64 {
        self.plan.levels(drive_vpp).extinction_ratio_db()
    }

    /// Ratio of level mismatch of a drive with equal steps.
    ///
    /// Parameters
    /// ----------
    /// drive_vpp : float
    ///     Outer swing, V peak to peak.
    ///
    /// Returns
    /// -------
    /// float
    ///     ``R_LM``, 1 for equal steps of power (clause 120D.3.1.2).
    ///
    /// Examples
    /// --------
    /// >>> mzm = pamlink.optics.Mzm()
    /// >>> mzm.r_lm(2.0) < mzm.r_lm(0.1) < 1.0
    /// True
    fn r_lm(&self, drive_vpp: f64) -> f64 {
        self.plan.levels(drive_vpp).r_lm()
    }

    fn __getnewargs_ex__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let settings = PyDict::new(py);
        settings.set_item("v_pi_v", self.plan.config().v_pi_v)?;
        settings.set_item("bias_deg", self.plan.config().bias_deg)?;
        settings.set_item(
            "static_extinction_db",
            self.plan.config().static_extinction_db,
        )?;
        settings.set_item("chirp", self.plan.config().chirp)?;
        match self.plan.config().power {
            OpticalPower::MaxPowerW(w) => settings.set_item("max_power_w", w)?,
            OpticalPower::OuterOma { oma_w, drive_vpp } => {
                settings.set_item("oma_w", oma_w)?;
                settings.set_item("drive_vpp", drive_vpp)?;
            }
        }
        settings.set_item("level", self.level.as_deref())?;
        Ok((PyTuple::empty(py), settings))
    }

    fn __repr__(&self) -> String {
        format!("Mzm(v_pi_v={})", self.plan.config().v_pi_v)
    }
}

/// Electro-absorption modulator behind a laser of constant power, large-signal.
///
/// With the reverse voltage ``u = max(reverse_bias_v - v, 0)``:
/// ``P(v) = max_power_w exp(-(u / v0_v)**order)``. Positive drive raises the power.
///
/// Parameters
/// ----------
/// v0_v : float
///     Reverse voltage at which the power has fallen to 1/e, V.
/// order : float
///     Order of the absorption, 1 to 6.
/// reverse_bias_v : float
///     Reverse bias at zero drive, V.
/// chirp : float
///     Linewidth factor.
/// max_power_w : float, optional
///     Power where the modulator transmits most, W; 4e-3 by default. Not with `oma_w`.
/// oma_w : float, optional
///     Outer modulation amplitude to be made, W, at the swing `drive_vpp`.
/// drive_vpp : float, optional
///     Outer swing of the drive that makes `oma_w`, V peak to peak.
/// level : {"baseline", "avx2", "avx512", "avx512icl"}, optional
///     Instructions to run with, if the machine has them; its best by default.
///
/// Raises
/// ------
/// ConfigError
///     For numbers out of range, and powers that do not fit together.
///
/// Notes
/// -----
/// Memoryless: bandwidth belongs to the linear stages around it. Every method is safe to call from any
/// number of threads.
///
/// Examples
/// --------
/// >>> eml = pamlink.optics.Eml(v0_v=1.5, max_power_w=2e-3)
/// >>> eml
/// Eml(v0_v=1.5)
/// >>> bool(eml.power_at(0.5) > eml.power_at(-0.5))
/// True
#[pyclass(frozen, module = "pamlink.optics")]
pub(crate) struct Eml {
    plan: modulator::Eml,
    level: Option<String>,
}

#[pymethods]
impl Eml {
    #[new]
    #[pyo3(signature = (*, v0_v=None, order=None, reverse_bias_v=None, chirp=None, max_power_w=None, oma_w=None, drive_vpp=None, level=None))]
    #[pyo3(
        text_signature = "(*, v0_v=1.8, order=2.5, reverse_bias_v=1.3, chirp=0.3, max_power_w=None, oma_w=None, drive_vpp=None, level=None)"
    )]
    #[allow(clippy::too_many_arguments)] // keyword arguments of Python
    fn new(
        py: Python<'_>,
        v0_v: Option<f64>,
        order: Option<f64>,
        reverse_bias_v: Option<f64>,
        chirp: Option<f64>,
        max_power_w: Option<f64>,
        oma_w: Option<f64>,
        drive_vpp: Option<f64>,
        level: Option<String>,
    ) -> PyResult<Self> {
        let standard = EmlConfig::default();
        let config = EmlConfig {
            v0_v: v0_v.unwrap_or(standard.v0_v),
            order: order.unwrap_or(standard.order),
            reverse_bias_v: reverse_bias_v.unwrap_or(standard.reverse_bias_v),
            chirp: chirp.unwrap_or(standard.chirp),
            power: power(max_power_w, oma_w, drive_vpp).or_raise(py)?,
        };
        let run = settings::level(py, level.as_deref())?;
        let plan = modulator::Eml::with_level(&config, run).or_raise(py)?;
        Ok(Self { plan, level })
    }

    /// Reverse voltage at which the power has fallen to 1/e, V.
    #[getter]
    fn v0_v(&self) -> f64 {
        self.plan.config().v0_v
    }

    /// Order of the absorption, 1 to 6.
    #[getter]
    fn order(&self) -> f64 {
        self.plan.config().order
    }

    /// Reverse bias at zero drive, V.
    #[getter]
    fn reverse_bias_v(&self) -> f64 {
        self.plan.config().reverse_bias_v
    }

    /// Linewidth factor.
    #[getter]
    fn chirp(&self) -> f64 {
        self.plan.config().chirp
    }

    /// Instructions that run.
    #[getter]
    fn level(&self) -> &'static str {
        self.plan.level().name()
    }

    /// Power over drive.
    ///
    /// Parameters
    /// ----------
    /// v : ndarray of float32, [n] or [lane, n]
    ///     Drive around the bias, V.
    /// out : ndarray of float32, optional
    ///     Where to write, shaped like `v`.
    ///
    /// Returns
    /// -------
    /// ndarray of float32
    ///     Power in W, shaped like `v`; `out` if it was given.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     For arrays of another dtype or layout; the message says the cast to write.
    /// ShapeError
    ///     For another shape of `out`.
    ///
    /// Examples
    /// --------
    /// >>> eml = pamlink.optics.Eml(max_power_w=1.0)
    /// >>> p = eml.power(np.array([-1, 0, 1], dtype=np.float32))
    /// >>> bool(np.all(np.diff(p) > 0))
    /// True
    #[pyo3(signature = (v, *, out=None))]
    fn power<'py>(
        &self,
        v: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArrayDyn<f32>>> {
        rowwise("v", v, out, |v, p| self.plan.power(v, p))
    }

    /// Power at one drive, in double precision.
    ///
    /// Parameters
    /// ----------
    /// v : float
    ///     Drive around the bias, V.
    ///
    /// Returns
    /// -------
    /// float
    ///     Power, W.
    ///
    /// Examples
    /// --------
    /// >>> eml = pamlink.optics.Eml(max_power_w=1.0)
    /// >>> 0.0 < eml.power_at(0.0) < 1.0
    /// True
    fn power_at(&self, v: f64) -> f64 {
        self.plan.power_at(v)
    }

    /// Slope of the power at one drive.
    ///
    /// Parameters
    /// ----------
    /// v : float
    ///     Drive around the bias, V.
    ///
    /// Returns
    /// -------
    /// float
    ///     Slope, W/V.
    ///
    /// Examples
    /// --------
    /// >>> eml = pamlink.optics.Eml()
    /// >>> step = eml.power_at(1e-4) - eml.power_at(-1e-4)
    /// >>> bool(np.isclose(eml.slope_at(0.0), step / 2e-4))
    /// True
    fn slope_at(&self, v: f64) -> f64 {
        self.plan.slope_at(v)
    }

    /// Powers of the four levels of a drive with equal steps.
    ///
    /// Parameters
    /// ----------
    /// drive_vpp : float
    ///     Outer swing, V peak to peak.
    ///
    /// Returns
    /// -------
    /// ndarray of float64, [4]
    ///     Powers in level order, W.
    ///
    /// Examples
    /// --------
    /// >>> eml = pamlink.optics.Eml(oma_w=1e-3, drive_vpp=2.0)
    /// >>> levels = eml.levels(2.0)
    /// >>> bool(np.isclose(levels[3] - levels[0], 1e-3))
    /// True
    fn levels<'py>(&self, py: Python<'py>, drive_vpp: f64) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.plan.levels(drive_vpp).0)
    }

    /// Outer modulation amplitude of a drive.
    ///
    /// Parameters
    /// ----------
    /// drive_vpp : float
    ///     Outer swing, V peak to peak.
    ///
    /// Returns
    /// -------
    /// float
    ///     ``P3 - P0``, W.
    ///
    /// Examples
    /// --------
    /// >>> eml = pamlink.optics.Eml(oma_w=1e-3, drive_vpp=2.0)
    /// >>> round(eml.oma_w(2.0), 9)
    /// 0.001
    fn oma_w(&self, drive_vpp: f64) -> f64 {
        self.plan.levels(drive_vpp).oma_w()
    }

    /// Outer extinction ratio of a drive.
    ///
    /// Parameters
    /// ----------
    /// drive_vpp : float
    ///     Outer swing, V peak to peak.
    ///
    /// Returns
    /// -------
    /// float
    ///     ``P3 / P0`` in dB.
    ///
    /// Examples
    /// --------
    /// >>> eml = pamlink.optics.Eml()
    /// >>> eml.extinction_ratio_db(1.0) > eml.extinction_ratio_db(0.5)
    /// True
    fn extinction_ratio_db(&self, drive_vpp: f64) -> f64 {
        self.plan.levels(drive_vpp).extinction_ratio_db()
    }

    /// Ratio of level mismatch of a drive with equal steps.
    ///
    /// Parameters
    /// ----------
    /// drive_vpp : float
    ///     Outer swing, V peak to peak.
    ///
    /// Returns
    /// -------
    /// float
    ///     ``R_LM``, 1 for equal steps of power (clause 120D.3.1.2).
    ///
    /// Examples
    /// --------
    /// >>> eml = pamlink.optics.Eml()
    /// >>> eml.r_lm(2.0) < eml.r_lm(0.1) < 1.0
    /// True
    fn r_lm(&self, drive_vpp: f64) -> f64 {
        self.plan.levels(drive_vpp).r_lm()
    }

    fn __getnewargs_ex__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let settings = PyDict::new(py);
        settings.set_item("v0_v", self.plan.config().v0_v)?;
        settings.set_item("order", self.plan.config().order)?;
        settings.set_item("reverse_bias_v", self.plan.config().reverse_bias_v)?;
        settings.set_item("chirp", self.plan.config().chirp)?;
        match self.plan.config().power {
            OpticalPower::MaxPowerW(w) => settings.set_item("max_power_w", w)?,
            OpticalPower::OuterOma { oma_w, drive_vpp } => {
                settings.set_item("oma_w", oma_w)?;
                settings.set_item("drive_vpp", drive_vpp)?;
            }
        }
        settings.set_item("level", self.level.as_deref())?;
        Ok((PyTuple::empty(py), settings))
    }

    fn __repr__(&self) -> String {
        format!("Eml(v0_v={})", self.plan.config().v0_v)
    }
}
