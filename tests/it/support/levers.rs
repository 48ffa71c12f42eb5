//! What a test moves in a database instead of waiting for hours.

use sqlx::{Connection as _, PgConnection, SqliteConnection};

const SOURCES: &str = "UPDATE sources SET next_at = 0, lease_until = 0";
const HOSTS: &str = "UPDATE hosts SET next_at = 0";
const PAGES: &str = "UPDATE pages SET next_at = 0, lease_until = 0";
const OUTBOX: &str = "UPDATE outbox SET next_at = 0 WHERE state IN ('ready', 'in_doubt')";
const INBOXES: &str = "UPDATE inboxes SET next_at = 0, lease_until = 0";
const INCIDENTS: &str = "UPDATE incidents SET tell_at = 0 WHERE tell_at IS NOT NULL";
const SOURCE_LEASES: &str = "UPDATE sources SET lease_until = 0";
const PAGE_LEASES: &str = "UPDATE pages SET lease_until = 0";
const MAIL_LEASES: &str = "UPDATE outbox SET lease_until = 0 WHERE state = 'sending'";
const BREAKERS: &str = "UPDATE transports SET open_until = 0";

/// The one number that this query finds in a SQLite file.
pub(crate) async fn number(url: &str, sql: &'static str) -> i64 {
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    let number = sqlx::query_scalar(sql).fetch_one(&mut connection).await;
    connection.close().await.unwrap();
    number.unwrap()
}

/// Waits until so many mails and calls are noted as sent in a SQLite file: what is under way may come again.
pub(crate) async fn until_sent(url: &str, n: i64) {
    const SENT: &str = "SELECT COUNT(*) FROM outbox WHERE state = 'sent'";
    let noted = async { while number(url, SENT).await < n {} };
    let deadline = std::time::Duration::from_mins(1);
    assert!(
        tokio::time::timeout(deadline, noted).await.is_ok(),
        "waited in vain: {n} sent"
    );
}

/// Changes what stands in a database.
pub(crate) async fn set(url: &str, sql: &'static str) {
    all(url, &[sql]).await;
}

/// Everything is due now: the sources, the mails and those whom an incident is to name, whatever they were
/// waiting for.
pub(crate) async fn everything_is_due(url: &str) {
    let all_due = [SOURCES, HOSTS, PAGES, OUTBOX, INBOXES, BREAKERS, INCIDENTS];
    all(url, &all_due).await;
}

/// Whoever holds a mail or a source holds it no more.
pub(crate) async fn leases_end(url: &str) {
    all(url, &[SOURCE_LEASES, PAGE_LEASES, MAIL_LEASES]).await;
}

async fn all(url: &str, statements: &[&'static str]) {
    if url.starts_with("postgres") {
        let mut connection = PgConnection::connect(url).await.unwrap();
        for sql in statements {
            sqlx::query(*sql).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
    } else {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        for sql in statements {
            sqlx::query(*sql).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
    }
}

/// The rows of a query for two texts, on either engine.
pub(crate) async fn pairs(url: &str, sql: &'static str) -> Vec<(String, String)> {
    if url.starts_with("postgres") {
        let mut connection = PgConnection::connect(url).await.unwrap();
        let rows = sqlx::query_as(sql).fetch_all(&mut connection).await;
        connection.close().await.unwrap();
        rows.unwrap()
    } else {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        let rows = sqlx::query_as(sql).fetch_all(&mut connection).await;
        connection.close().await.unwrap();
        rows.unwrap()
    }
}
