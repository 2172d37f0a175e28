//! Measured channels, where they are at hand.

use std::path::{Path, PathBuf};

use pamlink::channel::Channel;
use pamlink::link::config::{LaneRate, Scenario};
use pamlink::link::{Architecture, Files, compare};

const HOST_100G: &str = "112G_cascaded_CDR6_Module_Thru_1_etch1100_TX7_Asic_Footprint.s4p";
const HOST_200G: &str = "akinwale_3df_01_2209_C2M_PCB_85ohms_10dB_v2_thru1_diffrecon.s4p";

fn shared(file: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/channels")
        .join(file);
    if path.exists() {
        Some(path)
    } else {
        println!("skipped: {file} is not beside the project");
        None
    }
}

fn cells(file: &Path) -> Vec<pamlink::link::Cell> {
    let files = Files {
        near: Some(Channel::from_file(file, None).unwrap()),
        ..Files::default()
    };
    let scenario = Scenario::default();
    compare(
        &scenario,
        &files,
        &LaneRate::ALL,
        &Architecture::ALL,
        &|| {},
    )
    .unwrap()
}

#[test]
fn a_file_that_ends_at_50_ghz_serves_100g_and_leaves_cpo_alone() {
    let Some(path) = shared(HOST_100G) else {
        return;
    };
    for cell in cells(&path) {
        let computed = cell.lane_rate == LaneRate::G100 || cell.architecture == Architecture::Cpo;
        assert_eq!(
            cell.closes().is_some(),
            computed,
            "{} {}",
            cell.lane_rate,
            cell.architecture
        );
        if !computed {
            let reason = cell.reason().unwrap();
            assert_eq!(
                reason,
                "no data: file ends at 50.0 GHz, 106.25 GBd needs >= 53.1"
            );
        }
    }
}

#[test]
fn a_200g_channel_gives_all_eight_cells() {
    let Some(path) = shared(HOST_200G) else {
        return;
    };
    let cells = cells(&path);
    assert_eq!(cells.len(), 8);
    assert!(cells.iter().all(|c| c.closes().is_some()));
}
