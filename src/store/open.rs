//! Opening a database: looked at first, locked, kept before it is changed, brought up to date, checked.
//!
//! **Invariant:** a file with which something is wrong is refused and left as it is; never is a new one
//! begun where a service has worked before.

use std::fs::File;
use std::path::Path;
use std::sync::Mutex;

use tracing::info;

use super::db::Db;
use super::fault::{FREE_BYTES_MIN, Fault, WAL_BYTES_MAX};
use super::schema::Schema;
use super::{DiskTrouble, Role, Store, StoreError, backup, mark, place, schema};

/// A file of up to this size is checked before the service begins, which takes a fraction of a second;
/// a larger one while it works.
pub(super) const CHECKED_FIRST_BYTES: u64 = 64 << 20;

impl Store {
    /// Opens (and makes, and brings up to date) a SQLite file.
    ///
    /// # Errors
    /// `StoreError::Refused` with what is wrong with it, and what to do.
    pub async fn open_sqlite(path: &Path, role: Role) -> Result<Self, StoreError> {
        place::look(path)?;
        let lock = match role {
            Role::Service => Some(place::take_lock(path)?),
            Role::Visitor => None,
        };
        place::make_private(path)?;
        // SQLite migrations take no lock of their own (reliability M21): two commands that start
        // together on a new file would both make its tables.
        let _migrating = place::migration_lock(path).await?;
        let told = |error| told(path, error);
        let is_seen = place::bytes(path) == 0 || look_first(path, role).await.map_err(told)?;
        let db = Db::open_sqlite(Some(path)).await.map_err(told)?;
        let store = Self::ready(db, lock, Some(path)).await.map_err(told)?;
        if role == Role::Service && !is_seen {
            let accepted = store.accept(path).await;
            if accepted.is_err() {
                store.close().await;
            }
            accepted.map_err(told)?;
        }
        Ok(store)
    }

    /// A database that lives as long as this value: for simulations.
    pub async fn open_memory() -> Result<Self, StoreError> {
        Self::ready(Db::open_sqlite(None).await?, None, None).await
    }

    pub async fn open_postgres(url: &str) -> Result<Self, StoreError> {
        let db = Db::open_postgres(url).await?;
        if let Schema::Wrong(fault) = schema::of(&db).await? {
            return Err(place::refused(Path::new("PostgreSQL"), fault));
        }
        Self::ready(db, None, None).await
    }

    /// True for a file that was too large to be checked before the service began.
    pub fn is_unchecked(&self) -> bool {
        let bytes = self.path.as_deref().map_or(0, place::bytes);
        bytes > CHECKED_FIRST_BYTES
    }

    /// What is wrong with the disk under a SQLite file, as far as its sizes tell.
    pub fn room(&self) -> Option<Fault> {
        let path = self.path.as_deref()?;
        if let Some(free) = place::free_bytes(path).filter(|free| *free < FREE_BYTES_MIN) {
            return Some(Fault::Full { free });
        }
        let bytes = place::bytes(&place::wal_path(path));
        (bytes > WAL_BYTES_MAX).then_some(Fault::WalHuge { bytes })
    }

    /// The file of a SQLite database, to name it.
    pub fn place(&self) -> &Path {
        self.path.as_deref().unwrap_or(Path::new("PostgreSQL"))
    }

    /// A SQLite file as it is.
    pub(super) async fn look_at(path: &Path) -> Result<Self, StoreError> {
        let db = Db::look_at_sqlite(path, false).await?;
        Ok(Self::of(db, None, Some(path)))
    }

    async fn ready(db: Db, lock: Option<File>, path: Option<&Path>) -> Result<Self, StoreError> {
        db.migrate().await?;
        Ok(Self::of(db, lock, path))
    }

    pub(super) fn of(db: Db, lock: Option<File>, path: Option<&Path>) -> Self {
        Self {
            db,
            clocks: Mutex::default(),
            crowd: tokio::sync::Mutex::default(),
            path: path.map(Path::to_owned),
            _lock: lock,
        }
    }

    /// Refuses a service a file from which something is lost, or a small one that is not sound.
    async fn accept(&self, path: &Path) -> Result<(), StoreError> {
        if let Some(fault) = self.check_mark().await? {
            return Err(place::refused(path, fault));
        }
        if place::bytes(path) > CHECKED_FIRST_BYTES {
            return Ok(());
        }
        let found = self.quick_check().await?;
        if found.is_empty() {
            return Ok(());
        }
        Err(place::refused(path, Fault::Corrupt { found }))
    }
}

/// Refuses, before a byte of it is touched, a file that this program cannot work with, and makes a copy
/// of one that it is about to bring up to date. False when it can only be seen by writing to it.
async fn look_first(path: &Path, role: Role) -> Result<bool, StoreError> {
    let store = match Store::look_at(path).await {
        Ok(store) => store,
        Err(error) if error.disk() == Some(DiskTrouble::Damaged) => return Err(error),
        // An unfinished journal, say.
        Err(_) => return Ok(false),
    };
    let looked = async {
        match schema::of(&store.db).await? {
            Schema::Wrong(fault) => return Err(place::refused(path, fault)),
            // All that is left of a database whose log is gone.
            Schema::Empty if mark::is_there(path) => {
                return Err(place::refused(path, Fault::Vanished));
            }
            Schema::Empty => return Ok(true),
            Schema::Ours {
                pending, newest, ..
            } => {
                if role == Role::Service {
                    store.accept(path).await?;
                }
                if pending > 0 {
                    let copy = place::beside(path, &format!(".before-{newest}"));
                    info!("the database is about to be brought up to date; a copy is made first");
                    backup::into(&store.db, path, &copy).await?;
                }
            }
        }
        Ok(true)
    };
    let looked = looked.await;
    store.close().await;
    match looked {
        Err(StoreError::Disk {
            trouble: DiskTrouble::Closed,
            ..
        }) => Ok(false),
        other => other,
    }
}

/// An error of the driver in terms of the file.
pub(super) fn told(path: &Path, error: StoreError) -> StoreError {
    match error {
        StoreError::Disk { trouble, text } => match trouble {
            DiskTrouble::Damaged => place::refused(path, Fault::Corrupt { found: vec![text] }),
            DiskTrouble::Full => {
                let free = place::free_bytes(path).unwrap_or(0);
                place::refused(path, Fault::Full { free })
            }
            DiskTrouble::Closed => place::refused(path, place::closed(path)),
            DiskTrouble::Busy | DiskTrouble::Failing => StoreError::Disk { trouble, text },
        },
        other => other,
    }
}
