//! `escucha run`: the service, or one round of it.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use super::args::Log;
use super::{BadUsage, open};
use crate::daemon::{self, Service};
use crate::fetch::Client;
use crate::mail::Mailer;
use crate::model::Ui;
use crate::reader::Reader;
use crate::settings::Settings;
use crate::store::Role;
use crate::web;

/// How long the database may take to be closed, after all that is stored is stored.
const GOODBYE: Duration = Duration::from_secs(1);

pub(super) async fn run(
    config: Option<&Path>,
    ui: Ui,
    once: bool,
    log: Log,
) -> anyhow::Result<ExitCode> {
    let settings = open::settings(config, ui, open::Need::Secrets)?;
    start_log(log);
    let mut signals = Signals::new()?;
    let service = tokio::select! {
        service = service(settings, Role::Service) => service?,
        // Nothing was begun, and a migration under way is done by the next start. A single round was cut short.
        () = signals.end() => return Ok(ExitCode::from(u8::from(once))),
    };
    let shutdown = CancellationToken::new();
    tokio::spawn(signals.obey(Arc::clone(&service), shutdown.clone()));
    if once {
        let done = daemon::once(&service, &shutdown).await?;
        service.store.close().await;
        return Ok(ExitCode::from(u8::from(
            done.n_waiting + done.n_given_up > 0 || done.is_short,
        )));
    }
    let web = serve(&service, &shutdown, ui).await?;
    daemon::run(Arc::clone(&service), shutdown).await?;
    if let Some(web) = web {
        web.abort();
    }
    // What was told as stored is stored: a database that somebody holds is not waited for to say goodbye.
    let _ = tokio::time::timeout(GOODBYE, service.store.close()).await;
    Ok(ExitCode::SUCCESS)
}

/// The page, where there is a `[web]`. It ends with the service: whoever is on it is served in an instant.
async fn serve(
    service: &Arc<Service>,
    shutdown: &CancellationToken,
    ui: Ui,
) -> anyhow::Result<Option<JoinHandle<()>>> {
    let engine = service.engine();
    let Some(web) = &engine.settings.web else {
        return Ok(None);
    };
    let listen = web.listen;
    let listener = TcpListener::bind(listen).await.with_context(|| match ui {
        Ui::Es => format!("no se puede escuchar en {listen} ([web] listen)"),
        Ui::En => format!("cannot listen on {listen} ([web] listen)"),
    })?;
    let serving = web::serve(listener, Arc::clone(service), shutdown.clone());
    Ok(Some(tokio::spawn(serving)))
}

/// Everything that reading and sending needs; refuses a configuration that lacks a part of it.
pub(super) async fn service(settings: Settings, role: Role) -> anyhow::Result<Arc<Service>> {
    let ui = settings.ui;
    let missing = settings.missing_for_run();
    if !missing.is_empty() {
        let lines: Vec<String> = missing
            .iter()
            .map(|(key, what)| format!("  {key}: {}", what.as_str()))
            .collect();
        let head = ui.pick("para escuchar falta:", "to listen, this is missing:");
        return Err(BadUsage(format!("{head}\n{}", lines.join("\n"))).into());
    }
    let Some(smtp) = &settings.smtp else {
        return Err(BadUsage("[smtp]".to_owned()).into());
    };
    let mailer = Mailer::new(smtp).map_err(|error| anyhow::anyhow!(error.sentence(ui)))?;
    let client =
        Client::new(&settings.fetch).map_err(|error| anyhow::anyhow!(error.sentence(ui)))?;
    let store = open::store(&settings, role).await?;
    let engine = open::engine(settings, &store).await?;
    let reader = Reader::of_this_program();
    let worker = open::worker()?;
    Ok(Service::new(store, client, reader, mailer, worker, engine))
}

/// SIGTERM and SIGINT end, a second one at once; SIGHUP looks at the keyword file now. They are heard from the
/// first moment on: unheard, each of them would kill a service that is still opening its database.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn end(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    async fn obey(mut self, service: Arc<Service>, shutdown: CancellationToken) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => {}
                _ = self.interrupt.recv() => {}
                _ = self.hangup.recv() => {
                    service.nudge_keeper();
                    continue;
                }
            }
            if shutdown.is_cancelled() {
                // He asked twice: leases are taken over at the next start.
                std::process::exit(1);
            }
            shutdown.cancel();
        }
    }
}

fn start_log(log: Log) {
    let filter = EnvFilter::try_from_env("ESCUCHA_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,escucha=info"));
    let writer = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // Told on the same stderr, by a macro that panics when nobody reads it any more.
        .log_internal_errors(false)
        .with_target(false);
    // A parser that stumbles is contained; its message may quote a post, so only the place is logged.
    std::panic::set_hook(Box::new(|stumble| {
        let place = stumble.location().map(ToString::to_string);
        tracing::error!(place = place, "something stumbled, and was contained");
    }));
    // A second start in one process (tests) keeps the first log.
    let _ = match log {
        Log::Text => writer.with_ansi(false).try_init(),
        Log::Json => writer.json().flatten_event(true).try_init(),
    };
}
