//! The database server goes away, comes back, forgets, refuses to write, or takes another's side.
//!
//! `ESCUCHA_CUTS` sets how often connections are cut (10; at COMMITs 20, before and after each), and
//! `ESCUCHA_STOPS` how often the server crashes (2).

use std::process::Stdio;
use std::time::Duration;

use escucha::flow::poll;
use escucha::model::PostId;
use escucha::store::Judgement;
use sqlx::{Connection as _, PgConnection};

use crate::kill::signals::signal;
use crate::support::between::Between;
use crate::support::cluster::{Cluster, psql};
use crate::support::dice::{self, Dice};
use crate::support::lab::{Lab, START};
use crate::support::town::{DEADLINE, Doubts, Town};
use crate::support::{databases, figure, wait};

use super::stopped::Worker;

/// What the forum shows; a complaint is read long before it leaves.
const SHOWN: u64 = 30;
const END: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE application_name = 'escucha' AND random() < 0.7";

#[tokio::test(flavor = "multi_thread")]
async fn r47_connections_that_end_and_a_server_that_crashes_lose_nothing() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let seed = dice::from_env("ESCUCHA_FLEET_SEED", 20_261_122);
    let n_cuts = dice::from_env("ESCUCHA_CUTS", 10);
    let n_stops = dice::from_env("ESCUCHA_STOPS", 2).min(n_cuts);
    let mut dice = Dice::new(seed);
    let town = Town::new(1, Some(&cluster.url())).await;
    let mut service = Worker(town.home.start(&["run"]));
    let mut doubts = Doubts::default();
    let mut longest = Duration::ZERO;
    let mut n_published = 0_u64;
    for round in 0..n_cuts {
        n_published += 1;
        town.publish(n_published.saturating_sub(SHOWN)..n_published);
        doubts.note(&town.database).await;
        town.take_over().await;
        tokio::time::sleep(Duration::from_millis(dice.below(1_500))).await;
        cluster.sql(END);
        if (round + 1) % (n_cuts / n_stops) == 0 {
            cluster.crash();
            cluster.go_on();
            // It may be read and told before anybody here asks again.
            let n_before = town.smtp.mails().len();
            n_published += 1;
            town.publish(n_published.saturating_sub(SHOWN)..n_published);
            doubts.note(&town.database).await;
            longest = longest.max(until_the_next_mail(&town, n_before).await);
        }
        let ended = service.0.try_wait().unwrap();
        assert!(
            ended.is_none(),
            "seed {seed}: it ended by itself: {ended:?}"
        );
    }
    doubts.note(&town.database).await;
    signal(&service.0, "TERM");
    service.0.wait().unwrap();
    town.drain().await;
    doubts.note(&town.database).await;
    let told = town.told(0..n_published, &doubts).await;
    figure("R47", "times that connections were ended", n_cuts);
    figure("R47", "crashes of the server", n_stops);
    figure(
        "R47",
        "longest time until the next mail after one (ms)",
        format!("{} ms", longest.as_millis()),
    );
    figure("R47", "complaints lost", told.n_lost());
    figure("R47", "mails accepted", told.n_mails);
    figure("R47", "copies among them", told.n_copies);
    told.expect_all(&format!("seed {seed}"));
}

