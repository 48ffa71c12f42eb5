//! The second level: weights of the scorer's named facts, fitted to labelled lines and posts.
//!
//! Logistic regression that is drawn towards weights set by hand (a fact that hardly shows keeps its
//! weight) and never lets a weight change its sign. Two fits: for posts that name us, to the lines
//! and, less, to posts to companies; for all others to posts and, hardly, to the lines. A post
//! stands twice, half each: with the logit of a first level that has not seen its source and with
//! that of one that has not seen the post, since a user's sources are some of this, some of that.

use crate::score::Fact;
use crate::score::model::LOGIT_MAX as MODEL_MOST;
use anyhow::{Context as _, Result};

use super::linear;
use super::lines::{self, FOLDS};
use super::posts::Post;
use crate::cli::terminal::Terminal;

const SWEEPS: usize = 60;
/// How strongly weights are drawn to those set by hand, in lines.
const PULL: f64 = 4.0;
/// The same for posts that do not name us, of which there are ten times as many.
const PULL_ELSEWHERE: f64 = 1.0;
/// The logit of `complaint_at`, from which a post is called a complaint.
pub(super) const CUT: f64 = 0.405_465;
/// How much posts to companies weigh beside the lines, where the text names us.
const SHARE_OF_POSTS: f64 = 0.1;
/// How much the lines weigh beside all posts, elsewhere.
const SHARE_OF_LINES: f64 = 0.03;
/// Sources of which all posts are about a company, by how their names begin.
const OF_COMPANIES: [&str; 6] = [
    "acl19_complaints",
    "airline",
    "germeval17",
    "reclameaqui",
    "showroomprive",
    "trustpilot",
];
/// Facts of which the lines are no witness: half of them were written to be hard, with bad words and
/// farewells where nobody complains and none where somebody does. Where the text names us they keep the weight set by
/// hand; what posts say of them stands in the other column.
const KEPT: [&str; 7] = [
    "posts model",
    "good tone",
    "worst word",
    "bad words",
    "good words",
    "praise",
    "leaves",
];
const KEPT_PULL: f64 = 300.0;
/// What all posts weigh together, in lines, against the weights set by hand: as much as there were lines
/// when the pull was chosen.
const POSTS_WEIGH: f64 = 4_287.0;
/// What a line that was not written to be hard counts beside one that was, where the cut is sought. Hard lines are
/// judged for what they are: at the cut of all lines alike their precision was .95 and their recall .87.
const OF_USUAL: f64 = 1.0 / 3.0;
/// Groups of sources that are left out in turn.
const GROUPS: usize = 5;

/// The weights set by hand, before any fit: what fits are drawn to. Those of the scorer would not do:
/// they were fitted to the very lines that cross-validation leaves out.
const BY_HAND: [(&str, f64); 52] = [
    ("posts model", 0.40),
    ("lines model", 0.60),
    ("good tone", -0.20),
    ("worst word", 0.20),
    ("bad words", 1.20),
    ("good words", -1.00),
    ("first person", 0.20),
    ("loyal and in trouble", 0.50),
    ("question without trouble", -0.80),
    ("link", -0.20),
    ("asks others", -1.00),
    ("negations", 1.10),
    ("own words in quotes", 1.20),
    ("tells a number", 0.40),
    ("speaks to us", 0.60),
    ("few stars", 1.70),
    ("many stars", -2.60),
    ("problem", 1.20),
    ("waiting", 0.70),
    ("refund", 1.00),
    ("polite complaint", 1.80),
    ("demand", 1.30),
    ("warning", 1.10),
    ("irony", 1.80),
    ("nobody answers", 1.50),
    ("leaves", 0.80),
    ("has left", 1.30),
    ("asks for a reply", 0.90),
    ("crowd", 0.50),
    ("again", 0.20),
    ("law", 1.10),
    ("safety", 1.50),
    ("privacy", 1.40),
    ("told by the company", 1.80),
    ("solved", -2.00),
    ("no complaint", -2.00),
    ("praise", -1.50),
    ("advert", -0.70),
    ("advert without person", -0.50),
    ("news", -0.50),
    ("news without person", -1.50),
    ("job", -2.10),
    ("company speaks", -3.20),
    ("question", -0.60),
    ("came from a rival", -0.10),
    ("comparison", -0.50),
    ("how-to", -1.50),
    ("sponsor", -2.30),
    ("defends", -1.90),
    ("employee", -1.30),
    ("joke", -1.70),
    ("relief", -1.40),
];

/// What of a fit people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Telling {
    Nothing,
    /// How well it judges what it has not seen.
    Figures,
    /// Also which lines it judges wrongly.
    Wrong,
}

