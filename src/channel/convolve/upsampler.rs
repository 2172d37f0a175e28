//! The first stage: symbols to waveform planes.

use super::impulse::Impulse;
use super::planes::Planes;
use super::runs::{Run, past, run, schedule};
use crate::error::{Result, length};
use crate::simd::Level;
use crate::simd::fir::{self, Schedule};

/// Symbols taken at a time.
const CHUNK: usize = 512;
/// Entries behind the record, for sums of whole vectors.
const PADDING: usize = 64;

/// Symbols to planes: `x[g] = sum_k a[k] p[g + before - k m]`, `p` the taps of [`Impulse::symbol`].
///
/// With edges displaced as well: edge `k`, between symbols `k - 1` and `k`, comes `tau[k]` UI late, and
///
/// `x[g] = sum_k a[k] p[g - k m] + sum_k (a[k] - a[k-1]) tau[k] e[g - k m]`
///
/// (each later by its own `before`), `e` the taps of [`Impulse::edge`]. This is the exact waveform to first order: it
/// lacks `(a[k] - a[k-1]) tau[k]^2 / 2 g'(t)` of each edge, `g` the impulse response behind the held symbol in
/// units of one UI. For a path of 0.5 of the symbol rate (Gaussian) and PAM4 of levels -1 to 1 that is
/// at most `2.2 tau^2`, 2e-4 at 0.01 UI; and a fourth of that for half the displacement.
///
/// - **Shapes.** `n` symbols make `n` entries of each plane; `n` edges go with them.
/// - **Cost.** `L` products per symbol, `L + L_e` with edges, at the FMA roof from about 16 UI on.
///
/// ```
/// use pamlink::channel::convolve::{Impulse, Planes, Upsampler};
///
/// // A symbol held for two samples of two.
/// let hold = Impulse { taps: vec![1.0, 1.0], before: 0, samples_per_ui: 2 };
/// let first = Upsampler::new(&hold)?;
/// let mut planes = Planes::new(2, 0, 3)?;
/// first.process(&mut first.state(), &[1.0, -1.0, 0.5], &mut planes)?;
/// assert_eq!(planes.fresh(0, 3), [1.0, -1.0, 0.5]);
/// assert_eq!(planes.fresh(1, 3), [1.0, -1.0, 0.5]);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Upsampler {
    samples_per_ui: usize,
    delay: isize,
    past: usize,
    plain: Vec<Schedule>,
    displaced: Option<Vec<Schedule>>,
    level: Level,
}

/// Symbols and displacements a stream must remember, and room for fresh ones.
#[derive(Debug, Clone)]
pub struct UpsamplerState {
    past: usize,
    record: Vec<f32>,
}

impl UpsamplerState {
    /// Back to the start of a stream: no symbols before the first one.
    pub fn reset(&mut self) {
        self.record.fill(0.0);
    }
}

impl Upsampler {
    /// A plan at the best level of this machine, from the waveform of one unit symbol ([`Impulse::symbol`]).
    ///
    /// # Errors
    /// As of [`Upsampler::with_level`].
    pub fn new(symbol: &Impulse) -> Result<Self> {
        Self::with_level(symbol, None, Level::best())
    }

    /// A plan that can displace edges too, from [`Impulse::symbol`] and [`Impulse::edge`].
    ///
    /// # Errors
    /// As of [`Upsampler::with_level`].
    pub fn with_edges(symbol: &Impulse, edge: &Impulse) -> Result<Self> {
        Self::with_level(symbol, Some(edge), Level::best())
    }

