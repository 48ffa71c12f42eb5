//! What a person does with mails that wait or were given up, and what becomes of those whose recipient is
//! taken out of the configuration.
//!
//! Absent: new bytes. A mail that is sent again is the same mail under the same Message-ID.

use super::{Engine, undelivered};
use crate::model::{GivenUp, Timestamp};
use crate::store::{DeliveryState, Ending, Store, StoreError};

/// Who is named in the history of a mail for what a person did.
const PERSON: &str = "person";

/// Why nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declined {
    /// It has arrived as far as we know.
    Sent,
    /// A server is being spoken to about it.
    Sending,
    /// It is tried already.
    Waiting,
    /// Somebody else changed it at the same moment.
    Raced,
}

/// True when a copy may be the second: contact was lost after its text.
pub fn may_have_arrived(delivery: &DeliveryState) -> bool {
    delivery.state == "in_doubt" || delivery.cause == Some(GivenUp::MaybeDelivered)
}

/// Has a dead mail tried again.
pub async fn retry(
    store: &Store,
    delivery: &DeliveryState,
    now: Timestamp,
) -> Result<Result<(), Declined>, StoreError> {
    let declined = match delivery.state.as_str() {
        "dead" => None,
        "sent" => Some(Declined::Sent),
        "sending" => Some(Declined::Sending),
        _ => Some(Declined::Waiting),
    };
    if let Some(declined) = declined {
        return Ok(Err(declined));
    }
    let is_done = store.revive_delivery(delivery, PERSON, now).await?;
    Ok(is_done.then_some(()).ok_or(Declined::Raced))
}

/// Gives a mail up because a person does not want it sent; of a dead one, that nothing need be done.
pub async fn cancel(
    store: &Store,
    delivery: &DeliveryState,
    because: &str,
    now: Timestamp,
) -> Result<Result<(), Declined>, StoreError> {
    let declined = match delivery.state.as_str() {
        "sent" => Some(Declined::Sent),
        "sending" => Some(Declined::Sending),
        _ => None,
    };
    if let Some(declined) = declined {
        return Ok(Err(declined));
    }
    let ending = ending(delivery, GivenUp::Cancelled, PERSON, "cancelled", because);
    let is_done = store.end_delivery(&ending, &[], &[], now).await?;
    Ok(is_done.then_some(()).ok_or(Declined::Raced))
}

/// Mails that wait for somebody who no longer stands in the configuration are given up, and whoever is told
/// in his place now gets them, unless he has them already. Returns how many were given up.
pub async fn readdress(
    store: &Store,
    engine: &Engine,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let settings = &engine.settings;
    if settings.alerts.is_none() {
        return Ok(0);
    }
    let known = settings.recipients();
    let sentence = settings.ui.pick(
        "Su destinatario ya no está en la configuración; lo reciben quienes están ahora.",
        "Its recipient no longer stands in the configuration; those who do now receive it.",
    );
    let mut n_given_up = 0;
    for delivery in store.deliveries(false).await? {
        let is_waiting = matches!(delivery.state.as_str(), "ready" | "in_doubt");
        // Calls of a webhook that is gone wait for it to come back, as long as calls wait.
        let is_call = delivery.recipient.starts_with("webhook:");
        if !is_waiting || is_call || known.contains(delivery.recipient.as_str()) {
            continue;
        }
        let cases = store.cases_of_alert(&delivery.alert_id).await?;
        let first = cases.first();
        let post = match first {
            Some(row) => store.post(&row.post_id).await?,
            None => None,
        };
        let verdict = post.and_then(|post| post.verdict);
        let topics = verdict.map_or_else(Vec::new, |verdict| verdict.topics);
        let watch = first.map_or("", |row| row.watch.as_str());
        let others = undelivered::in_place_of(engine, &delivery, watch, &topics);
        let cause = GivenUp::RecipientRemoved;
        let ending = ending(&delivery, cause, "configuration", "cancelled", sentence);
        let is_done = store.end_delivery(&ending, &[], &others, now).await?;
        n_given_up += usize::from(is_done);
    }
    Ok(n_given_up)
}

fn ending<'a>(
    delivery: &'a DeliveryState,
    cause: GivenUp,
    who: &'a str,
    event: &'static str,
    text: &'a str,
) -> Ending<'a> {
    Ending {
        id: &delivery.id,
        alert_id: &delivery.alert_id,
        token: delivery.token,
        state: &delivery.state,
        cause,
        who,
        event,
        code: None,
        text,
    }
}
