//! Sequence detection on additive white Gaussian noise against theory: closed form, union bound
//! over the error events, and what the log-likelihood ratios say about the bit errors.

use pamlink::metrics::clopper_pearson;
use pamlink::mlse::{Mlse, MlseConfig, reference};
use pamlink::pam4::SYMBOL_TO_GRAY;
use pamlink::random::Gauss;
use pamlink::signal::Llr;
use pamlink::units::q_function;

/// Uniform symbols and their samples through `h` with noise of standard deviation `sigma`; the
/// symbols before the start are left out of the first samples, as if the levels were zero.
fn channel(h: &[f32], sigma: f32, n: usize, seed: u64) -> (Vec<u8>, Vec<f32>) {
    let mut word = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let sent: Vec<u8> = (0..n)
        .map(|_| {
            word ^= word << 13;
            word ^= word >> 7;
            word ^= word << 17;
            (word >> 62) as u8
        })
        .collect();
    let level = |s: u8| 2.0 * f32::from(s) - 3.0;
    let mut x: Vec<f32> = (0..n)
        .map(|i| {
            let past = h.iter().enumerate().filter(|(k, _)| *k <= i);
            past.map(|(k, h)| h * level(sent[i - k])).sum()
        })
        .collect();
    Gauss::new(seed, 5).add_scaled(0, sigma, &mut x);
    (sent, x)
}

fn errors(a: &[u8], b: &[u8]) -> usize {
    // The first symbols have an unknown history.
    a.iter().zip(b).skip(8).filter(|(a, b)| a != b).count()
}

/// Sum over all error events up to `longest` symbols of symbol errors times probability that the data
/// allow the event times `Q(d / 2 sigma)`; and the smallest distance `d`.
fn union_bound(h: &[f32], sigma: f64, longest: usize) -> (f64, f64) {
    struct Search {
        alpha: f64,
        sigma: f64,
        longest: usize,
        sum: f64,
        least: f64,
    }
    impl Search {
        /// An event whose last error is `last`, in units of half a level step times two.
        fn extend(&mut self, last: f64, d2: f64, weight: f64, allowed: f64, length: usize) {
            let end = d2 + (2.0 * self.alpha * last).powi(2);
            if end < 40.0 * self.sigma * self.sigma * 4.0 {
                self.sum += weight * allowed * q_function(end.sqrt() / (2.0 * self.sigma));
                self.least = self.least.min(end);
            }
            if length == self.longest {
                return;
            }
            for next in [-3.0f64, -2.0, -1.0, 1.0, 2.0, 3.0] {
                let d2 = d2 + (2.0 * (next + self.alpha * last)).powi(2);
                // Beyond this distance Q is below 1e-9 of the dominant event's.
                if d2 < 40.0 * self.sigma * self.sigma * 4.0 {
                    let allowed = allowed * (4.0 - next.abs()) / 4.0;
                    self.extend(next, d2, weight + 1.0, allowed, length + 1);
                }
            }
        }
    }
    let mut search = Search {
        alpha: f64::from(h[1]),
        sigma,
        longest,
        sum: 0.0,
        least: f64::INFINITY,
    };
    for first in [-3.0f64, -2.0, -1.0, 1.0, 2.0, 3.0] {
        let allowed = (4.0 - first.abs()) / 4.0;
        search.extend(first, 4.0 * first * first, 1.0, allowed, 1);
    }
    (search.sum, search.least.sqrt())
}

#[test]
fn without_memory_the_closed_form_of_the_slicer_holds() {
    let n = 4_000_000;
    for sigma in [0.5f64, 0.4, 0.33] {
        let (sent, x) = channel(&[1.0, 0.0], sigma as f32, n, 1);
        let plan = Mlse::new(&MlseConfig {
            response: vec![1.0, 0.0],
            ..MlseConfig::default()
        })
        .unwrap();
        let mut d = vec![0; n];
        plan.apply(&x, &mut d).unwrap();
        let wrong = errors(&sent, &d);
        let interval = clopper_pearson(wrong as f64, (n - 8) as f64, 0.99).unwrap();
        let expected = 1.5 * q_function(1.0 / sigma);
        println!(
            "sigma {sigma}: SER {:.3e}, closed form {expected:.3e}",
            interval.value
        );
        assert!(interval.contains(expected), "{interval:?} {expected}");
    }
}

