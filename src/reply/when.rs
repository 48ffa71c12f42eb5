//! Dates, times and waits in words, in the seven languages of customers.
//!
//! **Invariant:** nothing here asks for "now"; the zone and the instants are arguments.

use jiff::Zoned;
use jiff::tz::TimeZone;

use crate::model::{Lang, Timestamp};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// "viernes 20 de noviembre"; with the year when it is not that of `now`.
pub(crate) fn day(lang: Lang, at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let at = at.in_zone(zone);
    let with_year = at.year() != now.in_zone(zone).year();
    let (week, month) = (weekday(lang, &at), month(lang, &at));
    let (number, year) = (at.day(), at.year());
    let mut day = match lang {
        Lang::En | Lang::Fr | Lang::It => format!("{week} {number} {month}"),
        Lang::De => format!("{week}, {number}. {month}"),
        Lang::Ca if month.starts_with(['a', 'o']) => format!("{week} {number} d’{month}"),
        Lang::Pt => format!("{week}, {number} de {month}"),
        Lang::Es | Lang::Ca => format!("{week} {number} de {month}"),
    };
    if with_year {
        day.push_str(match lang {
            Lang::Es | Lang::Pt => " de ",
            Lang::Ca => " del ",
            Lang::En | Lang::Fr | Lang::It | Lang::De => " ",
        });
        day.push_str(&year.to_string());
    }
    day
}

/// "a las 10:05", with the preposition of the language.
pub(crate) fn at_hour(lang: Lang, at: Timestamp, zone: &TimeZone) -> String {
    let at = at.in_zone(zone);
    let clock = clock(lang, &at);
    let one = at.hour() == 1;
    match lang {
        Lang::Es | Lang::Ca if one => format!("a la {clock}"),
        Lang::Es => format!("a las {clock}"),
        Lang::En => format!("at {clock}"),
        Lang::Pt if one => format!("à {clock}"),
        Lang::Pt => format!("às {clock}"),
        Lang::Fr => format!("à {clock}"),
        Lang::It => format!("alle ore {clock}"),
        Lang::De => format!("um {clock} Uhr"),
        Lang::Ca => format!("a les {clock}"),
    }
}

/// "el lunes 23 de noviembre antes de las 13:00".
pub(crate) fn before(lang: Lang, at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let day = day(lang, at, now, zone);
    let at = at.in_zone(zone);
    let clock = clock(lang, &at);
    let one = at.hour() == 1;
    match lang {
        Lang::Es if one => format!("el {day} antes de la {clock}"),
        Lang::Es => format!("el {day} antes de las {clock}"),
        Lang::En => format!("before {clock} on {day}"),
        Lang::Pt if one => format!("antes da {clock} de {day},"),
        Lang::Pt => format!("antes das {clock} de {day},"),
        Lang::Fr => format!("avant {clock} le {day}"),
        Lang::It => format!("entro le ore {clock} di {day}"),
        Lang::De => format!("bis {day}, {clock} Uhr,"),
        Lang::Ca if one => format!("abans de la {clock} de {day}"),
        Lang::Ca => format!("abans de les {clock} de {day}"),
    }
}

/// "3 horas", "2 días": a length of time as a person tells it, in Spanish or English.
pub(crate) fn length(lang: Lang, ms: i64) -> String {
    let ms = ms.max(0);
    let (count, unit) = if ms < HOUR_MS {
        ((ms / MINUTE_MS).max(1), 0)
    } else if ms < 2 * DAY_MS {
        (ms / HOUR_MS, 1)
    } else if ms < 60 * DAY_MS {
        (ms / DAY_MS, 2)
    } else if ms < 730 * DAY_MS {
        (ms / (30 * DAY_MS), 3)
    } else {
        (ms / (365 * DAY_MS), 4)
    };
    let units = if lang == Lang::Es {
        [
            ("minuto", "minutos"),
            ("hora", "horas"),
            ("día", "días"),
            ("mes", "meses"),
            ("año", "años"),
        ]
    } else {
        [
            ("minute", "minutes"),
            ("hour", "hours"),
            ("day", "days"),
            ("month", "months"),
            ("year", "years"),
        ]
    };
    let (one, many) = units[unit];
    format!("{count} {}", if count == 1 { one } else { many })
}

/// True where the source told only the day: feeds and pages write that as midnight.
pub(crate) fn is_only_a_day(at: Timestamp, zone: &TimeZone) -> bool {
    let civil = at.in_zone(zone);
    at.0.rem_euclid(DAY_MS) == 0 || (civil.hour() == 0 && civil.minute() == 0)
}

