//! Where the posts of cases are seen: elsewhere too, in other words, or no longer.

use super::db::{Row, Tx};
use super::{Absence, CaseRow, NewPost, Store, StoreError, WatchedCase, alerts, args, cases};
use crate::model::{CaseId, PostId, SourceId, Timestamp};

impl Store {
    /// Cases that this source alone has shown and that could vanish from it or come back: the live
    /// ones, and those whose post is gone. What a person brought need never have been shown by it.
    pub async fn watched_cases(&self, source: &SourceId) -> Result<Vec<WatchedCase>, StoreError> {
        let sql = "SELECT c.*, p.published_at FROM posts p JOIN cases c ON c.id = p.case_id AND c.post_id = p.id \
                   WHERE p.source_id = $1 AND p.case_id IS NOT NULL AND p.how <> 'by-hand' \
                   AND (c.due_at IS NOT NULL OR c.state = 'gone') AND NOT EXISTS \
                   (SELECT 1 FROM sightings s WHERE s.post_id = p.id) ORDER BY c.id";
        let rows = self.db.rows(sql, args![&source.0]).await?;
        rows.iter().map(watched_case).collect()
    }

    /// Those of them that the last document missed.
    pub async fn missing_cases(&self, source: &SourceId) -> Result<Vec<WatchedCase>, StoreError> {
        let sql = "SELECT c.*, p.published_at FROM posts p JOIN cases c ON c.id = p.case_id AND c.post_id = p.id \
                   WHERE p.source_id = $1 AND p.case_id IS NOT NULL AND c.missing_at IS NOT NULL \
                   AND c.due_at IS NOT NULL \
                   AND NOT EXISTS (SELECT 1 FROM sightings s WHERE s.post_id = p.id) ORDER BY c.id";
        let rows = self.db.rows(sql, args![&source.0]).await?;
        rows.iter().map(watched_case).collect()
    }

    /// The sources, beside the first, at which this post was seen, each with its link there.
    pub async fn seen_elsewhere(
        &self,
        post: &PostId,
    ) -> Result<Vec<(SourceId, Option<String>)>, StoreError> {
        let sql =
            "SELECT source_id, url FROM sightings WHERE post_id = $1 ORDER BY seen_at, source_id";
        let rows = self.db.rows(sql, args![&post.0]).await?;
        rows.iter()
            .map(|row| Ok((SourceId(row.text("source_id")?), row.opt_text("url")?)))
            .collect()
    }
}

/// The same story at another source: its case hears of it once, and a letter about it that no server
/// has seen yet says so too.
pub(super) async fn note_elsewhere(
    tx: &mut Tx,
    source: &SourceId,
    new: &NewPost,
    now: Timestamp,
) -> Result<(), StoreError> {
    let rows = tx
        .rows(
            "SELECT source_id, case_id FROM posts WHERE id = $1",
            args![&new.id.0],
        )
        .await?;
    let Some(first) = rows.first() else {
        return Ok(());
    };
    if first.text("source_id")? == source.0 {
        return Ok(());
    }
    let url = new.post.url.as_ref().map(|url| url.replace('\0', ""));
    let noted = tx
        .execute(
            "INSERT INTO sightings (post_id, source_id, url, seen_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (post_id, source_id) DO NOTHING",
            args![&new.id.0, &source.0, &url, now],
        )
        .await?;
    if let Some(case) = first.opt_text("case_id")?.filter(|_| noted == 1) {
        let case = CaseId(case);
        alerts::note_event(tx, &case, now, "seen_elsewhere", url.as_deref()).await?;
        for letter in &new.also {
            alerts::replace_unsent(tx, letter).await?;
        }
    }
    Ok(())
}

/// The author of a case changed his post: noted once until something else happens, because some
/// pages change their words at every reading.
pub(super) async fn note_edit(
    tx: &mut Tx,
    post: &PostId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let rows = tx
        .rows(
            "SELECT p.case_id, (SELECT e.event FROM case_events e WHERE e.case_id = p.case_id \
             ORDER BY e.seq DESC LIMIT 1) AS last FROM posts p WHERE p.id = $1",
            args![&post.0],
        )
        .await?;
    let Some(row) = rows.first() else {
        return Ok(());
    };
    match (row.opt_text("case_id")?, row.opt_text("last")?.as_deref()) {
        (Some(_), Some("edited")) | (None, _) => Ok(()),
        (Some(case), _) => alerts::note_event(tx, &CaseId(case), now, "edited", None).await,
    }
}

/// What a reading found out about the post of a case.
pub(super) async fn note_absence(
    tx: &mut Tx,
    absence: &Absence,
    now: Timestamp,
) -> Result<(), StoreError> {
    let case = &absence.row.id;
    let (since, n) = absence
        .missing
        .map_or((None, 0), |(since, n)| (Some(since), n));
    tx.execute(
        "UPDATE cases SET missing_at = $2, n_missing = $3 WHERE id = $1",
        args![&case.0, since, n],
    )
    .await?;
    if let Some((next, event)) = &absence.step
        && cases::step(tx, &absence.row, next).await?
    {
        alerts::note_event(tx, case, now, event, None).await?;
    }
    Ok(())
}

fn watched_case(row: &Row) -> Result<WatchedCase, StoreError> {
    let case: CaseRow = cases::case_row(row)?;
    let n = row.int("n_missing")?;
    Ok(WatchedCase {
        row: case,
        published: row.opt_at("published_at")?,
        missing: row.opt_at("missing_at")?.map(|since| (since, n)),
    })
}
