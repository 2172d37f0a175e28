//! What a price table is: nodes, lane rates, constants with bounds, source and confidence, and the
//! prices of one cell drawn from it. The numbers stand in `table.rs` and, equal, in
//! `technology.toml`.

use std::borrow::Cow;

use crate::energy::interval::Interval;
use crate::error::{Error, Result, positive};
use crate::rate::LaneRate;

/// A CMOS node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Node {
    /// 45 nm at 0.9 V.
    #[cfg_attr(feature = "serde", serde(rename = "45nm"))]
    N45,
    /// 28 to 32 nm at 0.9 V.
    #[cfg_attr(feature = "serde", serde(rename = "28nm"))]
    N28,
    /// 16 or 14 nm at 0.8 V.
    #[cfg_attr(feature = "serde", serde(rename = "16nm"))]
    N16,
    /// 7 nm at 0.68 V.
    #[cfg_attr(feature = "serde", serde(rename = "7nm"))]
    N7,
    /// 5 nm at 0.65 V.
    #[cfg_attr(feature = "serde", serde(rename = "5nm"))]
    N5,
    /// 3 nm at 0.62 V.
    #[cfg_attr(feature = "serde", serde(rename = "3nm"))]
    N3,
}

/// Effective bits of the reference converter near the Nyquist frequency.
#[must_use]
pub const fn reference_enob(rate: LaneRate) -> f64 {
    match rate {
        LaneRate::G100 => 4.8,
        LaneRate::G200 => 4.7,
    }
}

/// How far a number can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Mark {
    /// Measured silicon.
    Silicon,
    /// Vendor claim or data-sheet limit.
    Vendor,
    /// Vendor measurement or demonstration, method partly undisclosed.
    Demo,
    /// Analyst, press or second-hand estimate.
    Estimate,
    /// Our own computation from the others.
    Ours,
    /// Fitted to measured silicon or published totals.
    Fitted,
    /// Recalled, not confirmed against a source.
    Recalled,
}

impl Mark {
    /// The mark in one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Silicon => "silicon",
            Self::Vendor => "vendor",
            Self::Demo => "demo",
            Self::Estimate => "estimate",
            Self::Ours => "ours",
            Self::Fitted => "fitted",
            Self::Recalled => "recalled",
        }
    }
}

/// A price with bounds, confidence and source.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Constant {
    /// Smallest credible value.
    pub low: f64,
    /// Value used.
    pub nominal: f64,
    /// Largest credible value.
    pub high: f64,
    /// Confidence.
    pub mark: Mark,
    /// Where the values come from.
    pub source: Cow<'static, str>,
}

impl Constant {
    /// The three values.
    #[must_use]
    pub fn interval(&self) -> Interval {
        Interval::new(self.low, self.nominal, self.high)
    }
}

/// Prices of logic at one node.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct NodePrices {
    /// The node.
    pub node: Node,
    /// Supply in volts at which the prices hold.
    pub supply_v: f64,
    /// Energy of one gate equivalent per cycle in fJ: clock tree, registers, wires and typical
    /// activity included.
    pub gate_fj: Constant,
    /// Energy of one bit read from a small table in memory, in fJ.
    pub table_read_fj: Constant,
}

/// Share of the energy that is leakage, in the voltage law (range 0.03 to 0.15).
const LEAKAGE: f64 = 0.07;

impl NodePrices {
    /// Energy per gate equivalent at another supply:
    /// `E(V) = E(V0) [(1 - l) (V/V0)^2 + l V/V0]`, leakage share `l = 0.07`.
    pub fn gate_fj_at(&self, supply_v: f64) -> Result<Interval> {
        let ratio = positive("supply_v", supply_v)? / self.supply_v;
        let factor = (1.0 - LEAKAGE) * ratio * ratio + LEAKAGE * ratio;
        Ok(self.gate_fj.interval().times(factor))
    }
}

/// Analog prices of a transceiver lane at one node and lane rate; uncertainty is in [`Scales`].
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct LanePrices {
    /// The node.
    pub node: Node,
    /// The lane rate.
    pub rate: LaneRate,
    /// Walden figure of merit of the converter, fJ per conversion step.
    pub converter_fj: f64,
    /// Receive analog part per line bit in pJ, receive clock included, converter excluded.
    pub receive_pj: f64,
    /// Transmit analog part per line bit in pJ, PLL included.
    pub transmit_pj: f64,
    /// Confidence.
    pub mark: Mark,
    /// Where the values come from.
    pub source: Cow<'static, str>,
}

/// Factors by which whole groups of prices may be wrong, and the fitted digital part.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Scales {
    /// Gate equivalents of the fixed digital part, over its nominal value.
    pub fixed_digital: Constant,
    /// Converter figure of merit.
    pub converter: Constant,
    /// Receive analog part.
    pub receive: Constant,
    /// Transmit analog part.
    pub transmit: Constant,
    /// Sequence detector. Not drawn: validation shows what its bounds contain.
    pub mlse: Constant,
}

/// Which part of a long-reach transceiver a reach class pays.
///
/// A host that needs less than the chip-to-module class (co-packaged, a path of 4 dB) has no factor
/// of its own: it takes [`Share::ChipToModule`], and the bracket of the transceiver's price swaps the
/// reference's receiver for the one it needs. With 5 FFE taps, no DFE and 4 effective bits that
/// lands at 0.55 (100G) and 0.45 (200G) of a long-reach lane; published is 0.45 (0.3 to 0.6). A base
/// of 0.45 would subtract the receiver a second time and leave 0.26 and 0.16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Share {
    /// Chip to module, an end of a retimed electrical segment.
    ChipToModule,
    /// The fiber side of a module's DSP.
    LineSide,
    /// A host that sees the far half of the link through linear optics.
    HalfLinearHost,
    /// A host that sees the whole link through linear optics.
    LinearHost,
}

