//! Linked pages whose full text is still awaited.

use super::hosts::{claim_host, release_hosts};
use super::{Admission, ClaimedPage, HostRest, Lease, Store, StoreError, args, posts};
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
                "SELECT p.* FROM pages p JOIN hosts h ON h.host = p.host \
                 WHERE p.next_at <= $1 AND p.lease_until <= $1 AND h.next_at <= $1 \
                 ORDER BY p.next_at, p.post_id LIMIT $2",
                "SELECT p.* FROM pages p JOIN hosts h ON h.host = p.host \
                 WHERE p.next_at <= $1 AND p.lease_until <= $1 AND h.next_at <= $1 \
                 ORDER BY p.next_at, p.post_id LIMIT $2 FOR UPDATE OF p SKIP LOCKED",
                args![now, i64::from(limit)],
            )
            .await?;
        let mut claimed = Vec::new();
        for row in &candidates {
            let host = row.text("host")?;
            if !claim_host(&mut tx, &host, now, until).await? {
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
        hosts: &[HostRest],
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
        release_hosts(&mut tx, hosts).await?;
        posts::admit(&mut tx, &page.source_id, admission, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Puts a page off, after a failure or unread; false when the lease was lost.
    pub async fn postpone_page(
        &self,
        page: &ClaimedPage,
        has_failed: bool,
        next_at: Timestamp,
        hosts: &[HostRest],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let ended = tx
            .execute(
                "UPDATE pages SET lease_owner = NULL, lease_until = 0, next_at = $4, \
                 n_failures = n_failures + $5 \
                 WHERE post_id = $1 AND lease_token = $2 AND lease_until > $3",
                args![
                    &page.post_id.0,
                    page.lease.token,
                    now,
                    next_at,
                    i64::from(has_failed)
                ],
            )
            .await?;
        if ended == 0 {
            return Ok(false);
        }
        release_hosts(&mut tx, hosts).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Prolongs the lease of a visit that takes its time; false when it was lost.
    pub async fn renew_page(
        &self,
        page: &ClaimedPage,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE pages SET lease_until = $4 \
                   WHERE post_id = $1 AND lease_token = $2 AND lease_until > $3";
        self.fenced(sql, args![&page.post_id.0, page.lease.token, now, until])
            .await
    }
}
