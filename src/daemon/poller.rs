//! Reads due sources and due pages: robots.txt, a conditional GET, the parser, the database.

use std::sync::Arc;
use std::time::Duration;

use tracing::{debug, info, warn};
use url::Url;

use super::Service;
use crate::clock;
use crate::extract::{self, Document, Extracted, Kind, Reading};
use crate::fetch::{Accept, Body, FetchError, Request, Response, Retry, Robots, RobotsOutcome};
use crate::flow::poll::{self, Answer, Cause, Outcome, Trouble};
use crate::flow::{intake, page};
use crate::model::{Hints, Timestamp, Ui, digest_hex};
use crate::settings::{SourceKind, SourceSettings};
use crate::store::{HostRobots, StoreError, Validators};

/// Sources and pages under way at the same time.
const UNDER_WAY_MAX: usize = 16;
/// Further pages of reviews that one poll reads, and the time for all of them together.
const FURTHER_PAGES_MAX: usize = 4;
const FURTHER_PAGES_TIME: Duration = Duration::from_mins(1);
/// A forbidden source is looked at again once a day: robots.txt may change.
const ROBOTS_RECHECK_MS: i64 = 24 * 3_600_000;

/// Starts what is due and there is room for; tells when the next is due.
pub(super) async fn turn(service: Arc<Service>) -> Result<Option<Timestamp>, StoreError> {
    let now = clock::shared_now(&service.store).await?;
    let engine = service.engine();
    let room = UNDER_WAY_MAX.saturating_sub(service.tasks.len()) as u32;
    if room == 0 {
        return Ok(None);
    }
    let sources = poll::begin(&service.store, &engine, &service.worker, now, room).await?;
    let room = room - sources.len() as u32;
    let pages = page::begin(&service.store, &engine, &service.worker, now, room).await?;
    for job in sources {
        let service_of_task = Arc::clone(&service);
        service
            .tasks
            .spawn(async move { source_task(service_of_task, job).await });
    }
    for job in pages {
        let service_of_task = Arc::clone(&service);
        service
            .tasks
            .spawn(async move { page_task(service_of_task, job).await });
    }
    service.store.next_claim_at().await
}

/// One source from its lease to its settling.
pub(super) async fn source_task(service: Arc<Service>, job: poll::Job) {
    let answer = ask(&service, &job).await;
    if let Outcome::Trouble(trouble) = &answer.outcome {
        warn!(source = %job.source.name, "source {}: {}", job.source.name, trouble.sentence);
    }
    let settled = async {
        let now = clock::shared_now(&service.store).await?;
        intake::finish(&service.store, &service.engine(), &job, answer, now).await
    };
    match settled.await {
        Ok(report) => {
            let (n_posts, n_cases) = (report.n_posts, report.n_cases);
            info!(
                source = %job.source.name, posts.new = n_posts, cases.new = n_cases,
                "source {}: {n_posts} new posts, {n_cases} complaints", job.source.name
            );
        }
        Err(failure) => {
            warn!(source = %job.source.name, "source {} could not be stored: {failure}", job.source.name);
        }
    }
    service.mail_due.notify_one();
    service.poll_due.notify_one();
}

async fn ask(service: &Service, job: &poll::Job) -> Answer {
    let ui = service.engine().settings.ui;
    let source = &job.source;
    let (robots, fresh) = match &source.ignore_robots {
        Some(_) => (None, None),
        None => robots(service, &source.url, &job.claim.robots).await,
    };
    let refusal = |url: &Url| robots.as_ref().and_then(|rules| rules.refusal(url, ui));
    if let Some(refusal) = refusal(&source.url) {
        return Answer {
            outcome: Outcome::Trouble(refusal),
            robots: fresh,
            crawl_delay_ms: None,
        };
    }
    let validators = &job.claim.validators;
    let request = Request {
        url: &source.url,
        etag: validators.etag.as_deref(),
        last_modified: validators.last_modified.as_deref(),
        accept: accept(source.kind),
        now: clock::now(),
    };
    let mut outcome = match service.client.get(&request).await {
        Ok(response) => read(service, source, response).await,
        Err(error) => Outcome::Trouble(trouble(&error, error.sentence(ui))),
    };
    if let Outcome::Read { extracted, .. } = &mut outcome {
        let further = further_pages(service, job, extracted, &refusal);
        // What was read of the further pages in this time is kept; the lease must not end meanwhile.
        let _ = tokio::time::timeout(FURTHER_PAGES_TIME, further).await;
    }
    let crawl_delay_ms = robots.as_ref().and_then(HostRules::delay_ms);
    Answer {
        outcome,
        robots: fresh,
        crawl_delay_ms,
    }
}

