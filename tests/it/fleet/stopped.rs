//! A worker that sleeps through its lease, wakes, and finds its work done by another: it writes nothing.

use std::process::Child;
use std::time::Duration;

use crate::kill::signals::signal;
use crate::support::smtp::{Fault, Smtp, Verb};
use crate::support::town::{self, DEADLINE, Doubts, Town};
use crate::support::{databases, figure, wait};

/// While the server waits with its answer, the worker falls asleep.
const LATE: Duration = Duration::from_secs(4);

/// Ends with its test, stopped or not.
pub(crate) struct Worker(pub(crate) Child);

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn town_on_postgresql() -> Option<Town> {
    let fresh = databases::postgres().await?;
    Some(Town::new(1, Some(&fresh.url)).await)
}

/// Another worker takes over what the sleeper held: its leases have ended.
async fn another(town: &Town) {
    town.take_over().await;
    // Mails may still wait, as for the end of a doubt.
    drop(town.home.run(&["run", "--once"]).await);
}

/// Waits until the server is about to answer late, and stops the worker.
fn stop_at(worker: &Worker, smtp: &Smtp, verb: &str) {
    wait(DEADLINE, "the server waits with its answer", || {
        let is_it = |line: &String| line.starts_with(verb) && line.ends_with("(late)");
        smtp.log().iter().any(is_it)
    });
    signal(&worker.0, "STOP");
}

#[tokio::test(flavor = "multi_thread")]
async fn r50_a_fetch_that_outsleeps_its_lease_writes_nothing() {
    let Some(town) = town_on_postgresql().await else {
        return;
    };
    let forum = &town.forums[0];
    let n_before = forum.hits("/rss");
    let slow = Duration::from_millis(2);
    forum.route("/rss", town::feed(0..1).drip(slow));
    town.take_over().await;
    let sleeper = Worker(town.home.start(&["run"]));
    wait(DEADLINE, "the feed is being read", || {
        forum.hits("/rss") > n_before
    });
    signal(&sleeper.0, "STOP");
    town.publish(0..2);
    another(&town).await;
    assert_eq!(town.smtp.mails().len(), 2, "the other worker did its work");
    let n_asked = forum.hits("/rss");
    signal(&sleeper.0, "CONT");
    // It ends the fetch, and goes on with its life: what it asks then shows what it knows.
    for nth in 1..=3 {
        wait(DEADLINE, "it reads on", || {
            forum.hits("/rss") >= n_asked + nth
        });
    }
    let stale = forum
        .requests()
        .into_iter()
        .filter(|seen| seen.header("if-none-match") == Some("\"0-1\""));
    let n_stale = stale.count();
    figure("R50", "writes of a fetch that outslept its lease", n_stale);
    assert_eq!(n_stale, 0, "it wrote the validators of an older document");
    assert_eq!(town.smtp.mails().len(), 2);
    town.told(0..2, &Doubts::default())
        .await
        .expect_all("asleep in a fetch");
}

#[tokio::test(flavor = "multi_thread")]
async fn r50_a_mail_that_outsleeps_its_lease_before_the_dot_is_not_sent() {
    let Some(town) = town_on_postgresql().await else {
        return;
    };
    town.publish(0..1);
    town.take_over().await;
    town.smtp.fault(Verb::Data, Fault::Late(LATE));
    let sleeper = Worker(town.home.start(&["run"]));
    stop_at(&sleeper, &town.smtp, "DATA");
    another(&town).await;
    assert_eq!(town.smtp.mails().len(), 1, "the other worker sent it");
    wait(DEADLINE, "the server says go on", || {
        let log = town.smtp.log();
        log.iter().filter(|line| line.contains("354")).count() >= 2
    });
    signal(&sleeper.0, "CONT");
    town.smtp.wait_until_alone(DEADLINE).await;
    let n_mails = town.smtp.mails().len();
    figure(
        "R50",
        "mails sent past the dot by a worker without its lease",
        n_mails - 1,
    );
    assert_eq!(n_mails, 1, "{:#?}", town.smtp.log());
    town.told(0..1, &Doubts::default())
        .await
        .expect_all("asleep before the dot");
}

#[tokio::test(flavor = "multi_thread")]
async fn r51_a_worker_asleep_after_the_dot_costs_one_copy_at_most() {
    let Some(town) = town_on_postgresql().await else {
        return;
    };
    town.publish(0..1);
    town.take_over().await;
    town.smtp.fault(Verb::Dot, Fault::Late(LATE));
    let sleeper = Worker(town.home.start(&["run"]));
    stop_at(&sleeper, &town.smtp, "(dot)");
    let mut doubts = Doubts::default();
    doubts.note(&town.database).await;
    assert_eq!(doubts.n(), 1, "it may have arrived");
    // The lease has ended: in doubt, and after a while sent again, the same bytes.
    another(&town).await;
    another(&town).await;
    signal(&sleeper.0, "CONT");
    town.smtp.wait_until_alone(DEADLINE).await;
    another(&town).await;
    let told = town.told(0..1, &doubts).await;
    figure(
        "R51",
        "copies of a mail whose worker slept after the dot",
        told.n_copies,
    );
    told.expect_all("asleep after the dot");
    assert_eq!(told.n_copies, 1, "{:#?}", town.smtp.log());
}
