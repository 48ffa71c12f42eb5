//! When to look again: arithmetic on what was configured, what the site asks for and how the source
//! lives (after Miniflux' `ScheduleNextCheck` and CommaFeed's intervals).
//!
//! Absent: the pace of a host, which is its row's (`store`).

use super::Timestamp;
use super::time::{DAY_MS, HOUR_MS, MINUTE_MS};

/// How often a source wants to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// The configured interval; where none is, the one of a source whose rhythm is not known yet.
    pub every_ms: i64,
    /// No source is polled more often, whatever its interval.
    pub floor_ms: i64,
    /// No interval is configured: it follows the source's own rhythm.
    pub is_adaptive: bool,
}

/// What a response asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// `Retry-After`, from now; negative and garbage values never get here.
    pub retry_after_ms: Option<i64>,
    /// The larger of `max-age` and `Expires`, from now.
    pub fresh_for_ms: Option<i64>,
}

/// What a feed says about its own reading, and how often it has something new. Kept with the source,
/// for answers that do not repeat it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rhythm {
    /// The larger of `ttl` and `sy:updatePeriod`.
    pub ttl_ms: Option<i64>,
    /// Hours of the day (UTC) in which the feed is not to be read: bit 0 is midnight.
    pub skip_hours: u32,
    /// Days of the week: bit 0 is Monday.
    pub skip_days: u8,
    /// The median time between two entries.
    pub gap_ms: Option<i64>,
    /// When the newest entry was published.
    pub newest_at: Option<Timestamp>,
}

/// All that decides about the next check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub hints: Hints,
    pub rhythm: Rhythm,
    /// Failures in a row; 0 after a success.
    pub n_failures: u32,
    /// It never says 304 and has not changed for so long that once a day is enough.
    pub is_idle: bool,
    /// 0..=999, another one each time: sources added or failing together do not come back together.
    pub roll: u16,
}

/// Retry-After and cache hints are clamped to this, so that a misconfigured feed cannot silence itself.
const HINT_MS_MAX: i64 = DAY_MS;
/// The first back-off after a failure; doubles with each further one.
const BACKOFF_MS: i64 = 5 * MINUTE_MS;
/// Without a configured interval: not more often than this, and not more rarely while it is alive.
const ADAPTIVE_MS_MIN: i64 = 15 * MINUTE_MS;
const ADAPTIVE_MS_MAX: i64 = HOUR_MS;
/// Days of silence, and the interval that they make enough.
const SILENCES: [(i64, i64); 3] = [(30, 12 * HOUR_MS), (14, 6 * HOUR_MS), (7, 3 * HOUR_MS)];
/// `skipHours` and `skipDays` put a check off by at most a weekend.
const SKIPPED_HOURS_MAX: i64 = 48;
/// The entries whose dates make the gap.
const GAP_ENTRIES_MAX: usize = 20;
/// The epoch began on a Thursday.
const EPOCH_WEEKDAY: i64 = 3;

/// The next check after one at `now`.
pub fn next_check(cadence: Cadence, asked: &Asked, now: Timestamp) -> Timestamp {
    let roll = i64::from(asked.roll.min(999));
    let every = interval(cadence, &asked.rhythm, now);
    // Up to a tenth more of what others asked for, never less.
    let more = |ms: i64| ms + ms / 10 * roll / 999;
    let own = if asked.n_failures > 0 {
        // Full jitter, but not below our own interval.
        let doubled = BACKOFF_MS.saturating_mul(1 << (asked.n_failures - 1).min(12));
        let longest = doubled.min(DAY_MS).max(every + every / 5);
        every + (longest - every) * roll / 999
    } else {
        // A tenth less to a tenth more.
        every - every / 10 + every / 5 * roll / 999
    };
    let mut wait = own.max(cadence.floor_ms);
    if asked.n_failures == 0 {
        let fresh = asked.hints.fresh_for_ms.max(asked.rhythm.ttl_ms);
        wait = wait.max(more(fresh.unwrap_or(0).clamp(0, HINT_MS_MAX)));
        if asked.is_idle {
            wait = wait.max(more(DAY_MS));
        }
    }
    let retry = asked.hints.retry_after_ms.unwrap_or(0);
    let next = now.plus_ms(wait.max(more(retry.clamp(0, HINT_MS_MAX))));
    not_skipped(&asked.rhythm, next)
}

