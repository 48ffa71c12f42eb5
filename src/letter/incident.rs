//! The letters about an incident: many customers, one failure. What they share, how many they are and were,
//! every one of them by name, and what to do: one public statement and an answer to each.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::Letter;
use super::block::{Block, Line, Piece, plain, said, strong};
use super::{clean, tell, words};
use crate::model::{CaseId, IncidentId, Timestamp, Topic, Ui};
use crate::reply::when;
use crate::score::crowd::shared_words;

/// So many are told with their own words; the others by one line each.
const QUOTED_MAX: usize = 50;
/// So many of those that were told of before are listed again.
const EARLIER_MAX: usize = 100;
const WORDS_CHARS_MAX: usize = 160;
const PLACES_MAX: usize = 6;
const SHARED_MAX: usize = 6;

/// An incident as it is now.
#[derive(Clone, Debug)]
pub struct Incident<'a> {
    pub id: &'a IncidentId,
    pub topic: Option<Topic>,
    /// How many customers speak in it, and how many did in the last letter (0: there was none).
    pub n: usize,
    pub n_before: usize,
    pub voices: &'a [Voice],
    /// Cases that this letter tells of for the first time without naming them: there is no room.
    pub n_more: usize,
}

/// One case of an incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Voice {
    pub case_id: CaseId,
    pub author: Option<String>,
    /// The post's text or title; its beginning is shown.
    pub words: String,
    pub url: Option<String>,
    /// The name of the source where it was found.
    pub source: String,
    pub published: Option<Timestamp>,
    pub risk: u8,
    /// No letter has told of it before.
    pub is_new: bool,
}

/// It has grown, or those who joined since the last letter are named.
pub fn incident(it: &Incident, ui: Ui, now: Timestamp, zone: &TimeZone) -> Letter {
    let news: Vec<&Voice> = in_order(it, true);
    let earlier: Vec<&Voice> = in_order(it, false);
    let mut blocks = vec![
        Block::Lead(vec![plain(lead(it, ui))]),
        grown(it, news.len() + it.n_more, ui, now, zone),
        facts(it, ui),
        Block::Note(vec![plain(ui.pick(
            "Se le avisa con un solo correo: otro llegará cuando sean el doble y, si alguien más se \
             suma antes, a las cuatro horas como mucho. Cada cliente sigue siendo un caso, con su \
             propio plazo.",
            "You are told in one mail: another comes when they are twice as many and, if anybody \
             joins before, after four hours at most. Each customer remains a case, with a time of \
             its own.",
        ))]),
        Block::Heading(ui.pick("Qué hacer", "What to do").to_owned()),
        Block::List(to_do(it, ui)),
    ];
    if !news.is_empty() {
        let n = news.len() + it.n_more;
        let heading = match ui {
            Ui::Es => format!("Quiénes se suman ahora: {n}"),
            Ui::En => format!("Who joins now: {n}"),
        };
        blocks.push(Block::Heading(heading));
        for voice in news.iter().take(QUOTED_MAX) {
            blocks.extend(quoted(voice, ui, now, zone));
        }
        let rest = news.iter().skip(QUOTED_MAX);
        let rest: Vec<Line> = rest.map(|voice| line(voice, ui)).collect();
        if !rest.is_empty() {
            blocks.push(Block::List(rest));
        }
        blocks.extend(more(it.n_more, it.id, ui));
    }
    blocks.extend(told_before(it, &earlier, ui));
    blocks.extend(closing(it, ui));
    Letter::of(ui, subject(it, news.len() + it.n_more, ui), &blocks)
}

/// Why several cases of one incident are told together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matter {
    /// They wait for an answer since we told of them.
    Unanswered,
    /// They were answered some days ago, and have not said whether it is solved.
    Solved,
    /// The same as the first, to those who are told when nobody answers.
    Escalated,
}

