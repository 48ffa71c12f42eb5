//! What the manager's letters say about a case in Spanish and English: who, where, what, why.

use super::clean;
use crate::model::{Channel, Field, Lang, Level, Signal, SignalKind, Timestamp, Topic, Ui};
use crate::reply::contact::{self, Kind, Tries, Way};
use crate::reply::{Brief, quote, when};

/// The customer as he calls himself.
pub(super) fn who(brief: &Brief, ui: Ui) -> String {
    who_in(brief, ui, 60)
}

pub(super) fn who_in(brief: &Brief, ui: Ui, chars_max: usize) -> String {
    let name = clean::author(brief.post.author.as_deref().unwrap_or(""), chars_max);
    if name.is_empty() {
        ui.pick("Alguien", "Somebody").to_owned()
    } else {
        name
    }
}

/// The host where it was said; the name of the source where that says nothing to a reader: a
/// number, or a name that only this machine knows.
pub(super) fn place(brief: &Brief, source_name: &str) -> String {
    let host = brief.post.url.as_deref().and_then(clean::host);
    let source = clean::name(source_name, 60);
    match host {
        Some(host) if source.is_empty() || clean::is_public_name(&host) => host,
        _ => source,
    }
}

/// How he spoke, and how he is answered.
pub(super) fn way(brief: &Brief, ui: Ui) -> &'static str {
    if brief.post.is_by_mail() {
        ui.pick("Por correo", "By mail")
    } else {
        ui.pick("En público", "In public")
    }
}

/// The verb of where he said it.
pub(super) fn said_at(brief: &Brief, ui: Ui) -> &'static str {
    if brief.post.is_by_mail() {
        ui.pick(
            " lo escribió por correo al buzón ",
            " wrote it by mail to the mailbox ",
        )
    } else {
        ui.pick(" lo publicó en ", " published it at ")
    }
}

/// Where to answer who wrote by mail.
pub(super) fn answer_by_mail(brief: &Brief, ui: Ui) -> String {
    let address = brief.post.author.as_deref().and_then(clean::address);
    match (ui, address) {
        (Ui::Es, Some(address)) => {
            format!("No lo dijo en público, sino por correo: contéstele por correo, a {address}.")
        }
        (Ui::En, Some(address)) => {
            format!("It was not said in public but by mail: answer by mail, to {address}.")
        }
        (Ui::Es, None) => "No lo dijo en público, sino por correo, y el correo no trae su \
                           dirección: pregunte a quien lo reenvió."
            .to_owned(),
        (Ui::En, None) => "It was not said in public but by mail, and the mail does not hold the \
                           address: ask whoever forwarded it."
            .to_owned(),
    }
}

/// The first line: why this one matters, from the two signals that weigh most.
pub(super) fn headline(brief: &Brief, ui: Ui) -> String {
    let mut parts: Vec<String> = in_order(brief)
        .take(2)
        .map(|signal| signal_words(brief, signal, ui))
        .collect();
    if parts.is_empty() {
        let topic = brief
            .verdict
            .topics
            .first()
            .map(|&topic| topic_word(topic, ui));
        let clause = quote::pick(brief, brief.lang()).map(|words| clean::visible(&words));
        let way = way(brief, ui).to_lowercase();
        parts.push(match (ui, clause, topic) {
            (Ui::Es, Some(clause), _) => format!("se queja {way}: «{clause}»"),
            (Ui::En, Some(clause), _) => format!("complains {way}: “{clause}”"),
            (Ui::Es, None, Some(topic)) => format!("se queja {way}; el asunto: {topic}"),
            (Ui::En, None, Some(topic)) => format!("complains {way}; the matter: {topic}"),
            (Ui::Es, None, None) => format!("se queja {way} y nadie le ha contestado aún"),
            (Ui::En, None, None) => format!("complains {way}, and nobody has answered yet"),
        });
    }
    capitalised(&parts.join("; "))
}

