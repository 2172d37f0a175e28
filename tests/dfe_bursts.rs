//! Error events counted at the real equalizer against the exact chain of its taps and noise.

use pamlink::equalizer::dfe::{Dfe, DfeConfig, error_bursts};
use pamlink::metrics::clopper_pearson;
use pamlink::pam4::bit_errors;
use pamlink::random::{Gauss, Philox};
use statrs::distribution::{ChiSquared, ContinuousCDF};

const SYMBOLS: usize = 1 << 22;
/// Longest event that is counted apart from the longer ones.
const LONGEST: usize = 60;

/// Taps, noise relative to the distance from level to threshold.
const CASES: [(&[f32], f64); 7] = [
    (&[0.2], 0.40),
    (&[0.5], 0.36),
    (&[0.7], 0.36),
    (&[1.0], 0.33),
    (&[1.0], 0.60),
    (&[0.6, 0.3], 0.36),
    (&[0.5, -0.4], 0.45),
];

/// Confidence of each single comparison, so that all of them together hold with 99 %: three per case.
const CONFIDENCE: f64 = 1.0 - 0.01 / (3.0 * CASES.len() as f64);

struct Counted {
    /// Events of 1, 2, … wrong symbols; the last entry counts all longer ones.
    lengths: Vec<u64>,
    wrong: u64,
    wrong_after_wrong: u64,
    bits: u64,
}

/// Events end after `memory` right decisions in a row.
fn count(sent: &[u8], decided: &[u8], memory: usize) -> Counted {
    let mut counted = Counted {
        lengths: vec![0; LONGEST + 1],
        wrong: 0,
        wrong_after_wrong: 0,
        bits: 0,
    };
    let (mut length, mut right) = (0, memory);
    for (a, d) in sent.iter().zip(decided) {
        if a == d {
            right += 1;
            if right == memory && length > 0 {
                counted.lengths[length.min(LONGEST + 1) - 1] += 1;
                length = 0;
            }
        } else {
            counted.wrong_after_wrong += u64::from(right == 0 && length > 0);
            right = 0;
            length += 1;
            counted.wrong += 1;
            counted.bits += u64::from(bit_errors(*a, *d));
        }
    }
    counted
}

/// Symbols through the channel that the taps undo, noise added, decided as one long stream.
fn simulate(taps: &[f32], sigma: f64, seed: u64) -> Counted {
    let dfe = Dfe::new(&DfeConfig {
        taps: taps.to_vec(),
        ..DfeConfig::default()
    })
    .unwrap();
    let mut sent = vec![0u8; SYMBOLS];
    Philox::new(seed, 1).fill_symbols(0, &mut sent);
    let level = |s: u8| 2.0 * f32::from(s) - 3.0;
    let mut x: Vec<f32> = (0..SYMBOLS)
        .map(|n| {
            let past = taps.iter().enumerate().filter(|(k, _)| *k < n);
            let past: f32 = past.map(|(k, t)| t * level(sent[n - 1 - k])).sum();
            level(sent[n]) + past
        })
        .collect();
    Gauss::new(seed, 2).add_scaled(0, sigma as f32, &mut x);
    let mut decided = vec![0; SYMBOLS];
    let mut state = dfe.state(1).unwrap();
    let report = dfe
        .process_counted(&mut state, &x, &mut decided, None)
        .unwrap();
    assert!(report.seams > 3000);
    count(&sent, &decided, taps.len())
}

#[test]
fn events_of_the_equalizer_follow_the_chain_of_its_errors() {
    for (i, (taps, sigma)) in CASES.into_iter().enumerate() {
        let config = DfeConfig {
            taps: taps.to_vec(),
            ..DfeConfig::default()
        };
        let chain = error_bursts(&config, sigma, LONGEST).unwrap();
        let counted = simulate(taps, sigma, 40 + i as u64);
        let events: u64 = counted.lengths.iter().sum();
        let symbols = SYMBOLS as f64;

        // Events are a renewal process; its count scatters no more than independent trials do
        // (an event keeps others away), so their interval is not too narrow.
        let rate = clopper_pearson(events as f64, symbols, CONFIDENCE).unwrap();
        assert!(
            rate.contains(chain.model.event_rate),
            "{taps:?}: {rate:?} for {}",
            chain.model.event_rate
        );

        // Lengths of different events are independent. Classes with fewer than ten expected
        // are joined with the next longer ones, where the sum is close to a chi-square.
        let mut classes = vec![(0.0, 0.0)];
        for (l, &got) in counted.lengths.iter().enumerate() {
            let p = chain.lengths.get(l).copied();
            let p = p.unwrap_or_else(|| 1.0 - chain.lengths.iter().sum::<f64>());
            if classes.last().is_some_and(|c: &(f64, f64)| c.0 >= 10.0) {
                classes.push((0.0, 0.0));
            }
            let class = classes.last_mut().unwrap();
            class.0 += p * events as f64;
            class.1 += got as f64;
        }
        if classes.len() > 1 && classes.last().unwrap().0 < 10.0 {
            let rest = classes.pop().unwrap();
            let class = classes.last_mut().unwrap();
            *class = (class.0 + rest.0, class.1 + rest.1);
        }
        let chi_square: f64 = classes.iter().map(|(e, o)| (o - e) * (o - e) / e).sum();
        let freedom = classes.len() as f64 - 1.0;
        let limit = ChiSquared::new(freedom).unwrap().inverse_cdf(CONFIDENCE);
        assert!(chi_square < limit, "{taps:?}: {chi_square} over {limit}");

        // Wrong after wrong: independent trials where the state is the last difference alone; with
        // more states nearly so.
        let on = clopper_pearson(
            counted.wrong_after_wrong as f64,
            counted.wrong as f64,
            CONFIDENCE,
        )
        .unwrap();
        assert!(on.contains(chain.model.propagation), "{taps:?}: {on:?}");
        let mean = counted.wrong as f64 / events as f64;
        println!(
            "{taps:?} sigma {sigma}: {events} events, rate {:.4e} ({:.4e}), {mean:.4} symbols each \
             ({:.4}), {:.4} bits ({:.4}), wrong after wrong {:.4} ({:.4}), chi-square {chi_square:.1} \
             of {freedom} below {limit:.1}",
            events as f64 / symbols,
            chain.model.event_rate,
            chain.model.symbols_per_event,
            counted.bits as f64 / events as f64,
            chain.model.bits_per_event,
            counted.wrong_after_wrong as f64 / counted.wrong as f64,
            chain.model.propagation,
        );
        // The means to four standard errors of an event's length, whose spread is below its mean
        // plus one; bits per event scatter with them.
        let slack = 4.0 * (chain.model.symbols_per_event + 1.0) / (events as f64).sqrt();
        assert!((mean - chain.model.symbols_per_event).abs() < slack);
        let bits = counted.bits as f64 / events as f64;
        assert!((bits - chain.model.bits_per_event).abs() < slack);
    }
}

#[test]
fn a_tap_of_one_carries_three_errors_in_four_on() {
    // Closed form: the neighbour of a wrong level moves the next sample by a whole level, wrong
    // unless the symbol sent is the outer one on that side. Counted with 99 % confidence.
    let counted = simulate(&[1.0], 0.32, 7);
    let on = clopper_pearson(counted.wrong_after_wrong as f64, counted.wrong as f64, 0.99).unwrap();
    // Noise of 0.32 adds first errors at 1.5 Q(1/0.32) = 1.3e-3 to a decision that would have ended the event.
    println!("wrong after wrong {on:?}");
    assert!(on.low < 0.752 && on.high > 0.75, "{on:?}");
    assert!(counted.wrong > 10_000);
}