/// Reads on while a page has a next one on the same host and holds nothing but news. A page that
/// cannot be read ends it: the first page has been read, and the next poll tries again.
async fn further_pages(
    service: &Service,
    job: &poll::Job,
    extracted: &mut Extracted,
    refusal: &impl Fn(&Url) -> Option<Trouble>,
) {
    let rest = Duration::from_millis(service.engine().settings.fetch.pace_ms as u64);
    let mut page = extracted.clone();
    for _ in 0..FURTHER_PAGES_MAX {
        let next = page
            .next_url
            .as_deref()
            .and_then(|next| Url::parse(next).ok());
        let Some(next) = next.filter(|next| next.host_str() == job.source.url.host_str()) else {
            return;
        };
        let is_new = intake::is_all_new(&service.store, job, &page).await;
        if !is_new.unwrap_or(false) || refusal(&next).is_some() {
            return;
        }
        tokio::time::sleep(rest).await;
        let request = Request {
            url: &next,
            etag: None,
            last_modified: None,
            accept: accept(job.source.kind),
            now: clock::now(),
        };
        let Ok(response) = service.client.get(&request).await else {
            return;
        };
        let Outcome::Read {
            extracted: read, ..
        } = read(service, &job.source, response).await
        else {
            return;
        };
        extracted.posts.extend(read.posts.iter().cloned());
        page = read;
    }
}

/// Turns an answer into posts, on a thread for long work and few at a time.
async fn read(service: &Service, source: &SourceSettings, response: Response) -> Outcome {
    let Body::Bytes(body) = response.body else {
        return Outcome::NotModified {
            hints: response.hints,
        };
    };
    let ui = service.engine().settings.ui;
    let validators = Validators {
        etag: response.etag,
        last_modified: response.last_modified,
    };
    let hints = response.hints;
    let (owned, now) = (source.clone(), clock::now());
    let Ok(_permit) = service.readers.acquire().await else {
        return stumbled(ui.pick("el servicio se está parando", "the service is stopping"));
    };
    let reading = tokio::task::spawn_blocking(move || {
        let body_hash = hash(&body);
        let document = Document {
            body: &body,
            content_type: response.content_type.as_deref(),
            url: Some(&response.final_url),
        };
        (extract::posts(&document, &reading(&owned, now)), body_hash)
    });
    let Ok((extracted, body_hash)) = reading.await else {
        return stumbled(ui.pick(
            "el documento hace tropezar al lector; avise a los desarrolladores",
            "the document makes the reader stumble; tell the developers",
        ));
    };
    if let Some(failure) = extracted.failure() {
        let said = ui.pick("no se puede leer", "cannot be read");
        return Outcome::Trouble(Trouble {
            sentence: format!("{said}: {failure}"),
            retry_after_ms: None,
            cause: Cause::NothingFound,
        });
    }
    for problem in &extracted.problems {
        debug!(source = %source.name, "source {}: {}", source.name, problem.detail);
    }
    let hints = Hints {
        fresh_for_ms: hints.fresh_for_ms.max(extracted.ttl_ms),
        ..hints
    };
    Outcome::Read {
        extracted,
        validators,
        body_hash,
        hints,
    }
}

fn accept(kind: SourceKind) -> Accept {
    match kind {
        SourceKind::Feed => Accept::Feed,
        SourceKind::Blog | SourceKind::Reviews => Accept::Page,
        SourceKind::Json => Accept::Json,
    }
}

fn reading(source: &SourceSettings, now: Timestamp) -> Reading<'_> {
    Reading {
        kind: match source.kind {
            SourceKind::Feed => Kind::Feed,
            SourceKind::Blog => Kind::Blog,
            SourceKind::Reviews => Kind::Reviews,
            SourceKind::Json => Kind::Json,
        },
        select: source.select.as_ref(),
        map: source.map.as_ref(),
        lang: source.lang,
        now,
    }
}

fn stumbled(sentence: &str) -> Outcome {
    Outcome::Trouble(Trouble {
        sentence: sentence.to_owned(),
        retry_after_ms: None,
        cause: Cause::Passing,
    })
}

fn trouble(error: &FetchError, sentence: String) -> Trouble {
    Trouble {
        sentence,
        retry_after_ms: match error.retry() {
            Retry::Later => None,
            Retry::After(ms) => Some(ms),
        },
        cause: if error.pauses_host() {
            Cause::HostTired
        } else if error.is_lasting() {
            Cause::Lasting
        } else {
            Cause::Passing
        },
    }
}

fn hash(body: &[u8]) -> String {
    digest_hex(&[&String::from_utf8_lossy(body)])
}

