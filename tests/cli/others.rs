//! `simulate`, `energy`, `channel`.

use super::{Scratch, pamlink, run, shared, two_port};

#[test]
fn simulation_and_prediction_stand_side_by_side() {
    // 200G LPO has a BER of some 1e-4: a few hundred events in 2^20 symbols.
    let ran = pamlink("simulate --lane-rate 200G --symbols 2e6 --json");
    let document = ran.json();
    assert_eq!(ran.status, 0);
    assert_eq!(
        (&document["lane_rate"], &document["architecture"]),
        (&"200G".into(), &"lpo".into())
    );
    let segment = &document["segments"][0];
    for key in [
        "name",
        "symbols",
        "events",
        "ber",
        "predicted_ber",
        "snr_db",
        "predicted_snr_db",
        "ln_ratio",
        "inside",
        "agrees",
        "msym_per_s",
    ] {
        assert!(!segment[key].is_null(), "no {key}");
    }
    assert!(segment["symbols"].as_f64().unwrap() >= 2e6);
    // Three counts of sigma at 100 events or more.
    assert!(segment["ln_ratio"].as_f64().unwrap().abs() < 0.4);
    let ran = pamlink("simulate --symbols 1e5");
    ran.fits(100);
    assert!(
        ran.out.contains("ln(sim/pred)")
            && ran.out.contains("agrees")
            && ran.out.contains("whole cell")
    );
}

#[test]
fn codewords_are_sent_decoded_and_told() {
    let line = "simulate --lane-rate 200G --host-loss-db 14 --symbols 2e6 --fec --json \
                --set simulation.run_symbols=1e6 --set fec.precoding=true";
    let document = pamlink(line).json();
    let fec = &document["segments"][0]["fec"];
    // 31250 symbols per stream and run hold two groups of 4 x 2720: 4 x 2 x 32 words, twice.
    assert_eq!(fec["words"], 512);
    let corrected = fec["corrected"].as_array().unwrap();
    assert_eq!(corrected.len(), 16);
    let sum: u64 = corrected.iter().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(sum + fec["uncorrectable"].as_u64().unwrap(), 512);
    assert!(fec["pre_fec_ber"].as_f64().unwrap() > 0.0 && fec["chain_epf"].as_f64().unwrap() < 1.0);
    assert_eq!(
        (&fec["multiplex"], &fec["precoding"], &fec["miscorrected"]),
        (&"symbol".into(), &true.into(), &0.into())
    );
    for model in ["measured", "bursts", "independent"] {
        let shares = document["fec"][model].as_array().unwrap();
        let sum: f64 = shares.iter().map(|p| p.as_f64().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-6, "{model} {sum}");
    }
    let mut single = pamlink(&format!("{line} --threads 1")).json();
    // All but the clock.
    single["segments"][0]["msym_per_s"] = document["segments"][0]["msym_per_s"].clone();
    assert_eq!(single, document);
    let ran = pamlink("simulate --symbols 2e6 --fec");
    assert_eq!(ran.status, 0, "{}", ran.err);
    ran.fits(100);
    for words in [
        "KP4 codewords: 4 words",
        "4 PCS lanes",
        "undecod",
        "independent",
        "> 15: fails",
    ] {
        assert!(ran.out.contains(words), "no {words} in {}", ran.out);
    }
    run(
        &["simulate", "--symbols", "2e6", "--fec"],
        &[("COLUMNS", "80")],
    )
    .fits(80);
    pamlink("simulate --symbols 1e4 --fec").is_refused(&["whole group of codewords", "348160"]);
}

#[test]
fn no_errors_give_a_bound_and_never_zero() {
    let ran = run(
        &[
            "simulate",
            "--architecture",
            "retimed",
            "--symbols",
            "65536",
        ],
        &[("COLUMNS", "80")],
    );
    assert_eq!(ran.status, 0, "{}", ran.err);
    ran.fits(80);
    assert!(
        ran.out.contains("no errors") && ran.out.contains("<4.0e-5"),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("0.0e0"));
}

#[test]
fn a_cell_without_data_cannot_be_simulated() {
    let file = Scratch::new("short.s2p", two_port(40.0, 201));
    let ran = pamlink(&format!(
        "simulate --lane-rate 200G --channel {}",
        file.path()
    ));
    ran.is_refused(&["200G lpo", "no data", "40.0 GHz", "53.1"]);
}