/// The signals, each kind once, what weighs most first.
pub(super) fn in_order<'b>(brief: &Brief<'b>) -> impl Iterator<Item = &'b Signal> {
    const ORDER: [SignalKind; 10] = [
        SignalKind::Safety,
        SignalKind::LegalThreat,
        SignalKind::Privacy,
        SignalKind::UnansweredContact,
        SignalKind::Farewell,
        SignalKind::Loyalty,
        SignalKind::ChurnThreat,
        SignalKind::RepeatFailure,
        SignalKind::Crowd,
        SignalKind::AsksForReply,
    ];
    let verdict = brief.verdict;
    ORDER
        .into_iter()
        .filter_map(move |kind| verdict.signal(kind))
}

/// One signal as half a sentence about him, in lower case.
pub(super) fn signal_words(brief: &Brief, signal: &Signal, ui: Ui) -> String {
    match signal.kind {
        SignalKind::UnansweredContact => unanswered(brief, signal, ui),
        SignalKind::Loyalty => loyalty(brief, signal, ui),
        SignalKind::ChurnThreat => ui.pick("dice que se va", "is about to leave").to_owned(),
        SignalKind::Farewell => ui.pick("ya se ha ido", "has already left").to_owned(),
        SignalKind::AsksForReply => ui
            .pick("pide una respuesta", "asks for an answer")
            .to_owned(),
        SignalKind::Crowd => ui
            .pick(
                "cuenta que hay más en el mismo caso",
                "tells of others in the same position",
            )
            .to_owned(),
        SignalKind::RepeatFailure => ui
            .pick("no es la primera vez", "it is not the first time")
            .to_owned(),
        SignalKind::LegalThreat => ui
            .pick("habla de acciones legales", "speaks of legal action")
            .to_owned(),
        SignalKind::Safety => ui
            .pick("habla de un peligro", "speaks of a danger")
            .to_owned(),
        SignalKind::Privacy => ui
            .pick("habla de sus datos personales", "speaks of personal data")
            .to_owned(),
    }
}

/// "llamó cuatro veces en 14 días, escribió y nadie le contestó".
fn unanswered(brief: &Brief, signal: &Signal, ui: Ui) -> String {
    let reached = contact::of(brief, signal);
    let verb = match reached.first {
        Some(Way::One(channel)) => channel_verb(channel, ui),
        Some(Way::Writing) => ui.pick("escribió", "wrote"),
        None => ui.pick("intentó hablar con nosotros", "tried to reach us"),
    };
    let also: String = reached
        .also
        .iter()
        .map(|kind| match kind {
            Kind::Phone => ui.pick(", llamó", ", called"),
            Kind::Writing => ui.pick(", escribió", ", wrote"),
            Kind::Shop => ui.pick(", fue a la tienda", ", went to the shop"),
        })
        .collect();
    let nobody = match (ui, reached.is_silent) {
        (Ui::Es, false) => "sigue sin solución",
        (Ui::En, false) => "it is still not solved",
        (Ui::Es, true) if reached.is_by_phone_alone() => "nadie le atendió",
        (Ui::Es, true) => "nadie le contestó",
        (Ui::En, true) => "nobody answered",
    };
    let tries = reached.tries.map(|tries| match tries {
        Tries::Exactly(n) => times(n, ui),
        Tries::Several => ui.pick("varias veces", "several times").to_owned(),
    });
    let days = reached.days;
    let and = ui.pick("y", "and");
    let did = match (ui, tries, days) {
        (Ui::Es, Some(times), Some(days)) => format!("{verb} {times} en {days} días"),
        (Ui::En, Some(times), Some(days)) => format!("{verb} {times} in {days} days"),
        (_, Some(times), None) => format!("{verb} {times}"),
        (Ui::Es, None, Some(days)) => return format!("lleva {days} días esperando una respuesta"),
        (Ui::En, None, Some(days)) => {
            return format!("has been waiting {days} days for an answer");
        }
        (_, None, None) => verb.to_owned(),
    };
    format!("{did}{also} {and} {nobody}")
}

