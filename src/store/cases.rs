//! Cases and their history.

use super::db::Row;
use super::{CaseRow, EventRow, NewAlert, Store, StoreError, alerts, args};
use crate::model::{Case, CaseId, Due, Escalation, PostId, State, Timestamp};

impl Store {
    /// Cases whose identity begins with `prefix`; an unambiguous prefix gives one.
    pub async fn cases_by_prefix(&self, prefix: &str) -> Result<Vec<CaseRow>, StoreError> {
        let sql = "SELECT * FROM cases WHERE substr(id, 1, CAST($2 AS INTEGER)) = $1 ORDER BY id LIMIT 20";
        let length = prefix.chars().count() as i64;
        self.db
            .rows(sql, args![prefix, length])
            .await?
            .iter()
            .map(case_row)
            .collect()
    }

    pub async fn case(&self, id: &CaseId) -> Result<Option<CaseRow>, StoreError> {
        let rows = self
            .db
            .rows("SELECT * FROM cases WHERE id = $1", args![&id.0])
            .await?;
        rows.first().map(case_row).transpose()
    }

    /// The cases of which an alert tells: its own, or those that it lists.
    pub async fn cases_of_alert(&self, alert_id: &str) -> Result<Vec<CaseRow>, StoreError> {
        let sql = "SELECT * FROM cases WHERE id IN \
                   (SELECT case_id FROM alerts WHERE id = $1 AND case_id IS NOT NULL \
                    UNION SELECT case_id FROM alert_cases WHERE alert_id = $1) ORDER BY id";
        let rows = self.db.rows(sql, args![alert_id]).await?;
        rows.iter().map(case_row).collect()
    }

    /// All cases, the live ones first, by risk and age.
    pub async fn cases(&self, limit: u32) -> Result<Vec<CaseRow>, StoreError> {
        let sql = "SELECT c.* FROM cases c JOIN posts p ON p.id = c.post_id \
                   ORDER BY CASE WHEN c.due_at IS NULL THEN 1 ELSE 0 END, p.risk DESC, \
                   c.opened_at, c.id LIMIT $1";
        self.db
            .rows(sql, args![i64::from(limit)])
            .await?
            .iter()
            .map(case_row)
            .collect()
    }

    /// The newest case of this author under this watch that he could still be speaking about.
    pub async fn case_of_author(
        &self,
        author_key: &str,
        watch: &str,
        opened_after: Timestamp,
    ) -> Result<Option<CaseRow>, StoreError> {
        let rows = self
            .db
            .rows(
                "SELECT * FROM cases WHERE author_key = $1 AND watch = $2 AND opened_at > $3 \
                 AND state <> 'dismissed' ORDER BY opened_at DESC, id LIMIT 1",
                args![author_key, watch, opened_after],
            )
            .await?;
        rows.first().map(case_row).transpose()
    }