/// The moment a draft promises: `answer_by` rounded up to the half hour while it is an hour or more
/// away and in the hours in which people work; otherwise the next such moment, on a working day.
pub(crate) fn promise_at(answer_by: Timestamp, now: Timestamp, zone: &TimeZone) -> Timestamp {
    const HALF_HOUR_MS: i64 = 30 * MINUTE_MS;
    let rounded = answer_by
        .0
        .div_euclid(HALF_HOUR_MS)
        .saturating_add(i64::from(answer_by.0.rem_euclid(HALF_HOUR_MS) != 0))
        .saturating_mul(HALF_HOUR_MS);
    let rounded = Timestamp(rounded);
    if rounded.ms_since(now) < HOUR_MS {
        return at_civil_hour(working_day(now.plus_days(1), zone), PROMISE_HOUR, zone);
    }
    let civil = rounded.in_zone(zone);
    let minutes = i64::from(civil.hour()) * 60 + i64::from(civil.minute());
    let day = working_day(rounded, zone);
    match minutes {
        _ if day != rounded => at_civil_hour(day, PROMISE_HOUR, zone),
        WORK_FROM_MINUTE..=WORK_TO_MINUTE => rounded,
        ..WORK_FROM_MINUTE => at_civil_hour(rounded, PROMISE_HOUR, zone),
        _ => {
            let next = working_day(rounded.plus_days(1), zone);
            at_civil_hour(next, PROMISE_HOUR, zone)
        }
    }
}

/// Why a moment is no hour at which somebody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OddHour {
    Night,
    Weekend,
}

/// `None` in the daytime of a working day.
pub(crate) fn odd_hour(at: Timestamp, zone: &TimeZone) -> Option<OddHour> {
    let civil = at.in_zone(zone);
    if !(8..21).contains(&civil.hour()) {
        return Some(OddHour::Night);
    }
    (working_day(at, zone) != at).then_some(OddHour::Weekend)
}

/// What is promised for a later day falls due at this hour, so that whoever begins at nine can
/// keep it.
const PROMISE_HOUR: i8 = 13;
const WORK_FROM_MINUTE: i64 = 9 * 60;
const WORK_TO_MINUTE: i64 = 19 * 60;

/// The same hour on the first day from `at` on that is not of the weekend.
fn working_day(at: Timestamp, zone: &TimeZone) -> Timestamp {
    match at.in_zone(zone).weekday() {
        jiff::civil::Weekday::Saturday => at.plus_days(2),
        jiff::civil::Weekday::Sunday => at.plus_days(1),
        _ => at,
    }
}

fn at_civil_hour(day: Timestamp, hour: i8, zone: &TimeZone) -> Timestamp {
    day.in_zone(zone)
        .date()
        .at(hour, 0, 0, 0)
        .to_zoned(zone.clone())
        .map_or(day, |zoned| Timestamp::from_jiff(zoned.timestamp()))
}

fn clock(lang: Lang, at: &Zoned) -> String {
    let (hour, minute) = (at.hour(), at.minute());
    match lang {
        Lang::Fr if minute == 0 => format!("{hour} h"),
        Lang::Fr => format!("{hour} h {minute:02}"),
        _ => format!("{hour}:{minute:02}"),
    }
}

fn weekday(lang: Lang, at: &Zoned) -> &'static str {
    const NAMES: [[&str; 7]; 7] = [
        [
            "lunes",
            "martes",
            "miércoles",
            "jueves",
            "viernes",
            "sábado",
            "domingo",
        ],
        [
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ],
        [
            "segunda-feira",
            "terça-feira",
            "quarta-feira",
            "quinta-feira",
            "sexta-feira",
            "sábado",
            "domingo",
        ],
        [
            "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
        ],
        [
            "lunedì",
            "martedì",
            "mercoledì",
            "giovedì",
            "venerdì",
            "sabato",
            "domenica",
        ],
        [
            "Montag",
            "Dienstag",
            "Mittwoch",
            "Donnerstag",
            "Freitag",
            "Samstag",
            "Sonntag",
        ],
        [
            "dilluns",
            "dimarts",
            "dimecres",
            "dijous",
            "divendres",
            "dissabte",
            "diumenge",
        ],
    ];
    NAMES[row(lang)][at.weekday().to_monday_zero_offset() as usize % 7]
}

fn month(lang: Lang, at: &Zoned) -> &'static str {
    const NAMES: [&str; 7] = [
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "January February March April May June July August September October November December",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre \
         dicembre",
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",
    ];
    NAMES[row(lang)]
        .split_whitespace()
        .nth(usize::try_from(at.month() - 1).unwrap_or(0))
        .unwrap_or("")
}

