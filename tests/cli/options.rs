//! Options: what they set, in which order, and what is refused.

use super::{Scratch, pamlink, run};

const ONE: &str = "--lane-rate 100G --architecture cpo --set analysis.bursts=1000";

#[test]
fn wrong_settings_name_the_path_and_what_is_right() {
    pamlink("compare --set optics.rin=3").is_refused(&["optics.rin", "rin_db_hz"]);
    pamlink("compare --set rate_200g.x=3").is_refused(&["rate_200g.x", "baud_hz"]);
    pamlink("compare --set nothing=3").is_refused(&["nothing", "optics", "rate_100g"]);
    pamlink("compare --set optics.rin_db_hz=loud").is_refused(&[
        "optics.rin_db_hz",
        "loud",
        "a number",
    ]);
    pamlink("compare --set lanes=1.5").is_refused(&["lanes", "a whole number"]);
    pamlink("compare --set optics").is_refused(&["--set", "field.path=value"]);
    pamlink("compare --set seed=x").is_refused(&["seed"]);
    for (setting, words) in [
        ("baud_hz=0", "above zero"),
        ("baud_hz=-1", "above zero"),
        ("baud_hz=nan", "finite"),
        ("optics.oma_dbm=inf", "finite"),
        ("receiver.host_cpo.enob=0", "receiver.host_cpo.enob"),
        ("analysis.window_ui=1000", "power of two"),
        ("energy.module_node_nm=6", "16, 7, 5, 3"),
        ("lanes=0", "lanes"),
        ("host.tx_fir.step=1e-6", "host.tx_fir.step"),
        ("host.ctle.gain_step_db=1e-300", "settings of host.ctle"),
        ("port_bit_s=0", "port_bit_s"),
        ("fec.target_cer=2", "fec.target_cer"),
        ("channel.near_loss_db=-3", "channel.near_loss_db"),
    ] {
        pamlink(&format!("compare {ONE} --set {setting}")).is_refused(&[words]);
    }
}

#[test]
fn other_options_are_checked_too() {
    for (arguments, words) in [
        ("compare --lane-rate 400G", "100G, 200G"),
        ("compare --architecture dsp", "retimed, lro, lpo, cpo"),
        ("compare --modules 0", "--modules"),
        ("compare --modules nan", "--modules"),
        ("compare --host-loss-db nan", "--host-loss-db"),
        ("compare --host-loss-db -1", "--host-loss-db"),
        ("compare --threads 0", "--threads"),
        ("compare --modules 1.5", "whole number from 1 to 1e9"),
        ("compare --modules 2e9", "whole number from 1 to 1e9"),
        ("compare --modules -4", "whole number from 1 to 1e9"),
        ("compare --seed -1", "seed is -1, must be a whole number"),
        ("compare --threads -1", "-1 is not in 1..=1024"),
        ("compare --port-order 1-3,2-4", "--channel"),
        ("energy --validate --set optics.oma_dbm=1", "--set"),
        ("energy --prices --lane-rate 100G", "--lane-rate"),
        ("energy --validate --config a.toml", "--config"),
        ("compare --set =1", "empty path"),
        (
            "compare --set analysis.bursts=-5",
            "a whole number, 0 or more",
        ),
        ("compare --set fec.target_cer=2", "between 1e-300 and 0.5"),
        (
            "compare --set rate_200g.optics.oma_dbm=99",
            "rate_200g.optics.oma_dbm is 99",
        ),
        ("compare --port-order 1-4", "1-3,2-4"),
        ("simulate --symbols 0", "1e8"),
        ("simulate --symbols 1.5", "1e8"),
        ("simulate --symbols -4", "1e8"),
        ("simulate --symbols nan", "1e8"),
        ("simulate --symbols many", "1e8"),
        ("energy --validate --prices", "--prices"),
        ("compare --nothing", "--nothing"),
        ("nothing", "nothing"),
        ("channel", "FILE"),
    ] {
        let ran = pamlink(arguments);
        ran.is_refused(&[words]);
    }
    assert_eq!(pamlink("").status, 2, "no command is a usage error");
    assert_eq!(pamlink("--version").status, 0);
    assert_eq!(pamlink("compare --help").status, 0);
    run(&["compare"], &[("PAMLINK_SIMD", "sse9")]).is_refused(&["PAMLINK_SIMD", "avx2"]);
}

#[test]
fn files_come_before_settings_and_settings_before_single_options() {
    let file = Scratch::new(
        "order.toml",
        "seed = 11\n[channel]\nnear_loss_db = 8\ncpo_loss_db = 5\n[optics]\noma_dbm = 0.5\n",
    );
    let base = format!("compare --json {ONE} --config {}", file.path());
    let from_file = pamlink(&base).json();
    assert_eq!(from_file["seed"], 11);
    assert_eq!(from_file["cells"][0]["channel"], "own short path, 5 dB");
    let set = pamlink(&format!("{base} --set seed=12 --set channel.cpo_loss_db=6")).json();
    assert_eq!(
        (&set["seed"], &set["cells"][0]["channel"]),
        (&12.into(), &"own short path, 6 dB".into())
    );
    let single = pamlink(&format!("{base} --set seed=12 --seed 13")).json();
    assert_eq!(single["seed"], 13);
    let loss = pamlink(&format!(
        "compare --json --lane-rate 100G --architecture lpo --set analysis.bursts=1000 --config {} \
         --set channel.near_loss_db=9 --host-loss-db 7",
        file.path()
    ));
    let channel = loss.json()["cells"][0]["channel"].to_string();
    assert_eq!(channel.matches("7 dB").count(), 2, "{channel}");
}

#[test]
fn settings_change_the_answer_of_their_rate_only() {
    let base = "compare --json --architecture cpo --set analysis.bursts=1000";
    let plain = pamlink(base).json();
    let changed = pamlink(&format!("{base} --set rate_200g.optics.rin_db_hz=-140")).json();
    assert_eq!(plain["cells"][0], changed["cells"][0]);
    let ber = |v: &serde_json::Value| v["cells"][1]["pre_fec_ber"]["value"].as_f64().unwrap();
    assert!(ber(&changed) > ber(&plain));
    let modules = pamlink(&format!("{base} --modules 6e5")).json();
    let digits = pamlink(&format!("{base} --modules 600_000")).json();
    assert_eq!(modules["fleet"], digits["fleet"]);
    let one = pamlink(&base.replace(" --json", " --modules 1"));
    for words in ["1 module with", "W at the meter", "kWh/year", "$/year"] {
        assert!(one.out.contains(words), "no {words}");
    }
    let small = pamlink(&base.replace(" --json", " --modules 1000"));
    assert!(small.out.contains("kW at the meter") && small.out.contains("MWh/year"));
    let mw = |v: &serde_json::Value| {
        v["cells"][0]["fleet"]["power_mw"]["nominal"]
            .as_f64()
            .unwrap()
    };
    assert!((mw(&modules) / mw(&plain) - 2.0).abs() < 1e-9);
}
