//! `simulate` on the waveform, and interrupted.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::{pamlink, run};

#[test]
fn options_of_the_waveform_want_the_waveform() {
    for option in ["--samples-per-ui 16", "--adapt", "--ppm 50"] {
        pamlink(&format!("simulate {option}")).is_refused(&[
            option.split(' ').next().unwrap(),
            "left out, or given with --waveform",
        ]);
    }
    pamlink("simulate --waveform --samples-per-ui 3").is_refused(&["samples_per_ui"]);
    pamlink("simulate --waveform --ppm 1e5").is_refused(&["ppm_offset"]);
}

#[test]
fn the_waveform_engine_tells_lock_phase_and_levels() {
    let line = "simulate --waveform --architecture cpo --symbols 2e5 --ppm 20";
    let document = pamlink(&format!("{line} --json")).json();
    assert_eq!(document["engine"], "waveform");
    assert_eq!(document["samples_per_ui"], 8);
    let segment = &document["segments"][0];
    for key in ["rule", "predicted_r_lm", "waveform"] {
        assert!(!segment[key].is_null(), "no {key}");
    }
    let lock = &segment["waveform"]["lock"];
    assert_eq!(lock["locked"], true, "{lock}");
    // A fast transmitter's symbols are short: less than the receiver's own.
    assert!(
        (lock["frequency_ppm"].as_f64().unwrap() + 20.0).abs() < 10.0,
        "{lock}"
    );
    let levels = segment["waveform"]["levels"].as_array().unwrap();
    assert_eq!(levels.len(), 4);
    let words: Vec<&str> = line.split(' ').collect();
    for columns in ["80", "100"] {
        let ran = run(&words, &[("COLUMNS", columns)]);
        ran.fits(columns.parse().unwrap());
        assert!(ran.out.contains("On the waveform"), "{}", ran.out);
    }
}

#[cfg(unix)]
#[test]
fn the_first_interrupt_prints_what_was_counted() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pamlink"))
        .args([
            "simulate",
            "--symbols",
            "1e11",
            "--set",
            "simulation.run_symbols=262144",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Long enough for the design and the first run on a busy machine.
    std::thread::sleep(Duration::from_secs(8));
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", id.as_str()]).status();
    assert!(sent.unwrap().success());
    std::thread::sleep(Duration::from_secs(4));
    if child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_secs(30));
    }
    let ran = child.wait_with_output().unwrap();
    assert_eq!(ran.status.code(), Some(130));
    let (out, err) = (
        String::from_utf8(ran.stdout).unwrap(),
        String::from_utf8(ran.stderr).unwrap(),
    );
    assert!(out.contains("100G lpo in the time domain"), "{out}");
    let told = err.lines().last().unwrap();
    assert!(
        told.starts_with("interrupted after ") && told.ends_with(" of 100000000000 symbols"),
        "{err}"
    );
    let done: u64 = told.split(' ').nth(2).unwrap().parse().unwrap();
    assert!(done < 100_000_000_000);
}
