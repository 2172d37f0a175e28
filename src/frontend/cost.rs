//! What the electrical front end costs: transmit FIR, converter, analog parts, the fixed digital
//! part of a transceiver lane, and the latency of a module's path.

use crate::ops::{AnalogKind, Conversion, Cost, Ops};

/// Gate equivalents per tap of a transmit FIR in look-up form (range 200 to 450; a 7-tap 7 nm part
/// measures 0.037 pJ per tap and symbol where this gives 0.048).
const LUT_TAP: f64 = 300.0;
/// Gate equivalents per symbol of what no equalizer explains: retiming, gearbox, converter
/// calibration, slow adaptation, clock, leakage (range 7 000 to 13 000; fitted to a 7 nm part).
pub const FIXED_GATES: f64 = 10_000.0;

/// Operations of a FIR over PAM4 symbols, per symbol: N products of 2 and 8 bits, N - 1 additions.
fn fir(taps: usize) -> Ops {
    let n = taps as f64;
    Ops {
        mul: vec![(2.0, 8.0, n)],
        add: vec![(8.0, (n - 1.0).max(0.0))],
        ..Ops::default()
    }
}

/// Transmit FIR of `taps` taps as tables of products, 300 gate equivalents per tap and symbol.
#[must_use]
pub fn tx_fir(taps: usize) -> Cost {
    Cost {
        algorithm: fir(taps),
        hardware: Ops {
            gates: LUT_TAP * taps as f64,
            ..Ops::default()
        },
        ..Cost::new(format!("Tx FIR {taps} taps"), "look-up tables")
    }
}

/// Transmit FIR of `taps` taps with multipliers: `9.6 * 2 * bc` and one 8-bit addition per tap.
#[must_use]
pub fn tx_fir_multipliers(taps: usize, tap_bits: f64) -> Cost {
    let n = taps as f64;
    Cost {
        algorithm: fir(taps),
        hardware: Ops {
            mul: vec![(2.0, tap_bits, n)],
            add: vec![(8.0, n)],
            ..Ops::default()
        },
        ..Cost::new(
            format!("Tx FIR {taps} taps"),
            format!("multipliers, 2 x {tap_bits} bit"),
        )
    }
}

/// Receive converter with `enob` effective bits at `rate_hz` conversions per second; its power is
/// `FoM_W 2^ENOB rate` (Walden).
#[must_use]
pub fn adc(enob: f64, rate_hz: f64) -> Cost {
    Cost {
        conversions: vec![Conversion { enob, rate_hz }],
        ..Cost::new(
            format!("ADC {enob} ENOB"),
            "time-interleaved, survey figure of merit",
        )
    }
}

/// Rounding of the transmit FIR's sums of `sum_bits` bits to the `bits` of the DAC, with clipping: one
/// addition, two comparisons, one selector. The converter itself is in [`transmit_analog`].
#[must_use]
pub fn dac_rounding(sum_bits: f64, bits: u32) -> Cost {
    let ops = Ops {
        add: vec![(sum_bits, 1.0)],
        cmp: vec![(sum_bits, 2.0)],
        mux_bits: 2.0 * f64::from(bits),
        ..Ops::default()
    };
    Cost {
        algorithm: ops.clone(),
        hardware: Ops {
            ff_bits: f64::from(bits),
            ..ops
        },
        ..Cost::new(
            format!("DAC rounding {bits} bits"),
            "combinational, one register",
        )
    }
}

/// Bits of the correction words of a calibrated converter (ours: steps of the gain of 2^-8, half a step of
/// seven bits at full scale).
const CORRECTION_BITS: f64 = 8.0;

/// Digital background calibration of offset and gain of an interleaved converter of `bits` bits: per symbol
/// one product and one sum to correct; per `every`-th symbol one square and two sums to measure.
///
/// [`fixed_digital`] holds a fitted share for calibration already: price one or the other.
#[must_use]
pub fn adc_calibration(bits: u32, every: f64) -> Cost {
    let b = f64::from(bits);
    let share = 1.0 / every.max(1.0);
    // Sums over 2^16 samples and more: 24 bits beyond those of a square.
    let wide = 2.0 * b + 24.0;
    let ops = Ops {
        mul: vec![(b, CORRECTION_BITS, 1.0), (b, b, share)],
        add: vec![(b + 1.0, 1.0), (wide, 2.0 * share)],
        ..Ops::default()
    };
    Cost {
        algorithm: ops.clone(),
        hardware: Ops {
            ff_bits: b + 2.0 * wide * share,
            ..ops
        },
        ..Cost::new(
            format!("ADC calibration {bits} bits"),
            format!("offset and gain in digits, measured every {every} symbols"),
        )
    }
}

