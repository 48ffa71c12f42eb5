//! Bytes to text: which encoding a body really has, whatever it declares.
//!
//! Absent: entities, and any judgement of the content.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::Document;

/// Bytes at the beginning where a declaration is looked for.
const DECLARATION_BYTES: usize = 1_024;
/// Bytes that the guess looks at.
const GUESS_BYTES: usize = 256 << 10;

/// The document's text, without byte order mark. What is no text at all still gives a string.
pub(super) fn text<'a>(document: &Document<'a>) -> Cow<'a, str> {
    let body = document.body;
    if let Some(wide) = wide_text(body) {
        return Cow::Owned(wide);
    }
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let declared = declared(body).or_else(|| document.content_type.and_then(http_charset));
    // ISO-2022-JP is ASCII with escapes: valid UTF-8, and yet not meant so.
    let is_escaped = declared.is_some_and(|encoding| encoding.name() == "ISO-2022-JP");
    if !is_escaped && let Ok(valid) = std::str::from_utf8(body) {
        return Cow::Borrowed(valid);
    }
    match declared {
        Some(encoding) if encoding != UTF_8 => encoding.decode_without_bom_handling(body).0,
        _ if is_mostly_utf8(body) => String::from_utf8_lossy(body),
        _ => guess(document, body).decode_without_bom_handling(body).0,
    }
}

/// UTF-16 and UTF-32, by their mark or by where the zeros stand.
fn wide_text(body: &[u8]) -> Option<String> {
    let head = [0, 1, 2, 3].map(|at| body.get(at).copied());
    let [Some(a), Some(b), c, d] = head else {
        return None;
    };
    match (a, b, c, d) {
        (0xff, 0xfe, Some(0), Some(0)) => Some(utf32(&body[4..], u32::from_le_bytes)),
        (0, 0, Some(0xfe), Some(0xff)) => Some(utf32(&body[4..], u32::from_be_bytes)),
        (1.., 0, Some(0), Some(0)) => Some(utf32(body, u32::from_le_bytes)),
        (0, 0, Some(0), Some(1..)) => Some(utf32(body, u32::from_be_bytes)),
        (0xff, 0xfe, ..) => Some(
            UTF_16LE
                .decode_without_bom_handling(&body[2..])
                .0
                .into_owned(),
        ),
        (0xfe, 0xff, ..) => Some(
            UTF_16BE
                .decode_without_bom_handling(&body[2..])
                .0
                .into_owned(),
        ),
        (1.., 0, Some(1..), Some(0)) => {
            Some(UTF_16LE.decode_without_bom_handling(body).0.into_owned())
        }
        (0, 1.., Some(0), Some(1..)) => {
            Some(UTF_16BE.decode_without_bom_handling(body).0.into_owned())
        }
        _ => None,
    }
}

fn utf32(body: &[u8], read: fn([u8; 4]) -> u32) -> String {
    body.chunks_exact(4)
        .map(|chunk| {
            let value = read([chunk[0], chunk[1], chunk[2], chunk[3]]);
            char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER)
        })
        .collect()
}

/// The charset that the XML declaration or a `meta` names.
fn declared(body: &[u8]) -> Option<&'static Encoding> {
    let head = &body[..body.len().min(DECLARATION_BYTES)];
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let xml = head
        .split_once("<?xml")
        .and_then(|(_, rest)| rest.split_once("?>"))
        .and_then(|(declaration, _)| value_after(declaration, "encoding"));
    xml.or_else(|| value_after(&head, "charset"))
}

fn http_charset(content_type: &str) -> Option<&'static Encoding> {
    value_after(&content_type.to_ascii_lowercase(), "charset")
}

fn value_after(text: &str, key: &str) -> Option<&'static Encoding> {
    let (_, rest) = text.split_once(key)?;
    let rest = rest.trim_start().strip_prefix('=')?;
    let rest = rest.trim_start().trim_start_matches(['"', '\'']);
    let end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || "-_:.".contains(c)))
        .unwrap_or(rest.len());
    let encoding = Encoding::for_label(&rest.as_bytes()[..end])?;
    // A declaration that could be read byte by byte is not UTF-16.
    Some(match encoding {
        wide if wide == UTF_16LE || wide == UTF_16BE => UTF_8,
        other => other,
    })
}