fn row(lang: Lang) -> usize {
    match lang {
        Lang::Es => 0,
        Lang::En => 1,
        Lang::Pt => 2,
        Lang::Fr => 3,
        Lang::It => 4,
        Lang::De => 5,
        Lang::Ca => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn madrid() -> TimeZone {
        TimeZone::get("Europe/Madrid").unwrap()
    }

    fn at(civil: &str) -> Timestamp {
        let zoned: Zoned = format!("{civil}[Europe/Madrid]").parse().unwrap();
        Timestamp::from_jiff(zoned.timestamp())
    }

    #[track_caller]
    fn check(lang: Lang, civil: &str, expected: &str) {
        let now = at("2026-11-20T10:00");
        assert_eq!(before(lang, at(civil), now, &madrid()), expected);
    }

    #[test]
    fn a_deadline_is_written_out_in_each_language() {
        let monday = "2026-11-23T13:00";
        check(
            Lang::Es,
            monday,
            "el lunes 23 de noviembre antes de las 13:00",
        );
        check(Lang::En, monday, "before 13:00 on Monday 23 November");
        check(
            Lang::Pt,
            monday,
            "antes das 13:00 de segunda-feira, 23 de novembro,",
        );
        check(Lang::Fr, monday, "avant 13 h le lundi 23 novembre");
        check(Lang::It, monday, "entro le ore 13:00 di lunedì 23 novembre");
        check(Lang::De, monday, "bis Montag, 23. November, 13:00 Uhr,");
        check(
            Lang::Ca,
            monday,
            "abans de les 13:00 de dilluns 23 de novembre",
        );
        check(
            Lang::Ca,
            "2027-04-01T01:30",
            "abans de la 1:30 de dijous 1 d’abril del 2027",
        );
        check(
            Lang::Es,
            "2027-01-04T01:30",
            "el lunes 4 de enero de 2027 antes de la 1:30",
        );
    }

    #[track_caller]
    fn check_promise(now: &str, answer_by: &str, expected: &str) {
        let got = promise_at(at(answer_by), at(now), &madrid());
        let shown = got
            .in_zone(&madrid())
            .strftime("%a %Y-%m-%dT%H:%M")
            .to_string();
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_promise_lies_ahead_in_daytime_and_at_a_round_time() {
        check_promise(
            "2026-11-20T18:30",
            "2026-11-23T12:30",
            "Mon 2026-11-23T12:30",
        );
        check_promise(
            "2026-11-20T10:00",
            "2026-11-20T12:47",
            "Fri 2026-11-20T13:00",
        );
        for (answer_by, expected) in [
            ("2026-11-20T03:00", "Fri 2026-11-20T13:00"),
            ("2026-11-19T23:00", "Fri 2026-11-20T13:00"),
            ("2026-11-20T08:40", "Fri 2026-11-20T09:00"),
            ("2026-11-20T18:50", "Fri 2026-11-20T19:00"),
            ("2026-11-20T19:10", "Mon 2026-11-23T13:00"),
            ("2026-11-22T07:28", "Mon 2026-11-23T13:00"),
            ("2026-11-21T23:30", "Mon 2026-11-23T13:00"),
        ] {
            check_promise("2026-11-19T18:00", answer_by, expected);
        }
        // What we wanted is past, as in a reminder: the next working day, not the weekend.
        check_promise(
            "2026-11-20T16:00",
            "2026-11-20T14:00",
            "Mon 2026-11-23T13:00",
        );
        check_promise(
            "2026-11-20T16:00",
            "2026-11-20T16:20",
            "Mon 2026-11-23T13:00",
        );
    }

    #[test]
    fn nights_and_weekends_are_odd() {
        for (civil, expected) in [
            ("2026-11-20T12:00", None),
            ("2026-11-20T07:59", Some(OddHour::Night)),
            ("2026-11-22T03:00", Some(OddHour::Night)),
            ("2026-11-22T12:00", Some(OddHour::Weekend)),
            ("2026-11-23T20:30", None),
            ("2026-11-23T21:00", Some(OddHour::Night)),
        ] {
            assert_eq!(odd_hour(at(civil), &madrid()), expected, "{civil}");
        }
    }

    #[test]
    fn waits_are_told_as_people_tell_them() {
        for (ms, es, en) in [
            (0, "1 minuto", "1 minute"),
            (59 * MINUTE_MS, "59 minutos", "59 minutes"),
            (3 * HOUR_MS, "3 horas", "3 hours"),
            (47 * HOUR_MS, "47 horas", "47 hours"),
            (49 * HOUR_MS, "2 días", "2 days"),
            (75 * DAY_MS, "2 meses", "2 months"),
            (800 * DAY_MS, "2 años", "2 years"),
        ] {
            assert_eq!((&*length(Lang::Es, ms), &*length(Lang::En, ms)), (es, en));
        }
    }
}
