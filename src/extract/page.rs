//! Web pages: which of the ways to read one is taken.
//!
//! Absent: the ways themselves; each has its module.

use url::Url;

use super::markup::{self, Wanted};
use super::{Extracted, Gates, Problem, Reading, Selectors};
use super::{article, discover, entry, state, web_url};
use crate::model::{How, Post};

/// A page as text, and how it is to be read.
pub(super) struct Page<'a> {
    pub(super) text: &'a str,
    pub(super) url: Option<&'a Url>,
    pub(super) reading: &'a Reading<'a>,
    pub(super) gates: Gates,
}

impl Page<'_> {
    /// A page where a feed should be: nothing to read, but perhaps it says where the feed is.
    pub(super) fn page_for_feed(&self) -> Extracted {
        let feed_urls = discover::feeds(self.text, self.url);
        let failed = Extracted::failed(Problem::page_for_feed(feed_urls.first()));
        Extracted {
            feed_urls,
            ..failed
        }
    }

    /// The items that selectors name, else the page's article, with the feeds that it offers.
    pub(super) fn blog(&self) -> Result<Extracted, Problem> {
        if let Some(select) = self.reading.select {
            let mut page = self.selected(select)?;
            if page.posts.is_empty() {
                return Err(Problem::nothing_selected(page.finds.n_items, select, false));
            }
            for post in &mut page.posts {
                post.excerpt = entry::is_excerpt(&post.text, post.url.is_some());
            }
            return Ok(page);
        }
        let mut extracted = self.article_posts()?;
        extracted.feed_urls = discover::feeds(self.text, self.url);
        // Who gives a page for its comments misses nothing.
        if extracted.feed_urls.is_empty() && extracted.posts.len() == 1 {
            extracted.problems.push(Problem::blog_without_feed());
        }
        Ok(extracted)
    }

    pub(super) fn any_page(&self) -> Result<Extracted, Problem> {
        let found = self.reviews();
        match found {
            // A page with nothing but comments is an article that was commented on.
            Ok(found) if found.posts.iter().any(|post| post.how != How::Comments) => Ok(found),
            other if self.reading.select.is_some() => other,
            _ => Ok(Extracted {
                feed_urls: discover::feeds(self.text, self.url),
                ..self.article_posts()?
            }),
        }
    }

    /// What the configuration names first, then markup; of markup and selectors the richer one.
    pub(super) fn reviews(&self) -> Result<Extracted, Problem> {
        let (text, url, now) = (self.text, self.url, self.reading.here());
        let stated = self.reading.map.and_then(|map| {
            let state = map.state.as_ref()?;
            Some(state::read(text, map, state, url, now, self.gates))
        });
        match stated.transpose() {
            Ok(Some(stated)) if !stated.posts.is_empty() => Ok(stated),
            Ok(_) => self.marked(),
            // The page may have been told of in two ways, of which one still holds.
            Err(problem) => match self.marked() {
                Ok(mut found) if !found.posts.is_empty() => {
                    found.problems.push(problem.softened());
                    Ok(found)
                }
                _ => Err(problem),
            },
        }
    }

    /// Markup and selectors: whichever finds more, since a page often marks up only its best reviews.
    fn marked(&self) -> Result<Extracted, Problem> {
        let wanted = match self.reading.select {
            Some(_) => Wanted::Marked,
            None => Wanted::All,
        };
        let mut extracted = self.markup(wanted);
        let Some(select) = self.reading.select else {
            if extracted.posts.is_empty() && !self.text.contains("ld+json") {
                return Err(Problem::no_review_markup());
            }
            return Ok(extracted);
        };
        // Markup that has been read is not lost because the tree around it cannot be built.
        let mut n_items = 0;
        match self.selected(select) {
            Ok(page) => {
                extracted.next_url = page.next_url;
                n_items = page.finds.n_items;
                if page.posts.len() > extracted.posts.len() {
                    extracted.posts = page.posts;
                    extracted.problems.extend(page.problems);
                    extracted.finds = page.finds;
                }
            }
            Err(problem) if extracted.posts.is_empty() => return Err(problem),
            Err(problem) => extracted.problems.push(problem.softened()),
        }
        if extracted.posts.is_empty() {
            return Err(Problem::nothing_selected(n_items, select, true));
        }
        Ok(extracted)
    }

    fn markup(&self, wanted: Wanted) -> Extracted {
        let now = self.reading.here();
        markup::read(self.text, wanted, self.url, now, self.gates)
    }

    fn selected(&self, select: &Selectors) -> Result<Extracted, Problem> {
        select.read(self.text, self.url, self.reading.here(), self.gates)
    }

    fn article_posts(&self) -> Result<Extracted, Problem> {
        let article = article::read(self.text, self.url, self.reading.here(), self.gates)?;
        let mut comments = self.markup(Wanted::Comments);
        let first = Post {
            title: Some(article.title).filter(|title| !title.is_empty()),
            text: article.text,
            author: article.author,
            url: self.url.and_then(web_url),
            published: article.published,
            lang: article.lang,
            how: How::Article,
            ..Post::default()
        };
        comments.posts.insert(0, first);
        if let Some(feed) = markup::comment_feed(self.text, self.url) {
            comments.problems.push(Problem::comment_feed(&feed));
        }
        Ok(comments)
    }
}
