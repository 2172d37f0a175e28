//! Files that are no channel, or a doubtful one, from the file to the summary.

use std::fmt::Write as _;
use std::path::PathBuf;

use pamlink::Error;
use pamlink::channel::{BOARD_CK, Channel, ChannelSummary, PortOrder};
#[cfg(feature = "report")]
use pamlink::report::{ChannelDocument, channel_sections};

/// A file that goes when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, text: &str) -> Self {
        let name = format!("pamlink-doubts-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap_or_default();
    }
}

/// A matched two-port with flat `level` and a delay.
fn flat(points: u32, step_ghz: f64, level: f64, delay_ns: f64) -> String {
    let mut text = String::from("# GHz S MA R 100\n");
    for i in 0..points {
        let f = step_ghz * f64::from(i);
        let degrees = -360.0 * delay_ns * f;
        writeln!(text, "{f} 0 0 {level} {degrees} {level} {degrees} 0 0").unwrap();
    }
    text
}

#[test]
fn what_is_no_channel_is_refused_with_the_file() {
    for (name, text, want) in [
        (
            "dc.s2p",
            flat(1, 1.0, 1.0, 0.0),
            "dc.s2p: holds zero frequency alone",
        ),
        (
            "few.s2p",
            flat(15, 4.0, 1.0, 0.0),
            "few.s2p: holds 15 frequency points",
        ),
        (
            "amplifier.s2p",
            flat(50, 1.0, 3.0, 0.0),
            "amplifier.s2p: has gain",
        ),
    ] {
        let file = Scratch::new(name, &text);
        let error = Channel::from_file(&file.0, None).unwrap_err();
        assert!(matches!(error, Error::NotAChannel { .. }), "{error:?}");
        assert!(error.to_string().contains(want), "{error}");
        assert!(ChannelSummary::from_file(&file.0, None).is_err());
    }
    let mut huge = flat(50, 1.0, 1.0, 0.0);
    huge.push_str("50 0 0 1e300 0 1 0 0 0\n");
    let file = Scratch::new("huge.s2p", &huge);
    let error = Channel::from_file(&file.0, None).unwrap_err().to_string();
    assert!(
        error.contains("huge.s2p:52: ") && error.contains("1e300"),
        "{error}"
    );
}

#[cfg(feature = "report")]
#[test]
fn warnings_reach_the_page_and_the_document() {
    let file = Scratch::new("long.s2p", &flat(601, 0.1, 1.0, 4.0));
    let summary = ChannelSummary::from_file(&file.0, None).unwrap();
    assert_eq!(summary.warnings.len(), 1);
    let document = ChannelDocument::from(&summary);
    assert!(document.warnings[0].starts_with("undersampled"));
    let page: Vec<String> = channel_sections(&summary, 80)
        .iter()
        .map(|s| format!("{s:?}"))
        .collect();
    assert!(page[0].contains("warning: undersampled"), "{}", page[0]);
    // Nothing comes back, nothing is lost.
    assert!(
        page[1].contains(">200") && page[1].contains("0.00"),
        "{}",
        page[1]
    );
    assert!(
        !page[1].contains("-0.00") && !page[1].contains("inf"),
        "{}",
        page[1]
    );
}

#[test]
fn a_lossy_file_from_10_ghz_on_has_its_port_order() {
    // Two uncoupled lines of 400 mm: 10 dB at 10 GHz and falling.
    for order in [PortOrder::OneToTwo, PortOrder::OneToThree] {
        let mut text = String::from("# GHz S RI R 50\n");
        let [(ip, in_), (op, on)] = order.pairs();
        for i in 0..1001_u32 {
            let f = 10.0 + 0.04 * f64::from(i);
            let s = BOARD_CK.at(f * 1e9, 400.0);
            write!(text, "{f}").unwrap();
            for a in 0..4 {
                for b in 0..4 {
                    let line = [(ip, op), (op, ip), (in_, on), (on, in_)].contains(&(a, b));
                    let v = if line {
                        s.s21
                    } else if a == b {
                        s.s11
                    } else {
                        0.01.into()
                    };
                    write!(text, " {} {}", v.re, v.im).unwrap();
                }
            }
            text.push('\n');
        }
        let file = Scratch::new(&format!("{order}.s4p"), &text);
        let channel = Channel::from_file(&file.0, None).unwrap();
        assert!(
            channel
                .name()
                .contains(&format!("(ports {order}, detected)"))
        );
        assert_eq!(channel.warnings().len(), 1, "{:?}", channel.warnings());
        assert!(channel.warnings()[0].starts_with("starts at 10.000 GHz"));
    }
}
