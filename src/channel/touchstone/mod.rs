//! Reader of Touchstone 1.x files (`.s1p`, `.s2p`, `.s4p`, … `.sNp`).
//!
//! What is read: S-parameters in `RI`, `MA` or `DB`, frequencies in Hz to THz, any real reference
//! impedance, comments wherever `!` may stand (option line and behind the data included), records
//! wrapped over lines in any way, `\n`, `\r\n` or `\r` line ends, a missing option line
//! (`# GHz S MA R 50` by definition), the noise section of two-port files (passed over). Every
//! mistake is an [`Error::Parse`] with the file, the line and what would be right there.
//!
//! Order of the numbers: two-port files hold `S11 S21 S12 S22` (the exception of the format), all
//! others row by row, `S11 S12 … S1N S21 …`.

mod number;
mod options;

use std::path::Path;

use num_complex::Complex64;

use super::network::Network;
use crate::error::{Error, Result};
use number::{Lines, number, shown, words};
use options::Options;

/// The largest port count a file name may ask for.
pub const MAX_PORTS: usize = 99;

/// No S-parameter of anything is larger (120 dB); what is, comes from a broken file.
const MAX_MAGNITUDE: f64 = 1e6;

/// Reads a Touchstone file; the extension `.sNp` says how many ports it has.
///
/// # Errors
/// [`Error::UnknownWord`] for an extension other than `.s1p` … `.s99p`, [`Error::Io`] for a file
/// that cannot be read, [`Error::Parse`] for everything wrong inside.
pub fn read_touchstone(path: &Path) -> Result<Network> {
    let ports = ports_of(path)?;
    let bytes = std::fs::read(path).map_err(|source| Error::Io {
        path: path.to_path_buf(),
        source,
    })?;
    parse_touchstone(path, &bytes, ports)
}

/// Reads Touchstone text from memory; `path_for_messages` only appears in errors.
///
/// Linear in the size of the text; a 3.5 MB four-port file takes some 20 ms.
///
/// # Errors
/// [`Error::Parse`] with the line counted from 1; [`Error::OutOfRange`] for a port count outside
/// `1..=99`. Arbitrary bytes never panic.
pub fn parse_touchstone(path_for_messages: &Path, bytes: &[u8], ports: usize) -> Result<Network> {
    crate::error::in_range("ports", ports as f64, 1.0, MAX_PORTS as f64)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = Reader::new(path_for_messages, bytes, ports);
    let mut lines = Lines::new(bytes);
    loop {
        let rest = lines.clone();
        let Some(line) = lines.next() else { break };
        if reader.line(line.number, line.text, &rest)? == Flow::Stop {
            break;
        }
    }
    reader.finish(lines.number())
}

/// The port count in the extension `.sNp`.
fn ports_of(path: &Path) -> Result<usize> {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
    let digits = extension
        .strip_prefix(['s', 'S'])
        .and_then(|e| e.strip_suffix(['p', 'P']));
    match digits.and_then(|d| d.parse().ok()) {
        Some(ports) if (1..=MAX_PORTS).contains(&ports) => Ok(ports),
        _ => Err(Error::UnknownWord {
            name: format!("extension of {}", path.display()).into(),
            value: extension.to_owned(),
            allowed: ".s1p, .s2p, .s4p, … .s99p",
        }),
    }
}

/// Whether the reader wants the next line.
#[derive(PartialEq)]
enum Flow {
    Go,
    Stop,
}

/// The state of one reading.
struct Reader<'a> {
    path: &'a Path,
    text: &'a [u8],
    ports: usize,
    options: Option<Options>,
    /// Numbers of the record that is being read: the frequency, then pairs.
    record: Vec<f64>,
    /// Numbers of the line that is being read; kept for its memory.
    numbers: Vec<f64>,
    /// Line the record began on.
    began: usize,
    frequencies_hz: Vec<f64>,
    s: Vec<Complex64>,
    shape: LineShape,
}

/// What the lines alone say about the port count.
#[derive(Default)]
struct LineShape {
    lines: usize,
    /// Numbers on each line so far, 0 once two lines differed.
    numbers: usize,
    first: f64,
}

impl LineShape {
    fn take(&mut self, numbers: usize, first: f64) {
        if self.lines == 0 {
            self.numbers = numbers;
        } else if numbers != self.numbers || first <= self.first {
            self.numbers = 0;
        }
        self.first = first;
        self.lines += 1;
    }

    /// The port count whose records fit on these lines one by one, if all lines agree.
    fn ports(&self) -> Option<usize> {
        (1..=MAX_PORTS).find(|n| self.lines > 1 && self.numbers == 1 + 2 * n * n)
    }
}

impl<'a> Reader<'a> {
    fn new(path: &'a Path, text: &'a [u8], ports: usize) -> Self {
        Self {
            path,
            text,
            ports,
            options: None,
            record: Vec::with_capacity(1 + 2 * ports * ports),
            numbers: Vec::new(),
            began: 0,
            frequencies_hz: Vec::new(),
            s: Vec::new(),
            shape: LineShape::default(),
        }
    }

    fn fail(&self, line: usize, reason: String) -> Error {
        Error::Parse {
            path: self.path.to_path_buf(),
            line,
            reason,
        }
    }

