//! Dates as feeds and people write them, in seven languages.
//!
//! Absent: a clock (relative dates count from the `now` given) and clamping.

use std::sync::OnceLock;

use jiff::civil::Date;
use jiff::fmt::rfc2822::DateTimeParser;
use regex::{Captures, Regex};

use super::human_date;
use super::now::Now;
use super::words::{fold, month};
use crate::model::Timestamp;

/// Longer texts are no dates.
const DATE_CHARS_MAX: usize = 120;
const DAY_MS: i64 = 86_400_000;
/// From 1900 to the end of the year 9999, in milliseconds.
const SINCE_1900: std::ops::Range<i64> = -2_208_988_800_000..253_402_300_800_000;

/// Reads a date. `None` when there is none or its year has more than four digits. Relative dates ("hace
/// 3 días") need `now`. A time without a zone is the local time of `now` where people wrote it, and UTC
/// where machines did (`2026-05-12T10:30`) or there is no `now`; a day without a time begins in UTC.
pub(super) fn parse(raw: &str, now: Option<Now<'_>>) -> Option<Timestamp> {
    let text = raw.trim();
    if text.is_empty() || text.chars().take(DATE_CHARS_MAX + 1).count() > DATE_CHARS_MAX {
        return None;
    }
    if let Some(at) = standard(text) {
        return Some(at);
    }
    let text = fold(text);
    epoch(&text)
        .or_else(|| iso(&text))
        .or_else(|| numeric(&text, now))
        .or_else(|| now.and_then(|now| human_date::parse(&text, now)))
        .or_else(|| in_words(&text, now))
}

/// What keeps to RFC 2822 or RFC 3339, as most feeds do.
fn standard(text: &str) -> Option<Timestamp> {
    static RFC_2822: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);
    let at = match text.as_bytes().first()? {
        b'0'..=b'9' => text.parse().ok(),
        // Zones that the RFC does not name are UTC to it, and to those who write them they are not.
        _ if text.ends_with("GMT") || text.ends_with(|c: char| c.is_ascii_digit()) => {
            RFC_2822.parse_timestamp(text).ok()
        }
        _ => None,
    };
    let at = at.map(|at: jiff::Timestamp| at.as_millisecond())?;
    SINCE_1900.contains(&at).then_some(Timestamp(at))
}

/// Seconds or milliseconds since 1970, as attributes carry them.
fn epoch(text: &str) -> Option<Timestamp> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value: i64 = text.parse().ok()?;
    match text.len() {
        10 => Some(Timestamp(value * 1_000)),
        13 => Some(Timestamp(value)),
        _ => None,
    }
}

/// `2026-05-12`, `2026/5/12 14:33`, `20260512T143300Z`, `2026-05`, `2026`.
fn iso(text: &str) -> Option<Timestamp> {
    static SPACED: OnceLock<Option<Regex>> = OnceLock::new();
    static COMPACT: OnceLock<Option<Regex>> = OnceLock::new();
    let spaced = cached(
        &SPACED,
        r"^(?:\D{0,20}\s)?(?P<y>\d{4})(?:[-/.](?P<m>\d{1,2})(?:[-/.](?P<d>\d{1,2}))?)?(?P<rest>(?:[t\s,].*|z)?)$",
    )?;
    let compact = cached(
        &COMPACT,
        r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?P<rest>(?:t?\d{4,6})?.*)$",
    )?;
    let found = spaced.captures(text).or_else(|| compact.captures(text))?;
    let number = |name: &str| {
        found
            .name(name)
            .and_then(|m| m.as_str().parse::<i16>().ok())
    };
    let rest = found.name("rest").map_or("", |m| m.as_str());
    let is_partial = number("d").is_none();
    if is_partial && (found.get(0)?.start() != found.name("y")?.start() || has_letters(rest)) {
        // "2026 mayo 12", "agosto de 2026": words, not ISO.
        return None;
    }
    at(
        number("y")?,
        number("m").unwrap_or(1),
        number("d").unwrap_or(1),
        rest,
        None,
    )
}

