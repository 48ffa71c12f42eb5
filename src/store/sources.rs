//! Sources and their hosts: claimed when both are due, settled with everything their document brought.

use super::db::Row;
use super::{
    Admission, ClaimedSource, HostRobots, Lease, NewTrouble, Settled, SourceRow, SourceState,
    Store, StoreError, Validators, args, health, posts,
};
use crate::model::{SourceId, Timestamp};

impl Store {
    /// Makes the sources of the configuration those of the database. One whose kind or selectors
    /// changed is read again at once: its validators would hide what a mended selector finds. One at
    /// another URL is read as if new.
    pub async fn sync_sources(
        &self,
        sources: &[SourceRow],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.execute("UPDATE sources SET active = 0", &[]).await?;
        for source in sources {
            tx.execute(
                "INSERT INTO hosts (host, next_at) VALUES ($1, 0) ON CONFLICT (host) DO NOTHING",
                args![&source.host],
            )
            .await?;
            tx.execute(
                "INSERT INTO sources (id, name, host, mapping, address, active, next_at) \
                 VALUES ($1, $2, $3, $4, $5, 1, $6) \
                 ON CONFLICT (id) DO UPDATE SET active = 1",
                args![
                    &source.id.0,
                    &source.name,
                    &source.host,
                    &source.mapping,
                    &source.address,
                    now
                ],
            )
            .await?;
            tx.execute(
                "UPDATE sources SET host = $2, mapping = $3, etag = NULL, last_modified = NULL, \
                 body_hash = NULL, n_failures = 0, next_at = $4 \
                 WHERE id = $1 AND mapping <> $3",
                args![&source.id.0, &source.host, &source.mapping, now],
            )
            .await?;
            // An older version kept no address: then only the reader may have changed.
            tx.execute(
                "UPDATE sources SET baseline_at = CASE WHEN address IS NULL THEN baseline_at END, \
                 address = $2 WHERE id = $1 AND address IS DISTINCT FROM $2",
                args![&source.id.0, &source.address],
            )
            .await?;
        }
        tx.commit().await
    }

