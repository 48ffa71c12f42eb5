//! A scored post on a terminal: the text with its evidence, and a table of every point.

use super::marks::{self, Kind};
use super::{Shown, facts, words};
use crate::cli::terminal::Terminal;
use crate::letter::{lang_word, level_word, topic_word};
use crate::model::{Field, Lang, Topic, Ui};

/// Lines are at most so long where nothing says how wide the terminal is.
const COLUMNS: usize = 100;
/// Reasons up to this length stand in a column of their own.
const REASON_CHARS_MAX: usize = 52;
/// Words of evidence that are shown however narrow the terminal is.
const QUOTED_CHARS_MIN: usize = 24;

/// Shows one post.
pub(super) fn show(terminal: &Terminal, shown: &Shown<'_>) -> std::io::Result<()> {
    if let Some(title) = shown.title {
        Terminal::line(&terminal.bold(&marked(terminal, Field::Title, title, shown)))?;
    }
    let text = shown.text.trim_end();
    Terminal::line(&marked(terminal, Field::Text, text, shown))?;
    Terminal::line("")?;
    for line in head(terminal, shown) {
        Terminal::line(&line)?;
    }
    for line in table(terminal, shown) {
        Terminal::line(&line)?;
    }
    for line in account(terminal, shown) {
        Terminal::line(&line)?;
    }
    Ok(())
}

fn head(terminal: &Terminal, shown: &Shown<'_>) -> Vec<String> {
    let (ui, verdict) = (shown.ui, shown.verdict);
    let level = level_word(verdict.level, ui);
    let lang = verdict.lang.map_or("?", |lang: Lang| lang_word(lang, ui));
    let percent = shown.percent();
    let sentiment = words::decimal(verdict.sentiment.to_f64(), 2, ui);
    let target = words::target(verdict.target, ui);
    let risk = verdict.risk;
    let mut lines = vec![
        terminal.bold(&match ui {
            Ui::Es => format!("nivel {level}, riesgo {risk} de 100"),
            Ui::En => format!("level {level}, risk {risk} of 100"),
        }),
        words::why_this_level(shown),
        match ui {
            Ui::Es => format!(
                "probabilidad de queja {percent}, ánimo {sentiment}, sobre {target}, idioma {lang}"
            ),
            Ui::En => format!(
                "complaint probability {percent}, sentiment {sentiment}, about {target}, \
                 language {lang}"
            ),
        },
    ];
    let topics = verdict.topics.iter();
    let topics: Vec<&str> = topics.map(|topic: &Topic| topic_word(*topic, ui)).collect();
    if !topics.is_empty() {
        lines.push(format!(
            "{}: {}",
            ui.pick("temas", "topics"),
            topics.join(", ")
        ));
    }
    if !verdict.watches.is_empty() {
        let watches = verdict.watches.join(", ");
        let found = shown
            .names_us()
            .map_or(String::new(), |words| format!(" («{words}»)"));
        let said = ui.pick("vigilancias", "watches");
        lines.push(format!("{said}: {watches}{found}"));
    }
    lines
}

/// Points, reason, and the words that it comes from, in columns; then the sum.
fn table(terminal: &Terminal, shown: &Shown<'_>) -> Vec<String> {
    let why = &shown.verdict.why;
    if why.is_empty() {
        return Vec::new();
    }
    let lengths = why.iter().map(|reason| reason.because.chars().count());
    let width = lengths.filter(|length| *length <= REASON_CHARS_MAX).max();
    let width = width.unwrap_or_default();
    let rows = why.iter().map(|reason| {
        let points = words::points(reason.points);
        let because = &reason.because;
        let used = because.chars().count().max(width) + 12;
        let left = columns().saturating_sub(used).max(QUOTED_CHARS_MIN);
        let row = match reason.span {
            Some(span) => {
                let found = marks::quoted(shown.title, shown.text, span, left);
                format!("{points:>6}  {because:<width$}  «{found}»")
            }
            None => format!("{points:>6}  {because}"),
        };
        row.trim_end().to_owned()
    });
    let (sum, said) = words::sum(why, shown.verdict.risk, shown.ui);
    let mut lines = vec![String::new()];
    lines.extend(rows);
    lines.push("  ────".to_owned());
    lines.push(terminal.bold(&format!("{sum:>6}  {said}")));
    lines
}

fn account(terminal: &Terminal, shown: &Shown<'_>) -> Vec<String> {
    let Some(account) = &shown.account else {
        return Vec::new();
    };
    let ui = shown.ui;
    let told = facts::told(account, shown.title, shown.text, ui);
    let head = ui.pick(
        "De dónde sale la probabilidad de queja (0 es el 50 %; lo positivo la sube):",
        "Where the complaint probability comes from (0 is 50 %; what is positive raises it):",
    );
    let mut lines = vec![String::new(), terminal.bold(head)];
    let rows = told.rows.iter().map(|row| {
        let found: Vec<String> = row.words.iter().map(|words| format!("«{words}»")).collect();
        let share = words::decimal(row.share, 2, ui);
        let row = format!("{share:>6}  {}  {}", row.says, found.join(" "));
        row.trim_end().to_owned()
    });
    lines.extend(rows);
    lines.push("  ────".to_owned());
    let sum = words::decimal(told.sum, 2, ui);
    let said = match ui {
        Ui::Es => format!("{sum:>6}  suma: una probabilidad del {}", shown.percent()),
        Ui::En => format!("{sum:>6}  sum: a probability of {}", shown.percent()),
    };
    lines.push(terminal.bold(&said));
    lines
}

/// The field with the words that made the verdict marked; without colours neighbours are one mark.
fn marked(terminal: &Terminal, field: Field, text: &str, shown: &Shown<'_>) -> String {
    let pieces = marks::pieces(field, text, shown.verdict, shown.ui);
    let parts = pieces.chunk_by(|a, b| {
        a.kind == b.kind || (!terminal.colour && a.kind.is_some() && b.kind.is_some())
    });
    let parts = parts.map(|part| {
        let words: String = part.iter().map(|piece| piece.text.as_str()).collect();
        match part.first().and_then(|piece| piece.kind) {
            None => words,
            Some(Kind::Signal) => terminal.marked(&words),
            Some(Kind::Reason) => terminal.noted(&words),
        }
    });
    parts.collect()
}

fn columns() -> usize {
    let told = std::env::var("COLUMNS").ok();
    told.and_then(|n| n.parse().ok()).unwrap_or(COLUMNS)
}
