//! Kernels against theory: PAM4 on white Gaussian noise has an error ratio in closed form.

use pamlink::Level;
use pamlink::equalizer::dfe::{Dfe, DfeConfig};
use pamlink::equalizer::ffe::{Ffe, FfeConfig};
use pamlink::equalizer::slicer::{Slicer, SlicerConfig};
use pamlink::metrics::EventCounter;
use pamlink::random::{Gauss, Philox};
use pamlink::units::q_function as q;

const LEVELS: [f64; 4] = [-3.0, -1.0, 1.0, 3.0];
/// Neighbours differ in one bit.
const GRAY: [u8; 4] = [0b00, 0b01, 0b11, 0b10];
const THRESHOLDS: [f64; 3] = [-2.0, 0.0, 2.0];

/// Bit error ratio of Gray-mapped PAM4 with levels -3, -1, 1, 3 on noise of standard deviation `sigma`: over
/// every pair of a symbol sent and one decided, the probability that noise carries the first into the
/// interval of the second, times the bits in which they differ.
fn closed_form(sigma: f64) -> f64 {
    let beyond = |sent: usize, threshold: usize| q((THRESHOLDS[threshold] - LEVELS[sent]) / sigma);
    let mut bits = 0.0;
    for sent in 0..4 {
        for decided in 0..4 {
            let low = if decided == 0 {
                1.0
            } else {
                beyond(sent, decided - 1)
            };
            let high = if decided == 3 {
                0.0
            } else {
                beyond(sent, decided)
            };
            let differ = GRAY[sent] ^ GRAY[decided];
            bits += 0.25 * (low - high) * f64::from(differ.count_ones());
        }
    }
    bits / 2.0
}

/// The noise at which the closed form gives `ber`.
fn sigma_for(ber: f64) -> f64 {
    let (mut low, mut high) = (0.05, 2.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if closed_form(middle) < ber {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Counts `symbols` random symbols through noise, a one-tap FFE and a DFE without taps.
fn counted(sigma: f64, symbols: u64, level: Level) -> EventCounter {
    const BLOCK: usize = 8192;
    let mapper = Slicer::with_level(&SlicerConfig::default(), level).unwrap();
    // Half the amplitude through a tap of two: a filter that must do something.
    let config = FfeConfig {
        taps: vec![2.0],
        precursors: 0,
    };
    let ffe = Ffe::with_level(&config, level).unwrap();
    let dfe = Dfe::with_level(&DfeConfig::default(), level).unwrap();
    let (data, noise) = (
        Philox::new(5, 1).with_level(level),
        Gauss::new(5, 2).with_level(level),
    );
    let (mut ffe_state, mut dfe_state) = (ffe.state(), dfe.state(1).unwrap());
    let (mut sent, mut decided) = (vec![0; BLOCK], vec![0; BLOCK]);
    let (mut x, mut y) = (vec![0.0; BLOCK], vec![0.0; BLOCK]);
    let mut counter = EventCounter::default();
    for from in (0..symbols).step_by(BLOCK) {
        data.fill_symbols(from, &mut sent);
        mapper.values(&sent, &mut x).unwrap();
        for x in &mut x {
            *x *= 0.5;
        }
        noise.add_scaled(from, 0.5 * sigma as f32, &mut x);
        ffe.process(&mut ffe_state, &x, &mut y).unwrap();
        dfe.process(&mut dfe_state, &y, &mut decided).unwrap();
        counter.compare(&sent, &decided).unwrap();
    }
    counter
}

#[test]
fn pam4_on_white_noise_holds_the_closed_form() {
    // The published symbol error ratio, 1.5 Q(1/sigma), is the same sum without the bits.
    let sigma = sigma_for(1e-6);
    assert!((1.5 * q(1.0 / sigma) / 2.0 / 1e-6 - 1.0).abs() < 1e-3);
    // Some 1000 errors a point, so a 99 % interval is 8 % wide on either side.
    for (ber, symbols) in [
        (1e-2, 1 << 17),
        (1e-3, 1 << 20),
        (1e-4, 1 << 23),
        (1e-5, 1 << 26),
        (1e-6, 1 << 29),
    ] {
        let sigma = sigma_for(ber);
        for level in Level::all() {
            // The rare errors are counted at the highest level alone; the others take their share above.
            if symbols > 1 << 23 && level != Level::detected() {
                continue;
            }
            let count = counted(sigma, symbols, level).count();
            let interval = count.ber_interval(0.99).unwrap();
            println!(
                "{level}: BER {:.3e} ({:.3e} to {:.3e}) for {ber:.0e}, {} errors",
                interval.value, interval.low, interval.high, count.bit_errors
            );
            assert!(interval.contains(ber), "{level}: {interval:?} for {ber:e}");
            assert!(count.bit_errors > 500);
        }
    }
}
