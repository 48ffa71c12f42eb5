//! HTML to plain text in one pass over the tags, as feeds, APIs and letters carry it.
//!
//! Absent: the tree of a whole page ([`super::html`] reads the text below an element), any HTML in
//! what comes out, and any judgement of what is content and what is frame ([`super::article`]).

use super::entity::push_decoded;
use super::html::{INVISIBLE, clean, clean_line, is_block};
use super::lexer::{Piece, Rules, pieces};

/// Text of one document that is looked at.
const VISIBLE_BYTES_MAX: usize = 256 << 10;
/// No element that matters here has a longer name.
const NAME_BYTES_MAX: usize = 16;

/// The visible text: blocks become lines, scripts and styles are skipped, entities decoded,
/// control characters removed. Takes time in proportion to its length, however tangled the markup.
pub fn plain_text(html: &str) -> String {
    if memchr::memchr2(b'<', b'&', html.as_bytes()).is_none() {
        return clean(html);
    }
    let mut text = String::with_capacity(html.len().min(VISIBLE_BYTES_MAX));
    let mut hidden = Hidden::default();
    let mut tags = pieces(html, Rules::Html);
    while let Some((_, piece)) = tags.next() {
        match piece {
            Piece::Text(said) if hidden.by.is_none() => push_decoded(&mut text, said),
            Piece::Start(start) => lowered(start.name, |name| {
                hidden.open(name, start.is_empty);
                match hidden.by {
                    None => push_break(&mut text, name),
                    // Inside a drawing even a `style` holds tags.
                    Some(SVG) => tags.forget_raw(),
                    Some(_) => {}
                }
            }),
            Piece::End(name) => lowered(name, |name| {
                let was_hidden = hidden.by.is_some();
                hidden.close(name);
                if !was_hidden && (is_block(name) || name == "br") {
                    text.push('\n');
                }
            }),
            _ => {}
        }
        if text.len() > VISIBLE_BYTES_MAX {
            break;
        }
    }
    clean(&text)
}

const SVG: &str = "svg";

/// The element that hides what is read now.
#[derive(Default)]
struct Hidden {
    by: Option<&'static str>,
    /// How many of that name are open.
    n_open: usize,
}

impl Hidden {
    fn open(&mut self, name: &str, is_empty: bool) {
        let is_drawing = name == SVG;
        match self.by {
            // HTML ends a drawing that its author has not ended.
            Some(SVG) if is_block(name) || matches!(name, "br" | "img") => *self = Self::default(),
            Some(by) if by == name => self.n_open += usize::from(!(is_drawing && is_empty)),
            None if !(is_drawing && is_empty) => {
                self.by = INVISIBLE.into_iter().find(|hides| *hides == name);
                self.n_open = 1;
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if self.by == Some(name) {
            self.n_open -= 1;
            if self.n_open == 0 {
                self.by = None;
            }
        }
    }
}

/// The HTML as one line of text.
pub(super) fn plain_line(html: &str) -> Option<String> {
    clean_line(&plain_text(html))
}

fn push_break(text: &mut String, name: &str) {
    match name {
        "td" | "th" => text.push(' '),
        "br" | "hr" => text.push('\n'),
        _ if is_block(name) => text.push('\n'),
        _ => {}
    }
}

/// Runs with the name in lower case, without a copy on the heap; a longer name is none that matters.
fn lowered(name: &str, run: impl FnOnce(&str)) {
    let mut lower = [0; NAME_BYTES_MAX];
    let lower = match lower.get_mut(..name.len()) {
        Some(lower) => {
            lower.copy_from_slice(name.as_bytes());
            lower.make_ascii_lowercase();
            std::str::from_utf8(lower).unwrap_or_default()
        }
        None => "",
    };
    run(lower);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: &str) {
        assert_eq!(plain_text(html), expected);
    }

    #[test]
    fn blocks_become_lines_and_entities_characters() {
        check(
            "<p>Llam&eacute; <b>cuatro</b> veces.</p><p>Nada.",
            "Llamé cuatro veces.\nNada.",
        );
        check("uno<br>dos<br/>\n tres", "uno\ndos\ntres");
        check("<ul><li>a<li>b</ul>", "a\nb");
        check("<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc");
        check("AT&T & 5 < 6 &amp;amp; &#146;s", "AT&T & 5 < 6 &amp; ’s");
        check("ContinÃºa asÃ\u{ad}, NÃ£o", "Continúa así, Não");
        check("ContinÃºa, señor, NÃO", "ContinÃºa, señor, NÃO");
        check("sin  nada\u{a0}más", "sin nada más");
    }

    #[test]
    fn what_is_not_text_does_not_get_out() {
        check(
            "a<script>b('<p>')</script><style>c</style><noscript>d</noscript><!-- e -->f",
            "af",
        );
        check("a\0b\u{1b}c\u{92}d\u{fffe}", "abc’d");
        check("&#0;a&#x1b;", "\u{fffd}a");
        check("<p onclick='x'>hola", "hola");
    }

    #[test]
    fn what_hides_ends_where_its_element_ends() {
        check("a<svg><title>b</title><g><path/></g></svg>c", "ac");
        check("a<svg><path d='x'><p>b</p>", "a\nb");
        check("a<svg/>b<SCRIPT>c</ScRiPt >d", "abd");
        check("a<object><object>b</object>c</object>d", "ad");
        check("<head><title>a</title><style>b</style><body>c", "c");
        check("a<template>b", "a");
        check("a</p>b</br>c<x-very-long-name-of-an-element>d", "a\nb\ncd");
    }

    #[test]
    fn tangled_markup_takes_no_longer() {
        let deep = format!("{}ma&ntilde;ana<script>x</script> sí", "<div>".repeat(600));
        check(&deep, "mañana sí");
        check(&"<b>".repeat(100_000), "");
        check(&"<p><font>".repeat(100_000), "");
    }
}
