//! The reference configurations at which the model was calibrated, and the modules and hosts built
//! from them. Links price their own blocks against [`long_reach`]; the whole systems here are what
//! the validation table prices.

use super::technology::{LaneRate, Share, Supply};
use super::{Part, Place, System, Transceiver};
use crate::equalizer::dfe::cost::{SlidingBlock, sliding_block, unrolled};
use crate::equalizer::ffe::cost::{WordLengths, direct_form};
use crate::fec::cost::{kp4_decoder, kp4_encoder};
use crate::frontend::cost::{adc, fixed_digital, receive_analog, transmit_analog, tx_fir};
use crate::mlse::cost::{Viterbi, viterbi};
use crate::ops::Cost;
use crate::optics::cost as optics;

/// Taps of the transmit FIR of every reference configuration.
const TX_TAPS: usize = 8;
/// RS symbols per cycle of the host's KP4.
const KP4_PARALLEL: f64 = 16.0;
/// Share of words with errors that the systems of this file assume: a bit error ratio of 2.4e-4.
const DIRTY: f64 = 0.73;

/// The decisions of a reference receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Unrolled DFE of so many taps.
    Unrolled(usize),
    /// Sliding-block DFE of so many taps.
    SlidingBlock(usize),
    /// One-tap DFE with look-ahead and a 4-state MLSE.
    Mlse,
}

/// All blocks of one long-reach lane: receiver, transmitter, fixed digital, analog parts.
#[must_use]
pub fn lane(ffe_taps: usize, decision: Decision, enob: f64, baud_hz: f64) -> Vec<Cost> {
    let mut blocks = vec![direct_form(ffe_taps, WordLengths::default())];
    match decision {
        Decision::Unrolled(taps) => blocks.push(unrolled(taps)),
        Decision::SlidingBlock(taps) => blocks.push(sliding_block(taps, SlidingBlock::default())),
        Decision::Mlse => blocks.extend([unrolled(1), viterbi(Viterbi::default())]),
    }
    blocks.extend([
        adc(enob, baud_hz),
        tx_fir(TX_TAPS),
        fixed_digital(),
        receive_analog(),
        transmit_analog(),
    ]);
    blocks
}

/// The reference configuration of a lane rate: at 100G 12 FFE taps and a 2-tap unrolled DFE, at 200G
/// 20 FFE taps, a 1-tap look-ahead DFE and a 4-state MLSE; both an 8-tap transmit FIR.
///
/// `baud_hz` is the lane's own (it is above the nominal one where an inner code runs).
#[must_use]
pub fn long_reach(rate: LaneRate, baud_hz: f64) -> Vec<Cost> {
    let enob = rate.reference_enob();
    match rate {
        LaneRate::G100 => lane(12, Decision::Unrolled(2), enob, baud_hz),
        LaneRate::G200 => lane(20, Decision::Mlse, enob, baud_hz),
    }
}

/// A transceiver that is its own reference.
#[must_use]
pub fn transceiver(rate: LaneRate, place: Place, shares: Vec<(Share, f64)>) -> Transceiver {
    let reference = long_reach(rate, rate.baud_hz());
    let blocks = reference.iter().map(|cost| (place, cost.clone())).collect();
    Transceiver {
        place,
        lanes: LaneRate::LANES,
        baud_hz: rate.baud_hz(),
        shares,
        reference,
        blocks,
    }
}

/// Parts that every lane has, then parts that the module has once.
#[must_use]
pub fn optical_parts(rate: LaneRate, per_lane: &[Cost], per_module: &[Cost]) -> Vec<Part> {
    let part = |cost: &Cost, lanes| Part {
        place: Place::ModuleOptics,
        lanes,
        baud_hz: rate.baud_hz(),
        cost: cost.clone(),
    };
    let lanes = per_lane.iter().map(|cost| part(cost, LaneRate::LANES));
    lanes
        .chain(per_module.iter().map(|cost| part(cost, 1.0)))
        .collect()
}

/// KP4 encoder and decoder of a host port whose decoder sees a share `dirty` of words with errors.
#[must_use]
pub fn host_fec(rate: LaneRate, dirty: f64) -> Vec<Part> {
    [kp4_encoder(KP4_PARALLEL), kp4_decoder(dirty, KP4_PARALLEL)]
        .map(|cost| Part {
            place: Place::HostFec,
            lanes: LaneRate::LANES,
            baud_hz: rate.baud_hz(),
            cost,
        })
        .into()
}

fn system(
    rate: LaneRate,
    supply: Supply,
    transceivers: Vec<Transceiver>,
    optics: Vec<Part>,
) -> System {
    let mut parts = optics;
    parts.extend(host_fec(rate, DIRTY));
    System {
        nominal_rate_bps: rate.nominal_rate_bps(),
        supply,
        transceivers,
        parts,
    }
}

/// A fully retimed module and its host: `[(K_c2m + K_line) LR G + drivers + TIAs + laser + ctl] / eta`.
#[must_use]
pub fn retimed(rate: LaneRate) -> System {
    system(
        rate,
        Supply::Retimed,
        vec![
            transceiver(
                rate,
                Place::ModuleHostSide,
                vec![(Share::ChipToModule, 1.0)],
            ),
            transceiver(rate, Place::ModuleLineSide, vec![(Share::LineSide, 1.0)]),
            transceiver(rate, Place::Host, vec![(Share::ChipToModule, 1.0)]),
        ],
        optical_parts(
            rate,
            &[optics::driver_retimed(), optics::tia_retimed()],
            &[optics::laser_retimed(), optics::controller()],
        ),
    )
}

/// A module that retimes its transmit side only, and its host: half the DSP remains, the receiver of
/// the host side and the transmitter of the line side.
#[must_use]
pub fn half_retimed(rate: LaneRate) -> System {
    let retained = vec![(Share::ChipToModule, 0.5), (Share::LineSide, 0.5)];
    system(
        rate,
        Supply::HalfLinear,
        vec![
            transceiver(rate, Place::ModuleHostSide, retained),
            transceiver(rate, Place::Host, vec![(Share::HalfLinearHost, 1.0)]),
        ],
        optical_parts(
            rate,
            &[optics::driver_retimed(), optics::tia_linear()],
            &[optics::laser_retimed(), optics::controller()],
        ),
    )
}

/// A linear module and its host.
#[must_use]
pub fn linear(rate: LaneRate) -> System {
    system(
        rate,
        Supply::Linear,
        vec![transceiver(
            rate,
            Place::Host,
            vec![(Share::LinearHost, 1.0)],
        )],
        optical_parts(
            rate,
            &[optics::driver_linear(), optics::tia_linear()],
            &[optics::laser_linear(), optics::controller()],
        ),
    )
}