    /// Takes one line without its comment; `rest` starts with this very line.
    fn line(&mut self, at: usize, text: &[u8], rest: &Lines<'_>) -> Result<Flow> {
        match text.first() {
            None => return Ok(Flow::Go),
            Some(b'#') => {
                // Only the first option line counts, later ones are passed over by definition.
                if self.options.is_none() {
                    let options = Options::parse(&text[1..]).map_err(|r| self.fail(at, r))?;
                    self.options = Some(options);
                }
                return Ok(Flow::Go);
            }
            Some(b'[') => {
                let reason = format!(
                    "keyword {} of Touchstone 2, must be a Touchstone 1.x file",
                    shown(text)
                );
                return Err(self.fail(at, reason));
            }
            Some(_) => {}
        }
        let options = *self.options.get_or_insert_with(Options::default);
        let mut numbers = std::mem::take(&mut self.numbers);
        numbers.clear();
        for token in words(text) {
            numbers.push(number(token).map_err(|r| self.fail(at, r))?);
        }
        self.shape.take(numbers.len(), numbers[0]);
        for (column, &value) in numbers.iter().enumerate() {
            if self.record.is_empty() {
                self.began = at;
                if self.frequency_falls(at, value, options, rest, column == 0)? {
                    return Ok(Flow::Stop);
                }
            }
            self.record.push(value);
            if self.record.len() == 1 + 2 * self.ports * self.ports {
                self.close_record(at, options)?;
            }
        }
        self.numbers = numbers;
        Ok(Flow::Go)
    }

    /// Checks the frequency that opens a record; true where the noise section begins.
    fn frequency_falls(
        &self,
        at: usize,
        value: f64,
        options: Options,
        rest: &Lines<'_>,
        opens_line: bool,
    ) -> Result<bool> {
        let f_hz = value * options.hertz;
        if !(f_hz.is_finite() && f_hz >= 0.0) {
            let reason = format!("frequency is {value}, must be a finite number not below zero");
            return Err(self.fail(at, reason));
        }
        let Some(&last_hz) = self.frequencies_hz.last() else {
            return Ok(false);
        };
        if f_hz > last_hz {
            return Ok(false);
        }
        if self.ports == 2 && opens_line && is_noise_section(rest.clone()) {
            return Ok(true);
        }
        let hint = self.port_hint();
        let reason = format!(
            "frequency {f_hz} Hz follows {last_hz} Hz, frequencies must rise and every record of \
             {} ports have {} numbers{hint}",
            self.ports,
            1 + 2 * self.ports * self.ports
        );
        Err(self.fail(at, reason))
    }

    /// Words for a message when the text is laid out for another port count.
    fn port_hint(&self) -> String {
        match ports_by_layout(self.text) {
            Some(n) if n != self.ports => format!(" (the lines look like {n} ports)"),
            _ => String::new(),
        }
    }

    /// Turns a full record into one frequency of the network.
    fn close_record(&mut self, at: usize, options: Options) -> Result<()> {
        let n = self.ports;
        let start = self.s.len();
        for pair in self.record[1..].chunks_exact(2) {
            let value = options.format.complex(pair[0], pair[1]);
            if !(value.re.is_finite() && value.im.is_finite()) {
                let reason = format!(
                    "the pair {} {} is beyond the range of numbers, |S| must be finite",
                    pair[0], pair[1]
                );
                return Err(self.fail(at, reason));
            }
            if value.norm() > MAX_MAGNITUDE {
                let reason = format!(
                    "the pair {:e} {:e} is |S| = {:.1e}, S-parameters lie below {MAX_MAGNITUDE:e} (a \
                     passive channel's at or below 1)",
                    pair[0],
                    pair[1],
                    value.norm()
                );
                return Err(self.fail(at, reason));
            }
            self.s.push(value);
        }
        if n == 2 {
            self.s.swap(start + 1, start + 2);
        }
        self.frequencies_hz.push(self.record[0] * options.hertz);
        self.record.clear();
        Ok(())
    }

    fn finish(self, last_line: usize) -> Result<Network> {
        let n = self.ports;
        if !self.record.is_empty() {
            let reason = format!(
                "file ends after {} of the {} numbers of the record that begins on line {}{}",
                self.record.len(),
                1 + 2 * n * n,
                self.began,
                self.port_hint()
            );
            return Err(self.fail(last_line, reason));
        }
        if self.frequencies_hz.is_empty() {
            let reason = "no data found, needs at least one frequency".to_owned();
            return Err(self.fail(last_line.max(1), reason));
        }
        if let Some(found) = self.shape.ports()
            && found != n
            && self.frequencies_hz.len() > 1
        {
            let reason = format!("the lines hold records of {found} ports, must be {n} ports");
            return Err(self.fail(last_line, reason));
        }
        let z0 = self.options.unwrap_or_default().z0_ohm;
        Network::new(self.frequencies_hz, z0, n, self.s)
    }
}

/// The port count a usual layout shows: pairs stay together, so a line with an odd count of numbers
/// begins a record, and two such lines measure one.
fn ports_by_layout(text: &[u8]) -> Option<usize> {
    let counts = Lines::new(text)
        .filter(|l| !l.text.is_empty() && l.text[0] != b'#')
        .map(|l| words(l.text).count());
    let mut record: Option<usize> = None;
    for count in counts {
        match (record, count % 2) {
            (Some(numbers), 1) => return (1..=MAX_PORTS).find(|n| 1 + 2 * n * n == numbers),
            (Some(numbers), _) => record = Some(numbers + count),
            (None, 1) => record = Some(count),
            (None, _) => return None,
        }
    }
    None
}

/// Noise data: five numbers on every line to the end, frequencies rising.
fn is_noise_section(lines: Lines<'_>) -> bool {
    let mut last = f64::NEG_INFINITY;
    for line in lines {
        if line.text.is_empty() || line.text[0] == b'#' {
            continue;
        }
        let mut count = 0;
        for token in words(line.text) {
            match number(token) {
                Ok(f) if count == 0 && f <= last => return false,
                Ok(f) if count == 0 => last = f,
                Ok(_) => {}
                Err(_) => return false,
            }
            count += 1;
        }
        if count != 5 {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests;
