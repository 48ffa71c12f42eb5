//! R25: where a database lies, whose it is, and who else is there.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::time::Duration;

use crate::faults;
use crate::support::binary::{self, err, out};
use crate::support::host::{self, NOBODY};
use crate::support::{namespace, wait};

const MANY: &str = "storage::place::r25_what_cannot_be_written_is_said_by_name";

#[tokio::test(flavor = "multi_thread")]
async fn r25_a_second_service_is_refused_within_two_seconds_and_names_the_first() {
    let (server, _smtp, home) = faults::town(&["Javier"]).await;
    let mut service = home.start(&["run"]);
    wait(Duration::from_secs(30), "the first one listens", || {
        server.hits("/foro.rss") == 1
    });
    let started = tokio::time::Instant::now();
    for once in [&["run"][..], &["run", "--once"]] {
        let second = home.run(once).await;
        assert_eq!(second.status.code(), Some(1));
        let named = format!("otro Escucha (proceso {}, desde 20", service.id());
        assert!(err(&second).contains(&named), "{}", err(&second));
    }
    assert!(
        started.elapsed() < Duration::from_secs(4),
        "{:?}",
        started.elapsed()
    );
    // Commands work beside it.
    for args in [
        &["cases"][..],
        &["sources"],
        &["doctor"],
        &["backup", "copia.db"],
    ] {
        let done = home.run(args).await;
        assert!(done.status.success(), "{args:?}: {}", err(&done));
    }
    let looked = home.run(&["--json", "doctor"]).await;
    let rows = binary::rows(&looked);
    assert_eq!(rows[0]["service"], service.id().to_string());
    faults::terminate(&service);
    assert!(faults::ended(&mut service).success());
    // A dead one is in nobody's way.
    let done = home.run(&["run", "--once"]).await;
    assert!(done.status.success(), "{}", err(&done));
}

/// In a mount namespace, root or not, what is mounted for reading cannot be written.
#[tokio::test(flavor = "multi_thread")]
async fn r25_what_cannot_be_written_is_said_by_name() {
    let script = "T=$(mktemp -d); export ESCUCHA_TEST_PLACE=$T; \
                  mount -t tmpfs -o size=40m tmpfs \"$T\" && exec \"$@\"";
    if !namespace::is_inside(MANY, "-rm", script) {
        return;
    }
    let place = std::env::var("ESCUCHA_TEST_PLACE").unwrap();
    let (_server, _smtp, home) = faults::town(&["Javier"]).await;
    let run = |args: &[&str]| {
        let mut command = home.command(args);
        command.env(
            "ESCUCHA_DATABASE_URL",
            format!("sqlite://{place}/escucha.db"),
        );
        tokio::task::spawn_blocking(move || command.output().unwrap())
    };
    let done = run(&["run", "--once"]).await.unwrap();
    assert!(done.status.success(), "{}", err(&done));
    let remount = |how: &str| {
        let done = Command::new("mount")
            .args(["-o", how, &place])
            .status()
            .unwrap();
        assert!(done.success());
    };
    remount("remount,ro");
    for args in [&["run", "--once"][..], &["cases"]] {
        let refused = run(args).await.unwrap();
        assert_eq!(refused.status.code(), Some(1), "{args:?}");
        assert!(
            err(&refused).contains("solo se puede leer"),
            "{}",
            err(&refused)
        );
        assert!(
            err(&refused).contains("Móntelo para escritura"),
            "{}",
            err(&refused)
        );
    }
    let looked = run(&["--json", "doctor"]).await.unwrap();
    assert_eq!(looked.status.code(), Some(1), "{}", out(&looked));
    assert!(out(&looked).contains("\"read_only\""), "{}", out(&looked));
    remount("remount,rw");
    let done = run(&["run", "--once"]).await.unwrap();
    assert!(done.status.success(), "{}", err(&done));
}

#[tokio::test(flavor = "multi_thread")]
async fn r25_a_file_of_somebody_else_is_said_by_name() {
    let (_server, _smtp, home) = faults::town(&["Javier"]).await;
    let done = home.run(&["run", "--once"]).await;
    assert!(done.status.success(), "{}", err(&done));
    let database = home.path().join("escucha.db");
    let mode = fs::metadata(&database).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "nobody else may read it");
    // Who may do everything is kept out of nothing: such a one becomes nobody.
    let is_root = host::is_root();
    let mut command = home.command(&["run", "--once"]);
    if is_root {
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
        std::os::unix::process::CommandExt::uid(&mut command, NOBODY);
    } else {
        fs::set_permissions(&database, fs::Permissions::from_mode(0o000)).unwrap();
    }
    let refused = tokio::task::spawn_blocking(move || command.output().unwrap());
    let refused = refused.await.unwrap();
    assert_eq!(refused.status.code(), Some(1), "{}", err(&refused));
    assert!(
        err(&refused).contains("no le deja escribir"),
        "{}",
        err(&refused)
    );
    if !is_root {
        fs::set_permissions(&database, fs::Permissions::from_mode(0o600)).unwrap();
    }
    fs::set_permissions(&database, fs::Permissions::from_mode(0o644)).unwrap();
    let looked = home.run(&["--json", "doctor"]).await;
    assert!(
        looked.status.success(),
        "a warning is no refusal: {}",
        out(&looked)
    );
    assert!(
        out(&looked).contains("readable_by_others"),
        "{}",
        out(&looked)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_not_there_is_said_by_name() {
    let (_server, _smtp, home) = faults::town(&[]).await;
    let mut command = home.command(&["run", "--once"]);
    command.env("ESCUCHA_DATABASE_URL", "sqlite://no/hay/escucha.db");
    let refused = tokio::task::spawn_blocking(move || command.output().unwrap());
    let refused = refused.await.unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        err(&refused).contains("su carpeta no existe"),
        "{}",
        err(&refused)
    );
}
