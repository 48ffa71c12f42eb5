//! The figures of a run, for people and as JSON.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde::Serialize;

use super::machine::Cores;
use super::server::Log;
use super::service::{Done, Stage};
use super::world::Room;

/// What issue and design ask for, on two cores.
const AIM_304: f64 = 1_500.0;
const AIM_NEWS: f64 = 600.0;
const AIM_MIB: u64 = 250;

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) database: String,
    pub(crate) n_hosts: u64,
    pub(crate) n_sources: u64,
    pub(crate) pace_ms: u64,
    pub(crate) n_workers: usize,
    /// Of the largest worker.
    pub(crate) peak_mib: u64,
    pub(crate) phases: Vec<Phase>,
    pub(crate) rooms: Vec<Room>,
    /// Of the server, over all phases.
    pub(crate) log: Log,
    pub(crate) n_warnings: u64,
    pub(crate) warning: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Phase {
    name: String,
    polls_a_second: f64,
    posts_a_second: f64,
    cases_a_second: f64,
    mails_a_second: f64,
    /// Answers of the server, which counts for itself.
    answers_a_second: f64,
    feed_bytes: u64,
    cores: Cores,
    /// Processor time of all that works at a poll, whoever else the machine works for.
    us_a_poll: Costs,
    stages: BTreeMap<String, Times>,
}

/// Microseconds of processor time.
#[derive(Clone, Copy, Debug, Serialize)]
struct Costs {
    service: f64,
    server: f64,
    postgres: f64,
}

/// Of one stage.
#[derive(Clone, Copy, Debug, Serialize)]
struct Times {
    a_second: f64,
    /// From beginning to end, waits included.
    mean_ms: f64,
    /// How many were under way on average.
    under_way: f64,
}

impl Phase {
    pub(crate) fn between(
        name: &str,
        done: (&Done, &Done),
        log: (&Log, &Log),
        cores: Cores,
    ) -> Self {
        let rate = |before: u64, after: u64| (after - before) as f64 / cores.seconds;
        let stages = done.1.stages.iter().map(|(stage, after)| {
            let before = done.0.stages.get(stage).copied().unwrap_or_default();
            (stage.clone(), Times::between(before, *after, cores.seconds))
        });
        let n_feeds = log.1.n_feeds - log.0.n_feeds;
        let n_polls = (done.1.n_polls - done.0.n_polls).max(1) as f64;
        let cost = |share: f64| share * cores.seconds * 1e6 / n_polls;
        let answers = |log: &Log| log.n_feeds + log.n_not_modified;
        Self {
            name: name.to_owned(),
            polls_a_second: rate(done.0.n_polls, done.1.n_polls),
            posts_a_second: rate(done.0.n_posts, done.1.n_posts),
            cases_a_second: rate(done.0.n_cases, done.1.n_cases),
            mails_a_second: rate(log.0.n_mails, log.1.n_mails),
            answers_a_second: rate(answers(log.0), answers(log.1)),
            feed_bytes: (log.1.n_bytes - log.0.n_bytes) / n_feeds.max(1),
            us_a_poll: Costs {
                service: cost(cores.service),
                server: cost(cores.server),
                postgres: cost(cores.postgres),
            },
            cores,
            stages: stages.collect(),
        }
    }
}

impl Times {
    fn between(before: Stage, after: Stage, seconds: f64) -> Self {
        let (n, us) = ((after.n - before.n) as f64, (after.us - before.us) as f64);
        Self {
            a_second: n / seconds,
            mean_ms: us / 1_000.0 / n.max(1.0),
            under_way: us / 1e6 / seconds,
        }
    }
}

impl Report {
    pub(crate) fn print(&self) {
        println!(
            "{}: {} sources at {} hosts, pace {} ms, robots.txt cached, workers: {}",
            self.database, self.n_sources, self.n_hosts, self.pace_ms, self.n_workers
        );
        for phase in &self.phases {
            phase.print();
        }
        println!(
            "  peak memory of the service {} MiB (aim: under {AIM_MIB})",
            self.peak_mib
        );
        for room in &self.rooms {
            println!(
                "  {}: {} rows of {} bytes on the disk, indices included",
                room.table,
                room.n_rows,
                room.bytes / room.n_rows.max(1)
            );
        }
        let log = &self.log;
        println!(
            "  the server saw {} feeds and {} times 304; too fast {}, overlapping {}, least gap {} ms, \
             robots.txt asked {} times; {} mails",
            log.n_feeds,
            log.n_not_modified,
            log.n_too_fast,
            log.n_overlaps,
            log.least_gap_ms.unwrap_or(0),
            log.n_robots,
            log.n_mails
        );
    }

    /// # Errors
    /// When a host was asked without manners, or polls failed.
    pub(crate) fn verdict(&self) -> Result<()> {
        let log = &self.log;
        if log.n_too_fast + log.n_overlaps > 0 {
            bail!(
                "{} requests came before the pace of their host was over, {} overlapped",
                log.n_too_fast,
                log.n_overlaps
            );
        }
        match &self.warning {
            Some(warning) => bail!("{} warnings, the first: {warning}", self.n_warnings),
            None => Ok(()),
        }
    }
}

impl Phase {
    fn print(&self) {
        let aim = match self.name.as_str() {
            "304" => Some(AIM_304),
            "news" => Some(AIM_NEWS),
            _ => None,
        };
        let aim = aim.map_or(String::new(), |aim| {
            let times = self.polls_a_second / aim;
            format!(" (aim {aim:.0}: {times:.2} of it)")
        });
        println!(
            "  {}: {:.0} polls/s{aim}, {:.0} posts/s, {:.1} cases/s, {:.1} mails/s, for {:.0} s",
            self.name,
            self.polls_a_second,
            self.posts_a_second,
            self.cases_a_second,
            self.mails_a_second,
            self.cores.seconds
        );
        let cores = &self.cores;
        println!(
            "    cores: service {:.2}, server {:.2}, PostgreSQL {:.2}, all else {:.2}; \
             the server answered {:.0} a second, {} bytes a feed",
            cores.service,
            cores.server,
            cores.postgres,
            cores.others,
            self.answers_a_second,
            self.feed_bytes
        );
        let costs = &self.us_a_poll;
        let all = costs.service + costs.server + costs.postgres;
        println!(
            "    processor time of a poll: service {:.0} µs, server {:.0} µs, PostgreSQL {:.0} µs: two \
             cores with nothing else to do would make {:.0} polls/s",
            costs.service,
            costs.server,
            costs.postgres,
            2e6 / all.max(1.0)
        );
        for (stage, times) in &self.stages {
            println!(
                "    {stage:<8} {:>8.0}/s  {:>8.2} ms each  {:>6.1} under way",
                times.a_second, times.mean_ms, times.under_way
            );
        }
    }
}
