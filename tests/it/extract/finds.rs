//! Selectors that find nothing, or not in every item: the wrong one is named.

use escucha::extract::{Kind, Places, RawNotation, RawSelectors, Selectors};
use escucha::model::Ui;

use super::read_with;

/// Three messages of a forum; one of them is nobody's.
const FORO: &str = "<div class=fila><b>Ramón</b> <i>hace 3 días</i> <p>Dos cobros.</p></div>
    <div class=fila><b>Lola</b> <i>antes de ayer tarde</i> <p>Nadie contesta.</p></div>
    <div class=fila><i>en otoño</i> <p>Sigo esperando.</p></div>";

fn selectors(item: &str, parts: &[(&str, &str)]) -> Selectors {
    let part = |key| parts.iter().find(|(known, _)| *known == key);
    let raw = RawSelectors {
        item: item.into(),
        places: Places::new(|key| part(key).map(|(_, at)| (*at).to_owned())),
        notation: RawNotation::default(),
    };
    Selectors::parse(&raw).unwrap()
}

/// What a person is told of these selectors, in one language.
fn told(ui: Ui, kind: Kind, page: &str, item: &str, parts: &[(&str, &str)]) -> Vec<String> {
    let page = format!("<!doctype html><html><body>{page}</body></html>");
    let select = selectors(item, parts);
    let extracted = read_with(page.as_bytes(), kind, Some(&select));
    let finds = extracted.finds.sentence(ui).into_iter();
    let problems = extracted.problems.iter();
    let problems = problems.map(|problem| problem.sentence(ui).to_owned());
    finds.chain(problems).collect()
}

#[track_caller]
fn check(item: &str, parts: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(told(Ui::En, Kind::Reviews, FORO, item, parts), expected);
}

#[test]
fn the_selector_that_fails_is_the_one_that_is_named() {
    check(
        "div.mensaje",
        &[("text", "p")],
        &["the selector for item finds nothing on this page, and the page has no review markup"],
    );
    check(
        "div.fila",
        &[("text", "div.texto")],
        &[
            "item finds 3 elements; text finds nothing in any of them, and the page has no review markup",
        ],
    );
    let blog = told(
        Ui::Es,
        Kind::Blog,
        "<div class=fila></div>",
        "div.fila",
        &[("text", "p")],
    );
    assert_eq!(
        blog,
        ["item encuentra 1 elemento; text no encuentra nada en él"]
    );
    let empty = told(Ui::Es, Kind::Blog, "<hr><hr>", "hr", &[]);
    assert_eq!(empty, ["item encuentra 2 elementos, y ninguno tiene texto"]);
}

#[test]
fn each_told_field_says_in_how_many_items_it_is() {
    check(
        "div.fila",
        &[("text", "p"), ("author", "b"), ("date", "i")],
        &["of 3 items: text in 3, date in 2, author in 2"],
    );
    check(
        "div.fila",
        &[("text", "p"), ("author", "div.autor"), ("url", "a")],
        &[
            "of 3 items: text in 3, url in 0, author in 0",
            "the selector for url, \"a\", finds nothing in any of 3 items: compare it with the page \
             in the browser",
            "the selector for author, \"div.autor\", finds nothing in any of 3 items: compare it \
             with the page in the browser",
        ],
    );
}

#[test]
fn what_is_found_and_cannot_be_read_says_what_to_do() {
    check(
        "div.fila:last-child",
        &[("text", "p"), ("date", "i"), ("rating", "i"), ("url", "i")],
        &[
            "of 1 item: text in 1, date in 0, rating in 0, url in 1",
            "what \"i\", the selector for date, finds cannot be read as a date: date_format says how \
             they are written",
            "what \"i\", the selector for rating, finds cannot be read as a rating: name the \
             attribute that holds it, or rating_pattern",
        ],
    );
}
