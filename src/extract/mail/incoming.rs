//! What comes back to our own letters: reports of mail servers, and what people answer.
//!
//! A report is read by RFC 3464 where it keeps to it. Others (qmail's, and those of providers with words of
//! their own) are read by the Message-ID that they give back, and by what they say. Which of our letters is
//! meant is told by ids that nobody can guess; whether we know them is for the caller to say. Absent: belief
//! in what a mail claims to be from.

use std::sync::OnceLock;

use mail_parser::{HeaderName, HeaderValue, Message, MessageParser, PartType};
use regex::Regex;

use super::super::contained;
use super::super::html::clean_line;
use super::letter::Letter;
use super::wording::{cut, enhanced, fate_by_words, telling_line, without_addresses};
use super::{aside, gate, gated, parser, quoted};

/// Ids of one mail that are looked up.
const IDS_MAX: usize = 20;
/// Text of a report that is looked at, in bytes: what it says stands before what it gives back.
const SAID_BYTES_MAX: usize = 16 << 10;
/// Text of one part in which ids are looked for, in bytes.
const PART_BYTES_MAX: usize = 128 << 10;
/// Characters of a person's words.
const WORDS_CHARS_MAX: usize = 2_000;

/// A mail in the mailbox to which answers come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    Report(Report),
    Answer(Answer),
    /// Nothing that speaks of a letter of ours: also our own, and automatic answers.
    Aside,
}

/// What a mail server says became of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The Message-IDs that may be meant, `<…@…>`, the likeliest first.
    pub about: Vec<String>,
    pub fate: Fate,
    /// The enhanced code (RFC 3463), as `5.1.1`.
    pub status: Option<String>,
    /// The server's words, without addresses.
    pub said: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It will not arrive.
    Failed,
    /// It is still being tried.
    Delayed,
    /// Something else, as that it was read, or handed on.
    Other,
}

/// What a person writes to a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The letters that it may answer, `<…@…>`, the likeliest first.
    pub about: Vec<String>,
    /// The address that it says it is from.
    pub from: String,
    /// Own words, without what is quoted below them.
    pub words: String,
}

/// Reads one mail. Never fails: what cannot be read is nothing.
pub fn incoming(raw: &[u8]) -> Incoming {
    if gate::text(raw).is_err() || gate::size(raw).is_err() {
        return Incoming::Aside;
    }
    contained("the mail", || read(&gated(raw))).unwrap_or(Incoming::Aside)
}

fn read(raw: &[u8]) -> Incoming {
    let parser: MessageParser = parser()
        .header_id(HeaderName::InReplyTo)
        .header_id(HeaderName::References);
    let Some(message) = parser.parse(raw) else {
        return Incoming::Aside;
    };
    if aside::is_bounce(&message) {
        return report(&message).map_or(Incoming::Aside, Incoming::Report);
    }
    if aside::is_aside(&message) {
        return Incoming::Aside;
    }
    answer(&message).map_or(Incoming::Aside, Incoming::Answer)
}

fn answer(message: &Message<'_>) -> Option<Answer> {
    let letter = Letter::of(message);
    // A list or a machine speaks for nobody.
    if letter.is_notice {
        return None;
    }
    let about = answered(message);
    let from = letter.from?.address?;
    let words = quoted::own(&letter.text)?;
    (!about.is_empty()).then(|| Answer {
        about,
        from,
        words: cut(&words, WORDS_CHARS_MAX),
    })
}

/// What the mail says it answers: the last letter first.
fn answered(message: &Message<'_>) -> Vec<String> {
    let mut ids = Vec::new();
    let list = |value: &HeaderValue<'_>| -> Vec<String> {
        let ids = value.as_text_list().unwrap_or_default().iter().rev();
        ids.take(IDS_MAX).map(|id| format!("<{id}>")).collect()
    };
    let all = list(message.in_reply_to()).into_iter();
    for id in all.chain(list(message.references())) {
        add(&mut ids, id);
    }
    ids
}

