use super::*;
use crate::link::config::{LaneRate, LinkConfig, ModulatorKind};
use crate::link::{Architecture, HostChannels, design, segments};
use crate::optics::modulator::LevelPowers;

fn segment(c: &LinkConfig, architecture: Architecture) -> Segment {
    let channels = HostChannels::built_in(c).unwrap();
    let specs = segments(architecture, c, &channels).unwrap();
    design(specs.last().unwrap(), &c.analysis).unwrap()
}

fn config() -> LinkConfig {
    let mut c = LinkConfig::for_rate(LaneRate::G200);
    c.host.r_lm = 1.0;
    c
}

fn r_lm(levels: [f64; 4]) -> f64 {
    LevelPowers(levels).r_lm()
}

#[test]
fn a_straight_path_has_none() {
    let c = config();
    let straight = segment(&c, Architecture::Cpo);
    assert!(!straight.is_nonlinear());
    assert!(Large::new(&straight, &c.analysis).unwrap().is_none());
}

#[test]
fn without_interference_levels_and_slopes_are_the_curve() {
    let config = LimiterConfig {
        limit: 1.5,
        ..LimiterConfig::default()
    };
    let limiter = Limiter::with_level(&config, Level::BASELINE).unwrap();
    let none = grid(&[], [-1.0, 0.0, 0.0, 1.0]).unwrap();
    for x in [-0.9, -0.2, 0.4, 1.0] {
        let m = Moments::new(&none, x, &Curve::Limiter(limiter));
        assert!((m.mean - limiter.at(x)).abs() < 1e-12);
        assert!(
            (m.slope - limiter.slope_at(x)).abs() < 1e-6,
            "{} {}",
            m.slope,
            limiter.slope_at(x)
        );
        assert_eq!(m.distortion, 0.0);
    }
}

#[test]
fn moments_of_a_known_curve() {
    // Interference of one symbol, +-c and +-c/3, through the soft limiter: sums over the four values.
    let config = LimiterConfig {
        limit: 0.8,
        ..LimiterConfig::default()
    };
    let limiter = Limiter::with_level(&config, Level::BASELINE).unwrap();
    let (c, x) = (0.3, 0.5);
    let levels = crate::pam4::UNIT_LEVELS;
    let m = Moments::new(&grid(&[c], levels).unwrap(), x, &Curve::Limiter(limiter));
    let ys = levels.map(|l| limiter.at(x + c * l));
    let mean = ys.iter().sum::<f64>() / 4.0;
    let power = variance(levels) * c * c;
    let cross = ys.iter().zip(levels).map(|(y, l)| y * c * l).sum::<f64>() / 4.0;
    let square = ys.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / 4.0;
    let slope = cross / power;
    // The grid splits each value between two points: second order in a thirtieth of its RMS.
    assert!((m.mean - mean).abs() < 1e-4, "{} {mean}", m.mean);
    assert!((m.slope / slope - 1.0).abs() < 1e-3, "{} {slope}", m.slope);
    let distortion = square - slope * slope * power;
    assert!(
        (m.distortion - distortion).abs() < 0.05 * distortion,
        "{} {distortion}",
        m.distortion
    );
}

#[test]
fn a_far_limit_changes_nothing_and_a_near_one_compresses() {
    let mut last = 1.0;
    for (over, least) in [(400.0, 0.999), (4.0, 0.9), (2.0, 0.7)] {
        let mut c = config();
        c.module.driver_limit_vppd = over * c.module.drive_vppd();
        let bent = segment(&c, Architecture::Cpo);
        let large = Large::new(&bent, &c.analysis).unwrap().unwrap();
        let got = r_lm(large.levels);
        assert!(got > least && got < last, "{over}: {got}");
        last = got;
        // Outer levels have the smaller slope, and noise from before it shrinks there.
        let noise = large.noise(NoiseSource::Transmitter, 1.0);
        assert!(noise[0] < noise[1] && noise[3] < noise[2], "{noise:?}");
        // What comes later is as it was.
        assert_eq!(large.noise(NoiseSource::Quantization, 1.0), [1.0; 4]);
        if over > 100.0 {
            for (l, u) in large.levels.iter().zip(bent.chain.levels) {
                assert!((l - u).abs() < 1e-3, "{:?}", large.levels);
            }
            assert!((large.slope() - 1.0).abs() < 2e-3, "{}", large.slope());
        }
    }
}

#[test]
fn gain_control_restores_the_power_of_the_linear_view() {
    let mut c = config();
    c.optics.modulator.kind = ModulatorKind::Mzm;
    c.module.driver_limit_vppd = 2.5 * c.module.drive_vppd();
    let bent = segment(&c, Architecture::Cpo);
    let large = Large::new(&bent, &c.analysis).unwrap().unwrap();
    let power = |levels: [f64; 4]| variance(levels);
    let ratio = power(large.levels) / power(bent.chain.levels);
    // Levels and the interference around them share the power, so that of the levels alone keeps to it
    // within some percent.
    assert!((0.85..1.15).contains(&ratio), "{ratio}");
    // A compressed driver and a sine: the outer eyes are the smaller ones.
    assert!(r_lm(large.levels) < 0.97, "{:?}", large.levels);
}
