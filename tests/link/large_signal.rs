//! Statistics of paths that are not linear, and that straight ones have the numbers they had.

use pamlink::link::config::{LaneRate, ModulatorKind};
use pamlink::link::{Architecture, NoiseSource};

use super::common::{analysed, config, last_segment};

#[test]
fn straight_paths_keep_their_error_ratios() {
    // What the statistical engine gave before it knew nonlinear stages. Equal to the last digits of its sums:
    // 1e-9 leaves room for other libraries of elementary functions, and nothing else.
    for (rate, architecture, ber) in [
        (
            LaneRate::G100,
            Architecture::Retimed,
            6.224_267_762_644_13e-8,
        ),
        (
            LaneRate::G100,
            Architecture::Lpo,
            1.457_259_016_951_061_2e-4,
        ),
        (LaneRate::G200, Architecture::Lro, 7.141_560_253_843_603e-6),
        (LaneRate::G200, Architecture::Cpo, 3.711_589_642_481_828e-5),
    ] {
        let c = config(rate, 12.0, 12.0);
        let segment = last_segment(architecture, &c);
        assert!(!segment.is_nonlinear());
        let whole = analysed(&segment, &c);
        assert!(
            (whole.ber / ber - 1.0).abs() < 1e-9,
            "{rate:?} {architecture}: {:e}",
            whole.ber
        );
        assert_eq!(whole, analysed(&segment.linear_view(), &c));
    }
}

#[test]
fn a_far_limit_changes_nothing() {
    let mut c = config(LaneRate::G200, 10.0, 10.0);
    let straight = analysed(&last_segment(Architecture::Cpo, &c), &c);
    c.module.driver_limit_vppd = 1e3;
    let bent = last_segment(Architecture::Cpo, &c);
    assert!(bent.is_nonlinear());
    let bent = analysed(&bent, &c);
    // The levels are computed on another way: grids and finite steps.
    assert!(
        (bent.ber / straight.ber).ln().abs() < 0.02,
        "{:e} {:e}",
        bent.ber,
        straight.ber
    );
    assert!((bent.r_lm - straight.r_lm).abs() < 1e-3);
}

#[test]
fn more_compression_is_more_errors() {
    let mut last = 0.0;
    let mut r_lm = 1.0;
    for over in [20.0, 4.0, 2.0, 1.4] {
        let mut c = config(LaneRate::G200, 10.0, 10.0);
        c.host.r_lm = 1.0;
        c.module.driver_limit_vppd = over * c.module.drive_vppd();
        let segment = last_segment(Architecture::Cpo, &c);
        let bent = analysed(&segment, &c);
        println!(
            "{over}: {:e}, R_LM {:.4}, {:.3} dB",
            bent.ber, bent.r_lm, bent.snr_db
        );
        assert!(bent.ber > last, "{over}: {:e}", bent.ber);
        assert!(bent.r_lm < r_lm);
        (last, r_lm) = (bent.ber, bent.r_lm);
        let linear = analysed(&segment.linear_view(), &c);
        // At a limit of twenty times the drive the two differ by less than their grids.
        assert!(
            bent.ber > 0.99 * linear.ber,
            "{:e} {:e}",
            bent.ber,
            linear.ber
        );
        let distortion = bent
            .budget
            .iter()
            .find(|b| b.source == NoiseSource::Distortion);
        assert!(distortion.unwrap().variance > 0.0);
    }
}

#[test]
fn a_sine_at_full_drive_has_the_levels_of_a_sine() {
    // A short path, no precompensation to speak of: levels sin(x), sin(x/3) at the drive of the extinction
    // ratio, a few percent of interference around them.
    let mut c = config(LaneRate::G200, 10.0, 10.0);
    c.host.r_lm = 1.0;
    c.optics.modulator.kind = ModulatorKind::Mzm;
    let bent = analysed(&last_segment(Architecture::Cpo, &c), &c);
    println!("R_LM {:.4}, levels {:?}", bent.r_lm, bent.levels);
    assert!((0.9..0.995).contains(&bent.r_lm), "{}", bent.r_lm);
    let span = bent.levels[3] - bent.levels[0];
    assert!((1.8..2.2).contains(&span), "{span}");
}

#[test]
fn another_phase_is_worse_than_the_designed_one() {
    let c = config(LaneRate::G100, 10.0, 10.0);
    let segment = last_segment(Architecture::Retimed, &c);
    let at = |ui: f64| {
        let phase_s = segment.equalizer.phase_s + ui / c.baud_hz;
        analysed(&segment.at_phase(phase_s), &c).ber
    };
    let here = at(0.0);
    assert_eq!(here, analysed(&segment, &c).ber);
    assert!(at(0.1) > 2.0 * here && at(-0.1) > 2.0 * here);
}
