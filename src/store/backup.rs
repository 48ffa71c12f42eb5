//! Copies of a SQLite file that are sound, private and whole, or not there at all; and the checks.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::db::{Db, Row, args};
use super::fault::Fault;
use super::{DiskTrouble, Store, StoreError, place};

/// Complaints of a check that are kept; the first tells enough.
const COMPLAINTS: usize = 20;

impl Store {
    /// Writes a sound copy of a SQLite database to `target`: copied, checked, on the disk, then renamed.
    /// Killed at any moment, it leaves the old `target`, or none, or the new one.
    pub async fn backup(&self, target: &Path) -> Result<(), StoreError> {
        let Some(path) = &self.path else {
            return Err(StoreError::BadCopy(
                "back PostgreSQL up with pg_dump".to_owned(),
            ));
        };
        into(&self.db, path, target).await
    }

    /// Looks whether every page can be read and is in its place; what it complains of.
    pub async fn quick_check(&self) -> Result<Vec<String>, StoreError> {
        checked(&self.db, "PRAGMA quick_check(20)", "quick_check").await
    }

    /// The same, and whether every index says what its table says: takes several times as long.
    pub async fn integrity_check(&self) -> Result<Vec<String>, StoreError> {
        checked(&self.db, "PRAGMA integrity_check(20)", "integrity_check").await
    }
}

/// Copies what `db` holds, the file `path`, to `target`.
pub(super) async fn into(db: &Db, path: &Path, target: &Path) -> Result<(), StoreError> {
    let Db::Sqlite { readers, .. } = db else {
        return Err(StoreError::BadCopy("this is no SQLite file".to_owned()));
    };
    if !place::folder(target).is_dir() {
        return Err(place::refused(target, Fault::FolderMissing));
    }
    if place::is_of(path, target) {
        return Err(place::refused(target, Fault::OwnPlace));
    }
    if !may_be_replaced(target).await {
        return Err(place::refused(target, Fault::Taken));
    }
    let needed = place::bytes(path) + place::bytes(&place::wal_path(path));
    if let Some(free) = place::free_bytes(target).filter(|free| *free < needed) {
        return Err(place::refused(target, Fault::Cramped { free, needed }));
    }
    let told = |source| place::opening(target, source);
    let partial = place::beside(target, ".partial");
    // An empty file is filled by VACUUM INTO, and is private before the first word is in it.
    private(&partial).map_err(told)?;
    let copied = sqlx::query("VACUUM INTO $1").bind(partial.display().to_string());
    let done = async {
        let (_place, mut one) = readers.acquire().await?;
        // So the copy will be able to shrink. What reads only says that it cannot write, and has heard
        // it all the same.
        let _ = sqlx::query("PRAGMA auto_vacuum = INCREMENTAL")
            .execute(&mut *one)
            .await;
        copied.execute(&mut *one).await?;
        drop(one);
        sound(&partial).await?;
        File::open(&partial)
            .and_then(|file| file.sync_all())
            .map_err(told)?;
        std::fs::rename(&partial, target).map_err(told)?;
        place::sync_folder(target).map_err(told)
    };
    let done = done.await;
    if done.is_err() {
        // A copy that is not whole is of no use to anybody.
        let _ = std::fs::remove_file(&partial);
    }
    done
}

/// Whether nothing is lost when a copy is written here: nothing is there, an empty file, or an earlier copy.
async fn may_be_replaced(target: &Path) -> bool {
    match std::fs::metadata(target) {
        Err(error) => return error.kind() == std::io::ErrorKind::NotFound,
        Ok(there) if !there.is_file() => return false,
        Ok(there) if there.len() == 0 => return true,
        Ok(_) => {}
    }
    let Ok(db) = Db::look_at_sqlite(target, true).await else {
        return false;
    };
    let sql = "SELECT COUNT(*) AS n FROM sqlite_master WHERE type = 'table' \
               AND name IN ('instance', 'posts', 'outbox')";
    let rows = db.rows(sql, args![]).await;
    db.close().await;
    let n = rows
        .ok()
        .and_then(|rows| rows.first().map(|row| row.int("n")));
    matches!(n, Some(Ok(3)))
}

/// Makes an empty file that only its owner may read, in the place of whatever was there.
pub(super) fn private(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = File::options();
    options
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .map(drop)
}

/// Refuses a copy that nobody writes any more when something is wrong in it.
pub(super) async fn sound(copy: &Path) -> Result<(), StoreError> {
    let db = Db::look_at_sqlite(copy, true).await?;
    let found = checked(&db, "PRAGMA integrity_check(20)", "integrity_check").await;
    db.close().await;
    match found?.first() {
        None => Ok(()),
        Some(complaint) => Err(StoreError::BadCopy(complaint.clone())),
    }
}

/// What a check complains of, each with the name of its table where it tells of a tree.
pub(super) async fn checked(
    db: &Db,
    pragma: &'static str,
    column: &str,
) -> Result<Vec<String>, StoreError> {
    let rows = match db.rows(pragma, args![]).await {
        Ok(rows) => rows,
        Err(StoreError::Disk {
            trouble: DiskTrouble::Damaged,
            text,
        }) => return Ok(searched(db, text).await),
        Err(other) => return Err(other),
    };
    let said: Vec<String> = rows
        .iter()
        .map(|row| row.text(column))
        .collect::<Result<_, _>>()?;
    if said.len() == 1 && said.first().is_some_and(|said| said == "ok") {
        return Ok(Vec::new());
    }
    let sql = "SELECT name, rootpage FROM sqlite_master WHERE rootpage > 0";
    let roots = db.rows(sql, args![]).await.unwrap_or_default();
    let lines = said.iter().flat_map(|said| said.lines());
    let lines = lines.filter(|line| !line.trim().is_empty() && !line.starts_with("***"));
    Ok(lines
        .take(COMPLAINTS)
        .map(|line| named(line, &roots))
        .collect())
}

/// The tables that cannot be checked, where the check of the whole gave up.
async fn searched(db: &Db, gave_up: String) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
    let tables = db.rows(sql, args![]).await.unwrap_or_default();
    let mut found = vec![gave_up];
    for name in tables.iter().filter_map(|row| row.text("name").ok()) {
        let sql = "SELECT integrity_check AS said FROM pragma_integrity_check($1)";
        let said = match db.rows(sql, args![&name]).await {
            Ok(rows) => rows.first().and_then(|row| row.text("said").ok()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(said) = said.filter(|said| said != "ok") {
            found.push(format!("{name}: {said}"));
        }
    }
    found.truncate(COMPLAINTS);
    found
}

/// `Tree 12 page 34 cell 5: …` says more with the name of the table or index.
fn named(line: &str, roots: &[Row]) -> String {
    let number = line
        .strip_prefix("Tree ")
        .and_then(|rest| rest.split(' ').next());
    let root = number.and_then(|number| number.parse::<i64>().ok());
    let owner = roots
        .iter()
        .find(|row| root.is_some() && row.int("rootpage").ok() == root);
    match owner.and_then(|row| row.text("name").ok()) {
        Some(name) => format!("{name}: {line}"),
        None => line.to_owned(),
    }
}
