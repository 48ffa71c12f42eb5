//! Linked pages whose full text is still awaited.

use super::{Admission, ClaimedPage, HostRobots, Lease, Store, StoreError, args, posts, sources};
use crate::model::{PostId, SourceId, Timestamp};

impl Store {
    /// Leases due pages, at most one a host, by the same host rows as the sources.
    pub async fn claim_pages(
        &self,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedPage>, StoreError> {
        let mut tx = self.db.begin().await?;
        let candidates = tx
            .claimable(
                "SELECT p.*, h.robots, h.robots_at FROM pages p JOIN hosts h ON h.host = p.host \
                 WHERE p.next_at <= $1 AND p.lease_until <= $1 AND h.next_at <= $1 \
                 ORDER BY p.next_at, p.post_id LIMIT $2",
                "SELECT p.*, h.robots, h.robots_at FROM pages p JOIN hosts h ON h.host = p.host \
                 WHERE p.next_at <= $1 AND p.lease_until <= $1 AND h.next_at <= $1 \
                 ORDER BY p.next_at, p.post_id LIMIT $2 FOR UPDATE OF p SKIP LOCKED",
                args![now, i64::from(limit)],
            )
            .await?;
        let mut claimed = Vec::new();
        for row in &candidates {
            let host = row.text("host")?;
            if !sources::claim_host(&mut tx, &host, now, until).await? {
                continue;
            }
            let post_id = row.text("post_id")?;
            tx.execute(
                "UPDATE pages SET lease_owner = $2, lease_until = $3, \
                 lease_token = lease_token + 1 WHERE post_id = $1",
                args![&post_id, owner, until],
            )
            .await?;
            claimed.push(ClaimedPage {
                post_id: PostId(post_id),
                source_id: SourceId(row.text("source_id")?),
                url: row.text("url")?,
                host,
                n_failures: row.int("n_failures")? as u32,
                robots: HostRobots {
                    text: row.opt_text("robots")?,
                    fetched_at: row.opt_at("robots_at")?,
                },
                lease: Lease {
                    token: row.int("lease_token")? + 1,
                    until,
                },
            });
        }
        tx.commit().await?;
        Ok(claimed)
    }

    /// Ends a page with what it brought; false when the lease was lost.
    pub async fn settle_page(
        &self,
        page: &ClaimedPage,
        host_next_at: Timestamp,
        robots: Option<&HostRobots>,
        admission: &Admission,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let ended = tx
            .execute(
                "DELETE FROM pages WHERE post_id = $1 AND lease_token = $2 AND lease_until > $3",
                args![&page.post_id.0, page.lease.token, now],
            )
            .await?;
        if ended == 0 {
            return Ok(false);
        }
        sources::release_host(&mut tx, &page.host, host_next_at, robots).await?;
        posts::admit(&mut tx, &page.source_id, admission, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Puts a page off after a failure; false when the lease was lost.
    pub async fn postpone_page(
        &self,
        page: &ClaimedPage,
        next_at: Timestamp,
        host_next_at: Timestamp,
        robots: Option<&HostRobots>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let ended = tx
            .execute(
                "UPDATE pages SET lease_owner = NULL, lease_until = 0, next_at = $4, \
                 n_failures = n_failures + 1 \
                 WHERE post_id = $1 AND lease_token = $2 AND lease_until > $3",
                args![&page.post_id.0, page.lease.token, now, next_at],
            )
            .await?;
        if ended == 0 {
            return Ok(false);
        }
        sources::release_host(&mut tx, &page.host, host_next_at, robots).await?;
        tx.commit().await?;
        Ok(true)
    }
}
