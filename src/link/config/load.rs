//! Scenarios from TOML files and from single settings, `optics.rin_db_hz = -150`.
//!
//! A file holds what differs from the defaults, under the names of the structs' fields. Paths that begin
//! with `rate_100g` or `rate_200g` change that lane rate, `seed` is the seed, and every other path
//! changes both rates:
//!
//! ```
//! use std::path::Path;
//! use pamlink::link::config::Scenario;
//!
//! let text = "
//! seed = 7
//! [optics]                    # both lane rates
//! rin_db_hz = -150
//! [rate_200g.receiver.host_linear]
//! ffe_postcursors = 24
//! ";
//! let mut scenario = Scenario::from_toml(Path::new("link.toml"), text)?;
//! scenario.set("rate_100g.channel.near_loss_db", "12")?;
//! assert_eq!(scenario.rate_100g.optics.rin_db_hz, -150.0);
//! assert_eq!(scenario.rate_100g.channel.near_loss_db, 12.0);
//! assert_eq!(scenario.rate_200g.receiver.host_linear.ffe_postcursors, 24);
//! # Ok::<(), pamlink::Error>(())
//! ```

use std::ops::Range;
use std::path::Path;

use toml::Value;
use toml::de::{DeTable, DeValue};

use crate::error::{Error, Result};
use crate::rate::LaneRate;

use super::{LinkConfig, Scenario};

impl Scenario {
    /// The default scenario with what a TOML text changes; settings for both rates apply before those
    /// for one, wherever they stand.
    ///
    /// Ranges are not checked here ([`LinkConfig::validate`] does, as every engine does).
    ///
    /// # Errors
    /// [`Error::Parse`] with line and column: text that is not TOML, unknown fields (the message lists
    /// the known ones), values of another type.
    pub fn from_toml(path: &Path, text: &str) -> Result<Self> {
        let document = DeTable::parse(text).map_err(|e| {
            let at = e.span().unwrap_or_default().start;
            located(path, text, at, e.message())
        })?;
        let mut settings = Vec::new();
        flatten(document.get_ref(), "", text, &mut settings);
        settings.sort_by_key(|s| !matches!(scope(&s.path), Scope::Both(_)));
        let mut scenario = Self::default();
        for setting in settings {
            scenario
                .set(&setting.path, setting.value)
                .map_err(|error| {
                    let at = match error {
                        Error::UnknownField { .. } => setting.key.start,
                        _ => setting.at,
                    };
                    located(path, text, at, &error.to_string())
                })?;
        }
        Ok(scenario)
    }

    /// Changes one field, or the fields of a table: `path` as above, `value` as TOML writes it; a text
    /// may go without quotes. Entries of lists are counted from 0 (`host.tx_fir.pre.0`).
    ///
    /// # Errors
    /// [`Error::UnknownField`] with the fields known at the level where the path leaves them,
    /// [`Error::WrongType`] with what the field wants. The scenario is then as before.
    pub fn set(&mut self, path: &str, value: &str) -> Result<()> {
        let value = value.trim();
        match scope(path) {
            Scope::Seed => {
                self.seed = value.parse().map_err(|_| Error::WrongType {
                    name: "seed".into(),
                    value: value.to_owned(),
                    expected: "a whole number from 0 to 2^64 - 1".into(),
                })?;
            }
            Scope::One(rate, "") => {
                let mut config = self.rate(rate).clone();
                assign(&mut config, path, "", value)?;
                *self.rate_mut(rate) = config;
            }
            Scope::One(rate, rest) => assign(self.rate_mut(rate), path, rest, value)?,
            Scope::Both(rest) => {
                let mut both = LaneRate::ALL.map(|rate| self.rate(rate).clone());
                for config in &mut both {
                    assign(config, path, rest, value)?;
                }
                [self.rate_100g, self.rate_200g] = both;
            }
        }
        Ok(())
    }
}

/// What the beginning of a path addresses, and the rest.
enum Scope<'a> {
    Seed,
    One(LaneRate, &'a str),
    Both(&'a str),
}

fn scope(path: &str) -> Scope<'_> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    match first {
        "seed" => Scope::Seed,
        "rate_100g" => Scope::One(LaneRate::G100, rest),
        "rate_200g" => Scope::One(LaneRate::G200, rest),
        _ => Scope::Both(path),
    }
}

/// Sets `rest` of a configuration; errors name the whole `path`.
fn assign(config: &mut LinkConfig, path: &str, rest: &str, value: &str) -> Result<()> {
    let mut tree = Value::try_from(&*config).map_err(|e| Error::WrongType {
        name: path.to_owned().into(),
        value: value.to_owned(),
        expected: format!("part of a configuration that TOML can hold ({e})"),
    })?;
    let outer = path.strip_suffix(rest).unwrap_or("");
    place(&mut tree, outer, rest, parse(value))?;
    *config = tree.try_into().map_err(|e: toml::de::Error| {
        // "unknown variant `x`, expected `a` or `b`" and the like.
        let message = e.message();
        Error::WrongType {
            name: path.to_owned().into(),
            value: value.to_owned(),
            expected: match message.split_once("expected ") {
                Some((_, expected)) => expected.trim().to_owned(),
                None => format!("another value ({message})"),
            },
        }
    })?;
    Ok(())
}

