//! R6: a backup is whole or not there, and a restore loses nothing and repeats nothing by itself.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use mail_parser::MessageParser;

use super::Left;
use crate::faults;
use crate::support::binary::{self, Home, err, out};
use crate::support::http::Answer;
use crate::support::smtp::Smtp;
use crate::support::{left_out, levers, say, tally, wait};

/// Complaints of one person each, about things that have nothing to do with each other.
const STORIES: [&str; 6] = [
    "me cobraron dos veces el recibo de marzo",
    "el técnico no vino a instalar la fibra el lunes",
    "perdieron mi portabilidad y sigo sin número",
    "el router nuevo se apaga cada noche y nadie lo cambia",
    "me negaron la baja en la tienda del centro",
    "la factura trae un seguro que jamás contraté",
];

fn feed(n: usize, in_hours: i64) -> Answer {
    let published = escucha::clock::now().plus_hours(in_hours);
    let mut items = String::new();
    for (at, story) in STORIES.iter().enumerate().take(n) {
        let _ = write!(
            items,
            "<item><guid isPermaLink=\"false\">g{at}</guid><title>Tema {at}</title>\
             <link>https://foro.test/{at}</link><dc:creator>Vecino {at}</dc:creator>\
             <dc:date>{published}</dc:date><description>Estoy harto de Telefonía Ejemplo: {story}, y \
             nadie me atiende.</description></item>"
        );
    }
    let body = format!(
        "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Foro</title>\
         <link>https://foro.test/</link><description>d</description>{items}</channel></rss>"
    );
    Answer::ok("application/rss+xml; charset=utf-8", body).etag(&format!("\"{n}-{in_hours}\""))
}

fn ids(smtp: &Smtp) -> Vec<String> {
    let mails = smtp.mails();
    let parsed = mails
        .iter()
        .map(|mail| MessageParser::default().parse(&mail.raw).unwrap());
    parsed
        .map(|mail| mail.message_id().unwrap().to_owned())
        .collect()
}

/// Reads all sources once more; mails leave when they are due.
async fn run_again(home: &Home) {
    let database = format!("sqlite://{}", home.path().join("escucha.db").display());
    for sql in [
        "UPDATE sources SET next_at = 0, lease_until = 0",
        "UPDATE hosts SET next_at = 0",
    ] {
        levers::set(&database, sql).await;
    }
    let done = home.run(&["run", "--once"]).await;
    assert!(matches!(done.status.code(), Some(0 | 1)), "{}", err(&done));
}

/// Runs a command that is killed at the `n`-th of these system calls; false when it came to its end.
fn is_killed(home: &Path, args: &[&str], call: &str, n: u32) -> bool {
    let inject = format!("inject={call}:signal=SIGKILL:when={n}");
    let mut command = Command::new("strace");
    command.args([
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        &format!("trace={call}"),
        "-e",
        &inject,
    ]);
    let output = command
        .arg(binary::path())
        .args(args)
        .current_dir(home)
        .output()
        .unwrap();
    !output.status.success()
}

