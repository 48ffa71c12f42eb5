//! What each fuzz target does with its bytes, through the public API alone. `cargo fuzz run` calls
//! it millions of times, and `tests/it/fuzz.rs` some thousand times in every `cargo test`.
//!
//! Absent: what must hold of an answer; that is in `sound`.

mod sound;

use escucha::extract::{
    self, Document, Kind, Map, Places, RawMap, RawNotation, RawSelectors, Reading, Selectors,
};
use escucha::fetch::Robots;
use escucha::letter;
use escucha::mail::{Envelope, compose};
use escucha::model::{CaseId, Company, LocalTime, Post, Timestamp, Ui};
use escucha::reply::{self, Brief};
use escucha::score::query::Query;
use escucha::score::rules::{Rules, Watch};
use escucha::score::text::Text;
use escucha::score::{Context, Sample, Scorer};
use escucha::settings::Mailbox;
use url::Url;

/// 20 November 2026, 10:00 UTC: relative dates count from here.
const NOW: Timestamp = Timestamp(1_795_168_800_000);

/// What many an API looks like.
const COMMON_MAP: &str = "\
items /items/*|/hits/*|/*
text /text|/body|/content_html
id /id
title /title
author /author/name
date /date|/date_published
url /url
rating /rating
reply_to /parent
language /language
replies /replies/*|/children/*
next &page={/next}";

/// The JSON that a page carries.
const STATE_MAP: &str = "\
items /reviews/*|/props/pageProps/reviews/*
text /text
replies /replies/*
state script#state";

/// RSS, Atom, RDF and JSON Feed, in every encoding.
pub fn feed(data: &[u8]) {
    document(data, Kind::Feed, None, None);
}

/// A web page: its article, its comments and the feeds that it offers.
pub fn page(data: &[u8]) {
    document(data, Kind::Blog, None, None);
    let found = extract::article(&of(data), &reading(Kind::Blog, None, None));
    if let Ok(article) = found {
        sound::article(&article, of(data).url);
    }
    sound::plain(&extract::plain_text(&String::from_utf8_lossy(data)));
}

/// A page of reviews in any markup: JSON-LD, embedded state, microdata, RDFa, microformats.
pub fn reviews(data: &[u8]) {
    let map = map_of(STATE_MAP);
    assert!(map.is_some(), "the map is right");
    document(data, Kind::Reviews, None, map.as_ref());
    document(data, Kind::Any, None, None);
}

/// JSON: a feed, and what an API answers. Lines before an empty one are the map of the API, a
/// key and a pointer each; without them the map is a common one.
pub fn json(data: &[u8]) {
    let (lines, body) = parts(data);
    let map = map_of(if lines.is_empty() { COMMON_MAP } else { &lines });
    if let Some(map) = &map {
        document(body, Kind::Json, None, Some(map));
    }
    document(body, Kind::Json, None, None);
    document(body, Kind::Any, None, None);
}

/// Lines of a key and a selector each, an empty line, and a page.
pub fn selectors(data: &[u8]) {
    let (lines, body) = parts(data);
    if let Some(select) = selectors_of(&lines) {
        document(body, Kind::Reviews, Some(&select), None);
        document(body, Kind::Blog, Some(&select), None);
    }
}

/// A date as somebody wrote it; the second line, if any, is the format that its source tells.
pub fn dates(data: &[u8]) {
    let written = String::from_utf8_lossy(data);
    let (raw, format) = written.split_once('\n').unwrap_or((&written, ""));
    let found = extract::date_of(raw, NOW, LocalTime::utc());
    assert_eq!(
        found,
        extract::date_of(raw, NOW, LocalTime::utc()),
        "twice the same"
    );
    if let Some(at) = found {
        sound::date(at, NOW);
    }
    let mut lines = "items /posts/*\ntext /when\ndate /when\n".to_owned();
    if !format.is_empty() {
        let format = format.replace(['\n', '\r'], "");
        lines.extend(["date_format ", &format, "\n"]);
    }
    if raw.len().is_multiple_of(2) {
        lines.push_str("date_locale en-US\n");
    }
    let map = map_of(&lines);
    assert!(map.is_some() || !format.is_empty(), "the map is right");
    let escaped = |unit: u16| format!("\\u{unit:04x}");
    let quoted: String = raw.encode_utf16().map(escaped).collect();
    let body = format!("{{\"posts\":[{{\"when\":\"{quoted}\"}}]}}");
    if let Some(map) = map {
        document(body.as_bytes(), Kind::Json, None, Some(&map));
    }
}

/// A path on the first line, a robots.txt below.
pub fn robots(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (path, file) = data.split_at(end);
    let path = String::from_utf8_lossy(path);
    let robots = Robots::parse(file);
    sound::robots(&robots, &path, file.len());
}

/// A query of the analyst on the first line, a title on the second, a text below.
pub fn query(data: &[u8]) {
    let written = String::from_utf8_lossy(data);
    let (query, post) = written.split_once('\n').unwrap_or((&written, "Ejemplo"));
    let (title, body) = post.split_once('\n').unwrap_or(("", post));
    let title = Some(title).filter(|title| !title.is_empty());
    let text = Text::new(title, body);
    for parsed in [Query::parse(query), Query::phrase(query)] {
        match parsed {
            Ok(parsed) => sound::hits(&parsed, &text, title, body),
            Err(fault) => sound::fault(&fault, query),
        }
    }
}

/// A post as hostile as it likes: its verdict, the replies to it, and the mail about it. The lines are
/// author, address of the mail, title and text.
pub fn letter(data: &[u8]) {
    let written = String::from_utf8_lossy(data);
    let mut lines = written.splitn(4, '\n');
    let mut line = || lines.next().filter(|line| !line.is_empty());
    let (author, to, title, text) = (line(), line(), line(), line().unwrap_or_default());
    let post = Post {
        author: author.map(str::to_owned),
        title: title.map(str::to_owned),
        text: text.to_owned(),
        url: Some("https://foro.test/1".to_owned()),
        published: Some(NOW),
        ..Post::default()
    };
    let sample = Sample {
        title,
        text,
        author,
        ..Sample::default()
    };
    let company = Company {
        name: "Telefonía Ejemplo".to_owned(),
        ..Company::default()
    };
    let verdict = scorer(&company).verdict(&sample, NOW);
    sound::verdict(&verdict, title, text);
    let brief = Brief {
        post: &post,
        verdict: &verdict,
        company: &company,
        remedies: &[],
        case_id: &CaseId::candidate("0", 0),
        now: NOW,
        zone: &jiff::tz::TimeZone::UTC,
        answer_by: NOW.plus_hours(4),
    };
    let drafts = reply::drafts(&brief);
    sound::drafts(&drafts, &brief);
    let letter = letter::complaint(&brief, Ui::Es, "foro", &drafts);
    let mailbox = |address: &str| Mailbox {
        name: author.map(str::to_owned),
        address: address.to_owned(),
    };
    let envelope = Envelope {
        from: mailbox("avisos@ejemplo.test"),
        to: mailbox(to.unwrap_or("gerente@ejemplo.test")),
        reply_to: None,
        message_id: "<1@ejemplo.test>".to_owned(),
        date: NOW,
        references: author.map(str::to_owned),
        in_reply_to: title.map(str::to_owned),
    };
    if let Ok(mail) = compose::mime(&envelope, &letter) {
        sound::mail(&mail);
    }
}

/// Reads a document twice and holds the answers to what is promised of each.
fn document(body: &[u8], kind: Kind, select: Option<&Selectors>, map: Option<&Map>) {
    let (document, reading) = (of(body), reading(kind, select, map));
    let found = extract::posts(&document, &reading);
    sound::extracted(&found, document.url, NOW);
    assert!(
        found == extract::posts(&document, &reading),
        "the same bytes, read twice, are the same posts"
    );
}

/// The body as a server might declare it: the length decides, so that each input is always read
/// in one way.
fn of(body: &[u8]) -> Document<'_> {
    static BASE: std::sync::LazyLock<Option<Url>> =
        std::sync::LazyLock::new(|| Url::parse("https://foro.test/temas/1?p=2").ok());
    let types = [
        None,
        Some("text/html"),
        Some("application/rss+xml; charset=iso-8859-1"),
        Some("text/xml; charset=utf-16"),
        Some("application/json"),
    ];
    Document {
        body,
        content_type: types[body.len() % types.len()],
        url: BASE.as_ref().filter(|_| !body.len().is_multiple_of(3)),
    }
}

fn reading<'a>(kind: Kind, select: Option<&'a Selectors>, map: Option<&'a Map>) -> Reading<'a> {
    Reading {
        kind,
        select,
        map,
        lang: None,
        now: NOW,
        local: LocalTime::utc(),
    }
}

/// What stands before the first empty line, and what after it.
fn parts(data: &[u8]) -> (String, &[u8]) {
    let end = data.windows(2).position(|pair| pair == b"\n\n");
    match end {
        Some(end) => {
            let lines = String::from_utf8_lossy(&data[..end]).into_owned();
            (lines, &data[end + 2..])
        }
        None => (String::new(), data),
    }
}

/// What stands after this key on a line of its own.
fn told(lines: &str, key: &str) -> Option<String> {
    let mut lines = lines.lines();
    let line = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
    line.map(str::to_owned)
}

fn notation(lines: &str) -> RawNotation {
    let told = |key| told(lines, key);
    RawNotation {
        date_format: told("date_format"),
        date_locale: told("date_locale"),
        rating_scale: told("rating_scale").and_then(|best| Some((1.0, best.parse().ok()?))),
        rating_pattern: told("rating_pattern"),
    }
}

fn map_of(lines: &str) -> Option<Map> {
    let told = |key| told(lines, key);
    sound::map(&RawMap {
        items: told("items")?,
        places: Places::new(told),
        language: told("language"),
        replies: told("replies"),
        notation: notation(lines),
        state: told("state"),
    })
}

fn selectors_of(lines: &str) -> Option<Selectors> {
    sound::selectors(&RawSelectors {
        item: told(lines, "item")?,
        places: Places::new(|key| told(lines, key)),
        notation: notation(lines),
    })
}

fn scorer(company: &Company) -> Scorer {
    let watch =
        Query::parse("ejemplo EXCEPT \"por ejemplo\"").map(|query| Watch::new("ejemplo", query));
    let rules = Rules {
        watches: watch.into_iter().collect(),
        ..Rules::default()
    };
    let context = Context {
        company: company.clone(),
        ui: Ui::Es,
        ..Context::default()
    };
    Scorer::new(rules, context)
}
