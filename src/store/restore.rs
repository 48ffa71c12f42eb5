//! A backup put in the place of a database, and the mails that it might send a second time.
//!
//! A backup does not know what was sent after it. So what was waiting in it is held until a person
//! decides, and so are, for a day, the letters about what was published before the restore: the next
//! readings find it again. **Invariant:** nothing is deleted; what stood in the place is moved aside.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::db::{Db, Tx, args};
use super::fault::Fault;
use super::mark::{self, Mark};
use super::schema::{self, Schema};
use super::{Admission, DeliveryRow, NewAlert, Store, StoreError, backup, open, outbox, place};
use crate::model::Timestamp;

/// `next_at` of a mail that waits for a person's word: no clock comes there.
const HELD_AT: Timestamp = Timestamp(i64::MAX / 2);
/// For so long after a restore a reading may bring what was told before it.
const CATCH_UP_HOURS: i64 = 24;

/// What a restore did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Where the database is now that was there before.
    pub aside: Option<PathBuf>,
    /// Mails that were waiting when the backup was made.
    pub n_held: i64,
}

/// Puts a copy of `from` in the place of `path`, where no service may be at work.
///
/// # Errors
/// What is wrong with the copy or the place; then `path` is as it was.
pub async fn restore(path: &Path, from: &Path, now: Timestamp) -> Result<Restored, StoreError> {
    place::look_below(path)?;
    let _service = place::take_lock(path)?;
    let _migrating = place::migration_lock(path).await?;
    let fresh = place::beside(path, ".restoring");
    clear(&fresh).map_err(|source| place::opening(path, source))?;
    let copied = copied(from, &fresh).await;
    copied.map_err(|error| open::told(from, error))?;
    let before = mark::n_of(path);
    let forgotten = forgotten_of(path).await;
    let (n_held, mark) = made_ready(&fresh, before, &forgotten, now).await?;
    let told = |source| place::opening(path, source);
    let aside = move_aside(path, now).map_err(told)?;
    fs::rename(&fresh, path).map_err(told)?;
    place::sync_folder(path).map_err(told)?;
    mark::write(path, &mark).map_err(told)?;
    Ok(Restored { aside, n_held })
}

/// A sound copy, of a file that is ours.
async fn copied(from: &Path, fresh: &Path) -> Result<(), StoreError> {
    place::look(from)?;
    if !from.exists() {
        return Err(place::refused(from, Fault::Absent));
    }
    let store = Store::look_at(from).await?;
    let copied = async {
        match schema::of(&store.db).await? {
            Schema::Wrong(fault) => return Err(place::refused(from, fault)),
            Schema::Empty => return Err(place::refused(from, Fault::Foreign)),
            Schema::Ours { .. } => {}
        }
        let found = store.integrity_check().await?;
        if !found.is_empty() {
            return Err(place::refused(from, Fault::Corrupt { found }));
        }
        backup::into(&store.db, from, fresh).await
    };
    let copied = copied.await;
    store.close().await;
    copied
}

/// Whom the database that goes had forgotten; nothing when it cannot be read.
async fn forgotten_of(path: &Path) -> Vec<(String, String)> {
    if place::bytes(path) == 0 {
        return Vec::new();
    }
    let Ok(store) = Store::look_at(path).await else {
        return Vec::new();
    };
    let rows = store
        .db
        .rows("SELECT kind, hash FROM suppressed", args![])
        .await;
    let keys = rows.unwrap_or_default();
    let keys = keys
        .iter()
        .filter_map(|row| Some((row.text("kind").ok()?, row.text("hash").ok()?)));
    let keys = keys.collect();
    store.close().await;
    keys
}

/// Brings the copy up to date, holds its mails and sets its mark above the one that was here.
async fn made_ready(
    fresh: &Path,
    before: i64,
    forgotten: &[(String, String)],
    now: Timestamp,
) -> Result<(i64, Mark), StoreError> {
    let db = Db::open_sqlite(Some(fresh)).await?;
    db.migrate().await?;
    let store = Store::of(db, None, Some(fresh));
    let mut tx = store.db.begin().await?;
    tx.execute(
        "UPDATE outbox SET state = 'ready', phase = 'none', lease_until = 0, next_at = $1 \
         WHERE state IN ('ready', 'in_doubt', 'sending')",
        args![HELD_AT],
    )
    .await?;
    let n = store.mark().await?.n.max(before) + 1;
    for (name, value) in [("restored_at", now.0), ("mark", n)] {
        tx.execute(
            "INSERT INTO instance (name, value) VALUES ($1, $2) ON CONFLICT (name) \
             DO UPDATE SET value = excluded.value",
            args![name, &value.to_string()],
        )
        .await?;
    }
    for (kind, hash) in forgotten {
        tx.execute(
            "INSERT INTO suppressed (kind, hash, at) VALUES ($1, $2, $3) \
             ON CONFLICT (kind, hash) DO NOTHING",
            args![kind, hash, now],
        )
        .await?;
    }
    tx.commit().await?;
    let (n_held, mark) = (store.n_held().await?, store.mark().await?);
    // Closed by its last user, all of it is in the file and on the disk, and the log is gone.
    store.close().await;
    if place::bytes(&place::wal_path(fresh)) > 0 {
        return Err(StoreError::BadCopy(
            "its log could not be written back".to_owned(),
        ));
    }
    Ok((n_held, mark))
}

