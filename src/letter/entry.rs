//! A case or a doubt as one of many in a letter: with its words, or in one line.

use jiff::tz::TimeZone;

use super::block::{Block, Line, Piece, plain, said};
use super::tell::open_words;
use super::{clean, words};
use crate::model::{Subject, Timestamp, Ui};
use crate::reply::when;

const WORDS_CHARS_MAX: usize = 160;

/// One of many.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Of the case or the post: `c-…`, `p-…`.
    pub id: String,
    pub author: Option<String>,
    /// What was said; its beginning is shown.
    pub words: String,
    pub url: Option<String>,
    /// The name of the source where it was found.
    pub source: String,
    pub published: Option<Timestamp>,
    pub risk: u8,
    /// Our own words beside it; may be empty.
    pub note: String,
}

/// With its own words, its link, and how to tell us about it: on its page, or by a command.
pub(super) fn quoted(
    entry: &Entry,
    commands: &[String],
    ui: Ui,
    now: Timestamp,
    zone: &TimeZone,
) -> Vec<Block> {
    let at = match entry.published {
        Some(at) => when::day(words::tongue(ui), at, now, zone),
        None => ui.pick("sin fecha", "no date").to_owned(),
    };
    let mut head: Line = vec![
        said(who(entry, ui)),
        plain(format!(" · {} · {at} · ", risk(entry, ui))),
        said(place(entry)),
    ];
    if !entry.note.is_empty() {
        head.push(plain(format!(" · {}", entry.note)));
    }
    let place = entry.url.as_deref().and_then(clean::link);
    let place: Line = place.map(Piece::Follow).into_iter().collect();
    let words = entry.words.chars().take(4 * WORDS_CHARS_MAX);
    let words = clean::cut(clean::visible_chars(words).trim(), WORDS_CHARS_MAX);
    vec![
        Block::Said {
            title: Some(head),
            lines: vec![vec![said(words)]],
        },
        Block::WithPage(vec![Block::Small(by_page(place.clone(), &entry.id, ui))]),
        Block::WithoutPage(vec![Block::Small(by_command(place, commands))]),
    ]
}

/// The reader's own link to the page of the case or the doubt, beside where it was written.
fn by_page(place: Line, id: &str, ui: Ui) -> Line {
    let mut foot: Line = vec![plain(id)];
    if !place.is_empty() {
        foot.push(plain(" · "));
        foot.extend(place);
    }
    if let Some(subject) = Subject::parse(id) {
        let label = match subject {
            Subject::Case(_) => open_words(ui),
            Subject::Post(_) => ui.pick("Sí o no", "Yes or no").to_owned(),
        };
        foot.push(Piece::Open { label, subject });
    }
    foot
}

fn by_command(mut foot: Line, commands: &[String]) -> Line {
    for command in commands {
        if !foot.is_empty() {
            foot.push(plain(" · "));
        }
        foot.push(plain(command.clone()));
    }
    foot
}

/// In one line.
pub(super) fn line(entry: &Entry, ui: Ui) -> Line {
    let mut line: Line = vec![
        plain(format!("{} · ", entry.id)),
        said(who(entry, ui)),
        plain(format!(" · {}", risk(entry, ui))),
    ];
    if !entry.note.is_empty() {
        line.push(plain(format!(" · {}", entry.note)));
    }
    if let Some(link) = entry.url.as_deref().and_then(clean::link) {
        line.extend([plain(" · "), Piece::Follow(link)]);
    }
    line
}

fn risk(entry: &Entry, ui: Ui) -> String {
    format!("{} {}", ui.pick("riesgo", "risk"), entry.risk)
}

fn who(entry: &Entry, ui: Ui) -> String {
    let who = clean::author(entry.author.as_deref().unwrap_or(""), 40);
    if who.is_empty() {
        ui.pick("Alguien", "Somebody").to_owned()
    } else {
        who
    }
}

fn place(entry: &Entry) -> String {
    let host = entry.url.as_deref().and_then(clean::host);
    let source = clean::name(&entry.source, 60);
    match host {
        Some(host) if source.is_empty() || clean::is_public_name(&host) => host,
        _ => source,
    }
}
