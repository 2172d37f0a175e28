//! From a list of costs to the few sums that multiply prices, and the prices of one draw.

use super::interval::Interval;
use super::technology::{Constant, Prices, Share, Silicon, Supply};
use crate::error::{Error, Result, finite, positive};
use crate::ops::{AnalogKind, Cost, Ops};

/// Bits of a PAM4 symbol.
const BITS: f64 = 2.0;

/// Gate equivalents (two-input NAND) of operations:
/// `9.6 bx bc` per product, `7.7 n` per addition, `4 n` per comparison, 2.33 per selector bit and
/// exclusive or, 9 per clocked bit, 358 and 31 per general and constant product in GF(2^10), plus
/// the gates counted by synthesis. Table reads are memory, not gates.
///
/// Fits of our own synthesis (yosys and abc, no Booth recoding), a calibrated pair with the energy
/// per gate.
#[must_use]
pub fn gate_equivalents(ops: &Ops) -> f64 {
    let products: f64 = ops.mul.iter().map(|&(a, b, n)| 9.6 * a * b * n).sum();
    let additions: f64 = ops.add.iter().map(|&(bits, n)| 7.7 * bits * n).sum();
    let comparisons: f64 = ops.cmp.iter().map(|&(bits, n)| 4.0 * bits * n).sum();
    products
        + additions
        + comparisons
        + 2.33 * (ops.mux_bits + ops.xor2)
        + 9.0 * ops.ff_bits
        + 358.0 * ops.gf_mul
        + 31.0 * ops.gf_const
        + ops.gates
}

/// Number of [`AnalogKind`]s that optics prices.
const OPTICS: usize = 8;

/// Index of an optical part in [`Draw::optics_w`], `None` for the parts of a transceiver lane.
fn optics_index(kind: AnalogKind) -> Option<usize> {
    match kind {
        AnalogKind::ReceiveFrontEnd | AnalogKind::Transmit => None,
        AnalogKind::DriverRetimed => Some(0),
        AnalogKind::DriverLinear => Some(1),
        AnalogKind::TiaRetimed => Some(2),
        AnalogKind::TiaLinear => Some(3),
        AnalogKind::LaserRetimed => Some(4),
        AnalogKind::LaserLinear => Some(5),
        AnalogKind::Controller => Some(6),
        AnalogKind::CoPackagedEngine => Some(7),
    }
}

/// Sums over blocks, each in front of one price. Watts are at nominal prices per scale 1.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Terms {
    /// Gate equivalents per second in units of 1e15: times fJ gives W.
    gates: f64,
    /// Table reads in W.
    table_w: f64,
    /// Fitted gate equivalents per second in units of 1e15.
    fitted_gates: f64,
    /// Converters in W.
    converter_w: f64,
    /// Receive analog parts in W.
    receive_w: f64,
    /// Transmit analog parts in W.
    transmit_w: f64,
    /// Optical parts by kind.
    optics: [f64; OPTICS],
}

impl Terms {
    /// The sums of one block on `lanes` lanes at `baud_hz`.
    pub(super) fn of(cost: &Cost, lanes: f64, baud_hz: f64, silicon: &Silicon) -> Result<Self> {
        let symbols = lanes * baud_hz;
        let mut terms = Self {
            gates: gate_equivalents(&cost.hardware) * symbols * 1e-15,
            table_w: cost.hardware.lut_read_bits
                * silicon.logic.table_read_fj.nominal
                * symbols
                * 1e-15,
            fitted_gates: cost.fitted_gates * symbols * 1e-15,
            ..Self::default()
        };
        for conversion in &cost.conversions {
            terms.converter_w += lanes
                * silicon.analog.converter_fj
                * 1e-15
                * conversion.enob.exp2()
                * conversion.rate_hz;
        }
        for &(kind, count) in &cost.analog {
            let picojoules = BITS * symbols * count * 1e-12;
            match kind {
                AnalogKind::ReceiveFrontEnd => {
                    terms.receive_w += picojoules * silicon.analog.receive_pj;
                }
                AnalogKind::Transmit => {
                    terms.transmit_w += picojoules * silicon.analog.transmit_pj;
                }
                _ => {
                    if let Some(index) = optics_index(kind) {
                        terms.optics[index] += lanes * count;
                    }
                }
            }
        }
        terms.checked(cost)
    }

