//! `escucha keywords test NEW.toml`: what another file would have made of the stored posts.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::progress::Progress;
use super::{Bench, number};
use crate::cli::judge::short;
use crate::cli::terminal::{self, Terminal};
use crate::flow::replay::{self, Extent, Move, Moved, Outcome, Place, Score, Trial};
use crate::model::{Field, Level, Span, Timestamp, Ui};
use crate::score::rules::Rules;
use crate::store::StoredPost;

/// Characters of a quote on either side of the words that count.
const AROUND_CHARS: usize = 60;

pub(super) async fn test(
    bench: &Bench<'_>,
    new: Rules,
    since: Timestamp,
    limit: usize,
    force: bool,
) -> anyhow::Result<ExitCode> {
    let ui = bench.ui;
    let trial = Trial::of(&bench.store, &bench.engine, new, Extent::Touched).await?;
    let mut progress = Progress::new(bench.store.n_posts_since(since).await?, ui);
    let told = replay::replay(&bench.store, &trial, since, |n| progress.at(n)).await;
    progress.end();
    let outcome = told?;
    if bench.terminal.json {
        rows(bench, &trial, &outcome).await?;
    } else {
        show(bench, &trial, &outcome, limit).await?;
    }
    let n_lost = outcome.lost_complaints().count();
    if n_lost == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    terminal::complain(&match (ui, force) {
        (Ui::Es, false) => format!(
            "No se acepta: dejaría de avisar de {n_lost} queja(s) juzgada(s). Con --force se acepta."
        ),
        (Ui::En, false) => format!(
            "Refused: {n_lost} judged complaint(s) would no longer be told. --force accepts it."
        ),
        (Ui::Es, true) => format!("Se acepta con {n_lost} queja(s) juzgada(s) perdida(s)."),
        (Ui::En, true) => format!("Accepted with {n_lost} judged complaint(s) lost."),
    });
    Ok(ExitCode::from(u8::from(!force)))
}

async fn show(
    bench: &Bench<'_>,
    trial: &Trial,
    outcome: &Outcome,
    limit: usize,
) -> anyhow::Result<()> {
    let ui = bench.ui;
    let (read, scored) = (number(outcome.n_posts, ui), number(outcome.n_scored, ui));
    Terminal::line(&match ui {
        Ui::Es => format!(
            "{read} publicaciones leídas; {scored} se han puntuado con los dos ficheros, y a las \
             demás no les afecta."
        ),
        Ui::En => {
            format!("{read} posts read; {scored} scored with both files, the others untouched.")
        }
    })?;
    if trial.change().is_none() {
        Terminal::line(ui.pick(
            "Los dos ficheros dicen lo mismo (lo que está en prueba no cuenta).",
            "Both files say the same (what is on trial does not count).",
        ))?;
    }
    for what in [Move::Gained, Move::Lost, Move::Changed] {
        let n = outcome.count(what);
        Terminal::line("")?;
        Terminal::line(&bench.terminal.bold(&format!("{}: {n}", title(what, ui))))?;
        let moved = outcome.moved.iter().filter(|moved| moved.what == what);
        for moved in moved.take(limit) {
            if let Some(post) = bench.store.post(&moved.id).await? {
                one(bench, trial, moved, &post)?;
            }
        }
        if n > limit {
            let more = n - limit;
            Terminal::line(&match ui {
                Ui::Es => format!("  … y {more} más (--limit {n}, o --json)"),
                Ui::En => format!("  … and {more} more (--limit {n}, or --json)"),
            })?;
        }
    }
    judged(bench, outcome)
}

fn title(what: Move, ui: Ui) -> &'static str {
    match (what, ui) {
        (Move::Gained, Ui::Es) => "Se ganan (se avisaría de ellas)",
        (Move::Gained, Ui::En) => "Gained (would be told)",
        (Move::Lost, Ui::Es) => "Se pierden (ya no se avisaría)",
        (Move::Lost, Ui::En) => "Lost (would no longer be told)",
        (Move::Changed, Ui::Es) => "Cambian de nivel o de orden",
        (Move::Changed, Ui::En) => "Changed in level or rank",
    }
}

fn one(bench: &Bench<'_>, trial: &Trial, moved: &Moved, post: &StoredPost) -> anyhow::Result<()> {
    let ui = bench.ui;
    let case = moved.case_id.as_ref().map(|case| case.0.clone());
    let id = case.unwrap_or_else(|| short(&moved.id));
    let judged = match (moved.judged, ui) {
        (None, _) => "",
        (Some(true), Ui::Es) => "  [juzgada: es una queja]",
        (Some(true), Ui::En) => "  [judged: a complaint]",
        (Some(false), Ui::Es) => "  [juzgada: no lo es]",
        (Some(false), Ui::En) => "  [judged: none]",
    };
    let moved_to = steps(moved.before, moved.after, ui);
    Terminal::line(&format!(
        "  {}  {moved_to}{judged}",
        bench.terminal.bold(&id)
    ))?;
    let zone = &bench.engine.settings.zone;
    let day = post.post.published.unwrap_or(post.seen_at).in_zone(zone);
    let who = post.post.author.as_deref().unwrap_or("—");
    let url = post.post.url.as_deref().unwrap_or("");
    Terminal::line(&format!("      {}  {who}  {url}", day.date()))?;
    let span = trial.evidence(post);
    Terminal::line(&format!("      {}", quote(bench.terminal, post, span)))?;
    Ok(())
}

