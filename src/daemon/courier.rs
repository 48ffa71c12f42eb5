//! Brings due letters to the mail server, one after the other, one recipient a mail.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Loop, Service};
use crate::clock;
use crate::flow::outbox::{self, Attempt, Outcome};
use crate::flow::{Engine, links};
use crate::letter::{self, Letter};
use crate::mail::{self, Envelope, SendError, Session};
use crate::model::{CaseId, Timestamp, Ui, message_id};
use crate::settings::Mailbox;
use crate::store::{DeliveryRow, Retry, StoreError};

/// Mails claimed at once. They share a connection.
const BATCH: u32 = 20;
/// Between the tries to note what became of a mail, together well under its lease.
const SETTLE_AGAIN: [Duration; 6] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
];

/// Sends what is due; tells when the next is.
pub(super) async fn turn(
    service: Arc<Service>,
    shutdown: CancellationToken,
) -> Result<Option<Timestamp>, StoreError> {
    // Whatever is to be mailed, endpoints may want to hear of it too.
    service.hooks.alerts_due.notify_one();
    while !shutdown.is_cancelled() {
        if Box::pin(send_batch(&service, &shutdown)).await? == 0 {
            break;
        }
    }
    let now = clock::shared_now(&service.store).await?;
    outbox::next_at(&service.store, &service.engine(), now).await
}

/// Claims and sends up to a batch; returns how many were claimed.
pub(super) async fn send_batch(
    service: &Service,
    shutdown: &CancellationToken,
) -> Result<usize, StoreError> {
    let engine = service.engine();
    let now = clock::shared_now(&service.store).await?;
    let batch = outbox::begin(&service.store, &engine, &service.worker, now, BATCH).await?;
    let mut session: Option<Session> = None;
    let mut closed: Option<Attempt> = None;
    let mut n_sent = 0;
    for (at, delivery) in batch.iter().enumerate() {
        if shutdown.is_cancelled() && closed.is_none() {
            closed = Some(stopping(engine.settings.ui));
        }
        let watch = clock::stopwatch();
        let attempt = match &closed {
            // The server is not to be had: the rest of the batch has done nothing wrong.
            Some(attempt) => attempt.clone(),
            None => send(service, &engine, &mut session, delivery, &batch[at + 1..]).await?,
        };
        let was_tried = closed.is_none();
        if was_tried {
            service.tally.attempted(attempt.outcome, watch.elapsed());
            service.pulse.beat(Loop::Courier);
        }
        if attempt.outcome != Outcome::Sent {
            session = None;
        }
        if attempt.outcome == Outcome::Transport {
            closed = Some(attempt.clone());
        }
        n_sent += usize::from(attempt.outcome == Outcome::Sent);
        note(delivery, &attempt);
        if !settle(service, &engine, (delivery, was_tried), &attempt).await? {
            warn!(delivery.id = %delivery.id, "mail {} is another worker's now", delivery.id);
        }
    }
    if let Some(session) = session {
        session.quit().await;
    }
    if n_sent > 0 {
        service.raise_mark().await;
    }
    Ok(batch.len())
}

/// Settles an attempt, again and again while its lease lasts: a mail whose 250 was read and not noted
/// would be sent once more.
async fn settle(
    service: &Service,
    engine: &Engine,
    (delivery, was_tried): (&DeliveryRow, bool),
    attempt: &Attempt,
) -> Result<bool, StoreError> {
    let store = &service.store;
    let settle = async || {
        let now = clock::shared_now(store).await?;
        if was_tried {
            outbox::finish(store, engine, delivery, attempt, now).await
        } else {
            outbox::leave(store, engine, delivery, attempt, now).await
        }
    };
    for pause in SETTLE_AGAIN {
        match settle().await {
            Err(failure) if failure.retry() == Retry::Later => {
                warn!(delivery.id = %delivery.id, "mail {} is not noted yet: {failure}", delivery.id);
                tokio::time::sleep(pause).await;
            }
            done => return done,
        }
    }
    settle().await
}

fn stopping(ui: Ui) -> Attempt {
    Attempt {
        outcome: Outcome::Later,
        code: None,
        sentence: ui
            .pick("el servicio se está parando", "the service is stopping")
            .to_owned(),
    }
}

fn note(delivery: &DeliveryRow, attempt: &Attempt) {
    let id = &delivery.id;
    if attempt.outcome == Outcome::Sent {
        info!(delivery.id = %id, alert.kind = %delivery.kind, "sent mail {id}");
    } else {
        warn!(delivery.id = %id, outcome = ?attempt.outcome, "mail {id}: {}", attempt.sentence);
    }
}

/// One attempt, with its lease and those of the mails behind it renewed while it lasts.
async fn send(
    service: &Service,
    engine: &Engine,
    session: &mut Option<Session>,
    delivery: &DeliveryRow,
    behind: &[DeliveryRow],
) -> Result<Attempt, StoreError> {
    let sending = attempt(service, engine, delivery, session);
    tokio::pin!(sending);
    let mut beat = tokio::time::interval(Duration::from_secs(outbox::RENEW_SECONDS));
    beat.tick().await;
    loop {
        tokio::select! {
            done = &mut sending => return done,
            _ = beat.tick() => {
                // A lease that cannot be renewed stops the attempt at the dot barrier, not here: to drop it
                // behind its dot would make a copy.
                if let Err(failure) = renew(service, delivery, behind).await {
                    warn!(delivery.id = %delivery.id, "leases are not renewed: {failure}");
                }
                service.pulse.beat(Loop::Courier);
            }
        }
    }
}

