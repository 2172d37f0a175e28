//! The comparison of architectures, with the options of the command line.

use std::path::PathBuf;

use pamlink::energy::fleet::FleetConfig;
use pamlink::error::in_range;
use pamlink::link::config::{LaneRate, Scenario};
use pamlink::link::{self, Architecture, Cell, Files};
use pamlink::{Level, report};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping};

use crate::error::OrRaise;
use crate::scenario::{Options, Setup, chosen};
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
/// fext : path or sequence of paths, optional
///     Coupling files of far-end aggressors: through path from another lane's transmitter at the host to the
///     victim's module; mirrored at the far end (not cpo's).
/// next : path or sequence of paths, optional
///     Coupling files of near-end aggressors, from a transmitter to the victim's receiver at the same end, at
///     both ends (not cpo's).
/// port_order : {"1-2,3-4", "1-3,2-4"}, optional
///     Port order of the channel and coupling files; detected from the channel file by default.
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
    fext=None, next=None, port_order=None, host_loss_db=None, config=None, set=None, seed=None, modules=None,
    threads=None))]
#[allow(clippy::too_many_arguments)] // keyword arguments of Python
pub(crate) fn compare(
    py: Python<'_>,
    lane_rate: Option<&Bound<'_, PyAny>>,
    architecture: Option<&Bound<'_, PyAny>>,
    channel: Option<PathBuf>,
    channel_far: Option<PathBuf>,
    fext: Option<&Bound<'_, PyAny>>,
    next: Option<&Bound<'_, PyAny>>,
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
    let options = Options {
        channel,
        channel_far,
        fext,
        next,
        port_order,
        host_loss_db,
        config,
        set,
        seed,
        threads,
    };
    let Setup {
        scenario,
        paths,
        level,
        pool,
    } = options.setup(py)?;
    let mut fleet = FleetConfig::default();
    if let Some(modules) = modules {
        fleet.modules = settings::whole("modules", modules, 1_000_000_000)? as f64;
        in_range("modules", fleet.modules, 1.0, 1e9).or_raise(py)?;
    }

    let cells_and_files = py.detach(|| {
        let files = Files::read(&paths)?;
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
