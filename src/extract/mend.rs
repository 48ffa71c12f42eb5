//! The small repairs inside tags and text: names, attributes, namespaces, ampersands.
//!
//! Absent: the nesting of elements ([`super::repair`]).

use super::gate::{ATTRIBUTES_MAX, is_odd_date, local};
use super::html::cp1252;
use super::lexer::{self, Start};

const ATOM: &str = "http://www.w3.org/2005/Atom";
const RSS1: &str = "http://purl.org/rss/1.0/";
/// Prefixes that feeds use without declaring them, and what feed-rs knows them as.
pub(super) const PREFIXES: [(&str, &str); 4] = [
    ("content", "http://purl.org/rss/1.0/modules/content/"),
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("media", "http://search.yahoo.com/mrss/"),
    ("atom", ATOM),
];
/// Longer names are no entities.
const ENTITY_CHARS_MAX: usize = 32;

/// The family of a feed, by its root. RSS 1.0 is written as 2.0, where an item needs no link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Rss,
    Atom,
}

impl Dialect {
    pub(super) fn of_root(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "feed" | "entry" => Self::Atom,
            _ => Self::Rss,
        }
    }
}

/// Names that feeds also write in capitals.
const NAMES: [&str; 20] = [
    "author",
    "category",
    "channel",
    "comments",
    "content",
    "description",
    "entry",
    "feed",
    "guid",
    "id",
    "item",
    "language",
    "link",
    "name",
    "pubDate",
    "published",
    "rss",
    "summary",
    "title",
    "updated",
];

/// The name of a feed's element in its right case; other names stay as they are.
pub(super) fn canonical(name: &str) -> &str {
    if !name.starts_with(|c: char| c.is_ascii_uppercase()) {
        return name;
    }
    NAMES
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(name))
        .unwrap_or(name)
}

/// The name as it is written: the root in its right case, Atom 0.3 in the words of 1.0.
pub(super) fn element_name(name: &str, dialect: Dialect, is_root: bool) -> String {
    if is_root {
        return match dialect {
            Dialect::Rss => "rss".to_owned(),
            Dialect::Atom => name.to_ascii_lowercase(),
        };
    }
    let renamed = match (dialect, name) {
        (Dialect::Rss, date) if is_odd_date(date) => "pubDate",
        (Dialect::Atom, "item") => "entry",
        (Dialect::Atom, "issued") => "published",
        (Dialect::Atom, "modified") => "updated",
        (Dialect::Atom, "tagline") => "subtitle",
        (Dialect::Atom, "copyright") => "rights",
        _ => name,
    };
    renamed.chars().filter(|c| is_name(*c)).collect()
}

/// Writes the attributes well-formed and says whether the element holds XHTML.
pub(super) fn attributes(
    start: &Start<'_>,
    dialect: Dialect,
    is_root: bool,
    out: &mut String,
) -> bool {
    let mut seen: Vec<&str> = Vec::new();
    let mut is_xhtml = false;
    let is_construct = dialect == Dialect::Atom
        && matches!(
            local(start.name),
            "title" | "summary" | "content" | "subtitle" | "tagline" | "rights" | "copyright"
        );
    let mode = lexer::attribute(start.attributes, "mode");
    let has_src = lexer::attribute(start.attributes, "src").is_some();
    let is_media_text = matches!(
        start.name,
        "media:title" | "media:description" | "media:text"
    );
    let is_part = is_root || matches!(local(start.name), "channel" | "item" | "entry");
    for (name, value) in lexer::attributes(start.attributes) {
        let is_name = name.chars().all(is_name) && !name.starts_with(|c: char| c.is_ascii_digit());
        // feed-rs takes few types, and refuses the whole feed for any other.
        let is_refused = name == "type" && (is_construct && has_src || is_media_text);
        let is_replaced = name == "xmlns" && is_part || is_root && name == "version" || is_refused;
        if !is_name || is_replaced || seen.len() >= ATTRIBUTES_MAX || seen.contains(&name) {
            continue;
        }
        seen.push(name);
        let value = match name {
            "type" if is_construct => text_type(value, mode),
            _ if name.starts_with("xmlns") => {
                known_prefix(name).unwrap_or_else(|| namespace(value))
            }
            _ => value,
        };
        is_xhtml |= is_construct && name == "type" && value == "xhtml";
        push_attribute(name, value, out);
    }
    if is_root {
        match dialect {
            Dialect::Rss => push_attribute("version", "2.0", out),
            Dialect::Atom => push_attribute("xmlns", ATOM, out),
        }
        for (prefix, uri) in PREFIXES {
            let name = format!("xmlns:{prefix}");
            if !seen.contains(&name.as_str()) {
                push_attribute(&name, uri, out);
            }
        }
    }
    is_xhtml
}

