//! HTML to plain text.
//!
//! Absent: any HTML in what comes out, and any judgement of what is content and what is frame
//! (that is [`super::article`]).

use encoding_rs::WINDOWS_1252;
use scraper::{ElementRef, Html, Node};

use super::gate::Gates;
use super::html_gate;
use super::lexer::{Piece, Rules, pieces};

/// Text below one element that is looked at: elements may contain each other, and each is read.
const VISIBLE_BYTES_MAX: usize = 256 << 10;

/// The visible text: blocks become lines, scripts and styles are skipped, entities decoded,
/// control characters removed. Markup that the gate refuses is stripped tag by tag instead.
pub fn plain_text(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return clean(html);
    }
    if html_gate::html(html, Gates::Narrow).is_err() {
        return stripped(html);
    }
    visible(Html::parse_fragment(html).root_element(), &[])
}

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

/// The HTML as one line of text.
pub(super) fn plain_line(html: &str) -> Option<String> {
    clean_line(&plain_text(html))
}

/// Plain text as it may leave: blanks collapse, empty lines and control characters go.
pub(super) fn clean(text: &str) -> String {
    let undoubled = undoubled(text);
    let text = undoubled.as_deref().unwrap_or(text);
    let mut clean = String::with_capacity(text.len());
    let mut gap = None;
    for c in text.chars().filter_map(printable) {
        if c == '\n' {
            gap = Some('\n');
        } else if c.is_whitespace() {
            gap = gap.or(Some(' '));
        } else {
            if let Some(gap) = gap.take().filter(|_| !clean.is_empty()) {
                clean.push(gap);
            }
            clean.push(c);
        }
    }
    clean
}

/// "ContinÃºa" is UTF-8 that was taken for windows-1252 and encoded again: undone when all that is
/// not ASCII says so.
fn undoubled(text: &str) -> Option<String> {
    if !text.contains(['Ã', 'Â']) {
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

/// For HTML that is too deep to be parsed: the text between tags.
fn stripped(html: &str) -> String {
    let mut text = String::new();
    let mut hidden = false;
    for (_, piece) in pieces(html, Rules::Html) {
        match piece {
            Piece::Start(start) => {
                hidden = is_invisible(&start.name.to_ascii_lowercase());
                text.push('\n');
            }
            Piece::End(_) => {
                hidden = false;
                text.push('\n');
            }
            Piece::Text(said) if !hidden => text.push_str(&said.replace('<', "&lt;")),
            _ => {}
        }
    }
    // Without `<` no element can begin: what is left to the parser are the entities.
    visible(Html::parse_fragment(&text).root_element(), &[])
}

pub(super) fn is_invisible(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "noscript"
            | "template"
            | "head"
            | "svg"
            | "iframe"
            | "object"
            | "textarea"
            | "select"
            | "title"
    )
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
    fn what_is_too_deep_is_stripped_tag_by_tag() {
        let deep = format!(
            "{}ma&ntilde;ana<script>x</script> s&iacute;",
            "<div>".repeat(600)
        );
        check(&deep, "mañana\nsí");
    }
}
