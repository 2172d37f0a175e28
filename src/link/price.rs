//! From a link to the list of blocks that the energy model prices, and to its latency.

use crate::energy::{Node, Part, Place, Share, Supply, System, Transceiver, reference};
use crate::equalizer::dfe::cost::unrolled;
use crate::equalizer::ffe::cost::{WordLengths, direct_form};
use crate::error::{Error, Result};
use crate::fec::cost::kp4_decoder;
use crate::frontend::cost::{LINEAR_PATH, RETIMED_PATH, adc, path_latency, tx_fir};
use crate::mlse::cost::{Viterbi, viterbi};
use crate::ops::Cost;
use crate::optics::cost as optics;
use crate::rate::LaneRate;

use super::architecture::Architecture;
use super::config::{Detector, LinkConfig, ReceiverConfig};

/// Symbols of a codeword that the decoder takes per cycle; its latency does not depend on it.
const FEC_SYMBOLS_PER_CYCLE: f64 = 16.0;

/// The technology of a node in nm.
pub(super) fn node(name: &'static str, nm: u32) -> Result<Node> {
    match nm {
        16 => Ok(Node::N16),
        7 => Ok(Node::N7),
        5 => Ok(Node::N5),
        3 => Ok(Node::N3),
        _ => Err(Error::UnknownWord {
            name: name.into(),
            value: nm.to_string(),
            allowed: "16, 7, 5, 3",
        }),
    }
}

/// Blocks of one electrical or optical receiver.
fn receiver(config: &LinkConfig, receiver: &ReceiverConfig) -> Vec<Cost> {
    let mut blocks = vec![direct_form(receiver.ffe_taps(), WordLengths::default())];
    blocks.push(match receiver.detector {
        // Without feedback taps the unrolled form is the slicer alone.
        Detector::Dfe => unrolled(receiver.dfe_taps),
        Detector::Mlse => viterbi(Viterbi {
            states: if receiver.dfe_taps > 1 { 16 } else { 4 },
            ..Viterbi::default()
        }),
    });
    blocks.push(adc(receiver.enob, config.baud_hz));
    blocks
}

/// The transmit FIR that the hosts (and a retimed module) drive with.
fn transmitter(config: &LinkConfig) -> Cost {
    let fir = &config.host.tx_fir;
    tx_fir(fir.pre.len() + 1 + fir.post.len())
}

/// Receiver and transmitter at one place.
fn transceiver(
    config: &LinkConfig,
    rate: LaneRate,
    place: Place,
    share: Share,
    at: &ReceiverConfig,
) -> Transceiver {
    let mut blocks = receiver(config, at);
    blocks.push(transmitter(config));
    Transceiver {
        place,
        lanes: config.lanes as f64,
        baud_hz: config.baud_hz,
        shares: vec![(share, 1.0)],
        reference: reference::long_reach(rate, config.baud_hz),
        blocks: blocks.into_iter().map(|cost| (place, cost)).collect(),
    }
}

/// One module and one host end of an architecture: what [`crate::energy::price`] prices.
///
/// `dirty` is the share of words with an error at the decoder: cleaner links decode cheaper.
#[must_use]
pub fn system(
    architecture: Architecture,
    rate: LaneRate,
    config: &LinkConfig,
    dirty: f64,
) -> System {
    let table = &config.receiver;
    let at = |place, share, receiver| transceiver(config, rate, place, share, receiver);
    let (supply, transceivers, mut parts) = match architecture {
        Architecture::Retimed => (
            Supply::Retimed,
            vec![
                at(
                    Place::ModuleHostSide,
                    Share::ChipToModule,
                    &table.module_host_side,
                ),
                at(
                    Place::ModuleLineSide,
                    Share::LineSide,
                    &table.module_line_side,
                ),
                at(Place::Host, Share::ChipToModule, &table.host_retimed),
            ],
            reference::optical_parts(
                rate,
                &[optics::driver_retimed(), optics::tia_retimed()],
                &[optics::laser_retimed(), optics::controller()],
            ),
        ),
        Architecture::Lro => {
            // The receiver of the host side and the transmitter of the line side remain.
            let mut blocks: Vec<(Place, Cost)> = receiver(config, &table.module_host_side)
                .into_iter()
                .map(|cost| (Place::ModuleHostSide, cost))
                .collect();
            blocks.push((Place::ModuleLineSide, transmitter(config)));
            let module = Transceiver {
                shares: vec![(Share::ChipToModule, 0.5), (Share::LineSide, 0.5)],
                blocks,
                ..at(
                    Place::ModuleHostSide,
                    Share::ChipToModule,
                    &table.module_host_side,
                )
            };
            (
                Supply::HalfLinear,
                vec![
                    module,
                    at(Place::Host, Share::HalfLinearHost, &table.host_linear),
                ],
                reference::optical_parts(
                    rate,
                    &[optics::driver_retimed(), optics::tia_linear()],
                    &[optics::laser_retimed(), optics::controller()],
                ),
            )
        }
        Architecture::Lpo => (
            Supply::Linear,
            vec![at(Place::Host, Share::LinearHost, &table.host_linear)],
            reference::optical_parts(
                rate,
                &[optics::driver_linear(), optics::tia_linear()],
                &[optics::laser_linear(), optics::controller()],
            ),
        ),
        Architecture::Cpo => (
            Supply::Included,
            vec![at(Place::Host, Share::ChipToModule, &table.host_cpo)],
            vec![Part {
                place: Place::CoPackagedEngine,
                lanes: LaneRate::LANES,
                baud_hz: rate.baud_hz(),
                cost: optics::co_packaged_engine(),
            }],
        ),
    };
    parts.extend(reference::host_fec(rate, dirty));
    // Lanes and symbol rate of what is counted per lane follow the configuration.
    for part in &mut parts {
        part.baud_hz = config.baud_hz;
        if part.lanes > 1.0 {
            part.lanes = config.lanes as f64;
        }
    }
    System {
        nominal_rate_bps: config.port_bit_s,
        supply,
        transceivers,
        parts,
    }
}

/// Latency from host to host in s: two passes through modules and one decoded block; fiber apart.
#[must_use]
pub fn latency_s(architecture: Architecture) -> f64 {
    let (transmit, receive) = match architecture {
        Architecture::Retimed => (RETIMED_PATH, RETIMED_PATH),
        Architecture::Lro => (RETIMED_PATH, LINEAR_PATH),
        Architecture::Lpo | Architecture::Cpo => (LINEAR_PATH, LINEAR_PATH),
    };
    path_latency(transmit).latency_s
        + path_latency(receive).latency_s
        + kp4_decoder(1.0, FEC_SYMBOLS_PER_CYCLE).latency_s
}
