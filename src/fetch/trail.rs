//! The way of one document through its redirects, one hop at a time.
//!
//! Between two hops whoever walks it may ask for leave (`robots.txt`) and wait for the next host's
//! turn. Absent: the requests themselves ([`super::Client`]).

use std::time::Duration;

use reqwest::header::{HeaderMap, LOCATION};
use url::Url;

use super::{FetchError, Limits};

/// Where we are, and where we have been.
#[derive(Clone, Debug)]
pub struct Trail {
    url: Url,
    seen: Vec<Url>,
    moved_to: Option<Url>,
    is_permanent: bool,
    /// What the hops have left of the time for all of them; waiting between them does not count.
    pub(super) time_left: Duration,
}

impl Trail {
    pub fn new(start: &Url, limits: &Limits) -> Self {
        let mut url = start.clone();
        url.set_fragment(None);
        Self {
            seen: vec![url.clone()],
            url,
            moved_to: None,
            is_permanent: true,
            time_left: limits.total,
        }
    }

    /// What is asked next.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Where the permanent redirects at the head of the chain led.
    pub(super) fn moved_to(&self) -> Option<&Url> {
        self.moved_to.as_ref()
    }

    /// Goes where a redirect points to. The next hop is checked like the first, so a scheme or host
    /// that we do not reach is refused there.
    pub(super) fn follow(
        &mut self,
        status: u16,
        lines: &HeaderMap,
        limits: &Limits,
    ) -> Result<(), FetchError> {
        let next = target(&self.url, status, lines)?;
        if self.seen.contains(&next) {
            return Err(FetchError::RedirectLoop);
        }
        if self.seen.len() > limits.redirects {
            return Err(FetchError::TooManyRedirects);
        }
        self.is_permanent &= matches!(status, 301 | 308);
        if self.is_permanent {
            self.moved_to = Some(next.clone());
        }
        self.seen.push(next.clone());
        self.url = next;
        Ok(())
    }
}

fn target(from: &Url, status: u16, lines: &HeaderMap) -> Result<Url, FetchError> {
    let refused = || FetchError::BadRedirect(status);
    let location = lines.get(LOCATION).ok_or_else(refused)?.as_bytes();
    let location = match std::str::from_utf8(location) {
        Ok(text) => text.to_owned(),
        // In an older encoding: the server knows its own bytes again.
        Err(_) => percent_encode(location),
    };
    let mut next = from.join(&location).map_err(|_| refused())?;
    next.set_fragment(None);
    if from.scheme() == "https" && next.scheme() == "http" {
        return Err(FetchError::Downgrade);
    }
    Ok(next)
}

fn percent_encode(bytes: &[u8]) -> String {
    let one = |byte: &u8| match *byte {
        byte if byte.is_ascii() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    bytes.iter().map(one).collect()
}
