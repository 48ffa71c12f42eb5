//! Alerts and their deliveries: inserted once, whatever is tried again.

use super::db::Tx;
use super::{NewAlert, Store, StoreError, args};
use crate::model::{CaseId, Timestamp};

impl Store {
    /// Stores alerts that belong to no other row (for the operator).
    pub async fn add_alerts(&self, alerts: &[NewAlert], now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        for alert in alerts {
            insert(&mut tx, alert, now).await?;
        }
        tx.commit().await
    }
}

/// The primary keys are derived from content, so the same alert is stored once.
pub(super) async fn insert(
    tx: &mut Tx,
    alert: &NewAlert,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO alerts (id, kind, case_id, created_at, subject, text, html, thread) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING",
        args![
            &alert.id,
            alert.kind,
            alert.case_id.as_ref().map(|id| id.0.as_str()),
            now,
            &alert.subject,
            &alert.text,
            &alert.html,
            &alert.thread,
        ],
    )
    .await?;
    for case in &alert.lists {
        tx.execute(
            "INSERT INTO alert_cases (alert_id, case_id) VALUES ($1, $2) \
             ON CONFLICT (alert_id, case_id) DO NOTHING",
            args![&alert.id, &case.0],
        )
        .await?;
    }
    for delivery in &alert.deliveries {
        address(tx, &alert.id, delivery, now).await?;
    }
    Ok(())
}

/// One more recipient of an alert that is stored: delivery id, recipient, Message-ID.
pub(super) async fn address(
    tx: &mut Tx,
    alert_id: &str,
    (id, recipient, message_id): &(String, String, String),
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO outbox (id, alert_id, recipient, message_id, state, phase, next_at, \
         created_at) SELECT $1, $2, $3, $4, 'ready', 'none', CAST($5 AS BIGINT), \
         CAST($5 AS BIGINT) WHERE NOT EXISTS (SELECT 1 FROM held WHERE id = $1) \
         ON CONFLICT (id) DO NOTHING",
        args![id, alert_id, recipient, message_id, now],
    )
    .await?;
    Ok(())
}

/// The letter in new words, as long as no server has seen a byte of it.
pub(super) async fn replace_unsent(tx: &mut Tx, alert: &NewAlert) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE alerts SET subject = $2, text = $3, html = $4 WHERE id = $1 AND NOT EXISTS \
         (SELECT 1 FROM outbox WHERE alert_id = $1 AND channel = 'mail' \
          AND (mime IS NOT NULL OR state <> 'ready'))",
        args![&alert.id, &alert.subject, &alert.text, &alert.html],
    )
    .await?;
    Ok(())
}

/// Adds a line to a case's history.
pub(super) async fn note_event(
    tx: &mut Tx,
    case: &CaseId,
    at: Timestamp,
    event: &str,
    words: Option<&str>,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO case_events (case_id, seq, at, event, words) \
         SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3, $4 FROM case_events WHERE case_id = $1",
        args![&case.0, at, event, words],
    )
    .await?;
    Ok(())
}
