//! The kernels by themselves: design an equalizer for a pulse, run it on noisy symbols, count errors.

use ndarray::Array2;
use pamlink::equalizer::design::{MmseConfig, mmse};
use pamlink::equalizer::dfe::{Dfe, DfeConfig};
use pamlink::equalizer::ffe::{Ffe, FfeConfig};
use pamlink::equalizer::slicer::{Slicer, SlicerConfig};
use pamlink::metrics::EventCounter;
use pamlink::pam4;
use pamlink::random::{Gauss, Philox};
use pamlink::signal::Pulse;

const LANES: usize = 32;
const SYMBOLS: usize = 100_000;
const NOISE: f32 = 0.07;

fn main() -> pamlink::Result<()> {
    let pulse = Pulse::new(vec![0.05, 0.25, 1.0, 0.55, 0.2, 0.08, 0.03], 1, 2)?;
    let mut noise = vec![0.0; 12];
    noise[0] = f64::from(NOISE * NOISE);
    let design = mmse(
        &pulse,
        &noise,
        &MmseConfig {
            ffe_taps: 12,
            precursors: 4,
            dfe: vec![(0.0, 0.7)],
            ..MmseConfig::default()
        },
    )?;
    println!(
        "designed for {:.2} dB, DFE tap {:.3}",
        design.snr_db, design.dfe[0]
    );

    let single = |values: &[f64]| values.iter().map(|&v| v as f32).collect::<Vec<_>>();
    let levels = pam4::UNIT_LEVELS.map(|l| l as f32);
    let mapper = Slicer::new(&SlicerConfig {
        levels,
        ..SlicerConfig::default()
    })?;
    let channel = Ffe::new(&FfeConfig {
        taps: single(&pulse.samples),
        precursors: pulse.cursor,
    })?;
    let ffe = Ffe::new(&FfeConfig {
        taps: single(&design.ffe),
        precursors: 4,
    })?;
    let dfe = Dfe::new(&DfeConfig {
        taps: single(&design.dfe),
        levels,
        thresholds: None,
    })?;

    let mut sent = Array2::<u8>::zeros((LANES, SYMBOLS));
    let mut equalized = Array2::<f32>::zeros((LANES, SYMBOLS));
    let mut received = vec![0.0; SYMBOLS];
    let mut transmitted = vec![0.0; SYMBOLS];
    for lane in 0..LANES {
        let stream = 2 * lane as u64;
        let mut symbols = vec![0; SYMBOLS];
        Philox::new(1, stream).fill_symbols(0, &mut symbols);
        mapper.values(&symbols, &mut transmitted)?;
        channel.apply(&transmitted, &mut received)?;
        Gauss::new(1, stream + 1).add_scaled(0, NOISE, &mut received);
        let mut row = vec![0.0; SYMBOLS];
        ffe.apply(&received, &mut row)?;
        equalized.row_mut(lane).assign(&ndarray::aview1(&row));
        sent.row_mut(lane).assign(&ndarray::aview1(&symbols));
    }
    let mut decided = Array2::<u8>::zeros((LANES, SYMBOLS));
    dfe.process_lanes(&mut dfe.state(LANES)?, equalized.view(), decided.view_mut())?;
    let mut counter = EventCounter::default();
    for (sent, decided) in sent.rows().into_iter().zip(decided.rows()) {
        counter.new_run();
        if let (Some(sent), Some(decided)) = (sent.as_slice(), decided.as_slice()) {
            counter.compare(sent, decided)?;
        }
    }
    let count = counter.count();
    let ber = count.ber_interval(0.99)?;
    println!(
        "{} symbols at SIMD level {}, {} error events",
        count.symbols,
        ffe.level(),
        count.events
    );
    println!(
        "BER {:.2e} ({:.2e} to {:.2e})",
        ber.value, ber.low, ber.high
    );
    Ok(())
}
