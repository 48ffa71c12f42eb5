//! Scored posts as one page of HTML that stands alone: no script, nothing remote, light and dark, and
//! narrow enough for a telephone.
//!
//! **Invariant:** words of others are escaped, isolated, and free of characters that steer.

use std::fmt::Write as _;

use super::marks::{self, Kind};
use super::{Shown, facts, words};
use crate::cli::terminal::steers;
use crate::letter::{escaped, lang_word, level_word, topic_word};
use crate::model::{Field, Lang, Level, Ui};

const STYLE: &str = include_str!("page.css");
/// Of the words of one reason.
const QUOTED_CHARS_MAX: usize = 160;

pub(super) fn head(ui: Ui) -> String {
    let title = ui.pick(
        "Escucha: cada punto, explicado",
        "Escucha: every point explained",
    );
    let signal = ui.pick("lo que cuenta el texto", "what the text tells");
    let reason = ui.pick(
        "otro motivo: el tono, una palabra clave",
        "another reason: the tone, a keyword",
    );
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n<p class=\"key\"><mark class=\"signal\">{signal}</mark> \
         <mark class=\"reason\">{reason}</mark></p>\n",
        ui.code(),
    )
}

pub(super) const FOOT: &str = "</main>\n</body>\n</html>\n";

/// A line that could not be read.
pub(super) fn trouble(n: u64, error: &str, ui: Ui) -> String {
    let line = ui.pick("no se puede leer la línea", "cannot read line");
    format!(
        "<article class=\"trouble\"><p>{line} {n}: {}</p></article>\n",
        safe(error)
    )
}

/// One post; `name` is what its caller calls it.
pub(super) fn article(name: Option<&str>, shown: &Shown<'_>) -> String {
    let (ui, verdict) = (shown.ui, shown.verdict);
    let class = match verdict.level {
        Level::None => "none",
        Level::Doubt => "doubt",
        Level::Complaint => "complaint",
        Level::Urgent => "urgent",
    };
    let risk = ui.pick("riesgo", "risk");
    let of = ui.pick("de 100", "of 100");
    let mut out = format!(
        "<article>\n<header><span class=\"level {class}\">{}</span> <span class=\"risk\">{risk} \
         <b>{}</b> {of}</span>",
        level_word(verdict.level, ui),
        verdict.risk,
    );
    if let Some(name) = name {
        let _ = write!(out, " <span class=\"id\"><bdi>{}</bdi></span>", safe(name));
    }
    let _ = writeln!(
        out,
        "</header>\n<p>{}</p>",
        safe(&words::why_this_level(shown))
    );
    out.push_str("<blockquote>\n");
    if let Some(title) = shown.title {
        let title = marked(Field::Title, title, shown);
        let _ = writeln!(out, "<h2 dir=\"auto\">{title}</h2>");
    }
    let text = marked(Field::Text, shown.text.trim_end(), shown);
    let _ = writeln!(
        out,
        "<p class=\"text\" dir=\"auto\">{text}</p>\n</blockquote>"
    );
    points(&mut out, shown);
    about(&mut out, shown);
    account(&mut out, shown);
    out.push_str("</article>\n");
    out
}

fn points(out: &mut String, shown: &Shown<'_>) {
    let (ui, why) = (shown.ui, &shown.verdict.why);
    if why.is_empty() {
        return;
    }
    let points = ui.pick("puntos", "points");
    let reason = ui.pick(
        "motivo, y las palabras que lo dicen",
        "reason, and the words that tell it",
    );
    let _ = writeln!(
        out,
        "<table>\n<thead><tr><th scope=\"col\">{points}</th><th scope=\"col\">{reason}</th></tr>\
         </thead>\n<tbody>"
    );
    for reason in why {
        let found = reason.span.map(|span| {
            let found = marks::quoted(shown.title, shown.text, span, QUOTED_CHARS_MAX);
            format!(" <q><bdi>{}</bdi></q>", safe(&found))
        });
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td>{}{}</td></tr>",
            minus(&words::points(reason.points)),
            safe(&reason.because),
            found.unwrap_or_default(),
        );
    }
    let (sum, said) = words::sum(why, shown.verdict.risk, ui);
    let sum = minus(&sum.to_string());
    let _ = writeln!(
        out,
        "</tbody>\n<tfoot><tr><td>{sum}</td><td>{said}</td></tr></tfoot>\n</table>"
    );
}

