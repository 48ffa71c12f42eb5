//! Webhooks: alerts that are still to be told to endpoints, the calls that wait, and how each endpoint
//! is. A call is a row of the outbox; the fence is the lease on its endpoint.

use super::db::Row;
use super::deliveries::{Line, note};
use super::{
    CallRow, CaseRow, EndpointRow, EndpointState, Lease, NewAlert, NewCall, Settling, Store,
    StoreError, UncalledAlert, alerts, args, cases,
};
use crate::model::{Case, CaseId, GivenUp, Timestamp};

impl Store {
    /// Makes the endpoints of the configuration known; one whose section has changed begins anew.
    pub async fn sync_endpoints(&self, endpoints: &[(&str, String)]) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        for (name, config) in endpoints {
            tx.execute(
                "INSERT INTO endpoints (name, config) VALUES ($1, $2) \
                 ON CONFLICT (name) DO UPDATE SET config = excluded.config, gone_at = NULL, \
                 failing_at = NULL, n_failures = 0, open_until = 0, last_error = NULL \
                 WHERE endpoints.config <> excluded.config",
                args![*name, config],
            )
            .await?;
        }
        tx.commit().await
    }

    /// Alerts that no endpoint was told of yet, the oldest first.
    pub async fn uncalled_alerts(&self, limit: u32) -> Result<Vec<UncalledAlert>, StoreError> {
        let sql = "SELECT id, kind, case_id, created_at, subject, text FROM alerts \
                   WHERE called = 0 ORDER BY created_at, id LIMIT $1";
        let rows = self.db.rows(sql, args![i64::from(limit)]).await?;
        let alert = |row: &Row| {
            Ok(UncalledAlert {
                id: row.text("id")?,
                kind: row.text("kind")?,
                case_id: row.opt_text("case_id")?.map(CaseId),
                created_at: row.at("created_at")?,
                subject: row.text("subject")?,
                text: row.text("text")?,
            })
        };
        rows.iter().map(alert).collect()
    }

    /// Stores the calls that alerts make, with their bodies; these alerts make no others.
    pub async fn add_calls(
        &self,
        calls: &[(&str, Vec<NewCall>)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        for (alert_id, calls) in calls {
            let sql = "UPDATE alerts SET called = 1 WHERE id = $1 AND called = 0";
            if tx.execute(sql, args![*alert_id]).await? == 0 {
                // Another worker was quicker: its bodies stay.
                continue;
            }
            for call in calls {
                tx.execute(
                    "INSERT INTO outbox (id, alert_id, recipient, message_id, mime, state, phase, \
                     next_at, created_at, channel) \
                     VALUES ($1, $2, $3, $1, $4, 'ready', 'none', $5, $5, 'webhook') \
                     ON CONFLICT (id) DO NOTHING",
                    args![&call.id, *alert_id, &call.recipient, &call.body, now],
                )
                .await?;
            }
        }
        tx.commit().await
    }

    /// Where no endpoint is configured no alert waits to be told to one.
    pub async fn forgo_calls(&self) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.execute("UPDATE alerts SET called = 1 WHERE called = 0", &[])
            .await?;
        tx.commit().await
    }

    /// Leases an endpoint, unless another worker has it, it is gone, or it is being left alone. On SQLite
    /// there is no other worker. What would leave it alone for longer than `open_max` was set by another
    /// clock and does not count.
    pub async fn claim_endpoint(
        &self,
        name: &str,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
        open_max: Timestamp,
    ) -> Result<Option<EndpointRow>, StoreError> {
        let mut tx = self.db.begin().await?;
        let is_alone = i64::from(!self.is_shared());
        let n = tx
            .execute(
                "UPDATE endpoints SET lease_owner = $2, lease_until = $4, \
                 lease_token = lease_token + 1 WHERE name = $1 AND gone_at IS NULL \
                 AND (open_until <= $3 OR open_until > $5) \
                 AND (lease_until <= $3 OR lease_owner = $2 OR $6 = 1)",
                args![name, owner, now, until, open_max, is_alone],
            )
            .await?;
        let sql = "SELECT * FROM endpoints WHERE name = $1";
        let rows = tx.rows(sql, args![name]).await?;
        tx.commit().await?;
        let row = rows.first().filter(|_| n == 1);
        row.map(|row| endpoint_row(row, until)).transpose()
    }

    /// Lengthens the lease on an endpoint; false when it was lost.
    pub async fn renew_endpoint(
        &self,
        endpoint: &EndpointRow,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE endpoints SET lease_until = $4 WHERE name = $1 AND lease_token = $2 \
                   AND lease_until > $3";
        let args = args![&endpoint.name, endpoint.lease.token, now, until];
        self.fenced(sql, args).await
    }

    /// Gives the lease back.
    pub async fn release_endpoint(&self, endpoint: &EndpointRow) -> Result<(), StoreError> {
        let sql = "UPDATE endpoints SET lease_owner = NULL, lease_until = 0 \
                   WHERE name = $1 AND lease_token = $2";
        let args = args![&endpoint.name, endpoint.lease.token];
        self.fenced(sql, args).await.map(drop)
    }

    /// The calls that are due at an endpoint, the oldest first.
    pub async fn due_calls(
        &self,
        recipient: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<CallRow>, StoreError> {
        let sql = "SELECT o.*, a.kind, a.case_id FROM outbox o JOIN alerts a ON a.id = o.alert_id \
                   WHERE o.channel = 'webhook' AND o.state = 'ready' AND o.recipient = $1 \
                   AND o.next_at <= $2 ORDER BY o.created_at, o.id LIMIT $3";
        let rows = self
            .db
            .rows(sql, args![recipient, now, i64::from(limit)])
            .await?;
        let call = |row: &Row| {
            Ok(CallRow {
                id: row.text("id")?,
                alert_id: row.text("alert_id")?,
                kind: row.text("kind")?,
                body: row.opt_text("mime")?.unwrap_or_default(),
                attempts: row.int("attempts")? as u32,
                refusals: row.int("doubts")? as u32,
                created_at: row.at("created_at")?,
            })
        };
        rows.iter().map(call).collect()
    }

    /// Settles a call and writes how its endpoint is now, with the steps of its cases and further alerts,
    /// in one transaction. False when the lease was lost.
    pub async fn settle_call(
        &self,
        endpoint: &EndpointRow,
        call: &CallRow,
        settling: &Settling<'_>,
        (steps, new_alerts): (&[(CaseRow, Case)], &[NewAlert]),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let settled = tx
            .execute(
                "UPDATE endpoints SET gone_at = $4, failing_at = $5, n_failures = $6, \
                 open_until = $7, last_error = $8, last_ok_at = $9 \
                 WHERE name = $1 AND lease_token = $2 AND lease_until > $3",
                args![
                    &endpoint.name,
                    endpoint.lease.token,
                    now,
                    endpoint.gone_at,
                    endpoint.failing_at,
                    i64::from(endpoint.n_failures),
                    endpoint.open_until,
                    &endpoint.last_error,
                    endpoint.last_ok_at,
                ],
            )
            .await?;
        if settled == 0 {
            return Ok(false);
        }
        let sent_at = (settling.state == "sent").then_some(now);
        tx.execute(
            "UPDATE outbox SET state = $2, next_at = $3, attempts = $4, doubts = $5, \
             last_code = $6, last_error = $7, sent_at = $8, cause = $9, dead_at = $10 \
             WHERE id = $1 AND state = 'ready'",
            args![
                &call.id,
                settling.state,
                settling.next_at,
                i64::from(settling.attempts),
                i64::from(settling.doubts),
                settling.code.map(i64::from),
                settling.error,
                sent_at,
                settling.cause.map(GivenUp::word),
                settling.cause.map(|_| now),
            ],
        )
        .await?;
        let line = Line {
            who: "webhook",
            event: settling.event,
            phase: "none",
            code: settling.code.map(i64::from),
            text: settling.error,
        };
        note(&mut tx, &call.id, &line, now).await?;
        for (old, new) in steps {
            if cases::step(&mut tx, old, new).await? {
                alerts::note_event(&mut tx, &old.id, now, "told", None).await?;
            }
        }
        for alert in new_alerts {
            alerts::insert(&mut tx, alert, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// An endpoint is well again: what waited for it, and was not refused itself, is due now.
    pub async fn call_all(&self, recipient: &str, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.execute(
            "UPDATE outbox SET next_at = $2 WHERE channel = 'webhook' AND state = 'ready' \
             AND recipient = $1 AND doubts = 0 AND next_at > $2",
            args![recipient, now],
        )
        .await?;
        tx.commit().await
    }

    /// Recipients with calls that wait since before `before`.
    pub async fn waiting_endpoints(&self, before: Timestamp) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT recipient FROM outbox WHERE channel = 'webhook' \
                   AND state = 'ready' AND created_at <= $1 ORDER BY recipient";
        let rows = self.db.rows(sql, args![before]).await?;
        rows.iter().map(|row| row.text("recipient")).collect()
    }

    /// Gives up what waits since before `before`; returns how many calls that were.
    pub async fn bury_calls(
        &self,
        recipient: &str,
        before: Timestamp,
        error: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut tx = self.db.begin().await?;
        let n = tx
            .execute(
                "UPDATE outbox SET state = 'dead', cause = 'expired', dead_at = $4, \
                 last_error = $3 WHERE channel = 'webhook' \
                 AND state = 'ready' AND recipient = $1 AND created_at <= $2",
                args![recipient, before, error, now],
            )
            .await?;
        tx.commit().await?;
        Ok(n)
    }

    /// When an endpoint is to be called next.
    pub async fn next_call_at(
        &self,
        name: &str,
        recipient: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT MIN(next_at) AS at FROM outbox WHERE channel = 'webhook' \
                   AND state = 'ready' AND recipient = $1";
        let rows = self.db.rows(sql, args![recipient]).await?;
        let Some(at) = rows.first().map_or(Ok(None), |row| row.opt_at("at"))? else {
            return Ok(None);
        };
        let sql = "SELECT open_until, gone_at FROM endpoints WHERE name = $1";
        let rows = self.db.rows(sql, args![name]).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let open_until = row.at("open_until")?;
        Ok(row
            .opt_at("gone_at")?
            .is_none()
            .then_some(at.max(open_until)))
    }

    /// How every endpoint is that was ever configured, by name.
    pub async fn endpoint_states(&self) -> Result<Vec<EndpointState>, StoreError> {
        let sql = "SELECT e.*, \
             (SELECT COUNT(*) FROM outbox WHERE channel = 'webhook' AND state = 'ready' \
              AND recipient = 'webhook:' || e.name) AS waiting, \
             (SELECT COUNT(*) FROM outbox WHERE channel = 'webhook' AND state = 'ready' \
              AND doubts > 0 AND recipient = 'webhook:' || e.name) AS refused, \
             (SELECT COUNT(*) FROM outbox WHERE channel = 'webhook' AND state = 'dead' \
              AND recipient = 'webhook:' || e.name) AS dead, \
             (SELECT COUNT(*) FROM outbox WHERE channel = 'webhook' AND state = 'sent' \
              AND recipient = 'webhook:' || e.name) AS sent \
             FROM endpoints e ORDER BY e.name";
        let rows = self.db.rows(sql, &[]).await?;
        let state = |row: &Row| {
            Ok(EndpointState {
                endpoint: endpoint_row(row, row.at("lease_until")?)?,
                waiting: row.int("waiting")?,
                refused: row.int("refused")?,
                dead: row.int("dead")?,
                sent: row.int("sent")?,
            })
        };
        rows.iter().map(state).collect()
    }
}

fn endpoint_row(row: &Row, until: Timestamp) -> Result<EndpointRow, StoreError> {
    Ok(EndpointRow {
        name: row.text("name")?,
        config: row.text("config")?,
        gone_at: row.opt_at("gone_at")?,
        failing_at: row.opt_at("failing_at")?,
        n_failures: row.int("n_failures")? as u32,
        open_until: row.at("open_until")?,
        last_error: row.opt_text("last_error")?,
        last_ok_at: row.opt_at("last_ok_at")?,
        lease: Lease {
            token: row.int("lease_token")?,
            until,
        },
    })
}
