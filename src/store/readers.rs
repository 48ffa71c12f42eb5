//! The connections of SQLite that read what is committed. They are kept between two statements: a pool
//! that takes one back asks it first whether it is well, which costs as much as a small statement.
//!
//! Absent: writing ([`super::group`]).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::db::{Arg, bind_sqlite};

/// Who reads waits for a place, then has a connection for one statement.
#[derive(Clone, Debug)]
pub(super) struct Readers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pool: SqlitePool,
    /// As many as the pool has connections; none where the only one is the writer's, and kept by nobody.
    places: Option<Semaphore>,
    idle: Mutex<Vec<PoolConnection<Sqlite>>>,
}

impl Readers {
    /// Of a file.
    pub(super) fn kept(pool: SqlitePool, n_max: u32) -> Self {
        Self::new(pool, Some(Semaphore::new(n_max as usize)))
    }

    /// Of what is in memory, and has one connection for all.
    pub(super) fn shared(pool: SqlitePool) -> Self {
        Self::new(pool, None)
    }

    fn new(pool: SqlitePool, places: Option<Semaphore>) -> Self {
        Self(Arc::new(Inner {
            pool,
            places,
            idle: Mutex::default(),
        }))
    }

    pub(super) async fn rows(
        &self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Vec<SqliteRow>, sqlx::Error> {
        let inner = &*self.0;
        let Some(places) = &inner.places else {
            return bind_sqlite(sql, args).fetch_all(&inner.pool).await;
        };
        let (_place, mut connection) = self.acquire().await?;
        // One that fails, or is left in the middle, goes back to the pool, which looks at it.
        let rows = bind_sqlite(sql, args).fetch_all(&mut *connection).await?;
        let mut idle = inner.idle();
        if !places.is_closed() {
            idle.push(connection);
        }
        Ok(rows)
    }

    /// A connection for more than one statement, with the place that it takes among the others.
    pub(super) async fn acquire(
        &self,
    ) -> Result<(Option<SemaphorePermit<'_>>, PoolConnection<Sqlite>), sqlx::Error> {
        let inner = &*self.0;
        let Some(places) = &inner.places else {
            return Ok((None, inner.pool.acquire().await?));
        };
        let place = places.acquire().await;
        let place = place.map_err(|_| sqlx::Error::PoolClosed)?;
        let idle = inner.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => inner.pool.acquire().await?,
        };
        Ok((Some(place), connection))
    }

    pub(super) async fn close(&self) {
        if let Some(places) = &self.0.places {
            places.close();
        }
        let idle = std::mem::take(&mut *self.0.idle());
        drop(idle);
        self.0.pool.close().await;
    }
}

impl Inner {
    fn idle(&self) -> MutexGuard<'_, Vec<PoolConnection<Sqlite>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sqlx::Row as _;
    use sqlx::sqlite::SqlitePoolOptions;
    use tokio::task::JoinSet;

    use super::*;
    use crate::store::db::args;

    #[tokio::test]
    async fn few_connections_serve_many_and_close_with_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("a.db").display());
        let pool = SqlitePoolOptions::new()
            .max_connections(2)
            .connect_lazy(&url);
        let readers = Readers::kept(pool.unwrap(), 2);
        let mut asking = JoinSet::new();
        for n in 0..50_i64 {
            let readers = readers.clone();
            asking.spawn(async move {
                let rows = readers.rows("SELECT $1 + 1", args![n]).await.unwrap();
                assert_eq!(rows[0].get::<i64, _>(0), n + 1);
            });
        }
        asking.join_all().await;
        let n_kept = readers.0.idle().len();
        assert!(readers.rows("SELECT nothing", &[]).await.is_err());
        assert_eq!(readers.0.idle().len(), n_kept - 1);
        let asking = async { tokio::join!(readers.rows("SELECT 1", &[]), readers.close()) };
        let asked = tokio::time::timeout(Duration::from_mins(1), asking).await;
        assert_eq!(asked.unwrap().0.unwrap().len(), 1);
        assert!(readers.rows("SELECT 1", &[]).await.is_err());
    }
}
