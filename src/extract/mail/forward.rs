//! A mail within a mail, as text: "---------- Forwarded message", and the little header below it.
//!
//! Absent: mails that are attached whole; those are read as mails.

use super::super::date;
use super::super::html::clean_line;
use super::super::words::fold;
use super::letter::{Letter, is_machine};
use super::person::Person;
use crate::extract::now::Now;

/// How a subject says that the mail is handed on, folded.
pub(super) const PREFIXES: [&str; 10] = [
    "fwd:", "fw:", "rv:", "reenv:", "enc:", "tr:", "wg:", "i:", "inoltra:", "re: fwd:",
];
/// What stands between dashes above a mail that was handed on, folded.
const FORWARDED: [&str; 15] = [
    "forwarded message",
    "begin forwarded message",
    "mensaje reenviado",
    "inicio del mensaje reenviado",
    "mensagem encaminhada",
    "mensagem reencaminhada",
    "inicio da mensagem reencaminhada",
    "message transfere",
    "debut du message reexpedie",
    "messaggio inoltrato",
    "inizio messaggio inoltrato",
    "weitergeleitete nachricht",
    "anfang der weitergeleiteten nachricht",
    "missatge reenviat",
    "inici del missatge reenviat",
];
/// The same above a mail that was answered or handed on.
const ORIGINAL: [&str; 8] = [
    "mensaje original",
    "original message",
    "mensagem original",
    "message d'origine",
    "messaggio originale",
    "ursprungliche nachricht",
    "missatge original",
    "original nachricht",
];
/// Mails handed on and on: the innermost is what a customer wrote.
const DEPTH_MAX: usize = 5;
/// Lines of a mail that are looked at.
const LINES_MAX: usize = 5_000;
/// Lines of the little header.
const HEAD_LINES_MAX: usize = 14;
/// Empty lines before and within it.
const GAP_MAX: usize = 2;
const LINE_CHARS_MAX: usize = 400;

/// The little header above a mail within a mail.
#[derive(Debug, Default)]
pub(super) struct Head {
    from: Option<Person>,
    date: Option<String>,
    subject: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    From,
    Date,
    Subject,
    Other,
}

impl Head {
    /// A lone "De: …" is a sentence.
    pub(super) fn is_whole(&self) -> bool {
        self.from.is_some() && (self.date.is_some() || self.subject.is_some())
    }
}

/// The mail that was handed on by this one.
pub(super) fn original(letter: &Letter, now: Now<'_>) -> Option<Letter> {
    let mut lines: Vec<String> = letter
        .text
        .lines()
        .take(LINES_MAX)
        .map(str::to_owned)
        .collect();
    let mut inner: Option<Head> = None;
    let mut is_handed_on = letter.is_handed_on();
    for _ in 0..DEPTH_MAX {
        let Some((head, rest)) = found(&lines, is_handed_on) else {
            break;
        };
        lines = rest;
        // Further down a little header may also belong to what the customer answered.
        is_handed_on = false;
        inner = Some(head);
    }
    let head = inner?;
    let is_notice = head.from.as_ref().is_some_and(is_machine);
    Some(Letter {
        id: letter.id.clone(),
        subject: head.subject.or_else(|| letter.subject.clone()),
        from: head.from,
        date: head
            .date
            .and_then(|date| date::parse(&date, Some(now)))
            .or(letter.date),
        text: lines.join("\n"),
        html: letter.html.clone(),
        is_notice,
    })
}

/// The first mail within these lines: its head, and the lines below it.
fn found(lines: &[String], is_handed_on: bool) -> Option<(Head, Vec<String>)> {
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at].trim().trim_start_matches(['>', ' ']);
        let is_marked = is_marker(line, is_handed_on);
        if is_marked || (is_handed_on && key(line).is_some_and(|(key, _)| key == Key::From)) {
            let from = if is_marked { at + 1 } else { at };
            let near = &lines[from..lines.len().min(from + HEAD_LINES_MAX)];
            let near = unquoted(near);
            let near: Vec<&str> = near.iter().map(String::as_str).collect();
            if let Some((head, n)) = head(&near)
                && head.is_whole()
            {
                return Some((head, unquoted(&lines[from..]).split_off(n)));
            }
        }
        at += 1;
    }
    None
}

/// The line above a mail within a mail. Where it was not handed on, "original message" begins the
/// history.
pub(super) fn is_marker(line: &str, also_original: bool) -> bool {
    if line.chars().nth(100).is_some() {
        return false;
    }
    let line = line.trim_matches(|c: char| matches!(c, '-' | '_' | '*' | ' ' | ':' | '>'));
    let line = fold(line);
    FORWARDED.contains(&line.as_str()) || (also_original && ORIGINAL.contains(&line.as_str()))
}

/// Reads the little header at the beginning of these lines; how many lines it takes.
pub(super) fn head(lines: &[&str]) -> Option<(Head, usize)> {
    let mut head = Head::default();
    let mut n_known = 0;
    let mut n_empty = 0;
    let mut end = 0;
    for (n, line) in lines.iter().take(HEAD_LINES_MAX).enumerate() {
        if line.trim().is_empty() {
            n_empty += 1;
            // Behind a whole header an empty line begins the text.
            if n_empty > GAP_MAX || head.is_whole() {
                break;
            }
            continue;
        }
        let Some((key, said)) = key(line) else { break };
        let said = || clean_line(said);
        match key {
            Key::From if head.from.is_none() => {
                head.from = said().and_then(|said| Person::parse(&said));
            }
            Key::Date if head.date.is_none() => head.date = said(),
            Key::Subject if head.subject.is_none() => head.subject = said(),
            // A second one belongs to another mail.
            Key::From | Key::Date | Key::Subject => break,
            Key::Other => {}
        }
        n_known += 1;
        end = n + 1;
    }
    (n_known > 0).then_some((head, end))
}