/// Several cases of one incident that fell due together.
pub fn incident_reminder(
    it: &Incident,
    matter: Matter,
    ui: Ui,
    now: Timestamp,
    zone: &TimeZone,
) -> Letter {
    let voices = in_order(it, true);
    let n = voices.len();
    let thing = thing(it.topic, ui);
    let (subject, lead, what) = match (ui, matter) {
        (Ui::Es, Matter::Unanswered) => (
            format!("{n} clientes esperan respuesta{thing}"),
            format!("{n} clientes siguen sin respuesta por el mismo fallo"),
            "Ya le avisamos de ellos. Si ha contestado, dígalo de cada uno con la orden que está \
             junto a su nombre y no insistiremos.",
        ),
        (Ui::En, Matter::Unanswered) => (
            format!("{n} customers wait for an answer{thing}"),
            format!("{n} customers are still without an answer about the same failure"),
            "We told you about them. If you have answered, say so of each with the command beside \
             the name and we will be quiet.",
        ),
        (Ui::Es, Matter::Solved) => (
            format!("¿Está resuelto para estos {n} clientes?"),
            format!("¿Han dicho estos {n} clientes que ya está resuelto?"),
            "Se les contestó hace unos días. Un caso se cierra con las palabras del cliente: mire \
             qué han respondido donde escribieron.",
        ),
        (Ui::En, Matter::Solved) => (
            format!("Is it solved for these {n} customers?"),
            format!("Have these {n} customers said that it is solved?"),
            "They were answered some days ago. A case is closed by the customer's own words: look \
             what they replied where they wrote.",
        ),
        (Ui::Es, Matter::Escalated) => (
            format!("Nadie contesta a {n} clientes{thing}"),
            format!("Nadie ha contestado todavía a {n} clientes con el mismo fallo"),
            "Se avisó a quien debe contestarles, y no consta ninguna respuesta. Usted figura como la \
             persona a la que acudir cuando eso ocurre: decida quién contesta y cuándo.",
        ),
        (Ui::En, Matter::Escalated) => (
            format!("Nobody answers {n} customers{thing}"),
            format!("Nobody has answered {n} customers with the same failure yet"),
            "Those who should answer were told, and no answer is known. You are named as the person \
             to turn to when that happens: decide who answers, and when.",
        ),
    };
    let mut blocks = vec![
        Block::Lead(vec![plain(lead)]),
        Block::Para(vec![plain(what)]),
    ];
    for voice in voices.iter().take(QUOTED_MAX) {
        blocks.extend(quoted(voice, ui, now, zone));
    }
    let rest = voices.iter().skip(QUOTED_MAX);
    let rest: Vec<Line> = rest.map(|voice| line(voice, ui)).collect();
    if !rest.is_empty() {
        blocks.push(Block::List(rest));
    }
    blocks.extend(closing(it, ui));
    Letter::of(ui, clean::cut(&subject, 60), &blocks)
}

/// The greatest risk first, then who spoke first.
fn in_order<'a>(it: &Incident<'a>, is_new: bool) -> Vec<&'a Voice> {
    let voices = it.voices.iter().filter(|voice| voice.is_new == is_new);
    let mut order: Vec<&Voice> = voices.collect();
    order.sort_by_key(|voice| (std::cmp::Reverse(voice.risk), voice.published));
    order
}

fn subject(it: &Incident, n_new: usize, ui: Ui) -> String {
    let (n, thing) = (it.n, thing(it.topic, ui));
    let subject = match (ui, it.n_before) {
        (Ui::Es, 0) => format!("{n} clientes cuentan lo mismo{thing}"),
        (Ui::En, 0) => format!("{n} customers tell the same{thing}"),
        (Ui::Es, before) if n > before => format!("Ya son {n} clientes con lo mismo{thing}"),
        (Ui::En, before) if n > before => format!("Now {n} customers tell the same{thing}"),
        (Ui::Es, _) => format!("{n_new} casos más con lo mismo{thing}"),
        (Ui::En, _) => format!("{n_new} more cases of the same{thing}"),
    };
    clean::cut(&subject, 60)
}

fn thing(topic: Option<Topic>, ui: Ui) -> String {
    topic.map_or(String::new(), |topic| {
        format!(": {}", words::topic_word(topic, ui))
    })
}

fn lead(it: &Incident, ui: Ui) -> String {
    let n = it.n;
    match (ui, it.n_before) {
        (Ui::Es, 0) => format!("{n} clientes cuentan el mismo fallo"),
        (Ui::En, 0) => format!("{n} customers tell of the same failure"),
        (Ui::Es, before) if n > before => {
            format!("Ya son {n} los clientes que cuentan el mismo fallo; eran {before}")
        }
        (Ui::En, before) if n > before => {
            format!("Now {n} customers tell of the same failure; they were {before}")
        }
        (Ui::Es, _) => format!("Siguen siendo {n} los clientes que cuentan el mismo fallo"),
        (Ui::En, _) => format!("There are still {n} customers who tell of the same failure"),
    }
}

