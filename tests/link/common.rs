//! Segments of the built-in scenario with a few parameters changed.

use pamlink::link::config::{LaneRate, LinkConfig};
use pamlink::link::{
    Architecture, HostChannels, Segment, SegmentAnalysis, analyze, design, segments,
};

pub(crate) fn config(rate: LaneRate, near_db: f64, far_db: f64) -> LinkConfig {
    let mut config = LinkConfig::for_rate(rate);
    config.channel.near_loss_db = near_db;
    config.channel.far_loss_db = far_db;
    config
}

/// The last segment of an architecture on built-in channels, designed.
pub(crate) fn last_segment(architecture: Architecture, config: &LinkConfig) -> Segment {
    let channels = HostChannels::built_in(config).unwrap();
    let specs = segments(architecture, config, &channels).unwrap();
    design(specs.last().unwrap(), &config.analysis).unwrap()
}

pub(crate) fn analysed(segment: &Segment, config: &LinkConfig) -> SegmentAnalysis {
    analyze(segment, &config.analysis, 1).unwrap()
}
