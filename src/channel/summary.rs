//! What a channel file is, in the numbers a link designer asks for first.

use std::path::Path;

use crate::error::Result;
use crate::rate::LaneRate;
use crate::signal::Pulse;
use crate::units::amplitude_to_db;

use super::{
    BandUse, Channel, DIFFERENTIAL_OHM, PortOrder, TwoPort, detect_port_order,
    extrapolated_energy_share, nrz_hold, precursor_energy_share, pulse, pulse_grid,
    read_touchstone,
};

/// Nyquist frequencies of 53, 106 and 212 Gb/s PAM4 lanes, Hz; the first with the two decimals tables
/// print.
const NYQUIST_HZ: [f64; 3] = [13.28e9, 26.5625e9, 53.125e9];
/// Samples per unit interval of the pulse; the cursor is the largest of them.
const SAMPLES_PER_UI: usize = 32;
/// Time window of the pulse in unit intervals.
const WINDOW_UI: usize = 4096;
/// Precursors earlier than this are what no causal path sends.
const GUARD_UI: usize = 8;

/// Losses at one frequency, dB at 100 ohm differential.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Losses {
    /// From port 1 to port 2, `-20 log10 |S21|`.
    pub forward_db: f64,
    /// From port 2 to port 1.
    pub reverse_db: f64,
    /// Return loss of port 1, `-20 log10 |S11|`.
    pub return1_db: f64,
    /// Return loss of port 2.
    pub return2_db: f64,
}

/// The pulse of a held symbol between matched ends at a lane rate.
#[derive(Debug, Clone, PartialEq)]
pub struct PulseSummary {
    /// Whether the file reaches the symbol rate.
    pub band: BandUse,
    /// The largest sample, V per unit symbol: the main cursor.
    pub cursor: f64,
    /// Samples 3, 2 and 1 UI before it, over the cursor.
    pub pre: [f64; 3],
    /// Samples 1 to 8 UI behind it, over the cursor.
    pub post: [f64; 8],
    /// Sum of the magnitudes of all samples but the cursor, over it.
    pub isi_over_cursor: f64,
    /// Share of the energy more than 8 UI before the cursor; see [`precursor_energy_share`].
    pub precursor_share: f64,
    /// Share of the energy that rests on the continuation above the end of the file.
    pub extrapolated_share: f64,
}

/// A channel file in numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelSummary {
    /// The file with its port order, [`Channel::name`].
    pub name: String,
    /// Ports of the file.
    pub ports: usize,
    /// Reference impedance of each port of the file, ohm.
    pub port_ohm: f64,
    /// Reference of the differential path in the file, ohm; losses and pulses are at 100.
    pub differential_ohm: f64,
    /// Frequencies.
    pub points: usize,
    /// The first, Hz.
    pub start_hz: f64,
    /// The last, Hz.
    pub end_hz: f64,
    /// Which ports belong together; `None` for a two-port file.
    pub order: Option<PortOrder>,
    /// Whether the order was read off the data.
    pub detected: bool,
    /// What is doubtful about the file, [`Channel::warnings`].
    pub warnings: Vec<String>,
    /// Losses at the Nyquist frequencies; `None` above the end of the file.
    pub losses: Vec<(f64, Option<Losses>)>,
    /// Pulse per lane rate, or why there is none.
    pub pulses: Vec<(LaneRate, std::result::Result<PulseSummary, String>)>,
}

impl ChannelSummary {
    /// Reads a two- or four-port file and sums it up.
    ///
    /// A lane rate whose Nyquist frequency lies above the end of the file has a reason in place of a
    /// pulse.
    ///
    /// # Errors
    /// Those of [`Channel::from_file`].
    pub fn from_file(path: &Path, order: Option<PortOrder>) -> Result<Self> {
        let network = read_touchstone(path)?;
        let file = path.file_name().unwrap_or(path.as_os_str());
        let channel = Channel::from_network(&file.to_string_lossy(), &network, order)?;
        let known = order.or_else(|| detect_port_order(&network));
        let frequencies = network.frequencies_hz();
        let differential_ohm = match (network.ports(), known) {
            (4, Some(found)) => network.differential(found)?.z0_ohm(),
            _ => network.two_port()?.z0_ohm(),
        };
        Ok(Self {
            name: channel.name().to_owned(),
            ports: network.ports(),
            port_ohm: network.z0_ohm(),
            differential_ohm,
            points: frequencies.len(),
            start_hz: frequencies[0],
            end_hz: frequencies[frequencies.len() - 1],
            order: known.filter(|_| network.ports() == 4),
            detected: order.is_none(),
            warnings: channel.warnings().to_vec(),
            losses: NYQUIST_HZ
                .iter()
                .map(|&f| (f, channel.thru().and_then(|t| losses(t, f))))
                .collect(),
            pulses: LaneRate::ALL
                .iter()
                .map(|&rate| {
                    let pulse = PulseSummary::new(&channel, rate.baud_hz());
                    (rate, pulse.map_err(|e| e.to_string()))
                })
                .collect(),
        })
    }
}

