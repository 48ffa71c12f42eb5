//! Any JSON API as posts, by a map of JSON pointers from the configuration.
//!
//! Absent: fetching the next page (its address is only told), and finding JSON within a page
//! (that is [`super::state`]).

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::fault::Fault;
use super::finds::{Notion, Tally, short};
use super::html::{clean, clean_line};
use super::notation::{Notation, RawNotation};
use super::now::Now;
use super::places::Places;
use super::plain::{plain_line, plain_text};
use super::pointer::{Expression, Pointer};
use super::selectors::Pick;
use super::{Extracted, POSTS_MAX, Problem, gate, next_page, resolve};
use crate::model::{How, Lang, Post, Ui};

/// Answers to answers to answers: deeper ones are left out.
const REPLIES_DEPTH_MAX: usize = 50;
/// Keys named in a problem.
const NAMED_KEYS_MAX: usize = 8;
/// Bytes before the JSON that some servers send against misuse, as `)]}',`.
const GUARD_BYTES_MAX: usize = 16;

/// Checked pointers of one source. All but `items` and `next` are looked for within each entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    raw: Arc<RawMap>,
    items: Vec<Pointer>,
    places: Places<Expression>,
    language: Option<Expression>,
    replies: Vec<Pointer>,
    notation: Notation,
    /// Where the JSON stands in a page; `None`: the document is JSON.
    pub(super) state: Option<Pick>,
}

/// Pointers as they are written; see [`super::pointer`] for what they may be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawMap {
    /// The entries: `/hits/*`. Several, with `|`, are all read.
    pub items: String,
    /// Within the entry. `next` begins at the root: an address, or a template that begins with `&` and
    /// changes parameters of the present address: `&cursor={/cursor}`.
    pub places: Places<String>,
    pub language: Option<String>,
    /// Entries of the same shape within an entry, which answer it: `/children/*`.
    pub replies: Option<String>,
    pub notation: RawNotation,
    /// The element of a page that holds the JSON: `script#__NEXT_DATA__`, `#app@data-state`.
    pub state: Option<String>,
}

impl Map {
    /// Checks every pointer.
    ///
    /// # Errors
    /// All that are wrong.
    pub fn parse(raw: &RawMap) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let notation = Notation::parse(&raw.notation, &mut faults);
        let mut fault = |key, kind| faults.push(Fault { key, kind });
        let mut pointers = |key, written: Option<&String>| {
            let parsed = written.map(|written| Pointer::parse_all(written));
            parsed
                .transpose()
                .map_err(|kind| fault(key, kind))
                .unwrap_or_default()
                .unwrap_or_default()
        };
        let items = pointers("items", Some(&raw.items));
        let replies = pointers("replies", raw.replies.as_ref());
        let mut expression = |key, written: &String| {
            let parsed = Expression::parse(written);
            parsed.map_err(|kind| fault(key, kind)).ok()
        };
        let places = raw.places.checked(&mut expression);
        let language = raw.language.as_ref();
        let language = language.and_then(|written| expression("language", written));
        let state = raw.state.as_ref().map(|written| Pick::parse(written, true));
        let state = state
            .transpose()
            .map_err(|kind| fault("state", kind))
            .unwrap_or_default();
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self {
            raw: Arc::new(raw.clone()),
            items,
            places,
            language,
            replies,
            notation,
            state,
        })
    }

    /// As it was written.
    pub fn raw(&self) -> &RawMap {
        &self.raw
    }

    /// A place as it was written, if it was.
    fn written(&self, key: &str) -> Option<&str> {
        self.raw.places.get(key).map(String::as_str)
    }

    /// The entries of a JSON document.
    ///
    /// # Errors
    /// A fatal problem when it is no JSON, or when the pointers lead nowhere in it.
    pub(super) fn read(
        &self,
        text: &str,
        base: Option<&Url>,
        now: Now<'_>,
    ) -> Result<Extracted, Problem> {
        gate::json(text)?;
        let body = unguarded(text);
        let root: Value =
            serde_json::from_str(body).map_err(|error| Problem::broken_json(&error))?;
        self.posts(&root, base, now, How::Json)
    }

    /// The entries of a JSON value.
    pub(super) fn posts(
        &self,
        root: &Value,
        base: Option<&Url>,
        now: Now<'_>,
        how: How,
    ) -> Result<Extracted, Problem> {
        let items: Vec<&Value> = self
            .items
            .iter()
            .flat_map(|items| items.find(root, POSTS_MAX + 1))
            .take(POSTS_MAX + 1)
            .collect();
        let missing = self.items.iter().map(|items| (items, items.missing(root)));
        if items.is_empty()
            && let Some((items, Some((key, at)))) = missing.clone().next()
            && missing.clone().all(|(_, missing)| missing.is_some())
        {
            let (items, key) = (items.written(), short(key));
            let said = format!(
                "the pointer for items, {items:?}, finds nothing: there is no {key:?}, what is there \
                 {}",
                has(at, Ui::En)
            );
            return Err(Problem::fatal(said).in_spanish(format!(
                "el puntero de items, «{items}», no encuentra nada: no hay «{key}», lo que hay {}",
                has(at, Ui::Es)
            )));
        }
        let mut reader = Reader {
            map: self,
            base,
            now,
            how,
            tally: Tally::of(Notion::Pointer),
            posts: Vec::new(),
        };
        for item in &items {
            reader.entry(item, None, 0);
        }
        let problems = reader.problems(items.first().copied())?;
        let next = self.places.next.as_ref().and_then(|next| next.first(root));
        Ok(Extracted {
            next_url: next.and_then(|next| next_page::next_url(&next, base)),
            finds: reader.tally.finds(|key| self.written(key)),
            posts: reader.posts,
            problems,
            ..Extracted::default()
        })
    }
}

