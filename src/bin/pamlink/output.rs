//! What reaches the terminal: reports on stdout, messages on stderr; styles on terminals only.

use std::io::{ErrorKind, IsTerminal, Write};

use pamlink::report::Section;
use pamlink::{Error, Result};
use serde::Serialize;

/// Width of reports that do not go to a terminal, in columns.
const PIPED: usize = 100;
/// The narrowest and the widest layout.
const NARROWEST: usize = 80;
const WIDEST: usize = 120;

/// Columns to lay a report out for: `COLUMNS`, else the terminal's, else 100.
pub(crate) fn width() -> usize {
    let named = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    let terminal = || {
        let term = console::Term::stdout();
        let size = std::io::stdout().is_terminal().then(|| term.size_checked());
        size.flatten().map(|(_, columns)| usize::from(columns))
    };
    named
        .or_else(terminal)
        .unwrap_or(PIPED)
        .clamp(NARROWEST, WIDEST)
}

/// Prints sections, titles bold on a terminal.
pub(crate) fn sections(sections: &[Section]) -> Result<()> {
    let mut text = String::new();
    for section in sections {
        if !section.title.is_empty() {
            text.extend(["\x1b[1m", section.title.as_str(), "\x1b[0m\n"]);
        }
        text += section.body.trim_end();
        text += "\n\n";
    }
    text.pop();
    write(&text)
}

/// Prints one JSON object.
pub(crate) fn json<T: Serialize>(document: &T) -> Result<()> {
    let text = serde_json::to_string_pretty(document).map_err(|e| Error::Io {
        path: "stdout".into(),
        source: e.into(),
    })?;
    write(&(text + "\n"))
}

/// Writes to stdout; styles fall away where it is no terminal. A reader that went away is no error.
fn write(text: &str) -> Result<()> {
    let mut out = anstream::stdout().lock();
    let done = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match done {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Error::Io {
            path: "stdout".into(),
            source: e,
        }),
        _ => Ok(()),
    }
}

/// `error: …` on stderr.
pub(crate) fn error(error: &Error) {
    // Nothing is left to tell anyone if stderr is closed.
    let _ = writeln!(anstream::stderr(), "\x1b[1;31merror:\x1b[0m {error}");
}

/// A line on stderr.
pub(crate) fn note(text: &str) {
    // As above.
    let _ = writeln!(anstream::stderr(), "{text}");
}