fn channel_verb(channel: Channel, ui: Ui) -> &'static str {
    match channel {
        Channel::Phone => ui.pick("llamó", "called"),
        Channel::Mail => ui.pick("escribió por correo", "e-mailed"),
        Channel::Chat => ui.pick("escribió por el chat", "wrote on the chat"),
        Channel::Form => ui.pick("rellenó el formulario", "filled in the form"),
        Channel::Shop => ui.pick("fue a la tienda", "went to the shop"),
        Channel::Social => ui.pick("escribió en las redes", "wrote on social media"),
        Channel::Letter => ui.pick("escribió una carta", "wrote a letter"),
        Channel::App => ui.pick("escribió desde la aplicación", "wrote from the app"),
    }
}

fn times(n: u32, ui: Ui) -> String {
    const ES: [&str; 10] = [
        "una vez",
        "dos veces",
        "tres veces",
        "cuatro veces",
        "cinco veces",
        "seis veces",
        "siete veces",
        "ocho veces",
        "nueve veces",
        "diez veces",
    ];
    const EN: [&str; 10] = [
        "once",
        "twice",
        "three times",
        "four times",
        "five times",
        "six times",
        "seven times",
        "eight times",
        "nine times",
        "ten times",
    ];
    match ui.pick(ES, EN).get((n as usize).wrapping_sub(1)) {
        Some(word) => (*word).to_owned(),
        None => format!("{n} {}", ui.pick("veces", "times")),
    }
}

/// "cliente desde 2014" where he names the year, "cliente desde hace 12 años" where he names the
/// years.
fn loyalty(brief: &Brief, signal: &Signal, ui: Ui) -> String {
    let Some(years) = signal.years.filter(|&years| years > 0) else {
        return ui
            .pick("cliente de años", "a customer for years")
            .to_owned();
    };
    let told_at = brief
        .post
        .published
        .unwrap_or(brief.now)
        .in_zone(brief.zone);
    let since = i64::from(told_at.year()) - i64::from(years);
    let field = match signal.span.field {
        Field::Title => brief.post.title.as_deref().unwrap_or(""),
        Field::Text => &brief.post.text,
    };
    let length = signal.span.end.saturating_sub(signal.span.start) as usize;
    let words: String = field
        .chars()
        .skip(signal.span.start as usize)
        .take(length)
        .collect();
    if words.contains(&since.to_string()) {
        return match ui {
            Ui::Es => format!("cliente desde {since}"),
            Ui::En => format!("customer since {since}"),
        };
    }
    match (ui, years) {
        (Ui::Es, 1) => "cliente desde hace un año".to_owned(),
        (Ui::En, 1) => "customer for a year".to_owned(),
        (Ui::Es, _) => format!("cliente desde hace {years} años"),
        (Ui::En, _) => format!("customer for {years} years"),
    }
}

/// A weakness in the reader's words.
pub(crate) fn topic_word(topic: Topic, ui: Ui) -> &'static str {
    match topic {
        Topic::Billing => ui.pick("facturación", "billing"),
        Topic::Price => ui.pick("precio", "price"),
        Topic::Contract => ui.pick("contrato", "contract"),
        Topic::Delivery => ui.pick("entrega", "delivery"),
        Topic::Outage => ui.pick("avería", "outage"),
        Topic::Quality => ui.pick("calidad", "quality"),
        Topic::System => ui.pick("fallo del sistema", "system failure"),
        Topic::Install => ui.pick("instalación", "installation"),
        Topic::Staff => ui.pick("trato", "treatment by staff"),
        Topic::Support => ui.pick("atención", "support"),
        Topic::Refund => ui.pick("devolución", "refund"),
        Topic::Information => ui.pick("información", "information"),
    }
}

pub(crate) fn level_word(level: Level, ui: Ui) -> &'static str {
    match level {
        Level::None => ui.pick("ninguno", "none"),
        Level::Doubt => ui.pick("duda", "doubt"),
        Level::Complaint => ui.pick("queja", "complaint"),
        Level::Urgent => ui.pick("urgente", "urgent"),
    }
}

