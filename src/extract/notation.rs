//! How a source writes its dates and ratings, where that has to be told.
//!
//! Absent: what can be read without being told; that is in [`super::date`] and [`super::rating`].

use jiff::civil::DateTime;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use regex::{Captures, Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use super::fault::{Fault, FaultKind};
use super::now::Now;
use super::{date, rating, words};
use crate::model::{Lang, LocalTime, Timestamp};

/// Memory of a compiled pattern, in bytes.
const PATTERN_BYTES_MAX: usize = 1 << 20;
/// Longer values are neither dates nor ratings.
const VALUE_CHARS_MAX: usize = 400;

/// As it is written in the configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RawNotation {
    /// With the conversions of `strftime`; `%B` and `%b` take the months of all seven languages.
    pub date_format: Option<String>,
    /// Which of two numbers is the month: it is the first in `en-US`.
    pub date_locale: Option<String>,
    /// The worst and the best rating.
    pub rating_scale: Option<(f64, f64)>,
    /// A regular expression whose first group is the rating.
    pub rating_pattern: Option<String>,
}

/// No part of a scale is "not a number" once it has been checked.
impl Eq for RawNotation {}

#[derive(Clone, Debug, Default)]
pub(super) struct Notation {
    date_format: Option<String>,
    is_month_first: bool,
    rating_scale: Option<(f64, f64)>,
    rating_pattern: Option<Regex>,
}

/// A regular expression is what is written of it.
impl PartialEq for Notation {
    fn eq(&self, other: &Self) -> bool {
        let pattern = |notation: &Self| notation.rating_pattern.as_ref().map(Regex::to_string);
        self.date_format == other.date_format
            && self.is_month_first == other.is_month_first
            && self.rating_scale == other.rating_scale
            && pattern(self) == pattern(other)
    }
}

impl Eq for Notation {}

impl Notation {
    /// What is right of it; the rest is added to `faults`.
    pub(super) fn parse(raw: &RawNotation, faults: &mut Vec<Fault>) -> Self {
        let mut fault = |key, kind| faults.push(Fault { key, kind });
        if raw.date_format.as_deref().is_some_and(|f| !is_format(f)) {
            fault("date_format", FaultKind::DateFormat);
        }
        let locale = raw.date_locale.as_deref().map(str::trim);
        if locale.is_some_and(|locale| Lang::parse(locale).is_none()) {
            fault("date_locale", FaultKind::DateLocale);
        }
        if raw.rating_scale.is_some_and(|(worst, best)| {
            !worst.is_finite() || !best.is_finite() || best <= worst || best <= 0.0
        }) {
            fault("rating_scale", FaultKind::RatingScale);
        }
        let pattern = raw.rating_pattern.as_deref().map(|pattern| {
            RegexBuilder::new(pattern)
                .size_limit(PATTERN_BYTES_MAX)
                .build()
                .ok()
                .filter(|pattern| pattern.captures_len() == 2)
        });
        if matches!(pattern, Some(None)) {
            fault("rating_pattern", FaultKind::RatingPattern);
        }
        Self {
            date_format: raw.date_format.clone(),
            is_month_first: locale.is_some_and(is_american),
            rating_scale: raw.rating_scale,
            rating_pattern: pattern.flatten(),
        }
    }

    /// A date in the format that was told, else in any that people write.
    pub(super) fn date(&self, raw: &str, now: Now<'_>) -> Option<Timestamp> {
        if is_long(raw) {
            return None;
        }
        let formatted = self.date_format.as_deref();
        if let Some(at) = formatted.and_then(|format| by_format(raw, format, now.local)) {
            return date::is_plausible(at).then_some(at);
        }
        if self.is_month_first {
            return date::parse(&day_first(raw), Some(now));
        }
        date::parse(raw, Some(now))
    }

    /// A rating from 0 to 1.
    pub(super) fn rating(&self, raw: &str) -> Option<f64> {
        if is_long(raw) {
            return None;
        }
        let Some(pattern) = &self.rating_pattern else {
            return rating::parse_on(raw, self.rating_scale);
        };
        let value = rating::number(pattern.captures(raw)?.get(1)?.as_str())?;
        let (worst, best) = self.rating_scale.unzip();
        rating::scale(value, best, worst)
    }

