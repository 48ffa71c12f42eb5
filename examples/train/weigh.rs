//! The second level: weights of the scorer's named facts, fitted to labelled lines.
//!
//! Logistic regression that is drawn towards the weights the scorer has (a fact that the lines hardly
//! show keeps its weight) and never lets a weight change its sign. How strongly is chosen by ten-fold
//! cross-validation; its figures are told before the weights.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use escucha::model::{Company, Level, Timestamp, Ui};
use escucha::score::query::Query;
use escucha::score::rules::{Levels, Rules, Watch};
use escucha::score::{Context, Sample, Scorer};

const FOLDS: usize = 10;
const SWEEPS: usize = 60;
/// How strongly weights are drawn to those of the scorer.
const PULLS: [f64; 7] = [0.3, 1.0, 2.0, 4.0, 8.0, 16.0, 1000.0];
/// The logit of `complaint_at`.
const CUT: f64 = 0.405_465;

#[derive(serde::Deserialize)]
struct Line {
    text: String,
    title: Option<String>,
    author: Option<String>,
    rating: Option<f64>,
    complaint: bool,
    part: String,
}

struct Case {
    values: Vec<f64>,
    complaint: bool,
    /// Whether the rest of the scorer lets it be a complaint: it names us and is not about a rival.
    open: bool,
    part: String,
}

struct Names {
    names: Vec<&'static str>,
    /// The scorer's weights: what fits are drawn to.
    prior: Vec<f64>,
}

pub fn weigh(paths: &[PathBuf]) -> Result<()> {
    let (names, cases) = cases(paths)?;
    println!("{} lines, {} facts", cases.len(), names.names.len());
    let mut best = (f64::MIN, PULLS[0], 0.0);
    for pull in PULLS {
        let logits = cross_validated(&cases, &names.prior, pull);
        let cut = balance(&cases, &logits);
        let loss = loss(&cases, &logits);
        print!("pull {pull}: loss {loss:.4}, cut {cut:.2}, cross-validated");
        for part in ["all", "tune", "dev"] {
            print!(" {part} {}", figures(&cases, &logits, cut, part));
        }
        println!();
        if -loss > best.0 {
            best = (-loss, pull, cut);
        }
    }
    let (_, pull, cut) = best;
    let all: Vec<&Case> = cases.iter().filter(|case| case.open).collect();
    let (bias, weights) = fit(&all, &names.prior, pull);
    println!("pull {pull}, bias {:.2}", bias + CUT - cut);
    for (name, (weight, prior)) in names.names.iter().zip(weights.iter().zip(&names.prior)) {
        println!("  {name}: {weight:.2} (was {prior:.2})");
    }
    let logits: Vec<f64> = cases.iter().map(|case| logit(case, bias, &weights)).collect();
    println!("fitted: {}", figures(&cases, &logits, cut, "all"));
    Ok(())
}

fn cases(paths: &[PathBuf]) -> Result<(Names, Vec<Case>)> {
    let scorer = scorer()?;
    let now = Timestamp::parse_rfc3339("2026-11-20T10:00:00Z").context("a moment")?;
    let mut cases = Vec::new();
    let mut names = Names { names: Vec::new(), prior: Vec::new() };
    for path in paths {
        let file = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        for line in file.lines().filter(|line| !line.trim().is_empty()) {
            let line: Line = serde_json::from_str(line).with_context(|| path.display().to_string())?;
            // These judge the scorer and are never learnt from.
            if line.part == "held" {
                continue;
            }
            let sample = Sample {
                title: line.title.as_deref(),
                text: &line.text,
                author: line.author.as_deref(),
                rating: line.rating,
                published: Some(now),
                ..Sample::default()
            };
            let facts = scorer.facts(&sample);
            names.names = facts.iter().map(|(name, _, _)| *name).collect();
            names.prior = facts.iter().map(|(_, weight, _)| *weight).collect();
            cases.push(Case {
                values: facts.iter().map(|(_, _, value)| *value).collect(),
                complaint: line.complaint,
                open: scorer.verdict(&sample, now).level >= Level::Complaint,
                part: line.part,
            });
        }
    }
    ensure!(cases.len() >= FOLDS, "too few lines");
    Ok((names, cases))
}

/// The scorer of the labelled lines, to which everything it may is a complaint.
fn scorer() -> Result<Scorer> {
    let query = "\"telefonía ejemplo\" OR @ejemplo_ayuda OR #ejemplo OR (ejemplo EXCEPT \"por ejemplo\")";
    let watch = Watch {
        name: "ejemplo".into(),
        query: Query::parse(query).map_err(|problem| anyhow::anyhow!("{problem:?}"))?,
        to: Vec::new(),
        urgent_at: None,
        answer_within: None,
        languages: Vec::new(),
        sources: Vec::new(),
    };
    let rules = Rules {
        watches: vec![watch],
        levels: Levels { complaint_at: -1, ..Levels::default() },
        ..Rules::default()
    };
    let company = Company {
        name: "Telefonía Ejemplo".into(),
        own_authors: vec!["@ejemplo_ayuda".into()],
        ..Company::default()
    };
    Ok(Scorer::new(rules, Context { company, ui: Ui::Es }))
}

