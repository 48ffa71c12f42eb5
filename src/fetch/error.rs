//! All that can go wrong with one fetch, and when it is worth trying again.

use crate::model::Ui;

use super::sentence;

/// Why there is no document. Polling goes on whatever it says; it only becomes rarer.
///
/// Nothing of a URL but its host is kept: the rest may hold a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    // What we refuse to ask for.
    #[error("only http and https are read, not {0:?}")]
    Scheme(String),
    #[error("the URL is longer than 8 KiB")]
    UrlTooLong,
    #[error("the URL holds a user name or password")]
    Userinfo,
    #[error("port {0} is not 80, 443, 8080 or 8443")]
    Port(u16),
    #[error("the address of {0} is not public")]
    AddressNotPublic(String),

    // Redirects.
    #[error("status {0} without a usable Location")]
    BadRedirect(u16),
    #[error("more than 5 redirects")]
    TooManyRedirects,
    #[error("redirected in a circle")]
    RedirectLoop,
    #[error("redirected from https to http")]
    Downgrade,

    // The network and the protocol.
    #[error("the name {0} could not be resolved")]
    Dns(String),
    #[error("could not connect to {host}: {detail}")]
    Connect { host: String, detail: String },
    #[error("no safe connection to {host}: {detail}")]
    Tls { host: String, detail: String },
    #[error("no answer in time ({0:?})")]
    Timeout(Phase),
    #[error("the answer broke off or is not HTTP: {0}")]
    Broken(String),
    #[error("the headers exceed their limit")]
    HeadersTooLarge,
    #[error("the body exceeds {0} bytes")]
    BodyTooLarge(usize),
    #[error("compressed in a way that was not asked for: {0:?}")]
    Encoding(String),
    #[error("the body is empty")]
    EmptyBody,

    // What the server said.
    #[error("status 304 although nothing was known before")]
    UnaskedNotModified,
    #[error("status 401")]
    Unauthorized,
    #[error("status 403")]
    Forbidden,
    #[error("status 404")]
    NotFound,
    #[error("status 410")]
    Gone,
    #[error("status 429")]
    TooMany { retry_after_ms: Option<i64> },
    #[error("status {status}")]
    Server {
        status: u16,
        retry_after_ms: Option<i64>,
    },
    #[error("status {0}: a page for proving oneself human")]
    Challenge(u16),
    #[error("a page for logging in")]
    Login,
    #[error("unexpected status {0}")]
    Unexpected(u16),

    // Ourselves.
    #[error("the HTTP client could not be made: {0}")]
    Setup(String),
}

/// Which time limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Dns,
    Connect,
    Headers,
    Total,
}

/// When to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// With the ordinary back-off.
    Later,
    /// Not before so many milliseconds, at most a day.
    After(i64),
}

const HOUR_MS: i64 = 3_600_000;
/// The longest that a server can silence a source for.
pub(super) const WAIT_MS_MAX: i64 = 24 * HOUR_MS;
/// After 429 without a word on how long.
const TOO_MANY_MS: i64 = HOUR_MS;
/// After the second 403.
const FORBIDDEN_MS: i64 = 4 * HOUR_MS;
/// A challenge is not solved by asking again soon.
const CHALLENGE_MS: i64 = 4 * HOUR_MS;

impl FetchError {
    pub fn retry(&self) -> Retry {
        match self {
            Self::Scheme(_)
            | Self::UrlTooLong
            | Self::Userinfo
            | Self::Port(_)
            | Self::AddressNotPublic(_)
            | Self::BadRedirect(_)
            | Self::TooManyRedirects
            | Self::RedirectLoop
            | Self::Downgrade
            | Self::Dns(_)
            | Self::Connect { .. }
            | Self::Tls { .. }
            | Self::Timeout(_)
            | Self::Broken(_)
            | Self::HeadersTooLarge
            | Self::BodyTooLarge(_)
            | Self::Encoding(_)
            | Self::EmptyBody
            | Self::UnaskedNotModified
            | Self::Unauthorized
            | Self::Forbidden
            | Self::NotFound
            | Self::Login
            | Self::Unexpected(_)
            | Self::Setup(_) => Retry::Later,
            Self::Gone => Retry::After(WAIT_MS_MAX),
            Self::Challenge(_) => Retry::After(CHALLENGE_MS),
            Self::TooMany { retry_after_ms } => Retry::After(retry_after_ms.unwrap_or(TOO_MANY_MS)),
            Self::Server { retry_after_ms, .. } => {
                retry_after_ms.map_or(Retry::Later, Retry::After)
            }
        }
    }

    /// The same after so many failures in a row, this one among them: who is forbidden twice to read
    /// does not come back soon (rule 22).
    pub fn retry_after_failures(&self, n_failures: u32) -> Retry {
        match self {
            Self::Forbidden if n_failures >= 2 => Retry::After(FORBIDDEN_MS),
            _ => self.retry(),
        }
    }

    /// What the server asked for in `Retry-After` or `X-RateLimit-Reset`, at most a day.
    pub fn retry_after_ms(&self) -> Option<i64> {
        match self {
            Self::TooMany { retry_after_ms } | Self::Server { retry_after_ms, .. } => {
                *retry_after_ms
            }
            _ => None,
        }
    }

    /// The server is tired of us, not of this URL: the whole host is to be left in peace.
    pub fn pauses_host(&self) -> bool {
        matches!(self, Self::TooMany { .. })
    }

