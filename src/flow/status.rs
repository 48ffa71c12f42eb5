//! Is it well? One answer for `escucha status`, `/healthz` and the sign of life.

use super::replies::inbox_id;
use crate::model::Timestamp;
use crate::settings::Settings;
use crate::store::{Counts, EndpointState, Store, StoreError};

/// Two rounds may be missed before the silence of the service is worth a word.
const ROUNDS_MISSED: i64 = 2;
const SPARE_MINUTES: i64 = 15;
/// Mail that waits longer than this is trouble, not traffic.
const WAITING_MINUTES_MAX: i64 = 15;
/// Mails given up longer ago are history.
const DEAD_DAYS: i64 = 7;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    pub counts: Counts,
    /// What the mail server last refused with, while it is being left alone.
    pub mail_trouble: Option<String>,
    /// A mail has waited for too long.
    pub is_stuck: bool,
    /// Neither a service nor `run --once` was at work for longer than the sources' rhythm.
    pub is_silent: bool,
    /// When one of them was last at work, if ever.
    pub alive_at: Option<Timestamp>,
    /// Mails given up lately that nobody has settled.
    pub n_dead: i64,
    /// Why the mailbox for replies cannot be read.
    pub replies_trouble: Option<String>,
    /// The endpoints of the configuration.
    pub webhooks: Vec<EndpointState>,
    /// Mails over the budget, which wait for one that gathers them.
    pub n_held: i64,
}

impl Status {
    pub fn is_well(&self) -> bool {
        self.can_tell()
            && self.n_dead == 0
            && self.replies_trouble.is_none()
            && self.webhooks.iter().all(EndpointState::is_well)
            && !self.is_silent
            && self.counts.sources_in_trouble == 0
    }

    /// True while mail leaves: whatever else is wrong, the operator is told of it.
    pub fn can_tell(&self) -> bool {
        self.mail_trouble.is_none() && !self.is_stuck
    }
}

pub async fn status(
    store: &Store,
    settings: &Settings,
    now: Timestamp,
) -> Result<Status, StoreError> {
    let oldest = store.oldest_waiting_at().await?;
    let inbox = match &settings.replies {
        Some(mailbox) => store.inbox(&inbox_id(mailbox)).await?,
        None => None,
    };
    let alive_at = store.alive_at().await?;
    let mut webhooks = store.endpoint_states().await?;
    webhooks.retain(|state| {
        let mut hooks = settings.webhooks.iter();
        hooks.any(|hook| hook.name == state.endpoint.name)
    });
    Ok(Status {
        counts: store.counts().await?,
        mail_trouble: store.breaker_error(now).await?,
        is_stuck: oldest.is_some_and(|at| now > at.plus_minutes(WAITING_MINUTES_MAX)),
        is_silent: is_silent(alive_at, settings, now),
        alive_at,
        n_dead: store.n_dead_since(now.plus_days(-DEAD_DAYS)).await?,
        replies_trouble: inbox.and_then(|inbox| inbox.trouble),
        webhooks,
        n_held: store.held_sums().await?.iter().map(|sum| sum.n).sum(),
    })
}

fn is_silent(alive_at: Option<Timestamp>, settings: &Settings, now: Timestamp) -> bool {
    let sources = settings.sources.iter();
    let slowest = sources.map(|source| source.cadence.every_ms).max();
    let patience = Timestamp(0)
        .plus_ms(ROUNDS_MISSED * slowest.unwrap_or(0))
        .plus_minutes(SPARE_MINUTES);
    alive_at.is_none_or(|at| now > at.plus_ms(patience.0))
}