/// "none → complaint, risk 0 → 45"
fn steps(before: Place, after: Place, ui: Ui) -> String {
    let risk = ui.pick("riesgo", "risk");
    let numbers = if before.risk == after.risk {
        format!("{risk} {}", after.risk)
    } else {
        format!("{risk} {} → {}", before.risk, after.risk)
    };
    if before.level == after.level {
        return format!("{}, {numbers}", level(after.level, ui));
    }
    let (from, to) = (level(before.level, ui), level(after.level, ui));
    format!("{from} → {to}, {numbers}")
}

fn level(level: Level, ui: Ui) -> &'static str {
    match (level, ui) {
        (level, Ui::En) => level.word(),
        (Level::None, Ui::Es) => "nada",
        (Level::Doubt, Ui::Es) => "duda",
        (Level::Complaint, Ui::Es) => "queja",
        (Level::Urgent, Ui::Es) => "urgente",
    }
}

/// The words that count, marked, with some of those around them, on one line.
fn quote(terminal: &Terminal, post: &StoredPost, span: Option<Span>) -> String {
    let field = match span.map(|span| span.field) {
        Some(Field::Title) => post.post.title.as_deref().unwrap_or_default(),
        _ => &post.post.text,
    };
    let (start, end) = span.map_or((0, 0), |span| (span.start as usize, span.end as usize));
    let from = start.saturating_sub(AROUND_CHARS);
    let chars = |skip: usize, n: usize| -> String {
        let part: String = field.chars().skip(skip).take(n).collect();
        part.replace(['\n', '\r', '\t'], " ")
    };
    let (before, words) = (chars(from, start - from), chars(start, end - start));
    let after = chars(end, AROUND_CHARS);
    let is_whole = field.chars().nth(end + AROUND_CHARS).is_none();
    let marked = if words.is_empty() {
        words
    } else {
        terminal.marked(&words)
    };
    format!(
        "{}{before}{marked}{after}{}",
        if from > 0 { "…" } else { "" },
        if is_whole { "" } else { "…" }
    )
}

fn judged(bench: &Bench<'_>, outcome: &Outcome) -> anyhow::Result<()> {
    let ui = bench.ui;
    let Outcome { before, after, .. } = outcome;
    let n = before.right + before.missed + before.false_alarms;
    Terminal::line("")?;
    if n == 0 {
        Terminal::line(ui.pick(
            "Nadie ha juzgado aún ninguna: escucha case ID judge yes (o no).",
            "Nobody has judged any yet: escucha case ID judge yes (or no).",
        ))?;
        return Ok(());
    }
    Terminal::line(&bench.terminal.bold(&match ui {
        Ui::Es => format!("En las {n} que se han juzgado:"),
        Ui::En => format!("On the {n} that were judged:"),
    }))?;
    let names = match ui {
        Ui::Es => ["aciertos", "quejas sin avisar", "avisos de más"],
        Ui::En => ["right", "complaints not told", "told for nothing"],
    };
    for (name, (before, after)) in names.into_iter().zip(pairs(before, after)) {
        Terminal::line(&format!("  {name}: {before} → {after}"))?;
    }
    Ok(())
}

fn pairs(before: &Score, after: &Score) -> [(u64, u64); 3] {
    [
        (before.right, after.right),
        (before.missed, after.missed),
        (before.false_alarms, after.false_alarms),
    ]
}

async fn rows(bench: &Bench<'_>, trial: &Trial, outcome: &Outcome) -> anyhow::Result<()> {
    for moved in &outcome.moved {
        let Some(post) = bench.store.post(&moved.id).await? else {
            continue;
        };
        Terminal::row(&row(trial, moved, &post))?;
    }
    let Outcome { before, after, .. } = outcome;
    Terminal::row(&json!({
        "what": "summary", "posts": outcome.n_posts, "scored": outcome.n_scored,
        "gained": outcome.count(Move::Gained), "lost": outcome.count(Move::Lost),
        "changed": outcome.count(Move::Changed),
        "lost_complaints": outcome.lost_complaints().count(),
        "before": score_json(before), "after": score_json(after),
    }))?;
    Ok(())
}

fn row(trial: &Trial, moved: &Moved, post: &StoredPost) -> Value {
    let what = match moved.what {
        Move::Gained => "gained",
        Move::Lost => "lost",
        Move::Changed => "changed",
    };
    let place = |place: Place| json!({"level": place.level.word(), "risk": place.risk});
    let span = trial.evidence(post);
    json!({
        "what": what, "id": moved.id.0, "case": moved.case_id.as_ref().map(|case| &case.0),
        "before": place(moved.before), "after": place(moved.after), "judged": moved.judged,
        "author": post.post.author, "url": post.post.url,
        "published": post.post.published.map(|at| at.to_string()),
        "seen_at": post.seen_at.to_string(), "title": post.post.title, "text": post.post.text,
        "field": span.map(|span| span.field.word()),
        "span": span.map(|span| [span.start, span.end]),
    })
}

fn score_json(score: &Score) -> Value {
    json!({"right": score.right, "missed": score.missed, "false_alarms": score.false_alarms})
}
