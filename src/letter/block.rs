//! The structure of a letter, before it becomes text or HTML.

use crate::model::Subject;

/// A stretch of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Our own words.
    Plain(String),
    Strong(String),
    /// Words of others: cleaned, escaped and isolated.
    Said(String),
    /// Words of others that are evidence.
    Mark(String),
    /// An address to follow within a line.
    Follow(Link),
    /// The reader's own link to this, at the end of a line; nothing where there is no page.
    Open {
        label: String,
        subject: Subject,
    },
}

pub(super) type Line = Vec<Piece>;

/// An http(s) address fit to be shown and followed, see [`super::clean::link`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link(pub String);

/// One part of a letter, in reading order.
#[derive(Clone, Debug)]
pub(super) enum Block {
    /// The first line: why this one matters.
    Lead(Line),
    Heading(String),
    Para(Line),
    /// What must not be overlooked.
    Note(Line),
    /// Less important than the rest.
    Small(Line),
    /// Label and value.
    Facts(Vec<(String, Line)>),
    /// The customer's own words.
    Said {
        title: Option<Line>,
        lines: Vec<Line>,
    },
    Points(Vec<(i64, Line)>),
    List(Vec<Line>),
    /// A public reply that copies clean.
    Draft {
        label: String,
        text: String,
    },
    /// A link with its whole address to be seen.
    Link {
        label: String,
        link: Link,
    },
    /// What to type.
    Commands(Vec<String>),
    /// The reader's own link to this; nothing where there is no page.
    Open {
        label: String,
        subject: Subject,
    },
    /// What is said where there is a page to act on, and what is said where there is none.
    WithPage(Vec<Block>),
    WithoutPage(Vec<Block>),
}

pub(super) fn plain(text: impl Into<String>) -> Piece {
    Piece::Plain(text.into())
}

pub(super) fn strong(text: impl Into<String>) -> Piece {
    Piece::Strong(text.into())
}

pub(super) fn said(text: impl Into<String>) -> Piece {
    Piece::Said(text.into())
}

/// "+30", with a real minus sign where points are taken.
pub(super) fn signed(points: i64) -> String {
    match points {
        0 => "0".to_owned(),
        1.. => format!("+{points}"),
        _ => format!("−{}", points.unsigned_abs()),
    }
}
