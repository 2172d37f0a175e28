use super::*;

fn at(config: &LinkConfig, architecture: Architecture, seed: u64) -> CellResult {
    let channels = HostChannels::built_in(config).unwrap();
    cell(architecture, LaneRate::G100, config, &channels, seed)
        .unwrap()
        .result
        .unwrap()
}

#[test]
fn the_margin_of_a_cell_that_fails_is_the_nearest_turn_whatever_the_seed() {
    let mut config = LinkConfig::for_rate(LaneRate::G100);
    config.channel.near_loss_db = 14.0;
    config.channel.far_loss_db = 14.0;
    for seed in 1..=4 {
        let result = at(&config, Architecture::Lpo, seed);
        assert!(!result.closes && result.bursts);
        // CER a few hundred times the target: a fraction of a dB.
        assert!(
            (-0.8..-0.1).contains(&result.margin_db),
            "{}",
            result.margin_db
        );
    }
}

#[test]
fn precoding_doubles_the_errors_of_a_segment_without_feedback() {
    let mut config = LinkConfig::for_rate(LaneRate::G100);
    config.optics.rin_db_hz = -138.0;
    let without = at(&config, Architecture::Cpo, 1);
    config.fec.precoding = true;
    let with = at(&config, Architecture::Cpo, 1);
    let ratio = with.pre_fec_ber.value / without.pre_fec_ber.value;
    assert!((ratio - 2.0).abs() < 0.01, "{ratio}");
    // Computed apart from the definitions for this error ratio: 7e-15 without, 3.4e-10 with.
    assert!(without.closes && !with.closes);
    assert!(
        (1e-10..1e-9).contains(&with.post_fec_cer),
        "{:e}",
        with.post_fec_cer
    );
    assert!(with.margin_db < 0.0 && without.margin_db > 0.0);
}
