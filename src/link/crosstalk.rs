//! Crosstalk: other transmitters' symbols at the victim's receiver, from coupling files.
//!
//! A coupling file's through path (`Sdd21`) leads from the end where the aggressor transmits to the end where
//! the victim receives. Which aggressors act where, by the kind of file:
//!
//! | board | far-end (FEXT) | near-end (NEXT) |
//! |---|---|---|
//! | near, at the module's input (TP1) | other lanes of the transmitting host, through its package; amplitude and transmit FIR as the victim's | outputs of the same module; [`near_end_v`](super::config::CrosstalkConfig::near_end_v), no FIR |
//! | far, at the host's receiver (TP5) | other lanes of the far module through the coupling mirrored; a retimed module's amplitude and FIR as the victim's, a linear one's as the gain control of its amplifier sets, no FIR | transmitters of the same host, the coupling mirrored, packages at both ends; [`near_end_v`](super::config::CrosstalkConfig::near_end_v), no FIR |
//!
//! (COM, annex 93A, has the transmit FIR on through and far-end paths and none on near-end ones.) Every
//! aggressor sends independent PAM4 symbols of the victim's levels, rate and edges. It is asynchronous: its phase
//! against the victim is uniformly distributed over a unit interval, and constant as long as a stream runs. Its
//! own noise and jitter are left out, as is the change that it makes to the settings of gain controls (1 % of a
//! signal's power moves an amplitude by 0.04 dB).
//!
//! A link's own short paths (co-packaged optics) have no files and no crosstalk.

use num_complex::Complex64;

use crate::channel::Channel;
use crate::error::{Result, in_range};
use crate::pam4::variance;
use crate::signal::{FrequencyGrid, Response};

use super::chain::{Choice, fir_spectrum};

/// Most aggressors at one point; each has random numbers of its own in every stream.
const MOST: usize = 32;

/// Coupling paths beside the host channels, each given as it acts at the near board: far-end ones from host to
/// module, near-end ones from the module's output to its input.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CrosstalkChannels {
    /// Far-end aggressors.
    pub fext: Vec<Channel>,
    /// Near-end aggressors.
    pub next: Vec<Channel>,
}

impl CrosstalkChannels {
    /// Whether there is no aggressor.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fext.is_empty() && self.next.is_empty()
    }

    /// Names for reports, such as `FEXT a.s4p, NEXT b.s4p`; empty without aggressors.
    #[must_use]
    pub fn names(&self) -> String {
        let fext = self.fext.iter().map(|c| (CrosstalkKind::FarEnd, c));
        let next = self.next.iter().map(|c| (CrosstalkKind::NearEnd, c));
        let names: Vec<String> = fext
            .chain(next)
            .map(|(kind, c)| format!("{} {}", kind.name(), c.name()))
            .collect();
        names.join(", ")
    }

    pub(super) fn check(&self) -> Result<()> {
        let count = (self.fext.len() + self.next.len()) as f64;
        in_range("aggressors (fext and next files)", count, 0.0, MOST as f64)?;
        Ok(())
    }
}

/// At which end an aggressor transmits, seen from the victim's receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CrosstalkKind {
    /// At the other end: FEXT.
    FarEnd,
    /// At the receiver's own end: NEXT.
    NearEnd,
}

impl CrosstalkKind {
    /// `FEXT` or `NEXT`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FarEnd => "FEXT",
            Self::NearEnd => "NEXT",
        }
    }
}

/// One aggressor at the point where it meets the victim.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggressor {
    /// Where it transmits.
    pub kind: CrosstalkKind,
    /// Name of its coupling, for reports.
    pub name: String,
    /// Its peak amplitude before the transmit FIR, V.
    pub amplitude_v: f64,
    /// Whether it sends through the victim's transmit FIR.
    pub fir: bool,
    /// Spectrum of one of its symbols of level one at this point, before the FIR, V/Hz.
    pub unit: Response,
}

impl Aggressor {
    /// The same on every other grid that [`super::SegmentSpec`] thins to.
    pub(super) fn thinned(&self, thin: impl Fn(&Response) -> Result<Response>) -> Result<Self> {
        Ok(Self {
            unit: thin(&self.unit)?,
            name: self.name.clone(),
            ..*self
        })
    }
}

/// An aggressor of a resolved chain: what both engines start from.
#[derive(Debug, Clone, PartialEq)]
pub struct CrosstalkTerm {
    /// Where it transmits.
    pub kind: CrosstalkKind,
    /// Name of its coupling, for reports.
    pub name: String,
    /// Index of its stage in [`super::SegmentSpec::stages`]: where it meets the victim.
    pub stage: usize,
    /// Spectrum of one symbol of level one at that stage, its FIR included, V/Hz.
    pub entry: Response,
    /// The same at the sampler, through all (linear) stages behind.
    pub sampler: Response,
}

impl CrosstalkTerm {
    /// One-sided density that, shaped by [`Self::sampler`] (or [`Self::entry`]), is the power spectrum of the
    /// aggressor's symbols averaged over its phase: `2 var(levels) baud`, so that
    /// `integral of density |H|^2 df = var baud integral over both halves of |H|^2 df`, 1/s.
    pub(super) fn density(levels: [f64; 4], baud_hz: f64) -> f64 {
        2.0 * variance(levels) * baud_hz
    }
}

/// The terms of a segment's aggressors: `stages` are the aggressors with the index of their stage and the
/// response from there to the sampler.
pub(super) fn terms(
    stages: Vec<(usize, &[Aggressor], Vec<Complex64>)>,
    grid: FrequencyGrid,
    choice: &Choice,
    window: usize,
) -> Result<Vec<CrosstalkTerm>> {
    let mut terms = Vec::new();
    if stages.is_empty() {
        return Ok(terms);
    }
    let fir = fir_spectrum(choice, window);
    for (stage, aggressors, after) in stages.into_iter().rev() {
        for a in aggressors {
            let entry: Vec<Complex64> = (a.unit.values().iter().enumerate())
                .map(|(n, x)| if a.fir { x * fir[n % window] } else { *x })
                .collect();
            let sampler = entry.iter().zip(&after).map(|(x, h)| x * h).collect();
            terms.push(CrosstalkTerm {
                kind: a.kind,
                name: a.name.clone(),
                stage,
                entry: Response::new(grid, entry)?,
                sampler: Response::new(grid, sampler)?,
            });
        }
    }
    Ok(terms)
}
