//! The interleaved converter: plan and state.

use crate::error::{Result, length};
use crate::random::Gauss;
use crate::simd::Level;

use super::config::{AdcConfig, STREAM};
use super::kernel;
use super::mismatch::Slices;
use crate::frontend::quantizer::Quantizer;

/// What is taken out of each slice: estimates of its errors, in the form of the errors themselves.
pub type Trim = Slices;

/// A time-interleaved converter, validated and ready to run; immutable.
///
/// **Equation.** Slice `s = n % slices` makes of sample `x` with slope `x'` (per unit interval)
/// `y = Q((1 + gain_s)(x + (skew_s + aperture z_n) x') + offset_s + thermal w_n)`, `z` and `w` independent standard
/// normal numbers, `Q` the quantizer. Skew and aperture act to first order in the displacement. The trim of
/// the state divides the gain by `1 + gain'_s` and takes offset and skew away.
///
/// **Indices.** Everything depends on the number of the symbol: any split of a stream into calls gives the
/// same bits.
///
/// **Numeric contract.** Without noise the same bits at every level, within a few `2^-24` of
/// [`mod@super::reference`]; noise is that of [`Gauss`], the same at all FMA levels. NaN reads as the lowest code.
///
/// **Cost.** Per sample three loads of slice constants and about fifteen lane operations; thermal noise and
/// aperture jitter one normal number each. In silicon [`crate::frontend::cost::adc`].
///
/// ```
/// use pamlink::frontend::adc::{Adc, AdcConfig, Mismatch};
/// use pamlink::frontend::quantizer::QuantizerConfig;
///
/// let adc = Adc::new(&AdcConfig {
///     slices: 2,
///     quantizer: Some(QuantizerConfig { bits: 3, full_scale: 1.0 }),
///     offset: Mismatch::List(vec![0.0, 0.25]),
///     ..AdcConfig::default()
/// })?;
/// let mut state = adc.state();
/// let mut y = [0.0; 4];
/// adc.process(&mut state, &[0.1, 0.1, 0.1, 5.0], None, 0, &mut y)?;
/// assert_eq!(y, [0.125, 0.375, 0.125, 0.875]);
/// assert_eq!((state.samples(), state.clipped()), (4, 1));
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Adc {
    config: AdcConfig,
    mismatches: Slices,
    quantizer: Option<Quantizer>,
    thermal: Gauss,
    aperture: Gauss,
    level: Level,
}

/// Trim and counters of one stream.
#[derive(Debug, Clone)]
pub struct AdcState {
    trim: Trim,
    tables: Tables,
    samples: u64,
    clipped: u64,
}

/// What is left of the mismatches, as the kernel reads it: each list repeated over at least a vector, and a
/// vector beyond.
#[derive(Debug, Clone)]
struct Tables {
    gain: Vec<f32>,
    /// Gain times skew.
    late: Vec<f32>,
    offset: Vec<f32>,
    /// Length of the repeated part, a multiple of the slices.
    period: usize,
    /// Whether any slice needs the slope.
    skewed: bool,
}

impl Tables {
    fn new(own: &Slices, trim: &Trim) -> Self {
        let slices = own.gain.len();
        let period = slices * kernel::WIDEST.div_ceil(slices);
        let left = |s: usize| {
            let gain = (1.0 + own.gain[s]) / (1.0 + trim.gain[s]);
            let skew = own.skew_ui[s] - trim.skew_ui[s];
            (gain, gain * skew, own.offset[s] - trim.offset[s])
        };
        let all = || (0..period + kernel::WIDEST).map(|i| left(i % slices));
        Self {
            gain: all().map(|l| l.0 as f32).collect(),
            late: all().map(|l| l.1 as f32).collect(),
            offset: all().map(|l| l.2 as f32).collect(),
            period,
            skewed: (0..slices).any(|s| left(s).1 != 0.0),
        }
    }
}

impl AdcState {
    /// Samples converted since the start.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Samples beyond the quantizer's ends since the start.
    #[must_use]
    pub fn clipped(&self) -> u64 {
        self.clipped
    }

    /// What is taken out of each slice.
    #[must_use]
    pub fn trim(&self) -> &Trim {
        &self.trim
    }
}

/// Samples converted at a time when noise is added on the way; a multiple of the groups of [`Gauss`].
const BLOCK: u64 = 1024;

impl Adc {
    /// A plan at the best level of this machine.
    pub fn new(config: &AdcConfig) -> Result<Self> {
        Self::with_level(config, Level::best())
    }

    /// A plan at a level.
    pub fn with_level(config: &AdcConfig, level: Level) -> Result<Self> {
        config.validate()?;
        let normal = |stream| Gauss::new(config.seed, STREAM + stream).with_level(level);
        Ok(Self {
            mismatches: config.mismatches(),
            quantizer: config
                .quantizer
                .as_ref()
                .map(|q| Quantizer::valid(q, level)),
            thermal: normal(4),
            aperture: normal(5),
            config: config.clone(),
            level,
        })
    }

    /// What the plan was made from.
    #[must_use]
    pub fn config(&self) -> &AdcConfig {
        &self.config
    }

