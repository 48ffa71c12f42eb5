//! A rolling upgrade: workers of the version before go on while the new one changes the tables, by adding
//! to them (migrations/README.md: expand, then contract). And what the version before had not sent.
//!
//! `ESCUCHA_PENDING` sets how many mails waited (100).

use std::process::Stdio;
use std::time::Duration;

use escucha::clock;
use sqlx::Connection as _;

use crate::kill::signals::signal;
use crate::support::between::Between;
use crate::support::cluster::psql;
use crate::support::town::{DEADLINE, Doubts, Town, message_id};
use crate::support::{binary, databases, dice, figure, older, wait};

use super::stopped::Worker;

/// What a next version may do to the tables under the feet of this one.
const EXPAND: &str = "SELECT format('ALTER TABLE %I ADD COLUMN later TEXT', tablename) FROM pg_tables \
                      WHERE schemaname = 'public' AND tablename NOT LIKE '\\_sqlx%'";
const NOTE: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                    VALUES (999999, 'of a later version', true, '\\x00', 1)";

#[tokio::test(flavor = "multi_thread")]
async fn r56_workers_go_on_while_a_later_version_adds_to_the_tables() {
    let Some(fresh) = databases::postgres().await else {
        return;
    };
    let town = Town::new(1, Some(&fresh.url)).await;
    let log = town.home.path().join("log");
    let mut command = town.home.command(&["run"]);
    command
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&log).unwrap());
    let mut service = Worker(command.spawn().unwrap());
    // Every statement that a complaint needs has been prepared when its mail is there.
    town.publish(0..2);
    town.take_over().await;
    town.until_told(0..2).await;
    for alter in psql(&fresh.url, EXPAND).lines() {
        psql(&fresh.url, alter);
    }
    psql(&fresh.url, NOTE);
    town.publish(0..4);
    town.take_over().await;
    town.until_told(0..4).await;
    signal(&service.0, "TERM");
    assert!(service.0.wait().unwrap().success());
    let told = town.told(0..4, &Doubts::default()).await;
    figure(
        "R56",
        "complaints lost while the tables grew",
        told.n_lost(),
    );
    told.expect_all("the tables grew");
    // Who starts now would not know what the tables mean.
    let refused = town.home.run(&["run", "--once"]).await;
    assert_eq!(refused.status.code(), Some(1));
    let said = binary::err(&refused);
    assert!(said.contains("999999"), "{said}");
}

/// The first version's tables, one of which somebody works on: bringing them up to date has to wait.
async fn held_up(database: &str) -> sqlx::PgConnection {
    older::make(database).await;
    let mut other = sqlx::PgConnection::connect(database).await.unwrap();
    let lock = "BEGIN; LOCK TABLE posts IN ACCESS EXCLUSIVE MODE";
    sqlx::raw_sql(lock).execute(&mut other).await.unwrap();
    other
}

/// Returns when somebody has waited longer for a lock than any other statement may.
fn until_late(database: &str) {
    let late = "SET statement_timeout = '60s'; DO $$ BEGIN WHILE NOT EXISTS (SELECT 1 FROM pg_stat_activity \
                WHERE wait_event_type = 'Lock' AND datname = current_database() \
                AND clock_timestamp() - query_start > interval '11 s') \
                LOOP PERFORM pg_sleep(0.1), pg_stat_clear_snapshot(); END LOOP; END $$";
    psql(database, late);
}

#[tokio::test(flavor = "multi_thread")]
async fn r56_an_upgrade_takes_as_long_as_it_takes() {
    let Some(fresh) = databases::postgres().await else {
        return;
    };
    let town = Town::new(1, Some(&fresh.url)).await;
    let other = held_up(&fresh.url).await;
    let mut command = town.home.command(&["run"]);
    let log = town.home.path().join("log");
    command.stdout(Stdio::null());
    command.stderr(std::fs::File::create(&log).unwrap());
    let mut service = Worker(command.spawn().unwrap());
    until_late(&fresh.url);
    other.close().await.unwrap();
    let said = || std::fs::read_to_string(&log).unwrap();
    wait(DEADLINE, "it listens", || said().contains("listening"));
    town.publish(0..2);
    town.take_over().await;
    town.until_told(0..2).await;
    signal(&service.0, "TERM");
    assert!(service.0.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn r56_an_upgrade_whose_network_is_cut_ends_and_says_so() {
    let Some(fresh) = databases::postgres().await else {
        return;
    };
    let between = Between::start(databases::address(&fresh.url)).await;
    let town = Town::new(1, Some(&between.url(&fresh.url))).await;
    let other = held_up(&fresh.url).await;
    let mut command = town.home.command(&["run"]);
    let log = town.home.path().join("log");
    command.stderr(std::fs::File::create(&log).unwrap());
    let mut service = Worker(command.spawn().unwrap());
    until_late(&fresh.url);
    between.cut_network();
    let mut ended = None;
    wait(2 * DEADLINE, "it ends", || {
        ended = service.0.try_wait().unwrap();
        ended.is_some()
    });
    let said = std::fs::read_to_string(&log).unwrap();
    assert_eq!(ended.and_then(|it| it.code()), Some(1), "{said}");
    assert!(said.contains("PostgreSQL"), "{said}");
    other.close().await.unwrap();
}

/// From the first version to this one, with mails in every state in which one can wait.
#[tokio::test(flavor = "multi_thread")]
async fn r56_what_the_version_before_had_not_sent_leaves_as_it_was_made() {
    let n_pending = dice::from_env("ESCUCHA_PENDING", 100) as usize;
    for fresh in databases::both().await {
        let postgres = (fresh.engine == "postgresql").then_some(fresh.url.as_str());
        let town = Town::new(1, postgres).await;
        let gone = ["escucha.db", "escucha.db.mark"].map(|name| town.home.path().join(name));
        for file in gone.iter().filter(|file| file.exists()) {
            std::fs::remove_file(file).unwrap();
        }
        older::make(&town.database).await;
        let now = clock::now();
        let recipient = "gerente@ejemplo.test";
        let pending = older::fill(&town.database, recipient, n_pending, now).await;
        let mut service = Worker(town.home.start(&["run"]));
        let until = tokio::time::Instant::now() + 4 * DEADLINE;
        while town.smtp.mails().len() < n_pending {
            let now = tokio::time::Instant::now();
            assert!(now < until, "{}: {}", fresh.engine, town.smtp.mails().len());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        signal(&service.0, "TERM");
        assert!(service.0.wait().unwrap().success());
        town.drain().await;
        let mails = town.smtp.mails();
        let arrived = |one: &&older::Pending| {
            let mut same = mails
                .iter()
                .filter(|mail| message_id(mail) == one.message_id);
            let (first, second) = (same.next(), same.next());
            let is_as_made = first.is_some_and(|mail| {
                let sealed = one.sealed.as_deref();
                sealed.is_none_or(|sealed| mail.raw == sealed.as_bytes())
            });
            is_as_made && second.is_none()
        };
        let n_arrived = pending.iter().filter(arrived).count();
        let what = format!("mails of the version before, {}", fresh.engine);
        figure("R56", &what, n_pending);
        let what = format!(
            "of them that arrived once and as they were made, {}",
            fresh.engine
        );
        figure("R56", &what, n_arrived);
        assert_eq!(n_arrived, n_pending, "{}", fresh.engine);
        assert_eq!(mails.len(), n_pending, "{}", fresh.engine);
    }
}
