//! How many polls a second: `cargo bench --bench poll -- [--sources N] [--db sqlite|URL]
//! [--mix 304|new|mixed|all] [--seconds N] [--workers N] [--json]`.
//!
//! Processes of this one program: this one gives orders and prints; `server` plays all hosts and the mail
//! server; `service`, once for each of the workers (several need PostgreSQL), is the real daemon on a real configuration of N hosts (a hundredth of
//! them with five sources each), with the robots.txt of each in its cache. Every source wants to be
//! read every second, so that there is always more to do than can be done.
//!
//! It fails when a host was asked faster than its pace or twice at once, or when a poll failed. The
//! figures are printed beside their aims, and never fail it.

#![expect(clippy::print_stdout, reason = "its figures are for people to read")]

mod feeds;
mod machine;
mod report;
mod server;
mod service;
mod world;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use escucha::{clock, reader};

use machine::Machine;
use report::{Phase, Report};
use server::{Log, Mix};
use service::Done;
use world::{Child, Database, World};

const USAGE: &str = "usage: cargo bench --bench poll -- [--sources N] [--db sqlite|postgres://…] \
                     [--mix 304|new|mixed|all] [--seconds N] [--workers N] [--json]";
const PACE_MS: u64 = 1_000;
/// The loops find their stride after a change.
const SETTLE: Duration = Duration::from_secs(3);
/// How often it is looked whether all sources were read.
const LOOK: Duration = Duration::from_millis(200);
/// So long may the first reading of all sources take.
const FIRST_MAX: Duration = Duration::from_mins(10);

struct Options {
    n_hosts: u64,
    database: Option<String>,
    mixes: Vec<Mix>,
    seconds: u64,
    n_workers: usize,
    is_json: bool,
}

fn main() -> Result<()> {
    // As in the service itself, a large document is read by a child of this program.
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == reader::SUBCOMMAND) {
        let _ = reader::child(words);
        return Ok(());
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--as-server"] => server::run(PACE_MS),
        ["--as-service", config, log] => service::run(Path::new(config), Path::new(log)),
        _ => measure(&options(&words)?),
    }
}

fn options(words: &[&str]) -> Result<Options> {
    let mut options = Options {
        n_hosts: 10_000,
        database: None,
        mixes: vec![Mix::Same, Mix::New, Mix::Mixed],
        seconds: 15,
        n_workers: 1,
        is_json: false,
    };
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let mut value = || rest.next().with_context(|| format!("{word} needs a value"));
        match *word {
            "--sources" => options.n_hosts = value()?.parse()?,
            "--db" => {
                options.database = Some(*value()?).filter(|db| *db != "sqlite").map(Into::into);
            }
            "--seconds" => options.seconds = value()?.parse()?,
            "--mix" => {
                options.mixes = match *value()? {
                    "304" => vec![Mix::Same],
                    "new" => vec![Mix::New],
                    "mixed" => vec![Mix::Mixed],
                    "all" => options.mixes,
                    other => bail!("no mix {other}\n{USAGE}"),
                }
            }
            "--workers" => options.n_workers = value()?.parse()?,
            "--json" => options.is_json = true,
            // Given by cargo.
            "--bench" => {}
            other => bail!("unknown option {other}\n{USAGE}"),
        }
    }
    ensure!(options.n_hosts > 0 && options.seconds > 0, USAGE);
    ensure!(
        options.n_workers == 1 || (options.n_workers > 1 && options.database.is_some()),
        "several workers share a PostgreSQL database: --db postgres://…\n{USAGE}"
    );
    Ok(options)
}

fn measure(options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let database = Database::new(options.database.as_deref())?;
    let measured = run(options, &database, &runtime);
    database.drop()?;
    let report = measured?;
    if options.is_json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        report.print();
    }
    report.verdict()
}

fn run(
    options: &Options,
    database: &Database,
    runtime: &tokio::runtime::Runtime,
) -> Result<Report> {
    let mut server = Child::start(&["--as-server"])?;
    let ports = server.told()?;
    let world = World::new(options.n_hosts, database, ports, PACE_MS)?;
    runtime.block_on(world.know_robots())?;
    let log = world.log();
    let mut services = Vec::new();
    for nth in 0..options.n_workers {
        let log = format!("{log}.{nth}");
        services.push(Child::start(&["--as-service", &world.config(), &log])?);
    }
    let mut phases = Vec::new();

    let began = clock::stopwatch();
    let first = Watch::begin("first reading", &mut server, &mut services, Mix::Same)?;
    while done(&mut services)?.n_polls < world.n_sources() {
        if began.elapsed() > FIRST_MAX {
            let done = done(&mut services)?;
            bail!(
                "only {} sources were read; see {log}: {:?}",
                done.n_polls,
                done.warning
            );
        }
        std::thread::sleep(LOOK);
    }
    phases.push(first.end(&mut server, &mut services)?);
    for mix in &options.mixes {
        let name = match mix {
            Mix::Same => "304",
            Mix::New => "news",
            Mix::Mixed => "mixed",
        };
        let _: Log = server.ask(&serde_json::to_string(mix)?)?;
        std::thread::sleep(SETTLE);
        let phase = Watch::begin(name, &mut server, &mut services, *mix)?;
        std::thread::sleep(Duration::from_secs(options.seconds));
        phases.push(phase.end(&mut server, &mut services)?);
    }
    let peaks: Result<Vec<u64>> = services
        .iter()
        .map(|service| machine::peak_kib(service.id()))
        .collect();
    let done = done(&mut services)?;
    for service in services {
        service.end()?;
    }
    let log: Log = server.ask(&serde_json::to_string(&Mix::Same)?)?;
    server.end()?;
    Ok(Report {
        database: database.name().to_owned(),
        n_hosts: options.n_hosts,
        n_sources: world.n_sources(),
        pace_ms: PACE_MS,
        n_workers: options.n_workers,
        peak_mib: peaks?.into_iter().max().unwrap_or(0) / 1_024,
        phases,
        rooms: database.rooms()?,
        log,
        n_warnings: done.n_warnings,
        warning: done.warning,
    })
}

/// What all workers have done together.
fn done(services: &mut [Child]) -> Result<Done> {
    let mut all = Done::default();
    for service in services {
        all.add(service.ask("")?);
    }
    Ok(all)
}

fn ids(services: &[Child]) -> Vec<u32> {
    services.iter().map(Child::id).collect()
}

/// What stood on the meters when a phase began.
struct Watch {
    name: &'static str,
    mix: Mix,
    log: Log,
    done: Done,
    machine: Machine,
}

impl Watch {
    fn begin(
        name: &'static str,
        server: &mut Child,
        services: &mut [Child],
        mix: Mix,
    ) -> Result<Self> {
        Ok(Self {
            name,
            mix,
            log: server.ask(&serde_json::to_string(&mix)?)?,
            done: done(services)?,
            machine: Machine::now(&ids(services), server.id())?,
        })
    }

    fn end(self, server: &mut Child, services: &mut [Child]) -> Result<Phase> {
        let machine = Machine::now(&ids(services), server.id())?;
        let done = done(services)?;
        let log: Log = server.ask(&serde_json::to_string(&self.mix)?)?;
        Ok(Phase::between(
            self.name,
            (&self.done, &done),
            (&self.log, &log),
            machine.since(&self.machine),
        ))
    }
}