    /// The sums of several blocks.
    pub(super) fn sum(costs: &[Cost], lanes: f64, baud_hz: f64, silicon: &Silicon) -> Result<Self> {
        let mut total = Self::default();
        for cost in costs {
            total.add(&Self::of(cost, lanes, baud_hz, silicon)?);
        }
        Ok(total)
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.gates += other.gates;
        self.table_w += other.table_w;
        self.fitted_gates += other.fitted_gates;
        self.converter_w += other.converter_w;
        self.receive_w += other.receive_w;
        self.transmit_w += other.transmit_w;
        for (mine, theirs) in self.optics.iter_mut().zip(other.optics) {
            *mine += theirs;
        }
    }

    /// Refuses sums that are negative or not finite.
    fn checked(self, cost: &Cost) -> Result<Self> {
        let mut values = vec![
            self.gates,
            self.table_w,
            self.fitted_gates,
            self.converter_w,
            self.receive_w,
            self.transmit_w,
        ];
        values.extend(self.optics);
        for value in values {
            let name = || format!("cost of {}", cost.block);
            if finite(name(), value)? < 0.0 {
                return Err(Error::OutOfRange {
                    name: name().into(),
                    value,
                    min: 0.0,
                    max: f64::MAX,
                });
            }
        }
        Ok(self)
    }

    /// Whether an optical part is among the blocks.
    pub(super) fn has_optics(&self) -> bool {
        self.optics.iter().any(|&count| count != 0.0)
    }

    /// W of the counted operations.
    pub(super) fn counted_w(&self, gate_fj: f64) -> f64 {
        self.gates * gate_fj + self.table_w
    }

    /// W of the converters.
    pub(super) fn converter_w(&self, draw: &Draw) -> f64 {
        self.converter_w * draw.converter
    }

    /// W of the fitted blocks.
    pub(super) fn fitted_w(&self, gate_fj: f64, draw: &Draw) -> f64 {
        let optics = self.optics.iter().zip(draw.optics_w);
        self.fitted_gates * draw.fixed_digital * gate_fj
            + self.receive_w * draw.receive
            + self.transmit_w * draw.transmit
            + optics.map(|(count, w)| count * w).sum::<f64>()
    }

    /// W of counted operations and converters: what the bracket of a transceiver compares.
    pub(super) fn bracket_w(&self, gate_fj: f64, draw: &Draw) -> f64 {
        self.counted_w(gate_fj) + self.converter_w(draw)
    }

    /// W of everything.
    pub(super) fn total_w(&self, gate_fj: f64, draw: &Draw) -> f64 {
        self.bracket_w(gate_fj, draw) + self.fitted_w(gate_fj, draw)
    }
}

/// The prices of one draw, or the nominal ones.
#[derive(Debug, Clone)]
pub(super) struct Draw {
    pub(super) module_gate_fj: f64,
    pub(super) host_gate_fj: f64,
    fixed_digital: f64,
    converter: f64,
    receive: f64,
    transmit: f64,
    shares: [f64; 4],
    efficiency: f64,
    optics_w: [f64; OPTICS],
}

