//! One loop for all: take a turn, sleep until the next due time or a nudge, until told to stop.

use std::future::Future;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::Service;
use super::pulse::Loop;
use crate::clock;
use crate::model::Timestamp;
use crate::store::StoreError;

/// Even when nothing is known to be due, the database is asked again after this long: another process
/// may have written to it.
const SLEEP_MAX: Duration = Duration::from_secs(15);
/// What was due before a turn began and is still due after it waits for what the turn does not see: another
/// worker holds it, or a server is left alone. To look again at once would be to look all the time.
const SLEEP_BEFORE_LEFT: Duration = Duration::from_secs(1);
/// After a failed turn.
const SLEEP_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Repeats `turn`, which tells when it wants to come again. A turn that fails or panics is logged once,
/// here, and tried again later; it never ends the service.
pub(super) async fn pace<F, T>(
    (service, of): (&Service, Loop),
    wake: &Notify,
    shutdown: &CancellationToken,
    mut turn: F,
) where
    F: FnMut() -> T,
    T: Future<Output = Result<Option<Timestamp>, StoreError>> + Send + 'static,
{
    let name = of.name();
    while !shutdown.is_cancelled() {
        // Interest in the nudge is registered before looking, so that one in between is not lost.
        let nudge = wake.notified();
        let watch = clock::stopwatch();
        let turned = tokio::spawn(turn()).await;
        let took = watch.elapsed();
        service.pulse.turned(of, took, matches!(turned, Ok(Ok(_))));
        let sleep = match turned {
            Ok(Ok(next_at)) => {
                // What is due is due by the clock that all workers share, however this machine's is set.
                // Boxed, for each loop of the service holds one.
                let now = Box::pin(clock::shared_now(&service.store)).await;
                sleep(next_at, now.unwrap_or_else(|_| clock::now()), took)
            }
            Ok(Err(failure)) => {
                error!(turn = name, "the {name} could not work: {failure}");
                SLEEP_AFTER_FAILURE
            }
            Err(panic) => {
                error!(turn = name, "the {name} stumbled: {panic}");
                SLEEP_AFTER_FAILURE
            }
        };
        tokio::select! {
            () = nudge => {}
            () = tokio::time::sleep(sleep) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

/// How long to sleep after a turn that ended at `now`, took so long, and wants to come again at `next_at`.
fn sleep(next_at: Option<Timestamp>, now: Timestamp, took: Duration) -> Duration {
    let Some(next_at) = next_at else {
        return SLEEP_MAX;
    };
    let began = now.plus_ms(-(took.as_millis() as i64));
    if next_at <= began {
        return SLEEP_BEFORE_LEFT;
    }
    let ms = next_at.ms_since(now).max(0);
    Duration::from_millis(ms as u64).min(SLEEP_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(next_ms: Option<i64>, took_ms: u64, expected: Duration) {
        let now = Timestamp(1_000_000);
        let next_at = next_ms.map(|ms| now.plus_ms(ms));
        let found = sleep(next_at, now, Duration::from_millis(took_ms));
        assert_eq!(found, expected, "{next_ms:?} after {took_ms} ms");
    }

    #[test]
    fn a_turn_comes_again_when_something_falls_due() {
        check(Some(700), 5, Duration::from_millis(700));
        check(Some(60_000), 5, SLEEP_MAX);
        check(None, 5, SLEEP_MAX);
        // It fell due while the turn was under way.
        check(Some(-4), 5, Duration::ZERO);
    }

    #[test]
    fn what_a_turn_has_left_is_not_looked_at_all_the_time() {
        check(Some(-5), 5, SLEEP_BEFORE_LEFT);
        check(Some(-3_600_000), 0, SLEEP_BEFORE_LEFT);
        check(Some(-3_600_000), 1_000, SLEEP_BEFORE_LEFT);
    }
}
