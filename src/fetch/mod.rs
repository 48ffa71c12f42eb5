//! One polite, guarded, conditional GET, whose outcome is a value; and robots.txt.
//!
//! **Invariant:** no address is dialled that `guard` has not admitted, at each hop, whatever the
//! environment says. Absent here: when to ask (`model::next_check`), how often a host may be asked
//! (`daemon`), what the bytes mean (`extract`), cookies, Referer, proxies, and the clock.

mod client;
mod dial;
mod dns;
mod door;
mod error;
mod guard;
mod headers;
mod post;
mod robots;
mod sentence;
mod trail;
mod trouble;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use crate::model::{Hints, Timestamp};

pub use client::Client;
pub use dial::DialError;
pub(crate) use dns::Lookup;
pub use door::door;
pub use error::{FetchError, Phase, Retry};
pub use post::Posted;
pub use robots::{Robots, RobotsOutcome};
pub use trail::Trail;

/// What is asked for. Both validators are sent back byte for byte as the server gave them.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub url: &'a Url,
    pub etag: Option<&'a str>,
    pub last_modified: Option<&'a str>,
    pub accept: Accept,
    /// Measures date-valued headers when the server sends no `Date` of its own.
    pub now: Timestamp,
}

/// What kind of document we hope for; a wish, not a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accept {
    Feed,
    Page,
    Json,
    Text,
}

/// A good answer: the document, or word that it is unchanged.
#[derive(Clone, Debug)]
pub struct Response {
    /// 200 or 304.
    pub status: u16,
    pub body: Body,
    /// To be kept as long as the body is.
    pub room: Room,
    /// Where the answer came from; relative links resolve against it.
    pub final_url: Url,
    /// Where the permanent redirects at the head of the chain led: perhaps the source's new URL.
    pub moved_to: Option<Url>,
    pub content_type: Option<String>,
    /// To be sent back next time; `None` also when the server forbids keeping it.
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub hints: Hints,
    /// `X-Robots-Tag`, cleaned.
    pub robots_tag: Option<String>,
}

/// The place that a large body takes among the few that are held at a time.
#[derive(Clone, Debug, Default)]
pub struct Room(Option<Arc<OwnedSemaphorePermit>>);

impl Room {
    /// Waits for a place.
    async fn taken(places: &Arc<Semaphore>) -> Self {
        let place = Arc::clone(places).acquire_owned().await;
        // The places are never closed.
        Self(place.ok().map(Arc::new))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// 304: nothing new since the validators that were sent.
    NotModified,
    /// Decompressed, never empty, at most [`Limits::body_bytes`].
    Bytes(Vec<u8>),
}

/// The bounds of one fetch. The default is the table of limits in the design.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// After decompression.
    pub body_bytes: usize,
    /// Names and values of the answer's headers together.
    pub header_bytes: usize,
    pub header_lines: usize,
    pub redirects: usize,
    /// One look-up; below `connect`, so that its own error is seen.
    pub dns: Duration,
    /// Look-up, TCP and TLS together.
    pub connect: Duration,
    /// From the start of a hop to the end of its headers.
    pub headers: Duration,
    /// All hops and the body.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 24 << 20,
            header_bytes: 64 << 10,
            header_lines: 100,
            redirects: 5,
            dns: Duration::from_secs(4),
            connect: Duration::from_secs(5),
            headers: Duration::from_secs(10),
            total: Duration::from_secs(30),
        }
    }
}

impl Accept {
    fn header(self) -> &'static str {
        match self {
            Self::Feed => {
                "application/atom+xml, application/rss+xml, application/feed+json, \
                 application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
            }
            Self::Page => "text/html, application/xhtml+xml, */*;q=0.5",
            Self::Json => "application/json, */*;q=0.5",
            Self::Text => "text/plain, */*;q=0.5",
        }
    }
}
