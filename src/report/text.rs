//! Numbers and tables as text: how many digits, which width.

use std::fmt;

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use crate::energy::Interval;

/// A titled piece of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Title, one line; empty for none.
    pub title: String,
    /// Lines of plain text, each within the width asked for.
    pub body: String,
}

impl Section {
    pub(super) fn new(title: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            body: body.into(),
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.title.is_empty() {
            writeln!(f, "{}", self.title)?;
        }
        writeln!(f, "{}\n", self.body.trim_end())
    }
}

/// Column of a table.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Align {
    Left,
    Right,
}

/// A table without frames: columns two spaces apart, one where that is too wide for `width`, folded
/// where that is too; a line below the header.
pub(super) fn table(
    width: usize,
    header: &[(&str, Align)],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    const STYLE: TableStyle =
        TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
    let cell = |text: String, align| {
        Cell::new_owned(text).set_alignment(match align {
            Align::Left => CellAlignment::Left,
            Align::Right => CellAlignment::Right,
        })
    };
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .set_header(header.iter().map(|&(h, a)| cell(h.to_owned(), a)));
    for row in rows {
        let cells = row.into_iter().zip(header);
        table.add_row(cells.map(|(text, &(_, a))| cell(text, a)));
    }
    // The style has one space of its own between columns.
    let contents: usize = table
        .column_max_content_widths()
        .into_iter()
        .map(usize::from)
        .sum();
    let gaps = header.len().saturating_sub(1);
    let padding = u16::from(contents + 2 * gaps <= width);
    for (i, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if i > 0 { padding } else { 0 }, 0));
    }
    table.set_content_arrangement(if contents + gaps <= width {
        ContentArrangement::Disabled
    } else {
        ContentArrangement::Dynamic
    });
    trim_lines(&table.trim_fmt())
}

fn trim_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// Breaks a paragraph at spaces; lines after the first start with `indent` spaces.
pub(super) fn wrap(text: &str, width: usize, indent: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > indent && column + 1 + length > width {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

/// Smallest probability that is printed as a number: what the engines claim to know.
pub(super) const SMALLEST: f64 = 1e-20;

/// An error ratio with two digits.
pub(super) fn ratio(x: f64) -> String {
    if x < SMALLEST {
        format!("<{SMALLEST:.0e}")
    } else {
        format!("{x:.1e}")
    }
}

/// The bounds of an error ratio with one digit each, `1e-7..4e-6`.
pub(super) fn ratio_bounds(low: f64, high: f64) -> String {
    let one = |x: f64| {
        if x < SMALLEST {
            format!("<{SMALLEST:.0e}")
        } else {
            format!("{x:.0e}")
        }
    };
    format!("{}..{}", one(low), one(high))
}

/// Watts, picojoules, megawatts: three digits where there are three.
pub(super) fn amount(x: f64) -> String {
    if x.abs() < 9.995 {
        format!("{x:.2}")
    } else if x.abs() < 99.95 {
        format!("{x:.1}")
    } else {
        format!("{x:.0}")
    }
}

/// The bounds of an amount on a line of their own.
pub(super) fn amount_bounds(i: Interval) -> String {
    format!("{}-{}", amount(i.low), amount(i.high))
}

/// Value and bounds on two lines.
pub(super) fn two_lines(i: Interval) -> String {
    format!("{}\n{}", amount(i.nominal), amount_bounds(i))
}

/// Value and bounds on one line, `12.8 (11.6-14.4)`.
pub(super) fn one_line(i: Interval) -> String {
    format!("{} ({})", amount(i.nominal), amount_bounds(i))
}

/// A share in per cent.
pub(super) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent >= 9.95 {
        format!("{percent:.0} %")
    } else if percent >= 0.095 {
        format!("{percent:.1} %")
    } else if percent >= 0.0095 {
        format!("{percent:.2} %")
    } else {
        "<0.01 %".to_owned()
    }
}

/// `12 345 678`.
pub(super) fn thousands(n: f64) -> String {
    let digits = format!("{n:.0}");
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_mean_something() {
        assert_eq!(ratio(4.607e-5), "4.6e-5");
        assert_eq!(ratio(0.0), "<1e-20");
        assert_eq!(ratio_bounds(1.4e-7, 3.9e-6), "1e-7..4e-6");
        assert_eq!([9.994, 12.84, 412.3].map(amount), ["9.99", "12.8", "412"]);
        assert_eq!(
            one_line(Interval::new(11.6, 12.8, 14.4)),
            "12.8 (11.6-14.4)"
        );
        assert_eq!(
            [0.31, 0.012, 1e-6].map(percent),
            ["31 %", "1.2 %", "<0.01 %"]
        );
        assert_eq!(thousands(300_000.0), "300 000");
    }

    #[test]
    fn tables_and_paragraphs_keep_their_width() {
        let words = "one two three four five six seven";
        for width in [12, 20, 100] {
            assert!(wrap(words, width, 2).lines().all(|l| l.len() <= width));
        }
        let text = table(
            30,
            &[("name", Align::Left), ("W", Align::Right)],
            [vec!["a rather long name that folds".into(), "1.0".into()]],
        );
        assert!(text.lines().all(|l| l.chars().count() <= 30), "{text}");
        assert!(!text.contains('\x1b') && text.contains('─'));
    }
}