impl Draw {
    /// Takes each price through `pick(knob, bounds)`; one knob number per independent group of
    /// prices. Module and host share the knob of the energy per gate: their errors have one cause.
    pub(super) fn new(
        prices: &Prices,
        supply: Supply,
        mut pick: impl FnMut(u64, Interval) -> f64,
    ) -> Self {
        let mut take = |knob: u64, constant: &Constant| pick(knob, constant.interval());
        let (scales, shares, optics) = (&prices.scales, &prices.shares, &prices.optics);
        Self {
            module_gate_fj: take(0, &prices.module.logic.gate_fj),
            host_gate_fj: take(0, &prices.host.logic.gate_fj),
            fixed_digital: take(1, &scales.fixed_digital),
            converter: take(2, &scales.converter),
            receive: take(3, &scales.receive),
            transmit: take(4, &scales.transmit),
            shares: [
                take(5, &shares.chip_to_module),
                take(6, &shares.line_side),
                take(7, &shares.half_linear_host),
                take(8, &shares.linear_host),
            ],
            efficiency: match supply {
                Supply::Retimed => take(9, &prices.supplies.retimed),
                Supply::HalfLinear => take(9, &prices.supplies.half_linear),
                Supply::Linear => take(9, &prices.supplies.linear),
                Supply::Included => 1.0,
            },
            optics_w: [
                take(10, &optics.driver_retimed_w),
                take(11, &optics.driver_linear_w),
                take(12, &optics.tia_retimed_w),
                take(13, &optics.tia_linear_w),
                take(14, &optics.laser_retimed_w),
                take(15, &optics.laser_linear_w),
                take(16, &optics.controller_w),
                take(17, &optics.engine_w),
            ],
        }
    }

    /// All prices nominal.
    pub(super) fn nominal(prices: &Prices, supply: Supply) -> Self {
        Self::new(prices, supply, |_, bounds| bounds.nominal)
    }

    /// The factor K of a list of shares.
    pub(super) fn share(&self, shares: &[(Share, f64)]) -> f64 {
        let factor = |share| match share {
            Share::ChipToModule => self.shares[0],
            Share::LineSide => self.shares[1],
            Share::HalfLinearHost => self.shares[2],
            Share::LinearHost => self.shares[3],
        };
        shares.iter().map(|&(share, n)| n * factor(share)).sum()
    }

    /// Efficiency of the module's supply.
    pub(super) fn efficiency(&self) -> f64 {
        self.efficiency
    }
}

/// Power in W of a list of blocks on `lanes` lanes at `baud_hz`, all of it, at nominal prices: for a
/// complete transceiver `LR G`. Optical parts are refused: they belong to a module.
pub fn nominal_w(costs: &[Cost], lanes: f64, baud_hz: f64, silicon: &Silicon) -> Result<f64> {
    positive("lanes", lanes)?;
    positive("baud_hz", baud_hz)?;
    let terms = Terms::sum(costs, lanes, baud_hz, silicon)?;
    if terms.has_optics() {
        return Err(optics_in_transceiver("an optical part".to_owned()));
    }
    let gate_fj = silicon.logic.gate_fj.nominal;
    Ok(terms.counted_w(gate_fj)
        + terms.converter_w
        + terms.fitted_gates * gate_fj
        + terms.receive_w
        + terms.transmit_w)
}

/// The error for an optical part among the blocks of a transceiver.
pub(super) fn optics_in_transceiver(value: String) -> Error {
    Error::UnknownWord {
        name: "analog part of a transceiver".into(),
        value,
        allowed: "ReceiveFrontEnd, Transmit (optical parts are a Part of their own)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::equalizer::ffe::cost::{WordLengths, direct_form};

    #[test]
    fn gate_equivalents_of_each_kind() {
        let ops = Ops {
            mul: vec![(7.0, 8.0, 2.0)],
            add: vec![(14.0, 1.0)],
            cmp: vec![(12.0, 3.0)],
            mux_bits: 1.0,
            ff_bits: 2.0,
            xor2: 1.0,
            gf_mul: 1.0,
            gf_const: 1.0,
            lut_read_bits: 100.0,
            gates: 5.0,
        };
        let by_hand = 2.0 * 537.6 + 107.8 + 144.0 + 2.33 + 18.0 + 2.33 + 358.0 + 31.0 + 5.0;
        assert!((gate_equivalents(&ops) - by_hand).abs() < 1e-9);
        let tap = direct_form(1, WordLengths::default());
        assert!((gate_equivalents(&tap.hardware) - 645.4).abs() < 1e-9);
    }
}
