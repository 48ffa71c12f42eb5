//! Cuts markup into tags and text in one linear pass, without building a tree.
//!
//! Absent: any judgement of well-formedness, and entities. The gates, the repair and the search for
//! scripts read this; the parsers proper never do.

use memchr::memmem;

use super::{html_tag, loose};

/// Whose rules say where a tag begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rules {
    /// As quick-xml reads: every `<` begins a tag, quotes hide `>` anywhere in it.
    XmlStrict,
    /// For broken XML: a `<` that no name follows is text.
    XmlLoose,
    /// As html5ever reads: quotes count only around values, scripts and styles hold raw text.
    Html,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Start(Start<'a>),
    End(&'a str),
    CData(&'a str),
    /// A CDATA section that is never closed.
    CDataOpen(&'a str),
    /// Comments, declarations, processing instructions.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start<'a> {
    pub(super) name: &'a str,
    pub(super) attributes: &'a str,
    pub(super) n_attributes: usize,
    /// `<name/>`.
    pub(super) is_empty: bool,
}

/// Iterates over `(position, piece)`.
pub(super) struct Pieces<'a> {
    text: &'a str,
    at: usize,
    rules: Rules,
    /// The raw text element (`script`, `style`) whose content comes next.
    raw: Option<&'a str>,
    /// Where the next `]]>` stands, found once for all sections before it.
    cdata_end: Option<usize>,
    /// A declaration did not end: no later one is searched to the end either.
    no_declaration_end: bool,
    /// The marks `-->` and `?>` that are known to be in the text no more.
    no_comment_end: bool,
    no_instruction_end: bool,
}

pub(super) fn pieces(text: &str, rules: Rules) -> Pieces<'_> {
    Pieces {
        text,
        at: 0,
        rules,
        raw: None,
        cdata_end: None,
        no_declaration_end: false,
        no_comment_end: false,
        no_instruction_end: false,
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = (usize, Piece<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.at;
        let rest = self.text.get(at..).filter(|rest| !rest.is_empty())?;
        if let Some(name) = self.raw.take() {
            let end = raw_end(rest, name);
            if end > 0 {
                self.at += end;
                return Some((at, Piece::Text(&rest[..end])));
            }
        }
        let (piece, len) = if self.begins_markup(rest) {
            self.markup(rest)
        } else {
            let end = self.text_end(rest);
            (Piece::Text(&rest[..end]), end)
        };
        self.at += len;
        if let (Rules::Html, Piece::Start(start)) = (self.rules, piece)
            && is_raw_text(start.name)
        {
            self.raw = Some(start.name);
        }
        Some((at, piece))
    }
}

impl<'a> Pieces<'a> {
    /// Where the next piece begins.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// The next piece begins here; `at` must be a character boundary.
    pub(super) fn jump(&mut self, at: usize) {
        self.at = at;
    }

    /// What follows is read as tags although a raw text element has just begun.
    pub(super) fn forget_raw(&mut self) {
        self.raw = None;
    }

    fn begins_markup(&self, rest: &str) -> bool {
        let mut chars = rest.chars();
        if chars.next() != Some('<') {
            return false;
        }
        match (self.rules, chars.next()) {
            (Rules::XmlStrict, _) | (_, Some('!' | '?')) => true,
            (Rules::XmlLoose, Some('/')) => chars.next().is_some_and(is_name_start),
            (Rules::XmlLoose, Some(c)) => is_name_start(c),
            (Rules::Html, Some('/')) => chars.next().is_some_and(|c| c.is_ascii_alphabetic()),
            (Rules::Html, Some(c)) => c.is_ascii_alphabetic(),
            (_, None) => false,
        }
    }

    fn text_end(&self, rest: &str) -> usize {
        memchr::memchr_iter(b'<', rest.as_bytes())
            .find(|&at| at > 0 && self.begins_markup(&rest[at..]))
            .unwrap_or(rest.len())
    }

    /// The piece that begins with this `<`, and its length.
    fn markup(&mut self, rest: &'a str) -> (Piece<'a>, usize) {
        if let Some(body) = rest
            .strip_prefix("<![CDATA[")
            .filter(|_| self.rules != Rules::Html)
        {
            return match self.cdata_end_in(body) {
                Some(end) => (Piece::CData(&body[..end]), 9 + end + 3),
                None => (Piece::CDataOpen(body), rest.len()),
            };
        }
        if let Some(body) = rest.strip_prefix("<!--") {
            if self.rules == Rules::Html && (body.starts_with('>') || body.starts_with("->")) {
                return (Piece::Other, 4 + body.find('>').unwrap_or(0) + 1);
            }
            return self.comment(rest, body);
        }
        if rest.starts_with("<?") && self.rules != Rules::Html {
            return (Piece::Other, self.instruction_end(rest));
        }
        if rest.starts_with("<!") && self.rules != Rules::Html {
            return (Piece::Other, self.declaration_end(rest));
        }
        if rest.starts_with("<!") || rest.starts_with("<?") {
            return (Piece::Other, after(rest, ">"));
        }
        if let Some(body) = rest.strip_prefix("</") {
            let is_loose = self.rules == Rules::XmlLoose;
            let stop = body.find(|c| c == '>' || is_loose && c == '<');
            let end = stop.unwrap_or(body.len());
            let name = &body[..end];
            let name = &name[..name_end(name)];
            let is_cut = body.as_bytes().get(end) == Some(&b'<');
            let len = 2 + end + usize::from(!is_cut);
            return (Piece::End(name), len.min(rest.len()));
        }
        match self.rules {
            Rules::Html => html_tag::start(rest),
            Rules::XmlStrict => xml_start(rest),
            Rules::XmlLoose => loose::start(rest),
        }
    }

    /// A comment; one that never ends is text where the rules are loose.
    fn comment(&mut self, rest: &'a str, body: &str) -> (Piece<'a>, usize) {
        let is_loose = self.rules == Rules::XmlLoose;
        let end = if is_loose && self.no_comment_end {
            None
        } else {
            memmem::find(body.as_bytes(), b"-->")
        };
        match end {
            Some(end) => (Piece::Other, 4 + end + 3),
            None if is_loose => {
                self.no_comment_end = true;
                (Piece::Other, 4)
            }
            None => (Piece::Other, rest.len()),
        }
    }

    /// Where a processing instruction ends; at its `>` when it never does and the rules are loose.
    fn instruction_end(&mut self, rest: &str) -> usize {
        if self.rules == Rules::XmlLoose && self.no_instruction_end {
            return after(rest, ">");
        }
        if let Some(end) = rest.find("?>") {
            return end + 2;
        }
        self.no_instruction_end = true;
        if self.rules == Rules::XmlLoose {
            after(rest, ">")
        } else {
            rest.len()
        }
    }

    /// Where in `body`, the tail of the text, the next `]]>` stands.
    fn cdata_end_in(&mut self, body: &str) -> Option<usize> {
        let from = self.text.len() - body.len();
        if self.cdata_end.is_none_or(|end| end < from) {
            let end = memmem::find(body.as_bytes(), b"]]>");
            let end = end.map_or(self.text.len(), |end| from + end);
            self.cdata_end = Some(end);
        }
        self.cdata_end
            .filter(|&end| end < self.text.len())
            .map(|end| end - from)
    }

    fn declaration_end(&mut self, rest: &str) -> usize {
        if !self.no_declaration_end {
            if let Some(end) = declaration_end(rest) {
                return end;
            }
            self.no_declaration_end = true;
        }
        // Unbalanced: the first `>` is the best guess.
        after(rest, ">")
    }
}

fn after(rest: &str, mark: &str) -> usize {
    let at = memmem::find(rest.as_bytes(), mark.as_bytes());
    at.map_or(rest.len(), |at| at + mark.len())
}

/// Where `<!DOCTYPE … [ … ]>` ends; quotes and the bracket hide `>`.
fn declaration_end(rest: &str) -> Option<usize> {
    let mut n_brackets = 0_u32;
    for (at, byte) in unquoted(rest) {
        match byte {
            b'[' => n_brackets += 1,
            b']' => n_brackets = n_brackets.saturating_sub(1),
            b'>' if n_brackets == 0 => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The bytes that stand in no quotes, with their places.
fn unquoted(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let mut quote = None;
    text.bytes().enumerate().filter(move |&(_, byte)| {
        let is_quote = matches!(byte, b'"' | b'\'');
        match quote {
            Some(open) if byte == open => quote = None,
            None if is_quote => quote = Some(byte),
            _ => return quote.is_none(),
        }
        false
    })
}

fn xml_start(rest: &str) -> (Piece<'_>, usize) {
    let bytes = rest.as_bytes();
    let mut n_attributes = 0;
    let mut at = 0;
    // From quote to quote: what stands in them is not looked at.
    let end = loop {
        let found = memchr::memchr3(b'>', b'"', b'\'', &bytes[at..]);
        let stop = found.map_or(bytes.len(), |found| at + found);
        n_attributes += memchr::memchr_iter(b'=', &bytes[at..stop]).count();
        match bytes.get(stop) {
            Some(&quote @ (b'"' | b'\'')) => {
                let closed = memchr::memchr(quote, &bytes[stop + 1..]);
                at = closed.map_or(bytes.len(), |closed| stop + 1 + closed + 1);
            }
            _ => break stop,
        }
    };
    (
        start_piece(&rest[1..end], n_attributes),
        (end + 1).min(rest.len()),
    )
}

pub(super) fn start_piece(inner: &str, n_attributes: usize) -> Piece<'_> {
    let name_len = name_end(inner);
    let attributes = &inner[name_len..];
    let is_empty = inner.ends_with('/');
    Piece::Start(Start {
        name: &inner[..name_len],
        attributes: attributes.strip_suffix('/').unwrap_or(attributes),
        n_attributes,
        is_empty,
    })
}

pub(super) fn name_end(inner: &str) -> usize {
    let ends = |b: u8| b.is_ascii_whitespace() || matches!(b, b'/' | b'>');
    inner.bytes().position(ends).unwrap_or(inner.len())
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | ':')
}

fn is_raw_text(name: &str) -> bool {
    [
        "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes",
    ]
    .iter()
    .any(|raw| name.eq_ignore_ascii_case(raw))
}

/// Where `</name` begins, case ignored.
fn raw_end(rest: &str, name: &str) -> usize {
    memmem::find_iter(rest.as_bytes(), b"</")
        .find(|&at| {
            let tail = &rest.as_bytes()[at + 2..];
            tail.get(..name.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
                && tail
                    .get(name.len())
                    .is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'))
        })
        .unwrap_or(rest.len())
}

/// The value of attribute `wanted` in the raw attributes of a start tag, entities undecoded.
pub(super) fn attribute<'a>(raw: &'a str, wanted: &str) -> Option<&'a str> {
    attributes(raw)
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value)
}

/// Every attribute of a start tag as `(name, value)`; without a value it is empty.
pub(super) fn attributes(raw: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = raw;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        let first = rest.chars().next()?.len_utf8();
        let end = rest[first..]
            .find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '/'))
            .map_or(rest.len(), |at| first + at);
        let name = &rest[..end];
        rest = &rest[end..];
        let Some(value) = rest.trim_start().strip_prefix('=') else {
            return Some((name, ""));
        };
        let value = value.trim_start();
        let (value, after) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            _ => value.split_at(
                value
                    .find(|c: char| c.is_ascii_whitespace())
                    .unwrap_or(value.len()),
            ),
        };
        rest = after;
        Some((name, value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, rules: Rules, expected: &str) {
        let told: Vec<String> = pieces(text, rules)
            .map(|(_, piece)| match piece {
                Piece::Text(text) => format!("'{text}'"),
                Piece::Start(start) => format!(
                    "<{}{}{}>",
                    start.name,
                    if start.n_attributes > 0 { " a" } else { "" },
                    if start.is_empty { "/" } else { "" }
                ),
                Piece::End(name) => format!("</{name}>"),
                Piece::CData(text) => format!("[{text}]"),
                Piece::CDataOpen(text) => format!("[{text}…"),
                Piece::Other => "-".into(),
            })
            .collect();
        assert_eq!(told.join(" "), expected, "{text}");
    }

    #[test]
    fn markup_is_cut_as_its_parser_would_cut_it() {
        check("<a x='>'>b</a >", Rules::XmlStrict, "<a a> 'b' </a>");
        check("<a/><!-- <b> --><?x <b>?>", Rules::XmlStrict, "<a/> - -");
        check(
            "<![CDATA[<b>]]><![CDATA[<c>",
            Rules::XmlStrict,
            "[<b>] [<c>…",
        );
        check(
            "<!DOCTYPE a [<!ENTITY b '>'>]><a>",
            Rules::XmlStrict,
            "- <a>",
        );
        check("5 < 6 <b>", Rules::XmlLoose, "'5 < 6 ' <b>");
        check("5 < 6 <b>", Rules::XmlStrict, "'5 ' <>");
        check("<p \"b>c", Rules::Html, "<p a> 'c'");
        check("<p a=b\"c>d", Rules::Html, "<p a> 'd'");
        check(
            "<script>'<b>'</SCRIPT>x",
            Rules::Html,
            "<script> ''<b>'' </SCRIPT> 'x'",
        );
        check("<", Rules::Html, "'<'");
        check("<a", Rules::Html, "<a>");
        check("</", Rules::XmlStrict, "</>");
    }

    #[test]
    fn attributes_are_read_quoted_or_not() {
        assert_eq!(attribute(" a=1 B = 'x y' c", "b"), Some("x y"));
        assert_eq!(attribute(" a=1 b", "b"), Some(""));
        assert_eq!(attribute(" ab=1", "b"), None);
        assert_eq!(attribute(" é=\"ñ", "é"), Some("ñ"));
    }
}