/// What a host's robots.txt says, and the fresh copy to keep if it had to be asked.
async fn robots(
    service: &Service,
    url: &Url,
    cached: &HostRobots,
) -> (Option<HostRules>, Option<HostRobots>) {
    let now = clock::now();
    if !poll::robots_are_stale(cached, now) {
        let text = cached.text.as_deref().unwrap_or_default();
        return (Some(HostRules::Read(Robots::of_text(text))), None);
    }
    let fresh = |text: String| {
        Some(HostRobots {
            text: Some(text),
            fetched_at: Some(now),
        })
    };
    match service.client.robots(url, now).await {
        RobotsOutcome::Read(robots) => {
            let text = robots.to_text();
            (Some(HostRules::Read(robots)), fresh(text))
        }
        RobotsOutcome::Absent => (None, fresh(String::new())),
        RobotsOutcome::Unreachable(error) => (Some(HostRules::Unreachable(error)), None),
    }
}

enum HostRules {
    Read(Robots),
    /// RFC 9309, section 2.3.1.4: an unreachable robots.txt forbids everything for now.
    Unreachable(FetchError),
}

impl HostRules {
    fn delay_ms(&self) -> Option<i64> {
        match self {
            Self::Read(robots) => robots.delay_ms(),
            Self::Unreachable(_) => None,
        }
    }

    /// Why this URL must not be read; `None` when it may.
    fn refusal(&self, url: &Url, ui: Ui) -> Option<Trouble> {
        let host = url.host_str().unwrap_or_default();
        match self {
            Self::Read(robots) if robots.allows(&path_and_query(url)) => None,
            Self::Read(_) => Some(Trouble {
                sentence: match ui {
                    Ui::Es => format!(
                        "el robots.txt de {host} prohíbe leer {}; pida permiso al sitio, o \
                         escriba ignore_robots = \"por qué\" en esta fuente si ya lo tiene",
                        url.path()
                    ),
                    Ui::En => format!(
                        "the robots.txt of {host} forbids reading {}; ask the site for leave, or \
                         write ignore_robots = \"why\" in this source if you have it",
                        url.path()
                    ),
                },
                retry_after_ms: Some(ROBOTS_RECHECK_MS),
                cause: Cause::Robots,
            }),
            Self::Unreachable(error) => {
                let said = match ui {
                    Ui::Es => format!("no se pudo leer el robots.txt: {}", error.sentence(ui)),
                    Ui::En => format!("robots.txt could not be read: {}", error.sentence(ui)),
                };
                Some(trouble(error, said))
            }
        }
    }
}

fn path_and_query(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

/// One linked page from its lease to its settling.
pub(super) async fn page_task(service: Arc<Service>, job: page::Job) {
    let answer = ask_page(&service, &job).await;
    let settled = async {
        let now = clock::shared_now(&service.store).await?;
        page::finish(&service.store, &service.engine(), &job, answer, now).await
    };
    if let Err(failure) = settled.await {
        warn!(post.id = %job.claim.post_id, "page of {} could not be stored: {failure}", job.claim.post_id);
    }
    service.mail_due.notify_one();
    service.poll_due.notify_one();
}

async fn ask_page(service: &Service, job: &page::Job) -> page::Answer {
    let Ok(url) = Url::parse(&job.claim.url) else {
        return page::Answer {
            outcome: page::Outcome::Hopeless,
            robots: None,
        };
    };
    let ui = service.engine().settings.ui;
    let (rules, fresh) = robots(service, &url, &job.claim.robots).await;
    if let Some(refusal) = rules.and_then(|rules| rules.refusal(&url, ui)) {
        let outcome = match refusal.cause {
            Cause::Robots | Cause::Lasting => page::Outcome::Hopeless,
            Cause::HostTired | Cause::NothingFound | Cause::Passing => page::Outcome::Failed {
                retry_after_ms: refusal.retry_after_ms,
            },
        };
        return page::Answer {
            outcome,
            robots: fresh,
        };
    }
    let request = Request {
        url: &url,
        etag: None,
        last_modified: None,
        accept: Accept::Page,
        now: clock::now(),
    };
    let outcome = match service.client.get(&request).await {
        Ok(response) => read_page(service, &job.source, response).await,
        Err(error) if error.is_lasting() => page::Outcome::Hopeless,
        Err(error) => page::Outcome::Failed {
            retry_after_ms: trouble(&error, String::new()).retry_after_ms,
        },
    };
    page::Answer {
        outcome,
        robots: fresh,
    }
}

async fn read_page(
    service: &Service,
    source: &SourceSettings,
    response: Response,
) -> page::Outcome {
    let Body::Bytes(body) = response.body else {
        return page::Outcome::Hopeless;
    };
    let (owned, now) = (source.clone(), clock::now());
    let Ok(_permit) = service.readers.acquire().await else {
        return page::Outcome::Failed {
            retry_after_ms: None,
        };
    };
    let article = tokio::task::spawn_blocking(move || {
        let document = Document {
            body: &body,
            content_type: response.content_type.as_deref(),
            url: Some(&response.final_url),
        };
        extract::article(&document, &reading(&owned, now))
    });
    match article.await {
        Ok(Ok(article)) => page::Outcome::Read(article),
        Ok(Err(_)) | Err(_) => page::Outcome::Hopeless,
    }
}
