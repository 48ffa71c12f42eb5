//! The second level: weights of the scorer's named facts, fitted to labelled lines.
//!
//! Logistic regression that is drawn towards weights set by hand (a fact that the lines hardly
//! show keeps its weight) and never lets a weight change its sign. How strongly is chosen by ten-fold
//! cross-validation; its figures are told before the weights.

use anyhow::{Context as _, Result};

use escucha::score::Fact;
use escucha::score::model::LOGIT_MAX as MODEL_MOST;

use super::lines::{self, FOLDS};

const SWEEPS: usize = 60;
/// How strongly weights are drawn to those of the scorer.
const PULLS: [f64; 7] = [0.3, 1.0, 2.0, 4.0, 8.0, 16.0, 1000.0];
/// How strongly the weights that are kept are drawn.
const KEPT_PULL: f64 = 1000.0;
/// The logit of `complaint_at`.
const CUT: f64 = 0.405_465;

/// The weights set by hand, before any fit: what fits are drawn to. Those of the scorer would not do:
/// they were fitted to the very lines that cross-validation leaves out.
const BY_HAND: [(&str, f64); 50] = [
    ("posts model", 0.40),
    ("lines model", 0.60),
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

/// Facts of which the lines are no witness: half of them were written to be hard, with bad words where
/// nobody complains and none where somebody does. Public posts say that these facts tell much.
const KEPT: [&str; 3] = ["posts model", "bad words", "good words"];

struct Case {
    told: String,
    values: Vec<f64>,
    complaint: bool,
    /// Whether the rest of the scorer lets it be a complaint: it names us and is not about a rival.
    open: bool,
    part: String,
    fold: usize,
}

/// `logits` are those of the first level, of posts and of lines, by models that have not seen the line.
pub(super) fn weigh(cases: Vec<lines::Case>, logits: &[[f64; 2]], wrong: bool) -> Result<()> {
    let names = cases.first().context("no lines")?.facts.iter();
    let by_hand = |name: &str| BY_HAND.iter().find(|(known, _)| *known == name);
    let prior = |fact: &Fact| by_hand(fact.0).map_or(fact.1, |(_, weight)| *weight);
    let (names, prior): (Vec<&str>, Vec<f64>) = names.map(|fact| (fact.0, prior(fact))).unzip();
    let pulls = |pull: f64| -> Vec<f64> {
        let of = |name: &&str| if KEPT.contains(name) { KEPT_PULL } else { pull };
        names.iter().map(of).collect()
    };
    let cases: Vec<Case> = cases
        .into_iter()
        .zip(logits)
        .map(|(case, logit)| Case {
            told: case.told(),
            values: case.facts.iter().map(|fact| value(fact, *logit)).collect(),
            complaint: case.complaint,
            open: case.open,
            part: case.part,
            fold: case.fold,
        })
        .collect();
    println!("{} lines, {} facts", cases.len(), names.len());
    let mut tried: Vec<Tried> = Vec::new();
    for pull in PULLS {
        let logits = cross_validated(&cases, &prior, &pulls(pull));
        let cut = balance(&cases, &logits);
        let (loss, error) = loss(&cases, &logits);
        print!("pull {pull}: loss {loss:.4} ± {error:.4}, cut {cut:.2}, cross-validated");
        for part in ["all", "tune", "dev"] {
            print!(" {part} {}", figures(&cases, &logits, cut, part));
        }
        println!();
        tried.push(Tried {
            pull,
            cut,
            loss,
            error,
        });
    }
    let Tried { pull, cut, .. } = one_error_rule(&tried).context("no fit")?;
    if wrong {
        tell_wrong(&cases, &cross_validated(&cases, &prior, &pulls(pull)), cut);
    }
    let all: Vec<&Case> = cases.iter().filter(|case| case.open).collect();
    let (bias, weights) = fit(&all, &prior, &pulls(pull));
    println!("pull {pull}, bias {:.2}", bias + CUT - cut);
    for (name, (weight, prior)) in names.iter().zip(weights.iter().zip(&prior)) {
        println!("  {name}: {weight:.2} (by hand {prior:.2})");
    }
    let logits: Vec<f64> = cases
        .iter()
        .map(|case| logit(case, bias, &weights))
        .collect();
    println!("fitted: {}", figures(&cases, &logits, cut, "all"));
    Ok(())
}

/// A pull, and how fits with it judge lines that they have not seen.
#[derive(Clone, Copy)]
struct Tried {
    pull: f64,
    cut: f64,
    loss: f64,
    error: f64,
}

/// The strongest pull whose loss lies within one standard error of the least (Breiman and others, 1984):
/// what the lines cannot tell apart stays as it was set by hand.
fn one_error_rule(tried: &[Tried]) -> Option<Tried> {
    let best = tried.iter().min_by(|a, b| a.loss.total_cmp(&b.loss))?;
    tried
        .iter()
        .filter(|tried| tried.loss <= best.loss + best.error)
        .max_by(|a, b| a.pull.total_cmp(&b.pull))
        .copied()
}

/// What a fit that has not seen the line judges wrongly, the worst first.
fn tell_wrong(cases: &[Case], logits: &[f64], cut: f64) {
    let told = |case: &Case, logit: f64| case.open && logit >= cut;
    let mut wrong: Vec<(f64, &Case)> = cases
        .iter()
        .zip(logits)
        .filter(|(case, logit)| told(case, **logit) != case.complaint)
        .map(|(case, logit)| (*logit, case))
        .collect();
    wrong.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    for (logit, case) in wrong {
        let what = match (case.open, case.complaint) {
            (false, _) => "closed",
            (true, true) => "missed",
            (true, false) => "alarm",
        };
        println!("{what} {logit:.2} {}", case.told.replace('\n', " "));
    }
}

/// The value of a fact, with the first level's logits in place of those of the embedded models.
fn value((name, _, value): &Fact, [posts, lines]: [f64; 2]) -> f64 {
    match *name {
        "posts model" => posts.clamp(-MODEL_MOST, MODEL_MOST),
        "lines model" => lines.clamp(-MODEL_MOST, MODEL_MOST),
        _ => *value,
    }
}

/// Each case's logit by a fit that has not seen it.
fn cross_validated(cases: &[Case], prior: &[f64], pulls: &[f64]) -> Vec<f64> {
    let mut logits = vec![0.0; cases.len()];
    for fold in 0..FOLDS {
        let seen: Vec<&Case> = cases
            .iter()
            .filter(|case| case.fold != fold && case.open)
            .collect();
        let (bias, weights) = fit(&seen, prior, pulls);
        for (case, told) in cases
            .iter()
            .zip(&mut logits)
            .filter(|(case, _)| case.fold == fold)
        {
            *told = logit(case, bias, &weights);
        }
    }
    logits
}

/// The bias and the weights, by Newton's step for one weight after the other.
fn fit(cases: &[&Case], prior: &[f64], pulls: &[f64]) -> (f64, Vec<f64>) {
    let mut weights = prior.to_vec();
    let mut bias = 0.0;
    let mut sums: Vec<f64> = cases
        .iter()
        .map(|case| logit(case, bias, &weights))
        .collect();
    for _ in 0..SWEEPS {
        let (mut slope, mut bend) = (0.0, 1e-9);
        for (case, sum) in cases.iter().zip(&sums) {
            let (error, spread) = error(case, *sum);
            slope += error;
            bend += spread;
        }
        bias -= slope / bend;
        for sum in &mut sums {
            *sum -= slope / bend;
        }
        for at in 0..weights.len() {
            let (mut slope, mut bend) = (pulls[at] * (weights[at] - prior[at]), pulls[at]);
            for (case, sum) in cases
                .iter()
                .zip(&sums)
                .filter(|(case, _)| case.values[at] != 0.0)
            {
                let (error, spread) = error(case, *sum);
                slope += error * case.values[at];
                bend += spread * case.values[at].powi(2);
            }
            let next = weights[at] - slope / bend;
            let next = if prior[at] >= 0.0 {
                next.max(0.0)
            } else {
                next.min(0.0)
            };
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
    (
        p - f64::from(u8::from(case.complaint)),
        (p * (1.0 - p)).max(0.01),
    )
}

fn logit(case: &Case, bias: f64, weights: &[f64]) -> f64 {
    bias + weights
        .iter()
        .zip(&case.values)
        .map(|(weight, value)| weight * value)
        .sum::<f64>()
}

/// The mean loss of a line, and its standard error.
fn loss(cases: &[Case], logits: &[f64]) -> (f64, f64) {
    let open = cases.iter().zip(logits).filter(|(case, _)| case.open);
    let losses: Vec<f64> = open
        .map(|(case, logit)| {
            let sign = if case.complaint { -1.0 } else { 1.0 };
            (sign * logit).exp().ln_1p()
        })
        .collect();
    let n = losses.len().max(2) as f64;
    let mean = losses.iter().sum::<f64>() / n;
    let variance = losses.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// The cut at which precision and recall are most alike.
fn balance(cases: &[Case], logits: &[f64]) -> f64 {
    let far = |cut: f64| {
        let [right, wrong, missed] = verdicts(cases, logits, cut, "all");
        (wrong - missed).abs() - 0.001 * right
    };
    let cuts = (-150..=150).map(|cut| f64::from(cut) / 50.0);
    cuts.min_by(|a, b| far(*a).total_cmp(&far(*b)))
        .unwrap_or(0.0)
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
