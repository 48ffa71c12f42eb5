//! The rules of a polite and robust guest, one test a rule, each read from the log of a real server.
//!
//! The service itself runs here, round by round, with names that all lead to this machine; instead of
//! waiting, a test makes everything due. CONTRIBUTING.md has the table of rules and breaks.

mod addresses;
mod bodies;
mod conditional;
mod looks;
mod manners;
mod names;
mod redirects;
mod rough;
mod statuses;
mod text;
mod timing;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use escucha::config;
use escucha::daemon::{self, Service};
use escucha::fetch::{Client, Limits};
use escucha::flow::Engine;
use escucha::mail::Mailer;
use escucha::settings::Settings;
use escucha::store::{Role, SourceState, Store};
use mail_parser::MessageParser;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::support::http::{Answer, Seen, Server};
use crate::support::smtp::Smtp;
use crate::support::{binary, levers, tally};

const RSS: &str = "application/rss+xml; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// A service and the only server of its world.
struct Town {
    server: Server,
    smtp: Smtp,
    service: Arc<Service>,
    folder: tempfile::TempDir,
    configuration: String,
}

impl Town {
    /// With this configuration beside what every town has; `{foro}` is `http://foro.test:PORT`, and so
    /// for every name. `[fetch]` comes last, so that options of it may be added.
    async fn new(sources: &str, fetch: &str) -> Self {
        tally("http");
        let (server, smtp) = (Server::start().await, Smtp::start().await);
        let configuration = configuration(sources, fetch, server.port(), smtp.port);
        let folder = tempfile::tempdir().unwrap();
        let service = service(&folder, &configuration, Role::Service).await;
        Self {
            server,
            smtp,
            service,
            folder,
            configuration,
        }
    }

    /// One feed, `/feed` at foro.test, and a server without robots.txt.
    async fn with_feed(answer: Answer) -> Self {
        let town = Self::new(&source("foro", "/feed", "every = \"15m\""), "").await;
        town.server.route("/feed", answer);
        town
    }

    fn url(&self, name: &str, path: &str) -> Url {
        let port = self.server.port();
        format!("http://{name}.test:{port}{path}").parse().unwrap()
    }

    /// Reads what is due.
    async fn round(&self) {
        let token = CancellationToken::new();
        // Boxed: the future of a whole round is large.
        Box::pin(daemon::once(&self.service, &token)).await.unwrap();
    }

    /// Makes everything due and reads it.
    async fn again(&self) {
        levers::everything_is_due(&self.database()).await;
        self.round().await;
    }

    /// The same database under a new service with, perhaps, another configuration.
    async fn restart(&mut self, change: impl Fn(&str) -> String) {
        self.service.store.close().await;
        self.configuration = change(&self.configuration);
        self.service = service(&self.folder, &self.configuration, Role::Visitor).await;
    }

    fn database(&self) -> String {
        format!(
            "sqlite://{}",
            self.folder.path().join("escucha.db").display()
        )
    }

    async fn state(&self) -> SourceState {
        self.service.store.source_states().await.unwrap().remove(0)
    }

    /// Minutes from now to the next reading of the only source, rounded.
    async fn next_in_minutes(&self) -> i64 {
        let now = escucha::clock::now();
        (self.state().await.next_at.ms_since(now) + MINUTE / 2) / MINUTE
    }

    /// Minutes from now for which the longest resting host is left alone, rounded.
    async fn host_rests_minutes(&self) -> i64 {
        let sql = "SELECT MAX(next_at) FROM hosts";
        let at = levers::number(&self.database(), sql).await;
        (at - escucha::clock::now().0 + MINUTE / 2) / MINUTE
    }

    async fn n_posts(&self) -> i64 {
        self.service.store.counts().await.unwrap().posts
    }

    /// Requests other than those for robots.txt.
    fn requests(&self) -> Vec<Seen> {
        let mut seen = self.server.requests();
        seen.retain(|seen| seen.path != "/robots.txt");
        seen
    }

    /// Subject and text of every mail to the operator.
    fn told(&self) -> Vec<String> {
        let mails = self.smtp.mails();
        let to_operator = mails
            .iter()
            .filter(|mail| mail.to == ["sistemas@ejemplo.test"]);
        to_operator
            .map(|mail| {
                let parsed = MessageParser::default().parse(&mail.raw).unwrap();
                let text = parsed.body_text(0).unwrap_or_default().into_owned();
                format!("{}\n{text}", parsed.subject().unwrap_or_default())
            })
            .collect()
    }
}