/// Moves what is there out of the way, the file before its log: a log beside another file would spoil
/// that one.
fn move_aside(path: &Path, now: Timestamp) -> io::Result<Option<PathBuf>> {
    let aside = free_name(path, now)?;
    let mut moved = None;
    for (old, new) in [
        (path.to_owned(), aside.clone()),
        (place::wal_path(path), place::wal_path(&aside)),
    ] {
        match fs::rename(&old, &new) {
            Ok(()) => moved = Some(aside.clone()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    remove(&place::shm_path(path))?;
    place::sync_folder(path)?;
    Ok(moved)
}

/// A name that nothing has: a second restore in the same second keeps what the first one kept.
fn free_name(path: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let named = |nth: u32| {
        let nth = if nth < 2 {
            String::new()
        } else {
            format!("-{nth}")
        };
        place::beside(path, &format!(".replaced-{}{nth}", place::stamp(now)))
    };
    let is_free = |aside: &PathBuf| !aside.exists() && !place::wal_path(aside).exists();
    let free = (1..1_000).map(named).find(is_free);
    // Rather nothing is restored than that something is written over.
    free.ok_or_else(|| io::ErrorKind::AlreadyExists.into())
}

/// What an earlier restore left that was killed.
fn clear(fresh: &Path) -> io::Result<()> {
    remove(fresh)?;
    remove(&place::wal_path(fresh))?;
    remove(&place::shm_path(fresh))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Store {
    /// Mails that wait for a person's word since a restore.
    pub async fn n_held(&self) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM outbox WHERE state = 'ready' AND next_at = $1";
        let rows = self.db.rows(sql, args![HELD_AT]).await?;
        rows.first().map_or(Ok(0), |row| row.int("n"))
    }

    /// Lets the held mails leave, and holds no more; how many they were.
    pub async fn release_held(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE outbox SET next_at = $2 WHERE state = 'ready' AND next_at = $1";
        let n = tx.execute(sql, args![HELD_AT, now]).await?;
        tx.execute("DELETE FROM instance WHERE name = 'restored_at'", args![])
            .await?;
        tx.commit().await?;
        Ok(n)
    }

    /// Leases held mails to whoever takes them as sent. Afterwards none are held any more.
    pub async fn claim_held(
        &self,
        owner: &str,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let mut tx = self.db.begin().await?;
        let rows = tx
            .rows(
                "SELECT o.*, a.kind, a.case_id, a.subject, a.text, a.html FROM outbox o \
                 JOIN alerts a ON a.id = o.alert_id \
                 WHERE o.state = 'ready' AND o.next_at = $1 ORDER BY o.id LIMIT $2",
                args![HELD_AT, i64::from(limit)],
            )
            .await?;
        let claimed = outbox::lease_all(&mut tx, &rows, owner, until).await?;
        if claimed.is_empty() {
            tx.execute("DELETE FROM instance WHERE name = 'restored_at'", args![])
                .await?;
        }
        tx.commit().await?;
        Ok(claimed)
    }
}

/// Holds the letters of what was published before a restore: they may have left already.
pub(super) async fn hold_known(
    tx: &mut Tx,
    admission: &Admission,
    now: Timestamp,
) -> Result<(), StoreError> {
    let with_letters = admission.posts.iter().filter(|new| new.case.is_some());
    let mut letters: Vec<(Option<Timestamp>, &NewAlert)> = Vec::new();
    let mut latest = None;
    for new in with_letters {
        let alerts = new
            .case
            .iter()
            .flat_map(|case| &case.alerts)
            .chain(&new.also);
        letters.extend(alerts.map(|alert| (new.post.published, alert)));
        latest = latest.max(Some(new.post.published.unwrap_or(Timestamp(0))));
    }
    letters.extend(admission.alerts.iter().map(|alert| (None, alert)));
    let of_incidents = admission.gathering.iter().flat_map(|all| &all.letters);
    letters.extend(of_incidents.map(|(_, alert)| (latest, alert)));
    if letters.is_empty() {
        return Ok(());
    }
    let sql = "SELECT value FROM instance WHERE name = 'restored_at'";
    let rows = tx.rows(sql, args![]).await?;
    let at = rows.first().map(|row| row.text("value")).transpose()?;
    let Some(at) = at.and_then(|at| at.parse().ok()).map(Timestamp) else {
        return Ok(());
    };
    if now > at.plus_hours(CATCH_UP_HOURS) {
        return Ok(());
    }
    for (published, alert) in letters {
        if published.is_none_or(|published| published <= at) {
            tx.execute(
                "UPDATE outbox SET next_at = $2 WHERE alert_id = $1 AND state = 'ready' \
                 AND attempts = 0 AND mime IS NULL",
                args![&alert.id, HELD_AT],
            )
            .await?;
        }
    }
    Ok(())
}
