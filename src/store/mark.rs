//! A high-water mark beside the database: how far it had come when it was last looked at.
//!
//! A write-ahead log in which one frame is bad ends there: SQLite drops that commit and all later ones,
//! and its integrity check finds nothing. So does a log that was deleted, and a file that somebody put
//! there. A number that only grows stands in the database and, fsynced, in a file of its own; the
//! database is written first. Whoever finds the file ahead of the database knows that something is lost.
//!
//! Absent: PostgreSQL, which checks its own log.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::db::args;
use super::fault::Fault;
use super::{Store, StoreError, place};
use crate::model::digest_hex;

/// The first line of the file; another number means another form.
const HEAD: &str = "escucha mark 1";

/// How far a database had come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Which database it is; empty before its first service.
    instance: String,
    pub(super) n: i64,
}

impl Store {
    /// Raises the mark: in the database, then in the file beside it. Does nothing on PostgreSQL and in
    /// memory.
    pub async fn raise_mark(&self) -> Result<(), StoreError> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let mut tx = self.db.begin().await?;
        tx.execute(
            "INSERT INTO instance (name, value) VALUES ('mark', '1') ON CONFLICT (name) \
             DO UPDATE SET value = CAST(CAST(instance.value AS BIGINT) + 1 AS TEXT)",
            &[],
        )
        .await?;
        tx.commit().await?;
        let mark = self.mark().await?;
        write(path, &mark).map_err(|source| place::opening(path, source))
    }

    /// Whether this database has lost what it once had, by the file beside it.
    pub(super) async fn check_mark(&self) -> Result<Option<Fault>, StoreError> {
        match &self.path {
            Some(path) => Ok(compared(read(path).as_ref(), &self.mark().await?)),
            None => Ok(None),
        }
    }

    pub(super) async fn mark(&self) -> Result<Mark, StoreError> {
        let sql = "SELECT name, value FROM instance WHERE name IN ('mark', 'key')";
        let (mut n, mut instance) = (0, String::new());
        for row in self.db.rows(sql, args![]).await? {
            match row.text("name")?.as_str() {
                "mark" => n = row.text("value")?.parse().unwrap_or(0),
                _ => instance = digest_hex(&["mark", &row.text("value")?]).split_off(48),
            }
        }
        Ok(Mark { instance, n })
    }
}

/// True when a service has worked on this file.
pub(super) fn is_there(path: &Path) -> bool {
    read(path).is_some()
}

/// How far the database had come that was here last; 0 when nobody knows.
pub(super) fn n_of(path: &Path) -> i64 {
    read(path).map_or(0, |mark| mark.n)
}

/// What it means that the file says one thing and the database another.
fn compared(file: Option<&Mark>, database: &Mark) -> Option<Fault> {
    let file = file?;
    let is_other = !file.instance.is_empty() && file.instance != database.instance;
    if is_other {
        return Some(Fault::Exchanged);
    }
    let missing = file.n - database.n;
    (missing > 0).then_some(Fault::Rewound { missing })
}

fn read(path: &Path) -> Option<Mark> {
    let text = std::fs::read_to_string(place::mark_path(path)).ok()?;
    let mut lines = text.lines();
    if lines.next()? != HEAD {
        return None;
    }
    let instance = lines.next()?.to_owned();
    let n = lines.next()?.parse().ok()?;
    Some(Mark { instance, n })
}

/// Written beside and renamed, so that there is an old mark or a new one and never half of one.
pub(super) fn write(path: &Path, mark: &Mark) -> io::Result<()> {
    let target = place::mark_path(path);
    let partial = place::beside(&target, ".new");
    let mut options = File::options();
    let options = options.create(true).truncate(true).write(true).mode(0o600);
    let mut file = options.open(&partial)?;
    file.write_all(format!("{HEAD}\n{}\n{}\n", mark.instance, mark.n).as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&partial, &target)?;
    place::sync_folder(&target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(instance: &str, n: i64) -> Mark {
        Mark {
            instance: instance.to_owned(),
            n,
        }
    }

    #[track_caller]
    fn check(file: Option<(&str, i64)>, database: (&str, i64), expected: Option<&Fault>) {
        let file = file.map(|(instance, n)| mark(instance, n));
        let database = mark(database.0, database.1);
        assert_eq!(compared(file.as_ref(), &database).as_ref(), expected);
    }

    #[test]
    fn a_database_behind_its_mark_has_lost_something() {
        check(None, ("a", 0), None);
        check(Some(("a", 7)), ("a", 7), None);
        // Killed between the commit and the file.
        check(Some(("a", 7)), ("a", 8), None);
        check(
            Some(("a", 7)),
            ("a", 5),
            Some(&Fault::Rewound { missing: 2 }),
        );
        check(Some(("a", 7)), ("b", 9), Some(&Fault::Exchanged));
        check(Some(("a", 7)), ("", 0), Some(&Fault::Exchanged));
        check(Some(("", 1)), ("a", 1), None);
    }

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("escucha.db");
        assert_eq!(read(&path), None);
        write(&path, &mark("abc", 41)).unwrap();
        write(&path, &mark("abc", 42)).unwrap();
        assert_eq!(read(&path), Some(mark("abc", 42)));
        std::fs::write(place::mark_path(&path), "x").unwrap();
        assert_eq!(read(&path), None);
    }
}
