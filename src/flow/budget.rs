//! The noise budget: so many mails a person and day. What is over it is kept, and named in another letter.
//!
//! Each claimed delivery is counted on the day of its attempt; where the day is used up, it is held. What
//! comes in a flood is held at once and told in one letter. `turn` makes the letters that list what is
//! held: a flood at once, urgent cases beyond the budget once an hour; all else waits for the digest.
//! Letters to the operator, digests and the lists of urgent cases do not count.

use std::collections::BTreeMap;

use super::{Engine, letters};
use crate::letter::{self, Entry, Gathered, Held};
use crate::model::{CaseId, Timestamp, Ui, digest_hex, local_day};
use crate::settings::Mailbox;
use crate::store::{
    DeliveryRow, DigestMark, HeldCase, HeldSum, NewAlert, Store, StoreError, Which,
};

/// More letters than these that are due for one person at the same moment are one letter. Cases of one
/// incident are one letter already; beyond that, a person who finds thirty mails reads none.
pub const FLOOD_MIN: u32 = 30;
/// Kinds of letters that do not count.
const FREE: [&str; 4] = ["operator", "digest", "weekly", "urgent"];
const HOUR_MS: i64 = 3_600_000;

/// Holds what comes in a flood.
pub(super) async fn hold_floods(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    for recipient in store.flooded(FLOOD_MIN, now).await? {
        store.hold_flood(&recipient, now).await?;
    }
    Ok(())
}

/// Those of these claimed deliveries that may be made; the others are held.
pub(super) async fn admitted(
    store: &Store,
    engine: &Engine,
    claimed: Vec<DeliveryRow>,
    now: Timestamp,
) -> Result<Vec<DeliveryRow>, StoreError> {
    let Some(a_day) = a_day(engine) else {
        return Ok(claimed);
    };
    let day = local_day(now, &engine.settings.zone);
    let mut admitted = Vec::new();
    for delivery in claimed {
        // What may have arrived already is no further mail.
        let is_free = FREE.contains(&delivery.kind.as_str()) || delivery.doubts > 0;
        if is_free || store.charge(&delivery, &day, a_day, now).await? {
            admitted.push(delivery);
        }
    }
    Ok(admitted)
}

/// Lists floods, and what is urgent beyond the budget; returns how many letters it made.
pub async fn turn(store: &Store, engine: &Engine, now: Timestamp) -> Result<usize, StoreError> {
    let mut n_made = 0;
    for sum in store.held_sums().await? {
        if sum.n_flood > 0 {
            n_made += usize::from(flood(store, engine, &sum, now).await?);
        }
        if sum.n_urgent > 0 {
            n_made += usize::from(urgent(store, engine, &sum, now).await?);
        }
    }
    Ok(n_made)
}

async fn flood(
    store: &Store,
    engine: &Engine,
    sum: &HeldSum,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if let Some(a_day) = a_day(engine) {
        let day = local_day(now, &engine.settings.zone);
        if store.quota(&sum.recipient, &day).await? >= a_day {
            store.hold_on(&sum.recipient).await?;
            return Ok(false);
        }
    }
    let ids = ids(store, &sum.recipient, Which::Flood).await?;
    let held = gathered(store, engine, &sum.recipient, Which::Flood).await?;
    let settings = &engine.settings;
    let letter = letter::together(&held, Gathered::AtOnce, settings.ui, now, &settings.zone);
    let identity = digest_hex(&["together", &sum.recipient, &ids.join(" ")]);
    let to = [mailbox(&sum.recipient)];
    let alerts = letters::alert(engine, "together", &identity, None, letter, &to);
    made(store, None, alerts.first(), &ids, now).await
}

