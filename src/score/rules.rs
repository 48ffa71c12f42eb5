//! What the analyst's `keywords.toml` says, checked and compiled: the scorer's only input beside the post.

use jiff::civil::Date;

use super::Sample;
use super::query::{Query, Subject};
use crate::model::{Lang, Minutes, Span};

/// The whole of `keywords.toml`.
#[derive(Clone, Debug)]
pub struct Rules {
    pub watches: Vec<Watch>,
    pub levels: Levels,
    pub points: Points,
    pub keywords: Vec<Keyword>,
    pub silences: Vec<Silence>,
}

/// What we listen for.
#[derive(Clone, Debug)]
pub struct Watch {
    pub name: String,
    pub query: Query,
    /// Replaces `alerts.to` when not empty.
    pub to: Vec<String>,
    pub urgent_at: Option<u8>,
    pub answer_within: Option<Minutes>,
    /// Empty: every language.
    pub languages: Vec<Lang>,
    /// Names of sources; empty: every source.
    pub sources: Vec<String>,
    /// Shows what it would find, and makes nobody listen until it has earned it.
    pub trial: bool,
    /// Where it is written in its file, from 1; 0: in none.
    pub line: usize,
}

impl Watch {
    /// A watch over every language and source.
    pub fn new(name: &str, query: Query) -> Self {
        Self {
            name: name.to_owned(),
            query,
            to: Vec::new(),
            urgent_at: None,
            answer_within: None,
            languages: Vec::new(),
            sources: Vec::new(),
            trial: false,
            line: 0,
        }
    }

    /// True when a post is what it listens for, or its source says so.
    pub fn finds(&self, sample: &Sample<'_>, subject: &Subject<'_>, lang: Option<Lang>) -> bool {
        let source = self.sources.is_empty()
            || sample
                .source
                .is_some_and(|source| self.sources.iter().any(|name| name == source));
        sample.about.contains(&self.name)
            || (source && speaks(&self.languages, lang) && self.query.matches(subject))
    }
}

/// Empty: every language. What cannot be told may be any of them.
fn speaks(languages: &[Lang], lang: Option<Lang>) -> bool {
    languages.is_empty() || lang.is_none_or(|lang| languages.contains(&lang))
}

/// Probabilities in millionths, risk in points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    pub complaint_at: i64,
    pub doubt_at: i64,
    pub urgent_at: u8,
}

impl Default for Levels {
    fn default() -> Self {
        Self {
            complaint_at: 600_000,
            doubt_at: 350_000,
            urgent_at: 75,
        }
    }
}

/// What each finding adds to the risk. Every name here is a key of `[points]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Points {
    pub unanswered_contact: i64,
    pub loyalty: i64,
    pub churn_threat: i64,
    pub farewell: i64,
    pub asks_for_reply: i64,
    pub crowd: i64,
    pub repeat_failure: i64,
    pub legal_threat: i64,
    pub safety: i64,
    pub privacy: i64,
    /// Very negative words (sentiment of −0.6 and below); half of it from −0.3.
    pub anger: i64,
    /// Lowest fifth of the stars.
    pub stars: i64,
    /// Every week of waiting that he tells, at most three.
    pub waiting_week: i64,
    /// Any complaint at all: where the sum begins.
    pub complaint: i64,
    /// A small customer base, where losing one weighs: all of it up to 100 customers, half up to
    /// 1,000, a fifth up to 10,000.
    pub customer_base: i64,
    /// A source that many people read; as much is taken away where few do.
    pub reach: i64,
    /// The title names us, where searches may find it.
    pub brand_in_title: i64,
    /// Its page lets search engines show it.
    pub indexable: i64,
    /// Every case that he had before in the same place, at most three.
    pub earlier_case: i64,
    /// He praised us before in the same place.
    pub earlier_praise: i64,
}

impl Default for Points {
    fn default() -> Self {
        Self {
            unanswered_contact: 30,
            loyalty: 15,
            churn_threat: 12,
            farewell: 8,
            asks_for_reply: 5,
            crowd: 8,
            repeat_failure: 10,
            legal_threat: 15,
            safety: 25,
            privacy: 15,
            anger: 10,
            stars: 8,
            waiting_week: 4,
            complaint: 15,
            customer_base: 10,
            reach: 8,
            brand_in_title: 4,
            indexable: 3,
            earlier_case: 5,
            earlier_praise: 8,
        }
    }
}

/// A word or query that adds or takes points.
#[derive(Clone, Debug)]
pub struct Keyword {
    /// As written in the file: what reasons quote.
    pub written: String,
    pub query: Query,
    pub points: i64,
    /// Empty: every language. Fires also where the language is unsure.
    pub languages: Vec<Lang>,
    /// Scores in silence until it has earned the right to alert.
    pub trial: bool,
    /// Where it is written in its file, from 1; 0: in none.
    pub line: usize,
}

impl Keyword {
    /// `Some` when it fires, with the words that made it, where there are any.
    pub fn finds(&self, subject: &Subject<'_>, lang: Option<Lang>) -> Option<Option<Span>> {
        if !speaks(&self.languages, lang) {
            return None;
        }
        self.query.first(subject)
    }
}

/// What is known and answered in public already is not told again until `until`.
#[derive(Clone, Debug)]
pub struct Silence {
    /// As written in the file.
    pub written: String,
    pub query: Query,
    pub until: Date,
    pub because: String,
    /// Where it is written in its file, from 1; 0: in none.
    pub line: usize,
}

impl Default for Rules {
    /// The rules of a program without configuration: no watch (every text matches), default points.
    fn default() -> Self {
        Self {
            watches: Vec::new(),
            levels: Levels::default(),
            points: Points::default(),
            keywords: Vec::new(),
            silences: Vec::new(),
        }
    }
}
