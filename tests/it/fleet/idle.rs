//! A service that can do nothing now does nothing: what is due and has to wait is not looked for all the time.

use std::process::Stdio;

use tokio::time::Instant;

use crate::clock::faketime;
use crate::support::smtp::{Fault, Verb};
use crate::support::town::{DEADLINE, Town};
use crate::support::{databases, host, levers, wait};

use super::stopped::Worker;

/// Readings of the forum during which the service is watched.
const READINGS: usize = 3;
/// What the database may be asked meanwhile: each of five loops looks every quarter of a minute.
const TRANSACTIONS_MAX: u64 = 300;
const WAITING: &str = "SELECT id, state FROM outbox WHERE state = 'ready'";
const TRANSACTIONS: &str = "SELECT 'n', CAST(xact_commit AS TEXT) FROM pg_stat_database \
                            WHERE datname = current_database()";

/// Waits until the forum was read so often again.
fn until_read(town: &Town, times: usize) {
    let enough = town.forums[0].hits("/rss") + times;
    wait(DEADLINE, "the forum is read", || {
        town.forums[0].hits("/rss") >= enough
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn r12_while_a_server_is_left_alone_nobody_looks_for_it() {
    let town = Town::new(1, None).await;
    town.smtp.fault(Verb::Greeting, Fault::Close);
    let service = Worker(town.home.start(&["run"]));
    for n_complaints in 1..=2 {
        // The second mail is made while the server is left alone, and due from then on.
        town.publish(0..n_complaints);
        let until = Instant::now() + DEADLINE;
        while levers::pairs(&town.database, WAITING).await.len() < n_complaints as usize
            || town.smtp.log().is_empty()
        {
            assert!(Instant::now() < until, "{n_complaints} mails wait");
            until_read(&town, 1);
        }
    }
    let (began, busy) = (Instant::now(), host::busy_seconds(service.0.id()));
    until_read(&town, READINGS);
    let share = (host::busy_seconds(service.0.id()) - busy) / began.elapsed().as_secs_f64();
    assert!(share < host::BUSY_MAX, "{share} of a core for nothing");
    assert_eq!(levers::pairs(&town.database, WAITING).await.len(), 2);
}

async fn n_transactions(town: &Town) -> u64 {
    levers::pairs(&town.database, TRANSACTIONS).await[0]
        .1
        .parse()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn r28_a_worker_whose_clock_is_ahead_waits_by_that_of_the_server() {
    let Some(library) = faketime() else {
        return;
    };
    let Some(fresh) = databases::postgres().await else {
        return;
    };
    let town = Town::new(1, Some(&fresh.url)).await;
    let mut command = town.home.command(&["run"]);
    command.env("LD_PRELOAD", library).env("FAKETIME", "+3600s");
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let _service = Worker(command.spawn().unwrap());
    until_read(&town, 1);
    let before = n_transactions(&town).await;
    until_read(&town, READINGS);
    let n = n_transactions(&town).await - before;
    assert!(
        n < TRANSACTIONS_MAX,
        "{n} transactions for {READINGS} readings"
    );
}
