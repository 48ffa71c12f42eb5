//! The letters about one case: the complaint, the reminder, and the question whether it is solved.

use super::Letter;
use super::block::{Block, Line, Piece, plain, said, strong};
use super::tell::{is_taken, open_case, tell_the_program, told_before};
use super::{clean, evidence, subject, words};
use crate::model::{Remedy, Timestamp, Ui};
use crate::reply::{Brief, Draft, quote, when};

/// Reasons shown; more of them explain nothing.
const REASONS_MAX: usize = 30;

/// A second place where the same words of the same author stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    pub source: String,
    pub url: Option<String>,
}

/// A new complaint: why it matters, his words, what to answer, what not to do, and every point.
pub fn complaint(brief: &Brief, ui: Ui, source_name: &str, drafts: &[Draft]) -> Letter {
    complaint_in(brief, ui, source_name, &[], drafts)
}

/// The same for words that stand in several places: one letter names them all.
pub fn complaint_in(
    brief: &Brief,
    ui: Ui,
    source_name: &str,
    elsewhere: &[Elsewhere],
    drafts: &[Draft],
) -> Letter {
    let mut blocks = vec![
        Block::Lead(vec![said(words::headline(brief, ui))]),
        where_and_when(brief, ui, source_name),
        answer_until(brief, ui),
        open_case(brief, ui),
    ];
    blocks.extend(place_to_answer(brief, ui, source_name));
    blocks.extend(elsewhere.iter().map(|place| also_in(place, ui)));
    blocks.push(Block::Heading(
        ui.pick("Lo que dice el cliente", "In the customer's own words")
            .to_owned(),
    ));
    blocks.push(evidence::quoted(brief.post, brief.verdict, ui));
    blocks.extend(drafts_to_copy(brief, ui, drafts));
    let heading = ui.pick("Lo que no conviene hacer", "What not to do");
    blocks.push(Block::Heading(heading.to_owned()));
    let not_to_do = words::not_to_do(brief, ui);
    blocks.push(Block::List(
        not_to_do
            .into_iter()
            .map(|item| vec![plain(item)])
            .collect(),
    ));
    blocks.extend(why(brief, ui));
    blocks.extend(tell_the_program(brief, ui));
    Letter::of(ui, subject::of(brief, ui, source_name), &blocks)
}

/// He complains again in an open case: that he has, what he says now, and what to answer.
/// `first` is the post that opened the case with the name of its source: its subject keeps the
/// conversation in one thread.
pub fn spoke_again(
    brief: &Brief,
    first: Option<(&Brief, &str)>,
    ui: Ui,
    source_name: &str,
    drafts: &[Draft],
) -> Letter {
    let mut blocks = vec![
        Block::Lead(vec![
            said(words::who(brief, ui)),
            plain(ui.pick(" ha vuelto a escribir: «", " has written again: “")),
            said(says_now(brief)),
            plain(ui.pick("»", "”")),
        ]),
        where_and_when(brief, ui, source_name),
        answer_until(brief, ui),
        open_case(brief, ui),
    ];
    blocks.extend(place_to_answer(brief, ui, source_name));
    let heading = ui.pick("Lo que dice ahora", "What the customer says now");
    blocks.push(Block::Heading(heading.to_owned()));
    blocks.push(evidence::quoted(brief.post, brief.verdict, ui));
    let same = ui.pick(
        "Es la misma conversación: el caso sigue abierto, y el plazo para contestar empieza de \
         nuevo.",
        "It is the same conversation: the case stays open, and the time to answer begins anew.",
    );
    blocks.push(Block::Para(vec![plain(same)]));
    blocks.extend(drafts_to_copy(brief, ui, drafts));
    blocks.extend(why(brief, ui));
    blocks.extend(tell_the_program(brief, ui));
    let (of, at) = first.unwrap_or((brief, source_name));
    Letter::of(ui, format!("Re: {}", subject::of(of, ui, at)), &blocks)
}

/// The clause that names the fault, else the beginning of what he wrote.
fn says_now(brief: &Brief) -> String {
    let clause = quote::pick(brief, brief.lang());
    let words = clause.unwrap_or_else(|| brief.post.text.chars().take(400).collect());
    clean::cut(clean::visible(&words).trim(), 90)
}

/// The `n`-th reminder that nobody has answered him since we told at `told_at`; kind and short.
pub fn reminder(
    brief: &Brief,
    n: u32,
    told_at: Timestamp,
    ui: Ui,
    source_name: &str,
    drafts: &[Draft],
) -> Letter {
    reminder_to(brief, n, told_at, ui, source_name, drafts, None)
}

