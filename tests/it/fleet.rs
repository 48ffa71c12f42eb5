//! Several workers on one PostgreSQL: real `escucha run` processes, killed and stopped at drawn moments.
//!
//! `ESCUCHA_FLEET_SOURCES` (200) and `ESCUCHA_FLEET_SECONDS` (20) set how large and how long,
//! `ESCUCHA_FLEET_SEED` repeats a run.

mod cut;
mod idle;
mod pooled;
mod server;
pub(crate) mod stopped;
mod upgrade;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::kill::signals::signal;
use crate::support::binary::{self, Home};
use crate::support::dice::{self, Dice};
use crate::support::http::{Answer, Seen, Server};
use crate::support::smtp::Smtp;
use crate::support::town::{self, DEADLINE, Doubts, KEYWORDS};
use crate::support::{databases, figure, levers, wait};

const WORKERS: usize = 4;
/// Sources that share a host, and with it its pace of a second.
const SOURCES_OF_HOST: usize = 5;
/// One source in so many brings a complaint while workers die.
const COMPLAINT_EVERY: usize = 10;

struct Fleet {
    web: Server,
    smtp: Smtp,
    homes: Vec<Home>,
    /// `None` while it is dead.
    workers: Vec<Option<Child>>,
    database: String,
    n_sources: usize,
    every: Duration,
}

#[tokio::test(flavor = "multi_thread")]
async fn r49_four_workers_killed_and_stopped_at_random_ask_nobody_twice() {
    let Some(fresh) = databases::postgres().await else {
        return;
    };
    let seed = dice::from_env("ESCUCHA_FLEET_SEED", 20_261_122);
    let n_sources = dice::from_env("ESCUCHA_FLEET_SOURCES", 200) as usize;
    let seconds = dice::from_env("ESCUCHA_FLEET_SECONDS", 20);
    // Each host has time for all its sources three times over.
    let every = Duration::from_secs(if n_sources > 1_000 { 60 } else { 15 });
    let mut fleet = Fleet::new(n_sources, every, &fresh.url).await;
    for worker in 0..WORKERS {
        fleet.start(worker);
    }
    wait(DEADLINE * 5, "every source was read once", || {
        fleet.n_read() >= n_sources
    });
    let n_complaints = fleet.publish_complaints();
    let mut dice = Dice::new(seed);
    let (n_kills, n_stops) = fleet.disturb(&mut dice, seconds).await;
    fleet.end();
    // What the drain asks below is due by a lever, not by its interval.
    let requests = fleet.web.requests();
    let mut doubts = Doubts::default();
    doubts.note(&fleet.database).await;
    fleet.drain().await;
    let authors = (0..n_complaints).map(|n| format!("Vecino {n}"));
    let mails = fleet.smtp.mails();
    let told = town::told(&fleet.database, authors, &mails, &doubts).await;
    let too_soon = too_soon(&requests, every);
    figure("R49", "sources", n_sources);
    figure("R49", "workers", WORKERS);
    figure("R49", "kills of a worker", n_kills);
    figure("R49", "stops of a worker", n_stops);
    figure("R49", "requests", requests.len());
    figure(
        "R49",
        "requests before the interval of their source was over",
        too_soon.len(),
    );
    figure(
        "R49",
        "requests at one host at the same time, at most",
        most_at_a_host(&requests),
    );
    figure("R49", "complaints", n_complaints);
    figure("R49", "complaints lost", told.n_lost());
    figure("R49", "mails accepted", told.n_mails);
    figure(
        "R49",
        "alerts sent twice without a doubt",
        told.too_often.len(),
    );
    let context = format!("seed {seed}");
    told.expect_all(&context);
    assert!(too_soon.is_empty(), "{context}: {too_soon:#?}");
    // One that was stopped between its claim and its request may meet the next one.
    assert!(
        most_at_a_host(&requests) <= 2,
        "{context}: a crowd at a host"
    );
    assert!(
        n_kills > 0 && n_stops > 0,
        "{context}: nobody was disturbed"
    );
}

impl Fleet {
    async fn new(n_sources: usize, every: Duration, database: &str) -> Self {
        let n_hosts = n_sources.div_ceil(SOURCES_OF_HOST);
        let web = Server::start_as_hosts(n_hosts.min(250 * 4)).await;
        web.route("/robots.txt", Answer::status(404));
        for nth in 0..n_sources {
            web.route(&format!("/{nth}"), town::quiet(nth as u64));
        }
        let smtp = Smtp::start().await;
        let toml = configuration(&web, smtp.port, n_sources, n_hosts, every, database);
        let home = |worker: usize| {
            let contact = format!("https://ejemplo.test/w{worker}");
            Home::new(&toml.replace("CONTACT", &contact), KEYWORDS)
        };
        Self {
            web,
            smtp,
            homes: (0..WORKERS).map(home).collect(),
            workers: (0..WORKERS).map(|_| None).collect(),
            database: database.to_owned(),
            n_sources,
            every,
        }
    }

    fn start(&mut self, worker: usize) {
        self.workers[worker] = Some(self.homes[worker].start(&["run"]));
    }

