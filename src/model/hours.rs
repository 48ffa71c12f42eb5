//! Office hours: "lun-vie 09:00-14:00,16:00-19:00", and how to count time in them.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

use super::{Holidays, Minutes, Timestamp};

/// Opening hours of a week. Absent office hours mean that every hour counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeHours {
    /// Per weekday from Monday: opening and closing minute of the day, ascending.
    days: [Vec<(i64, i64)>; 7],
    /// Closed whatever the weekday.
    holidays: Holidays,
}

const DAY_NAMES: [[&str; 4]; 7] = [
    ["lun", "lunes", "mon", "monday"],
    ["mar", "martes", "tue", "tuesday"],
    ["mie", "miercoles", "wed", "wednesday"],
    ["jue", "jueves", "thu", "thursday"],
    ["vie", "viernes", "fri", "friday"],
    ["sab", "sabado", "sat", "saturday"],
    ["dom", "domingo", "sun", "sunday"],
];
const DAY_MINUTES: i64 = 24 * 60;
/// Days to search for the next open minute: no week is without one, and no calendar has a year of holidays.
const SEARCH_DAYS_MAX: i32 = 366;

impl OfficeHours {
    /// Reads day ranges with time ranges, several of them separated by `;`.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut days: [Vec<(i64, i64)>; 7] = Default::default();
        for part in text
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let Some((names, times)) = part.split_once(char::is_whitespace) else {
                return Err(format!(
                    "\"{part}\" needs days and times, as in \"lun-vie 09:00-14:00\""
                ));
            };
            let times = times
                .split(',')
                .map(time_range)
                .collect::<Result<Vec<_>, _>>()?;
            for day in day_range(names)? {
                days[day].extend(&times);
                days[day].sort_unstable();
            }
        }
        if days.iter().all(Vec::is_empty) {
            return Err("no office hour at all; leave the key out for all hours".to_owned());
        }
        Ok(Self {
            days,
            holidays: Holidays::default(),
        })
    }

    /// Every hour of every day.
    pub fn always() -> Self {
        Self {
            days: std::array::from_fn(|_| vec![(0, DAY_MINUTES)]),
            holidays: Holidays::default(),
        }
    }

    /// A day of the week by the name that it may have here.
    pub fn weekday(name: &str) -> Option<Weekday> {
        let day = day(name).ok()?;
        Weekday::from_monday_zero_offset(i8::try_from(day).ok()?).ok()
    }

    /// The same hours, closed on these days too.
    #[must_use]
    pub fn but(self, holidays: Holidays) -> Self {
        Self { holidays, ..self }
    }

    fn on(&self, date: Date) -> &[(i64, i64)] {
        if self.holidays.contains(date) {
            return &[];
        }
        &self.days[weekday(date)]
    }

    /// The instant at which `wait` of open time has passed since `from`, in the civil time of `zone`.
    pub fn after(&self, from: Timestamp, wait: Minutes, zone: &TimeZone) -> Timestamp {
        let start = from.in_zone(zone);
        let mut left = wait.0.max(0);
        let mut date = start.date();
        let mut minute = i64::from(start.hour()) * 60 + i64::from(start.minute());
        for _ in 0..SEARCH_DAYS_MAX {
            for &(open, close) in self.on(date) {
                let begin = open.max(minute);
                if begin >= close {
                    continue;
                }
                if left <= close - begin {
                    return at(date, begin + left, zone);
                }
                left -= close - begin;
            }
            minute = 0;
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        from.plus_minutes(wait.0)
    }

    /// True when `at` lies in office hours.
    pub fn is_open(&self, at: Timestamp, zone: &TimeZone) -> bool {
        let civil = at.in_zone(zone);
        let minute = i64::from(civil.hour()) * 60 + i64::from(civil.minute());
        self.on(civil.date())
            .iter()
            .any(|&(open, close)| (open..close).contains(&minute))
    }
}

fn weekday(date: Date) -> usize {
    date.weekday().to_monday_zero_offset() as usize
}

fn at(date: Date, minute: i64, zone: &TimeZone) -> Timestamp {
    let minute = minute.clamp(0, DAY_MINUTES);
    let (date, minute) = if minute == DAY_MINUTES {
        (date.tomorrow().unwrap_or(date), 0)
    } else {
        (date, minute)
    };
    let time = Time::constant((minute / 60) as i8, (minute % 60) as i8, 0, 0);
    // A time that a clock change skips or doubles is resolved as calendars do: "compatible".
    date.to_datetime(time)
        .to_zoned(zone.clone())
        .map_or(Timestamp(0), |zoned| {
            Timestamp::from_jiff(zoned.timestamp())
        })
}

fn day_range(names: &str) -> Result<Vec<usize>, String> {
    let mut days = Vec::new();
    for name in names.split(',') {
        let (first, last) = name.split_once('-').unwrap_or((name, name));
        let (first, last) = (day(first)?, day(last)?);
        days.extend(
            (0..7)
                .map(|step| (first + step) % 7)
                .take((last + 7 - first) % 7 + 1),
        );
    }
    Ok(days)
}

