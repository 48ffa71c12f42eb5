//! What Linux tells of processes: processor time and memory.

use std::time::Instant;

use anyhow::{Context as _, Result};
use escucha::clock;
use serde::Serialize;

/// `/proc` counts processor time in hundredths of a second (USER_HZ).
const TICKS_A_SECOND: f64 = 100.0;

/// Processor time so far, in ticks.
pub(crate) struct Machine {
    at: Instant,
    service: u64,
    server: u64,
    postgres: u64,
    busy: u64,
}

/// Cores that were busy on average, by whose work they did.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Cores {
    pub(crate) seconds: f64,
    pub(crate) service: f64,
    pub(crate) server: f64,
    pub(crate) postgres: f64,
    /// All the rest: what else the machine had to do.
    pub(crate) others: f64,
}

impl Machine {
    pub(crate) fn now(services: &[u32], server: u32) -> Result<Self> {
        let mut all = 0;
        for service in services {
            all += ticks(&service.to_string())?.1;
        }
        Ok(Self {
            at: clock::stopwatch(),
            service: all,
            server: ticks(&server.to_string())?.1,
            postgres: postgres()?,
            busy: busy()?,
        })
    }

    pub(crate) fn since(&self, before: &Self) -> Cores {
        let seconds = self.at.duration_since(before.at).as_secs_f64();
        let cores =
            |now: u64, then: u64| now.saturating_sub(then) as f64 / TICKS_A_SECOND / seconds;
        let (service, server) = (
            cores(self.service, before.service),
            cores(self.server, before.server),
        );
        let postgres = cores(self.postgres, before.postgres);
        let busy = cores(self.busy, before.busy);
        Cores {
            seconds,
            service,
            server,
            postgres,
            others: (busy - service - server - postgres).max(0.0),
        }
    }
}

/// The most memory that a process has had, in KiB.
pub(crate) fn peak_kib(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    Ok(kib.context("no VmHWM")?.parse()?)
}

/// The name of a process, and the time that it has had.
fn ticks(process: &str) -> Result<(String, u64)> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (name, rest) = stat.rsplit_once(") ").context("no name")?;
    let name = name.split_once('(').map_or("", |(_, name)| name);
    // Fields 14 and 15 of the whole line; the state is the third.
    let numbers = rest.split_whitespace().skip(11).take(2);
    let sum = numbers
        .filter_map(|number| number.parse::<u64>().ok())
        .sum();
    Ok((name.to_owned(), sum))
}

/// All PostgreSQL servers of the machine together.
fn postgres() -> Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.bytes().all(|byte| byte.is_ascii_digit())
            // A process may end while it is looked at.
            && let Ok((name, ticks)) = ticks(&name)
            && name == "postgres"
        {
            sum += ticks;
        }
    }
    Ok(sum)
}

/// Everything but idling and waiting for disks.
fn busy() -> Result<u64> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let line = stat.lines().next().context("no cpu line")?;
    let numbers: Vec<u64> = line
        .split_whitespace()
        .filter_map(|n| n.parse().ok())
        .collect();
    // user, nice, system, idle, iowait, irq, softirq
    Ok([0, 1, 2, 5, 6]
        .iter()
        .filter_map(|at| numbers.get(*at))
        .sum())
}
