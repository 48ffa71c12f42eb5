//! `escucha keywords stats`: how each entry fares.

use std::process::ExitCode;

use serde_json::json;

use super::progress::Progress;
use super::{Bench, number};
use crate::cli::terminal::Terminal;
use crate::flow::usage::{self, Proposal, Usage, Use};
use crate::model::{Timestamp, Ui};

/// One line of the table.
struct Row<'a> {
    kind: &'static str,
    line: usize,
    entry: &'a str,
    points: Option<i64>,
    trial: bool,
    used: Use,
}

pub(super) async fn stats(bench: &Bench<'_>, since: Timestamp) -> anyhow::Result<ExitCode> {
    let ui = bench.ui;
    let mut progress = Progress::new(bench.store.n_posts_since(since).await?, ui);
    let told = usage::usage(&bench.store, &bench.engine, since, |n| progress.at(n)).await;
    progress.end();
    let usage = told?;
    let rows = rows(bench, &usage);
    if bench.terminal.json {
        for row in &rows {
            Terminal::row(&json!({
                "kind": row.kind, "line": row.line, "entry": row.entry, "points": row.points,
                "trial": row.trial, "hits": row.used.n_hits, "right": row.used.right,
                "wrong": row.used.wrong, "last_used": row.used.last.map(|at| at.to_string()),
                "proposal": proposal(bench, &usage, row).map(code),
            }))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    show(bench, &usage, &rows)?;
    Ok(ExitCode::SUCCESS)
}

/// Watches, keywords and silences, each in the order of the file.
fn rows<'a>(bench: &'a Bench<'_>, usage: &Usage) -> Vec<Row<'a>> {
    let rules = bench.engine.scorer.rules();
    let used = |all: &[Use], at: usize| all.get(at).copied().unwrap_or_default();
    let watches = rules.watches.iter().enumerate().map(|(at, watch)| Row {
        kind: "watch",
        line: watch.line,
        entry: &watch.name,
        points: None,
        trial: watch.trial,
        used: used(&usage.watches, at),
    });
    let keywords = rules.keywords.iter().enumerate().map(|(at, keyword)| Row {
        kind: "keyword",
        line: keyword.line,
        entry: &keyword.written,
        points: Some(keyword.points),
        trial: keyword.trial,
        used: used(&usage.keywords, at),
    });
    let silences = rules.silences.iter().enumerate().map(|(at, silence)| Row {
        kind: "silence",
        line: silence.line,
        entry: &silence.written,
        points: None,
        trial: false,
        used: used(&usage.silences, at),
    });
    watches.chain(keywords).chain(silences).collect()
}

fn show(bench: &Bench<'_>, usage: &Usage, rows: &[Row<'_>]) -> anyhow::Result<()> {
    let ui = bench.ui;
    let (posts, ours) = (number(usage.n_posts, ui), number(usage.n_about_us, ui));
    Terminal::line(&match ui {
        Ui::Es => format!("{posts} publicaciones, {ours} de ellas sobre nosotros"),
        Ui::En => format!("{posts} posts, {ours} of them about us"),
    })?;
    Terminal::line("")?;
    let head = match ui {
        Ui::Es => [
            "veces",
            "aciertos",
            "fallos",
            "última vez",
            "puntos",
            "entrada",
        ],
        Ui::En => ["hits", "right", "wrong", "last used", "points", "entry"],
    };
    let [hits, right, wrong, last, points, entry] = head;
    let head = format!("{hits:>7}  {right:>8}  {wrong:>6}  {last:<10}  {points:>6}  {entry}");
    Terminal::line(&bench.terminal.bold(&head))?;
    for row in rows {
        let Use {
            n_hits,
            right,
            wrong,
            last,
        } = row.used;
        let zone = &bench.engine.settings.zone;
        let last = last.map_or("—".to_owned(), |at| at.in_zone(zone).date().to_string());
        let points = row
            .points
            .map_or(String::new(), |points| format!("{points:+}"));
        let mut entry = match (row.kind, ui) {
            ("watch", Ui::Es) => format!("vigilancia «{}»", row.entry),
            ("watch", Ui::En) => format!("watch \"{}\"", row.entry),
            ("silence", Ui::Es) => format!("silencio: {}", row.entry),
            ("silence", Ui::En) => format!("silence: {}", row.entry),
            _ => row.entry.to_owned(),
        };
        if row.trial {
            entry.push_str(ui.pick(" (en prueba)", " (on trial)"));
        }
        Terminal::line(&format!(
            "{n_hits:>7}  {right:>8}  {wrong:>6}  {last:<10}  {points:>6}  {entry}"
        ))?;
    }
    let proposals: Vec<(&Row<'_>, Proposal)> = rows
        .iter()
        .filter_map(|row| Some((row, proposal(bench, usage, row)?)))
        .collect();
    if !proposals.is_empty() {
        Terminal::line("")?;
        Terminal::line(&bench.terminal.bold(ui.pick("Propuestas:", "Proposals:")))?;
    }
    for (row, proposal) in proposals {
        let (line, entry) = (row.line, row.entry);
        let said = sentence(proposal, &row.used, ui);
        Terminal::line(&match ui {
            Ui::Es => format!("  línea {line}: {entry}: {said}"),
            Ui::En => format!("  line {line}: {entry}: {said}"),
        })?;
    }
    Ok(())
}

fn proposal(bench: &Bench<'_>, usage: &Usage, row: &Row<'_>) -> Option<Proposal> {
    row.used.proposal(row.trial, usage, bench.now)
}

fn code(proposal: Proposal) -> &'static str {
    match proposal {
        Proposal::Promote => "promote",
        Proposal::Retire => "retire",
        Proposal::Unused => "unused",
    }
}

fn sentence(proposal: Proposal, used: &Use, ui: Ui) -> String {
    let (right, judged) = (used.right, used.right + used.wrong);
    match (proposal, ui) {
        (Proposal::Promote, Ui::Es) => {
            format!("acierta {right} de {judged}; quite trial = true y cuente con ella")
        }
        (Proposal::Promote, Ui::En) => {
            format!("right {right} times of {judged}; take trial = true out and let it count")
        }
        (Proposal::Retire, Ui::Es) => format!("acierta solo {right} de {judged}; retírela"),
        (Proposal::Retire, Ui::En) => format!("right only {right} times of {judged}; retire it"),
        (Proposal::Unused, Ui::Es) => {
            "no aparece en ninguna publicación sobre nosotros; retírela".to_owned()
        }
        (Proposal::Unused, Ui::En) => "stands in no post about us; retire it".to_owned(),
    }
}