/// The same where somebody has said that he answers this customer: it says who.
pub fn reminder_to(
    brief: &Brief,
    n: u32,
    told_at: Timestamp,
    ui: Ui,
    source_name: &str,
    drafts: &[Draft],
    taken_by: Option<&str>,
) -> Letter {
    let who = words::who(brief, ui);
    let since = when::length(words::tongue(ui), brief.now.ms_since(told_at));
    let lead = match (ui, n) {
        (Ui::Es, 0 | 1) => vec![
            said(who),
            plain(" sigue sin respuesta, y aún se puede remediar"),
        ],
        (Ui::En, 0 | 1) => vec![
            said(who),
            plain(" is still without an answer, and it can be mended"),
        ],
        (Ui::Es, _) => vec![plain("Seguimos a tiempo de contestar a "), said(who)],
        (Ui::En, _) => vec![plain("There is still time to answer "), said(who)],
    };
    let mut blocks = vec![
        Block::Lead(lead),
        Block::Para(vec![said(words::headline(brief, ui)), plain(".")]),
        where_and_when(brief, ui, source_name),
    ];
    blocks.extend(taken_by.map(|by| is_taken(by, ui)));
    blocks.push(open_case(brief, ui));
    if brief.answer_by > brief.now {
        blocks.push(answer_until(brief, ui));
    } else {
        let best = ui.pick(
            "Lo mejor sigue siendo contestar hoy mismo, aunque solo sea para decir cuándo habrá \
             más.",
            "An answer today is still the best, if only to say when there will be more.",
        );
        blocks.push(Block::Note(vec![plain(best)]));
    }
    blocks.extend(place_to_answer(brief, ui, source_name));
    blocks.extend(told_before(&since, ui));
    blocks.extend(drafts_to_copy(
        brief,
        ui,
        drafts.get(..1).unwrap_or_default(),
    ));
    blocks.extend(tell_the_program(brief, ui));
    let subject = format!("Re: {}", subject::of(brief, ui, source_name));
    Letter::of(ui, subject, &blocks)
}

/// We answered at `answered_at`, and he has not spoken since: asks once whether it is solved.
pub fn ask_whether_solved(
    brief: &Brief,
    answered_at: Timestamp,
    ui: Ui,
    source_name: &str,
) -> Letter {
    let who = words::who(brief, ui);
    let lead = match ui {
        Ui::Es => vec![plain("¿Ha dicho "), said(who), plain(" que está resuelto?")],
        Ui::En => vec![plain("Has "), said(who), plain(" said that it is solved?")],
    };
    let since = when::length(words::tongue(ui), brief.now.ms_since(answered_at));
    let explained = match ui {
        Ui::Es => format!(
            "Le contestamos hace {since} y no hemos visto que haya vuelto a escribir. Lo que \
             cuenta es la palabra del cliente, no la nuestra: si no la tenemos, vale la pena \
             preguntarle, allí mismo, \
             si quedó resuelto."
        ),
        Ui::En => format!(
            "We answered {since} ago and have seen no further word. What counts is the customer's \
             word, not ours: if we do not have it, it is worth asking, in the same place, whether \
             it \
             is solved."
        ),
    };
    let mut place = published(brief, ui, source_name);
    place.push(plain("."));
    let mut blocks = vec![
        Block::Lead(lead),
        Block::Para(vec![plain(explained)]),
        Block::Para(place),
    ];
    blocks.extend(place_to_answer(brief, ui, source_name));
    blocks.extend(tell_the_program(brief, ui));
    let once = ui.pick(
        "Solo se lo preguntamos esta vez. Si el cliente vuelve a escribir, se lo contaremos a \
         usted.",
        "We ask only this once. If the customer writes again, we will tell you.",
    );
    blocks.push(Block::Small(vec![plain(once)]));
    let subject = format!("Re: {}", subject::of(brief, ui, source_name));
    Letter::of(ui, subject, &blocks)
}

/// Who, where and when, and how long he has waited since he published.
fn also_in(place: &Elsewhere, ui: Ui) -> Block {
    let name = clean::name(&place.source, 60);
    match place.url.as_deref().and_then(clean::link) {
        Some(link) => Block::Link {
            label: match ui {
                Ui::Es => format!("Lo ha publicado también en {name}"),
                Ui::En => format!("Also published at {name}"),
            },
            link,
        },
        None => Block::Para(vec![
            plain(ui.pick("Lo ha publicado también en ", "Also published at ")),
            said(name),
            plain("."),
        ]),
    }
}

