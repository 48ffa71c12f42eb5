//! The feeds found on the web pages that are given as sources.

use super::db::Tx;
use super::{Store, StoreError, args};
use crate::model::{SourceId, Timestamp};

impl Store {
    /// The feed found for this source on `page`, its configured address.
    pub async fn found_feed(
        &self,
        source: &SourceId,
        page: &str,
    ) -> Result<Option<String>, StoreError> {
        let sql = "SELECT url FROM found_feeds WHERE source_id = $1 AND page = $2";
        let rows = self.db.rows(sql, args![&source.0, page]).await?;
        rows.first().map(|row| row.text("url")).transpose()
    }

    /// Keeps the feed to be read from now on. The page's validators go: a feed that is asked with them
    /// could seem unchanged although nobody has read it.
    pub async fn keep_found_feed(
        &self,
        source: &SourceId,
        page: &str,
        url: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.execute(
            "INSERT INTO found_feeds (source_id, page, url, found_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (source_id) DO UPDATE SET page = excluded.page, url = excluded.url, \
             found_at = excluded.found_at",
            args![&source.0, page, url, now],
        )
        .await?;
        drop_validators(&mut tx, source).await?;
        tx.commit().await
    }

    /// Forgets a feed that can be read no more. Its validators go with it: they say nothing about the
    /// page, which is asked next.
    pub async fn forget_found_feed(&self, source: &SourceId) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.execute(
            "DELETE FROM found_feeds WHERE source_id = $1",
            args![&source.0],
        )
        .await?;
        drop_validators(&mut tx, source).await?;
        tx.commit().await
    }
}

async fn drop_validators(tx: &mut Tx, source: &SourceId) -> Result<(), StoreError> {
    let sql =
        "UPDATE sources SET etag = NULL, last_modified = NULL, body_hash = NULL WHERE id = $1";
    tx.execute(sql, args![&source.0]).await.map(drop)
}
