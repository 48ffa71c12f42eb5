//! The service under test, in a process of its own: the real loops on the real configuration, but for
//! the resolver, which knows all hosts of the benchmark.
//!
//! Each line on its standard input is answered by a line with what it has done so far.

use std::collections::BTreeMap;
use std::io::{BufRead as _, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::{Result, anyhow};
use escucha::clock;
use escucha::config;
use escucha::daemon::{self, Service};
use escucha::fetch::{Client, Limits};
use escucha::flow::{Engine, STAGE};
use escucha::mail::Mailer;
use escucha::model::Ui;
use escucha::reader::Reader;
use escucha::settings::{DatabaseUrl, Settings};
use escucha::store::{Role, Store};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::{EnvFilter, LevelFilter, Targets, dynamic_filter_fn};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

/// What was done since the start.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Done {
    pub(crate) n_polls: u64,
    pub(crate) n_posts: u64,
    pub(crate) n_cases: u64,
    /// Warnings and errors in the log, and the first of them.
    pub(crate) n_warnings: u64,
    pub(crate) warning: Option<String>,
    pub(crate) stages: BTreeMap<String, Stage>,
}

impl Done {
    /// What another worker did, too.
    pub(crate) fn add(&mut self, other: Self) {
        self.n_polls += other.n_polls;
        self.n_posts += other.n_posts;
        self.n_cases += other.n_cases;
        self.n_warnings += other.n_warnings;
        self.warning = self.warning.take().or(other.warning);
        for (name, stage) in other.stages {
            let all = self.stages.entry(name).or_default();
            all.n += stage.n;
            all.us += stage.us;
        }
    }
}

/// From beginning to end, waits included.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Stage {
    pub(crate) n: u64,
    pub(crate) us: u64,
}

#[derive(Clone, Default)]
struct Meter(Arc<Mutex<Done>>);

/// Listens, and serves until its standard input ends.
pub(crate) fn run(config: &Path, log: &Path) -> Result<()> {
    let meter = Meter::default();
    let log = std::fs::File::create(log)?;
    // As `escucha run` logs.
    let text = tracing_subscriber::fmt::layer()
        .with_writer(Mutex::new(log))
        .with_ansi(false)
        .with_target(false)
        .with_filter(EnvFilter::new("warn,escucha=info,escucha::stage=off"));
    // Asked anew for every event: what sqlx only asks of its own level, on the threads that poll on
    // PostgreSQL, would otherwise stand as the answer for the event after it, which is then lost.
    let wanted = Targets::new()
        .with_target(STAGE, LevelFilter::TRACE)
        .with_default(LevelFilter::INFO);
    tracing_subscriber::registry()
        .with(text)
        .with(meter.clone().with_filter(dynamic_filter_fn(move |what, _| {
            wanted.would_enable(what.target(), what.level())
        })))
        .init();
    let shutdown = CancellationToken::new();
    let orders = (meter, shutdown.clone());
    let orders = std::thread::spawn(move || {
        let told = answer_orders(&orders.0);
        orders.1.cancel();
        told
    });
    // As `escucha` runs.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let work = runtime.block_on(async {
        let service = service(config).await?;
        daemon::run(Arc::clone(&service), shutdown).await?;
        service.store.close().await;
        Ok::<(), anyhow::Error>(())
    });
    work?;
    orders.join().map_err(|_| anyhow!("the orders stumbled"))?
}

fn answer_orders(meter: &Meter) -> Result<()> {
    for line in std::io::stdin().lock().lines() {
        line?;
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", serde_json::to_string(&*meter.done())?)?;
        out.flush()?;
    }
    Ok(())
}

pub(crate) fn settings(config: &Path) -> Result<Settings> {
    config::load(config, &|_| None).map_err(|complaints| anyhow!(complaints.print(Ui::En)))
}

pub(crate) async fn store(settings: &Settings) -> Result<Store> {
    Ok(match &settings.database {
        DatabaseUrl::Sqlite(path) => Store::open_sqlite(path, Role::Service).await?,
        DatabaseUrl::Postgres(url) => Store::open_postgres(url.expose()).await?,
    })
}

async fn service(config: &Path) -> Result<Arc<Service>> {
    let settings = settings(config)?;
    let smtp = settings.smtp.as_ref().ok_or_else(|| anyhow!("no smtp"))?;
    let mailer = Mailer::new(smtp)?;
    let here = |_: String| async { Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]) };
    let client = Client::with_resolver(&settings.fetch, Limits::default(), here)?;
    let store = store(&settings).await?;
    let engine = Engine::new(settings, &store, "the key of the benchmark").await?;
    let worker = format!("bench-{}", std::process::id());
    let reader = Reader::of_this_program();
    Ok(Service::new(store, client, reader, mailer, worker, engine))
}

impl Meter {
    fn done(&self) -> MutexGuard<'_, Done> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Begun(Instant);

impl<S> Layer<S> for Meter
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Begun(clock::stopwatch()));
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let us = span
            .extensions()
            .get::<Begun>()
            .map_or(0, |begun| begun.0.elapsed().as_micros() as u64);
        let mut done = self.done();
        let stage = done.stages.entry(span.name().to_owned()).or_default();
        stage.n += 1;
        stage.us += us;
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        let mut done = self.done();
        let is_ours = event.metadata().target().starts_with("escucha");
        if is_ours && *event.metadata().level() < tracing::Level::INFO {
            done.n_warnings += 1;
            done.warning.get_or_insert(said.message);
        }
        if let Some(n_posts) = said.n_posts {
            done.n_polls += 1;
            done.n_posts += n_posts;
            done.n_cases += said.n_cases;
        }
    }
}

/// What the service logs of each poll.
#[derive(Default)]
struct Said {
    n_posts: Option<u64>,
    n_cases: u64,
    message: String,
}

impl Visit for Said {
    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "posts.new" => self.n_posts = Some(value),
            "cases.new" => self.n_cases = value,
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        }
    }
}
