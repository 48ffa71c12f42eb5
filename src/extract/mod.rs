//! Turns a fetched body into posts. Never fails: what cannot be read becomes a [`Problem`].
//!
//! **Invariant:** nothing here awaits, reads a clock or opens a file.

mod article;
mod asks;
mod body;
mod comment_fields;
mod comments;
mod cut;
mod date;
mod decode;
mod discover;
mod entity;
mod entry;
mod extracted;
mod fault;
mod feed;
mod finds;
mod frame;
mod gate;
mod glean;
mod h_review;
mod html;
mod html_gate;
mod html_tag;
mod human_date;
mod indexing;
mod json_feed;
mod json_ld;
mod json_map;
mod lexer;
mod light;
mod limits;
mod links;
mod loose;
mod mail;
mod markup;
mod mend;
mod microdata;
mod next_page;
mod notation;
mod now;
pub mod opml;
mod page;
mod places;
mod plain;
mod pointer;
mod problem;
mod rating;
mod rdfa;
mod repair;
mod schema;
mod selectors;
mod slim;
mod state;
mod tree;
mod words;

pub use article::{Article, Stage, article, article_within};
pub use extracted::Extracted;
pub use fault::{Fault, FaultKind};
pub use finds::Finds;
pub use gate::{BODY_BYTES_MAX, Gates};
pub use indexing::hides;
pub use json_map::{Map, RawMap};
pub use mail::{Answer, Fate, Incoming, Reach, Report, incoming, is_mail, mails};
pub use notation::RawNotation;
pub use places::Places;
pub use plain::plain_text;
pub use problem::{Guard, Limit, Problem};
pub use selectors::{RawSelectors, Selectors};

use std::panic::{AssertUnwindSafe, catch_unwind};

use now::Now;
use page::Page;
use url::Url;

use crate::model::{Lang, LocalTime, Timestamp};

/// Names this version of the reader: it differs when anything differs that decides how a page is read
/// (`build.rs`). What another version finds on a known page is no news.
pub const READER: &str = env!("ESCUCHA_READER");

/// Text of one post, in bytes; the rest is cut off.
const TEXT_BYTES_MAX: usize = 64 << 10;
/// Posts of one document.
const POSTS_MAX: usize = 50_000;

/// Bytes before a feed's root that are looked at when something else stands there.
const PREAMBLE_BYTES_MAX: usize = 16 << 10;

/// Reads the posts of a document. What it is decides how it is read; `reading.kind` says what it
/// should be, and a page where a feed should be is a fatal problem.
pub fn posts(document: &Document<'_>, reading: &Reading<'_>) -> Extracted {
    posts_within(document, reading, Gates::Narrow)
}

/// The same behind gates that are told: wide ones are for a process whose limits hold.
pub fn posts_within(document: &Document<'_>, reading: &Reading<'_>, gates: Gates) -> Extracted {
    let extracted = match contained("the document", || read(document, reading, gates)) {
        Ok(extracted) => extracted,
        Err(problem) => Extracted::failed(problem),
    };
    let mut extracted = limits::hold(extracted);
    for post in &mut extracted.posts {
        post.lang = post.lang.or(reading.lang);
    }
    extracted
}

fn read(document: &Document<'_>, reading: &Reading<'_>, gates: Gates) -> Extracted {
    if reading.kind == Kind::Mail {
        return mail::read(document, reading);
    }
    let text = match checked_text(document) {
        Ok(text) => text,
        Err(problem) => return Extracted::failed(problem),
    };
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control());
    let text = without_preamble(text);
    let page = Page {
        text,
        url: document.url,
        reading,
        gates,
    };
    let form = form(text);
    let outcome = match (form, reading.kind) {
        (_, Kind::Json) => json(text, document, reading),
        (Form::Json, _) => json_feed::read(text, document.url),
        (Form::Feed, _) => feed::read(text, document.url, gates).map(|feed| feed.asking(text)),
        (Form::Page, Kind::Feed) if has_entries(text) => feed::read(text, document.url, gates),
        (Form::Page, Kind::Feed) => Ok(page.page_for_feed()),
        (Form::Page, Kind::Blog) => page.blog(),
        (Form::Page, Kind::Reviews) => page.reviews(),
        (Form::Page, Kind::Any | Kind::Mail) => page.any_page(),
    };
    let is_place = form == Form::Page && !matches!(reading.kind, Kind::Json | Kind::Feed);
    let whole = outcome.map(|extracted| Extracted {
        is_hidden: is_place.then(|| indexing::is_hidden(text)),
        ..extracted
    });
    whole.unwrap_or_else(Extracted::failed)
}

/// The body as text, after the size gate.
fn checked_text<'a>(document: &Document<'a>) -> Result<std::borrow::Cow<'a, str>, Problem> {
    gate::size(document.body)?;
    if document.body.iter().all(u8::is_ascii_whitespace) {
        return Err(Problem::fatal("the document is empty").in_spanish("el documento está vacío"));
    }
    gate::text(document.body)?;
    Ok(decode::text(document))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Feed,
    Page,
}

