//! JSON pointers (RFC 6901) with three additions: `*` is each element, `-` the last one, and `|`
//! stands between alternatives. A text with braces is a template: `https://a.test/{/id}`.
//!
//! Absent: expressions of any other kind, so that every mapping can be read aloud.

use serde_json::Value;

use super::fault::FaultKind;

/// Steps of one pointer; no real document is deeper.
const STEPS_MAX: usize = 32;
/// `*` of one pointer: each may be tried in two ways.
const EACH_MAX: usize = 4;
/// Values that one pointer yields within an entry.
const VALUES_MAX: usize = 1_000;

/// One way through a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pointer {
    written: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    /// `*`: each of several, or the one that stands where several are expected.
    Each,
    /// `-`: the last of several.
    Last,
}

/// Where the value of a key comes from: the first alternative that finds something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expression {
    pub(super) written: String,
    alternatives: Vec<Alternative>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Alternative {
    Pointer(Pointer),
    Template(Vec<Part>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Value(Change, Vec<Pointer>),
}

/// What a template does with a value before it is put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    None,
    /// `{last /uri}`: what follows the last slash.
    LastSegment,
    /// `{+1 /page}`: the number plus one.
    PlusOne,
}

impl Pointer {
    pub(super) fn parse(written: &str) -> Result<Self, FaultKind> {
        let written = written.trim();
        let fault = || FaultKind::Pointer(meant(written));
        let rest = written.strip_prefix('/').ok_or_else(fault)?;
        let steps: Vec<Step> = rest
            .split('/')
            .map(|step| match step {
                "*" => Step::Each,
                "-" => Step::Last,
                key => Step::Key(key.replace("~1", "/").replace("~0", "~")),
            })
            .collect();
        let n_each = steps.iter().filter(|step| **step == Step::Each).count();
        let is_blank = steps.len() > 1 && steps.last() == Some(&Step::Key(String::new()));
        if steps.len() > STEPS_MAX || n_each > EACH_MAX || is_blank {
            return Err(fault());
        }
        Ok(Self {
            written: written.to_owned(),
            steps,
        })
    }

    /// Pointers with `|` between them.
    pub(super) fn parse_all(written: &str) -> Result<Vec<Self>, FaultKind> {
        written.split('|').map(Self::parse).collect()
    }

    pub(super) fn written(&self) -> &str {
        &self.written
    }

    /// All values at the end of the way, at most `most`.
    pub(super) fn find<'v>(&self, root: &'v Value, most: usize) -> Vec<&'v Value> {
        let mut found = Vec::new();
        follow(&self.steps, root, most, &mut found);
        found
    }

    /// Where the way ends too early: the key that is missing, and the value that lacks it. `None`
    /// when it leads somewhere, if only to an empty list or to null.
    pub(super) fn missing<'v>(&self, root: &'v Value) -> Option<(&str, &'v Value)> {
        let mut at = root;
        for step in &self.steps {
            at = match (step, at) {
                (_, Value::Null) => return None,
                (Step::Key(key), _) => match child(at, key) {
                    Some(next) => next,
                    None => return Some((key, at)),
                },
                (Step::Each, Value::Array(several)) => several.first()?,
                (Step::Last, Value::Array(several)) => several.last()?,
                (Step::Each | Step::Last, _) => at,
            };
        }
        None
    }
}

/// One alternative after the other is tried by [`Expression`]; this walks one pointer.
fn follow<'v>(steps: &[Step], at: &'v Value, most: usize, found: &mut Vec<&'v Value>) {
    let Some((step, rest)) = steps.split_first() else {
        if !at.is_null() && found.len() < most {
            found.push(at);
        }
        return;
    };
    match (step, at) {
        (Step::Key(key), _) => {
            if let Some(next) = child(at, key) {
                follow(rest, next, most, found);
            }
        }
        (Step::Last, Value::Array(several)) => {
            if let Some(last) = several.last() {
                follow(rest, last, most, found);
            }
        }
        (Step::Each, Value::Array(several)) => {
            for next in several {
                if found.len() >= most {
                    return;
                }
                follow(rest, next, most, found);
            }
        }
        (Step::Each, Value::Object(fields)) => {
            // A list of one is often written as the one; else it is a list with names.
            let before = found.len();
            follow(rest, at, most, found);
            if found.len() == before {
                for next in fields.values().filter(|next| next.is_object()) {
                    follow(rest, next, most, found);
                }
            }
        }
        (Step::Each, Value::String(_) | Value::Number(_)) if rest.is_empty() => {
            follow(rest, at, most, found);
        }
        _ => {}
    }
}