/// The configured interval; without one, half the gap between two entries, and longer the longer the
/// source has been silent.
fn interval(cadence: Cadence, rhythm: &Rhythm, now: Timestamp) -> i64 {
    if !cadence.is_adaptive {
        return cadence.every_ms.max(cadence.floor_ms);
    }
    let silent_days = rhythm.newest_at.map_or(0, |at| now.days_since(at));
    let silence = SILENCES
        .iter()
        .find(|(days, _)| silent_days >= *days)
        .map(|(_, ms)| *ms);
    let alive = rhythm.gap_ms.map_or(cadence.every_ms, |gap| {
        (gap / 2).clamp(ADAPTIVE_MS_MIN, ADAPTIVE_MS_MAX)
    });
    silence.unwrap_or(alive).max(cadence.floor_ms)
}

/// The beginning of the first hour from `at` on in which the feed may be read.
fn not_skipped(rhythm: &Rhythm, at: Timestamp) -> Timestamp {
    let is_skipped = |at: Timestamp| {
        let hour = at.0.div_euclid(HOUR_MS).rem_euclid(24);
        let day = (at.0.div_euclid(DAY_MS) + EPOCH_WEEKDAY).rem_euclid(7);
        rhythm.skip_hours >> hour & 1 == 1 || rhythm.skip_days >> day & 1 == 1
    };
    let mut next = at;
    for _ in 0..SKIPPED_HOURS_MAX {
        if !is_skipped(next) {
            return next;
        }
        next = Timestamp((next.0.div_euclid(HOUR_MS) + 1) * HOUR_MS);
    }
    // It would never be read: that is a mistake of the feed, not a wish.
    if is_skipped(next) { at } else { next }
}

