//! The program killed at its Kth fsync, write or send (strace counts for each thread by itself).
//!
//! `ESCUCHA_ORDINALS` sets how many of each call are tried at most (3, drawn among the first; enough of
//! them: all, until a run outlives it). Each kill is followed by a run in which the forum shows the same:
//! validators that were stored without their posts would bring a 304, and lose them for ever.

use std::process::{Command, Output};

use crate::support::dice::{self, Dice};
use crate::support::town::{Doubts, Town};
use crate::support::{binary, figure, left_out, levers, tally};

/// What a run does to the disk and to the network.
const CALLS: [&str; 4] = ["fsync", "pwrite64", "sendto", "writev"];
/// Drawn ordinals lie below this.
const DRAWN_BELOW: u64 = 16;
/// When so many runs in a row outlive their ordinal, there is no such call any more.
const OUTLIVED: u64 = 3;
const WAITING: &str = "SELECT COUNT(*) FROM outbox WHERE state = 'in_doubt'";

#[tokio::test(flavor = "multi_thread")]
async fn r2_a_kill_at_any_write_or_send_loses_nothing() {
    if !has_strace() {
        return;
    }
    let n_wanted = dice::from_env("ESCUCHA_ORDINALS", 3);
    let seed = dice::from_env("ESCUCHA_KILL_SEED", 20_261_122);
    let mut dice = Dice::new(seed);
    let town = Town::new(1, None).await;
    let (mut n_published, mut n_kills) = (0, 0);
    let mut doubts = Doubts::default();
    for call in CALLS {
        let mut n_outlived = 0;
        for nth in 1..=n_wanted {
            let is_drawn = n_wanted < DRAWN_BELOW;
            let ordinal = if is_drawn {
                1 + dice.below(DRAWN_BELOW)
            } else {
                nth
            };
            n_published += 1;
            town.publish(n_published - 1..n_published);
            town.take_over().await;
            let is_killed = killed_at(&town, call, ordinal).await;
            n_kills += u64::from(is_killed);
            n_outlived = if is_killed { 0 } else { n_outlived + 1 };
            doubts.note(&town.database).await;
            town.take_over().await;
            let healed = town.home.run(&["run", "--once"]).await;
            // A mail that may have arrived waits two minutes, which a single run tells by its status.
            let n_waiting = levers::number(&town.database, WAITING).await;
            assert_eq!(
                healed.status.code(),
                Some(i32::from(n_waiting > 0)),
                "seed {seed}, {call} {ordinal}, {n_waiting} in doubt: {}",
                binary::err(&healed)
            );
            if !is_drawn && n_outlived == OUTLIVED {
                break;
            }
        }
    }
    town.drain().await;
    let told = town.told(0..n_published, &doubts).await;
    figure("R2", "kills at a write, an fsync or a send", n_kills);
    figure("R2", "of them between a dot and `sent`", doubts.n());
    figure("R2", "mails accepted", told.n_mails);
    figure("R2", "copies among them", told.n_copies);
    figure("R2", "complaints lost", told.n_lost());
    told.expect_all(&format!("seed {seed}"));
    assert!(
        n_kills > 0,
        "no run reached the call at which it was to be killed"
    );
}

/// One run, killed when one of its threads makes this call for the nth time; false when it ended by
/// itself.
async fn killed_at(town: &Town, call: &str, ordinal: u64) -> bool {
    let trace = format!("trace={call}");
    let inject = format!("inject={call}:signal=SIGKILL:when={ordinal}");
    let options = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
    let output = run_under_strace(town, &options).await;
    output.status.code() != Some(0)
}

pub(super) fn has_strace() -> bool {
    let found = Command::new("strace").arg("--version").output();
    if found.is_err() {
        left_out("strace");
        return false;
    }
    tally("strace");
    true
}

/// `escucha run --once` under strace with these options.
pub(super) async fn run_under_strace(town: &Town, options: &[&str]) -> Output {
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq"])
        .args(options)
        .arg(binary::path())
        .args(["run", "--once"])
        .current_dir(town.home.path())
        .env_remove("ESCUCHA_CONFIG");
    let run = tokio::task::spawn_blocking(move || command.output().unwrap());
    run.await.unwrap()
}