    /// A plan at a level.
    ///
    /// # Errors
    /// No taps, taps that are not finite, samples per UI that differ.
    pub fn with_level(symbol: &Impulse, edge: Option<&Impulse>, level: Level) -> Result<Self> {
        symbol.check()?;
        let m = symbol.samples_per_ui;
        let mut delay = symbol.before;
        if let Some(edge) = edge {
            edge.check()?;
            length("samples_per_ui of the edge", m, edge.samples_per_ui)?;
            delay = delay.max(edge.before);
        }
        // Plane 0 of the record holds the symbols, plane 1 what displaces their edges.
        let runs = |of: &Impulse, p: usize, plane: usize| {
            run(&of.taps, m, p as isize - (delay - of.before), plane)
        };
        let plain: Vec<Vec<Run>> = (0..m)
            .map(|p| runs(symbol, p, 0).into_iter().collect())
            .collect();
        let both: Option<Vec<Vec<Run>>> = edge.map(|edge| {
            (0..m)
                .map(|p| {
                    runs(symbol, p, 0)
                        .into_iter()
                        .chain(runs(edge, p, 1))
                        .collect()
                })
                .collect()
        });
        let all = plain.iter().chain(both.iter().flatten());
        let past = all.map(|runs| past(runs)).max().unwrap_or(0);
        let stride = past + CHUNK;
        let schedules = |runs: &Vec<Vec<Run>>| {
            runs.iter()
                .map(|runs| schedule(runs, past, stride, level))
                .collect()
        };
        Ok(Self {
            samples_per_ui: m,
            delay,
            past,
            plain: schedules(&plain),
            displaced: both.as_ref().map(schedules),
            level,
        })
    }

    /// Samples by which the stream lags the waveform.
    #[must_use]
    pub fn delay(&self) -> isize {
        self.delay
    }

    /// The level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The state of a new stream.
    #[must_use]
    pub fn state(&self) -> UpsamplerState {
        UpsamplerState {
            past: self.past,
            record: vec![0.0; 2 * (self.past + CHUNK) + PADDING],
        }
    }

    /// Next symbols of a stream; their samples become the fresh ones of `to`.
    ///
    /// # Errors
    /// A state of another plan; planes of another number of samples per UI or with too little room.
    pub fn process(
        &self,
        state: &mut UpsamplerState,
        symbols: &[f32],
        to: &mut Planes,
    ) -> Result<()> {
        self.fits(state, symbols.len(), to)?;
        self.stream(&self.plain, state, symbols, None, to);
        Ok(())
    }

    /// The same with displaced edges: `edges[k] = (a[k] - a[k-1]) tau[k]`, where edge `k`, between symbols `k - 1`
    /// and `k`, comes `tau[k]` UI late.
    ///
    /// # Errors
    /// As of [`Upsampler::process`]; a plan without edges; another number of edges than of symbols.
    pub fn process_displaced(
        &self,
        state: &mut UpsamplerState,
        symbols: &[f32],
        edges: &[f32],
        to: &mut Planes,
    ) -> Result<()> {
        self.fits(state, symbols.len(), to)?;
        length("edges", symbols.len(), edges.len())?;
        let Some(displaced) = &self.displaced else {
            return length("edges (the plan was made without them)", 0, edges.len());
        };
        self.stream(displaced, state, symbols, Some(edges), to);
        Ok(())
    }

    fn fits(&self, state: &UpsamplerState, n: usize, to: &Planes) -> Result<()> {
        to.serves(self.samples_per_ui, 0, n)?;
        length("upsampler state", self.past, state.past)
    }

    fn stream(
        &self,
        schedules: &[Schedule],
        state: &mut UpsamplerState,
        symbols: &[f32],
        edges: Option<&[f32]>,
        to: &mut Planes,
    ) {
        let (past, stride) = (self.past, self.past + CHUNK);
        for from in (0..symbols.len()).step_by(CHUNK) {
            let n = CHUNK.min(symbols.len() - from);
            let fresh = &mut state.record[past..][..n];
            fresh.copy_from_slice(&symbols[from..from + n]);
            let fresh = &mut state.record[stride + past..][..n];
            match edges {
                Some(edges) => fresh.copy_from_slice(&edges[from..from + n]),
                None => fresh.fill(0.0),
            }
            for (p, s) in schedules.iter().enumerate() {
                let out = &mut to.fresh_mut(p, from + n)[from..];
                fir::fir(self.level, s, &state.record, out);
            }
            for at in [0, stride] {
                state.record.copy_within(at + n..at + n + past, at);
            }
        }
    }
}