/// A line or post as the fit sees it.
#[derive(Clone)]
pub(super) struct Row {
    values: Vec<f32>,
    unhappy: bool,
    weight: f64,
    /// In which fold it is judged by a fit that has not seen it; `None`: it is only learnt from.
    judged_in: Option<usize>,
    /// The fold in which it is left out.
    group: Option<usize>,
}

/// The weights set by hand, and how strongly a fit is drawn to each.
pub(super) struct Prior {
    weights: Vec<f64>,
    pulls: Vec<f64>,
}

/// Public posts with what the scorer finds in them.
pub(super) struct Posts<'a> {
    pub(super) all: &'a [Post],
    pub(super) facts: Vec<Vec<Fact>>,
    /// By a first level that has not seen their source, and by one that has not seen the post.
    pub(super) new: Vec<f64>,
    pub(super) known: Vec<f64>,
    pub(super) of_lines: Vec<f64>,
}

/// `logits` are those of the first level, of posts and of lines, by models that have not seen the line.
/// The table of weights.
pub(super) fn weigh(
    cases: &[lines::Case],
    logits: &[[f64; 2]],
    posts: &Posts<'_>,
    telling: Telling,
) -> Result<String> {
    let facts = &cases.first().context("no lines")?.facts;
    let names: Vec<&str> = facts.iter().map(|fact| fact.0).collect();
    let lines = rows_of(cases, logits);
    let pull = |name: &&str| if KEPT.contains(name) { KEPT_PULL } else { PULL };
    let kept = Prior {
        pulls: names.iter().map(pull).collect(),
        weights: by_hand(&names)?,
    };
    let prior = prior_elsewhere(facts)?;
    let is_of_company = |post: &Post| {
        OF_COMPANIES
            .iter()
            .any(|name| post.source.starts_with(name))
    };
    let here = fit_named(cases, &lines, &posts.rows(is_of_company), &kept, telling)?;
    // Without posts there is no other witness.
    let there = if posts.all.is_empty() {
        here.clone()
    } else {
        fit_elsewhere(posts, &lines, &prior).weights
    };
    let mut table = "fact\twhere the text names us\telsewhere\n".to_owned();
    let names = ["bias"].into_iter().chain(names);
    for (name, weights) in names.zip(here.iter().zip(&there)) {
        let [here, there] = [weights.0, weights.1].map(|weight| format!("{weight:.2}"));
        table += &format!("{name}\t{here}\t{there}\n").replace("-0.00", "0.00");
    }
    Ok(table)
}

/// The lines as fits see them.
pub(super) fn rows_of(cases: &[lines::Case], logits: &[[f64; 2]]) -> Vec<Row> {
    let row = |(case, logits): (&lines::Case, &[f64; 2])| Row {
        values: values(&case.facts, *logits),
        unhappy: case.complaint,
        // What names us and is about a rival is no complaint, whatever its probability.
        weight: f64::from(u8::from(case.open)),
        judged_in: Some(case.fold),
        group: Some(case.fold),
    };
    cases.iter().zip(logits).map(row).collect()
}

/// The bias and weights for posts that name us.
fn fit_named(
    cases: &[lines::Case],
    lines: &[Row],
    posts: &[Row],
    prior: &Prior,
    telling: Telling,
) -> Result<Vec<f64>> {
    let mut rows = lines.to_vec();
    rows.extend(scaled(posts, SHARE_OF_POSTS * lines.len() as f64));
    let learnt_only = rows.iter_mut().skip(lines.len());
    learnt_only.for_each(|row| (row.judged_in, row.group) = (None, None));
    let mut judged = cross_validated(&rows, prior, FOLDS);
    judged.truncate(lines.len());
    for (logit, case) in judged.iter_mut().zip(cases) {
        if !case.open {
            *logit = f64::NEG_INFINITY;
        }
    }
    let share = |at: usize| if cases[at].is_hard() { 1.0 } else { OF_USUAL };
    let cut = balance(&judged, |at| (lines[at].unhappy, share(at)));
    if telling == Telling::Nothing {
        return Ok(finished(&rows, prior, cut));
    }
    Terminal::line(&format!(
        "where the text names us, lines, cross-validated ({} lines):",
        lines.len()
    ))?;
    for part in ["all", "tune", "dev"] {
        let of_part = |at: usize| f64::from(u8::from(part == "all" || cases[at].part == part));
        let [right, alarm, missed] = counts(&judged, cut, |at| (lines[at].unhappy, of_part(at)));
        let share = |other: f64| right / f64::max(right + other, 1.0);
        let (precision, recall) = (share(alarm), share(missed));
        Terminal::line(&format!(
            "  {part}: precision {precision:.3} recall {recall:.3}"
        ))?;
    }
    if telling == Telling::Wrong {
        tell_wrong(cases, &judged, cut)?;
    }
    Ok(finished(&rows, prior, cut))
}

