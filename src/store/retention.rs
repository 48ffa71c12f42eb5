//! What has outlived its time goes, a slice at a time, and its room with it.
//!
//! The keys by which posts are known again stay, so that nothing is told twice. Absent: when this is
//! done, and what the times are (`flow::retention`).

use super::db::{Db, Tx, args};
use super::{Store, StoreError};
use crate::model::Timestamp;

/// Rows that one transaction takes: others want to write as well.
const SLICE: i64 = 500;
/// Cases have many rows each.
const CASES_A_SLICE: i64 = 50;
/// Pages given back to the disk by one transaction.
const PAGES: &str = "PRAGMA incremental_vacuum(512)";

/// The posts of one slice; `$1` is the instant before which they were seen, `$2` how many.
macro_rules! old_posts {
    ($statement:literal, $levels:literal, $further:literal) => {
        concat!(
            $statement,
            " IN (SELECT p.id FROM posts p WHERE p.case_id IS NULL AND p.level ",
            $levels,
            " AND p.seen_at < $1 ",
            $further,
            " AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.post_id = p.id) \
             ORDER BY p.level, p.seen_at, p.id LIMIT $2)"
        )
    };
    ($levels:literal, $further:literal) => {
        [
            old_posts!("DELETE FROM pages WHERE post_id", $levels, $further),
            old_posts!("DELETE FROM sightings WHERE post_id", $levels, $further),
            old_posts!("DELETE FROM posts WHERE id", $levels, $further),
        ]
    };
}

/// The letters of one slice that are about no case alone and are through.
macro_rules! old_letters {
    ($statement:literal $(, $end:literal)?) => {
        concat!(
            $statement,
            " IN (SELECT a.id FROM alerts a WHERE a.case_id IS NULL AND a.created_at < $1 \
             AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.alert_id = a.id \
             AND o.state IN ('ready', 'sending', 'in_doubt')) \
             AND NOT EXISTS (SELECT 1 FROM held h WHERE h.alert_id = a.id \
             AND h.listed_in IS NULL) ORDER BY a.created_at, a.id LIMIT $2)"
            $(, $end)?
        )
    };
}

impl Store {
    /// Posts that were no complaint. What a person judged stays: it teaches.
    pub async fn drop_idle_posts(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.drop_posts(
            old_posts!(
                "= 'none'",
                "AND NOT EXISTS (SELECT 1 FROM judgements j WHERE j.post_id = p.id)"
            ),
            before,
        )
        .await
    }

    /// Doubts, complaints that never became a case, and what was judged.
    pub async fn drop_other_posts(&self, before: Timestamp) -> Result<u64, StoreError> {
        let levels = old_posts!("IN ('none', 'doubt', 'complaint', 'urgent')", "");
        let n = self.drop_posts(levels, before).await?;
        if n == 0 {
            let mut tx = self.db.begin().await?;
            tx.execute(
                "DELETE FROM judgements WHERE judged_at < $1 \
                 AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.id = judgements.post_id)",
                args![before],
            )
            .await?;
            tx.commit().await?;
        }
        Ok(n)
    }