fn losses(two_port: &TwoPort, f_hz: f64) -> Option<Losses> {
    debug_assert!(two_port.z0_ohm() == DIFFERENTIAL_OHM);
    let s = two_port.at(f_hz).ok()?;
    let db = |v: num_complex::Complex64| -amplitude_to_db(v.norm());
    Some(Losses {
        forward_db: db(s.s21),
        reverse_db: db(s.s12),
        return1_db: db(s.s11),
        return2_db: db(s.s22),
    })
}

impl PulseSummary {
    /// The pulse of a channel at a symbol rate.
    ///
    /// # Errors
    /// [`crate::Error::Band`] for a file that ends below half the symbol rate.
    pub fn new(channel: &Channel, baud_hz: f64) -> Result<Self> {
        let band = channel.check_band(baud_hz)?;
        let end_hz = 0.5 * SAMPLES_PER_UI as f64 * baud_hz;
        let grid = pulse_grid(baud_hz, WINDOW_UI, end_hz)?;
        let spectrum = channel
            .two_port_on(grid)?
            .s21()
            .then(&nrz_hold(grid, baud_hz)?)?;
        let fine = pulse(&spectrum, baud_hz, SAMPLES_PER_UI)?;
        let Pulse {
            samples, cursor, ..
        } = fine.at_baud();
        let main = samples[cursor];
        let relative = |lag: i64| {
            let at = usize::try_from(cursor as i64 + lag).ok();
            at.and_then(|i| samples.get(i)).map_or(0.0, |s| s / main)
        };
        let all: f64 = samples.iter().map(|s| s.abs()).sum();
        Ok(Self {
            band,
            cursor: main,
            pre: [-3, -2, -1].map(relative),
            post: [1, 2, 3, 4, 5, 6, 7, 8].map(relative),
            isi_over_cursor: all / main.abs() - 1.0,
            precursor_share: precursor_energy_share(&fine, GUARD_UI),
            extrapolated_share: channel
                .end_hz()
                .map_or(0.0, |end| extrapolated_energy_share(&spectrum, end)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::{BOARD_CK, S2};
    use std::fmt::Write as _;

    /// A two-port file of the board line up to `end_ghz`, 100 ohm, in a place of its own.
    fn file(name: &str, end_ghz: u32) -> std::path::PathBuf {
        let mut text = String::from("# GHz S RI R 100\n");
        for i in 0..=(end_ghz * 20) {
            let f = f64::from(i) / 20.0;
            let S2 { s11, s21, .. } = BOARD_CK.at(f * 1e9, 150.0);
            writeln!(
                text,
                "{f} {} {} {} {} {} {} {} {}",
                s11.re, s11.im, s21.re, s21.im, s21.re, s21.im, s11.re, s11.im
            )
            .unwrap();
        }
        let path = std::env::temp_dir().join(format!("pamlink-{}-{name}.s2p", std::process::id()));
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn a_file_is_summed_up_as_the_line_it_came_from() {
        let path = file("whole", 60);
        let s = ChannelSummary::from_file(&path, None).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!((s.ports, s.points, s.order), (2, 1201, None));
        assert_eq!(
            (s.port_ohm, s.differential_ohm, s.end_hz),
            (100.0, 100.0, 60e9)
        );
        for (f, losses) in &s.losses {
            let l = losses.unwrap();
            // 50 MHz steps on a line of some ns: interpolated well below a hundredth.
            assert!((l.forward_db - BOARD_CK.loss_db(*f, 150.0)).abs() < 0.01);
            assert_eq!(l.forward_db, l.reverse_db);
            assert!(l.return1_db > 10.0);
        }
        let [(_, g100), (_, g200)] = &s.pulses[..] else {
            panic!("two rates")
        };
        let (g100, g200) = (g100.as_ref().unwrap(), g200.as_ref().unwrap());
        assert_eq!(
            (g100.band, g200.band),
            (BandUse::Measured, BandUse::Extrapolated)
        );
        assert!(
            g100.extrapolated_share < 0.01 && g200.extrapolated_share > g100.extrapolated_share
        );
        let near: f64 = g100.pre.iter().chain(&g100.post).map(|c| c.abs()).sum();
        assert!(near <= g100.isi_over_cursor && g100.cursor > 0.2 && g100.post[0] > g100.post[4]);
        assert!(g100.precursor_share < 1e-3);
    }

    #[test]
    fn a_short_file_has_reasons() {
        let path = file("short", 30);
        let s = ChannelSummary::from_file(&path, None).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(s.losses[2].1.is_none() && s.losses[1].1.is_some());
        assert!(s.pulses[0].1.is_ok());
        let reason = s.pulses[1].1.as_ref().unwrap_err();
        assert!(reason.contains("ends at 30.0 GHz"), "{reason}");
    }
}
