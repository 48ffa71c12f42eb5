//! The query language of watches, keywords and silences.
//!
//! ```text
//! or     = and { OR and }
//! and    = not { AND not }
//! not    = NOT not | tight
//! tight  = atom { (NEAR/n | EXCEPT) atom }        from left to right
//! atom   = word | word* | "a phrase" | ( or )
//! ```
//! Case and accents do not count; `fibra` also finds `#fibra`, while `@fibra` is another name.
//! Title and text are read as one, yet a phrase never reaches from one into the other.
//!
//! **Absent:** fields, regular expressions, and anything that is more than linear (times a
//! logarithm) in the text.

mod error;
mod find;
mod parse;

pub use error::{QueryError, QueryFault};

use std::cmp::Reverse;

use super::text::Text;
use crate::model::Span;

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

/// A parsed query.
#[derive(Clone, Debug)]
pub struct Query {
    root: Node,
    terms: Vec<Term>,
}

#[derive(Clone, Debug)]
enum Node {
    /// An index among the query's terms.
    Term(usize),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    /// Both, with at most this many words between them.
    Near(Box<Node>, usize, Box<Node>),
    Except(Box<Node>, Box<Node>),
}

/// A word as it must stand in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    folded: String,
    /// Written with `*`: the text's word may go on.
    open: bool,
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
    /// use escucha::score::{query::Query, text::Text};
    ///
    /// let query = Query::parse(r#"(ejemplo EXCEPT "por ejemplo") NEAR/5 factura*"#).unwrap();
    /// assert!(query.matches(&Text::new(None, "Las facturas de Ejemplo llegan dos veces")));
    /// assert!(!query.matches(&Text::new(None, "Una factura, por ejemplo")));
    /// ```
    ///
    /// # Errors
    /// The first fault, with the character at which it stands.
    pub fn parse(written: &str) -> Result<Self, QueryError> {
        let (root, terms) = parse::query(written)?;
        Ok(Self { root, terms })
    }

    /// Reads words that stand in a row, without quotes: `cobro duplicado`, `sin problema*`.
    ///
    /// # Errors
    /// The first fault, with the character at which it stands.
    pub fn phrase(written: &str) -> Result<Self, QueryError> {
        Ok(Self {
            root: Node::Term(0),
            terms: vec![parse::phrase(written)?],
        })
    }

    /// True when the text is what the query asks for.
    pub fn matches(&self, text: &Text) -> bool {
        self.found(text).matched
    }

    /// Every hit in the order of the text, without doubles; none when the text does not match.
    ///
    /// OR yields the hits of all sides, AND too when all sides match, NOT none. NEAR yields the
    /// words from the first to the last: every hit of one side with the nearest of the other,
    /// before and after.
    pub fn hits(&self, text: &Text) -> Vec<Span> {
        let mut spans: Vec<Span> = self
            .found(text)
            .hits
            .iter()
            .filter_map(|hit| text.span(hit.first, hit.last))
            .collect();
        spans.dedup();
        spans
    }

    fn found(&self, text: &Text) -> Found {
        self.root.eval(&self.terms, text)
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
}

impl Node {
    fn eval(&self, terms: &[Term], text: &Text) -> Found {
        match self {
            Self::Term(at) => Found::of(
                terms
                    .get(*at)
                    .map_or_else(Vec::new, |term| find::hits(term, text)),
            ),
            Self::Or(sides) => {
                let found: Vec<Found> = sides.iter().map(|side| side.eval(terms, text)).collect();
                let matched = found.iter().any(|side| side.matched);
                Found {
                    matched,
                    hits: union(found),
                }
            }
            Self::And(sides) => {
                let mut found = Vec::with_capacity(sides.len());
                for side in sides {
                    let side = side.eval(terms, text);
                    if !side.matched {
                        return Found::of(Vec::new());
                    }
                    found.push(side);
                }
                Found {
                    matched: true,
                    hits: union(found),
                }
            }
            Self::Not(side) => Found {
                matched: !side.eval(terms, text).matched,
                hits: Vec::new(),
            },
            Self::Near(left, n, right) => {
                let (left, right) = (left.eval(terms, text), right.eval(terms, text));
                Found::of(near(&left.hits, *n, &right.hits))
            }
            Self::Except(kept, cover) => {
                let (kept, cover) = (kept.eval(terms, text), cover.eval(terms, text));
                Found::of(uncovered(&kept.hits, &cover.hits))
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

/// Pairs of `left` and `right` that do not overlap and have at most `n` words between them, in
/// either order. Each hit is paired with its nearest partner on both sides. That finds a pair
/// wherever there is one, also for a NEAR around this one, which sees only where a pair begins and
/// where it ends.
fn near(left: &[Hit], n: usize, right: &[Hit]) -> Vec<Hit> {
    let mut hits = Vec::new();
    pair(left, n, right, &mut hits);
    pair(right, n, left, &mut hits);
    thin(hits)
}

/// The shortest hit from each beginning and the shortest to each end: never more than twice the
/// words.
fn thin(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_unstable_by_key(|hit| (hit.last, Reverse(hit.first)));
    let mut kept = hits.clone();
    kept.dedup_by_key(|hit| hit.last);
    hits.sort_unstable();
    hits.dedup_by_key(|hit| hit.first);
    kept.append(&mut hits);
    kept.sort_unstable();
    kept.dedup();
    kept
}

/// All `before` followed by the nearest of `after`, and all `after` preceded by the nearest of
/// `before`.
fn pair(before: &[Hit], n: usize, after: &[Hit], hits: &mut Vec<Hit>) {
    let mut ends: Vec<Hit> = before.to_vec();
    ends.sort_unstable_by_key(|hit| (hit.last, hit.first));
    let mut push = |a: Hit, b: Hit| {
        if b.first - a.last - 1 <= n {
            hits.push(Hit {
                first: a.first,
                last: b.last,
            });
        }
    };
    for &a in before {
        let next = after.partition_point(|b| b.first <= a.last);
        if let Some(&b) = after.get(next) {
            push(a, b);
        }
    }
    for &b in after {
        let past = ends.partition_point(|a| a.last < b.first);
        if let Some(&a) = past.checked_sub(1).and_then(|at| ends.get(at)) {
            push(a, b);
        }
    }
}

/// The hits of `kept` that lie within no hit of `cover`.
fn uncovered(kept: &[Hit], cover: &[Hit]) -> Vec<Hit> {
    // The farthest end of all covers up to here: they ascend by their first word.
    let farthest: Vec<usize> = cover
        .iter()
        .scan(0, |end, hit| {
            *end = hit.last.max(*end);
            Some(*end)
        })
        .collect();
    let is_covered = |hit: &&Hit| {
        let n_begun = cover.partition_point(|c| c.first <= hit.first);
        n_begun > 0 && farthest[n_begun - 1] >= hit.last
    };
    kept.iter()
        .filter(|hit| !is_covered(hit))
        .copied()
        .collect()
}

#[cfg(test)]
mod tests;
