//! Turns a fetched body into posts. Never fails: what cannot be read becomes a [`Problem`].
//!
//! **Invariant:** nothing here awaits, reads a clock or opens a file.

mod article;
mod date;
mod decode;
mod entry;
mod feed;
mod gate;
mod html;
mod html_gate;
mod json_feed;
mod json_ld;
mod lexer;
mod mend;
mod rating;
mod repair;
mod selectors;
mod words;

pub use article::{Article, article};
pub use html::plain_text;
pub use selectors::{RawSelectors, Selectors};

use std::panic::{AssertUnwindSafe, catch_unwind};

use url::Url;

use crate::model::{How, Lang, Post, Timestamp};

/// Names this version of the reader: it differs when anything differs that decides how a page is read
/// (`build.rs`). What another version finds on a known page is no news.
pub const READER: &str = env!("ESCUCHA_READER");

/// Text of one post, in bytes; the rest is cut off.
const TEXT_BYTES_MAX: usize = 64 << 10;
/// Posts of one document.
const POSTS_MAX: usize = 50_000;

/// How images, archives and other binary files begin.
const BINARY: [&[u8]; 8] = [
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"%PDF",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"RIFF",
    b"OggS",
];

/// Reads the posts of a document. What it is decides how it is read; `reading.kind` says what it
/// should be, and a page where a feed should be is a fatal problem.
pub fn posts(document: &Document<'_>, reading: &Reading<'_>) -> Extracted {
    let mut extracted = match contained("the document", || read(document, reading)) {
        Ok(extracted) => extracted,
        Err(problem) => Extracted::failed(problem),
    };
    if extracted.posts.len() > POSTS_MAX {
        extracted.problems.push(Problem::minor(format!(
            "the document has {} posts, only the first {POSTS_MAX} are read",
            extracted.posts.len()
        )));
        extracted.posts.truncate(POSTS_MAX);
    }
    for post in &mut extracted.posts {
        truncate(&mut post.text, TEXT_BYTES_MAX);
        post.lang = post.lang.or(reading.lang);
    }
    extracted
}

fn read(document: &Document<'_>, reading: &Reading<'_>) -> Extracted {
    let text = match checked_text(document) {
        Ok(text) => text,
        Err(problem) => return Extracted::failed(problem),
    };
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control());
    let outcome = match (form(text), reading.kind) {
        (Form::Json, _) => json_feed::read(text, document.url),
        (Form::Feed, _) => feed::read(text, document.url),
        (Form::Page, Kind::Feed) => Err(Problem::fatal(
            "this is a web page, not a feed: give the address of the feed, or another kind",
        )),
        (Form::Page, Kind::Blog) => article_posts(text, document, reading),
        (Form::Page, Kind::Reviews) => reviews(text, document, reading),
        (Form::Page, Kind::Any) => any_page(text, document, reading),
    };
    outcome.unwrap_or_else(Extracted::failed)
}

/// The body as text, after the size gate.
fn checked_text<'a>(document: &Document<'a>) -> Result<std::borrow::Cow<'a, str>, Problem> {
    gate::size(document.body)?;
    if document.body.iter().all(u8::is_ascii_whitespace) {
        return Err(Problem::fatal("the document is empty"));
    }
    if BINARY.iter().any(|magic| document.body.starts_with(magic)) {
        return Err(Problem::fatal(
            "the document is an image, archive or other binary file",
        ));
    }
    Ok(decode::text(document))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Feed,
    Page,
}

/// What the document is by its first characters; its declared type is not trusted.
fn form(text: &str) -> Form {
    if text.starts_with(['{', '[']) {
        return Form::Json;
    }
    let first = lexer::pieces(text, lexer::Rules::XmlLoose).find_map(|(_, piece)| match piece {
        lexer::Piece::Start(start) => Some(gate::local(start.name).to_ascii_lowercase()),
        _ => None,
    });
    match first.as_deref() {
        Some("rss" | "feed" | "rdf" | "channel" | "entry" | "item") => Form::Feed,
        Some("html" | "head" | "body") => Form::Page,
        _ if text.starts_with("<?xml") => Form::Feed,
        _ => Form::Page,
    }
}

fn any_page(
    text: &str,
    document: &Document<'_>,
    reading: &Reading<'_>,
) -> Result<Extracted, Problem> {
    let found = reviews(text, document, reading);
    match found {
        Ok(found) if !found.posts.is_empty() => Ok(found),
        other if reading.select.is_some() => other,
        _ => article_posts(text, document, reading),
    }
}