struct Reader<'a> {
    map: &'a Map,
    base: Option<&'a Url>,
    now: Now<'a>,
    how: How,
    tally: Tally,
    posts: Vec<Post>,
}

impl Reader<'_> {
    fn entry(&mut self, item: &Value, parent: Option<&str>, depth: usize) {
        if self.posts.len() > POSTS_MAX || depth > REPLIES_DEPTH_MAX {
            return;
        }
        let post = self.post(item, parent);
        let here = post.url.clone().or_else(|| post.guid.clone());
        if !post.text.is_empty() || post.rating.is_some() {
            self.posts.push(post);
        }
        for replies in &self.map.replies {
            for reply in replies.find(item, POSTS_MAX) {
                self.entry(reply, here.as_deref().or(parent), depth + 1);
            }
        }
    }

    fn post(&mut self, item: &Value, parent: Option<&str>) -> Post {
        let map = self.map;
        let at = &map.places;
        let first = |key: Option<&Expression>| key.and_then(|key| key.first(item));
        let notation = &map.notation;
        let text = at.text.as_ref().and_then(|text| text.all(item));
        let date = first(at.date.as_ref());
        let rating = first(at.rating.as_ref());
        let url = first(at.url.as_ref());
        let author = first(at.author.as_ref());
        let id = first(at.id.as_ref());
        let title = first(at.title.as_ref());
        let reply_to = first(at.reply_to.as_ref());
        let is_found = [&text, &date, &rating, &url, &author, &id, &title, &reply_to];
        let is_found = is_found.map(Option::is_some);
        let post = Post {
            guid: id.and_then(|id| clean_line(&id)),
            title: title.and_then(|title| plain_line(&title)),
            text: text.as_deref().map(plain).unwrap_or_default(),
            author: author.and_then(|author| plain_line(&author)),
            url: url.and_then(|url| resolve(&url, self.base)),
            published: date.and_then(|date| notation.date(&date, self.now)),
            rating: rating.and_then(|rating| notation.rating(&rating)),
            lang: first(map.language.as_ref()).and_then(|lang| Lang::parse(&lang)),
            reply_to: reply_to
                .map(|link| resolve(&link, None).unwrap_or(link))
                .or_else(|| parent.map(str::to_owned)),
            how: self.how,
            ..Post::default()
        };
        let post = Post {
            // What names its place in a thread names itself at the thread's head.
            reply_to: post
                .reply_to
                .clone()
                .filter(|to| post.url.as_ref() != Some(to)),
            ..post
        };
        self.tally.note(&post, |at| is_found[at]);
        post
    }

    /// What finds nothing in any entry, or nothing that can be read. Without any text that is fatal:
    /// the shape of the answer has changed, or the map was never right.
    fn problems(&self, first: Option<&Value>) -> Result<Vec<Problem>, Problem> {
        let Some(first) = first else {
            return Ok(Vec::new());
        };
        let said = |ui| Some(has(first, ui));
        let mut problems = Vec::new();
        for (key, problem) in self.tally.problems(|key| self.map.written(key), said) {
            if key == "text" && self.posts.is_empty() {
                return Err(Problem {
                    fatal: true,
                    ..problem
                });
            }
            problems.push(problem);
        }
        Ok(problems)
    }
}

