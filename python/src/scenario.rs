//! Scenario, files and threads: the options that several calls share with the command line.

use std::path::PathBuf;
use std::str::FromStr;

use pamlink::channel::PortOrder;
use pamlink::error::in_range;
use pamlink::link::FilePaths;
use pamlink::link::config::{LaneRate, Scenario};
use pamlink::{Error, Level};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyMapping, PyString};

use crate::error::OrRaise;
use crate::settings;

/// Options as they are given.
pub(crate) struct Options<'a, 'py> {
    pub(crate) channel: Option<PathBuf>,
    pub(crate) channel_far: Option<PathBuf>,
    pub(crate) fext: Option<&'a Bound<'py, PyAny>>,
    pub(crate) next: Option<&'a Bound<'py, PyAny>>,
    pub(crate) port_order: Option<&'a str>,
    pub(crate) host_loss_db: Option<f64>,
    pub(crate) config: Option<&'a Bound<'py, PyAny>>,
    pub(crate) set: Option<&'a Bound<'py, PyMapping>>,
    pub(crate) seed: Option<&'a Bound<'py, PyAny>>,
    pub(crate) threads: Option<&'a Bound<'py, PyAny>>,
}

/// What they say.
pub(crate) struct Setup {
    pub(crate) scenario: Scenario,
    /// Files, to be read without the GIL.
    pub(crate) paths: FilePaths,
    pub(crate) level: Level,
    pub(crate) pool: Option<rayon::ThreadPool>,
}

impl Options<'_, '_> {
    /// Checks and reads everything but the channel files.
    pub(crate) fn setup(self, py: Python<'_>) -> PyResult<Setup> {
        let order = self
            .port_order
            .map(PortOrder::from_str)
            .transpose()
            .or_raise(py)?;
        let paths = FilePaths {
            near: self.channel,
            far: self.channel_far,
            fext: files("fext", self.fext)?,
            next: files("next", self.next)?,
            port_order: order,
        };
        fits_together(&paths, self.host_loss_db).or_raise(py)?;
        let level = Level::from_environment().or_raise(py)?;
        let mut scenario = self
            .config
            .map_or_else(|| Ok(Scenario::default()), configured)?;
        if let Some(fields) = self.set {
            apply(&mut scenario, &flattened(fields)?).or_raise(py)?;
        }
        scenario.validate().or_raise(py)?;
        if let Some(loss) = self.host_loss_db {
            in_range("host_loss_db", loss, 0.1, 60.0).or_raise(py)?;
            for rate in LaneRate::ALL {
                let lines = &mut scenario.rate_mut(rate).channel;
                (lines.near_loss_db, lines.far_loss_db) = (loss, loss);
            }
        }
        if let Some(seed) = self.seed {
            scenario.seed = settings::whole("seed", seed, u64::MAX)?;
        }
        Ok(Setup {
            scenario,
            paths,
            level,
            pool: self.threads.map(pool).transpose()?,
        })
    }
}

/// One path or a sequence of them.
fn files(name: &str, argument: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<PathBuf>> {
    let Some(argument) = argument else {
        return Ok(Vec::new());
    };
    if let Ok(path) = argument.extract::<PathBuf>() {
        return Ok(vec![path]);
    }
    argument.extract().map_err(|_| {
        PyTypeError::new_err(format!(
            "{name} is {argument}, must be a path or a sequence of paths"
        ))
    })
}

/// Refuses options that would have no effect beside, or without, others.
fn fits_together(paths: &FilePaths, loss: Option<f64>) -> pamlink::Result<()> {
    let refuse = |name: &'static str, value: String, expected: &str| {
        Err(Error::WrongType {
            name: name.into(),
            value,
            expected: expected.to_owned(),
        })
    };
    let channels = paths.near.is_some() || paths.far.is_some();
    let files = channels || !(paths.fext.is_empty() && paths.next.is_empty());
    match (loss, paths.port_order) {
        (Some(loss), _) if paths.near.is_some() => refuse(
            "host_loss_db",
            loss.to_string(),
            "left out: the file of channel replaces the built-in channels of both ends",
        ),
        (_, Some(order)) if !files => refuse(
            "port_order",
            order.to_string(),
            "left out, or given with a channel file (channel, channel_far, fext, next)",
        ),
        _ => Ok(()),
    }
}

/// The words given, one or several, in the order of `all`; all of them by default.
pub(crate) fn chosen<T: Copy + PartialEq + FromStr<Err = Error>>(
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
