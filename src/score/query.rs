//! The query language of watches, keywords and silences.
//!
//! ```text
//! or     = and { OR and }
//! and    = not { AND not }
//! not    = NOT not | tight
//! tight  = atom { (NEAR/n | BEFORE/n | EXCEPT) atom }        from left to right
//! atom   = [ name: ] ( word | word* | word~ | "a phrase" | /regex/ | ( or ) ) | lang:code
//! name   = title | text | author | source
//! ```
//! Case and accents do not count; `fibra` also finds `#fibra`, while `@fibra` is another name.
//! Title and text are read as one, yet a phrase never reaches from one into the other. `word~` is
//! every form of the word, in the language of the post.
//!
//! **Absent:** anything that is more than linear (times a logarithm) in the text.

mod error;
mod expression;
mod find;
mod forms;
mod lex;
mod near;
mod needs;
mod parse;

mod shape;
mod subject;

pub use error::{QueryError, QueryFault};
pub use needs::Needs;
pub use subject::Subject;

use near::{Reach, near, uncovered};
use subject::View;

use crate::model::{Lang, Span};

/// Characters of one query.
pub const QUERY_CHARS_MAX: usize = 4_096;
/// Words and phrases of one query.
pub const TERMS_MAX: usize = 256;
/// Words of one phrase.
pub const PHRASE_WORDS_MAX: usize = 32;
/// Parentheses and NOTs inside one another.
pub const DEPTH_MAX: usize = 32;
/// The largest `n` of `NEAR/n`: beyond it, AND is meant.
pub const NEAR_MAX: usize = 100;
/// Letters before a `*`: fewer would hit half the dictionary.
pub const STEM_CHARS_MIN: usize = 2;
/// Letters before a `~`: shorter words have no forms that rules could make.
pub const FORMS_CHARS_MIN: usize = 3;
/// Characters of one regular expression.
pub const REGEX_CHARS_MAX: usize = 256;
/// Regular expressions of one query.
pub const REGEXES_MAX: usize = 8;

/// A parsed query.
#[derive(Clone, Debug)]
pub struct Query {
    root: Node,
    terms: Vec<Term>,
    regexes: Vec<regex::Regex>,
}

#[derive(Clone, Debug)]
enum Node {
    /// An index among the query's terms.
    Term(usize),
    /// An index among its regular expressions.
    Regex(usize),
    Lang(Lang),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Near(Box<Node>, Reach, Box<Node>),
    Except(Box<Node>, Box<Node>),
    /// Looked for there alone.
    In(Name, Box<Node>),
}

/// A part of a post that can be named before a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Title,
    Text,
    Author,
    Source,
}

/// A word as it must stand in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    folded: String,
    ending: Ending,
}

/// How the text's word may go on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ending {
    /// Not at all.
    Whole,
    /// In any way: written with `*`.
    Open,
    /// As the forms of a word do: written with `~`.
    Forms(Vec<forms::Form>),
}

/// Words in a row.
type Term = Vec<Pattern>;

/// Where a hit begins and ends, as positions among the words of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    first: usize,
    last: usize,
}

impl Query {
    /// Reads a query.
    ///
    /// ```
    /// use escucha::score::query::{Query, Subject};
    /// use escucha::score::text::Text;
    ///
    /// let query = Query::parse(r#"(ejemplo EXCEPT "por ejemplo") NEAR/5 factura*"#).unwrap();
    /// let finds = |text| query.matches(&Subject::new(&Text::new(None, text)));
    /// assert!(finds("Las facturas de Ejemplo llegan dos veces"));
    /// assert!(!finds("Una factura, por ejemplo"));
    /// ```
    ///
    /// # Errors
    /// The first fault, with the character at which it stands.
    pub fn parse(written: &str) -> Result<Self, QueryError> {
        parse::query(written)
    }