/// What a line of the little header says.
fn key(line: &str) -> Option<(Key, &str)> {
    let line = line.trim().trim_start_matches(['*', '>', ' ']);
    if line.chars().nth(LINE_CHARS_MAX).is_some() {
        return None;
    }
    let (name, said) = line.split_once(':')?;
    if name.chars().nth(24).is_some() {
        return None;
    }
    let name = fold(name.trim_matches(['*', ' ']));
    let name = name.split('(').next().unwrap_or_default().trim();
    let key = match name {
        "de" | "from" | "von" | "da" | "expediteur" => Key::From,
        "fecha" | "date" | "enviado" | "enviado el" | "sent" | "data" | "gesendet" | "datum"
        | "envoye" | "inviato" | "enviada em" | "enviado em" | "enviat" => Key::Date,
        "asunto" | "subject" | "betreff" | "objet" | "oggetto" | "assunto" | "assumpte" => {
            Key::Subject
        }
        "para" | "to" | "an" | "a" | "per a" | "cc" | "cco" | "bcc" | "reply-to"
        | "responder a" | "responder para" | "antwort an" | "rispondi a" | "repondre a"
        | "message-id" => Key::Other,
        _ => return None,
    };
    Some((key, said.trim_start_matches(['*', ' '])))
}

/// Without one level of ">", when all that follows is quoted.
fn unquoted(lines: &[String]) -> Vec<String> {
    let first = lines
        .iter()
        .map(|line| line.trim())
        .find(|line| !line.is_empty());
    if !first.is_some_and(|line| line.starts_with('>')) {
        return lines.to_vec();
    }
    let quoted = lines.iter().take_while(|line| {
        let line = line.trim();
        line.is_empty() || line.starts_with('>')
    });
    quoted
        .map(|line| {
            let line = line.trim_start();
            let line = line.strip_prefix('>').unwrap_or(line);
            line.strip_prefix(' ').unwrap_or(line).to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LocalTime, Timestamp};

    #[track_caller]
    fn check(subject: &str, text: &str, expected: &str) {
        let letter = Letter {
            subject: Some(subject.to_owned()),
            text: text.to_owned(),
            ..Letter::default()
        };
        let now = Now {
            at: Timestamp(1_795_000_000_000),
            local: LocalTime::utc(),
        };
        let told = original(&letter, now).map_or("-".to_owned(), |inner| {
            format!(
                "{} | {} | {} | {}",
                inner.from.map(|from| from.to_string()).unwrap_or_default(),
                inner.date.map(|date| date.to_string()).unwrap_or_default(),
                inner.subject.unwrap_or_default(),
                inner.text.trim().replace('\n', "/")
            )
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn programs_hand_mails_on_in_their_own_ways() {
        check(
            "Fwd: Avería",
            "Mirad esto.\n\n---------- Forwarded message ---------\nDe: Javier Pérez <javier@b.test>\n\
             Date: vie, 20 nov 2026 a las 10:15\nSubject: Avería\nTo: Ayuda <ayuda@c.test>\n\n\
             Llamé cuatro veces.\nNadie contesta.\n",
            "Javier Pérez <javier@b.test> | 2026-11-20T10:15:00Z | Avería | Llamé cuatro veces./Nadie contesta.",
        );
        check(
            "Fwd: Outage",
            "Begin forwarded message:\n\n> From: Ann <ann@b.test>\n> Subject: Outage\n\
             > Date: 20 November 2026 at 10:15:03 CET\n> To: help@c.test\n>\n> No line.\n> Help.\n",
            "Ann <ann@b.test> | 2026-11-20T09:15:03Z | Outage | No line./Help.",
        );
        check(
            "RV: factura",
            "\n________________________________\nDe: Ana Ruiz <ana@b.test>\n\
             Enviado: viernes, 20 de noviembre de 2026 10:15\nPara: Ayuda\nAsunto: factura\n\nMe han cobrado dos veces.",
            "Ana Ruiz <ana@b.test> | 2026-11-20T10:15:00Z | factura | Me han cobrado dos veces.",
        );
        check(
            "Fwd: x",
            "-------- Mensaje reenviado --------\nAsunto: \tx\nFecha: \tFri, 20 Nov 2026 10:15:00 +0100\n\
             De: \tAna <ana@b.test>\nPara: \tayuda@c.test\n\n\nMal.",
            "Ana <ana@b.test> | 2026-11-20T09:15:00Z | x | Mal.",
        );
    }

    #[test]
    fn the_innermost_mail_is_the_customers() {
        let inner =
            "---------- Forwarded message ---------\nFrom: Ana <ana@b.test>\nSubject: x\n\nMal.";
        let text = format!(
            "---------- Forwarded message ---------\nFrom: Tienda <tienda@c.test>\nSubject: Fwd: x\n\n\
             Os lo paso.\n\n{inner}"
        );
        check("Fwd: Fwd: x", &text, "Ana <ana@b.test> |  | x | Mal.");
    }

    #[test]
    fn an_answer_is_not_handed_on() {
        let history = "Sigo igual.\n\n-----Mensaje original-----\nDe: Ayuda <ayuda@c.test>\n\
                       Asunto: avería\n\nLo miramos.";
        check("RE: avería", history, "-");
        check("Fwd: x", "Mensaje reenviado\nsin cabecera", "-");
        check("Fwd: x", "", "-");
    }

    #[test]
    fn long_texts_are_read_once() {
        let text = "De: a\nEnviado\n".repeat(100_000);
        check("RV: x", &text, "-");
    }
}
