//! The client: an own loop over redirects, each hop guarded, every size and time bounded.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{
    ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH,
};
use tokio::sync::Semaphore;
use url::{Host, Url};

use super::dns::{GuardedResolver, Lookup};
use super::guard::{Guard, Route};
use super::trouble::{classify, clean};
use super::{
    Accept, Body, FetchError, Limits, Phase, Request, Response, Robots, RobotsOutcome, Room, Trail,
    headers,
};
use crate::clock;
use crate::model::Timestamp;
use crate::settings::FetchSettings;

/// Shared by all fetches; cloning is cheap.
#[derive(Clone, Debug)]
pub struct Client {
    pub(super) guard: Arc<Guard>,
    pub(super) lookup: Lookup,
    pub(super) limits: Limits,
    /// Places for large bodies.
    large: Arc<Semaphore>,
    /// For ports of the list.
    pub(super) public: reqwest::Client,
    /// For other ports: its resolver admits only addresses in `allow_private`.
    pub(super) allowed: reqwest::Client,
}

/// The end of a chain of redirects, before its body is read.
struct Landed {
    answer: reqwest::Response,
    url: Url,
    moved_to: Option<Url>,
}

/// A body larger than this may become as large as the limit: few of them are held at a time, since
/// hundreds of fetches are.
const LARGE_BYTES: usize = 1 << 20;
const LARGE_AT_ONCE: usize = 8;

/// What happens to a body beyond its limit.
#[derive(Clone, Copy)]
enum Beyond {
    Refuse,
    Cut,
}

impl Client {
    /// Reads the system's root certificates once; without any, http still works.
    pub fn new(settings: &FetchSettings) -> Result<Self, FetchError> {
        Self::build(settings, Limits::default(), &Lookup::System)
    }

    /// The same with other limits.
    pub fn with_limits(settings: &FetchSettings, limits: Limits) -> Result<Self, FetchError> {
        Self::build(settings, limits, &Lookup::System)
    }

    /// The same with names looked up elsewhere; the guard judges those answers too.
    pub fn with_resolver<F, Fut>(
        settings: &FetchSettings,
        limits: Limits,
        look_up: F,
    ) -> Result<Self, FetchError>
    where
        F: Fn(String) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static,
    {
        Self::build(settings, limits, &Lookup::custom(look_up))
    }

    /// One conditional GET, through at most five redirects.
    pub async fn get(&self, request: &Request<'_>) -> Result<Response, FetchError> {
        let mut trail = self.trail(request.url);
        loop {
            if let Some(response) = self.hop(request, &mut trail).await? {
                return Ok(response);
            }
        }
    }

    /// The beginning of the way to this document.
    pub fn trail(&self, url: &Url) -> Trail {
        Trail::new(url, &self.limits)
    }

