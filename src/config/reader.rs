//! Walks a TOML file with the place of everything in it, and gathers what is wrong.
//!
//! A serde derive would stop at the first fault; this walk asks for one key after the other, so
//! that a file with five faults gets five complaints. Keys that nobody asked for are unknown.

use std::cell::RefCell;
use std::collections::BTreeSet;

use toml::de::{DeTable, DeValue};

use super::complaints::{Complaint, Said, said, shown};
use super::nearest::nearest;

/// One file, and the complaints about it so far.
pub(super) struct File {
    name: String,
    text: String,
    /// The bytes at which lines begin.
    lines: Vec<usize>,
    complaints: RefCell<Vec<Complaint>>,
    /// Every key that was asked for, with its sections.
    asked: RefCell<BTreeSet<String>>,
}

/// A table and where it stands.
pub(super) struct Section<'a> {
    file: &'a File,
    table: &'a DeTable<'a>,
    /// `source`, or empty for the top level.
    path: String,
    /// The byte where it begins.
    at: usize,
    known: RefCell<Vec<String>>,
}

/// A value and where it stands.
pub(super) struct Value<'a> {
    pub(super) file: &'a File,
    pub(super) path: String,
    pub(super) start: usize,
    written: &'a DeValue<'a>,
}

/// A key that its writer chose (a language, a keyword), with its value.
pub(super) struct Entry<'a> {
    pub(super) key: &'a str,
    /// The byte where the key begins.
    pub(super) key_start: usize,
    pub(super) value: Value<'a>,
}

impl File {
    pub(super) fn new(name: String, text: String) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            name,
            lines: std::iter::once(0).chain(ends).collect(),
            text,
            complaints: RefCell::new(Vec::new()),
            asked: RefCell::new(BTreeSet::new()),
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The whole file as a section.
    pub(super) fn section<'a>(&'a self, table: &'a DeTable<'a>) -> Section<'a> {
        Section {
            file: self,
            table,
            path: String::new(),
            at: 0,
            known: RefCell::new(Vec::new()),
        }
    }

    pub(super) fn complain(&self, byte: usize, key: &str, wrong: Said, right: Said) {
        let (line, column) = self.place(byte);
        self.complaints.borrow_mut().push(Complaint {
            file: self.name.clone(),
            line,
            column,
            key: shown(key),
            wrong,
            right,
        });
    }

    pub(super) fn into_complaints(self) -> Vec<Complaint> {
        self.complaints.into_inner()
    }

    pub(super) fn asked(&self) -> BTreeSet<String> {
        self.asked.borrow().clone()
    }

    /// The line of a byte, from 1.
    pub(super) fn line_of(&self, byte: usize) -> usize {
        self.lines.partition_point(|start| *start <= byte).max(1)
    }

    /// Line and column of a byte, both from 1; columns count characters.
    fn place(&self, byte: usize) -> (usize, usize) {
        let line = self.line_of(byte);
        let before = self.text.get(self.lines[line - 1]..byte).unwrap_or("");
        (line, before.chars().count() + 1)
    }

    /// The byte at which the `n`-th character of the string stands that is written at `start`.
    pub(super) fn byte_within(&self, start: usize, n: usize) -> usize {
        let raw = self.text.get(start..).unwrap_or("");
        let Some(quote) = raw.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            return start + raw.char_indices().nth(n).map_or(0, |(at, _)| at);
        };
        let triple: String = [quote; 3].iter().collect();
        let mut at = if raw.starts_with(&triple) { 3 } else { 1 };
        if at == 3 {
            // A line end right after the opening quotes does not count.
            at += ["\r\n", "\n"]
                .iter()
                .find(|end| raw[3..].starts_with(**end))
                .map_or(0, |end| end.len());
        }
        for _ in 0..n {
            at += written_len(&raw[at..], quote == '"');
        }
        start + at
    }
}

/// Bytes that the next character of a string takes in the file.
fn written_len(raw: &str, escapes: bool) -> usize {
    let mut chars = raw.chars();
    let Some(first) = chars.next() else { return 0 };
    if first != '\\' || !escapes {
        return first.len_utf8();
    }
    match chars.next() {
        Some('x') => 4,
        Some('u') => 6,
        Some('U') => 10,
        Some(c) if c.is_whitespace() => {
            // A backslash at the line's end swallows the blanks after it, and stands for nothing.
            let rest = raw[1..].trim_start();
            raw.len() - rest.len() + written_len(rest, true)
        }
        Some(_) => 2,
        None => 1,
    }
    .min(raw.len())
}