fn has_strace() -> bool {
    let found = Command::new("strace").arg("--version").output().is_ok();
    if found {
        tally("strace");
    } else {
        left_out("strace");
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn r6_a_backup_that_is_killed_leaves_a_sound_copy_or_none() {
    if !has_strace() {
        return;
    }
    let (_server, _smtp, home) = faults::town(&["Javier"]).await;
    let done = home.run(&["run", "--once"]).await;
    assert!(done.status.success(), "{}", err(&done));
    let copy = home.path().join("copia.db");
    let (mut n_killed, mut n_whole) = (0, 0);
    for call in ["pwrite64", "fsync", "rename", "unlink"] {
        for n in [1, 2, 3, 5, 9, 17, 40] {
            if !is_killed(home.path(), &["backup", "copia.db"], call, n) {
                break;
            }
            n_killed += 1;
            if copy.exists() {
                n_whole += 1;
                let looked = home.run(&["doctor", "copia.db"]).await;
                assert!(looked.status.success(), "{call} {n}: {}", out(&looked));
                std::fs::remove_file(&copy).unwrap();
            }
        }
    }
    assert!(
        n_killed > 8,
        "killed {n_killed} times only: nothing was tested"
    );
    say(&format!(
        "backups killed: {n_killed}, whole copies left: {n_whole}, broken ones: 0"
    ));
    let done = home.run(&["backup", "copia.db"]).await;
    assert!(done.status.success(), "{}", err(&done));
    let mode = std::fs::metadata(&copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let names: BTreeSet<String> = std::fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    let left_over: Vec<&String> = names
        .iter()
        .filter(|name| name.contains("partial"))
        .collect();
    assert_eq!(left_over, Vec::<&String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn r6_after_a_restore_what_was_told_is_held_and_what_is_new_is_told() {
    for decision in ["--send", "--drop"] {
        let (server, smtp, home) = faults::town(&[]).await;
        server.route("/foro.rss", feed(1, -2));
        run_again_first(&home).await;
        let done = home.run(&["backup", "copia.db"]).await;
        assert!(done.status.success(), "{}", err(&done));
        server.route("/foro.rss", feed(5, -2));
        run_again(&home).await;
        let told = ids(&smtp);
        assert!(told.len() >= 4, "{told:?}");
        let restored = home.run(&["restore", "copia.db"]).await;
        assert!(restored.status.success(), "{}", err(&restored));
        // What the readings find again may have left before: it waits.
        run_again(&home).await;
        assert_eq!(ids(&smtp), told, "nobody is told twice without being asked");
        let looked = home.run(&["--json", "doctor"]).await;
        assert!(out(&looked).contains("\"mails_held\""), "{}", out(&looked));
        // What is published from now on is told at once.
        server.route("/foro.rss", feed(6, 1));
        run_again(&home).await;
        assert_eq!(ids(&smtp).len(), told.len() + 1, "{:?}", ids(&smtp));
        let decided = home.run(&["restore", decision]).await;
        assert!(decided.status.success(), "{}", err(&decided));
        run_again(&home).await;
        let again: Vec<String> = ids(&smtp).split_off(told.len() + 1);
        let told: BTreeSet<&String> = told.iter().collect();
        if decision == "--send" {
            assert!(!again.is_empty());
            assert!(
                again.iter().all(|id| told.contains(id)),
                "under the same Message-IDs"
            );
        } else {
            assert_eq!(again, Vec::<String>::new());
        }
        let cases = binary::rows(&home.run(&["--json", "cases"]).await);
        assert_eq!(cases.len(), 6, "nothing is lost");
        assert!(
            cases.iter().all(|case| case["state"] == "told"),
            "{decision}: {cases:?}"
        );
    }
}

async fn run_again_first(home: &Home) {
    let done = home.run(&["run", "--once"]).await;
    assert!(done.status.success(), "{}", err(&done));
}

#[tokio::test(flavor = "multi_thread")]
async fn r6_a_restore_that_is_killed_can_be_done_again() {
    if !has_strace() {
        return;
    }
    let (_server, _smtp, home) = faults::town(&["Javier"]).await;
    run_again_first(&home).await;
    let done = home.run(&["backup", "copia.db"]).await;
    assert!(done.status.success(), "{}", err(&done));
    let mut n_killed = 0;
    for call in ["rename", "fsync", "pwrite64"] {
        for n in [1, 2, 3, 4, 6, 11, 30] {
            if !is_killed(home.path(), &["restore", "copia.db"], call, n) {
                break;
            }
            n_killed += 1;
            // Whatever stands there now is sound, or it is said that it is missing.
            let looked = home.run(&["--json", "doctor"]).await;
            if !looked.status.success() {
                assert!(
                    out(&looked).contains("\"vanished\""),
                    "{call} {n}: {}",
                    out(&looked)
                );
            }
            let done = home.run(&["restore", "copia.db"]).await;
            assert!(done.status.success(), "{call} {n}: {}", err(&done));
            let cases = binary::rows(&home.run(&["--json", "cases"]).await);
            assert_eq!(cases.len(), 1, "{call} {n}");
        }
    }
    assert!(
        n_killed > 8,
        "killed {n_killed} times only: nothing was tested"
    );
    say(&format!(
        "restores killed: {n_killed}, done again: {n_killed}"
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_sound_backup_is_not_restored_and_nothing_is_moved() {
    let (_server, _smtp, home) = faults::town(&["Javier"]).await;
    run_again_first(&home).await;
    let database = home.path().join("escucha.db");
    home.write("carta.txt", "Estimado cliente: lo sentimos mucho.");
    let spoilt = Left::at_rest(40).await;
    let bytes = std::fs::read(spoilt.path()).unwrap();
    std::fs::write(home.path().join("mala.db"), &bytes[..bytes.len() / 2]).unwrap();
    let before = std::fs::read(&database).unwrap();
    for (file, said) in [
        ("carta.txt", "no es una base de datos SQLite"),
        ("mala.db", "está dañada"),
        ("no-hay.db", "no existe"),
    ] {
        let refused = home.run(&["restore", file]).await;
        assert_eq!(refused.status.code(), Some(1), "{file}");
        assert!(err(&refused).contains(said), "{file}: {}", err(&refused));
        assert!(before == std::fs::read(&database).unwrap(), "{file}");
    }
    let done = home.run(&["backup", "copia.db"]).await;
    assert!(done.status.success(), "{}", err(&done));
    let mut service = home.start(&["run"]);
    let signed = format!("{}\n", service.id());
    wait(Duration::from_secs(30), "it has the lock", || {
        let lock = std::fs::read_to_string(home.path().join("escucha.db.lock"));
        lock.is_ok_and(|text| text.starts_with(&signed))
    });
    let refused = home.run(&["restore", "copia.db"]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        err(&refused).contains("otro Escucha (proceso"),
        "{}",
        err(&refused)
    );
    faults::terminate(&service);
    assert!(faults::ended(&mut service).success());
}

/// A copy is written over nothing but an earlier copy; least of all over the database that it is of.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_takes_no_place_that_is_taken() {
    let (_server, smtp, home) = faults::town(&["Javier"]).await;
    run_again_first(&home).await;
    let link = home.path().join("link.db");
    std::os::unix::fs::symlink(home.path().join("escucha.db"), link).unwrap();
    home.write("notes.txt", "notes");
    let long = home.path().join("escucha.db");
    for taken in [
        "escucha.db",
        "./escucha.db",
        long.to_str().unwrap(),
        "link.db",
        "escucha.db-wal",
        "escucha.db-shm",
        "escucha.db.lock",
        "escucha.db.mark",
        "keywords.toml",
        "notes.txt",
        "/dev/null",
    ] {
        let refused = home.run(&["backup", taken]).await;
        assert_eq!(refused.status.code(), Some(1), "{taken}");
        let said = err(&refused);
        let is_own =
            said.contains("es la base misma") || said.contains("no es una copia de Escucha");
        assert!(is_own, "{taken}: {said}");
    }
    let notes = std::fs::read_to_string(home.path().join("notes.txt"));
    assert_eq!(notes.unwrap(), "notes");
    home.write("empty.db", "");
    for copy in ["copy.db", "copy.db", "empty.db"] {
        let made = home.run(&["backup", copy]).await;
        assert!(made.status.success(), "{copy}: {}", err(&made));
    }
    run_again(&home).await;
    assert_eq!(smtp.mails().len(), 1, "all is as it was");
    // Two restores in one second keep what was there before each of them.
    for _ in 0..3 {
        let done = home.run(&["restore", "copy.db"]).await;
        assert!(done.status.success(), "{}", err(&done));
    }
    let names = std::fs::read_dir(home.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let aside =
        names.filter(|name| name.starts_with("escucha.db.replaced-") && !name.ends_with("-wal"));
    assert_eq!(aside.count(), 3);
}

/// Damage that was looked at: the operator goes on with what is left.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_can_be_restored_from_itself() {
    let (_server, smtp, home) = faults::town(&["Javier"]).await;
    run_again_first(&home).await;
    let database = home.path().join("escucha.db");
    let url = format!("sqlite://{}", database.display());
    levers::set(&url, "UPDATE instance SET value = '0' WHERE name = 'mark'").await;
    let refused = home.run(&["run", "--once"]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        err(&refused).contains("le faltan cambios"),
        "{}",
        err(&refused)
    );
    let done = home.run(&["restore", "escucha.db"]).await;
    assert!(done.status.success(), "{}", err(&done));
    run_again(&home).await;
    assert_eq!(smtp.mails().len(), 1);
    let aside = std::fs::read_dir(home.path()).unwrap().any(|entry| {
        let name = entry.unwrap().file_name();
        name.to_string_lossy().starts_with("escucha.db.replaced-20")
    });
    assert!(aside, "what was there is kept");
}
