//! One visit to a site: each hop of it asks for leave (robots.txt) and waits for its host's turn.
//!
//! A visit begins with the host that was claimed together with its job and takes further hosts, where
//! redirects lead to them, by the same rows of the database: a fleet keeps one pace a host. Between two
//! requests to one host it rests as long as the pace and the host's `Crawl-delay` want. Absent: what an
//! answer means (`poller`), and when to come again (`flow`).

use std::collections::HashMap;
use std::time::Duration;

use url::{Origin, Url};

use super::Service;
use crate::clock;
use crate::fetch::{FetchError, Request, Response, Retry, Robots, RobotsOutcome};
use crate::flow::poll::{self, Cause, LEASE_SECONDS, Rest, Trouble};
use crate::flow::{look, page};
use crate::model::{Timestamp, Ui, pace_key};
use crate::store::{HostRobots, StoreError};

/// A forbidden source is looked at again once a day: robots.txt may change.
const ROBOTS_RECHECK_MS: i64 = 24 * 3_600_000;
/// How long a visit waits for a host that others are asking. After that it is put off.
const TURN_MS_MAX: i64 = 60_000;
/// While waiting for a host, it is looked at so often.
const TURN_LOOK_MS: i64 = 250;
/// A lease with less than this is renewed before the next request: one fetch and its reading.
const LEASE_LEFT_SECONDS: i64 = 60;

pub(super) struct Visit<'a> {
    service: &'a Service,
    lease: Lease<'a>,
    lease_until: Timestamp,
    ignores_robots: bool,
    /// Failures in a row, should this one fail too.
    n_failures: u32,
    /// The last answer was that there is nothing.
    is_gone: bool,
    hosts: Vec<Held>,
    rules: HashMap<String, HostRules>,
}