    /// Asks this address and cares for nothing but that it was heard: any 2xx. No redirect is followed.
    pub async fn ping(&self, url: &Url) -> Result<(), FetchError> {
        let request = Request {
            url,
            etag: None,
            last_modified: None,
            accept: Accept::Text,
            now: Timestamp(0),
        };
        let answer = in_time(self.limits.total, self.ask(url, &request)).await?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(refusal(status.as_u16(), answer.headers(), Timestamp(0))),
        }
    }

    /// Refuses, without asking anybody, what is refused wherever its name leads.
    pub fn check(&self, url: &Url) -> Result<(), FetchError> {
        let route = self.guard.check(url)?;
        match url.host() {
            Some(Host::Domain(_)) => self.guard.admit_unknown(route),
            _ => Ok(()),
        }
        .map_err(|refused| refused.at(url))
    }

    /// The same with the name looked up: what a source there would be refused for at its reading. A
    /// name that has no address now may have one tomorrow.
    pub async fn check_name(&self, url: &Url) -> Result<(), FetchError> {
        let route = self.guard.check(url)?;
        let Some(Host::Domain(name)) = url.host() else {
            return Ok(());
        };
        let looking = self.lookup.look_up(name.to_owned());
        let admitted = match tokio::time::timeout(self.limits.dns, looking).await {
            Ok(Ok(found)) if !found.is_empty() => self.guard.admit_all(route, &found),
            _ => self.guard.admit_unknown(route),
        };
        admitted.map_err(|refused| refused.at(url))
    }

    /// One request of the way to a document: the document, or `None` after a redirect.
    pub async fn hop(
        &self,
        request: &Request<'_>,
        trail: &mut Trail,
    ) -> Result<Option<Response>, FetchError> {
        let (started, left) = (clock::stopwatch(), trail.time_left);
        let work = async {
            match self.follow(request, trail).await? {
                Some(landed) => self.response(request, landed).await.map(Some),
                None => Ok(None),
            }
        };
        let done = in_time(left, work).await;
        trail.time_left = left.saturating_sub(started.elapsed());
        done
    }

    /// The rules of the host of `url`, as RFC 9309 section 2.3.1 wants them read.
    pub async fn robots(&self, url: &Url, now: Timestamp) -> RobotsOutcome {
        let Ok(at) = url.join("/robots.txt") else {
            return RobotsOutcome::Unreachable(FetchError::Scheme(url.scheme().to_owned()));
        };
        let mut trail = self.trail(&at);
        loop {
            if let Some(outcome) = self.robots_hop(&mut trail, now).await {
                return outcome;
            }
        }
    }

    /// One request of the way to a robots.txt: what it came to, or `None` after a redirect.
    pub async fn robots_hop(&self, trail: &mut Trail, now: Timestamp) -> Option<RobotsOutcome> {
        let at = trail.url().clone();
        let request = Request {
            url: &at,
            etag: None,
            last_modified: None,
            accept: Accept::Text,
            now,
        };
        let (started, left) = (clock::stopwatch(), trail.time_left);
        let work = async {
            let Some(landed) = self.follow(&request, trail).await? else {
                return Ok(None);
            };
            match landed.answer.status().as_u16() {
                204 => Ok(Some(Vec::new())),
                200 => {
                    let read = self.read_body(landed, Robots::BYTES_MAX, Beyond::Cut);
                    read.await.map(|(body, _)| Some(body))
                }
                status => Err(refusal(status, landed.answer.headers(), now)),
            }
        };
        let read = in_time(left, work).await;
        trail.time_left = left.saturating_sub(started.elapsed());
        match read {
            Ok(None) => None,
            Ok(Some(bytes)) => Some(RobotsOutcome::Read(Robots::parse(&bytes))),
            Err(error) => Some(RobotsOutcome::of_error(error)),
        }
    }

    /// Asks for where the trail is; `None` when that was a redirect, and the trail is one hop longer.
    async fn follow(
        &self,
        request: &Request<'_>,
        trail: &mut Trail,
    ) -> Result<Option<Landed>, FetchError> {
        let answer = self.ask(trail.url(), request).await?;
        let status = answer.status().as_u16();
        if matches!(status, 301 | 302 | 303 | 307 | 308) {
            trail.follow(status, answer.headers(), &self.limits)?;
            return Ok(None);
        }
        Ok(Some(Landed {
            answer,
            url: trail.url().clone(),
            moved_to: trail.moved_to().cloned(),
        }))
    }

    /// One hop, up to the end of its headers.
    async fn ask(&self, url: &Url, request: &Request<'_>) -> Result<reqwest::Response, FetchError> {
        let client = match self.guard.check(url)? {
            Route::Public => &self.public,
            Route::Allowed => &self.allowed,
        };
        let asked = client.get(url.clone()).headers(request_headers(request));
        let answer = tokio::time::timeout(self.limits.headers, asked.send())
            .await
            .map_err(|_| FetchError::Timeout(Phase::Headers))?
            .map_err(|error| classify(&error, url))?;
        let lines = answer.headers();
        let bytes: usize = lines
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len())
            .sum();
        if lines.len() > self.limits.header_lines || bytes > self.limits.header_bytes {
            return Err(FetchError::HeadersTooLarge);
        }
        Ok(answer)
    }

    async fn response(
        &self,
        request: &Request<'_>,
        landed: Landed,
    ) -> Result<Response, FetchError> {
        let status = landed.answer.status().as_u16();
        let lines = landed.answer.headers();
        let (etag, last_modified) = headers::validators(lines);
        let mut response = Response {
            status,
            body: Body::NotModified,
            room: Room::default(),
            final_url: landed.url.clone(),
            moved_to: landed.moved_to.clone(),
            content_type: headers::text(lines, CONTENT_TYPE).map(str::to_owned),
            etag,
            last_modified,
            hints: headers::hints(lines, request.now),
            robots_tag: headers::robots_tag(lines),
        };
        if is_challenge(lines) {
            return Err(FetchError::Challenge(status));
        }
        match status {
            304 if is_conditional(request) => Ok(response),
            304 => Err(FetchError::UnaskedNotModified),
            200 => {
                let read = self.read_body(landed, self.limits.body_bytes, Beyond::Refuse);
                let (body, room) = read.await?;
                if body.trim_ascii().is_empty() {
                    return Err(FetchError::EmptyBody);
                }
                response.body = Body::Bytes(body);
                response.room = room;
                Ok(response)
            }
            _ => Err(refusal(status, lines, request.now)),
        }
    }

    async fn read_body(
        &self,
        landed: Landed,
        max: usize,
        beyond: Beyond,
    ) -> Result<(Vec<u8>, Room), FetchError> {
        let Landed {
            mut answer, url, ..
        } = landed;
        // The client takes away the header of an encoding that it undoes; what is left is not undone.
        if let Some(encoding) = answer.headers().get(CONTENT_ENCODING)
            && !encoding.as_bytes().eq_ignore_ascii_case(b"identity")
        {
            let encoding = String::from_utf8_lossy(encoding.as_bytes());
            return Err(FetchError::Encoding(clean(&encoding)));
        }
        let promised = answer.content_length().unwrap_or(0);
        if matches!(beyond, Beyond::Refuse) && promised > max as u64 {
            return Err(FetchError::BodyTooLarge(max));
        }
        let (mut body, mut room) = (Vec::new(), Room::default());
        while let Some(chunk) = answer
            .chunk()
            .await
            .map_err(|error| classify(&error, &url))?
        {
            let left = max - body.len();
            if chunk.len() > left {
                match beyond {
                    Beyond::Refuse => return Err(FetchError::BodyTooLarge(max)),
                    Beyond::Cut => {
                        body.extend_from_slice(&chunk[..left]);
                        break;
                    }
                }
            }
            if body.len() + chunk.len() > LARGE_BYTES && room.0.is_none() {
                room = Room::taken(&self.large).await;
            }
            body.extend_from_slice(&chunk);
        }
        if body.starts_with(GZIP_MAGIC) {
            return Err(FetchError::Encoding("gzip, gzip".to_owned()));
        }
        Ok((body, room))
    }

    fn build(
        settings: &FetchSettings,
        limits: Limits,
        lookup: &Lookup,
    ) -> Result<Self, FetchError> {
        let guard = Arc::new(Guard::new(&settings.allow_private));
        let version = env!("CARGO_PKG_VERSION");
        let agent = format!("escucha/{version} (+{})", settings.contact);
        let agent = HeaderValue::from_str(&agent)
            .map_err(|_| FetchError::Setup("fetch.contact".to_owned()))?;
        let tls = tls()?;
        let client = |route| {
            let resolver = GuardedResolver {
                guard: guard.clone(),
                route,
                lookup: lookup.clone(),
                limit: limits.dns,
            };
            reqwest::Client::builder()
                .user_agent(agent.clone())
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .dns_resolver(resolver)
                .tls_backend_preconfigured(tls.clone())
                .connect_timeout(limits.connect)
                // A connection carries one request. At one request a second and host, reuse saves
                // little, and a server that hangs up just as we ask again would look broken.
                .pool_max_idle_per_host(0)
                .http1_max_headers(limits.header_lines)
                // What browsers overlook must not make us blind.
                .http1_ignore_invalid_headers_in_responses(true)
                .build()
                .map_err(|error| FetchError::Setup(clean(&error.to_string())))
        };
        Ok(Self {
            limits,
            large: Arc::new(Semaphore::new(LARGE_AT_ONCE)),
            public: client(Route::Public)?,
            allowed: client(Route::Allowed)?,
            lookup: lookup.clone(),
            guard,
        })
    }
}

