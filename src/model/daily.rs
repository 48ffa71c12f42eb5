//! A wall clock that strikes once a day, or once a week, in a time zone whose clocks are changed.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

use super::Timestamp;

/// When something is made each day, or each week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Daily {
    /// What the clock on the wall shows.
    pub at: Time,
    /// `None`: every day.
    pub on: Option<Weekday>,
}

/// A week and the day on which one begins it.
const DAYS_BACK: usize = 8;

impl Daily {
    /// The last day on which it has struck by `now`, and when. A time that the clocks skip on a day is
    /// as much later as they were put on; of one that they show twice the first counts. So each day has
    /// one such instant.
    pub fn last(self, now: Timestamp, zone: &TimeZone) -> Option<(Date, Timestamp)> {
        let mut date = now.in_zone(zone).date();
        for _ in 0..DAYS_BACK {
            if self.on.is_none_or(|day| day == date.weekday()) {
                // "Compatible", as calendars have it (RFC 5545, section 3.3.5).
                let struck = date.to_datetime(self.at).to_zoned(zone.clone()).ok()?;
                let at = Timestamp::from_jiff(struck.timestamp());
                if at <= now {
                    return Some((date, at));
                }
            }
            date = date.yesterday().ok()?;
        }
        None
    }
}

/// The day that calendars in this zone show, as `2026-11-23`.
pub fn local_day(now: Timestamp, zone: &TimeZone) -> String {
    now.in_zone(zone).date().to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn at(utc: &str) -> Timestamp {
        Timestamp::parse_rfc3339(&format!("{utc}:00Z")).unwrap()
    }

    /// Looks every five minutes for some days: each local day is struck once, and `expected` is when, in
    /// UTC.
    #[track_caller]
    fn check(zone: &str, time: &str, from: &str, expected: &[&str]) {
        let zone = TimeZone::get(zone).unwrap();
        let daily = Daily {
            at: time.parse().unwrap(),
            on: None,
        };
        let (mut made, from) = (BTreeMap::new(), at(from));
        let known = daily.last(from, &zone).unwrap().0;
        for n in 0..=expected.len() as i64 * 288 {
            let now = from.plus_minutes(n * 5);
            let (day, struck) = daily.last(now, &zone).unwrap();
            if day > known && !made.contains_key(&day) {
                assert_eq!(struck, now, "{day} is made when it strikes");
                made.insert(day, now.to_string()[..16].to_owned());
            }
        }
        let found: Vec<&str> = made.values().map(String::as_str).collect();
        assert_eq!(
            found[..expected.len().min(found.len())],
            *expected,
            "{time}"
        );
    }

    #[test]
    fn r29_each_day_has_one_digest_also_when_clocks_change() {
        // Madrid: 2026-03-29 has no 02:30, 2026-10-25 has two.
        check(
            "Europe/Madrid",
            "08:30",
            "2026-03-27T08:00",
            &["2026-03-28T07:30", "2026-03-29T06:30", "2026-03-30T06:30"],
        );
        check(
            "Europe/Madrid",
            "02:30",
            "2026-03-27T08:00",
            &["2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"],
        );
        check(
            "Europe/Madrid",
            "02:30",
            "2026-10-23T08:00",
            &["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"],
        );
        // New York: 2026-03-08 and 2026-11-01.
        check(
            "America/New_York",
            "02:15",
            "2026-03-06T12:00",
            &["2026-03-07T07:15", "2026-03-08T07:15", "2026-03-09T06:15"],
        );
        check(
            "America/New_York",
            "01:15",
            "2026-10-30T12:00",
            &["2026-10-31T05:15", "2026-11-01T05:15", "2026-11-02T06:15"],
        );
    }

    #[test]
    fn a_week_is_struck_on_its_day_and_found_days_later() {
        let zone = TimeZone::get("Europe/Madrid").unwrap();
        let weekly = Daily {
            at: Time::constant(8, 30, 0, 0),
            on: Some(Weekday::Monday),
        };
        let day = |utc: &str| weekly.last(at(utc), &zone).unwrap().0.to_string();
        assert_eq!(day("2026-11-23T07:30"), "2026-11-23");
        assert_eq!(day("2026-11-23T07:25"), "2026-11-16");
        assert_eq!(day("2026-11-29T23:59"), "2026-11-23");
        assert_eq!(local_day(at("2026-11-22T23:30"), &zone), "2026-11-23");
    }
}
