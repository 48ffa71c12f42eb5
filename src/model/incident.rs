//! The same failure told by many: when it is told, and when a topic surges against its own past.
//!
//! Absent: which texts tell the same story; `score::crowd` says that.

use std::fmt;

use super::verdict::word_enum;
use super::{CaseId, Timestamp};

/// `i-` and the eight hex digits of the case with which it began.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentId(pub String);

impl IncidentId {
    pub fn of_first(case: &CaseId) -> Self {
        let digits = case.0.strip_prefix("c-").unwrap_or(&case.0);
        Self(format!("i-{digits}"))
    }
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

word_enum!(
    /// Why a case belongs to an incident.
    Bond {
        /// It answers another case and says the same.
        Thread = "thread",
        /// It tells the same story in nearly the same words.
        Words = "words",
        /// Many more than usual speak of its topic.
        Surge = "surge",
    }
);

/// What a surge is counted in.
pub const SURGE_HOURS: i64 = 6;
/// Former days with which a surge is compared.
pub const SURGE_DAYS: usize = 28;
/// Fewer are no surge, whatever the past.
const SURGE_MIN: u32 = 6;
/// While so few days are known, twice as many are wanted.
const DAYS_KNOWN_MIN: usize = 7;
/// The least time between two letters of one incident.
const INTERVAL_MINUTES: i64 = 5;
/// Those who have not been named yet wait at most this long for the next letter.
const REPEAT_HOURS: i64 = 4;

/// True when a letter is due: from two customers on, once per doubling. `n_told` is how many they were in
/// the last letter, 0 before the first.
///
/// ```
/// use escucha::model::is_doubled;
///
/// let mut told = 0;
/// let letters = (1..=100).filter(|&n| is_doubled(n, told).then(|| told = n).is_some());
/// assert_eq!(letters.collect::<Vec<u32>>(), [2, 4, 8, 16, 32, 64]);
/// ```
pub fn is_doubled(n: u32, n_told: u32) -> bool {
    n >= 2 && n >= n_told.saturating_mul(2)
}

/// Until when those that have joined at `now` are named, if no doubling comes first.
pub fn named_by(now: Timestamp) -> Timestamp {
    now.plus_hours(REPEAT_HOURS)
}

/// Until when no further letter of an incident is made after that of `told`; `None` when one may be made
/// at `now`, also where that letter is of a clock that has since been put back.
pub fn rests_until(told: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let until = told.plus_minutes(INTERVAL_MINUTES);
    (told <= now && now < until).then_some(until)
}

/// From so many complaints of one topic in [`SURGE_HOURS`] hours it surges. `days` are the complaints of
/// each of the former days on which we listened, at most [`SURGE_DAYS`].
///
/// Half of a day's complaints may come in six hours of it; beyond that, four standard deviations of a
/// Poisson count, and at least twice as many. The highest tenth of the days does not count: a former
/// incident must not hide the next.
pub fn surge_from(days: &[u32]) -> u32 {
    let mut sorted = days.to_vec();
    sorted.sort_unstable();
    sorted.truncate(days.len() - days.len() / 10);
    let sum: u64 = sorted.iter().map(|&n| u64::from(n)).sum();
    let usual = sum as f64 / sorted.len().max(1) as f64 / 2.0;
    let high = (usual + 4.0 * usual.sqrt()).max(2.0 * usual).ceil() as u32;
    let least = if days.len() < DAYS_KNOWN_MIN {
        2 * SURGE_MIN
    } else {
        SURGE_MIN
    };
    high.max(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(days: &[u32], expected: u32) {
        assert_eq!(surge_from(days), expected, "{days:?}");
    }

    #[test]
    fn a_surge_is_measured_by_its_own_past() {
        check(&[], 12);
        check(&[0; 3], 12);
        check(&[0; 28], 6);
        check(&[2; 28], 6);
        check(&[4; 28], 8);
        check(&[20; 28], 23);
        check(&[200; 28], 200);
        // Two days of a former outage hide nothing.
        let mut days = [2; 28];
        days[3] = 400;
        days[4] = 90;
        check(&days, 6);
    }

    /// Ordinary years, in which complaints come by chance and in daylight: how often would it surge?
    #[test]
    fn ordinary_days_do_not_surge() {
        let mut seed = 7_u64;
        let mut draw = move || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 40) as f64 / f64::from(1 << 24)
        };
        for a_day in [0.2, 1.0, 2.0, 5.0, 20.0] {
            let (mut hours, mut surges, mut quiet_until) = (Vec::<u32>::new(), 0, 0);
            for hour in 0..24 * 365 {
                let is_day = (8..24).contains(&(hour % 24));
                let rate = if is_day { a_day / 16.0 } else { 0.0 };
                // Knuth's way to a Poisson count.
                let (limit, mut product, mut n) = (f64::exp(-rate), draw(), 0);
                while product > limit {
                    product *= draw();
                    n += 1;
                }
                hours.push(n);
                let recent: u32 = hours.iter().rev().take(SURGE_HOURS as usize).sum();
                let past = &hours[..hours.len().saturating_sub(SURGE_HOURS as usize)];
                let days: Vec<u32> = past
                    .rchunks(24)
                    .take(SURGE_DAYS)
                    .map(|day| day.iter().sum())
                    .collect();
                if hour > quiet_until && recent >= surge_from(&days) {
                    surges += 1;
                    quiet_until = hour + 24;
                }
            }
            assert!(surges <= 1, "{a_day} a day: {surges} surges in a year");
        }
    }

    #[test]
    fn two_letters_are_minutes_apart() {
        let told = Timestamp(0).plus_hours(9);
        let until = Some(told.plus_minutes(5));
        assert_eq!(rests_until(told, told), until);
        assert_eq!(rests_until(told, told.plus_minutes(4)), until);
        assert_eq!(rests_until(told, told.plus_minutes(5)), None);
        assert_eq!(rests_until(told, told.plus_minutes(-1)), None);
    }

    #[test]
    fn who_grows_is_told_once_per_doubling() {
        for (n, n_told, expected) in [
            (1, 0, false),
            (2, 0, true),
            (3, 2, false),
            (4, 2, true),
            (100, 2, true),
            (199, 100, false),
        ] {
            assert_eq!(is_doubled(n, n_told), expected, "{n} of {n_told}");
        }
    }
}
