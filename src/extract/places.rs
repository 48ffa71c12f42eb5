//! Where the parts of a post stand in what a source sends, however it is told: CSS selectors in a
//! page, pointers in JSON.

use serde::{Deserialize, Serialize};

/// One place for each part of a post, as it is written (`String`) or as it was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places<T> {
    pub text: Option<T>,
    pub author: Option<T>,
    pub date: Option<T>,
    pub rating: Option<T>,
    /// The address of the post itself.
    pub url: Option<T>,
    pub title: Option<T>,
    /// The address of the next page; looked for in the whole document.
    pub next: Option<T>,
    pub id: Option<T>,
    /// The address of the post that this one answers, or its id.
    pub reply_to: Option<T>,
}

impl<T> Places<T> {
    /// The places of all keys, as `of` knows them.
    pub fn new(mut of: impl FnMut(&'static str) -> Option<T>) -> Self {
        Self {
            text: of("text"),
            author: of("author"),
            date: of("date"),
            rating: of("rating"),
            url: of("url"),
            title: of("title"),
            next: of("next"),
            id: of("id"),
            reply_to: of("reply_to"),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&T> {
        match key {
            "text" => self.text.as_ref(),
            "author" => self.author.as_ref(),
            "date" => self.date.as_ref(),
            "rating" => self.rating.as_ref(),
            "url" => self.url.as_ref(),
            "title" => self.title.as_ref(),
            "next" => self.next.as_ref(),
            "id" => self.id.as_ref(),
            "reply_to" => self.reply_to.as_ref(),
            _ => None,
        }
    }

    /// What `check` makes of each place that is told.
    pub(super) fn checked<U>(
        &self,
        mut check: impl FnMut(&'static str, &T) -> Option<U>,
    ) -> Places<U> {
        Places::new(|key| check(key, self.get(key)?))
    }
}

impl<T> Default for Places<T> {
    fn default() -> Self {
        Self::new(|_| None)
    }
}