    /// Reads words that stand in a row, without quotes: `cobro duplicado`, `sin problema*`.
    ///
    /// # Errors
    /// The first fault, with the character at which it stands.
    pub fn phrase(written: &str) -> Result<Self, QueryError> {
        Ok(Self {
            root: Node::Term(0),
            terms: vec![parse::phrase(written)?],
            regexes: Vec::new(),
        })
    }

    /// True when the post is what the query asks for.
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        self.found(subject).matched
    }

    /// Every hit in the order of the text, without doubles; none when the post does not match.
    ///
    /// OR yields the hits of all sides, AND too when all sides match, NOT none. NEAR yields the
    /// words from the first to the last: every hit of one side with the nearest of the other,
    /// before and after. What stands in no text (author, source, language) yields none.
    pub fn hits(&self, subject: &Subject<'_>) -> Vec<Span> {
        let text = subject.view().text;
        let mut spans: Vec<Span> = self
            .found(subject)
            .hits
            .iter()
            .filter_map(|hit| text.span(hit.first, hit.last))
            .collect();
        spans.dedup();
        spans
    }

    /// `Some` when the post matches, with the first hit, if the match has a place at all.
    pub fn first(&self, subject: &Subject<'_>) -> Option<Option<Span>> {
        let found = self.found(subject);
        let text = subject.view().text;
        let span = |hit: &Hit| text.span(hit.first, hit.last);
        found.matched.then(|| found.hits.first().and_then(span))
    }

    fn found(&self, subject: &Subject<'_>) -> Found {
        self.root.eval(self, subject.view())
    }
}

/// What a part of the query says about a text. Hits are in ascending order, without doubles.
struct Found {
    matched: bool,
    hits: Vec<Hit>,
}

impl Found {
    fn of(hits: Vec<Hit>) -> Self {
        Self {
            matched: !hits.is_empty(),
            hits,
        }
    }

    /// A match that has no place in the text.
    fn nowhere(matched: bool) -> Self {
        Self {
            matched,
            hits: Vec::new(),
        }
    }
}

impl Node {
    fn eval(&self, query: &Query, view: View<'_>) -> Found {
        match self {
            Self::Term(at) => {
                let term = query.terms.get(*at);
                Found::of(term.map_or_else(Vec::new, |term| find::hits(term, view)))
            }
            Self::Regex(at) => query.regexes.get(*at).map_or_else(
                || Found::nowhere(false),
                |regex| {
                    let (matched, hits) = expression::find(regex, view);
                    Found { matched, hits }
                },
            ),
            Self::Lang(lang) => Found::nowhere(view.lang == Some(*lang)),
            Self::Or(sides) => {
                let found: Vec<Found> = sides.iter().map(|side| side.eval(query, view)).collect();
                let matched = found.iter().any(|side| side.matched);
                Found {
                    matched,
                    hits: union(found),
                }
            }
            Self::And(sides) => {
                let mut found = Vec::with_capacity(sides.len());
                for side in sides {
                    let side = side.eval(query, view);
                    if !side.matched {
                        return Found::nowhere(false);
                    }
                    found.push(side);
                }
                Found {
                    matched: true,
                    hits: union(found),
                }
            }
            Self::Not(side) => Found::nowhere(!side.eval(query, view).matched),
            Self::Near(left, reach, right) => {
                let (left, right) = (left.eval(query, view), right.eval(query, view));
                Found::of(near(&left.hits, *reach, &right.hits))
            }
            Self::Except(kept, cover) => {
                let (kept, cover) = (kept.eval(query, view), cover.eval(query, view));
                Found::of(uncovered(&kept.hits, &cover.hits))
            }
            Self::In(name, inner) => {
                let found = inner.eval(query, view.of(*name));
                match name {
                    Name::Title | Name::Text => found,
                    Name::Author | Name::Source => Found::nowhere(found.matched),
                }
            }
        }
    }
}

fn union(found: Vec<Found>) -> Vec<Hit> {
    let mut hits: Vec<Hit> = found.into_iter().flat_map(|side| side.hits).collect();
    hits.sort_unstable();
    hits.dedup();
    hits
}

#[cfg(test)]
mod tests;
