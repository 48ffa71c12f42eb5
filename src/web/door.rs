//! Who may come in: by which name we were asked, from which page a form was sent.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, header};
use url::{Host, Url};

use crate::flow::Engine;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// By which name a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// By the public address, or through a server in front of us.
    Public,
    /// By an address of this machine: an operator, or whoever watches for him.
    Near,
    /// By a name that is not ours: somebody else's page may have made it point here (DNS rebinding).
    Unknown,
}

impl Way {
    pub(super) fn is_public(self) -> bool {
        self == Self::Public
    }

    pub(super) fn of(engine: &Engine, request: &Request) -> Self {
        let headers = request.headers();
        let by_uri = request.uri().authority().map(|at| at.as_str().to_owned());
        let by_header = text(headers, header::HOST).map(str::to_owned);
        let Some(host) = by_uri.or(by_header) else {
            return Self::Unknown;
        };
        // A public address without TLS is one of this very machine.
        let public = public_url(engine).filter(|url| url.scheme() == "https");
        if public.is_some_and(|url| is_host_of(url, &host)) {
            return Self::Public;
        }
        let passed_on = ["forwarded", "x-forwarded-for", "x-forwarded-host", "via"];
        match Url::parse(&format!("http://{host}/"))
            .ok()
            .as_ref()
            .and_then(Url::host)
        {
            // A number cannot be made to point elsewhere.
            Some(Host::Ipv4(_) | Host::Ipv6(_) | Host::Domain("localhost")) => {
                if passed_on.iter().any(|name| headers.contains_key(*name)) {
                    Self::Public
                } else {
                    Self::Near
                }
            }
            _ => Self::Unknown,
        }
    }
}

/// The path without what stands before it in the public address; a server in front may take that away.
pub(super) fn path_below(engine: &Engine, path: &str) -> String {
    let base = public_url(engine).map_or("/", Url::path);
    let below = path.strip_prefix(base).or_else(|| path.strip_prefix('/'));
    below.unwrap_or(path).to_owned()
}

/// True unless another site's page made the browser send this form. Our pages send no referrer, so
/// browsers call their origin "null"; what counts is that no other is named, and the link in the form.
pub(super) fn is_own_form(engine: &Engine, headers: &HeaderMap) -> bool {
    let is_own_site =
        text(headers, SEC_FETCH_SITE).is_none_or(|site| matches!(site, "same-origin" | "none"));
    let is_own_origin = text(headers, header::ORIGIN).is_none_or(|origin| {
        origin == "null" || is_origin_of(engine, origin, text(headers, header::HOST))
    });
    is_own_site && is_own_origin
}

fn is_origin_of(engine: &Engine, origin: &str, host: Option<&str>) -> bool {
    let Ok(origin) = Url::parse(origin) else {
        return false;
    };
    let is_public = public_url(engine).is_some_and(|url| url.origin() == origin.origin());
    let is_here = host.is_some_and(|host| is_host_of(&origin, host));
    is_public || is_here
}

fn is_host_of(url: &Url, host: &str) -> bool {
    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
    let usual = match url.scheme() {
        "https" => ":443",
        _ => ":80",
    };
    let name = url.host_str().unwrap_or_default();
    let host = host.trim_end_matches('.');
    host.eq_ignore_ascii_case(&format!("{name}{port}"))
        || (port.is_empty() && host.eq_ignore_ascii_case(&format!("{name}{usual}")))
}

fn public_url(engine: &Engine) -> Option<&Url> {
    engine.settings.web.as_ref()?.public_url.as_ref()
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    // What is no text is no value of ours: it fits nowhere.
    Some(headers.get(name)?.to_str().unwrap_or("?"))
}
