//! Deliveries: claimed under a lease, sealed, past the dot barrier, settled.

use super::db::{Row, Tx};
use super::deliveries::{Line, delivery_row, note, step_cases};
use super::{CaseRow, Counts, DeliveryRow, Lease, NewAlert, Store, StoreError, alerts, args};
use crate::model::{Case, GivenUp, Timestamp};

/// How a delivery is settled.
#[derive(Clone, Debug)]
pub struct Settling<'a> {
    /// `ready`, `in_doubt`, `sent` or `dead`.
    pub state: &'static str,
    /// Why it is dead.
    pub cause: Option<GivenUp>,
    /// What happened, for its history.
    pub event: &'static str,
    pub next_at: Timestamp,
    pub attempts: u32,
    pub doubts: u32,
    pub code: Option<u16>,
    pub error: Option<&'a str>,
}

impl Store {
    /// Leases due deliveries in the order in which they fell due.
    pub async fn claim_deliveries(
        &self,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let mut tx = self.db.begin().await?;
        let rows = tx
            .claimable(
                "SELECT o.*, a.kind, a.case_id, a.subject, a.text, a.html FROM outbox o \
                 JOIN alerts a ON a.id = o.alert_id \
                 WHERE o.channel = 'mail' AND o.state IN ('ready', 'in_doubt') \
                 AND o.next_at <= $1 ORDER BY o.next_at, o.id LIMIT $2",
                "SELECT o.*, a.kind, a.case_id, a.subject, a.text, a.html FROM outbox o \
                 JOIN alerts a ON a.id = o.alert_id \
                 WHERE o.channel = 'mail' AND o.state IN ('ready', 'in_doubt') \
                 AND o.next_at <= $1 ORDER BY o.next_at, o.id LIMIT $2 FOR UPDATE OF o SKIP LOCKED",
                args![now, i64::from(limit)],
            )
            .await?;
        let claimed = lease_all(&mut tx, &rows, owner, until).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    /// Lengthens the lease of a delivery that is still under way; false when it was lost.
    pub async fn renew_delivery(
        &self,
        delivery: &DeliveryRow,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox SET lease_until = $4 WHERE id = $1 AND lease_token = $2 \
                   AND lease_until > $3 AND state = 'sending'";
        self.fenced(sql, args![&delivery.id, delivery.lease.token, now, until])
            .await
    }

    /// Keeps the bytes that every attempt will send; false when the lease was lost.
    pub async fn seal_delivery(
        &self,
        delivery: &DeliveryRow,
        mime: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox SET mime = $4 WHERE id = $1 AND lease_token = $2 \
                   AND lease_until > $3 AND state = 'sending'";
        self.fenced(sql, args![&delivery.id, delivery.lease.token, now, mime])
            .await
    }

    /// The dot barrier: from here on the mail may have been taken. False when the lease was lost, and
    /// then the body must not be sent.
    pub async fn pass_dot_barrier(
        &self,
        delivery: &DeliveryRow,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox SET phase = 'post_dot' WHERE id = $1 AND lease_token = $2 \
                   AND lease_until > $3 AND state = 'sending'";
        self.fenced(sql, args![&delivery.id, delivery.lease.token, now])
            .await
    }

    /// Settles a delivery, with the steps of its cases and further alerts, in one transaction. False when
    /// the lease was lost.
    pub async fn settle_delivery(
        &self,
        delivery: &DeliveryRow,
        settling: &Settling<'_>,
        steps: &[(CaseRow, Case)],
        new_alerts: &[NewAlert],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let held = tx
            .rows(
                "SELECT phase, lease_owner FROM outbox WHERE id = $1",
                args![&delivery.id],
            )
            .await?;
        let sent_at = (settling.state == "sent").then_some(now);
        let dead_at = (settling.state == "dead").then_some(now);
        let settled = tx
            .execute(
                "UPDATE outbox SET state = $4, phase = 'none', lease_owner = NULL, \
                 lease_until = 0, next_at = $5, attempts = $6, doubts = $7, last_code = $8, \
                 last_error = $9, sent_at = $10, cause = $11, dead_at = $12 \
                 WHERE id = $1 AND lease_token = $2 AND lease_until > $3 AND state = 'sending'",
                args![
                    &delivery.id,
                    delivery.lease.token,
                    now,
                    settling.state,
                    settling.next_at,
                    i64::from(settling.attempts),
                    i64::from(settling.doubts),
                    settling.code.map(i64::from),
                    settling.error,
                    sent_at,
                    settling.cause.map(GivenUp::word),
                    dead_at,
                ],
            )
            .await?;
        if settled == 0 {
            return Ok(false);
        }
        let phase = held.first().map(|row| row.text("phase")).transpose()?;
        let owner = held.first().map(|row| row.opt_text("lease_owner"));
        let owner = owner.transpose()?.flatten();
        let line = Line {
            who: owner.as_deref().unwrap_or(""),
            event: settling.event,
            phase: phase.as_deref().unwrap_or("none"),
            code: settling.code.map(i64::from),
            text: settling.error,
        };
        note(&mut tx, &delivery.id, &line, now).await?;
        step_cases(&mut tx, steps, "told", now).await?;
        for alert in new_alerts {
            alerts::insert(&mut tx, alert, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Frees deliveries whose worker is gone: its lease ended, or (`all_but`) it cannot be alive
    /// because this service is the only one. What had not reached the dot is safe to repeat; what had
    /// is in doubt, unless it has been so often enough. Returns how many were freed.
    pub async fn recover_deliveries(
        &self,
        all_but: Option<&str>,
        doubts_max: u32,
        doubtful_at: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut tx = self.db.begin().await?;
        let doubts_max = i64::from(doubts_max);
        tx.execute(
            "INSERT INTO attempt_log (outbox_id, seq, at, until_at, n, who, event, phase) \
             SELECT o.id, (SELECT COALESCE(MAX(l.seq), 0) + 1 FROM attempt_log l \
             WHERE l.outbox_id = o.id), $1, $1, 1, COALESCE(o.lease_owner, ''), 'abandoned', \
             o.phase FROM outbox o \
             WHERE o.state = 'sending' AND (o.phase <> 'post_dot' OR o.doubts < $3) \
             AND (o.lease_until <= $1 OR (CAST($2 AS TEXT) IS NOT NULL AND o.lease_owner <> $2)) \
             ON CONFLICT (outbox_id, seq) DO NOTHING",
            args![now, all_but, doubts_max],
        )
        .await?;
        let safe = tx
            .execute(
                "UPDATE outbox SET state = 'ready', phase = 'none', lease_until = 0, next_at = $1 \
                 WHERE state = 'sending' AND phase <> 'post_dot' \
                 AND (lease_until <= $1 OR (CAST($2 AS TEXT) IS NOT NULL AND lease_owner <> $2))",
                args![now, all_but],
            )
            .await?;
        let doubtful = tx
            .execute(
                "UPDATE outbox SET state = 'in_doubt', phase = 'none', lease_until = 0, \
                 next_at = $3, attempts = attempts + 1, doubts = doubts + 1 \
                 WHERE state = 'sending' AND phase = 'post_dot' AND doubts < $4 \
                 AND (lease_until <= $1 OR (CAST($2 AS TEXT) IS NOT NULL AND lease_owner <> $2))",
                args![now, all_but, doubtful_at, doubts_max],
            )
            .await?;
        tx.commit().await?;
        Ok(safe + doubtful)
    }

    /// Until when the mail server is left alone, and after how many failures.
    pub async fn breaker(&self, name: &str) -> Result<(Timestamp, u32), StoreError> {
        let sql = "SELECT open_until, n_failures FROM transports WHERE name = $1";
        let rows = self.db.rows(sql, args![name]).await?;
        match rows.first() {
            Some(row) => Ok((row.at("open_until")?, row.int("n_failures")? as u32)),
            None => Ok((Timestamp(0), 0)),
        }
    }

    pub async fn set_breaker(
        &self,
        name: &str,
        open_until: Timestamp,
        n_failures: u32,
        error: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.execute(
            "INSERT INTO transports (name, open_until, n_failures, last_error) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE SET \
             open_until = excluded.open_until, n_failures = excluded.n_failures, \
             last_error = excluded.last_error",
            args![name, open_until, i64::from(n_failures), error],
        )
        .await?;
        tx.commit().await
    }

    /// What the mail server last refused with, if it is being left alone.
    pub async fn breaker_error(&self, now: Timestamp) -> Result<Option<String>, StoreError> {
        let sql = "SELECT last_error FROM transports WHERE open_until > $1";
        let rows = self.db.rows(sql, args![now]).await?;
        rows.first()
            .map_or(Ok(None), |row| row.opt_text("last_error"))
    }

    pub async fn next_delivery_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let waiting = "SELECT MIN(next_at) AS at FROM outbox \
                       WHERE channel = 'mail' AND state IN ('ready', 'in_doubt')";
        let sending = "SELECT MIN(lease_until) AS at FROM outbox WHERE state = 'sending'";
        let mut first: Option<Timestamp> = None;
        for sql in [waiting, sending] {
            let rows = self.db.rows(sql, &[]).await?;
            let at = rows.first().map_or(Ok(None), |row| row.opt_at("at"))?;
            first = first.into_iter().chain(at).min();
        }
        Ok(first)
    }

    /// Since when the longest waiting mail waits.
    pub async fn oldest_waiting_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT MIN(created_at) AS at FROM outbox \
                   WHERE channel = 'mail' AND state IN ('ready', 'in_doubt', 'sending')";
        let rows = self.db.rows(sql, &[]).await?;
        rows.first().map_or(Ok(None), |row| row.opt_at("at"))
    }

    /// Mails that were given up since then: refused or too old, and not returned, settled by hand or without
    /// a recipient.
    pub async fn n_given_up_since(&self, at: Timestamp) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM outbox WHERE channel = 'mail' AND state = 'dead' \
                   AND dead_at >= $1 \
                   AND COALESCE(cause, '') NOT IN ('cancelled', 'recipient_removed', 'bounced')";
        let rows = self.db.rows(sql, args![at]).await?;
        rows.first().map_or(Ok(0), |row| row.int("n"))
    }

    pub async fn counts(&self) -> Result<Counts, StoreError> {
        let sql = "SELECT (SELECT COUNT(*) FROM sources WHERE active = 1) AS sources, \
             (SELECT COUNT(*) FROM sources WHERE active = 1 AND (trouble IS NOT NULL \
             OR quiet_at <= last_ok_at)) AS trouble, \
             (SELECT COUNT(*) FROM posts) AS posts, \
             (SELECT COUNT(*) FROM cases WHERE due_at IS NOT NULL) AS live_cases, \
             (SELECT COUNT(*) FROM posts WHERE level = 'doubt') AS doubts, \
             (SELECT COUNT(*) FROM outbox WHERE channel = 'mail' \
              AND state IN ('ready', 'in_doubt', 'sending')) AS waiting, \
             (SELECT COUNT(*) FROM outbox WHERE channel = 'mail' AND state = 'dead' \
              AND COALESCE(cause, '') NOT IN ('cancelled', 'recipient_removed')) AS dead, \
             (SELECT COUNT(*) FROM outbox WHERE channel = 'mail' AND state = 'sent') AS sent, \
             (SELECT COUNT(*) FROM outbox WHERE channel = 'webhook' AND state = 'ready') \
             AS calls_waiting";
        let rows = self.db.rows(sql, &[]).await?;
        let Some(row) = rows.first() else {
            return Ok(Counts::default());
        };
        Ok(Counts {
            sources: row.int("sources")?,
            sources_in_trouble: row.int("trouble")?,
            posts: row.int("posts")?,
            live_cases: row.int("live_cases")?,
            doubts: row.int("doubts")?,
            waiting: row.int("waiting")?,
            dead: row.int("dead")?,
            sent: row.int("sent")?,
            calls_waiting: row.int("calls_waiting")?,
        })
    }
}

/// Puts these rows of deliveries under a lease.
pub(super) async fn lease_all(
    tx: &mut Tx,
    rows: &[Row],
    owner: &str,
    until: Timestamp,
) -> Result<Vec<DeliveryRow>, StoreError> {
    let mut claimed = Vec::new();
    for row in rows {
        let id = row.text("id")?;
        tx.execute(
            "UPDATE outbox SET state = 'sending', phase = 'pre_dot', lease_owner = $2, \
             lease_until = $3, lease_token = lease_token + 1 WHERE id = $1",
            args![&id, owner, until],
        )
        .await?;
        let lease = Lease {
            token: row.int("lease_token")? + 1,
            until,
        };
        claimed.push(delivery_row(row, id, lease)?);
    }
    Ok(claimed)
}
