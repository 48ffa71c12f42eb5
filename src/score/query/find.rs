//! Finds a term of a query in a text, by its rarest word.

use super::{Hit, Pattern, Term};
use crate::score::text::Text;

/// Where a term stands, in ascending order.
pub(super) fn hits(term: &Term, text: &Text) -> Vec<Hit> {
    let rarest = term
        .iter()
        .map(|pattern| pattern.places(text))
        .enumerate()
        .min_by_key(|(_, places)| places.iter().map(|part| part.len()).sum::<usize>());
    let Some((step, places)) = rarest else {
        return Vec::new();
    };
    let mut hits: Vec<Hit> = places
        .into_iter()
        .flatten()
        .filter_map(|at| at.checked_sub(step))
        .filter(|first| stands(term, *first, text))
        .map(|first| Hit {
            first,
            last: first + term.len() - 1,
        })
        .collect();
    hits.sort_unstable();
    hits
}

/// True when the words from `first` on are those of the term, all in one field.
fn stands(term: &Term, first: usize, text: &Text) -> bool {
    let field = text.word(first).map(|word| word.field);
    term.iter().enumerate().all(|(step, pattern)| {
        text.word(first + step)
            .is_some_and(|word| Some(word.field) == field && pattern.fits(&word.folded))
    })
}

impl Pattern {
    /// Where this word stands, and where it stands as a hashtag.
    fn places<'t>(&self, text: &'t Text) -> [&'t [usize]; 2] {
        [&self.folded, &format!("#{}", self.folded)].map(|word| text.places(word, self.open))
    }

    fn fits(&self, word: &str) -> bool {
        let is_same = |word: &str| {
            if self.open {
                word.starts_with(&self.folded)
            } else {
                word == self.folded
            }
        };
        is_same(word) || word.strip_prefix('#').is_some_and(is_same)
    }
}
