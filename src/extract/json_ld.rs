//! Reviews and comments from schema.org JSON-LD, read leniently.
//!
//! The scripts are found without building a tree. Absent: microdata and RDFa.

use std::collections::HashSet;

use serde_json::Value;
use url::Url;

use super::html::clean_line;
use super::lexer::{Piece, Rules, attribute, pieces};
use super::now::Now;
use super::plain::{plain_line, plain_text};
use super::{Extracted, POSTS_MAX, Problem, date, gate, rating, resolve};
use crate::model::{How, Lang, Post, digest_hex};

/// The reviews of a page, each once; scripts that cannot be read are problems, never fatal.
pub(super) fn read(html: &str, base: Option<&Url>, now: Now<'_>) -> Extracted {
    let mut reader = Reader {
        base,
        now,
        seen: HashSet::new(),
        posts: Vec::new(),
    };
    let mut problems = Vec::new();
    for script in scripts(html) {
        match values(script) {
            Ok(values) => values.iter().for_each(|value| reader.walk(value, None)),
            Err(problem) => problems.push(problem),
        }
    }
    Extracted {
        posts: reader.posts,
        problems,
        ..Extracted::default()
    }
}

/// The content of every JSON-LD script.
fn scripts(html: &str) -> impl Iterator<Item = &str> {
    let mut is_json_ld = false;
    pieces(html, Rules::Html).filter_map(move |(_, piece)| {
        let was_json_ld = std::mem::take(&mut is_json_ld);
        match piece {
            Piece::Start(start) if start.name.eq_ignore_ascii_case("script") => {
                is_json_ld = attribute(start.attributes, "type")
                    .is_some_and(|kind| kind.to_ascii_lowercase().contains("ld+json"));
                None
            }
            Piece::Text(script) if was_json_ld => Some(script),
            _ => None,
        }
    })
}

/// All JSON values of a script: as it stands, else without what does not belong there.
fn values(script: &str) -> Result<Vec<Value>, Problem> {
    gate::json(script)?;
    if let Ok(value) = serde_json::from_str(script) {
        return Ok(vec![value]);
    }
    let mended = mended(script);
    gate::json(&mended)?;
    let mut values = Vec::new();
    for value in serde_json::Deserializer::from_str(&mended).into_iter::<Value>() {
        match value {
            Ok(value) => values.push(value),
            Err(error) if values.is_empty() => {
                return Err(
                    Problem::minor(format!("a JSON-LD script cannot be read: {error}"))
                        .in_spanish(format!("no se puede leer un bloque JSON-LD: {error}")),
                );
            }
            Err(_) => break,
        }
    }
    Ok(values)
}

/// Without comments and CDATA marks around and between values, control characters inside strings,
/// commas before a closing bracket, and semicolons.
fn mended(script: &str) -> String {
    let mut out = String::with_capacity(script.len());
    let mut rest = script;
    let mut in_string = false;
    while let Some(c) = rest.chars().next() {
        let mut len = c.len_utf8();
        if in_string {
            match c {
                '\\' => {
                    let escaped = rest[1..].chars().next().unwrap_or(' ');
                    len += rest[1..].chars().next().map_or(0, char::len_utf8);
                    if "\"\\/bfnrtu".contains(escaped) {
                        out.push('\\');
                    }
                    out.push(if escaped.is_control() { ' ' } else { escaped });
                }
                '\n' => out.push_str("\\n"),
                _ if c.is_control() => out.push(' '),
                _ => {
                    in_string = c != '"';
                    out.push(c);
                }
            }
        } else if let Some(skipped) = comment(rest) {
            len = skipped;
        } else {
            match c {
                ';' => {}
                '}' | ']' => {
                    let kept = out.trim_end().trim_end_matches(',').len();
                    out.truncate(kept);
                    out.push(c);
                }
                _ if c.is_control() || c == '\u{feff}' => out.push(' '),
                _ => {
                    in_string = c == '"';
                    out.push(c);
                }
            }
        }
        rest = &rest[len..];
    }
    out
}

/// The length of the comment or mark that begins here.
fn comment(rest: &str) -> Option<usize> {
    let to = |mark: &str| Some(rest.find(mark).map_or(rest.len(), |at| at + mark.len()));
    if rest.starts_with("/*") {
        return to("*/");
    }
    if rest.starts_with("//") {
        return to("\n");
    }
    ["<!--", "-->", "<![CDATA[", "]]>"]
        .iter()
        .find(|mark| rest.starts_with(**mark))
        .map(|mark| mark.len())
}