fn push_attribute(name: &str, value: &str, out: &mut String) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for c in value.chars().filter(|c| is_xml(*c)) {
        match c {
            '"' => out.push_str("&quot;"),
            '<' => out.push_str("&lt;"),
            _ => out.push(c),
        }
    }
    mend_ampersands(out, value.len());
    out.push('"');
}

/// Escapes what is no predefined entity in the value just written at the end of `out`.
fn mend_ampersands(out: &mut String, written: usize) {
    let from = out.floor_char_boundary(out.len().saturating_sub(written * 6));
    let from = out[from..].rfind("=\"").map_or(from, |at| from + at + 2);
    if !out[from..].contains('&') {
        return;
    }
    let value = out.split_off(from);
    for (n, part) in value.split('&').enumerate() {
        let known = ["amp;", "lt;", "gt;", "quot;", "apos;"];
        if n > 0 {
            let is_known = known.iter().any(|entity| part.starts_with(entity));
            out.push_str(if is_known { "&" } else { "&amp;" });
        }
        out.push_str(part);
    }
}

/// The text construct's type that feed-rs takes, for what the feed says.
fn text_type<'a>(value: &'a str, mode: Option<&str>) -> &'a str {
    match (value, mode) {
        ("text" | "html", _) | ("xhtml", None) => value,
        ("" | "text/plain", _) => "text",
        ("application/xhtml+xml" | "xhtml", None | Some("xml")) => "xhtml",
        _ => "html",
    }
}

/// The namespace that the declared prefix has in every feed.
fn known_prefix(name: &str) -> Option<&'static str> {
    let declared = name.strip_prefix("xmlns:")?;
    PREFIXES
        .iter()
        .find(|(prefix, _)| *prefix == declared)
        .map(|(_, uri)| *uri)
}

/// The namespace that feed-rs knows, for its many spellings.
fn namespace(uri: &str) -> &str {
    let folded = uri.trim().to_ascii_lowercase();
    let has = |part: &str| folded.contains(part);
    if has("purl.org/atom/") || has("w3.org/2005/atom") {
        ATOM
    } else if has("rss/1.0/modules/content") {
        PREFIXES[0].1
    } else if has("purl.org/dc/elements") {
        PREFIXES[1].1
    } else if has("search.yahoo.com/mrss") {
        PREFIXES[2].1
    } else if has("netscape.com/") || has("userland.com/rss") || has("purl.org/net/rss1") {
        RSS1
    } else {
        uri
    }
}

/// Text with every ampersand that begins no reference escaped, every `<` too, references to
/// windows-1252 put right, and what XML forbids left out.
pub(super) fn escape_text(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<']) {
        push_xml(&rest[..at], out);
        let tail = &rest[at + 1..];
        if rest.as_bytes()[at] == b'<' {
            out.push_str("&lt;");
            rest = tail;
            continue;
        }
        let end = tail
            .char_indices()
            .take(ENTITY_CHARS_MAX)
            .find(|(_, c)| !(c.is_ascii_alphanumeric() || *c == '#'))
            .filter(|(end, c)| *c == ';' && *end > 0)
            .map(|(end, _)| end);
        let Some(end) = end else {
            out.push_str("&amp;");
            rest = tail;
            continue;
        };
        let (name, after) = (&tail[..end], &tail[end + 1..]);
        if let Some((c, after)) = surrogates(name, after) {
            out.push(c);
            rest = after;
            continue;
        }
        reference(name, out);
        rest = after;
    }
    push_xml(rest, out);
}

/// A character written as two references, one for each half of its UTF-16 form, and what follows.
fn surrogates<'a>(name: &str, after: &'a str) -> Option<(char, &'a str)> {
    let high = code(name.strip_prefix('#')?).filter(|code| (0xd800..0xdc00).contains(code))?;
    let tail = after.strip_prefix("&#")?;
    // Longer numbers are no half of anything; only the next few bytes are looked at.
    let end = tail.bytes().take(8).position(|byte| byte == b';')?;
    let (second, rest) = (&tail[..end], &tail[end + 1..]);
    let low = code(second).filter(|code| (0xdc00..0xe000).contains(code))?;
    let c = char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))?;
    Some((c, rest))
}

