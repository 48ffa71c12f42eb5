//! In how many of a source's items each told place was found: a wrong selector or pointer is seen here.
//!
//! Absent: the places themselves, and `item`, without which there is nothing to count.

use serde::{Deserialize, Serialize};

use super::Problem;
use super::html::clean;
use crate::model::{Post, Ui};

/// The keys that are counted, in the order in which they are told. `next` is no part of an item.
pub(super) const KEYS: [&str; 8] = [
    "text", "date", "rating", "url", "author", "id", "title", "reply_to",
];
/// Characters of what a problem quotes of a document or a configuration.
const QUOTED_CHARS_MAX: usize = 40;

/// In how many of the items each place was found and could be read, for the places that were told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finds {
    pub n_items: usize,
    pub places: Vec<(String, usize)>,
}

/// What places are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notion {
    Selector,
    Pointer,
}

/// The count while it goes on.
pub(super) struct Tally {
    notion: Notion,
    n_items: usize,
    /// In how many items each of [`KEYS`] found something, and something that could be read.
    found: [usize; KEYS.len()],
    read: [usize; KEYS.len()],
}

impl Finds {
    /// "of 3 items: text in 3, author in 0"; nothing where no place was told.
    pub fn sentence(&self, ui: Ui) -> Option<String> {
        if self.places.is_empty() || self.n_items == 0 {
            return None;
        }
        let within = ui.pick("en", "in");
        let places = self.places.iter();
        let places: Vec<String> = places
            .map(|(key, n)| format!("{key} {within} {n}"))
            .collect();
        let places = places.join(", ");
        let items = ui.count(self.n_items, ["elemento", "elementos"], ["item", "items"]);
        Some(format!("{} {items}: {places}", ui.pick("de", "of")))
    }

    /// Counts the items of another part of the same page, too.
    pub(super) fn add(&mut self, other: &Self) {
        self.n_items += other.n_items;
        for ((_, n), (_, more)) in self.places.iter_mut().zip(&other.places) {
            *n += more;
        }
    }
}

impl Tally {
    pub(super) fn of(notion: Notion) -> Self {
        Self {
            notion,
            n_items: 0,
            found: [0; KEYS.len()],
            read: [0; KEYS.len()],
        }
    }

    /// Counts one item: what was made of it, and which of [`KEYS`] found something, whatever it is.
    pub(super) fn note(&mut self, post: &Post, is_found: impl Fn(usize) -> bool) {
        self.n_items += 1;
        for (at, key) in KEYS.into_iter().enumerate() {
            // Only where nothing could be read is it asked whether there was anything.
            let is_read = has(post, key);
            self.read[at] += usize::from(is_read);
            self.found[at] += usize::from(is_read || is_found(at));
        }
    }

