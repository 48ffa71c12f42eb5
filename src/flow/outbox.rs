//! Deliveries: from a letter in the outbox to the server's 250.

use super::{Engine, budget, undelivered};
use crate::model::{Case, Event, GivenUp, Timestamp, digest_hex};
use crate::store::{CaseRow, DeliveryRow, Ending, Settling, Store, StoreError};

/// A worker that sends renews its lease well before this ends; one that is gone holds a mail no longer.
const LEASE_SECONDS: i64 = 120;
/// How often a worker renews its lease while it sends.
pub const RENEW_SECONDS: u64 = 30;
/// What was lost after the dot waits this long before it is sent again.
const IN_DOUBT_MINUTES: i64 = 2;
/// Copies of one mail that may have arrived before we stop.
const DOUBTS_MAX: u32 = 3;
/// Minutes before the next attempt, by attempts made; early steps are short because greylisting asks
/// for 1 to 15 minutes. Afterwards every four hours.
const BACKOFF_MINUTES: [i64; 9] = [1, 3, 5, 10, 20, 40, 60, 120, 240];
/// RFC 5321, section 4.5.4.1: give up after four to five days.
const GIVE_UP_DAYS: i64 = 5;
/// How long the mail server is left alone after 1, 2, 3 and more failures in a row.
const BREAKER_MINUTES: [i64; 3] = [1, 2, 5];

/// What became of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub outcome: Outcome,
    /// The server's last code, if it gave one.
    pub code: Option<u16>,
    /// One sentence in the configured language; no address, no secret.
    pub sentence: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 250 after the dot, and only that.
    Sent,
    /// The server could not be reached or does not let us in: the mail has done nothing wrong.
    Transport,
    /// Try again later; also everything unknown.
    Later,
    /// The recipient is refused for good.
    Refused,
    /// The content is refused for good.
    ContentRefused,
    /// The connection was lost after the dot: it may have arrived.
    InDoubt,
}

