//! Reviews and comments from RDFa Lite (`vocab`, `typeof`, `property`), and from the `rel` of its
//! older form.
//!
//! Absent: prefixes of one's own; a name is what stands behind its colon.

use scraper::{ElementRef, Html};
use url::Url;

use super::now::Now;
use super::schema::{self, Item, Property};
use super::tree::{self, Step};
use crate::model::{How, Post};

/// The reviews and comments of a page, in one walk over its tree.
pub(super) fn read(page: &Html, base: Option<&Url>, now: Now<'_>) -> Vec<Post> {
    schema::posts(&items(page), is_post, base, now, How::Rdfa)
}

fn is_post(element: ElementRef<'_>) -> bool {
    element.attr("typeof").is_some_and(schema::is_post_kind)
}

/// An element under way: an item, or one whose `rel` names the item below it.
enum Open<'a> {
    Item(usize),
    Relation(&'a str),
}

fn items(page: &Html) -> Vec<Item<'_>> {
    let mut items: Vec<Item<'_>> = Vec::new();
    let mut open: Vec<(ElementRef<'_>, Open<'_>)> = Vec::new();
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
    open: &mut Vec<(ElementRef<'a>, Open<'a>)>,
) {
    let around = open.iter().rev().find_map(|(_, open)| match open {
        Open::Item(at) => Some(*at),
        Open::Relation(_) => None,
    });
    let kind = element.attr("typeof");
    let relation = match open.last() {
        Some((_, Open::Relation(names))) if kind.is_some() => Some(*names),
        _ => None,
    };
    let here = items.len();
    let names = element.attr("property").or(relation);
    if let (Some(names), Some(at)) = (names, around) {
        for name in names.split_whitespace() {
            let local = name.rsplit([':', '/', '#']).next().unwrap_or(name);
            let property = if kind.is_some() {
                Property::Item(here)
            } else {
                Property::Element(element)
            };
            items[at].properties.push((local.to_owned(), property));
        }
    }
    if let Some(kind) = kind {
        let parent = open.iter().rev().find_map(|(_, open)| match open {
            Open::Item(at) if schema::is_post_kind(items[*at].kind) => Some(*at),
            _ => None,
        });
        items.push(Item {
            element,
            kind,
            id: tree::attribute_of(element, &["resource", "about"]),
            properties: Vec::new(),
            parent,
        });
        open.push((element, Open::Item(here)));
    } else if let Some(names) = element.attr("rel").filter(|rel| rel.contains(':')) {
        open.push((element, Open::Relation(names)));
    }
}
