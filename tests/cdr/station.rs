//! A receiver of several lanes that starts from nothing: samples at the phases it is asked for, an
//! equalizer per lane that starts blind, decisions handed back in step with the samples.

use std::collections::VecDeque;

use ndarray::Array2;
use pamlink::cdr::reference::Source;
use pamlink::cdr::{Acquisition, AcquisitionState, Stage};

/// Taps of the equalizer and those before the main one.
pub(super) const TAPS: usize = 21;
pub(super) const PRECURSORS: usize = 6;

/// A feed-forward equalizer at symbol rate that adapts by least mean squares, plain.
#[derive(Clone)]
pub(super) struct Equalizer {
    taps: [f64; TAPS],
    window: VecDeque<f64>,
}

impl Equalizer {
    fn new() -> Self {
        let mut taps = [0.0; TAPS];
        taps[PRECURSORS] = 1.0;
        Self {
            taps,
            window: VecDeque::from(vec![0.0; TAPS]),
        }
    }

    /// Takes a sample, gives the output of the symbol `PRECURSORS` samples back.
    fn output(&mut self, sample: f64) -> f64 {
        self.window.pop_back();
        self.window.push_front(sample);
        self.taps.iter().zip(&self.window).map(|(w, x)| w * x).sum()
    }

    fn adapt(&mut self, error: f64, step: f64) {
        for (w, x) in self.taps.iter_mut().zip(&self.window) {
            *w += step * error * x;
        }
    }
}

/// The nearest symbol and its level.
fn decide(y: f64) -> (u8, f64) {
    let symbol = (0.5 * y + 1.5).round().clamp(0.0, 3.0);
    (symbol as u8, 2.0 * symbol - 3.0)
}

struct Lane {
    source: Source,
    equalizer: Equalizer,
    /// Samples whose decisions are under way, with the number of the symbol nearest to them.
    waiting: VecDeque<(f32, i64)>,
    seen: u64,
    /// Differences between decided and sent symbols, by how far the decided symbol lies from the one nearest
    /// to the sample.
    errors: [u64; 5],
    counted: u64,
}

pub(super) struct Station {
    pub(super) acquisition: Acquisition,
    pub(super) state: AcquisitionState,
    lanes: Vec<Lane>,
    block: u64,
    /// Blind steps before the equalizer trusts its own decisions, symbols.
    blind: u64,
}

impl Station {
    pub(super) fn new(acquisition: Acquisition, sources: Vec<Source>, blind: u64) -> Self {
        let state = acquisition.state(sources.len()).unwrap();
        let lanes = sources
            .into_iter()
            .map(|source| Lane {
                source,
                equalizer: Equalizer::new(),
                waiting: VecDeque::new(),
                seen: 0,
                errors: [0; 5],
                counted: 0,
            })
            .collect();
        Self {
            acquisition,
            state,
            lanes,
            block: 0,
            blind,
        }
    }

    /// One block of every lane. Samples go to the clock recovery as late as their decisions are known.
    pub(super) fn step(&mut self, count: bool) {
        let config = self.acquisition.cdr().config();
        let (p, lanes) = (config.block, self.lanes.len());
        let stage = self.state.stage();
        let edges = stage.wants_edges(config.detector);
        let (mut z, mut x) = (Array2::zeros((lanes, p)), Array2::zeros((lanes, p)));
        let mut d = Array2::zeros((lanes, p));
        for (l, lane) in self.lanes.iter_mut().enumerate() {
            let phase = self.state.phase_ui(l);
            for k in 0..p {
                let t = (self.block * p as u64 + k as u64) as f64 + phase;
                let sample = lane.source.sample(t) as f32;
                if edges {
                    // Samples and edges in step: neither waits for decisions.
                    x[[l, k]] = lane.source.sample(t - 0.5) as f32;
                    z[[l, k]] = sample;
                }
                if !stage.wants_equalizer() && stage != Stage::Done {
                    continue;
                }
                let near = (t - lane.source.phase_ui(t)).round() as i64;
                let y = lane.equalizer.output(sample.into());
                lane.waiting.push_back((sample, near));
                let (symbol, level) = decide(y);
                if stage.wants_equalizer() {
                    // Sato: the sign times E a^2 / E |a| = 5 / 2; then the decision.
                    let target = if lane.seen < self.blind {
                        2.5 * y.signum()
                    } else {
                        level
                    };
                    // Steps far below 2 / (21 taps times a power of about 6); ours.
                    let step = if lane.seen < self.blind { 2e-4 } else { 1e-3 };
                    lane.equalizer.adapt(target - y, step);
                }
                lane.seen += 1;
                if lane.waiting.len() <= PRECURSORS {
                    continue;
                }
                let (late, near) = lane.waiting.pop_front().unwrap();
                if !edges {
                    z[[l, k]] = late;
                    d[[l, k]] = symbol;
                }
                if count {
                    lane.counted += 1;
                    for (shift, errors) in (-2..).zip(&mut lane.errors) {
                        let sent = lane.source.symbol(near + shift);
                        *errors += u64::from(sent != symbol);
                    }
                }
            }
        }
        let edges = edges.then(|| x.view());
        self.acquisition
            .update(&mut self.state, z.view(), edges, d.view())
            .unwrap();
        self.block += 1;
    }

    /// Symbol error ratio of a lane since counting began, and by how many symbols the one it decides
    /// lies after the one nearest to the sampling instant.
    pub(super) fn error_ratio(&self, lane: usize) -> (f64, i64) {
        let lane = &self.lanes[lane];
        let (best, errors) = lane
            .errors
            .iter()
            .enumerate()
            .min_by_key(|(_, e)| **e)
            .unwrap();
        (*errors as f64 / lane.counted as f64, best as i64 - 2)
    }

    /// Phase of the sampler minus phase of the signal in the middle of the next block, UI.
    pub(super) fn offset_ui(&self, lane: usize) -> f64 {
        let p = self.acquisition.cdr().config().block as f64;
        let phase = self.state.phase_ui(lane);
        phase
            - self.lanes[lane]
                .source
                .phase_ui(self.block as f64 * p + 0.5 * (p - 1.0) + phase)
    }
}
