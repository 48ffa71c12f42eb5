//! What the headers of an answer ask of us: when to come back, and what to send along next time.
//!
//! Pure: dates are measured against the server's own `Date`, else against the given `now`.

use jiff::civil;
use jiff::fmt::rfc2822;
use reqwest::header::{
    AGE, CACHE_CONTROL, DATE, ETAG, EXPIRES, HeaderMap, HeaderName, LAST_MODIFIED, RETRY_AFTER,
};

use super::error::WAIT_MS_MAX;
use super::trouble::clean;
use crate::model::{Hints, Timestamp};

/// A longer validator would make our own request too large for many servers; none is then kept.
const VALIDATOR_BYTES_MAX: usize = 4 << 10;

/// From here on a number is an instant in seconds since 1970, not a number of seconds from now.
const EPOCH_SECONDS_MIN: f64 = 1e9;

/// Cache hints of a good answer, and a spent rate limit.
pub(super) fn hints(headers: &HeaderMap, now: Timestamp) -> Hints {
    let now = server_now(headers, now);
    Hints {
        retry_after_ms: rate_limit_ms(headers, now),
        fresh_for_ms: fresh_for_ms(headers, now),
    }
}

/// How long a refusal asks us to stay away, 0 to a day; negative and garbage values are no request.
pub(super) fn retry_after_ms(headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    let now = server_now(headers, now);
    let asked = text(headers, RETRY_AFTER).and_then(|value| match seconds(value) {
        Some(ms) => Some(ms),
        None => until_ms(value, now),
    });
    asked.max(rate_limit_ms(headers, now))
}

/// `ETag` and `Last-Modified` exactly as given, unless the server forbids keeping anything.
pub(super) fn validators(headers: &HeaderMap) -> (Option<String>, Option<String>) {
    if text(headers, EXPIRES) == Some("0") || directives(headers).any(|d| d == "no-store") {
        return (None, None);
    }
    let kept = |name| {
        text(headers, name)
            .filter(|value| !value.is_empty() && value.len() <= VALIDATOR_BYTES_MAX)
            .map(str::to_owned)
    };
    (kept(ETAG), kept(LAST_MODIFIED))
}

/// What `X-Robots-Tag` says (`noindex`, `noai`): every line of it, at most 200 characters.
pub(super) fn robots_tag(headers: &HeaderMap) -> Option<String> {
    let lines: Vec<String> = headers
        .get_all("x-robots-tag")
        .iter()
        .map(|line| clean(&String::from_utf8_lossy(line.as_bytes())))
        .collect();
    Some(lines.join(", ").chars().take(200).collect()).filter(|tag: &String| !tag.is_empty())
}

/// The first value of a header, when it is UTF-8.
pub(super) fn text(headers: &HeaderMap, name: impl Into<HeaderName>) -> Option<&str> {
    std::str::from_utf8(headers.get(name.into())?.as_bytes()).ok()
}

fn server_now(headers: &HeaderMap, now: Timestamp) -> Timestamp {
    text(headers, DATE).and_then(http_date).unwrap_or(now)
}

/// The larger of `max-age` and `Expires`, less the answer's `Age`; `None` when it is already stale.
fn fresh_for_ms(headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    if directives(headers).any(|d| d == "no-store" || d == "no-cache") {
        return None;
    }
    let max_age = directives(headers)
        .filter_map(|d| seconds(d.strip_prefix("max-age=")?.trim_matches('"')))
        .max();
    let expires = text(headers, EXPIRES).and_then(|value| until_ms(value, now));
    let age = text(headers, AGE).and_then(seconds).unwrap_or(0);
    let fresh = max_age.max(expires)?.saturating_sub(age);
    (fresh > 0).then_some(fresh.min(WAIT_MS_MAX))
}

/// `X-RateLimit-Reset` once `X-RateLimit-Remaining` is 0: seconds from now (Reddit) or since 1970.
fn rate_limit_ms(headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    let number = |name| {
        let value: f64 = text(headers, HeaderName::from_static(name))?
            .trim()
            .parse()
            .ok()?;
        value.is_finite().then_some(value)
    };
    if number("x-ratelimit-remaining")? >= 1.0 {
        return None;
    }
    let reset = number("x-ratelimit-reset")?;
    let ms = if reset >= EPOCH_SECONDS_MIN {
        reset * 1e3 - now.0 as f64
    } else {
        reset * 1e3
    };
    (ms >= 0.0).then_some((ms as i64).min(WAIT_MS_MAX))
}

/// The directives of `Cache-Control`, in lower case and without spaces around them.
fn directives(headers: &HeaderMap) -> impl Iterator<Item = String> + '_ {
    headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|directive| directive.trim().to_ascii_lowercase())
}

/// Whole seconds as milliseconds, at most a day however long the number is.
fn seconds(value: &str) -> Option<i64> {
    let value = value.trim();
    if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let seconds: i64 = value.parse().unwrap_or(i64::MAX);
    Some(seconds.saturating_mul(1_000).min(WAIT_MS_MAX))
}

/// From `now` to an HTTP date; `None` when it has passed.
fn until_ms(value: &str, now: Timestamp) -> Option<i64> {
    let ms = http_date(value)?.ms_since(now);
    (ms >= 0).then_some(ms.min(WAIT_MS_MAX))
}

