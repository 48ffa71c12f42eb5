//! Deliveries as people see them: what waits, what was given up, what happened to each; and the steps that
//! a person takes.

use super::db::{Row, Tx};
use super::{CaseRow, DeliveryRow, Lease, NewAlert, Store, StoreError, alerts, args, cases};
use crate::model::{Case, CaseId, GivenUp, Timestamp};

/// Deliveries that a list shows.
const LISTED_MAX: i64 = 10_000;
/// Lines of a delivery's history that are kept.
const LOG_LINES_MAX: i64 = 200;

/// How a delivery is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryState {
    pub id: String,
    pub alert_id: String,
    pub kind: String,
    pub case_id: Option<CaseId>,
    pub subject: String,
    pub recipient: String,
    pub message_id: String,
    /// `ready`, `sending`, `in_doubt`, `sent` or `dead`.
    pub state: String,
    /// Why it is dead; unknown for what older versions gave up.
    pub cause: Option<GivenUp>,
    pub attempts: u32,
    pub doubts: u32,
    pub last_code: Option<i64>,
    pub last_error: Option<String>,
    pub created_at: Timestamp,
    /// Since when it is tried.
    pub since: Timestamp,
    pub next_at: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub dead_at: Option<Timestamp>,
    /// Of the row as it was read: who changes it says so.
    pub token: i64,
}

/// A line of a delivery's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    pub at: Timestamp,
    /// The last time that the same happened.
    pub until_at: Timestamp,
    /// How often it happened in a row.
    pub n: i64,
    pub who: String,
    pub event: String,
    /// How far the attempt had come: `pre_dot`, `post_dot`, or `none` where there was none.
    pub phase: String,
    pub code: Option<i64>,
    pub text: Option<String>,
}

/// How a delivery is given up, of the row as it was read.
#[derive(Clone, Debug)]
pub struct Ending<'a> {
    pub id: &'a str,
    pub alert_id: &'a str,
    pub token: i64,
    pub state: &'a str,
    pub cause: GivenUp,
    pub who: &'a str,
    pub event: &'static str,
    pub code: Option<i64>,
    pub text: &'a str,
}

/// What is noted in a delivery's history.
pub(super) struct Line<'a> {
    pub(super) who: &'a str,
    pub(super) event: &'a str,
    pub(super) phase: &'a str,
    pub(super) code: Option<i64>,
    pub(super) text: Option<&'a str>,
}

impl Store {
    /// All deliveries that are not sent yet, or (`all`) every one, oldest first.
    pub async fn deliveries(&self, all: bool) -> Result<Vec<DeliveryState>, StoreError> {
        let sql = "SELECT o.*, a.kind, a.case_id, a.subject FROM outbox o \
                   JOIN alerts a ON a.id = o.alert_id \
                   WHERE o.state <> 'sent' OR $1 = 1 ORDER BY o.created_at DESC, o.id DESC LIMIT $2";
        let rows = self.db.rows(sql, args![i64::from(all), LISTED_MAX]).await?;
        rows.iter().rev().map(delivery_state).collect()
    }

    /// Deliveries whose identity begins with `prefix`.
    pub async fn deliveries_by_prefix(
        &self,
        prefix: &str,
    ) -> Result<Vec<DeliveryState>, StoreError> {
        let sql = "SELECT o.*, a.kind, a.case_id, a.subject FROM outbox o \
                   JOIN alerts a ON a.id = o.alert_id \
                   WHERE substr(o.id, 1, CAST($2 AS INTEGER)) = $1 ORDER BY o.id LIMIT 20";
        let length = prefix.chars().count() as i64;
        let rows = self.db.rows(sql, args![prefix, length]).await?;
        rows.iter().map(delivery_state).collect()
    }

    /// What happened to a delivery, oldest first.
    pub async fn delivery_log(&self, id: &str) -> Result<Vec<LogRow>, StoreError> {
        let sql = "SELECT * FROM attempt_log WHERE outbox_id = $1 ORDER BY seq";
        let rows = self.db.rows(sql, args![id]).await?;
        let line = |row: &Row| {
            Ok(LogRow {
                at: row.at("at")?,
                until_at: row.at("until_at")?,
                n: row.int("n")?,
                who: row.text("who")?,
                event: row.text("event")?,
                phase: row.text("phase")?,
                code: row.opt_int("code")?,
                text: row.opt_text("text")?,
            })
        };
        rows.iter().map(line).collect()
    }

