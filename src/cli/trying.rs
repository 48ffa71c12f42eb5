//! `escucha try`: what a source would yield, before anyone depends on it.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;
use url::Url;

use super::args::TryKind;
use super::found::Found;
use super::terminal::Terminal;
use super::{open, score};
use crate::clock;
use crate::extract::{BODY_BYTES_MAX, Extracted, Kind, Reading, is_mail, mails};
use crate::fetch::{Accept, Body, Client, Request, Response, RobotsOutcome};
use crate::imap;
use crate::model::{LocalTime, Timestamp, Ui, pace_key};
use crate::reader::{Job, Reader};
use crate::settings::{FetchSettings, MailboxSettings, Settings, SourceKind, SourceSettings};

/// Between two requests of a command to one host: the service's default pace.
const REST_MS: i64 = 1_000;
/// So many of the feeds that a page offers are tried.
const FEEDS_TRIED_MAX: usize = 2;

pub(super) async fn try_all(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
    sources: &[String],
    kind: TryKind,
    base: Option<&Url>,
) -> anyhow::Result<ExitCode> {
    let mut settings = open::optional_settings(config, ui)?;
    let is_mailbox = |source: &SourceSettings| {
        source.mailbox.is_some() && sources.iter().any(|name| is_called(source, name))
    };
    let configured = |settings: &Settings| settings.sources.iter().any(is_mailbox);
    if settings.as_ref().is_some_and(configured) {
        // Only a mailbox needs its password.
        settings = Some(open::settings(config, ui, open::Need::Secrets)?);
    }
    let zone = settings.as_ref().map(|settings| &settings.zone);
    let local = zone.map(LocalTime::of).unwrap_or_default();
    let unknown = plain_reading(kind, &local);
    let scorer = score::scorer(settings.as_ref(), ui);
    let fetch = settings
        .as_ref()
        .map_or_else(FetchSettings::default, |known| known.fetch.clone());
    let client = Client::new(&fetch).map_err(|error| anyhow::anyhow!(error.sentence(ui)))?;
    let mut is_well = true;
    let configured = settings.iter().flat_map(|settings| &settings.sources);
    for source in sources {
        let known = configured.clone().filter(|known| is_called(known, source));
        let known: Vec<&SourceSettings> = known.collect();
        let mut reads = Vec::new();
        for (nth, one) in known.iter().enumerate() {
            if nth > 0 {
                tokio::time::sleep(Duration::from_millis(one.pace_ms as u64)).await;
            }
            let name = if known.len() > 1 { &one.name } else { source };
            let read = read_source(&client, one, ui).await;
            reads.push((name, Some(*one), read));
        }
        if known.is_empty() {
            let read = match source_url(source) {
                Some(url) => read_url(&client, &url, &unknown, ui).await,
                None if is_mailbox_url(source) => Err(unknown_mailbox(ui)),
                None => read_file(Path::new(source), &unknown, base, ui).await,
            };
            reads.push((source, None, read));
        }
        for (source, known, read) in reads {
            is_well &= read.is_ok();
            match read {
                Ok(extracted) => {
                    let found = Found {
                        source,
                        known,
                        extracted: &extracted,
                    };
                    found.show(terminal, &scorer, ui)?;
                }
                Err(sentence) if terminal.json => {
                    Terminal::row(&json!({"source": source, "error": sentence}))?;
                }
                Err(sentence) => Terminal::line(&format!("✗ {source}: {sentence}"))?,
            }
        }
    }
    Ok(ExitCode::from(u8::from(!is_well)))
}

/// By its address, its name, or the name of the section that makes it.
fn is_called(source: &SourceSettings, name: &str) -> bool {
    let is_there = || Url::parse(name).is_ok_and(|url| url == source.url);
    [source.name.as_str(), &source.section].contains(&name) || is_there()
}

fn is_mailbox_url(source: &str) -> bool {
    source.starts_with("imaps://") || source.starts_with("imap://")
}

/// A command line is no place for a password.
fn unknown_mailbox(ui: Ui) -> String {
    ui.pick(
        "la contraseña de un buzón sale solo de la configuración: escríbalo en escucha.toml como \
         [[source]] con kind = \"mailbox\" y pruébelo por su nombre",
        "the password of a mailbox comes from the configuration only: write it into escucha.toml \
         as a [[source]] with kind = \"mailbox\", and try it by its name",
    )
    .to_owned()
}

