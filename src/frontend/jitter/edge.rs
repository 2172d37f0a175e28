//! Displacement of transmitted edges, symbol by symbol.

use crate::error::{Result, in_range};
use crate::random::{Gauss, Philox};
use crate::simd::Level;

use super::kernel;
use super::phase_noise::PhaseNoise;
use super::pyramid::{BLOCK, Coarse, Pyramid};

/// Sinusoidal jitter, `amplitude_ui sin(2 pi frequency_hz k / baud_hz + phase_rad)` at edge `k`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct Sinusoid {
    /// Peak displacement in unit intervals (half of the peak-to-peak number of jitter tolerance masks).
    pub amplitude_ui: f64,
    /// Frequency, from 0 to half the symbol rate.
    pub frequency_hz: f64,
    /// Phase at edge 0.
    pub phase_rad: f64,
}

/// What displaces the edges of a transmitter, each part zero or absent unless set.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct EdgeJitterConfig {
    /// Symbol rate, which turns frequencies into phases.
    pub baud_hz: f64,
    /// Standard deviation of the white Gaussian part, UI.
    pub random_ui: f64,
    /// Bounded uncorrelated part: plus or minus this with equal chances (`A_DD`), UI.
    pub dual_dirac_ui: f64,
    /// Even-odd jitter: even edges are early by half of this and odd ones late, UI. In a half-rate
    /// transmitter it is the error of the clock's duty cycle.
    pub even_odd_ui: f64,
    /// Sinusoidal parts.
    pub sinusoidal: Vec<Sinusoid>,
    /// The phase noise of the transmitter's clock.
    pub phase_noise: Option<PhaseNoise>,
    /// Seed of the random parts.
    pub seed: u64,
}

impl Default for EdgeJitterConfig {
    /// 53.125 `GBd` and no jitter.
    fn default() -> Self {
        Self {
            baud_hz: 53.125e9,
            random_ui: 0.0,
            dual_dirac_ui: 0.0,
            even_odd_ui: 0.0,
            sinusoidal: Vec::new(),
            phase_noise: None,
            seed: 0,
        }
    }
}

/// Largest peak of a sinusoidal part in unit intervals; masks of jitter tolerance end at 5 peak to peak.
pub const MAX_SINUSOID_UI: f64 = 100.0;

impl EdgeJitterConfig {
    /// Checks every part: finite, not negative, fast parts within half an interval.
    pub fn validate(&self, name: &str) -> Result<()> {
        in_range(format!("{name}.baud_hz"), self.baud_hz, 1e3, 1e15)?;
        for (field, value) in [
            ("random_ui", self.random_ui),
            ("dual_dirac_ui", self.dual_dirac_ui),
            ("even_odd_ui", self.even_odd_ui),
        ] {
            in_range(format!("{name}.{field}"), value, 0.0, 0.5)?;
        }
        for (i, s) in self.sinusoidal.iter().enumerate() {
            let name = format!("{name}.sinusoidal[{i}]");
            in_range(
                format!("{name}.amplitude_ui"),
                s.amplitude_ui,
                0.0,
                MAX_SINUSOID_UI,
            )?;
            in_range(
                format!("{name}.frequency_hz"),
                s.frequency_hz,
                0.0,
                0.5 * self.baud_hz,
            )?;
            in_range(format!("{name}.phase_rad"), s.phase_rad, -1e6, 1e6)?;
        }
        if let Some(noise) = &self.phase_noise {
            noise.validate(&format!("{name}.phase_noise"), self.baud_hz)?;
        }
        Ok(())
    }
}

/// A sinusoid whose phase is a count of `2^-64` cycles: exact at every symbol number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tone {
    pub(super) amplitude: f64,
    /// Phase at edge 0.
    pub(super) start: u64,
    /// Advance per symbol.
    pub(super) step: u64,
}

impl Tone {
    fn new(s: &Sinusoid, baud_hz: f64) -> Self {
        let two64 = 64f64.exp2();
        // Half a cycle per symbol at most: within u64. A cycle of phase is a wrap.
        let turns = (s.phase_rad / (2.0 * std::f64::consts::PI)).rem_euclid(1.0);
        Self {
            amplitude: s.amplitude_ui,
            start: (turns * two64) as u64,
            step: (s.frequency_hz / baud_hz * two64).round() as u64,
        }
    }

