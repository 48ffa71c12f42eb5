//! Reviews and comments from the items of a page, however they are marked up.
//!
//! Absent: finding the items; [`super::microdata`] and [`super::rdfa`] do.

use scraper::ElementRef;
use url::Url;

use super::html::{clean_line, visible_unless};
use super::now::Now;
use super::{POSTS_MAX, date, rating, resolve, tree};
use crate::model::{How, Post, Timestamp};

/// Properties of one name that are tried: they may lie within each other.
const TRIED_MAX: usize = 8;

/// One item: its type, its properties, and the review or comment that it lies in.
pub(super) struct Item<'a> {
    pub(super) element: ElementRef<'a>,
    /// As written: `http://schema.org/Review`, `v:Review`.
    pub(super) kind: &'a str,
    /// The item's own address, if it has one.
    pub(super) id: Option<&'a str>,
    pub(super) properties: Vec<(String, Property<'a>)>,
    pub(super) parent: Option<usize>,
}

pub(super) enum Property<'a> {
    Element(ElementRef<'a>),
    Item(usize),
}

/// How items are recognised where one lies within another.
pub(super) type IsItem = fn(ElementRef<'_>) -> bool;

/// The reviews and comments among the items. `is_post` tells one by its element, so that the text of
/// one never holds another.
pub(super) fn posts(
    items: &[Item<'_>],
    is_post: IsItem,
    base: Option<&Url>,
    now: Now<'_>,
    how: How,
) -> Vec<Post> {
    let reader = Reader {
        items,
        is_post,
        base,
        now,
    };
    let mut posts: Vec<(usize, Post)> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        if is_post_kind(item.kind) && posts.len() <= POSTS_MAX {
            let around = item.parent.and_then(|parent| {
                let found = posts.binary_search_by_key(&parent, |(at, _)| *at).ok()?;
                let post = &posts[found].1;
                post.url.clone().or_else(|| post.guid.clone())
            });
            let mut post = reader.post(at, item, how);
            post.reply_to = around.or_else(|| page(item.kind, base));
            posts.push((at, post));
        }
    }
    posts
        .into_iter()
        .map(|(_, post)| post)
        .filter(|post| !post.text.is_empty() || post.rating.is_some())
        .collect()
}

/// True for the types of schema.org and data-vocabulary.org that are somebody's opinion.
pub(super) fn is_post_kind(kind: &str) -> bool {
    kind.split_whitespace().any(|kind| {
        let name = kind.trim_end_matches('/').rsplit(['/', '#', ':']).next();
        matches!(
            name,
            Some(
                "Review"
                    | "UserReview"
                    | "CriticReview"
                    | "EmployerReview"
                    | "Comment"
                    | "UserComments"
                    | "DiscussionForumPosting"
            )
        )
    })
}

/// A comment answers the page on which it stands.
fn page(kind: &str, base: Option<&Url>) -> Option<String> {
    let is_comment = kind.contains("Comment");
    base.filter(|_| is_comment).and_then(super::web_url)
}

struct Reader<'a, 'b> {
    items: &'b [Item<'a>],
    is_post: IsItem,
    base: Option<&'b Url>,
    now: Now<'b>,
}

