//! JSON that a page carries for its own scripts: `<script id="__NEXT_DATA__">`,
//! `window.__STATE__ = {…}`, `data-state="{…}"`.
//!
//! Absent: running scripts. What is no JSON, as an object with bare keys, is not read.

use scraper::Html;
use serde_json::Value;
use url::Url;

use super::json_map::Map;
use super::now::Now;
use super::selectors::Pick;
use super::{Extracted, Gates, Problem, contained, gate, html_gate};
use crate::model::How;

/// Elements that one selector may choose.
const ELEMENTS_MAX: usize = 50;
/// Brackets at which the JSON of a script may begin.
const BEGINNINGS_MAX: usize = 8;

/// The entries that the map finds in the elements chosen by its `state`.
///
/// # Errors
/// A fatal problem when no element is found, or none holds JSON in which the pointers lead somewhere.
pub(super) fn read(
    html: &str,
    map: &Map,
    state: &Pick,
    base: Option<&Url>,
    now: Now<'_>,
    gates: Gates,
) -> Result<Extracted, Problem> {
    html_gate::html(html, gates)?;
    let holders = contained("the page", || {
        let page = Html::parse_document(html);
        state.raw_values(page.root_element(), ELEMENTS_MAX)
    })?;
    if holders.is_empty() {
        let said = "the selector for state finds nothing on this page";
        let spanish = "el selector de state no encuentra nada en esta página";
        return Err(Problem::fatal(said).in_spanish(spanish));
    }
    let mut all: Option<Extracted> = None;
    let mut trouble = None;
    for holder in &holders {
        match value(holder).and_then(|root| map.posts(&root, base, now, How::State)) {
            Ok(found) => match &mut all {
                Some(all) => {
                    all.posts.extend(found.posts);
                    all.finds.add(&found.finds);
                    all.next_url = all.next_url.take().or(found.next_url);
                }
                None => all = Some(found),
            },
            Err(problem) => trouble = trouble.or(Some(problem)),
        }
    }
    match (all, trouble) {
        (Some(all), _) => Ok(all),
        (None, Some(problem)) => Err(problem),
        (None, None) => Ok(Extracted::default()),
    }
}

/// The JSON in a script: all of it, or what stands behind `=` or within `JSON.parse("…")`.
fn value(script: &str) -> Result<Value, Problem> {
    gate::json(script)?;
    if let Ok(value) = serde_json::from_str(script.trim()) {
        return Ok(value);
    }
    if let Some((_, quoted)) = script.split_once("JSON.parse(")
        && let Some(text) = first::<String>(quoted)
    {
        gate::json(&text)?;
        if let Ok(value) = serde_json::from_str(&text) {
            return Ok(value);
        }
    }
    let beginnings = script.match_indices(['{', '[']).take(BEGINNINGS_MAX);
    beginnings
        .filter_map(|(at, _)| first::<Value>(&script[at..]))
        .find(|value| !is_empty(value))
        .ok_or_else(|| {
            Problem::fatal("the element that state selects holds no JSON")
                .in_spanish("el elemento que elige state no lleva JSON")
        })
}

/// `[]` and `{}` stand in many a script that goes on to something else.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(several) => several.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => true,
    }
}

/// The value that a text begins with, whatever follows it.
fn first<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::Deserializer::from_str(text)
        .into_iter()
        .next()?
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(script: &str, expected: &str) {
        let told = match value(script) {
            Ok(value) => value.to_string(),
            Err(problem) => problem.detail,
        };
        assert_eq!(told, expected);
    }

    #[test]
    fn json_is_found_in_a_script() {
        check(" {\"a\": 1} ", "{\"a\":1}");
        check("window.__S__ = {\"a\": [1]}; go();", "{\"a\":[1]}");
        check(
            "var x=[]; var s = JSON.parse(\"{\\\"a\\\":2}\");",
            "{\"a\":2}",
        );
        check("(function(){ return {\"a\":3} })()", "{\"a\":3}");
        check("var x=[]; x.push({\"a\":4})", "{\"a\":4}");
        check("go()", "the element that state selects holds no JSON");
        check("x = {a: 1}", "the element that state selects holds no JSON");
    }
}
