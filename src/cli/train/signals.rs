//! Trains the second opinions on signals, and tells how well they find what their writers have not taught them.
//!
//! For each kind a logistic regression on the traits of labelled lines ([`crate::score::opinion`]), in which lines
//! with the fact weigh as much as those without, fitted by dual coordinate descent as in [`super::linear`]. Each
//! writer's lines are judged by a fit that has not seen that writer; on these judgements the logits are chosen from
//! which an opinion counts, or is against a pattern, so that patterns and opinions together do best.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::linear::{best_dual, in_two_threads, shuffle};
use super::{Terminal, lines};
use crate::model::{SignalKind, Timestamp};
use crate::score::Sample;
use crate::score::opinion::{BLOCKS, IDF_STEP, KINDS, Parts};

/// The name of the file.
pub(super) const FILE: &str = "signals.bin";
/// What an error costs beside the weights.
const COST: f64 = 5.0;
const EPOCHS: usize = 12;
/// Lines that must have a trait; those of fewer are chance.
const LINES_LEAST: u32 = 2;
/// What a block is worth beside the other: words say more of the line that they are of.
const WORTH: [f64; BLOCKS] = [1.0, 0.8];
/// The share of lines that tell each kind where nobody looked for facts (`tests/data/hard.tune.jsonl`), in the order
/// of [`SignalKind::ALL`]: lines written for a fact hold it more often than posts do.
const USUAL: [f64; KINDS] = [
    0.10, 0.056, 0.073, 0.033, 0.056, 0.043, 0.063, 0.033, 0.033, 0.030,
];
/// No opinion counts, and none is against a pattern.
const NONE: [f64; 2] = [f64::INFINITY, f64::NEG_INFINITY];
/// An opinion that is not against a fact takes none away: a danger that is missed is worse than one too many.
const VETO_MOST: f64 = -0.5;
/// How often each of the two logits is chosen beside the other.
const ROUNDS: usize = 2;
/// The least precision of what opinions add, and how much of what they take away must be wrong.
const PRECISION: f64 = 0.60;
const DOUBTED: f64 = 0.70;

#[derive(serde::Deserialize)]
struct Line {
    id: String,
    text: String,
    title: Option<String>,
    author: Option<String>,
    rating: Option<f64>,
    signals: Vec<Fact>,
}

#[derive(serde::Deserialize)]
struct Fact {
    kind: SignalKind,
}

struct Row {
    writer: String,
    /// By place in [`SignalKind::ALL`]: what is labelled, and what patterns find.
    has: [bool; KINDS],
    told: [bool; KINDS],
    /// Whether opinions are heard on it at all.
    open: bool,
    /// By block, in ascending order.
    keys: [Vec<u32>; BLOCKS],
    /// Column and value, each block of the length that it is worth.
    cells: Vec<(usize, f32)>,
}

/// Trains on these files and tells the figures.
pub(super) fn train(paths: &[PathBuf]) -> Result<Vec<u8>> {
    let mut rows = read(paths)?;
    let (keys, idf) = columns(&rows);
    for row in &mut rows {
        let blocks = row.keys.iter().zip(WORTH);
        let cells = blocks.flat_map(|(block, worth)| cells(block, worth, &keys, &idf));
        row.cells = cells.collect();
    }
    let families: BTreeSet<u32> = rows
        .iter()
        .flat_map(|row| row.keys[1].iter().copied())
        .collect();
    let mut parts = Parts {
        weights: vec![[0; KINDS]; keys.len()],
        keys,
        idf,
        ..Parts::default()
    };
    let all: Vec<&Row> = rows.iter().collect();
    for kind in 0..KINDS {
        let logits = without_writer(&rows, kind, parts.keys.len());
        let [cut, veto] = best_cuts(&rows, kind, &logits)?;
        let fit = fit(&all, kind, parts.keys.len());
        let step = parts.fold_in(kind, &fit, &families);
        let bias = fit.last().copied().unwrap_or_default();
        parts.heads.push([bias, step, cut as f32, veto as f32]);
    }
    Ok(parts.to_file())
}

