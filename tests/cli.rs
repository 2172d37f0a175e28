//! The `pamlink` command as its users meet it: exit status, messages, JSON keys, table widths.
#![cfg(feature = "cli")]

#[path = "cli/compare.rs"]
mod compare;
#[path = "cli/crosstalk.rs"]
mod crosstalk;
#[path = "cli/files.rs"]
mod files;
#[path = "cli/options.rs"]
mod options;
#[path = "cli/others.rs"]
mod others;
#[path = "cli/waveform.rs"]
mod waveform;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What a run left behind.
struct Ran {
    status: i32,
    out: String,
    err: String,
}

/// Runs the command with its arguments separated by spaces.
fn pamlink(arguments: &str) -> Ran {
    let words: Vec<&str> = arguments.split_whitespace().collect();
    run(&words, &[])
}

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_pamlink"))
        .args(arguments)
        .env_remove("COLUMNS")
        .env_remove("PAMLINK_SIMD")
        .envs(environment.iter().copied())
        .output()
        .expect("the binary runs");
    Ran {
        status: output.status.code().expect("no signal ended it"),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

impl Ran {
    /// The one JSON object on stdout; nothing on stderr.
    fn json(&self) -> Value {
        assert_eq!(self.err, "");
        let value: Value = serde_json::from_str(&self.out).expect("JSON and nothing else");
        assert!(value.is_object());
        value
    }

    /// Exit status 2, nothing on stdout, a message on stderr that has all the words.
    #[track_caller]
    fn is_refused(&self, words: &[&str]) {
        assert_eq!((self.status, self.out.as_str()), (2, ""), "{}", self.err);
        assert!(self.err.starts_with("error: "), "{}", self.err);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        for word in words {
            assert!(self.err.contains(word), "{} has no {word}", self.err);
        }
    }

    /// Plain text of at most `width` columns.
    #[track_caller]
    fn fits(&self, width: usize) {
        assert!(!self.out.contains('\x1b') && !self.err.contains('\x1b'));
        for line in self.out.lines() {
            assert!(line.chars().count() <= width, "{line}");
        }
    }
}

/// A file that goes when the test ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, content: impl AsRef<[u8]>) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let path = folder.join(format!("{}-{name}", std::process::id()));
        std::fs::write(&path, content).expect("a scratch file");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a path of text")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).ok();
    }
}

/// A shared channel file, or `None` with the reason printed; they carry no licence to copy.
fn shared(name: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/channels");
    let path = folder.join(name);
    if path.is_file() {
        return path.to_str().map(str::to_owned);
    }
    println!("skipped: {} is not there", path.display());
    None
}

/// A lossy matched two-port of a given band and step, as text.
fn two_port(end_ghz: f64, points: u32) -> String {
    let mut text = String::from("# GHz S MA R 100\n");
    for i in 0..points {
        let f = end_ghz * f64::from(i) / f64::from(points - 1);
        // 10 dB at 26.6 GHz and 0.5 ns.
        let (magnitude, degrees) = (10f64.powf(-f / 53.2), -180.0 * f);
        writeln!(
            text,
            "{f} 0 0 {magnitude} {degrees} {magnitude} {degrees} 0 0"
        )
        .expect("strings take text");
    }
    text
}
