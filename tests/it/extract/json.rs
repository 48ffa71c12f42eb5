//! JSON APIs and the JSON within pages, read by the pointers of a configuration.

use escucha::extract::{
    Document, Extracted, Kind, Map, Places, RawMap, RawNotation, Reading, posts,
};
use escucha::model::{How, Lang};
use url::Url;

use super::{NOW, line, told};

/// `Some`, owned.
macro_rules! some {
    ($text:expr) => {
        Some($text.to_owned())
    };
}

fn raw(items: &str, text: &str) -> RawMap {
    raw_with(items, &[("text", text)])
}

/// A map with these places of the parts of a post.
fn raw_with(items: &str, parts: &[(&str, &str)]) -> RawMap {
    let part = |key| parts.iter().find(|(known, _)| *known == key);
    RawMap {
        items: items.into(),
        places: Places::new(|key| part(key).map(|(_, at)| (*at).to_owned())),
        ..RawMap::default()
    }
}

fn read(body: &str, raw: &RawMap) -> Extracted {
    let map = Map::parse(raw).unwrap();
    let url = Url::parse("https://api.foro.test/c?q=x&page=1").ok();
    let document = Document {
        body: body.as_bytes(),
        content_type: None,
        url: url.as_ref(),
    };
    let kind = if raw.state.is_some() {
        Kind::Reviews
    } else {
        Kind::Json
    };
    posts(
        &document,
        &Reading {
            kind,
            select: None,
            map: Some(&map),
            lang: None,
            now: NOW,
            local: escucha::model::LocalTime::utc(),
        },
    )
}

#[track_caller]
fn check(body: &str, raw: &RawMap, expected: &[&str]) {
    let extracted = read(body, raw);
    let mut lines = told(&extracted);
    lines.extend(
        extracted
            .problems
            .iter()
            .map(|problem| format!("! {}", problem.detail)),
    );
    assert_eq!(lines, expected);
}

#[test]
fn an_api_is_read_by_its_map() {
    let map = RawMap {
        language: some!("/lang"),
        notation: RawNotation {
            rating_scale: Some((0.0, 10.0)),
            ..RawNotation::default()
        },
        ..raw_with(
            "/hits/*",
            &[
                ("text", "/comment|/story"),
                ("id", "/objectID"),
                ("title", "/title"),
                ("author", "/by/name|/by/nick"),
                ("date", "/created"),
                ("url", "https://foro.test/item/{/objectID}"),
                ("rating", "/stars"),
                ("reply_to", "/parent"),
                ("next", "&page={+1 /page}"),
            ],
        )
    };
    let body = r#")]}',
        {"page": 1, "hits": [
        {"objectID": "a1", "comment": "<p>Nadie &amp; nada.</p><p>Ya.", "by": {"name": "Ana"},
         "created": 1795089600, "stars": 2, "parent": "a0", "lang": "es", "title": "T&uacute;"},
        {"objectID": 7, "comment": null, "story": "5 < 6", "by": {"nick": "x"},
         "created": "2026-11-18T09:00:00+01:00"},
        {"objectID": "a3", "comment": "  ", "created": 1795089600123},
        {"objectID": "a4", "comment": "Tarde.", "created": "hace 3 días", "stars": "4/5"}]}"#;
    check(
        body,
        &map,
        &[
            "Tú | Nadie & nada./Ya. | Ana | https://foro.test/item/a1 | 2026-11-19T12:00:00Z | 0.20",
            "- | 5 < 6 | x | https://foro.test/item/7 | 2026-11-18T08:00:00Z | -",
            "- | Tarde. | - | https://foro.test/item/a4 | 2026-11-17T12:00:00Z | 0.80",
        ],
    );
    let extracted = read(body, &map);
    assert_eq!(extracted.posts[0].guid.as_deref(), Some("a1"));
    assert_eq!(extracted.posts[0].reply_to.as_deref(), Some("a0"));
    assert_eq!(extracted.posts[0].lang, Some(Lang::Es));
    assert_eq!(extracted.posts[0].how, How::Json);
    assert_eq!(extracted.posts[1].guid.as_deref(), Some("7"));
    let next = extracted.next_url.as_deref();
    assert_eq!(next, Some("https://api.foro.test/c?q=x&page=2"));
}

#[test]
fn one_entry_is_often_no_list() {
    let map = raw("/feed/entry/*", "/content/label");
    let one = r#"{"feed": {"entry": {"content": {"label": "Solo"}, "author": {"label": "x"}}}}"#;
    check(one, &map, &["- | Solo | - | - | - | -"]);
    let root = r#"{"body": "La raíz", "more": {"body": "no"}}"#;
    check(root, &raw("/*", "/body"), &["- | La raíz | - | - | - | -"]);
    let list = r#"["uno", "dos"]"#;
    let bare = read(list, &raw("/*", "/*"));
    assert_eq!(
        told(&bare),
        ["- | uno | - | - | - | -", "- | dos | - | - | - | -"]
    );
}