/// Whose lease is renewed when a visit takes its time.
#[derive(Clone, Copy)]
pub(super) enum Lease<'a> {
    Source(&'a poll::Job),
    Page(&'a page::Job),
    Look(&'a look::Job),
}

/// Why a visit brings no document.
pub(super) enum Stop {
    Trouble(Trouble),
    PutOff(Timestamp),
}

/// A host that this visit holds.
struct Held {
    key: String,
    /// When it was last asked in this visit.
    asked_at: Option<Timestamp>,
    /// What it wants between two requests.
    delay_ms: i64,
    /// What it wants after the last one.
    rest_ms: i64,
}

enum HostRules {
    Read(Robots),
    /// RFC 9309, section 2.3.1.4: an unreachable robots.txt forbids everything for now.
    Unreachable(FetchError),
}

impl<'a> Visit<'a> {
    pub(super) fn to_source(service: &'a Service, job: &'a poll::Job) -> Self {
        let (claim, lease) = (&job.claim, Lease::Source(job));
        let ignores_robots = job.source.ignore_robots.is_some();
        let n_failures = claim.n_failures + 1;
        Self::new(
            service,
            lease,
            &claim.host,
            claim.lease.until,
            ignores_robots,
            n_failures,
        )
    }

    pub(super) fn to_page(service: &'a Service, job: &'a page::Job) -> Self {
        let (claim, lease) = (&job.claim, Lease::Page(job));
        let n_failures = claim.n_failures + 1;
        Self::new(
            service,
            lease,
            &claim.host,
            claim.lease.until,
            false,
            n_failures,
        )
    }

    pub(super) fn to_look(service: &'a Service, job: &'a look::Job) -> Self {
        let claim = &job.claim;
        let until = claim.lease.until;
        Self::new(service, Lease::Look(job), &claim.host, until, false, 1)
    }

    fn new(
        service: &'a Service,
        lease: Lease<'a>,
        claimed: &str,
        lease_until: Timestamp,
        ignores_robots: bool,
        n_failures: u32,
    ) -> Self {
        Self {
            service,
            lease,
            lease_until,
            ignores_robots,
            n_failures,
            is_gone: false,
            hosts: vec![Held::new(claimed.to_owned())],
            rules: HashMap::new(),
        }
    }

    /// The document behind this address: another source with the same address may just have had it.
    pub(super) async fn get(&mut self, request: &Request<'_>) -> Result<Response, Stop> {
        let Lease::Source(job) = self.lease else {
            return self.fetch(request).await;
        };
        if let Some(shared) = self.service.shared.take(job, request) {
            return shared;
        }
        let got = self.fetch(request).await;
        self.service.shared.keep(job, request, &got);
        got
    }

    /// The document, through at most five redirects.
    async fn fetch(&mut self, request: &Request<'_>) -> Result<Response, Stop> {
        let client = &self.service.client;
        let mut trail = client.trail(request.url);
        loop {
            let url = trail.url().clone();
            client
                .check(&url)
                .map_err(|error| self.failed(&error, &url))?;
            self.take_turn(&url).await?;
            self.ask_leave(&url).await?;
            self.rest(&url).await?;
            match client.hop(request, &mut trail).await {
                Ok(Some(response)) => {
                    let spent = response.hints.retry_after_ms;
                    self.asked(&url, spent);
                    return Ok(response);
                }
                Ok(None) => self.asked(&url, None),
                Err(error) => {
                    self.asked(&url, None);
                    self.is_gone = matches!(error, FetchError::NotFound | FetchError::Gone);
                    return Err(self.failed(&error, &url));
                }
            }
        }
    }

    /// True when the server said that there is nothing at the address (404, 410).
    pub(super) fn found_nothing(&self) -> bool {
        self.is_gone
    }

    /// How long each host that was asked is to be left alone now.
    pub(super) fn rests(&self) -> Vec<Rest> {
        let rest = |held: &Held| Rest {
            host: held.key.clone(),
            ms: held.rest_ms.max(held.delay_ms),
        };
        self.hosts.iter().map(rest).collect()
    }

    /// Holds the host of this address, waiting for it while others ask it.
    async fn take_turn(&mut self, url: &Url) -> Result<(), Stop> {
        let key = key_of(url);
        if self.hosts.iter().any(|held| held.key == key) {
            return Ok(());
        }
        let began = self.now().await?;
        loop {
            let now = self.now().await?;
            let until = now.plus_seconds(LEASE_SECONDS);
            let taken = self.service.store.take_host(&key, now, until).await;
            let Some(free_at) = taken.map_err(|error| unstored(&error, began))? else {
                self.hosts.push(Held::new(key));
                return Ok(());
            };
            let waited_ms = now.ms_since(began);
            if waited_ms >= TURN_MS_MAX || free_at.ms_since(now) > LEASE_SECONDS * 1_000 {
                return Err(Stop::PutOff(free_at));
            }
            let wait_ms = free_at.ms_since(now).clamp(1, TURN_LOOK_MS);
            self.wait(wait_ms).await?;
        }
    }

    /// Looks whether the robots.txt of this address allows it, and asks for it when no copy is fresh.
    async fn ask_leave(&mut self, url: &Url) -> Result<(), Stop> {
        if self.ignores_robots {
            return Ok(());
        }
        let origin = origin_of(url);
        if !self.rules.contains_key(&origin) {
            let rules = self.host_rules(url, &origin).await?;
            self.rules.insert(origin.clone(), rules);
        }
        let ui = self.service.engine().settings.ui;
        match self.rules.get(&origin) {
            Some(HostRules::Read(robots)) => {
                let delay_ms = robots.delay_ms().unwrap_or(0);
                let refusal = (!robots.allows(&path_and_query(url))).then(|| forbidden(url, ui));
                if let Some(held) = self.held(url) {
                    held.delay_ms = held.delay_ms.max(delay_ms);
                }
                refusal.map_or(Ok(()), |trouble| Err(Stop::Trouble(trouble)))
            }
            Some(HostRules::Unreachable(error)) => {
                let error = error.clone();
                Err(self.unreachable(&error, url, ui))
            }
            None => Ok(()),
        }
    }

    async fn host_rules(&mut self, url: &Url, origin: &str) -> Result<HostRules, Stop> {
        let now = clock::now();
        let store = &self.service.store;
        let kept = store.robots(origin).await;
        let kept = kept.map_err(|error| unstored(&error, now))?;
        if let Some(kept) = kept.filter(|kept| !poll::robots_are_stale(kept, now)) {
            return Ok(HostRules::Read(Robots::of_text(&kept.text)));
        }
        let robots = match self.robots(url, now).await? {
            RobotsOutcome::Read(robots) => robots,
            RobotsOutcome::Absent => Robots::default(),
            RobotsOutcome::Unreachable(error) => return Ok(HostRules::Unreachable(error)),
        };
        let fresh = HostRobots {
            text: robots.to_text(),
            fetched_at: now,
        };
        let kept = store.keep_robots(origin, &fresh).await;
        kept.map_err(|error| unstored(&error, now))?;
        Ok(HostRules::Read(robots))
    }

    /// The way to a robots.txt, which needs no leave but takes its turn at each host like any other.
    async fn robots(&mut self, url: &Url, now: Timestamp) -> Result<RobotsOutcome, Stop> {
        let Ok(at) = url.join("/robots.txt") else {
            return Ok(RobotsOutcome::Absent);
        };
        let mut trail = self.service.client.trail(&at);
        loop {
            let url = trail.url().clone();
            if let Err(error) = self.service.client.check(&url) {
                return Ok(RobotsOutcome::Unreachable(error));
            }
            self.take_turn(&url).await?;
            self.rest(&url).await?;
            let outcome = self.service.client.robots_hop(&mut trail, now).await;
            self.asked(&url, None);
            if let Some(RobotsOutcome::Unreachable(error)) = &outcome {
                let error = error.clone();
                self.tire(&error, &url);
            }
            if let Some(outcome) = outcome {
                return Ok(outcome);
            }
        }
    }

    /// Waits until the host of this address may be asked again.
    async fn rest(&mut self, url: &Url) -> Result<(), Stop> {
        let pace_ms = self.service.engine().settings.fetch.pace_ms;
        let Some(held) = self.held(url) else {
            return Ok(());
        };
        let Some(asked_at) = held.asked_at else {
            return self.wait(0).await;
        };
        let next_at = asked_at.plus_ms(held.delay_ms.max(pace_ms));
        let wait_ms = next_at.ms_since(clock::now()).max(0);
        self.wait(wait_ms).await
    }

    /// Sleeps, after making sure that the lease outlasts it and the request that follows.
    async fn wait(&mut self, ms: i64) -> Result<(), Stop> {
        let now = self.now().await?;
        let awake_at = now.plus_ms(ms);
        if awake_at.plus_seconds(LEASE_LEFT_SECONDS) > self.lease_until {
            let until = awake_at.plus_seconds(LEASE_SECONDS);
            let store = &self.service.store;
            let renewed = match self.lease {
                Lease::Source(job) => store.renew_source(&job.claim, until, now).await,
                Lease::Page(job) => store.renew_page(&job.claim, until, now).await,
                Lease::Look(job) => store.renew_look(&job.claim, until, now).await,
            };
            if !renewed.map_err(|error| unstored(&error, now))? {
                // Another worker has it now; nothing of this visit will be stored.
                return Err(Stop::PutOff(now));
            }
            let keys: Vec<String> = self.hosts.iter().map(|held| held.key.clone()).collect();
            let held = store.hold_hosts(&keys, until).await;
            held.map_err(|error| unstored(&error, now))?;
            self.lease_until = until;
        }
        if ms > 0 {
            tokio::time::sleep(Duration::from_millis(ms as u64)).await;
        }
        Ok(())
    }

    async fn now(&self) -> Result<Timestamp, Stop> {
        let now = clock::shared_now(&self.service.store).await;
        now.map_err(|error| unstored(&error, clock::now()))
    }

    fn held(&mut self, url: &Url) -> Option<&mut Held> {
        let key = key_of(url);
        self.hosts.iter_mut().find(|held| held.key == key)
    }

    fn asked(&mut self, url: &Url, rest_ms: Option<i64>) {
        if let Some(held) = self.held(url) {
            held.asked_at = Some(clock::now());
            held.rest_ms = held.rest_ms.max(rest_ms.unwrap_or(0));
        }
    }

    /// What a server says of our haste is for its host, whoever sent us there.
    fn tire(&mut self, error: &FetchError, url: &Url) {
        if let (true, Retry::After(ms)) = (error.pauses_host(), error.retry())
            && let Some(held) = self.held(url)
        {
            held.rest_ms = held.rest_ms.max(ms);
        }
    }

    fn failed(&mut self, error: &FetchError, url: &Url) -> Stop {
        self.tire(error, url);
        let ui = self.service.engine().settings.ui;
        Stop::Trouble(self.trouble(error, error.sentence(ui)))
    }

    fn unreachable(&mut self, error: &FetchError, url: &Url, ui: Ui) -> Stop {
        // Where no request may go, there is no robots.txt either: the address is what is wrong.
        if error.is_lasting() {
            return self.failed(error, url);
        }
        let said = match ui {
            Ui::Es => format!("no se pudo leer el robots.txt: {}", error.sentence(ui)),
            Ui::En => format!("robots.txt could not be read: {}", error.sentence(ui)),
        };
        Stop::Trouble(self.trouble(error, said))
    }

    fn trouble(&self, error: &FetchError, sentence: String) -> Trouble {
        Trouble {
            sentence,
            retry_after_ms: match error.retry_after_failures(self.n_failures) {
                Retry::Later => None,
                Retry::After(ms) => Some(ms),
            },
            cause: if error.is_lasting() {
                Cause::Lasting
            } else {
                Cause::Passing
            },
        }
    }
}

impl Held {
    fn new(key: String) -> Self {
        Self {
            key,
            asked_at: None,
            delay_ms: 0,
            rest_ms: 0,
        }
    }
}

/// The database gave no answer: the visit ends, and what it was for stays due.
fn unstored(error: &StoreError, now: Timestamp) -> Stop {
    tracing::warn!("a visit ends early: {error}");
    Stop::PutOff(now)
}

fn forbidden(url: &Url, ui: Ui) -> Trouble {
    let (host, path) = (url.host_str().unwrap_or_default(), url.path());
    Trouble {
        sentence: match ui {
            Ui::Es => format!(
                "el robots.txt de {host} prohíbe leer {path}; pida permiso al sitio, o escriba \
                 ignore_robots = \"por qué\" en esta fuente si ya lo tiene"
            ),
            Ui::En => format!(
                "the robots.txt of {host} forbids reading {path}; ask the site for leave, or write \
                 ignore_robots = \"why\" in this source if you have it"
            ),
        },
        retry_after_ms: Some(ROBOTS_RECHECK_MS),
        cause: Cause::Robots,
    }
}

fn key_of(url: &Url) -> String {
    pace_key(url.host_str().unwrap_or_default())
}

/// Scheme, host and port: what one robots.txt is for.
fn origin_of(url: &Url) -> String {
    match url.origin() {
        origin @ Origin::Tuple(..) => origin.ascii_serialization(),
        Origin::Opaque(_) => String::new(),
    }
}

fn path_and_query(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}
