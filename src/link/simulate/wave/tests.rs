use super::plan::Plan;
use super::run::Extent;
use super::startup::startup;
use crate::link::config::{LaneRate, LinkConfig, ModulatorKind};
use crate::link::{Architecture, HostChannels, Segment, design, segments};
use crate::simd::Level;

fn segment(config: &LinkConfig) -> Segment {
    let channels = HostChannels::built_in(config).unwrap();
    let specs = segments(Architecture::Lpo, config, &channels).unwrap();
    design(specs.last().unwrap(), &config.analysis).unwrap()
}

/// Everything on: what a block could cut wrong is in the path.
fn everything() -> LinkConfig {
    let mut c = LinkConfig::for_rate(LaneRate::G100);
    (c.channel.near_loss_db, c.channel.far_loss_db) = (14.0, 14.0);
    c.optics.modulator.kind = ModulatorKind::Mzm;
    c.optics.mpi_db = -45.0;
    c.optics.tia_limit_vppd = 2.0;
    c.host.driver_limit_v = 1.5;
    c.host.edge_jitter.random_ui = 0.01;
    c.host.edge_jitter.sinusoidal_ui = 0.05;
    c.receiver.host_linear.adc.bits = 7;
    c.receiver.host_linear.adc.slices = 8;
    c.receiver.host_linear.adc.skew_rms_ui = 0.01;
    c
}

#[test]
fn the_block_changes_nothing() {
    for recovered in [true, false] {
        let mut c = everything();
        c.simulation.timing.recovered = recovered;
        let segment = segment(&c);
        let (tuning, _) = startup(&segment, &c, 3, Level::best(), &|| true).unwrap();
        let extent = Extent {
            seed: 3,
            run: 0,
            streams: 4,
            warmup: 2048,
            symbols: 50_000,
            record: 0,
            acquire: false,
            probed: false,
            offset_ui: 0.0..0.0,
        };
        let count = |block: usize| {
            let plan = Plan::new(&segment.chain, &c, &tuning, false, Level::best())
                .unwrap()
                .with_block(block);
            let run = plan.run(&extent, None, &|| true).unwrap();
            assert!(run.whole);
            (run.counted.errors, run.phase_ui, run.power)
        };
        let (errors, phases, power) = count(512);
        assert!(errors.bit_errors > 100, "{errors:?}");
        for block in [256, 1024] {
            let (e, p, w) = count(block);
            assert_eq!(
                (e, p),
                (errors, phases.clone()),
                "block {block}, {recovered}"
            );
            assert_eq!(w, power);
        }
    }
}
