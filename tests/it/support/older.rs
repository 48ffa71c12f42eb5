//! A database as the first version left it: its tables, and mails that still wait.

use escucha::model::Timestamp;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqlStr, SqliteConnection};

const WALK: &str = include_str!("../../../migrations/0001_walk.sql");

/// A mail that was to be sent.
pub(crate) struct Pending {
    /// Without its angle brackets.
    pub(crate) message_id: String,
    /// What had been rendered; `None` if no server had been asked yet.
    pub(crate) sealed: Option<String>,
}

/// Makes the tables of the first version: a new SQLite file, or a PostgreSQL database whose own are dropped.
pub(crate) async fn make(url: &str) {
    let sql = SqlStr::from_static(WALK);
    let walk = Migration::new(1, "walk".into(), MigrationType::Simple, sql, false);
    let migrator = Migrator::with_migrations(vec![walk]);
    if url.starts_with("postgres") {
        execute(
            url,
            &[
                "DROP SCHEMA public CASCADE".to_owned(),
                "CREATE SCHEMA public".to_owned(),
            ],
        )
        .await;
        let mut db = PgConnection::connect(url).await.unwrap();
        migrator.run(&mut db).await.unwrap();
        db.close().await.unwrap();
    } else {
        let mut db = SqliteConnection::connect(&format!("{url}?mode=rwc"))
            .await
            .unwrap();
        migrator.run(&mut db).await.unwrap();
        db.close().await.unwrap();
    }
}

/// Puts so many mails to this recipient into it, in every state in which one can wait.
pub(crate) async fn fill(url: &str, recipient: &str, n: usize, now: Timestamp) -> Vec<Pending> {
    let at = now.0;
    let mut statements = Vec::new();
    let mut pending = Vec::new();
    for nth in 0..n {
        let message_id = format!("antes-{nth}@ejemplo.test");
        // Some are new, the others were tried: refused for a while, lost after the dot, or their worker died.
        let (state, phase, attempts, doubts) = match nth % 50 {
            0 => ("ready", "none", 0, 0),
            rest if rest % 3 == 0 => ("ready", "pre_dot", 2, 0),
            rest if rest % 3 == 1 => ("in_doubt", "post_dot", 1, 1),
            _ => ("sending", "pre_dot", 1, 0),
        };
        let sealed = (attempts > 0).then(|| {
            format!(
                "Message-ID: <{message_id}>\r\nFrom: avisos@ejemplo.test\r\nTo: {recipient}\r\n\
                 Subject: Aviso {nth}\r\n\r\nLo que se escribió entonces, {nth}.\r\n"
            )
            .replace('ó', "o")
        });
        let mime = sealed
            .as_ref()
            .map_or("NULL".to_owned(), |mime| format!("'{mime}'"));
        statements.push(format!(
            "INSERT INTO alerts (id, kind, case_id, created_at, subject, text, html) VALUES \
             ('a-{nth}', 'backlog', NULL, {at}, 'Aviso {nth}', 'Lo de entonces, {nth}.', '<p>{nth}</p>')"
        ));
        statements.push(format!(
            "INSERT INTO outbox (id, alert_id, recipient, message_id, mime, state, phase, attempts, doubts, \
             next_at, lease_owner, lease_until, lease_token, created_at) VALUES ('d-{nth}', 'a-{nth}', \
             '{recipient}', '<{message_id}>', {mime}, '{state}', '{phase}', {attempts}, {doubts}, {at}, \
             'antes', {at}, 1, {at})"
        ));
        pending.push(Pending { message_id, sealed });
    }
    execute(url, &statements).await;
    pending
}

/// Runs statements, all or none.
pub(crate) async fn execute(url: &str, statements: &[String]) {
    macro_rules! run {
        ($kind:ty) => {{
            let mut db = <$kind>::connect(url).await.unwrap();
            let mut tx = db.begin().await.unwrap();
            for sql in statements {
                let sql = AssertSqlSafe(sql.as_str());
                sqlx::query(sql).execute(&mut *tx).await.unwrap();
            }
            tx.commit().await.unwrap();
            db.close().await.unwrap();
        }};
    }
    if url.starts_with("postgres") {
        run!(PgConnection);
    } else {
        run!(SqliteConnection);
    }
}