/// What is known beside the points.
fn about(out: &mut String, shown: &Shown<'_>) {
    let (ui, verdict) = (shown.ui, shown.verdict);
    let mut rows = vec![
        (
            ui.pick("probabilidad de queja", "complaint probability"),
            shown.percent(),
        ),
        (ui.pick("ánimo, de −1 a +1", "sentiment, −1 to +1"), {
            minus(&words::decimal(verdict.sentiment.to_f64(), 2, ui))
        }),
        (
            ui.pick("sobre", "about"),
            words::target(verdict.target, ui).to_owned(),
        ),
        (
            ui.pick("idioma", "language"),
            verdict
                .lang
                .map_or("?", |lang: Lang| lang_word(lang, ui))
                .to_owned(),
        ),
    ];
    let topics = verdict.topics.iter().map(|topic| topic_word(*topic, ui));
    let topics: Vec<&str> = topics.collect();
    if !topics.is_empty() {
        rows.push((ui.pick("temas", "topics"), topics.join(", ")));
    }
    if !verdict.watches.is_empty() {
        let found = shown
            .names_us()
            .map_or(String::new(), |words| format!(" («{words}»)"));
        let watches = format!("{}{found}", verdict.watches.join(", "));
        rows.push((ui.pick("vigilancias", "watches"), watches));
    }
    out.push_str("<dl>\n");
    for (name, value) in rows {
        let _ = writeln!(out, "<dt>{name}</dt><dd><bdi>{}</bdi></dd>", safe(&value));
    }
    out.push_str("</dl>\n");
}

fn account(out: &mut String, shown: &Shown<'_>) {
    let Some(account) = &shown.account else {
        return;
    };
    let ui = shown.ui;
    let told = facts::told(account, shown.title, shown.text, ui);
    let _ = writeln!(
        out,
        "<details>\n<summary>{}</summary>\n<p>{}</p>\n<table>\n<tbody>",
        ui.pick(
            "De dónde sale la probabilidad de queja",
            "Where the complaint probability comes from"
        ),
        ui.pick(
            "0 es el 50 %; lo positivo la sube, lo negativo la baja. La probabilidad decide si se \
             avisa; los puntos de arriba, en qué orden.",
            "0 is 50 %; what is positive raises it, what is negative lowers it. The probability \
             decides whether a person is told; the points above, in which order.",
        ),
    );
    for row in &told.rows {
        let found: Vec<String> = row
            .words
            .iter()
            .map(|words| format!(" <q><bdi>{}</bdi></q>", safe(words)))
            .collect();
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td>{}{}</td></tr>",
            minus(&words::decimal(row.share, 2, ui)),
            safe(&row.says),
            found.concat(),
        );
    }
    let said = match ui {
        Ui::Es => format!("suma: una probabilidad del {}", shown.percent()),
        Ui::En => format!("sum: a probability of {}", shown.percent()),
    };
    let _ = writeln!(
        out,
        "</tbody>\n<tfoot><tr><td>{}</td><td>{said}</td></tr></tfoot>\n</table>\n</details>",
        minus(&words::decimal(told.sum, 2, ui)),
    );
}

fn marked(field: Field, text: &str, shown: &Shown<'_>) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for piece in marks::pieces(field, text, shown.verdict, shown.ui) {
        let words = safe(&piece.text);
        let class = match piece.kind {
            None => {
                out.push_str(&words);
                continue;
            }
            Some(Kind::Signal) => "signal",
            Some(Kind::Reason) => "reason",
        };
        let says = safe(&piece.says.join("; "));
        let _ = write!(
            out,
            "<mark class=\"{class}\" title=\"{says}\">{words}</mark>"
        );
    }
    out
}

/// Text of others: escaped, without what steers.
fn safe(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !steers(*c)).collect();
    escaped(&kept)
}

/// The minus sign of typography, as wide as the plus.
fn minus(number: &str) -> String {
    number.replace('-', "\u{2212}")
}