impl<'a> Reader<'a, '_> {
    fn post(&self, at: usize, item: &Item<'a>, how: How) -> Post {
        let text = |names: &[&str]| first(item, names, |found| self.text(found));
        let link = |names: &[&str]| {
            first(item, names, |found| match found {
                Property::Element(element) => {
                    tree::attribute_of(*element, &["href", "content", "src"]).map(str::to_owned)
                }
                Property::Item(at) => self.items.get(*at)?.id.map(str::to_owned),
            })
        };
        let id = item.id.map(str::to_owned);
        let own_link = |link: &String| link.contains(['/', '#', '?']);
        let url = link(&["url", "permalink"])
            .or_else(|| id.clone().filter(own_link))
            .and_then(|link| resolve(&link, self.base));
        let element_id = tree::attribute_of(item.element, &["id", "data-review-id"]);
        Post {
            guid: id
                .or_else(|| element_id.map(str::to_owned))
                .and_then(|id| clean_line(&id)),
            title: text(&["headline", "name", "summary"]).and_then(|title| clean_line(&title)),
            text: text(&[
                "reviewBody",
                "text",
                "commentText",
                "articleBody",
                "description",
            ])
            .unwrap_or_default(),
            author: text(&["author", "creator", "reviewer"])
                .as_deref()
                .and_then(clean_line),
            url,
            published: first(
                item,
                &[
                    "datePublished",
                    "dateCreated",
                    "commentTime",
                    "dtreviewed",
                    "dateModified",
                ],
                |found| self.date(found),
            ),
            rating: first(item, &["reviewRating", "rating"], |found| self.rated(found))
                .or_else(|| self.rated(&Property::Item(at))),
            how,
            ..Post::default()
        }
    }

    /// What people read; of a person or thing, its name.
    fn text(&self, property: &Property<'a>) -> Option<String> {
        let element = match property {
            Property::Element(element) => *element,
            Property::Item(at) => {
                let item = self.items.get(*at)?;
                let named = first(item, &["name", "alternateName"], |named| match named {
                    Property::Element(element) => self.shown(*element),
                    Property::Item(_) => None,
                });
                if named.is_some() {
                    return named;
                }
                item.element
            }
        };
        self.shown(element)
    }

    fn shown(&self, element: ElementRef<'a>) -> Option<String> {
        if element.value().name() == "meta" {
            return tree::attribute_of(element, &["content"]).map(super::plain::plain_text);
        }
        let is_other = |inner: ElementRef<'_>| (self.is_post)(inner);
        Some(visible_unless(element, &is_other))
            .filter(|text| !text.is_empty())
            .or_else(|| {
                let spoken = tree::attribute_of(element, &["content", "title", "alt"]);
                spoken.map(super::html::clean)
            })
    }

    fn date(&self, property: &Property<'a>) -> Option<Timestamp> {
        let Property::Element(element) = property else {
            return None;
        };
        let machine = ["datetime", "content", "title"];
        let values = machine.iter().filter_map(|name| element.attr(name));
        values
            .map(str::to_owned)
            .chain(self.shown(*element))
            .find_map(|raw| date::parse(&raw, Some(self.now)))
    }

    fn rated(&self, property: &Property<'a>) -> Option<f64> {
        match property {
            Property::Element(element) => self
                .said(*element)
                .iter()
                .find_map(|said| rating::parse(said)),
            Property::Item(at) => {
                let item = self.items.get(*at)?;
                let said = |names: &[&str]| {
                    first(item, names, |found| match found {
                        Property::Element(element) => self.said(*element).into_iter().next(),
                        Property::Item(_) => None,
                    })
                };
                let number = |names| said(names).as_deref().and_then(rating::number);
                let value = said(&["ratingValue", "value", "average"])?;
                match rating::number(&value) {
                    Some(value) => rating::scale(
                        value,
                        number(&["bestRating", "best"]),
                        number(&["worstRating", "worst"]),
                    ),
                    None => rating::parse(&value),
                }
            }
        }
    }

    /// All that may hold a rating, what is for machines first.
    fn said(&self, element: ElementRef<'a>) -> Vec<String> {
        let of = |names: &[&str]| -> Vec<String> {
            let values = names.iter().filter_map(|name| element.attr(name));
            values
                .filter(|value| !value.trim().is_empty())
                .map(str::to_owned)
                .collect()
        };
        let mut all = of(&["content", "data-rating", "data-value"]);
        all.extend(self.shown(element));
        all.extend(of(&["title", "aria-label", "alt"]));
        all
    }
}

/// The first property of one of these names that says something.
fn first<'a, T>(
    item: &Item<'a>,
    names: &[&str],
    read: impl Fn(&Property<'a>) -> Option<T>,
) -> Option<T> {
    names.iter().find_map(|name| {
        let of_name = item.properties.iter().filter(|(own, _)| own == name);
        of_name
            .take(TRIED_MAX)
            .find_map(|(_, property)| read(property))
    })
}
