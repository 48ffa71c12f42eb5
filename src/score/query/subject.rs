//! What a query is asked about: a text, and what is known of it beside its words.

use std::cell::OnceCell;

use super::Name;
use crate::model::{Field, Lang};
use crate::score::text::Text;

/// One post for queries. Cheap; author and source are cut into words when the first query asks.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    text: &'a Text,
    lang: Option<Lang>,
    author: Option<&'a str>,
    source: Option<&'a str>,
    authors: OnceCell<Text>,
    sources: OnceCell<Text>,
}

impl<'a> Subject<'a> {
    /// A text of which nothing else is known: `author:`, `source:` and `lang:` find nothing.
    pub fn new(text: &'a Text) -> Self {
        Self {
            text,
            lang: None,
            author: None,
            source: None,
            authors: OnceCell::new(),
            sources: OnceCell::new(),
        }
    }

    /// The language it is written in, where it can be told.
    #[must_use]
    pub fn in_lang(self, lang: Option<Lang>) -> Self {
        Self { lang, ..self }
    }

    #[must_use]
    pub fn by(self, author: Option<&'a str>) -> Self {
        Self { author, ..self }
    }

    /// The name of the source that brought it.
    #[must_use]
    pub fn from(self, source: Option<&'a str>) -> Self {
        Self { source, ..self }
    }

    pub(super) fn view(&self) -> View<'_> {
        View {
            subject: self,
            text: self.text,
            lang: self.lang,
            only: None,
        }
    }

    fn author(&self) -> &Text {
        self.authors
            .get_or_init(|| Text::new(None, self.author.unwrap_or("")))
    }

    fn source(&self) -> &Text {
        self.sources
            .get_or_init(|| Text::new(None, self.source.unwrap_or("")))
    }
}

/// The part of a subject that a part of a query looks at.
#[derive(Clone, Copy)]
pub(super) struct View<'s> {
    subject: &'s Subject<'s>,
    pub(super) text: &'s Text,
    pub(super) lang: Option<Lang>,
    only: Option<Field>,
}

impl View<'_> {
    /// What `name:` narrows it to.
    pub(super) fn of(self, name: Name) -> Self {
        match name {
            Name::Title => Self {
                only: Some(Field::Title),
                ..self
            },
            Name::Text => Self {
                only: Some(Field::Text),
                ..self
            },
            Name::Author => Self {
                text: self.subject.author(),
                only: None,
                ..self
            },
            Name::Source => Self {
                text: self.subject.source(),
                only: None,
                ..self
            },
        }
    }

    pub(super) fn sees(self, field: Field) -> bool {
        self.only.is_none_or(|only| only == field)
    }
}