    /// The level that runs.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The quantizer inside, which also turns outputs into codes.
    #[must_use]
    pub fn quantizer(&self) -> Option<&Quantizer> {
        self.quantizer.as_ref()
    }

    /// The errors of all slices, untrimmed.
    #[must_use]
    pub fn mismatches(&self) -> &Slices {
        &self.mismatches
    }

    /// The errors that are left under the trim of a state.
    #[must_use]
    pub fn residual(&self, state: &AdcState) -> Slices {
        let (own, trim) = (&self.mismatches, &state.trim);
        let minus = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect();
        Slices {
            offset: minus(&own.offset, &trim.offset),
            gain: own
                .gain
                .iter()
                .zip(&trim.gain)
                .map(|(a, b)| (1.0 + a) / (1.0 + b) - 1.0)
                .collect(),
            skew_ui: minus(&own.skew_ui, &trim.skew_ui),
        }
    }

    /// The state of a new stream, nothing trimmed.
    #[must_use]
    pub fn state(&self) -> AdcState {
        let trim = Slices::alike(self.config.slices);
        AdcState {
            tables: Tables::new(&self.mismatches, &trim),
            trim,
            samples: 0,
            clipped: 0,
        }
    }

    /// Back to the start of a stream: nothing trimmed, nothing counted.
    pub fn reset(&self, state: &mut AdcState) {
        *state = self.state();
    }

    /// Sets what is taken out of each slice.
    pub fn set_trim(&self, state: &mut AdcState, trim: &Trim) -> Result<()> {
        trim.validate("adc trim", self.config.slices)?;
        length(
            "adc state's slices",
            self.config.slices,
            state.trim.gain.len(),
        )?;
        state.tables = Tables::new(&self.mismatches, trim);
        state.trim = trim.clone();
        Ok(())
    }

    /// Whether [`Adc::process`] wants the slope: with skew, bandwidth mismatch or aperture jitter.
    #[must_use]
    pub fn needs_slope(&self, state: &AdcState) -> bool {
        state.tables.skewed || self.config.aperture_ui > 0.0
    }

    /// Converts samples `first_symbol, first_symbol + 1, …` of a stream; `slope` is the derivative of the
    /// waveform at the sampling instants per unit interval, not used where nothing needs it.
    pub fn process(
        &self,
        state: &mut AdcState,
        x: &[f32],
        slope: Option<&[f32]>,
        first_symbol: u64,
        y: &mut [f32],
    ) -> Result<()> {
        length("adc output", x.len(), y.len())?;
        length(
            "adc state's slices",
            self.config.slices,
            state.trim.gain.len(),
        )?;
        let slope = if self.needs_slope(state) {
            let slope = slope.unwrap_or(&[]);
            length("adc slope", x.len(), slope.len())?;
            slope
        } else {
            &[]
        };
        let quiet = self.config.thermal_sigma == 0.0 && self.config.aperture_ui == 0.0;
        if quiet {
            self.part(state, x, slope, first_symbol, y);
        } else {
            let mut done = 0;
            while done < x.len() {
                let from = first_symbol.wrapping_add(done as u64);
                let take = ((BLOCK - from % BLOCK) as usize).min(x.len() - done);
                let part = done..done + take;
                let slope = slope.get(part.clone()).unwrap_or(&[]);
                self.noisy(state, &x[part.clone()], slope, from, &mut y[part.clone()]);
                done += take;
            }
        }
        state.samples += x.len() as u64;
        Ok(())
    }

    /// Mismatches and quantizer in one pass.
    fn part(&self, state: &mut AdcState, x: &[f32], slope: &[f32], from: u64, y: &mut [f32]) {
        let t = &state.tables;
        let phase = (from % t.period as u64) as usize;
        let slope = if t.skewed { slope } else { &[] };
        let lists = kernel::Lists {
            gain: &t.gain,
            late: &t.late,
            offset: &t.offset,
            period: t.period,
        };
        match &self.quantizer {
            Some(q) => {
                state.clipped += kernel::convert(self.level, &lists, phase, q.grid(), x, slope, y);
            }
            None => kernel::mismatch(self.level, &lists, phase, x, slope, y),
        }
    }

    /// At most [`BLOCK`] samples, noise between the mismatches and the quantizer.
    fn noisy(&self, state: &mut AdcState, x: &[f32], slope: &[f32], from: u64, y: &mut [f32]) {
        let t = &state.tables;
        let phase = (from % t.period as u64) as usize;
        let lists = kernel::Lists {
            gain: &t.gain,
            late: &t.late,
            offset: &t.offset,
            period: t.period,
        };
        kernel::mismatch(
            self.level,
            &lists,
            phase,
            x,
            if t.skewed { slope } else { &[] },
            y,
        );
        if self.config.aperture_ui > 0.0 {
            let mut z = [0.0; BLOCK as usize];
            let z = &mut z[..x.len()];
            self.aperture.fill(from, z);
            kernel::shake(self.level, self.config.aperture_ui as f32, z, slope, y);
        }
        if self.config.thermal_sigma > 0.0 {
            self.thermal
                .add_scaled(from, self.config.thermal_sigma as f32, y);
        }
        if let Some(q) = &self.quantizer {
            state.clipped += q.apply(y);
        }
    }
}
