//! What people said of posts, and the posts as they are read again to try keywords on them.

use super::db::Row;
use super::posts::stored_post;
use super::{Judgement, Store, StoreError, StoredPost, alerts, args};
use crate::model::{CaseId, PostId, Timestamp};

impl Store {
    /// Keeps what a person said of a post, in the place of what was said before. False when that was
    /// the same: then nothing is written, and the history of its case stays as it is.
    pub async fn judge(
        &self,
        judgement: &Judgement,
        case: Option<&CaseId>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let changed = tx
            .execute(
                "INSERT INTO judgements (post_id, is_complaint, because, judged_at) \
                 VALUES ($1, $2, $3, $4) ON CONFLICT (post_id) DO UPDATE SET \
                 is_complaint = excluded.is_complaint, because = excluded.because, \
                 judged_at = excluded.judged_at \
                 WHERE judgements.is_complaint <> excluded.is_complaint",
                args![
                    &judgement.post_id.0,
                    i64::from(judgement.is_complaint),
                    &judgement.because,
                    judgement.at,
                ],
            )
            .await?;
        if changed == 0 {
            return Ok(false);
        }
        if let Some(case) = case {
            let words = if judgement.is_complaint { "yes" } else { "no" };
            alerts::note_event(&mut tx, case, judgement.at, "judged", Some(words)).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Everything that was said, by post.
    pub async fn judgements(&self) -> Result<Vec<Judgement>, StoreError> {
        let sql =
            "SELECT post_id, is_complaint, because, judged_at FROM judgements ORDER BY post_id";
        let rows = self.db.rows(sql, &[]).await?;
        rows.iter().map(judgement).collect()
    }

    /// Posts whose identity begins with `prefix`; an unambiguous prefix gives one.
    pub async fn posts_by_prefix(&self, prefix: &str) -> Result<Vec<StoredPost>, StoreError> {
        let sql = "SELECT * FROM posts WHERE id >= $1 AND substr(id, 1, CAST($2 AS INTEGER)) = $1 \
                   ORDER BY id LIMIT 20";
        let length = prefix.chars().count() as i64;
        let rows = self.db.rows(sql, args![prefix, length]).await?;
        rows.iter().map(stored_post).collect()
    }

    /// How many posts were seen since then.
    pub async fn n_posts_since(&self, since: Timestamp) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM posts WHERE seen_at >= $1";
        let rows = self.db.rows(sql, args![since]).await?;
        rows.first().map_or(Ok(0), |row| row.int("n"))
    }

    /// The next posts that were seen since then, source by source in the order in which they came,
    /// without their verdicts: those after `last`.
    pub async fn posts_after(
        &self,
        last: Option<&StoredPost>,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<StoredPost>, StoreError> {
        let (source, seen_at, id) = match last {
            Some(last) => (last.source_id.0.as_str(), last.seen_at, last.id.0.as_str()),
            None => ("", Timestamp(i64::MIN), ""),
        };
        let sql = "SELECT id, source_id, title, text, author, url, lang, rating, published_at, \
                   reply_to, how, seen_at, CAST(NULL AS TEXT) AS verdict, circumstances, \
                   case_id FROM posts \
                   WHERE (source_id, seen_at, id) > ($1, $2, $3) AND seen_at >= $4 \
                   ORDER BY source_id, seen_at, id LIMIT $5";
        let rows = self
            .db
            .rows(sql, args![source, seen_at, id, since, i64::from(limit)])
            .await?;
        rows.iter().map(stored_post).collect()
    }
}

pub(super) fn judgement(row: &Row) -> Result<Judgement, StoreError> {
    Ok(Judgement {
        post_id: PostId(row.text("post_id")?),
        is_complaint: row.int("is_complaint")? == 1,
        because: row.text("because")?,
        at: row.at("judged_at")?,
    })
}