struct Reader<'a> {
    base: Option<&'a Url>,
    now: Now<'a>,
    /// What has been read: the same review often stands in several scripts.
    seen: HashSet<String>,
    posts: Vec<Post>,
}

impl Reader<'_> {
    /// Looks for reviews in a value of any shape. `parent` is the link of the post around it.
    fn walk(&mut self, value: &Value, parent: Option<&str>) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.walk(value, parent)),
            Value::Object(fields) => {
                let mut around = parent.map(str::to_owned);
                if is_post(value) && self.posts.len() <= POSTS_MAX {
                    let post = self.post(value, parent);
                    around = post.url.clone().or_else(|| post.guid.clone()).or(around);
                    self.keep(post);
                }
                for field in fields.values() {
                    self.walk(field, around.as_deref());
                }
            }
            _ => {}
        }
    }

    fn keep(&mut self, post: Post) {
        if post.text.is_empty() && post.title.is_none() && post.rating.is_none() {
            return;
        }
        let words: Vec<&str> = post.text.split_whitespace().collect();
        let key = digest_hex(&[
            &words.join(" "),
            post.author.as_deref().unwrap_or(""),
            post.title.as_deref().unwrap_or(""),
            &format!("{:?}", post.published),
        ]);
        if self.seen.insert(key) {
            self.posts.push(post);
        }
    }

    fn post(&self, value: &Value, parent: Option<&str>) -> Post {
        let id = string(value, "@id").or_else(|| string(value, "identifier"));
        let url = string(value, "url")
            .or_else(|| id.clone().filter(|id| id.starts_with("http")))
            .and_then(|link| resolve(&link, self.base));
        let texts = [
            "reviewBody",
            "text",
            "articleBody",
            "commentText",
            "description",
        ];
        Post {
            guid: id.and_then(|id| clean_line(&id)),
            title: ["headline", "name"]
                .iter()
                .find_map(|key| plain_line(&string(value, key)?)),
            text: texts
                .iter()
                .filter_map(|key| string(value, key))
                .map(|text| plain_text(&text))
                .find(|text| !text.is_empty())
                .unwrap_or_default(),
            author: value
                .get("author")
                .or_else(|| value.get("creator"))
                .and_then(name),
            url,
            published: ["datePublished", "dateCreated", "uploadDate", "dateModified"]
                .iter()
                .find_map(|key| date::parse(&string(value, key)?, Some(self.now))),
            rating: value.get("reviewRating").and_then(rated),
            lang: string(value, "inLanguage").as_deref().and_then(Lang::parse),
            reply_to: parent.map(str::to_owned),
            how: How::JsonLd,
            ..Post::default()
        }
    }
}

fn is_post(value: &Value) -> bool {
    let is_one = |kind: &Value| {
        kind.as_str().is_some_and(|kind| {
            ["Review", "Comment", "DiscussionForumPosting"]
                .iter()
                .any(|known| kind.trim().ends_with(known))
        })
    };
    match value.get("@type") {
        Some(Value::Array(kinds)) => kinds.iter().any(is_one),
        Some(kind) => is_one(kind),
        None => false,
    }
}

/// A string, a number, the value of `{"@value": …}`, or the first of several of these.
fn string(object: &Value, key: &str) -> Option<String> {
    fn of(value: &Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
            Value::Number(number) => Some(number.to_string()),
            Value::Array(several) => several.iter().find_map(of),
            Value::Object(fields) => fields
                .get("@value")
                .or_else(|| fields.get("name"))
                .and_then(of),
            _ => None,
        }
    }
    of(object.get(key)?)
}

/// An author: a name, an object with one, or the first of several.
fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(name) => plain_line(name),
        Value::Array(several) => several.iter().find_map(name),
        Value::Object(_) => {
            let given = ["name", "alternateName"]
                .iter()
                .find_map(|key| plain_line(&string(value, key)?));
            given.or_else(|| {
                let parts = ["givenName", "familyName"].map(|key| string(value, key));
                plain_line(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
            })
        }
        _ => None,
    }
}

fn rated(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => rating::scale(number.as_f64()?, None, None),
        Value::String(text) => rating::parse(text),
        Value::Array(several) => several.iter().find_map(rated),
        Value::Object(_) => {
            let number = |key: &str| string(value, key).as_deref().and_then(rating::number);
            let said = string(value, "ratingValue")?;
            match rating::number(&said) {
                Some(value) => rating::scale(value, number("bestRating"), number("worstRating")),
                None => rating::parse(&said),
            }
        }
        _ => None,
    }
}
