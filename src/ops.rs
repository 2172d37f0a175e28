//! What a block costs, in operations: the cost face of every block of a link.
//!
//! A [`Cost`] has two layers. The *algorithm* is what the plain reference computes per symbol. The
//! *hardware* layer is what silicon pays for it in a named form (unrolled, sliding block,
//! look-ahead, parallel with overlap, registers). Nothing here knows joules: prices per operation
//! and per technology are [`crate::energy`]'s. The gate counts of the hardware layer come from
//! synthesis of the steps (yosys and abc, simple mapping) and form a calibrated pair with the energy
//! per gate: replace neither alone.

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
    /// Gate equivalents (two-input NAND) counted by synthesis of a whole step, where a list of
    /// words would count it worse.
    pub gates: f64,
}

impl Ops {
    /// All operations of `self` and `other` together.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        self.mul.extend_from_slice(&other.mul);
        self.add.extend_from_slice(&other.add);
        self.cmp.extend_from_slice(&other.cmp);
        self.mux_bits += other.mux_bits;
        self.ff_bits += other.ff_bits;
        self.xor2 += other.xor2;
        self.gf_mul += other.gf_mul;
        self.gf_const += other.gf_const;
        self.lut_read_bits += other.lut_read_bits;
        self.gates += other.gates;
        self
    }

    /// Every operation `factor` times.
    #[must_use]
    pub fn times(mut self, factor: f64) -> Self {
        self.mul.iter_mut().for_each(|entry| entry.2 *= factor);
        self.add.iter_mut().for_each(|entry| entry.1 *= factor);
        self.cmp.iter_mut().for_each(|entry| entry.1 *= factor);
        self.mux_bits *= factor;
        self.ff_bits *= factor;
        self.xor2 *= factor;
        self.gf_mul *= factor;
        self.gf_const *= factor;
        self.lut_read_bits *= factor;
        self.gates *= factor;
        self
    }

    /// Number of multiplications, whatever their width.
    #[must_use]
    pub fn multiplications(&self) -> f64 {
        self.mul.iter().map(|entry| entry.2).sum()
    }

    /// Number of additions and subtractions, whatever their width.
    #[must_use]
    pub fn additions(&self) -> f64 {
        self.add.iter().map(|entry| entry.1).sum()
    }

    /// Number of comparisons, whatever their width.
    #[must_use]
    pub fn comparisons(&self) -> f64 {
        self.cmp.iter().map(|entry| entry.1).sum()
    }
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
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cost {
    /// The block, in the words of the field.
    pub block: Cow<'static, str>,
    /// Operations of the plain algorithm, per symbol.
    pub algorithm: Ops,
    /// Operations of the hardware form, per symbol.
    pub hardware: Ops,
    /// The hardware form that was priced, with its parameters.
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

impl Cost {
    /// A block that costs nothing yet; the fields are filled with `..Cost::new(…)`.
    #[must_use]
    pub fn new(block: impl Into<Cow<'static, str>>, form: impl Into<Cow<'static, str>>) -> Self {
        Self {
            block: block.into(),
            form: form.into(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_add_and_scale() {
        let one = Ops {
            mul: vec![(7.0, 8.0, 3.0)],
            add: vec![(14.0, 2.0)],
            xor2: 5.0,
            ..Ops::default()
        };
        let sum = one.clone().plus(&one);
        assert_eq!(sum.multiplications(), 6.0);
        assert_eq!(sum.additions(), 4.0);
        assert_eq!(sum.xor2, one.times(2.0).xor2);
        assert_eq!(sum.comparisons(), 0.0);
    }
}
