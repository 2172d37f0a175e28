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

use super::super::price::node;
use super::{LinkConfig, Scenario};

impl Scenario {
    /// The default scenario with what a TOML text changes; settings for both rates apply before those
    /// for one, wherever they stand.
    ///
    /// Ranges are not checked here ([`Self::validate_toml`] does, and every engine).
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

    /// Checks every field of both lane rates; where one rate alone is wrong, the error's path begins with
    /// it (`rate_200g.optics.oma_dbm`).
    ///
    /// # Errors
    /// Those of [`LinkConfig::validate`], and nodes that have no price.
    pub fn validate(&self) -> Result<()> {
        let errors = LaneRate::ALL.map(|rate| (rate, check(self.rate(rate)).err()));
        let [(_, slow), (_, fast)] = &errors;
        let text = |e: &Option<Error>| e.as_ref().map(Error::to_string);
        let both = text(slow) == text(fast);
        for (rate, error) in errors {
            if let Some(mut error) = error {
                if let (false, Some(name)) = (both, error.field()) {
                    *name = format!("{}.{name}", key(rate)).into();
                }
                return Err(error);
            }
        }
        Ok(())
    }

    /// [`Self::validate`] for a scenario straight from a file: the error names the file, and the line
    /// where the field is set.
    ///
    /// # Errors
    /// [`Error::Parse`].
    pub fn validate_toml(&self, path: &Path, text: &str) -> Result<()> {
        let Err(mut error) = self.validate() else {
            return Ok(());
        };
        let mut settings = Vec::new();
        if let Ok(document) = DeTable::parse(text) {
            flatten(document.get_ref(), "", text, &mut settings);
        }
        let reason = error.to_string();
        let wrong = error.field().map(|n| n.to_string()).unwrap_or_default();
        // Names of fields end at what is not part of a path, as in "window_ui (a power of two)".
        let wrong = wrong.split([' ', '[']).next().unwrap_or_default();
        let both_rates = |p: &str| match scope(p) {
            Scope::One(_, rest) | Scope::Both(rest) => rest.to_owned(),
            Scope::Seed => String::new(),
        };
        let exact = settings.iter().rfind(|s| s.path == wrong);
        let either = || {
            let wanted = both_rates(wrong);
            let is = |s: &&Setting<'_>| !wanted.is_empty() && both_rates(&s.path) == wanted;
            settings.iter().rfind(is)
        };
        let at = exact.or_else(either).map_or(0, |s| s.at);
        Err(located(path, text, at, &reason))
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

fn key(rate: LaneRate) -> &'static str {
    match rate {
        LaneRate::G100 => "rate_100g",
        LaneRate::G200 => "rate_200g",
    }
}

fn check(config: &LinkConfig) -> Result<()> {
    config.validate()?;
    node("energy.module_node_nm", config.energy.module_node_nm)?;
    node("energy.host_node_nm", config.energy.host_node_nm)?;
    Ok(())
}

/// What a type wants, in words for those who write configurations.
fn plain(expected: &str) -> String {
    match expected {
        "usize" | "u64" => "a whole number, 0 or more".to_owned(),
        "u32" => "a whole number from 0 to 4294967295".to_owned(),
        "f64" | "f32" | "floating point number" => "a number".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a boolean" => "true or false".to_owned(),
        other => other.replace("an array of length", "a list of length"),
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
                Some((_, expected)) => plain(expected.trim()),
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
    let name = match format!("{outer}{part}") {
        name if name.is_empty() => "\"\" (an empty path)".to_owned(),
        name => name,
    };
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
mod tests;
