//! All SQL, and nothing but SQL: rows in, rows out, one transaction a method.
//!
//! **Invariant:** every write is idempotent, because an error from COMMIT means "unknown"
//! (reliability M20); every settling is fenced by the lease that its claim took.

mod alerts;
mod alive;
mod batch;
mod budget;
mod capture;
mod cases;
mod db;
mod digest;
mod found_feeds;
mod group;
mod hands;
mod health;
mod hook_rows;
mod hooks;
mod hosts;
mod incidents;
mod judgements;
mod looks;
mod nags;
mod outbox;
mod pages;
mod posts;
mod queue;
mod readers;
mod rows;
mod sightings;
mod sources;
mod tally;

use std::fs::File;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use db::{Db, args};

pub use hook_rows::{CallRow, EndpointRow, EndpointState, NewCall, UncalledAlert};
pub use nags::{AnswerRow, DigestMark, HeldCase, HeldRow, HeldSum, OpenCounts, WeekCase, Which};
pub use outbox::Settling;
pub use tally::Sums;

pub use rows::{
    Absence, Admission, CaseRow, ClaimedLook, ClaimedPage, ClaimedSource, Counts, Deed,
    DeliveryRow, DeliveryState, EventRow, Gathering, HostRest, HostRobots, IncidentRow, Join,
    Judgement, KnownPrint, Lease, Look, Member, NewAlert, NewCase, NewPage, NewPost, NewTrouble,
    Parsed, Print, Rejudged, Settled, SourceRow, SourceState, StoredPost, Telling, Validators,
    WatchedCase, Whereabouts,
};

use crate::model::Timestamp;

/// How long to wait before looking again whether another process has finished its migrations.
const LOCK_RETRY: std::time::Duration = std::time::Duration::from_millis(20);

/// Both databases behind one set of methods.
#[derive(Debug)]
pub struct Store {
    db: Db,
    /// What the server's clock last showed.
    clocks: Mutex<Option<Clocks>>,
    /// Held while cases are compared and stored: one job of this process after the other.
    crowd: tokio::sync::Mutex<()>,
    /// Held for the life of a service on SQLite: two services on one file would both send.
    _lock: Option<File>,
}

/// What three clocks showed at once: the database server's, and two of this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clocks {
    pub(crate) server: Timestamp,
    pub(crate) wall: Timestamp,
    pub(crate) steady: std::time::Instant,
}

/// Who opens a SQLite file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The only service on this file.
    Service,
    /// A command that looks or acts while a service may be running.
    Visitor,
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database could not be used: {0}")]
    Database(String),
    #[error("the database could not be brought up to date: {0}")]
    Migration(String),
    #[error("the database file {path} could not be opened")]
    File {
        path: String,
        source: std::io::Error,
    },
    #[error("another escucha is running on {path}; stop it first, or use PostgreSQL for several")]
    Locked { path: String },
    #[error("the database holds something that this version cannot read: {what}")]
    Unreadable { what: String },
    #[error("the copy is not sound: {0}")]
    BadCopy(String),
    #[error("another worker wrote the same at the same moment")]
    Raced,
    #[error(
        "the database is reached through a pooler that gives each transaction another connection: \
         use PgBouncer's pool_mode = session, or PostgreSQL directly"
    )]
    Pooled,
}

/// What PostgreSQL says of a transaction that may simply be tried again: it could not be serialized, it
/// was the victim of a deadlock.
const TRY_AGAIN: [&str; 2] = ["40001", "40P01"];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        if code.is_some_and(|code| TRY_AGAIN.contains(&code.as_ref())) {
            return Self::Raced;
        }
        Self::Database(error.to_string())
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Migration(error.to_string())
    }
}

/// May the same be tried again?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    Later,
    Never,
}

impl StoreError {
    pub fn retry(&self) -> Retry {
        match self {
            Self::Database(_) | Self::Raced => Retry::Later,
            Self::Migration(_)
            | Self::File { .. }
            | Self::Locked { .. }
            | Self::Unreadable { .. }
            | Self::BadCopy(_)
            | Self::Pooled => Retry::Never,
        }
    }

    pub(crate) fn unreadable(what: impl std::fmt::Display) -> Self {
        Self::Unreadable {
            what: what.to_string(),
        }
    }
}

impl Store {
    /// Opens (and makes, and brings up to date) a SQLite file.
    pub async fn open_sqlite(path: &Path, role: Role) -> Result<Self, StoreError> {
        let lock = match role {
            Role::Service => Some(take_lock(path)?),
            Role::Visitor => None,
        };
        make_private(path)?;
        // SQLite migrations take no lock of their own (reliability M21): two commands that start
        // together on a new file would both make its tables.
        let _migrating = migration_lock(path).await?;
        let db = Db::open_sqlite(Some(path)).await?;
        Self::ready(db, lock).await
    }

