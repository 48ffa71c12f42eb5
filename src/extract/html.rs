//! The visible text below an element of a page, and what of a text may leave.
//!
//! Absent: HTML without a page around it ([`super::plain`]), any HTML in what comes out, and any judgement of what is content and what is frame
//! (that is [`super::article`]).

use encoding_rs::WINDOWS_1252;
use memchr::memmem;
use scraper::{ElementRef, Node};

/// Text below one element that is looked at: elements may contain each other, and each is read.
const VISIBLE_BYTES_MAX: usize = 256 << 10;

/// The visible text below an element, without the elements named in `skip`.
pub(super) fn visible(root: ElementRef<'_>, skip: &[&str]) -> String {
    visible_unless(root, &|element| skip.contains(&element.value().name()))
}

/// The visible text below an element, without the elements for which `is_skipped` says yes.
pub(super) fn visible_unless(
    root: ElementRef<'_>,
    is_skipped: &dyn Fn(ElementRef<'_>) -> bool,
) -> String {
    let mut text = String::new();
    // Each node comes twice: to be entered, and as `None` to be left with a line end or not. What
    // the root is does not matter: it was asked for.
    let mut todo: Vec<_> = root.children().map(|child| (Some(child), false)).collect();
    todo.reverse();
    while let Some((node, ends_line)) = todo.pop() {
        if text.len() > VISIBLE_BYTES_MAX {
            break;
        }
        let Some(node) = node else {
            if ends_line {
                text.push('\n');
            }
            continue;
        };
        match node.value() {
            Node::Text(said) => text.push_str(said),
            Node::Element(element) => {
                let name = element.name();
                if is_invisible(name) || ElementRef::wrap(node).is_some_and(is_skipped) {
                    continue;
                }
                match name {
                    "br" | "hr" => text.push('\n'),
                    "td" | "th" => text.push(' '),
                    _ => {}
                }
                let is_block = is_block(name);
                if is_block {
                    text.push('\n');
                }
                todo.push((None, is_block));
                let first = todo.len();
                todo.extend(node.children().map(|child| (Some(child), false)));
                todo[first..].reverse();
            }
            Node::Document | Node::Fragment => {
                let first = todo.len();
                todo.extend(node.children().map(|child| (Some(child), false)));
                todo[first..].reverse();
            }
            _ => {}
        }
    }
    clean(&text)
}

/// One line: for titles, names and the like. `None` when nothing is left.
pub(super) fn clean_line(text: &str) -> Option<String> {
    let line = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
    Some(line).filter(|line| !line.is_empty())
}

/// Plain text as it may leave: blanks collapse, empty lines and control characters go.
pub(super) fn clean(text: &str) -> String {
    let undoubled = undoubled(text);
    let text = undoubled.as_deref().unwrap_or(text);
    let mut clean = String::with_capacity(text.len());
    let mut gap = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        // Most of a text is words with one blank between them: they are copied whole.
        let (plain, tail) = rest.split_at(n_plain(rest.as_bytes()));
        if !plain.is_empty() {
            push_gap(&mut clean, &mut gap);
            clean.push_str(plain);
            rest = tail;
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match printable(c) {
            Some('\n') => gap = Some('\n'),
            Some(c) if c.is_whitespace() => gap = gap.or(Some(' ')),
            Some(c) => {
                push_gap(&mut clean, &mut gap);
                clean.push(c);
            }
            None => {}
        }
    }
    clean
}

/// Bytes at the beginning that stay as they are: words of ASCII and of what has two bytes in UTF-8 (of
/// that, only what Latin-1 has up to the hard blank is none), single blanks between them.
fn n_plain(bytes: &[u8]) -> usize {
    let n_letter = |at: usize| match bytes.get(at..) {
        Some([b'!'..=b'~', ..]) => 1,
        Some([0xc2, 0xa1..=0xbf, ..] | [0xc3..=0xdf, _, ..]) => 2,
        _ => 0,
    };
    let mut at = 0;
    loop {
        let n = n_letter(at);
        if n > 0 {
            at += n;
        } else if at > 0 && bytes.get(at) == Some(&b' ') && n_letter(at + 1) > 0 {
            at += 1;
        } else {
            return at;
        }
    }
}

/// What stood between two words: nothing before the first.
fn push_gap(clean: &mut String, gap: &mut Option<char>) {
    if let Some(gap) = gap.take().filter(|_| !clean.is_empty()) {
        clean.push(gap);
    }
}

/// "ContinÃºa" is UTF-8 that was taken for windows-1252 and encoded again: undone when all that is
/// not ASCII says so.
fn undoubled(text: &str) -> Option<String> {
    let has = |sign: &str| memmem::find(text.as_bytes(), sign.as_bytes()).is_some();
    if !has("Ã") && !has("Â") {
        return None;
    }
    let mut undone = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| !c.is_ascii()) {
        undone.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(|c: char| c.is_ascii()).unwrap_or(rest.len());
        let (bytes, _, has_foreign) = WINDOWS_1252.encode(&rest[..end]);
        if has_foreign {
            return None;
        }
        undone.push_str(std::str::from_utf8(&bytes).ok()?);
        rest = &rest[end..];
    }
    undone.push_str(rest);
    Some(undone)
}

/// The character as it may leave the extractor; what windows-1252 puts at 128 to 159 is put right.
fn printable(c: char) -> Option<char> {
    match c {
        '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\t' | '\u{b}' | '\u{c}' => Some(' '),
        '\u{80}'..='\u{9f}' => cp1252(c as u32),
        '\u{feff}' | '\u{fdd0}'..='\u{fdef}' => None,
        _ if c.is_control() || (c as u32 & 0xfffe) == 0xfffe => None,
        _ => Some(c),
    }
}

/// What windows-1252 means by 128 to 159.
pub(super) fn cp1252(code: u32) -> Option<char> {
    const TABLE: [u32; 32] = [
        0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039,
        0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc,
        0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
    ];
    let at = usize::try_from(code.checked_sub(0x80)?).ok()?;
    TABLE
        .get(at)
        .copied()
        .filter(|&code| code != 0)
        .and_then(char::from_u32)
}

/// Elements whose content nobody sees.
pub(super) const INVISIBLE: [&str; 10] = [
    "script", "style", "noscript", "template", "svg", "iframe", "object", "textarea", "select",
    "title",
];

/// Whether nobody sees what is in the element of a whole page.
pub(super) fn is_invisible(name: &str) -> bool {
    name == "head" || INVISIBLE.contains(&name)
}

pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "center"
            | "dd"
            | "details"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "html"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "tfoot"
            | "thead"
            | "tr"
            | "ul"
    )
}
