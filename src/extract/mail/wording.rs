//! What reports of mail servers say in words for people: whether a mail is late or lost, and why.

use std::sync::OnceLock;

use regex::Regex;

use super::super::html::{clean, clean_line};
use super::super::words::fold;
use super::incoming::Fate;

/// Characters of a server's words.
const SAID_CHARS_MAX: usize = 200;

/// The first enhanced code (RFC 3463) in a text.
pub(super) fn enhanced(text: &str) -> Option<String> {
    static CODE: OnceLock<Option<Regex>> = OnceLock::new();
    let pattern = CODE.get_or_init(|| Regex::new(r"\b[245]\.\d{1,3}\.\d{1,3}\b").ok());
    Some(pattern.as_ref()?.find(text)?.as_str().to_owned())
}

/// Folded words of reports that a mail is late.
const LATE: [&str; 16] = [
    "delay",
    "delivery incomplete",
    "will be retried",
    "will retry",
    "will keep trying",
    "continue to be attempted",
    "not yet been delivered",
    "could not be delivered yet",
    "retras",
    "demora",
    "se seguira intentando",
    "seguiremos intentando",
    "retarde",
    "verzoger",
    "ritard",
    "atras",
];

/// Folded words of reports that a mail will not arrive.
const LOST: [&str; 24] = [
    "undeliver",
    "failure",
    "failed",
    "returned mail",
    "returned to sender",
    "permanent",
    "wasn t able to deliver",
    "unable to deliver",
    "couldn t be delivered",
    "could not be delivered",
    "not delivered",
    "user unknown",
    "unknown user",
    "does not exist",
    "rejected",
    "no se ha podido entregar",
    "no se pudo entregar",
    "no entregado",
    "no existe",
    "devuelto",
    "nao foi possivel entregar",
    "unzustellbar",
    "mancata consegna",
    "n a pas pu etre remis",
];

/// What a report means that is written for people alone.
pub(super) fn fate_by_words(subject: &str, said: &str, code: Option<&str>) -> Fate {
    let plain = |text: &str| fold(text).replace(['\'', '’'], " ");
    let (subject, said) = (plain(subject), plain(said));
    let has = |text: &str, words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&subject, &LATE) || code.is_some_and(|code| code.starts_with('4')) {
        return Fate::Delayed;
    }
    if code.is_some_and(|code| code.starts_with('5')) || has(&subject, &LOST) {
        return Fate::Failed;
    }
    match (has(&said, &LATE), has(&said, &LOST)) {
        (true, _) => Fate::Delayed,
        (false, true) => Fate::Failed,
        (false, false) => Fate::Other,
    }
}

/// The first line that has a code or a word of failure.
pub(super) fn telling_line(said: &str) -> Option<String> {
    let tells = |line: &&str| {
        let folded = fold(line).replace(['\'', '’'], " ");
        enhanced(line).is_some() || LOST.iter().any(|word| folded.contains(word))
    };
    said.lines().find(tells).and_then(clean_line)
}

pub(super) fn without_addresses(words: &str) -> String {
    let words = clean(words);
    let shown = words.split_whitespace();
    let shown = shown.map(|word| if word.contains('@') { "<…>" } else { word });
    cut(&shown.collect::<Vec<_>>().join(" "), SAID_CHARS_MAX)
}

pub(super) fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}
