//! A feed without the long texts of its entries while it is parsed: feed-rs copies each text four times,
//! and takes every `&lt;` of one for an event of its own. Marks stand in their place, and what was there
//! is put back into what the parser found.
//!
//! Absent: texts in which anything is unusual; they stay, and the parser says what it thinks of them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;

use memchr::{memchr, memmem};

/// Stands around the number of a text: a character for private use. A document that has it is left alone.
const MARK: char = '\u{f8ff}';
/// Shorter texts are not worth a mark.
const LONG_BYTES_MIN: usize = 200;
/// No name of a character that may stay as it is written is longer.
const NAME_BYTES_MAX: usize = 32;

/// Where a long text stands in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Long {
    /// With the marks of its CDATA section.
    pub(super) range: Range<usize>,
    pub(super) is_cdata: bool,
}

impl Long {
    /// The text of this length that begins here, if it is long.
    pub(super) fn new(at: usize, said: &str, is_cdata: bool) -> Option<Self> {
        let n_marks = if is_cdata {
            OPEN.len() + CLOSE.len()
        } else {
            0
        };
        let is_blank = said.trim_start().is_empty();
        (said.len() >= LONG_BYTES_MIN && !is_blank).then(|| Self {
            range: at..at + said.len() + n_marks,
            is_cdata,
        })
    }
}

const OPEN: &str = "<![CDATA[";
const CLOSE: &str = "]]>";

/// Texts that were taken out; each is put back once.
#[derive(Debug, Default)]
pub(super) struct Texts<'a>(RefCell<Vec<Option<Cow<'a, str>>>>);

/// The document without these texts, and the texts.
pub(super) fn without<'a>(text: &'a str, longs: &[Long]) -> Option<(String, Texts<'a>)> {
    let mut mark = [0; 4];
    let mark = MARK.encode_utf8(&mut mark);
    if longs.is_empty() || memmem::find(text.as_bytes(), mark.as_bytes()).is_some() {
        return None;
    }
    let n_taken: usize = longs.iter().map(|long| long.range.len()).sum();
    let mut light = String::with_capacity(text.len().saturating_sub(n_taken) + longs.len() * 12);
    let mut texts = Vec::new();
    let mut from = 0;
    for long in longs {
        let said = text.get(long.range.clone())?;
        let said = if long.is_cdata {
            said.strip_prefix(OPEN)?
                .strip_suffix(CLOSE)
                .map(Cow::Borrowed)
        } else {
            decoded(said)
        };
        let Some(said) = said else { continue };
        light.push_str(&text[from..long.range.start]);
        light.push(MARK);
        light.push_str(&texts.len().to_string());
        light.push(MARK);
        texts.push(Some(said));
        from = long.range.end;
    }
    light.push_str(&text[from..]);
    Some((light, Texts(RefCell::new(texts))))
}

/// A text as the parser would decode it; `None` where the parser may stumble.
fn decoded(said: &str) -> Option<Cow<'_, str>> {
    let Some(first) = memchr(b'&', said.as_bytes()) else {
        return Some(Cow::Borrowed(said));
    };
    let mut decoded = String::with_capacity(said.len());
    decoded.push_str(&said[..first]);
    let mut rest = &said[first..];
    while let Some(reference) = rest.strip_prefix('&') {
        let name = &reference[..memchr(b';', reference.as_bytes())?];
        match name {
            "lt" => decoded.push('<'),
            "gt" => decoded.push('>'),
            "amp" => decoded.push('&'),
            "quot" => decoded.push('"'),
            "apos" => decoded.push('\''),
            _ if name.starts_with('#') => decoded.push(numbered(&name[1..])?),
            // The names of HTML mean nothing to XML: they stay as they are written.
            _ if is_name(name) => decoded.push_str(&rest[..name.len() + 2]),
            _ => return None,
        }
        rest = &reference[name.len() + 1..];
        let plain = memchr(b'&', rest.as_bytes()).unwrap_or(rest.len());
        decoded.push_str(&rest[..plain]);
        rest = &rest[plain..];
    }
    Some(Cow::Owned(decoded))
}

