//! Finds every term of a query in one pass over the words of a text.

use std::collections::BTreeMap;

use super::{Hit, Term};
use crate::score::text::Text;

/// The terms of a query, reachable by their first word.
#[derive(Clone, Debug)]
pub(super) struct Finder {
    terms: Vec<Term>,
    /// First words that must stand whole, with the terms that begin so.
    whole: BTreeMap<String, Vec<usize>>,
    /// First words that may go on, by their length in bytes.
    stems: BTreeMap<usize, BTreeMap<String, Vec<usize>>>,
}

impl Finder {
    pub(super) fn new(terms: Vec<Term>) -> Self {
        let mut whole: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut stems: BTreeMap<usize, BTreeMap<String, Vec<usize>>> = BTreeMap::new();
        for (at, term) in terms.iter().enumerate() {
            let Some(head) = term.first() else { continue };
            let heads = if head.open {
                stems.entry(head.folded.len()).or_default()
            } else {
                &mut whole
            };
            heads.entry(head.folded.clone()).or_default().push(at);
        }
        Self {
            terms,
            whole,
            stems,
        }
    }

    /// Where each term stands, in ascending order.
    pub(super) fn positions(&self, text: &Text) -> Vec<Vec<Hit>> {
        let mut positions = vec![Vec::new(); self.terms.len()];
        for first in 0..text.words.len() {
            let Some(word) = text.word(first) else { break };
            self.candidates(&word.folded, |at| {
                let last = first + self.terms[at].len() - 1;
                if self.stands(at, first, text) {
                    positions[at].push(Hit { first, last });
                }
            });
        }
        positions
    }

    /// Calls `found` once for each term whose first word this is.
    fn candidates(&self, word: &str, mut found: impl FnMut(usize)) {
        let bare = word.strip_prefix('#');
        for word in [Some(word), bare].into_iter().flatten() {
            for &at in self.whole.get(word).into_iter().flatten() {
                found(at);
            }
            for (len, heads) in &self.stems {
                let stem = word.get(..*len).and_then(|stem| heads.get(stem));
                for &at in stem.into_iter().flatten() {
                    found(at);
                }
            }
        }
    }

    /// True when the words after `first` are those of the term, all in one field.
    fn stands(&self, at: usize, first: usize, text: &Text) -> bool {
        let field = text.word(first).map(|word| word.field);
        self.terms[at]
            .iter()
            .enumerate()
            .skip(1)
            .all(|(step, pattern)| {
                text.word(first + step).is_some_and(|word| {
                    Some(word.field) == field
                        && (pattern.fits(&word.folded)
                            || word
                                .folded
                                .strip_prefix('#')
                                .is_some_and(|bare| pattern.fits(bare)))
                })
            })
    }
}

impl super::Pattern {
    fn fits(&self, word: &str) -> bool {
        if self.open {
            word.starts_with(&self.folded)
        } else {
            word == self.folded
        }
    }
}
