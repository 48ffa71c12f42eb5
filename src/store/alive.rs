//! Signs of life of the service, and what a clock that was put back does to all that lies ahead.

use super::db::{Row, Tx, args};
use super::{Store, StoreError};
use crate::model::Timestamp;

/// A sign of life is renewed when it is so old. One that lies so far ahead was written under a clock that
/// has been put back since: clocks of workers differ by less.
const FRESH_MS: i64 = 60_000;

/// Every column that holds an instant to come, drawn forward by $1 ms where it lies after $2.
const DRAW_FORWARD: &[&str] = &[
    "UPDATE hosts SET next_at = next_at - $1 WHERE next_at > $2",
    "UPDATE sources SET next_at = next_at - $1 WHERE next_at > $2",
    "UPDATE sources SET lease_until = lease_until - $1 WHERE lease_until > $2",
    "UPDATE sources SET tell_at = tell_at - $1 WHERE tell_at > $2",
    "UPDATE sources SET quiet_at = quiet_at - $1 WHERE quiet_at > $2",
    "UPDATE pages SET next_at = next_at - $1 WHERE next_at > $2",
    "UPDATE pages SET lease_until = lease_until - $1 WHERE lease_until > $2",
    "UPDATE looks SET next_at = next_at - $1 WHERE next_at > $2",
    "UPDATE looks SET lease_until = lease_until - $1 WHERE lease_until > $2",
    "UPDATE cases SET due_at = due_at - $1 WHERE due_at > $2",
    "UPDATE cases SET escalate_at = escalate_at - $1 WHERE escalate_at > $2",
    "UPDATE cases SET snoozed_until = snoozed_until - $1 WHERE snoozed_until > $2",
    // What a restore holds lies beyond all time, and stays there.
    "UPDATE outbox SET next_at = next_at - $1 WHERE next_at > $2 AND next_at < 1000000000000000",
    "UPDATE outbox SET lease_until = lease_until - $1 WHERE lease_until > $2",
    "UPDATE transports SET open_until = open_until - $1 WHERE open_until > $2",
    "UPDATE incidents SET tell_at = tell_at - $1 WHERE tell_at > $2",
    "UPDATE inboxes SET next_at = next_at - $1 WHERE next_at > $2",
    "UPDATE inboxes SET lease_until = lease_until - $1 WHERE lease_until > $2",
    "UPDATE endpoints SET open_until = open_until - $1 WHERE open_until > $2",
    "UPDATE endpoints SET lease_until = lease_until - $1 WHERE lease_until > $2",
];

impl Store {
    /// Notes that a service is at work on this database.
    ///
    /// When the last sign of life lies ahead, the clock was put back: nothing would be read, sent or
    /// reminded of until it has caught up. All that is to come is drawn forward by as much, once,
    /// whichever worker sees it first; returns by how many milliseconds, else 0. (What was planned while
    /// the clock stood ahead for a few seconds only, without a sign of life, is not seen.)
    pub async fn note_alive(&self, now: Timestamp) -> Result<i64, StoreError> {
        let is_fresh = |last: Timestamp| now.ms_since(last).abs() < FRESH_MS;
        if self.alive_at().await?.is_some_and(is_fresh) {
            return Ok(0);
        }
        let mut tx = self.db.begin().await?;
        let last = sign(&mut tx).await?;
        tx.execute(
            "INSERT INTO instance (name, value) VALUES ('alive_at', $1) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            args![&now.0.to_string()],
        )
        .await?;
        let ahead_ms = last.map_or(0, |last| last.ms_since(now));
        if ahead_ms < FRESH_MS {
            tx.commit().await?;
            return Ok(0);
        }
        for sql in DRAW_FORWARD {
            tx.execute(sql, args![ahead_ms, now]).await?;
        }
        tx.commit().await?;
        Ok(ahead_ms)
    }

    /// Writes a word and nothing else: whether the disk takes it, after it had refused.
    pub async fn prove_writable(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.execute(
            "INSERT INTO instance (name, value) VALUES ('written_at', $1) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            args![&now.0.to_string()],
        )
        .await?;
        tx.commit().await
    }

    /// When a service was last at work on this database.
    pub async fn alive_at(&self) -> Result<Option<Timestamp>, StoreError> {
        read(&self.db.rows(ALIVE_AT, &[]).await?)
    }
}

const ALIVE_AT: &str = "SELECT value FROM instance WHERE name = 'alive_at'";

/// The last sign of life; on PostgreSQL no other worker may judge by it until this transaction ends.
async fn sign(tx: &mut Tx) -> Result<Option<Timestamp>, StoreError> {
    let locked = "SELECT value FROM instance WHERE name = 'alive_at' FOR UPDATE";
    read(&tx.claimable(ALIVE_AT, locked, &[]).await?)
}

fn read(rows: &[Row]) -> Result<Option<Timestamp>, StoreError> {
    let text = rows.first().map(|row| row.text("value")).transpose()?;
    Ok(text.and_then(|text| text.parse().ok()).map(Timestamp))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names by which a column says that it holds an instant to come.
    const AHEAD: [&str; 7] = [
        "next_at",
        "due_at",
        "escalate_at",
        "tell_at",
        "quiet_at",
        "open_until",
        "lease_until",
    ];

    #[tokio::test]
    async fn every_instant_to_come_is_drawn_forward() {
        let store = Store::open_memory().await.expect("a store");
        let columns = store
            .db
            .rows(
                "SELECT m.name AS of, p.name AS name FROM sqlite_master m, \
                 pragma_table_info(m.name) p WHERE m.type = 'table'",
                &[],
            )
            .await
            .expect("columns");
        let mut n = 0;
        for row in &columns {
            let (of, name) = (row.text("of").expect("of"), row.text("name").expect("name"));
            if AHEAD.contains(&name.as_str()) || name.ends_with("_until") {
                let sql = format!("UPDATE {of} SET {name} = {name} - $1 WHERE {name} > $2");
                let is_known = DRAW_FORWARD.iter().any(|known| known.starts_with(&sql));
                assert!(is_known, "{of}.{name} is missing");
                n += 1;
            }
        }
        assert_eq!(n, DRAW_FORWARD.len());
    }
}
