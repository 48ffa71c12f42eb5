//! CSS selectors from the configuration, for pages without markup.
//!
//! Absent: following the next page; its address is only told.

use std::sync::Arc;

use scraper::{ElementRef, Html, Selector};
use serde::{Deserialize, Serialize};
use url::Url;

use super::fault::{Fault, FaultKind};
use super::finds::{KEYS, Notion, Tally};
use super::html::{clean_line, visible};
use super::limits::Room;
use super::notation::{Notation, RawNotation};
use super::now::Now;
use super::places::Places;
use super::{Extracted, Gates, Problem, contained, html_gate, resolve};
use crate::model::{How, Post};

/// Checked selectors of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selectors {
    raw: Arc<RawSelectors>,
    item: Selector,
    places: Places<Pick>,
    notation: Notation,
}

/// Selectors as they are written: each `css`, `css@attribute` or, for the item itself,
/// `@attribute`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawSelectors {
    /// One element for each post.
    pub item: String,
    /// Within the item; the whole item where `text` is not told.
    pub places: Places<String>,
    pub notation: RawNotation,
}

/// An element and perhaps one of its attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pick {
    /// `None`: the item itself.
    css: Option<Selector>,
    attribute: Option<String>,
}

impl Selectors {
    /// Checks every selector.
    ///
    /// # Errors
    /// All that are wrong.
    pub fn parse(raw: &RawSelectors) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let notation = Notation::parse(&raw.notation, &mut faults);
        let mut pick = |key: &'static str, written: &String| {
            let picked = Pick::parse(written, key == "next");
            picked.map_err(|kind| faults.push(Fault { key, kind })).ok()
        };
        let item = pick("item", &raw.item);
        let places = raw.places.checked(pick);
        let item = match item {
            Some(Pick {
                css: Some(css),
                attribute: None,
            }) => Some(css),
            Some(_) => {
                let css = raw.item.split('@').next().map(str::trim);
                let meant = css.filter(|css| !css.is_empty()).unwrap_or("div.review");
                faults.push(Fault {
                    key: "item",
                    kind: FaultKind::WholeElement(meant.to_owned()),
                });
                None
            }
            None => None,
        };
        match item {
            Some(item) if faults.is_empty() => Ok(Self {
                raw: Arc::new(raw.clone()),
                item,
                places,
                notation,
            }),
            _ => Err(faults),
        }
    }

    /// As they were written.
    pub fn raw(&self) -> &RawSelectors {
        &self.raw
    }

    /// The posts of a page and the address of the next one; zero posts is for the caller to judge.
    pub(super) fn read(
        &self,
        text: &str,
        base: Option<&Url>,
        now: Now<'_>,
        gates: Gates,
    ) -> Result<Extracted, Problem> {
        html_gate::html(text, gates)?;
        contained("the page", || {
            let page = Html::parse_document(text);
            let mut room = Room::of(text);
            let mut tally = Tally::of(Notion::Selector);
            let posts: Vec<Post> = page
                .select(&self.item)
                .take(super::POSTS_MAX)
                .map(|item| {
                    let post = self.post(item, base, now);
                    tally.note(&post, |at| self.places.finds(KEYS[at], item));
                    post
                })
                .filter(|post| !post.text.is_empty() || post.rating.is_some())
                .take_while(|post| room.takes(post))
                .collect();
            let next_url = self
                .places
                .next
                .as_ref()
                .and_then(|next| next.value(page.root_element(), "href"))
                .and_then(|link| resolve(&link, base))
                .filter(|next| base.is_none_or(|base| base.as_str() != next));
            let written = |key| self.raw.places.get(key).map(String::as_str);
            let lost = tally.problems(written, |_| None);
            let shortage = room.shortage(posts.len()).into_iter();
            Extracted {
                problems: shortage
                    .chain(lost.into_iter().map(|(_, told)| told))
                    .collect(),
                finds: tally.finds(written),
                posts,
                next_url,
                ..Extracted::default()
            }
        })
    }

    fn post(&self, item: ElementRef<'_>, base: Option<&Url>, now: Now<'_>) -> Post {
        let at = &self.places;
        let value = |pick: Option<&Pick>, attribute: &str| pick?.value(item, attribute);
        Post {
            guid: value(at.id.as_ref(), "id").and_then(|id| clean_line(&id)),
            title: value(at.title.as_ref(), "").and_then(|title| clean_line(&title)),
            text: match &at.text {
                Some(text) => text.value(item, "").unwrap_or_default(),
                None => visible(item, &[]),
            },
            author: value(at.author.as_ref(), "").and_then(|name| clean_line(&name)),
            url: value(at.url.as_ref(), "href").and_then(|link| resolve(&link, base)),
            published: at
                .date
                .as_ref()
                .and_then(|date| date.candidates(item, &["datetime", "content"], &["title"]))
                .and_then(|found| found.iter().find_map(|raw| self.notation.date(raw, now))),
            rating: at
                .rating
                .as_ref()
                .and_then(|rating| {
                    let exact = ["content", "data-value", "data-rating"];
                    let mut spoken = vec!["aria-label", "title", "alt", "style"];
                    if self.notation.has_rating_pattern() {
                        spoken.push("class");
                    }
                    rating.candidates(item, &exact, &spoken)
                })
                .and_then(|found| found.iter().find_map(|raw| self.notation.rating(raw))),
            reply_to: value(at.reply_to.as_ref(), "href").and_then(|link| match base {
                // An id is no address, and a link within the page is one.
                Some(_) if link.contains(['/', '#', '?']) => resolve(&link, base),
                _ => clean_line(&link),
            }),
            how: How::Selectors,
            ..Post::default()
        }
    }
}

