//! R53: everything from SQLite into PostgreSQL and back, compared, and nobody told again.

use escucha::store::{self, Role, Store, StoreError};

use crate::faults;
use crate::store::{admit, complaint, post, posts};
use crate::support::binary::{self, Home, err, out};
use crate::support::{databases, left_out};

async fn filled(store: &Store) {
    let mut all = vec![complaint(
        "Javier",
        "llamé tres veces y nadie me atiende 😡",
    )];
    all.extend((0..700).map(|at| post("Ana", &format!("día {at} «con comillas» y 'otras'"))));
    admit(store, &posts(all)).await;
    store.instance_value("key", "una clave").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn r53_every_row_arrives_and_comes_back_the_same() {
    let from = databases::sqlite().await;
    filled(&from.store).await;
    let folder = tempfile::tempdir().unwrap();
    let end = Store::open_sqlite(&folder.path().join("vuelta.db"), Role::Service)
        .await
        .unwrap();
    let middle = databases::postgres().await;
    let there = match &middle {
        Some(fresh) => {
            let mut told = 0;
            let there = store::copy(&from.store, &fresh.store, |_| told += 1)
                .await
                .unwrap();
            assert_eq!(told, there.len());
            let back = store::copy(&fresh.store, &end, |_| ()).await.unwrap();
            assert_eq!(there, back, "names, rows and checksums");
            there
        }
        None => store::copy(&from.store, &end, |_| ()).await.unwrap(),
    };
    let of = |name: &str| {
        there
            .iter()
            .find(|table| table.name == name)
            .unwrap()
            .n_rows
    };
    assert_eq!((of("posts"), of("outbox"), of("cases")), (701, 1, 1));
    assert_eq!(
        end.counts().await.unwrap(),
        from.store.counts().await.unwrap()
    );
    // What holds anything is not written over.
    let twice = store::copy(&from.store, &end, |_| ()).await;
    assert!(
        matches!(twice, Err(StoreError::NotEmpty { .. })),
        "{twice:?}"
    );
}

async fn run_on(home: &Home, url: &str, args: &[&str]) -> std::process::Output {
    let mut command = home.command(args);
    command.env("ESCUCHA_DATABASE_URL", url);
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn r53_one_command_takes_a_service_to_postgresql_and_no_alert_is_sent_again() {
    let Ok(server) = std::env::var("ESCUCHA_TEST_POSTGRES") else {
        left_out("postgresql");
        return;
    };
    assert!(!server.is_empty());
    let fresh = databases::postgres().await.unwrap();
    fresh.store.close().await;
    let (web, smtp, home) = faults::town(&["Javier"]).await;
    let done = home.run(&["run", "--once"]).await;
    assert!(done.status.success(), "{}", err(&done));
    assert_eq!(smtp.mails().len(), 1);
    let copied = home.run(&["--json", "copy", &fresh.url]).await;
    assert!(copied.status.success(), "{}", err(&copied));
    let rows = binary::rows(&copied);
    let posts = rows.iter().find(|row| row["table"] == "posts").unwrap();
    assert_eq!(posts["rows"], 1);
    assert_eq!(posts["checksum"].as_str().unwrap().len(), 32);
    let refused = home.run(&["copy", &fresh.url]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        err(&refused).contains("el destino no está vacío"),
        "{}",
        err(&refused)
    );
    web.route("/foro.rss", faults::feed(&["Javier", "Carmen"]));
    crate::support::levers::everything_is_due(&fresh.url).await;
    let done = run_on(&home, &fresh.url, &["run", "--once"]).await;
    assert!(done.status.success(), "{}", err(&done));
    assert_eq!(smtp.mails().len(), 2, "Carmen, and Javier not again");
    // And back into a file, when no service has been at work for a while.
    let busy = run_on(&home, &fresh.url, &["copy", "sqlite://vuelta.db"]).await;
    assert_eq!(busy.status.code(), Some(1));
    assert!(
        err(&busy).contains("un servicio trabaja en el origen"),
        "{}",
        err(&busy)
    );
    let wrong = home.run(&["copy", "mysql://x/y"]).await;
    assert_eq!(wrong.status.code(), Some(2), "{}", out(&wrong));
}

/// The service must not write meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_at_work_is_not_copied() {
    let (server, _smtp, home) = faults::town(&["Javier"]).await;
    let mut service = home.start(&["run"]);
    crate::support::wait(std::time::Duration::from_secs(30), "it listens", || {
        server.hits("/foro.rss") == 1
    });
    let refused = home.run(&["copy", "sqlite://otra.db"]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        err(&refused).contains("otro Escucha (proceso"),
        "{}",
        err(&refused)
    );
    faults::terminate(&service);
    assert!(faults::ended(&mut service).success());
}
