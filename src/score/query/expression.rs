//! Regular expressions: the way out for what words cannot say, within limits.
//!
//! They read the folded text of one field (small letters, no accents), signs and emoji too. A hit is
//! the words that it touches; one that touches no word matches, but has no place. **Absent:** look
//! around and back references: the time is linear in the text.

use regex::{Regex, RegexBuilder};

use super::subject::View;
use super::{Hit, QueryFault, REGEX_CHARS_MAX};
use crate::model::Field;
use crate::score::text::{Text, fold};

/// Bytes that one compiled expression may take: `\w{1000}` takes more.
const COMPILED_BYTES_MAX: usize = 256 << 10;
/// Places of one expression in one field that are looked at: each may cost a walk over the text.
const HITS_MAX: usize = 200;

/// Compiles what stands between two slashes.
pub(super) fn compile(written: &str) -> Result<Regex, QueryFault> {
    if written.chars().count() > REGEX_CHARS_MAX {
        return Err(QueryFault::RegexTooLong);
    }
    let regex = RegexBuilder::new(&folded(written))
        .case_insensitive(true)
        .size_limit(COMPILED_BYTES_MAX)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => QueryFault::RegexTooLong,
            // The last line says what is wrong; those before it draw the place.
            error => {
                let said = error.to_string();
                let last = said.lines().last().unwrap_or_default();
                QueryFault::Regex(last.trim_start_matches("error: ").to_owned())
            }
        })?;
    if regex.is_match("") {
        return Err(QueryFault::RegexEmpty);
    }
    Ok(regex)
}

/// Letters as the text has them; `\W` must not become `\w`, so ASCII stays (its case does not count).
fn folded(written: &str) -> String {
    let mut pattern = String::with_capacity(written.len());
    for c in written.chars() {
        if c.is_ascii() {
            pattern.push(c);
            continue;
        }
        let plain = fold(std::iter::once(c));
        if plain.chars().all(char::is_alphanumeric) {
            pattern.push_str(&plain);
        } else {
            pattern.push_str(&regex::escape(&plain));
        }
    }
    pattern
}

/// Whether it stands anywhere in view, and the words that it touches.
pub(super) fn find(regex: &Regex, view: View<'_>) -> (bool, Vec<Hit>) {
    let mut is_there = false;
    let mut hits = Vec::new();
    for field in [Field::Title, Field::Text] {
        if !view.sees(field) {
            continue;
        }
        let plain = view.text.plain(field);
        for found in regex.find_iter(plain.folded()).take(HITS_MAX) {
            is_there = true;
            let (start, end) = plain.chars_of(found.start(), found.end());
            hits.extend(touched(view.text, field, start, end));
        }
    }
    hits.dedup();
    (is_there, hits)
}

/// The words of a field that a stretch of its characters touches.
fn touched(text: &Text, field: Field, start: u32, end: u32) -> Option<Hit> {
    let first = text.words.partition_point(|&at| {
        let word = &text.tokens[at];
        (word.field, word.end) <= (field, start)
    });
    let past = text.words.partition_point(|&at| {
        let word = &text.tokens[at];
        (word.field, word.start) < (field, end)
    });
    let last = past.checked_sub(1)?;
    (first <= last).then_some(Hit { first, last })
}