/// Those that wait behind a slow one are still ours when their turn comes.
async fn renew(
    service: &Service,
    delivery: &DeliveryRow,
    behind: &[DeliveryRow],
) -> Result<(), StoreError> {
    let now = clock::shared_now(&service.store).await?;
    for delivery in std::iter::once(delivery).chain(behind) {
        outbox::renew(&service.store, delivery, now).await?;
    }
    Ok(())
}

async fn attempt(
    service: &Service,
    engine: &Engine,
    delivery: &DeliveryRow,
    session: &mut Option<Session>,
) -> Result<Attempt, StoreError> {
    let ui = engine.settings.ui;
    let Some(smtp) = &engine.settings.smtp else {
        return Ok(stopping(ui));
    };
    let mut open = match session.take() {
        Some(open) => open,
        None => match service.mailer.connect().await {
            Ok(open) => open,
            Err(error) => return Ok(failed(&error, ui)),
        },
    };
    let size_limit = open.size_limit();
    let Some(mime) = sealed(service, engine, &smtp.from, delivery, size_limit).await? else {
        return Ok(stopping(ui));
    };
    if let Err(error) = open.begin(&smtp.from.address, &delivery.recipient).await {
        return Ok(failed(&error, ui));
    }
    let now = clock::shared_now(&service.store).await?;
    if !service.store.pass_dot_barrier(delivery, now).await? {
        return Ok(stopping(ui));
    }
    Ok(match open.body(mime.as_bytes()).await {
        Ok(accepted) => {
            *session = Some(open);
            Attempt {
                outcome: Outcome::Sent,
                code: Some(accepted.code),
                sentence: String::new(),
            }
        }
        Err(error) => failed(&error, ui),
    })
}

/// The bytes that every attempt sends: made once, kept before the server sees the first of them, and small
/// enough for the server that is there when they are made.
async fn sealed(
    service: &Service,
    engine: &Engine,
    from: &Mailbox,
    delivery: &DeliveryRow,
    size_limit: Option<u64>,
) -> Result<Option<String>, StoreError> {
    if let Some(mime) = &delivery.mime {
        return Ok(Some(mime.clone()));
    }
    let domain = from.address.rsplit('@').next().unwrap_or("localhost");
    let (thread, previous) = service.store.thread_of(delivery).await?;
    let root = thread.map(|thread| message_id(&engine.instance_key, &thread, domain));
    let ids: Vec<&str> = root.iter().chain(&previous).map(String::as_str).collect();
    let envelope = Envelope {
        from: from.clone(),
        to: Mailbox {
            name: None,
            address: delivery.recipient.clone(),
        },
        reply_to: engine
            .settings
            .smtp
            .as_ref()
            .and_then(|smtp| smtp.reply_to.clone()),
        message_id: delivery.message_id.clone(),
        date: delivery.created_at,
        references: Some(ids.join(" ")),
        in_reply_to: ids.last().map(|id| (*id).to_owned()),
    };
    let letter = Letter {
        subject: delivery.subject.clone(),
        text: delivery.text.clone(),
        html: delivery.html.clone(),
    };
    let now = clock::shared_now(&service.store).await?;
    let (store, to) = (&service.store, &delivery.recipient);
    let letter = links::addressed(store, engine, &letter, to, now).await?;
    let case = delivery.case_id.as_ref();
    let Some(mime) = fitting(&envelope, &letter, case, engine.settings.ui, size_limit) else {
        return Ok(None);
    };
    let mime = String::from_utf8_lossy(&mime).into_owned();
    let is_ours = service.store.seal_delivery(delivery, &mime, now).await?;
    Ok(is_ours.then_some(mime))
}

/// The letter's bytes, or those of as much of its beginning as the server takes.
fn fitting(
    envelope: &Envelope,
    letter: &Letter,
    case: Option<&CaseId>,
    ui: Ui,
    size_limit: Option<u64>,
) -> Option<Vec<u8>> {
    let mut mime = mail::compose::mime(envelope, letter).ok()?;
    let mut chars = letter.text.chars().count();
    while size_limit.is_some_and(|limit| mime.len() as u64 > limit) && chars > 0 {
        chars /= 2;
        let short = letter::shortened(letter, case, chars, ui);
        mime = mail::compose::mime(envelope, &short).ok()?;
    }
    Some(mime)
}

fn failed(error: &SendError, ui: Ui) -> Attempt {
    Attempt {
        outcome: match error.outcome() {
            mail::Outcome::Transport => Outcome::Transport,
            mail::Outcome::Later => Outcome::Later,
            mail::Outcome::Refused => Outcome::Refused,
            mail::Outcome::ContentRefused => Outcome::ContentRefused,
            mail::Outcome::InDoubt => Outcome::InDoubt,
        },
        code: error.code(),
        sentence: error.sentence(ui),
    }
}
