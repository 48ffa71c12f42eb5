//! Sources and their hosts: claimed when both are due, settled with everything their document brought.

use std::collections::HashMap;

use super::db::{Arg, Row, Statement, Tx};
use super::hosts::{know_host, knowing, releasing};
use super::looks::LOOKS;
use super::pages::PAGES;
use super::queue::{Queue, queue};
use super::{
    Admission, ClaimedSource, FoundFeed, HostRest, Lease, NewTrouble, Parsed, Settled, SourceRow,
    SourceState, Store, StoreError, Validators, Whereabouts, args, health, posts,
};
use crate::model::{Rhythm, SourceId, Timestamp};

static SOURCES: Queue = queue!(
    "sources",
    "id",
    "q.active = 1",
    "(SELECT COUNT(*) FROM sources o WHERE o.address = q.address AND o.id <> q.id \
     AND o.active = 1) AS n_beside, \
     (SELECT MAX(p.case_id) FROM posts p WHERE p.source_id = q.id AND p.case_id IS NOT NULL) \
     AS a_case, \
     (SELECT f.page FROM found_feeds f WHERE f.source_id = q.id) AS feed_page, \
     (SELECT f.url FROM found_feeds f WHERE f.source_id = q.id) AS feed_url"
);

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
        let rows = tx.rows("SELECT * FROM sources", &[]).await?;
        let mut known = HashMap::new();
        for row in &rows {
            known.insert(row.text("id")?, row);
        }
        for source in sources {
            // Another worker of the fleet has its work in these rows: what is as it should be is left alone.
            let row = known.remove(&source.id.0);
            if row.map_or(Ok(false), |row| is_as_configured(row, source))? {
                continue;
            }
            know_host(&mut tx, &source.host).await?;
            tx.execute(
                "INSERT INTO sources (id, name, host, mapping, address, active, next_at) \
                 VALUES ($1, $2, $3, $4, $5, 1, $6) \
                 ON CONFLICT (id) DO UPDATE SET active = 1, \
                 host = CASE WHEN sources.moved_to IS NULL THEN $3 ELSE sources.host END",
                args![
                    &source.id.0,
                    &source.name,
                    &source.host,
                    &source.mapping,
                    &source.address,
                    source.first_at
                ],
            )
            .await?;
            tx.execute(
                "UPDATE sources SET host = $2, mapping = $3, etag = NULL, last_modified = NULL, \
                 body_hash = NULL, n_failures = 0, next_at = $4, \
                 ttl_ms = NULL, skip_hours = 0, skip_days = 0, gap_ms = NULL, newest_at = NULL, \
                 n_whole = 0, moving_to = NULL, n_moving = 0, moved_to = NULL, moved_told = NULL, \
                 robots_tag = NULL \
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
        for (id, row) in known {
            if row.int("active")? == 1 {
                let sql = "UPDATE sources SET active = 0 WHERE id = $1";
                tx.execute(sql, args![&id]).await?;
            }
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
        let rows = self.claim(&SOURCES, owner, now, until, limit).await?;
        rows.iter().map(|row| claimed_source(row, until)).collect()
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
        let fresh = admission.posts.iter().filter(|new| !new.update);
        let n_fresh = fresh.count() as i64;
        let (ending, n_counted) = match (&settled.trouble, &settled.parsed) {
            (None, Some(parsed)) => (
                end_reading(source, settled, (parsed, n_fresh), now),
                n_fresh,
            ),
            (None, None) => (end_well(source, settled, now), 0),
            (Some(_), _) => (end_lease(source, settled, now), 0),
        };
        let mut first = vec![ending];
        if let Some(trouble) = &settled.trouble {
            first.push(note_failure(source, trouble, now));
            first.extend(health::note_rests(source, settled, trouble, now));
        }
        if let Some(parsed) = &settled.parsed {
            first.extend(health::note_hours(&source.id, parsed));
        }
        if settled.host != source.host {
            first.push(knowing(&settled.host));
        }
        first.extend(releasing(&settled.hosts));
        let posts = (&source.id, &*admission.posts);
        let (mut tx, stored) = posts::store(self.db.begin(), first, posts, now).await?;
        if !stored.has_ended {
            return Ok(false);
        }
        posts::admit(&mut tx, &source.id, (admission, &stored.ids), now).await?;
        let n_new = stored.ids.len() as i64;
        if settled.trouble.is_none() && source.n_beside > 0 {
            call_others(&mut tx, source, settled, now).await?;
        }
        if n_new != n_counted {
            recount(&mut tx, source, (n_new, n_counted), now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Gives a claim back unused: no answer, no failure. `trouble` is noted where there is none yet.
    /// False when the lease was lost.
    pub async fn put_off_source(
        &self,
        source: &ClaimedSource,
        next_at: Timestamp,
        hosts: &[HostRest],
        trouble: Option<&NewTrouble>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE sources SET lease_owner = NULL, lease_until = 0, next_at = $4 \
                   WHERE id = $1 AND lease_token = $2 AND lease_until > $3";
        let args = args![&source.id.0, source.lease.token, now, next_at];
        let Some(mut tx) = self.settling(sql, args, hosts).await? else {
            return Ok(false);
        };
        if let Some(trouble) = trouble {
            health::note_put_off(&mut tx, &source.id, trouble, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Prolongs the lease of a visit that takes its time; false when it was lost.
    pub async fn renew_source(
        &self,
        source: &ClaimedSource,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE sources SET lease_until = $4 \
                   WHERE id = $1 AND lease_token = $2 AND lease_until > $3";
        self.fenced(sql, args![&source.id.0, source.lease.token, now, until])
            .await
    }

    /// When the next source or page may be claimed, looking at its host too; `None`: nothing waits.
    pub async fn next_claim_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut first: Option<Timestamp> = None;
        for queue in [&SOURCES, &PAGES, &LOOKS] {
            let rows = self.db.rows(queue.next, args![i64::MAX]).await?;
            let at = rows.first().map_or(Ok(None), |row| row.opt_at("at"))?;
            first = first.into_iter().chain(at).min();
        }
        Ok(first)
    }

    /// When the next host has time for something that is due at `now`; `None`: nothing waits for one.
    pub async fn next_turn_at(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT MIN(h.next_at) AS at \
             FROM (SELECT host, next_at FROM sources WHERE active = 1 \
             UNION ALL SELECT host, next_at FROM pages \
                 UNION ALL SELECT host, next_at FROM looks) w JOIN hosts h ON h.host = w.host \
             WHERE w.next_at <= $1";
        let rows = self.db.rows(sql, args![now]).await?;
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

/// True when nothing would change.
fn is_as_configured(row: &Row, source: &SourceRow) -> Result<bool, StoreError> {
    let is_moved = row.opt_text("moved_to")?.is_some();
    Ok(row.int("active")? == 1
        && row.text("mapping")? == source.mapping
        && row.opt_text("address")?.as_deref() == Some(&source.address)
        && (is_moved || row.text("host")? == source.host))
}

/// Ends the lease and notes what is true of a source after any answer; returns nothing when the lease was lost.
fn end_lease<'a>(source: &'a ClaimedSource, settled: &'a Settled, now: Timestamp) -> Statement<'a> {
    let sql = "UPDATE sources SET lease_owner = NULL, lease_until = 0, next_at = $4, ttl_ms = $5, \
               skip_hours = $6, skip_days = $7, gap_ms = $8, newest_at = $9, n_whole = $10, \
               moving_to = $11, n_moving = $12, moved_to = $13, host = $14 \
               WHERE id = $1 AND lease_token = $2 AND lease_until > $3 \
               RETURNING 'ended' AS what";
    Statement::new(sql, lease_args(source, settled, now).to_vec())
}

/// `$1` to `$14` of the statements that end a lease.
fn lease_args<'a>(
    source: &'a ClaimedSource,
    settled: &'a Settled,
    now: Timestamp,
) -> [Arg<'a>; 14] {
    let (rhythm, place) = (&settled.rhythm, &settled.whereabouts);
    *args![
        &source.id.0,
        source.lease.token,
        now,
        settled.next_at,
        rhythm.ttl_ms,
        i64::from(rhythm.skip_hours),
        i64::from(rhythm.skip_days),
        rhythm.gap_ms,
        rhythm.newest_at,
        i64::from(settled.n_whole),
        &place.moving_to,
        i64::from(place.n_moving),
        &place.moved_to,
        &settled.host
    ]
}

/// The same after a good answer; the further columns of one that was read.
macro_rules! ending_well {
    ($($more:literal)?) => {
        concat!(
            "UPDATE sources SET lease_owner = NULL, lease_until = 0, next_at = $4, ttl_ms = $5, \
             skip_hours = $6, skip_days = $7, gap_ms = $8, newest_at = $9, n_whole = $10, \
             moving_to = $11, n_moving = $12, moved_to = $13, host = $14, n_failures = 0, \
             last_ok_at = $3, robots_tag = $15, trouble = NULL, trouble_at = NULL, \
             tell_at = NULL, cause = NULL, baseline_at = COALESCE(baseline_at, $3), \
             etag = $16, last_modified = $17, body_hash = COALESCE($18, body_hash)",
            $($more,)?
            " WHERE id = $1 AND lease_token = $2 AND lease_until > $3 RETURNING 'ended' AS what"
        )
    };
}

/// A document that has not changed still lacks what could not be read of it.
fn end_well<'a>(source: &'a ClaimedSource, settled: &'a Settled, now: Timestamp) -> Statement<'a> {
    Statement::new(ending_well!(), ending_args(source, settled, now))
}

/// The end of a document that was read, and brought posts that this source has not brought before.
fn end_reading<'a>(
    source: &'a ClaimedSource,
    settled: &'a Settled,
    (parsed, n_fresh): (&'a Parsed, i64),
    now: Timestamp,
) -> Statement<'a> {
    let mut args = ending_args(source, settled, now);
    args.extend_from_slice(args![
        &parsed.reader,
        &parsed.note,
        Some(parsed.n_shown).filter(|n_shown| *n_shown > 0),
        parsed.quiet_at,
        n_fresh,
    ]);
    let sql = ending_well!(
        ", reader = $19, note = $20, n_shown = COALESCE($21, n_shown), quiet_at = $22, \
         n_posts = n_posts + $23, last_new_at = CASE WHEN $23 > 0 THEN $3 ELSE last_new_at END"
    );
    Statement::new(sql, args)
}

fn ending_args<'a>(
    source: &'a ClaimedSource,
    settled: &'a Settled,
    now: Timestamp,
) -> Vec<Arg<'a>> {
    let validators = settled.validators.as_ref().unwrap_or(&source.validators);
    let mut args = lease_args(source, settled, now).to_vec();
    args.extend_from_slice(args![
        &settled.robots_tag,
        &validators.etag,
        &validators.last_modified,
        &settled.body_hash,
    ]);
    args
}

/// Other posts were new than those that were counted: some are known from another source.
async fn recount(
    tx: &mut Tx,
    source: &ClaimedSource,
    (n_new, n_counted): (i64, i64),
    now: Timestamp,
) -> Result<(), StoreError> {
    let last_new_at = if n_new > 0 {
        Some(now)
    } else {
        source.last_new_at
    };
    let sql = "UPDATE sources SET n_posts = n_posts + $2, last_new_at = $3 WHERE id = $1";
    let args = args![&source.id.0, n_new - n_counted, last_new_at];
    tx.execute(sql, args).await.map(drop)
}

/// Other sources with this address, if they are due within half the time for which it rests now, are
/// due at once: they read what has just come, and the address is asked once for all of them.
async fn call_others(
    tx: &mut Tx,
    source: &ClaimedSource,
    settled: &Settled,
    now: Timestamp,
) -> Result<(), StoreError> {
    let soon = now.plus_ms(settled.next_at.ms_since(now).max(0) / 2);
    tx.execute(
        "UPDATE sources SET next_at = $2 WHERE next_at > $2 AND next_at <= $3 AND id <> $1 \
         AND active = 1 AND n_failures = 0 \
         AND address = (SELECT s.address FROM sources s WHERE s.id = $1)",
        args![&source.id.0, now, soon],
    )
    .await
    .map(drop)
}

fn note_failure<'a>(
    source: &'a ClaimedSource,
    trouble: &'a NewTrouble,
    now: Timestamp,
) -> Statement<'a> {
    let (sentence, tell_at) = (&trouble.sentence, trouble.tell_at);
    let sql = "UPDATE sources SET n_failures = n_failures + 1, trouble = $2, \
               trouble_at = COALESCE(trouble_at, $3), cause = $4, \
               tell_at = CASE WHEN tell_at < $5 THEN tell_at ELSE $5 END WHERE id = $1";
    let args = args![&source.id.0, sentence, now, trouble.cause, tell_at];
    Statement::new(sql, args.to_vec())
}

fn claimed_source(row: &Row, until: Timestamp) -> Result<ClaimedSource, StoreError> {
    Ok(ClaimedSource {
        id: SourceId(row.text("id")?),
        host: row.text("host")?,
        validators: Validators {
            etag: row.opt_text("etag")?,
            last_modified: row.opt_text("last_modified")?,
        },
        body_hash: row.opt_text("body_hash")?,
        has_baseline: row.opt_int("baseline_at")?.is_some(),
        n_failures: row.int("n_failures")? as u32,
        trouble_at: row.opt_at("trouble_at")?,
        last_ok_at: row.opt_at("last_ok_at")?,
        last_new_at: row.opt_at("last_new_at")?,
        n_beside: row.int("n_beside")?,
        has_cases: row.opt_text("a_case")?.is_some(),
        found_feed: found_feed(row)?,
        reader: row.opt_text("reader")?,
        has_shown: row.opt_int("n_shown")?.is_some(),
        rhythm: Rhythm {
            ttl_ms: row.opt_int("ttl_ms")?,
            skip_hours: row.int("skip_hours")? as u32,
            skip_days: row.int("skip_days")? as u8,
            gap_ms: row.opt_int("gap_ms")?,
            newest_at: row.opt_at("newest_at")?,
        },
        n_whole: row.int("n_whole")? as u32,
        whereabouts: Whereabouts {
            moving_to: row.opt_text("moving_to")?,
            n_moving: row.int("n_moving")? as u32,
            moved_to: row.opt_text("moved_to")?,
        },
        lease: Lease {
            token: row.int("lease_token")? + 1,
            until,
        },
    })
}

fn found_feed(row: &Row) -> Result<Option<FoundFeed>, StoreError> {
    let (page, url) = (row.opt_text("feed_page")?, row.opt_text("feed_url")?);
    let found = page.zip(url);
    Ok(found.map(|(page, url)| FoundFeed { page, url }))
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
        moved_to: row.opt_text("moved_to")?,
        moved_told: row.opt_text("moved_told")?,
        robots_tag: row.opt_text("robots_tag")?,
    })
}
