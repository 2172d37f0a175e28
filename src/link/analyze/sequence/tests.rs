use super::patterns::PATTERNS;
use super::*;
use crate::pam4::UNIT_LEVELS;

/// A detector behind a path that leaves nothing but noise of this autocorrelation.
fn plain(target: &[f64], residual: Vec<(i64, f64)>, autocorrelation: &[f64]) -> Sequence {
    let levels = UNIT_LEVELS;
    let mut noise = autocorrelation.to_vec();
    noise.resize(LAGS, 0.0);
    let sigma2 = noise[0];
    Sequence::of(
        target.to_vec(),
        levels,
        &Residual::of(residual, levels),
        noise.iter().map(|r| r / sigma2).collect(),
        sigma2,
    )
    .unwrap()
}

fn white(variance: f64) -> Noise {
    Noise {
        samples: std::array::from_fn(|_| vec![(variance, 1.0)]),
        means: [variance; 4],
        any: vec![(variance, 1.0)],
    }
}

/// The union bound from its definition: every event of `each_event`, `d = |s|^2 / sqrt(s' P s)`.
fn bound(target: &[f64], autocorrelation: &[f64]) -> (f64, f64) {
    let step = 2.0 / 3.0;
    let (mut symbols, mut events) = (0.0, 0.0);
    each_event(target.len() - 1, &mut |event| {
        let s: Vec<f64> = (0..event.len() + target.len() - 1)
            .map(|n| {
                (0..target.len())
                    .filter(|k| n >= *k && n - k < event.len())
                    .map(|k| step * target[k] * f64::from(event[n - k]))
                    .sum()
            })
            .collect();
        let square: f64 = s.iter().map(|x| x * x).sum();
        let mut form = 0.0;
        for (i, a) in s.iter().enumerate() {
            for (j, b) in s.iter().enumerate() {
                form += a * b * autocorrelation.get(i.abs_diff(j)).copied().unwrap_or(0.0);
            }
        }
        let weight: f64 = event
            .iter()
            .map(|e| (4.0 - f64::from(e.abs())) / 4.0)
            .product();
        let p = 2.0 * weight * q_function(0.5 * square / form.sqrt());
        events += p;
        symbols += p * event.iter().filter(|e| **e != 0).count() as f64;
    });
    (events, symbols)
}

#[test]
fn noise_alone_gives_the_union_bound() {
    for (target, r) in [
        (vec![1.0, 0.5], vec![4e-3]),
        (vec![1.0, 0.8], vec![4e-3, 1e-3, -4e-4]),
        (vec![1.0, 0.6, 0.2], vec![5e-3, -1e-3]),
    ] {
        let sequence = plain(&target, Vec::new(), &r);
        let got = sequence.union(&white(r[0]));
        let (events, symbols) = bound(&target, &r);
        // The events beyond the exact ones are scaled by a share, not summed.
        assert!(
            (got.event_rate / events - 1.0).abs() < 1e-3,
            "{target:?}: {got:?} {events:e}"
        );
        let ratio = got.symbols_per_event / (symbols / events);
        assert!((ratio - 1.0).abs() < 0.01, "{target:?}: {got:?}");
        assert!(got.propagation > 0.0 && got.propagation < 1.0);
    }
}

#[test]
fn interference_counts_by_its_symbols_and_not_as_noise() {
    // One interferer far from the event: P = mean over its four levels and two places.
    let (target, sigma2, c) = ([1.0, 0.5], 4e-3, 0.04);
    let sequence = plain(&target, vec![(9, c)], &[sigma2]);
    let got = sequence.union(&white(sigma2)).event_rate;
    // The nearest event alone, s = 2/3 (1, 0.5): two samples meet two other symbols.
    let s = [2.0 / 3.0, 1.0 / 3.0];
    let square: f64 = s.iter().map(|x| x * x).sum();
    let mut nearest = 0.0;
    for a in UNIT_LEVELS {
        for b in UNIT_LEVELS {
            let moved = c * (s[0] * a + s[1] * b);
            let p = q_function((0.5 * square - moved) / (sigma2 * square).sqrt());
            nearest += 2.0 * 0.75 * p / 16.0;
        }
    }
    let noise = plain(&target, Vec::new(), &[sigma2]);
    let rest =
        noise.union(&white(sigma2)).event_rate - 1.5 * q_function(0.5 * (square / sigma2).sqrt());
    assert!(
        got > nearest && got < nearest + 2.0 * rest,
        "{got:e} {nearest:e} {rest:e}"
    );
}

#[test]
fn a_level_with_more_noise_errs_more() {
    let sequence = plain(&[1.0, 0.5], Vec::new(), &[4e-3]);
    let even = sequence.union(&white(4e-3)).event_rate;
    let variances = [2e-3, 3e-3, 5e-3, 6e-3];
    let uneven = Noise {
        samples: variances.map(|v| vec![(v, 1.0)]),
        means: variances,
        any: variances.iter().map(|&v| (v, 0.25)).collect(),
    };
    // The same mean variance: the noisy levels win.
    assert!(sequence.union(&uneven).event_rate > 1.2 * even);
}

#[test]
fn joining_keeps_probability_and_mean() {
    let nodes: Vec<(f64, f64)> = (0..40).map(|i| (f64::from(i * i), 0.025)).collect();
    let few = merged(nodes.clone(), 5);
    assert_eq!(few.len(), 5);
    assert!((few.iter().map(|(_, p)| p).sum::<f64>() - 1.0).abs() < 1e-12);
    assert!((mean(&few) / mean(&nodes) - 1.0).abs() < 1e-12);
}

#[test]
fn patterns_are_those_that_allow_the_event() {
    let all = patterns(&[1, -1]);
    assert_eq!(all.len(), 9);
    assert!(
        all.iter()
            .all(|p| p.sent[0] < 3 && p.sent[1] > 0 && p.bits == 2.0)
    );
    let drawn = patterns(&[1; 9]);
    assert_eq!(drawn.len(), PATTERNS);
    assert!(drawn.iter().all(|p| p.sent.iter().all(|&s| s < 3)));
}
