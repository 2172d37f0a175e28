//! Channel files that cannot be used: the message names the file, the line and what would be right.

use super::{Scratch, pamlink, two_port};

#[test]
fn bad_files_are_refused_by_name_and_line() {
    let good = two_port(60.0, 11);
    let mut truncated = good.clone();
    truncated.truncate(good.len() - 20);
    let mut backwards: Vec<&str> = good.lines().collect();
    backwards.swap(3, 4);
    let cases: Vec<(&str, Vec<u8>, Vec<&str>)> = vec![
        (
            "binary.s2p",
            vec![0x7f, b'E', b'L', b'F', 0, 0xff, 0xfe],
            vec![":1:"],
        ),
        ("empty.s2p", Vec::new(), vec![]),
        (
            "words.s2p",
            b"# GHz S RI R 50\none two three\n".to_vec(),
            vec![":2:", "one"],
        ),
        ("truncated.s2p", truncated.into_bytes(), vec![]),
        (
            "nan.s2p",
            b"# GHz S RI R 50\n1 nan 0 1 0 1 0 0 0\n".to_vec(),
            vec![":2:"],
        ),
        (
            "inf.s2p",
            b"# GHz S RI R 50\n1 0 0 1 0 inf 0 0 0\n".to_vec(),
            vec![":2:"],
        ),
        (
            "backwards.s2p",
            backwards.join("\n").into_bytes(),
            vec![":5:"],
        ),
        (
            "unit.s2p",
            b"# lightyears S RI R 50\n".to_vec(),
            vec![":1:", "GHz"],
        ),
        (
            "impedance.s2p",
            b"# GHz S RI R -50\n1 0 0 1 0 1 0 0 0\n".to_vec(),
            vec![":1:", "-50"],
        ),
        (
            "fourports.s2p",
            format!("# GHz S RI R 50\n1{0}\n2{0}\n", " 0".repeat(32)).into_bytes(),
            vec![],
        ),
        (
            "one.s1p",
            b"# GHz S RI R 50\n1 0 0\n2 0 0\n".to_vec(),
            vec!["ports", "4"],
        ),
        (
            "none.s4p",
            format!("# GHz S RI R 50\n1{0}\n2{0}\n", " 0".repeat(32)).into_bytes(),
            vec!["port order", "1-3,2-4"],
        ),
    ];
    for (name, content, words) in cases {
        let file = Scratch::new(name, content);
        for command in ["channel", "compare --channel", "simulate --channel-far"] {
            let ran = pamlink(&format!("{command} {}", file.path()));
            ran.is_refused(&[name]);
            ran.is_refused(&words);
        }
    }
}

#[test]
fn missing_files_and_wrong_extensions_are_refused() {
    pamlink("channel nowhere.s4p").is_refused(&["nowhere.s4p", "No such file"]);
    pamlink("compare --channel nowhere.s4p").is_refused(&["nowhere.s4p"]);
    pamlink("compare --channel .").is_refused(&[".s4p"]);
    let text = Scratch::new("channel.txt", "x");
    pamlink(&format!("channel {}", text.path())).is_refused(&["channel.txt", ".s2p"]);
    pamlink("compare --config nowhere.toml").is_refused(&["nowhere.toml"]);
}

#[test]
fn a_file_and_a_loss_are_not_for_the_same_channel() {
    let file = Scratch::new("loss.s2p", two_port(60.0, 1201));
    pamlink(&format!(
        "compare --channel {} --host-loss-db 12",
        file.path()
    ))
    .is_refused(&["--host-loss-db", "--channel replaces"]);
    let far = pamlink(&format!(
        "compare --json --channel-far {} --host-loss-db 12 --lane-rate 100G --architecture lpo \
         --set analysis.bursts=1000",
        file.path()
    ));
    let channel = far.json()["cells"][0]["channel"].to_string();
    assert!(
        channel.contains("12 dB") && channel.contains("loss.s2p"),
        "{channel}"
    );
}

#[test]
fn bad_configurations_are_refused_by_line_and_column() {
    for (text, words) in [
        (
            "[optics]\nrin = 3\n",
            &["a.toml:2:", "column 1", "optics.rin", "rin_db_hz"][..],
        ),
        ("seed = 1\nseed = 2\n", &["a.toml:2:"]),
        ("[optics\n", &["a.toml:1:"]),
        (
            "[rate_100g]\nlanes = \"eight\"\n",
            &["a.toml:2:", "lanes", "whole number"],
        ),
        (
            "\n[channel]\npackage = \"bga\"\n",
            &["a.toml:3:", "package", "`com`"],
        ),
        (
            "[rate_200g.optics]\noma_dbm = 99\n",
            &["a.toml:2:", "rate_200g.optics.oma_dbm is 99"],
        ),
    ] {
        let file = Scratch::new("a.toml", text);
        pamlink(&format!("compare --config {}", file.path())).is_refused(words);
    }
    let binary = Scratch::new("b.toml", [0xff, 0xfe, 0x00]);
    pamlink(&format!("compare --config {}", binary.path())).is_refused(&["b.toml"]);
}