/// Whether the valid multibyte characters outnumber the broken bytes.
fn is_mostly_utf8(body: &[u8]) -> bool {
    let mut n_valid = 0_usize;
    let mut n_broken = 0_usize;
    for chunk in body.utf8_chunks() {
        n_valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        n_broken += usize::from(!chunk.invalid().is_empty());
    }
    n_valid > n_broken
}

fn guess(document: &Document<'_>, body: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&body[..body.len().min(GUESS_BYTES)], true);
    let tld = document
        .url
        .and_then(|url| url.domain())
        .and_then(|domain| domain.rsplit('.').next())
        .filter(|tld| !tld.is_empty() && tld.bytes().all(|b| b.is_ascii_lowercase()));
    let guessed = detector.guess(tld.map(str::as_bytes), Utf8Detection::Deny);
    // Short Spanish texts look like any Latin script; ours are all western.
    if LATIN.contains(&guessed.name()) {
        WINDOWS_1252
    } else {
        guessed
    }
}

const LATIN: [&str; 12] = [
    "ISO-8859-2",
    "ISO-8859-3",
    "ISO-8859-4",
    "ISO-8859-10",
    "ISO-8859-13",
    "ISO-8859-14",
    "ISO-8859-15",
    "ISO-8859-16",
    "macintosh",
    "windows-1250",
    "windows-1254",
    "windows-1257",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &[u8], content_type: Option<&str>, expected: &str) {
        let document = Document {
            body,
            content_type,
            url: None,
        };
        assert_eq!(text(&document), expected);
    }

    fn wide(text: &str, mark: &[u8], unit: impl Fn(u16) -> Vec<u8>) -> Vec<u8> {
        let mut bytes = mark.to_vec();
        bytes.extend(text.encode_utf16().flat_map(unit));
        bytes
    }

    #[test]
    fn the_true_encoding_wins_over_the_declared_one() {
        let said = "<a>Atención, señor</a>";
        check(said.as_bytes(), Some("text/xml; charset=iso-8859-1"), said);
        check(b"\xef\xbb\xbf<a>\xc3\xb1</a>", None, "<a>ñ</a>");
        check(b"<a>Atenci\xf3n, se\xf1or</a>", None, said);
        check(
            b"<a>Atenci\xf3n, se\xf1or</a>",
            Some("text/xml; charset=utf-8"),
            said,
        );
        check(
            b"<a>10 \x80 \x93hoy\x94</a>",
            Some("text/xml; charset=ISO-8859-1"),
            "<a>10 € “hoy”</a>",
        );
        check(
            b"<?xml version='1.0' encoding='koi8-r'?><a>\xc1</a>",
            Some("text/xml; charset=iso-8859-1"),
            "<?xml version='1.0' encoding='koi8-r'?><a>а</a>",
        );
        check(
            b"<meta charset=\"windows-1251\"><p>\xe0",
            None,
            "<meta charset=\"windows-1251\"><p>а",
        );
        // One broken byte in good UTF-8 is a broken byte.
        check(
            b"<a>\xc3\xb1 \xc3\xb1 \xf1</a>",
            None,
            "<a>ñ ñ \u{fffd}</a>",
        );
        check(b"<a>\xc3\xb1", Some("text/xml; charset=x-fake"), "<a>ñ");
    }

    #[test]
    fn wide_encodings_are_known_by_mark_or_by_zeros() {
        let said = "<a>ñ</a>";
        check(
            &wide(said, b"\xff\xfe", |u| u.to_le_bytes().to_vec()),
            None,
            said,
        );
        check(
            &wide(said, b"\xfe\xff", |u| u.to_be_bytes().to_vec()),
            None,
            said,
        );
        check(&wide(said, b"", |u| u.to_le_bytes().to_vec()), None, said);
        check(&wide(said, b"", |u| u.to_be_bytes().to_vec()), None, said);
        check(
            &wide(said, b"", |u| [u.to_le_bytes(), [0, 0]].concat()),
            None,
            said,
        );
        check(
            &wide(said, b"", |u| [[0, 0], u.to_be_bytes()].concat()),
            None,
            said,
        );
        check(b"", None, "");
        check(b"<", None, "<");
    }
}
