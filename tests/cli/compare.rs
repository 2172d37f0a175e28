//! `compare`: table, JSON, `--require`, channels.

use serde_json::Value;

use super::{Scratch, pamlink, run, shared, two_port};

const FAST: &str = "--set analysis.bursts=1000";

/// Every key of a cell that is always there.
const CELL: &[&str] = &[
    "lane_rate",
    "architecture",
    "channel",
    "package",
    "closes",
    "reason",
    "pre_fec_ber",
    "margin_db",
    "margin_note",
    "margin_optical_db",
    "post_fec_cer",
    "target_cer",
    "rule_of_thumb_differs",
    "bursts",
    "weakest_segment",
    "segments",
    "module_w",
    "host_w",
    "pj_per_bit",
    "latency_ns",
    "energy",
    "fleet",
];

fn has_keys(value: &Value, keys: &[&str]) {
    let object = value.as_object().expect("an object");
    for key in keys {
        assert!(object.contains_key(*key), "no {key}");
    }
}

fn cell<'a>(document: &'a Value, rate: &str, architecture: &str) -> &'a Value {
    let cells = document["cells"].as_array().expect("cells");
    let is = |c: &&Value| c["lane_rate"] == rate && c["architecture"] == architecture;
    cells.iter().find(is).expect("the cell")
}

