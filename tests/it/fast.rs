//! A service whose clock goes faster than ours: what it does after minutes is seen after seconds.

use std::process::Stdio;

use crate::clock::faketime;
use crate::fleet::stopped::Worker;
use crate::support::binary::Home;
use crate::support::http::Answer;
use crate::support::smtp::{Fault, Verb};
use crate::support::town::{DEADLINE, Doubts, Town};
use crate::support::{levers, wait};

/// The service, its clock so many times as fast; `None` (and noted) where no clock can be given.
pub(crate) fn start(home: &Home, pace: u64) -> Option<Worker> {
    let mut command = home.command(&["run"]);
    command
        .env("LD_PRELOAD", faketime()?)
        .env("FAKETIME", format!("+0 x{pace}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Some(Worker(command.spawn().unwrap()))
}

/// Mails under way or behind one, and until when they are held.
const HELD: &str =
    "SELECT id, CAST(lease_until AS TEXT) FROM outbox WHERE state = 'sending' ORDER BY id";

async fn held(town: &Town) -> Vec<i64> {
    let rows = levers::pairs(&town.database, HELD).await;
    rows.iter()
        .map(|(_, until)| until.parse().unwrap())
        .collect()
}

const WAITING: &str = "SELECT COUNT(*) FROM outbox WHERE state = 'ready'";

/// The server is silent for minutes, within the limit of RFC 5321, section 4.5.3.2.
#[tokio::test(flavor = "multi_thread")]
async fn r51_a_slow_mail_and_those_behind_it_keep_their_leases() {
    let town = Town::new(1, None).await;
    town.smtp.fault_times(100, Verb::Greeting, Fault::Close);
    town.publish(0..2);
    let Some(service) = start(&town.home, 20) else {
        return;
    };
    let until = tokio::time::Instant::now() + DEADLINE;
    while levers::number(&town.database, WAITING).await < 2 {
        assert!(tokio::time::Instant::now() < until, "two mails wait");
    }
    town.smtp.forgive();
    town.smtp.fault(Verb::Rcpt, Fault::Hang);
    let mut first: Option<Vec<i64>> = None;
    loop {
        assert!(
            tokio::time::Instant::now() < until,
            "not renewed: {first:?}"
        );
        levers::everything_is_due(&town.database).await;
        let now = held(&town).await;
        match &first {
            None if now.len() == 2 => first = Some(now),
            // Each of both, while the first of them is still under way.
            Some(then) if now.len() == 2 && now.iter().zip(then).all(|(now, then)| now > then) => {
                break;
            }
            _ => {}
        }
    }
    drop(service);
    town.smtp.forgive();
    town.drain().await;
    town.told(0..2, &Doubts::default()).await.expect_all("slow");
}

/// Readings of the forum, two seconds apart by the clock of the service: four signs of life would fall into them.
const READINGS: usize = 120;

#[tokio::test(flavor = "multi_thread")]
async fn r59_alive_url_hears_nothing_while_no_mail_leaves() {
    let town = Town::new(1, None).await;
    let forum = &town.forums[0];
    forum.route("/alive", Answer::ok("text/plain", "ok"));
    let file = town.home.path().join("escucha.toml");
    let settings = std::fs::read_to_string(file).unwrap();
    let alive = format!("[alerts]\nalive_url = \"{}\"\n", forum.url("/alive"));
    town.home
        .write("escucha.toml", &settings.replace("[alerts]\n", &alive));
    let Some(_service) = start(&town.home, 30) else {
        return;
    };
    let more = |path: &'static str, n: usize| {
        let before = forum.hits(path);
        wait(DEADLINE, path, || forum.hits(path) >= before + n);
    };
    more("/alive", 2);
    town.smtp.fault_times(1_000, Verb::Greeting, Fault::Close);
    town.publish(0..1);
    wait(DEADLINE, "the server was asked", || {
        !town.smtp.log().is_empty()
    });
    // What was on its way then has come.
    more("/rss", READINGS / 4);
    let n_signs = forum.hits("/alive");
    more("/rss", READINGS);
    assert_eq!(forum.hits("/alive"), n_signs);
    town.smtp.forgive();
    more("/alive", 2);
    assert_eq!(town.smtp.mails().len(), 1);
}
