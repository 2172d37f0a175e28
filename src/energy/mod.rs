//! Joules from declared operations: prices per technology, modules, hosts, intervals, fleets.
//!
//! The room is handed a [`System`]: which transceivers and parts stand at which [`Place`], each with
//! the [`Cost`] its blocks declare. It does not ask which architecture that is: retimed, half
//! retimed, linear and co-packaged are different lists.
//!
//! - A [`Part`] is priced as it stands: gates times energy per gate, conversions times figure of
//!   merit, analog parts by kind.
//! - A [`Transceiver`] is priced against a *reference configuration* at which the model was
//!   calibrated:
//!   `P = K LR(reference) G + [own counted operations and conversions - those of the reference]`.
//!   LR is the price of a full long-reach lane per bit, K the share its reach class pays, G the
//!   line rate of all lanes; the bracket is not scaled. So the validation table holds exactly at
//!   the reference, and every tap, state and bit beyond it costs its own counted price.
//! - A module's rails pass a DC-DC converter; a host does not (the fleet factor holds that).
//!
//! The result is a [`Breakdown`] whose rows say which joules are *counted* operations, which are
//! *converters* by the survey's figure of merit, and which are *fitted* blocks. Its low and high
//! are the 5th and 95th percentile of seeded draws in which every group of prices moves
//! independently; errors that move several groups together are not in them, so read them as too
//! narrow.
//!
//! ```
//! use pamlink::energy::{
//!     LaneRate, Node, PRICES, Place, Share, Supply, System, Transceiver, price, reference,
//! };
//! use pamlink::equalizer::{dfe::cost::unrolled, ffe::cost::direct_form};
//! use pamlink::frontend::cost::{adc, tx_fir};
//! use pamlink::optics::cost as optics;
//!
//! // A fully retimed 800G port from its blocks, module and host at 5 nm.
//! let rate = LaneRate::G100;
//! let end = |place, share, ffe_taps| Transceiver {
//!     place,
//!     lanes: LaneRate::LANES,
//!     baud_hz: rate.baud_hz(),
//!     shares: vec![(share, 1.0)],
//!     reference: reference::long_reach(rate, rate.baud_hz()),
//!     blocks: [direct_form(ffe_taps, Default::default()), unrolled(1), adc(4.8, 53.125e9), tx_fir(5)]
//!         .map(|cost| (place, cost))
//!         .into(),
//! };
//! let mut parts = reference::optical_parts(
//!     rate,
//!     &[optics::driver_retimed(), optics::tia_retimed()],
//!     &[optics::laser_retimed(), optics::controller()],
//! );
//! parts.extend(reference::host_fec(rate, 0.73));
//! let system = System {
//!     nominal_rate_bps: rate.nominal_rate_bps(),
//!     supply: Supply::Retimed,
//!     transceivers: vec![
//!         end(Place::ModuleHostSide, Share::ChipToModule, 12),
//!         end(Place::ModuleLineSide, Share::LineSide, 16),
//!         end(Place::Host, Share::ChipToModule, 12),
//!     ],
//!     parts,
//! };
//! let answer = price(&system, &PRICES.prices(rate, Node::N5, Node::N5)?, 1)?;
//! assert!((answer.module_w.nominal - 12.8).abs() < 0.1);
//! # Ok::<(), pamlink::Error>(())
//! ```

use crate::ops::Cost;

pub mod fleet;
mod interval;
mod listing;
mod price;
pub mod reference;
mod table;
mod technology;
mod terms;
pub mod validation;

pub use crate::rate::LaneRate;
pub use interval::Interval;
pub use listing::ListedPrice;
pub use price::{Breakdown, Kind, Row, price};
pub use table::PRICES;
pub use technology::reference_enob;
pub use technology::{
    Constant, LanePrices, Mark, Node, NodePrices, OpticsPrices, PriceTable, Prices, Scales, Share,
    Shares, Silicon, Supplies, Supply,
};
pub use terms::{gate_equivalents, nominal_w};

/// Number of draws behind an interval.
pub const DRAWS: u64 = 20_000;

/// Where in the system a block stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Place {
    /// The module's transceivers that face the host.
    ModuleHostSide,
    /// The module's transceivers that face the fiber.
    ModuleLineSide,
    /// Drivers, amplifiers, lasers, controller of the module.
    ModuleOptics,
    /// What the module's DC-DC conversion loses.
    ModuleSupply,
    /// A co-packaged engine; its power contains its conversion.
    CoPackagedEngine,
    /// The host's transceivers.
    Host,
    /// The host's error correction.
    HostFec,
}

impl Place {
    /// All places, the module first.
    pub const ALL: [Self; 7] = [
        Self::ModuleHostSide,
        Self::ModuleLineSide,
        Self::ModuleOptics,
        Self::ModuleSupply,
        Self::CoPackagedEngine,
        Self::Host,
        Self::HostFec,
    ];

    /// Whether the place is on the host's side of the account (`host_w`, no module DC-DC).
    #[must_use]
    pub fn is_host(self) -> bool {
        matches!(self, Self::Host | Self::HostFec)
    }

    /// Whether the place is fed by the module's DC-DC converter.
    #[must_use]
    pub fn is_behind_supply(self) -> bool {
        matches!(
            self,
            Self::ModuleHostSide | Self::ModuleLineSide | Self::ModuleOptics
        )
    }

    /// The place in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ModuleHostSide => "module, host side",
            Self::ModuleLineSide => "module, line side",
            Self::ModuleOptics => "module, optics",
            Self::ModuleSupply => "module, supply",
            Self::CoPackagedEngine => "co-packaged engine",
            Self::Host => "host",
            Self::HostFec => "host, FEC",
        }
    }
}

/// One set of lanes of transceivers (each a receiver and a transmitter), priced against its
/// reference configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Transceiver {
    /// Where it stands; blocks that stand elsewhere say so themselves.
    pub place: Place,
    /// Lanes.
    pub lanes: f64,
    /// Symbols per second of a lane.
    pub baud_hz: f64,
    /// The reach classes it pays and how much of each: `[(ChipToModule, 1.0)]` for a whole
    /// transceiver; `[(ChipToModule, 0.5), (LineSide, 0.5)]` for one retained direction, the
    /// receiver of one side and the transmitter of the other.
    pub shares: Vec<(Share, f64)>,
    /// The reference configuration, complete: equalizers, converter, transmit FIR, fixed digital,
    /// analog parts. See [`reference::long_reach`].
    pub reference: Vec<Cost>,
    /// Its own blocks, each with its place. Counted operations and conversions are priced; fitted
    /// gates and analog parts of a block are inside the row "fitted remainder" and add nothing.
    pub blocks: Vec<(Place, Cost)>,
}

/// A block priced as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Where it stands.
    pub place: Place,
    /// How many of it: lanes, or 1 for what a module has once.
    pub lanes: f64,
    /// Symbols per second of a lane.
    pub baud_hz: f64,
    /// What it costs per symbol and lane.
    pub cost: Cost,
}

/// One module and one host end, both directions.
#[derive(Debug, Clone, PartialEq)]
pub struct System {
    /// Nominal bits per second one way (800e9, 1600e9): the denominator of pJ/bit.
    pub nominal_rate_bps: f64,
    /// The module's supply.
    pub supply: Supply,
    /// Transceivers.
    pub transceivers: Vec<Transceiver>,
    /// Everything else.
    pub parts: Vec<Part>,
}
