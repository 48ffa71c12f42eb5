//! Reads due sources and due pages: robots.txt, a conditional GET, the parser, the database.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::SemaphorePermit;
use tracing::{Instrument as _, debug, info, trace_span, warn};
use url::Url;

use super::Service;
use super::visit::{Stop, Visit};
use super::{disk, found, looks, mailbox};
use crate::clock;
use crate::extract::{Article, Extracted, Guard, Kind, hides};
use crate::fetch::{Accept, Body, FetchError, Request, Response, Retry, door};
use crate::flow::poll::{self, Answer, Cause, Outcome, Told, Trouble};
use crate::flow::{STAGE, intake, long_work, look, page};
use crate::model::{Timestamp, counted, digest_hex};
use crate::reader::Job;
use crate::settings::{SourceKind, SourceSettings};
use crate::store::{StoreError, Validators};

/// Sources and pages under way at the same time: most of them wait for a server that is far away.
const UNDER_WAY_MAX: usize = 256;
/// Nudges within this time are answered together: to claim each source by itself would cost more than
/// to poll it.
const GATHER: Duration = Duration::from_millis(20);
/// Further pages of reviews that one poll reads, the first poll of a source, and the time for all of
/// them together.
const FURTHER_PAGES_MAX: usize = 4;
const FIRST_FURTHER_PAGES_MAX: usize = 9;
const FURTHER_PAGES_TIME: Duration = Duration::from_mins(1);

/// Starts what is due and there is room for; tells when the next is due.
pub(super) async fn turn(service: Arc<Service>) -> Result<Option<Timestamp>, StoreError> {
    tokio::time::sleep(GATHER).await;
    let now = clock::shared_now(&service.store).await?;
    if !disk::may_read(&service, now).await {
        return Ok(Some(now.plus_seconds(disk::LOOK_SECONDS)));
    }
    let engine = service.engine();
    let room = UNDER_WAY_MAX.saturating_sub(service.tasks.len()) as u32;
    if room == 0 {
        return Ok(None);
    }
    let claiming = poll::begin(&service.store, &engine, &service.worker, now, room);
    let sources = claiming
        .instrument(trace_span!(target: STAGE, "claim"))
        .await?;
    let room = room - sources.len() as u32;
    let pages = page::begin(&service.store, &engine, &service.worker, now, room).await?;
    let n_pages = pages.len();
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
    let room = room - n_pages as u32;
    let looks = look::begin(&service.store, &engine, &service.worker, now, room).await?;
    let is_full = looks.len() == room as usize;
    for job in looks {
        let service_of_task = Arc::clone(&service);
        service
            .tasks
            .spawn(async move { looks::look_task(service_of_task, job).await });
    }
    if is_full {
        // The end of any of them is a nudge.
        return Ok(None);
    }
    service.store.next_claim_at().await
}

/// One source from its lease to its settling.
pub(super) async fn source_task(service: Arc<Service>, job: poll::Job) {
    let mut desk = Desk::default();
    let watch = clock::stopwatch();
    let answer = match &job.source.mailbox {
        Some(mailbox) => mailbox::ask(&service, &job, mailbox, &mut desk).await,
        None => ask(&service, &job, &mut desk).await,
    };
    service.tally.polled(&answer.outcome, watch.elapsed());
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
                "source {}: {}, {}", job.source.name,
                counted(n_posts, ["new post", "new posts"]),
                counted(n_cases, ["complaint", "complaints"])
            );
            if report.has_letters {
                service.mail_due.notify_one();
            }
        }
        Err(failure) => {
            service.disk.note(&failure);
            warn!(source = %job.source.name, "source {} could not be stored: {failure}", job.source.name);
        }
    }
    service.poll_due.notify_one();
}

/// The place of a document from its reading to its settling. Hundreds of sources are asked at the same
/// time, but what they bring is not held all at once.
#[derive(Default)]
pub(super) struct Desk<'a>(Option<SemaphorePermit<'a>>);

impl<'a> Desk<'a> {
    /// Waits for a place, once a visit: its further pages share it.
    pub(super) async fn take(&mut self, service: &'a Service) {
        if self.0.is_none() {
            // The places are never closed.
            self.0 = service.desks.acquire().await.ok();
        }
    }
}

