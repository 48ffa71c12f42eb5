//! Instants as epoch milliseconds. Time is always an argument: nothing here asks for "now".

use std::fmt;

use serde::{Deserialize, Serialize};

/// An instant, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// A duration in whole minutes, as office hours and deadlines count it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minutes(pub i64);

pub(crate) const SECOND_MS: i64 = 1_000;
pub(crate) const MINUTE_MS: i64 = 60 * SECOND_MS;
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// The last instant that every calendar, mail header and database here can write: 9999-12-30T22:00,
/// where jiff ends, so that no zone reaches the year 10000.
const MAX_MS: i64 = 253_402_207_200_000;

impl Timestamp {
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_ms(seconds.saturating_mul(SECOND_MS))
    }

    #[must_use]
    pub fn plus_minutes(self, minutes: i64) -> Self {
        self.plus_ms(minutes.saturating_mul(MINUTE_MS))
    }

    #[must_use]
    pub fn plus_hours(self, hours: i64) -> Self {
        self.plus_ms(hours.saturating_mul(HOUR_MS))
    }

    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        self.plus_ms(days.saturating_mul(DAY_MS))
    }

    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to `self`; negative when `earlier` is later.
    pub fn ms_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    pub fn days_since(self, earlier: Self) -> i64 {
        self.ms_since(earlier).div_euclid(DAY_MS)
    }

    /// The same instant for jiff; what no calendar can write becomes its nearest end.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0.clamp(0, MAX_MS)).unwrap_or_default()
    }

    pub fn from_jiff(at: jiff::Timestamp) -> Self {
        Self(at.as_millisecond())
    }

    /// The civil time of this instant in `zone`.
    pub fn in_zone(self, zone: &jiff::tz::TimeZone) -> jiff::Zoned {
        self.to_jiff().to_zoned(zone.clone())
    }

    /// Reads RFC 3339 (`2026-11-20T10:00:00Z`).
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        text.trim()
            .parse::<jiff::Timestamp>()
            .ok()
            .map(Self::from_jiff)
    }

    /// Clamps a published date to [first seen − 10 years, first seen] (limits table of the design).
    #[must_use]
    pub fn clamp_published(self, seen_at: Self) -> Self {
        Self(
            self.0
                .clamp(seen_at.0.saturating_sub(3_653 * DAY_MS), seen_at.0),
        )
    }
}

/// RFC 3339 in UTC, to the second.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.to_jiff();
        write!(f, "{}", at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}

impl Minutes {
    pub const fn from_hours(hours: i64) -> Self {
        Self(hours * 60)
    }
}
