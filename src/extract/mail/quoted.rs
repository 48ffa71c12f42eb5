//! The words of who wrote a mail, without the history that his program put below them.

use std::sync::OnceLock;

use regex::Regex;

use super::super::html;
use super::super::words::fold;
use super::forward;

/// Lines that are looked at.
const LINES_MAX: usize = 5_000;
/// "On 20 November Ana wrote:" may stand on three lines.
const INTRO_LINES_MAX: usize = 3;
const INTRO_CHARS_MAX: usize = 300;
/// What programs add below, folded.
const ADDED: [&str; 14] = [
    "enviado desde mi ",
    "enviado desde outlook",
    "enviado con ",
    "obtener outlook para",
    "sent from my ",
    "sent from outlook",
    "get outlook for",
    "enviado do meu ",
    "envoye de mon ",
    "inviato da ",
    "von meinem ",
    "gesendet von ",
    "enviat des de",
    "descarga outlook",
];

/// What the writer himself wrote; all of it where nothing else is left.
pub(super) fn own_words(text: &str) -> String {
    own(text).unwrap_or_else(|| {
        let lines = text.lines().take(LINES_MAX);
        let all: Vec<&str> = lines
            .map(|line| line.trim_start_matches(['>', ' ']))
            .collect();
        html::clean(&all.join("\n"))
    })
}

/// What the writer himself wrote, if he did.
pub(super) fn own(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().take(LINES_MAX).collect();
    let mut own: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at].trim();
        if is_signature(lines[at]) || forward::is_marker(line, true) {
            break;
        }
        if let Some(n) = intro(&lines[at..]) {
            // Who answers below what he quotes has his words behind it.
            let rest = lines[at + n..].iter().map(|line| line.trim());
            let next = rest.clone().find(|line| !line.is_empty());
            if !next.is_some_and(|line| line.starts_with('>')) {
                break;
            }
            at += n;
            continue;
        }
        if forward::head(&lines[at..]).is_some_and(|(head, _)| head.is_whole()) {
            break;
        }
        if !line.starts_with('>') {
            own.push(lines[at]);
        }
        at += 1;
    }
    while own.last().is_some_and(|line| {
        let line = fold(line);
        let is_rule = line.chars().all(|c| matches!(c, '_' | '-' | '=' | '*'));
        is_rule || ADDED.iter().any(|added| line.starts_with(added))
    }) {
        own.pop();
    }
    let own = html::clean(&own.join("\n"));
    own.chars().any(char::is_alphanumeric).then_some(own)
}

/// The line before a signature (RFC 3676, section 4.3).
fn is_signature(line: &str) -> bool {
    matches!(line.trim_end_matches(['\r', ' ']), "--") && line.len() <= 4
}

/// How many lines say who wrote what follows: "El vie, 20 nov 2026, Ana (<ana@b.test>) escribió:".
fn intro(lines: &[&str]) -> Option<usize> {
    static INTRO: OnceLock<Option<Regex>> = OnceLock::new();
    let pattern = INTRO
        .get_or_init(|| {
            Regex::new(
                r"^(?:el|on|em|le|il|am|op|a) .{4,280}(?:escribio|wrote|escreveu|a ecrit|ha scritto|schrieb.{0,60}|va escriure) ?:$",
            )
            .ok()
        })
        .as_ref()?;
    let first = lines.first()?.trim();
    if first.is_empty() || first.chars().nth(INTRO_CHARS_MAX).is_some() {
        return None;
    }
    let begins = ["el ", "on ", "em ", "le ", "il ", "am ", "op ", "a "];
    let folded = fold(first);
    if !begins.iter().any(|begin| folded.starts_with(begin)) {
        return None;
    }
    (1..=INTRO_LINES_MAX.min(lines.len())).find(|n| {
        let said = fold(&lines[..*n].join(" "));
        said.chars().nth(INTRO_CHARS_MAX).is_none() && pattern.is_match(&said)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(own_words(text), expected);
    }

    #[test]
    fn the_history_below_is_left_out() {
        check(
            "Sigo igual.\n\nEl vie, 20 nov 2026 a las 10:15, Ayuda (<ayuda@b.test>) escribió:\n\
             > Lo miramos.\n> Gracias.\n",
            "Sigo igual.",
        );
        check(
            "Still broken.\n\nOn Fri, Nov 20, 2026 at 10:15 AM Help Desk\n<help@b.test> wrote:\n\n\
             We look at it.",
            "Still broken.",
        );
        check(
            "Sigo igual.\n\n________________________________\nDe: Ayuda <ayuda@b.test>\n\
             Enviado: viernes, 20 de noviembre de 2026 10:15\nPara: Ana\nAsunto: RE: avería\n\n\
             Lo miramos.",
            "Sigo igual.",
        );
        check(
            "Sigo igual.\n-----Mensaje original-----\nDe: Ayuda\nLo miramos.",
            "Sigo igual.",
        );
        check(
            "El 20/11 Ayuda <ayuda@b.test> escribió:\n> ¿Va ya?\nNo, sigue igual.\n",
            "No, sigue igual.",
        );
    }

    #[test]
    fn what_the_writer_says_stays() {
        check("Ana\n-- \nAna Ruiz\nTel. 600", "Ana");
        check(
            "Mal servicio.\n\nEnviado desde mi iPhone\n",
            "Mal servicio.",
        );
        check("> solo\n> cita", "solo\ncita");
        check(
            "El técnico no vino.\nA las 10 me dijo: espere.",
            "El técnico no vino.\nA las 10 me dijo: espere.",
        );
        check(
            "De: todo lo que me pasó, esto es lo peor.",
            "De: todo lo que me pasó, esto es lo peor.",
        );
        check("", "");
    }
}
