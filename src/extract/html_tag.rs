//! Start tags by the rules of HTML: quotes count only around values, and `/` parts attributes.
//!
//! Absent: what an attribute says; [`super::lexer::attribute`] reads it.

use std::ops::Range;

use super::lexer::{Piece, name_end, start_piece};

/// The start tag with which `rest` begins, and its length.
pub(super) fn start(rest: &str) -> (Piece<'_>, usize) {
    let mut places = places(rest);
    let n_attributes = places.by_ref().count();
    let end = places.at.min(rest.len());
    (
        start_piece(&rest[1..end], n_attributes),
        (end + 1).min(rest.len()),
    )
}

/// Where the attributes of a start tag stand, by the rules of HTML.
pub(super) struct Places<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Name and value of an attribute, the latter with its quotes; empty where it has none.
pub(super) struct Place {
    pub(super) name: Range<usize>,
    pub(super) value: Range<usize>,
}

/// The attributes of the tag with which `rest` begins.
pub(super) fn places(rest: &str) -> Places<'_> {
    Places {
        bytes: rest.as_bytes(),
        at: 1 + rest.get(1..).map_or(0, name_end),
    }
}

impl Iterator for Places<'_> {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        let bytes = self.bytes;
        self.at = skip(bytes, self.at, |b| b.is_ascii_whitespace() || b == b'/');
        let from = self.at;
        if matches!(bytes.get(from), None | Some(b'>')) {
            return None;
        }
        // A name may begin with `=`; it ends at the next one.
        let end = skip(bytes, from + 1, |b| {
            !b.is_ascii_whitespace() && !matches!(b, b'/' | b'>' | b'=')
        });
        self.at = end;
        let mut value = end..end;
        let equals = skip(bytes, end, |b| b.is_ascii_whitespace());
        if bytes.get(equals) == Some(&b'=') {
            value.start = skip(bytes, equals + 1, |b| b.is_ascii_whitespace());
            self.at = match bytes.get(value.start) {
                Some(&quote @ (b'"' | b'\'')) => {
                    let closed = memchr::memchr(quote, &bytes[value.start + 1..]);
                    closed.map_or(bytes.len(), |closed| value.start + 1 + closed) + 1
                }
                _ => skip(bytes, value.start, |b| {
                    !b.is_ascii_whitespace() && b != b'>'
                }),
            };
            value.end = self.at.min(bytes.len());
        }
        Some(Place {
            name: from..end,
            value,
        })
    }
}

fn skip(bytes: &[u8], from: usize, keep: impl Fn(u8) -> bool) -> usize {
    let from = from.min(bytes.len());
    bytes[from..]
        .iter()
        .position(|&byte| !keep(byte))
        .map_or(bytes.len(), |n| from + n)
}