fn read(paths: &[PathBuf]) -> Result<Vec<Row>> {
    let scorer = lines::reader()?;
    let now = Timestamp::parse_rfc3339("2026-11-20T10:00:00Z").context("a moment")?;
    let mut rows = Vec::new();
    for path in paths {
        let file = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        for (n, line) in file.lines().enumerate() {
            let place = || format!("{} line {}", path.display(), n + 1);
            let line: Line = serde_json::from_str(line).with_context(place)?;
            let sample = Sample {
                title: line.title.as_deref(),
                text: &line.text,
                author: line.author.as_deref(),
                rating: line.rating,
                published: Some(now),
                ..Sample::default()
            };
            let (mut keys, found) = scorer.traits(&sample, now);
            for block in &mut keys {
                block.sort_unstable();
            }
            let verdict = scorer.verdict(&sample, now);
            let open = verdict.target != crate::model::Target::Other;
            let is_told = verdict.level > crate::model::Level::None;
            let of = |is: &dyn Fn(SignalKind) -> bool| {
                let mut has = [false; KINDS];
                for (has, kind) in has.iter_mut().zip(SignalKind::ALL) {
                    *has = is(*kind);
                }
                has
            };
            rows.push(Row {
                writer: line
                    .id
                    .split(['-', '_'])
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
                has: of(&|kind| line.signals.iter().any(|fact| fact.kind == kind)),
                told: of(&|kind| open && is_told && found.contains(&kind)),
                open,
                keys,
                cells: Vec::new(),
            });
        }
    }
    Ok(rows)
}

/// The keys of traits that enough lines have, in ascending order, and their idf.
fn columns(rows: &[Row]) -> (Vec<u32>, Vec<u8>) {
    let mut found: BTreeMap<u32, u32> = BTreeMap::new();
    for row in rows {
        for block in &row.keys {
            let each = block.chunk_by(|a, b| a == b);
            each.for_each(|same| *found.entry(same[0]).or_default() += 1);
        }
    }
    found.retain(|_, n| *n >= LINES_LEAST);
    let n = rows.len() as f64;
    let idf = |df: &u32| (((1.0 + n) / (1.0 + f64::from(*df))).ln() + 0.2) / IDF_STEP;
    let idf = found
        .values()
        .map(|df| idf(df).round().clamp(1.0, 255.0) as u8);
    let idf = idf.collect();
    (found.into_keys().collect(), idf)
}

fn cells(keys: &[u32], worth: f64, columns: &[u32], idf: &[u8]) -> Vec<(usize, f32)> {
    let known = keys.chunk_by(|a, b| a == b).filter_map(|same| {
        let column = columns.binary_search(&same[0]).ok()?;
        Some((column, same.len() as f64, f64::from(idf[column]) * IDF_STEP))
    });
    let known: Vec<(usize, f64, f64)> = known.collect();
    let square: f64 = known.iter().map(|(_, n, idf)| n * idf * idf).sum();
    let length = square.sqrt().max(1.0);
    let cell = |(column, n, idf): &(usize, f64, f64)| (*column, (worth * n * idf / length) as f32);
    known.iter().map(cell).collect()
}

/// The weights of columns, and the constant behind them.
fn fit(rows: &[&Row], kind: usize, n_columns: usize) -> Vec<f32> {
    let n_with = rows.iter().filter(|row| row.has[kind]).count();
    let worth = |has: bool| {
        let n = if has { n_with } else { rows.len() - n_with };
        rows.len() as f64 / (2 * n.max(1)) as f64
    };
    let mut weights = vec![0.0_f32; n_columns + 1];
    let mut duals = vec![0.0_f64; rows.len()];
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut state = 1_u64;
    for _ in 0..EPOCHS {
        shuffle(&mut order, &mut state);
        for &at in &order {
            let row = rows[at];
            let (mut sum, mut square) = (f64::from(weights[n_columns]), 1.0);
            for &(column, value) in &row.cells {
                sum += f64::from(weights[column] * value);
                square += f64::from(value * value);
            }
            let target = f64::from(u8::from(row.has[kind]));
            let dual = best_dual(COST * worth(row.has[kind]), square, target, sum, duals[at]);
            let step = (dual - duals[at]) as f32;
            duals[at] = dual;
            for &(column, value) in &row.cells {
                weights[column] += step * value;
            }
            weights[n_columns] += step;
        }
    }
    weights
}

/// What is thought of each row by a fit without its writer.
fn without_writer(rows: &[Row], kind: usize, n_columns: usize) -> Vec<f64> {
    let mut writers: Vec<&str> = rows.iter().map(|row| row.writer.as_str()).collect();
    writers.sort_unstable();
    writers.dedup();
    in_two_threads(writers.len(), rows.len(), |writer| {
        let others: Vec<&Row> = rows
            .iter()
            .filter(|row| row.writer != writers[writer])
            .collect();
        let weights = fit(&others, kind, n_columns);
        let judged = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.writer == writers[writer]);
        let logit = |row: &Row| {
            let cells = row.cells.iter();
            let sum: f32 = cells.map(|(column, value)| weights[*column] * value).sum();
            f64::from(sum + weights[n_columns])
        };
        judged.map(|(at, row)| (at, logit(row))).collect()
    })
}

