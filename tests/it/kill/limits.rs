//! Too little memory, too few file descriptors: what ends the program loses nothing, and what does not end
//! it is done later.

use std::process::{Command, Stdio};

use crate::kill::signals::signal;
use crate::support::town::{self, DEADLINE, Doubts, Town};
use crate::support::{binary, figure, wait};

/// Addresses that a run may have, in KiB: from far too few to start to enough for all it does.
const MEMORY_KIB: [u32; 10] = [
    60_000, 100_000, 140_000, 180_000, 220_000, 260_000, 320_000, 400_000, 600_000, 1_200_000,
];
const FORUMS: u8 = 40;

#[tokio::test(flavor = "multi_thread")]
async fn r7_a_run_that_gets_no_memory_loses_nothing() {
    let town = Town::new(1, None).await;
    let mut doubts = Doubts::default();
    let (mut n_published, mut n_died, mut n_lived) = (0, 0, 0);
    for kib in MEMORY_KIB {
        n_published += 1;
        town.publish(0..n_published);
        town.take_over().await;
        let mut shell = limited(&town, &format!("ulimit -v {kib}"), "run --once");
        let ended = tokio::task::spawn_blocking(move || shell.output().unwrap());
        // An allocation that fails ends it by a signal, or with an error.
        if ended.await.unwrap().status.success() {
            n_lived += 1;
        } else {
            n_died += 1;
        }
        doubts.note(&town.database).await;
    }
    town.drain().await;
    let told = town.told(0..n_published, &doubts).await;
    figure("R7", "runs that ended for want of memory", n_died);
    figure("R7", "runs that had enough", n_lived);
    figure("R7", "complaints lost", told.n_lost());
    told.expect_all("want of memory");
    assert!(n_died > 0 && n_lived > 0, "{n_died} died, {n_lived} lived");
}

#[tokio::test(flavor = "multi_thread")]
async fn r58_few_file_descriptors_make_it_slow_and_not_deaf() {
    let town = Town::new(FORUMS, None).await;
    for (nth, forum) in (0..).zip(&town.forums) {
        forum.route("/rss", town::feed(nth..nth + 1));
    }
    town.take_over().await;
    let mut shell = limited(&town, "ulimit -n 64", "run");
    shell.stdout(Stdio::null()).stderr(Stdio::null());
    let mut service = shell.spawn().unwrap();
    wait(DEADLINE, "some are told", || !town.smtp.mails().is_empty());
    assert!(service.try_wait().unwrap().is_none(), "it ended by itself");
    signal(&service, "TERM");
    assert!(service.wait().unwrap().success());
    town.drain().await;
    let told = town.told(0..u64::from(FORUMS), &Doubts::default()).await;
    figure("R58", "sources read with 64 file descriptors", FORUMS);
    figure("R58", "complaints lost", told.n_lost());
    told.expect_all("64 file descriptors");
}

/// The program under a limit of its shell.
fn limited(town: &Town, limit: &str, words: &str) -> Command {
    let program = binary::path().display().to_string();
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{limit}; exec {program} {words}")]);
    shell.current_dir(town.home.path()).stdin(Stdio::null());
    shell
}