/// A TOML value, a number as other languages write it (`.5`), or the words themselves.
fn parse(text: &str) -> Value {
    match toml::from_str::<toml::Table>(&format!("x = {text}")) {
        Ok(mut table) if table.len() == 1 => match table.remove("x") {
            Some(value) => value,
            None => Value::String(text.to_owned()),
        },
        _ => text
            .parse()
            .map_or_else(|_| Value::String(text.to_owned()), Value::Float),
    }
}

/// Puts a value at `rest` below `tree`, whose own name is `outer` (with the dot behind it).
fn place(tree: &mut Value, outer: &str, rest: &str, value: Value) -> Result<()> {
    if rest.is_empty() && !outer.is_empty() {
        return merge(tree, outer.trim_end_matches('.'), value);
    }
    let (part, below) = rest.split_once('.').unwrap_or((rest, ""));
    let name = format!("{outer}{part}");
    let (entry, known) = match tree {
        Value::Table(table) => {
            let mut known: Vec<String> = table.keys().cloned().collect();
            if outer.is_empty() {
                known.extend(["seed", "rate_100g", "rate_200g"].map(String::from));
            }
            (table.get_mut(part), known.join(", "))
        }
        Value::Array(list) => {
            let known = format!("0 to {}", list.len().saturating_sub(1));
            let index = part.parse::<usize>().ok();
            (index.and_then(|i| list.get_mut(i)), known)
        }
        other => (
            None,
            format!(
                "(none: {} is {})",
                outer.trim_end_matches('.'),
                kind_of(other)
            ),
        ),
    };
    match entry {
        Some(entry) => place(entry, &format!("{name}."), below, value),
        None => Err(Error::UnknownField {
            name: name.into(),
            known,
        }),
    }
}

/// Replaces a value by one of the same type; tables field by field.
fn merge(old: &mut Value, name: &str, new: Value) -> Result<()> {
    *old = match (&mut *old, new) {
        (Value::Table(_), Value::Table(fields)) => {
            let outer = if name.is_empty() {
                String::new()
            } else {
                format!("{name}.")
            };
            for (key, value) in fields {
                place(old, &outer, &key, value)?;
            }
            return Ok(());
        }
        (Value::Integer(_), Value::Float(f)) if f.fract() == 0.0 && f.abs() < 9e15 => {
            Value::Integer(f as i64)
        }
        (Value::Float(_), Value::Integer(i)) => Value::Float(i as f64),
        (same, new) if same.same_type(&new) => new,
        (old, new) => {
            return Err(Error::WrongType {
                name: name.to_owned().into(),
                value: new.to_string(),
                expected: kind_of(old).to_owned(),
            });
        }
    };
    Ok(())
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::String(_) => "a word",
        Value::Boolean(_) => "true or false",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table of fields",
        Value::Datetime(_) => "a date",
    }
}

/// One value of a file: its path, its text and where both stand.
struct Setting<'t> {
    path: String,
    value: &'t str,
    key: Range<usize>,
    at: usize,
}

fn flatten<'t>(table: &DeTable<'_>, outer: &str, text: &'t str, out: &mut Vec<Setting<'t>>) {
    for (key, value) in table {
        let path = format!("{outer}{}", key.get_ref());
        if let DeValue::Table(inner) = value.get_ref() {
            // The table itself, so that an unknown one is named as such.
            out.push(Setting {
                path: path.clone(),
                value: "{}",
                key: key.span(),
                at: key.span().start,
            });
            flatten(inner, &format!("{path}."), text, out);
        } else {
            out.push(Setting {
                path,
                value: text.get(value.span()).unwrap_or_default(),
                key: key.span(),
                at: value.span().start,
            });
        }
    }
}