/// The median time between the newest entries; `None` below two dated ones.
pub fn entry_gap_ms(published: &[Timestamp]) -> Option<i64> {
    let mut newest = published.to_vec();
    newest.sort_unstable_by(|a, b| b.cmp(a));
    newest.truncate(GAP_ENTRIES_MAX);
    let mut gaps: Vec<i64> = newest
        .windows(2)
        .map(|two| two[0].ms_since(two[1]))
        .collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = MINUTE_MS;
    const CADENCE: Cadence = Cadence {
        every_ms: 15 * MINUTE,
        floor_ms: 5 * MINUTE,
        is_adaptive: false,
    };
    /// Rolls at which jitter adds nothing: of an interval, and of a back-off or hint.
    const LOW: u16 = 0;

    fn hints(retry_after: Option<i64>, fresh: Option<i64>) -> Hints {
        Hints {
            retry_after_ms: retry_after.map(|m| m * MINUTE),
            fresh_for_ms: fresh.map(|m| m * MINUTE),
        }
    }

    /// The wait in minutes at both ends of the jitter.
    #[track_caller]
    fn check(cadence: Cadence, asked: Asked, expected: (i64, i64)) {
        let wait = |roll| {
            let next = next_check(cadence, &Asked { roll, ..asked }, Timestamp(0));
            (next.0 + MINUTE / 2) / MINUTE
        };
        assert_eq!((wait(LOW), wait(999)), expected, "{asked:?}");
    }

    fn well(hints: Hints) -> Asked {
        Asked {
            hints,
            ..Asked::default()
        }
    }

    fn failing(n_failures: u32, hints: Hints) -> Asked {
        Asked {
            n_failures,
            ..well(hints)
        }
    }

    #[test]
    fn rule_11_the_longest_wish_decides_up_to_a_day() {
        let every = |m: i64| Cadence {
            every_ms: m * MINUTE,
            ..CADENCE
        };
        check(every(100), well(hints(None, None)), (90, 110));
        check(every(1), well(hints(None, None)), (5, 6)); // the floor
        check(CADENCE, well(hints(None, Some(60))), (60, 66)); // max-age
        check(CADENCE, well(hints(None, Some(525_600))), (1_440, 1_584)); // a year of max-age
        check(CADENCE, well(hints(Some(30), None)), (30, 33));
        check(CADENCE, well(hints(Some(-30), Some(-1))), (14, 17));
        let ttl = Asked {
            rhythm: Rhythm {
                ttl_ms: Some(120 * MINUTE),
                ..Rhythm::default()
            },
            ..well(hints(None, Some(60)))
        };
        check(CADENCE, ttl, (120, 132));
        let idle = Asked {
            is_idle: true,
            ..Asked::default()
        };
        check(CADENCE, idle, (1_440, 1_584));
    }

    #[test]
    fn rule_16_back_off_is_exponential_with_full_jitter() {
        check(CADENCE, failing(1, hints(None, None)), (15, 18));
        check(CADENCE, failing(3, hints(None, None)), (15, 20));
        check(CADENCE, failing(5, hints(None, None)), (15, 80));
        check(CADENCE, failing(9, hints(None, None)), (15, 1_280));
        check(CADENCE, failing(40, hints(None, None)), (15, 1_440));
        check(CADENCE, failing(1, hints(Some(1), None)), (15, 18));
        check(
            CADENCE,
            failing(3, hints(Some(525_600), None)),
            (1_440, 1_584),
        );
        check(CADENCE, failing(2, hints(None, Some(600))), (15, 18)); // no cache hints of failures
    }

    #[test]
    fn rule_13_skipped_hours_and_days_are_left_out() {
        // 1970-01-01 was a Thursday.
        let skip = |skip_hours, skip_days| Asked {
            rhythm: Rhythm {
                skip_hours,
                skip_days,
                ..Rhythm::default()
            },
            ..Asked::default()
        };
        check(CADENCE, skip(0b1, 0), (60, 60));
        check(CADENCE, skip(0b110, 0), (14, 17));
        check(CADENCE, skip(0b111, 0), (180, 180));
        check(CADENCE, skip(0, 1 << 3), (1_440, 1_440));
        check(CADENCE, skip(0, 0b11 << 3), (2_880, 2_880));
        check(CADENCE, skip(0xff_ffff, 0), (14, 17)); // never: no wish but a mistake
        check(CADENCE, skip(0, 0x7f), (14, 17));
    }

    #[test]
    fn rule_14_without_an_interval_it_follows_the_source() {
        let adaptive = Cadence {
            is_adaptive: true,
            ..CADENCE
        };
        let lives = |gap: Option<i64>, silent_days: i64| Asked {
            rhythm: Rhythm {
                gap_ms: gap.map(|m| m * MINUTE),
                newest_at: Some(Timestamp(0).plus_days(-silent_days)),
                ..Rhythm::default()
            },
            ..Asked::default()
        };
        check(adaptive, lives(None, 0), (14, 17));
        check(adaptive, lives(Some(2), 0), (14, 17));
        check(adaptive, lives(Some(80), 0), (36, 44));
        check(adaptive, lives(Some(100_000), 0), (54, 66));
        check(adaptive, lives(Some(2), 6), (14, 17));
        check(adaptive, lives(Some(2), 7), (162, 198));
        check(adaptive, lives(Some(2), 14), (324, 396));
        check(adaptive, lives(Some(2), 300), (648, 792));
        check(CADENCE, lives(Some(200), 300), (14, 17)); // configured: it is as it says
    }

    #[test]
    fn rule_14_the_gap_is_that_of_the_newest_entries() {
        let at = |minutes: &[i64]| -> Vec<Timestamp> {
            minutes.iter().map(|m| Timestamp(m * MINUTE)).collect()
        };
        assert_eq!(entry_gap_ms(&at(&[])), None);
        assert_eq!(entry_gap_ms(&at(&[7])), None);
        assert_eq!(entry_gap_ms(&at(&[10, 70])), Some(60 * MINUTE));
        assert_eq!(entry_gap_ms(&at(&[0, 130, 10, 20])), Some(10 * MINUTE));
    }
}