/// The document from its feed's root on, when the server's warnings stand before it.
fn without_preamble(text: &str) -> &str {
    let mut tags = lexer::pieces(text, lexer::Rules::XmlLoose)
        .take_while(|&(at, _)| at < PREAMBLE_BYTES_MAX)
        .filter_map(|(at, piece)| match piece {
            lexer::Piece::Start(start) => Some((at, start)),
            _ => None,
        });
    let is_root = |start: &lexer::Start<'_>| match gate::local(start.name) {
        "rss" | "RDF" => true,
        "feed" => start.attributes.contains("xmlns"),
        _ => false,
    };
    match tags.next() {
        Some((_, first)) if is_feed(gate::local(first.name)) => text,
        Some(_) => tags
            .find(|(_, start)| is_root(start))
            .map_or(text, |(at, _)| &text[at..]),
        None => text,
    }
}

/// Whether a document that does not begin like a feed has entries all the same.
fn has_entries(text: &str) -> bool {
    lexer::pieces(text, lexer::Rules::XmlLoose).any(|(_, piece)| match piece {
        lexer::Piece::Start(start) => gate::is_entry(gate::local(start.name)),
        _ => false,
    })
}

/// What the document is by its first characters; its declared type is not trusted.
fn form(text: &str) -> Form {
    if text.starts_with(['{', '[']) {
        return Form::Json;
    }
    match first_element(text) {
        Some(name) if is_feed(name) => Form::Feed,
        Some(name) if name.eq_ignore_ascii_case("html") => Form::Page,
        _ if text.starts_with("<?xml") => Form::Feed,
        _ => Form::Page,
    }
}

/// True for what is read as a feed, whatever it is called, by its first element alone.
pub fn begins_as_feed(body: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&body[..body.len().min(PREAMBLE_BYTES_MAX)]);
    first_element(&head).is_some_and(is_feed)
}

fn first_element(text: &str) -> Option<&str> {
    lexer::pieces(text, lexer::Rules::XmlLoose).find_map(|(_, piece)| match piece {
        lexer::Piece::Start(start) => Some(gate::local(start.name)),
        _ => None,
    })
}

fn is_feed(root: &str) -> bool {
    ["rss", "feed", "rdf", "channel", "entry", "item"]
        .iter()
        .any(|name| root.eq_ignore_ascii_case(name))
}

/// A JSON API, by the source's map; without one it can still be a JSON feed.
fn json(text: &str, document: &Document<'_>, reading: &Reading<'_>) -> Result<Extracted, Problem> {
    if text.starts_with('<') {
        return Err(Problem::fatal(
            "this is a web page or a feed, not JSON: give the address of the API, or another kind",
        )
        .in_spanish(
            "esto es una página web o un canal, no JSON: escriba la dirección de la API, u otro kind",
        ));
    }
    match reading.map {
        Some(map) => map.read(text, document.url, reading.here()),
        None => json_feed::read(text, document.url),
    }
}

/// Runs a third-party parser; its panic becomes a fatal problem.
fn contained<T>(what: &str, run: impl FnOnce() -> T) -> Result<T, Problem> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|_| {
        Problem::fatal(format!(
            "{what} makes the parser fail (a fault of the parser)"
        ))
        .in_spanish("el documento hace fallar al lector (es un defecto del lector)")
    })
}

/// The link as an absolute http(s) address, or nothing. Without a base, which only a file on the
/// command line has not, it stays as it is written.
fn resolve(link: &str, base: Option<&Url>) -> Option<String> {
    // Addresses escaped once too often are common; no real one has this in it.
    let link = html::clean_line(&link.replace("&amp;", "&"))?;
    if let Some(base) = base {
        let url = base.join(&link).ok()?;
        return web_url(&links::uncounted(url));
    }
    match Url::parse(&link) {
        Ok(url) => WRITTEN.contains(&url.scheme()).then_some(link),
        Err(_) => Some(link),
    }
}

/// The schemes of links that may stay as they are written: nothing that a click would run.
const WRITTEN: [&str; 6] = ["http", "https", "ftp", "mailto", "tag", "urn"];

/// The text as an address of its own, if it is one.
fn absolute(link: &str) -> Option<String> {
    Url::parse(link.trim()).ok().and_then(|url| web_url(&url))
}

/// When something was said, as people and machines write it: `2026-11-20`, `hace 3 días`.
pub fn date_of(text: &str, now: Timestamp, local: &LocalTime) -> Option<Timestamp> {
    date::parse(text, Some(Now { at: now, local }))
}

/// What somebody wrote, plain and without control characters; HTML only if it is HTML.
pub fn words_of(text: &str) -> String {
    json_map::plain(text)
}

fn web_url(url: &Url) -> Option<String> {
    matches!(url.scheme(), "http" | "https").then(|| url.to_string())
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
    /// For JSON: of an API, or within a page.
    pub map: Option<&'a Map>,
    /// The source's language: what a post gets that declares none.
    pub lang: Option<Lang>,
    /// Relative dates count from here; published dates are not clamped here.
    pub now: Timestamp,
    /// What a clock shows that people read: the time of "ayer a las 10:30".
    pub local: &'a LocalTime,
}

impl<'a> Reading<'a> {
    fn here(&self) -> Now<'a> {
        Now {
            at: self.now,
            local: self.local,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Kind {
    /// RSS, Atom or JSON feed.
    Feed,
    /// A page with one article.
    Blog,
    /// A page with reviews: markup first, selectors for what has none.
    Reviews,
    /// A JSON API, read by the source's map.
    Json,
    /// A mail, or a folder of them in one file (mbox).
    Mail,
    /// Whatever it looks like.
    Any,
}
