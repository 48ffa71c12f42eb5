//! Linked pages whose full text is still awaited.

use super::db::Row;
use super::queue::{Queue, queue};
use super::{Admission, ClaimedPage, HostRest, Lease, Store, StoreError, args, posts};
use crate::model::{PostId, SourceId, Timestamp};

pub(super) static PAGES: Queue = queue!("pages", "post_id");

impl Store {
    /// Leases due pages, at most one a host, by the same host rows as the sources.
    pub async fn claim_pages(
        &self,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedPage>, StoreError> {
        let rows = self.claim(&PAGES, owner, now, until, limit).await?;
        rows.iter().map(|row| claimed_page(row, until)).collect()
    }

    /// Ends a page with what it brought; false when the lease was lost.
    pub async fn settle_page(
        &self,
        page: &ClaimedPage,
        hosts: &[HostRest],
        admission: &Admission,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "DELETE FROM pages WHERE post_id = $1 AND lease_token = $2 AND lease_until > $3";
        let args = args![&page.post_id.0, page.lease.token, now];
        let Some(tx) = self.settling(sql, args, hosts).await? else {
            return Ok(false);
        };
        let posts = (&page.source_id, &*admission.posts);
        let (mut tx, stored) = posts::store(async { Ok(tx) }, Vec::new(), posts, now).await?;
        posts::admit(&mut tx, &page.source_id, (admission, &stored.ids), now).await?;
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
        let sql = "UPDATE pages SET lease_owner = NULL, lease_until = 0, next_at = $4, \
                   n_failures = n_failures + $5 \
                   WHERE post_id = $1 AND lease_token = $2 AND lease_until > $3";
        let n_more = i64::from(has_failed);
        let args = args![&page.post_id.0, page.lease.token, now, next_at, n_more];
        let Some(tx) = self.settling(sql, args, hosts).await? else {
            return Ok(false);
        };
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

fn claimed_page(row: &Row, until: Timestamp) -> Result<ClaimedPage, StoreError> {
    Ok(ClaimedPage {
        post_id: PostId(row.text("post_id")?),
        source_id: SourceId(row.text("source_id")?),
        url: row.text("url")?,
        host: row.text("host")?,
        n_failures: row.int("n_failures")? as u32,
        lease: Lease {
            token: row.int("lease_token")? + 1,
            until,
        },
    })
}
