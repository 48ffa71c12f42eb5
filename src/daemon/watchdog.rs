//! What systemd is told: that we are ready, what we are doing, that we stop, and, as long as all three loops
//! get on, that we live.
//!
//! Without systemd there is nobody to tell, and that is fine.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::{Service, pulse::Loop};
use crate::clock;

pub(super) const READY: NotifyState<'static> = NotifyState::Ready;
pub(super) const STOPPING: NotifyState<'static> = NotifyState::Stopping;

/// Without a watchdog, the state is told this often.
const STATUS_EVERY: Duration = Duration::from_secs(30);
const SHORTEST: Duration = Duration::from_millis(100);

pub(super) fn tell(states: &[NotifyState]) {
    let _ = sd_notify::notify(states);
}

/// Feeds the watchdog twice in its time, and tells the state, until told to stop. A loop that hangs feeds
/// it no longer: systemd then starts us anew, and what we held is taken over.
pub(super) async fn watch(service: &Service, shutdown: &CancellationToken) {
    let every = sd_notify::watchdog_enabled().map_or(STATUS_EVERY, |limit| limit / 2);
    let mut is_told = false;
    while !shutdown.is_cancelled() {
        let still = service.pulse.still();
        if still.is_empty() {
            tell(&[NotifyState::Watchdog, NotifyState::Status(&state(service))]);
        } else if !is_told {
            let names: Vec<&str> = still.iter().map(|of| of.name()).collect();
            error!("no progress for too long: {}", names.join(", "));
            tell(&[NotifyState::Status("a loop hangs; see the log")]);
        }
        is_told = !still.is_empty();
        tokio::select! {
            () = tokio::time::sleep(every.max(SHORTEST)) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

fn state(service: &Service) -> String {
    let n = service.engine().settings.sources.len();
    let failed = service.pulse.failed();
    if let Some(of) = failed.first() {
        return format!("{n} sources; the last turn of the {} failed", of.name());
    }
    match service.pulse.turned_at(Loop::Keeper) {
        Some(at) => {
            let ago = clock::now().ms_since(at) / 1_000;
            format!("listening to {n} sources; last look {ago} s ago")
        }
        None => format!("listening to {n} sources"),
    }
}
