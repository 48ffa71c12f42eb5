//! Hosts, of which one request at a time is asked in the whole fleet, and what their robots.txt say.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use super::batch::Batch;
use super::db::{Statement, Tx};
use super::{HostRest, HostRobots, Store, StoreError, args};
use crate::model::Timestamp;

impl Store {
    /// Takes a further host for a visit under way (a redirect leads there): `None` when it is taken
    /// until `until`, else when it may be asked next.
    pub async fn take_host(
        &self,
        host: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut tx = self.db.begin().await?;
        know_host(&mut tx, host).await?;
        let hosts = BTreeSet::from([host.to_owned()]);
        let taken = claim_hosts(&mut tx, &hosts, now, until).await?;
        let next_at = if taken.contains(host) {
            None
        } else {
            let sql = "SELECT next_at FROM hosts WHERE host = $1";
            let rows = tx.rows(sql, args![host]).await?;
            Some(rows.first().map_or(Ok(now), |row| row.at("next_at"))?)
        };
        tx.commit().await?;
        Ok(next_at)
    }

    /// Keeps the hosts of a visit for longer. Only their holder may ask for this.
    pub async fn hold_hosts(&self, hosts: &[String], until: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        for host in hosts {
            let sql = "UPDATE hosts SET next_at = $2 WHERE host = $1 AND next_at < $2";
            tx.execute(sql, args![host, until]).await?;
        }
        tx.commit().await
    }

    /// What is known of the robots.txt of this scheme, host and port.
    pub async fn robots(&self, origin: &str) -> Result<Option<HostRobots>, StoreError> {
        let sql = "SELECT text, fetched_at FROM robots WHERE origin = $1";
        let rows = self.db.rows(sql, args![origin]).await?;
        let kept = rows.first().map(|row| {
            Ok(HostRobots {
                text: row.text("text")?,
                fetched_at: row.at("fetched_at")?,
            })
        });
        kept.transpose()
    }

    pub async fn keep_robots(&self, origin: &str, robots: &HostRobots) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.execute(
            "INSERT INTO robots (origin, text, fetched_at) VALUES ($1, $2, $3) \
             ON CONFLICT (origin) DO UPDATE SET text = $2, fetched_at = $3",
            args![origin, &robots.text, robots.fetched_at],
        )
        .await?;
        tx.commit().await
    }
}

pub(super) async fn know_host(tx: &mut Tx, host: &str) -> Result<(), StoreError> {
    let Statement { sql, args } = knowing(host);
    tx.execute(sql, &args).await.map(drop)
}

pub(super) fn knowing(host: &str) -> Statement<'_> {
    let sql = "INSERT INTO hosts (host, next_at) VALUES ($1, 0) ON CONFLICT (host) DO NOTHING";
    Statement::new(sql, args![host].to_vec())
}

// The predicate is repeated so that a worker which waited for a row sees the new lease.
static TAKE: LazyLock<Batch> = LazyLock::new(|| {
    let head = "UPDATE hosts SET next_at = $2 WHERE next_at <= $1 AND host IN (";
    Batch::new(head, "?", ") RETURNING host", 2)
});

/// Those of the hosts that were free, and are now taken until the end of the lease.
pub(super) async fn claim_hosts(
    tx: &mut Tx,
    hosts: &BTreeSet<String>,
    now: Timestamp,
    until: Timestamp,
) -> Result<HashSet<String>, StoreError> {
    let hosts: Vec<_> = hosts.iter().map(|host| args![host].to_vec()).collect();
    let taken = TAKE.rows(tx, args![now, until], &hosts).await?;
    taken.iter().map(|row| row.text("host")).collect()
}

/// The end of a visit: its hosts rest, each for as long as it wants.
pub(super) fn releasing(hosts: &[HostRest]) -> impl Iterator<Item = Statement<'_>> {
    hosts.iter().map(|rest| {
        let sql = "UPDATE hosts SET next_at = $2 WHERE host = $1";
        Statement::new(sql, args![&rest.host, rest.next_at].to_vec())
    })
}