    /// A database that lives as long as this value: for simulations.
    pub async fn open_memory() -> Result<Self, StoreError> {
        Self::ready(Db::open_sqlite(None).await?, None).await
    }

    pub async fn open_postgres(url: &str) -> Result<Self, StoreError> {
        Self::ready(Db::open_postgres(url).await?, None).await
    }

    async fn ready(db: Db, lock: Option<File>) -> Result<Self, StoreError> {
        db.migrate().await?;
        Ok(Self {
            db,
            clocks: Mutex::default(),
            crowd: tokio::sync::Mutex::default(),
            _lock: lock,
        })
    }

    pub async fn close(&self) {
        self.db.close().await;
    }

    /// The turn to compare new cases with the stored ones and to store them. Without it the jobs of one
    /// process would void each other's reckoning; between processes that is seen and repeated.
    pub async fn crowd_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.crowd.lock().await
    }

    /// True when several workers may share the work.
    pub fn is_shared(&self) -> bool {
        self.db.is_postgres()
    }

    /// The database server's own clock, where there is one: all workers then agree on "now".
    pub async fn server_now(&self) -> Result<Option<Timestamp>, StoreError> {
        if !self.db.is_postgres() {
            return Ok(None);
        }
        let sql = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) AS now";
        let rows = self.db.rows(sql, &[]).await?;
        rows.first().map(|row| row.at("now")).transpose()
    }

    pub(crate) fn kept_clock(&self) -> Option<Clocks> {
        *self.clocks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn keep_clock(&self, clocks: Clocks) {
        *self.clocks.lock().unwrap_or_else(PoisonError::into_inner) = Some(clocks);
    }

    /// The value kept under `name`; when there is none yet, `fresh` is kept and returned.
    pub async fn instance_value(&self, name: &str, fresh: &str) -> Result<String, StoreError> {
        let mut tx = self.db.begin().await?;
        tx.execute(
            "INSERT INTO instance (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            args![name, fresh],
        )
        .await?;
        let rows = tx
            .rows("SELECT value FROM instance WHERE name = $1", args![name])
            .await?;
        let value = rows.first().map(|row| row.text("value")).transpose()?;
        tx.commit().await?;
        value.ok_or_else(|| StoreError::unreadable("instance"))
    }

    /// Writes a sound copy of a SQLite database to `target`: copied, checked, then renamed.
    pub async fn backup(&self, target: &Path) -> Result<(), StoreError> {
        let Db::Sqlite { writer, .. } = &self.db else {
            return Err(StoreError::BadCopy(
                "back PostgreSQL up with pg_dump".to_owned(),
            ));
        };
        let file_error = |source| StoreError::File {
            path: target.display().to_string(),
            source,
        };
        let partial = target.with_extension("partial");
        if partial.exists() {
            std::fs::remove_file(&partial).map_err(file_error)?;
        }
        sqlx::query("VACUUM INTO $1")
            .bind(partial.display().to_string())
            .execute(writer.pool())
            .await?;
        let copy = Db::open_sqlite(Some(&partial)).await?;
        let rows = copy.rows("PRAGMA integrity_check", &[]).await?;
        let found = rows
            .first()
            .map(|row| row.text("integrity_check"))
            .transpose()?;
        copy.close().await;
        if found.as_deref() != Some("ok") {
            return Err(StoreError::BadCopy(found.unwrap_or_default()));
        }
        File::open(&partial)
            .and_then(|file| file.sync_all())
            .map_err(file_error)?;
        std::fs::rename(&partial, target).map_err(file_error)
    }
}

/// Held while one process brings the file up to date; the others wait for it, without keeping a thread.
async fn migration_lock(path: &Path) -> Result<File, StoreError> {
    let file = lock_file(&db::migration_lock_path(path), path)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => tokio::time::sleep(LOCK_RETRY).await,
            Err(std::fs::TryLockError::Error(source)) => return Err(file_error(path, source)),
        }
    }
}

/// What customers wrote and who they are is for the service alone.
fn make_private(path: &Path) -> Result<(), StoreError> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map(drop)
        .map_err(|source| file_error(path, source))
}

fn lock_file(lock: &Path, path: &Path) -> Result<File, StoreError> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(lock)
        .map_err(|source| file_error(path, source))
}

fn file_error(path: &Path, source: std::io::Error) -> StoreError {
    StoreError::File {
        path: path.display().to_string(),
        source,
    }
}

fn take_lock(path: &Path) -> Result<File, StoreError> {
    let file = lock_file(&db::lock_path(path), path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::Locked {
            path: path.display().to_string(),
        }),
        Err(std::fs::TryLockError::Error(source)) => Err(file_error(path, source)),
    }
}