fn is_name(name: &str) -> bool {
    let is_short = (1..=NAME_BYTES_MAX).contains(&name.len());
    is_short && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn numbered(number: &str) -> Option<char> {
    let (digits, radix) = match number.strip_prefix('x') {
        Some(hex) => (hex, 16),
        None => (number, 10),
    };
    let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, radix).ok();
    let code = code.filter(|&code| is_number && code != 0);
    code.and_then(char::from_u32)
}

impl<'a> Texts<'a> {
    /// What the parser found, with the text in its place. A text that stands somewhere already is not put
    /// back again: whoever writes marks of his own gains nothing by it.
    pub(super) fn back<'s>(&self, found: &'s str) -> Cow<'s, str>
    where
        'a: 's,
    {
        if self.0.borrow().is_empty() || !found.contains(MARK) {
            return Cow::Borrowed(found);
        }
        let mut parts = found.split(MARK);
        let mut whole = Cow::Borrowed(parts.next().unwrap_or_default());
        let mut is_number = true;
        for part in parts {
            let text = if is_number { self.take(part) } else { None };
            is_number = text.is_none();
            let part = text.unwrap_or(Cow::Borrowed(part));
            if whole.is_empty() {
                whole = part;
            } else if !part.is_empty() {
                whole.to_mut().push_str(&part);
            }
        }
        whole
    }

    fn take(&self, number: &str) -> Option<Cow<'a, str>> {
        let at: usize = number.parse().ok()?;
        let mut texts = self.0.borrow_mut();
        let text = texts.get_mut(at)?;
        Some(text.take().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &str, expected: Option<&str>) {
        assert_eq!(decoded(said).as_deref(), expected, "{said}");
    }

    #[test]
    fn a_text_is_decoded_as_the_parser_does_or_not_at_all() {
        check("a ñ", Some("a ñ"));
        check(
            "&lt;p&gt;a &amp;amp; &quot;b&apos;&#241;&#xF1;&lt;",
            Some("<p>a &amp; \"b'ññ<"),
        );
        check("a&nbsp;b&amp;nbsp;", Some("a&nbsp;b&nbsp;"));
        for odd in [
            "a & b", "&", "&;", "&a b;", "&#0;", "&#xd800;", "&#+9;", "&#;", "&#x;", "&lt",
        ] {
            check(odd, None);
        }
    }

    #[test]
    fn each_text_is_taken_out_and_put_back_once() {
        let long = "palabra ".repeat(40);
        let feed = format!("<a><b>{long}&lt;</b><c> <![CDATA[{long}<p>]]> </c></a>");
        let end = feed.find("</b>").unwrap_or_default();
        let section = feed.find(OPEN).unwrap_or_default();
        let longs = [
            Long::new(6, &feed[6..end], false),
            Long::new(section, &format!("{long}<p>"), true),
        ];
        let longs: Vec<Long> = longs.into_iter().flatten().collect();
        let (light, texts) = without(&feed, &longs).unwrap_or_default();
        let marked = |n: usize| format!("{MARK}{n}{MARK}");
        assert_eq!(
            light,
            format!("<a><b>{}</b><c> {} </c></a>", marked(0), marked(1))
        );
        assert_eq!(texts.back(&marked(0)), format!("{long}<"));
        assert_eq!(
            texts.back(&format!(" {} ", marked(1))),
            format!(" {long}<p> ")
        );
        assert_eq!(texts.back(&marked(1)), "");
        assert_eq!(texts.back("a"), "a");
        let strange = format!("{MARK}9{MARK}");
        assert_eq!(texts.back(&strange), "9");
        assert!(without(&format!("{feed}{MARK}"), &longs).is_none());
        assert_eq!(Long::new(0, &" ".repeat(400), false), None);
    }
}
