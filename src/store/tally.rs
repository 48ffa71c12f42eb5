//! Sums for those who watch from outside: no row of them names a person.

use super::{Store, StoreError, args};
use crate::model::Timestamp;

/// How many rows there are of each kind, by the word of that kind.
pub type Sums = Vec<(String, i64)>;

impl Store {
    /// Mails given up since then.
    pub async fn n_dead_since(&self, since: Timestamp) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM outbox WHERE state = 'dead' \
                   AND COALESCE(dead_at, created_at) > $1 \
                   AND COALESCE(cause, '') NOT IN ('cancelled', 'recipient_removed')";
        let rows = self.db.rows(sql, args![since]).await?;
        rows.first().map_or(Ok(0), |row| row.int("n"))
    }

    pub async fn cases_by_state(&self) -> Result<Sums, StoreError> {
        let sql = "SELECT state AS word, COUNT(*) AS n FROM cases GROUP BY state ORDER BY state";
        self.sums(sql, &[]).await
    }

    pub async fn deliveries_by_state(&self) -> Result<Sums, StoreError> {
        let sql = "SELECT state AS word, COUNT(*) AS n FROM outbox GROUP BY state ORDER BY state";
        self.sums(sql, &[]).await
    }

    /// `well`; `trouble`, which may pass; `blind`, which the operator is told of; `quiet`.
    pub async fn sources_by_condition(&self, now: Timestamp) -> Result<Sums, StoreError> {
        let sql = "SELECT word, COUNT(*) AS n FROM (SELECT CASE \
             WHEN trouble IS NOT NULL AND tell_at <= $1 THEN 'blind' \
             WHEN trouble IS NOT NULL THEN 'trouble' \
             WHEN quiet_at <= last_ok_at THEN 'quiet' ELSE 'well' END AS word \
             FROM sources WHERE active = 1) AS each_source GROUP BY word ORDER BY word";
        self.sums(sql, args![now]).await
    }

    async fn sums(
        &self,
        sql: &'static str,
        args: &[super::db::Arg<'_>],
    ) -> Result<Sums, StoreError> {
        let rows = self.db.rows(sql, args).await?;
        rows.iter()
            .map(|row| Ok((row.text("word")?, row.int("n")?)))
            .collect()
    }
}
