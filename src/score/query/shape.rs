//! What a query looks like, for those who check a file of them: its normal form, its NOTs, and
//! whether it can match at all.

use super::{Ending, Node, Pattern, Query, Term};
use crate::model::Lang;

impl Query {
    /// Two queries with the same normal form find the same: the order of AND and OR does not count,
    /// nor do case, accents, and parentheses that change nothing.
    pub fn normal_form(&self) -> String {
        self.root.normal_form(self)
    }

    /// True when it looks at the whole post for what must not stand there.
    pub fn has_not(&self) -> bool {
        self.root.has_not()
    }

    /// The languages in which alone it can match; none: in all of them.
    pub fn langs(&self) -> Option<Vec<Lang>> {
        self.root.langs()
    }

    /// True when its own parts contradict each other: `a AND NOT a`, `a EXCEPT a*`.
    pub fn is_impossible(&self) -> bool {
        self.root.is_impossible(self)
    }

    /// True when everything that `other` finds is found by this one too, as far as their words show.
    /// Only plain words and phrases are compared.
    pub fn covers(&self, other: &Self) -> bool {
        match (&self.root, &other.root) {
            (Node::Term(own), Node::Term(theirs)) => {
                let (own, theirs) = (self.terms.get(*own), other.terms.get(*theirs));
                own.zip(theirs)
                    .is_some_and(|(own, theirs)| covers(own, theirs))
            }
            _ => false,
        }
    }
}

impl Node {
    pub(super) fn has(&self, is: &dyn Fn(&Self) -> bool) -> bool {
        is(self)
            || match self {
                Self::Term(_) | Self::Regex(_) | Self::Lang(_) => false,
                Self::Not(side) | Self::In(_, side) => side.has(is),
                Self::And(sides) | Self::Or(sides) => sides.iter().any(|side| side.has(is)),
                Self::Near(left, _, right) | Self::Except(left, right) => {
                    left.has(is) || right.has(is)
                }
            }
    }

    pub(super) fn has_not(&self) -> bool {
        self.has(&|node| matches!(node, Self::Not(_)))
    }

    fn normal_form(&self, query: &Query) -> String {
        let sorted = |sides: &[Self]| {
            let mut sides: Vec<String> = sides.iter().map(|side| side.normal_form(query)).collect();
            sides.sort_unstable();
            sides.dedup();
            sides
        };
        let joined = |sides: Vec<String>, by: &str| match sides.as_slice() {
            [only] => only.clone(),
            _ => format!("({})", sides.join(by)),
        };
        match self {
            Self::Term(at) => query.terms.get(*at).map_or_else(String::new, written),
            Self::Regex(at) => query
                .regexes
                .get(*at)
                .map_or_else(String::new, |regex| format!("/{regex}/")),
            Self::Lang(lang) => format!("lang:{}", lang.code()),
            Self::And(sides) => joined(sorted(sides), " AND "),
            Self::Or(sides) => joined(sorted(sides), " OR "),
            Self::Not(side) => format!("NOT {}", side.normal_form(query)),
            Self::Near(left, reach, right) => {
                let (left, right) = (left.normal_form(query), right.normal_form(query));
                let words = reach.words;
                if reach.ordered {
                    return format!("({left} BEFORE/{words} {right})");
                }
                let (first, second) = if left <= right {
                    (left, right)
                } else {
                    (right, left)
                };
                format!("({first} NEAR/{words} {second})")
            }
            Self::Except(kept, cover) => format!(
                "({} EXCEPT {})",
                kept.normal_form(query),
                cover.normal_form(query)
            ),
            Self::In(name, inner) => format!("{}:{}", name.word(), inner.normal_form(query)),
        }
    }

    fn langs(&self) -> Option<Vec<Lang>> {
        match self {
            Self::Lang(lang) => Some(vec![*lang]),
            Self::And(sides) => sides
                .iter()
                .filter_map(Self::langs)
                .reduce(|mut kept, side| {
                    kept.retain(|lang| side.contains(lang));
                    kept
                }),
            Self::Or(sides) => {
                let sides: Option<Vec<Vec<Lang>>> = sides.iter().map(Self::langs).collect();
                sides.map(|sides| sides.concat())
            }
            Self::In(_, inner) => inner.langs(),
            Self::Term(_) | Self::Regex(_) | Self::Not(_) | Self::Near(..) | Self::Except(..) => {
                None
            }
        }
    }

    fn is_impossible(&self, query: &Query) -> bool {
        match self {
            Self::Term(_) | Self::Regex(_) | Self::Lang(_) | Self::Not(_) => false,
            Self::Or(sides) => sides.iter().all(|side| side.is_impossible(query)),
            Self::And(sides) => {
                let form = |side: &Self| side.normal_form(query);
                let forms: Vec<String> = sides.iter().map(form).collect();
                let denied = sides
                    .iter()
                    .any(|side| matches!(side, Self::Not(inner) if forms.contains(&form(inner))));
                denied
                    || self.langs().is_some_and(|langs| langs.is_empty())
                    || sides.iter().any(|side| side.is_impossible(query))
            }
            Self::Near(left, _, right) => left.is_impossible(query) || right.is_impossible(query),
            Self::Except(kept, cover) => {
                let covered = kept.terms(query).is_some_and(|kept| {
                    let cover = cover.terms(query).unwrap_or_default();
                    kept.iter()
                        .all(|kept| cover.iter().any(|cover| covers_words(cover, kept)))
                });
                covered || kept.is_impossible(query)
            }
            Self::In(_, inner) => inner.is_impossible(query),
        }
    }

    /// The terms of which one is all that this finds; `None` when it is more than that.
    fn terms<'q>(&self, query: &'q Query) -> Option<Vec<&'q Term>> {
        match self {
            Self::Term(at) => query.terms.get(*at).map(|term| vec![term]),
            Self::Or(sides) => {
                let sides: Option<Vec<Vec<&Term>>> =
                    sides.iter().map(|side| side.terms(query)).collect();
                sides.map(|sides| sides.concat())
            }
            _ => None,
        }
    }
}

/// A term as it could be written.
fn written(term: &Term) -> String {
    let words: Vec<String> = term
        .iter()
        .map(|pattern| match pattern.ending {
            Ending::Whole => pattern.folded.clone(),
            Ending::Open => format!("{}*", pattern.folded),
            Ending::Forms(_) => format!("{}~", pattern.folded),
        })
        .collect();
    match words.as_slice() {
        [only] => only.clone(),
        _ => format!("\"{}\"", words.join(" ")),
    }
}

/// True when each place of `inner` lies within a place of `outer`.
fn covers(outer: &Term, inner: &Term) -> bool {
    inner
        .windows(outer.len())
        .any(|row| row.iter().zip(outer).all(|(own, outer)| outer.holds(own)))
}

/// The same for words of one length: then a hit of the one is a hit of the other.
fn covers_words(outer: &Term, inner: &Term) -> bool {
    outer.len() == inner.len() && covers(outer, inner)
}

impl Pattern {
    /// True when every word that fits `other` fits this.
    fn holds(&self, other: &Self) -> bool {
        match (&self.ending, &other.ending) {
            (Ending::Open, Ending::Whole | Ending::Open) => other.folded.starts_with(&self.folded),
            (Ending::Whole | Ending::Forms(_), Ending::Whole)
            | (Ending::Forms(_), Ending::Forms(_)) => self.folded == other.folded,
            _ => false,
        }
    }
}
