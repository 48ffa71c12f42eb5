//! Builds the MIME bytes of a letter: the same letter gives the same bytes, for ever.
//!
//! A resend must be byte-identical, so nothing here is random and nothing reads a clock. All
//! output is 7-bit with CRLF line ends, so any server of the last thirty years takes it.

use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, MultiPart, MultiPartKind, SinglePart};
use sha2::{Digest, Sha256};

use super::{address, clean};
use crate::letter::Letter;
use crate::model::Timestamp;
use crate::model::base32;
use crate::settings::Mailbox;

/// What stands on the letter's envelope and in its headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    pub from: Mailbox,
    pub to: Mailbox,
    pub reply_to: Option<Mailbox>,
    /// `<…@…>`, see [`crate::model::message_id`].
    pub message_id: String,
    pub date: Timestamp,
    /// Message-IDs of the thread, its root first, parted by spaces.
    pub references: Option<String>,
    pub in_reply_to: Option<String>,
}

/// Why a letter has no bytes: all three are faults of the configuration or of the caller.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// Holds the field's name, never the address.
    #[error("the address in `{0}` cannot be written in a mail: it needs ASCII, user@domain")]
    Address(&'static str),
    #[error("the Message-ID is not of the form <…@…>")]
    MessageId,
    #[error("the mail could not be built: {0}")]
    Build(#[from] lettre::error::Error),
}

/// The mail as it goes over the wire, without dot-stuffing, ending in CRLF.
pub fn mime(envelope: &Envelope, letter: &Letter) -> Result<Vec<u8>, ComposeError> {
    if !clean::is_message_id(&envelope.message_id) {
        return Err(ComposeError::MessageId);
    }
    let mut builder = lettre::Message::builder()
        .from(mailbox("from", &envelope.from)?)
        .to(mailbox("to", &envelope.to)?)
        .subject(clean::header(&letter.subject, clean::SUBJECT_COLUMNS))
        .date(system_time(envelope.date))
        .message_id(Some(envelope.message_id.clone()));
    if let Some(reply_to) = &envelope.reply_to {
        builder = builder.reply_to(mailbox("reply_to", reply_to)?);
    }
    let previous = clean::message_ids(envelope.in_reply_to.as_deref().unwrap_or(""));
    if !previous.is_empty() {
        builder = builder.in_reply_to(previous);
    }
    let thread = clean::message_ids(envelope.references.as_deref().unwrap_or(""));
    if !thread.is_empty() {
        builder = builder.references(thread);
    }
    let message = builder
        .raw_header(plain("Auto-Submitted", "auto-generated"))
        .raw_header(plain("X-Auto-Response-Suppress", "All"))
        .multipart(alternatives(&envelope.message_id, letter))?;
    Ok(message.formatted())
}

fn alternatives(message_id: &str, letter: &Letter) -> MultiPart {
    // "=_" cannot occur in quoted-printable, so no text can forge the end of its part.
    let mut boundary = base32(&Sha256::digest(message_id.as_bytes()));
    boundary.insert_str(0, "=_");
    MultiPart::builder()
        .kind(MultiPartKind::Alternative)
        .boundary(boundary)
        .singlepart(part(ContentType::TEXT_PLAIN, &letter.text))
        .singlepart(part(ContentType::TEXT_HTML, &letter.html))
}

/// Always quoted-printable: 7-bit, short lines, and a person can still read the source.
fn part(kind: ContentType, text: &str) -> SinglePart {
    // CRLF here already: lettre's own conversion moves the whole tail for every line.
    let text = clean::body(text).replace('\n', "\r\n");
    let body = Body::new_with_encoding(text, ContentTransferEncoding::QuotedPrintable)
        .unwrap_or_else(Body::new);
    SinglePart::builder().header(kind).body(body)
}

fn mailbox(field: &'static str, from: &Mailbox) -> Result<lettre::message::Mailbox, ComposeError> {
    let address = address(&from.address).ok_or(ComposeError::Address(field))?;
    let name = clean::header(from.name.as_deref().unwrap_or(""), clean::NAME_COLUMNS);
    let name = (!name.is_empty()).then_some(name);
    Ok(lettre::message::Mailbox::new(name, address))
}

/// To the second, and never before 1970 or after 9999: lettre panics on a date of the year 10000.
fn system_time(at: Timestamp) -> SystemTime {
    let seconds = at.to_jiff().as_second();
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}

fn plain(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::MessageParser;
    use proptest::prelude::*;

    fn envelope(name: &str) -> Envelope {
        Envelope {
            from: Mailbox {
                name: Some(name.to_owned()),
                address: "avisos@ejemplo.test".to_owned(),
            },
            to: Mailbox {
                name: None,
                address: "gerente@españa.test".to_owned(),
            },
            reply_to: Some(Mailbox {
                name: Some(name.to_owned()),
                address: "atencion@ejemplo.test".to_owned(),
            }),
            message_id: "<abc@ejemplo.test>".to_owned(),
            date: Timestamp(1_795_000_000_000),
            references: Some("<g.root@ejemplo.test> <x@ejemplo.test>".to_owned()),
            in_reply_to: Some("<x@ejemplo.test>".to_owned()),
        }
    }

    fn letter(subject: &str, text: &str) -> Letter {
        Letter {
            subject: subject.to_owned(),
            text: text.to_owned(),
            html: format!("<p>{text}</p>"),
        }
    }

    #[track_caller]
    fn check(subject: &str, expected: &str) {
        let bytes = mime(&envelope("Escucha"), &letter(subject, "x")).expect("a mail");
        let parsed = MessageParser::default()
            .parse(&bytes)
            .expect("a readable mail");
        assert_eq!(parsed.subject(), Some(expected));
    }

    /// The header names, so that an injected header shows.
    fn header_names(mime: &[u8]) -> Vec<String> {
        let text = std::str::from_utf8(mime).expect("7-bit");
        let head = text.split("\r\n\r\n").next().unwrap_or("");
        let starts = head
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']));
        starts
            .map(|line| line.split(':').next().unwrap_or("").to_owned())
            .collect()
    }

    #[test]
    fn subjects_come_back_as_written() {
        check(
            "Javier espera desde hace 14 días",
            "Javier espera desde hace 14 días",
        );
        check(
            "¿Quién me contesta? 😀 — «nadie»",
            "¿Quién me contesta? 😀 — «nadie»",
        );
        check("a\r\nBcc: espia@x.test", "a Bcc: espia@x.test");
        check(
            "=?utf-8?q?=0D=0ABcc:_x?= fin",
            "= ?utf-8?q?=0D=0ABcc:_x?= fin",
        );
    }

    #[test]
    fn the_same_letter_gives_the_same_bytes() {
        let letter = letter("Ñandú", "línea\n.\nfin");
        let first = mime(&envelope("Escucha"), &letter).expect("a mail");
        assert_eq!(first, mime(&envelope("Escucha"), &letter).expect("a mail"));
        let mut other = envelope("Escucha");
        other.message_id = "<abd@ejemplo.test>".to_owned();
        assert_ne!(
            boundary(&first),
            boundary(&mime(&other, &letter).expect("a mail"))
        );
    }

    fn boundary(mime: &[u8]) -> String {
        let text = String::from_utf8_lossy(mime);
        let after = text.split("boundary=\"").nth(1).expect("a boundary");
        after.split('"').next().unwrap_or("").to_owned()
    }

    #[test]
    fn dates_are_those_that_headers_can_hold() {
        for (ms, expected) in [
            (1_795_000_000_000, "Wed, 18 Nov 2026 11:06:40 +0000"),
            (i64::MAX, "Thu, 30 Dec 9999 22:00:00 +0000"),
            (i64::MIN, "Thu, 01 Jan 1970 00:00:00 +0000"),
        ] {
            let mut envelope = envelope("Escucha");
            envelope.date = Timestamp(ms);
            let bytes = mime(&envelope, &letter("x", "y")).expect("a mail");
            let text = String::from_utf8_lossy(&bytes).into_owned();
            assert!(text.contains(&format!("Date: {expected}\r\n")), "{text}");
        }
    }

    #[test]
    fn wrong_ids_and_addresses_are_refused_without_showing_them() {
        let mut wrong = envelope("x");
        wrong.message_id = "<a@b>\r\nBcc: x".to_owned();
        assert!(matches!(
            mime(&wrong, &letter("x", "y")),
            Err(ComposeError::MessageId)
        ));
        let mut wrong = envelope("x");
        wrong.to.address = "josé@ejemplo.test".to_owned();
        let error = mime(&wrong, &letter("x", "y")).expect_err("an error");
        assert!(matches!(error, ComposeError::Address("to")), "{error}");
        assert!(!format!("{error} {error:?}").contains("jos"));
    }

    proptest! {
        #[test]
        fn hostile_text_stays_text(name in "\\PC*|(?s).{0,60}", subject in "(?s).{0,300}",
                                   text in "(?s).{0,300}") {
            let bytes = mime(&envelope(&name), &letter(&subject, &text)).expect("a mail");
            prop_assert!(bytes.is_ascii());
            let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
            let (last, lines) = lines.split_last().expect("lines");
            prop_assert!(last.is_empty());
            for line in lines {
                let line = line.strip_suffix(b"\r").expect("CRLF");
                prop_assert!(line.len() <= 998 && !line.contains(&b'\r') && !line.contains(&0));
            }
            let clean_bytes = mime(&envelope("Escucha"), &letter("x", "y")).expect("a mail");
            prop_assert_eq!(header_names(&bytes), header_names(&clean_bytes));
            let parsed = MessageParser::default().parse(&bytes).expect("a readable mail");
            let decoded = parsed.subject().unwrap_or("");
            prop_assert!(!decoded.chars().any(char::is_control), "{:?}", decoded);
            let back = parsed.body_text(0).unwrap_or_default().replace("\r\n", "\n");
            prop_assert_eq!(back, clean::body(&text));
        }
    }
}
