//! R5: an upgrade of the schema is whole or not begun, and a copy is made first.

use std::path::{Path, PathBuf};
use std::process::Command;

use escucha::clock;
use escucha::store::{Role, Store};
use sqlx::{Connection as _, Row as _, SqliteConnection};

use super::{Left, refusal};
use crate::support::{binary, figure, left_out, levers, older, tally};

/// How many mails the first version left.
const PENDING: usize = 30;
/// At which of its calls of a kind the program is killed.
const KILL_AT: [u32; 12] = [1, 2, 4, 8, 16, 24, 32, 48, 96, 144, 192, 288];

/// A database of the first version, with what waits in it.
async fn of_the_first_version() -> Left {
    let left = Left::nothing();
    let url = url(&left.path());
    older::make(&url).await;
    older::fill(&url, "gerente@ejemplo.test", PENDING, clock::now()).await;
    left
}

fn url(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

async fn schema(path: &Path) -> Vec<String> {
    let mut connection = SqliteConnection::connect(&url(path)).await.unwrap();
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

/// The tables of a database that was never upgraded.
async fn clean() -> Vec<String> {
    let left = Left::at_rest(1).await;
    schema(&left.path()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn r5_before_an_upgrade_a_copy_is_made() {
    let left = of_the_first_version().await;
    let old = schema(&left.path()).await;
    let store = Store::open_sqlite(&left.path(), Role::Visitor)
        .await
        .unwrap();
    store.close().await;
    assert_eq!(schema(&left.path()).await, clean().await);
    let copies = copies(&left);
    assert_eq!(copies.len(), 1);
    assert_eq!(schema(&copies[0]).await, old, "the copy is as it was");
    assert_eq!(n_pending(&copies[0]).await, PENDING as i64);
    // Nothing to upgrade, nothing to copy.
    std::fs::remove_file(&copies[0]).unwrap();
    Store::open_sqlite(&left.path(), Role::Visitor)
        .await
        .unwrap()
        .close()
        .await;
    assert_eq!(self::copies(&left), Vec::<PathBuf>::new());
}

async fn n_pending(path: &Path) -> i64 {
    const SQL: &str = "SELECT COUNT(*) FROM outbox WHERE state <> 'sent'";
    levers::number(&url(path), SQL).await
}

#[tokio::test(flavor = "multi_thread")]
async fn r5_an_upgrade_that_is_killed_is_done_by_the_next_start() {
    if Command::new("strace").arg("--version").output().is_err() {
        left_out("strace");
        return;
    }
    tally("strace");
    let (left, clean) = (of_the_first_version().await, clean().await);
    let mut n_killed = 0;
    for call in ["pwrite64", "fsync", "rename"] {
        for n in KILL_AT {
            let old = left.copy();
            if is_upgraded(&old, &format!("inject={call}:signal=SIGKILL:when={n}")) {
                break;
            }
            n_killed += 1;
            let refused = refusal(&old.path(), Role::Service).await;
            assert_eq!(refused, None, "{call} {n}");
            assert_eq!(schema(&old.path()).await, clean, "{call} {n}");
            assert_eq!(n_pending(&old.path()).await, PENDING as i64, "{call} {n}");
        }
    }
    assert!(
        n_killed >= KILL_AT.len(),
        "killed {n_killed} times only: nothing was tested"
    );
    figure("R5", "upgrades killed, each whole afterwards", n_killed);
}

/// Opens a database with the program, which is disturbed; says whether it came to its end.
fn is_upgraded(old: &Left, inject: &str) -> bool {
    let folder = old.path().parent().unwrap().to_owned();
    let company = "[company]\nname = \"Telefonía Ejemplo\"\n";
    std::fs::write(folder.join("escucha.toml"), company).unwrap();
    let words = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";
    std::fs::write(folder.join("keywords.toml"), words).unwrap();
    let call = inject.split([':', '=']).nth(1).unwrap();
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e"]);
    command.args([&format!("trace={call}"), "-e", inject]);
    let ended = command
        .arg(binary::path())
        .arg("cases")
        .current_dir(&folder);
    ended.output().unwrap().status.success()
}

/// What an older program finds after a newer one has been at work.
#[tokio::test(flavor = "multi_thread")]
async fn r5_an_older_program_refuses_a_newer_schema_by_name() {
    let left = Left::at_rest(3).await;
    let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
               VALUES (9999, 'later', 1, x'00', 1)";
    levers::set(&url(&left.path()), sql).await;
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