/// The fit for posts that do not name us.
pub(super) struct Elsewhere {
    /// The bias, then the weights.
    pub(super) weights: Vec<f64>,
    /// The logit of each post by a fit without its source, at the level of `weights`.
    pub(super) judged: Vec<f64>,
}

/// The bias and weights for all other posts.
pub(super) fn fit_elsewhere(posts: &Posts<'_>, lines: &[Row], prior: &Prior) -> Elsewhere {
    let mut rows = scaled(&posts.rows(|_| true), POSTS_WEIGH);
    rows.extend(lines.iter().map(|line| Row {
        weight: line.weight * SHARE_OF_LINES,
        judged_in: None,
        group: None,
        ..line.clone()
    }));
    let mut judged = cross_validated(&rows, prior, GROUPS);
    // The first half of the rows are the posts with the logit of a model without their source.
    judged.truncate(posts.all.len());
    let cut = balance(&judged, |at| (rows[at].unhappy, rows[at].weight));
    for logit in &mut judged {
        *logit += CUT - cut;
    }
    Elsewhere {
        weights: finished(&rows, prior, cut),
        judged,
    }
}

/// The values of facts of a post that no fit has seen, in a sum with the weights of one.
pub(super) fn told(weights: &[f64], facts: &[Fact], logits: [f64; 2]) -> f64 {
    let values = values(facts, logits);
    let cells = values.iter().zip(&weights[1..]);
    weights[0]
        + cells
            .map(|(value, weight)| f64::from(*value) * weight)
            .sum::<f64>()
}

/// What a fit for posts that do not name us is drawn to.
pub(super) fn prior_elsewhere(facts: &[Fact]) -> Result<Prior> {
    let names: Vec<&str> = facts.iter().map(|fact| fact.0).collect();
    Ok(Prior {
        pulls: vec![PULL_ELSEWHERE; names.len()],
        weights: by_hand(&names)?,
    })
}

fn by_hand(names: &[&str]) -> Result<Vec<f64>> {
    let found = names.iter().map(|name| {
        let known = BY_HAND.iter().find(|(known, _)| known == name);
        Some(known?.1)
    });
    let found: Option<Vec<f64>> = found.collect();
    found.context("a fact without a weight set by hand")
}

impl Posts<'_> {
    /// Twice each: first all with the logits for new sources, then all with those for known ones. Each
    /// class of each source weighs the same.
    fn rows(&self, wanted: impl Fn(&Post) -> bool) -> Vec<Row> {
        let mut sources: Vec<&str> = self.all.iter().map(|post| post.source.as_str()).collect();
        sources.dedup();
        let of_source = |post: &Post| sources.iter().position(|name| *name == post.source);
        let kept: Vec<usize> = (0..self.all.len())
            .filter(|&at| wanted(&self.all[at]))
            .collect();
        let class = |at: usize| (&self.all[at].source, self.all[at].unhappy);
        let mut sizes = std::collections::BTreeMap::new();
        for &at in &kept {
            *sizes.entry(class(at)).or_insert(0.0) += 1.0;
        }
        let mean = sizes.len() as f64 / kept.len().max(1) as f64;
        let row = |at: usize, logit: f64, is_judged: bool| {
            let group = of_source(&self.all[at]).map(|source| source % GROUPS);
            Row {
                values: values(&self.facts[at], [logit, self.of_lines[at]]),
                unhappy: self.all[at].unhappy,
                weight: (1.0 / sizes[&class(at)] / mean).clamp(0.1, 10.0),
                judged_in: group.filter(|_| is_judged),
                group,
            }
        };
        let new = kept.iter().map(|&at| row(at, self.new[at], true));
        let known = kept.iter().map(|&at| row(at, self.known[at], false));
        new.chain(known).collect()
    }
}

/// The same rows with this sum of weights.
fn scaled(rows: &[Row], total: f64) -> Vec<Row> {
    let sum: f64 = rows.iter().map(|row| row.weight).sum();
    let scaled = rows.iter().cloned().map(|mut row| {
        row.weight *= total / sum.max(f64::MIN_POSITIVE);
        row
    });
    scaled.collect()
}

/// The fit to all rows, moved so that `cut` comes to lie at `complaint_at`.
fn finished(rows: &[Row], prior: &Prior, cut: f64) -> Vec<f64> {
    let all: Vec<&Row> = rows.iter().collect();
    let mut weights = fit(&all, prior);
    weights[0] += CUT - cut;
    weights
}

/// What a fit that has not seen the line judges wrongly, the worst first.
fn tell_wrong(cases: &[lines::Case], logits: &[f64], cut: f64) -> Result<()> {
    let mut wrong: Vec<(f64, &lines::Case)> = (logits.iter().copied().zip(cases))
        .filter(|(logit, case)| (*logit >= cut) != case.complaint)
        .collect();
    wrong.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    for (logit, case) in wrong {
        let what = match (case.open, case.complaint) {
            (false, _) => "closed",
            (true, true) => "missed",
            (true, false) => "alarm",
        };
        Terminal::line(&format!(
            "{what} {logit:.2} {}",
            case.told().replace('\n', " ")
        ))?;
    }
    Ok(())
}