/// A `[[source]]` of this name and host, read as a feed.
fn source(name: &str, path: &str, more: &str) -> String {
    format!("[[source]]\nname = \"{name}\"\nurl = \"{{{name}}}{path}\"\n{more}\n")
}

fn configuration(sources: &str, fetch: &str, http: u16, smtp: u16) -> String {
    let mut sources = sources.to_owned();
    while let Some((before, rest)) = sources.split_once("\"{") {
        let (name, after) = rest.split_once('}').unwrap();
        let host = if name.contains('.') {
            name.to_owned()
        } else {
            format!("{name}.test")
        };
        sources = format!("{before}\"http://{host}:{http}{after}");
    }
    let pace = if fetch.contains("pace") {
        ""
    } else {
        "pace = \"0s\"\n"
    };
    format!(
        "[company]\nname = \"Telefonía Ejemplo\"\nsignature = \"Marta Ruiz\"\n{sources}\
         [smtp]\nhost = \"127.0.0.1\"\nport = {smtp}\nsecurity = \"none\"\nfrom = \"avisos@ejemplo.test\"\n\
         [alerts]\nto = [\"gerente@ejemplo.test\"]\noperator = [\"sistemas@ejemplo.test\"]\n\
         [fetch]\ncontact = \"https://ejemplo.test/\"\nallow_private = [\"127.0.0.0/8\"]\n{pace}{fetch}\n"
    )
}

fn settings(folder: &tempfile::TempDir, configuration: &str) -> Settings {
    let path = folder.path().join("escucha.toml");
    std::fs::write(&path, configuration).unwrap();
    let keywords = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";
    std::fs::write(folder.path().join("keywords.toml"), keywords).unwrap();
    let mut settings =
        config::load(&path, &|_| None).unwrap_or_else(|problems| panic!("{problems:?}"));
    // A pace that a configuration cannot say: it counts whole seconds, and tests are in a hurry.
    if let Some((_, ms)) = configuration.split_once("# pace_ms = ") {
        settings.fetch.pace_ms = ms.trim().parse().unwrap();
    }
    settings
}

async fn service(folder: &tempfile::TempDir, configuration: &str, role: Role) -> Arc<Service> {
    let settings = settings(folder, configuration);
    service_with(folder, settings, Limits::default(), role).await
}

async fn service_with(
    folder: &tempfile::TempDir,
    settings: Settings,
    limits: Limits,
    role: Role,
) -> Arc<Service> {
    static WORKERS: AtomicU32 = AtomicU32::new(0);
    let here = |_name: String| async { Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]) };
    let client = Client::with_resolver(&settings.fetch, limits, here).unwrap();
    let mailer = Mailer::new(settings.smtp.as_ref().unwrap()).unwrap();
    let path = folder.path().join("escucha.db");
    let store = Store::open_sqlite(&path, role).await.unwrap();
    let engine = Engine::new(settings, &store, "a key").await.unwrap();
    let worker = format!("w{}", WORKERS.fetch_add(1, Ordering::Relaxed));
    Service::new(store, client, binary::reader(), mailer, worker, engine)
}

/// A feed with an entry for each of these texts; its guid is its first word.
fn feed(texts: &[&str]) -> String {
    feed_with("", texts)
}

/// The same with this in its channel.
fn feed_with(channel: &str, texts: &[&str]) -> String {
    let item = |text: &&str| {
        let guid = text.split(' ').next().unwrap_or_default();
        format!(
            "<item><guid isPermaLink=\"false\">{guid}</guid><title>Título {guid}</title>\
             <link>https://foro.test/{guid}</link><description>{text}</description></item>"
        )
    };
    let items: String = texts.iter().map(item).collect();
    format!(
        "<rss version=\"2.0\" xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\"><channel>\
         <title>Foro</title><link>https://foro.test/</link><description>d</description>{channel}{items}\
         </channel></rss>"
    )
}

fn rss(texts: &[&str]) -> Answer {
    Answer::ok(RSS, feed(texts))
}

#[track_caller]
fn within(value: i64, least: i64, most: i64, what: &str) {
    assert!(
        (least..=most).contains(&value),
        "{what}: {value} is not in {least}..={most}"
    );
}