    async fn drop_posts(
        &self,
        statements: [&'static str; 3],
        before: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut tx = self.db.begin().await?;
        let mut n = 0;
        for sql in statements {
            n = tx.execute(sql, args![before, SLICE]).await?;
        }
        tx.commit().await?;
        Ok(n)
    }

    /// Cases that were closed before this instant, with all that belongs to them. An open case stays,
    /// and one of which a letter is still to leave.
    pub async fn drop_closed_cases(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.db.begin().await?;
        let rows = tx
            .rows(
                "SELECT c.id FROM cases c WHERE c.due_at IS NULL AND c.opened_at < $1 \
                 AND NOT EXISTS (SELECT 1 FROM case_events e WHERE e.case_id = c.id AND e.at >= $1) \
                 AND NOT EXISTS (SELECT 1 FROM alerts a JOIN outbox o ON o.alert_id = a.id \
                 WHERE a.case_id = c.id AND o.state IN ('ready', 'sending', 'in_doubt')) \
                 AND NOT EXISTS (SELECT 1 FROM alerts a JOIN held h ON h.alert_id = a.id \
                 WHERE a.case_id = c.id AND h.listed_in IS NULL) \
                 ORDER BY c.opened_at LIMIT $2",
                args![before, CASES_A_SLICE],
            )
            .await?;
        for row in &rows {
            drop_case(&mut tx, &row.text("id")?).await?;
        }
        tx.commit().await?;
        Ok(rows.len() as u64)
    }

    /// Letters about several cases and to the operator, incidents of which no case is left, digests, and how many
    /// letters somebody had on a day.
    pub async fn drop_old_letters(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.db.begin().await?;
        let logs = old_letters!(
            "DELETE FROM attempt_log WHERE outbox_id IN (SELECT d.id FROM outbox d \
             WHERE d.alert_id",
            ")"
        );
        tx.execute(logs, args![before, SLICE]).await?;
        let mut n = 0;
        for sql in [
            old_letters!("DELETE FROM outbox WHERE alert_id"),
            old_letters!("DELETE FROM alert_cases WHERE alert_id"),
            old_letters!("DELETE FROM held WHERE alert_id"),
        ] {
            n = n.max(tx.execute(sql, args![before, SLICE]).await?);
        }
        // Those of the slice have no deliveries any more; none was written without.
        n += tx
            .execute(
                "DELETE FROM alerts WHERE case_id IS NULL AND created_at < $1 \
                 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.alert_id = alerts.id) \
                 AND NOT EXISTS (SELECT 1 FROM held h WHERE h.alert_id = alerts.id) \
                 AND NOT EXISTS (SELECT 1 FROM alert_cases l WHERE l.alert_id = alerts.id)",
                args![before],
            )
            .await?;
        tx.execute(
            "DELETE FROM incidents WHERE opened_at < $1 \
             AND NOT EXISTS (SELECT 1 FROM incident_cases i WHERE i.incident_id = incidents.id)",
            args![before],
        )
        .await?;
        tx.execute("DELETE FROM digests WHERE until_at < $1", args![before])
            .await?;
        // A day of any zone is over a day later.
        let day = before.plus_days(-1).to_string();
        let day = day.get(..10).unwrap_or_default();
        tx.execute("DELETE FROM quotas WHERE day < $1", args![day])
            .await?;
        tx.commit().await?;
        Ok(n)
    }

    /// The words of mails that a server took before this instant. That they were sent stays known.
    pub async fn empty_sent_mails(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.db.begin().await?;
        let bytes = tx
            .execute(
                "UPDATE outbox SET mime = NULL WHERE id IN (SELECT id FROM outbox \
                 WHERE mime IS NOT NULL AND state = 'sent' AND sent_at < $1 LIMIT $2)",
                args![before, SLICE],
            )
            .await?;
        let words = tx
            .execute(
                "UPDATE alerts SET subject = '', text = '', html = '' WHERE id IN \
                 (SELECT a.id FROM alerts a WHERE a.text <> '' AND a.created_at < $1 \
                 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.alert_id = a.id \
                 AND (o.state <> 'sent' OR o.sent_at >= $1)) LIMIT $2)",
                args![before, SLICE],
            )
            .await?;
        tx.commit().await?;
        Ok(bytes.max(words))
    }

    /// Gives the room of what was deleted back to the disk, and takes it out of the log. Nothing to do
    /// on PostgreSQL, where autovacuum does it.
    pub async fn give_back(&self) -> Result<(), StoreError> {
        let Db::Sqlite { writer, .. } = &self.db else {
            return Ok(());
        };
        loop {
            let rows = self.db.rows("PRAGMA freelist_count", args![]).await?;
            let before = rows
                .first()
                .map_or(Ok(0), |row| row.int("freelist_count"))?;
            if before == 0 {
                break;
            }
            sqlx::query(PAGES).fetch_all(writer.pool()).await?;
            let rows = self.db.rows("PRAGMA freelist_count", args![]).await?;
            // A file of an older version keeps its room.
            if rows
                .first()
                .map_or(Ok(0), |row| row.int("freelist_count"))?
                >= before
            {
                break;
            }
        }
        // Who reads just now keeps the log: then the next time does it.
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_all(writer.pool())
            .await?;
        Ok(())
    }

    /// Takes a turn that one worker takes once in a time: true for the one who has it. `name` is kept
    /// with the instant of the last turn.
    pub async fn take_turn(
        &self,
        name: &str,
        not_since: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        // A turn that was taken in a future that never came is not waited for.
        let taken = tx
            .execute(
                "INSERT INTO instance (name, value) VALUES ($1, $2) ON CONFLICT (name) \
                 DO UPDATE SET value = excluded.value \
                 WHERE CAST(instance.value AS BIGINT) < $3 OR CAST(instance.value AS BIGINT) > $4",
                args![name, &now.0.to_string(), not_since, now],
            )
            .await?;
        tx.commit().await?;
        Ok(taken == 1)
    }
}

/// Takes a case out, with its letters, its history and its posts.
pub(super) async fn drop_case(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM attempt_log WHERE outbox_id IN (SELECT o.id FROM outbox o \
         JOIN alerts a ON a.id = o.alert_id WHERE a.case_id = $1)",
        "DELETE FROM outbox WHERE alert_id IN (SELECT id FROM alerts WHERE case_id = $1)",
        "DELETE FROM held WHERE alert_id IN (SELECT id FROM alerts WHERE case_id = $1)",
        "DELETE FROM alert_cases WHERE case_id = $1 \
         OR alert_id IN (SELECT id FROM alerts WHERE case_id = $1)",
        "DELETE FROM alerts WHERE case_id = $1",
        "DELETE FROM case_events WHERE case_id = $1",
        "DELETE FROM looks WHERE case_id = $1",
        "DELETE FROM incident_cases WHERE case_id = $1",
        "DELETE FROM case_prints WHERE case_id = $1",
        "DELETE FROM cases WHERE id = $1",
        "DELETE FROM judgements WHERE post_id IN (SELECT id FROM posts WHERE case_id = $1)",
        "DELETE FROM sightings WHERE post_id IN (SELECT id FROM posts WHERE case_id = $1)",
        "DELETE FROM pages WHERE post_id IN (SELECT id FROM posts WHERE case_id = $1)",
        "DELETE FROM posts WHERE case_id = $1 \
         AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.post_id = posts.id)",
    ] {
        tx.execute(sql, args![id]).await?;
    }
    Ok(())
}
