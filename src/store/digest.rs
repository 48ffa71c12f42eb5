//! What a digest tells: what is open, doubtful, solved, and what the week came to.

use super::cases::{case_row, state};
use super::db::Row;
use super::posts::stored_post;
use super::{AnswerRow, CaseRow, OpenCounts, Store, StoreError, StoredPost, WeekCase, args};
use crate::model::{CaseId, Timestamp, Verdict};

impl Store {
    /// True when a letter of this kind was ever made for this person, or is marked as made.
    pub async fn has_digest(
        &self,
        kind: &str,
        recipient: &str,
        day: Option<&str>,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT day FROM digests WHERE kind = $1 AND recipient = $2 \
                   AND (CAST($3 AS TEXT) IS NULL OR day = $3) LIMIT 1";
        let rows = self.db.rows(sql, args![kind, recipient, day]).await?;
        Ok(!rows.is_empty())
    }

    /// Until when the last digest of this kind told what happened.
    pub async fn digest_until(
        &self,
        kind: &str,
        recipient: &str,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT MAX(until_at) AS at FROM digests \
                   WHERE kind = $1 AND recipient = $2 AND until_at <= $3";
        let rows = self.db.rows(sql, args![kind, recipient, now]).await?;
        rows.first().map_or(Ok(None), |row| row.opt_at("at"))
    }

    /// Doubts seen since then that nobody has judged, the newest first, and how many there are.
    pub async fn doubts_since(
        &self,
        since: Timestamp,
        limit: u32,
    ) -> Result<(Vec<StoredPost>, i64), StoreError> {
        let sql = "SELECT * FROM posts p WHERE p.level = 'doubt' AND p.seen_at > $1 \
                   AND NOT EXISTS (SELECT 1 FROM judgements j WHERE j.post_id = p.id) \
                   ORDER BY p.seen_at DESC, p.id LIMIT $2";
        let rows = self.db.rows(sql, args![since, i64::from(limit)]).await?;
        let count = "SELECT COUNT(*) AS n FROM posts p WHERE p.level = 'doubt' AND p.seen_at > $1 \
                     AND NOT EXISTS (SELECT 1 FROM judgements j WHERE j.post_id = p.id)";
        let counted = self.db.rows(count, args![since]).await?;
        let n = counted.first().map_or(Ok(0), |row| row.int("n"))?;
        let posts: Result<Vec<StoredPost>, StoreError> = rows.iter().map(stored_post).collect();
        Ok((posts?, n))
    }

    /// Cases that wait for our answer, but for those that were there before us: the riskiest first.
    pub async fn unanswered(&self, limit: u32) -> Result<Vec<CaseRow>, StoreError> {
        let sql = "SELECT c.* FROM cases c JOIN posts p ON p.id = c.post_id \
                   WHERE c.due IN ('answer', 'tell') AND p.backlog = 0 \
                   ORDER BY p.risk DESC, c.opened_at, c.id LIMIT $1";
        let rows = self.db.rows(sql, args![i64::from(limit)]).await?;
        rows.iter().map(case_row).collect()
    }

    pub async fn open_counts(&self) -> Result<OpenCounts, StoreError> {
        let sql = "SELECT \
             (SELECT COUNT(*) FROM cases c JOIN posts p ON p.id = c.post_id \
             WHERE c.due IN ('answer', 'tell') AND p.backlog = 0) AS waiting, \
             (SELECT COUNT(*) FROM cases c JOIN posts p ON p.id = c.post_id \
             WHERE c.due IN ('answer', 'tell') AND p.backlog = 1) AS backlog, \
             (SELECT COUNT(*) FROM cases WHERE due = 'hear_back') AS answered";
        let rows = self.db.rows(sql, &[]).await?;
        let Some(row) = rows.first() else {
            return Ok(OpenCounts::default());
        };
        Ok(OpenCounts {
            n_waiting: row.int("waiting")?,
            n_backlog: row.int("backlog")?,
            n_answered: row.int("answered")?,
        })
    }

    /// Cases that were solved after then, with the customers' words, the last first.
    pub async fn solved_since(
        &self,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<(CaseId, String)>, StoreError> {
        let sql = "SELECT case_id, words FROM case_events WHERE at > $1 AND event = 'solved' \
                   ORDER BY at DESC, case_id LIMIT $2";
        let rows = self.db.rows(sql, args![since, i64::from(limit)]).await?;
        let solved = |row: &Row| {
            let words = row.opt_text("words")?.unwrap_or_default();
            Ok((CaseId(row.text("case_id")?), words))
        };
        rows.iter().map(solved).collect()
    }

    /// How many sources were read, and how many posts seen, since then.
    pub async fn heard_since(&self, since: Timestamp) -> Result<(i64, i64), StoreError> {
        let sql = "SELECT (SELECT COUNT(*) FROM sources WHERE active = 1 AND last_ok_at > $1) \
                   AS sources, (SELECT COUNT(*) FROM sources s JOIN posts p \
                   ON p.source_id = s.id AND p.seen_at > $1) AS posts";
        let rows = self.db.rows(sql, args![since]).await?;
        match rows.first() {
            Some(row) => Ok((row.int("sources")?, row.int("posts")?)),
            None => Ok((0, 0)),
        }
    }

    /// The cases that were opened in this time, but for those that were there before us.
    pub async fn cases_opened(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<WeekCase>, StoreError> {
        let sql = "SELECT c.state, p.risk, p.verdict FROM cases c JOIN posts p ON p.id = c.post_id \
                   WHERE c.opened_at > $1 AND c.opened_at <= $2 AND p.backlog = 0";
        let rows = self.db.rows(sql, args![from, until]).await?;
        let case = |row: &Row| {
            let verdict = row.opt_text("verdict")?;
            let verdict: Option<Verdict> = verdict
                .map(|json| serde_json::from_str(&json).map_err(StoreError::unreadable))
                .transpose()?;
            let risk = row.opt_int("risk")?.unwrap_or(0);
            Ok(WeekCase {
                state: state(row)?,
                topic: verdict.and_then(|verdict| verdict.topics.first().copied()),
                risk: u8::try_from(risk).unwrap_or(u8::MAX),
            })
        };
        rows.iter().map(case).collect()
    }

    /// Cases that were answered in this time: when they were told, published and answered.
    pub async fn answers(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<AnswerRow>, StoreError> {
        let sql = "SELECT c.told_at, p.published_at, MIN(e.at) AS at FROM case_events e \
                   JOIN cases c ON c.id = e.case_id JOIN posts p ON p.id = c.post_id \
                   WHERE e.event = 'answered' AND e.at > $1 AND e.at <= $2 \
                   GROUP BY c.id, c.told_at, p.published_at ORDER BY c.id";
        let rows = self.db.rows(sql, args![from, until]).await?;
        let answer = |row: &Row| {
            Ok(AnswerRow {
                told_at: row.opt_at("told_at")?,
                published: row.opt_at("published_at")?,
                answered_at: row.at("at")?,
            })
        };
        rows.iter().map(answer).collect()
    }
}
