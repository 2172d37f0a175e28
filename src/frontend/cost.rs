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
