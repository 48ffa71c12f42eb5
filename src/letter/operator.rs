//! The letters to the operator: what went wrong, and what to do; and the mail that only tests.

use super::Letter;
use super::block::{Block, plain, said, strong};
use super::{HookFate, clean, webhook};
use crate::model::{CaseId, Ui};

/// Something that a person has to mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing could be read from the source for some time; `detail` says what happened last.
    SourceBlind {
        source: String,
        url: String,
        detail: String,
    },
    /// The source can be read, but is silent against its own rhythm; `detail` says since when.
    SourceQuiet {
        source: String,
        url: String,
        detail: String,
    },
    /// robots.txt forbids reading the source.
    RobotsForbid { source: String, url: String },
    /// A changed `keywords.toml` was refused; the old one stays.
    KeywordsRefused { problems: Vec<String> },
    /// The first mail of a case has not been accepted for a day.
    MailStuck { case_id: CaseId, detail: String },
    /// A mail was refused for good, or tried for too long.
    MailDead {
        case_id: Option<CaseId>,
        detail: String,
    },
    /// Something is wrong with the database or its disk; `what` and `remedy` are sentences.
    Database { what: String, remedy: String },
    /// The mailbox to which reports and answers come cannot be read.
    RepliesUnread { detail: String },
    /// A source whose trouble was told can be read again.
    SourceWell { source: String },
    /// An endpoint does not take what it is to be told.
    Webhook {
        name: String,
        fate: HookFate,
        detail: String,
    },
    /// A source has moved for good and is read at its new place.
    SourceMoved {
        source: String,
        from: String,
        to: String,
    },
}

const PROBLEMS_MAX: usize = 40;
/// So many are explained; of further ones only the heading is told.
const EXPLAINED_MAX: usize = 8;
const LISTED_MAX: usize = 300;
const DETAIL_CHARS_MAX: usize = 600;

/// One letter for all that is wrong now.
pub fn operator(troubles: &[Trouble], ui: Ui) -> Letter {
    let subject = match troubles {
        [one] => one_subject(one, ui),
        many if is_all_well(many) => match ui {
            Ui::Es => format!("Escucha vuelve a leer {} fuentes", many.len()),
            Ui::En => format!("Escucha reads {} sources again", many.len()),
        },
        many if have_all_moved(many) => match ui {
            Ui::Es => format!("Escucha: {} fuentes han cambiado de dirección", many.len()),
            Ui::En => format!("Escucha: {} sources have moved", many.len()),
        },
        many => match ui {
            Ui::Es => format!("Escucha: {} problemas que arreglar", many.len()),
            Ui::En => format!("Escucha: {} problems to mend", many.len()),
        },
    };
    let lead = match troubles {
        many if is_all_well(many) => ui.pick("Vuelve a ir bien", "It is well again"),
        [Trouble::SourceQuiet { .. }] => ui.pick(
            "Una fuente calla más de lo que acostumbra",
            "A source is quieter than it usually is",
        ),
        [Trouble::SourceMoved { .. }] => ui.pick(
            "Una fuente ha cambiado de dirección y se sigue leyendo",
            "A source has moved and is read at its new address",
        ),
        many if have_all_moved(many) => ui.pick(
            "Varias fuentes han cambiado de dirección y se siguen leyendo",
            "Several sources have moved and are read at their new addresses",
        ),
        [Trouble::Webhook { .. }] => ui.pick(
            "Un webhook no recibe lo que debería",
            "A webhook does not get what it should",
        ),
        [Trouble::MailStuck { .. } | Trouble::MailDead { .. }] => {
            ui.pick("Un aviso no llega a su destino", "An alert does not arrive")
        }
        _ => ui.pick(
            "Escucha no está oyendo todo lo que debería",
            "Escucha does not hear all that it should",
        ),
    };
    let mut blocks = vec![Block::Lead(vec![plain(lead)])];
    if troubles.len() > 1 && have_all_moved(troubles) {
        blocks.extend(all_moved(troubles, ui));
    } else {
        for trouble in troubles.iter().take(EXPLAINED_MAX) {
            blocks.extend(explained(trouble, ui));
        }
        let rest = troubles.get(EXPLAINED_MAX..).unwrap_or_default();
        blocks.extend(further(rest, ui));
    }
    let once = ui.pick(
        "Cada problema se avisa una sola vez. El estado, en cualquier momento:",
        "Each problem is reported once. How things stand, at any time:",
    );
    blocks.push(Block::Heading(
        ui.pick("Para mirar", "Where to look").to_owned(),
    ));
    blocks.push(Block::Para(vec![plain(once)]));
    blocks.push(Block::Commands(vec![
        "escucha status".to_owned(),
        "escucha sources".to_owned(),
    ]));
    Letter::of(ui, clean::cut(&subject, 60), &blocks)
}

