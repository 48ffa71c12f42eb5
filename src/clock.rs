//! The one file that reads the clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::model::Timestamp;
use crate::store::{Clocks, Store, StoreError};

/// So long the server's clock is reckoned on from its last reading: a poll asks for the time more often
/// than it asks for anything else.
const RECKONED: Duration = Duration::from_secs(1);
/// A wall clock that goes otherwise than the stopwatch by more than this was set, or the machine slept.
const STRAY_MS: u128 = 50;

/// The system's wall clock.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(since.as_millis() as i64)
}

/// A clock that nobody sets, to see how long something took.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn stopwatch() -> Instant {
    Instant::now()
}

/// The clock that all workers on this store share: the database server's, where there is one.
pub async fn shared_now(store: &Store) -> Result<Timestamp, StoreError> {
    if !store.is_shared() {
        return Ok(now());
    }
    let (wall, steady) = (now(), stopwatch());
    let kept = store.kept_clock();
    if let Some(now) = kept.and_then(|kept| reckoned(&kept, wall, steady)) {
        return Ok(now);
    }
    let server = store.server_now().await?.unwrap_or(wall);
    store.keep_clock(Clocks {
        server,
        wall: now(),
        steady: stopwatch(),
    });
    Ok(server)
}

/// The server's time now; `None` when it must be asked again.
fn reckoned(clocks: &Clocks, wall: Timestamp, steady: Instant) -> Option<Timestamp> {
    let passed = steady.checked_duration_since(clocks.steady)?;
    let by_wall = u128::try_from(wall.ms_since(clocks.wall)).ok()?;
    let is_stray = by_wall.abs_diff(passed.as_millis()) > STRAY_MS;
    (passed < RECKONED && !is_stray).then(|| clocks.server.plus_ms(passed.as_millis() as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(wall_ms: i64, steady_ms: u64, expected: Option<i64>) {
        let clocks = Clocks {
            server: Timestamp(5_000),
            wall: Timestamp(9_000),
            steady: stopwatch(),
        };
        let steady = clocks.steady + Duration::from_millis(steady_ms);
        let found = reckoned(&clocks, Timestamp(9_000 + wall_ms), steady);
        assert_eq!(found, expected.map(Timestamp), "{wall_ms} {steady_ms}");
    }

    #[test]
    fn the_servers_clock_is_reckoned_on_for_a_second() {
        check(0, 0, Some(5_000));
        check(700, 700, Some(5_700));
        check(740, 700, Some(5_700));
        check(1_000, 1_000, None);
    }

    #[test]
    fn a_clock_that_was_set_and_a_machine_that_slept_ask_again() {
        check(3_600_700, 700, None);
        check(-10, 0, None);
        check(100, 700, None);
    }
}
