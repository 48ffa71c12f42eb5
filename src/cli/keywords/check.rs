//! `escucha keywords check`: what is right as a file and still not what its author meant.

use std::process::ExitCode;

use serde_json::json;

use super::Bench;
use super::progress::Progress;
use crate::cli::terminal::Terminal;
use crate::flow::usage::{self, Usage};
use crate::model::{Timestamp, Ui};
use crate::score::lint::{self, Fault, Finding};

/// A watch that finds more of all posts than this is too broad; sources that are about us have
/// `watches` for that.
const OF_ALL_PERCENT_MAX: u64 = 30;
/// A keyword that stands in more of the posts about us than this tells nothing apart.
const ABOUT_US_PERCENT_MAX: u64 = 30;
/// Posts before a share of them says anything.
const POSTS_MIN: u64 = 50;

pub(super) async fn check(bench: &Bench<'_>, since: Timestamp) -> anyhow::Result<ExitCode> {
    let ui = bench.ui;
    let rules = bench.engine.scorer.rules();
    let today = bench.now.in_zone(&bench.engine.settings.zone).date();
    let mut findings = lint::findings(rules, today);
    let mut progress = Progress::new(bench.store.n_posts_since(since).await?, ui);
    let told = usage::usage(&bench.store, &bench.engine, since, |n| progress.at(n)).await;
    progress.end();
    let usage = told?;
    findings.extend(too_broad(bench, &usage));
    findings.sort_by_key(|finding| finding.line);
    let n_wrong = findings.iter().filter(|f| f.what.is_wrong()).count();
    for finding in &findings {
        if bench.terminal.json {
            Terminal::row(&json!({
                "line": finding.line, "entry": finding.entry, "what": finding.what.code(),
                "wrong": finding.what.is_wrong(), "said": finding.what.sentence(ui),
            }))?;
        } else {
            let mark = if finding.what.is_wrong() { "✗" } else { "!" };
            let said = finding.what.sentence(ui);
            let place = match ui {
                Ui::Es => format!("línea {}", finding.line),
                Ui::En => format!("line {}", finding.line),
            };
            Terminal::line(&format!("{mark} {place}: {}: {said}", finding.entry))?;
        }
    }
    if !bench.terminal.json {
        let (n, posts) = (rules.keywords.len(), super::number(usage.n_posts, ui));
        let n_remarks = findings.len() - n_wrong;
        Terminal::line(&match ui {
            Ui::Es => format!(
                "{n} palabras clave, {posts} publicaciones; errores: {n_wrong}, observaciones: \
                 {n_remarks}"
            ),
            Ui::En => {
                format!("{n} keywords, {posts} posts; faults: {n_wrong}, remarks: {n_remarks}")
            }
        })?;
    }
    Ok(ExitCode::from(u8::from(n_wrong > 0)))
}

fn too_broad(bench: &Bench<'_>, usage: &Usage) -> Vec<Finding> {
    let rules = bench.engine.scorer.rules();
    let mut findings = Vec::new();
    let mut add = |line: usize, entry: &str, n: u64, of: u64, percent_max: u64, of_all: bool| {
        let percent = if of < POSTS_MIN { 0 } else { n * 100 / of };
        if percent > percent_max {
            findings.push(Finding {
                line,
                entry: entry.to_owned(),
                what: Fault::TooBroad { percent, of_all },
            });
        }
    };
    // Where all posts of a source are about us, a watch finds them whatever its query says.
    let has_own = |name: &String| {
        let mut sources = bench.engine.settings.sources.iter();
        sources.any(|source| source.watches.contains(name))
    };
    for (watch, used) in rules.watches.iter().zip(&usage.watches) {
        if !has_own(&watch.name) {
            let (n, of) = (used.n_hits, usage.n_posts);
            add(watch.line, &watch.name, n, of, OF_ALL_PERCENT_MAX, true);
        }
    }
    for (keyword, used) in rules.keywords.iter().zip(&usage.keywords) {
        let (n, of) = (used.n_hits, usage.n_about_us);
        add(
            keyword.line,
            &keyword.written,
            n,
            of,
            ABOUT_US_PERCENT_MAX,
            false,
        );
    }
    findings
}
