//! One loop for all: take a turn, sleep until the next due time or a nudge, until told to stop.

use std::future::Future;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::pulse::{Loop, Pulse};
use crate::clock;
use crate::model::Timestamp;
use crate::store::StoreError;

/// Even when nothing is known to be due, the database is asked again after this long: another process
/// may have written to it.
const SLEEP_MAX: Duration = Duration::from_secs(15);
/// After a failed turn.
const SLEEP_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Repeats `turn`, which tells when it wants to come again. A turn that fails or panics is logged once,
/// here, and tried again later; it never ends the service.
pub(super) async fn pace<F, T>(
    (pulse, of): (&Pulse, Loop),
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
        pulse.turned(of, watch.elapsed(), matches!(turned, Ok(Ok(_))));
        let sleep = match turned {
            Ok(Ok(next_at)) => until(next_at),
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

fn until(next_at: Option<Timestamp>) -> Duration {
    let ms = next_at.map_or(i64::MAX, |at| at.ms_since(clock::now()).max(0));
    Duration::from_millis(ms as u64).min(SLEEP_MAX)
}