/// The three forms of RFC 9110 section 5.6.7; what a calendar cannot hold is no date.
fn http_date(value: &str) -> Option<Timestamp> {
    let value = value.trim();
    let parser = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    if let Ok(at) = parser.parse_timestamp(value) {
        return Some(Timestamp::from_jiff(at));
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .into_iter()
        .find_map(|form| civil::DateTime::strptime(form, value).ok())
        .and_then(|at| at.to_zoned(jiff::tz::TimeZone::UTC).ok())
        .map(|at| Timestamp::from_jiff(at.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-20T10:00:00Z by our clock; the server's `Date` may say otherwise.
    const NOW: &str = "2026-11-20T10:00:00Z";
    const HOUR: i64 = 3_600_000;

    fn headers(lines: &str) -> HeaderMap {
        lines
            .lines()
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[track_caller]
    fn check_retry(lines: &str, expected: Option<i64>) {
        let now = Timestamp::parse_rfc3339(NOW).unwrap();
        assert_eq!(retry_after_ms(&headers(lines), now), expected, "{lines}");
    }

    #[track_caller]
    fn check_fresh(lines: &str, expected: Option<i64>) {
        let now = Timestamp::parse_rfc3339(NOW).unwrap();
        assert_eq!(
            hints(&headers(lines), now).fresh_for_ms,
            expected,
            "{lines}"
        );
    }

    #[test]
    fn rules_18_to_20_retry_after() {
        check_retry("retry-after: 120", Some(120_000));
        check_retry("retry-after: 0", Some(0));
        check_retry("retry-after: -5", None);
        check_retry("retry-after: pronto", None);
        check_retry("retry-after: 1.5", None);
        check_retry("retry-after: 315360000", Some(24 * HOUR));
        check_retry("retry-after: 99999999999999999999999", Some(24 * HOUR));
        check_retry("retry-after: Fri, 20 Nov 2026 11:00:00 GMT", Some(HOUR));
        check_retry("retry-after: Friday, 20-Nov-26 11:00:00 GMT", Some(HOUR));
        check_retry("retry-after: Fri Nov 20 11:00:00 2026", Some(HOUR));
        check_retry("retry-after: Fri, 20 Nov 2026 09:00:00 GMT", None);
    }

    #[test]
    fn rule_12_dates_are_those_of_the_server() {
        let date = "date: Mon, 01 Jan 2001 00:00:00 GMT\n";
        check_retry(
            &format!("{date}retry-after: Mon, 01 Jan 2001 01:00:00 GMT"),
            Some(HOUR),
        );
        check_retry(
            &format!("{date}retry-after: Sun, 31 Dec 2000 23:00:00 GMT"),
            None,
        );
        check_fresh(
            &format!("{date}expires: Mon, 01 Jan 2001 02:00:00 GMT"),
            Some(2 * HOUR),
        );
        check_fresh(
            &format!("{date}expires: Mon, 01 Jan 2001 02:00:00 GMT\nage: 3600"),
            Some(HOUR),
        );
        // A `Date` that is none: our own clock.
        check_retry(
            "date: ayer\nretry-after: Fri, 20 Nov 2026 11:00:00 GMT",
            Some(HOUR),
        );
    }

    #[test]
    fn rule_11_cache_hints() {
        check_fresh("cache-control: public, Max-Age=7200", Some(2 * HOUR));
        check_fresh("cache-control: max-age=\"7200\"", Some(2 * HOUR));
        check_fresh("cache-control: max-age=7200\nage: 3600", Some(HOUR));
        check_fresh("cache-control: max-age=60\nage: 3600", None);
        check_fresh("cache-control: max-age=31536000", Some(24 * HOUR));
        check_fresh("cache-control: max-age=0", None);
        check_fresh("cache-control: no-cache, max-age=7200", None);
        check_fresh("cache-control: max-age=-1", None);
        check_fresh(
            "cache-control: max-age=60\nexpires: Fri, 20 Nov 2026 11:00:00 GMT",
            Some(HOUR),
        );
        check_fresh("expires: 0", None);
        check_fresh("expires: Thu, 19 Nov 1981 08:52:00 GMT", None);
        check_fresh("content-type: text/xml", None);
    }

    #[test]
    fn rule_23_rate_limit() {
        check_retry(
            "x-ratelimit-remaining: 0\nx-ratelimit-reset: 90",
            Some(90_000),
        );
        check_retry(
            "x-ratelimit-remaining: 0.0\nx-ratelimit-reset: 90.5",
            Some(90_500),
        );
        check_retry(
            "x-ratelimit-remaining: 0\nx-ratelimit-reset: 1795172400",
            Some(HOUR),
        );
        check_retry("x-ratelimit-remaining: 3\nx-ratelimit-reset: 90", None);
        check_retry("x-ratelimit-remaining: 0\nx-ratelimit-reset: -90", None);
        check_retry("x-ratelimit-remaining: 0\nx-ratelimit-reset: NaN", None);
        check_retry(
            "retry-after: 600\nx-ratelimit-remaining: 0\nx-ratelimit-reset: 90",
            Some(600_000),
        );
    }

    #[test]
    fn rules_2_and_6_validators() {
        let both = "etag: W/\"x y\"\nlast-modified: ayer por la tarde";
        let kept = (Some("W/\"x y\"".into()), Some("ayer por la tarde".into()));
        assert_eq!(validators(&headers(both)), kept);
        for forbidding in ["cache-control: private, No-Store", "expires: 0"] {
            let lines = format!("{both}\n{forbidding}");
            assert_eq!(validators(&headers(&lines)), (None, None), "{lines}");
        }
        let long = format!("etag: \"{}\"", "a".repeat(VALIDATOR_BYTES_MAX));
        assert_eq!(validators(&headers(&long)), (None, None));
    }
}