    /// Phase at edge `k` in units of `2^-64` cycles.
    pub(super) fn phase(&self, k: u64) -> u64 {
        self.start.wrapping_add(k.wrapping_mul(self.step))
    }
}

/// Edge displacements, a function of the symbol number alone; immutable.
///
/// `tau_k` in unit intervals is how much later than nominal the edge between symbols `k - 1` and `k` comes:
/// a waveform with displaced edges is, to first order, the ideal one plus
/// `sum_k (a_k - a_{k-1}) (-tau_k) p(t - k)`, `p` the response to an impulse of area one.
///
/// - **Determinism.** Every part is computed from the symbol number: any split of a range into calls gives
///   the same bits, at any place up to 2^63 symbols, in any order.
/// - **Sinusoids** count phase in `2^-64` cycles: after 1e10 symbols the phase is within 3e-10 cycles of that
///   of the frequency asked for.
/// - **Phase noise** is right in its average spectrum between the first and the last offset of its profile,
///   within [`EdgeJitter::profile_error_db`] (half a decibel for straight lines; up to two at sharp peaks, which
///   are rounded). Beyond the ends it falls off within about two octaves: a profile that is cut where it is
///   strongest gets up to 3 dB more power than its integral, so list offsets until the power is in the list.
///   Its variance repeats within a knot of each octave's spline by some per cent, which time averages do not see.
/// - **Numeric contract.** The same at all FMA levels; the baseline differs by rounding in the sinusoids (1e-6
///   of their amplitudes) and the normal numbers ([`Gauss`]).
/// - **Cost.** Per symbol one normal number for the random part and two for phase noise to half the symbol rate
///   (`baud / (3 last offset)` times fewer), one random bit, one sine for each sinusoid. In silicon nothing: it
///   is what the transmitter's clock does.
///
/// ```
/// use pamlink::frontend::jitter::{EdgeJitter, EdgeJitterConfig, Sinusoid};
///
/// let jitter = EdgeJitter::new(&EdgeJitterConfig {
///     baud_hz: 53.125e9,
///     random_ui: 0.01,
///     sinusoidal: vec![Sinusoid { amplitude_ui: 0.05, frequency_hz: 4e6, phase_rad: 0.0 }],
///     ..EdgeJitterConfig::default()
/// })?;
/// let (mut whole, mut part) = ([0.0; 1000], [0.0; 10]);
/// jitter.fill(5_000_000_000, &mut whole);
/// jitter.fill(5_000_000_700, &mut part);
/// assert_eq!(part, whole[700..710]);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct EdgeJitter {
    config: EdgeJitterConfig,
    gauss: Gauss,
    signs: Philox,
    pub(super) tones: Vec<Tone>,
    pub(super) pyramid: Option<Pyramid>,
    level: Level,
}

/// What [`EdgeJitter::fill_with`] keeps between blocks.
#[derive(Debug, Clone, Default)]
pub struct EdgeJitterState(Coarse);

/// Streams of the random parts under the seed; the scales of the phase noise follow the last.
const RANDOM: u64 = 0x6a69_7400;
const SIGNS: u64 = RANDOM + 1;
pub(super) const SCALES: u64 = RANDOM + 2;

