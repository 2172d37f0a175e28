//! Choosing a segment's settings: transmit FIR and CTLEs by best MMSE SNR, then phase and taps.
//!
//! The search runs on a quarter of the time window. From several transmit FIRs it scans a coarse grid of all
//! CTLEs together, then climbs: one step of one setting at a time and, where no single step helps, two
//! settings at once, because FIR and CTLEs trade against one another. The best end point wins. It is a local
//! search, not a proof that no better combination exists.

use crate::channel::extrapolated_energy_share;
use crate::equalizer::design::{MmseConfig, MmseSolver, mmse};
use crate::error::Result;
use crate::mlse::design::{TargetConfig, TargetDesign, target};
use crate::pam4::variance;

use super::chain::Choice;
use super::config::{AnalysisConfig, Detector, ReceiverConfig};
use super::front::Sampling;
use super::segment::{Equalizer, Segment};
use super::spec::{SegmentSpec, Stage};

/// Time window of the search over that of the analysis.
const SEARCH_STRIDE: usize = 4;
/// Samples per unit interval in the search.
const SEARCH_SAMPLES: usize = 16;
/// Steps of the coarse grid over the two gains of a CTLE.
const COARSE: (usize, usize) = (4, 3);
/// Transmit FIRs to start from: steps of the two taps before the main one.
const STARTS: [[i32; 2]; 3] = [[0, 0], [2, -6], [4, -9]];

fn mmse_config(receiver: &ReceiverConfig, symbol_variance: f64) -> MmseConfig {
    MmseConfig {
        ffe_taps: receiver.ffe_taps(),
        precursors: receiver.ffe_precursors,
        dfe: vec![(0.0, receiver.dfe_max); receiver.dfe_taps],
        ffe_limits: vec![(-receiver.ffe_limit, receiver.ffe_limit)],
        symbol_variance,
        ..MmseConfig::default()
    }
}

/// One candidate evaluation after another on the coarse copy of a segment.
struct Search {
    spec: SegmentSpec,
    sampling: Sampling,
    solver: MmseSolver,
}

impl Search {
    fn new(spec: &SegmentSpec) -> Result<Self> {
        let receiver = &spec.receiver;
        let mmse = MmseConfig {
            // Limits of single FFE taps hardly move the optimum; the final design holds them exactly.
            ffe_limits: Vec::new(),
            ..mmse_config(receiver, variance(spec.tx.levels))
        };
        Ok(Self {
            spec: spec.coarse(SEARCH_STRIDE, 2.0 * spec.baud_hz)?,
            sampling: Sampling::new(SEARCH_SAMPLES, receiver.ffe_taps()),
            solver: MmseSolver::new(&mmse)?,
        })
    }

    /// Slicer SNR (linear) of a choice; zero where no equalizer exists for it.
    fn snr(&mut self, choice: &Choice) -> Result<f64> {
        let chain = self.spec.resolved(choice, false)?;
        let Ok(front) = self.sampling.front(&chain, false) else {
            return Ok(0.0);
        };
        Ok(self.solver.snr(&front.pulse, &front.noise).unwrap_or(0.0))
    }
}

/// A choice while it is being searched: FIR in steps, CTLEs by setting.
#[derive(Debug, Clone, PartialEq)]
struct Candidate {
    steps: Vec<i32>,
    ctle: Vec<(usize, usize)>,
}

impl Candidate {
    fn choice(&self, spec: &SegmentSpec) -> Option<Choice> {
        Some(Choice {
            tx_taps: spec.tx.fir.taps(&self.steps)?,
            tx_main: spec.tx.fir.pre.len(),
            ctle: self.ctle.clone(),
        })
    }

    /// Settings that can be moved: every side tap, both gains of every CTLE.
    fn settings(&self) -> usize {
        self.steps.len() + 2 * self.ctle.len()
    }

    /// One setting moved by one step; `None` at the edge of a CTLE's grid (FIR limits are checked later).
    fn moved(&self, setting: usize, step: i32, grids: &[(usize, usize)]) -> Option<Self> {
        let mut next = self.clone();
        if let Some(tap) = next.steps.get_mut(setting) {
            *tap += step;
            return Some(next);
        }
        let which = setting - self.steps.len();
        let (ctle, grid) = (next.ctle.get_mut(which / 2)?, grids.get(which / 2)?);
        let (gain, limit) = if which.is_multiple_of(2) {
            (&mut ctle.0, grid.0)
        } else {
            (&mut ctle.1, grid.1)
        };
        *gain = gain
            .checked_add_signed(step as isize)
            .filter(|&g| g < limit)?;
        Some(next)
    }
}

/// The best candidate so far.
struct Best {
    candidate: Candidate,
    choice: Choice,
    snr: f64,
}

impl Best {
    /// Takes the next candidate if it is allowed and better.
    fn offer(&mut self, search: &mut Search, next: Candidate) -> Result<bool> {
        let Some(choice) = next.choice(&search.spec) else {
            return Ok(false);
        };
        let snr = search.snr(&choice)?;
        let better = snr > self.snr;
        if better {
            (self.candidate, self.choice, self.snr) = (next, choice, snr);
        }
        Ok(better)
    }