fn is_all_well(troubles: &[Trouble]) -> bool {
    let is_well = |trouble: &Trouble| matches!(trouble, Trouble::SourceWell { .. });
    troubles.iter().all(is_well)
}

fn have_all_moved(troubles: &[Trouble]) -> bool {
    let has_moved = |trouble: &Trouble| matches!(trouble, Trouble::SourceMoved { .. });
    troubles.iter().all(has_moved)
}

/// Every move in a line, since each new address has to be written somewhere.
fn all_moved(troubles: &[Trouble], ui: Ui) -> Vec<Block> {
    let moves = troubles.iter().filter_map(|trouble| match trouble {
        Trouble::SourceMoved { source, to, .. } => {
            Some((clean::name(source, 60), vec![said(address(to))]))
        }
        _ => None,
    });
    let mut facts: Vec<_> = moves.take(LISTED_MAX).collect();
    let n_more = troubles.len().saturating_sub(LISTED_MAX);
    if n_more > 0 {
        let more = match ui {
            Ui::Es => format!("y {n_more} más, con escucha sources"),
            Ui::En => format!("and {n_more} more, in escucha sources"),
        };
        facts.push(("…".to_owned(), vec![plain(more)]));
    }
    vec![
        Block::Para(vec![plain(ui.pick(
            "En varias lecturas seguidas sus sitios nos han enviado allí de forma permanente, y \
             desde ahora se leen en estas direcciones. Si le parecen bien, escríbalas en \
             escucha.toml; si no, ponga las que quiera leer.",
            "Their sites have sent us there for good in several readings in a row, and from now on \
             they are read at these addresses. If they are right, write them into escucha.toml; if \
             not, put the ones you want to read.",
        ))]),
        Block::Facts(facts),
    ]
}

/// What there is no room to explain, by its heading.
fn further(troubles: &[Trouble], ui: Ui) -> Vec<Block> {
    if troubles.is_empty() {
        return Vec::new();
    }
    let listed = troubles.iter().take(LISTED_MAX);
    let mut items: Vec<_> = listed
        .map(|trouble| vec![plain(one_subject(trouble, ui))])
        .collect();
    let n_more = troubles.len().saturating_sub(LISTED_MAX);
    if n_more > 0 {
        items.push(vec![plain(match ui {
            Ui::Es => format!("y {n_more} más"),
            Ui::En => format!("and {n_more} more"),
        })]);
    }
    let heading = ui.pick("Y además", "And also");
    vec![Block::Heading(heading.to_owned()), Block::List(items)]
}

/// The mail of `escucha check --mail-to`: if it can be read, alerts will arrive.
pub fn test_mail(ui: Ui, company: &str) -> Letter {
    let company = clean::name(company, 60);
    let subject = match ui {
        Ui::Es => format!("Prueba de Escucha para {company}"),
        Ui::En => format!("Test of Escucha for {company}"),
    };
    let blocks = vec![
        Block::Lead(vec![plain(ui.pick(
            "El correo de Escucha llega bien",
            "Mail from Escucha arrives",
        ))]),
        Block::Para(vec![
            plain(ui.pick(
                "Es un mensaje de prueba: ningún cliente espera. Si lo lee, también le llegarán \
                 los \
                 avisos sobre ",
                "This is a test: no customer is waiting. If you can read it, alerts will reach you \
                 too, about ",
            )),
            said(company),
            plain("."),
        ]),
        Block::Para(vec![plain(ui.pick(
            "Si lo ha encontrado en la carpeta de correo no deseado, márquelo como deseado, para \
             que \
             un aviso de verdad no se quede allí.",
            "If you found it in the spam folder, mark it as wanted, so that a real alert does not \
             stay there.",
        ))]),
    ];
    Letter::of(ui, clean::cut(&subject, 60), &blocks)
}