    /// The counts of the places that `written` knows.
    pub(super) fn finds<'a>(&self, written: impl Fn(&'static str) -> Option<&'a str>) -> Finds {
        let told = KEYS.into_iter().zip(self.read);
        let told = told.filter(|(key, _)| written(key).is_some());
        Finds {
            n_items: self.n_items,
            places: told.map(|(key, n)| (key.to_owned(), n)).collect(),
        }
    }

    /// Each told place that never found anything, or nothing that can be read, with its key. What a post
    /// answers is left out: most posts answer none. `first` says what the first item has, in both
    /// languages, where that can be said in short.
    pub(super) fn problems<'a>(
        &self,
        written: impl Fn(&'static str) -> Option<&'a str>,
        first: impl Fn(Ui) -> Option<String>,
    ) -> Vec<(&'static str, Problem)> {
        let is_worth_a_word = |at: usize| {
            let is_lost = self.n_items > 0 && self.read[at] == 0;
            is_lost && KEYS[at] != "reply_to"
        };
        let lost = (0..KEYS.len()).filter(|at| is_worth_a_word(*at));
        lost.filter_map(|at| {
            let (key, place) = (KEYS[at], short(written(KEYS[at])?));
            let [spanish, english] = [Ui::Es, Ui::En].map(|ui| match self.found[at] {
                0 => self.nothing(key, &place, first(ui), ui),
                _ => self.unread(key, &place, ui),
            });
            Some((key, Problem::minor(english).in_spanish(spanish)))
        })
        .collect()
    }

    fn nothing(&self, key: &str, place: &str, first: Option<String>, ui: Ui) -> String {
        let (n, what) = (self.n_items, self.notion.word(ui));
        let said = match (ui, n) {
            (Ui::Es, 1) => {
                format!("{what} de {key}, «{place}», no encuentra nada en el único elemento")
            }
            (Ui::Es, n) => format!(
                "{what} de {key}, «{place}», no encuentra nada en ninguno de los {n} elementos"
            ),
            (Ui::En, 1) => format!("{what} for {key}, {place:?}, finds nothing in the only item"),
            (Ui::En, n) => {
                format!("{what} for {key}, {place:?}, finds nothing in any of {n} items")
            }
        };
        match (first, ui) {
            (Some(first), _) if n == 1 => format!("{said}, {} {first}", ui.pick("que", "which")),
            (Some(first), Ui::Es) => format!("{said}; el primero {first}"),
            (Some(first), Ui::En) => format!("{said}; the first {first}"),
            (None, Ui::Es) => format!("{said}: compárelo con la página en el navegador"),
            (None, Ui::En) => format!("{said}: compare it with the page in the browser"),
        }
    }

    fn unread(&self, key: &str, place: &str, ui: Ui) -> String {
        let what = self.notion.word(ui);
        let why = match key {
            "date" => ui.pick(
                "no se puede leer como fecha: date_format dice cómo se escriben",
                "cannot be read as a date: date_format says how they are written",
            ),
            "rating" => ui.pick(
                "no se puede leer como nota: indique el atributo que la lleva, o rating_pattern",
                "cannot be read as a rating: name the attribute that holds it, or rating_pattern",
            ),
            "url" => ui.pick("no es un enlace", "is no link"),
            _ => ui.pick("está vacío", "is empty"),
        };
        match ui {
            Ui::Es => format!("lo que encuentra «{place}», {what} de {key}, {why}"),
            Ui::En => format!("what {place:?}, {what} for {key}, finds {why}"),
        }
    }
}

impl Notion {
    fn word(self, ui: Ui) -> &'static str {
        match self {
            Self::Selector => ui.pick("el selector", "the selector"),
            Self::Pointer => ui.pick("el puntero", "the pointer"),
        }
    }
}

fn has(post: &Post, key: &str) -> bool {
    match key {
        "text" => !post.text.is_empty(),
        "date" => post.published.is_some(),
        "rating" => post.rating.is_some(),
        "url" => post.url.is_some(),
        "author" => post.author.is_some(),
        "id" => post.guid.is_some(),
        "title" => post.title.is_some(),
        "reply_to" => post.reply_to.is_some(),
        _ => false,
    }
}

/// Fit to be quoted in a sentence.
pub(super) fn short(text: &str) -> String {
    clean(text).chars().take(QUOTED_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(n_items: usize, places: &[(&str, usize)], expected: [Option<&str>; 2]) {
        let places = places.iter().map(|(key, n)| ((*key).to_owned(), *n));
        let finds = Finds {
            n_items,
            places: places.collect(),
        };
        let told = [Ui::Es, Ui::En].map(|ui| finds.sentence(ui));
        assert_eq!(told.each_ref().map(Option::as_deref), expected);
    }

    #[test]
    fn each_told_place_says_in_how_many_items_it_was_found() {
        check(
            3,
            &[("text", 3), ("author", 0)],
            [
                Some("de 3 elementos: text en 3, author en 0"),
                Some("of 3 items: text in 3, author in 0"),
            ],
        );
        check(
            1,
            &[("text", 1)],
            [
                Some("de 1 elemento: text en 1"),
                Some("of 1 item: text in 1"),
            ],
        );
        check(3, &[], [None, None]);
        check(0, &[("text", 0)], [None, None]);
    }
}