/// Work on one hop takes from the time that is left for all of them.
pub(super) async fn in_time<T>(
    left: Duration,
    work: impl Future<Output = Result<T, FetchError>>,
) -> Result<T, FetchError> {
    tokio::time::timeout(left, work)
        .await
        .unwrap_or(Err(FetchError::Timeout(Phase::Total)))
}

/// Certificates are always verified, against the system's roots. With none installed, every https
/// source fails with a sentence that says so, and http sources go on.
fn tls() -> Result<rustls::ClientConfig, FetchError> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| FetchError::Setup(clean(&error.to_string())))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // HTTP/2 would save connections that we do not keep, and bring limits of its own to watch.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// A stored validator that is no header value is left out: the answer is then a whole document.
fn request_headers(request: &Request<'_>) -> HeaderMap {
    let mut lines = HeaderMap::new();
    lines.insert(ACCEPT, HeaderValue::from_static(request.accept.header()));
    if let Some(etag) = validator(request.etag) {
        lines.insert(IF_NONE_MATCH, etag);
    }
    if let Some(date) = validator(request.last_modified) {
        lines.insert(IF_MODIFIED_SINCE, date);
    }
    lines
}

fn is_conditional(request: &Request<'_>) -> bool {
    validator(request.etag).is_some() || validator(request.last_modified).is_some()
}

fn validator(stored: Option<&str>) -> Option<HeaderValue> {
    HeaderValue::from_bytes(stored?.as_bytes()).ok()
}

/// Cloudflare and AWS say in a header that their page is a riddle and not the document.
fn is_challenge(lines: &HeaderMap) -> bool {
    lines
        .get("cf-mitigated")
        .is_some_and(|value| value == "challenge")
        || lines
            .get("x-amzn-waf-action")
            .is_some_and(|value| value == "challenge" || value == "captcha")
}

/// Why an answer with this status is not the document.
fn refusal(status: u16, lines: &HeaderMap, now: Timestamp) -> FetchError {
    if is_challenge(lines) {
        return FetchError::Challenge(status);
    }
    let retry_after_ms = headers::retry_after_ms(lines, now);
    match status {
        401 => FetchError::Unauthorized,
        403 => FetchError::Forbidden,
        404 => FetchError::NotFound,
        410 => FetchError::Gone,
        429 => FetchError::TooMany { retry_after_ms },
        500..=599 => FetchError::Server {
            status,
            retry_after_ms,
        },
        _ => FetchError::Unexpected(status),
    }
}

/// Text never begins so; a body that does was compressed twice, in two header lines or in a file.
const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
