//! PostgreSQL behind a network: connections, and the patience that both sides have.

use std::io;
use std::pin::Pin;
use std::str::FromStr as _;
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{
    Manager, Metrics, Object, Pool, PoolError, QueueMode, RecycleError, RecycleResult,
};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};

use super::{StoreError, Unreached};

/// A database that gives no connection in this time is down.
pub(super) const ACQUIRE_WAIT: Duration = Duration::from_secs(5);
/// Hundreds of polls share the connections: where the disk of the server is slow, each waits its turn, which
/// says nothing about the server.
const LINE_WAIT: Duration = Duration::from_secs(30);
/// What the server ends by itself: a statement, the wait for a lock, a transaction that does nothing.
const PATIENCE: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'; \
                        SET idle_in_transaction_session_timeout = '60s'";
/// Tables of years take as long as they take to bring up to date, and a worker that comes second waits for the first.
/// The server finds out by itself that it works for somebody whose network is cut.
const UNHURRIED: &str = "SET statement_timeout = 0; SET lock_timeout = 0; SET tcp_keepalives_idle = 30; \
                         SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3";
/// How often a server that is brought up to date is asked whether it is there, and how often in a row it may not be.
const ASKED_EVERY: Duration = Duration::from_secs(10);
const SILENT_MAX: u32 = 2;
/// What is told as stored must outlive a power cut, whatever the server, the database or the user is set to;
/// what promises more (`remote_apply`) stays.
const DURABLE: &str = "SELECT set_config('synchronous_commit', 'on', false) \
                       WHERE current_setting('synchronous_commit') IN ('off', 'local')";
/// Longer than the server works on anything: who waits so long waits for a network that is cut.
const ANSWER_WAIT: Duration = Duration::from_secs(40);
const CONNECTIONS_MAX: usize = 8;
/// A connection that was taken less long ago is taken without asking whether it lives: to ask before every
/// statement would double what small statements cost.
const RESTED: Duration = Duration::from_secs(1);
/// Older connections are made anew: after a failover, all are at the new server in this time.
const AGE_MAX: Duration = Duration::from_mins(30);
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// "cached plan must not change result type": another version has added a column since this connection
/// prepared its statement.
const STALE_PLAN: &str = "0A000";

/// The connections to the server, each for one at a time.
pub(super) type Connections = Pool<Server>;

/// How a connection is made, and looked at before it is taken again.
#[derive(Debug)]
pub(super) struct Server(PgConnectOptions);

impl Manager for Server {
    type Type = PgConnection;
    type Error = sqlx::Error;

    /// Tries until the pool has waited long enough: a server that starts refuses at first.
    async fn create(&self) -> Result<PgConnection, sqlx::Error> {
        let mut pause = Duration::from_millis(10);
        let mut connection = loop {
            match self.0.connect().await {
                Err(error) if may_pass(&error) => tokio::time::sleep(pause).await,
                connected => break connected?,
            }
            pause = (pause * 2).min(PAUSE_MAX);
        };
        sqlx::raw_sql(PATIENCE).execute(&mut connection).await?;
        sqlx::raw_sql(DURABLE).execute(&mut connection).await?;
        Ok(connection)
    }

    async fn recycle(
        &self,
        connection: &mut PgConnection,
        metrics: &Metrics,
    ) -> RecycleResult<sqlx::Error> {
        if metrics.age() >= AGE_MAX {
            return Err(RecycleError::message("old"));
        }
        if metrics.last_used() >= RESTED {
            connection.ping().await?;
        }
        Ok(())
    }
}

fn may_pass(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == io::ErrorKind::ConnectionRefused,
        sqlx::Error::Database(error) => error.is_transient_in_connect_phase(),
        _ => false,
    }
}

/// A connection of the pool, which has its own limits of time. Boxed like [`answered`].
fn taken(
    connections: &Connections,
) -> Pin<Box<dyn Future<Output = Result<Object<Server>, sqlx::Error>> + Send + '_>> {
    Box::pin(async {
        connections.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error,
            PoolError::Timeout(_) => sqlx::Error::PoolTimedOut,
            _ => sqlx::Error::PoolClosed,
        })
    })
}

/// A connection that is taken. Whatever is left in the middle of something goes back when that has ended.
pub(super) struct Held {
    /// Taken by the end.
    connection: Option<Object<Server>>,
    is_in_transaction: bool,
}

impl Held {
    pub(super) async fn take(connections: &Connections) -> Result<Self, sqlx::Error> {
        Ok(Self {
            connection: Some(taken(connections).await?),
            is_in_transaction: false,
        })
    }

    /// Takes a connection and begins a transaction, which is rolled back if this is dropped.
    pub(super) async fn begin(connections: &Connections) -> Result<Self, sqlx::Error> {
        let mut held = Self::take(connections).await?;
        held.is_in_transaction = true;
        let begin = sqlx::raw_sql("BEGIN");
        answered(begin.execute(held.connection()?)).await?;
        Ok(held)
    }

    /// The connection; only one that was given back is none.
    pub(super) fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        let connection = self.connection.as_deref_mut();
        connection.ok_or(sqlx::Error::PoolClosed)
    }

    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        let commit = sqlx::raw_sql("COMMIT");
        answered(commit.execute(self.connection()?)).await?;
        self.give_back();
        Ok(())
    }

    /// Gives back a connection on which nothing is open and nothing under way.
    pub(super) fn give_back(mut self) {
        self.connection = None;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            drop(Object::take(connection));
            return;
        };
        let is_in_transaction = self.is_in_transaction;
        runtime.spawn(async move {
            let ended = within(ACQUIRE_WAIT, async {
                if is_in_transaction {
                    let rolled_back = sqlx::raw_sql("ROLLBACK").execute(&mut *connection);
                    rolled_back.await.map(drop)
                } else {
                    connection.ping().await
                }
            });
            if ended.await.is_err() {
                // Of a cut network nobody would ever know: the next is a new one.
                drop(Object::take(connection));
            }
        });
    }
}

