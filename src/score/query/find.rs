//! Finds a term of a query in a text, by its rarest word.

use super::subject::View;
use super::{Ending, Hit, Pattern, Term};
use crate::model::Lang;
use crate::score::text::Text;

/// Where a term stands, in ascending order.
pub(super) fn hits(term: &Term, view: View<'_>) -> Vec<Hit> {
    let rarest = term
        .iter()
        .map(|pattern| pattern.places(view.text, view.lang))
        .enumerate()
        .min_by_key(|(_, places)| places.iter().map(|part| part.len()).sum::<usize>());
    let Some((step, places)) = rarest else {
        return Vec::new();
    };
    let mut hits: Vec<Hit> = places
        .into_iter()
        .flatten()
        .filter_map(|at| at.checked_sub(step))
        .filter(|first| stands(term, *first, view))
        .map(|first| Hit {
            first,
            last: first + term.len() - 1,
        })
        .collect();
    hits.sort_unstable();
    hits.dedup();
    hits
}

/// True when the words from `first` on are those of the term, all in one field.
fn stands(term: &Term, first: usize, view: View<'_>) -> bool {
    let Some(field) = view.text.word(first).map(|word| word.field) else {
        return false;
    };
    view.sees(field)
        && term.iter().enumerate().all(|(step, pattern)| {
            view.text
                .word(first + step)
                .is_some_and(|word| word.field == field && pattern.fits(&word.folded, view.lang))
        })
}

impl Pattern {
    /// Where this word may stand, also as a hashtag: more than fits, never less.
    fn places<'t>(&self, text: &'t Text, lang: Option<Lang>) -> Vec<&'t [usize]> {
        let both = |word: &str, open: bool| {
            [word.to_owned(), format!("#{word}")].map(|word| text.places(&word, open))
        };
        match &self.ending {
            Ending::Whole => both(&self.folded, false).to_vec(),
            Ending::Open => both(&self.folded, true).to_vec(),
            Ending::Forms(forms) => {
                let forms = forms.iter().filter(|form| form.is_of(lang));
                let mut places: Vec<&[usize]> =
                    forms.flat_map(|form| both(&form.stem, true)).collect();
                places.extend(both(&self.folded, false));
                places
            }
        }
    }

    pub(super) fn fits(&self, word: &str, lang: Option<Lang>) -> bool {
        let is_same = |word: &str| match &self.ending {
            Ending::Whole => word == self.folded,
            Ending::Open => word.starts_with(&self.folded),
            Ending::Forms(forms) => {
                word == self.folded
                    || forms
                        .iter()
                        .any(|form| form.is_of(lang) && form.makes(word))
            }
        };
        is_same(word) || word.strip_prefix('#').is_some_and(is_same)
    }
}