fn has_letters(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// `12/05/2026`, `12.5.26 14:30`: the day first, unless that makes no month.
fn numeric(text: &str, now: Option<Now<'_>>) -> Option<Timestamp> {
    static NUMERIC: OnceLock<Option<Regex>> = OnceLock::new();
    let found = cached(
        &NUMERIC,
        r"(?:^|[^\d])(\d{1,2})[-/.]\s?(\d{1,2})[-/.]\s?(\d{4}|\d{2})(?:$|[^\d])(.*)$",
    )?
    .captures(text)?;
    let (first, second) = (group(&found, 1)?, group(&found, 2)?);
    let year = full_year(group(&found, 3)?);
    let rest = found.get(4).map_or("", |rest| rest.as_str());
    let (day, month) = if second > 12 {
        (second, first)
    } else {
        (first, second)
    };
    at(year, month, day, rest, now)
}

/// "12 de mayo de 2026", "May 3, 2019", "Thu, 01 Jan 2004 19:48:21 GMT", "3. März 2024".
fn in_words(text: &str, now: Option<Now<'_>>) -> Option<Timestamp> {
    let (mut day, mut month_number, mut year) = (None, None, None);
    let mut was_mar = false;
    let mut rest = "";
    let mut at_byte = 0;
    for word in text.split(|c: char| !(c.is_alphanumeric() || c == ':' || c == '+')) {
        let start = at_byte;
        at_byte = (at_byte + word.len() + 1).min(text.len());
        if word.is_empty() {
            continue;
        }
        let is_hour = word.len() <= 5 && word.starts_with(|c: char| c.is_ascii_digit());
        if word.contains([':', '+']) || is_hour && word.contains('h') && !word.ends_with("th") {
            rest = if rest.is_empty() {
                text.get(start..)?
            } else {
                rest
            };
            continue;
        }
        let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
        match (digits.len(), month(word)) {
            // "mar, 12 may 2026": what was taken for March was a Tuesday.
            (0, Some(number)) if month_number.is_none() || was_mar => {
                month_number = Some(number);
                was_mar = word == "mar";
            }
            (4, _) if year.is_none() && word.len() == 4 => {
                year = digits.parse().ok();
            }
            (1 | 2, _) if day.is_none() && is_ordinal(&word[digits.len()..]) => {
                day = digits.parse::<i16>().ok();
            }
            // "01 Jan 04": after day and month, two digits are a year.
            (2, _) if month_number.is_some() && year.is_none() && word.len() == 2 => {
                year = digits.parse().ok().map(full_year);
            }
            (5.., _) if rest.is_empty() => return None,
            _ => {}
        }
    }
    let month_number = month_number?;
    match (year, now) {
        (Some(year), _) => at(year, month_number, day.unwrap_or(1), rest, now),
        (None, Some(now)) => latest(month_number, day?, rest, now),
        (None, None) => None,
    }
}

/// "12 de mayo" without a year: the last one that has been.
fn latest(month: i16, day: i16, rest: &str, now: Now<'_>) -> Option<Timestamp> {
    let this_year = now.at.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).year();
    at(this_year, month, day, rest, Some(now))
        .filter(|found| *found <= now.at)
        .or_else(|| at(this_year - 1, month, day, rest, Some(now)))
}

fn is_ordinal(tail: &str) -> bool {
    matches!(
        tail,
        "" | "st" | "nd" | "rd" | "th" | "er" | "o" | "a" | "º"
    )
}

/// The instant of this day and the time and zone that `rest` tells.
fn at(year: i16, month: i16, day: i16, rest: &str, now: Option<Now<'_>>) -> Option<Timestamp> {
    if !(1900..=9_999).contains(&year) {
        return None;
    }
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let midnight = i64::from((date - Date::constant(1970, 1, 1)).get_days()) * DAY_MS;
    Some(match (time_ms(rest), zone_ms(rest), now) {
        (Some(time), None, Some(now)) => now.local.instant(midnight + time),
        (time, zone, _) => Timestamp(midnight + time.unwrap_or(0) - zone.unwrap_or(0)),
    })
}