pub(super) async fn open(url: &str) -> Result<Connections, StoreError> {
    // A pooler refuses what it does not know at the start of a connection.
    let options = PgConnectOptions::from_str(url)?
        .application_name("escucha")
        .extra_float_digits(None);
    let connections = pool(options, LINE_WAIT)?;
    let first = Held::take(&connections).await;
    first
        .map_err(|error| StoreError::Unreached(Unreached::of(&error)))?
        .give_back();
    answered(refuse_pooler(&connections)).await?;
    Ok(connections)
}

/// Brings the tables up to date, however long it takes, as long as the server is there.
pub(super) async fn migrate(
    connections: &Connections,
    migrator: &Migrator,
) -> Result<(), StoreError> {
    let mut held = Held::take(connections).await?;
    let connection = held.connection()?;
    answered(sqlx::raw_sql(UNHURRIED).execute(&mut *connection)).await?;
    tokio::select! {
        done = migrator.run_direct(None, &mut *connection, false) => done?,
        error = silence(connections) => return Err(StoreError::Unreached(Unreached::of(&error))),
    }
    answered(sqlx::raw_sql(PATIENCE).execute(connection)).await?;
    held.give_back();
    Ok(())
}

/// Ends when the server has not answered on other connections: a statement under way would wait for ever.
async fn silence(connections: &Connections) -> sqlx::Error {
    let mut n_silent = 0;
    loop {
        tokio::time::sleep(ASKED_EVERY).await;
        let asked = within(ASKED_EVERY, async {
            let mut held = Held::take(connections).await?;
            held.connection()?.ping().await?;
            held.give_back();
            Ok::<_, sqlx::Error>(())
        });
        match asked.await {
            Ok(()) => n_silent = 0,
            Err(error) if n_silent + 1 >= SILENT_MAX => return error,
            Err(_) => n_silent += 1,
        }
    }
}

fn pool(options: PgConnectOptions, line_wait: Duration) -> Result<Connections, StoreError> {
    let pool = Pool::builder(Server(options))
        .max_size(CONNECTIONS_MAX)
        .queue_mode(QueueMode::Lifo)
        .wait_timeout(Some(line_wait))
        .create_timeout(Some(ACQUIRE_WAIT))
        .recycle_timeout(Some(ACQUIRE_WAIT))
        .runtime(Runtime::Tokio1);
    pool.build()
        .map_err(|error| StoreError::Database(error.to_string()))
}

/// Says good-bye on those that rest; those at work are closed when they come back.
pub(super) async fn close(connections: &Connections) {
    let rested = connections.retain(|_, _| false).removed;
    connections.close();
    for connection in rested {
        let _ = within(ACQUIRE_WAIT, connection.close()).await;
    }
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
async fn refuse_pooler(connections: &Connections) -> Result<(), StoreError> {
    let mut one = Held::take(connections).await?;
    let mut other = Held::take(connections).await?;
    for _ in 0..3 {
        sqlx::raw_sql("SET escucha.seat = 'one'")
            .execute(one.connection()?)
            .await?;
        sqlx::raw_sql("SET escucha.seat = 'other'")
            .execute(other.connection()?)
            .await?;
        let seat = sqlx::raw_sql("SELECT current_setting('escucha.seat', true) AS seat")
            .fetch_one(one.connection()?)
            .await?;
        if seat.try_get::<Option<String>, _>("seat")?.as_deref() != Some("one") {
            return Err(StoreError::Pooled);
        }
    }
    one.give_back();
    other.give_back();
    Ok(())
}

#[cfg(test)]
mod tests {
    use deadpool::managed::{TimeoutType, Timeouts};

    use super::*;

    #[tokio::test]
    async fn who_finds_all_at_work_waits_in_line_and_not_for_ever() {
        // Nobody answers there, so that each place is taken by one who connects.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let options = PgConnectOptions::new()
            .host("127.0.0.1")
            .port(silent.local_addr().unwrap().port());
        let connections = pool(options, Duration::from_millis(1)).unwrap();
        let mut connecting: Vec<_> = (0..CONNECTIONS_MAX)
            .map(|_| Box::pin(connections.get()))
            .collect();
        for one in &mut connecting {
            let begun = std::future::poll_fn(|cx| std::task::Poll::Ready(one.as_mut().poll(cx)));
            assert!(begun.await.is_pending());
        }
        let late = Held::take(&connections).await.map(drop);
        assert!(matches!(late, Err(sqlx::Error::PoolTimedOut)), "{late:?}");
        let limits = Timeouts {
            wait: Some(Duration::from_mins(1)),
            create: Some(Duration::from_millis(1)),
            recycle: None,
        };
        let mut waiting = Box::pin(connections.timeout_get(&limits));
        let waits = std::future::poll_fn(|cx| std::task::Poll::Ready(waiting.as_mut().poll(cx)));
        assert!(waits.await.is_pending());
        drop(connecting.pop());
        let next = waiting.await.map(drop);
        let connects = matches!(next, Err(PoolError::Timeout(TimeoutType::Create)));
        assert!(connects, "{next:?}");
    }
}
