//! One entry of a feed as a post.
//!
//! Absent: HTML; every text leaves as plain text.

use feed_rs::model::{Entry, Feed, FeedType, Person, Text};
use url::Url;

use super::html::{clean, clean_line, plain_line, plain_text};
use super::resolve;
use crate::model::{How, Lang, Post, Timestamp};

/// A summary shorter than this, with a link and without content, is taken for an excerpt.
const EXCERPT_CHARS: usize = 400;

/// The words under which summaries link to the rest.
const MORE: [&str; 12] = [
    "leer más",
    "seguir leyendo",
    "ver más",
    "read more",
    "continue reading",
    "ler mais",
    "leia mais",
    "lire la suite",
    "leggi tutto",
    "continua a leggere",
    "weiterlesen",
    "llegir més",
];

pub(super) fn post(feed: &Feed, entry: &Entry, base: Option<&Url>, how: How) -> Post {
    let is_atom = feed.feed_type == FeedType::Atom;
    let guid = clean_line(&entry.id);
    let url = link(entry, base).or_else(|| guid.as_deref().and_then(link_in_guid));
    let content = entry
        .content
        .as_ref()
        .and_then(|content| {
            content
                .body
                .as_deref()
                .map(|body| (body, content.content_type.to_string()))
        })
        .map(|(body, kind)| text_of(body, is_atom && kind == "text/plain"))
        .filter(|text| !text.is_empty());
    let has_content = content.is_some();
    let text = content
        .or_else(|| {
            entry
                .summary
                .as_ref()
                .map(|summary| plain(summary, is_atom))
        })
        .filter(|text| !text.is_empty())
        .or_else(|| media_text(entry))
        .unwrap_or_default();
    let excerpt = !has_content && is_excerpt(&text, url.is_some());
    Post {
        guid,
        title: entry
            .title
            .as_ref()
            .and_then(|title| clean_line(&plain(title, is_atom))),
        author: author(&entry.authors).or_else(|| author(&feed.authors).filter(|_| is_atom)),
        url,
        published: entry
            .published
            .or(entry.updated)
            .map(|at| Timestamp(at.timestamp_millis())),
        lang: entry
            .language
            .as_deref()
            .or(feed.language.as_deref())
            .and_then(Lang::parse),
        excerpt,
        text,
        how,
        ..Post::default()
    }
}

fn plain(text: &Text, is_atom: bool) -> String {
    let is_literal = is_atom && text.content_type.to_string() == "text/plain";
    text_of(&text.content, is_literal)
}

/// Atom's plain text is literal, unless its author plainly meant HTML.
fn text_of(body: &str, is_literal: bool) -> String {
    let means_html = ["</", "<br", "<p>", "&#", "&nbsp;"]
        .iter()
        .any(|sign| body.contains(sign));
    if is_literal && !means_html {
        clean(body)
    } else {
        plain_text(body)
    }
}

/// A video's description is all the text it has.
fn media_text(entry: &Entry) -> Option<String> {
    entry
        .media
        .iter()
        .filter_map(|media| media.description.as_ref())
        .map(|description| plain_text(&description.content))
        .find(|text| !text.is_empty())
}

fn author(people: &[Person]) -> Option<String> {
    people.iter().find_map(|person| {
        // "ana@foro.test (Ana Núñez)" leaves the brackets with the name.
        let name = person
            .name
            .as_deref()
            .map(|name| name.trim().trim_matches(['(', ')']));
        let name = name.and_then(plain_line);
        name.or_else(|| person.email.as_deref().and_then(clean_line))
    })
}

/// The entry's own page; enclosures and comment feeds are not it.
fn link(entry: &Entry, base: Option<&Url>) -> Option<String> {
    let own_base = entry.base.as_deref().and_then(|own| resolve(own, base));
    let own_base = own_base.and_then(|own| Url::parse(&own).ok());
    let is_page = |rel: Option<&str>| matches!(rel, None | Some("alternate" | ""));
    let links = entry.links.iter().filter(|link| link.target.is_none());
    let pages = links.clone().filter(|link| is_page(link.rel.as_deref()));
    let others = links.filter(|link| link.rel.as_deref() == Some("self"));
    pages
        .chain(others)
        .find_map(|link| resolve(&link.href, own_base.as_ref().or(base)))
}

/// A guid is the permanent link if it is an address at all.
fn link_in_guid(guid: &str) -> Option<String> {
    resolve(guid, None)
}

/// Whether the linked page has more than this.
pub(super) fn is_excerpt(text: &str, has_link: bool) -> bool {
    if !has_link {
        return false;
    }
    let tail: String = text
        .trim_end_matches([' ', '\n', '→', '»', '>', '.', ')'])
        .chars()
        .rev()
        .take(24)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect::<String>()
        .to_lowercase();
    let is_cut = text.ends_with('…')
        || text.trim_end().ends_with("...")
        || text.trim_end().ends_with("[…]")
        || text.trim_end().ends_with("[...]")
        || MORE.iter().any(|more| tail.contains(more));
    is_cut || text.chars().take(EXCERPT_CHARS).count() < EXCERPT_CHARS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, has_link: bool, expected: bool) {
        assert_eq!(is_excerpt(text, has_link), expected, "{text}");
    }

    #[test]
    fn a_summary_that_looks_cut_is_an_excerpt() {
        let long = "palabra ".repeat(80);
        check(&long, true, false);
        check(&format!("{long} […]"), true, true);
        check(&format!("{long} [...]"), true, true);
        check(&format!("{long}…"), true, true);
        check(&format!("{long} Leer más »"), true, true);
        check(&format!("{long} Read more..."), true, true);
        check(&format!("{long}…"), false, false);
        check("Corto.", true, true);
        check("Corto.", false, false);
    }
}
