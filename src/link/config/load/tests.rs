use super::*;
use proptest::prelude::*;

fn load(text: &str) -> Result<Scenario> {
    Scenario::from_toml(Path::new("a.toml"), text)
}

fn error(path: &str, value: &str) -> String {
    let mut scenario = Scenario::default();
    let text = scenario.set(path, value).unwrap_err().to_string();
    assert_eq!(
        scenario,
        Scenario::default(),
        "a failed setting changes nothing"
    );
    text
}

#[test]
fn a_partial_file_changes_what_it_names() {
    assert_eq!(load("").unwrap(), Scenario::default());
    let s = load(
        "seed = 3\n[rate_100g.optics]\noma_dbm = 2\n[optics]\noma_dbm = 0.5\nfilter = \"butterworth4\"\n\
         [host.tx_fir]\npre = [[-0.1, 0]]\n[channel]\npackage = \"none\"\n",
    )
    .unwrap();
    assert_eq!((s.seed, s.rate_100g.optics.oma_dbm), (3, 2.0));
    assert_eq!(s.rate_200g.optics.oma_dbm, 0.5);
    assert_eq!(s.rate_200g.host.tx_fir.pre, [[-0.1, 0.0]]);
    assert_eq!(
        s.rate_100g.channel.package,
        crate::link::config::PackageSet::None
    );
}

