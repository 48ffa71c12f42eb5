//! One entry of a feed as a post.
//!
//! Absent: HTML; every text leaves as plain text.

use feed_rs::model::{Entry, Feed, FeedType, Link, Person, Text};
use url::Url;

use super::glean::Gleaned;
use super::html::{clean, clean_line};
use super::light::Texts;
use super::plain::{plain_line, plain_text};
use super::{absolute, resolve};
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

/// All that was found of one entry.
pub(super) struct Found<'a, 't> {
    pub(super) entry: &'a Entry,
    pub(super) gleaned: &'a Gleaned,
    /// Long texts, of which the entry has but the marks.
    pub(super) texts: &'a Texts<'t>,
}

pub(super) fn post(feed: &Feed, found: &Found<'_, '_>, base: Option<&Url>, how: How) -> Post {
    let Found {
        entry,
        gleaned,
        texts,
    } = *found;
    let is_atom = feed.feed_type == FeedType::Atom;
    let guid = clean_line(&entry.id);
    let url = link(entry, gleaned, base).map(|link| match base {
        Some(_) => link,
        None => as_written(link, &gleaned.links),
    });
    let content = entry
        .content
        .as_ref()
        .and_then(|content| {
            content
                .body
                .as_deref()
                .map(|body| (body, content.content_type.to_string()))
        })
        .map(|(body, kind)| text_of(&texts.back(body), is_atom && kind == "text/plain"))
        .filter(|text| !text.is_empty());
    let has_content = content.is_some();
    let text = content
        .or_else(|| {
            entry
                .summary
                .as_ref()
                .map(|summary| plain(summary, texts, is_atom))
        })
        .filter(|text| !text.is_empty())
        .or_else(|| media_text(entry, texts))
        .unwrap_or_default();
    let excerpt = !has_content && is_excerpt(&text, url.is_some());
    Post {
        guid,
        title: entry
            .title
            .as_ref()
            .and_then(|title| clean_line(&plain(title, texts, is_atom)))
            .or_else(|| gleaned.title.clone()),
        author: author(&entry.authors).or_else(|| author(&feed.authors).filter(|_| is_atom)),
        url,
        published: entry
            .published
            .map(|at| Timestamp(at.timestamp_millis()))
            .or(gleaned.published)
            .or_else(|| entry.updated.map(|at| Timestamp(at.timestamp_millis())))
            .or(gleaned.updated),
        reply_to: gleaned.reply_to.clone(),
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

fn plain(text: &Text, texts: &Texts<'_>, is_atom: bool) -> String {
    let is_literal = is_atom && text.content_type.to_string() == "text/plain";
    text_of(&texts.back(&text.content), is_literal)
}

/// Atom's plain text is literal, unless its author plainly meant HTML.
fn text_of(body: &str, is_literal: bool) -> String {
    let means_html = || {
        let mut signs = ["</", "<br", "<p>", "&#", "&nbsp;"].iter();
        signs.any(|sign| body.contains(sign))
    };
    if is_literal && !means_html() {
        clean(body)
    } else {
        plain_text(body)
    }
}

/// A video's description is all the text it has.
fn media_text(entry: &Entry, texts: &Texts<'_>) -> Option<String> {
    entry
        .media
        .iter()
        .filter_map(|media| media.description.as_ref())
        .map(|description| plain_text(&texts.back(&description.content)))
        .find(|text| !text.is_empty())
}

/// What stands around addresses.
const BRACKETS: &str = "()[]<>«»“”\"";

fn author(people: &[Person]) -> Option<String> {
    people.iter().find_map(|person| {
        // "ana@foro.test (Ana Núñez)" and "Ana «ana@foro.test»" leave brackets with the name.
        let name = person
            .name
            .as_deref()
            .map(|name| name.trim_matches(|c: char| c.is_whitespace() || BRACKETS.contains(c)));
        let name = name.and_then(plain_line);
        name.or_else(|| person.email.as_deref().and_then(clean_line))
    })
}

/// The entry's own page; enclosures, comment feeds and what is no HTML are not it.
fn link(entry: &Entry, gleaned: &Gleaned, base: Option<&Url>) -> Option<String> {
    let own_base = entry.base.as_deref().and_then(|own| resolve(own, base));
    let own_base = own_base.and_then(|own| Url::parse(&own).ok());
    let base = own_base.as_ref().or(base);
    let is_page = |link: &&Link| matches!(link.rel.as_deref(), None | Some("alternate" | ""));
    let is_html = |link: &&Link| {
        matches!(
            link.media_type.as_deref(),
            None | Some("" | "text/html" | "application/xhtml+xml")
        )
    };
    let of = |link: &Link| resolve(&link.href, base);
    let links = || entry.links.iter().filter(|link| link.target.is_none());
    // Of several pages the last is taken, as feedparser does.
    let page = links()
        .filter(is_page)
        .filter(is_html)
        .filter_map(of)
        .next_back();
    page.or_else(|| links().filter(is_page).find_map(of))
        .or_else(|| resolve(gleaned.link.as_deref()?, base))
        .or_else(|| guid_link(&entry.id, base).filter(|_| !gleaned.guid_is_no_link))
        .or_else(|| {
            links()
                .filter(|link| link.rel.as_deref() == Some("self"))
                .find_map(of)
        })
}

/// The link that feed-rs has put right, as it is written.
fn as_written(link: String, written: &[String]) -> String {
    let is_it = |written: &&String| Url::parse(written).is_ok_and(|url| url.as_str() == link);
    written.iter().find(is_it).cloned().unwrap_or(link)
}

/// A guid that is an address or a path is the permanent link.
fn guid_link(guid: &str, base: Option<&Url>) -> Option<String> {
    if base.is_none() || guid.starts_with('/') {
        resolve(guid, base)
    } else {
        absolute(guid)
    }
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