    /// A dead delivery is due again: the same bytes under the same Message-ID, with all its attempts before
    /// it. False when it was dead no longer.
    pub async fn revive_delivery(
        &self,
        delivery: &DeliveryState,
        who: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let revived = tx
            .execute(
                "UPDATE outbox SET state = 'ready', phase = 'none', cause = NULL, dead_at = NULL, \
                 next_at = $3, since = $3, attempts = 0, doubts = 0, \
                 lease_token = lease_token + 1 \
                 WHERE id = $1 AND lease_token = $2 AND state = 'dead'",
                args![&delivery.id, delivery.token, now],
            )
            .await?;
        if revived == 0 {
            return Ok(false);
        }
        let line = Line {
            who,
            event: "retried",
            phase: "none",
            code: None,
            text: None,
        };
        note(&mut tx, &delivery.id, &line, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Gives a delivery up, with the alerts that follow from it, and with other recipients for its alert.
    /// False when somebody else changed it meanwhile.
    pub async fn end_delivery(
        &self,
        ending: &Ending<'_>,
        new_alerts: &[NewAlert],
        others: &[(String, String, String)],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        if !end(&mut tx, ending, now).await? {
            return Ok(false);
        }
        for alert in new_alerts {
            alerts::insert(&mut tx, alert, now).await?;
        }
        for delivery in others {
            alerts::address(&mut tx, ending.alert_id, delivery, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Deliveries that a worker held past the dot and holds no more, as [`Store::recover_deliveries`] frees
    /// them, and that may have arrived `doubts` times already.
    pub async fn exhausted_deliveries(
        &self,
        all_but: Option<&str>,
        doubts: u32,
        now: Timestamp,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let sql = "SELECT o.*, a.kind, a.case_id, a.subject, a.text, a.html FROM outbox o \
                   JOIN alerts a ON a.id = o.alert_id \
                   WHERE o.state = 'sending' AND o.phase = 'post_dot' AND o.doubts >= $3 \
                   AND (o.lease_until <= $1 \
                        OR (CAST($2 AS TEXT) IS NOT NULL AND o.lease_owner <> $2))";
        let rows = self
            .db
            .rows(sql, args![now, all_but, i64::from(doubts)])
            .await?;
        rows.iter()
            .map(|row| {
                let lease = Lease {
                    token: row.int("lease_token")?,
                    until: row.at("lease_until")?,
                };
                delivery_row(row, row.text("id")?, lease)
            })
            .collect()
    }

    /// What the letter of a delivery is about, and the last mail about it that this recipient was sent.
    pub async fn thread_of(
        &self,
        delivery: &DeliveryRow,
    ) -> Result<(Option<String>, Option<String>), StoreError> {
        let sql = "SELECT COALESCE(a.thread, 'case|' || a.case_id) AS thread, \
                   (SELECT p.message_id FROM outbox p JOIN alerts b ON b.id = p.alert_id \
                    WHERE b.thread = COALESCE(a.thread, 'case|' || a.case_id) \
                    AND p.recipient = o.recipient AND p.sent_at IS NOT NULL AND p.id <> o.id \
                    ORDER BY p.sent_at DESC, p.id LIMIT 1) AS previous \
                   FROM outbox o JOIN alerts a ON a.id = o.alert_id WHERE o.id = $1";
        let rows = self.db.rows(sql, args![&delivery.id]).await?;
        rows.first().map_or(Ok((None, None)), |row| {
            Ok((row.opt_text("thread")?, row.opt_text("previous")?))
        })
    }
}

/// Ends a delivery if it still is as it was read.
pub(super) async fn end(
    tx: &mut Tx,
    ending: &Ending<'_>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let ended = tx
        .execute(
            "UPDATE outbox SET state = 'dead', phase = 'none', cause = $4, dead_at = $5, \
             last_error = $6, last_code = $7, lease_owner = NULL, lease_until = 0, \
             lease_token = lease_token + 1 \
             WHERE id = $1 AND lease_token = $2 AND state = $3",
            args![
                ending.id,
                ending.token,
                ending.state,
                ending.cause.word(),
                now,
                ending.text,
                ending.code,
            ],
        )
        .await?;
    if ended == 0 {
        return Ok(false);
    }
    let line = Line {
        who: ending.who,
        event: ending.event,
        phase: "none",
        code: ending.code,
        text: Some(ending.text),
    };
    note(tx, ending.id, &line, now).await?;
    Ok(true)
}

/// Adds a line to a delivery's history, or lengthens the last one if it says the same.
pub(super) async fn note(
    tx: &mut Tx,
    id: &str,
    line: &Line<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let values = args![
        id, line.who, line.event, line.phase, line.code, line.text, now
    ];
    let again = tx
        .execute(
            "UPDATE attempt_log SET n = n + 1, until_at = $7 WHERE outbox_id = $1 AND who = $2 \
             AND event = $3 AND phase = $4 AND code IS NOT DISTINCT FROM $5 \
             AND text IS NOT DISTINCT FROM $6 \
             AND seq = (SELECT MAX(seq) FROM attempt_log WHERE outbox_id = $1)",
            values,
        )
        .await?;
    if again > 0 {
        return Ok(());
    }
    tx.execute(
        "INSERT INTO attempt_log (outbox_id, seq, at, until_at, n, who, event, phase, code, text) \
         SELECT $1, COALESCE(MAX(seq), 0) + 1, $7, $7, 1, $2, $3, $4, $5, $6 \
         FROM attempt_log WHERE outbox_id = $1",
        values,
    )
    .await?;
    tx.execute(
        "DELETE FROM attempt_log WHERE outbox_id = $1 AND seq <= \
         (SELECT MAX(seq) FROM attempt_log WHERE outbox_id = $1) - $2",
        args![id, LOG_LINES_MAX],
    )
    .await?;
    Ok(())
}

/// Takes cases from one state to another, with an event in their history.
pub(super) async fn step_cases(
    tx: &mut Tx,
    steps: &[(CaseRow, Case)],
    event: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    for (old, new) in steps {
        if cases::step(tx, old, new).await? {
            alerts::note_event(tx, &old.id, now, event, None).await?;
        }
    }
    Ok(())
}

pub(super) fn delivery_row(row: &Row, id: String, lease: Lease) -> Result<DeliveryRow, StoreError> {
    let created_at = row.at("created_at")?;
    Ok(DeliveryRow {
        id,
        alert_id: row.text("alert_id")?,
        kind: row.text("kind")?,
        case_id: row.opt_text("case_id")?.map(CaseId),
        recipient: row.text("recipient")?,
        message_id: row.text("message_id")?,
        subject: row.text("subject")?,
        text: row.text("text")?,
        html: row.text("html")?,
        mime: row.opt_text("mime")?,
        attempts: row.int("attempts")? as u32,
        doubts: row.int("doubts")? as u32,
        created_at,
        since: row.opt_at("since")?.unwrap_or(created_at),
        lease,
    })
}

pub(super) fn delivery_state(row: &Row) -> Result<DeliveryState, StoreError> {
    let created_at = row.at("created_at")?;
    Ok(DeliveryState {
        id: row.text("id")?,
        alert_id: row.text("alert_id")?,
        kind: row.text("kind")?,
        case_id: row.opt_text("case_id")?.map(CaseId),
        subject: row.text("subject")?,
        recipient: row.text("recipient")?,
        message_id: row.text("message_id")?,
        state: row.text("state")?,
        cause: row
            .opt_text("cause")?
            .and_then(|cause| GivenUp::parse(&cause)),
        attempts: row.int("attempts")? as u32,
        doubts: row.int("doubts")? as u32,
        last_code: row.opt_int("last_code")?,
        last_error: row.opt_text("last_error")?,
        created_at,
        since: row.opt_at("since")?.unwrap_or(created_at),
        next_at: row.at("next_at")?,
        sent_at: row.opt_at("sent_at")?,
        dead_at: row.opt_at("dead_at")?,
        token: row.int("lease_token")?,
    })
}
