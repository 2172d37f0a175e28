//! Pulses at symbol spacing, by inverse transform of the finely sampled response.

use std::collections::BTreeMap;

use crate::channel::impulse;
use crate::error::Result;
use crate::signal::{Pulse, Response};

use super::super::chain::window_ui;
use super::super::config::AnalysisConfig;
use super::super::segment::Segment;

/// What the equalizer makes of the channel.
pub(super) struct Pulses {
    /// Chain before the transmit FIR, at symbol spacing and the segment's phase, the whole time window.
    pub analog: Pulse,
    /// Slope of the chain with the transmit FIR, per unit interval.
    pub slope: Vec<f64>,
    /// Index of the cursor in `slope` (and in the chain's pulse with the transmit FIR).
    pub cursor: usize,
    /// Cursor before the FFE.
    pub before: f64,
    /// Cursor behind the FFE.
    pub gain: f64,
    /// Interference left by FFE and DFE: `(m, r)` weighs the symbol sent `m` intervals before the one
    /// decided (negative: after it).
    pub residual: Vec<(i64, f64)>,
}

/// Full linear convolution.
pub(super) fn convolve(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; a.len() + b.len() - 1];
    for (i, x) in a.iter().enumerate() {
        for (o, y) in out[i..].iter_mut().zip(b) {
            *o += x * y;
        }
    }
    out
}

/// One window of the response's impulse with time `phase_s` at index 0, `m` samples per UI.
pub(super) fn fine(response: &Response, phase_s: f64, baud_hz: f64, m: usize) -> Result<Vec<f64>> {
    impulse(&response.delayed(-phase_s), baud_hz * m as f64)
}

impl Pulses {
    pub(super) fn new(segment: &Segment, config: &AnalysisConfig) -> Result<Self> {
        let (chain, equalizer) = (&segment.chain, &segment.equalizer);
        let m = config.samples_per_ui;
        let samples = fine(&chain.signal, equalizer.phase_s, chain.baud_hz, m)?;
        let (n, window) = (samples.len(), window_ui(chain.signal.grid(), chain.baud_hz));
        let before = window / 4;
        let at = |k: usize| (n + k * m - before * m) % n;
        let whole: Vec<f64> = (0..window).map(|k| samples[at(k)]).collect();
        let analog = Pulse::new(whole, 1, before)?;
        let slope: Vec<f64> = (0..window)
            .map(|k| {
                let (later, earlier) = ((at(k) + 1) % n, (at(k) + n - 1) % n);
                (samples[later] - samples[earlier]) * 0.5 * m as f64
            })
            .collect();

        let choice = &chain.choice;
        let ffe: Vec<f64> = equalizer.ffe.iter().map(|&w| f64::from(w)).collect();
        let total = convolve(&analog.samples, &choice.tx_taps);
        let mut equalized = convolve(&total, &ffe);
        let before_ffe = analog.cursor + choice.tx_main;
        let cursor = before_ffe + equalizer.precursors;
        let gain = equalized[cursor];
        equalized[cursor] = 0.0;
        for (i, b) in equalizer.dfe.iter().enumerate() {
            if let Some(post) = equalized.get_mut(cursor + 1 + i) {
                *post -= f64::from(*b);
            }
        }
        let residual = equalized
            .iter()
            .enumerate()
            .map(|(i, &r)| (i as i64 - cursor as i64, r))
            .filter(|&(_, r)| r != 0.0)
            .collect();
        Ok(Self {
            slope: convolve(&slope, &choice.tx_taps),
            cursor: before_ffe,
            analog,
            before: total[before_ffe],
            gain,
            residual,
        })
    }

    /// Coefficients of the interference where a slope multiplies what the equalizer leaves and `more`, over the
    /// cursor, is added.
    pub(super) fn bent(&self, slope: f64, more: &[(i64, f64)]) -> Vec<f64> {
        let mut by_lag: BTreeMap<i64, f64> = BTreeMap::new();
        for &(m, r) in &self.residual {
            *by_lag.entry(m).or_default() += slope * r;
        }
        for &(m, p) in more {
            *by_lag.entry(m).or_default() += self.gain * p;
        }
        by_lag.into_values().collect()
    }
}