pub(super) fn where_and_when(brief: &Brief, ui: Ui, source_name: &str) -> Block {
    let mut line = published(brief, ui, source_name);
    if let Some(published) = brief.post.published {
        let waited = when::length(words::tongue(ui), brief.now.ms_since(published));
        line.push(plain(ui.pick("; espera desde hace ", "; waiting for ")));
        line.push(strong(waited));
    }
    line.push(plain("."));
    Block::Para(line)
}

/// Who published where and when, without a full stop.
pub(super) fn published(brief: &Brief, ui: Ui, source_name: &str) -> Line {
    let when = match brief.post.published {
        Some(at) => format!(" {}", words::moment(brief, at, ui)),
        None => ui
            .pick("; la fuente no da la fecha", "; the source gives no date")
            .to_owned(),
    };
    vec![
        said(words::who(brief, ui)),
        plain(words::said_at(brief, ui)),
        said(words::place(brief, source_name)),
        plain(when),
    ]
}

fn answer_until(brief: &Brief, ui: Ui) -> Block {
    let mut line = vec![
        plain(ui.pick("Queremos haber contestado ", "We want to have answered ")),
        strong(words::deadline(brief, ui)),
        plain("."),
    ];
    if let Some(odd) = when::odd_hour(brief.answer_by, brief.zone) {
        let falls = match odd {
            when::OddHour::Night => ui.pick(" Ese plazo cae de noche", " That falls in the night"),
            when::OddHour::Weekend => ui.pick(
                " Ese plazo cae en fin de semana",
                " That falls on the weekend",
            ),
        };
        let promised = when::promise_at(brief.answer_by, brief.now, brief.zone);
        let promised = when::before(words::tongue(ui), promised, brief.now, brief.zone);
        line.push(plain(falls));
        line.push(plain(match ui {
            Ui::Es => format!("; los borradores prometen contestar {promised}."),
            Ui::En => format!("; the drafts promise an answer {promised}."),
        }));
    }
    Block::Note(line)
}

pub(super) fn place_to_answer(brief: &Brief, ui: Ui, source_name: &str) -> Vec<Block> {
    let by_mail = ui.pick(
        "Responder a este correo no llega al cliente: hay que contestar donde lo escribió.",
        "Replying to this mail does not reach the customer: answer where it was written.",
    );
    let place = match brief.post.url.as_deref().and_then(clean::link) {
        Some(link) => Block::Link {
            label: ui
                .pick("Leer y contestar allí", "Read and answer there")
                .to_owned(),
            link,
        },
        None if brief.post.is_by_mail() => {
            Block::Para(vec![said(words::answer_by_mail(brief, ui))])
        }
        None => Block::Para(vec![
            plain(ui.pick(
                "La publicación no trae un enlace que se pueda abrir; búsquela en la fuente ",
                "The post has no link that can be opened; look for it in the source ",
            )),
            said(clean::name(source_name, 60)),
            plain("."),
        ]),
    };
    vec![place, Block::Small(vec![plain(by_mail)])]
}

pub(super) fn drafts_to_copy(brief: &Brief, ui: Ui, drafts: &[Draft]) -> Vec<Block> {
    let Some(first) = drafts.first() else {
        return Vec::new();
    };
    let mut blocks = vec![Block::Heading(
        ui.pick("Lo que puede contestar", "What you can answer")
            .to_owned(),
    )];
    let lang = words::lang_word(first.lang, ui);
    let way = words::way(brief, ui);
    let intro = match ui {
        Ui::Es => format!(
            "{way} y en {lang}, la lengua del cliente. Ajuste lo que haga falta: cada promesa \
             la cumple quien firma."
        ),
        Ui::En => format!(
            "{way} and in {lang}, the customer's language. Change what needs changing: whoever \
             signs keeps each promise."
        ),
    };
    blocks.push(Block::Para(vec![plain(intro)]));
    blocks.extend(
        notes_on_drafts(brief, ui, first)
            .into_iter()
            .map(|note| Block::Note(vec![plain(note)])),
    );
    let n_drafts = drafts.len();
    for (nth, draft) in drafts.iter().enumerate() {
        let label = match (ui, n_drafts) {
            (Ui::Es, 1) => "Borrador".to_owned(),
            (Ui::En, 1) => "Draft".to_owned(),
            (Ui::Es, _) => format!("Borrador {} de {n_drafts}", nth + 1),
            (Ui::En, _) => format!("Draft {} of {n_drafts}", nth + 1),
        };
        let text = draft.text.clone();
        blocks.push(Block::Draft { label, text });
    }
    let help = brief.company.help_url.as_deref().and_then(clean::link);
    if let Some(help) = help {
        blocks.push(Block::Small(vec![
            plain(ui.pick(
                "Como añadido, nunca en lugar de la respuesta, puede dar su página de ayuda: ",
                "In addition, never in place of the answer, you can give your help page: ",
            )),
            Piece::Follow(help),
        ]));
    }
    blocks
}

