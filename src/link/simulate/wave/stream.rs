//! One stream on its way from symbols to the planes in front of the sampler.

use crate::channel::convolve::{PlaneFilter, PlaneFilterState, Planes, UpsamplerState};
use crate::equalizer::ffe::{Ffe, FfeState};
use crate::error::Result;
use crate::frontend::add;
use crate::frontend::jitter::{EdgeJitter, EdgeJitterConfig};
use crate::random::{Gauss, Philox};

use super::super::run::{Data, Use, random_stream};
use super::PLANE_INDEX;
use super::front::{End, Front};
use super::light::LightState;

/// A stream's random numbers, filter states and planes.
pub(super) struct Stream {
    data: Data,
    transmitter: Gauss,
    edges: Option<EdgeJitter>,
    transmit: Option<FfeState>,
    first: UpsamplerState,
    stages: Vec<StageState>,
    /// Symbols made so far; the last `fresh` of them are the fresh entries of the planes.
    pub made: u64,
    pub fresh: usize,
    /// The last symbol's value, for the edge behind it.
    last: f32,
    values: Vec<f32>,
    shaped: Vec<f32>,
    moved: Vec<f32>,
}

struct StageState {
    planes: Planes,
    filter: Option<PlaneFilterState>,
    noise: Option<NoiseState>,
    light: Option<LightState>,
}

struct NoiseState {
    random: Gauss,
    white: Planes,
    filter: PlaneFilterState,
    shaped: Planes,
}

/// Independent numbers of a stream's uses.
pub(super) struct Numbers {
    pub seed: u64,
    pub run: u64,
    pub stream: usize,
}

impl Numbers {
    pub(super) fn gauss(&self, front: &Front, which: Use) -> Gauss {
        Gauss::new(self.seed, random_stream(self.run, self.stream, which)).with_level(front.level)
    }

    pub(super) fn philox(&self, front: &Front, which: Use) -> Philox {
        Philox::new(self.seed, random_stream(self.run, self.stream, which)).with_level(front.level)
    }
}

impl Stream {
    /// A stream at its start; the last planes keep `past` old symbols.
    pub(super) fn new(front: &Front, numbers: &Numbers, past: usize, block: usize) -> Result<Self> {
        let m = front.grid.samples_per_ui;
        let mut stages = Vec::new();
        for (i, stage) in front.stages.iter().enumerate() {
            let next = front.stages.get(i + 1).and_then(|s| s.filter.as_ref());
            let planes = Planes::new(m, next.map_or(past, PlaneFilter::past), block)?;
            let noise = match &stage.noise {
                None => None,
                Some(filter) => {
                    let white = Planes::new(m, filter.past(), block)?;
                    Some(NoiseState {
                        random: numbers.gauss(front, Use::Section(i as u8)),
                        filter: filter.state(),
                        white,
                        shaped: Planes::new(m, 0, block)?,
                    })
                }
            };
            let light = match &stage.end {
                End::Light(light) => {
                    let walk = random_stream(numbers.run, numbers.stream, Use::Interference);
                    Some(light.state(
                        m,
                        block,
                        numbers.gauss(front, Use::Optical),
                        (numbers.seed, walk),
                    )?)
                }
                _ => None,
            };
            let filter = stage.filter.as_ref().map(PlaneFilter::state);
            stages.push(StageState {
                planes,
                filter,
                noise,
                light,
            });
        }
        let edges = match &front.edges {
            None => None,
            Some(config) => {
                let mut words = [0; 2];
                numbers.philox(front, Use::Edges).fill_u32(0, &mut words);
                let config = EdgeJitterConfig {
                    seed: u64::from(words[0]) << 32 | u64::from(words[1]),
                    ..config.clone()
                };
                Some(EdgeJitter::with_level(&config, front.level)?)
            }
        };
        Ok(Self {
            data: Data::new(front.pattern, numbers.philox(front, Use::Data))?,
            transmitter: numbers.gauss(front, Use::Transmitter),
            edges,
            transmit: front.transmit.as_ref().map(Ffe::state),
            first: front.first.state(),
            stages,
            made: 0,
            fresh: 0,
            last: 0.0,
            values: vec![0.0; block],
            shaped: vec![0.0; block],
            moved: vec![0.0; block],
        })
    }

    /// The planes in front of the sampler.
    pub(super) fn planes(&self) -> &Planes {
        &self.stages[self.stages.len() - 1].planes
    }

    /// Sends the next symbols, as many as `sent` has room for, and makes their waveform; `given` is sent, if
    /// there.
    pub(super) fn advance(
        &mut self,
        front: &Front,
        given: Option<&[u8]>,
        sent: &mut [u8],
    ) -> Result<()> {
        let (n, from) = (sent.len(), self.made);
        match given {
            Some(symbols) => sent.copy_from_slice(symbols),
            None => self.data.fill(from, sent),
        }
        let (values, shaped) = (&mut self.values[..n], &mut self.shaped[..n]);
        front.mapper.values(sent, values)?;
        match (&front.transmit, &mut self.transmit) {
            (Some(fir), Some(state)) => fir.process(state, values, shaped)?,
            _ => shaped.copy_from_slice(values),
        }
        if let Some(dac) = &front.dac {
            dac.apply(shaped);
        }
        if front.tx_noise > 1e-9 {
            self.transmitter.add_scaled(from, front.tx_noise, shaped);
        }
        for stage in &mut self.stages {
            stage.planes.advance(self.fresh);
        }
        let planes = &mut self.stages[0].planes;
        match &self.edges {
            None => front.first.process(&mut self.first, shaped, planes)?,
            Some(edges) => {
                let moved = &mut self.moved[..n];
                edges.fill(from, moved);
                for (tau, &a) in moved.iter_mut().zip(shaped.iter()) {
                    *tau *= a - self.last;
                    self.last = a;
                }
                let first = &mut self.first;
                front
                    .first
                    .process_displaced(first, shaped, moved, planes)?;
            }
        }
        for i in 0..front.stages.len() {
            let stage = &front.stages[i];
            let (before, now) = self.stages.split_at_mut(i);
            let state = &mut now[0];
            if let (Some(filter), Some(of)) = (&stage.filter, &mut state.filter) {
                filter.process(of, &before[i - 1].planes, n, &mut state.planes)?;
            }
            let m = state.planes.samples_per_ui();
            if let (Some(filter), Some(of)) = (&stage.noise, &mut state.noise) {
                for p in 0..m {
                    let white = of.white.fresh_mut(p, n);
                    of.random.fill(PLANE_INDEX * p as u64 + from, white);
                }
                filter.process(&mut of.filter, &of.white, n, &mut of.shaped)?;
                of.white.advance(n);
                for p in 0..m {
                    add(
                        state.planes.fresh_mut(p, n),
                        of.shaped.fresh(p, n),
                        front.level,
                    )?;
                }
            }
            match &stage.end {
                End::Nothing => {}
                End::Limiter(limiter) => {
                    for p in 0..m {
                        limiter.apply(state.planes.fresh_mut(p, n));
                    }
                }
                End::Light(light) => {
                    if let Some(of) = &mut state.light {
                        light.process(of, &mut state.planes, from, n)?;
                    }
                }
            }
        }
        self.made += n as u64;
        self.fresh = n;
        Ok(())
    }
}
