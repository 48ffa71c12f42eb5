//! JSON Feed 1.0 and 1.1, and bare lists of its items; lenient where feed-rs is strict.
//!
//! Absent: APIs with shapes of their own.

use serde_json::Value;
use url::Url;

use super::html::clean_line;
use super::plain::{plain_line, plain_text};
use super::{Extracted, Problem, date, entry, gate, resolve};
use crate::model::{How, Lang, Post};

/// # Errors
/// A fatal problem when it is no JSON, or no list of items is in it.
pub(super) fn read(text: &str, base: Option<&Url>) -> Result<Extracted, Problem> {
    gate::json(text)?;
    let feed: Value = match serde_json::from_str(text) {
        Ok(feed) => feed,
        Err(error) => return salvaged(text, base, &error),
    };
    let Some(items) = feed.get("items").unwrap_or(&feed).as_array() else {
        return Err(
            Problem::fatal("this JSON is no JSON feed: it has no list of items").in_spanish(
                "este JSON no es un JSON Feed: no tiene ninguna lista de entradas (items)",
            ),
        );
    };
    let lang = feed
        .get("language")
        .and_then(Value::as_str)
        .and_then(Lang::parse);
    let feed_author = author(&feed);
    let posts: Vec<Post> = items
        .iter()
        .filter(|item| item.is_object())
        .map(|item| Post {
            author: author(item).or_else(|| feed_author.clone()),
            lang: string(item, "language")
                .as_deref()
                .and_then(Lang::parse)
                .or(lang),
            ..post(item, base)
        })
        .collect();
    if posts.is_empty() && !items.is_empty() {
        return Err(
            Problem::fatal("this JSON is no JSON feed: its items are no objects")
                .in_spanish("este JSON no es un JSON Feed: sus entradas (items) no son objetos"),
        );
    }
    let mut problems = Vec::new();
    if posts.len() < items.len() {
        problems.push(Problem::repaired(posts.len(), items.len()));
    }
    Ok(Extracted {
        posts,
        problems,
        ..Extracted::default()
    })
}

/// The whole items of a document that is cut off or broken in one of them.
fn salvaged(
    text: &str,
    base: Option<&Url>,
    error: &serde_json::Error,
) -> Result<Extracted, Problem> {
    let broken = || Problem::broken_json(error);
    let list = text.find("\"items\"").unwrap_or(0);
    let mut rest = text[list..].split_once('[').ok_or_else(broken)?.1;
    let mut posts = Vec::new();
    while rest.trim_start().starts_with('{') {
        let mut items = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let Some(Ok(item)) = items.next() else {
            break;
        };
        posts.push(Post {
            author: author(&item),
            how: How::FeedRepaired,
            ..post(&item, base)
        });
        rest = rest[items.byte_offset()..].trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    if posts.is_empty() {
        return Err(broken());
    }
    // One at least is lost; how many followed it nobody knows.
    let problem = Problem::repaired(posts.len(), posts.len() + usize::from(!rest.is_empty()));
    Ok(Extracted {
        posts,
        problems: vec![problem],
        ..Extracted::default()
    })
}

fn post(item: &Value, base: Option<&Url>) -> Post {
    let content = string(item, "content_html")
        .map(|html| plain_text(&html))
        .or_else(|| string(item, "content_text").map(|text| super::html::clean(&text)))
        .filter(|text| !text.is_empty());
    let url = string(item, "url")
        .or_else(|| string(item, "external_url"))
        .and_then(|link| resolve(&link, base));
    let has_content = content.is_some();
    let text = content
        .or_else(|| string(item, "summary").map(|summary| plain_text(&summary)))
        .unwrap_or_default();
    Post {
        guid: string(item, "id").and_then(|id| clean_line(&id)),
        title: string(item, "title").and_then(|title| plain_line(&title)),
        excerpt: !has_content && entry::is_excerpt(&text, url.is_some()),
        text,
        url,
        published: ["date_published", "date_modified"]
            .iter()
            .find_map(|key| date::parse(&string(item, key)?, None)),
        ..Post::default()
    }
}

/// A string or a number as a string.
fn string(object: &Value, key: &str) -> Option<String> {
    match object.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// `author` or the first of `authors`; an object with a name, or the name alone.
fn author(object: &Value) -> Option<String> {
    let of = |value: &Value| match value {
        Value::String(name) => clean_line(name),
        Value::Object(_) => string(value, "name").and_then(|name| clean_line(&name)),
        _ => None,
    };
    let several = object.get("authors").and_then(Value::as_array);
    several
        .and_then(|authors| authors.iter().find_map(of))
        .or_else(|| match object.get("author")? {
            Value::Array(authors) => authors.iter().find_map(of),
            one => of(one),
        })
}