async fn ask<'a>(service: &'a Service, job: &poll::Job, desk: &mut Desk<'a>) -> Answer {
    let validators = &job.claim.validators;
    let found = found::known(job);
    let source = match &found {
        Some(_) => found::as_feed(&job.source),
        None => job.source.clone(),
    };
    let url = found.clone().unwrap_or_else(|| job.url());
    let request = Request {
        url: &url,
        etag: validators.etag.as_deref(),
        last_modified: validators.last_modified.as_deref(),
        accept: accept(source.kind),
        now: clock::now(),
    };
    let mut visit = Visit::to_source(service, job);
    let fetched = visit
        .get(&request)
        .instrument(trace_span!(target: STAGE, "fetch"))
        .await;
    let (mut outcome, feed_urls) = match fetched {
        Ok(response) => read(service, job, &source, response, desk).await,
        Err(Stop::Trouble(trouble)) => (Outcome::Trouble(trouble), Vec::new()),
        Err(Stop::PutOff(until)) => (Outcome::PutOff { until }, Vec::new()),
    };
    outcome = if found.is_some() {
        found::reconsider(service, job, outcome).await
    } else {
        found::instead(service, job, &mut visit, (outcome, &feed_urls), desk).await
    };
    if let Outcome::Read { extracted, .. } = &mut outcome {
        let further = further_pages(service, job, &mut visit, extracted, desk);
        // What was read of the further pages in this time is kept.
        let _ = tokio::time::timeout(FURTHER_PAGES_TIME, further).await;
    }
    Answer {
        outcome,
        rests: visit.rests(),
    }
}

/// Reads on while a page has a next one on the same host and holds nothing but news. A page that
/// cannot be read ends it: the first page has been read, and the next poll tries again.
async fn further_pages<'a>(
    service: &'a Service,
    job: &poll::Job,
    visit: &mut Visit<'_>,
    extracted: &mut Extracted,
    desk: &mut Desk<'a>,
) {
    let mut page = extracted.clone();
    let mut read_already = vec![job.url()];
    let most = if job.claim.has_baseline {
        FURTHER_PAGES_MAX
    } else {
        FIRST_FURTHER_PAGES_MAX
    };
    for _ in 0..most {
        let next = page
            .next_url
            .as_deref()
            .and_then(|next| Url::parse(next).ok());
        let Some(next) = next.filter(|next| next.host_str() == job.url().host_str()) else {
            return;
        };
        let is_new = intake::is_all_new(&service.store, job, &page).await;
        if !is_new.unwrap_or(false) || read_already.contains(&next) {
            return;
        }
        read_already.push(next.clone());
        let request = Request {
            url: &next,
            etag: None,
            last_modified: None,
            accept: accept(job.source.kind),
            now: clock::now(),
        };
        let Ok(response) = visit.get(&request).await else {
            return;
        };
        let (
            Outcome::Read {
                extracted: read, ..
            },
            _,
        ) = read(service, job, &job.source, response, desk).await
        else {
            return;
        };
        extracted.posts.extend(read.posts.iter().cloned());
        page = read;
    }
}

/// Turns an answer into posts, read as `source` says. Also tells the feeds that a web page offers.
pub(super) async fn read<'a>(
    service: &'a Service,
    job: &poll::Job,
    source: &SourceSettings,
    response: Response,
    desk: &mut Desk<'a>,
) -> (Outcome, Vec<String>) {
    let mut told = told(&response);
    let Response {
        body,
        content_type,
        final_url,
        ..
    } = response;
    let Body::Bytes(body) = body else {
        told.validators = poll::kept(&job.claim.validators, told.validators);
        let is_whole = false;
        return (Outcome::NotModified { told, is_whole }, Vec::new());
    };
    let body_hash = hash(&body);
    if job.claim.body_hash.as_ref() == Some(&body_hash) {
        let is_whole = true;
        return (Outcome::NotModified { told, is_whole }, Vec::new());
    }
    desk.take(service).await;
    let ui = service.engine().settings.ui;
    let job = Arc::new(reading(source, body, content_type, Some(final_url)));
    let mut extracted = service.reader.posts(&job).await;
    let door = if extracted.posts.is_empty() {
        behind_door(job).await
    } else {
        None
    };
    let feed_urls = std::mem::take(&mut extracted.feed_urls);
    let outcome = if let Some(door) = door {
        Outcome::Trouble(Trouble {
            retry_after_ms: match door.retry() {
                Retry::Later => None,
                Retry::After(ms) => Some(ms),
            },
            ..trouble(door.sentence(ui))
        })
    } else if let Some(refusal) = extracted.refusal(ui) {
        Outcome::Trouble(Trouble {
            // Costly documents are asked for ever less often.
            cause: if extracted.is_costly() {
                Cause::Passing
            } else {
                Cause::NothingFound
            },
            ..trouble(refusal)
        })
    } else {
        for problem in &extracted.problems {
            debug!(source = %source.name, "source {}: {}", source.name, problem.detail);
        }
        Outcome::Read {
            extracted,
            body_hash,
            told,
        }
    };
    (outcome, feed_urls)
}

