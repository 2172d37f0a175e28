//! Coupling files on the command line.

use std::fmt::Write;

use super::{Scratch, pamlink, run, two_port};

/// A matched coupling of constant strength, as text.
fn coupling(strength: f64) -> String {
    let mut text = String::from("# GHz S MA R 100\n");
    for i in 0..1201 {
        let f = 0.05 * f64::from(i);
        let degrees = -72.0 * f;
        writeln!(
            text,
            "{f} 0 0 {strength} {degrees} {strength} {degrees} 0 0"
        )
        .unwrap();
    }
    text
}

#[test]
fn aggressors_reach_the_noise_budget_and_the_reports() {
    let thru = Scratch::new("thru.s2p", two_port(60.0, 1201));
    let fext = Scratch::new("fext.s2p", coupling(0.01));
    let next = Scratch::new("next.s2p", coupling(0.005));
    let line = format!(
        "--lane-rate 100G --architecture lpo --set analysis.bursts=1000 --channel {} --fext {} \
         --fext {} --next {}",
        thru.path(),
        fext.path(),
        fext.path(),
        next.path()
    );
    let document = pamlink(&format!("compare --json {line}")).json();
    let channel = &document["channel"];
    assert_eq!(channel["fext"].as_array().unwrap().len(), 2);
    assert_eq!(channel["next"].as_array().unwrap().len(), 1);
    let budget = document["cells"][0]["segments"][0].to_string();
    assert!(budget.contains("crosstalk"), "{budget}");
    let quiet = line.split(" --fext").next().unwrap();
    let document = pamlink(&format!("compare --json {quiet}")).json();
    let budget = document["cells"][0]["segments"][0].to_string();
    assert!(!budget.contains("crosstalk"), "{budget}");
    for columns in ["80", "100"] {
        let words: Vec<&str> = ["compare"].into_iter().chain(line.split(' ')).collect();
        let words: Vec<&str> = words.into_iter().filter(|w| !w.is_empty()).collect();
        let ran = run(&words, &[("COLUMNS", columns)]);
        ran.fits(columns.parse().unwrap());
        assert!(ran.out.contains("crosstalk: FEXT"), "{}", ran.out);
    }
}

#[test]
fn coupling_files_that_cannot_be_used_are_named() {
    pamlink("compare --fext nowhere.s4p").is_refused(&["nowhere.s4p", "No such file"]);
    pamlink("simulate --next nowhere.s4p").is_refused(&["nowhere.s4p", "No such file"]);
    let short = Scratch::new("short.s2p", two_port(20.0, 201));
    // Read as it should be, but no data for the cell.
    pamlink(&format!("simulate --symbols 1e4 --fext {}", short.path()))
        .is_refused(&["100G lpo", "file ends at 20.0 GHz"]);
    let four = Scratch::new(
        "four.s4p",
        format!("# GHz S RI R 50\n1{0}\n2{0}\n", " 0".repeat(32)),
    );
    pamlink(&format!("compare --fext {}", four.path())).is_refused(&["port order", "1-3,2-4"]);
}