impl Places<Pick> {
    /// True when this place has something in this item, whatever it is.
    fn finds(&self, key: &str, item: ElementRef<'_>) -> bool {
        let element = |pick: &Pick| {
            let element = pick.element(item)?;
            let attribute = pick.attribute.as_deref();
            attribute
                .is_none_or(|name| element.attr(name).is_some())
                .then_some(())
        };
        self.get(key).and_then(element).is_some()
    }
}

impl Pick {
    pub(super) fn parse(written: &str, is_link: bool) -> Result<Self, FaultKind> {
        let written = written.trim();
        let (css, attribute) = match written.rsplit_once('@') {
            Some((css, attribute)) if is_attribute(attribute) => (css.trim(), Some(attribute)),
            Some((_, "")) => return Err(FaultKind::NoAttribute),
            _ => (written, None),
        };
        let attribute = attribute.map(str::to_ascii_lowercase);
        if css.is_empty() && (attribute.is_none() || is_link) {
            return Err(FaultKind::Selector);
        }
        let css = match css {
            "" => None,
            css => Some(Selector::parse(css).map_err(|_| FaultKind::Selector)?),
        };
        Ok(Self { css, attribute })
    }

    /// The attribute asked for, or the bare text, of every element below `root` that is chosen.
    pub(super) fn raw_values(&self, root: ElementRef<'_>, most: usize) -> Vec<String> {
        let Some(css) = &self.css else {
            return Vec::new();
        };
        let chosen = root.select(css).take(most);
        chosen
            .filter_map(|element| match &self.attribute {
                Some(attribute) => element.attr(attribute).map(str::to_owned),
                None => Some(element.text().collect()),
            })
            .collect()
    }

    fn element<'a>(&self, item: ElementRef<'a>) -> Option<ElementRef<'a>> {
        match &self.css {
            Some(css) => item.select(css).next(),
            None => Some(item),
        }
    }

    /// The attribute asked for, else `fallback`'s, else the text of the element.
    fn value(&self, item: ElementRef<'_>, fallback: &str) -> Option<String> {
        let element = self.element(item)?;
        if let Some(attribute) = &self.attribute {
            return element.attr(attribute).map(super::html::clean);
        }
        match element.attr(fallback).filter(|_| !fallback.is_empty()) {
            Some(value) => Some(super::html::clean(value)),
            None => Some(visible(element, &[])),
        }
    }

    /// All that may hold the value: the attribute asked for, else first the attributes for
    /// machines, then the text, then those for people.
    fn candidates(
        &self,
        item: ElementRef<'_>,
        exact: &[&str],
        spoken: &[&str],
    ) -> Option<Vec<String>> {
        let element = self.element(item)?;
        if let Some(attribute) = &self.attribute {
            return element.attr(attribute).map(|value| vec![value.to_owned()]);
        }
        let own = |names: &[&str]| -> Vec<String> {
            let values = names.iter().filter_map(|name| element.attr(name));
            values.map(str::to_owned).collect()
        };
        let mut found = own(exact);
        found.push(visible(element, &[]));
        found.extend(own(spoken));
        Some(found)
    }
}

fn is_attribute(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Ui;

    fn raw(item: &str, text: &str, date: &str) -> RawSelectors {
        RawSelectors {
            item: item.into(),
            places: Places {
                text: Some(text.into()),
                date: Some(date.into()),
                ..Places::default()
            },
            ..RawSelectors::default()
        }
    }

    #[track_caller]
    fn check(item: &str, text: &str, date: &str, expected: &str) {
        let told = match Selectors::parse(&raw(item, text, date)) {
            Ok(_) => "ok".to_owned(),
            Err(faults) => faults
                .iter()
                .map(|fault| format!("{}: {}", fault.key, fault.wrong(Ui::En)))
                .collect::<Vec<_>>()
                .join("; "),
        };
        assert_eq!(told, expected);
    }

    #[test]
    fn a_wrong_selector_says_what_to_do() {
        check("div.review", "p.body", "time@datetime", "ok");
        check("div.review", "a[href*='@']", "@data-date", "ok");
        check(
            "div..review",
            "p.body",
            "time@",
            "item: is no CSS selector; date: ends in @, without attribute",
        );
        check(
            "div@id",
            "",
            "time",
            "text: is no CSS selector; item: must select whole elements",
        );
        let faults = Selectors::parse(&raw("div @id", "p", "time")).unwrap_err();
        assert_eq!(faults[0].right(Ui::Es), "escriba div, sin @");
    }

    #[test]
    fn selectors_travel_between_threads_and_compare() {
        fn is_shared<T: Send + Sync + Clone + Eq>(one: &T) -> bool {
            *one == one.clone()
        }
        let select = Selectors::parse(&raw("div.review", "p", "time")).unwrap();
        assert!(is_shared(&select));
    }
}