/// Something waits to be told; so long it takes the service to come back.
async fn until_the_next_mail(town: &Town, n_before: usize) -> Duration {
    let began = tokio::time::Instant::now();
    town.take_over().await;
    town.until_more_than(n_before).await;
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn r48_a_connection_lost_at_any_commit_repeats_nothing() {
    let Some(fresh) = databases::postgres().await else {
        return;
    };
    let n_cuts = dice::from_env("ESCUCHA_CUTS", 20) as i64;
    let between = Between::start(databases::address(&fresh.url)).await;
    let town = Town::new(1, Some(&between.url(&fresh.url))).await;
    let mut doubts = Doubts::default();
    let (mut n_published, mut n_done, mut n_outlived) = (0, 0_u64, 0);
    // Few are spent on the COMMITs about the mail, which come last.
    let first = if n_cuts < 50 { 9 } else { 0 };
    for nth in 0..n_cuts {
        let ordinal = first + nth / 2;
        let is_after = nth % 2 == 1;
        n_published += 1;
        town.publish(n_published - 1..n_published);
        town.take_over().await;
        between.cut_at(ordinal, is_after);
        drop(town.home.run(&["run", "--once"]).await);
        let was_cut = between.end_cutting();
        n_done += u64::from(was_cut);
        n_outlived = if was_cut { 0 } else { n_outlived + 1 };
        doubts.note(&town.database).await;
        // What lost its COMMIT at the dot is in doubt, and waits for a second run.
        town.drain().await;
        if n_outlived == 6 {
            break;
        }
    }
    town.drain().await;
    let told = town.told(0..n_published, &doubts).await;
    figure("R48", "connections lost at a COMMIT", n_done);
    figure("R48", "complaints lost", told.n_lost());
    figure("R48", "mails accepted", told.n_mails);
    figure("R48", "copies among them", told.n_copies);
    told.expect_all("COMMITs were cut");
    // What the server's 250 promised is noted by a second try; without it a copy would follow.
    assert_eq!(told.n_copies, 0, "{doubts:#?}");
    assert!(n_done > 0, "no COMMIT was met");
}

#[tokio::test(flavor = "multi_thread")]
async fn r52_a_server_that_turns_read_only_is_waited_for() {
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
    let said = || std::fs::read_to_string(&log).unwrap();
    wait(DEADLINE, "it listens", || said().contains("listening"));
    let server = std::env::var("ESCUCHA_TEST_POSTGRES").unwrap();
    let name = url::Url::parse(&fresh.url).unwrap();
    let name = name.path().trim_start_matches('/').to_owned();
    // As after a failover to a standby: all connections are new, and none may write.
    let turn = |to: &str| {
        let alter = format!("ALTER DATABASE {name} SET default_transaction_read_only = {to}");
        psql(&server, &alter);
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname";
        psql(&server, &format!("{end} = '{name}'"));
    };
    turn("on");
    town.publish(0..2);
    wait(DEADLINE, "it says so", || said().contains("read-only"));
    assert!(
        service.0.try_wait().unwrap().is_none(),
        "it ended by itself: {}",
        said()
    );
    assert!(town.smtp.mails().is_empty());
    turn("off");
    town.take_over().await;
    town.until_told(0..2).await;
    signal(&service.0, "TERM");
    assert!(service.0.wait().unwrap().success());
    let told = town.told(0..2, &Doubts::default()).await;
    figure(
        "R52",
        "complaints lost while the server was read-only",
        told.n_lost(),
    );
    told.expect_all("read-only for a while");
}

/// A transaction that is the victim of a deadlock is made again, with the same outcome.
#[tokio::test(flavor = "multi_thread")]
async fn r52_the_victim_of_a_deadlock_is_tried_again() {
    let Some(fresh) = databases::postgres().await else {
        return;
    };
    let source =
        "[[source]]\nname = \"foro\"\nurl = \"https://foro.test/rss\"\nfull_text = false\n";
    let lab = Lab::new(&fresh.store, source).await;
    let jobs = poll::begin(&fresh.store, &lab.engine, "w", START, 1)
        .await
        .unwrap();
    let mut other = PgConnection::connect(&fresh.url).await.unwrap();
    // The other side looks for deadlocks last, so that the victim is ours.
    for sql in [
        "BEGIN",
        "SET LOCAL deadlock_timeout = '60s'",
        "UPDATE hosts SET next_at = next_at",
    ] {
        sqlx::raw_sql(sql).execute(&mut other).await.unwrap();
    }
    let body = "<rss version=\"2.0\"><channel><title>F</title><link>https://foro.test/</link>\
                <description>d</description><item><guid>1</guid><title>Hola</title>\
                <description>La plaza.</description></item></channel></rss>";
    let settling = lab.finish_with(&jobs[0], body, START.plus_seconds(1));
    let crossing = async {
        // Who waits for our transaction waits for its number.
        let waits = "SELECT count(*) FROM pg_locks mine JOIN pg_locks theirs \
                     ON theirs.transactionid = mine.transactionid AND NOT theirs.granted \
                     WHERE mine.pid = pg_backend_pid() AND mine.granted";
        loop {
            let n: i64 = sqlx::query_scalar(waits)
                .fetch_one(&mut other)
                .await
                .unwrap();
            if n > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let crossing = sqlx::raw_sql("UPDATE sources SET next_at = next_at; ROLLBACK");
        crossing.execute(&mut other).await.unwrap();
    };
    tokio::join!(settling, crossing);
    let posts = psql(&fresh.url, "SELECT count(*) FROM posts");
    figure("R52", "deadlocks whose victim was tried again", 1);
    assert_eq!(posts, "1");
}

/// A worker that starts with the configuration that is in force waits for nobody's rows.
#[tokio::test(flavor = "multi_thread")]
async fn r49_a_worker_that_starts_leaves_alone_what_is_as_it_should_be() {
    let Some(fresh) = databases::postgres().await else {
        return;
    };
    let source = "[[source]]\nname = \"foro\"\nurl = \"https://foro.test/rss\"\n";
    let lab = Lab::new(&fresh.store, source).await;
    let mut other = PgConnection::connect(&fresh.url).await.unwrap();
    for sql in ["BEGIN", "UPDATE sources SET next_at = next_at"] {
        sqlx::raw_sql(sql).execute(&mut other).await.unwrap();
    }
    let starting = poll::sync(&fresh.store, &lab.engine, START);
    let started = tokio::time::timeout(Duration::from_secs(5), starting).await;
    assert!(
        matches!(started, Ok(Ok(()))),
        "it waits for another worker: {started:?}"
    );
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
}

/// Whatever the database is set to, what we are told as stored is on the disk of the server.
#[tokio::test(flavor = "multi_thread")]
async fn r47_a_commit_is_waited_for_whatever_the_database_is_set_to() {
    let Some(fresh) = databases::postgres().await else {
        return;
    };
    let mut connection = PgConnection::connect(&fresh.url).await.unwrap();
    let lax = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', \
               current_database()); END $$";
    sqlx::raw_sql(lax).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    // What one of our connections has.
    let looked = escucha::store::inspect_postgres(&fresh.url, START).await;
    let codes: Vec<&str> = looked
        .faults
        .iter()
        .map(escucha::store::Fault::code)
        .collect();
    assert!(!codes.contains(&"no_synchronous_commit"), "{codes:?}");
    assert!(!codes.contains(&"unreachable"), "{codes:?}");
}

/// What is given up in the middle of a transaction holds no lock, and its connection serves the next.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_is_given_up_is_rolled_back_and_its_connection_goes_on() {
    let Some(fresh) = databases::postgres().await else {
        return;
    };
    let judgement = Judgement {
        post_id: PostId("p".to_owned()),
        is_complaint: true,
        because: "judged".to_owned(),
        at: START,
    };
    assert!(fresh.store.judge(&judgement, None).await.unwrap());
    let name = url::Url::parse(&fresh.url).unwrap();
    let ours = format!(
        "FROM pg_stat_activity WHERE application_name = 'escucha' AND datname = '{}'",
        name.path().trim_start_matches('/')
    );
    let connections = || psql(&fresh.url, &format!("SELECT pid {ours} ORDER BY pid"));
    let before = connections();
    for _ in 0..20 {
        // The row is locked, nothing about it changes, and the transaction is dropped.
        assert!(!fresh.store.judge(&judgement, None).await.unwrap());
        let n_open = format!("SELECT count(*) {ours} AND state LIKE 'idle in transaction%'");
        wait(Duration::from_secs(30), "no transaction is open", || {
            psql(&fresh.url, &n_open) == "0"
        });
    }
    assert_eq!(connections(), before);
}
