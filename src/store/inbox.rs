//! The mailbox to which reports and answers come: how far it was read, and what its mails did, each once.

use super::db::Row;
use super::deliveries::{self, Ending, Line, delivery_state, step_cases};
use super::{CaseRow, DeliveryState, Lease, NewAlert, Store, StoreError, alerts, args};
use crate::model::{Case, CaseId, Timestamp};

/// No mailbox waits longer than this, whatever clock set it.
const WAIT_HOURS_MAX: i64 = 6;
/// How long it is remembered what a mail did: longer than any mailbox is read back.
const REMEMBERED_DAYS: i64 = 400;

/// The right to read the mailbox.
#[derive(Clone, Debug)]
pub struct ClaimedInbox {
    pub id: String,
    pub cursor: Option<String>,
    pub last_ok_at: Option<Timestamp>,
    pub n_failures: u32,
    pub trouble_at: Option<Timestamp>,
    pub told_at: Option<Timestamp>,
    pub lease: Lease,
}

/// How the mailbox is after a reading.
#[derive(Clone, Debug)]
pub struct InboxSettled<'a> {
    pub next_at: Timestamp,
    /// How far it was read; `None` keeps what was.
    pub cursor: Option<&'a str>,
    /// `None`: all is well.
    pub trouble: Option<&'a str>,
    /// The operator is told of the trouble now.
    pub is_told: bool,
}

/// How the mailbox is, for `status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxState {
    pub last_ok_at: Option<Timestamp>,
    pub trouble: Option<String>,
    pub next_at: Timestamp,
}

/// What one mail does.
#[derive(Clone, Debug)]
pub struct Hearing<'a> {
    /// Derived from the mail: heard twice, it does it once.
    pub id: &'a str,
    /// `bounced`, `delayed` or `note`.
    pub became: &'static str,
    pub ending: Option<Ending<'a>>,
    /// A line in the history of a delivery that goes on: its id, the code, the words.
    pub remark: Option<(&'a str, &'a str)>,
    /// Cases of which nobody was told after all.
    pub steps: Vec<(CaseRow, Case)>,
    pub alerts: Vec<NewAlert>,
    /// Words of a person for the histories of these cases.
    pub notes: Vec<(CaseId, String)>,
}

