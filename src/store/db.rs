//! One small door to both databases: text and integers in, text and integers out.
//!
//! Every column is TEXT or BIGINT, so one argument type and one row type serve SQLite and PostgreSQL
//! with the same SQL text. The enum of pools ends in this file; no other file names a driver.

use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{
    SqliteArguments, SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions,
    SqliteRow, SqliteSynchronous,
};
use sqlx::{Connection as _, Postgres, Row as _, SqlSafeStr, Sqlite};

use super::StoreError;
use super::group::{Part, Writer};
use super::migrations::migrator;
use super::postgres::{self, ACQUIRE_WAIT, Connections, Held, answered, is_stale};
use super::readers::Readers;
use super::visit::visits;

/// How long SQLite waits for another process' write.
const BUSY_WAIT: Duration = Duration::from_secs(10);
const SQLITE_READERS_MAX: u32 = 4;
/// Pages that the writer keeps, in KiB with a minus: those that every poll touches.
const CACHE: &str = "-16384";
/// The same of a reader: with each commit it forgets what it has, which takes the longer the more that is.
const READER_CACHE: &str = "-512";
/// Pages in the log from which on they are copied to the database: many are written again before that.
const CHECKPOINT_PAGES: &str = "4000";
/// A log that grew in a flood is cut to this at its next reset. Not to nothing: its room on the disk is
/// what the last mails are settled in when the disk is full.
const WAL_BYTES_KEPT: &str = "8388608";

/// PostgreSQL plans a prepared statement for limits that it does not know, and what is due is never what its
/// statistics have seen: it takes thousands of rows for one, and sorts them all for the first few.
const IN_ORDER: &str = "SET LOCAL enable_sort = off; SET LOCAL enable_seqscan = off; \
                        SET LOCAL enable_bitmapscan = off";

#[derive(Clone, Debug)]
pub(super) enum Db {
    /// One connection that writes, since SQLite has one writer, and others that read what is committed.
    Sqlite {
        writer: Writer,
        readers: Readers,
    },
    Postgres(Connections),
}

/// A write transaction, or on SQLite also a consistent read.
pub(super) enum Tx {
    Sqlite(Part),
    Postgres(Held),
}

/// A value to bind. `None` is a typed NULL.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arg<'a> {
    Text(Option<&'a str>),
    Int(Option<i64>),
}

/// One statement of several that are run together.
#[derive(Clone, Debug)]
pub(super) struct Statement<'a> {
    pub(super) sql: &'static str,
    pub(super) args: Vec<Arg<'a>>,
}

impl<'a> Statement<'a> {
    pub(super) fn new(sql: &'static str, args: Vec<Arg<'a>>) -> Self {
        Self { sql, args }
    }
}

pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Some(value))
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(Some(value))
    }
}

impl<'a> From<&'a Option<String>> for Arg<'a> {
    fn from(value: &'a Option<String>) -> Self {
        Self::Text(value.as_deref())
    }
}

impl<'a> From<Option<&'a str>> for Arg<'a> {
    fn from(value: Option<&'a str>) -> Self {
        Self::Text(value)
    }
}

impl From<i64> for Arg<'_> {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Arg<'_> {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<crate::model::Timestamp> for Arg<'_> {
    fn from(value: crate::model::Timestamp) -> Self {
        Self::Int(Some(value.0))
    }
}

impl From<Option<crate::model::Timestamp>> for Arg<'_> {
    fn from(value: Option<crate::model::Timestamp>) -> Self {
        Self::Int(value.map(|at| at.0))
    }
}

/// Builds the argument list of a statement: `args![id, now, count]`.
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::store::db::Arg::from($value)),*] };
}
pub(super) use args;