/// The time of day in `rest`: `14:33:05.12`, `1433`, `2:33 pm`, `14h30`.
pub(super) fn time_ms(rest: &str) -> Option<i64> {
    static TIME: OnceLock<Option<Regex>> = OnceLock::new();
    let found = cached(
        &TIME,
        r"(?:^|[^\d+\-:])(\d{1,2})(?:[:h]|\.(?:\d{2}\b))?(\d{2})?(?::?(\d{2}|\d\b)(?:[.,](\d{1,3})\d*)?)?\s?(am\b|pm\b|a\.m|p\.m)?",
    )?
    .captures_iter(rest)
    .find(|found| found.get(2).is_some())?;
    let number = |at: usize| found.get(at).and_then(|m| m.as_str().parse::<i64>().ok());
    let mut hour = number(1)?;
    let half = found
        .get(5)
        .map_or(' ', |m| m.as_str().chars().next().unwrap_or(' '));
    match half {
        'p' if hour < 12 => hour += 12,
        'a' if hour == 12 => hour = 0,
        _ => {}
    }
    // Minutes and seconds beyond 59 run over into the next.
    let (minute, second) = (number(2)?, number(3).unwrap_or(0));
    if hour > 29 {
        return None;
    }
    let ms = found.get(4).map_or(0, |m| {
        let digits = m.as_str();
        digits.parse::<i64>().unwrap_or(0) * [100, 10, 1][digits.len().clamp(1, 3) - 1]
    });
    Some(((hour * 60 + minute) * 60 + second) * 1_000 + ms)
}

/// How far the zone that `rest` tells is ahead of UTC.
pub(super) fn zone_ms(rest: &str) -> Option<i64> {
    static OFFSET: OnceLock<Option<Regex>> = OnceLock::new();
    const MINUTE_MS: i64 = 60_000;
    let offset = cached(
        &OFFSET,
        r"(?:\d|\s|gmt|utc|t|^)([+-])(\d{1,2}):?(\d{2})?(?:\D|$)",
    );
    if let Some(found) = offset.and_then(|offset| offset.captures(rest)) {
        let hours = group(&found, 2).map_or(0, i64::from);
        let minutes = group(&found, 3).map_or(0, i64::from);
        // No zone is farther from UTC than 14 hours.
        if hours > 14 || minutes > 59 {
            return Some(0);
        }
        let ahead = (hours * 60 + minutes) * MINUTE_MS;
        return Some(if &found[1] == "-" { -ahead } else { ahead });
    }
    let minutes = rest
        .split(|c: char| !c.is_alphabetic())
        .find_map(|word| match word {
            "gmt" | "utc" | "ut" | "z" => Some(0),
            "pst" => Some(-480),
            "mst" | "pdt" => Some(-420),
            "cst" | "mdt" => Some(-360),
            "est" | "cdt" => Some(-300),
            "edt" | "clt" => Some(-240),
            "art" | "brt" => Some(-180),
            "cet" | "met" | "bst" | "west" => Some(60),
            "cest" | "mest" | "eet" => Some(120),
            "eest" | "msk" => Some(180),
            "ist" => Some(330),
            "jst" | "kst" => Some(540),
            "aest" => Some(600),
            "aedt" => Some(660),
            _ => None,
        });
    minutes.map(|minutes: i64| minutes * MINUTE_MS)
}

/// From 1900 to 9999: what lies outside is a number, or "hace 9999 años".
pub(super) fn is_plausible(at: Timestamp) -> bool {
    (-2_208_988_800_000..253_402_300_800_000).contains(&at.0)
}

fn full_year(year: i16) -> i16 {
    match year {
        0..=69 => 2_000 + year,
        70..=99 => 1_900 + year,
        _ => year,
    }
}

fn group(found: &Captures<'_>, at: usize) -> Option<i16> {
    found.get(at)?.as_str().parse().ok()
}

