//! R22, R23, R24: a disk that is full, that fails, and a file that somebody else holds.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sqlx::{Connection as _, SqliteConnection};

use crate::faults;
use crate::support::binary::{self, Home, err};
use crate::support::smtp::{Fault, Smtp, Verb};
use crate::support::{dice, figure, left_out, levers, namespace, tally, wait};

const DEADLINE: Duration = Duration::from_mins(1);
const FULL: &str = "storage::disk::r22_a_full_disk_stops_the_reading_first_and_nothing_is_lost";

/// A service whose log can be read.
fn start(home: &Home, url: &str) -> Child {
    let log = File::create(home.path().join("log")).unwrap();
    let mut command = home.command(&["run"]);
    command
        .env("ESCUCHA_DATABASE_URL", url)
        .stderr(log)
        .stdout(Stdio::null());
    command.spawn().unwrap()
}

fn has_said(home: &Home, words: &str) -> bool {
    std::fs::read_to_string(home.path().join("log"))
        .unwrap()
        .contains(words)
}

/// Fills the disk but for so many bytes.
fn fill(ballast: &Path, but: u64) {
    let mut file = File::create(ballast).unwrap();
    let chunk = vec![7_u8; 1 << 16];
    while file.write_all(&chunk).is_ok() {}
    let length = file.metadata().unwrap().len();
    file.set_len(length.saturating_sub(but)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn r22_a_full_disk_stops_the_reading_first_and_nothing_is_lost() {
    let script = "T=$(mktemp -d); export ESCUCHA_TEST_PLACE=$T; \
                  mount -t tmpfs -o size=40m tmpfs \"$T\" && exec \"$@\"";
    if !namespace::is_inside(FULL, "-rm", script) {
        return;
    }
    let place = std::env::var("ESCUCHA_TEST_PLACE").unwrap();
    let url = format!("sqlite://{place}/escucha.db");
    let ballast = Path::new(&place).join("lastre");
    let (server, smtp, home) = faults::town(&["Javier"]).await;
    // Its mail cannot leave yet.
    smtp.fault(Verb::Mail, Fault::Say("451 4.3.0 later"));
    let mut service = start(&home, &url);
    wait(DEADLINE, "the mail was tried", || {
        smtp.log().iter().any(|line| line.starts_with("MAIL"))
    });
    fill(&ballast, 6 << 20);
    wait(DEADLINE, "the reading stops", || {
        has_said(&home, "sources are not read for now")
    });
    let n_hits = server.hits("/foro.rss");
    server.route("/foro.rss", faults::feed(&["Javier", "Carmen"]));
    smtp.fault_times(0, Verb::Mail, Fault::Say("451 4.3.0 later"));
    levers::everything_is_due(&url).await;
    smtp.wait_for(1, DEADLINE).await;
    assert_eq!(
        server.hits("/foro.rss"),
        n_hits,
        "what was stored leaves, nothing is read"
    );
    // What left before the disk was full, and is not noted, would rightly leave again.
    levers::until_sent(&url, 1).await;
    // Not one byte is left.
    fill(&ballast, 0);
    let status = home.run(&["doctor", &format!("{place}/escucha.db")]).await;
    assert_eq!(status.status.code(), Some(1));
    assert!(
        binary::out(&status).contains("El disco está lleno"),
        "{}",
        binary::out(&status)
    );
    wait(DEADLINE, "it says so, and lives", || {
        has_said(&home, "the disk is full")
    });
    assert!(service.try_wait().unwrap().is_none(), "it did not end");
    std::fs::remove_file(&ballast).unwrap();
    wait(DEADLINE, "it goes on by itself", || {
        has_said(&home, "the disk is well again")
    });
    levers::everything_is_due(&url).await;
    // The operator is mailed about the disk as well.
    let n_told = || {
        let mails = smtp.mails();
        mails
            .iter()
            .filter(|mail| mail.to == ["gerente@ejemplo.test"])
            .count()
    };
    wait(DEADLINE, "both are told", || n_told() >= 2);
    faults::terminate(&service);
    assert!(faults::ended(&mut service).success());
    assert_eq!(n_told(), 2, "each of them once");
    figure("R22", "mails that left all the same", 1);
    figure("R22", "complaints lost", 0);
}

/// A disk that becomes full while a document is stored: all of it or nothing.
#[tokio::test(flavor = "multi_thread")]
async fn r23_whatever_call_fails_nothing_is_lost_and_nothing_is_told_twice() {
    if Command::new("strace").arg("--version").output().is_err() {
        left_out("strace");
        return;
    }
    tally("strace");
    let n_ordinals = dice::from_env("ESCUCHA_FAULTS", 3);
    let (mut n_runs, mut n_failed) = (0, 0);
    for (call, error) in [
        ("pwrite64", "ENOSPC"),
        ("pwrite64", "EIO"),
        ("fsync", "EIO"),
        ("ftruncate", "EIO"),
    ] {
        for at in 0..n_ordinals {
            // Some in the making of the tables, some in the reading, some in the sending.
            let ordinal = 2 + at * 23 + at * at * 11;
            let (_server, smtp, home) = faults::town(&["Javier", "Carmen"]).await;
            let status = struck(&home, call, &format!("error={error}:when={ordinal}+"));
            n_runs += 1;
            n_failed += usize::from(!status);
            heal(&home, &smtp, &format!("{call} {error} {ordinal}")).await;
        }
    }
    // A signal in the middle of a write is no error at all.
    let (_server, smtp, home) = faults::town(&["Javier", "Carmen"]).await;
    assert!(struck(&home, "pwrite64", "error=EINTR:when=1+7"));
    assert_eq!(smtp.mails().len(), 2);
    assert!(n_failed > 0, "no call was ever hit: nothing was tested");
    figure("R23", "runs in which a call to the disk fails", n_runs);
    figure("R23", "of them ended badly", n_failed);
    figure("R23", "complaints lost", 0);
}

/// True when the run ended well in spite of it.
fn struck(home: &Home, call: &str, how: &str) -> bool {
    let mut command = Command::new("strace");
    let database = home.path().join("escucha.db");
    let log = home.path().join("escucha.db-wal");
    command.args([
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        &format!("trace={call}"),
    ]);
    command.args(["-e", &format!("inject={call}:{how}")]);
    command.arg("-P").arg(database).arg("-P").arg(log);
    let command = command
        .arg(binary::path())
        .args(["run", "--once"])
        .current_dir(home.path());
    command.output().unwrap().status.success()
}

async fn heal(home: &Home, smtp: &Smtp, what: &str) {
    let database = format!("sqlite://{}", home.path().join("escucha.db").display());
    home.run(&["run", "--once"]).await;
    levers::everything_is_due(&database).await;
    let healed = home.run(&["run", "--once"]).await;
    assert!(healed.status.success(), "{what}: {}", err(&healed));
    let mut bodies: Vec<Vec<u8>> = smtp.mails().into_iter().map(|mail| mail.raw).collect();
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len(), 2, "{what}: one body for each complaint");
}

#[tokio::test(flavor = "multi_thread")]
async fn r24_a_file_that_somebody_holds_is_waited_for() {
    let (server, smtp, home) = faults::town(&["Javier"]).await;
    let url = format!("sqlite://{}", home.path().join("escucha.db").display());
    let mut service = start(&home, &url);
    smtp.wait_for(1, DEADLINE).await;
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    for at in [2, 3] {
        let authors = ["Javier", "Carmen", "Antonio"];
        server.route("/foro.rss", faults::feed(&authors[..at]));
        levers::everything_is_due(&url).await;
        sqlx::query("BEGIN IMMEDIATE")
            .execute(&mut other)
            .await
            .unwrap();
        if at == 2 {
            // Shorter than it waits: nobody notices.
            tokio::time::sleep(Duration::from_secs(3)).await;
        } else {
            wait(DEADLINE, "it says what it waits for", || {
                has_said(&home, "database is locked")
            });
        }
        sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
        // What had its lease meanwhile is due again when that ends.
        levers::everything_is_due(&url).await;
        smtp.wait_for(at, DEADLINE).await;
        // What the server took is noted, too: else the mail would be in doubt, and rightly.
        let sent = "SELECT COUNT(*) FROM outbox WHERE state = 'sent'";
        let noted = async {
            while levers::number(&url, sent).await < at as i64 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(DEADLINE, noted).await.unwrap();
    }
    // For ever: it lives, and ends when it is asked to.
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut other)
        .await
        .unwrap();
    assert!(service.try_wait().unwrap().is_none());
    faults::terminate(&service);
    faults::ended(&mut service);
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    let done = home.run(&["run", "--once"]).await;
    assert!(done.status.success(), "{}", err(&done));
    assert_eq!(smtp.mails().len(), 3, "each of them once");
}