    /// True when the rating is to be looked for in attributes that are no ratings by themselves.
    pub(super) fn has_rating_pattern(&self) -> bool {
        self.rating_pattern.is_some()
    }
}

fn is_long(raw: &str) -> bool {
    raw.len() > VALUE_CHARS_MAX * 4 || raw.chars().count() > VALUE_CHARS_MAX
}

/// True for a format that can be written and read back to the same day.
fn is_format(format: &str) -> bool {
    let Ok(sample) = DateTime::constant(2026, 5, 12, 14, 33, 5, 0).to_zoned(TimeZone::UTC) else {
        return false;
    };
    let mut written = String::new();
    let told = BrokenDownTime::from(&sample).format(format, &mut written);
    told.is_ok() && by_format(&written, format, LocalTime::utc()).is_some()
}

/// Without a zone a time is local, without a time it is midnight in UTC, without a day the first of the
/// month.
fn by_format(raw: &str, format: &str, local: &LocalTime) -> Option<Timestamp> {
    let text = english_months(raw.trim(), format);
    let mut told = BrokenDownTime::parse(format, &text).ok()?;
    if told.day().is_none() && told.day_of_year().is_none() && told.timestamp().is_none() {
        told.set_day(Some(1)).ok()?;
    }
    if let Ok(at) = told.to_timestamp() {
        return Some(Timestamp(at.as_millisecond()));
    }
    let day = told.to_date().ok()?;
    let at = match told.to_time() {
        Ok(time) => day.to_datetime(time),
        Err(_) => day.at(0, 0, 0, 0),
    };
    let shown = at.to_zoned(TimeZone::UTC).ok()?;
    let shown_ms = shown.timestamp().as_millisecond();
    Some(if told.hour().is_some() {
        local.instant(shown_ms)
    } else {
        Timestamp(shown_ms)
    })
}

/// The text with the names of months as the format's reader knows them.
fn english_months(text: &str, format: &str) -> String {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let is_short = format.contains("%b") || format.contains("%h");
    if !is_short && !format.contains("%B") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut is_found = false;
    for word in text.split_inclusive(|c: char| !c.is_alphabetic()) {
        let bare = word.trim_end_matches(|c: char| !c.is_alphabetic());
        let month = words::month(&words::fold(bare)).and_then(|n| usize::try_from(n - 1).ok());
        match month.and_then(|at| NAMES.get(at)).filter(|_| !is_found) {
            Some(name) => {
                is_found = true;
                out.push_str(if is_short { &name[..3] } else { name });
                // "mar." is short for March; the format knows no full stop.
                let tail = &word[bare.len()..];
                out.push_str(if is_short {
                    tail.trim_start_matches('.')
                } else {
                    tail
                });
            }
            None => out.push_str(word),
        }
    }
    out
}

fn is_american(locale: &str) -> bool {
    locale.replace('_', "-").eq_ignore_ascii_case("en-US")
}