fn one_subject(trouble: &Trouble, ui: Ui) -> String {
    match trouble {
        Trouble::SourceBlind { source, .. } => {
            let source = clean::name(source, 30);
            match ui {
                Ui::Es => format!("Escucha no puede leer {source}"),
                Ui::En => format!("Escucha cannot read {source}"),
            }
        }
        Trouble::SourceQuiet { source, .. } => {
            let source = clean::name(source, 30);
            match ui {
                Ui::Es => format!("Escucha: {source} lleva tiempo callada"),
                Ui::En => format!("Escucha: {source} has gone quiet"),
            }
        }
        Trouble::RobotsForbid { source, .. } => {
            let source = clean::name(source, 24);
            match ui {
                Ui::Es => format!("Escucha: robots.txt no deja leer {source}"),
                Ui::En => format!("Escucha: robots.txt forbids {source}"),
            }
        }
        Trouble::KeywordsRefused { .. } => ui
            .pick(
                "Escucha: keywords.toml tiene errores; sigue el anterior",
                "Escucha: keywords.toml has errors; the old one stays",
            )
            .to_owned(),
        Trouble::MailStuck { case_id, .. } => match ui {
            Ui::Es => format!("Escucha: el aviso de {case_id} no sale"),
            Ui::En => format!("Escucha: the alert of {case_id} is stuck"),
        },
        Trouble::MailDead { .. } => ui
            .pick(
                "Escucha: un aviso no se ha podido entregar",
                "Escucha: an alert could not be delivered",
            )
            .to_owned(),
        Trouble::Database { .. } => ui
            .pick(
                "Escucha: la base de datos necesita atención",
                "Escucha: the database needs attention",
            )
            .to_owned(),
        Trouble::RepliesUnread { .. } => ui
            .pick(
                "Escucha no puede leer el buzón de respuestas",
                "Escucha cannot read the mailbox for replies",
            )
            .to_owned(),
        Trouble::SourceWell { source } => {
            let source = clean::name(source, 30);
            match ui {
                Ui::Es => format!("Escucha vuelve a leer {source}"),
                Ui::En => format!("Escucha reads {source} again"),
            }
        }
        Trouble::Webhook { name, fate, .. } => webhook::subject(name, *fate, ui),
        Trouble::SourceMoved { source, .. } => {
            let source = clean::name(source, 30);
            match ui {
                Ui::Es => format!("Escucha: {source} ha cambiado de dirección"),
                Ui::En => format!("Escucha: {source} has moved"),
            }
        }
    }
}

/// A mail that did not reach the person it was for.
fn unheard(heading: Block, case_id: Option<&CaseId>, detail: &str, ui: Ui) -> Vec<Block> {
    let mut blocks = vec![heading];
    let mut commands = vec!["escucha status".to_owned()];
    if let Some(case_id) = case_id {
        blocks.push(Block::Note(vec![
            plain(ui.pick(
                "Un cliente espera y nadie lo sabe todavía: el caso ",
                "A customer is waiting and nobody knows yet: case ",
            )),
            strong(case_id.to_string()),
            plain("."),
        ]));
        commands.push(format!("escucha case {case_id}"));
    }
    blocks.push(detail_of(ui, detail));
    blocks.push(Block::Commands(commands));
    blocks
}

fn explained(trouble: &Trouble, ui: Ui) -> Vec<Block> {
    let heading = Block::Heading(one_subject(trouble, ui));
    match trouble {
        Trouble::SourceBlind {
            source,
            url,
            detail,
        } => {
            let todo = ui.pick(
                "Abra la dirección en un navegador. Si ha cambiado, corríjala en escucha.toml; si \
                 la \
                 página es otra, revise select. Pruébelo sin esperar:",
                "Open the address in a browser. If it has changed, correct it in escucha.toml; if \
                 the \
                 page is another, look at select. Try it without waiting:",
            );
            vec![
                heading,
                detail_of(ui, detail),
                source_of(ui, source, url),
                Block::Para(vec![plain(todo)]),
                Block::Commands(vec!["escucha check --online".to_owned()]),
                Block::Small(vec![plain(ui.pick(
                    "Mientras tanto se sigue intentando, cada vez más espaciado, y no se deja \
                     nunca.",
                    "Meanwhile it is tried again, less and less often, and never given up.",
                ))]),
            ]
        }
        Trouble::SourceQuiet {
            source,
            url,
            detail,
        } => quiet(heading, source, url, detail, ui),
        Trouble::RobotsForbid { source, url } => forbidden(heading, source, url, ui),
        Trouble::KeywordsRefused { problems } => refused(heading, problems, ui),
        Trouble::MailStuck { case_id, detail } => unheard(heading, Some(case_id), detail, ui),
        Trouble::MailDead { case_id, detail } => unheard(heading, case_id.as_ref(), detail, ui),
        Trouble::Webhook { name, fate, detail } => {
            let mut blocks = vec![heading];
            blocks.extend(webhook::explained(name, *fate, detail_of(ui, detail), ui));
            blocks
        }
        Trouble::RepliesUnread { detail } => replies_unread(heading, detail, ui),
        Trouble::SourceMoved { source, from, to } => moved(heading, source, from, to, ui),
        Trouble::Database { what, remedy } => vec![
            heading,
            Block::Para(vec![said(clean::cut(
                &clean::visible(what),
                DETAIL_CHARS_MAX,
            ))]),
            Block::Para(vec![plain(remedy)]),
            Block::Commands(vec!["escucha doctor".to_owned()]),
        ],
        Trouble::SourceWell { .. } => vec![
            heading,
            Block::Para(vec![plain(ui.pick(
                "No hay que hacer nada: lo publicado entretanto ya se ha leído.",
                "There is nothing to do: what was published meanwhile has been read.",
            ))]),
        ],
    }
}

