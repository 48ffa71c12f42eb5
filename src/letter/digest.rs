//! The letters that gather: the day's digest, and what came at once or is urgent beyond the budget.
//!
//! **Invariant:** each case of a letter that was held is named, up to [`NAMED_MAX`]; the others are
//! counted, with the command that lists them.

use jiff::tz::TimeZone;

use super::block::{Block, Line, plain, said, strong};
use super::entry::{Entry, line, quoted};
use super::{Letter, clean, words};
use crate::model::{Timestamp, Ui};
use crate::reply::when;

/// So many entries of a section are told with their words.
const QUOTED_MAX: usize = 20;
/// So many are named in a line.
pub const NAMED_MAX: usize = 2_000;

/// What was held and is told here.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// The first of them, the urgent ones first, then by risk.
    pub entries: Vec<Entry>,
    /// How many cases they are in all.
    pub n: usize,
    /// Subjects of held letters about several cases.
    pub subjects: Vec<String>,
}

/// Entries of a section, and how many there are in all.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    pub entries: Vec<Entry>,
    pub n: usize,
}

/// A day as the manager reads it.
#[derive(Clone, Debug, Default)]
pub struct Day {
    /// Cases that wait for our answer, the riskiest first.
    pub open: Listed,
    /// What customers said is solved, in their words.
    pub solved: Listed,
    pub doubts: Listed,
    /// Older complaints that were there before us and are unanswered.
    pub n_backlog: i64,
    /// Answered, and the customer's word is awaited.
    pub n_answered: i64,
    pub n_sources: i64,
    /// Read well since the last digest.
    pub n_read: i64,
    pub n_trouble: i64,
    pub n_posts: i64,
    /// Since when.
    pub since: Timestamp,
}

/// Why held letters are told now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gathered {
    /// So many came at once that one letter tells all.
    AtOnce,
    /// They are urgent, and the day's mails are used up.
    Urgent,
}

/// The digest of a day; without a `day`, of what was held alone.
pub fn digest(held: &Held, day: Option<&Day>, ui: Ui, now: Timestamp, zone: &TimeZone) -> Letter {
    let n_open = day.map_or(0, |day| day.open.n);
    let is_quiet = held.n == 0
        && held.subjects.is_empty()
        && day.is_none_or(|day| day.open.n + day.doubts.n + day.solved.n == 0);
    let date = when::day(words::tongue(ui), now, now, zone);
    let (title, what) = match (ui, is_quiet, n_open) {
        (Ui::Es, true, _) => (format!("Resumen del {date}"), "sin novedades".to_owned()),
        (Ui::En, true, _) => (format!("Digest of {date}"), "nothing new".to_owned()),
        (Ui::Es, _, 0) => (format!("Resumen del {date}"), String::new()),
        (Ui::En, _, 0) => (format!("Digest of {date}"), String::new()),
        (Ui::Es, _, n) => (format!("Resumen del {date}"), format!("{n} sin respuesta")),
        (Ui::En, _, n) => (format!("Digest of {date}"), format!("{n} unanswered")),
    };
    let subject = if what.is_empty() {
        title
    } else {
        format!("{title}: {what}")
    };
    let mut blocks = vec![Block::Lead(vec![plain(lead(held, day, is_quiet, ui))])];
    blocks.extend(day.map(|day| life(day, ui, now, zone)));
    blocks.extend(over_budget(held, ui, now, zone));
    if let Some(day) = day {
        blocks.extend(open(day, ui, now, zone));
        blocks.extend(solved(day, ui, now, zone));
        blocks.extend(doubts(day, ui, now, zone));
        blocks.extend(others(day, ui));
    }
    if !is_quiet {
        blocks.push(closing(ui));
    }
    Letter::of(ui, clean::cut(&subject, 60), &blocks)
}

/// Letters that are told in one.
pub fn together(held: &Held, why: Gathered, ui: Ui, now: Timestamp, zone: &TimeZone) -> Letter {
    let cases = ui.count(held.n as i64, ["caso", "casos"], ["case", "cases"]);
    let urgent = ui.count(
        held.n as i64,
        ["caso urgente", "casos urgentes"],
        ["urgent case", "urgent cases"],
    );
    let (subject, lead, explained) = match (ui, why) {
        (Ui::Es, Gathered::AtOnce) => (
            format!("{cases} a la vez"),
            format!("{cases} a la vez, en un solo correo"),
            "Han llegado tantos avisos juntos que van todos aquí, con el mayor riesgo primero. Cada \
             uno es un caso con su propio plazo, que empieza con este correo.",
        ),
        (Ui::En, Gathered::AtOnce) => (
            format!("{cases} at once"),
            format!("{cases} at once, in one mail"),
            "So many mails came together that they are all here, the greatest risk first. Each is a \
             case with a time to answer of its own, which begins with this mail.",
        ),
        (Ui::Es, Gathered::Urgent) => (
            format!("{urgent} más"),
            format!("{urgent} más, por encima del tope de correos de hoy"),
            "El tope de correos de hoy está agotado. Lo urgente llega aun así, en un correo por hora \
             como mucho; lo demás espera al resumen.",
        ),
        (Ui::En, Gathered::Urgent) => (
            format!("{urgent} more"),
            format!("{urgent} more, beyond today's budget of mails"),
            "Today's budget of mails is used up. What is urgent comes all the same, in one mail an \
             hour at most; the rest waits for the digest.",
        ),
    };
    let mut blocks = vec![
        Block::Lead(vec![plain(lead)]),
        Block::Note(vec![plain(explained)]),
    ];
    blocks.extend(named(held, ui, now, zone));
    blocks.push(closing(ui));
    Letter::of(ui, clean::cut(&subject, 60), &blocks)
}

