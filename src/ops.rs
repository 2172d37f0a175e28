//! What a block costs, in operations: the cost face of every block of a link.
//!
//! A [`Cost`] has two layers. The *algorithm* is what the plain reference computes per symbol. The
//! *hardware* layer is what silicon pays for it in a named form (unrolled, sliding block,
//! look-ahead, parallel with overlap, registers). Nothing here knows joules: prices per operation
//! and per technology are [`crate::energy`]'s.

use std::borrow::Cow;

/// Operations per symbol, by kind and word length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ops {
    /// Multiplications as `(bits of one factor, bits of the other, count)`.
    pub mul: Vec<(f64, f64, f64)>,
    /// Additions and subtractions as `(bits, count)`.
    pub add: Vec<(f64, f64)>,
    /// Comparisons as `(bits, count)`.
    pub cmp: Vec<(f64, f64)>,
    /// Bits of two-way selectors.
    pub mux_bits: f64,
    /// Bits of clocked storage.
    pub ff_bits: f64,
    /// Two-input exclusive-or gates.
    pub xor2: f64,
    /// General products in GF(2^10).
    pub gf_mul: f64,
    /// Products with constants in GF(2^10).
    pub gf_const: f64,
    /// Bits read from tables in memory.
    pub lut_read_bits: f64,
}

/// One analog-to-digital conversion stream of a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conversion {
    /// Effective number of bits near the Nyquist frequency.
    pub enob: f64,
    /// Conversions per second.
    pub rate_hz: f64,
}

/// Analog parts that are priced by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AnalogKind {
    /// Receive front end: termination, CTLE, VGA, receive clock.
    ReceiveFrontEnd,
    /// Transmit analog: DAC, output driver, serializer, PLL.
    Transmit,
    /// Modulator driver that may saturate, behind a DSP.
    DriverRetimed,
    /// Modulator driver that must stay linear, with its CTLE.
    DriverLinear,
    /// Transimpedance amplifier in front of a DSP.
    TiaRetimed,
    /// Transimpedance amplifier that must drive a host channel linearly.
    TiaLinear,
    /// Laser of a module with a DSP, all lanes.
    LaserRetimed,
    /// Laser of a linear module, all lanes.
    LaserLinear,
    /// Module controller and monitoring, all lanes.
    Controller,
    /// Co-packaged engine and laser, per lane.
    CoPackagedEngine,
}

/// What one block of a signal path costs for each symbol of one lane.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// The block, in the words of the field.
    pub block: Cow<'static, str>,
    /// Operations of the plain algorithm, per symbol.
    pub algorithm: Ops,
    /// Operations of the hardware form, per symbol.
    pub hardware: Ops,
    /// The hardware form that was priced.
    pub form: Cow<'static, str>,
    /// Gate equivalents per symbol that no count of operations explains (a fitted block).
    pub fitted_gates: f64,
    /// Converters.
    pub conversions: Vec<Conversion>,
    /// Analog parts and how many of each.
    pub analog: Vec<(AnalogKind, f64)>,
    /// Latency of the block in seconds.
    pub latency_s: f64,
}
