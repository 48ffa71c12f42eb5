//! Mails that nobody wrote to us: bounces, automatic answers, and our own letters coming back.

use mail_parser::{Message, MimeHeaders};

use super::super::words::fold;
use super::letter::word;
use super::person::Person;

/// How the subjects of automatic answers begin, folded.
const AUTOMATIC: [&str; 15] = [
    "respuesta automatica",
    "fuera de la oficina",
    "ausencia de la oficina",
    "automatic reply",
    "auto reply",
    "autoreply",
    "out of office",
    "out of the office",
    "resposta automatica",
    "reponse automatique",
    "absence du bureau",
    "risposta automatica",
    "automatische antwort",
    "abwesenheitsnotiz",
    "fora do escritorio",
];
/// Letters of the first part of our own Message-IDs (`model::message_id`).
const OWN_ID_LETTERS: usize = 26;

pub(super) fn is_aside(message: &Message<'_>) -> bool {
    is_bounce(message) || is_automatic(message) || is_own(message)
}

/// A report of a mail server: it could not be delivered, it was read, it was put off.
pub(super) fn is_bounce(message: &Message<'_>) -> bool {
    let is_report = message.content_type().is_some_and(|kind| {
        kind.ctype().eq_ignore_ascii_case("multipart")
            && kind
                .subtype()
                .is_some_and(|kind| kind.eq_ignore_ascii_case("report"))
    });
    let from = word(message, "From").and_then(|from| Person::parse(&from));
    let is_daemon = from.is_some_and(|from| {
        matches!(
            from.local().as_str(),
            "mailer-daemon" | "postmaster" | "mailerdaemon" | "mail-daemon" | "maildaemon"
        )
    });
    is_report || is_daemon
}

/// RFC 3834, and what came before it. A site's notice may say that a machine made it
/// ("auto-generated"); it answers nobody, and is read.
fn is_automatic(message: &Message<'_>) -> bool {
    let says = |name, what: &str| {
        let said = word(message, name).unwrap_or_default();
        said.to_lowercase().starts_with(what)
    };
    let has = |name| message.header(name).is_some();
    let subject = fold(message.subject().unwrap_or_default());
    says("Auto-Submitted", "auto-replied")
        || says("Precedence", "auto_reply")
        || has("X-Autoreply")
        || has("X-Autorespond")
        || has("X-Auto-Reply")
        || AUTOMATIC.iter().any(|begin| subject.starts_with(begin))
}

/// Our letters, by the three marks that they bear together.
fn is_own(message: &Message<'_>) -> bool {
    let says = |name, what: &str| word(message, name).is_some_and(|said| said == what);
    let local = message.message_id().and_then(|id| id.split_once('@'));
    let is_ours = local.is_some_and(|(local, _)| {
        local.len() == OWN_ID_LETTERS
            && local
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
    });
    is_ours && says("Auto-Submitted", "auto-generated") && says("X-Auto-Response-Suppress", "All")
}