#[test]
fn json_has_every_key_and_the_table_fits_100_columns() {
    let ran = pamlink("compare --json");
    assert_eq!(ran.status, 0);
    let document = ran.json();
    has_keys(
        &document,
        &["version", "seed", "simd_level", "channel", "fleet", "cells"],
    );
    assert_eq!(document["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["seed"], 1);
    assert!(document["channel"]["near"].is_null());
    let cells = document["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 8);
    for cell in cells {
        has_keys(cell, CELL);
        assert!(cell["closes"].is_boolean());
        assert_eq!(cell["reason"].is_null(), cell["closes"] == true);
        assert_eq!(cell["package"], "die-to-die");
        let ber = &cell["pre_fec_ber"];
        let [low, value, high] = ["low", "value", "high"].map(|k| ber[k].as_f64().unwrap());
        assert!(0.0 < low && low < value && value < high && high < 0.5);
        for key in ["module_w", "host_w", "pj_per_bit"] {
            let [low, nominal, high] =
                ["low", "nominal", "high"].map(|k| cell[key][k].as_f64().unwrap());
            assert!(0.0 < low && low < nominal && nominal < high, "{key}");
        }
        let rows = cell["energy"].as_array().unwrap();
        let sum: f64 = rows.iter().map(|r| r["pj_per_bit"].as_f64().unwrap()).sum();
        // Rows add up to the nominal total in float arithmetic.
        assert!((sum / cell["pj_per_bit"]["nominal"].as_f64().unwrap() - 1.0).abs() < 1e-9);
        has_keys(
            &rows[0],
            &["block", "form", "where", "kind", "w", "pj_per_bit"],
        );
        let want = match cell["architecture"].as_str().unwrap() {
            "retimed" => 3,
            "lro" => 2,
            _ => 1,
        };
        let segments = cell["segments"].as_array().unwrap();
        assert_eq!(segments.len(), want);
        for segment in segments {
            has_keys(
                segment,
                &[
                    "name",
                    "baud_hz",
                    "ber",
                    "ser",
                    "snr_db",
                    "amplitudes",
                    "noise_budget",
                    "equalizer",
                    "ctle_db",
                    "tx_fir",
                    "agc",
                    "burst",
                    "extrapolated_share",
                ],
            );
            has_keys(
                &segment["equalizer"],
                &["ffe_taps", "ffe_precursors", "dfe_taps", "ffe", "dfe"],
            );
            let shares = segment["noise_budget"].as_array().unwrap();
            let sum: f64 = shares.iter().map(|n| n["share"].as_f64().unwrap()).sum();
            assert!((sum - 1.0).abs() < 1e-9);
            has_keys(
                &segment["amplitudes"][0],
                &["point", "unit", "rms", "pam4_pp"],
            );
        }
    }
    assert_eq!(
        cell(&document, "200G", "retimed")["segments"][0]["baud_hz"],
        106.25e9
    );
}

#[test]
fn the_table_echoes_what_it_came_from_and_keeps_its_width() {
    let ran = pamlink("compare --seed 7 --lane-rate 100G");
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    ran.fits(100);
    for words in [
        "seed 7",
        "SIMD ",
        env!("CARGO_PKG_VERSION"),
        "die-to-die",
        "300 000 modules",
        "20 000 draws",
        "noise ±0.5 dB",
        "no confidence interval",
        "Largest noise at the weakest slicer: 100G retimed ",
        "crosstalk is that of the coupling files given",
        "12+16+12 FFE",
        "1+1+1 DFE",
    ] {
        let flat = ran.out.replace("\n  ", " ");
        assert!(flat.contains(words), "no {words}\n{}", ran.out);
    }
    let verdicts = ran
        .out
        .lines()
        .filter(|l| l.starts_with("100G retimed"))
        .count();
    assert_eq!(verdicts, 3, "verdict, joules, fleet");
    let narrow = run(&["compare", "--architecture", "lro"], &[("COLUMNS", "80")]);
    narrow.fits(80);
    assert!(narrow.out.contains("At what cost?"));
}

#[test]
fn required_cells_decide_the_status() {
    let base = format!("compare --lane-rate 200G --architecture cpo --architecture lpo {FAST}");
    assert_eq!(pamlink(&format!("{base} --require 200G:cpo")).status, 0);
    // No power at all reaches the photodiode: nothing closes.
    let dark = format!("{base} --set optics.channel_loss_db=30");
    let ran = pamlink(&format!("{dark} --require 200g:CPO"));
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("NO"));
    assert_eq!(
        pamlink(&dark).status,
        0,
        "without --require a verdict is no failure"
    );
    pamlink(&format!("{base} --require 100G:lpo")).is_refused(&["--require", "100G:lpo"]);
    let ran = pamlink(&format!("{base} --require lpo"));
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("200G:lpo"), "{}", ran.err);
}

#[test]
fn a_margin_beyond_the_search_has_a_side_and_no_value() {
    // What 24 taps leave of a line of 60 dB is beyond the distance of the levels.
    let base = "compare --architecture lpo --lane-rate 200G --host-loss-db 60 \
                --set analysis.bursts=1000";
    let document = pamlink(&format!("{base} --json")).json();
    let failed = cell(&document, "200G", "lpo");
    assert_eq!(failed["closes"], false);
    assert!(failed["margin_db"].is_null() && failed["margin_optical_db"].is_null());
    let note = failed["margin_note"].as_str().unwrap();
    assert!(note.contains("interference"), "{note}");
    let ran = pamlink(base);
    assert!(ran.out.contains("<-20") && ran.out.contains("alone fail it"));
}

#[test]
fn a_short_file_leaves_cells_without_data() {
    let file = Scratch::new("40ghz.s2p", two_port(40.0, 801));
    let base = format!(
        "compare --channel {} --architecture lpo --architecture cpo {FAST}",
        file.path()
    );
    let ran = pamlink(&format!("{base} --json --require 200G:cpo"));
    assert_eq!(ran.status, 0);
    let document = ran.json();
    let lpo = cell(&document, "200G", "lpo");
    has_keys(lpo, CELL);
    assert!(lpo["closes"].is_null() && lpo["pre_fec_ber"].is_null() && lpo["fleet"].is_null());
    assert_eq!(
        lpo["reason"],
        "no data: file ends at 40.0 GHz, 106.25 GBd needs >= 53.1"
    );
    assert!(cell(&document, "200G", "cpo")["closes"].is_boolean());
    // 40 GHz is 0.75 of 53.125 GBd: computed, and the share on the continuation said.
    let lpo = cell(&document, "100G", "lpo");
    assert!(lpo["closes"].is_boolean());
    assert!(lpo["segments"][0]["extrapolated_share"].as_f64().unwrap() > 0.0);
    let ran = pamlink(&format!(
        "{base} --require 200G:lpo --set channel.package=none"
    ));
    assert_eq!(ran.status, 1, "no data does not close");
    ran.fits(100);
    for words in [
        "no data",
        "rests on extrapolation",
        "ball-to-ball",
        "needs >= 53.1",
    ] {
        let flat = ran.out.replace("\n  ", " ");
        assert!(flat.contains(words), "no {words}\n{}", ran.out);
    }
}

#[test]
fn the_answer_does_not_depend_on_threads() {
    let base =
        format!("compare --json --lane-rate 100G --architecture retimed --architecture cpo {FAST}");
    let one = pamlink(&format!("{base} --threads 1"));
    assert_eq!(one.json(), pamlink(&format!("{base} --threads 2")).json());
}

#[test]
fn a_real_channel_computes_what_its_band_allows() {
    let Some(file) = shared("112G_cascaded_CDR6_Module_Thru_1_etch1100_TX7_Asic_Footprint.s4p")
    else {
        return;
    };
    let ran = run(&["compare", "--json", "--channel", &file], &[]);
    assert_eq!(ran.status, 0);
    let document = ran.json();
    assert_eq!(document["channel"]["near_end_hz"], 50e9);
    for architecture in ["retimed", "lro", "lpo", "cpo"] {
        let cell = cell(&document, "100G", architecture);
        assert!(cell["closes"].is_boolean(), "{architecture}");
        if architecture != "cpo" {
            assert!(
                cell["channel"]
                    .as_str()
                    .unwrap()
                    .contains("ports 1-2,3-4, detected")
            );
        }
    }
    for architecture in ["retimed", "lro", "lpo"] {
        let cell = cell(&document, "200G", architecture);
        assert!(cell["closes"].is_null(), "{architecture}");
        assert_eq!(
            cell["reason"],
            "no data: file ends at 50.0 GHz, 106.25 GBd needs >= 53.1"
        );
    }
    assert!(cell(&document, "200G", "cpo")["closes"].is_boolean());
}