/// Text that is HTML is made plain; what only looks a little like it stays.
pub(super) fn plain(text: &str) -> String {
    if is_html(text) {
        plain_text(text)
    } else {
        clean(text)
    }
}

/// True with a known tag or an entity in it: "a < b" and "<3" are neither.
fn is_html(text: &str) -> bool {
    const TAGS: [&str; 24] = [
        "p",
        "br",
        "div",
        "span",
        "a",
        "b",
        "i",
        "em",
        "strong",
        "u",
        "ul",
        "ol",
        "li",
        "blockquote",
        "img",
        "h1",
        "h2",
        "h3",
        "pre",
        "code",
        "table",
        "hr",
        "aside",
        "details",
    ];
    let is_tag = text.split('<').skip(1).any(|after| {
        let after = after.strip_prefix('/').unwrap_or(after);
        let end = after.find(|c: char| !c.is_ascii_alphanumeric());
        end.is_some_and(|end| {
            let name = &after[..end];
            let is_ended = after[end..].starts_with(['>', '/', ' ', '\n', '\t']);
            is_ended && TAGS.iter().any(|tag| tag.eq_ignore_ascii_case(name))
        })
    });
    is_tag
        || text.split('&').skip(1).any(|after| {
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '#');
            end.is_some_and(|end| (2..10).contains(&end) && after[end..].starts_with(';'))
        })
}

/// Without the guard that some servers put before their JSON.
fn unguarded(text: &str) -> &str {
    match text.find(['{', '[']) {
        Some(at) if at <= GUARD_BYTES_MAX && text.starts_with([')', 'w', 'f']) => &text[at..],
        _ => text,
    }
}

/// "has "id", "body" and 3 more": the keys of an object, or what else a value is.
fn has(value: &Value, ui: Ui) -> String {
    let said = match value {
        Value::Object(fields) if fields.is_empty() => ui.pick("está vacío", "is empty"),
        Value::Object(fields) => {
            let names: Vec<String> = fields
                .keys()
                .take(NAMED_KEYS_MAX)
                .map(|key| format!("{:?}", short(key)))
                .collect();
            let names = names.join(", ");
            return match (ui, fields.len().saturating_sub(NAMED_KEYS_MAX)) {
                (Ui::Es, 0) => format!("tiene {names}"),
                (Ui::Es, more) => format!("tiene {names} y {more} más"),
                (Ui::En, 0) => format!("has {names}"),
                (Ui::En, more) => format!("has {names} and {more} more"),
            };
        }
        Value::Array(_) => ui.pick("es una lista", "is a list"),
        Value::String(_) => ui.pick("es un texto", "is a text"),
        Value::Number(_) => ui.pick("es un número", "is a number"),
        Value::Bool(_) | Value::Null => ui.pick("no tiene nada", "has nothing"),
    };
    said.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(plain(text), expected);
    }

    #[test]
    fn only_html_is_made_plain() {
        check("<p>Nadie &amp; nada.</p>", "Nadie & nada.");
        check("uno<br/>dos", "uno\ndos");
        check("5 < 6 y I <3 you", "5 < 6 y I <3 you");
        check("<Javier> dijo: nada", "<Javier> dijo: nada");
        check("AT&T; no &nbsp;sé", "AT&T; no sé");
        check("a && b; c", "a && b; c");
    }
}