fn report(message: &Message<'_>) -> Option<Report> {
    let status = message.parts.iter().find_map(delivery_status);
    let said = Letter::of(message).text;
    let said = &said[..said.floor_char_boundary(SAID_BYTES_MAX)];
    let about = meant(message);
    if about.is_empty() {
        return None;
    }
    let subject = message.subject().unwrap_or_default();
    let read = match &status {
        Some(status) => Some((status.fate()?, status.code.clone(), status.said.clone())),
        None => None,
    };
    let (fate, status, words) = read.unwrap_or_else(|| {
        let code = enhanced(said).or_else(|| enhanced(subject));
        let fate = fate_by_words(subject, said, code.as_deref());
        (fate, code, telling_line(said))
    });
    let words = words.or_else(|| telling_line(said)).unwrap_or_default();
    Some(Report {
        about,
        fate,
        status,
        said: without_addresses(&words),
    })
}

/// The part of RFC 3464 that is for machines.
#[derive(Debug, Default)]
struct Status {
    actions: Vec<String>,
    code: Option<String>,
    said: Option<String>,
}

impl Status {
    /// `None` for a report of another kind, as that a mail was read.
    fn fate(&self) -> Option<Fate> {
        let has = |word| self.actions.iter().any(|action| action == word);
        let class = self.code.as_deref().and_then(|code| code.chars().next());
        match class {
            _ if has("failed") => Some(Fate::Failed),
            _ if has("delayed") => Some(Fate::Delayed),
            _ if !self.actions.is_empty() => Some(Fate::Other),
            Some('5') => Some(Fate::Failed),
            Some('4') => Some(Fate::Delayed),
            _ => None,
        }
    }
}

fn delivery_status(part: &mail_parser::MessagePart<'_>) -> Option<Status> {
    use mail_parser::MimeHeaders as _;
    let kind = part.content_type()?;
    let is_status = kind.ctype().eq_ignore_ascii_case("message")
        && kind.subtype().is_some_and(|kind| {
            kind.eq_ignore_ascii_case("delivery-status")
                || kind.eq_ignore_ascii_case("global-delivery-status")
        });
    if !is_status {
        return None;
    }
    let text = String::from_utf8_lossy(part.contents());
    let text = &text[..text.floor_char_boundary(SAID_BYTES_MAX)];
    let mut status = Status::default();
    for line in unfolded(text) {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "action" => {
                let word = value.split([' ', ';', '(']).next().unwrap_or_default();
                status.actions.push(word.to_ascii_lowercase());
            }
            "status" => status.code = status.code.take().or_else(|| enhanced(value)),
            "diagnostic-code" => {
                let words = value.split_once(';').map_or(value, |(_, words)| words);
                status.said = status.said.take().or_else(|| clean_line(words));
            }
            _ => {}
        }
    }
    Some(status)
}

/// The lines of a header with what is folded below them.
fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match lines.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// Which letter is meant: the one that is given back, else the one that the report answers.
fn meant(message: &Message<'_>) -> Vec<String> {
    let mut ids = Vec::new();
    for part in &message.parts {
        match &part.body {
            PartType::Message(inner) => {
                if let Some(id) = inner.message_id() {
                    add(&mut ids, format!("<{id}>"));
                }
            }
            PartType::Text(text) | PartType::Html(text) => given_back(text, &mut ids),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
                given_back(&String::from_utf8_lossy(bytes), &mut ids);
            }
            PartType::Multipart(_) => {}
        }
    }
    for id in answered(message) {
        add(&mut ids, id);
    }
    ids
}