    /// How many sources were asked at least once.
    fn n_read(&self) -> usize {
        let requests = self.web.requests();
        let mut paths: Vec<String> = requests.into_iter().map(|seen| seen.path).collect();
        paths.sort_unstable();
        paths.dedup();
        paths.iter().filter(|path| *path != "/robots.txt").count()
    }

    fn publish_complaints(&self) -> usize {
        let mut n_complaints = 0;
        for nth in (0..self.n_sources).step_by(COMPLAINT_EVERY) {
            let at = n_complaints as u64;
            self.web.route(&format!("/{nth}"), town::feed(at..at + 1));
            n_complaints += 1;
        }
        n_complaints
    }

    /// Kills and stops workers, and starts and wakes them again; tells how often.
    async fn disturb(&mut self, dice: &mut Dice, seconds: u64) -> (u32, u32) {
        let (mut n_kills, mut n_stops) = (0, 0);
        let until = tokio::time::Instant::now() + Duration::from_secs(seconds) + self.every;
        while tokio::time::Instant::now() < until {
            let worker = dice.below(WORKERS as u64) as usize;
            if dice.percent(50) {
                if let Some(mut child) = self.workers[worker].take() {
                    child.kill().unwrap();
                    child.wait().unwrap();
                    n_kills += 1;
                }
                tokio::time::sleep(Duration::from_millis(dice.below(1_500))).await;
                self.start(worker);
            } else if let Some(child) = &self.workers[worker] {
                signal(child, "STOP");
                tokio::time::sleep(Duration::from_millis(500 + dice.below(2_500))).await;
                signal(child, "CONT");
                n_stops += 1;
            }
            tokio::time::sleep(Duration::from_millis(dice.below(1_500))).await;
            for child in self.workers.iter_mut().flatten() {
                let ended = child.try_wait().unwrap();
                assert!(ended.is_none(), "a worker ended by itself: {ended:?}");
            }
        }
        (n_kills, n_stops)
    }

    fn end(&mut self) {
        for mut child in self.workers.iter_mut().filter_map(Option::take) {
            signal(&child, "TERM");
            child.wait().unwrap();
        }
    }

    /// One worker in peace, at what is left of the complaints.
    async fn drain(&self) {
        let mut said = String::new();
        for _ in 0..8 {
            levers::everything_is_due(&self.database).await;
            levers::leases_end(&self.database).await;
            let done = self.homes[0].run(&["run", "--once"]).await;
            if done.status.success() {
                return;
            }
            said = binary::err(&done);
        }
        panic!("mails still wait: {said}");
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for child in self.workers.iter_mut().flatten() {
            // A failed test leaves no process behind, not even a stopped one.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Two requests of one source that came before its interval was over. What a dead worker held is not
/// asked again before its lease ends, which is longer than the interval.
fn too_soon(requests: &[Seen], every: Duration) -> Vec<String> {
    let mut last: BTreeMap<&str, (Instant, &str)> = BTreeMap::new();
    let mut found = Vec::new();
    for seen in requests.iter().filter(|seen| seen.path != "/robots.txt") {
        let who = seen.header("user-agent").unwrap_or("");
        let before = last.insert(&seen.path, (seen.at, who));
        let Some((at, other)) = before else { continue };
        let gap = seen.at.duration_since(at);
        // A tenth of it is left to chance, so that sources do not come together.
        if gap < every * 85 / 100 {
            found.push(format!("{} after {gap:?}: {other} and {who}", seen.path));
        }
    }
    found
}

/// The most requests that reached one host within half of its pace.
fn most_at_a_host(requests: &[Seen]) -> usize {
    let mut by_host: BTreeMap<&str, Vec<Instant>> = BTreeMap::new();
    for seen in requests {
        by_host.entry(seen.host()).or_default().push(seen.at);
    }
    let most = |times: &Vec<Instant>| {
        let within = |at: &Instant| {
            let close = times.iter().filter(|other| {
                **other >= *at && other.duration_since(*at) < Duration::from_millis(500)
            });
            close.count()
        };
        times.iter().map(within).max().unwrap_or(0)
    };
    by_host.values().map(most).max().unwrap_or(0)
}

fn configuration(
    web: &Server,
    smtp: u16,
    n_sources: usize,
    n_hosts: usize,
    every: Duration,
    database: &str,
) -> String {
    let every = every.as_secs();
    let mut toml = format!(
        "[database]\nurl = \"{database}\"\n\
         [company]\nname = \"Telefonía Ejemplo\"\nsignature = \"Marta Ruiz\"\n\
         [fetch]\ncontact = \"CONTACT\"\nallow_private = [\"127.0.0.0/8\"]\nfloor = \"{every}s\"\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = {smtp}\nsecurity = \"none\"\n\
         from = \"avisos@ejemplo.test\"\n[alerts]\nto = [\"gerente@ejemplo.test\"]\n"
    );
    for nth in 0..n_sources {
        let (host, port) = (Server::nth_host(nth % n_hosts), web.port());
        let _ = write!(
            toml,
            "[[source]]\nname = \"s{nth}\"\nurl = \"http://{host}:{port}/{nth}\"\n\
             every = \"{every}s\"\nfull_text = false\n"
        );
    }
    toml
}
