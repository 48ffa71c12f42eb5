//! The face of a case for the page on which a person acts: the words of its letter, as plain text.

use super::block::{Line, Piece};
use super::{clean, complaint, words};
use crate::model::{Post, Ui};
use crate::reply::{Brief, when};

/// The words of a long post that are shown; the rest is a click away.
const WORDS_CHARS_MAX: usize = 8_000;

/// All of it is fit to be shown once it is escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Face {
    pub(crate) who: String,
    /// Why it matters, as in the letter.
    pub(crate) headline: String,
    /// Who published where and when, and how long he has waited.
    pub(crate) line: String,
    /// How to answer who did not say it in public.
    pub(crate) by_mail: Option<String>,
    pub(crate) said: SaidWords,
}

/// What one post says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SaidWords {
    pub(crate) title: Option<String>,
    pub(crate) lines: Vec<String>,
    /// Where it stands, http or https.
    pub(crate) link: Option<String>,
}

pub(crate) fn face(brief: &Brief, ui: Ui, source_name: &str) -> Face {
    let mut line = flat(&complaint::published(brief, ui, source_name));
    if let Some(published) = brief.post.published {
        line.push_str(ui.pick("; espera desde hace ", "; waiting for "));
        line.push_str(&when::length(
            words::tongue(ui),
            brief.now.ms_since(published),
        ));
    }
    let by_mail = brief.post.is_by_mail();
    Face {
        who: words::who(brief, ui),
        headline: words::headline(brief, ui),
        line: format!("{line}."),
        by_mail: by_mail.then(|| words::answer_by_mail(brief, ui)),
        said: said_words(brief.post, ui),
    }
}

pub(crate) fn said_words(post: &Post, ui: Ui) -> SaidWords {
    let title = post.title.as_deref().map(clean::visible);
    let shown: String = post.text.chars().take(WORDS_CHARS_MAX).collect();
    let is_cut = shown.len() < post.text.len();
    let lines = shown
        .lines()
        .map(|line| clean::visible(line).trim().to_owned());
    let mut lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    if is_cut {
        let rest = ui.pick(
            "[…] (el resto, en el enlace)",
            "[…] (the rest is at the link)",
        );
        lines.push(rest.to_owned());
    }
    SaidWords {
        title: title.filter(|title| !title.trim().is_empty()),
        lines,
        link: post.url.as_deref().and_then(clean::link).map(|link| link.0),
    }
}

fn flat(pieces: &Line) -> String {
    let text = |piece: &Piece| match piece {
        Piece::Plain(text) | Piece::Strong(text) | Piece::Said(text) | Piece::Mark(text) => {
            text.clone()
        }
        Piece::Follow(link) => link.0.clone(),
        Piece::Open { .. } => String::new(),
    };
    pieces.iter().map(text).collect()
}
