//! The Touchstone reader against random bytes, random truncation and every legal way of writing.

use std::fmt::Write as _;
use std::path::Path;

use num_complex::Complex64;
use pamlink::Error;
use pamlink::channel::{Network, parse_touchstone};
use proptest::prelude::*;

fn parse(bytes: &[u8], ports: usize) -> pamlink::Result<Network> {
    parse_touchstone(Path::new("random.snp"), bytes, ports)
}

/// Everything a writer may choose.
#[derive(Debug, Clone)]
struct Style {
    format: usize,
    unit: usize,
    ohm: f64,
    per_line: usize,
    comments: bool,
    crlf: bool,
}

fn style() -> impl Strategy<Value = Style> {
    (
        0..3_usize,
        0..5_usize,
        prop_oneof![Just(50.0), Just(45.0), Just(46.25), Just(100.0)],
        1..12_usize,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(format, unit, ohm, per_line, comments, crlf)| Style {
            format,
            unit,
            ohm,
            per_line,
            comments,
            crlf,
        })
}

fn network() -> impl Strategy<Value = Network> {
    (1..=5_usize, 1..6_usize).prop_flat_map(|(ports, points)| {
        let count = points * ports * ports;
        prop::collection::vec((0.01..2.0_f64, -3.1..3.1_f64), count).prop_map(move |polar| {
            let f = (0..points).map(|i| 1.5e9 * (i + 1) as f64).collect();
            let s = polar
                .iter()
                .map(|&(r, a)| Complex64::from_polar(r, a))
                .collect();
            Network::new(f, 50.0, ports, s).unwrap()
        })
    })
}

/// Writes a network in a style.
fn written(n: &Network, style: &Style) -> String {
    let (unit, hertz) = [
        ("Hz", 1.0),
        ("kHz", 1e3),
        ("MHZ", 1e6),
        ("ghz", 1e9),
        ("THz", 1e12),
    ][style.unit];
    let format = ["RI", "ma", "DB"][style.format];
    let comment = if style.comments {
        " ! note 1 2 3 # R"
    } else {
        ""
    };
    let end = if style.crlf { "\r\n" } else { "\n" };
    let mut text = String::new();
    if style.comments {
        write!(text, "! head{end}{end}").unwrap();
    }
    write!(text, "# {unit} S {format} R {}{comment}{end}", style.ohm).unwrap();
    let ports = n.ports();
    for (f, hz) in n.frequencies_hz().iter().enumerate() {
        let mut numbers = vec![hz / hertz];
        for i in 0..ports {
            for j in 0..ports {
                // The exception of the format: two ports go column by column.
                let v = if ports == 2 {
                    n.s(f, j, i)
                } else {
                    n.s(f, i, j)
                };
                let degrees = v.arg().to_degrees();
                match style.format {
                    0 => numbers.extend([v.re, v.im]),
                    1 => numbers.extend([v.norm(), degrees]),
                    _ => numbers.extend([20.0 * v.norm().log10(), degrees]),
                }
            }
        }
        for line in numbers.chunks(style.per_line) {
            for x in line {
                write!(text, "\t{x:e}  ").unwrap();
            }
            write!(text, "{comment}{end}").unwrap();
            if style.comments {
                write!(text, "!{end}").unwrap();
            }
        }
    }
    text
}

proptest! {
    // No file of past failures: a found case becomes a test of its own.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        ports in 0..6_usize,
    ) {
        let _ = parse(&bytes, ports);
    }

    #[test]
    fn text_made_of_the_reader_s_own_words_never_panics(
        words in prop::collection::vec(
            prop_oneof![
                Just("#"), Just("!"), Just("\n"), Just("\r"), Just("R"), Just("GHz"), Just("S"),
                Just("RI"), Just("DB"), Just("1"), Just("2e9"), Just("-0.5"), Just("nan"),
                Just("1e400"), Just("[Version]"), Just("\u{feff}"), Just("é"),
            ],
            0..60,
        ),
        ports in 1..4_usize,
    ) {
        if let Ok(n) = parse(words.join(" ").as_bytes(), ports) {
            prop_assert!(n.values().iter().all(|v| v.is_finite()));
        }
    }

    #[test]
    fn what_is_written_in_any_style_is_read_back(n in network(), style in style()) {
        let text = written(&n, &style);
        let read = parse(text.as_bytes(), n.ports()).unwrap();
        prop_assert_eq!(read.ports(), n.ports());
        prop_assert_eq!(read.z0_ohm(), style.ohm);
        for (a, b) in read.frequencies_hz().iter().zip(n.frequencies_hz()) {
            // One division, one decimal and one product away: a few ulps.
            prop_assert!((a / b - 1.0).abs() < 1e-15 * 4.0);
        }
        prop_assert_eq!(read.values().len(), n.values().len());
        for (a, b) in read.values().iter().zip(n.values()) {
            // dB and degrees and back: log10, powf and the argument of 180 degrees.
            prop_assert!((a - b).norm() < 1e-13, "{a} {b}");
        }
    }

    #[test]
    fn a_cut_file_is_read_shorter_or_refused_with_its_line(
        n in network(), style in style(), share in 0.0..1.0_f64,
    ) {
        let text = written(&n, &style);
        let cut = (share * text.len() as f64) as usize;
        match parse(&text.as_bytes()[..cut], n.ports()) {
            Ok(short) => prop_assert!(short.frequencies_hz().len() <= n.frequencies_hz().len()),
            Err(Error::Parse { line, reason, .. }) => {
                prop_assert!(line >= 1 && line <= text.lines().count().max(1), "{line}");
                prop_assert!(!reason.is_empty());
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    #[test]
    fn one_wrong_byte_never_panics_nor_lets_a_number_through_that_is_none(
        n in network(), style in style(), at in 0.0..1.0_f64, byte in any::<u8>(),
    ) {
        let mut bytes = written(&n, &style).into_bytes();
        let i = ((at * bytes.len() as f64) as usize).min(bytes.len() - 1);
        bytes[i] = byte;
        if let Ok(read) = parse(&bytes, n.ports()) {
            prop_assert!(read.values().iter().all(|v| v.is_finite()));
        }
    }

    #[test]
    fn renormalising_there_and_back_is_the_identity(n in network(), z in 20.0..200.0_f64) {
        // Not passive: |S| to 2. Only networks whose inverse is well conditioned say anything.
        if let Ok(there) = n.renormalised(z) {
            prop_assume!(there.values().iter().all(|v| v.norm() < 20.0));
            let back = there.renormalised(50.0).unwrap();
            for (a, b) in back.values().iter().zip(n.values()) {
                // Two inverses whose condition the assumption bounds to some thousands.
                prop_assert!((a - b).norm() < 1e-9, "{a} {b}");
            }
        }
    }
}
