//! How far a file reaches, against what a symbol rate needs.

use crate::error::{Error, Result, positive};
use crate::signal::Response;

/// How much of a lane's spectrum a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BandUse {
    /// The file reaches the symbol rate, the first null of the transmit spectrum.
    Measured,
    /// The file reaches the Nyquist frequency and is continued from its end.
    Extrapolated,
}

/// Whether data that end at `end_hz` serve a lane of `baud_hz`.
///
/// # Errors
/// [`Error::Band`] below the Nyquist frequency, `end_hz < baud_hz / 2`; numbers that are not
/// positive.
pub fn check_band(end_hz: f64, baud_hz: f64) -> Result<BandUse> {
    positive("end_hz", end_hz)?;
    positive("baud_hz", baud_hz)?;
    // Messages give six decimals of a GBd at most.
    let giga = |hz: f64| (hz / 1e3).round() / 1e6;
    if end_hz < 0.5 * baud_hz {
        Err(Error::Band {
            end_ghz: giga(end_hz),
            baud_gbd: giga(baud_hz),
            needed_ghz: giga(0.5 * baud_hz),
        })
    } else if end_hz < baud_hz {
        Ok(BandUse::Extrapolated)
    } else {
        Ok(BandUse::Measured)
    }
}

/// Share (0..=1) of the energy of a pulse spectrum that lies above `measured_end_hz`: what of the
/// pulse rests on the continuation. Zero for a spectrum without energy.
#[must_use]
pub fn extrapolated_energy_share(spectrum: &Response, measured_end_hz: f64) -> f64 {
    let grid = spectrum.grid();
    let (mut above, mut all) = (0.0, 0.0);
    for (i, (f, v)) in grid.iter().zip(spectrum.values()).enumerate() {
        // Zero frequency has one side, all others two.
        let energy = v.norm_sqr() * if i == 0 { 0.5 } else { 1.0 };
        all += energy;
        if f > measured_end_hz {
            above += energy;
        }
    }
    if all > 0.0 { above / all } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::FrequencyGrid;

    #[test]
    fn the_message_reads_as_the_design_says() {
        let text = |end, baud| check_band(end, baud).unwrap_err().to_string();
        assert_eq!(
            text(50e9, 106.25e9),
            "file ends at 50.0 GHz, 106.25 GBd needs >= 53.1"
        );
        assert_eq!(
            text(20e9, 53.125e9),
            "file ends at 20.0 GHz, 53.125 GBd needs >= 26.6"
        );
        assert!(text(50e9, -1.0).contains("baud_hz"));
        assert!(text(f64::NAN, 1e9).contains("end_hz"));
        assert!(text(50e9, 0.0).contains("above zero"));
    }

    #[test]
    fn nyquist_and_the_first_null_are_the_borders() {
        assert_eq!(
            check_band(26.5625e9, 53.125e9).unwrap(),
            BandUse::Extrapolated
        );
        assert_eq!(check_band(53.125e9, 53.125e9).unwrap(), BandUse::Measured);
    }

    #[test]
    fn the_share_counts_points_above_the_end() {
        let unity = Response::unity(FrequencyGrid::new(1.0, 11).unwrap());
        assert!((extrapolated_energy_share(&unity, 5.0) - 5.0 / 10.5).abs() < 1e-15);
        assert_eq!(extrapolated_energy_share(&unity.scaled(0.0), 5.0), 0.0);
    }
}