/// The values of facts, with the first level's logits in place of those of the embedded models.
fn values(facts: &[Fact], [posts, lines]: [f64; 2]) -> Vec<f32> {
    let value = |(name, _, value): &Fact| match *name {
        "posts model" => posts.clamp(-MODEL_MOST, MODEL_MOST),
        "lines model" => lines.clamp(-MODEL_MOST, MODEL_MOST),
        _ => *value,
    };
    facts.iter().map(|fact| value(fact) as f32).collect()
}

/// Each row's logit by a fit that has not seen it; 0 for rows that are only learnt from.
fn cross_validated(rows: &[Row], prior: &Prior, folds: usize) -> Vec<f64> {
    let judge = |fold: usize| {
        let seen: Vec<&Row> = rows.iter().filter(|row| row.group != Some(fold)).collect();
        let weights = fit(&seen, prior);
        let judged = rows
            .iter()
            .enumerate()
            .filter(move |(_, row)| row.judged_in == Some(fold));
        judged
            .map(|(at, row)| (at, logit(row, &weights)))
            .collect::<Vec<_>>()
    };
    linear::in_two_threads(folds, rows.len(), judge)
}

/// The bias, then the weights, by Newton's step for one after the other.
fn fit(rows: &[&Row], prior: &Prior) -> Vec<f64> {
    let mut weights: Vec<f64> = [0.0]
        .into_iter()
        .chain(prior.weights.iter().copied())
        .collect();
    let mut sums: Vec<f64> = rows.iter().map(|row| logit(row, &weights)).collect();
    // By columns: most facts are absent from most texts.
    let columns: Vec<Vec<(usize, f64)>> = (0..weights.len())
        .map(|column| {
            let value = |row: &Row| {
                column
                    .checked_sub(1)
                    .map_or(1.0, |at| row.values[at].into())
            };
            let cells = rows.iter().enumerate().map(|(at, row)| (at, value(row)));
            cells
                .filter(|(_, value): &(usize, f64)| *value != 0.0)
                .collect()
        })
        .collect();
    for _ in 0..SWEEPS {
        for (column, cells) in columns.iter().enumerate() {
            let (mut slope, mut bend) = match column.checked_sub(1) {
                Some(at) => {
                    let pull = prior.pulls[at];
                    (pull * (weights[column] - prior.weights[at]), pull)
                }
                None => (0.0, 1e-9),
            };
            for &(at, value) in cells {
                let p = 1.0 / (1.0 + (-sums[at]).exp());
                let row = rows[at];
                slope += row.weight * (p - f64::from(u8::from(row.unhappy))) * value;
                bend += row.weight * (p * (1.0 - p)).max(0.01) * value * value;
            }
            let next = weights[column] - slope / bend;
            let next = match column.checked_sub(1).map(|at| prior.weights[at] >= 0.0) {
                Some(true) => next.max(0.0),
                Some(false) => next.min(0.0),
                None => next,
            };
            let step = next - weights[column];
            weights[column] = next;
            for &(at, value) in cells {
                sums[at] += step * value;
            }
        }
    }
    weights
}

fn logit(row: &Row, weights: &[f64]) -> f64 {
    let cells = row.values.iter().zip(&weights[1..]);
    weights[0]
        + cells
            .map(|(value, weight)| f64::from(*value) * weight)
            .sum::<f64>()
}

/// The cut at which precision and recall are most alike; `of` tells label and weight.
fn balance(logits: &[f64], of: impl Fn(usize) -> (bool, f64)) -> f64 {
    let far = |cut: f64| {
        let [right, alarm, missed] = counts(logits, cut, &of);
        (alarm - missed).abs() - 0.001 * right
    };
    let cuts = (-150..=150).map(|cut| f64::from(cut) / 50.0);
    cuts.min_by(|a, b| far(*a).total_cmp(&far(*b)))
        .unwrap_or(0.0)
}

/// Weights of what is found, of false alarms and of what is missed.
fn counts(logits: &[f64], cut: f64, of: impl Fn(usize) -> (bool, f64)) -> [f64; 3] {
    let mut counts = [0.0; 3];
    for (at, logit) in logits.iter().enumerate() {
        let (unhappy, weight) = of(at);
        match (*logit >= cut, unhappy) {
            (true, true) => counts[0] += weight,
            (true, false) => counts[1] += weight,
            (false, true) => counts[2] += weight,
            (false, false) => {}
        }
    }
    counts
}