fn lead(held: &Held, day: Option<&Day>, is_quiet: bool, ui: Ui) -> String {
    let n_open = day.map_or(0, |day| day.open.n);
    let n_doubts = day.map_or(0, |day| day.doubts.n);
    if is_quiet {
        return ui
            .pick("Sin novedades: nadie espera", "Nothing new: nobody waits")
            .to_owned();
    }
    if n_open > 0 {
        return ui.count(
            n_open as i64,
            ["cliente espera respuesta", "clientes esperan respuesta"],
            [
                "customer waits for an answer",
                "customers wait for an answer",
            ],
        );
    }
    if held.n > 0 {
        return ui.count(
            held.n as i64,
            [
                "caso superó el tope de correos",
                "casos superaron el tope de correos",
            ],
            [
                "case went over the budget of mails",
                "cases went over the budget of mails",
            ],
        );
    }
    if n_doubts > 0 {
        return ui.count(
            n_doubts as i64,
            ["duda que juzgar", "dudas que juzgar"],
            ["doubt to judge", "doubts to judge"],
        );
    }
    ui.pick("Nadie espera respuesta", "Nobody waits for an answer")
        .to_owned()
}

/// That we listen: what was read since the last digest.
fn life(day: &Day, ui: Ui, now: Timestamp, zone: &TimeZone) -> Block {
    let tongue = words::tongue(ui);
    let since = format!(
        "{}, {}",
        when::day(tongue, day.since, now, zone),
        when::at_hour(tongue, day.since, zone)
    );
    let (n_read, n_sources) = (day.n_read, day.n_sources);
    let posts = ui.count(
        day.n_posts,
        ["publicación nueva", "publicaciones nuevas"],
        ["new post", "new posts"],
    );
    let listened = match ui {
        Ui::Es => format!(
            "Desde el {since}, Escucha ha leído {n_read} de sus {n_sources} fuentes y ha visto {posts}."
        ),
        Ui::En => format!(
            "Since {since}, Escucha has read {n_read} of its {n_sources} sources and seen {posts}."
        ),
    };
    let mut line: Line = vec![plain(listened)];
    if day.n_trouble > 0 {
        let trouble = ui.count(
            day.n_trouble,
            ["fuente tiene problemas", "fuentes tienen problemas"],
            ["source is in trouble", "sources are in trouble"],
        );
        line.push(strong(format!(" {trouble}: escucha sources.")));
    }
    Block::Para(line)
}

fn over_budget(held: &Held, ui: Ui, now: Timestamp, zone: &TimeZone) -> Vec<Block> {
    if held.n == 0 && held.subjects.is_empty() {
        return Vec::new();
    }
    let n = held.n;
    let heading = match ui {
        Ui::Es => format!("Lo que superó el tope de correos: {n}"),
        Ui::En => format!("What went over the budget of mails: {n}"),
    };
    let mut blocks = vec![Block::Heading(heading)];
    blocks.extend(named(held, ui, now, zone));
    blocks
}

/// The first with their words, the others in a line each, the rest by their number.
fn named(held: &Held, ui: Ui, now: Timestamp, zone: &TimeZone) -> Vec<Block> {
    let mut blocks = Vec::new();
    for entry in held.entries.iter().take(QUOTED_MAX) {
        let answered = format!("escucha case {} answered", entry.id);
        blocks.extend(quoted(entry, &[answered], ui, now, zone));
    }
    let rest = held.entries.iter().take(NAMED_MAX).skip(QUOTED_MAX);
    let lines: Vec<Line> = rest.map(|entry| line(entry, ui)).collect();
    if !lines.is_empty() {
        blocks.push(Block::List(lines));
    }
    let n_named = held.entries.len().min(NAMED_MAX);
    blocks.extend(more(held.n.saturating_sub(n_named), ui));
    let subjects = held.subjects.iter().take(QUOTED_MAX);
    let subjects: Vec<Line> = subjects
        .map(|subject| vec![said(clean::cut(&clean::visible(subject), 80))])
        .collect();
    if !subjects.is_empty() {
        let label = ui.pick("Correos sobre varios casos:", "Mails about several cases:");
        blocks.push(Block::Small(vec![plain(label)]));
        blocks.push(Block::List(subjects));
    }
    blocks
}