/// The logits with which patterns and opinions together have the best mean of precision and recall (F1): from the
/// first on an opinion counts by itself, below the second it is against a pattern.
fn best_cuts(rows: &[Row], kind: usize, logits: &[f64]) -> Result<[f64; 2]> {
    let share = rows.iter().filter(|row| row.has[kind]).count() as f64 / rows.len() as f64;
    let odds = |share: f64| (1.0 - share) / share;
    let rarer = odds(USUAL[kind]) / odds(share);
    let with = |[cut, veto]: [f64; 2]| {
        let mut count = Count::default();
        for (row, logit) in rows.iter().zip(logits) {
            let more = row.open && *logit >= cut;
            let told = row.told[kind] && *logit >= veto;
            let worth = if row.has[kind] { 1.0 } else { rarer };
            count.add(told || more, row.told[kind], row.has[kind], worth);
        }
        count
    };
    let mut order: Vec<f64> = logits.to_vec();
    order.sort_by(|a, b| b.total_cmp(a));
    let mut best = NONE;
    // Each depends on the other.
    for _ in 0..ROUNDS {
        for at in 0..best.len() {
            for &logit in &order {
                let mut cuts = best;
                cuts[at] = if at == 0 { logit } else { logit.min(VETO_MOST) };
                let count = with(cuts);
                if count.is_precise() && count.f1() > with(best).f1() {
                    best = cuts;
                }
            }
        }
    }
    let name = SignalKind::ALL[kind];
    let (alone, both) = (with(NONE).told(), with(best).told());
    let [cut, veto] = best;
    Terminal::line(&format!(
        "{name}: patterns {alone}, with opinions from {cut:.2} and below {veto:.2} {both}"
    ))?;
    Ok(best)
}

/// Lines, each by what it is worth.
#[derive(Default)]
struct Count {
    right: f64,
    wrong: f64,
    missed: f64,
    /// What patterns do not find.
    more_right: f64,
    more_wrong: f64,
    /// What they find, and opinions take away.
    less_right: f64,
    less_wrong: f64,
}

impl Count {
    fn add(&mut self, told: bool, by_pattern: bool, has: bool, worth: f64) {
        let (right, wrong) = (&mut self.right, &mut self.wrong);
        match (told, has) {
            (true, true) => *right += worth,
            (true, false) => *wrong += worth,
            (false, true) => self.missed += worth,
            (false, false) => {}
        }
        match (told && !by_pattern, has) {
            (true, true) => self.more_right += worth,
            (true, false) => self.more_wrong += worth,
            (false, _) => {}
        }
        match (by_pattern && !told, has) {
            (true, true) => self.less_right += worth,
            (true, false) => self.less_wrong += worth,
            (false, _) => {}
        }
    }

    fn f1(&self) -> f64 {
        let twice = 2.0 * self.right;
        twice / (twice + self.wrong + self.missed).max(1.0)
    }

    /// What opinions add is right often enough, and what they take away is wrong often enough.
    fn is_precise(&self) -> bool {
        let more = self.more_right + self.more_wrong;
        let less = self.less_right + self.less_wrong;
        self.more_right >= PRECISION * more && self.less_wrong >= DOUBTED * less
    }

    fn told(&self) -> String {
        let share = |of: f64| self.right / of.max(1.0);
        let (precision, recall) = (self.right + self.wrong, self.right + self.missed);
        format!("{:.2}/{:.2}", share(precision), share(recall))
    }
}

impl Parts {
    /// Takes one kind's weights in, times idf and worth, as bytes; returns their step.
    fn fold_in(&mut self, kind: usize, fit: &[f32], families: &BTreeSet<u32>) -> f32 {
        let columns = fit.iter().zip(self.idf.iter().zip(&self.keys));
        let folded = columns.map(|(weight, (idf, key))| {
            let worth = WORTH[usize::from(families.contains(key))];
            weight * (f64::from(*idf) * IDF_STEP * worth) as f32
        });
        let folded: Vec<f32> = folded.collect();
        let largest = folded
            .iter()
            .fold(f32::MIN_POSITIVE, |most, w| most.max(w.abs()));
        let step = largest / 127.0;
        for (row, weight) in self.weights.iter_mut().zip(&folded) {
            row[kind] = (weight / step).round().clamp(-127.0, 127.0) as i8;
        }
        step
    }
}