    /// Single steps until none helps, then pairs, then single steps again, until neither helps.
    fn climb(&mut self, search: &mut Search, grids: &[(usize, usize)]) -> Result<()> {
        let n = self.candidate.settings();
        loop {
            let mut improved = false;
            for a in 0..n {
                for step in [-1, 1] {
                    while let Some(next) = self.candidate.moved(a, step, grids) {
                        if !self.offer(search, next)? {
                            break;
                        }
                        improved = true;
                    }
                }
            }
            if improved {
                continue;
            }
            for (a, b) in (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))) {
                for (step_a, step_b) in [(-1, -1), (-1, 1), (1, -1), (1, 1)] {
                    let next = self
                        .candidate
                        .moved(a, step_a, grids)
                        .and_then(|c| c.moved(b, step_b, grids));
                    if let Some(next) = next {
                        improved |= self.offer(search, next)?;
                    }
                }
            }
            if !improved {
                return Ok(());
            }
        }
    }
}

/// Every combination of coarse settings of all CTLEs.
fn coarse_settings(grids: &[(usize, usize)]) -> Vec<Vec<(usize, usize)>> {
    grids
        .iter()
        .fold(vec![Vec::new()], |all, &(rows, columns)| {
            all.iter()
                .flat_map(|before| {
                    let rows = (0..rows).step_by(COARSE.0);
                    rows.flat_map(move |i| {
                        (0..columns).step_by(COARSE.1).map(move |j| {
                            let mut settings = before.clone();
                            settings.push((i, j));
                            settings
                        })
                    })
                })
                .collect()
        })
}

/// Best settings of a segment's transmit FIR and CTLEs.
fn search(spec: &SegmentSpec) -> Result<Choice> {
    let mut search = Search::new(spec)?;
    let grids: Vec<(usize, usize)> = spec
        .stages
        .iter()
        .filter_map(|s| match s {
            Stage::Ctle { config, .. } => Some(config.settings()),
            _ => None,
        })
        .collect();
    let none = Candidate {
        steps: vec![0; spec.tx.fir.ranges().count()],
        ctle: vec![(0, 0); grids.len()],
    };
    let Some(choice) = none.choice(spec) else {
        return Err(crate::Error::OutOfRange {
            name: "tx_fir.main_min".into(),
            value: spec.tx.fir.main_min,
            min: 0.0,
            max: 1.0,
        });
    };
    let mut winner = Best {
        snr: search.snr(&choice)?,
        candidate: none.clone(),
        choice,
    };
    let pre = spec.tx.fir.pre.len();
    for start in STARTS {
        let mut steps = none.steps.clone();
        for (tap, step) in steps[..pre].iter_mut().rev().zip(start.iter().rev()) {
            *tap = *step;
        }
        let mut best = Best {
            candidate: none.clone(),
            choice: winner.choice.clone(),
            snr: 0.0,
        };
        for ctle in coarse_settings(&grids) {
            let steps = steps.clone();
            best.offer(&mut search, Candidate { steps, ctle })?;
        }
        if best.snr == 0.0 {
            continue;
        }
        best.climb(&mut search, &grids)?;
        if best.snr > winner.snr {
            winner = best;
        }
    }
    Ok(winner.choice)
}

/// Designs a segment: searches its settings, then finds the phase where `h(-1) = h(+1)` at the FFE input and
/// the bounded MMSE taps there.
pub fn design(spec: &SegmentSpec, config: &AnalysisConfig) -> Result<Segment> {
    config.validate("analysis")?;
    spec.receiver.validate("receiver")?;
    spec.tx.fir.validate("tx.fir")?;
    let choice = search(spec)?;
    design_with(spec, &choice, config)
}

/// Designs the equalizer of a segment whose transmit FIR and CTLEs are given.
pub fn design_with(
    spec: &SegmentSpec,
    choice: &Choice,
    config: &AnalysisConfig,
) -> Result<Segment> {
    config.validate("analysis")?;
    spec.receiver.validate("receiver")?;
    let chain = spec.resolve(choice)?;
    let receiver = &spec.receiver;
    let lags = receiver.ffe_taps()
        + match receiver.detector {
            Detector::Dfe => 0,
            Detector::Mlse => TargetDesign::LAGS,
        };
    let mut sampling = Sampling::new(config.samples_per_ui, lags);
    let front = sampling.front(&chain, true)?;
    let mmse_config = mmse_config(receiver, variance(chain.levels));
    let (ffe, dfe, design_snr_db) = match receiver.detector {
        Detector::Dfe => {
            let taps = mmse(&front.pulse, &front.noise, &mmse_config)?;
            (taps.ffe, taps.dfe, taps.snr_db)
        }
        Detector::Mlse => {
            let config = TargetConfig {
                equalizer: mmse_config,
                ..TargetConfig::default()
            };
            let design = target(&front.pulse, &front.noise, &config)?;
            let target = design.response[1..].to_vec();
            (design.ffe, target, design.dfe_snr_db)
        }
    };
    let mut settings = choice.ctle.iter();
    let ctle_db = spec
        .stages
        .iter()
        .filter_map(|s| match s {
            Stage::Ctle { config, .. } => settings.next().map(|&(i, j)| {
                let ctle = config.setting(i, j);
                [ctle.gain_db, ctle.gain2_db]
            }),
            _ => None,
        })
        .collect();
    let extrapolated_share = spec
        .measured_end_hz
        .map_or(0.0, |end| extrapolated_energy_share(&chain.signal, end));
    Ok(Segment {
        name: spec.name,
        equalizer: Equalizer {
            phase_s: front.phase_s,
            ffe: ffe.iter().map(|&w| w as f32).collect(),
            precursors: receiver.ffe_precursors,
            dfe: dfe.iter().map(|&b| b as f32).collect(),
            detector: receiver.detector,
        },
        chain,
        ctle_db,
        design_snr_db,
        extrapolated_share,
    })
}
