//! The full text of a linked page, for feeds that have only summaries and for blogs without one.
//!
//! Absent: comments under the article, and fetching.

use dom_query::Document as Page;
use dom_smoothie::{Config, Readability};
use scraper::{Html, Selector};
use serde::{Deserialize, Serialize};
use url::Url;

use super::body::{self, Found, Marks};
use super::html::{clean_line, visible};
use super::now::Now;
use super::{Document, Gates, Problem, Reading};
use super::{checked_text, contained, date, discover, html_gate, slim};
use crate::model::{Lang, Timestamp};

/// What a page with one article says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// Empty when the page has none.
    pub title: String,
    /// Plain text, at most 64 KiB.
    pub text: String,
    pub author: Option<String>,
    pub published: Option<Timestamp>,
    pub lang: Option<Lang>,
    /// Absolute addresses of the feeds that the page offers, best first.
    pub feed_urls: Vec<String>,
    /// How the text was found.
    pub stage: Stage,
}

/// The ways to an article's text, in the order in which they are tried (docs/adr/0009).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Stage {
    /// The element that blogs put a post in.
    Post,
    /// Readability, by dom_smoothie.
    Readability,
    /// All paragraphs outside the frame: readability found little or nothing.
    Paragraphs,
    /// All that is visible.
    #[default]
    Visible,
}

/// Frames around the content, skipped when the whole page has to be read.
const FRAME: [&str; 6] = ["nav", "header", "footer", "aside", "form", "button"];
/// A post's container with so much text is read without asking readability. One with less must hold
/// more than half of what readability finds, and one with less than the second is not believed.
const POST_CHARS_SURE: usize = 250;
const POST_CHARS_MIN: usize = 25;
/// What may hold more than a post is believed when it and readability's result are so much alike.
const ALIKE_PERCENT: usize = 70;
/// An article with less text than this may be a part of one.
const THIN_CHARS: usize = 250;

/// The article of a page: its main text by readability, else all its visible text.
///
/// # Errors
/// A fatal problem when a gate refuses the page or it has no text.
pub fn article(document: &Document<'_>, reading: &Reading<'_>) -> Result<Article, Problem> {
    article_within(document, reading, Gates::Narrow)
}

/// The same behind gates that are told: wide ones are for a process whose limits hold.
///
/// # Errors
/// A fatal problem when a gate refuses the page or it has no text.
pub fn article_within(
    document: &Document<'_>,
    reading: &Reading<'_>,
    gates: Gates,
) -> Result<Article, Problem> {
    let text = checked_text(document)?;
    let read = || read(&text, document.url, reading.here(), gates);
    let mut article = contained("the page", read)??;
    article.lang = article.lang.or(reading.lang);
    Ok(article)
}

pub(super) fn read(
    html: &str,
    base: Option<&Url>,
    now: Now<'_>,
    gates: Gates,
) -> Result<Article, Problem> {
    let slim = slim::without_code(html);
    let html = slim.as_str();
    html_gate::html(html, gates)?;
    // A panic or error of the parsers only means that the plain reading has to do.
    let found = contained("the page", || readable(html, base, now));
    let mut article = found.ok().flatten().unwrap_or_default();
    if n_chars(&article.text) < THIN_CHARS && article.stage != Stage::Post {
        let rest = contained("the page", || body::paragraphs(&Page::from(html)));
        let rest = rest.unwrap_or_default();
        if n_chars(&rest) > 2 * n_chars(&article.text) {
            article.text = rest;
            article.stage = Stage::Paragraphs;
        }
    }
    // A language that is missing now stands nowhere in the page, if readability could read it.
    if article.text.is_empty() || article.title.is_empty() {
        contained("the page", || fill(html, &mut article))?;
    }
    if article.text.is_empty() {
        return Err(Problem::fatal("the page has no readable text")
            .in_spanish("la página no tiene ningún texto que se pueda leer"));
    }
    super::limits::cut(&mut article.text, super::TEXT_BYTES_MAX);
    article.feed_urls = discover::feeds(html, base);
    Ok(article)
}

/// By the container of a blog's post, else by dom_smoothie.
fn readable(html: &str, base: Option<&Url>, now: Now<'_>) -> Option<Article> {
    let config = Config {
        keep_classes: true,
        ..Config::default()
    };
    let base = base.map(Url::as_str);
    let mut page = Readability::new(html, base, Some(config)).ok()?;
    let mut marks = Marks::of(&page.doc, POST_CHARS_SURE);
    let author = marks.author.take();
    let (meta, text, stage) = main_text(&mut page, marks)?;
    Some(Article {
        title: clean_line(&meta.title).unwrap_or_default(),
        text,
        author: meta.byline.as_deref().and_then(clean_line).or(author),
        published: meta
            .times
            .iter()
            .find_map(|raw| date::parse(raw.as_deref()?, Some(now))),
        lang: meta.lang.as_deref().and_then(Lang::parse),
        feed_urls: Vec::new(),
        stage,
    })
}

/// The text, and what the head of the page says; `None` when readability fails.
fn main_text(page: &mut Readability, marks: Marks) -> Option<(Meta, String, Stage)> {
    let post = marks.post.filter(|post| n_chars(post) >= POST_CHARS_MIN);
    if let Some(post) = post.as_ref()
        && n_chars(post) >= POST_CHARS_SURE
    {
        let meta = page.get_article_metadata(page.parse_json_ld());
        return Some((meta.into(), post.clone(), Stage::Post));
    }
    let article = page.parse().ok()?;
    let found = Found::of(&page.doc);
    let n_found = found.n_strict_chars;
    let post = post.filter(|post| n_chars(post) * 2 > n_found);
    let is_alike = |loose: &String| {
        let n_loose = n_chars(loose);
        n_loose * 100 >= n_found * ALIKE_PERCENT && n_found * 100 >= n_loose * ALIKE_PERCENT
    };
    match post.or(marks.loose_post.filter(is_alike)) {
        Some(post) => Some((article.into(), post, Stage::Post)),
        None => Some((article.into(), found.text(), Stage::Readability)),
    }
}

/// What the head of a page says.
struct Meta {
    title: String,
    byline: Option<String>,
    times: [Option<String>; 2],
    lang: Option<String>,
}

impl From<dom_smoothie::Metadata> for Meta {
    fn from(meta: dom_smoothie::Metadata) -> Self {
        Self {
            title: meta.title,
            byline: meta.byline,
            times: [meta.published_time, meta.modified_time],
            lang: meta.lang,
        }
    }
}

impl From<dom_smoothie::Article> for Meta {
    fn from(meta: dom_smoothie::Article) -> Self {
        Self {
            title: meta.title,
            byline: meta.byline,
            times: [meta.published_time, meta.modified_time],
            lang: meta.lang,
        }
    }
}

fn n_chars(text: &str) -> usize {
    text.chars().count()
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
        article.stage = Stage::Visible;
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