fn child<'v>(at: &'v Value, key: &str) -> Option<&'v Value> {
    match at {
        Value::Object(fields) => fields.get(key),
        Value::Array(several) => several.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}

impl Expression {
    pub(super) fn parse(written: &str) -> Result<Self, FaultKind> {
        let alternatives: Result<_, _> = split_outside_braces(written)
            .into_iter()
            .map(|one| {
                // `&page=+1` changes the present address by itself.
                if one.contains(['{', '}']) || one.trim_start().starts_with('&') {
                    template(one.trim()).map(Alternative::Template)
                } else {
                    Pointer::parse(one).map(Alternative::Pointer)
                }
            })
            .collect();
        Ok(Self {
            written: written.trim().to_owned(),
            alternatives: alternatives?,
        })
    }

    /// The first text or number that is found.
    pub(super) fn first(&self, root: &Value) -> Option<String> {
        self.alternatives.iter().find_map(|one| match one {
            Alternative::Pointer(pointer) => {
                pointer.find(root, VALUES_MAX).into_iter().find_map(scalar)
            }
            Alternative::Template(parts) => filled(parts, root),
        })
    }

    /// All texts that the first fitting alternative finds, a line each.
    pub(super) fn all(&self, root: &Value) -> Option<String> {
        self.alternatives.iter().find_map(|one| match one {
            Alternative::Pointer(pointer) => {
                let found = pointer.find(root, VALUES_MAX);
                let texts: Vec<String> = found.into_iter().filter_map(scalar).collect();
                Some(texts.join("\n")).filter(|text| !text.is_empty())
            }
            Alternative::Template(parts) => filled(parts, root),
        })
    }
}

/// A text or number that is not blank.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn split_outside_braces(written: &str) -> Vec<&str> {
    let mut is_inside = false;
    written
        .split(|c: char| {
            is_inside = c == '{' || is_inside && c != '}';
            c == '|' && !is_inside
        })
        .collect()
}

fn template(written: &str) -> Result<Vec<Part>, FaultKind> {
    let mut parts = Vec::new();
    let mut rest = written;
    while let Some((text, after)) = rest.split_once('{') {
        let (inside, after) = after.split_once('}').ok_or(FaultKind::Template)?;
        if text.contains('}') {
            return Err(FaultKind::Template);
        }
        parts.push(Part::Text(text.to_owned()));
        let (change, pointers) = match inside.trim().split_once(char::is_whitespace) {
            Some(("last", pointers)) => (Change::LastSegment, pointers),
            Some(("+1", pointers)) => (Change::PlusOne, pointers),
            _ => (Change::None, inside),
        };
        let pointers = Pointer::parse_all(pointers).map_err(|_| FaultKind::Template)?;
        parts.push(Part::Value(change, pointers));
        rest = after;
    }
    if rest.contains('}') {
        return Err(FaultKind::Template);
    }
    parts.push(Part::Text(rest.to_owned()));
    Ok(parts)
}

/// The template with its values; `None` when one of them is missing.
fn filled(parts: &[Part], root: &Value) -> Option<String> {
    let mut out = String::new();
    let mut is_query = false;
    for part in parts {
        match part {
            Part::Text(text) => {
                is_query |= text.contains(['?', '&']);
                out.push_str(text);
            }
            Part::Value(change, pointers) => {
                let found = pointers
                    .iter()
                    .find_map(|pointer| pointer.find(root, 1).into_iter().find_map(scalar))?;
                let value = match change {
                    Change::None => found,
                    Change::LastSegment => found.rsplit('/').next()?.to_owned(),
                    Change::PlusOne => found.parse::<i64>().ok()?.checked_add(1)?.to_string(),
                };
                push_escaped(&mut out, &value, is_query);
            }
        }
    }
    Some(out)
}

