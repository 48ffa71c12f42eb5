//! Hours at sixty times their pace, among servers that misbehave (R57): what a service holds does not grow.
//!
//! `ESCUCHA_SOAK` sets for how many seconds (12); a minute of them is an hour of the service.

use std::path::Path;
use std::process::Child;
use std::time::Duration;

use crate::fast;
use crate::kill::signals::signal;
use crate::support::dice::{self, Dice};
use crate::support::http::Answer;
use crate::support::smtp::{Fault, Verb};
use crate::support::town::{Doubts, Town};
use crate::support::{figure, host};

/// What the forum shows; a complaint is read long before it leaves.
const SHOWN: u64 = 30;
/// Twice as much as is copied into the database's file at once.
const WAL_KIB_MAX: u64 = 2 * 16_000;
const MOMENT: Duration = Duration::from_millis(250);

/// What a process holds at one moment.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    files: u64,
    threads: u64,
    memory_kib: u64,
    /// The database's log of what is not in its file yet.
    wal_kib: u64,
    /// Processor time so far, in thousandths of a second.
    busy_ms: u64,
}

impl Held {
    fn by(service: &Child, home: &Path) -> Self {
        let process = format!("/proc/{}", service.id());
        let status = std::fs::read_to_string(format!("{process}/status")).unwrap();
        let field = |name: &str| {
            let mut lines = status.lines().filter_map(|line| line.strip_prefix(name));
            let words = lines.next().unwrap().trim();
            words.split(' ').next().unwrap().parse().unwrap()
        };
        let wal = std::fs::metadata(home.join("escucha.db-wal"));
        Self {
            files: std::fs::read_dir(format!("{process}/fd")).unwrap().count() as u64,
            threads: field("Threads:"),
            memory_kib: field("VmRSS:"),
            wal_kib: wal.map_or(0, |wal| wal.len() >> 10),
            busy_ms: (host::busy_seconds(service.id()) * 1_000.0) as u64,
        }
    }

    fn most(all: &[Self]) -> Self {
        let most = |of: fn(&Self) -> u64| all.iter().map(of).max().unwrap_or_default();
        Self {
            files: most(|held| held.files),
            threads: most(|held| held.threads),
            memory_kib: most(|held| held.memory_kib),
            wal_kib: most(|held| held.wal_kib),
            busy_ms: most(|held| held.busy_ms),
        }
    }
}

/// One forum stays well; what the others do changes all the time, and so does the mail server.
fn make_trouble(town: &Town, dice: &mut Dice) {
    for forum in &town.forums[1..] {
        let answer = match dice.below(6) {
            0 => Answer::status(500),
            1 => Answer::silence(),
            2 => Answer::endless_headers(),
            3 => Answer::gzip_bomb(2),
            4 => Answer::redirect(302, forum.url("/rss")),
            _ => Answer::ok("application/rss+xml", "<rss><channel><item>"),
        };
        forum.route("/rss", answer);
    }
    let verb = *dice.pick(&[Verb::Greeting, Verb::Mail, Verb::Rcpt, Verb::Data]);
    let fault = *dice.pick(&[Fault::Close, Fault::Say("451 4.3.0 later")]);
    town.smtp.fault(verb, fault);
}

#[tokio::test(flavor = "multi_thread")]
async fn r57_hours_among_servers_that_misbehave_leave_it_as_it_was() {
    let (seed, n_seconds) = (
        dice::from_env("ESCUCHA_SOAK_SEED", 20_261_122),
        dice::from_env("ESCUCHA_SOAK", 12),
    );
    let mut dice = Dice::new(seed);
    let town = Town::new(6, None).await;
    let Some(mut service) = fast::start(&town.home, 60) else {
        return;
    };
    let mut held = Vec::new();
    let mut n_published = 0_u64;
    let n_moments = n_seconds * 1_000 / MOMENT.as_millis() as u64;
    for moment in 0..n_moments {
        if moment % 4 == 0 {
            n_published += 1;
            town.publish(n_published.saturating_sub(SHOWN)..n_published);
            make_trouble(&town, &mut dice);
        }
        tokio::time::sleep(MOMENT).await;
        assert!(
            service.0.try_wait().unwrap().is_none(),
            "it ended by itself"
        );
        held.push(Held::by(&service.0, town.home.path()));
    }
    signal(&service.0, "TERM");
    assert!(service.0.wait().unwrap().success());
    town.smtp.forgive();
    town.drain().await;
    let told = town.told(0..n_published, &Doubts::default()).await;

    let n_polls: usize = town.forums.iter().map(|forum| forum.hits("/rss")).sum();
    figure("R57", "minutes that passed for the service", n_seconds);
    figure("R57", "requests", n_polls);
    figure("R57", "complaints lost", told.n_lost());
    told.expect_all(&format!("seed {seed}"));
    expect_no_growth(&held);
}

/// The second half of the time has no more than the first, but for what chance adds.
#[track_caller]
fn expect_no_growth(held: &[Held]) {
    let (early, late) = held.split_at(held.len() / 2);
    let n_moments = early.len().max(1) as u64;
    let (early, mut late) = (Held::most(early), Held::most(late));
    late.busy_ms -= early.busy_ms;
    let percent = |busy_ms: u64| busy_ms * 100 / (n_moments * MOMENT.as_millis() as u64);
    let busy = (percent(early.busy_ms), percent(late.busy_ms));
    let both = |of: fn(&Held) -> u64| format!("{}, {}", of(&early), of(&late));
    for (what, told) in [
        (
            "most files in the first half and in the second",
            both(|held| held.files),
        ),
        ("most threads", both(|held| held.threads)),
        ("most memory (KiB)", both(|held| held.memory_kib)),
        (
            "largest log of the database (KiB)",
            both(|held| held.wal_kib),
        ),
    ] {
        figure("R57", what, told);
    }
    let told = format!("{}, {}", busy.0, busy.1);
    figure(
        "R57",
        "busy at sixty times the pace, percent of a core",
        told,
    );
    let grows = |early: u64, late: u64, room: u64| late > early + early / 4 + room;
    assert!(
        !grows(early.files, late.files, 16),
        "files: {early:?} {late:?}"
    );
    assert!(
        !grows(early.threads, late.threads, 8),
        "threads: {early:?} {late:?}"
    );
    assert!(
        !grows(early.memory_kib, late.memory_kib, 16_384),
        "memory: {early:?} {late:?}"
    );
    assert!(!grows(busy.0, busy.1, 20), "busy: {busy:?}");
    assert!(late.wal_kib < WAL_KIB_MAX, "log: {early:?} {late:?}");
}
