//! Lines and numbers of a Touchstone text, as bytes.

/// One line without its comment and outer blanks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// Counted from 1.
    pub(super) number: usize,
    pub(super) text: &'a [u8],
}

/// The lines of a text; `\n`, `\r\n` and a lone `\r` end a line.
#[derive(Debug, Clone)]
pub(super) struct Lines<'a> {
    rest: &'a [u8],
    number: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self {
            rest: text,
            number: 0,
        }
    }

    /// Number of the line handed out last.
    pub(super) fn number(&self) -> usize {
        self.number
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let ends = |b: &u8| matches!(b, b'\n' | b'\r');
        let stop = |b: &u8| ends(b) || *b == b'!';
        let length = self.rest.len();
        let text = self.rest.iter().position(stop).unwrap_or(length);
        let comment = self.rest[text..].iter().position(ends);
        let end = comment.map_or(length, |c| text + c);
        let (line, mut rest) = self.rest.split_at(end);
        if rest.starts_with(b"\r\n") {
            rest = &rest[2..];
        } else if !rest.is_empty() {
            rest = &rest[1..];
        }
        self.rest = rest;
        self.number += 1;
        Some(Line {
            number: self.number,
            text: line[..text].trim_ascii(),
        })
    }
}

/// The words of a line.
pub(super) fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(u8::is_ascii_whitespace)
        .filter(|w| !w.is_empty())
}

/// A token as it may stand in a message: short and printable.
pub(super) fn shown(token: &[u8]) -> String {
    const LONGEST: usize = 24;
    let head = &token[..token.len().min(LONGEST)];
    let dots = if token.len() > LONGEST { "…" } else { "" };
    format!("\"{}{dots}\"", head.escape_ascii())
}

/// A finite number, or the reason why the token is none.
pub(super) fn number(token: &[u8]) -> Result<f64, String> {
    let value = std::str::from_utf8(token)
        .ok()
        .and_then(|t| t.parse::<f64>().ok());
    match value {
        Some(v) if v.is_finite() => Ok(v),
        Some(_) => Err(format!("{} must be a finite number", shown(token))),
        None if token.iter().any(|b| !(b' '..=b'~').contains(b)) => Err(format!(
            "{} is not text, must be a Touchstone text file",
            shown(token)
        )),
        None => Err(format!("{} is not a number, must be one", shown(token))),
    }
}
