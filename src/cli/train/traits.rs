//! Fits a table of opinions ([`crate::score::opinion::table`]) to the traits of labelled lines: for each question a
//! logistic regression by dual coordinate descent as in [`super::linear`], in which lines that answer it with yes
//! weigh as much as the others. Each writer's lines are judged by a fit that has not seen that writer.
//!
//! Absent: what is asked, and from which logit on an opinion counts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde::de::DeserializeOwned;

use super::linear::{best_dual, in_two_threads, shuffle};
use super::lines;
use crate::model::Timestamp;
use crate::score::opinion::table::{IDF_STEP, Parts};
use crate::score::{Sample, Scorer};

/// What an error costs beside the weights.
const COST: f64 = 5.0;
const EPOCHS: usize = 12;
/// Lines that must have a trait; those of fewer are chance.
const LINES_LEAST: u32 = 2;
/// What a block is worth beside the other: words say more of the line that they are of.
const WORTH: [f64; 2] = [1.0, 0.8];

/// A labelled line.
pub(super) struct Row {
    pub(super) writer: String,
    /// The label of each question.
    pub(super) has: Vec<bool>,
    /// By block, in ascending order.
    pub(super) keys: [Vec<u32>; 2],
    /// Column and value, each block of the length that it is worth.
    cells: Vec<(usize, f32)>,
}

impl Row {
    pub(super) fn new(id: &str, has: Vec<bool>, mut keys: [Vec<u32>; 2]) -> Self {
        for block in &mut keys {
            block.sort_unstable();
        }
        // The lines of a writer begin alike.
        let writer = id.split(['-', '_']).next().unwrap_or_default();
        Self {
            writer: writer.to_owned(),
            has,
            keys,
            cells: Vec::new(),
        }
    }
}

/// A line of a file, with its answers.
#[derive(serde::Deserialize)]
pub(super) struct Line<Labels> {
    pub(super) id: String,
    text: String,
    title: Option<String>,
    author: Option<String>,
    rating: Option<f64>,
    #[serde(flatten)]
    pub(super) labels: Labels,
}

/// Shows each line of the files as its users' scorer reads it, at the moment that is told with it.
pub(super) fn each_line<Labels: DeserializeOwned>(
    paths: &[PathBuf],
    mut look: impl FnMut(&Line<Labels>, &Scorer, &Sample<'_>, Timestamp),
) -> Result<()> {
    let scorer = lines::reader()?;
    let now = Timestamp::parse_rfc3339("2026-11-20T10:00:00Z").context("a moment")?;
    for path in paths {
        let file = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        for (n, line) in file.lines().enumerate() {
            let place = || format!("{} line {}", path.display(), n + 1);
            let line: Line<Labels> = serde_json::from_str(line).with_context(place)?;
            let sample = Sample {
                title: line.title.as_deref(),
                text: &line.text,
                author: line.author.as_deref(),
                rating: line.rating,
                published: Some(now),
                ..Sample::default()
            };
            look(&line, &scorer, &sample, now);
        }
    }
    Ok(())
}

/// Fits all questions. `cuts` tells for a question and the logits of its rows, each by a fit without its writer,
/// from which logit on an opinion counts and below which it is against.
pub(super) fn fit_all<const N: usize>(
    rows: &mut [Row],
    mut cuts: impl FnMut(usize, &[f64]) -> Result<[f64; 2]>,
) -> Result<Parts<N>> {
    let (keys, idf) = columns(rows);
    for row in rows.iter_mut() {
        let blocks = row.keys.iter().zip(WORTH);
        let cells = blocks.flat_map(|(block, worth)| cells(block, worth, &keys, &idf));
        row.cells = cells.collect();
    }
    let families: BTreeSet<u32> = rows
        .iter()
        .flat_map(|row| row.keys[1].iter().copied())
        .collect();
    let mut parts = Parts {
        weights: vec![[0; N]; keys.len()],
        keys,
        idf,
        heads: Vec::new(),
    };
    let all: Vec<&Row> = rows.iter().collect();
    for question in 0..N {
        let logits = without_writer(rows, question, parts.keys.len());
        let [cut, veto] = cuts(question, &logits)?;
        let fit = fit(&all, question, parts.keys.len());
        let step = parts.fold_in(question, &fit, &families);
        let bias = fit.last().copied().unwrap_or_default();
        parts.heads.push([bias, step, cut as f32, veto as f32]);
    }
    Ok(parts)
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
fn fit(rows: &[&Row], question: usize, n_columns: usize) -> Vec<f32> {
    let n_with = rows.iter().filter(|row| row.has[question]).count();
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
            let target = f64::from(u8::from(row.has[question]));
            let dual = best_dual(
                COST * worth(row.has[question]),
                square,
                target,
                sum,
                duals[at],
            );
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
fn without_writer(rows: &[Row], question: usize, n_columns: usize) -> Vec<f64> {
    let mut writers: Vec<&str> = rows.iter().map(|row| row.writer.as_str()).collect();
    writers.sort_unstable();
    writers.dedup();
    in_two_threads(writers.len(), rows.len(), |writer| {
        let others: Vec<&Row> = rows
            .iter()
            .filter(|row| row.writer != writers[writer])
            .collect();
        let weights = fit(&others, question, n_columns);
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

impl<const N: usize> Parts<N> {
    /// Takes one question's weights in, times idf and worth, as bytes; returns their step.
    fn fold_in(&mut self, question: usize, fit: &[f32], families: &BTreeSet<u32>) -> f32 {
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
            row[question] = (weight / step).round().clamp(-127.0, 127.0) as i8;
        }
        step
    }
}
