//! The program killed by signal 9 at drawn moments, a quarter of them between DATA and 250.
//!
//! `ESCUCHA_KILLS` sets how often on each database, `ESCUCHA_KILL_SEED` repeats a run.

mod limits;
mod ordinals;
mod power;
pub(crate) mod signals;
mod soak;

use std::process::Child;
use std::time::Duration;

use crate::support::dice::{self, Dice};
use crate::support::smtp::{Fault, Smtp, Verb};
use crate::support::town::{DEADLINE, Doubts, Town};
use crate::support::{binary, databases, figure, levers};

/// One cycle: start, fetch, score, send, and the beginning of the next.
const CYCLE_MS: u64 = 2_000;
/// What the forum shows; a complaint is read long before it leaves.
const SHOWN: u64 = 60;

#[tokio::test(flavor = "multi_thread")]
async fn r1_no_complaint_is_lost_however_often_it_is_killed() {
    let town = Town::new(1, None).await;
    kill_and_look(&town, "SQLite", dice::from_env("ESCUCHA_KILLS", 40)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_no_complaint_is_lost_however_often_it_is_killed_on_postgresql() {
    let Some(fresh) = databases::postgres().await else {
        return;
    };
    let town = Town::new(1, Some(&fresh.url)).await;
    kill_and_look(&town, "PostgreSQL", dice::from_env("ESCUCHA_KILLS", 16)).await;
}

async fn kill_and_look(town: &Town, engine: &str, n_kills: u64) {
    let seed = dice::from_env("ESCUCHA_KILL_SEED", 20_261_122);
    let mut dice = Dice::new(seed);
    let mut doubts = Doubts::default();
    for round in 0..n_kills {
        town.publish((round + 1).saturating_sub(SHOWN)..round + 1);
        town.take_over().await;
        if round % 4 == 3 {
            kill_at_the_dot(town, &mut dice, &format!("seed {seed}, round {round}")).await;
        } else {
            let child = town.home.start(&["run"]);
            tokio::time::sleep(Duration::from_millis(dice.below(CYCLE_MS))).await;
            kill(child);
        }
        doubts.note(&town.database).await;
    }
    town.drain().await;
    let told = town.told(0..n_kills, &doubts).await;
    figure("R1", &format!("kills survived, {engine}"), n_kills);
    figure(
        "R1",
        &format!("of them between a dot and `sent`, {engine}"),
        doubts.n(),
    );
    figure("R1", &format!("mails accepted, {engine}"), told.n_mails);
    figure("R1", &format!("copies among them, {engine}"), told.n_copies);
    figure("R1", &format!("complaints lost, {engine}"), told.n_lost());
    figure(
        "R1",
        &format!("Message-IDs with two bodies, {engine}"),
        told.n_two_bodies,
    );
    told.expect_all(&format!("seed {seed}"));
}

/// Between DATA and 250, or, when the server has stored the mail, after its dot.
async fn kill_at_the_dot(town: &Town, dice: &mut Dice, context: &str) {
    let stored = dice.percent(70);
    let fault = if stored {
        Fault::StoredThen(&Fault::Hang)
    } else {
        Fault::Hang
    };
    let (n_before, n_data) = (town.smtp.mails().len(), count_data(&town.smtp));
    town.smtp.fault(Verb::Dot, fault);
    let child = town.home.start(&["run"]);
    let reached = wait_for_hang(town, n_before, n_data, stored).await;
    kill(child);
    if !reached {
        let status = binary::out(&town.home.run(&["status"]).await);
        let cases = binary::out(&town.home.run(&["cases"]).await);
        let outbox = binary::out(&town.home.run(&["outbox", "--all"]).await);
        panic!("{context}: no mail reached its dot\n{status}\n{cases}\n{outbox}");
    }
}

/// Waits until a mail is between DATA and 250 (or, stored by the server, after its dot); false when
/// none came. Whoever joins an incident would be named hours later: here, at once.
async fn wait_for_hang(town: &Town, n_before: usize, n_data: usize, stored: bool) -> bool {
    let smtp = &town.smtp;
    let started = tokio::time::Instant::now();
    while started.elapsed() < DEADLINE {
        levers::everything_is_due(&town.database).await;
        let reached = if stored {
            smtp.mails().len() > n_before
        } else {
            count_data(smtp) > n_data
        };
        if reached {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

/// How often the server has said "go on" to DATA.
fn count_data(smtp: &Smtp) -> usize {
    smtp.log()
        .iter()
        .filter(|line| line.starts_with("DATA"))
        .count()
}

pub(crate) fn kill(mut child: Child) {
    // It may have ended by itself; then there is nothing to kill.
    let _ = child.kill();
    child.wait().unwrap();
}