/// The door that a document without posts is, when it is one.
async fn behind_door(job: Arc<Job>) -> Option<FetchError> {
    let looked = long_work::spawn(move || door(&job.body));
    looked.await.ok().flatten()
}

fn told(response: &Response) -> Told {
    Told {
        validators: Validators {
            etag: response.etag.clone(),
            last_modified: response.last_modified.clone(),
        },
        hints: response.hints,
        moved_to: response.moved_to.as_ref().map(Url::to_string),
        robots_tag: response.robots_tag.clone(),
    }
}

fn accept(kind: SourceKind) -> Accept {
    match kind {
        SourceKind::Feed => Accept::Feed,
        SourceKind::Blog | SourceKind::Reviews => Accept::Page,
        SourceKind::Json => Accept::Json,
        SourceKind::Mailbox => Accept::Text,
    }
}

pub(super) fn reading(
    source: &SourceSettings,
    body: Vec<u8>,
    content_type: Option<String>,
    url: Option<Url>,
) -> Job {
    Job {
        body,
        content_type,
        url,
        kind: match source.kind {
            SourceKind::Feed => Kind::Feed,
            SourceKind::Blog => Kind::Blog,
            SourceKind::Reviews => Kind::Reviews,
            SourceKind::Json => Kind::Json,
            SourceKind::Mailbox => Kind::Mail,
        },
        select: source.select.clone(),
        map: source.map.clone(),
        lang: source.lang,
        now: clock::now(),
        local: Arc::clone(&source.local),
    }
}

fn trouble(sentence: String) -> Trouble {
    Trouble {
        sentence,
        retry_after_ms: None,
        cause: Cause::Passing,
    }
}

fn hash(body: &[u8]) -> String {
    match std::str::from_utf8(body) {
        Ok(text) => digest_hex(&[text]),
        Err(_) => digest_hex(&[&String::from_utf8_lossy(body)]),
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
        let ui = service.engine().settings.ui;
        return page::Answer {
            outcome: hopeless(ui.pick("su enlace no es una dirección", "its link is no address")),
            rests: Vec::new(),
        };
    };
    let request = Request {
        url: &url,
        etag: None,
        last_modified: None,
        accept: Accept::Page,
        now: clock::now(),
    };
    let mut visit = Visit::to_page(service, job);
    let outcome = match visit.get(&request).await {
        Ok(response) => read_page(service, &job.source, response).await,
        Err(Stop::PutOff(until)) => page::Outcome::PutOff { until },
        Err(Stop::Trouble(trouble)) => match trouble.cause {
            Cause::Robots | Cause::Lasting => hopeless(&trouble.sentence),
            Cause::NothingFound | Cause::Passing => page::Outcome::Failed {
                because: trouble.sentence,
                retry_after_ms: trouble.retry_after_ms,
            },
        },
    };
    page::Answer {
        outcome,
        rests: visit.rests(),
    }
}

async fn read_page(
    service: &Service,
    source: &SourceSettings,
    response: Response,
) -> page::Outcome {
    let ui = service.engine().settings.ui;
    let without_text = ui.pick(
        "la página enlazada no tiene texto que se pueda leer",
        "the linked page has no text that can be read",
    );
    let Body::Bytes(body) = response.body else {
        return hopeless(without_text);
    };
    let is_hidden = response.robots_tag.as_deref().is_some_and(hides);
    let (content_type, url) = (response.content_type, response.final_url);
    let job = Arc::new(reading(source, body, content_type, Some(url)));
    match service.reader.article(&job).await {
        Ok(article) => page::Outcome::Read(Article {
            is_hidden: article.is_hidden || is_hidden,
            ..article
        }),
        Err(problem) if problem.guard == Guard::Limit => hopeless(problem.sentence(ui)),
        Err(_) => hopeless(without_text),
    }
}

fn hopeless(because: &str) -> page::Outcome {
    page::Outcome::Hopeless {
        because: because.to_owned(),
    }
}