    /// It will not mend by itself: the operator is told at once, not after some failures.
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::Scheme(_)
            | Self::UrlTooLong
            | Self::Userinfo
            | Self::Port(_)
            | Self::AddressNotPublic(_)
            | Self::BadRedirect(_)
            | Self::Downgrade
            | Self::Unauthorized
            | Self::Gone => true,
            Self::TooManyRedirects
            | Self::RedirectLoop
            | Self::Dns(_)
            | Self::Connect { .. }
            | Self::Tls { .. }
            | Self::Timeout(_)
            | Self::Broken(_)
            | Self::HeadersTooLarge
            | Self::BodyTooLarge(_)
            | Self::Encoding(_)
            | Self::EmptyBody
            | Self::UnaskedNotModified
            | Self::Forbidden
            | Self::NotFound
            | Self::Challenge(_)
            | Self::TooMany { .. }
            | Self::Server { .. }
            | Self::Login
            | Self::Unexpected(_)
            | Self::Setup(_) => false,
        }
    }

    /// One sentence for the operator: what happened and what to do.
    pub fn sentence(&self, ui: Ui) -> String {
        sentence::of(self, ui)
    }

    /// A short, stable name for logs and columns.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Scheme(_) => "scheme",
            Self::UrlTooLong => "url-too-long",
            Self::Userinfo => "userinfo",
            Self::Port(_) => "port",
            Self::AddressNotPublic(_) => "address-not-public",
            Self::BadRedirect(_) => "bad-redirect",
            Self::TooManyRedirects => "too-many-redirects",
            Self::RedirectLoop => "redirect-loop",
            Self::Downgrade => "downgrade",
            Self::Dns(_) => "dns",
            Self::Connect { .. } => "connect",
            Self::Tls { .. } => "tls",
            Self::Timeout(Phase::Dns) => "dns-timeout",
            Self::Timeout(Phase::Connect) => "connect-timeout",
            Self::Timeout(Phase::Headers) => "headers-timeout",
            Self::Timeout(Phase::Total) => "timeout",
            Self::Broken(_) => "broken",
            Self::HeadersTooLarge => "headers-too-large",
            Self::BodyTooLarge(_) => "body-too-large",
            Self::Encoding(_) => "encoding",
            Self::EmptyBody => "empty-body",
            Self::UnaskedNotModified => "unasked-304",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::Gone => "gone",
            Self::TooMany { .. } => "too-many-requests",
            Self::Server { .. } => "server-error",
            Self::Challenge(_) => "challenge",
            Self::Login => "login",
            Self::Unexpected(_) => "unexpected-status",
            Self::Setup(_) => "setup",
        }
    }
}

/// One of each, for tests that must hold for all.
#[cfg(test)]
pub(super) fn samples() -> Vec<FetchError> {
    use FetchError as E;
    let host = || "ejemplo.test".to_owned();
    let detail = || "detalle".to_owned();
    vec![
        E::Scheme("ftp".into()),
        E::UrlTooLong,
        E::Userinfo,
        E::Port(22),
        E::AddressNotPublic(host()),
        E::BadRedirect(302),
        E::TooManyRedirects,
        E::RedirectLoop,
        E::Downgrade,
        E::Dns(host()),
        E::Connect {
            host: host(),
            detail: detail(),
        },
        E::Tls {
            host: host(),
            detail: detail(),
        },
        E::Timeout(Phase::Dns),
        E::Timeout(Phase::Connect),
        E::Timeout(Phase::Total),
        E::Broken(detail()),
        E::HeadersTooLarge,
        E::BodyTooLarge(24 << 20),
        E::Encoding("zstd".into()),
        E::EmptyBody,
        E::UnaskedNotModified,
        E::Unauthorized,
        E::Forbidden,
        E::NotFound,
        E::Gone,
        E::TooMany {
            retry_after_ms: None,
        },
        E::Server {
            status: 503,
            retry_after_ms: Some(1_000),
        },
        E::Challenge(403),
        E::Login,
        E::Unexpected(418),
        E::Setup(detail()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(error: &FetchError, expected: Retry) {
        assert_eq!(error.retry(), expected, "{error}");
    }

    #[test]
    fn rule_22_waits() {
        check(
            &FetchError::TooMany {
                retry_after_ms: None,
            },
            Retry::After(HOUR_MS),
        );
        check(
            &FetchError::TooMany {
                retry_after_ms: Some(5_000),
            },
            Retry::After(5_000),
        );
        check(&FetchError::Gone, Retry::After(24 * HOUR_MS));
        check(&FetchError::Challenge(403), Retry::After(4 * HOUR_MS));
        check(
            &FetchError::Server {
                status: 500,
                retry_after_ms: None,
            },
            Retry::Later,
        );
        check(
            &FetchError::Server {
                status: 503,
                retry_after_ms: Some(9),
            },
            Retry::After(9),
        );
        let after = |n| FetchError::Forbidden.retry_after_failures(n);
        assert_eq!(
            (after(1), after(2)),
            (Retry::Later, Retry::After(4 * HOUR_MS))
        );
        check(&FetchError::NotFound, Retry::Later);
    }

    #[test]
    fn codes_are_distinct_and_fit_for_a_column() {
        let mut seen = std::collections::HashSet::new();
        for error in samples() {
            let code = error.code();
            assert!(
                code.bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            );
            assert!(seen.insert(code), "{code}");
        }
    }
}