/// The number of a character reference: `146`, `x92`.
fn code(number: &str) -> Option<u32> {
    match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    }
}

/// A tag as text: it will be markup again after the feed's parser has decoded it.
pub(super) fn escape_markup(raw: &str, out: &mut String) {
    out.push_str("&lt;");
    escape_text(raw.strip_prefix('<').unwrap_or(raw), out);
}

fn reference(name: &str, out: &mut String) {
    let Some(number) = name.strip_prefix('#') else {
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.contains('#');
        out.push_str(if is_name { "&" } else { "&amp;" });
        out.push_str(name);
        out.push(';');
        return;
    };
    let Some(code) = code(number) else {
        return;
    };
    let c = cp1252(code)
        .or_else(|| char::from_u32(code))
        .filter(|c| is_xml(*c));
    match c {
        Some('<') => out.push_str("&lt;"),
        Some('&') => out.push_str("&amp;"),
        Some(c) => out.push(c),
        None => {}
    }
}

fn push_xml(text: &str, out: &mut String) {
    out.extend(text.chars().filter(|c| is_xml(*c)));
}

/// Characters that XML 1.0 allows.
pub(super) fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..) && c != '\u{7f}'
}

/// The text with a blank between ASCII and what is not, so that addresses stand free.
pub(super) fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + 8);
    let mut last: Option<char> = None;
    for c in text.chars() {
        let touches =
            |a: char, b: char| !a.is_ascii() && !a.is_alphanumeric() && b.is_ascii_graphic();
        if last.is_some_and(|last| touches(last, c) || touches(c, last)) {
            spaced.push(' ');
        }
        spaced.push(c);
        last = Some(c);
    }
    spaced
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | ':' | '-' | '.')
}

/// Elements of feeds that never stand inside a text: where one begins, the text has ended.
pub(super) fn is_feed_level(name: &str) -> bool {
    matches!(
        name,
        "item"
            | "entry"
            | "channel"
            | "rss"
            | "feed"
            | "rdf:RDF"
            | "pubDate"
            | "guid"
            | "comments"
            | "category"
            | "description"
            | "content:encoded"
            | "dc:creator"
            | "dc:date"
            | "author"
            | "published"
            | "updated"
            | "enclosure"
            | "slash:comments"
            | "wfw:commentRss"
    )
}

pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "br" | "hr" | "img" | "input" | "wbr" | "meta" | "link"
    )
}

/// Whether the name is HTML's and none of a feed's.
pub(super) fn is_html(name: &str) -> bool {
    matches!(
        name,
        "a" | "b"
            | "i"
            | "u"
            | "p"
            | "br"
            | "em"
            | "strong"
            | "div"
            | "span"
            | "ul"
            | "ol"
            | "li"
            | "img"
            | "font"
            | "table"
            | "tr"
            | "td"
            | "th"
            | "tbody"
            | "blockquote"
            | "code"
            | "pre"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "small"
            | "big"
            | "sup"
            | "sub"
            | "center"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, expected: &str) {
        let start = Start {
            name: "content",
            attributes: raw,
            n_attributes: 1,
            is_empty: false,
        };
        let mut out = String::new();
        attributes(&start, Dialect::Atom, false, &mut out);
        assert_eq!(out, expected);
    }

    #[test]
    fn attributes_become_well_formed() {
        check(" a=1 a='2' b", " a=\"1\" b=\"\"");
        check(
            " href='?a=1&b=\"2\"&amp;c'",
            " href=\"?a=1&amp;b=&quot;2&quot;&amp;c\"",
        );
        check(" type='text/plain'", " type=\"text\"");
        check(" type='application/octet-stream'", " type=\"html\"");
        check(
            " type='text/html' mode='escaped'",
            " type=\"html\" mode=\"escaped\"",
        );
        check(" 1a=2 <b=3", "");
    }

    #[test]
    fn references_are_kept_put_right_or_dropped() {
        let mut out = String::new();
        escape_text(
            "&#xD83D;&#xDE00;&#55357; &amp; &x &#146; &#x80; &#0; &#55296; &; a&#60;b \u{1}",
            &mut out,
        );
        assert_eq!(out, "😀 &amp; &amp;x ’ €   &amp;; a&lt;b ");
    }
}