#[test]
fn energy_tells_rows_totals_misses_and_sources() {
    let ran = pamlink("energy --lane-rate 100G --architecture lpo --set analysis.bursts=1000");
    assert_eq!(ran.status, 0);
    ran.fits(100);
    for words in [
        "counted",
        "converter",
        "fitted",
        "total: module",
        "host, FEC",
        "FFE 24 taps",
    ] {
        assert!(ran.out.contains(words), "no {words}");
    }
    let ran = pamlink("energy --validate");
    ran.fits(100);
    // The Viterbi of the literature at its nominal price, and the box with typical modules.
    assert_eq!(ran.out.matches("KNOWN MISS").count(), 2);
    assert!(!ran.out.contains("FAIL"));
    let rows = pamlink("energy --validate --json").json();
    assert!(rows["rows"].as_array().unwrap().len() >= 15);
    let ran = pamlink("energy --prices");
    ran.fits(100);
    assert!(ran.out.contains("confidence") && ran.out.contains("Murmann"));
    assert!(!pamlink("energy --prices --json").json()["prices"][0]["source"].is_null());
}

#[test]
fn a_channel_is_summed_up() {
    let file = Scratch::new("good.s2p", two_port(60.0, 1201));
    let ran = pamlink(&format!("channel {}", file.path()));
    assert_eq!(ran.status, 0, "{}", ran.err);
    ran.fits(100);
    let document = pamlink(&format!("channel {} --json", file.path())).json();
    assert_eq!(
        (&document["ports"], &document["points"]),
        (&2.into(), &1201.into())
    );
    // 10 dB at 26.6 GHz, linear in frequency: 9.986 at 26.5625.
    let loss = document["losses"][1]["forward_db"].as_f64().unwrap();
    assert!((loss - 9.986).abs() < 0.005, "{loss}");
    assert_eq!(document["pulses"][1]["band"], "extrapolated");
    let narrow = run(&["channel", file.path()], &[("COLUMNS", "80")]);
    narrow.fits(80);
}

#[test]
fn a_real_channel_is_the_reference() {
    let Some(file) = shared("112G_cascaded_CDR6_Module_Thru_1_etch1100_TX7_Asic_Footprint.s4p")
    else {
        return;
    };
    let document = run(&["channel", &file, "--json"], &[]).json();
    assert_eq!(document["port_order"], "1-2,3-4");
    assert_eq!(document["port_order_detected"], true);
    // The table of the shared references, two decimals.
    for (i, want) in [(0, 8.87), (1, 14.76)] {
        let loss = document["losses"][i]["forward_db"].as_f64().unwrap();
        assert!((loss - want).abs() < 0.05, "{loss}");
    }
    assert!(document["losses"][2]["forward_db"].is_null());
    let given = run(
        &["channel", &file, "--port-order", "1-2,3-4", "--json"],
        &[],
    )
    .json();
    assert_eq!(given["losses"], document["losses"]);
    let Some(next) = shared("112G_cascaded_CDR6_Module_NEXT2_1_etch1100_TX7_Asic_Footprint.s4p")
    else {
        return;
    };
    run(&["channel", &next], &[]).is_refused(&["port order", "1-3,2-4"]);
}

#[test]
fn kernels_are_checked_and_timed() {
    let ran = run(&["kernels", "--check"], &[("COLUMNS", "80")]);
    assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
    ran.fits(80);
    assert!(ran.out.contains("answers right") && !ran.out.contains("WRONG"));
    let document = pamlink("kernels --level baseline --level BASELINE --json").json();
    assert_eq!(document["levels"], serde_json::json!(["baseline"]));
    assert_eq!(document["passed"], true);
    let kernels = document["kernels"].as_array().unwrap();
    let ffe = |k: &&serde_json::Value| k["kernel"] == "FFE" && k["size"] == "21 taps";
    let row = kernels.iter().find(ffe).unwrap();
    let rate = &row["symbols_per_s"];
    assert!(rate["low"].as_f64().unwrap() > 1e6 && row["share"].as_f64().unwrap() > 0.01);
    assert_eq!(row["operations_per_symbol"], 21.0);
    assert!(!document["roofs"].as_array().unwrap().is_empty());
    let ran = pamlink("kernels --level sse9");
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("--level is \"sse9\"") && ran.err.contains("avx512icl"));
    let lowered = run(
        &["kernels", "--check", "--json"],
        &[("PAMLINK_SIMD", "baseline")],
    )
    .json();
    assert_eq!(lowered["levels"], serde_json::json!(["baseline"]));
    assert_eq!(run(&["kernels"], &[("PAMLINK_SIMD", "sse9")]).status, 2);
}
