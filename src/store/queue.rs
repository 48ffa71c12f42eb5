//! Rows that wait for their turn and for their host's: leased, and given back fenced by the lease.
//!
//! Absent: what a row is and what comes of it; its table's module knows.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::batch::Batch;
use super::db::{Arg, Row, Tx, args};
use super::hosts::{claim_hosts, releasing};
use super::{HostRest, Store, StoreError};
use crate::model::Timestamp;

/// A table of such rows: each has a `host`, `next_at`, `lease_owner`, `lease_until` and `lease_token`.
pub(super) struct Queue {
    pub(super) id: &'static str,
    /// The due rows, on either engine.
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
    pub(super) lease: &'static LazyLock<Batch>,
    /// When the next row may be claimed; its `$1` is the end of time.
    pub(super) next: &'static str,
}

/// The statements for a table and the column of its ids; a condition may say which rows take part, and a
/// further column what else is wanted of them.
macro_rules! queue {
    ($table:literal, $id:literal $(, $condition:literal $(, $also:literal)?)?) => {
        queue!(@ $id,
            concat!(
                "SELECT q.*", $($(", ", $also,)?)? " FROM ", $table,
                " q JOIN hosts h ON h.host = q.host WHERE ",
                $($condition, " AND ",)?
                "q.next_at <= $1 AND q.lease_until <= $1 AND h.next_at <= $1 \
                 ORDER BY q.next_at, q.", $id, " LIMIT $2"
            ),
            concat!(
                "SELECT q.*", $($(", ", $also,)?)? " FROM ", $table,
                " q JOIN hosts h ON h.host = q.host WHERE ",
                $($condition, " AND ",)?
                "q.next_at <= $1 AND q.lease_until <= $1 AND h.next_at <= $1 \
                 ORDER BY q.next_at, q.", $id, " LIMIT $2 FOR UPDATE OF q SKIP LOCKED"
            ),
            // What falls due first at a host that is free by then bounds the search: only what is due
            // before it can have to wait for a host that is free earlier.
            concat!(
                "SELECT MIN(CASE WHEN q.next_at > h.next_at THEN q.next_at ELSE h.next_at END) AS at \
                 FROM ", $table, " q JOIN hosts h ON h.host = q.host WHERE ",
                $($condition, " AND ",)?
                "q.next_at <= COALESCE((SELECT q.next_at FROM ", $table,
                " q JOIN hosts h ON h.host = q.host WHERE ", $($condition, " AND ",)?
                "h.next_at <= q.next_at ORDER BY q.next_at LIMIT 1), $1)"
            ),
            concat!(
                "UPDATE ", $table, " SET lease_owner = $1, lease_until = $2, \
                 lease_token = lease_token + 1 WHERE ", $id, " IN ("
            )
        )
    };
    (@ $id:literal, $sqlite:expr, $postgres:expr, $next:expr, $lease:expr) => {
        $crate::store::queue::Queue {
            id: $id,
            sqlite: $sqlite,
            postgres: $postgres,
            lease: {
                static LEASE: std::sync::LazyLock<$crate::store::batch::Batch> =
                    std::sync::LazyLock::new(|| {
                        $crate::store::batch::Batch::new($lease, "?", ")", 2)
                    });
                &LEASE
            },
            next: $next,
        }
    };
}

pub(super) use queue;

impl Store {
    /// Leases due rows, at most one a host: the host's `next_at` moves to the end of the lease, so that
    /// one request a host is under way in the whole fleet. The rows are as they were before.
    pub(super) async fn claim(
        &self,
        queue: &Queue,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        let mut tx = self.db.begin().await?;
        let due = args![now, i64::from(limit)];
        let candidates = tx.claimable(queue.sqlite, queue.postgres, due).await?;
        // In the order of their names, so that workers who want the same never wait for each other.
        let mut hosts = BTreeSet::new();
        let mut claimed = Vec::new();
        for row in candidates {
            let host = row.text("host")?;
            if hosts.insert(host.clone()) {
                claimed.push((host, row));
            }
        }
        let taken = claim_hosts(&mut tx, &hosts, now, until).await?;
        claimed.retain(|(host, _)| taken.contains(host));
        let claimed: Vec<Row> = claimed.into_iter().map(|(_, row)| row).collect();
        let ids = claimed.iter().map(|row| row.text(queue.id));
        let ids: Vec<String> = ids.collect::<Result<_, _>>()?;
        let leased: Vec<_> = ids.iter().map(|id| args![id].to_vec()).collect();
        let lease = args![owner, until];
        tx.all(&queue.lease.statements(lease, &leased)).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    /// Begins to settle a row by a statement that its lease fences, and lets the hosts of its visit
    /// rest; what else comes of it goes into the same transaction. `None` when the lease was lost: then
    /// nothing is written.
    pub(super) async fn settling(
        &self,
        sql: &'static str,
        args: &[Arg<'_>],
        hosts: &[HostRest],
    ) -> Result<Option<Tx>, StoreError> {
        let mut tx = self.db.begin().await?;
        if tx.execute(sql, args).await? == 0 {
            return Ok(None);
        }
        let releasing: Vec<_> = releasing(hosts).collect();
        tx.all(&releasing).await?;
        Ok(Some(tx))
    }

    /// Runs a statement that a lease fences; false when the lease was lost, and nothing has changed.
    pub(super) async fn fenced(
        &self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<bool, StoreError> {
        match self.settling(sql, args, &[]).await? {
            Some(tx) => tx.commit().await.map(|()| true),
            None => Ok(false),
        }
    }
}
