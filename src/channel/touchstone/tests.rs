use super::*;

fn parse(text: &str, ports: usize) -> Result<Network> {
    parse_touchstone(Path::new("f.snp"), text.as_bytes(), ports)
}

fn message(text: &str, ports: usize) -> String {
    parse(text, ports).unwrap_err().to_string()
}

#[test]
fn two_ports_hold_s21_before_s12() {
    let n = parse("# Hz S RI R 50\n1 11 0 21 0 12 0 22 0\n", 2).unwrap();
    assert_eq!(n.s(0, 0, 1).re, 12.0);
    assert_eq!(n.s(0, 1, 0).re, 21.0);
    assert_eq!(n.frequencies_hz(), [1.0]);
}

#[test]
fn other_counts_are_row_by_row_and_may_wrap_anywhere() {
    let text = "# R 45 rI kHz s ! words in any order\n1 11 0 12\n 0 13 0 ! row one\n\n21 0 22 0 23 0\r\n\
                31 0 32 0 33\r0";
    let n = parse(text, 3).unwrap();
    assert_eq!(
        (n.ports(), n.z0_ohm(), n.frequencies_hz()[0]),
        (3, 45.0, 1e3)
    );
    assert_eq!((n.s(0, 0, 2).re, n.s(0, 2, 0).re), (13.0, 31.0));
}

#[test]
fn formats_units_and_defaults() {
    let s = |text: &str| {
        let n = parse(text, 1).unwrap();
        (n.frequencies_hz()[0], n.s(0, 0, 0))
    };
    // No option line: GHz, magnitude and angle, 50 ohm.
    let (f, v) = s("2 0.5 90\n");
    assert_eq!(f, 2e9);
    assert!((v - Complex64::new(0.0, 0.5)).norm() < 1e-15);
    let (f, v) = s("#THz DB\n2 20 180\n");
    assert_eq!(f, 2e12);
    assert!((v + 10.0).norm() < 1e-13);
    for (unit, hz) in [("Hz", 1.0), ("KHZ", 1e3), ("mhz", 1e6), ("GHz", 1e9)] {
        assert_eq!(s(&format!("# {unit} S RI R 50\n3 0 0")).0, 3.0 * hz);
    }
    // A second option line is passed over; a repeated reference is one reference.
    assert_eq!(s("# Hz RI\n# GHz MA\n3 0 0").0, 3.0);
    assert!(parse("# Hz S RI R 50 50 50 50\n1 0 0", 1).is_ok());
    assert!(parse("\u{feff}# Hz S RI R 50\n1 0 0", 1).is_ok());
}

#[test]
fn noise_data_are_passed_over() {
    let text = "# GHz S RI R 50\n1 1 0 2 0 3 0 4 0\n2 1 0 2 0 3 0 4 0\n! noise\n1 0.5 0.1 20 0.3\n\
                1.5 0.6 0.1 30 0.3 ! x\n";
    assert_eq!(parse(text, 2).unwrap().frequencies_hz(), [1e9, 2e9]);
    // Nine numbers are not noise, nor is a noise section whose frequencies fall.
    assert!(
        message("# GHz S RI\n2 1 0 2 0 3 0 4 0\n1 1 0 2 0 3 0 4 0\n", 2).starts_with("f.snp:3:")
    );
    assert!(parse("2 1 0 2 0 3 0 4 0\n1 1 1 1 1\n1 1 1 1 1\n", 2).is_err());
}

#[test]
fn mistakes_name_file_and_line_and_what_is_right() {
    for (text, ports, want) in [
        ("", 1, "f.snp:1: no data found"),
        ("! only words\n", 1, "f.snp:1: no data found"),
        (
            "# Hz S RI R 50\n1 2\n",
            1,
            "f.snp:2: file ends after 2 of the 3 numbers",
        ),
        (
            "# Hz S RI R 50\n1 2 x\n",
            1,
            "f.snp:2: \"x\" is not a number",
        ),
        (
            "# Hz S RI R 50\n1 nan 0\n",
            1,
            "f.snp:2: \"nan\" must be a finite number",
        ),
        ("# Hz S RI R 50\n1 inf 0\n", 1, "must be a finite number"),
        ("# Hz S RI R 50\n1 1e999 0\n", 1, "must be a finite number"),
        ("# Hz S DB R 50\n1 1e9 0\n", 1, "|S| must be finite"),
        ("1e308 0 0\n", 1, "frequency is"),
        ("# Hz S RI R 50\n-1 0 0\n", 1, "not below zero"),
        (
            "# Hz S RI\n2 0 0\n2 0 0\n",
            1,
            "f.snp:3: frequency 2 Hz follows 2 Hz",
        ),
        (
            "# Hz Z RI R 50\n1 0 0\n",
            1,
            "f.snp:1: \"Z\" parameters are not read",
        ),
        (
            "! x\n# GHz MHz S RI R 50\n1 0 0\n",
            1,
            "f.snp:2: \"GHz\" and \"MHz\" on the option line, must be one frequency unit",
        ),
        ("# S s RI\n1 0 0\n", 1, "must be one parameter"),
        ("# RI MA\n1 0 0\n", 1, "must be one number format"),
        ("# R 50 RI R 50\n1 0 0\n", 1, "one reference impedance"),
        (
            "# Hz S RI R 50\n1 0 0\n2 1e300 0\n",
            1,
            "f.snp:3: the pair 1e300 0e0 is |S| = 1.0e300, S-parameters lie below 1e6",
        ),
        ("# Hz S DB R 50\n1 200 0\n", 1, "f.snp:2: the pair 2e2 0e0"),
        ("# Hz S RI R\n1 0 0\n", 1, "R has no value"),
        ("# Hz S RI R 0\n1 0 0\n", 1, "above zero"),
        ("# Hz S RI R 50 75\n1 0 0\n", 1, "one reference impedance"),
        (
            "# Hz S XY R 50\n1 0 0\n",
            1,
            "\"XY\" on the option line, must be one of",
        ),
        ("[Version] 2.0\n", 1, "Touchstone 1.x"),
        (
            "1 0 0\n2 0 0\n3 0 0\n4 0 0\n5 0 0\n6 0 0\n",
            2,
            "records of 1 ports, must be 2",
        ),
        (
            "1 0 0 0 0 0 0 0 0\n2 0 0 0 0 0 0 0 0\n",
            4,
            "look like 2 ports",
        ),
        (
            "1 0 0 0 0 0 0\n0 0 0 0 0 0\n0 0 0 0 0 0\n2 0 0 0 0 0 0\n",
            2,
            "look like 3 ports",
        ),
    ] {
        let got = message(text, ports);
        assert!(got.contains(want), "{text:?}: {got}");
    }
    let binary = parse_touchstone(Path::new("b.s2p"), b"\x7fELF\x00\x01 2", 2);
    assert!(binary.unwrap_err().to_string().contains("is not text"));
    assert!(parse("1 0 0", 0).is_err() && parse("1 0 0", 1 << 40).is_err());
}

#[test]
fn the_extension_says_how_many_ports() {
    let ports = |name: &str| ports_of(Path::new(name));
    assert_eq!(ports("a.b.s4p").unwrap(), 4);
    assert_eq!(ports("A.S12P").unwrap(), 12);
    for name in ["a.txt", "a", "a.s0p", "a.sp", "a.s100p", "a.s-4p"] {
        let text = ports(name).unwrap_err().to_string();
        assert!(text.contains(name) && text.contains(".s4p"), "{text}");
    }
    assert!(matches!(
        read_touchstone(Path::new("/nowhere/a.s4p")),
        Err(Error::Io { .. })
    ));
}
