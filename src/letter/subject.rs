//! The subject of a letter: who, where, and the concrete thing, stable for a case at any hour.

use super::{clean, words};
use crate::model::{Signal, SignalKind, Topic, Ui};
use crate::reply::{Brief, contact, quote};
use crate::score::text::fold_str;

/// With "Re: " in front of it a subject still has at most 60 characters.
const SUBJECT_CHARS_MAX: usize = 56;
const WHO_CHARS_MAX: usize = 18;
const WHERE_CHARS_MAX: usize = 20;

/// "Javier en foro.test: doble cobro, nadie contesta".
pub(super) fn of(brief: &Brief, ui: Ui, source_name: &str) -> String {
    let who = words::who_in(brief, ui, WHO_CHARS_MAX);
    let place = clean::cut(&words::place(brief, source_name), WHERE_CHARS_MAX);
    let head = match ui {
        Ui::Es => format!("{who} en {place}: "),
        Ui::En => format!("{who} at {place}: "),
    };
    let room = SUBJECT_CHARS_MAX.saturating_sub(head.chars().count());
    let candidates = whats(brief, ui);
    let what = candidates
        .iter()
        .find(|what| what.chars().count() <= room)
        .or(candidates.last())
        .map_or("", String::as_str);
    clean::cut(&format!("{head}{what}"), SUBJECT_CHARS_MAX)
}

/// What it is about, from the fullest wording to the shortest.
fn whats(brief: &Brief, ui: Ui) -> Vec<String> {
    let thing = thing(brief, ui);
    let mut whats = Vec::new();
    if let Some(signal) = words::in_order(brief).next() {
        let short = short_words(brief, signal, ui);
        let comes_first = matches!(
            signal.kind,
            SignalKind::Safety | SignalKind::LegalThreat | SignalKind::Privacy
        );
        if let Some(thing) = thing {
            whats.push(if comes_first {
                format!("{short}, {thing}")
            } else {
                format!("{thing}, {short}")
            });
        }
        if comes_first || thing.is_none() {
            whats.push(short.to_owned());
        }
    }
    whats.extend(thing.map(str::to_owned));
    whats.push(ui.pick("una queja", "a complaint").to_owned());
    whats.push(ui.pick("queja", "complaint").to_owned());
    whats
}

/// The trouble in two or three words: as his title or his clause tells it, else its topic.
fn thing(brief: &Brief, ui: Ui) -> Option<&'static str> {
    let topics = &brief.verdict.topics;
    let title = brief.post.title.as_deref().unwrap_or("");
    let title: String = title.chars().take(200).collect();
    let clause = quote::pick(brief, brief.lang()).unwrap_or_default();
    let said = fold_str(&format!("{title} {clause}"));
    let told = THINGS.iter().find(|(topic, stems, _)| {
        topics.contains(topic) && stems.iter().any(|stem| quote::has_stem(&said, stem))
    });
    if let Some((_, _, thing)) = told {
        return Some(ui.pick(thing[0], thing[1]));
    }
    // That nobody answers is said beside it.
    let is_said_already = |topic: &&Topic| {
        **topic == Topic::Support && brief.verdict.has(SignalKind::UnansweredContact)
    };
    let topic = topics.iter().find(|topic| !is_said_already(topic))?;
    Some(words::topic_word(*topic, ui))
}

/// Beginnings of words, folded, that name a trouble, and what it is called in Spanish and English.
type Thing = (Topic, &'static [&'static str], [&'static str; 2]);

const THINGS: &[Thing] = &[
    (
        Topic::Billing,
        &[
            "siguen cobrando",
            "sigue cobrando",
            "still charg",
            "still being charg",
            "keep charg",
        ],
        ["le siguen cobrando", "still being charged"],
    ),
    (
        Topic::Billing,
        &[
            "dos veces",
            "doble",
            "duplicad",
            "dos cobros",
            "twice",
            "double",
            "duas vezes",
            "deux fois",
            "due volte",
            "zweimal",
            "doppelt",
            "dues vegades",
        ],
        ["doble cobro", "double charge"],
    ),
    (
        Topic::Outage,
        &["sin internet", "no internet"],
        ["sin internet", "no internet"],
    ),
    (
        Topic::Outage,
        &["sin linea", "se fue la linea", "no line"],
        ["sin línea", "no line"],
    ),
    (
        Topic::Outage,
        &["sin servicio", "no service"],
        ["sin servicio", "no service"],
    ),
    (
        Topic::Delivery,
        &[
            "no lleg",
            "no ha lleg",
            "sin llegar",
            "never arriv",
            "not arriv",
            "hasn t arriv",
        ],
        ["pedido sin llegar", "parcel not there"],
    ),
    (
        Topic::Install,
        &[
            "no vino",
            "nadie vino",
            "no se present",
            "never came",
            "nobody came",
            "did not come",
        ],
        ["el técnico no vino", "nobody came"],
    ),
];

fn short_words(brief: &Brief, signal: &Signal, ui: Ui) -> &'static str {
    match signal.kind {
        // Whom a machine or a promise put off, somebody has answered.
        SignalKind::UnansweredContact if !contact::of(brief, signal).is_silent => {
            ui.pick("sin solución", "not solved")
        }
        SignalKind::UnansweredContact => ui.pick("nadie contesta", "nobody answers"),
        SignalKind::Loyalty => ui.pick("cliente fiel", "loyal customer"),
        SignalKind::ChurnThreat => ui.pick("se va", "leaving"),
        SignalKind::Farewell => ui.pick("se ha ido", "has left"),
        SignalKind::AsksForReply => ui.pick("pide respuesta", "asks for an answer"),
        SignalKind::Crowd => ui.pick("hay más", "there are more"),
        SignalKind::RepeatFailure => ui.pick("otra vez", "once more"),
        SignalKind::LegalThreat => ui.pick("acciones legales", "legal action"),
        SignalKind::Safety => ui.pick("un peligro", "a danger"),
        SignalKind::Privacy => ui.pick("datos personales", "personal data"),
    }
}