/// At how many places, since when, and how many of them are new to the reader.
fn grown(it: &Incident, n_new: usize, ui: Ui, now: Timestamp, zone: &TimeZone) -> Block {
    let places = ui.count(
        places(it).len() as i64,
        ["sitio", "sitios"],
        ["place", "places"],
    );
    let first = it.voices.iter().filter_map(|voice| voice.published).min();
    let since = first.map_or(String::new(), |at| {
        let tongue = words::tongue(ui);
        let (day, hour) = (
            when::day(tongue, at, now, zone),
            when::at_hour(tongue, at, zone),
        );
        match ui {
            Ui::Es => format!("; el primero, {day} {hour}"),
            Ui::En => format!("; the first {day} {hour}"),
        }
    });
    let unheard = match (ui, n_new) {
        (Ui::Es, 0) => "De todos ellos ya se le había avisado.".to_owned(),
        (Ui::En, 0) => "You were told of all of them before.".to_owned(),
        (Ui::Es, 1) => "De uno de ellos aún no se le había avisado.".to_owned(),
        (Ui::En, 1) => "Of one of them you had not been told.".to_owned(),
        (Ui::Es, n) => format!("De {n} de ellos aún no se le había avisado."),
        (Ui::En, n) => format!("Of {n} of them you had not been told."),
    };
    let spoke = match ui {
        Ui::Es => format!("Lo han escrito en {places}{since}. {unheard}"),
        Ui::En => format!("They wrote it at {places}{since}. {unheard}"),
    };
    Block::Para(vec![plain(spoke)])
}

fn facts(it: &Incident, ui: Ui) -> Block {
    let mut facts: Vec<(String, Line)> = Vec::new();
    let mut fact = |label: &str, value: Line| facts.push((label.to_owned(), value));
    if let Some(topic) = it.topic {
        fact(
            ui.pick("Asunto", "Matter"),
            vec![strong(words::topic_word(topic, ui))],
        );
    }
    let shared = shared_words(it.voices.iter().map(|voice| voice.words.as_str()));
    if !shared.is_empty() {
        let shared: Vec<String> = shared
            .into_iter()
            .take(SHARED_MAX)
            .map(|word| clean::visible(&word))
            .collect();
        fact(
            ui.pick("Palabras que comparten", "Words they share"),
            vec![said(shared.join(", "))],
        );
    }
    fact(
        ui.pick("Dónde", "Where"),
        vec![said(clean::cut(&listed(it, ui), 200))],
    );
    fact(
        ui.pick("Incidente", "Incident"),
        vec![plain(it.id.to_string())],
    );
    Block::Facts(facts)
}

/// The places by name, the first of them.
fn listed(it: &Incident, ui: Ui) -> String {
    let places: Vec<String> = places(it).into_iter().collect();
    let listed = places[..places.len().min(PLACES_MAX)].join(", ");
    if places.len() > PLACES_MAX {
        let more = places.len() - PLACES_MAX;
        return match ui {
            Ui::Es => format!("{listed} y {more} más"),
            Ui::En => format!("{listed} and {more} more"),
        };
    }
    listed
}

fn places(it: &Incident) -> BTreeSet<String> {
    it.voices.iter().map(place).collect()
}

fn place(voice: &Voice) -> String {
    let host = voice.url.as_deref().and_then(clean::host);
    let source = clean::name(&voice.source, 60);
    match host {
        Some(host) if source.is_empty() || clean::is_public_name(&host) => host,
        _ => source,
    }
}

fn to_do(it: &Incident, ui: Ui) -> Vec<Line> {
    let places = listed(it, ui);
    let statement = match ui {
        Ui::Es => [
            "Publique una sola declaración en los sitios donde han hablado (",
            "): qué falla, a quiénes afecta, qué se está haciendo y cuándo volverá a informar.",
        ],
        Ui::En => [
            "Publish one statement at the places where they spoke (",
            "): what fails, whom it affects, what is being done, and when you will tell more.",
        ],
    };
    let others = match ui {
        Ui::Es => [
            "Conteste además a cada uno donde escribió: no todos han perdido lo mismo, y un mismo \
             texto para todos no contesta a nadie.",
            "Cuando esté resuelto, dígalo en los mismos sitios, con la causa y con lo que ha \
             cambiado para que no se repita.",
            "No espere a que pase: quienes buscan a la empresa lo encuentran, y otros se suman.",
        ],
        Ui::En => [
            "Answer each of them as well, where it was written: not everybody has lost the same, and \
             one text for all answers nobody.",
            "When it is solved, say so at the same places, with the cause and with what has changed \
             so that it does not happen again.",
            "Do not wait until it passes: who looks for the company finds it, and others join.",
        ],
    };
    let mut list: Vec<Line> = vec![vec![
        plain(statement[0]),
        said(clean::cut(&places, 160)),
        plain(statement[1]),
    ]];
    list.extend(others.into_iter().map(|item| vec![plain(item)]));
    list
}