pub(crate) fn lang_word(lang: Lang, ui: Ui) -> &'static str {
    match lang {
        Lang::Es => ui.pick("español", "Spanish"),
        Lang::En => ui.pick("inglés", "English"),
        Lang::Pt => ui.pick("portugués", "Portuguese"),
        Lang::Fr => ui.pick("francés", "French"),
        Lang::It => ui.pick("italiano", "Italian"),
        Lang::De => ui.pick("alemán", "German"),
        Lang::Ca => ui.pick("catalán", "Catalan"),
    }
}

/// What does not help, with the reason that fits this case.
pub(super) fn not_to_do(brief: &Brief, ui: Ui) -> Vec<String> {
    let has = |kind| brief.verdict.has(kind);
    let hide = ui.pick(
        "Ocultarlo o pedirle que lo borre: otros ya lo han leído y los buscadores lo guardan.",
        "Hide it, or ask for its removal: others have read it and search engines keep it.",
    );
    let threaten = if has(SignalKind::LegalThreat) {
        ui.pick(
            "Contestar con abogados en público: pase esto hoy a quien lleva lo jurídico y hable \
             con el cliente.",
            "Answer law with law: hand this to your legal adviser today, and talk to the customer.",
        )
    } else {
        ui.pick(
            "Amenazar o mencionar abogados: lo leerán todos los que dudan de nosotros.",
            "Threaten or mention lawyers: everybody who doubts us will read it.",
        )
    };
    let advertise = if has(SignalKind::Farewell) || has(SignalKind::ChurnThreat) {
        ui.pick(
            "Retenerle con publicidad o una oferta: se va por no tener respuesta, no por el \
             precio.",
            "Advertise or tempt with an offer: what drives customers away is the missing answer.",
        )
    } else {
        ui.pick(
            "Hacer publicidad: espera una respuesta, no que le vendamos algo.",
            "Advertise: what is awaited is an answer, not something to buy.",
        )
    };
    let dismiss = if has(SignalKind::Loyalty) {
        ui.pick(
            "Quitarle importancia: quien lleva años con nosotros y se queja aún espera algo de \
             nosotros.",
            "Play it down: whoever has stayed for years and complains still hopes for something.",
        )
    } else {
        ui.pick(
            "Quitarle importancia o hablar de mala suerte: por cada uno que lo dice, muchos \
             callan y se van.",
            "Play it down or call it bad luck: for each one who says so, many leave in silence.",
        )
    };
    let wait = if has(SignalKind::Crowd) {
        ui.pick(
            "Esperar a que pase: cuenta que hay más en el mismo caso, y se sumarán.",
            "Wait until it passes: there are others in the same position, and they will join.",
        )
    } else {
        ui.pick(
            "Esperar a que pase: cada hora lo leen más personas, y el cliente sigue sin respuesta.",
            "Wait until it passes: more people read it every hour, and there is still no answer.",
        )
    };
    [hide, threaten, advertise, dismiss, wait]
        .map(str::to_owned)
        .to_vec()
}

/// "el lunes 23 de noviembre antes de las 13:00" in the language of the letter.
pub(super) fn deadline(brief: &Brief, ui: Ui) -> String {
    when::before(tongue(ui), brief.answer_by, brief.now, brief.zone)
}

/// "el viernes 20 de noviembre, a las 9:40"; only the day where the source told no hour.
pub(super) fn moment(brief: &Brief, at: Timestamp, ui: Ui) -> String {
    let lang = tongue(ui);
    let day = when::day(lang, at, brief.now, brief.zone);
    let day = match ui {
        Ui::Es => format!("el {day}"),
        Ui::En => format!("on {day}"),
    };
    if when::is_only_a_day(at, brief.zone) {
        return day;
    }
    format!("{day}, {}", when::at_hour(lang, at, brief.zone))
}

/// The language of dates and durations in a letter.
pub(super) fn tongue(ui: Ui) -> Lang {
    ui.pick(Lang::Es, Lang::En)
}

pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