/// Each case's logit by a fit that has not seen it. Neighbours in a file are alike: folds take every
/// tenth line.
fn cross_validated(cases: &[Case], prior: &[f64], pull: f64) -> Vec<f64> {
    let mut logits = vec![0.0; cases.len()];
    for fold in 0..FOLDS {
        let inside = |at: usize| at % FOLDS != fold;
        let seen = cases.iter().enumerate().filter(|(at, case)| inside(*at) && case.open);
        let seen: Vec<&Case> = seen.map(|(_, case)| case).collect();
        let (bias, weights) = fit(&seen, prior, pull);
        for at in (fold..cases.len()).step_by(FOLDS) {
            logits[at] = logit(&cases[at], bias, &weights);
        }
    }
    logits
}

/// The bias and the weights, by Newton's step for one weight after the other.
fn fit(cases: &[&Case], prior: &[f64], pull: f64) -> (f64, Vec<f64>) {
    let mut weights = prior.to_vec();
    let mut bias = 0.0;
    let mut sums: Vec<f64> = cases.iter().map(|case| logit(case, bias, &weights)).collect();
    for _ in 0..SWEEPS {
        let (mut slope, mut bend) = (0.0, 1e-9);
        for (case, sum) in cases.iter().zip(&sums) {
            let (error, spread) = error(case, *sum);
            slope += error;
            bend += spread;
        }
        bias -= slope / bend;
        sums.iter_mut().for_each(|sum| *sum -= slope / bend);
        for at in 0..weights.len() {
            let (mut slope, mut bend) = (pull * (weights[at] - prior[at]), pull);
            for (case, sum) in cases.iter().zip(&sums).filter(|(case, _)| case.values[at] != 0.0) {
                let (error, spread) = error(case, *sum);
                slope += error * case.values[at];
                bend += spread * case.values[at].powi(2);
            }
            let next = weights[at] - slope / bend;
            let next = if prior[at] >= 0.0 { next.max(0.0) } else { next.min(0.0) };
            let step = next - weights[at];
            weights[at] = next;
            for (case, sum) in cases.iter().zip(&mut sums) {
                *sum += step * case.values[at];
            }
        }
    }
    (bias, weights)
}

fn error(case: &Case, sum: f64) -> (f64, f64) {
    let p = 1.0 / (1.0 + (-sum).exp());
    (p - f64::from(u8::from(case.complaint)), (p * (1.0 - p)).max(0.01))
}

fn logit(case: &Case, bias: f64, weights: &[f64]) -> f64 {
    bias + weights.iter().zip(&case.values).map(|(weight, value)| weight * value).sum::<f64>()
}

fn loss(cases: &[Case], logits: &[f64]) -> f64 {
    let open = cases.iter().zip(logits).filter(|(case, _)| case.open);
    let losses = open.map(|(case, logit)| {
        let sign = if case.complaint { -1.0 } else { 1.0 };
        (sign * logit).exp().ln_1p()
    });
    losses.sum::<f64>() / cases.len() as f64
}

/// The cut at which precision and recall are most alike.
fn balance(cases: &[Case], logits: &[f64]) -> f64 {
    let far = |cut: f64| {
        let [right, wrong, missed] = verdicts(cases, logits, cut, "all");
        (wrong - missed).abs() - 0.001 * right
    };
    let cuts = (-150..=150).map(|cut| f64::from(cut) / 50.0);
    cuts.min_by(|a, b| far(*a).total_cmp(&far(*b))).unwrap_or(0.0)
}

fn verdicts(cases: &[Case], logits: &[f64], cut: f64, part: &str) -> [f64; 3] {
    let mut counts = [0.0; 3];
    for (case, logit) in cases.iter().zip(logits) {
        let told = case.open && *logit >= cut;
        let at = match (told, case.complaint) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => continue,
        };
        if part == "all" || case.part == part {
            counts[at] += 1.0;
        }
    }
    counts
}

fn figures(cases: &[Case], logits: &[f64], cut: f64, part: &str) -> String {
    let [right, wrong, missed] = verdicts(cases, logits, cut, part);
    let share = |other: f64| right / f64::max(right + other, 1.0);
    format!("precision {:.3} recall {:.3}", share(wrong), share(missed))
}