fn who(voice: &Voice, ui: Ui) -> String {
    let who = clean::author(voice.author.as_deref().unwrap_or(""), 40);
    if who.is_empty() {
        ui.pick("Alguien", "Somebody").to_owned()
    } else {
        who
    }
}

/// A case with its own words, its link and the command that says it was answered.
fn quoted(voice: &Voice, ui: Ui, now: Timestamp, zone: &TimeZone) -> Vec<Block> {
    let tongue = words::tongue(ui);
    let at = match voice.published {
        Some(at) => when::day(tongue, at, now, zone),
        None => ui.pick("sin fecha", "no date").to_owned(),
    };
    let risk = ui.pick("riesgo", "risk");
    let head: Line = vec![
        said(who(voice, ui)),
        plain(format!(" · {risk} {} · {at} · ", voice.risk)),
        said(place(voice)),
    ];
    let mut foot: Line = vec![plain(format!("escucha case {} answered", voice.case_id))];
    if let Some(link) = voice.url.as_deref().and_then(clean::link) {
        foot.insert(0, Piece::Follow(link));
        foot.insert(1, plain(" · "));
    }
    foot.push(open(voice, ui));
    let words = voice.words.chars().take(4 * WORDS_CHARS_MAX);
    let words = clean::cut(clean::visible_chars(words).trim(), WORDS_CHARS_MAX);
    vec![
        Block::Said {
            title: Some(head),
            lines: vec![vec![said(words)]],
        },
        Block::Small(foot),
    ]
}

/// A case in one line.
fn line(voice: &Voice, ui: Ui) -> Line {
    let risk = ui.pick("riesgo", "risk");
    let mut line: Line = vec![
        plain(format!("{} · ", voice.case_id)),
        said(who(voice, ui)),
        plain(format!(" · {risk} {}", voice.risk)),
    ];
    if let Some(link) = voice.url.as_deref().and_then(clean::link) {
        line.extend([plain(" · "), Piece::Follow(link)]);
    }
    line.push(open(voice, ui));
    line
}

fn open(voice: &Voice, ui: Ui) -> Piece {
    Piece::Open {
        label: tell::open_words(ui),
        subject: tell::subject_of(&voice.case_id),
    }
}

fn told_before(it: &Incident, earlier: &[&Voice], ui: Ui) -> Vec<Block> {
    if earlier.is_empty() {
        return Vec::new();
    }
    let heading = ui.pick("De quiénes ya se le avisó", "Of whom you were told before");
    let lines = earlier.iter().take(EARLIER_MAX);
    let mut blocks = vec![
        Block::Heading(heading.to_owned()),
        Block::List(lines.map(|voice| line(voice, ui)).collect()),
    ];
    let n_more = earlier.len().saturating_sub(EARLIER_MAX);
    blocks.extend(more(n_more, it.id, ui));
    blocks
}

/// Those that are only counted, and the command that lists them.
fn more(n: usize, id: &IncidentId, ui: Ui) -> Option<Block> {
    let more = match ui {
        Ui::Es => format!("… y {n} más: escucha incidents {id}"),
        Ui::En => format!("… and {n} more: escucha incidents {id}"),
    };
    (n > 0).then(|| Block::Small(vec![plain(more)]))
}

fn closing(it: &Incident, ui: Ui) -> Vec<Block> {
    let all = ui.pick("Todos sus casos:", "All of its cases:");
    let by_mail = ui.pick(
        "Responder a este correo no llega a ningún cliente: hay que contestar donde lo escribieron.",
        "Replying to this mail reaches no customer: answer where it was written.",
    );
    vec![
        Block::Small(vec![plain(all)]),
        Block::Commands(vec![format!("escucha incidents {}", it.id)]),
        Block::Small(vec![plain(by_mail)]),
    ]
}
