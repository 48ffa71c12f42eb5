//! PostgreSQL behind a network: connections, and the patience that both sides have.

use std::io;
use std::pin::Pin;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection as _, Row as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::StoreError;

/// A database that gives no connection in this time is down.
pub(super) const ACQUIRE_WAIT: Duration = Duration::from_secs(5);
/// Hundreds of polls share the connections: where the disk of the server is slow, each waits its turn.
const LINE_WAIT: Duration = Duration::from_secs(30);
/// What the server ends by itself: a statement, the wait for a lock, a transaction that does nothing.
const PATIENCE: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'; \
                        SET idle_in_transaction_session_timeout = '60s'";
/// What is told as stored must outlive a power cut, whatever the server, the database or the user is set to;
/// what promises more (`remote_apply`) stays.
const DURABLE: &str = "SELECT set_config('synchronous_commit', 'on', false) \
                       WHERE current_setting('synchronous_commit') IN ('off', 'local')";
/// Longer than the server works on anything: who waits so long waits for a network that is cut.
const ANSWER_WAIT: Duration = Duration::from_secs(40);
const CONNECTIONS_MAX: u32 = 8;
/// A connection that rested for less is taken without asking whether it lives: to ask before every
/// statement would double what small statements cost.
const RESTED: Duration = Duration::from_secs(1);
/// "cached plan must not change result type": another version has added a column since this connection
/// prepared its statement.
const STALE_PLAN: &str = "0A000";

/// The connections to the server. Whoever finds all of them at work waits in a line of ours, which says nothing
/// about the server; only who has a place begins to count how long it takes to give a connection.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    pub(super) pool: PgPool,
    places: Arc<Semaphore>,
}

impl Connections {
    fn new(pool: PgPool) -> Self {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX as usize));
        Self { pool, places }
    }

    /// A place among those who have a connection, to be kept as long as it.
    pub(super) async fn place(&self) -> Result<OwnedSemaphorePermit, sqlx::Error> {
        self.place_within(LINE_WAIT).await
    }

    async fn place_within(&self, limit: Duration) -> Result<OwnedSemaphorePermit, sqlx::Error> {
        let place = Arc::clone(&self.places).acquire_owned();
        match tokio::time::timeout(limit, place).await {
            Ok(place) => place.map_err(|_| sqlx::Error::PoolClosed),
            Err(_) => Err(sqlx::Error::PoolTimedOut),
        }
    }
}

pub(super) async fn open(url: &str) -> Result<Connections, StoreError> {
    // A pooler refuses what it does not know at the start of a connection.
    let options = PgConnectOptions::from_str(url)?
        .application_name("escucha")
        .extra_float_digits(None);
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS_MAX)
        .acquire_timeout(ACQUIRE_WAIT)
        .test_before_acquire(false)
        .after_connect(|connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(PATIENCE).execute(&mut *connection).await?;
                sqlx::raw_sql(DURABLE).execute(connection).await?;
                Ok(())
            })
        })
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for >= RESTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        // The pool asks a connection that comes back whether it lives, and gives its place to nobody until it
        // knows: of a cut network it would never know.
        .after_release(|connection, _| {
            Box::pin(async move {
                within(ACQUIRE_WAIT, connection.ping()).await?;
                Ok(true)
            })
        })
        .connect_with(options)
        .await?;
    answered(refuse_pooler(&pool)).await?;
    Ok(Connections::new(pool))
}

/// What the server answers. A network that drops everything says nothing: once the question has arrived,
/// the system would wait for ever. Boxed: whatever waits for a statement holds it.
pub(super) fn answered<'a, T: 'a, E: From<sqlx::Error> + 'a>(
    asked: impl Future<Output = Result<T, E>> + Send + 'a,
) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>> {
    Box::pin(within(ANSWER_WAIT, asked))
}

async fn within<T, E: From<sqlx::Error>>(
    limit: Duration,
    asked: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let answer = tokio::time::timeout(limit, asked).await;
    answer.unwrap_or_else(|_| {
        let silence = format!("the server has not answered in {} s", limit.as_secs());
        Err(sqlx::Error::from(io::Error::new(io::ErrorKind::TimedOut, silence)).into())
    })
}

pub(super) fn is_stale(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| code == STALE_PLAN)
}

/// Refuses a pooler that gives each transaction another connection: prepared statements, time limits and
/// the lock of the migrations belong to a connection. Asked without prepared statements, which would
/// fail first and say less.
async fn refuse_pooler(pool: &PgPool) -> Result<(), StoreError> {
    let (mut one, mut other) = (pool.acquire().await?, pool.acquire().await?);
    for _ in 0..3 {
        sqlx::raw_sql("SET escucha.seat = 'one'")
            .execute(&mut *one)
            .await?;
        sqlx::raw_sql("SET escucha.seat = 'other'")
            .execute(&mut *other)
            .await?;
        let seat = sqlx::raw_sql("SELECT current_setting('escucha.seat', true) AS seat")
            .fetch_one(&mut *one)
            .await?;
        if seat.try_get::<Option<String>, _>("seat")?.as_deref() != Some("one") {
            return Err(StoreError::Pooled);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_finds_all_at_work_waits_in_line_and_not_for_ever() {
        let nobody = PgPoolOptions::new().connect_lazy("postgres://nobody.test/none");
        let connections = Connections::new(nobody.unwrap());
        let mut places = Vec::new();
        for _ in 0..CONNECTIONS_MAX {
            places.push(connections.place().await.unwrap());
        }
        let late = connections.place_within(Duration::from_millis(1)).await;
        assert!(matches!(late, Err(sqlx::Error::PoolTimedOut)), "{late:?}");
        let mut waiting = Box::pin(connections.place());
        let waits = std::future::poll_fn(|cx| std::task::Poll::Ready(waiting.as_mut().poll(cx)));
        assert!(waits.await.is_pending());
        drop(places.pop());
        assert!(waiting.await.is_ok());
    }
}