impl Store {
    /// Leases the mailbox if it is due.
    pub async fn claim_inbox(
        &self,
        id: &str,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<ClaimedInbox>, StoreError> {
        let mut tx = self.db.begin().await?;
        tx.execute(
            "INSERT INTO inboxes (id, next_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
            args![id, now],
        )
        .await?;
        let latest = now.plus_hours(WAIT_HOURS_MAX);
        let rows = tx
            .claimable(
                "SELECT * FROM inboxes WHERE id = $1 AND (next_at <= $2 OR next_at > $3) \
                 AND lease_until <= $2",
                "SELECT * FROM inboxes WHERE id = $1 AND (next_at <= $2 OR next_at > $3) \
                 AND lease_until <= $2 FOR UPDATE SKIP LOCKED",
                args![id, now, latest],
            )
            .await?;
        let Some(row) = rows.first() else {
            tx.commit().await?;
            return Ok(None);
        };
        tx.execute(
            "UPDATE inboxes SET lease_owner = $2, lease_until = $3, \
             lease_token = lease_token + 1 WHERE id = $1",
            args![id, owner, until],
        )
        .await?;
        let claimed = ClaimedInbox {
            id: id.to_owned(),
            cursor: row.opt_text("cursor")?,
            last_ok_at: row.opt_at("last_ok_at")?,
            n_failures: row.int("n_failures")? as u32,
            trouble_at: row.opt_at("trouble_at")?,
            told_at: row.opt_at("told_at")?,
            lease: Lease {
                token: row.int("lease_token")? + 1,
                until,
            },
        };
        tx.commit().await?;
        Ok(Some(claimed))
    }

    /// Ends a reading, with what the operator is told. False when the lease was lost.
    pub async fn settle_inbox(
        &self,
        claimed: &ClaimedInbox,
        settled: &InboxSettled<'_>,
        new_alerts: &[NewAlert],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let is_ok = i64::from(settled.trouble.is_none());
        let n = tx
            .execute(
                "UPDATE inboxes SET next_at = $4, cursor = COALESCE($5, cursor), \
                 last_ok_at = CASE WHEN $6 = 1 THEN $3 ELSE last_ok_at END, \
                 n_failures = CASE WHEN $6 = 1 THEN 0 ELSE n_failures + 1 END, \
                 trouble = $7, \
                 trouble_at = CASE WHEN $6 = 1 THEN NULL ELSE COALESCE(trouble_at, $3) END, \
                 told_at = CASE WHEN $6 = 1 THEN NULL WHEN $8 = 1 THEN $3 ELSE told_at END, \
                 lease_owner = NULL, lease_until = 0 \
                 WHERE id = $1 AND lease_token = $2 AND lease_until > $3",
                args![
                    &claimed.id,
                    claimed.lease.token,
                    now,
                    settled.next_at,
                    settled.cursor,
                    is_ok,
                    settled.trouble,
                    i64::from(settled.is_told),
                ],
            )
            .await?;
        if n == 0 {
            return Ok(false);
        }
        tx.execute(
            "DELETE FROM heard_mails WHERE at < $1",
            args![now.plus_days(-REMEMBERED_DAYS)],
        )
        .await?;
        for alert in new_alerts {
            alerts::insert(&mut tx, alert, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    pub async fn inbox(&self, id: &str) -> Result<Option<InboxState>, StoreError> {
        let sql = "SELECT last_ok_at, trouble, next_at FROM inboxes WHERE id = $1";
        let rows = self.db.rows(sql, args![id]).await?;
        let state = |row: &Row| {
            Ok(InboxState {
                last_ok_at: row.opt_at("last_ok_at")?,
                trouble: row.opt_text("trouble")?,
                next_at: row.at("next_at")?,
            })
        };
        rows.first().map(state).transpose()
    }

    /// Whether this mail did something already.
    pub async fn is_heard(&self, id: &str) -> Result<bool, StoreError> {
        let sql = "SELECT id FROM heard_mails WHERE id = $1";
        Ok(!self.db.rows(sql, args![id]).await?.is_empty())
    }

    /// Does what a mail says, once. False when it was done before, or when what it speaks of changed
    /// meanwhile: then nothing is written.
    pub async fn hear(&self, hearing: &Hearing<'_>, now: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let is_first = tx
            .execute(
                "INSERT INTO heard_mails (id, at, became) VALUES ($1, $2, $3) \
                 ON CONFLICT (id) DO NOTHING",
                args![hearing.id, now, hearing.became],
            )
            .await?;
        if is_first == 0 {
            return Ok(false);
        }
        if let Some(ending) = &hearing.ending
            && !deliveries::end(&mut tx, ending, now).await?
        {
            return Ok(false);
        }
        if let Some((delivery, words)) = hearing.remark {
            let line = Line {
                who: "report",
                event: hearing.became,
                phase: "none",
                code: None,
                text: Some(words),
            };
            deliveries::note(&mut tx, delivery, &line, now).await?;
        }
        step_cases(&mut tx, &hearing.steps, "returned", now).await?;
        for alert in &hearing.alerts {
            alerts::insert(&mut tx, alert, now).await?;
        }
        for (case, words) in &hearing.notes {
            alerts::note_event(&mut tx, case, now, "note", Some(words)).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// The delivery that bore this Message-ID.
    pub async fn delivery_of_message(
        &self,
        message_id: &str,
    ) -> Result<Option<DeliveryState>, StoreError> {
        let sql = "SELECT o.*, a.kind, a.case_id, a.subject FROM outbox o \
                   JOIN alerts a ON a.id = o.alert_id WHERE o.message_id = $1";
        let rows = self.db.rows(sql, args![message_id]).await?;
        rows.first().map(delivery_state).transpose()
    }

    /// Everybody to whom this alert goes.
    pub async fn recipients_of_alert(&self, alert_id: &str) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT recipient FROM outbox WHERE alert_id = $1 ORDER BY recipient";
        let rows = self.db.rows(sql, args![alert_id]).await?;
        rows.iter().map(|row| row.text("recipient")).collect()
    }

    /// How many mails, but for one, have told somebody of this case and were not returned.
    pub async fn n_mails_of_case(&self, case: &CaseId, but: &str) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM outbox WHERE state = 'sent' AND id <> $2 \
                   AND alert_id IN (SELECT id FROM alerts WHERE case_id = $1 \
                   UNION SELECT alert_id FROM alert_cases WHERE case_id = $1)";
        let rows = self.db.rows(sql, args![&case.0, but]).await?;
        rows.first().map_or(Ok(0), |row| row.int("n"))
    }
}
