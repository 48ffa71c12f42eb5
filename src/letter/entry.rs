//! A case or a doubt as one of many in a letter: with its words, or in one line.

use jiff::tz::TimeZone;

use super::block::{Block, Line, Piece, plain, said};
use super::{clean, words};
use crate::model::{Timestamp, Ui};
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

/// With its own words, its link, and what to type about it.
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
    let mut foot: Line = Vec::new();
    if let Some(link) = entry.url.as_deref().and_then(clean::link) {
        foot.push(Piece::Follow(link));
    }
    for command in commands {
        if !foot.is_empty() {
            foot.push(plain(" · "));
        }
        foot.push(plain(command.clone()));
    }
    let words = entry.words.chars().take(4 * WORDS_CHARS_MAX);
    let words = clean::cut(clean::visible_chars(words).trim(), WORDS_CHARS_MAX);
    vec![
        Block::Said {
            title: Some(head),
            lines: vec![vec![said(words)]],
        },
        Block::Small(foot),
    ]
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
