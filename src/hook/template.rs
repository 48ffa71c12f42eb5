//! The body that an operator writes: JSON with fields in it, as `{"text": "{{subject}}"}`.
//!
//! A field within quotes becomes text, escaped for JSON; elsewhere a JSON value of its own kind. What
//! others wrote can therefore end no string and add no key. Absent: conditions, loops, anything that
//! computes.

use serde_json::{Value, json};

/// What may stand between two braces. The names are those of the event (`data` is left out of them);
/// `draft` is the first of `drafts`.
pub const FIELDS: [&str; 24] = [
    "type",
    "timestamp",
    "subject",
    "text",
    "n_cases",
    "cases",
    "drafts",
    "draft",
    "case",
    "case.id",
    "case.state",
    "case.watch",
    "case.level",
    "case.risk",
    "case.author",
    "case.url",
    "case.text",
    "case.published",
    "case.seen_at",
    "case.alerted_at",
    "case.due_at",
    "case.signals",
    "case.topics",
    "case.incident",
];
const FILTERS: [(&str, Filter); 2] = [("slack", Filter::Slack), ("markdown", Filter::Markdown)];
const BYTES_MAX: usize = 64 << 10;
const FIELDS_MAX: usize = 64;

/// A checked template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Json(String),
    Field {
        name: &'static str,
        filter: Filter,
        /// It stands within quotes.
        is_quoted: bool,
    },
}

/// What the receiver would take for its own commands is made plain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filter {
    None,
    /// Slack reads `<!channel>` and `<https://…|text>`.
    Slack,
    /// Mattermost, Teams and their like read Markdown and call people by `@`.
    Markdown,
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    UnknownField(String),
    UnknownFilter(String),
    /// Braces that were opened and not closed.
    Unclosed,
    /// It would be no JSON, whatever the fields hold.
    NotJson(String),
    /// More than 64 KiB, or more than 64 fields.
    TooLong,
}

impl Template {
    /// # Errors
    /// The first fault.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if text.len() > BYTES_MAX {
            return Err(Fault::TooLong);
        }
        let mut parts = Vec::new();
        let (mut quotes, mut rest) = (Quotes::default(), text);
        while let Some((before, after)) = rest.split_once("{{") {
            quotes.pass(before);
            let (inner, after) = after.split_once("}}").ok_or(Fault::Unclosed)?;
            parts.push(Part::Json(before.to_owned()));
            parts.push(field(inner, quotes.are_open)?);
            rest = after;
        }
        parts.push(Part::Json(rest.to_owned()));
        if parts.len() > 2 * FIELDS_MAX + 1 {
            return Err(Fault::TooLong);
        }
        let template = Self { parts };
        // Where a value may stand, any may; but a key of an object must be text, for one.
        for sample in [empty(), full()] {
            serde_json::from_str::<Value>(&template.render(&sample))
                .map_err(|fault| Fault::NotJson(fault.to_string()))?;
        }
        Ok(template)
    }

    /// The body for an event.
    pub fn render(&self, event: &Value) -> String {
        let mut body = String::new();
        for part in &self.parts {
            match part {
                Part::Json(json) => body.push_str(json),
                Part::Field {
                    name,
                    filter,
                    is_quoted,
                } => {
                    let value = look_up(event, name);
                    let value = match filter {
                        Filter::None if !*is_quoted => value,
                        filter => Value::String(filter.apply(&shown(&value))),
                    };
                    let json = value.to_string();
                    let inner = json.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
                    body.push_str(inner.filter(|_| *is_quoted).unwrap_or(&json));
                }
            }
        }
        body
    }
}

fn field(inner: &str, is_quoted: bool) -> Result<Part, Fault> {
    let (name, filter) = match inner.split_once('|') {
        Some((name, filter)) => (name.trim(), filter.trim()),
        None => (inner.trim(), ""),
    };
    let known = FIELDS.iter().find(|known| **known == name);
    let Some(name) = known else {
        return Err(Fault::UnknownField(name.to_owned()));
    };
    let filter = match FILTERS.iter().find(|(word, _)| *word == filter) {
        Some((_, filter)) => *filter,
        None if filter.is_empty() => Filter::None,
        None => return Err(Fault::UnknownFilter(filter.to_owned())),
    };
    Ok(Part::Field {
        name,
        filter,
        is_quoted,
    })
}

/// Whether a place in a JSON text is within quotes.
#[derive(Default)]
struct Quotes {
    are_open: bool,
    is_escaped: bool,
}

impl Quotes {
    fn pass(&mut self, json: &str) {
        for c in json.chars() {
            match c {
                _ if self.is_escaped => self.is_escaped = false,
                '\\' if self.are_open => self.is_escaped = true,
                '"' => self.are_open = !self.are_open,
                _ => {}
            }
        }
    }
}

fn look_up(event: &Value, name: &str) -> Value {
    let found = match name {
        "type" | "timestamp" => event.get(name),
        "draft" => event.pointer("/data/drafts/0"),
        name => event.pointer(&format!("/data/{}", name.replace('.', "/"))),
    };
    found.cloned().unwrap_or(Value::Null)
}

/// A value as a person reads it: lists of words with commas, nothing for null.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let words: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            words.join(", ")
        }
        other => other.to_string(),
    }
}

