//! Turns a fetched body into posts. Never fails: what cannot be read becomes a [`Problem`].
//!
//! **Invariant:** nothing here awaits, reads a clock or opens a file.

mod selectors;

pub use selectors::{RawSelectors, Selectors};

use url::Url;

use crate::model::{Lang, Post, Timestamp};

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
#[derive(Clone, Debug, Default)]
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

impl Extracted {
    /// The sentence of the fatal problem, if there is one.
    pub fn failure(&self) -> Option<&str> {
        self.problems
            .iter()
            .find(|problem| problem.fatal)
            .map(|problem| problem.detail.as_str())
    }
}
