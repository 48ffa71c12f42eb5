//! All SQL, and nothing but SQL: rows in, rows out, one transaction a method.
//!
//! **Invariant:** every write is idempotent, because an error from COMMIT means "unknown"
//! (reliability M20); every settling is fenced by the lease that its claim took.

mod alerts;
mod alive;
mod backup;
mod batch;
mod budget;
mod capture;
mod cases;
mod db;
mod deliveries;
mod digest;
mod fault;
mod forget;
mod found_feeds;
mod group;
mod hands;
mod health;
mod hook_rows;
mod hooks;
mod hosts;
mod inbox;
mod incidents;
mod inspect;
mod judgements;
mod looks;
mod mark;
mod migrations;
mod nags;
mod open;
mod outbox;
mod pages;
mod place;
mod postgres;
mod posts;
mod queue;
mod readers;
mod remedy;
mod restore;
mod retention;
mod rows;
mod schema;
mod sightings;
mod sources;
mod tally;
mod transfer;
mod unreached;
mod visit;

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use db::{Db, args};

pub use deliveries::{DeliveryState, Ending, LogRow};
pub use fault::{FREE_BYTES_MIN, Fault, Holder, Refusal, Severity, WAL_BYTES_MAX};
pub use forget::{Forgotten, Notice, Trace};
pub use hook_rows::{CallRow, EndpointRow, EndpointState, NewCall, UncalledAlert};
pub use inbox::{ClaimedInbox, Hearing, InboxSettled, InboxState};
pub use inspect::{Facts, Inspection, inspect_postgres, inspect_sqlite};
pub use nags::{AnswerRow, DigestMark, HeldCase, HeldRow, HeldSum, OpenCounts, WeekCase, Which};
pub use outbox::Settling;
pub use restore::{Restored, restore};
pub use tally::Sums;
pub use transfer::{CopiedTable, copy};
pub use unreached::Unreached;

pub use rows::{
    Absence, Admission, CaseRow, ClaimedLook, ClaimedPage, ClaimedSource, Counts, Deed,
    DeliveryRow, EventRow, FoundFeed, Gathering, HostRest, HostRobots, IncidentRow, Join,
    Judgement, KnownPrint, Lease, Look, Member, NewAlert, NewCase, NewPage, NewPost, NewTrouble,
    Parsed, Print, Rejudged, Settled, SourceRow, SourceState, StoredPost, Telling, Validators,
    WatchedCase, Whereabouts,
};

use crate::model::{Timestamp, Ui};

/// Both databases behind one set of methods.
#[derive(Debug)]
pub struct Store {
    db: Db,
    /// What the server's clock last showed.
    clocks: Mutex<Option<Clocks>>,
    /// Held while cases are compared and stored: one job of this process after the other.
    crowd: tokio::sync::Mutex<()>,
    /// The file of a SQLite database that is not in memory.
    path: Option<PathBuf>,
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
    /// A server that cannot be reached, or lets nobody in.
    #[error("{0}")]
    Unreached(Unreached),
    #[error("the database could not be brought up to date: {0}")]
    Migration(String),
    #[error("the database file {path} could not be opened")]
    File {
        path: String,
        source: std::io::Error,
    },
    /// A database that must not be worked with as it is.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// The disk under a SQLite file does not do its part, or somebody keeps it from us.
    #[error("the database could not be used: {text}")]
    Disk { trouble: DiskTrouble, text: String },
    #[error("the database holds something that this version cannot read: {what}")]
    Unreadable { what: String },
    #[error("the copy is not sound: {0}")]
    BadCopy(String),
    #[error("the target is not empty: {table} holds rows; nothing was copied")]
    NotEmpty { table: String },
    #[error("the copy of {table} differs from what was read; nothing was copied")]
    Differs { table: String },
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

/// Why SQLite could not read or write (its primary result codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskTrouble {
    /// SQLITE_BUSY, SQLITE_LOCKED: somebody else holds the file.
    Busy,
    /// SQLITE_FULL.
    Full,
    /// SQLITE_IOERR: what was written last may be there or not.
    Failing,
    /// SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN.
    Closed,
    /// SQLITE_CORRUPT, SQLITE_NOTADB.
    Damaged,
}

impl StoreError {
    fn of_sqlx(error: &sqlx::Error) -> Self {
        let text = error.to_string();
        match disk_trouble(error) {
            Some(trouble) => Self::Disk { trouble, text },
            None if may_be_tried_again(error) => Self::Raced,
            None => Self::Database(text),
        }
    }

    /// What is wrong with the disk, if it is that.
    pub fn disk(&self) -> Option<DiskTrouble> {
        match self {
            Self::Disk { trouble, .. } => Some(*trouble),
            _ => None,
        }
    }

    /// The sentence for a person, in his language where we have one.
    pub fn sentence(&self, ui: Ui) -> String {
        match self {
            Self::Refused(refusal) => refusal.fault.sentence(&refusal.place, ui),
            Self::Unreached(why) => why.sentence(ui),
            other => other.to_string(),
        }
    }
}

fn disk_trouble(error: &sqlx::Error) -> Option<DiskTrouble> {
    let error = error.as_database_error()?;
    error.try_downcast_ref::<sqlx::sqlite::SqliteError>()?;
    let code: i32 = error.code()?.parse().ok()?;
    // The low byte is the primary code.
    match code & 0xff {
        5 | 6 => Some(DiskTrouble::Busy),
        13 => Some(DiskTrouble::Full),
        10 => Some(DiskTrouble::Failing),
        3 | 8 | 14 => Some(DiskTrouble::Closed),
        11 | 26 => Some(DiskTrouble::Damaged),
        _ => None,
    }
}

fn may_be_tried_again(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| TRY_AGAIN.contains(&code.as_ref()))
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::of_sqlx(&error)
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        let of_step = match &error {
            sqlx::migrate::MigrateError::Execute(error)
            | sqlx::migrate::MigrateError::ExecuteMigration(error, _) => disk_trouble(error),
            _ => None,
        };
        let text = error.to_string();
        match of_step {
            Some(trouble) => Self::Disk { trouble, text },
            None => Self::Migration(text),
        }
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
            Self::Database(_) | Self::Unreached(_) | Self::Raced | Self::Disk { .. } => {
                Retry::Later
            }
            Self::Migration(_)
            | Self::File { .. }
            | Self::Refused(_)
            | Self::Unreadable { .. }
            | Self::NotEmpty { .. }
            | Self::Differs { .. }
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
}