impl EdgeJitter {
    /// A plan at the best level of this machine.
    pub fn new(config: &EdgeJitterConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A plan at a level.
    pub fn with_level(config: &EdgeJitterConfig, level: Level) -> Result<Self> {
        config.validate("edge_jitter")?;
        let (baud, seed) = (config.baud_hz, config.seed);
        Ok(Self {
            gauss: Gauss::new(seed, RANDOM).with_level(level),
            signs: Philox::new(seed, SIGNS).with_level(level),
            tones: config
                .sinusoidal
                .iter()
                .map(|s| Tone::new(s, baud))
                .collect(),
            pyramid: config
                .phase_noise
                .as_ref()
                .map(|p| Pyramid::new(p, baud, seed, SCALES, level)),
            config: config.clone(),
            level,
        })
    }

    /// What the plan was made from.
    #[must_use]
    pub fn config(&self) -> &EdgeJitterConfig {
        &self.config
    }

    /// The level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The state of a stream, which saves work and changes nothing.
    #[must_use]
    pub fn state(&self) -> EdgeJitterState {
        EdgeJitterState::default()
    }

    /// Displacements of edges `from_symbol, from_symbol + 1, …` in unit intervals.
    pub fn fill(&self, from_symbol: u64, tau: &mut [f32]) {
        self.all(None, from_symbol, tau);
    }

    /// [`EdgeJitter::fill`], the same numbers, faster with phase noise for a stream in blocks of some thousand
    /// symbols: what is common to 2^16 symbols is kept. The state belongs to this plan.
    pub fn fill_with(&self, state: &mut EdgeJitterState, from_symbol: u64, tau: &mut [f32]) {
        self.all(Some(&mut state.0), from_symbol, tau);
    }

    fn all(&self, mut coarse: Option<&mut Coarse>, from_symbol: u64, tau: &mut [f32]) {
        let mut done = 0;
        while done < tau.len() {
            let from = from_symbol.wrapping_add(done as u64);
            // Blocks end where the noise's groups do, so that none is made twice.
            let take = (BLOCK - (from % BLOCK as u64) as usize).min(tau.len() - done);
            self.block(coarse.as_deref_mut(), from, &mut tau[done..done + take]);
            done += take;
        }
    }

    fn block(&self, coarse: Option<&mut Coarse>, from: u64, tau: &mut [f32]) {
        let c = &self.config;
        let half = 0.5 * c.even_odd_ui as f32;
        if c.dual_dirac_ui > 0.0 || c.even_odd_ui > 0.0 {
            let mut signs = [0; BLOCK];
            let signs = &mut signs[..tau.len()];
            if c.dual_dirac_ui > 0.0 {
                self.signs.fill_symbols(from, signs);
            }
            kernel::two_signs(self.level, signs, from, c.dual_dirac_ui as f32, half, tau);
        } else {
            tau.fill(0.0);
        }
        if c.random_ui > 0.0 {
            self.gauss.add_scaled(from, c.random_ui as f32, tau);
        }
        for tone in &self.tones {
            kernel::add_sine(
                self.level,
                tone.phase(from),
                tone.step,
                tone.amplitude as f32,
                tau,
            );
        }
        if let Some(pyramid) = &self.pyramid {
            pyramid.add(coarse, from, tau);
        }
    }

    /// Variance of the displacement without the sinusoids' beats, UI^2:
    /// `random^2 + dual_dirac^2 + even_odd^2/4 + sum amplitude^2/2` and the integral of the phase noise.
    #[must_use]
    pub fn variance_ui2(&self) -> f64 {
        let c = &self.config;
        let tones: f64 = c
            .sinusoidal
            .iter()
            .map(|s| s.amplitude_ui.powi(2) / 2.0)
            .sum();
        let noise = c
            .phase_noise
            .as_ref()
            .map_or(0.0, |p| p.variance_ui2(0.0, c.baud_hz, c.baud_hz));
        c.random_ui.powi(2) + c.dual_dirac_ui.powi(2) + c.even_odd_ui.powi(2) / 4.0 + tones + noise
    }

    /// One-sided density of the phase noise that is made, UI^2/Hz.
    #[must_use]
    pub fn phase_noise_ui2_hz(&self, offset_hz: f64) -> f64 {
        let baud = self.config.baud_hz;
        self.pyramid
            .as_ref()
            .map_or(0.0, |p| p.density(offset_hz / baud) * 2.0 / baud)
    }

    /// Largest distance of the density made from the profile, in dB, at 16 offsets per octave of the profile's
    /// band; 0 without a profile.
    #[must_use]
    pub fn profile_error_db(&self) -> f64 {
        let Some(profile) = &self.config.phase_noise else {
            return 0.0;
        };
        let (first, last) = (
            profile.points[0].offset_hz,
            profile.points[profile.points.len() - 1].offset_hz,
        );
        let n = ((last / first).log2() * 16.0).ceil().max(2.0) as usize;
        (0..=n)
            .map(|i| (first * (last / first).powf(i as f64 / n as f64)).clamp(first, last))
            .map(|f| {
                let wanted = profile.ui2_hz(f, self.config.baud_hz);
                (10.0 * (self.phase_noise_ui2_hz(f) / wanted).log10()).abs()
            })
            .fold(0.0, f64::max)
    }
}