impl<'a> Section<'a> {
    /// The value of a key that this section may have.
    pub(super) fn get(&self, key: &str) -> Option<Value<'a>> {
        let path = self.path_of(key);
        self.file.asked.borrow_mut().insert(path.clone());
        self.known.borrow_mut().push(key.to_owned());
        let value = self.table.get(key)?;
        Some(Value {
            file: self.file,
            path,
            start: value.span().start,
            written: value.get_ref(),
        })
    }

    /// The value of a key that this section must have.
    pub(super) fn need(&self, key: &str, right: Said) -> Option<Value<'a>> {
        let value = self.get(key);
        if value.is_none() {
            self.complain_here(key, said!("falta", "is missing"), right);
        }
        value
    }

    /// The table under a key, as `[key]`.
    pub(super) fn table(&self, key: &str) -> Option<Section<'a>> {
        self.get(key)?.table()
    }

    /// The tables under a key, as `[[key]]`.
    pub(super) fn tables(&self, key: &str) -> Vec<Section<'a>> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let DeValue::Array(items) = value.written else {
            value.complain(
                said!("no es una lista de secciones", "is no list of sections"),
                said!(
                    "escriba [[{key}]], con dos corchetes",
                    "write [[{key}]], with two brackets"
                ),
            );
            return Vec::new();
        };
        items
            .iter()
            .filter_map(|item| {
                Value {
                    file: self.file,
                    path: value.path.clone(),
                    start: item.span().start,
                    written: item.get_ref(),
                }
                .table()
            })
            .collect()
    }

    /// All keys with their values, in the order of the file: for sections whose keys anybody may
    /// choose.
    pub(super) fn entries(&self) -> Vec<Entry<'a>> {
        let mut entries: Vec<Entry<'a>> = self
            .table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref(),
                key_start: key.span().start,
                value: Value {
                    file: self.file,
                    path: self.path_of(key.get_ref()),
                    start: value.span().start,
                    written: value.get_ref(),
                },
            })
            .collect();
        entries.sort_by_key(|entry| entry.key_start);
        entries
    }

    /// Complains about every key that nobody asked for. Call it when all have been asked for.
    pub(super) fn finish(&self) {
        let known = self.known.borrow();
        for key in self.table.keys() {
            let written = key.get_ref().as_ref();
            if known.iter().any(|known| known == written) {
                continue;
            }
            let right = if let Some(near) = nearest(written, known.iter().map(String::as_str)) {
                said!("¿quiso decir {near}?", "did you mean {near}?")
            } else {
                let all = known.join(", ");
                said!("aquí caben: {all}", "what can stand here: {all}")
            };
            self.file.complain(
                key.span().start,
                &self.path_of(written),
                said!("clave desconocida", "unknown key"),
                right,
            );
        }
    }

    /// Complaints of another file that this section names.
    pub(super) fn adopt(&self, complaints: Vec<Complaint>) {
        self.file.complaints.borrow_mut().extend(complaints);
    }

    /// A complaint about the section as a whole, or a key that it lacks.
    pub(super) fn complain_here(&self, key: &str, wrong: Said, right: Said) {
        self.file
            .complain(self.at, &self.path_of(key), wrong, right);
    }

    /// The line where it begins, from 1.
    pub(super) fn line(&self) -> usize {
        self.file.line_of(self.at)
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }
}

impl<'a> Value<'a> {
    pub(super) fn complain(&self, wrong: Said, right: Said) {
        self.file.complain(self.start, &self.path, wrong, right);
    }