    /// Leases due sources, at most one a host: the host's `next_at` moves to the end of the lease, so
    /// that one request a host is under way in the whole fleet.
    pub async fn claim_sources(
        &self,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedSource>, StoreError> {
        let mut tx = self.db.begin().await?;
        let candidates = tx
            .claimable(
                "SELECT s.*, h.robots, h.robots_at FROM sources s JOIN hosts h ON h.host = s.host \
                 WHERE s.active = 1 AND s.next_at <= $1 AND s.lease_until <= $1 \
                 AND h.next_at <= $1 ORDER BY s.next_at, s.id LIMIT $2",
                "SELECT s.*, h.robots, h.robots_at FROM sources s JOIN hosts h ON h.host = s.host \
                 WHERE s.active = 1 AND s.next_at <= $1 AND s.lease_until <= $1 \
                 AND h.next_at <= $1 ORDER BY s.next_at, s.id LIMIT $2 \
                 FOR UPDATE OF s SKIP LOCKED",
                args![now, i64::from(limit)],
            )
            .await?;
        let mut claimed = Vec::new();
        for row in &candidates {
            let host = row.text("host")?;
            if !claim_host(&mut tx, &host, now, until).await? {
                continue;
            }
            let id = row.text("id")?;
            tx.execute(
                "UPDATE sources SET lease_owner = $2, lease_until = $3, \
                 lease_token = lease_token + 1 WHERE id = $1",
                args![&id, owner, until],
            )
            .await?;
            claimed.push(claimed_source(row, id, host, until)?);
        }
        tx.commit().await?;
        Ok(claimed)
    }

    /// Ends a claim and stores what it brought, in one transaction. False when the lease was lost: then
    /// nothing at all is written.
    pub async fn settle_source(
        &self,
        source: &ClaimedSource,
        settled: &Settled,
        admission: &Admission,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let ended = tx
            .execute(
                "UPDATE sources SET lease_owner = NULL, lease_until = 0, next_at = $4 \
                 WHERE id = $1 AND lease_token = $2 AND lease_until > $3",
                args![&source.id.0, source.lease.token, now, settled.next_at],
            )
            .await?;
        if ended == 0 {
            return Ok(false);
        }
        match &settled.trouble {
            None => note_success(&mut tx, source, settled, now).await?,
            Some(trouble) => {
                note_failure(&mut tx, source, trouble, now).await?;
                if trouble.rests_host {
                    health::note_rest(&mut tx, source, settled, trouble, now).await?;
                }
            }
        }
        if let Some(parsed) = &settled.parsed {
            health::note_parsed(&mut tx, &source.id, parsed).await?;
        }
        release_host(
            &mut tx,
            &source.host,
            settled.host_next_at,
            settled.robots.as_ref(),
        )
        .await?;
        let n_new = posts::admit(&mut tx, &source.id, admission, now).await?;
        if n_new > 0 {
            tx.execute(
                "UPDATE sources SET last_new_at = $2, n_posts = n_posts + $3 WHERE id = $1",
                args![&source.id.0, now, n_new],
            )
            .await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// When the next source or page may be claimed, looking at its host too; `None`: nothing waits.
    pub async fn next_claim_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let rows = self
            .db
            .rows(
                "SELECT MIN(CASE WHEN w.next_at > h.next_at THEN w.next_at ELSE h.next_at END) AS at \
                 FROM (SELECT host, next_at FROM sources WHERE active = 1 \
                 UNION ALL SELECT host, next_at FROM pages) w JOIN hosts h ON h.host = w.host",
                &[],
            )
            .await?;
        rows.first().map_or(Ok(None), |row| row.opt_at("at"))
    }

    pub async fn source_states(&self) -> Result<Vec<SourceState>, StoreError> {
        let sql = "SELECT * FROM sources WHERE active = 1 ORDER BY name";
        self.db
            .rows(sql, &[])
            .await?
            .iter()
            .map(source_state)
            .collect()
    }
}

/// True when the host was free and is now taken until the end of the lease.
pub(super) async fn claim_host(
    tx: &mut super::db::Tx,
    host: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool, StoreError> {
    // The predicate is repeated so that a worker which waited for the row sees the new lease.
    let sql = "UPDATE hosts SET next_at = $3 WHERE host = $1 AND next_at <= $2";
    Ok(tx.execute(sql, args![host, now, until]).await? == 1)
}

pub(super) async fn release_host(
    tx: &mut super::db::Tx,
    host: &str,
    next_at: Timestamp,
    robots: Option<&HostRobots>,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE hosts SET next_at = $2 WHERE host = $1",
        args![host, next_at],
    )
    .await?;
    if let Some(robots) = robots {
        tx.execute(
            "UPDATE hosts SET robots = $2, robots_at = $3 WHERE host = $1",
            args![host, &robots.text, robots.fetched_at],
        )
        .await?;
    }
    Ok(())
}

async fn note_success(
    tx: &mut super::db::Tx,
    source: &ClaimedSource,
    settled: &Settled,
    now: Timestamp,
) -> Result<(), StoreError> {
    // A document that has not changed still lacks what could not be read of it.
    tx.execute(
        "UPDATE sources SET n_failures = 0, last_ok_at = $2, trouble = NULL, trouble_at = NULL, \
         tell_at = NULL, cause = NULL, baseline_at = COALESCE(baseline_at, $2) WHERE id = $1",
        args![&source.id.0, now],
    )
    .await?;
    if let Some((validators, body_hash)) = &settled.read {
        tx.execute(
            "UPDATE sources SET etag = $2, last_modified = $3, body_hash = $4 WHERE id = $1",
            args![
                &source.id.0,
                &validators.etag,
                &validators.last_modified,
                body_hash
            ],
        )
        .await?;
    }
    Ok(())
}

async fn note_failure(
    tx: &mut super::db::Tx,
    source: &ClaimedSource,
    trouble: &NewTrouble,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE sources SET n_failures = n_failures + 1, trouble = $2, \
         trouble_at = COALESCE(trouble_at, $3), cause = $4, \
         tell_at = CASE WHEN tell_at < $5 THEN tell_at ELSE $5 END WHERE id = $1",
        args![
            &source.id.0,
            &trouble.sentence,
            now,
            trouble.cause,
            trouble.tell_at
        ],
    )
    .await?;
    Ok(())
}

fn claimed_source(
    row: &Row,
    id: String,
    host: String,
    until: Timestamp,
) -> Result<ClaimedSource, StoreError> {
    Ok(ClaimedSource {
        id: SourceId(id),
        host,
        validators: Validators {
            etag: row.opt_text("etag")?,
            last_modified: row.opt_text("last_modified")?,
        },
        body_hash: row.opt_text("body_hash")?,
        has_baseline: row.opt_int("baseline_at")?.is_some(),
        n_failures: row.int("n_failures")? as u32,
        trouble_at: row.opt_at("trouble_at")?,
        last_ok_at: row.opt_at("last_ok_at")?,
        reader: row.opt_text("reader")?,
        has_shown: row.opt_int("n_shown")?.is_some(),
        robots: HostRobots {
            text: row.opt_text("robots")?,
            fetched_at: row.opt_at("robots_at")?,
        },
        lease: Lease {
            token: row.int("lease_token")? + 1,
            until,
        },
    })
}

pub(super) fn source_state(row: &Row) -> Result<SourceState, StoreError> {
    Ok(SourceState {
        id: SourceId(row.text("id")?),
        name: row.text("name")?,
        n_posts: row.int("n_posts")?,
        next_at: row.at("next_at")?,
        last_ok_at: row.opt_at("last_ok_at")?,
        last_new_at: row.opt_at("last_new_at")?,
        n_failures: row.int("n_failures")? as u32,
        trouble: row.opt_text("trouble")?,
        cause: row.opt_text("cause")?,
        told_at: row.opt_at("told_at")?,
        condition: health::condition(row)?,
        note: row.opt_text("note")?,
        n_shown: row.opt_int("n_shown")?,
    })
}
