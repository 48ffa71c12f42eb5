//! Where things stand in what a source sends: `select` for pages, `map` for JSON, `state` for the
//! JSON within a page.

use super::complaints::{Said, said};
use super::reader::{Section, Value};
use crate::extract::{Fault, Map, Places, RawMap, RawNotation, RawSelectors, Selectors};
use crate::model::Ui;
use crate::settings::SourceKind;

/// The `select` of a source.
pub(super) fn select(section: &Section, kind: Option<SourceKind>) -> Option<Selectors> {
    let value = section.get("select")?;
    match kind {
        Some(SourceKind::Feed) => value.complain(
            said!(
                "un canal (feed) no se lee con selectores",
                "a feed is not read with selectors"
            ),
            said!(
                "quítela o ponga kind = \"reviews\"",
                "leave it out or put kind = \"reviews\""
            ),
        ),
        Some(SourceKind::Json) => value.complain(
            said!(
                "el JSON no se lee con selectores",
                "JSON is not read with selectors"
            ),
            said!("ponga map en su lugar", "put map instead"),
        ),
        _ => {}
    }
    let select = value.table()?;
    let item = select.need(
        "item",
        said!("ponga item = \"div.review\"", "put item = \"div.review\""),
    );
    let places = Places::new(|key| owned(select.get(key)));
    let notation = notation(&select);
    select.finish();
    let raw = RawSelectors {
        item: item.as_ref()?.text()?.to_owned(),
        places,
        notation,
    };
    match Selectors::parse(&raw) {
        Ok(selectors) => Some(selectors),
        Err(faults) => {
            complain(&faults, |key| select.get(key));
            None
        }
    }
}

/// The `map` of a source, with its `state`.
pub(super) fn map(section: &Section, kind: Option<SourceKind>) -> Option<Map> {
    let state = section.get("state");
    let value = section.get("map");
    if let (Some(state), None) = (&state, &value) {
        state.complain(
            said!("no dice qué hay dentro", "does not say what is in it"),
            said!(
                "añada map = {{ items = \"/…/*\", text = \"/…\" }}",
                "add map = {{ items = \"/…/*\", text = \"/…\" }}"
            ),
        );
    }
    let Some(value) = value else {
        if kind == Some(SourceKind::Json) {
            section.complain_here(
                "map",
                said!("falta", "is missing"),
                said!(
                    "ponga map = {{ items = \"/comments/*\", text = \"/body\" }}",
                    "put map = {{ items = \"/comments/*\", text = \"/body\" }}"
                ),
            );
        }
        return None;
    };
    check_kind(&value, state.as_ref(), kind);
    let map = value.table()?;
    let items = map.need(
        "items",
        said!(
            "ponga items = \"/comments/*\"",
            "put items = \"/comments/*\""
        ),
    );
    let text = map.need(
        "text",
        said!("ponga text = \"/body\"", "put text = \"/body\""),
    );
    let places = Places::new(|key| owned(map.get(key)));
    let [language, replies] = ["language", "replies"].map(|key| owned(map.get(key)));
    let notation = notation(&map);
    map.finish();
    text?;
    let raw = RawMap {
        items: owned(items)?,
        places,
        language,
        replies,
        notation,
        state: state.as_ref().and_then(Value::plain).map(str::to_owned),
    };
    match Map::parse(&raw) {
        Ok(map) => Some(map),
        Err(faults) => {
            complain(&faults, |key| match key {
                "state" => section.get(key),
                key => map.get(key),
            });
            None
        }
    }
}

/// A map is for JSON: that of an API, or that within a page.
fn check_kind(map: &Value, state: Option<&Value>, kind: Option<SourceKind>) {
    match (kind, state) {
        (Some(SourceKind::Json), Some(state)) => state.complain(
            said!(
                "es para el JSON que hay dentro de una página",
                "is for the JSON within a page"
            ),
            said!(
                "quítela o ponga kind = \"reviews\"",
                "leave it out or put kind = \"reviews\""
            ),
        ),
        (Some(SourceKind::Reviews), None) => map.complain(
            said!(
                "no dice dónde está el JSON",
                "does not say where the JSON is"
            ),
            said!(
                "añada state = \"script#__NEXT_DATA__\", o ponga kind = \"json\"",
                "add state = \"script#__NEXT_DATA__\", or put kind = \"json\""
            ),
        ),
        (Some(SourceKind::Feed | SourceKind::Blog), _) => map.complain(
            said!("es para JSON", "is for JSON"),
            said!(
                "quítela, o ponga kind = \"json\"",
                "leave it out, or put kind = \"json\""
            ),
        ),
        _ => {}
    }
}

/// How dates and ratings are written there.
fn notation(section: &Section) -> RawNotation {
    let [date_format, date_locale, rating_pattern] =
        ["date_format", "date_locale", "rating_pattern"].map(|key| owned(section.get(key)));
    RawNotation {
        date_format,
        date_locale,
        rating_scale: section.get("rating_scale").and_then(|scale| {
            let numbers: Option<Vec<f64>> = scale.items().iter().map(Value::number).collect();
            match numbers?[..] {
                [best] => Some((0.0, best)),
                [worst, best] => Some((worst, best)),
                // Refused as a scale, with its place.
                _ => Some((0.0, 0.0)),
            }
        }),
        rating_pattern,
    }
}

fn owned(value: Option<Value>) -> Option<String> {
    value?.text().map(|text| text.trim().to_owned())
}

fn complain<'a>(faults: &[Fault], place: impl Fn(&str) -> Option<Value<'a>>) {
    for fault in faults {
        if let Some(place) = place(fault.key) {
            place.complain(
                Said {
                    es: fault.wrong(Ui::Es),
                    en: fault.wrong(Ui::En),
                },
                Said {
                    es: fault.right(Ui::Es),
                    en: fault.right(Ui::En),
                },
            );
        }
    }
}
