//! R5: an upgrade of the schema is whole or not begun, and a copy is made first.

use std::path::{Path, PathBuf};
use std::process::Command;

use escucha::store::{Role, Store};
use sqlx::{Connection as _, Row as _, SqliteConnection};

use super::{Left, refusal};
use crate::support::binary;
use crate::support::{left_out, levers, say, tally};

/// As the version before the last migration left it.
async fn set_back(path: &Path) {
    for sql in [
        "DROP TABLE suppressed",
        "DROP INDEX posts_idle",
        "DROP INDEX cases_closed",
        "DROP INDEX alerts_full",
        "DROP INDEX alerts_of_many",
        "DROP INDEX outbox_sealed",
        "DROP INDEX cases_post",
        "DROP INDEX alert_cases_case",
        "DELETE FROM _sqlx_migrations WHERE version = 85",
    ] {
        levers::set(&format!("sqlite://{}", path.display()), sql).await;
    }
}

async fn schema(path: &Path) -> Vec<String> {
    let url = format!("sqlite://{}", path.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let sql = "SELECT COALESCE(sql, name) AS said FROM sqlite_master ORDER BY said";
    let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    rows.iter().map(|row| row.get("said")).collect()
}

fn copies(left: &Left) -> Vec<PathBuf> {
    let folder = left.path().parent().unwrap().to_owned();
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.to_string_lossy().contains(".before-"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn r5_before_an_upgrade_a_copy_is_made() {
    let left = Left::at_rest(10).await;
    let clean = schema(&left.path()).await;
    set_back(&left.path()).await;
    let old = schema(&left.path()).await;
    assert!(old.len() < clean.len());
    let store = Store::open_sqlite(&left.path(), Role::Visitor)
        .await
        .unwrap();
    assert_eq!(store.counts().await.unwrap().posts, 10);
    store.close().await;
    assert_eq!(schema(&left.path()).await, clean);
    let copies = copies(&left);
    assert_eq!(copies.len(), 1);
    assert_eq!(schema(&copies[0]).await, old, "the copy is as it was");
    // Nothing to upgrade, nothing to copy.
    std::fs::remove_file(&copies[0]).unwrap();
    Store::open_sqlite(&left.path(), Role::Visitor)
        .await
        .unwrap()
        .close()
        .await;
    assert_eq!(self::copies(&left), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn r5_an_upgrade_that_is_killed_is_done_by_the_next_start() {
    if Command::new("strace").arg("--version").output().is_err() {
        left_out("strace");
        return;
    }
    tally("strace");
    let left = Left::at_rest(10).await;
    let clean = schema(&left.path()).await;
    set_back(&left.path()).await;
    let mut n_killed = 0;
    for call in ["pwrite64", "fsync", "rename"] {
        for n in [1, 2, 4, 8, 16, 24, 32, 48] {
            let old = left.copy();
            let config = "[company]\nname = \"Telefonía Ejemplo\"\n";
            let folder = old.path().parent().unwrap().to_owned();
            std::fs::write(folder.join("escucha.toml"), config).unwrap();
            let words = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";
            std::fs::write(folder.join("keywords.toml"), words).unwrap();
            let inject = format!("inject={call}:signal=SIGKILL:when={n}");
            let mut command = Command::new("strace");
            let trace = format!("trace={call}");
            command.args(["-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject]);
            let ended = command
                .arg(binary::path())
                .arg("cases")
                .current_dir(&folder);
            if ended.output().unwrap().status.success() {
                break;
            }
            n_killed += 1;
            assert_eq!(
                refusal(&old.path(), Role::Service).await,
                None,
                "{call} {n}"
            );
            assert_eq!(schema(&old.path()).await, clean, "{call} {n}");
        }
    }
    assert!(
        n_killed > 8,
        "killed {n_killed} times only: nothing was tested"
    );
    say(&format!(
        "upgrades killed: {n_killed}, whole afterwards: {n_killed}"
    ));
}

/// What an older program finds after a newer one has been at work.
#[tokio::test(flavor = "multi_thread")]
async fn r5_an_older_program_refuses_a_newer_schema_by_name() {
    let left = Left::at_rest(3).await;
    let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
               VALUES (9999, 'later', 1, x'00', 1)";
    levers::set(&format!("sqlite://{}", left.path().display()), sql).await;
    let before = std::fs::read(left.path()).unwrap();
    assert_eq!(left.refusal().await, Some("newer_schema"));
    assert!(before == std::fs::read(left.path()).unwrap());
    let Some(fresh) = crate::support::databases::postgres().await else {
        return;
    };
    fresh.store.close().await;
    let mut connection = sqlx::PgConnection::connect(&fresh.url).await.unwrap();
    let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
               VALUES (9999, 'later', true, '\\x00', 1)";
    sqlx::query(sql).execute(&mut connection).await.unwrap();
    let refused = Store::open_postgres(&fresh.url).await.unwrap_err();
    let said = refused.sentence(escucha::model::Ui::Es);
    assert!(
        said.contains("un Escucha más nuevo (esquema 9999;"),
        "{said}"
    );
}
