//! Options that several commands share, and the scenario they make.

use std::path::PathBuf;

use clap::Args;

use pamlink::channel::PortOrder;
use pamlink::error::in_range;
use pamlink::link::config::{LaneRate, Scenario};
use pamlink::link::{Architecture, FilePaths, Files};
use pamlink::{Error, Level, Result};

/// Scenario, channels, threads.
#[derive(Args)]
pub(crate) struct Common {
    /// Configuration, a TOML file with what differs from the defaults
    #[arg(long, value_name = "FILE.toml")]
    config: Option<PathBuf>,
    #[arg(
        long,
        value_name = "FIELD.PATH=VALUE",
        allow_hyphen_values = true,
        help = "Set any field, for both lane rates (optics.rin_db_hz=-150) or one \
                (rate_200g.optics.rin_db_hz=-150); repeatable"
    )]
    set: Vec<String>,
    /// Host channel between host and module, .s4p or .s2p; replaces the built-in lines (not cpo's)
    #[arg(long, value_name = "FILE.s4p")]
    channel: Option<PathBuf>,
    /// Host channel of the far end, from its host to its module [default: the near one]
    #[arg(long, value_name = "FILE.s4p")]
    channel_far: Option<PathBuf>,
    #[arg(
        long,
        value_name = "FILE.s4p",
        help = "Coupling from another lane, through path from its transmitter at the host to the \
                victim's module; mirrored at the far end (not cpo's); repeatable"
    )]
    fext: Vec<PathBuf>,
    #[arg(
        long,
        value_name = "FILE.s4p",
        help = "Coupling between a transmitter and the victim's receiver at the same end, at both \
                ends (not cpo's) [amplitude: crosstalk.near_end_v]; repeatable"
    )]
    next: Vec<PathBuf>,
    /// Port order of the channel files, 1-2,3-4 or 1-3,2-4 [default: detected]
    #[arg(long, value_name = "ORDER")]
    port_order: Option<PortOrder>,
    /// Loss of both built-in host channels at half the symbol rate, dB [default: 10]
    #[arg(long, value_name = "DB", allow_hyphen_values = true)]
    host_loss_db: Option<f64>,
    /// Seed of every random number [default: 1]
    #[arg(long, value_name = "N", value_parser = seed, allow_hyphen_values = true)]
    seed: Option<u64>,
    /// Threads [default: all cores]; the answer does not depend on it
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..=1024),
        allow_hyphen_values = true
    )]
    threads: Option<u16>,
    /// Print one JSON object and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which cells.
#[derive(Args)]
pub(crate) struct Selection {
    /// Lane rate, 100G or 200G; repeatable [default: both]
    #[arg(long, value_name = "RATE")]
    lane_rate: Vec<LaneRate>,
    /// Architecture: retimed, lro, lpo or cpo; repeatable [default: all]
    #[arg(long, value_name = "NAME")]
    architecture: Vec<Architecture>,
}

impl Selection {
    /// The lane rates chosen, the slower first.
    pub(crate) fn rates(&self) -> Vec<LaneRate> {
        chosen(&LaneRate::ALL, &self.lane_rate)
    }

    /// The architectures chosen, in the order they are printed.
    pub(crate) fn architectures(&self) -> Vec<Architecture> {
        chosen(&Architecture::ALL, &self.architecture)
    }
}

fn chosen<T: Copy + PartialEq>(all: &[T], wanted: &[T]) -> Vec<T> {
    let is_chosen = |x: &&T| wanted.is_empty() || wanted.contains(x);
    all.iter().filter(is_chosen).copied().collect()
}

/// What the common options describe.
pub(crate) struct Setup {
    pub(crate) scenario: Scenario,
    pub(crate) files: Files,
    pub(crate) level: Level,
}

/// A whole number up to `max`, in digits, as `300_000` or as `3e5`.
pub(crate) fn whole(name: &'static str, max: f64, text: &str) -> Result<u64> {
    let wrong = || Error::WrongType {
        name: name.into(),
        value: text.to_owned(),
        expected: format!("a whole number from 1 to {max:e}, such as 300_000 or 1e8"),
    };
    let number: f64 = text.replace('_', "").parse().map_err(|_| wrong())?;
    match in_range(name, number, 1.0, max) {
        Ok(n) if n.fract() == 0.0 => Ok(n as u64),
        _ => Err(wrong()),
    }
}

fn seed(text: &str) -> Result<u64> {
    text.parse().map_err(|_| Error::WrongType {
        name: "seed".into(),
        value: text.to_owned(),
        expected: "a whole number from 0 to 2^64 - 1".to_owned(),
    })
}

impl Common {
    /// Refuses options that would have no effect beside, or without, others.
    fn fits_together(&self) -> Result<()> {
        let refuse = |name: &'static str, value: String, expected: &str| {
            Err(Error::WrongType {
                name: name.into(),
                value,
                expected: expected.to_owned(),
            })
        };
        let files = self.channel.is_some()
            || self.channel_far.is_some()
            || !(self.fext.is_empty() && self.next.is_empty());
        match (self.host_loss_db, self.port_order) {
            // A far file alone leaves the near channel built in.
            (Some(loss), _) if self.channel.is_some() => refuse(
                "--host-loss-db",
                loss.to_string(),
                "left out: the file of --channel replaces the built-in channels of both ends",
            ),
            (_, Some(order)) if !files => refuse(
                "--port-order",
                order.to_string(),
                "left out, or given with a channel file (--channel, --channel-far, --fext, --next)",
            ),
            _ => Ok(()),
        }
    }

    /// Reads files, applies settings (file, then `--set`, then single options), sets up the threads.
    pub(crate) fn setup(&self) -> Result<Setup> {
        self.fits_together()?;
        let level = Level::from_environment()?;
        let mut scenario = match &self.config {
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|source| Error::Io {
                    path: path.clone(),
                    source,
                })?;
                let scenario = Scenario::from_toml(path, &text)?;
                scenario.validate_toml(path, &text)?;
                scenario
            }
            None => Scenario::default(),
        };
        for setting in &self.set {
            let Some((path, value)) = setting.split_once('=') else {
                return Err(Error::WrongType {
                    name: "--set".into(),
                    value: setting.clone(),
                    expected: "field.path=value".to_owned(),
                });
            };
            scenario.set(path.trim(), value)?;
        }
        scenario.validate()?;
        if let Some(loss) = self.host_loss_db {
            in_range("--host-loss-db", loss, 0.1, 60.0)?;
            for rate in LaneRate::ALL {
                let channel = &mut scenario.rate_mut(rate).channel;
                (channel.near_loss_db, channel.far_loss_db) = (loss, loss);
            }
        }
        if let Some(seed) = self.seed {
            scenario.seed = seed;
        }
        let files = Files::read(&FilePaths {
            near: self.channel.clone(),
            far: self.channel_far.clone(),
            fext: self.fext.clone(),
            next: self.next.clone(),
            port_order: self.port_order,
        })?;
        if let Some(threads) = self.threads {
            // Fails only where a pool exists already; this is the first use.
            let pool = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads));
            pool.build_global().unwrap_or_default();
        }
        Ok(Setup {
            scenario,
            files,
            level,
        })
    }
}