impl Db {
    pub(super) async fn open_sqlite(path: Option<&Path>) -> Result<Self, StoreError> {
        let options = match path {
            Some(path) => SqliteConnectOptions::new()
                .filename(path)
                .create_if_missing(true),
            None => SqliteConnectOptions::from_str("sqlite::memory:")?,
        };
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_WAIT)
            .foreign_keys(true)
            // What lay where something was deleted is overwritten.
            .pragma("secure_delete", "ON")
            .pragma("journal_size_limit", WAL_BYTES_KEPT)
            .pragma("trusted_schema", "OFF")
            // What a savepoint may have to take back is kept beside the database: not in files, of which
            // each transaction would open one and write every page twice.
            .pragma("temp_store", "MEMORY");
        let kept = || {
            let pool = SqlitePoolOptions::new().test_before_acquire(false);
            pool.idle_timeout(None).max_lifetime(None)
        };
        let one = kept().max_connections(1).min_connections(1);
        // A new file can give the room of what is deleted back to the disk. Said once, by who makes it: to
        // a file that is there already it would be a write at every connection.
        let founding = match path {
            Some(path) if super::place::bytes(path) > 0 => options.clone(),
            _ => options.clone().auto_vacuum(SqliteAutoVacuum::Incremental),
        };
        let writing = founding
            .pragma("cache_size", CACHE)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES);
        let pool = one.connect_with(writing).await?;
        let readers = match path {
            Some(_) => {
                let several = kept().max_connections(SQLITE_READERS_MAX);
                let reading = options
                    .create_if_missing(false)
                    .pragma("cache_size", READER_CACHE);
                let several = several.connect_lazy_with(reading);
                Readers::kept(several, SQLITE_READERS_MAX)
            }
            // What is in memory belongs to its one connection.
            None => Readers::shared(pool.clone()),
        };
        let writer = Writer::new(pool);
        Ok(Self::Sqlite { writer, readers })
    }

    /// A SQLite file as it is, to look at: nothing is made, changed or brought up to date. What nobody
    /// else can write (`is_still`) needs no lock and leaves no file behind.
    pub(super) async fn look_at_sqlite(path: &Path, is_still: bool) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .immutable(is_still)
            .busy_timeout(BUSY_WAIT)
            .pragma("trusted_schema", "OFF");
        let one = SqlitePoolOptions::new().max_connections(1);
        let pool = one
            .acquire_timeout(ACQUIRE_WAIT)
            .connect_with(options)
            .await?;
        let readers = Readers::shared(pool.clone());
        let writer = Writer::new(pool);
        Ok(Self::Sqlite { writer, readers })
    }

    pub(super) async fn open_postgres(url: &str) -> Result<Self, StoreError> {
        Ok(Self::Postgres(postgres::open(url).await?))
    }

    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        let migrator = migrator();
        match self {
            Self::Sqlite { writer, .. } => migrator.run(writer.pool()).await?,
            Self::Postgres(connections) => postgres::migrate(connections, &migrator).await?,
        }
        Ok(())
    }

    /// A write transaction. On SQLite it takes the write lock at once: a transaction that reads first
    /// and writes later fails with SQLITE_BUSY in spite of the busy timeout (reliability M18).
    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite { writer, .. } => Tx::Sqlite(writer.begin().await?),
            Self::Postgres(connections) => Tx::Postgres(Held::begin(connections).await?),
        })
    }

    pub(super) fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    pub(super) async fn rows(
        &self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        Ok(match self {
            Self::Sqlite { readers, .. } => {
                let rows = readers.rows(sql, args).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(connections) => {
                let mut held = Held::take(connections).await?;
                let asked = async {
                    let connection = held.connection()?;
                    let mut rows = bind_postgres(sql, args).fetch_all(&mut *connection).await;
                    if rows.as_ref().is_err_and(is_stale) {
                        connection.clear_cached_statements().await?;
                        rows = bind_postgres(sql, args).fetch_all(connection).await;
                    }
                    rows
                };
                let rows = answered(asked).await?;
                held.give_back();
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// A query that each engine says in its own way.
    pub(super) async fn rows_of(
        &self,
        sqlite: &'static str,
        postgres: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let sql = if self.is_postgres() { postgres } else { sqlite };
        self.rows(sql, args).await
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(connections) => postgres::close(connections).await,
        }
    }
}

impl Tx {
    /// Runs a statement and tells how many rows it changed.
    pub(super) async fn execute(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<u64, StoreError> {
        Ok(match self {
            Self::Sqlite(part) => bind_sqlite(sql, args)
                .execute(&mut **part.transaction().await?)
                .await?
                .rows_affected(),
            Self::Postgres(held) => {
                let asked = bind_postgres(sql, args).execute(held.connection()?);
                answered(asked).await?.rows_affected()
            }
        })
    }

    pub(super) async fn rows(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        Ok(match self {
            Self::Sqlite(part) => {
                let open = &mut **part.transaction().await?;
                let rows = bind_sqlite(sql, args).fetch_all(open).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(held) => {
                let connection = held.connection()?;
                let rows = answered(bind_postgres(sql, args).fetch_all(&mut *connection)).await;
                if rows.as_ref().is_err_and(is_stale) {
                    connection.clear_cached_statements().await?;
                    return Err(StoreError::Raced);
                }
                rows?.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// Runs statements one after another and tells the rows that they return, those of the first first.
    /// SQLite's one writer does as many in one visit as [`visits`] puts together.
    pub(super) async fn all(
        &mut self,
        statements: &[Statement<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        if let Self::Sqlite(part) = self {
            for visit in visits(statements) {
                rows.extend(part.visit(visit).await?.into_iter().map(Row::Sqlite));
            }
        } else {
            for statement in statements {
                rows.extend(self.rows(statement.sql, &statement.args).await?);
            }
        }
        Ok(rows)
    }

    /// The first row of a query on either engine. `FOR UPDATE SKIP LOCKED` is added on PostgreSQL,
    /// where several workers claim at once: the one fork in the SQL. There the rows are taken in the order of their
    /// index until there are enough.
    pub(super) async fn claimable(
        &mut self,
        sqlite: &'static str,
        postgres: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let Self::Postgres(held) = self else {
            return self.rows(sqlite, args).await;
        };
        answered(sqlx::raw_sql(IN_ORDER).execute(held.connection()?)).await?;
        self.rows(postgres, args).await
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(part) => part.commit().await?,
            Self::Postgres(held) => held.commit().await?,
        }
        Ok(())
    }
}

impl Row {
    pub(super) fn text(&self, column: &str) -> Result<String, StoreError> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(super) fn opt_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(super) fn int(&self, column: &str) -> Result<i64, StoreError> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(super) fn opt_int(&self, column: &str) -> Result<Option<i64>, StoreError> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(super) fn at(&self, column: &str) -> Result<crate::model::Timestamp, StoreError> {
        self.int(column).map(crate::model::Timestamp)
    }

    pub(super) fn opt_at(
        &self,
        column: &str,
    ) -> Result<Option<crate::model::Timestamp>, StoreError> {
        Ok(self.opt_int(column)?.map(crate::model::Timestamp))
    }
}

pub(super) fn bind_sqlite<'q>(
    sql: impl SqlSafeStr,
    args: &'q [Arg<'q>],
) -> Query<'q, Sqlite, SqliteArguments> {
    args.iter().fold(sqlx::query(sql), |query, arg| match *arg {
        Arg::Text(text) => query.bind(text),
        Arg::Int(int) => query.bind(int),
    })
}

fn bind_postgres<'q>(sql: &'static str, args: &'q [Arg<'q>]) -> Query<'q, Postgres, PgArguments> {
    args.iter().fold(sqlx::query(sql), |query, arg| match *arg {
        Arg::Text(text) => query.bind(text),
        Arg::Int(int) => query.bind(int),
    })
}
