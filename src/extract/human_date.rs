//! Dates as people tell them, counted from when they were read: "hace 3 días", "ayer a las 10:30",
//! "há 2 dias", "vor 3 Tagen", "3 giorni fa", "il y a 2 jours", "fa 2 dies", "3 days ago", "5 h".
//!
//! Absent: dates with a month, told in numbers or words; those are in [`super::date`].

use std::sync::OnceLock;

use regex::Regex;

use super::date::is_plausible;
use super::now::Now;
use super::words::{relative_day, unit_days, unit_ms};
use crate::model::Timestamp;

const DAY_MS: i64 = 86_400_000;
/// Longer texts that begin with a day ("hoy") are sentences.
const DAY_WORDS_MAX: usize = 6;

/// `text` is folded: lower case, no accents, single blanks.
pub(super) fn parse(text: &str, now: Now<'_>) -> Option<Timestamp> {
    this_moment(text)
        .map(|()| now.at)
        .or_else(|| named_day(text, now))
        .or_else(|| ago(text, now.at))
        .or_else(|| last_period(text, now.at))
        .or_else(|| short(text, now.at))
        .filter(|at| is_plausible(*at))
}

/// "ahora mismo", "just now", "a l'instant".
fn this_moment(text: &str) -> Option<()> {
    const MOMENTS: [&str; 16] = [
        "ahora",
        "ahora mismo",
        "hace un momento",
        "hace unos momentos",
        "hace unos instantes",
        "just now",
        "now",
        "a moment ago",
        "moments ago",
        "agora",
        "agora mesmo",
        "a l'instant",
        "adesso",
        "gerade eben",
        "ara mateix",
        "fa un moment",
    ];
    MOMENTS.contains(&text).then_some(())
}

/// "ayer", "hoy a las 10:30", "yesterday at 5:30 pm": with a time it is that day's, else the same
/// hour as now. Days begin and clocks go as the zone says that is told, else by local time.
fn named_day(text: &str, now: Now<'_>) -> Option<Timestamp> {
    let words: Vec<&str> = text
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .collect();
    if words.len() > DAY_WORDS_MAX {
        return None;
    }
    // "ante ayer" and "day before yesterday" are two days.
    let days = if text.contains("day before yesterday") || text.contains("abans-d'ahir") {
        2
    } else {
        words.iter().take(4).find_map(|word| relative_day(word))?
    };
    let Some(time) = super::date::time_ms(text) else {
        return Some(now.at.plus_days(-days));
    };
    let zone = super::date::zone_ms(text);
    let shown = now.at.0 + zone.unwrap_or_else(|| now.local.ahead_ms(now.at));
    let told = shown - shown.rem_euclid(DAY_MS) - days * DAY_MS + time;
    let at = match zone {
        Some(ahead) => Timestamp(told - ahead),
        None => now.local.instant(told),
    };
    // A clock ahead of ours must not make a date of tomorrow.
    Some(at.min(now.at))
}

/// "hace 3 días", "hace un año y 2 meses", "3 weeks ago", "il y a un an", "vor 2 Tagen".
fn ago(text: &str, now: Timestamp) -> Option<Timestamp> {
    static AGO: OnceLock<Option<Regex>> = OnceLock::new();
    let pattern = AGO.get_or_init(|| {
        let about = r"(?:aproximadamente |mas de |menos de |unos |unas |casi |cerca de |ya |about |over |almost |less than |more than |plus de |environ |pres de |circa |piu di |oltre |mais de |etwa |uber |mehr als |mes de )*";
        let number = r"(\d{1,4}|una?|an?|one|two|three|une?|um|uma|uno|eine[mnr]?|unos?|un'|dos|tres|media|half an?|mitja|mezz'|mezza)";
        let after = r"(?:ago|atras|fa|zuvor|her|earlier|plus tot)";
        Regex::new(&format!(
            r"(?:^|\b)(?:(hace|ha|fa|vor|il y a|depuis|ja fa)\s+)?{about}{number}\s*([a-z]+)\.?(?:\s*(?:y|e|et|und|and|i|,)\s*(\d{{1,3}}|una?|an?|une?|um|uma)\s+([a-z]+))?(?:\s+({after})\b)?"
        ))
        .ok()
    });
    let found = pattern
        .as_ref()?
        .captures_iter(text)
        .find(|found| found.get(1).is_some() || found.get(6).is_some())?;
    let part = |number: usize, unit: usize| {
        let unit = length_ms(found.get(unit)?.as_str())?;
        Some(match found.get(number)?.as_str() {
            "media" | "half a" | "half an" | "mitja" | "mezz'" | "mezza" => unit / 2,
            "two" | "dos" => unit * 2,
            "three" | "tres" => unit * 3,
            digits => unit.saturating_mul(digits.parse().unwrap_or(1)),
        })
    };
    Some(now.plus_ms(-part(2, 3)?.saturating_add(part(4, 5).unwrap_or(0))))
}

