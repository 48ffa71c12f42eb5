//! Mails that a restore has held back: a person says whether they had left before.

use super::Engine;
use super::outbox::{self, Attempt, Outcome};
use crate::model::Timestamp;
use crate::store::{Store, StoreError};

/// Mails taken as sent by one transaction each, claimed together.
const BATCH: u32 = 100;
const LEASE_SECONDS: i64 = 60;

/// Takes the held mails as sent, with all that a sent mail means: their cases are told, countdowns
/// begin. Returns how many they were.
pub async fn drop_held(
    store: &Store,
    engine: &Engine,
    worker: &str,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let attempt = Attempt {
        outcome: Outcome::Sent,
        code: None,
        sentence: String::new(),
    };
    let mut n = 0;
    loop {
        let until = now.plus_seconds(LEASE_SECONDS);
        let held = store.claim_held(worker, until, BATCH).await?;
        if held.is_empty() {
            return Ok(n);
        }
        for delivery in &held {
            outbox::finish(store, engine, delivery, &attempt, now).await?;
        }
        n += held.len();
    }
}