/// Measurement of the RMS for the gain control in front of a converter of `bits` bits: one square and one
/// sum per `every`-th symbol. The amplifier itself is in [`receive_analog`].
#[must_use]
pub fn gain_control(bits: u32, every: f64) -> Cost {
    let b = f64::from(bits);
    let share = 1.0 / every.max(1.0);
    let wide = 2.0 * b + 24.0;
    let ops = Ops {
        mul: vec![(b, b, share)],
        add: vec![(wide, share)],
        ..Ops::default()
    };
    Cost {
        algorithm: ops.clone(),
        hardware: Ops {
            ff_bits: wide * share,
            ..ops
        },
        ..Cost::new("gain control", format!("RMS of every {every} symbols"))
    }
}

/// Analog receive part beyond the converter: termination, CTLE, VGA, receive clock.
#[must_use]
pub fn receive_analog() -> Cost {
    Cost {
        analog: vec![(AnalogKind::ReceiveFrontEnd, 1.0)],
        ..Cost::new("analog receiver", "fitted per bit")
    }
}

/// Analog transmit part: DAC, output driver, serializer, PLL.
#[must_use]
pub fn transmit_analog() -> Cost {
    Cost {
        analog: vec![(AnalogKind::Transmit, 1.0)],
        ..Cost::new("analog transmitter", "fitted per bit")
    }
}

/// The fixed digital part of one transceiver lane, [`FIXED_GATES`] per symbol: a fitted block.
#[must_use]
pub fn fixed_digital() -> Cost {
    Cost {
        fitted_gates: FIXED_GATES,
        ..Cost::new("fixed digital", "fitted to silicon")
    }
}

/// Latency of one direction through a module, in seconds, with where it comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PathLatency {
    /// The path.
    pub path: &'static str,
    /// Shortest published.
    pub low_s: f64,
    /// The value used.
    pub nominal_s: f64,
    /// Longest published.
    pub high_s: f64,
    /// Where the three come from.
    pub source: &'static str,
}

/// One direction through a module's DSP.
pub const RETIMED_PATH: PathLatency = PathLatency {
    path: "module DSP, one direction",
    low_s: 37e-9,
    nominal_s: 40e-9,
    high_s: 46.5e-9,
    source: "vendor limits: < 75 ns round trip (Sian3), < 40 ns per direction (Bluebird); Cisco 93 ns \
             for the link, method undisclosed",
};

/// One direction through a linear module.
pub const LINEAR_PATH: PathLatency = PathLatency {
    path: "linear module, one direction",
    low_s: 2e-9,
    nominal_s: 3e-9,
    high_s: 4e-9,
    source: "vendor: LPO < 3 to 4 ns; Cisco 4 ns for the link, i.e. 2 per module",
};

/// A block that only takes time: one direction through a module.
#[must_use]
pub fn path_latency(path: PathLatency) -> Cost {
    Cost {
        latency_s: path.nominal_s,
        ..Cost::new(path.path, "published latency")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calibration_counts_what_its_equations_do() {
        let all = adc_calibration(7, 1.0);
        // One product corrects, one squares; one sum corrects, two measure.
        assert_eq!(all.algorithm.multiplications(), 2.0);
        assert_eq!(all.algorithm.additions(), 3.0);
        let seldom = adc_calibration(7, 64.0);
        assert_eq!(seldom.algorithm.multiplications(), 1.0 + 1.0 / 64.0);
        assert_eq!(gain_control(7, 16.0).algorithm.additions(), 1.0 / 16.0);
        assert_eq!(dac_rounding(10.0, 7).algorithm.comparisons(), 2.0);
    }
}