#[test]
fn partial_response_errors_lie_between_the_bounds() {
    let n = 8_000_000;
    for (alpha, sigma) in [
        (0.5f32, 0.45f64),
        (0.5, 0.36),
        (1.0, 0.5),
        (1.0, 0.42),
        (-0.7, 0.42),
    ] {
        let h = [1.0, alpha];
        let (sent, x) = channel(&h, sigma as f32, n, 2);
        let plan = Mlse::new(&MlseConfig {
            response: h.to_vec(),
            ..MlseConfig::default()
        })
        .unwrap();
        let mut d = vec![0; n];
        plan.apply(&x, &mut d).unwrap();
        let wrong = errors(&sent, &d);
        let measured = wrong as f64 / (n - 8) as f64;
        let (bound, distance) = union_bound(&h, sigma, 24);
        let genie = q_function(distance / (2.0 * sigma));
        println!(
            "alpha {alpha}, sigma {sigma}: SER {measured:.3e} of {wrong}, union bound {bound:.3e} ({:.3}), genie {genie:.3e}",
            measured / bound
        );
    }
}

#[test]
fn rounding_costs_less_than_a_hundredth_of_a_decibel() {
    let n = 3_000_000;
    for (h, sigma) in [
        (vec![1.0f32, 0.0], 0.45f32),
        (vec![1.0, 0.5], 0.5),
        (vec![1.0, 1.0], 0.55),
        (vec![1.0, 0.7, -0.3], 0.5),
        (vec![0.5, 1.0, 0.6], 0.5),
    ] {
        let (sent, x) = channel(&h, sigma, n, 3);
        let config = MlseConfig {
            response: h.clone(),
            ..MlseConfig::default()
        };
        let plan = Mlse::new(&config).unwrap();
        let mut d = vec![0; n];
        plan.apply(&x, &mut d).unwrap();
        let exact = reference::exact(&x, &h, &config.levels);
        let (ours, theirs) = (errors(&sent, &d), errors(&sent, &exact));
        let differ = errors(&d, &exact);
        println!(
            "{h:?} sigma {sigma}: errors {ours} integers, {theirs} exact, {differ} symbols differ, unit {}",
            plan.metric_unit()
        );
    }
}

#[test]
fn likelihood_ratios_mean_what_they_say() {
    let n = 8_000_000;
    let (h, sigma) = ([1.0f32, 0.5], 0.6f32);
    let (sent, x) = channel(&h, sigma, n, 4);
    let plan = Mlse::new(&MlseConfig::default()).unwrap();
    let mut llr = vec![[Llr(0.0); 2]; n];
    plan.soft(&x, sigma, &mut llr).unwrap();
    let mut bins = vec![[[0.0f64; 3]; 24]; 2];
    for (sent, llr) in sent.iter().zip(&llr).skip(8) {
        let gray = SYMBOL_TO_GRAY[usize::from(*sent)];
        for (bit, (value, llr)) in [gray >> 1, gray & 1].into_iter().zip(llr).enumerate() {
            let magnitude = f64::from(llr.0.abs());
            let wrong = (llr.0 < 0.0) != (value == 1);
            if let Some(bin) = bins[bit].get_mut((magnitude * 2.0) as usize) {
                bin[0] += 1.0;
                bin[1] += f64::from(u8::from(wrong));
                bin[2] += magnitude;
            }
        }
    }
    for b in 0..24 {
        for bit in 0..2 {
            let [count, wrong, sum] = bins[bit][b];
            let rate = wrong / count;
            let mean = sum / count;
            print!(
                "bit {bit} |L| {mean:.3} n {count} BER {rate:.4e} scale {:.4} | ",
                (1.0 / rate - 1.0).ln() / mean
            );
        }
        println!();
    }
}