/// A value within an address: in the query everything that could end it is escaped; in the path
/// only what can stand in no address, since values are often whole paths.
fn push_escaped(out: &mut String, value: &str, is_query: bool) {
    use std::fmt::Write as _;
    let mut utf8 = [0_u8; 4];
    for c in value.chars() {
        let is_plain = c.is_ascii_alphanumeric() || "-._~/:@,!$'()*;".contains(c);
        let is_path = !is_query && "%?&=+#".contains(c);
        if is_plain || is_path {
            out.push(c);
        } else {
            for byte in c.encode_utf8(&mut utf8).bytes() {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

/// `author.name` and `$.hits[*].id` in this notation.
fn meant(written: &str) -> Option<String> {
    let bare = written.trim_start_matches('$').trim_matches(['.', '/']);
    let is_like_one = |c: char| c.is_alphanumeric() || "_-.*[]/@:#".contains(c);
    if bare.is_empty() || !bare.chars().all(is_like_one) {
        return None;
    }
    let steps: Vec<&str> = bare
        .split(['.', '/', '[', ']'])
        .filter(|step| !step.is_empty())
        .collect();
    Some(format!("/{}", steps.join("/"))).filter(|meant| meant != written)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{
        "hits": [{"id": 1, "by": {"name": "Ana"}, "say": ["a", "b"]}, {"id": 2, "by": null}],
        "one": {"id": 3, "say": "c"},
        "named": {"x": {"id": 4}, "y": {"id": 5}},
        "uri": "at://did:x/post/3k", "page": 2, "link": "/r/a?b=c", "odd": "a&b=ñ", "a/b": "s"
    }"#;

    #[track_caller]
    fn check(written: &str, expected: &str) {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let told = match Expression::parse(written) {
            Ok(found) => found
                .all(&document)
                .map_or("-".to_owned(), |found| found.replace('\n', "+")),
            Err(FaultKind::Pointer(Some(meant))) => format!("meant {meant}"),
            Err(fault) => format!("{fault:?}"),
        };
        assert_eq!(told, expected, "{written}");
    }

    #[test]
    fn a_pointer_finds_what_it_names() {
        check("/hits/*/id", "1+2");
        check("/hits/0/by/name", "Ana");
        check("/hits/1/by/name", "-");
        check("/hits/-/id", "2");
        check("/hits/*/say/*", "a+b");
        check("/one/*/id", "3");
        check("/one/say/*", "c");
        check("/named/*/id", "4+5");
        check("/a~1b", "s");
        check("/nothing|/page", "2");
        check("/hits", "-");
    }

    #[test]
    fn a_template_makes_an_address() {
        check("https://a.test/p/{last /uri}", "https://a.test/p/3k");
        check("&page={+1 /page}", "&page=3");
        check("https://a.test{/link}", "https://a.test/r/a?b=c");
        check("?q={/odd}", "?q=a%26b%3D%C3%B1");
        check("?q={/nothing}|/page", "2");
        check("?q={/nothing|/page}", "?q=2");
    }

    #[test]
    fn what_is_no_pointer_says_what_was_meant() {
        check("author.name", "meant /author/name");
        check("$.hits[*].id", "meant /hits/*/id");
        check("/hits/", "meant /hits");
        check("div > p", "Pointer(None)");
        check("https://a.test/{id}", "Template");
        check("https://a.test/{/id", "Template");
        check("https://a.test/}", "Template");
        check(&"/*".repeat(5), "Pointer(None)");
    }

    #[test]
    fn a_way_that_ends_early_tells_where() {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let missing = |written: &str| {
            let pointer = Pointer::parse(written).unwrap();
            let missing = pointer.missing(&document);
            missing.map(|(key, _)| key.to_owned())
        };
        assert_eq!(missing("/hits/*/text"), Some("text".to_owned()));
        assert_eq!(missing("/comments/*"), Some("comments".to_owned()));
        assert_eq!(missing("/hits/1/by/name"), None);
        assert_eq!(missing("/hits/*"), None);
    }
}
