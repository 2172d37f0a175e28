//! The comparison of architectures, with the options of the command line.

use std::path::PathBuf;
use std::str::FromStr;

use pamlink::channel::{Channel, PortOrder};
use pamlink::energy::fleet::FleetConfig;
use pamlink::error::in_range;
use pamlink::link::config::{LaneRate, Scenario};
use pamlink::link::{self, Architecture, Cell, Files};
use pamlink::{Error, Level, report};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyMapping, PyString};

use crate::error::OrRaise;
use crate::settings;

/// Columns of the printed tables.
const WIDTH: usize = 100;

/// An answer of `pamlink.compare`; printing it shows the tables of the command line.
#[pyclass(frozen, module = "pamlink")]
pub(crate) struct Comparison {
    scenario: Scenario,
    files: Files,
    cells: Vec<Cell>,
    fleet: FleetConfig,
    level: Level,
}

impl Comparison {
    fn answer(&self) -> report::Comparison<'_> {
        report::Comparison {
            scenario: &self.scenario,
            files: &self.files,
            cells: &self.cells,
            fleet: self.fleet,
            level: self.level,
        }
    }
}

#[pymethods]
impl Comparison {
    /// Answer as JSON.
    ///
    /// Returns
    /// -------
    /// str
    ///     What ``pamlink compare --json`` prints.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        let document = self.answer().document().or_raise(py)?;
        serde_json::to_string_pretty(&document).map_err(|e| PyValueError::new_err(e.to_string()))
    }

    /// Answer as plain Python objects.
    ///
    /// Returns
    /// -------
    /// dict
    ///     The JSON object that ``pamlink compare --json`` prints; ``["cells"]`` is a list of one dict for
    ///     each cell, ready for a data frame.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let text = self.to_json(py)?;
        let object = py.import("json")?.call_method1("loads", (text,))?;
        Ok(object.cast_into()?)
    }

    fn __str__(&self, py: Python<'_>) -> PyResult<String> {
        let sections = report::comparison_sections(&self.answer(), WIDTH).or_raise(py)?;
        let text: Vec<String> = sections.iter().map(ToString::to_string).collect();
        Ok(text.join("\n"))
    }

    fn __repr__(&self) -> String {
        let close = self.cells.iter().filter(|c| c.closes() == Some(true));
        format!(
            "Comparison({} cells, {} close)",
            self.cells.len(),
            close.count()
        )
    }
}

/// Compare architectures: which links close, with which equalizers, and at what energy.
///
/// The options are those of ``pamlink compare``.
///
/// Parameters
/// ----------
/// lane_rate : {"100G", "200G"} or sequence of them, optional
///     Lane rates; both by default.
/// architecture : {"retimed", "lro", "lpo", "cpo"} or sequence of them, optional
///     Architectures; all by default.
/// channel : path, optional
///     Touchstone file of the host channel between host and module; replaces the built-in lines (not those
///     of cpo).
/// channel_far : path, optional
///     The same for the far end, from its host to its module; the near one by default.
/// port_order : {"1-2,3-4", "1-3,2-4"}, optional
///     Port order of the channel files; detected by default.
/// host_loss_db : float, optional
///     Loss of both built-in host channels at half the symbol rate in dB.
/// config : path or mapping, optional
///     What differs from the default scenario: a TOML file, or a mapping of the same fields, nested or with
///     dotted names (``{"optics": {"rin_db_hz": -150}}``, ``{"rate_200g.optics.oma_dbm": 3}``).
/// set : mapping, optional
///     Single fields, applied after `config` in the order given.
/// seed : int, optional
///     Seed of every random number; that of the scenario, 1, by default.
/// modules : int, optional
///     Modules of the fleet.
/// threads : int, optional
///     Threads, 1 to 1024; all cores by default. The answer does not depend on it.
///
/// Returns
/// -------
/// Comparison
///     The answer; ``to_dict()`` equals the JSON of the command line.
///
/// Raises
/// ------
/// ConfigError
///     For unknown words and fields, values out of range, options that do not fit together.
/// ParseError
///     For files that are not what they should be.
/// ChannelError
///     For a channel file that is no passive channel, or whose port order cannot be detected.
/// OSError
///     For files that cannot be read.
///
/// Examples
/// --------
/// >>> answer = pamlink.compare(lane_rate="100G", architecture=["lpo", "cpo"])
/// >>> answer
/// Comparison(2 cells, 2 close)
/// >>> [cell["architecture"] for cell in answer.to_dict()["cells"]]
/// ['lpo', 'cpo']
#[pyfunction]
#[pyo3(signature = (*, lane_rate=None, architecture=None, channel=None, channel_far=None,
    port_order=None, host_loss_db=None, config=None, set=None, seed=None, modules=None,
    threads=None))]