/// At most one an hour, and at least an hour after the last one.
async fn urgent(
    store: &Store,
    engine: &Engine,
    sum: &HeldSum,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let last = store.last_letter_at("urgent", &sum.recipient).await?;
    // A letter of a clock that has since been put back must not hold for ever.
    if last.is_some_and(|last| last > now.plus_hours(-1) && last <= now.plus_hours(1)) {
        return Ok(false);
    }
    let ids = ids(store, &sum.recipient, Which::Urgent).await?;
    let held = gathered(store, engine, &sum.recipient, Which::Urgent).await?;
    let settings = &engine.settings;
    let letter = letter::together(&held, Gathered::Urgent, settings.ui, now, &settings.zone);
    let identity = digest_hex(&["urgent", &sum.recipient, &ids.join(" ")]);
    let hour = (now.0 / HOUR_MS).to_string();
    let mark = DigestMark {
        kind: "urgent",
        recipient: &sum.recipient,
        day: &hour,
        until: now,
    };
    let to = [mailbox(&sum.recipient)];
    let alerts = letters::alert(engine, "urgent", &identity, None, letter, &to);
    made(store, Some(&mark), alerts.first(), &ids, now).await
}

/// Stores the one letter to the one person.
pub(super) async fn made(
    store: &Store,
    mark: Option<&DigestMark<'_>>,
    letter: Option<&NewAlert>,
    held: &[String],
    now: Timestamp,
) -> Result<bool, StoreError> {
    let is_made = store.list_held(mark, letter, held, now).await?;
    Ok(is_made && letter.is_some())
}

/// Which deliveries wait to be listed.
pub(super) async fn ids(
    store: &Store,
    recipient: &str,
    which: Which,
) -> Result<Vec<String>, StoreError> {
    let held = store.held(Some(recipient), false).await?;
    let waits = held.into_iter().filter(|row| match which {
        Which::All => true,
        Which::Flood => row.is_flood,
        Which::Urgent => row.is_urgent && !row.is_flood,
    });
    Ok(waits.map(|row| row.id).collect())
}

/// What is held for a person, each case once.
pub(super) async fn gathered(
    store: &Store,
    engine: &Engine,
    recipient: &str,
    which: Which,
) -> Result<Held, StoreError> {
    let ui = engine.settings.ui;
    let mut order: Vec<CaseId> = Vec::new();
    let mut cases: BTreeMap<CaseId, Entry> = BTreeMap::new();
    for held in store.held_cases(recipient, which).await? {
        let note = note(&held, ui);
        if let Some(entry) = cases.get_mut(&held.case) {
            if !note.is_empty() && !entry.note.contains(note) {
                let parts = [entry.note.as_str(), note];
                let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                entry.note = parts.join(", ");
            }
            continue;
        }
        order.push(held.case.clone());
        let entry = Entry {
            id: held.case.0.clone(),
            author: held.author,
            words: held.words,
            url: held.url,
            source: letters::name_of(engine, &held.source).to_owned(),
            published: held.published,
            risk: held.risk,
            note: note.to_owned(),
        };
        cases.insert(held.case, entry);
    }
    let n = order.len();
    let first = order.iter().take(letter::NAMED_MAX);
    let held = store.held(Some(recipient), false).await?;
    let about_several = held.into_iter().filter(|row| {
        let is_meant = which == Which::All || (which == Which::Flood) == row.is_flood;
        row.case_id.is_none() && is_meant && which != Which::Urgent
    });
    Ok(Held {
        entries: first.filter_map(|case| cases.remove(case)).collect(),
        n,
        subjects: about_several.map(|row| row.subject).collect(),
    })
}

/// What the held letter was, where it was more than the first word of a case.
fn note(held: &HeldCase, ui: Ui) -> &'static str {
    match held.kind.as_str() {
        "reminder" => ui.pick("sigue sin respuesta", "still unanswered"),
        "escalation" => ui.pick("nadie contesta", "nobody answers"),
        "asked" => ui.pick("¿está resuelto?", "is it solved?"),
        "solved" => ui.pick("resuelto", "solved"),
        "backlog" => ui.pick("anterior", "from before"),
        _ if held.is_urgent => ui.pick("urgente", "urgent"),
        _ => "",
    }
}

pub(super) fn mailbox(address: &str) -> Mailbox {
    Mailbox {
        name: None,
        address: address.to_owned(),
    }
}

fn a_day(engine: &Engine) -> Option<u32> {
    let alerts = engine.settings.alerts.as_ref()?;
    alerts.mails_per_day
}