/// A mistake at a byte of a text.
fn located(path: &Path, text: &str, at: usize, reason: &str) -> Error {
    let before = text.get(..at).unwrap_or(text);
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    Error::Parse {
        path: path.to_path_buf(),
        line: before.matches('\n').count() + 1,
        reason: format!("column {column}: {}", reason.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn load(text: &str) -> Result<Scenario> {
        Scenario::from_toml(Path::new("a.toml"), text)
    }

    fn error(path: &str, value: &str) -> String {
        let mut scenario = Scenario::default();
        let text = scenario.set(path, value).unwrap_err().to_string();
        assert_eq!(
            scenario,
            Scenario::default(),
            "a failed setting changes nothing"
        );
        text
    }

    #[test]
    fn a_partial_file_changes_what_it_names() {
        assert_eq!(load("").unwrap(), Scenario::default());
        let s = load(
            "seed = 3\n[rate_100g.optics]\noma_dbm = 2\n[optics]\noma_dbm = 0.5\nfilter = \"butterworth4\"\n\
             [host.tx_fir]\npre = [[-0.1, 0]]\n[channel]\npackage = \"none\"\n",
        )
        .unwrap();
        assert_eq!((s.seed, s.rate_100g.optics.oma_dbm), (3, 2.0));
        assert_eq!(s.rate_200g.optics.oma_dbm, 0.5);
        assert_eq!(s.rate_200g.host.tx_fir.pre, [[-0.1, 0.0]]);
        assert_eq!(s.rate_100g.channel.package, super::super::PackageSet::None);
    }

    #[test]
    fn mistakes_in_files_have_line_and_column() {
        for (text, line, words) in [
            ("seed = 1\n[optics\n", 2, "column 8"),
            (
                "[optics]\nrin = -150\n",
                2,
                "column 1: optics.rin is not a field",
            ),
            (
                "\n[opticz]\nrin = -150\n",
                2,
                "column 2: opticz is not a field",
            ),
            (
                "[optics]\nrin_db_hz = \"low\"\n",
                2,
                "column 13: optics.rin_db_hz",
            ),
            ("[channel]\npackage = \"bga\"\n", 2, "`com`"),
            ("seed = -1\n", 1, "column 8: seed"),
        ] {
            match load(text).unwrap_err() {
                Error::Parse {
                    line: at, reason, ..
                } => {
                    assert_eq!(at, line, "{text}");
                    assert!(reason.contains(words), "{reason} has no {words}");
                }
                other => panic!("{other}"),
            }
        }
    }

    #[test]
    fn settings_reach_one_rate_or_both() {
        let mut s = Scenario::default();
        s.set("seed", "18446744073709551615").unwrap();
        s.set("rate_200g.fec.target_cer", "1e-10").unwrap();
        s.set("simulation.run_symbols", "1e6").unwrap();
        s.set("channel.package", "none").unwrap();
        s.set("host.tx_fir.pre.2.0", "-0.2").unwrap();
        s.set("jitter", "{random_ui = 0.02}").unwrap();
        assert_eq!(s.seed, u64::MAX);
        assert_eq!(s.rate_200g.fec.target_cer, 1e-10);
        assert_eq!(s.rate_100g.fec.target_cer, 1.45e-11);
        assert_eq!(s.rate_100g.simulation.run_symbols, 1_000_000);
        assert_eq!(s.rate_200g.host.tx_fir.pre[2], [-0.2, 0.0]);
        assert_eq!(s.rate_200g.jitter.random_ui, 0.02);
        assert_eq!(s.rate_200g.jitter.dual_dirac_ui, 0.02);
    }

    #[test]
    fn wrong_settings_say_what_is_known_and_expected() {
        let text = error("optics.rin", "-150");
        assert!(
            text.contains("optics.rin") && text.contains("rin_db_hz"),
            "{text}"
        );
        let text = error("rate_100g.nothing", "1");
        assert!(
            text.contains("rate_100g.nothing") && text.contains("baud_hz"),
            "{text}"
        );
        let text = error("optic", "1");
        assert!(text.contains("optics") && text.contains("seed"), "{text}");
        let text = error("optics.rin_db_hz", "quiet");
        assert!(text.contains("must be a number"), "{text}");
        assert!(error("analysis.bursts", "1.5").contains("a whole number"));
        assert!(error("energy.module_node_nm", "-5").contains("energy.module_node_nm"));
        assert!(error("baud_hz.x", "1").contains("baud_hz is a number"));
        assert!(error("channel.package", "bga").contains("`com`"));
        assert!(error("host.tx_fir.pre.9", "[0, 0]").contains("0 to 2"));
        assert!(error("optics", "3").contains("a table of fields"));
        assert!(error("rate_100g", "3").contains("rate_100g"));
        assert!(error("", "3").contains("baud_hz"));
    }

    /// Paths and values of all numbers of a configuration.
    fn numbers(tree: &Value, outer: &str, out: &mut Vec<String>) {
        match tree {
            Value::Table(t) => t.iter().for_each(|(k, v)| {
                let dot = if outer.is_empty() { "" } else { "." };
                numbers(v, &format!("{outer}{dot}{k}"), out);
            }),
            Value::Float(_) => out.push(outer.to_owned()),
            _ => {}
        }
    }

    proptest! {
        /// Any scenario survives its own TOML, and any number set is the number read.
        #[test]
        fn files_and_settings_round_trip(seed in 0..i64::MAX as u64, pick: prop::sample::Index, x in -1e30f64..1e30) {
            let mut scenario = Scenario { seed, ..Scenario::default() };
            let mut paths = Vec::new();
            numbers(&Value::try_from(&scenario.rate_100g).unwrap(), "", &mut paths);
            prop_assert!(paths.len() > 50);
            let path = format!("rate_100g.{}", paths[pick.index(paths.len())]);
            scenario.set(&path, &x.to_string()).unwrap();
            let text = toml::to_string(&scenario).unwrap();
            prop_assert_eq!(load(&text).unwrap(), scenario.clone());
            let mut tree = &Value::try_from(&scenario).unwrap();
            for part in path.split('.') {
                tree = &tree[part];
            }
            prop_assert_eq!(tree.as_float(), Some(x));
        }
    }
}