    /// A text, if it is one.
    pub(super) fn plain(&self) -> Option<&'a str> {
        match self.written {
            DeValue::String(text) => Some(text.as_ref()),
            _ => None,
        }
    }

    /// A text; blank ones are refused, since a key without a value says nothing.
    pub(super) fn text(&self) -> Option<&'a str> {
        match self.written {
            DeValue::String(text) if !text.trim().is_empty() => Some(text.as_ref()),
            DeValue::String(_) => {
                self.complain(
                    said!("está vacío", "is empty"),
                    said!(
                        "escriba un texto o quite la clave",
                        "write a text or leave the key out"
                    ),
                );
                None
            }
            _ => self.wants(said!("un texto entre comillas", "a text in quotes")),
        }
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        match self.written {
            DeValue::Boolean(value) => Some(*value),
            _ => self.wants(said!(
                "true o false, sin comillas",
                "true or false, without quotes"
            )),
        }
    }

    /// A whole number from `least` to `most`.
    pub(super) fn integer(&self, least: i64, most: i64) -> Option<i64> {
        let number = match self.written {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        match number.filter(|number| (least..=most).contains(number)) {
            Some(number) => Some(number),
            None => self.wants(said!(
                "un número entero de {least} a {most}",
                "a whole number from {least} to {most}"
            )),
        }
    }

    /// Any number.
    pub(super) fn number(&self) -> Option<f64> {
        let number = match self.written {
            DeValue::Float(number) => number.as_str().replace('_', "").parse::<f64>().ok(),
            DeValue::Integer(number) => number.as_str().replace('_', "").parse::<f64>().ok(),
            _ => None,
        };
        match number {
            Some(number) => Some(number),
            None => self.wants(said!(
                "un número sin comillas, como 10",
                "a number without quotes, as 10"
            )),
        }
    }

    /// A share from 0 to 1, in millionths.
    pub(super) fn share(&self) -> Option<i64> {
        let share = match self.written {
            DeValue::Float(number) => number.as_str().replace('_', "").parse::<f64>().ok(),
            DeValue::Integer(number) => number.as_str().parse::<f64>().ok(),
            _ => None,
        };
        match share.filter(|share| (0.0..=1.0).contains(share)) {
            Some(share) => Some((share * 1e6).round() as i64),
            None => self.wants(said!(
                "un número de 0 a 1, como 0.60",
                "a number from 0 to 1, as 0.60"
            )),
        }
    }

    /// A day, written without quotes.
    pub(super) fn date(&self) -> Option<jiff::civil::Date> {
        if let DeValue::Datetime(at) = self.written
            && let (Some(date), None) = (at.date, at.time)
            && let Ok(date) = jiff::civil::Date::new(
                i16::try_from(date.year).unwrap_or(i16::MAX),
                i8::try_from(date.month).unwrap_or(i8::MAX),
                i8::try_from(date.day).unwrap_or(i8::MAX),
            )
        {
            return Some(date);
        }
        self.wants(said!(
            "una fecha sin comillas: 2026-12-01",
            "a date without quotes: 2026-12-01"
        ))
    }

    /// The items of a list; one that stands alone counts as a list of one.
    pub(super) fn items(&self) -> Vec<Value<'a>> {
        let item = |start, value| Value {
            file: self.file,
            path: self.path.clone(),
            start,
            written: value,
        };
        match self.written {
            DeValue::Array(items) => items
                .iter()
                .map(|each| item(each.span().start, each.get_ref()))
                .collect(),
            value => vec![item(self.start, value)],
        }
    }

    /// A section, as `[key]` or `key = { … }`.
    pub(super) fn table(&self) -> Option<Section<'a>> {
        let DeValue::Table(table) = self.written else {
            let key = self.path.rsplit('.').next().unwrap_or_default();
            if matches!(self.written, DeValue::Array(_)) {
                return self.wants(said!("una sola sección: [{key}]", "one section: [{key}]"));
            }
            return self.wants(said!("una sección: {{ … }}", "a section: {{ … }}"));
        };
        Some(Section {
            file: self.file,
            table,
            path: self.path.clone(),
            at: self.start,
            known: RefCell::new(Vec::new()),
        })
    }

    pub(super) fn is_table(&self) -> bool {
        matches!(self.written, DeValue::Table(_))
    }

    /// `None`, with a complaint that something else should stand here.
    pub(super) fn wants<T>(&self, right: Said) -> Option<T> {
        let written = match self.written {
            DeValue::String(text) => shown(&format!("\"{text}\"")),
            DeValue::Integer(number) => shown(number.as_str()),
            DeValue::Float(number) => shown(number.as_str()),
            DeValue::Boolean(value) => value.to_string(),
            DeValue::Datetime(at) => at.to_string(),
            DeValue::Array(_) => "[…]".to_owned(),
            DeValue::Table(_) => "{…}".to_owned(),
        };
        let Said { es, en } = right;
        self.complain(
            said!("{written} no vale", "{written} will not do"),
            said!("escriba {es}", "write {en}"),
        );
        None
    }
}
