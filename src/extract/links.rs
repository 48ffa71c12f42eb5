//! Links that lead by way of somebody who counts clicks.
//!
//! Absent: links whose target only a request would tell.

use url::Url;

use super::web_url;

/// What a link of Google's leads to that is there to count clicks (Alerts, results): the page is the
/// same one that others link to.
pub(super) fn uncounted(url: Url) -> Url {
    let host = url.host_str().unwrap_or_default();
    if url.path() != "/url" || !(host == "google.com" || host.starts_with("www.google.")) {
        return url;
    }
    let target = url
        .query_pairs()
        .find(|(name, _)| matches!(name.as_ref(), "url" | "q"))
        .and_then(|(_, target)| Url::parse(&target).ok())
        .filter(|target| web_url(target).is_some());
    target.unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(link: &str, expected: &str) {
        assert_eq!(uncounted(Url::parse(link).unwrap()).as_str(), expected);
    }

    #[test]
    fn a_counted_link_is_the_link_behind_it() {
        check(
            "https://www.google.com/url?sa=t&url=https://b.test/a%3Fp%3D1",
            "https://b.test/a?p=1",
        );
        check(
            "https://www.google.es/url?q=http://b.test/",
            "http://b.test/",
        );
        for same in [
            "https://www.google.com/url?url=javascript:alert(1)",
            "https://www.google.com/url?sa=t",
            "https://www.google.com/search?q=https://b.test/",
            "https://google.test/url?q=https://b.test/",
        ] {
            check(same, same);
        }
    }
}