    /// How many cases this author had before that of this post. What was dismissed was none.
    pub async fn n_cases_of_author(
        &self,
        author_key: &str,
        but: &PostId,
    ) -> Result<u32, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM cases WHERE author_key = $1 AND post_id <> $2 \
                   AND state <> 'dismissed'";
        let rows = self.db.rows(sql, args![author_key, &but.0]).await?;
        let n = rows.first().map_or(Ok(0), |row| row.int("n"))?;
        Ok(u32::try_from(n).unwrap_or(u32::MAX))
    }

    pub async fn due_cases(&self, now: Timestamp, limit: u32) -> Result<Vec<CaseRow>, StoreError> {
        let sql = "SELECT * FROM cases WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2";
        self.db
            .rows(sql, args![now, i64::from(limit)])
            .await?
            .iter()
            .map(case_row)
            .collect()
    }

    /// Cases that nobody has answered for so long that others are to be told.
    pub async fn due_escalations(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<CaseRow>, StoreError> {
        let sql = "SELECT * FROM cases WHERE escalate_at <= $1 ORDER BY escalate_at, id LIMIT $2";
        self.db
            .rows(sql, args![now, i64::from(limit)])
            .await?
            .iter()
            .map(case_row)
            .collect()
    }

    pub async fn next_case_due_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let rows = self
            .db
            .rows("SELECT MIN(due_at) AS at FROM cases", &[])
            .await?;
        rows.first().map_or(Ok(None), |row| row.opt_at("at"))
    }

    pub async fn case_events(&self, id: &CaseId) -> Result<Vec<EventRow>, StoreError> {
        let sql =
            "SELECT at, event, words, by_whom FROM case_events WHERE case_id = $1 ORDER BY seq";
        let rows = self.db.rows(sql, args![&id.0]).await?;
        rows.iter()
            .map(|row| {
                Ok(EventRow {
                    at: row.at("at")?,
                    event: row.text("event")?,
                    words: row.opt_text("words")?,
                    by: row.opt_text("by_whom")?,
                })
            })
            .collect()
    }

    /// Takes a case from `old` to `new` with the alerts of that step. False when somebody else moved
    /// it meanwhile: then nothing is written.
    pub async fn step_case(
        &self,
        old: &CaseRow,
        new: &Case,
        event: &str,
        words: Option<&str>,
        new_alerts: &[NewAlert],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        if !step(&mut tx, old, new).await? {
            return Ok(false);
        }
        alerts::note_event(&mut tx, &old.id, now, event, words).await?;
        for alert in new_alerts {
            alerts::insert(&mut tx, alert, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

/// The old state is part of the predicate: a step is made once, however many workers try.
pub(super) async fn step(
    tx: &mut super::db::Tx,
    old: &CaseRow,
    new: &Case,
) -> Result<bool, StoreError> {
    let undo = undo_column(new)?;
    let moved = tx
        .execute(
            "UPDATE cases SET state = $2, told_at = $3, answer_by = $4, due = $5, due_at = $6, \
             n_reminders = $7, taken_by = $11, snoozed_until = $12, undo = $13, \
             escalate_step = $15, escalate_at = $16 \
             WHERE id = $1 AND state = $8 AND n_reminders = $9 \
             AND due_at IS NOT DISTINCT FROM $10 AND n_acts = $14 \
             AND escalate_at IS NOT DISTINCT FROM $17 \
             AND escalate_step IS NOT DISTINCT FROM $18",
            args![
                &old.id.0,
                new.state.word(),
                new.told_at,
                new.answer_by,
                new.due.map(|(due, _)| due.word()),
                new.due.map(|(_, at)| at),
                i64::from(new.n_reminders),
                old.case.state.word(),
                i64::from(old.case.n_reminders),
                old.case.due.map(|(_, at)| at),
                &new.taken_by,
                new.snoozed_until,
                &undo,
                old.n_acts,
                new.escalate.map(|next| next.step as i64),
                new.escalate.map(|next| next.at),
                old.case.escalate.map(|next| next.at),
                old.case.escalate.map(|next| next.step as i64),
            ],
        )
        .await?;
    Ok(moved == 1)
}

/// What a person's last act can be taken back to, as JSON.
fn undo_column(case: &Case) -> Result<Option<String>, StoreError> {
    let undo = case.undo.as_ref().map(serde_json::to_string);
    undo.transpose().map_err(StoreError::unreadable)
}

pub(super) fn state(row: &Row) -> Result<State, StoreError> {
    let state = row.text("state")?;
    State::parse(&state).ok_or_else(|| StoreError::unreadable(state))
}

pub(super) fn case_row(row: &Row) -> Result<CaseRow, StoreError> {
    let due = match (row.opt_text("due")?, row.opt_at("due_at")?) {
        (Some(due), Some(at)) => Some((
            Due::parse(&due).ok_or_else(|| StoreError::unreadable(due))?,
            at,
        )),
        _ => None,
    };
    let escalate = match (row.opt_int("escalate_step")?, row.opt_at("escalate_at")?) {
        (Some(step), Some(at)) => Some(Escalation {
            step: usize::try_from(step).unwrap_or(usize::MAX),
            at,
        }),
        _ => None,
    };
    let undo = row.opt_text("undo")?;
    let undo = undo.as_deref().map(serde_json::from_str).transpose();
    Ok(CaseRow {
        id: CaseId(row.text("id")?),
        post_id: PostId(row.text("post_id")?),
        watch: row.text("watch")?,
        is_urgent: row.int("urgent")? != 0,
        case: Case {
            state: state(row)?,
            opened_at: row.at("opened_at")?,
            told_at: row.opt_at("told_at")?,
            answer_by: row.opt_at("answer_by")?,
            due,
            n_reminders: row.int("n_reminders")? as u32,
            escalate,
            taken_by: row.opt_text("taken_by")?,
            snoozed_until: row.opt_at("snoozed_until")?,
            undo: undo.map_err(StoreError::unreadable)?,
        },
        n_acts: row.int("n_acts")?,
    })
}