#[test]
fn answers_within_answers_are_posts_that_answer() {
    let map = RawMap {
        replies: some!("/children/*"),
        ..raw_with("/*", &[("text", "/text"), ("id", "/id")])
    };
    let body = r#"[{"id": 1, "text": "a", "children": [
        {"id": 2, "text": "b", "children": [{"id": 3, "text": "c"}]},
        {"id": 4, "text": "", "children": [{"id": 5, "text": "d"}]}]}]"#;
    let extracted = read(body, &map);
    let told: Vec<String> = extracted
        .posts
        .iter()
        .map(|post| format!("{} {}", post.text, post.reply_to.as_deref().unwrap_or("-")))
        .collect();
    assert_eq!(told, ["a -", "b 1", "c 2", "d 4"]);
    let deep = r#"{"text": "x", "children": ["#.repeat(60) + &"]}".repeat(60);
    assert_eq!(read(&format!("[{deep}]"), &map).posts.len(), 51);
}

#[test]
fn the_json_within_a_page_is_read_by_the_same_map() {
    let map = RawMap {
        state: some!("script#__NEXT_DATA__"),
        ..raw_with(
            "/props/pageProps/reviews/*",
            &[
                ("text", "/text"),
                ("author", "/consumer/displayName"),
                ("date", "/dates/publishedDate"),
                ("rating", "/rating"),
                ("next", "/props/next"),
            ],
        )
    };
    let json = r#"{"props": {"next": "?page=2", "pageProps": {"reviews": [
        {"text": "Nadie contesta.", "rating": 1, "consumer": {"displayName": "Javier"},
         "dates": {"publishedDate": "2026-11-18T09:00:00.000Z"}}]}}}"#;
    let page = |script: &str| format!("<html><body>{script}</body></html>");
    let script = format!("<script id=__NEXT_DATA__ type=application/json>{json}</script>");
    let expected = ["- | Nadie contesta. | Javier | - | 2026-11-18T09:00:00Z | 0.20"];
    check(&page(&script), &map, &expected);
    let extracted = read(&page(&script), &map);
    assert_eq!(extracted.posts[0].how, How::State);
    let next = extracted.next_url.as_deref();
    assert_eq!(next, Some("https://api.foro.test/c?page=2"));
    let assigned = format!("<script id=__NEXT_DATA__>window.x = {json}; go()</script>");
    check(&page(&assigned), &map, &expected);
    let attribute = RawMap {
        state: some!("#app@data-state"),
        ..map.clone()
    };
    let holder = format!("<div id=app data-state='{json}'></div>");
    check(&page(&holder), &attribute, &expected);
    check(
        &page("<p>Nada</p>"),
        &map,
        &["! the selector for state finds nothing on this page"],
    );
    // The page has gone over to markup: that is read, and the operator is told.
    let markup = r#"<script type="application/ld+json">{"@type": "Review", "reviewBody": "Mal.",
        "author": "Eva"}</script>"#;
    check(
        &page(markup),
        &map,
        &[
            "- | Mal. | Eva | - | - | -",
            "! the selector for state finds nothing on this page",
        ],
    );
}

#[test]
fn a_pointer_that_finds_nothing_says_what_is_there() {
    let map = raw_with(
        "/comments/*",
        &[("text", "/body"), ("author", "/user"), ("date", "/at")],
    );
    check(
        r#"{"total": 0, "results": []}"#,
        &map,
        &[
            "! the pointer for items, \"/comments/*\", finds nothing: there is no \"comments\", \
             what is there has \"total\", \"results\"",
        ],
    );
    check(r#"{"comments": []}"#, &map, &[]);
    check(r#"{"comments": null}"#, &map, &[]);
    check(
        r#"{"comments": [{"id": 1, "content": "x"}]}"#,
        &map,
        &[
            "! the pointer for text, \"/body\", finds nothing in the only item, which has \
             \"id\", \"content\"",
        ],
    );
    check(
        r#"{"comments": [{"body": "x", "at": "never"}]}"#,
        &map,
        &[
            "- | x | - | - | - | -",
            "! what \"/at\", the pointer for date, finds cannot be read as a date: date_format says how \
             they are written",
            "! the pointer for author, \"/user\", finds nothing in the only item, which has \
             \"body\", \"at\"",
        ],
    );
    check(
        "<html><p>Entre para leer</p></html>",
        &map,
        &[
            "! this is a web page or a feed, not JSON: give the address of the API, or another \
             kind",
        ],
    );
    check(
        "{\"comments\": [",
        &map,
        &["! the JSON cannot be read: EOF while parsing a list at line 1 column 14"],
    );
}

#[test]
fn what_is_hostile_costs_little() {
    let deep = "[".repeat(100_000);
    let refused = read(&deep, &raw("/*", "/*"));
    assert_eq!(
        refused.failure(),
        Some("the JSON is nested deeper than 256 levels")
    );
    let wide = format!("[{}]", vec![r#"{"a":[[1,2,3],[4]]}"#; 60_000].join(","));
    let many = read(&wide, &raw("/*", "/a/*/*"));
    assert_eq!(many.posts.len(), 50_000);
    assert_eq!(line(&many.posts[0]), "- | 1/2/3/4 | - | - | - | -");
    let nul = read(r#"[{"t": "a\u0000b\u001b"}]"#, &raw("/*", "/t"));
    assert_eq!(nul.posts[0].text, "ab");
}