/// "la semana pasada", "last month", "l'an dernier", "letzte Woche".
fn last_period(text: &str, now: Timestamp) -> Option<Timestamp> {
    const LAST: [&str; 19] = [
        "pasado", "pasada", "ultimo", "ultima", "last", "previous", "dernier", "derniere", "passe",
        "scorso", "scorsa", "passado", "passada", "letzte", "letzten", "letzter", "letztes",
        "passat", "anterior",
    ];
    let words: Vec<&str> = text
        .split([' ', '\''])
        .filter(|word| !word.is_empty())
        .collect();
    if words.len() > 4 || !words.iter().any(|word| LAST.contains(word)) {
        return None;
    }
    let days = words.iter().find_map(|word| unit_days(word))?;
    Some(now.plus_days(-days))
}

/// "5 h", "3d", "2 sem.": what little room there is for it in an app.
fn short(text: &str, now: Timestamp) -> Option<Timestamp> {
    let bare = text.trim_end_matches('.');
    let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = bare.split_at_checked(digits)?;
    let unit = unit.trim();
    let number: i64 = number.parse().ok().filter(|number| *number < 1_000)?;
    let ms = match unit {
        "m" => 60_000,
        "y" | "a" => 365 * DAY_MS,
        "w" | "sem" | "sett" => 7 * DAY_MS,
        "mo" => 30 * DAY_MS,
        "j" => DAY_MS,
        unit => length_ms(unit)?,
    };
    Some(now.plus_ms(-number.saturating_mul(ms)))
}

fn length_ms(unit: &str) -> Option<i64> {
    unit_ms(unit).or_else(|| unit_days(unit).map(|days| days * DAY_MS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::words::fold;
    use crate::model::LocalTime;

    #[track_caller]
    fn check(raw: &str, expected: &str) {
        let at = Timestamp::parse_rfc3339("2026-05-20T12:00:00Z").unwrap();
        let local = LocalTime::utc();
        let now = Now { at, local };
        let told = parse(&fold(raw), now).map_or("-".to_owned(), |at| at.to_string());
        assert_eq!(told, expected, "{raw}");
    }

    #[test]
    fn days_and_hours_ago_in_seven_languages() {
        for three_days in [
            "hace 3 días",
            "Hace 3 dias",
            "hace tres días",
            "3 days ago",
            "three days ago",
            "il y a 3 jours",
            "há 3 dias",
            "3 dias atrás",
            "vor 3 Tagen",
            "3 Tage zuvor",
            "3 giorni fa",
            "fa 3 dies",
            "publicado hace 3 días",
            "3d",
            "3 j",
        ] {
            check(three_days, "2026-05-17T12:00:00Z");
        }
        for two_hours in [
            "hace 2 h",
            "hace 2 horas",
            "2 hours ago",
            "vor 2 Std.",
            "2h",
        ] {
            check(two_hours, "2026-05-20T10:00:00Z");
        }
    }

    #[test]
    fn what_is_about_or_in_parts() {
        check("hace 9999 años", "-");
        check("hace 999 y", "-");
        check("hace más de un año", "2025-05-20T12:00:00Z");
        check("hace aproximadamente 1 mes", "2026-04-20T12:00:00Z");
        check("hace 1 año y 2 meses", "2025-03-21T12:00:00Z");
        check("hace media hora", "2026-05-20T11:30:00Z");
        check("half an hour ago", "2026-05-20T11:30:00Z");
        check("a month ago", "2026-04-20T12:00:00Z");
        check("il y a un an", "2025-05-20T12:00:00Z");
        check("vor einer Woche", "2026-05-13T12:00:00Z");
        check("la semana pasada", "2026-05-13T12:00:00Z");
        check("last month", "2026-04-20T12:00:00Z");
        check("2 sem.", "2026-05-06T12:00:00Z");
    }

    #[test]
    fn named_days_with_and_without_a_time() {
        check("ayer", "2026-05-19T12:00:00Z");
        check("Ayer a las 10:30", "2026-05-19T10:30:00Z");
        check("Yesterday at 5:30 PM", "2026-05-19T17:30:00Z");
        check("hoy, 09:15", "2026-05-20T09:15:00Z");
        check("hoy, 23:15", "2026-05-20T12:00:00Z");
        check("avant-hier", "2026-05-18T12:00:00Z");
        check("gestern", "2026-05-19T12:00:00Z");
        check("ahora mismo", "2026-05-20T12:00:00Z");
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        check("hace mucho", "-");
        check("3 estrellas", "-");
        check("una semana en Madrid", "-");
        check("en 3 días", "-");
        check("hoy he llamado a la tienda y nadie contesta", "-");
        check("2019", "-");
        check("hace 99999999999999999999 días", "-");
    }
}