/// Frees what dead workers held, and leases due deliveries unless the server is being left alone. What is
/// over the budget is held for another letter.
pub async fn begin(
    store: &Store,
    engine: &Engine,
    worker: &str,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<DeliveryRow>, StoreError> {
    recover(store, engine, None, now).await?;
    if left_alone_until(store, engine, now).await?.is_some() {
        return Ok(Vec::new());
    }
    budget::hold_floods(store, now).await?;
    let until = now.plus_seconds(LEASE_SECONDS);
    loop {
        let claimed = store.claim_deliveries(worker, now, until, limit).await?;
        let is_all = claimed.is_empty();
        let admitted = budget::admitted(store, engine, claimed, now).await?;
        // When all of these are held, others may be due.
        if is_all || !admitted.is_empty() {
            return Ok(admitted);
        }
    }
}

/// When a mail is due again: those that wait for a server that is left alone, not before it is tried.
pub async fn next_at(
    store: &Store,
    engine: &Engine,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let left_alone_until = left_alone_until(store, engine, now).await?;
    let next_at = store.next_delivery_at().await?;
    Ok(next_at.map(|at| left_alone_until.map_or(at, |until| until.max(at))))
}

/// Until when the mail server is not asked; `None` when it may be asked now.
async fn left_alone_until(
    store: &Store,
    engine: &Engine,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let (open_until, _) = store.breaker(&transport(engine)).await?;
    // A breaker set by a clock that has since been put back must not hold for ever.
    let holds = open_until > now && open_until <= now.plus_minutes(10);
    Ok(holds.then_some(open_until))
}

/// Keeps the lease of a delivery that is still under way; false when it was lost.
pub async fn renew(
    store: &Store,
    delivery: &DeliveryRow,
    now: Timestamp,
) -> Result<bool, StoreError> {
    store
        .renew_delivery(delivery, now.plus_seconds(LEASE_SECONDS), now)
        .await
}

/// At the start of the only service on a database: whatever another worker held, it holds no more.
/// Returns how many were freed.
pub async fn recover(
    store: &Store,
    engine: &Engine,
    only_worker: Option<&str>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let ui = engine.settings.ui;
    let sentence = ui.pick(
        "Se perdió el contacto después de enviar el texto demasiadas veces: puede haber llegado.",
        "Contact was lost after the text was sent once too often: it may have arrived.",
    );
    let exhausted = store
        .exhausted_deliveries(only_worker, DOUBTS_MAX, now)
        .await?;
    for lost in exhausted {
        let ending = Ending {
            id: &lost.id,
            alert_id: &lost.alert_id,
            token: lost.lease.token,
            state: "sending",
            cause: GivenUp::MaybeDelivered,
            who: "recovery",
            event: "abandoned",
            code: None,
            text: sentence,
        };
        let alerts = undelivered::told(engine, &(&lost).into(), false, sentence);
        store.end_delivery(&ending, &alerts, &[], now).await?;
    }
    store
        .recover_deliveries(
            only_worker,
            DOUBTS_MAX,
            now.plus_minutes(IN_DOUBT_MINUTES),
            now,
        )
        .await
}

/// Settles one attempt: the row, the case's countdown, the breaker. False when the lease was lost, and then
/// nothing is written.
pub async fn finish(
    store: &Store,
    engine: &Engine,
    delivery: &DeliveryRow,
    attempt: &Attempt,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let is_ours = leave(store, engine, delivery, attempt, now).await?;
    if is_ours && let Err(failure) = note_transport(store, engine, attempt, now).await {
        // The mail is settled, and the next attempt tells the breaker the same.
        tracing::warn!("the mail server's state is not noted: {failure}");
    }
    Ok(is_ours)
}

/// Settles a mail with what became of one before it, for which it was not tried itself: the breaker counts
/// what was tried.
pub async fn leave(
    store: &Store,
    engine: &Engine,
    delivery: &DeliveryRow,
    attempt: &Attempt,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let settling = settling(delivery, attempt, now);
    let mut alerts = Vec::new();
    if settling.state == "dead" {
        let is_content = attempt.outcome == Outcome::ContentRefused;
        alerts = undelivered::told(engine, &delivery.into(), is_content, &attempt.sentence);
    }
    let told = match attempt.outcome {
        Outcome::Sent => store.cases_of_alert(&delivery.alert_id).await?,
        _ => Vec::new(),
    };
    let step = |row: CaseRow| {
        let pace = engine.pace_of(&row);
        let (next, _) = row.case.on(&Event::Told, now, &pace).ok()?;
        (next != row.case).then_some((row, next))
    };
    let steps: Vec<(CaseRow, Case)> = told.into_iter().filter_map(step).collect();
    store
        .settle_delivery(delivery, &settling, &steps, &alerts, now)
        .await
}

fn settling<'a>(delivery: &DeliveryRow, attempt: &'a Attempt, now: Timestamp) -> Settling<'a> {
    let mut settling = Settling {
        state: "ready",
        cause: None,
        event: "later",
        next_at: now,
        attempts: delivery.attempts + 1,
        doubts: delivery.doubts,
        code: attempt.code,
        error: Some(&attempt.sentence),
    };
    let given_up = match attempt.outcome {
        Outcome::Sent => {
            settling.state = "sent";
            settling.event = "sent";
            settling.error = None;
            None
        }
        Outcome::Transport => {
            settling.attempts = delivery.attempts;
            settling.event = "transport";
            settling.next_at = now.plus_minutes(BREAKER_MINUTES[0]);
            None
        }
        Outcome::Later => {
            settling.next_at = backoff(delivery, now);
            (now >= delivery.since.plus_days(GIVE_UP_DAYS)).then_some(GivenUp::Expired)
        }
        Outcome::Refused => {
            settling.event = "refused";
            Some(GivenUp::Refused)
        }
        Outcome::ContentRefused => {
            settling.event = "refused";
            Some(GivenUp::ContentRefused)
        }
        Outcome::InDoubt => {
            settling.state = "in_doubt";
            settling.event = "in_doubt";
            settling.doubts += 1;
            settling.next_at = now.plus_minutes(IN_DOUBT_MINUTES);
            (settling.doubts > DOUBTS_MAX).then_some(GivenUp::MaybeDelivered)
        }
    };
    if let Some(cause) = given_up {
        settling.state = "dead";
        settling.cause = Some(cause);
    }
    settling
}

/// The next attempt, give or take a fifth, so that mails which failed together do not come together.
fn backoff(delivery: &DeliveryRow, now: Timestamp) -> Timestamp {
    let step = (delivery.attempts as usize).min(BACKOFF_MINUTES.len() - 1);
    let ms = BACKOFF_MINUTES[step] * 60_000;
    let digest = digest_hex(&["backoff", &delivery.id, &delivery.attempts.to_string()]);
    let drawn = i64::from(u16::from_str_radix(&digest[..4], 16).unwrap_or(0));
    now.plus_ms(ms * 8 / 10 + ms * 4 / 10 * drawn / 65_535)
}

/// The breaker opens when the server cannot be used, and closes with the first answer about a mail.
async fn note_transport(
    store: &Store,
    engine: &Engine,
    attempt: &Attempt,
    now: Timestamp,
) -> Result<(), StoreError> {
    let name = transport(engine);
    let (open_until, n_failures) = store.breaker(&name).await?;
    if attempt.outcome == Outcome::Transport {
        let step = (n_failures as usize).min(BREAKER_MINUTES.len() - 1);
        let until = now.plus_minutes(BREAKER_MINUTES[step]);
        return store
            .set_breaker(&name, until, n_failures + 1, Some(&attempt.sentence))
            .await;
    }
    if n_failures > 0 || open_until > now {
        store.set_breaker(&name, Timestamp(0), 0, None).await?;
    }
    Ok(())
}

fn transport(engine: &Engine) -> String {
    engine
        .settings
        .smtp
        .as_ref()
        .map(|smtp| format!("smtp:{}:{}", smtp.host, smtp.port))
        .unwrap_or_default()
}