#[allow(clippy::too_many_arguments)] // keyword arguments of Python
pub(crate) fn compare(
    py: Python<'_>,
    lane_rate: Option<&Bound<'_, PyAny>>,
    architecture: Option<&Bound<'_, PyAny>>,
    channel: Option<PathBuf>,
    channel_far: Option<PathBuf>,
    port_order: Option<&str>,
    host_loss_db: Option<f64>,
    config: Option<&Bound<'_, PyAny>>,
    set: Option<&Bound<'_, PyMapping>>,
    seed: Option<&Bound<'_, PyAny>>,
    modules: Option<&Bound<'_, PyAny>>,
    threads: Option<&Bound<'_, PyAny>>,
) -> PyResult<Comparison> {
    let rates = chosen("lane_rate", &LaneRate::ALL, lane_rate)?;
    let architectures = chosen("architecture", &Architecture::ALL, architecture)?;
    let order = port_order
        .map(PortOrder::from_str)
        .transpose()
        .or_raise(py)?;
    fits_together(channel.as_ref(), channel_far.as_ref(), order, host_loss_db).or_raise(py)?;
    let level = Level::from_environment().or_raise(py)?;

    let mut scenario = config.map_or_else(|| Ok(Scenario::default()), configured)?;
    if let Some(fields) = set {
        apply(&mut scenario, &flattened(fields)?).or_raise(py)?;
    }
    scenario.validate().or_raise(py)?;
    if let Some(loss) = host_loss_db {
        in_range("host_loss_db", loss, 0.1, 60.0).or_raise(py)?;
        for rate in LaneRate::ALL {
            let lines = &mut scenario.rate_mut(rate).channel;
            (lines.near_loss_db, lines.far_loss_db) = (loss, loss);
        }
    }
    if let Some(seed) = seed {
        scenario.seed = settings::whole("seed", seed, u64::MAX)?;
    }
    let mut fleet = FleetConfig::default();
    if let Some(modules) = modules {
        fleet.modules = settings::whole("modules", modules, 1_000_000_000)? as f64;
        in_range("modules", fleet.modules, 1.0, 1e9).or_raise(py)?;
    }
    let pool = threads.map(pool).transpose()?;

    let cells_and_files = py.detach(|| {
        let read = |path: &Option<PathBuf>| {
            path.as_ref()
                .map(|path| Channel::from_file(path, order))
                .transpose()
        };
        let files = Files {
            near: read(&channel)?,
            far: read(&channel_far)?,
        };
        let all = || link::compare(&scenario, &files, &rates, &architectures, &|| ());
        let cells = pool.as_ref().map_or_else(all, |pool| pool.install(all))?;
        Ok((cells, files))
    });
    let (cells, files) = cells_and_files.or_raise(py)?;
    Ok(Comparison {
        scenario,
        files,
        cells,
        fleet,
        level,
    })
}

/// Refuses options that would have no effect beside, or without, others.
fn fits_together(
    channel: Option<&PathBuf>,
    channel_far: Option<&PathBuf>,
    order: Option<PortOrder>,
    loss: Option<f64>,
) -> pamlink::Result<()> {
    let refuse = |name: &'static str, value: String, expected: &str| {
        Err(Error::WrongType {
            name: name.into(),
            value,
            expected: expected.to_owned(),
        })
    };
    match (loss, order) {
        (Some(loss), _) if channel.is_some() => refuse(
            "host_loss_db",
            loss.to_string(),
            "left out: the file of channel replaces the built-in channels of both ends",
        ),
        (_, Some(order)) if channel.is_none() && channel_far.is_none() => refuse(
            "port_order",
            order.to_string(),
            "left out, or given with a channel file (channel, channel_far)",
        ),
        _ => Ok(()),
    }
}

