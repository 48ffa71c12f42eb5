//! Which of our migrations a database has, without bringing it up to date.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::StoreError;
use super::db::{Db, Row, args};
use super::fault::Fault;
use super::migrations::migrator;

/// What a database is to this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Schema {
    /// No table at all.
    Empty,
    Ours {
        /// Its last migration, and the last that we know.
        version: i64,
        newest: i64,
        /// Migrations that it has not got yet.
        pending: usize,
    },
    Wrong(Fault),
}

/// Looks at the database's own list.
pub(super) async fn of(db: &Db) -> Result<Schema, StoreError> {
    let tables = db.rows_of(TABLES_SQLITE, TABLES_POSTGRES, args![]).await?;
    let names: Vec<String> = tables
        .iter()
        .map(|row| row.text("name"))
        .collect::<Result<_, _>>()?;
    if names.is_empty() {
        return Ok(Schema::Empty);
    }
    let has = |name: &str| names.iter().any(|known| known == name);
    if !has("_sqlx_migrations") {
        return Ok(Schema::Wrong(Fault::Foreign));
    }
    let rows = db
        .rows_of(APPLIED_SQLITE, APPLIED_POSTGRES, args![])
        .await?;
    if rows.is_empty() {
        // Killed between the list and the first migration.
        let is_new = names.len() == 1;
        return Ok(if is_new {
            Schema::Empty
        } else {
            Schema::Wrong(Fault::Foreign)
        });
    }
    judged(&rows, has("instance"))
}

fn judged(rows: &[Row], has_instance: bool) -> Result<Schema, StoreError> {
    let migrator = migrator();
    let ours: HashMap<i64, String> = migrator
        .iter()
        .map(|one| (one.version, hex(&one.checksum)))
        .collect();
    let newest = ours.keys().max().copied().unwrap_or(0);
    let mut version = 0;
    for row in rows {
        version = row.int("version")?;
        if row.int("done")? == 0 {
            return Ok(Schema::Wrong(Fault::HalfMigrated { version }));
        }
        match ours.get(&version) {
            Some(checksum) if *checksum != row.text("checksum")? => {
                let fault = if has_instance {
                    Fault::Altered { version }
                } else {
                    Fault::Foreign
                };
                return Ok(Schema::Wrong(fault));
            }
            Some(_) => {}
            None if has_instance => {
                let newest_there = rows
                    .last()
                    .map_or(Ok(version), |last| last.int("version"))?;
                let version = newest_there;
                return Ok(Schema::Wrong(Fault::Newer {
                    version,
                    known: newest,
                }));
            }
            None => return Ok(Schema::Wrong(Fault::Foreign)),
        }
    }
    Ok(Schema::Ours {
        version,
        newest,
        pending: ours.len() - rows.len(),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

const TABLES_SQLITE: &str = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
const TABLES_POSTGRES: &str = "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables \
     WHERE schemaname = current_schema()";
const APPLIED_SQLITE: &str = "SELECT version, CAST(success AS BIGINT) AS done, \
     lower(hex(checksum)) AS checksum FROM _sqlx_migrations ORDER BY version";
const APPLIED_POSTGRES: &str = "SELECT version, CAST(CAST(success AS INTEGER) AS BIGINT) AS done, \
     encode(checksum, 'hex') AS checksum FROM _sqlx_migrations ORDER BY version";
