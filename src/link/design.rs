//! Choosing a segment's settings: transmit FIR and CTLEs by best MMSE SNR, then phase and taps.
//!
//! The search runs on a quarter of the time window. Every CTLE is scanned over its whole grid with the
//! others held, then the FIR descends one step of one tap at a time; two rounds, because they depend on one
//! another. It finds the best setting of each scan, not provably the best of all combinations.

use crate::channel::extrapolated_energy_share;
use crate::equalizer::design::{MmseConfig, MmseSolver, mmse};
use crate::error::Result;
use crate::pam4::variance;

use super::chain::Choice;
use super::config::{AnalysisConfig, ReceiverConfig};
use super::front::Sampling;
use super::segment::{Equalizer, Segment};
use super::spec::{SegmentSpec, Stage};

/// Time window of the search over that of the analysis.
const SEARCH_STRIDE: usize = 4;
/// Samples per unit interval in the search.
const SEARCH_SAMPLES: usize = 16;
/// Rounds of scanning.
const ROUNDS: usize = 2;

fn mmse_config(receiver: &ReceiverConfig, symbol_variance: f64) -> MmseConfig {
    MmseConfig {
        ffe_taps: receiver.ffe_taps(),
        precursors: receiver.ffe_precursors,
        dfe: vec![(0.0, receiver.dfe_max); receiver.dfe_taps],
        ffe_limits: vec![(-receiver.ffe_limit, receiver.ffe_limit)],
        symbol_variance,
    }
}

/// One candidate evaluation after another on the coarse copy of a segment.
struct Search {
    spec: SegmentSpec,
    sampling: Sampling,
    solver: MmseSolver,
}

impl Search {
    fn new(spec: &SegmentSpec, config: &AnalysisConfig) -> Result<Self> {
        let receiver = &spec.receiver;
        let mmse = MmseConfig {
            // Limits of single FFE taps hardly move the optimum; the final design holds them exactly.
            ffe_limits: Vec::new(),
            ..mmse_config(receiver, variance(spec.tx.levels))
        };
        Ok(Self {
            spec: spec.coarse(SEARCH_STRIDE, 2.0 * spec.baud_hz)?,
            sampling: Sampling::new(SEARCH_SAMPLES, config.kept_energy, receiver.ffe_taps()),
            solver: MmseSolver::new(&mmse)?,
        })
    }

    /// Slicer SNR (linear) of a choice; zero where no equalizer exists for it.
    fn snr(&mut self, choice: &Choice) -> Result<f64> {
        let chain = self.spec.resolve(choice)?;
        let Ok(front) = self.sampling.front(&chain, false) else {
            return Ok(0.0);
        };
        Ok(self.solver.snr(&front.pulse, &front.noise).unwrap_or(0.0))
    }
}

/// A choice while it is being searched: FIR in steps.
#[derive(Clone)]
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
}

/// Best settings of a segment's transmit FIR and CTLEs.
fn search(spec: &SegmentSpec, config: &AnalysisConfig) -> Result<Choice> {
    let mut search = Search::new(spec, config)?;
    let grids: Vec<(usize, usize)> = spec
        .stages
        .iter()
        .filter_map(|s| match s {
            Stage::Ctle { config, .. } => Some(config.settings()),
            _ => None,
        })
        .collect();
    let mut best = Candidate {
        steps: vec![0; spec.tx.fir.ranges().count()],
        // A third of the boost to start from.
        ctle: grids.iter().map(|g| (g.0 / 3, g.1 / 3)).collect(),
    };
    let Some(mut choice) = best.choice(spec) else {
        return Err(crate::Error::OutOfRange {
            name: "tx_fir.main_min".into(),
            value: spec.tx.fir.main_min,
            min: 0.0,
            max: 1.0,
        });
    };
    let mut snr = search.snr(&choice)?;
    for _ in 0..ROUNDS {
        let before = snr;
        for (which, &(rows, columns)) in grids.iter().enumerate() {
            for i in 0..rows {
                for j in 0..columns {
                    let mut next = best.clone();
                    next.ctle[which] = (i, j);
                    try_candidate(&mut search, next, &mut best, &mut choice, &mut snr)?;
                }
            }
        }
        loop {
            let start = snr;
            for tap in 0..best.steps.len() {
                for step in [-1, 1] {
                    let mut next = best.clone();
                    next.steps[tap] += step;
                    try_candidate(&mut search, next, &mut best, &mut choice, &mut snr)?;
                }
            }
            if snr <= start {
                break;
            }
        }
        if snr <= before * 1.001 {
            break;
        }
    }
    Ok(choice)
}

fn try_candidate(
    search: &mut Search,
    next: Candidate,
    best: &mut Candidate,
    choice: &mut Choice,
    snr: &mut f64,
) -> Result<()> {
    if let Some(next_choice) = next.choice(&search.spec) {
        let value = search.snr(&next_choice)?;
        if value > *snr {
            (*best, *choice, *snr) = (next, next_choice, value);
        }
    }
    Ok(())
}

/// Designs a segment: searches its settings, then finds the phase where `h(-1) = h(+1)` at the FFE input and
/// the bounded MMSE taps there.
pub fn design(spec: &SegmentSpec, config: &AnalysisConfig) -> Result<Segment> {
    let choice = search(spec, config)?;
    design_with(spec, &choice, config)
}

/// Designs the equalizer of a segment whose transmit FIR and CTLEs are given.
pub fn design_with(
    spec: &SegmentSpec,
    choice: &Choice,
    config: &AnalysisConfig,
) -> Result<Segment> {
    let chain = spec.resolve(choice)?;
    let receiver = &spec.receiver;
    let mut sampling = Sampling::new(
        config.samples_per_ui,
        config.kept_energy,
        receiver.ffe_taps(),
    );
    let front = sampling.front(&chain, true)?;
    let taps = mmse(
        &front.pulse,
        &front.noise,
        &mmse_config(receiver, variance(chain.levels)),
    )?;
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
            ffe: taps.ffe.iter().map(|&w| w as f32).collect(),
            precursors: receiver.ffe_precursors,
            dfe: taps.dfe.iter().map(|&b| b as f32).collect(),
        },
        chain,
        ctle_db,
        design_snr_db: taps.snr_db,
        extrapolated_share,
    })
}