/// The factor K of each [`Share`].
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Shares {
    /// [`Share::ChipToModule`].
    pub chip_to_module: Constant,
    /// [`Share::LineSide`].
    pub line_side: Constant,
    /// [`Share::HalfLinearHost`].
    pub half_linear_host: Constant,
    /// [`Share::LinearHost`].
    pub linear_host: Constant,
}

/// How a module's 3.3 V become its rails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Supply {
    /// Rails of a full DSP.
    Retimed,
    /// Rails of half a DSP.
    HalfLinear,
    /// Rails of analog parts only.
    Linear,
    /// Powers that already contain the conversion (published engine totals).
    Included,
}

/// Efficiency of each [`Supply`].
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Supplies {
    /// [`Supply::Retimed`].
    pub retimed: Constant,
    /// [`Supply::HalfLinear`].
    pub half_linear: Constant,
    /// [`Supply::Linear`].
    pub linear: Constant,
}

/// Powers of optical parts at one lane rate, W; lasers and controller per 8-lane module, the rest
/// per lane.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct OpticsPrices {
    /// The lane rate.
    pub rate: LaneRate,
    /// Driver behind a DSP.
    pub driver_retimed_w: Constant,
    /// Linear driver.
    pub driver_linear_w: Constant,
    /// TIA in front of a DSP.
    pub tia_retimed_w: Constant,
    /// TIA that drives the host.
    pub tia_linear_w: Constant,
    /// Lasers of a module with a DSP.
    pub laser_retimed_w: Constant,
    /// Lasers of a linear module.
    pub laser_linear_w: Constant,
    /// Module controller.
    pub controller_w: Constant,
    /// Co-packaged engine and laser, per lane.
    pub engine_w: Constant,
}

/// All prices, as data: [`PRICES`](crate::energy::PRICES) or a file of the same shape.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct PriceTable {
    /// Version of the numbers.
    pub version: Cow<'static, str>,
    /// Groups of prices.
    pub scales: Scales,
    /// Reach classes.
    pub shares: Shares,
    /// Module supplies.
    pub supplies: Supplies,
    /// Logic per node.
    pub nodes: Cow<'static, [NodePrices]>,
    /// Analog parts per node and lane rate.
    pub lanes: Cow<'static, [LanePrices]>,
    /// Optical parts per lane rate.
    pub optics: Cow<'static, [OpticsPrices]>,
}

/// The prices of one piece of silicon: a node at a lane rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Silicon {
    /// Logic.
    pub logic: NodePrices,
    /// Analog parts.
    pub analog: LanePrices,
}

/// The prices of one cell: module and host silicon, optics, scales.
#[derive(Debug, Clone, PartialEq)]
pub struct Prices {
    /// Silicon of the module.
    pub module: Silicon,
    /// Silicon of the host.
    pub host: Silicon,
    /// Optical parts.
    pub optics: OpticsPrices,
    /// Groups of prices.
    pub scales: Scales,
    /// Reach classes.
    pub shares: Shares,
    /// Module supplies.
    pub supplies: Supplies,
}

impl PriceTable {
    /// Logic prices of a node.
    pub fn logic(&self, node: Node) -> Result<NodePrices> {
        let found = self.nodes.iter().find(|entry| entry.node == node);
        found
            .cloned()
            .ok_or_else(|| missing(format!("{node:?}"), "the nodes of the price table"))
    }

    /// Logic and analog prices of a node at a lane rate; 16 nm has none at 200G.
    pub fn silicon(&self, node: Node, rate: LaneRate) -> Result<Silicon> {
        let found = (self.lanes.iter()).find(|entry| entry.node == node && entry.rate == rate);
        let analog = found.cloned().ok_or_else(|| {
            missing(
                format!("{node:?} at {rate:?}"),
                "16, 7, 5, 3 nm at 100G and 7, 5, 3 nm at 200G",
            )
        })?;
        Ok(Silicon {
            logic: self.logic(node)?,
            analog,
        })
    }

    /// The prices of a cell: lane rate, node of the module, node of the host.
    pub fn prices(&self, rate: LaneRate, module: Node, host: Node) -> Result<Prices> {
        let optics = self.optics.iter().find(|entry| entry.rate == rate);
        Ok(Prices {
            module: self.silicon(module, rate)?,
            host: self.silicon(host, rate)?,
            optics: optics
                .cloned()
                .ok_or_else(|| missing(format!("{rate:?}"), "the lane rates of the price table"))?,
            scales: self.scales.clone(),
            shares: self.shares.clone(),
            supplies: self.supplies.clone(),
        })
    }

    /// Reads a table from TOML; unknown fields are errors. The line of a mistake is counted from 1.
    #[cfg(feature = "serde")]
    pub fn from_toml(path: &std::path::Path, text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|error| Error::Parse {
            path: path.to_path_buf(),
            line: error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(1, |before| 1 + before.matches('\n').count()),
            reason: error.message().to_owned(),
        })
    }
}

/// An entry that a price table does not hold.
fn missing(value: String, allowed: &'static str) -> Error {
    Error::UnknownWord {
        name: "price".into(),
        value,
        allowed,
    }
}
