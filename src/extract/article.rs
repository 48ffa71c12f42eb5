//! The full text of a linked page, for feeds that have only summaries and for blogs without one.
//!
//! Absent: comments under the article, and fetching.

use dom_smoothie::Readability;
use scraper::{Html, Selector};
use url::Url;

use super::html::{clean_line, plain_text, visible};
use super::lexer::{Piece, Rules, attribute, pieces};
use super::{Document, Problem, Reading, checked_text, contained, date, html_gate, resolve};
use crate::model::{Lang, Timestamp};

/// What a page with one article says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Article {
    /// Empty when the page has none.
    pub title: String,
    /// Plain text, at most 64 KiB.
    pub text: String,
    pub author: Option<String>,
    pub published: Option<Timestamp>,
    pub lang: Option<Lang>,
    /// Absolute addresses of the feeds that the page offers.
    pub feed_urls: Vec<String>,
}

/// Feeds of one page that are told.
const FEEDS_MAX: usize = 20;
/// Frames around the content, skipped when the whole page has to be read.
const FRAME: [&str; 6] = ["nav", "header", "footer", "aside", "form", "button"];

/// The article of a page: its main text by readability, else all its visible text.
///
/// # Errors
/// A fatal problem when a gate refuses the page or it has no text.
pub fn article(document: &Document<'_>, reading: &Reading<'_>) -> Result<Article, Problem> {
    let text = checked_text(document)?;
    let mut article = contained("the page", || read(&text, document.url, reading.now))??;
    article.lang = article.lang.or(reading.lang);
    Ok(article)
}

pub(super) fn read(html: &str, base: Option<&Url>, now: Timestamp) -> Result<Article, Problem> {
    html_gate::html(html)?;
    let mut article = readable(html, base, now).unwrap_or_default();
    if article.text.is_empty() || article.title.is_empty() || article.lang.is_none() {
        contained("the page", || fill(html, &mut article))?;
    }
    if article.text.is_empty() {
        return Err(Problem::fatal("the page has no readable text"));
    }
    super::truncate(&mut article.text, super::TEXT_BYTES_MAX);
    article.feed_urls = feed_urls(html, base);
    Ok(article)
}

/// By dom_smoothie. Its panic or error only means that the plain reading has to do.
fn readable(html: &str, base: Option<&Url>, now: Timestamp) -> Option<Article> {
    let found = contained("the page", || {
        let base = base.map(Url::as_str);
        Readability::new(html, base, None).ok()?.parse().ok()
    });
    let found = found.ok()??;
    Some(Article {
        title: clean_line(&found.title).unwrap_or_default(),
        text: plain_text(&found.content),
        author: found.byline.as_deref().and_then(clean_line),
        published: [&found.published_time, &found.modified_time]
            .into_iter()
            .find_map(|raw| date::parse(raw.as_deref()?, Some(now))),
        lang: found.lang.as_deref().and_then(Lang::parse),
        feed_urls: Vec::new(),
    })
}

/// Fills what is missing from the page's own elements.
fn fill(html: &str, article: &mut Article) {
    let page = Html::parse_document(html);
    let texts = |css: &str| {
        let selector = Selector::parse(css).ok()?;
        let text = page.select(&selector).map(|found| visible(found, &FRAME));
        let mut filled = text.filter(|text| !text.is_empty());
        filled.next()
    };
    if article.text.is_empty() {
        article.text = ["article", "main", "body"]
            .iter()
            .find_map(|css| texts(css))
            .unwrap_or_default();
    }
    if article.title.is_empty() {
        let title = ["h1", "title"].iter().find_map(|css| texts(css));
        article.title = title.as_deref().and_then(clean_line).unwrap_or_default();
    }
    article.lang = article
        .lang
        .or_else(|| page.root_element().attr("lang").and_then(Lang::parse));
}

/// `<link rel="alternate" type="application/rss+xml" href="…">` and its kin.
fn feed_urls(html: &str, base: Option<&Url>) -> Vec<String> {
    let mut found = Vec::new();
    for (_, piece) in pieces(html, Rules::Html) {
        let Piece::Start(start) = piece else {
            continue;
        };
        if !start.name.eq_ignore_ascii_case("link") {
            continue;
        }
        let value = |name| {
            attribute(start.attributes, name)
                .unwrap_or("")
                .to_ascii_lowercase()
        };
        let is_feed = ["rss+xml", "atom+xml", "feed+json", "rdf+xml"]
            .iter()
            .any(|kind| value("type").contains(kind));
        if !is_feed || !value("rel").contains("alternate") || found.len() >= FEEDS_MAX {
            continue;
        }
        let href = attribute(start.attributes, "href").map(super::html::plain_text);
        if let Some(url) = href.and_then(|href| resolve(&href, base))
            && !found.contains(&url)
        {
            found.push(url);
        }
    }
    found
}