fn source_url(source: &str) -> Option<Url> {
    Url::parse(source)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// Reads a configured source once, as the service would: robots.txt first.
pub(super) async fn read_source(
    client: &Client,
    source: &SourceSettings,
    ui: Ui,
) -> Result<Extracted, String> {
    if source.mailbox.is_none() && source.ignore_robots.is_none() {
        ask_robots(client, &source.url, ui).await?;
    }
    let kind = match source.kind {
        SourceKind::Feed => Kind::Feed,
        SourceKind::Blog => Kind::Blog,
        SourceKind::Reviews => Kind::Reviews,
        SourceKind::Json => Kind::Json,
        SourceKind::Mailbox => Kind::Mail,
    };
    let reading = Reading {
        kind,
        select: source.select.as_ref(),
        map: source.map.as_ref(),
        lang: source.lang,
        now: clock::now(),
        local: &source.local,
    };
    if let Some(mailbox) = &source.mailbox {
        return read_mailbox(client, mailbox, &reading, ui).await;
    }
    let ignores_robots = source.ignore_robots.is_some();
    page_or_feed(client, &source.url, &reading, ignores_robots, ui).await
}

/// What a first reading of the mailbox would bring.
async fn read_mailbox(
    client: &Client,
    mailbox: &MailboxSettings,
    reading: &Reading<'_>,
    ui: Ui,
) -> Result<Extracted, String> {
    let errand = imap::Errand {
        cursor: None,
        last_ok_at: None,
        is_careful: false,
        now: reading.now,
    };
    let haul = imap::read(client, mailbox, errand).await;
    let haul = haul.map_err(|error| error.sentence(ui))?;
    let mut reads = Vec::with_capacity(haul.mails.len());
    for mail in haul.mails {
        reads.push(read(mail, None, None, reading).await);
    }
    Ok(mails(reads))
}

/// Reads the document, and where it is a web page that offers a feed, the feed in its place, as the
/// service would.
async fn page_or_feed(
    client: &Client,
    url: &Url,
    reading: &Reading<'_>,
    ignores_robots: bool,
    ui: Ui,
) -> Result<Extracted, String> {
    let page = fetch(client, url, reading, ui).await?;
    let is_list = matches!(reading.kind, Kind::Feed | Kind::Blog) && reading.select.is_none();
    let as_feed = Reading {
        kind: Kind::Feed,
        ..*reading
    };
    let feeds = page.feed_urls.iter().filter_map(|url| Url::parse(url).ok());
    let mut failure = None;
    for feed in feeds.take(FEEDS_TRIED_MAX).filter(|_| is_list) {
        let read = async {
            if !ignores_robots {
                ask_robots(client, &feed, ui).await?;
            }
            readable(fetch(client, &feed, &as_feed, ui).await?, ui)
        };
        match read.await {
            Ok(mut read) => {
                read.feed_urls = vec![feed.to_string()];
                return Ok(read);
            }
            Err(sentence) => {
                failure.get_or_insert(match ui {
                    Ui::Es => {
                        format!("es una página web; su canal {feed} no se puede leer: {sentence}")
                    }
                    Ui::En => {
                        format!("this is a web page; its feed {feed} cannot be read: {sentence}")
                    }
                });
            }
        }
    }
    match failure {
        Some(failure) if page.failure().is_some() => Err(failure),
        // A blog's page is worth something without its feed.
        _ => readable(page, ui),
    }
}

async fn read_url(
    client: &Client,
    url: &Url,
    reading: &Reading<'_>,
    ui: Ui,
) -> Result<Extracted, String> {
    ask_robots(client, url, ui).await?;
    page_or_feed(client, url, reading, false, ui).await
}

async fn ask_robots(client: &Client, url: &Url, ui: Ui) -> Result<(), String> {
    let path = url.query().map_or(url.path().to_owned(), |query| {
        format!("{}?{query}", url.path())
    });
    match robots(client, url).await {
        RobotsOutcome::Absent => Ok(()),
        RobotsOutcome::Read(robots) if robots.allows(&path) => Ok(()),
        RobotsOutcome::Read(_) => Err(match ui {
            Ui::Es => format!("el robots.txt del sitio prohíbe leer {path}"),
            Ui::En => format!("the site's robots.txt forbids reading {path}"),
        }),
        RobotsOutcome::Unreachable(error) => Err(error.sentence(ui)),
    }
}

async fn fetch(
    client: &Client,
    url: &Url,
    reading: &Reading<'_>,
    ui: Ui,
) -> Result<Extracted, String> {
    let accept = match reading.kind {
        Kind::Feed => Accept::Feed,
        Kind::Json => Accept::Json,
        Kind::Blog | Kind::Reviews | Kind::Any | Kind::Mail => Accept::Page,
    };
    let request = Request {
        url,
        etag: None,
        last_modified: None,
        accept,
        now: clock::now(),
    };
    let response = follow(client, &request, ui).await?;
    let Body::Bytes(body) = response.body else {
        return Err(ui.pick("respuesta vacía", "empty answer").to_owned());
    };
    let (content_type, url) = (response.content_type, Some(response.final_url));
    Ok(read(body, content_type, url, reading).await)
}

/// Reads a document within the limits of the service.
async fn read(
    body: Vec<u8>,
    content_type: Option<String>,
    url: Option<Url>,
    reading: &Reading<'_>,
) -> Extracted {
    let job = Job {
        body,
        content_type,
        url,
        kind: reading.kind,
        select: reading.select.cloned(),
        map: reading.map.cloned(),
        lang: reading.lang,
        now: reading.now,
        local: Arc::new(reading.local.clone()),
    };
    Reader::of_this_program().posts(&Arc::new(job)).await
}

/// The document behind a URL: at the pace of its hosts, asking the robots.txt of each other host that
/// redirects lead to.
async fn follow(client: &Client, request: &Request<'_>, ui: Ui) -> Result<Response, String> {
    let mut trail = client.trail(request.url);
    loop {
        let asked = trail.url().clone();
        take_turn(&asked).await;
        let hop = client.hop(request, &mut trail).await;
        rest(&asked);
        if let Some(response) = hop.map_err(|error| error.sentence(ui))? {
            return Ok(response);
        }
        if trail.url().host_str() != asked.host_str() {
            ask_robots(client, trail.url(), ui).await?;
        }
    }
}

/// What the robots.txt for this URL came to, asked once a command.
async fn robots(client: &Client, url: &Url) -> RobotsOutcome {
    static KNOWN: Mutex<BTreeMap<String, RobotsOutcome>> = Mutex::new(BTreeMap::new());
    let origin = url.origin().ascii_serialization();
    let found = entry(&KNOWN, &origin, None);
    if let Some(found) = found {
        return found;
    }
    take_turn(url).await;
    let outcome = client.robots(url, clock::now()).await;
    rest(url);
    entry(&KNOWN, &origin, Some(outcome.clone()));
    outcome
}

/// When each host may be asked again by this command.
static NEXT_AT: Mutex<BTreeMap<String, Timestamp>> = Mutex::new(BTreeMap::new());

async fn take_turn(url: &Url) {
    let key = pace_key(url.host_str().unwrap_or_default());
    let next_at = entry(&NEXT_AT, &key, None).unwrap_or_default();
    let wait_ms = next_at.ms_since(clock::now()).clamp(0, REST_MS);
    tokio::time::sleep(Duration::from_millis(wait_ms as u64)).await;
}

fn rest(url: &Url) {
    let key = pace_key(url.host_str().unwrap_or_default());
    entry(&NEXT_AT, &key, Some(clock::now().plus_ms(REST_MS)));
}

/// What stands at a key, after putting `new` there if there is one.
fn entry<T: Clone>(map: &Mutex<BTreeMap<String, T>>, key: &str, new: Option<T>) -> Option<T> {
    let mut map = map.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(new) = new {
        map.insert(key.to_owned(), new);
    }
    map.get(key).cloned()
}

async fn read_file(
    path: &Path,
    reading: &Reading<'_>,
    base: Option<&Url>,
    ui: Ui,
) -> Result<Extracted, String> {
    let body = beginning(path).map_err(|error| match ui {
        Ui::Es => format!("no se puede leer el archivo: {}", ui.io(&error)),
        Ui::En => format!("the file cannot be read: {error}"),
    })?;
    let mut reading = *reading;
    if reading.kind == Kind::Any && is_mail(&body) {
        reading.kind = Kind::Mail;
    }
    let extracted = read(body, None, base.cloned(), &reading).await;
    readable(extracted, ui)
}

/// So much of a file that one that is too large is seen to be.
fn beginning(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut body = Vec::new();
    let most = BODY_BYTES_MAX as u64 + 1;
    std::fs::File::open(path)?
        .take(most)
        .read_to_end(&mut body)?;
    Ok(body)
}

fn plain_reading(kind: TryKind, local: &LocalTime) -> Reading<'_> {
    let kind = match kind {
        TryKind::Any => Kind::Any,
        TryKind::Feed => Kind::Feed,
        TryKind::Blog => Kind::Blog,
        TryKind::Reviews => Kind::Reviews,
    };
    Reading {
        kind,
        select: None,
        map: None,
        lang: None,
        now: clock::now(),
        local,
    }
}

fn readable(extracted: Extracted, ui: Ui) -> Result<Extracted, String> {
    extracted.refusal(ui).map_or(Ok(extracted), Err)
}