/// Markup first; selectors when it yields nothing.
fn reviews(
    text: &str,
    document: &Document<'_>,
    reading: &Reading<'_>,
) -> Result<Extracted, Problem> {
    let mut extracted = json_ld::read(text, document.url, reading.now);
    let Some(select) = reading.select else {
        if extracted.posts.is_empty() && !text.contains("ld+json") {
            return Err(Problem::fatal(
                "this page has no review markup: give selectors (select = { item = \"…\", … })",
            ));
        }
        return Ok(extracted);
    };
    // Markup that has been read is not lost because the tree around it cannot be built.
    match select.read(text, document.url, reading.now) {
        Ok(page) => {
            extracted.next_url = page.next_url;
            if extracted.posts.is_empty() {
                extracted.posts = page.posts;
            }
        }
        Err(problem) if extracted.posts.is_empty() => return Err(problem),
        Err(problem) => extracted.problems.push(Problem::minor(problem.detail)),
    }
    if extracted.posts.is_empty() {
        return Err(Problem::fatal(
            "the selector for item finds nothing on this page, and it has no review markup",
        ));
    }
    Ok(extracted)
}

fn article_posts(
    text: &str,
    document: &Document<'_>,
    reading: &Reading<'_>,
) -> Result<Extracted, Problem> {
    let article = article::read(text, document.url, reading.now)?;
    Ok(Extracted {
        posts: vec![Post {
            title: Some(article.title).filter(|title| !title.is_empty()),
            text: article.text,
            author: article.author,
            url: document.url.and_then(web_url),
            published: article.published,
            lang: article.lang,
            how: How::Article,
            ..Post::default()
        }],
        ..Extracted::default()
    })
}

/// Runs a third-party parser; its panic becomes a fatal problem.
fn contained<T>(what: &str, run: impl FnOnce() -> T) -> Result<T, Problem> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|_| {
        Problem::fatal(format!(
            "{what} makes the parser fail (a fault of the parser)"
        ))
    })
}

/// The link as an absolute http(s) address, or nothing.
fn resolve(link: &str, base: Option<&Url>) -> Option<String> {
    // Addresses escaped once too often are common; no real one has this in it.
    let link = link.trim().replace("&amp;", "&");
    if link.is_empty() {
        return None;
    }
    let url = match base {
        Some(base) => base.join(&link),
        None => Url::parse(&link),
    };
    web_url(&url.ok()?)
}

fn web_url(url: &Url) -> Option<String> {
    matches!(url.scheme(), "http" | "https").then(|| url.to_string())
}

/// Cuts at the last character boundary within the limit.
fn truncate(text: &mut String, max: usize) {
    text.truncate(text.floor_char_boundary(max));
}

/// A body as it came over the wire (already decompressed), with what the answer said about it.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    pub body: &'a [u8],
    /// The `Content-Type` header, if any.
    pub content_type: Option<&'a str>,
    /// Where it came from, after redirects: links are resolved against it.
    pub url: Option<&'a Url>,
}

/// How a document is to be read.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    pub kind: Kind,
    /// For pages without markup.
    pub select: Option<&'a Selectors>,
    /// The source's language: what a post gets that declares none.
    pub lang: Option<Lang>,
    /// Relative dates count from here; published dates are not clamped here.
    pub now: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// RSS, Atom or JSON feed.
    Feed,
    /// A page with one article.
    Blog,
    /// A page with reviews: markup first, selectors for what has none.
    Reviews,
    /// Whatever it looks like.
    Any,
}

/// The posts of a document in its order, and what went wrong.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extracted {
    pub posts: Vec<Post>,
    pub problems: Vec<Problem>,
    /// The feed's own `ttl`, in milliseconds.
    pub ttl_ms: Option<i64>,
    /// The next page of reviews.
    pub next_url: Option<String>,
}

/// Something that could not be read, in words for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A fatal problem means that nothing of the document could be read: an error, never "no news".
    pub fatal: bool,
    /// English, a lower-case fragment: "the feed ends in the middle of item 42".
    pub detail: String,
}

impl Problem {
    fn fatal(detail: impl Into<String>) -> Self {
        Self {
            fatal: true,
            detail: detail.into(),
        }
    }

    fn minor(detail: impl Into<String>) -> Self {
        Self {
            fatal: false,
            detail: detail.into(),
        }
    }
}

impl Extracted {
    fn failed(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
            ..Self::default()
        }
    }

    /// The sentence of the fatal problem, if there is one.
    pub fn failure(&self) -> Option<&str> {
        self.problems
            .iter()
            .find(|problem| problem.fatal)
            .map(|problem| problem.detail.as_str())
    }
}