impl Filter {
    fn apply(self, text: &str) -> String {
        let mut plain = String::with_capacity(text.len());
        for c in text.chars() {
            match (self, c) {
                (Self::Slack, '&') => plain.push_str("&amp;"),
                (Self::Slack, '<') => plain.push_str("&lt;"),
                (Self::Slack, '>') => plain.push_str("&gt;"),
                // A joiner of no width: what follows is no longer a name.
                (Self::Markdown, '@') => plain.push_str("@\u{2060}"),
                (Self::Markdown, c) if "\\`*_{}[]()<>#+-.!|~".contains(c) => {
                    plain.extend(['\\', c]);
                }
                (_, c) => plain.push(c),
            }
        }
        plain
    }
}

/// An event in which everything is missing.
fn empty() -> Value {
    json!({})
}

/// An event in which everything is there, and hostile.
fn full() -> Value {
    let text = "\"}],\\u0000\n{{";
    let case: serde_json::Map<String, Value> = FIELDS
        .iter()
        .filter_map(|name| name.strip_prefix("case."))
        .map(|key| (key.to_owned(), json!(text)))
        .collect();
    json!({
        "type": text, "timestamp": text,
        "data": {
            "subject": text, "text": text, "n_cases": 2, "case": case,
            "cases": [{}, {}], "drafts": [text],
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Value {
        json!({
            "type": "escucha.complaint", "timestamp": "2026-11-20T10:00:00Z",
            "data": {
                "subject": "Ñ \"x\"", "text": "a\n\u{0}b", "n_cases": 1, "cases": [],
                "drafts": ["uno", "dos"],
                "case": {
                    "id": "c-1", "risk": 83, "author": null, "topics": ["billing", "price"],
                    "text": "<!channel> {{case.id}} @all [x](https://y.test) 😡",
                },
            },
        })
    }

    #[track_caller]
    fn check(template: &str, expected: &str) {
        let found = match Template::parse(template) {
            Ok(template) => template.render(&sample()),
            Err(fault) => format!("{fault:?}"),
        };
        assert_eq!(found, expected, "{template}");
        if !expected.contains("Fault") && Template::parse(template).is_ok() {
            serde_json::from_str::<Value>(&found).unwrap();
        }
    }

    #[test]
    fn a_field_is_written_by_its_place() {
        check(r#"{"t":"{{subject}}"}"#, r#"{"t":"Ñ \"x\""}"#);
        check(r#"{"t":{{ subject }}}"#, r#"{"t":"Ñ \"x\""}"#);
        check(r#"["{{text}}"]"#, r#"["a\n\u0000b"]"#);
        check(r#"[{{case.risk}},"{{case.risk}}"]"#, r#"[83,"83"]"#);
        check(r#"[{{case.author}},"{{case.author}}"]"#, r#"[null,""]"#);
        check(
            r#"[{{case.topics}},"{{case.topics}}"]"#,
            r#"[["billing","price"],"billing, price"]"#,
        );
        check(r#"["{{draft}}",{{drafts}}]"#, r#"["uno",["uno","dos"]]"#);
        check(r#"["\"{{case.id}}\\"]"#, r#"["\"c-1\\"]"#);
        check("7", "7");
    }

    #[test]
    fn what_others_wrote_is_no_template_and_no_command() {
        check(
            r#"{"t":"{{case.text}}"}"#,
            r#"{"t":"<!channel> {{case.id}} @all [x](https://y.test) 😡"}"#,
        );
        check(
            r#"{"t":"{{case.text | slack}}"}"#,
            r#"{"t":"&lt;!channel&gt; {{case.id}} @all [x](https://y.test) 😡"}"#,
        );
        let plain = "{\"t\":\"\\\\<\\\\!channel\\\\> \\\\{\\\\{case\\\\.id\\\\}\\\\} @\u{2060}all \
                     \\\\[x\\\\]\\\\(https://y\\\\.test\\\\) 😡\"}";
        check(r#"{"t":"{{case.text|markdown}}"}"#, plain);
        check(r"[{{case.risk|slack}}]", r#"["83"]"#);
    }

    #[test]
    fn what_is_no_template_is_told() {
        check(r#"{"t":"{{case.name}}"}"#, "UnknownField(\"case.name\")");
        check(r#"{"t":"{{}}"}"#, "UnknownField(\"\")");
        check(r#"{"t":"{{text|html}}"}"#, "UnknownFilter(\"html\")");
        check(r#"{"t":"{{text}"}"#, "Unclosed");
        for wrong in [
            "",
            "{{text}} and more",
            r#"{"t":"{{text}}""#,
            r"{ {{text}}: 1}",
            r#"{"t":"\{{text}}"}"#,
            r#"{"t":{{text}}{{text}}}"#,
            "{'t':'{{text}}'}",
        ] {
            let fault = Template::parse(wrong);
            assert!(
                matches!(fault, Err(Fault::NotJson(_))),
                "{wrong}: {fault:?}"
            );
        }
        let long = format!("[{}1]", "{{text}},".repeat(65));
        assert_eq!(Template::parse(&long), Err(Fault::TooLong));
        assert_eq!(Template::parse(&" ".repeat(65 << 10)), Err(Fault::TooLong));
    }
}