/// `05/12/2026` as it is written elsewhere.
fn day_first(raw: &str) -> String {
    static NUMERIC: std::sync::OnceLock<Option<Regex>> = std::sync::OnceLock::new();
    let numeric = NUMERIC.get_or_init(|| {
        Regex::new(r"\b(?P<m>\d{1,2})(?P<s>[-/.])(?P<d>\d{1,2})(?P<t>[-/.])(?P<y>\d{4}|\d{2})\b")
            .ok()
    });
    let Some(numeric) = numeric else {
        return raw.to_owned();
    };
    let swapped = |found: &Captures<'_>| {
        let (month, day) = (&found["m"], &found["d"]);
        let is_month = month.parse::<u8>().is_ok_and(|month| month <= 12);
        let (first, second) = if is_month { (day, month) } else { (month, day) };
        format!(
            "{first}{}{second}{}{}",
            &found["s"], &found["t"], &found["y"]
        )
    };
    numeric.replace(raw, swapped).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notation(raw: &RawNotation) -> Result<Notation, Vec<Fault>> {
        let mut faults = Vec::new();
        let notation = Notation::parse(raw, &mut faults);
        if faults.is_empty() {
            Ok(notation)
        } else {
            Err(faults)
        }
    }

    #[track_caller]
    fn check(format: &str, locale: &str, raw: &str, expected: &str) {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let raw_notation = RawNotation {
            date_format: some(format),
            date_locale: some(locale),
            ..RawNotation::default()
        };
        // 2026-11-20T12:00:00Z.
        let now = Now {
            at: Timestamp(1_795_176_000_000),
            local: LocalTime::utc(),
        };
        let told = match notation(&raw_notation) {
            Ok(notation) => notation
                .date(raw, now)
                .map_or("-".to_owned(), |at| at.to_string()),
            Err(faults) => faults.iter().map(|fault| fault.key).collect(),
        };
        assert_eq!(told.trim_end_matches("T00:00:00Z"), expected, "{raw}");
    }

    #[test]
    fn a_time_in_a_told_format_is_local() {
        let madrid = LocalTime::of(&TimeZone::get("Europe/Madrid").unwrap());
        let now = Now {
            at: Timestamp(1_795_176_000_000),
            local: &madrid,
        };
        for (format, raw, expected) in [
            ("%d.%m.%y %H:%M", "12.05.26 14:33", "2026-05-12T12:33:00Z"),
            ("%d.%m.%y", "12.05.26", "2026-05-12T00:00:00Z"),
            (
                "%d.%m.%y %H:%M %z",
                "12.05.26 14:33 +0000",
                "2026-05-12T14:33:00Z",
            ),
        ] {
            let raw_notation = RawNotation {
                date_format: Some(format.to_owned()),
                ..RawNotation::default()
            };
            let told = notation(&raw_notation).unwrap().date(raw, now).unwrap();
            assert_eq!(told.to_string(), expected, "{format}");
        }
    }

    #[test]
    fn a_format_that_is_told_is_read() {
        check("%m/%d/%Y", "", "05/12/2026", "2026-05-12");
        check(
            "%d.%m.%y %H:%M",
            "",
            "12.05.26 14:33",
            "2026-05-12T14:33:00Z",
        );
        check("%d de %B de %Y", "", "12 de mayo de 2026", "2026-05-12");
        check("%d. %B %Y", "", "3. März 2024", "2024-03-03");
        check("%Y-%m-%d", "", "0202-11-20", "-");
        check("%d %b %Y", "", "14 oct. 2023", "2023-10-14");
        check(
            "%Y%m%d%H%M%z",
            "",
            "202605121433+0200",
            "2026-05-12T12:33:00Z",
        );
        check("%B %Y", "", "agosto 2024", "2024-08-01");
        check("%s", "", "1778589180", "2026-05-12T12:33:00Z");
        // What is young is often told in another way.
        check("%m/%d/%Y", "", "hace 2 días", "2026-11-18T12:00:00Z");
    }

    #[test]
    fn the_locale_tells_which_number_is_the_month() {
        check("", "", "05/12/2025", "2025-12-05");
        check("", "es", "05/12/2025", "2025-12-05");
        check("", "en-US", "05/12/2025", "2025-05-12");
        check("", "en_US", "Reviewed 5/12/25", "2025-05-12");
        check("", "en-US", "13/05/2025", "2025-05-13");
        check("", "en-US", "May 3, 2019", "2019-05-03");
    }

    #[test]
    fn what_is_no_format_or_locale_is_told() {
        check("dd/mm/yyyy", "", "", "date_format");
        check("%H:%M", "", "", "date_format");
        check("%d/%m/%Y %!", "xx", "", "date_formatdate_locale");
    }

    #[test]
    fn a_pattern_takes_the_rating_out_of_anything() {
        let raw = RawNotation {
            rating_scale: Some((0.0, 50.0)),
            rating_pattern: Some(r"rating-(\d+)".into()),
            ..RawNotation::default()
        };
        let notation = notation(&raw).unwrap();
        assert_eq!(notation.rating("stars big-2 rating-45"), Some(0.9));
        assert_eq!(notation.rating("stars"), None);
        assert_eq!(notation.rating(&"9".repeat(10_000)), None);
    }

    #[test]
    fn a_scale_or_pattern_that_will_not_do_is_told() {
        for (scale, pattern) in [((5.0, 1.0), r"\d+"), ((0.0, f64::NAN), "(")] {
            let raw = RawNotation {
                rating_scale: Some(scale),
                rating_pattern: Some(pattern.into()),
                ..RawNotation::default()
            };
            let keys: Vec<&str> = notation(&raw).unwrap_err().iter().map(|f| f.key).collect();
            assert_eq!(keys, ["rating_scale", "rating_pattern"]);
        }
    }
}