#[test]
fn mistakes_in_files_have_line_and_column() {
    for (text, line, words) in [
        ("seed = 1\n[optics\n", 2, "column 8"),
        (
            "[optics]\nrin = -150\n",
            2,
            "column 1: optics.rin is not a field",
        ),
        (
            "\n[opticz]\nrin = -150\n",
            2,
            "column 2: opticz is not a field",
        ),
        (
            "[optics]\nrin_db_hz = \"low\"\n",
            2,
            "column 13: optics.rin_db_hz",
        ),
        ("[channel]\npackage = \"bga\"\n", 2, "`com`"),
        ("seed = -1\n", 1, "column 8: seed"),
    ] {
        match load(text).unwrap_err() {
            Error::Parse {
                line: at, reason, ..
            } => {
                assert_eq!(at, line, "{text}");
                assert!(reason.contains(words), "{reason} has no {words}");
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn values_out_of_range_have_the_place_in_the_file_and_the_rate() {
    for (text, line, words) in [
        (
            "[optics]\noma_dbm = 99\n",
            2,
            "column 11: optics.oma_dbm is 99",
        ),
        (
            "seed = 1\n\n[rate_200g.optics]\noma_dbm = 99\n",
            4,
            "column 11: rate_200g.optics.oma_dbm is 99",
        ),
        (
            "[energy]\nmodule_node_nm = 6\n",
            2,
            "energy.module_node_nm is \"6\"",
        ),
        (
            "[analysis]\nwindow_ui = 1000\n",
            2,
            "column 13: analysis.window_ui",
        ),
    ] {
        match load(text).unwrap().validate_toml(Path::new("a.toml"), text) {
            Err(Error::Parse {
                line: at, reason, ..
            }) => {
                assert_eq!(at, line, "{reason}");
                assert!(reason.contains(words), "{reason} has no {words}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(Scenario::default().validate().is_ok());
}

#[test]
fn settings_reach_one_rate_or_both() {
    let mut s = Scenario::default();
    s.set("seed", "18446744073709551615").unwrap();
    s.set("rate_200g.fec.target_cer", "1e-10").unwrap();
    s.set("simulation.run_symbols", "1e6").unwrap();
    s.set("channel.package", "none").unwrap();
    s.set("host.tx_fir.pre.2.0", "-0.2").unwrap();
    s.set("jitter", "{random_ui = 0.02}").unwrap();
    assert_eq!(s.seed, u64::MAX);
    assert_eq!(s.rate_200g.fec.target_cer, 1e-10);
    assert_eq!(s.rate_100g.fec.target_cer, 1.45e-11);
    assert_eq!(s.rate_100g.simulation.run_symbols, 1_000_000);
    assert_eq!(s.rate_200g.host.tx_fir.pre[2], [-0.2, 0.0]);
    assert_eq!(s.rate_200g.jitter.random_ui, 0.02);
    assert_eq!(s.rate_200g.jitter.dual_dirac_ui, 0.02);
}

#[test]
fn wrong_settings_say_what_is_known_and_expected() {
    let text = error("optics.rin", "-150");
    assert!(
        text.contains("optics.rin") && text.contains("rin_db_hz"),
        "{text}"
    );
    let text = error("rate_100g.nothing", "1");
    assert!(
        text.contains("rate_100g.nothing") && text.contains("baud_hz"),
        "{text}"
    );
    let text = error("optic", "1");
    assert!(text.contains("optics") && text.contains("seed"), "{text}");
    let text = error("optics.rin_db_hz", "quiet");
    assert!(text.contains("must be a number"), "{text}");
    assert!(error("analysis.bursts", "1.5").contains("a whole number"));
    assert!(error("energy.module_node_nm", "-5").contains("energy.module_node_nm"));
    assert!(error("baud_hz.x", "1").contains("baud_hz is a number"));
    assert!(error("channel.package", "bga").contains("`com`"));
    assert!(error("host.tx_fir.pre.9", "[0, 0]").contains("0 to 2"));
    assert!(error("optics", "3").contains("a table of fields"));
    assert!(error("rate_100g", "3").contains("rate_100g"));
    let text = error("", "3");
    assert!(
        text.contains("empty path") && text.contains("baud_hz"),
        "{text}"
    );
    let text = error("energy.host_node_nm", "-5");
    assert!(
        text.contains("a whole number") && !text.contains("u32"),
        "{text}"
    );
    let text = error("analysis.bursts", "-5");
    assert!(text.contains("a whole number, 0 or more"), "{text}");
}

/// Paths and values of all numbers of a configuration.
fn numbers(tree: &Value, outer: &str, out: &mut Vec<String>) {
    match tree {
        Value::Table(t) => t.iter().for_each(|(k, v)| {
            let dot = if outer.is_empty() { "" } else { "." };
            numbers(v, &format!("{outer}{dot}{k}"), out);
        }),
        Value::Float(_) => out.push(outer.to_owned()),
        _ => {}
    }
}

proptest! {
    /// Any scenario survives its own TOML, and any number set is the number read.
    #[test]
    fn files_and_settings_round_trip(seed in 0..i64::MAX as u64, pick: prop::sample::Index, x in -1e30f64..1e30) {
        let mut scenario = Scenario { seed, ..Scenario::default() };
        let mut paths = Vec::new();
        numbers(&Value::try_from(&scenario.rate_100g).unwrap(), "", &mut paths);
        prop_assert!(paths.len() > 50);
        let path = format!("rate_100g.{}", paths[pick.index(paths.len())]);
        scenario.set(&path, &x.to_string()).unwrap();
        let text = toml::to_string(&scenario).unwrap();
        prop_assert_eq!(load(&text).unwrap(), scenario.clone());
        let mut tree = &Value::try_from(&scenario).unwrap();
        for part in path.split('.') {
            tree = &tree[part];
        }
        prop_assert_eq!(tree.as_float(), Some(x));
    }
}

#[test]
fn the_waveform_fields_go_through_toml_and_are_checked_by_path() {
    let text = "
[host]
dac_bits = 7
driver_limit_v = 0.6
edge_jitter = { random_ui = 0.01, sinusoidal_ui = 0.05, sinusoidal_hz = 1e7, even_odd_ui = 0.02 }
[module]
driver_limit_vppd = 3
[optics]
mpi_db = -35
tia_limit_vppd = 0.9
modulator = { kind = \"mzm\", v_pi_v = 5, bias_deg = 92 }
[receiver.host_linear.adc]
bits = 7
slices = 32
gain_rms = 0.01
[simulation]
engine = \"waveform\"
samples_per_ui = 16
adapt = true
timing = { bandwidth_hz = 2e6, detector = \"gardner\", ppm_offset = 100 }
";
    let s = load(text).unwrap();
    s.validate().unwrap();
    let c = &s.rate_200g;
    assert_eq!((c.host.dac_bits, c.host.edge_jitter.even_odd_ui), (7, 0.02));
    assert_eq!(c.optics.modulator.kind, super::super::ModulatorKind::Mzm);
    assert_eq!(c.receiver.host_linear.adc.slices, 32);
    assert_eq!(c.receiver.host_cpo.adc.slices, 1);
    assert_eq!(c.simulation.engine, super::super::Engine::Waveform);
    assert_eq!(c.simulation.timing.bandwidth_hz, 2e6);
    assert_eq!(c.simulation.timing.block, 64);
    let again = toml::to_string(&s).unwrap();
    assert_eq!(load(&again).unwrap(), s);

    for (path, value) in [
        ("host.dac_bits", "17"),
        ("host.driver_limit_v", "-1"),
        ("host.edge_jitter.random_ui", "0.5"),
        ("module.driver_limit_vppd", "nan"),
        ("optics.tia_limit_vppd", "-0.1"),
        ("optics.mpi_db", "-5"),
        ("optics.modulator.v_pi_v", "-2"),
        ("receiver.host_linear.adc.slices", "0"),
        ("receiver.host_linear.adc.skew_rms_ui", "0.5"),
        ("simulation.samples_per_ui", "3"),
        ("simulation.waveform_streams", "0"),
        ("simulation.timing.block", "40"),
        ("simulation.timing.bandwidth_hz", "0"),
        ("simulation.timing.ppm_offset", "1e4"),
    ] {
        let mut s = Scenario::default();
        s.set(path, value).unwrap();
        let text = s.validate().unwrap_err().to_string();
        assert!(text.contains(path), "{path}: {text}");
    }
    assert!(error("simulation.engine", "spice").contains("waveform"));
    assert!(error("optics.modulator.kind", "ring").contains("mzm"));
}
