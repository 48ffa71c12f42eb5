//! One letter for the older posts that the first look at a source brings up.

use jiff::tz::TimeZone;

use super::Letter;
use super::block::{Block, Piece, plain, said, strong};
use super::{clean, tell, words};
use crate::model::{CaseId, Timestamp, Ui};
use crate::reply::when;

/// So many posts are named; the others are counted.
const NAMED_MAX: usize = 50;
const WORDS_CHARS_MAX: usize = 160;

/// One older post.
#[derive(Clone, Debug, PartialEq)]
pub struct BacklogItem {
    pub case_id: CaseId,
    pub published: Option<Timestamp>,
    pub author: Option<String>,
    /// The post's title or text; its beginning is shown.
    pub words: String,
    pub url: Option<String>,
    pub risk: u8,
}

/// The older complaints of one source, the greatest risk first.
pub fn backlog(
    source_name: &str,
    items: &[BacklogItem],
    ui: Ui,
    now: Timestamp,
    zone: &TimeZone,
) -> Letter {
    let n = items.len();
    let source = clean::name(source_name, 24);
    let subject = match (ui, n) {
        (Ui::Es, 1) => format!("{source}: una queja anterior sin ver"),
        (Ui::En, 1) => format!("{source}: one earlier complaint unseen"),
        (Ui::Es, _) => format!("{source}: {n} quejas anteriores sin ver"),
        (Ui::En, _) => format!("{source}: {n} earlier complaints unseen"),
    };
    let lead = match (ui, n) {
        (Ui::Es, 1) => "Hay una queja anterior que nadie había visto desde aquí".to_owned(),
        (Ui::En, 1) => "There is an earlier complaint that nobody had seen from here".to_owned(),
        (Ui::Es, _) => format!("Hay {n} quejas anteriores que nadie había visto desde aquí"),
        (Ui::En, _) => format!("There are {n} earlier complaints that nobody had seen from here"),
    };
    let explained = ui.pick(
        " se ha leído hoy por primera vez. Esto es lo que ya estaba publicado, con el mayor riesgo \
         primero. No corre ninguna cuenta atrás; contestar a los primeros todavía ayuda, a ellos \
         y a quienes los leen.",
        " was read for the first time today. This is what had been published before, the greatest \
         risk first. No countdown is running; answering the first ones still helps, them and \
         those who read them.",
    );
    let mut blocks = vec![
        Block::Lead(vec![plain(lead)]),
        Block::Para(vec![
            plain(ui.pick("La fuente ", "The source ")),
            said(clean::name(source_name, 60)),
            plain(explained),
        ]),
    ];
    let mut order: Vec<&BacklogItem> = items.iter().collect();
    order.sort_by_key(|item| {
        (
            std::cmp::Reverse(item.risk),
            std::cmp::Reverse(item.published),
        )
    });
    for item in order.iter().take(NAMED_MAX) {
        blocks.extend(one(item, ui, now, zone));
    }
    if n > NAMED_MAX {
        let more = n - NAMED_MAX;
        let more = match ui {
            Ui::Es if more == 1 => "… y 1 más: véala con escucha cases.".to_owned(),
            Ui::Es => format!("… y {more} más: véalas con escucha cases."),
            Ui::En if more == 1 => "… and 1 more: see it with escucha cases.".to_owned(),
            Ui::En => format!("… and {more} more: see them with escucha cases."),
        };
        blocks.push(Block::Note(vec![strong(more)]));
    }
    let by_mail = ui.pick(
        "Responder a este correo no llega a ningún cliente: hay que contestar donde lo escribió.",
        "Replying to this mail reaches no customer: answer where it was written.",
    );
    blocks.push(Block::Small(vec![plain(by_mail)]));
    Letter::of(ui, clean::cut(&subject, 60), &blocks)
}

fn one(item: &BacklogItem, ui: Ui, now: Timestamp, zone: &TimeZone) -> Vec<Block> {
    let who = clean::author(item.author.as_deref().unwrap_or(""), 40);
    let who = if who.is_empty() {
        ui.pick("Alguien", "Somebody").to_owned()
    } else {
        who
    };
    let day = match item.published {
        Some(at) => when::day(words::tongue(ui), at, now, zone),
        None => ui.pick("sin fecha", "no date").to_owned(),
    };
    let risk = ui.pick("riesgo", "risk");
    let mut blocks = vec![
        Block::Heading(format!("{day} · {who} · {risk} {}", item.risk)),
        Block::Said {
            title: None,
            lines: vec![vec![said(clean::cut(
                clean::visible_chars(item.words.chars().take(4 * WORDS_CHARS_MAX)).trim(),
                WORDS_CHARS_MAX,
            ))]],
        },
    ];
    let mut place = vec![plain(item.case_id.to_string())];
    if let Some(link) = item.url.as_deref().and_then(clean::link) {
        place.extend([plain(" · "), Piece::Follow(link)]);
    }
    place.push(Piece::Open {
        label: tell::open_words(ui),
        subject: tell::subject_of(&item.case_id),
    });
    blocks.push(Block::Para(place));
    blocks
}