/// What the manager should know before he copies: who must see it, what may be promised, who signs.
fn notes_on_drafts(brief: &Brief, ui: Ui, first: &Draft) -> Vec<String> {
    let mut notes = Vec::new();
    if brief.is_careful() {
        notes.push(
            ui.pick(
                "Por lo que cuenta, estos borradores ni reconocen ni ofrecen nada. Antes de \
                 contestar \
                 con más, que lo vea una persona responsable, y que sea ella quien hable con el \
                 cliente.",
                "Because of what is told here, these drafts neither admit nor offer anything. \
                 Before you \
                 say more, let a responsible person look at it; and speak with the customer.",
            )
            .to_owned(),
        );
    } else if let Some((remedy, offer)) = brief.remedy(first.lang)
        && (remedy.limit.is_some() || remedy.role.is_some())
    {
        notes.push(what_may_be_promised(remedy, offer, ui));
    }
    if brief.signer().is_none() {
        notes.push(
            ui.pick(
                "No hay firma configurada (company.signature): ponga el nombre de una persona. A \
                 quien está enfadado le contesta alguien, no una empresa.",
                "No signature is configured (company.signature): put a person's name. Somebody \
                 angry is answered by somebody, not by a company.",
            )
            .to_owned(),
        );
    }
    notes
}

/// The limit and the role as the configuration writes them; the example's role in the language of
/// the letter.
fn what_may_be_promised(remedy: &Remedy, offer: &str, ui: Ui) -> String {
    let mut note = match ui {
        Ui::Es => format!("Donde un borrador dice «{offer}»: según su configuración"),
        Ui::En => format!("Where a draft says “{offer}”: according to your configuration"),
    };
    if let Some(limit) = &remedy.limit {
        note.push_str(ui.pick(", como mucho ", ", up to "));
        note.push_str(limit);
    }
    if let Some(role) = &remedy.role {
        let role = match role.as_str() {
            "agent" => ui.pick("agente", "agent"),
            other => other,
        };
        note.push_str(match (ui, remedy.limit.is_some()) {
            (Ui::Es, true) => "; lo puede prometer: ",
            (Ui::Es, false) => ", lo puede prometer: ",
            (Ui::En, true) => "; it may be promised by: ",
            (Ui::En, false) => ", it may be promised by: ",
        });
        note.push_str(role);
    }
    note.push_str(ui.pick(". Esto es solo para usted.", ". This is for you only."));
    note
}

fn why(brief: &Brief, ui: Ui) -> Vec<Block> {
    let verdict = brief.verdict;
    let list = |items: Vec<String>| {
        if items.is_empty() {
            "—".to_owned()
        } else {
            items.join("; ")
        }
    };
    let topics = verdict
        .topics
        .iter()
        .map(|&topic| words::topic_word(topic, ui).to_owned());
    let signals = words::in_order(brief).map(|signal| words::signal_words(brief, signal, ui));
    let risk = match ui {
        Ui::Es => format!("{} de 100", verdict.risk),
        Ui::En => format!("{} of 100", verdict.risk),
    };
    let facts = vec![
        (ui.pick("Caso", "Case"), brief.case_id.to_string()),
        (
            ui.pick("Nivel", "Level"),
            words::level_word(verdict.level, ui).to_owned(),
        ),
        (ui.pick("Riesgo", "Risk"), risk),
        (ui.pick("Temas", "Topics"), list(topics.collect())),
        (ui.pick("Señales", "Signals"), list(signals.collect())),
    ];
    let facts = facts
        .into_iter()
        .map(|(label, value)| (label.to_owned(), vec![plain(value)]))
        .collect();
    let heading = ui.pick("Por qué está arriba", "Why it is at the top");
    let mut blocks = vec![Block::Heading(heading.to_owned()), Block::Facts(facts)];
    let points: Vec<(i64, Line)> = verdict
        .why
        .iter()
        .take(REASONS_MAX)
        .map(|reason| {
            (
                reason.points,
                vec![said(clean::cut(&clean::visible(&reason.because), 300))],
            )
        })
        .collect();
    if !points.is_empty() {
        blocks.push(Block::Points(points));
    }
    blocks
}
