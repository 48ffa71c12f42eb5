//! The network between the service and its database is cut: nobody hangs up, and nothing arrives any more.
//!
//! `ESCUCHA_SILENCES` sets how often (1), and `ESCUCHA_SILENCE` for how many seconds after it was noticed (0).

use std::process::Stdio;
use std::time::Duration;

use tokio::time::Instant;

use crate::kill::signals::signal;
use crate::support::between::Between;
use crate::support::dice::{self, Dice};
use crate::support::town::{DEADLINE, Doubts, Town};
use crate::support::{databases, figure, host, wait};

use super::stopped::Worker;

#[tokio::test(flavor = "multi_thread")]
async fn r47_a_network_that_is_cut_is_noticed_and_costs_no_complaint() {
    let Some(fresh) = databases::postgres().await else {
        return;
    };
    let seed = dice::from_env("ESCUCHA_FLEET_SEED", 20_261_122);
    let n_cuts = dice::from_env("ESCUCHA_SILENCES", 1);
    let cut_for = Duration::from_secs(dice::from_env("ESCUCHA_SILENCE", 0));
    let mut dice = Dice::new(seed);
    let between = Between::start(databases::address(&fresh.url)).await;
    let mut town = Town::new(1, Some(&between.url(&fresh.url))).await;
    // What this test asks goes another way.
    town.database.clone_from(&fresh.url);
    let log = town.home.path().join("log");
    let said = || std::fs::read_to_string(&log).unwrap();
    let mut command = town.home.command(&["run"]);
    command.stdout(Stdio::null());
    command.stderr(std::fs::File::create(&log).unwrap());
    let mut service = Worker(command.spawn().unwrap());
    wait(DEADLINE, "it listens", || said().contains("listening"));
    let mut doubts = Doubts::default();
    let (mut longest, mut busiest) = (Duration::ZERO, 0_f64);
    for nth in 0..n_cuts {
        between.cut_network_at(dice.below(6) as i64, nth % 2 == 0);
        town.publish(0..2 * nth + 1);
        town.take_over().await;
        wait(DEADLINE, "a COMMIT", || between.is_network_cut());
        let (cut_at, busy) = (Instant::now(), host::busy_seconds(service.0.id()));
        let n_noticed = |log: String| log.matches("has not answered").count();
        let n_before = n_noticed(said());
        wait(2 * DEADLINE, "it notices", || n_noticed(said()) > n_before);
        tokio::time::sleep(cut_for).await;
        let share = (host::busy_seconds(service.0.id()) - busy) / cut_at.elapsed().as_secs_f64();
        busiest = busiest.max(share);
        doubts.note(&town.database).await;
        assert!(service.0.try_wait().unwrap().is_none(), "{}", said());
        // Published while it was deaf.
        let n_published = 2 * nth + 2;
        town.publish(0..n_published);
        between.mend_network();
        let mended_at = Instant::now();
        town.take_over().await;
        town.until_told(0..n_published).await;
        longest = longest.max(mended_at.elapsed());
    }
    signal(&service.0, "TERM");
    assert!(service.0.wait().unwrap().success());
    doubts.note(&town.database).await;
    town.drain().await;
    let told = town.told(0..2 * n_cuts, &doubts).await;
    figure("R47", "times that the network was cut", n_cuts);
    figure(
        "R47",
        "longest time until all were told after such a cut",
        format!("{} ms", longest.as_millis()),
    );
    figure(
        "R47",
        "busy while the network was cut, of a core",
        format!("{:.1} %", busiest * 100.0),
    );
    figure("R47", "complaints lost", told.n_lost());
    figure("R47", "mails accepted", told.n_mails);
    figure("R47", "copies among them", told.n_copies);
    told.expect_all(&format!("seed {seed}"));
    assert!(busiest < host::BUSY_MAX, "{busiest} of a core for nothing");
}
