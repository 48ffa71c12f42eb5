//! Reviews and comments from microdata (`itemscope`, `itemtype`, `itemprop`).
//!
//! Absent: `itemref`, which points at properties elsewhere in the page.

use scraper::{ElementRef, Html};
use url::Url;

use super::now::Now;
use super::schema::{self, Item, Property};
use super::tree::{self, Step};
use crate::model::{How, Post};

/// The reviews and comments of a page, in one walk over its tree.
pub(super) fn read(page: &Html, base: Option<&Url>, now: Now<'_>) -> Vec<Post> {
    schema::posts(&items(page), is_post, base, now, How::Microdata)
}

fn is_post(element: ElementRef<'_>) -> bool {
    element.attr("itemtype").is_some_and(schema::is_post_kind)
}

fn items(page: &Html) -> Vec<Item<'_>> {
    let mut items: Vec<Item<'_>> = Vec::new();
    let mut open: Vec<(ElementRef<'_>, usize)> = Vec::new();
    tree::walk(page.root_element(), |step| match step {
        Step::Enter(element) => enter(element, &mut items, &mut open),
        Step::Leave(element) => {
            if open.last().is_some_and(|(last, _)| *last == element) {
                open.pop();
            }
        }
    });
    items
}

fn enter<'a>(
    element: ElementRef<'a>,
    items: &mut Vec<Item<'a>>,
    open: &mut Vec<(ElementRef<'a>, usize)>,
) {
    let is_item = element.attr("itemscope").is_some();
    let here = items.len();
    if let (Some(names), Some((_, around))) = (element.attr("itemprop"), open.last()) {
        for name in names.split_whitespace() {
            let property = if is_item {
                Property::Item(here)
            } else {
                Property::Element(element)
            };
            items[*around].properties.push((name.to_owned(), property));
        }
    }
    if is_item {
        let is_post = |at: &usize| schema::is_post_kind(items[*at].kind);
        let parent = open.iter().rev().map(|(_, at)| *at).find(is_post);
        items.push(Item {
            element,
            kind: element.attr("itemtype").unwrap_or_default(),
            id: element.attr("itemid"),
            properties: Vec::new(),
            parent,
        });
        open.push((element, here));
    }
}
