//! Whether a page lets search engines show it: `<meta name="robots" content="noindex">` and the words of
//! `X-Robots-Tag`.
//!
//! Absent: robots.txt, which says who may read and not what may be shown.

use super::lexer::{Piece, Rules, attribute, pieces};

/// Where the head of a page ends at the latest.
const HEAD_BYTES_MAX: usize = 256 << 10;
/// The names that speak to all search engines, or to one that many use.
const NAMES: [&str; 3] = ["robots", "googlebot", "bingbot"];

/// True when a page asks search engines not to show it.
pub(super) fn is_hidden(html: &str) -> bool {
    let head = &html[..html.floor_char_boundary(HEAD_BYTES_MAX)];
    let tags = pieces(head, Rules::Html).filter_map(|(_, piece)| match piece {
        Piece::Start(start) => Some(start),
        _ => None,
    });
    let mut tags = tags.take_while(|start| !start.name.eq_ignore_ascii_case("body"));
    tags.any(|start| {
        let value = |name| attribute(start.attributes, name).unwrap_or_default();
        let speaks = || {
            let name = value("name").trim();
            NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
        };
        start.name.eq_ignore_ascii_case("meta") && speaks() && hides(value("content"))
    })
}

/// True when these words, of a header or of a page, say "do not show".
pub fn hides(words: &str) -> bool {
    let words = words.split([',', ':', ';', ' ', '\t', '\n']);
    let mut words = words.map(str::trim);
    words.any(|word| {
        ["noindex", "none"]
            .iter()
            .any(|no| word.eq_ignore_ascii_case(no))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: bool) {
        assert_eq!(is_hidden(html), expected, "{html}");
    }

    #[test]
    fn what_a_page_says_to_search_engines_is_heard() {
        check("<meta name=robots content=noindex>", true);
        check("<META NAME='Robots' CONTENT='NoIndex, follow'/>", true);
        check("<meta content=\"none\" name=\"googlebot\">", true);
        check(
            "<meta name=robots content='index, follow, max-image-preview:large'>",
            false,
        );
        check("<meta name=description content='noindex'>", false);
        check("<!-- <meta name=robots content=noindex> -->", false);
        check(
            "<script>'<meta name=robots content=noindex>'</script>",
            false,
        );
        check("<p>noindex", false);
        check("<body><meta name=robots content=noindex>", false);
        check("", false);
    }

    #[test]
    fn headers_speak_the_same_words() {
        assert!(hides("noindex"));
        assert!(hides("googlebot: noindex, nofollow"));
        assert!(!hides("noai, nofollow, unavailable_after: 2030-01-01"));
    }
}
