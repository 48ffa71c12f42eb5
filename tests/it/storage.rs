//! What a database must stand: damage, loss, a full disk, a second service, time; and what keeps it safe.

mod backup;
mod copy;
mod damage;
mod disk;
mod doctor;
mod migration;
mod million;
mod place;
mod retention;

use std::path::{Path, PathBuf};

use escucha::store::{Role, Store, StoreError};

use crate::store::{admit, complaint, post, posts};
use crate::support::tally;

/// A database as a killed service left it: the file, its log and its mark, in a folder of its own.
pub(crate) struct Left {
    folder: tempfile::TempDir,
}

impl Left {
    /// With `n` posts, one of them a complaint with its letter.
    pub(crate) async fn with_posts(n: usize) -> Self {
        tally("sqlite");
        let alive = tempfile::tempdir().unwrap();
        let path = alive.path().join("escucha.db");
        let store = Store::open_sqlite(&path, Role::Service).await.unwrap();
        store.instance_value("key", "una clave").await.unwrap();
        let mut told = vec![complaint("Javier", "llamé tres veces y nadie me atiende")];
        told.extend((1..n).map(|at| post("Ana", &format!("{at} {}", "contado ".repeat(40)))));
        admit(&store, &posts(told)).await;
        store.raise_mark().await.unwrap();
        let left = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        for name in ["escucha.db", "escucha.db-wal", "escucha.db.mark"] {
            std::fs::copy(alive.path().join(name), left.folder.path().join(name)).unwrap();
        }
        store.close().await;
        left
    }

    /// As one that ended well: all of it in the file, and no log.
    pub(crate) async fn at_rest(n: usize) -> Self {
        let left = Self::with_posts(n).await;
        let store = Store::open_sqlite(&left.path(), Role::Service).await;
        store.unwrap().close().await;
        assert!(!left.beside("-wal").exists());
        left
    }

    /// An empty folder.
    pub(crate) fn nothing() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("escucha.db")
    }

    pub(crate) fn beside(&self, ending: &str) -> PathBuf {
        self.folder.path().join(format!("escucha.db{ending}"))
    }

    /// The same files once more, to spoil.
    pub(crate) fn copy(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
        Self { folder }
    }

    /// What a service is told that wants to begin here; `None` when it may.
    pub(crate) async fn refusal(&self) -> Option<&'static str> {
        refusal(&self.path(), Role::Service).await
    }
}

/// The code of the fault for which this file is refused.
pub(crate) async fn refusal(path: &Path, role: Role) -> Option<&'static str> {
    match Store::open_sqlite(path, role).await {
        Ok(store) => {
            store.close().await;
            None
        }
        Err(StoreError::Refused(refusal)) => Some(refusal.fault.code()),
        Err(other) => panic!("not refused by name: {other:?}"),
    }
}
