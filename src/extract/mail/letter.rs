//! One mail as it is read: who, when, about what, and its words as text.

use mail_parser::{Message, PartType};

use super::super::words::fold;
use super::super::{html, plain};
use super::person::Person;
use super::{forward, safe_html};
use crate::model::Timestamp;

/// HTML of a mail beyond this is no text that anybody wrote.
const HTML_BYTES_MAX: usize = 2 << 20;
/// Text that is looked at, in bytes; more is not kept of any post.
const TEXT_BYTES_MAX: usize = 512 << 10;
/// A text part with fewer letters only says that the mail is HTML.
const LETTERS_MIN: usize = 12;

#[derive(Clone, Debug, Default)]
pub(super) struct Letter {
    /// The Message-ID without its brackets.
    pub(super) id: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) from: Option<Person>,
    pub(super) date: Option<Timestamp>,
    /// The text part, or the HTML as text, line by line.
    pub(super) text: String,
    /// The HTML part, unless it is too deep to be parsed.
    pub(super) html: Option<String>,
    /// A machine wrote it: a notice of what somebody said elsewhere.
    pub(super) is_notice: bool,
}

impl Letter {
    pub(super) fn of(message: &Message<'_>) -> Self {
        let html = message.html_bodies().find_map(|part| match &part.body {
            PartType::Html(html) => Some(cut(html, HTML_BYTES_MAX)),
            _ => None,
        });
        let mut text = String::new();
        for part in message.text_bodies() {
            if let PartType::Text(said) = &part.body {
                text.push_str(cut(said, TEXT_BYTES_MAX));
                text.push('\n');
            }
            if text.len() > TEXT_BYTES_MAX {
                break;
            }
        }
        let n_letters = text.chars().filter(|c| c.is_alphabetic());
        if n_letters.take(LETTERS_MIN).count() < LETTERS_MIN
            && let Some(html) = html
        {
            text = plain::plain_text(html);
        }
        let from = word(message, "From").and_then(|from| Person::parse(&from));
        Self {
            id: message.message_id().and_then(html::clean_line),
            subject: message.subject().and_then(html::clean_line),
            is_notice: is_notice(message, from.as_ref()),
            from,
            date: date(message),
            text: text.replace("\r\n", "\n").replace('\u{a0}', " "),
            html: html.and_then(safe_html).map(str::to_owned),
        }
    }

    /// Its subject says that it is handed on.
    pub(super) fn is_handed_on(&self) -> bool {
        let subject = fold(self.subject.as_deref().unwrap_or_default());
        forward::PREFIXES
            .iter()
            .any(|prefix| subject.starts_with(prefix))
    }
}

/// What a header says, in one line.
pub(super) fn word(message: &Message<'_>, name: &'static str) -> Option<String> {
    let said = message.header(name)?.as_text()?;
    html::clean_line(said)
}

/// A machine of a site or a list sent it, on behalf of nobody who could be answered.
fn is_notice(message: &Message<'_>, from: Option<&Person>) -> bool {
    let has = |name| message.header(name).is_some();
    let says = |name, words: &[&str]| {
        let said = word(message, name).unwrap_or_default().to_lowercase();
        words.iter().any(|word| said.starts_with(word))
    };
    has("List-Unsubscribe")
        || has("List-Id")
        || has("Feedback-ID")
        || says("Precedence", &["bulk", "list", "junk"])
        || says("Auto-Submitted", &["auto-generated", "auto-notified"])
        || from.is_some_and(is_machine)
}

/// An address that nobody reads.
pub(super) fn is_machine(person: &Person) -> bool {
    const WORDS: [&str; 10] = [
        "noreply",
        "donotreply",
        "noresponder",
        "norespondre",
        "naoresponder",
        "notif",
        "alert",
        "mailer",
        "noresponda",
        "nepasrepondre",
    ];
    let local: String = person
        .local()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    WORDS.iter().any(|word| local.contains(word))
}

fn date(message: &Message<'_>) -> Option<Timestamp> {
    let date = message.date()?;
    date.is_valid()
        .then(|| Timestamp(date.to_timestamp().saturating_mul(1_000)))
}

pub(super) fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}
