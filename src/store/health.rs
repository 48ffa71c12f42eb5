//! How sources are: their hours, what ails them, and what the operator was told.

use std::sync::LazyLock;

use super::batch::Batch;
use super::db::{Row, Statement, Tx};
use super::{
    ClaimedSource, HostRest, NewAlert, NewTrouble, Parsed, Settled, SourceState, Store, StoreError,
    Telling, alerts, args, sources,
};
use crate::model::{Ailment, Condition, HABIT_DAYS, HourCount, SourceId, Timestamp};

/// Sources looked at in one round; the rest come in the next.
const AILING_MAX: i64 = 2_000;
/// Hours are kept a little longer than the habit looks back.
const SPARE_DAYS: i64 = 2;
/// No pace and no `Crawl-delay` is longer: a host that rests longer has asked to be left alone.
const PACE_MS_MAX: i64 = 60_000;

impl Store {
    /// Sources in whose health something may have to be told.
    pub async fn ailing_sources(&self, now: Timestamp) -> Result<Vec<SourceState>, StoreError> {
        let sql = "SELECT * FROM sources WHERE active = 1 AND (tell_at <= $1 OR quiet_at <= $1 \
                   OR told_at IS NOT NULL OR moved_told IS DISTINCT FROM moved_to) \
                   ORDER BY name, id LIMIT $2";
        let rows = self.db.rows(sql, args![now, AILING_MAX]).await?;
        rows.iter().map(sources::source_state).collect()
    }

    /// Notes what the operator is told, with the letters that tell him, in one transaction. False when
    /// another worker told it first: then nothing is written.
    pub async fn tell_of_sources(
        &self,
        tellings: &[Telling],
        letters: &[NewAlert],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        for telling in tellings {
            let told = tx
                .execute(
                    "UPDATE sources SET told_of = $3, told_at = CASE WHEN $3 IS NULL THEN NULL \
                     ELSE $4 END, alarmed_at = CASE WHEN $3 IS NULL THEN alarmed_at ELSE $4 END \
                     WHERE id = $1 AND told_of IS NOT DISTINCT FROM $2",
                    args![
                        &telling.source.0,
                        telling.knew.map(Ailment::code),
                        telling.of.map(Ailment::code),
                        now
                    ],
                )
                .await?;
            if told == 0 {
                return Ok(false);
            }
        }
        for letter in letters {
            alerts::insert(&mut tx, letter, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Notes of which moves the operator is told, with the letters that tell him, in one transaction.
    /// False when another worker told it first: then nothing is written.
    pub async fn tell_of_moves(
        &self,
        moves: &[(SourceId, String)],
        letters: &[NewAlert],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        for (source, to) in moves {
            let sql = "UPDATE sources SET moved_told = $2 \
                       WHERE id = $1 AND moved_to = $2 AND moved_told IS DISTINCT FROM $2";
            if tx.execute(sql, args![&source.0, to]).await? == 0 {
                return Ok(false);
            }
        }
        for letter in letters {
            alerts::insert(&mut tx, letter, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Letters to the operator since `from`. They belong to no case, and those have an index of their own.
    pub async fn count_operator_letters(&self, from: Timestamp) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM alerts \
                   WHERE case_id IS NULL AND kind = 'operator' AND created_at > $1";
        let rows = self.db.rows(sql, args![from]).await?;
        rows.first().map_or(Ok(0), |row| row.int("n"))
    }

    /// In which hours this source published, as far back as its habit looks.
    pub async fn source_hours(&self, source: &SourceId) -> Result<Vec<HourCount>, StoreError> {
        let sql = "SELECT hour, n FROM source_hours WHERE source_id = $1 ORDER BY hour";
        let rows = self.db.rows(sql, args![&source.0]).await?;
        rows.iter()
            .map(|row| {
                Ok(HourCount {
                    hour: row.int("hour")?,
                    n: row.int("n")?,
                })
            })
            .collect()
    }
}

static HOURS: LazyLock<Batch> = LazyLock::new(|| {
    let head = "INSERT INTO source_hours (source_id, hour, n) VALUES ";
    let tail = " ON CONFLICT (source_id, hour) DO UPDATE SET n = source_hours.n + excluded.n";
    Batch::new(head, "($1, ?, ?)", tail, 1)
});

/// Counts the hours of new posts, and forgets those that are too old for the habit.
pub(super) fn note_hours<'a>(source: &'a SourceId, parsed: &Parsed) -> Vec<Statement<'a>> {
    let Some(newest) = parsed.hours.iter().map(|count| count.hour).max() else {
        return Vec::new();
    };
    let hours = parsed.hours.iter();
    let hours: Vec<_> = hours
        .map(|count| args![count.hour, count.n].to_vec())
        .collect();
    let mut noting = HOURS.statements(args![&source.0], &hours);
    let from = newest - (HABIT_DAYS + SPARE_DAYS) * 24;
    if parsed.oldest_hour.is_some_and(|oldest| oldest < from) {
        let sql = "DELETE FROM source_hours WHERE source_id = $1 AND hour < $2";
        noting.push(Statement::new(sql, args![&source.0, from].to_vec()));
    }
    noting
}

/// Hosts that want to be left alone: their other sources that fall due meanwhile are in trouble too,
/// and told of a day later if none of them has been read by then.
pub(super) fn note_rests<'a>(
    source: &'a ClaimedSource,
    settled: &'a Settled,
    trouble: &'a NewTrouble,
    now: Timestamp,
) -> impl Iterator<Item = Statement<'a>> {
    let tired = move |rest: &&HostRest| rest.next_at > now.plus_ms(PACE_MS_MAX);
    settled.hosts.iter().filter(tired).map(move |rest| {
        let args = args![
            &rest.host,
            &source.id.0,
            &trouble.sentence,
            now,
            trouble.cause,
            now.plus_days(1),
            rest.next_at
        ];
        let sql = "UPDATE sources SET trouble = $3, trouble_at = $4, cause = $5, tell_at = $6 \
                   WHERE host = $1 AND id <> $2 AND active = 1 AND trouble IS NULL AND next_at < $7";
        Statement::new(sql, args.to_vec())
    })
}

/// A source that could not be asked for long is in trouble, without having failed.
pub(super) async fn note_put_off(
    tx: &mut Tx,
    source: &SourceId,
    trouble: &NewTrouble,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE sources SET trouble = $2, trouble_at = $3, cause = $4, tell_at = $5 \
         WHERE id = $1 AND trouble IS NULL",
        args![
            &source.0,
            &trouble.sentence,
            now,
            trouble.cause,
            trouble.tell_at
        ],
    )
    .await
    .map(drop)
}

pub(super) fn condition(row: &Row) -> Result<Condition, StoreError> {
    Ok(Condition {
        trouble_at: row.opt_at("trouble_at")?,
        tell_at: row.opt_at("tell_at")?,
        quiet_at: row.opt_at("quiet_at")?,
        last_ok_at: row.opt_at("last_ok_at")?,
        told_of: row.opt_text("told_of")?.as_deref().and_then(Ailment::parse),
        alarmed_at: row.opt_at("alarmed_at")?,
    })
}
