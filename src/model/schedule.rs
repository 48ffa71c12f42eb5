//! When to look again: four lines of arithmetic, clamped (after Miniflux' `ScheduleNextCheck`).

use super::Timestamp;
use super::time::{DAY_MS, HOUR_MS};

/// How often a source wants to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// The configured interval.
    pub every_ms: i64,
    /// No source is polled more often, whatever its interval.
    pub floor_ms: i64,
}

/// What a response asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// `Retry-After`, from now; negative and garbage values never get here.
    pub retry_after_ms: Option<i64>,
    /// The largest of `max-age`, `Expires` and the feed's own `ttl`, from now.
    pub fresh_for_ms: Option<i64>,
}

/// Retry-After and cache hints are clamped to this, so that a misconfigured feed cannot silence itself.
const HINT_MS_MAX: i64 = DAY_MS;
/// The first back-off after a failure; doubles with each further one.
const BACKOFF_MS: i64 = HOUR_MS / 12;

/// The next check after one at `now` that left `n_failures` failures in a row (0 after a success).
///
/// `jitter` is 0..=999, drawn from the source's identity: sources added or failing together do not
/// come back together. It adds up to a tenth of the interval.
pub fn next_check(
    cadence: Cadence,
    hints: Hints,
    n_failures: u32,
    jitter: u16,
    now: Timestamp,
) -> Timestamp {
    let every = cadence.every_ms.max(cadence.floor_ms);
    let wanted = if n_failures == 0 {
        every.max(hints.fresh_for_ms.unwrap_or(0).min(HINT_MS_MAX))
    } else {
        let doubled = BACKOFF_MS.saturating_mul(1 << (n_failures - 1).min(12));
        every.max(doubled.min(DAY_MS))
    };
    let wanted = wanted.max(hints.retry_after_ms.unwrap_or(0).min(HINT_MS_MAX));
    now.plus_ms(wanted + wanted / 10 * i64::from(jitter.min(999)) / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    #[track_caller]
    fn check(
        every: i64,
        retry_after: Option<i64>,
        fresh: Option<i64>,
        n_failures: u32,
        minutes: i64,
    ) {
        let cadence = Cadence {
            every_ms: every * MINUTE,
            floor_ms: 5 * MINUTE,
        };
        let hints = Hints {
            retry_after_ms: retry_after.map(|m| m * MINUTE),
            fresh_for_ms: fresh.map(|m| m * MINUTE),
        };
        let next = next_check(cadence, hints, n_failures, 0, Timestamp(0));
        assert_eq!(next, Timestamp(minutes * MINUTE));
    }

    #[test]
    fn next_time_is_arithmetic() {
        check(15, None, None, 0, 15);
        check(1, None, None, 0, 5); // the floor
        check(15, None, Some(60), 0, 60); // max-age
        check(15, None, Some(525_600), 0, 1_440); // a year of max-age is clamped to a day
        check(15, Some(30), None, 0, 30);
        check(15, Some(525_600), None, 3, 1_440);
        check(15, Some(1), None, 1, 15); // never sooner than its own interval
        check(15, None, None, 1, 15);
        check(15, None, None, 3, 20);
        check(15, None, None, 5, 80);
        check(15, None, None, 40, 1_440); // backing off never ends, and never exceeds a day
        check(15, None, Some(600), 2, 15); // a failed answer's cache hints do not count
    }

    #[test]
    fn jitter_stays_within_a_tenth() {
        let cadence = Cadence {
            every_ms: 100 * MINUTE,
            floor_ms: 0,
        };
        let next = next_check(cadence, Hints::default(), 0, 999, Timestamp(0));
        assert!(next.0 > 109 * MINUTE && next.0 < 110 * MINUTE);
    }
}
