//! What must stand in a text for a query to match it: a look that is cheaper than the query itself.

use super::{Ending, Name, Node, Query, Term};

/// Pieces of folded text of which a matching post has at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Needs {
    /// It may match whatever the text says.
    Nothing,
    /// None: it cannot match at all.
    OneOf(Vec<String>),
}

impl Query {
    /// What every match has, in title or text. Sound, not complete: a text that has it may still not
    /// match.
    pub fn needs(&self) -> Needs {
        self.root.needs(&self.terms)
    }
}

impl Node {
    fn needs(&self, terms: &[Term]) -> Needs {
        match self {
            Self::Term(at) => Needs::OneOf(terms.get(*at).map_or_else(Vec::new, rarest)),
            Self::Regex(_)
            | Self::Lang(_)
            | Self::Not(_)
            | Self::In(Name::Author | Name::Source, _) => Needs::Nothing,
            Self::And(sides) => sides
                .iter()
                .map(|side| side.needs(terms))
                .min_by_key(Needs::cost)
                .unwrap_or(Needs::Nothing),
            Self::Or(sides) => sides
                .iter()
                .map(|side| side.needs(terms))
                .fold(Needs::OneOf(Vec::new()), Needs::or),
            Self::Near(left, _, right) => {
                let (left, right) = (left.needs(terms), right.needs(terms));
                if left.cost() <= right.cost() {
                    left
                } else {
                    right
                }
            }
            Self::Except(kept, _) => kept.needs(terms),
            Self::In(Name::Title | Name::Text, inner) => inner.needs(terms),
        }
    }
}

impl Needs {
    /// What the one or the other needs.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::OneOf(mut some), Self::OneOf(more)) => {
                some.extend(more);
                Self::OneOf(some)
            }
            _ => Self::Nothing,
        }
    }

    /// How many texts are likely to have it: short pieces stand in many.
    fn cost(&self) -> usize {
        const LETTERS: usize = 24;
        match self {
            Self::Nothing => usize::MAX,
            Self::OneOf(pieces) => pieces
                .iter()
                .map(|piece| 1 << (2 * LETTERS.saturating_sub(piece.chars().count().min(LETTERS))))
                .fold(0, usize::saturating_add),
        }
    }
}

/// The pieces of the word of a term that is likely to be the rarest.
fn rarest(term: &Term) -> Vec<String> {
    let pieces = term.iter().map(|pattern| match &pattern.ending {
        Ending::Whole | Ending::Open => vec![pattern.folded.clone()],
        Ending::Forms(forms) => {
            let mut pieces: Vec<String> = forms.iter().map(|form| form.stem.clone()).collect();
            pieces.push(pattern.folded.clone());
            pieces.sort_unstable();
            pieces.dedup();
            pieces
        }
    });
    let least = pieces.min_by_key(|pieces| Needs::OneOf(pieces.clone()).cost());
    least.unwrap_or_default()
}