/// The site does not want to be read.
fn forbidden(heading: Block, source: &str, url: &str, ui: Ui) -> Vec<Block> {
    vec![
        heading,
        source_of(ui, source, url),
        Block::Para(vec![plain(ui.pick(
            "El sitio pide que no se lea esta dirección, y no se lee. Pregunte al sitio, \
             busque \
             otra fuente (un feed), o, si tiene permiso, escriba el motivo en ignore_robots.",
            "The site asks not to read this address, and it is not read. Ask the site, look \
             for \
             another source (a feed), or, if you have leave, write the reason in \
             ignore_robots.",
        ))]),
    ]
}

fn replies_unread(heading: Block, detail: &str, ui: Ui) -> Vec<Block> {
    vec![
        heading,
        detail_of(ui, detail),
        Block::Para(vec![plain(ui.pick(
            "Mientras tanto no se ve qué correos vuelven devueltos ni qué se contesta a los \
             avisos. Revise [replies] en escucha.toml; pruébelo sin esperar:",
            "Meanwhile it is not seen which mails come back, nor what is answered to alerts. \
             Look at [replies] in escucha.toml; try it without waiting:",
        ))]),
        Block::Commands(vec!["escucha check --online".to_owned()]),
    ]
}

fn quiet(heading: Block, source: &str, url: &str, detail: &str, ui: Ui) -> Vec<Block> {
    vec![
        heading,
        detail_of(ui, detail),
        source_of(ui, source, url),
        Block::Para(vec![plain(ui.pick(
            "Abra la dirección en un navegador. Si allí hay publicaciones nuevas, la dirección o \
             select ya no sirven: corríjalos en escucha.toml. Si de verdad no hay nada nuevo, no \
             tiene que hacer nada.",
            "Open the address in a browser. If there are new posts, the address or select no \
             longer fit: correct them in escucha.toml. If there is really nothing new, there is \
             nothing to do.",
        ))]),
        Block::Commands(vec![format!("escucha try {url}")]),
    ]
}

fn moved(heading: Block, source: &str, from: &str, to: &str, ui: Ui) -> Vec<Block> {
    vec![
        heading,
        source_of(ui, source, from),
        Block::Facts(vec![(
            ui.pick("Dirección nueva", "New address").to_owned(),
            vec![said(address(to))],
        )]),
        Block::Para(vec![plain(ui.pick(
            "En varias lecturas seguidas el sitio nos ha enviado allí de forma permanente, y desde \
             ahora la fuente se lee allí. Si le parece bien, escriba la dirección nueva en \
             escucha.toml; si no, ponga la que quiera leer.",
            "The site has sent us there for good in several readings in a row, and from now on it \
             is read there. If that is right, write the new address into escucha.toml; if not, \
             put the one you want to read.",
        ))]),
    ]
}

fn refused(heading: Block, problems: &[String], ui: Ui) -> Vec<Block> {
    let shown = problems
        .iter()
        .take(PROBLEMS_MAX)
        .map(|problem| vec![said(clean::cut(&clean::visible(problem), DETAIL_CHARS_MAX))]);
    vec![
        heading,
        Block::Para(vec![plain(ui.pick(
            "El archivo nuevo no vale y sigue en uso el anterior: se escucha como antes. \
             Lo que \
             hay que corregir:",
            "The new file is not valid and the old one stays in use: we listen as before. \
             What \
             has to be corrected:",
        ))]),
        Block::List(shown.collect()),
        Block::Commands(vec!["escucha check".to_owned()]),
    ]
}

fn detail_of(ui: Ui, detail: &str) -> Block {
    let detail = clean::cut(&clean::visible(detail), DETAIL_CHARS_MAX);
    let label = ui.pick("Lo último que pasó", "What happened last");
    Block::Facts(vec![(label.to_owned(), vec![said(detail)])])
}

fn source_of(ui: Ui, source: &str, url: &str) -> Block {
    Block::Facts(vec![
        (
            ui.pick("Fuente", "Source").to_owned(),
            vec![said(clean::name(source, 60))],
        ),
        (
            ui.pick("Dirección", "Address").to_owned(),
            vec![said(address(url))],
        ),
    ])
}

fn address(url: &str) -> String {
    clean::link(url).map_or_else(|| clean::cut(&clean::visible(url), 200), |link| link.0)
}