fn day(name: &str) -> Result<usize, String> {
    let folded = name
        .trim()
        .to_lowercase()
        .replace('é', "e")
        .replace('á', "a");
    DAY_NAMES
        .iter()
        .position(|names| names.contains(&folded.as_str()))
        .ok_or_else(|| {
            format!("\"{name}\" is no day; use lun mar mié jue vie sáb dom, or Mon to Sun")
        })
}

fn time_range(text: &str) -> Result<(i64, i64), String> {
    let wrong = || {
        format!(
            "\"{}\" is no time range; write it as 09:00-14:00",
            text.trim()
        )
    };
    let (open, close) = text.trim().split_once('-').ok_or_else(wrong)?;
    let (open, close) = (
        minute_of(open).ok_or_else(wrong)?,
        minute_of(close).ok_or_else(wrong)?,
    );
    if open >= close {
        return Err(format!("\"{}\" ends before it begins", text.trim()));
    }
    Ok((open, close))
}

fn minute_of(text: &str) -> Option<i64> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    ((0..60).contains(&minute) && (0..=DAY_MINUTES).contains(&(hour * 60 + minute)))
        .then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPLIT: &str = "lun-vie 09:00-14:00,16:00-19:00";

    #[track_caller]
    fn check(hours: &str, from: &str, wait_hours: i64, expected: &str) {
        let zone = TimeZone::get("Europe/Madrid").unwrap();
        let from: jiff::Zoned = format!("{from}[Europe/Madrid]").parse().unwrap();
        let hours = OfficeHours::parse(hours).unwrap();
        let got = hours.after(
            Timestamp::from_jiff(from.timestamp()),
            Minutes::from_hours(wait_hours),
            &zone,
        );
        assert_eq!(
            got.in_zone(&zone).strftime("%a %Y-%m-%dT%H:%M").to_string(),
            expected
        );
    }

    #[test]
    fn only_open_hours_count() {
        check(SPLIT, "2026-11-20T10:00", 2, "Fri 2026-11-20T12:00");
        check(SPLIT, "2026-11-20T13:00", 2, "Fri 2026-11-20T17:00"); // over the midday break
        check(SPLIT, "2026-11-20T18:30", 4, "Mon 2026-11-23T12:30"); // over the weekend
        check(SPLIT, "2026-11-21T03:00", 4, "Mon 2026-11-23T13:00"); // begins on a closed day
        check(
            "Mon-Sun 00:00-24:00",
            "2026-10-25T00:00",
            4,
            "Sun 2026-10-25T04:00",
        );
        check(
            "vie-lun 10:00-11:00",
            "2026-11-22T10:30",
            1,
            "Mon 2026-11-23T10:30",
        );
    }

    #[test]
    fn holidays_are_closed_and_nobody_waits_for_ever() {
        let zone = TimeZone::get("Europe/Madrid").unwrap();
        let after = |hours: OfficeHours, from: &str| {
            let from: jiff::Zoned = format!("{from}[Europe/Madrid]").parse().unwrap();
            let from = Timestamp::from_jiff(from.timestamp());
            let got = hours.after(from, Minutes::from_hours(2), &zone);
            got.in_zone(&zone).strftime("%a %Y-%m-%dT%H:%M").to_string()
        };
        let (holidays, _) = Holidays::parse("2026-12-08 Inmaculada\n2026-12-25\n");
        let office = || OfficeHours::parse(SPLIT).unwrap().but(holidays.clone());
        assert_eq!(after(office(), "2026-12-07T18:00"), "Wed 2026-12-09T10:00");
        assert_eq!(after(office(), "2026-12-08T10:00"), "Wed 2026-12-09T11:00");
        let always = OfficeHours::always().but(holidays.clone());
        assert_eq!(after(always, "2026-12-24T23:00"), "Sat 2026-12-26T01:00");
        let closed = office();
        let noon = |date: &str| {
            let zoned: jiff::Zoned = format!("{date}T12:00[Europe/Madrid]").parse().unwrap();
            Timestamp::from_jiff(zoned.timestamp())
        };
        assert!(!closed.is_open(noon("2026-12-08"), &zone));
        assert!(closed.is_open(noon("2026-12-09"), &zone));
        // A calendar in which every day is a holiday closes for good: the wait is told as it is.
        let days: String = (1..=12)
            .flat_map(|month| (1..=31).map(move |day| format!("{month:02}-{day:02}\n")))
            .filter(|day| {
                ![
                    "02-30\n", "02-31\n", "04-31\n", "06-31\n", "09-31\n", "11-31\n",
                ]
                .contains(&day.as_str())
            })
            .collect();
        let never = OfficeHours::always().but(Holidays::parse(&days).0);
        assert_eq!(after(never, "2026-12-07T10:00"), "Mon 2026-12-07T12:00");
    }

    #[test]
    fn nonsense_gets_a_sentence() {
        assert!(
            OfficeHours::parse("lun-vie")
                .unwrap_err()
                .contains("needs days and times")
        );
        assert!(
            OfficeHours::parse("xyz 09:00-10:00")
                .unwrap_err()
                .contains("is no day")
        );
        assert!(
            OfficeHours::parse("lun 19:00-16:00")
                .unwrap_err()
                .contains("ends before")
        );
        assert!(
            OfficeHours::parse("lun 9-14")
                .unwrap_err()
                .contains("no time range")
        );
    }
}
