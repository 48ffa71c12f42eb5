//! The feeds that a web page offers in its head, best first.
//!
//! Absent: fetching them, and guessing addresses (`/feed`, `/rss.xml`) that nobody offered.

use url::Url;

use super::lexer::{Piece, Rules, attribute, pieces};
use super::plain::plain_text;
use super::resolve;

/// Feeds of one page that are told.
const FEEDS_MAX: usize = 20;
/// Bytes of a page in which they are looked for: they stand in its head.
const PAGE_BYTES_MAX: usize = 4 << 20;

/// The types that say "feed".
const TYPES: [&str; 5] = ["rss+xml", "atom+xml", "feed+json", "rdf+xml", "rss"];
/// How sites name the feed of what readers say, in title and address.
const COMMENTS: [&str; 8] = [
    "comment",
    "comentari",
    "comentário",
    "commentaire",
    "commenti",
    "kommentar",
    "respuestas",
    "replies",
];

/// Absolute addresses of the feeds in `<link rel=alternate>`, those of posts before those of
/// comments, otherwise in the order of the page. Links are resolved against `<base>`, which is
/// itself resolved against `base`.
pub(super) fn feeds(html: &str, base: Option<&Url>) -> Vec<String> {
    let html = &html[..html.floor_char_boundary(PAGE_BYTES_MAX)];
    let mut own_base: Option<Url> = None;
    let mut found: Vec<(bool, String)> = Vec::new();
    for (_, piece) in pieces(html, Rules::Html) {
        let Piece::Start(start) = piece else {
            continue;
        };
        if start.name.eq_ignore_ascii_case("body") && !found.is_empty() {
            // They stand in the head; careless pages have them in the body.
            break;
        }
        let value = |name| attribute(start.attributes, name).unwrap_or_default();
        if start.name.eq_ignore_ascii_case("base") && own_base.is_none() {
            own_base =
                resolve(&plain_text(value("href")), base).and_then(|url| Url::parse(&url).ok());
        }
        if !start.name.eq_ignore_ascii_case("link") || !is_feed(value("rel"), value("type")) {
            continue;
        }
        let href = plain_text(value("href"));
        let Some(url) = resolve(&href, own_base.as_ref().or(base)) else {
            continue;
        };
        if found.len() < FEEDS_MAX && found.iter().all(|(_, known)| *known != url) {
            found.push((is_of_comments(&plain_text(value("title")), &href), url));
        }
    }
    // A stable sort: what the site puts first stays first.
    found.sort_by_key(|(of_comments, _)| *of_comments);
    found.into_iter().map(|(_, url)| url).collect()
}

fn is_feed(rel: &str, kind: &str) -> bool {
    let (rel, kind) = (rel.to_ascii_lowercase(), kind.to_ascii_lowercase());
    let mut rels = rel.split_ascii_whitespace();
    let is_alternate = rels.clone().any(|rel| rel == "alternate");
    let kind = kind.split(';').next().unwrap_or_default().trim();
    is_alternate && TYPES.iter().any(|known| kind.ends_with(known))
        // As HTML 5 had it for a while: no type is needed.
        || rels.any(|rel| rel == "feed")
}

fn is_of_comments(title: &str, href: &str) -> bool {
    let said = format!("{title} {href}").to_lowercase();
    COMMENTS.iter().any(|word| said.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(head: &str, expected: &[&str]) {
        let page = Url::parse("https://blog.test/2026/post.html").ok();
        let html = format!("<html><head>{head}</head><body>x</body></html>");
        assert_eq!(feeds(&html, page.as_ref()), expected, "{head}");
    }

    const RSS: &str = "rel=alternate type='application/rss+xml'";

    #[test]
    fn feeds_are_found_and_resolved() {
        check(
            &format!("<link {RSS} href='/feed/'>"),
            &["https://blog.test/feed/"],
        );
        check(
            &format!("<LINK {RSS} HREF=rss.xml>"),
            &["https://blog.test/2026/rss.xml"],
        );
        check(
            "<link href='https://x.test/a?b=1&amp;c=2' type='application/atom+xml; charset=utf-8' \
             rel='Alternate home'>",
            &["https://x.test/a?b=1&c=2"],
        );
        check(
            "<link rel=alternate type=application/feed+json href=//j.test/feed.json>",
            &["https://j.test/feed.json"],
        );
        check(
            &format!("<base href='/es/'><link {RSS} href=rss>"),
            &["https://blog.test/es/rss"],
        );
        check("<link rel='feed' href='/f'>", &["https://blog.test/f"]);
    }

    #[test]
    fn posts_come_before_comments() {
        let head = format!(
            "<link {RSS} title='Blog » Feed de los comentarios' href='/comments/feed/'>\
             <link {RSS} title='Blog » Feed' href='/feed/'>\
             <link {RSS} title='Blog (Atom)' href='/atom'>\
             <link {RSS} href='/feed/'>"
        );
        check(
            &head,
            &[
                "https://blog.test/feed/",
                "https://blog.test/atom",
                "https://blog.test/comments/feed/",
            ],
        );
    }

    #[test]
    fn what_is_no_feed_is_not_offered() {
        check("<link rel=alternate hreflang=en href='/en/'>", &[]);
        check("<link rel=alternate type=text/html href='/m'>", &[]);
        check(
            "<link rel=stylesheet type=application/rss+xml href='/s'>",
            &[],
        );
        check(&format!("<link {RSS} href='javascript:a()'>"), &[]);
        check(&format!("<link {RSS} href=''>"), &[]);
        check(&format!("<!-- <link {RSS} href='/old'> -->"), &[]);
        check(&format!("<script>'<link {RSS} href=/s>'</script>"), &[]);
    }
}