fn more(n: usize, ui: Ui) -> Option<Block> {
    let more = match (ui, n) {
        (_, 0) => return None,
        (Ui::Es, n) => format!("… y {n} más: escucha cases"),
        (Ui::En, n) => format!("… and {n} more: escucha cases"),
    };
    Some(Block::Small(vec![plain(more)]))
}

fn section(
    heading: String,
    of: &Listed,
    commands: impl Fn(&Entry) -> Vec<String>,
    (ui, now, zone): (Ui, Timestamp, &TimeZone),
) -> Vec<Block> {
    if of.n == 0 {
        return Vec::new();
    }
    let mut blocks = vec![Block::Heading(heading)];
    for entry in of.entries.iter().take(QUOTED_MAX) {
        blocks.extend(quoted(entry, &commands(entry), ui, now, zone));
    }
    let n_shown = of.entries.len().min(QUOTED_MAX);
    blocks.extend(more(of.n.saturating_sub(n_shown), ui));
    blocks
}

fn open(day: &Day, ui: Ui, now: Timestamp, zone: &TimeZone) -> Vec<Block> {
    let n = day.open.n;
    let heading = match ui {
        Ui::Es => format!("Sin respuesta, con el mayor riesgo primero: {n}"),
        Ui::En => format!("Unanswered, the greatest risk first: {n}"),
    };
    let answered = |entry: &Entry| vec![format!("escucha case {} answered", entry.id)];
    section(heading, &day.open, answered, (ui, now, zone))
}

fn solved(day: &Day, ui: Ui, now: Timestamp, zone: &TimeZone) -> Vec<Block> {
    let n = day.solved.n;
    let heading = match ui {
        Ui::Es => format!("Resueltos, en palabras del cliente: {n}"),
        Ui::En => format!("Solved, in the customer's words: {n}"),
    };
    section(heading, &day.solved, |_| Vec::new(), (ui, now, zone))
}

fn doubts(day: &Day, ui: Ui, now: Timestamp, zone: &TimeZone) -> Vec<Block> {
    let n = day.doubts.n;
    let heading = match ui {
        Ui::Es => format!("Dudas: {n}"),
        Ui::En => format!("Doubts: {n}"),
    };
    let judge = |entry: &Entry| vec![format!("escucha case {} judge yes|no", entry.id)];
    let mut blocks = section(heading, &day.doubts, judge, (ui, now, zone));
    if !blocks.is_empty() {
        let explained = ui.pick(
            "No se sabe si son quejas sobre nosotros, y no se ha avisado a nadie. Diga si lo son (yes) o \
             no (no): con su juicio se afina lo demás.",
            "It is not known whether these are complaints about us, and nobody was told. Say whether \
             they are (yes or no): your judgement is what the rest is tuned by.",
        );
        blocks.insert(1, Block::Para(vec![plain(explained)]));
    }
    blocks
}

/// What is only counted.
fn others(day: &Day, ui: Ui) -> Option<Block> {
    let mut counted = Vec::new();
    if day.n_answered > 0 {
        counted.push(ui.count(
            day.n_answered,
            [
                "caso contestado que espera la palabra del cliente",
                "casos contestados que esperan la palabra del cliente",
            ],
            [
                "answered case that waits for the customer's word",
                "answered cases that wait for the customer's word",
            ],
        ));
    }
    if day.n_backlog > 0 {
        counted.push(ui.count(
            day.n_backlog,
            [
                "queja anterior a la primera lectura, sin contestar",
                "quejas anteriores a la primera lectura, sin contestar",
            ],
            [
                "complaint from before the first reading, unanswered",
                "complaints from before the first reading, unanswered",
            ],
        ));
    }
    if counted.is_empty() {
        return None;
    }
    let besides = ui.pick("Además", "Besides");
    let counted = counted.join("; ");
    Some(Block::Para(vec![plain(format!(
        "{besides}: {counted} (escucha cases)."
    ))]))
}

fn closing(ui: Ui) -> Block {
    Block::Small(vec![plain(ui.pick(
        "Todo sobre un caso: escucha case y su identificador. Responder a este correo no llega a \
         ningún cliente: hay que contestar donde lo escribió.",
        "All about a case: escucha case, and its ID. Replying to this mail reaches no customer: answer \
         where it was written.",
    ))])
}
