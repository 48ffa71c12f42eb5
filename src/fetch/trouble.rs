//! Finds out from the HTTP client's nested errors what really happened.

use std::error::Error;
use std::io;

use url::Url;

use super::dns::DnsError;
use super::guard::host_text;
use super::{FetchError, Phase};

/// Longer details are cut: certificates and protocol errors can quote the other side.
const DETAIL_CHARS_MAX: usize = 200;

/// An error of the connection, the headers or the body of a request to `url`.
pub(super) fn classify(error: &reqwest::Error, url: &Url) -> FetchError {
    let host = host_text(url);
    let causes = causes(error);
    if let Some(dns) = causes
        .iter()
        .find_map(|cause| cause.downcast_ref::<DnsError>())
    {
        return match dns {
            DnsError::Refused(refused) => refused.at(url),
            DnsError::Slow => FetchError::Timeout(Phase::Dns),
            DnsError::Failed(_) | DnsError::Empty => FetchError::Dns(host),
        };
    }
    if let Some(tls) = causes
        .iter()
        .find_map(|cause| cause.downcast_ref::<rustls::Error>())
    {
        let detail = clean(&tls.to_string());
        return FetchError::Tls { host, detail };
    }
    if error.is_connect() && error.is_timeout() {
        return FetchError::Timeout(Phase::Connect);
    }
    let detail = causes
        .last()
        .map(|cause| clean(&cause.to_string()))
        .unwrap_or_default();
    if error.is_connect() {
        return FetchError::Connect { host, detail };
    }
    // hyper's own type for this cannot be named here; its wording is guarded by a test.
    if causes
        .iter()
        .any(|cause| cause.to_string().contains("message head is too large"))
    {
        return FetchError::HeadersTooLarge;
    }
    FetchError::Broken(detail)
}

/// Text from outside, fit for one line of a log.
pub(super) fn clean(text: &str) -> String {
    text.chars()
        .take(DETAIL_CHARS_MAX)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// The error and all beneath it. An `io::Error` hides the error it was made of from `source()`.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let mut causes = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        causes.push(cause);
        if let Some(inner) = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            next = Some(inner);
        } else {
            next = cause.source();
        }
    }
    causes
}
