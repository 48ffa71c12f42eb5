//! A database as it is, looked at and not touched: for the doctor.

use std::path::{Path, PathBuf};

use super::db::{Db, args};
use super::fault::{FREE_BYTES_MIN, Fault, Holder, WAL_BYTES_MAX};
use super::schema::{self, Schema};
use super::{DiskTrouble, Store, StoreError, Unreached, mark, place};
use crate::model::Timestamp;

/// A clock may differ by so much from the one that wrote last.
const CLOCK_MINUTES: i64 = 5;

/// What is wrong with a database, and what it is.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    pub place: PathBuf,
    /// There is no file, and no service has worked here.
    pub is_absent: bool,
    pub faults: Vec<Fault>,
    /// As far as it could be read.
    pub facts: Facts,
}

#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The last migration that it has.
    pub schema: Option<i64>,
    pub bytes: u64,
    pub wal_bytes: u64,
    pub free_bytes: Option<u64>,
    pub posts: Option<i64>,
    pub cases: Option<i64>,
    /// When a service was last at work.
    pub alive_at: Option<Timestamp>,
    /// The service that works on it now.
    pub holder: Option<Holder>,
    /// Every page was read.
    pub is_checked: bool,
}

/// Looks at a SQLite file: its place, its form, its schema, every page, and the mark beside it.
pub async fn inspect_sqlite(path: &Path, now: Timestamp) -> Inspection {
    let mut found = Inspection {
        place: path.to_owned(),
        ..Inspection::default()
    };
    if let Err(error) = place::look(path) {
        found.faults.push(as_fault(path, error));
        return found;
    }
    if !path.exists() {
        found.is_absent = true;
        return found;
    }
    found.look_around(path);
    if found.facts.bytes > 0 {
        let looked = found.look_inside(path, now).await;
        if let Err(error) = looked {
            found.faults.push(as_fault(path, error));
        }
    }
    found
        .faults
        .sort_by_key(|fault| std::cmp::Reverse(fault.severity()));
    found
}

/// Looks at a PostgreSQL database.
pub async fn inspect_postgres(url: &str, now: Timestamp) -> Inspection {
    let mut found = Inspection {
        place: PathBuf::from("PostgreSQL"),
        ..Inspection::default()
    };
    let looked = async {
        let db = Db::open_postgres(url).await?;
        let rows = db.rows("SHOW synchronous_commit", args![]).await?;
        let value = rows
            .first()
            .map(|row| row.text("synchronous_commit"))
            .transpose()?;
        if let Some(value) = value.filter(|value| matches!(value.as_str(), "off" | "local")) {
            found.faults.push(Fault::NoSynchronousCommit { value });
        }
        let store = Store::of(db, None, None);
        found.look_at_tables(&store, now).await?;
        store.close().await;
        Ok::<(), StoreError>(())
    };
    if let Err(error) = looked.await {
        let why = match error {
            StoreError::Unreached(why) => why,
            other => Unreached::Other(other.to_string()),
        };
        found.faults.push(Fault::Unreachable { why });
    }
    found
}

impl Inspection {
    /// What the place tells.
    fn look_around(&mut self, path: &Path) {
        self.facts.bytes = place::bytes(path);
        self.facts.wal_bytes = place::bytes(&place::wal_path(path));
        self.facts.free_bytes = place::free_bytes(path);
        self.facts.holder = place::holder(path);
        if let Some(holder) = &self.facts.holder {
            self.faults.push(Fault::InUse(holder.clone()));
        }
        self.faults.extend(place::exposed(path));
        self.faults.extend(place::unwritable(path));
        if self.facts.wal_bytes > WAL_BYTES_MAX {
            self.faults.push(Fault::WalHuge {
                bytes: self.facts.wal_bytes,
            });
        }
        let needed = self.facts.bytes + self.facts.wal_bytes;
        match self.facts.free_bytes {
            Some(free) if free < FREE_BYTES_MIN => self.faults.push(Fault::Full { free }),
            Some(free) if free < needed => self.faults.push(Fault::Cramped { free, needed }),
            _ => {}
        }
    }

    async fn look_inside(&mut self, path: &Path, now: Timestamp) -> Result<(), StoreError> {
        let store = Store::look_at(path).await?;
        let looked = async {
            let found = store.integrity_check().await?;
            self.facts.is_checked = true;
            if !found.is_empty() {
                self.faults.push(Fault::Corrupt { found });
            }
            self.look_at_tables(&store, now).await?;
            if self.facts.schema.is_some() {
                self.faults.extend(store.check_mark().await?);
                let rows = store.db.rows("PRAGMA auto_vacuum", args![]).await?;
                if rows.first().map(|row| row.int("auto_vacuum")).transpose()? == Some(0) {
                    self.faults.push(Fault::NeverShrinks);
                }
            }
            Ok(())
        };
        let looked = looked.await;
        store.close().await;
        looked
    }

    /// What the tables tell, on either database.
    async fn look_at_tables(&mut self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        match schema::of(&store.db).await? {
            Schema::Empty => {
                if store.path.as_deref().is_some_and(mark::is_there) {
                    self.faults.push(Fault::Vanished);
                }
                return Ok(());
            }
            Schema::Wrong(fault) => {
                self.faults.push(fault);
                return Ok(());
            }
            Schema::Ours {
                version, pending, ..
            } => {
                self.facts.schema = Some(version);
                if pending > 0 {
                    self.faults.push(Fault::Behind { steps: pending });
                }
                let mails = store.n_held().await?;
                if mails > 0 {
                    self.faults.push(Fault::Held { mails });
                }
            }
        }
        self.facts.posts = Some(store.count("SELECT COUNT(*) AS n FROM posts").await?);
        self.facts.cases = Some(store.count("SELECT COUNT(*) AS n FROM cases").await?);
        self.facts.alive_at = store.alive_at().await?;
        let ahead_ms = self.facts.alive_at.map_or(0, |at| at.ms_since(now));
        let minutes = ahead_ms / 60_000;
        if minutes > CLOCK_MINUTES {
            self.faults.push(Fault::ClockBehind { minutes });
        }
        Ok(())
    }
}

impl Store {
    async fn count(&self, sql: &'static str) -> Result<i64, StoreError> {
        let rows = self.db.rows(sql, args![]).await?;
        rows.first().map_or(Ok(0), |row| row.int("n"))
    }
}

fn as_fault(path: &Path, error: StoreError) -> Fault {
    match error {
        StoreError::Refused(refusal) => refusal.fault,
        StoreError::Disk {
            trouble: DiskTrouble::Damaged,
            text,
        } => Fault::Corrupt { found: vec![text] },
        StoreError::Disk {
            trouble: DiskTrouble::Closed,
            ..
        } => place::closed(path),
        StoreError::Unreached(why) => Fault::Unreachable { why },
        other => Fault::Unreachable {
            why: Unreached::Other(other.to_string()),
        },
    }
}
