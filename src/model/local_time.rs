//! What clocks show in a time zone, as data, so that it can go to a process that opens no file.
//!
//! Absent: the names of zones, and years that no post is from.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::Timestamp;

/// The years whose clocks are known; before and after they go on as they were then.
const FROM: Timestamp = Timestamp(631_152_000_000);
const UNTIL: Timestamp = Timestamp(2_524_608_000_000);
/// More changes of the clocks than any zone has in these years.
const STEPS_MAX: usize = 400;

/// How far local time is ahead of UTC, and since when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalTime {
    /// Since when it is so many milliseconds ahead, in order; empty for UTC. The first holds for ever
    /// before, too.
    steps: Vec<(Timestamp, i64)>,
}

static UTC: LocalTime = LocalTime { steps: Vec::new() };

impl LocalTime {
    pub fn utc() -> &'static Self {
        &UTC
    }

    /// From 1990 to 2049.
    pub fn of(zone: &TimeZone) -> Self {
        let ms = |offset: jiff::tz::Offset| i64::from(offset.seconds()) * 1_000;
        let from = FROM.to_jiff();
        let mut steps = vec![(FROM, ms(zone.to_offset(from)))];
        let changes = zone.following(from).take(STEPS_MAX);
        let changes = changes.map(|change| {
            let at = Timestamp(change.timestamp().as_millisecond());
            (at, ms(change.offset()))
        });
        steps.extend(changes.take_while(|(at, _)| *at < UNTIL));
        Self { steps }
    }

    /// How far ahead of UTC clocks are at this instant, in milliseconds.
    pub fn ahead_ms(&self, at: Timestamp) -> i64 {
        let n_before = self.steps.partition_point(|(since, _)| *since <= at);
        let step = self.steps.get(n_before.saturating_sub(1));
        step.map_or(0, |(_, ahead)| *ahead)
    }

    /// When clocks show this date and time, told in milliseconds since 1970 as if it were UTC: the first
    /// time where they show it twice.
    pub fn instant(&self, shown_ms: i64) -> Timestamp {
        let ends = self.steps.iter().skip(1).map(|(since, _)| *since);
        let ends = ends.chain([Timestamp(i64::MAX)]);
        let instants = self.steps.iter().zip(ends).map(|((_, ahead), end)| {
            let at = Timestamp(shown_ms.saturating_sub(*ahead));
            (at < end).then_some(at)
        });
        instants.flatten().next().unwrap_or(Timestamp(shown_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(zone: &str, shown: &str, expected: &str) {
        let local = LocalTime::of(&TimeZone::get(zone).unwrap());
        let shown = Timestamp::parse_rfc3339(&format!("{shown}:00Z")).unwrap();
        let at = local.instant(shown.0);
        assert_eq!(at.to_string(), format!("{expected}:00Z"), "{zone}");
        let clock = Timestamp(at.0 + local.ahead_ms(at));
        assert!(clock.ms_since(shown).abs() <= 3_600_000, "{zone}: {clock}");
    }

    #[test]
    fn clocks_are_read_in_summer_and_winter() {
        check("Europe/Madrid", "2026-05-12T10:30", "2026-05-12T08:30");
        check("Europe/Madrid", "2026-01-12T10:30", "2026-01-12T09:30");
        check(
            "America/Mexico_City",
            "2026-05-12T10:30",
            "2026-05-12T16:30",
        );
        check(
            "America/Mexico_City",
            "2021-05-12T10:30",
            "2021-05-12T15:30",
        );
        check("UTC", "2026-05-12T10:30", "2026-05-12T10:30");
        check("Europe/Madrid", "1975-05-12T10:30", "1975-05-12T09:30");
        check("Europe/Madrid", "2090-12-12T10:30", "2090-12-12T09:30");
    }

    #[test]
    fn an_hour_shown_twice_is_the_first_and_one_never_shown_is_near() {
        check("Europe/Madrid", "2026-10-25T02:30", "2026-10-25T00:30");
        check("Europe/Madrid", "2026-03-29T02:30", "2026-03-29T00:30");
        assert_eq!(LocalTime::default().instant(7), Timestamp(7));
        assert_eq!(&LocalTime::default(), LocalTime::utc());
    }
}