/// The words given, one or several, in the order of `all`; all of them by default.
fn chosen<T: Copy + PartialEq + FromStr<Err = Error>>(
    name: &str,
    all: &[T],
    argument: Option<&Bound<'_, PyAny>>,
) -> PyResult<Vec<T>> {
    let Some(argument) = argument else {
        return Ok(all.to_vec());
    };
    let words: Vec<String> = match argument.extract::<String>() {
        Ok(word) => vec![word],
        Err(_) => argument.extract().map_err(|_| {
            PyTypeError::new_err(format!(
                "{name} is {argument}, must be a word or a sequence of words"
            ))
        })?,
    };
    let wanted: Vec<T> = words
        .iter()
        .map(|word| word.parse())
        .collect::<pamlink::Result<_>>()
        .or_raise(argument.py())?;
    let is_chosen = |x: &&T| wanted.contains(x);
    Ok(all.iter().filter(is_chosen).copied().collect())
}

/// The scenario of a TOML file or of a mapping.
fn configured(config: &Bound<'_, PyAny>) -> PyResult<Scenario> {
    let py = config.py();
    if let Ok(path) = config.extract::<PathBuf>() {
        let read = || {
            let text = std::fs::read_to_string(&path).map_err(|source| Error::Io {
                path: path.clone(),
                source,
            })?;
            let scenario = Scenario::from_toml(&path, &text)?;
            scenario.validate_toml(&path, &text)?;
            Ok(scenario)
        };
        return read().or_raise(py);
    }
    let Ok(fields) = config.cast::<PyMapping>() else {
        return Err(PyTypeError::new_err(format!(
            "config is {}, must be the path of a TOML file or a mapping",
            config.get_type().name()?
        )));
    };
    let mut fields = flattened(fields)?;
    // As in files: settings for both lane rates apply before those for one.
    fields.sort_by_key(|(path, _)| path.starts_with("rate_"));
    let mut scenario = Scenario::default();
    apply(&mut scenario, &fields).or_raise(py)?;
    Ok(scenario)
}

fn apply(scenario: &mut Scenario, fields: &[(String, String)]) -> pamlink::Result<()> {
    fields
        .iter()
        .try_for_each(|(path, value)| scenario.set(path, value))
}

/// Dotted names and values as TOML writes them.
fn flattened(fields: &Bound<'_, PyMapping>) -> PyResult<Vec<(String, String)>> {
    fn walk(
        outer: &str,
        fields: &Bound<'_, PyMapping>,
        out: &mut Vec<(String, String)>,
    ) -> PyResult<()> {
        for item in fields.items()?.iter() {
            let (key, value): (String, Bound<'_, PyAny>) = item.extract()?;
            let path = format!("{outer}{key}");
            match value.cast::<PyMapping>() {
                Ok(inner) => {
                    // The table itself, so that an unknown one is named as such.
                    out.push((path.clone(), "{}".to_owned()));
                    walk(&format!("{path}."), inner, out)?;
                }
                Err(_) => out.push((path.clone(), toml(&path, &value)?)),
            }
        }
        Ok(())
    }
    let mut out = Vec::new();
    walk("", fields, &mut out)?;
    Ok(out)
}

/// A value as TOML writes it.
fn toml(path: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(truth) = value.cast::<PyBool>() {
        return Ok(truth.is_true().to_string());
    }
    if value.is_instance_of::<PyInt>() {
        return value.str()?.extract();
    }
    if value.is_instance_of::<PyFloat>() {
        // An unsigned exponent is TOML's too, and `nan` and `inf` are its words.
        return value
            .extract::<f64>()?
            .into_pyobject(value.py())?
            .repr()?
            .extract();
    }
    if let Ok(text) = value.cast::<PyString>() {
        // The escapes of JSON are TOML's.
        return serde_json::to_string(&text.extract::<String>()?)
            .map_err(|e| PyValueError::new_err(e.to_string()));
    }
    if let Ok(plain) = value.call_method0("tolist") {
        return toml(path, &plain); // arrays and scalars of NumPy
    }
    if let Ok(entries) = value.try_iter() {
        let entries: Vec<String> = entries
            .map(|entry| toml(path, &entry?))
            .collect::<PyResult<_>>()?;
        return Ok(format!("[{}]", entries.join(", ")));
    }
    Err(PyTypeError::new_err(format!(
        "{path} is {}, must be a number, a word, true or false, or a list of these",
        value.get_type().name()?
    )))
}

fn pool(threads: &Bound<'_, PyAny>) -> PyResult<rayon::ThreadPool> {
    let count = settings::whole("threads", threads, 1024)?;
    in_range("threads", count as f64, 1.0, 1024.0).or_raise(threads.py())?;
    let threads = usize::try_from(count).unwrap_or(1);
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|e| PyRuntimeError::new_err(e.to_string()))
}