/// `Message-ID: <…>` wherever a text has it, also on the next line.
fn given_back(text: &str, ids: &mut Vec<String>) {
    static FIELD: OnceLock<Option<Regex>> = OnceLock::new();
    let pattern = FIELD.get_or_init(|| {
        Regex::new(
            r"(?i)message-id\s{0,4}:\s{0,40}(?:<|&lt;)([!-~]{1,200}?@[!-~]{1,200}?)(?:>|&gt;)",
        )
        .ok()
    });
    let Some(pattern) = pattern else { return };
    let text = &text[..text.floor_char_boundary(PART_BYTES_MAX)];
    for found in pattern.captures_iter(text).take(IDS_MAX) {
        add(ids, format!("<{}>", &found[1]));
    }
}

fn add(ids: &mut Vec<String>, id: String) {
    if ids.len() < IDS_MAX && !ids.contains(&id) {
        ids.push(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, expected: &str) {
        let told = match incoming(raw.replace('\n', "\r\n").as_bytes()) {
            Incoming::Report(report) => format!(
                "{:?} {:?} {} [{}]",
                report.fate,
                report.about,
                report.status.as_deref().unwrap_or("-"),
                report.said
            ),
            Incoming::Answer(answer) => {
                format!("{} {:?}: {}", answer.from, answer.about, answer.words)
            }
            Incoming::Aside => "-".to_owned(),
        };
        assert_eq!(told, expected);
    }

    /// A report of RFC 3464 with this action and status, which gives back the headers.
    fn standard(action: &str, status: &str) -> String {
        format!(
            "From: MAILER-DAEMON@mx.test (Mail Delivery System)\nSubject: Undelivered Mail\n\
             Auto-Submitted: auto-replied\nMIME-Version: 1.0\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
             --b\nContent-Type: text/plain\n\nThis is the mail system.\n\n\
             --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n\
             Final-Recipient: rfc822; g@ejemplo.test\nAction: {action}\nStatus: {status}\n\
             Diagnostic-Code: smtp; 550 5.1.1 <g@ejemplo.test>:\n    user unknown\n\n\
             --b\nContent-Type: text/rfc822-headers\n\nFrom: avisos@ejemplo.test\n\
             References: <root@ejemplo.test> <before@ejemplo.test>\n\
             Message-ID:\n <mail@ejemplo.test>\nSubject: Javier\n\n--b--\n"
        )
    }

    #[test]
    fn reports_of_the_standard_tell_what_became_of_which_mail() {
        let what = "[\"<mail@ejemplo.test>\"]";
        let said = "550 5.1.1 <…> user unknown";
        check(
            &standard("failed", "5.1.1"),
            &format!("Failed {what} 5.1.1 [{said}]"),
        );
        check(
            &standard("delayed", "4.4.1"),
            &format!("Delayed {what} 4.4.1 [{said}]"),
        );
        check(
            &standard("delivered", "2.0.0"),
            &format!("Other {what} 2.0.0 [{said}]"),
        );
        // Given up after days of trying: the class alone would say that it is only late.
        check(
            &standard("failed (expired)", "4.4.7"),
            &format!("Failed {what} 4.4.7 [{said}]"),
        );
    }

    #[test]
    fn reports_for_people_are_understood_too() {
        check(
            "From: MAILER-DAEMON@qmail.test\nSubject: failure notice\n\n\
             Hi. This is the qmail-send program at qmail.test.\n\
             I'm afraid I wasn't able to deliver your message to the following addresses.\n\n\
             <g@ejemplo.test>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n\
             --- Below this line is a copy of the message.\n\nReturn-Path: <avisos@ejemplo.test>\n\
             Message-ID: <mail@ejemplo.test>\nSubject: Javier\n\nhola\n",
            "Failed [\"<mail@ejemplo.test>\"] 5.1.1 [I'm afraid I wasn't able to deliver your \
             message to the following addresses.]",
        );
        check(
            "From: Mail Delivery Subsystem <mailer-daemon@correo.test>\n\
             Subject: Delivery Status Notification (Delay)\nIn-Reply-To: <mail@ejemplo.test>\n\
             References: <root@ejemplo.test> <mail@ejemplo.test>\n\n\
             Delivery incomplete. There was a temporary problem.\n",
            "Delayed [\"<mail@ejemplo.test>\", \"<root@ejemplo.test>\"] - []",
        );
        check(
            "From: postmaster@ejemplo.test\nSubject: No se ha podido entregar: Javier\n\
             In-Reply-To: <mail@ejemplo.test>\n\nEl buzón no existe.\n",
            "Failed [\"<mail@ejemplo.test>\"] - [El buzón no existe.]",
        );
        check(
            "From: postmaster@ejemplo.test\nSubject: Hemos recibido su correo\n\
             In-Reply-To: <mail@ejemplo.test>\n\nGracias por escribir.\n",
            "Other [\"<mail@ejemplo.test>\"] - []",
        );
        check(
            "From: postmaster@ejemplo.test\nSubject: Undeliverable: x\n\nNo id at all.\n",
            "-",
        );
        // That somebody opened it is no news of its delivery.
        check(
            "From: g@ejemplo.test\nSubject: Leído: Javier\nIn-Reply-To: <mail@ejemplo.test>\n\
             MIME-Version: 1.0\nContent-Type: multipart/report; \
             report-type=disposition-notification; boundary=b\n\n--b\nContent-Type: text/plain\n\n\
             Su mensaje fue leído.\n--b\nContent-Type: message/disposition-notification\n\n\
             Disposition: manual-action/MDN-sent-manually; displayed\n\n--b--\n",
            "Other [\"<mail@ejemplo.test>\"] - []",
        );
    }

    #[test]
    fn answers_are_the_words_above_the_quote() {
        let head = "From: Ana Ruiz <gerente@ejemplo.test>\nSubject: Re: Javier en foro.test\n\
                    In-Reply-To: <mail@ejemplo.test>\n\
                    References: <root@ejemplo.test> <mail@ejemplo.test>\n";
        let ids = "[\"<mail@ejemplo.test>\", \"<root@ejemplo.test>\"]";
        check(
            &format!(
                "{head}\nYa le he llamado.\n\nEl vie, 20 nov 2026, Escucha <avisos@ejemplo.test> \
                 escribió:\n> Javier espera\n"
            ),
            &format!("gerente@ejemplo.test {ids}: Ya le he llamado."),
        );
        // Nothing of his own, a machine's answer, our own letter, and a mail about something else.
        check(&format!("{head}\n> Javier espera\n"), "-");
        check(
            &format!("{head}Auto-Submitted: auto-replied\n\nEstoy fuera.\n"),
            "-",
        );
        check(
            &format!("{head}Auto-Submitted: auto-generated\n\nFuera.\n"),
            "-",
        );
        check(&format!("{head}Precedence: bulk\n\nLista.\n"), "-");
        check("From: a@b.test\nSubject: x\n\nhola\n", "-");
        let long = "ñ ".repeat(9_000);
        let Incoming::Answer(answer) = incoming(format!("{head}\n{long}").as_bytes()) else {
            panic!("no answer")
        };
        assert!(answer.words.chars().count() <= WORDS_CHARS_MAX + 1);
    }

    #[test]
    fn hostile_mails_end_and_say_little() {
        let many = "Message-ID: <a@b>\n".repeat(100_000);
        let deep = "Content-Type: message/rfc822\n\n".repeat(10_000);
        let forged = "Message-ID: <x@y>\u{202e}\u{1b}[31m 5.1.1 no\n";
        for body in [many.as_str(), &deep, forged, "\0\0\0", ""] {
            let raw = format!("From: mailer-daemon@x.test\nSubject: failure\n\n{body}");
            if let Incoming::Report(report) = incoming(raw.as_bytes()) {
                assert!(report.about.len() <= IDS_MAX);
                assert!(!report.said.contains(char::is_control), "{}", report.said);
            }
        }
    }
}
