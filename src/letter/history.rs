//! What has happened to a case, in words: its state, its events, the reasons for which it is dismissed.

use jiff::tz::TimeZone;

use crate::model::{Because, State, Timestamp, Ui};

pub(crate) fn state_word(state: State, ui: Ui) -> &'static str {
    match (ui, state) {
        (Ui::En, state) => state.word(),
        (Ui::Es, State::New) => "nuevo",
        (Ui::Es, State::Told) => "avisado",
        (Ui::Es, State::Answered) => "contestado",
        (Ui::Es, State::Replied) => "ha respondido",
        (Ui::Es, State::Solved) => "resuelto",
        (Ui::Es, State::Silent) => "en silencio",
        (Ui::Es, State::Unhappy) => "sigue descontento",
        (Ui::Es, State::Gone) => "desaparecido",
        (Ui::Es, State::Dismissed) => "descartado",
    }
}

/// One line of a case's history.
pub(crate) fn event_words(event: &str, words: Option<&str>, zone: &TimeZone, ui: Ui) -> String {
    let name = event_word(event, ui);
    let Some(words) = words else {
        return name.to_owned();
    };
    let words = match event {
        "snoozed" => moment(words, zone).unwrap_or_else(|| words.to_owned()),
        "undone" => event_word(words, ui).to_owned(),
        "dismissed" => match Because::parse(words) {
            Some(because) => because_words(because, ui).to_owned(),
            None => words.to_owned(),
        },
        _ => words.to_owned(),
    };
    format!("{name}: {words}")
}

/// An instant of the history as people read it.
fn moment(at: &str, zone: &TimeZone) -> Option<String> {
    let at = Timestamp::parse_rfc3339(at)?.in_zone(zone);
    Some(at.strftime("%d/%m/%Y %H:%M").to_string())
}

/// Why it is dismissed, as half a sentence.
pub(crate) fn because_words(because: Because, ui: Ui) -> &'static str {
    match because {
        Because::NotAboutUs => ui.pick("no habla de nosotros", "it is not about us"),
        Because::OtherCompany => ui.pick("habla de otra empresa", "it is about another company"),
        Because::SpamOrFalse => ui.pick("es publicidad o es falso", "it is spam, or false"),
        Because::Duplicate => ui.pick("es un caso repetido", "it is a case that we have already"),
        Because::AlreadySolved => ui.pick("ya estaba resuelto", "it had been solved before"),
        Because::NotAComplaint => ui.pick("no es una queja", "it is no complaint"),
    }
}

fn event_word(event: &str, ui: Ui) -> &str {
    match (ui, event) {
        (Ui::Es, "opened") => "abierto",
        (Ui::Es, "told") => "avisado",
        (Ui::Es, "customer_spoke") => "el cliente ha vuelto a escribir",
        (Ui::En, "customer_spoke") => "the customer has written again",
        (Ui::Es, "reminded") => "recordado",
        (Ui::Es, "note") => "nota",
        (Ui::Es, "returned") => "el aviso volvió devuelto: no se ha avisado a nadie",
        (Ui::En, "returned") => "the alert came back: nobody was told",
        (Ui::Es, "asked") => "preguntado si está resuelto",
        (Ui::Es, "escalated") => "avisado a quien acudir, porque nadie contesta",
        (Ui::En, "escalated") => "told those to turn to, since nobody answers",
        (Ui::Es, "seen_elsewhere") => "publicado también en otro sitio",
        (Ui::En, "seen_elsewhere") => "also published elsewhere",
        (Ui::Es, "edited") => "el cliente ha cambiado su texto",
        (Ui::Es, "gone") => "la publicación ha desaparecido de la fuente",
        (Ui::En, "gone") => "the post is gone from its source",
        (Ui::Es, "back") => "la publicación vuelve a estar",
        (Ui::Es, "stuck") => "aviso sin entregar",
        (Ui::Es, "elapsed") => "plazo cumplido",
        (Ui::Es, "answered") => "contestado",
        (Ui::Es, "solved") => "resuelto",
        (Ui::Es, "dismissed") => "descartado",
        (Ui::Es, "taken") => "alguien se ocupa",
        (Ui::Es, "snoozed") => "aplazado hasta",
        (Ui::En, "snoozed") => "put off until",
        (Ui::Es, "undone") => "deshecho",
        (Ui::En, "undone") => "taken back",
        (Ui::Es, "judged") => "juzgado: ¿es una queja?",
        (Ui::En, "judged") => "judged: is it a complaint?",
        (_, event) => event,
    }
}