/// The patterns are constants: one that does not compile would read no date, and fail its test.
fn cached(cell: &'static OnceLock<Option<Regex>>, pattern: &str) -> Option<&'static Regex> {
    cell.get_or_init(|| Regex::new(pattern).ok()).as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LocalTime;

    #[track_caller]
    fn check(raw: &str, expected: &str) {
        let at = Timestamp::parse_rfc3339("2026-05-20T12:00:00Z").unwrap();
        let local = LocalTime::utc();
        let told = parse(raw, Some(Now { at, local })).map_or("-".to_owned(), |at| at.to_string());
        assert_eq!(told.trim_end_matches("T00:00:00Z"), expected, "{raw}");
    }

    #[test]
    fn the_dates_of_feeds() {
        check("Thu, 01 Jan 2004 19:48:21 GMT", "2004-01-01T19:48:21Z");
        check("Thu, 01 Jan 2004 19:48:21 -0500", "2004-01-02T00:48:21Z");
        // The leap second of 2016.
        for leap in [
            "Sat, 31 Dec 2016 23:59:60 GMT",
            "Sun, 01 Jan 2017 00:59:60 +0100",
            "2016-12-31T23:59:60Z",
        ] {
            check(leap, "2016-12-31T23:59:59Z");
        }
        check("01 Jan 04 19:48 EST", "2004-01-02T00:48:00Z");
        check("Fri, 01 Jan 2004 19:48:21 CET", "2004-01-01T18:48:21Z");
        check("Thu, 01 Jan 1880 19:48:21 GMT", "-");
        check("Thu 01 Jan 2004 19:48:21 +0100", "2004-01-01T18:48:21Z");
        check("2018-10-06 10:00:00", "2018-10-06T10:00:00Z");
        check("2018-10-06T10:00:00", "2018-10-06T10:00:00Z");
        check("2018-10-06T10:00:00.123456+02:00", "2018-10-06T08:00:00Z");
        check("2018-10-06 10:00:00 +0200", "2018-10-06T08:00:00Z");
        check("2006-01-17T12:35:9+01:00", "2006-01-17T11:35:09Z");
        check("2018-10-06T10:00Z", "2018-10-06T10:00:00Z");
        check("2018-10-06T20:00:00-99:99", "2018-10-06T20:00:00Z");
        check("2020/1/10 14:33:00", "2020-01-10T14:33:00Z");
        check("20181006T100000Z", "2018-10-06T10:00:00Z");
        check("20181006", "2018-10-06");
        check("2018-10", "2018-10-01");
        check("2018", "2018-01-01");
        check(
            "Sat Oct 06 2018 00:00:00 GMT+0200 (CEST)",
            "2018-10-05T22:00:00Z",
        );
        check("Sat Oct 06 2018 00:00:00 GMT", "2018-10-06");
        check("Tue, 6 July 2021 3:05:00 PM PDT", "2021-07-06T22:05:00Z");
        check("1538784000", "2018-10-06");
        check("2020-02-28T25:61:61Z", "2020-02-29T02:02:01Z");
        check("1538784000000", "2018-10-06");
    }

    #[test]
    fn the_dates_of_people() {
        check("12/05/2026", "2026-05-12");
        check("12.5.26, 14:30", "2026-05-12T14:30:00Z");
        check("05/13/2026", "2026-05-13");
        check("13-05-2026", "2026-05-13");
        check("12 de mayo de 2026", "2026-05-12");
        check(
            "Publicado el 3 de Septiembre del 2025 a las 9:15",
            "2025-09-03T09:15:00Z",
        );
        check("May 3, 2019", "2019-05-03");
        check("3rd of December 2019", "2019-12-03");
        check("3. März 2024", "2024-03-03");
        check("1er février 2024 à 14h30", "2024-02-01T14:30:00Z");
        check("5 de março de 2024", "2024-03-05");
        check("7 gennaio 2024", "2024-01-07");
        check("8 d'abril de 2024", "2024-04-08");
        check("14 jun. 2023", "2023-06-14");
        check("6 de diciembre", "2025-12-06");
        check("mar, 12 may 2026", "2026-05-12");
        check("mar. 12 mai 2026", "2026-05-12");
        check("12 mar 2026", "2026-03-12");
        check("agosto de 2024", "2024-08-01");
    }

    #[test]
    fn relative_dates_count_from_now() {
        check("hace 3 días", "2026-05-17T12:00:00Z");
        check("hace unos 2 meses", "2026-03-21T12:00:00Z");
        check("Hace un mes", "2026-04-20T12:00:00Z");
        check("hace 2 horas", "2026-05-20T10:00:00Z");
        check("ayer", "2026-05-19T12:00:00Z");
        check("3 weeks ago", "2026-04-29T12:00:00Z");
        check("a day ago", "2026-05-19T12:00:00Z");
        check("il y a 2 jours", "2026-05-18T12:00:00Z");
        check("vor 5 Tagen", "2026-05-15T12:00:00Z");
        check("há 4 dias", "2026-05-16T12:00:00Z");
        check("2 giorni fa", "2026-05-18T12:00:00Z");
        check("fa 3 dies", "2026-05-17T12:00:00Z");
        assert_eq!(parse("hace 3 días", None), None);
    }

    /// As it is read in Madrid and in Mexico, where clocks are two hours ahead and six behind.
    #[track_caller]
    fn check_local(raw: &str, expected: [&str; 2]) {
        let at = Timestamp::parse_rfc3339("2026-05-20T12:00:00Z").unwrap();
        let told = ["Europe/Madrid", "America/Mexico_City"].map(|zone| {
            let local = LocalTime::of(&jiff::tz::TimeZone::get(zone).unwrap());
            let now = Now { at, local: &local };
            let told = parse(raw, Some(now)).map_or("-".to_owned(), |at| at.to_string());
            told.trim_end_matches(":00Z").to_owned()
        });
        assert_eq!(told, expected, "{raw}");
    }

    #[test]
    fn a_clock_that_people_read_shows_local_time() {
        for local in [
            "12 de mayo de 2026, 10:30",
            "12/05/2026 10:30",
            "May 12, 2026 at 10:30 AM",
            "12 de mayo a las 10:30",
        ] {
            check_local(local, ["2026-05-12T08:30", "2026-05-12T16:30"]);
        }
        check_local(
            "15 de enero de 2026, 10:30",
            ["2026-01-15T09:30", "2026-01-15T16:30"],
        );
        check_local("ayer a las 10:30", ["2026-05-19T08:30", "2026-05-19T16:30"]);
        check_local("hoy, 1:15", ["2026-05-19T23:15", "2026-05-20T07:15"]);
    }

    #[test]
    fn what_names_its_zone_or_is_a_machines_is_not_local() {
        for elsewhere in [
            "2026-05-12T10:30:00",
            "2026-05-12 10:30",
            "Tue, 12 May 2026 10:30:00 GMT",
            "12 May 2026 11:30 +0100",
            "12/05/2026 10:30 UTC",
            "12 de mayo de 2026, 12:30 CEST",
            "1778581800",
        ] {
            check_local(elsewhere, ["2026-05-12T10:30"; 2]);
        }
        check_local("12 de mayo de 2026", ["2026-05-12T00:00"; 2]);
        check_local("hace 3 días", ["2026-05-17T12:00"; 2]);
        check_local("hoy a las 9:15 UTC", ["2026-05-20T09:15"; 2]);
    }

    #[test]
    fn what_is_no_date_is_none() {
        check("", "-");
        check("garbage", "-");
        check("31 Feb 2020", "-");
        check("2020-02-31", "-");
        check("2020-13-01", "-");
        check("2020-01-00", "-");
        check("Sat, 01 Jan 99999 00:00:00 GMT", "-");
        check("12026-01-01T00:00:00Z", "-");
        check("0000-00-00 00:00:00", "-");
        check("+99999-01-01", "-");
        check(&"2020 ".repeat(100), "-");
    }
}
