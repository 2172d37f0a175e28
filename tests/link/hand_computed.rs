//! Links simple enough to compute on paper.

use num_complex::Complex64;
use pamlink::frontend::jitter::JitterConfig;
use pamlink::frontend::transmitter::TxFirConfig;
use pamlink::link::config::{AnalysisConfig, LaneRate, LinkConfig};
use pamlink::link::{Choice, NoiseSource, SegmentSpec, Stage, TxSpec, analyze, design_with};
use pamlink::signal::{FrequencyGrid, Response};
use pamlink::units::q_function;

/// A transmitter, a channel that only attenuates, white noise of a one-sided density `n0` limited to half
/// the symbol rate, a converter without noise, no jitter.
fn flat_segment(gain: f64, n0: f64, fir: &[f64]) -> (SegmentSpec, Choice, AnalysisConfig) {
    let analysis = AnalysisConfig::default();
    let baud_hz = 50e9;
    let grid = FrequencyGrid::new(
        baud_hz / analysis.window_ui as f64,
        4 * analysis.window_ui + 1,
    )
    .unwrap();
    // A brick wall at half the symbol rate that also undoes the sinc of the held symbol: a Nyquist pulse, 1
    // at its centre and 0 at all other symbol instants.
    let nyquist = Response::from_fn(grid, |f| {
        let edge = baud_hz / 2.0;
        let weight = if f < edge - 1.0 {
            1.0
        } else if f < edge + 1.0 {
            0.5
        } else {
            0.0
        };
        Complex64::new(weight / pamlink::units::sinc(f / baud_hz).max(0.1), 0.0)
    });
    // Half the symbol rate belongs to the band, or the pulse would alternate by 1/4096.
    let wall = Response::from_fn(grid, |f| {
        Complex64::new(if f < baud_hz / 2.0 + 1.0 { 1.0 } else { 0.0 }, 0.0)
    });
    let mut receiver = LinkConfig::for_rate(LaneRate::G100).receiver.host_retimed;
    receiver.enob = 24.0;
    let spec = SegmentSpec {
        name: "flat",
        baud_hz,
        grid,
        tx: TxSpec {
            amplitude_v: 1.0,
            edge_s: 0.0,
            fir: TxFirConfig::ck_100g(),
            snr_db: 200.0,
            levels: pamlink::pam4::UNIT_LEVELS,
        },
        stages: vec![
            Stage::Linear(nyquist),
            Stage::Gain(gain),
            Stage::Noise {
                source: NoiseSource::ReceiverInput,
                density: n0,
            },
            Stage::Linear(wall),
        ],
        receiver,
        jitter: JitterConfig {
            random_ui: 0.0,
            dual_dirac_ui: 0.0,
        },
        measured_end_hz: None,
    };
    let choice = Choice {
        tx_taps: fir.to_vec(),
        tx_main: 0,
        ctle: vec![],
    };
    (spec, choice, analysis)
}

#[test]
fn white_noise_on_a_nyquist_pulse() {
    // Samples have amplitude g and noise of variance N0 fb / 2, so the SNR is (5/9) g^2 / (N0 fb / 2).
    let (gain, n0) = (0.2, 1.0e-14);
    let (spec, choice, analysis) = flat_segment(gain, n0, &[1.0]);
    let segment = design_with(&spec, &choice, &analysis).unwrap();
    let result = analyze(&segment, &analysis, 1).unwrap();
    let variance = n0 * 50e9 / 2.0;
    let snr = 5.0 / 9.0 * gain * gain / variance;
    // The grid's last point below the wall carries half a step more or less: 1 / 4096.
    assert!(
        (result.snr_db - 10.0 * snr.log10()).abs() < 0.003,
        "{} for {}",
        result.snr_db,
        10.0 * snr.log10()
    );
    let x = (snr / 5.0).sqrt();
    let ber = 0.75 * q_function(x) + 0.5 * q_function(3.0 * x) - 0.25 * q_function(5.0 * x);
    // 0.003 dB at x = 4.7 are 0.8 % of the BER.
    assert!(
        (result.ber / ber - 1.0).abs() < 0.01,
        "{:e} for {ber:e}",
        result.ber
    );
    assert!((1e-8..1e-4).contains(&ber), "{ber:e}");
}

#[test]
fn fully_equalised_interference_costs_what_the_inverse_filter_costs() {
    // The transmitter sends a + 0.4 a(-1) (peak limit apart); the receiver has only an FFE, and enough taps to
    // invert 1 + 0.4 D: w_k = (-0.4)^k, noise enhancement sum w^2 = 1 / (1 - 0.16).
    let (gain, n0) = (0.2, 1.0e-17);
    let (mut spec, choice, analysis) = flat_segment(gain, n0, &[1.0, 0.4]);
    spec.receiver.ffe_precursors = 0;
    spec.receiver.ffe_postcursors = 23;
    spec.receiver.dfe_taps = 0;
    let mut segment = design_with(&spec, &choice, &analysis).unwrap();
    // The timing loop settles where h(-1) = h(+1); here the pulse itself is wanted, so the cursor stays at
    // the first path and the taps are the inverse.
    segment.equalizer.phase_s = 0.0;
    segment.equalizer.ffe = (0..24).map(|k| ((-0.4f64).powi(k) / gain) as f32).collect();
    let result = analyze(&segment, &analysis, 1).unwrap();
    let enhancement = 1.0 / (1.0 - 0.16);
    let snr = 5.0 / 9.0 * gain * gain / (n0 * 50e9 / 2.0 * enhancement);
    assert!(
        (result.snr_db - 10.0 * snr.log10()).abs() < 0.02,
        "{} for {}",
        result.snr_db,
        10.0 * snr.log10()
    );
    let isi = result
        .budget
        .iter()
        .find(|b| b.source == NoiseSource::ResidualIsi)
        .unwrap();
    // (0.4)^24 and the rounding of f32 taps.
    assert!(isi.share < 1e-2, "{}", isi.share);
}
