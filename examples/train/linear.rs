//! The first level: L2-regularised logistic regression on hashed n-grams.
//!
//! Columns are scaled by how much they tell the classes apart (Wang and Manning, 2012), rows weighted
//! so that each class of each source counts the same. The optimum is found by dual coordinate descent
//! (Yu, Huang and Lin, 2011), which needs no step size.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use escucha::score::model::grams::{self, BUCKETS, Source};
use escucha::score::model::{IDF_STEP, Model, Parts, damped};

use super::posts::Post;

/// Columns: both blocks one after the other, then the constant.
const COLUMNS: usize = 2 * BUCKETS + 1;
/// What an error in a post costs beside the weights, and one in a line of our own: these are fewer, and
/// of the kind that the model is for. Chosen by cross-validation of the second level.
const COST: f64 = 0.3;
const COST_OF_LINE: f64 = 4.0;
const EPOCHS: usize = 15;
/// The largest weight that a byte can say, in standard deviations of those that are not zero.
const SPREAD: f64 = 12.0;

pub(super) struct Set {
    pub(super) sources: Vec<String>,
    rows: Vec<Row>,
    idf: [Vec<u8>; 2],
}

struct Row {
    source: usize,
    fold: usize,
    unhappy: bool,
    /// Column and value, each block of length one.
    cells: Vec<(u32, f32)>,
}

/// What a fit may not see.
#[derive(Clone, Copy)]
enum Out {
    Nothing,
    Source(usize),
    Fold(usize),
}

impl Out {
    fn has(self, row: &Row) -> bool {
        match self {
            Self::Nothing => false,
            Self::Source(source) => row.source == source,
            Self::Fold(fold) => row.fold == fold,
        }
    }
}

struct Fit {
    /// Of raw cells: the scale of columns is multiplied in.
    weights: Vec<f32>,
}

impl Set {
    pub(super) fn new(posts: &[Post]) -> Self {
        let counted: Vec<[grams::Counts; 2]> = posts.iter().map(counts).collect();
        let idf = [0, 1].map(|block| {
            let mut found = vec![0_u32; BUCKETS];
            for counts in &counted {
                for (bucket, _) in &counts[block] {
                    found[*bucket as usize] += 1;
                }
            }
            let n = counted.len() as f64;
            let idf = |df: &u32| (((1.0 + n) / (1.0 + f64::from(*df))).ln() + 1.0) / IDF_STEP;
            found
                .iter()
                .map(|df| idf(df).round().clamp(1.0, 255.0) as u8)
                .collect::<Vec<u8>>()
        });
        let mut names: BTreeMap<&str, usize> =
            posts.iter().map(|p| (p.source.as_str(), 0)).collect();
        for (at, number) in names.values_mut().enumerate() {
            *number = at;
        }
        let rows = posts.iter().zip(&counted).map(|(post, counts)| Row {
            source: names[post.source.as_str()],
            fold: post.fold,
            unhappy: post.unhappy,
            cells: cells(counts, &idf),
        });
        Self {
            rows: rows.collect(),
            sources: names.keys().map(|name| (*name).to_owned()).collect(),
            idf,
        }
    }

    /// N / (sources · 2 · rows of its source and class), from 0.2 to 5; zero for what is left out.
    fn row_weights(&self, out: Out) -> Vec<f64> {
        let mut cells: BTreeMap<(usize, bool), f64> = BTreeMap::new();
        for row in self.rows.iter().filter(|row| !out.has(row)) {
            *cells.entry((row.source, row.unhappy)).or_default() += 1.0;
        }
        let n: f64 = cells.values().sum();
        let sources = self.sources.len() - usize::from(matches!(out, Out::Source(_)));
        let weight = |row: &Row| match cells.get(&(row.source, row.unhappy)) {
            Some(cell) if !out.has(row) => (n / (sources as f64 * 2.0 * cell)).clamp(0.2, 5.0),
            _ => 0.0,
        };
        self.rows.iter().map(weight).collect()
    }

    /// How much each column tells the classes apart: from one half up, one and a half at the mean.
    fn scale(&self, weights: &[f64]) -> Vec<f32> {
        let mut sums = [vec![1.0_f64; COLUMNS], vec![1.0_f64; COLUMNS]];
        for (row, weight) in self.rows.iter().zip(weights) {
            let sum = &mut sums[usize::from(row.unhappy)];
            for &(column, value) in &row.cells {
                sum[column as usize] += weight * f64::from(value);
            }
        }
        let all = sums.each_ref().map(|sum| sum.iter().sum::<f64>());
        let [not, unhappy] = &sums;
        let ratio = |(p, q): (&f64, &f64)| ((p / all[1]).ln() - (q / all[0]).ln()).abs();
        let ratios: Vec<f64> = unhappy.iter().zip(not).map(ratio).collect();
        let mean = (ratios.iter().map(|r| r * r).sum::<f64>() / COLUMNS as f64).sqrt();
        let scaled = ratios.iter().map(|r| (0.5 + 0.5 * r / mean) as f32);
        scaled.collect()
    }

    fn fit(&self, out: Out) -> Fit {
        let row_weights = self.row_weights(out);
        let scale = self.scale(&row_weights);
        let mut weights = vec![0.0_f32; COLUMNS];
        let mut duals = vec![0.0_f64; self.rows.len()];
        let mut order: Vec<usize> = (0..self.rows.len())
            .filter(|&at| row_weights[at] > 0.0)
            .collect();
        let mut state = 1_u64;
        for _ in 0..EPOCHS {
            shuffle(&mut order, &mut state);
            for &at in &order {
                let row = &self.rows[at];
                let sign = if row.unhappy { 1.0 } else { -1.0 };
                let (mut sum, mut square) = (f64::from(weights[COLUMNS - 1]), 1.0);
                for &(column, value) in &row.cells {
                    let value = f64::from(value * scale[column as usize]);
                    sum += f64::from(weights[column as usize]) * value;
                    square += value * value;
                }
                let cost = row_weights[at]
                    * if self.sources.len() == 1 {
                        COST_OF_LINE
                    } else {
                        COST
                    };
                let dual = best_dual(cost, square, sign * sum, duals[at]);
                let step = (sign * (dual - duals[at])) as f32;
                duals[at] = dual;
                for &(column, value) in &row.cells {
                    weights[column as usize] += step * value * scale[column as usize];
                }
                weights[COLUMNS - 1] += step;
            }
        }
        for (weight, scale) in weights.iter_mut().zip(&scale).take(COLUMNS - 1) {
            *weight *= scale;
        }
        Fit { weights }
    }
}

impl Fit {
    fn logit(&self, row: &Row) -> f64 {
        let cell = |&(column, value): &(u32, f32)| f64::from(self.weights[column as usize] * value);
        f64::from(self.weights[COLUMNS - 1]) + row.cells.iter().map(cell).sum::<f64>()
    }
}

/// The dual of one row, between 0 and `cost`, that is best while all others stay: the root of
/// `square · (cost · σ(t) − dual) + margin + t`, which rises in `t`.
fn best_dual(cost: f64, square: f64, margin: f64, dual: f64) -> f64 {
    let sigma = |t: f64| 1.0 / (1.0 + (-t).exp());
    let (mut low, mut high) = (-40.0_f64, 40.0_f64);
    let mut t = (-margin).clamp(low, high);
    for _ in 0..30 {
        let s = sigma(t);
        let value = square * (cost * s - dual) + margin + t;
        if value > 0.0 {
            high = t;
        } else {
            low = t;
        }
        let newton = t - value / (square * cost * s * (1.0 - s) + 1.0);
        let next = if newton > low && newton < high {
            newton
        } else {
            f64::midpoint(low, high)
        };
        if (next - t).abs() < 1e-6 {
            break;
        }
        t = next;
    }
    cost * sigma(t)
}

/// Fisher and Yates with a generator of Knuth's.
fn shuffle(order: &mut [usize], state: &mut u64) {
    for at in (1..order.len()).rev() {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        order.swap(at, (*state >> 33) as usize % (at + 1));
    }
}

fn source(post: &Post) -> Source<'_> {
    Source {
        title: post.title.as_deref(),
        text: &post.text,
        ours: &post.ours,
    }
}

fn counts(post: &Post) -> [grams::Counts; 2] {
    grams::counts(&source(post))
}

fn cells(counts: &[grams::Counts; 2], idf: &[Vec<u8>; 2]) -> Vec<(u32, f32)> {
    let mut cells = Vec::with_capacity(counts[0].len() + counts[1].len());
    for (block, counts) in counts.iter().enumerate() {
        let value =
            |bucket: u32, n: u32| f64::from(idf[block][bucket as usize]) * IDF_STEP * damped(n);
        let square: f64 = counts
            .iter()
            .map(|&(bucket, n)| value(bucket, n).powi(2))
            .sum();
        let length = square.sqrt().max(1.0);
        cells.extend(counts.iter().map(|&(bucket, n)| {
            let column = bucket + (block * BUCKETS) as u32;
            (column, (value(bucket, n) / length) as f32)
        }));
    }
    cells
}

/// The model of all rows, rounded to bytes.
pub(super) fn train(set: &Set) -> Parts {
    let fit = set.fit(Out::Nothing);
    let idf = |column: usize| f64::from(set.idf[column / BUCKETS][column % BUCKETS]) * IDF_STEP;
    let folded: Vec<f64> = (0..COLUMNS - 1)
        .map(|column| f64::from(fit.weights[column]) * idf(column))
        .collect();
    let used: Vec<f64> = folded.iter().copied().filter(|w| *w != 0.0).collect();
    let spread = (used.iter().map(|w| w * w).sum::<f64>() / used.len().max(1) as f64).sqrt();
    let largest = used.iter().fold(0.0_f64, |most, w| most.max(w.abs()));
    let step = largest.min(SPREAD * spread).max(f64::MIN_POSITIVE) / 127.0;
    let table = |block: usize| {
        let cells = &folded[block * BUCKETS..(block + 1) * BUCKETS];
        cells
            .iter()
            .map(|w| (w / step).round().clamp(-127.0, 127.0) as i8)
            .collect()
    };
    Parts {
        bias: fit.weights[COLUMNS - 1],
        step: step as f32,
        weights: [table(0), table(1)],
        idf: set.idf.clone(),
    }
}

/// The logits of all rows, each by a model that has not seen its source.
pub(super) fn leave_sources_out(set: &Set) -> Vec<f64> {
    let judge = |source: usize| {
        let fit = set.fit(Out::Source(source));
        let rows = set.rows.iter().enumerate();
        let rows = rows.filter(|(_, row)| row.source == source);
        rows.map(|(at, row)| (at, fit.logit(row)))
            .collect::<Vec<_>>()
    };
    in_two_threads(set.sources.len(), set.rows.len(), judge)
}

/// The logits of all rows, each by a model that has not seen its fold.
pub(super) fn cross_fitted(set: &Set, folds: usize) -> Vec<f64> {
    let judge = |fold: usize| {
        let fit = set.fit(Out::Fold(fold));
        let rows = set.rows.iter().enumerate();
        let rows = rows.filter(|(_, row)| row.fold == fold);
        rows.map(|(at, row)| (at, fit.logit(row)))
            .collect::<Vec<_>>()
    };
    in_two_threads(folds, set.rows.len(), judge)
}

/// What `n` jobs say of rows, half of the jobs on each of two threads.
fn in_two_threads<F>(n: usize, n_rows: usize, judge: F) -> Vec<f64>
where
    F: Fn(usize) -> Vec<(usize, f64)> + Sync,
{
    let half = |first: usize| (first..n).step_by(2).flat_map(&judge).collect::<Vec<_>>();
    let mut logits = vec![0.0; n_rows];
    let (even, odd) = std::thread::scope(|scope| {
        let even = scope.spawn(|| half(0));
        let odd = half(1);
        (even.join().unwrap_or_default(), odd)
    });
    for (at, logit) in even.into_iter().chain(odd) {
        logits[at] = logit;
    }
    logits
}

/// The mean of the precision at each unhappy row, best scores first.
pub(super) fn average_precision(mut scores: Vec<(f64, bool)>) -> f64 {
    scores.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut right, mut sum) = (0.0, 0.0);
    for (at, (_, unhappy)) in scores.iter().enumerate() {
        if *unhappy {
            right += 1.0;
            sum += right / (at + 1) as f64;
        }
    }
    sum / f64::max(right, 1.0)
}

/// Reads the model back and judges what it was trained on: a check of the file, no measure of worth.
pub(super) fn compare(posts: &[Post], file: &[u8]) -> Result<()> {
    let unhappy = posts.iter().map(|post| post.unhappy);
    println!(
        "in the model's file, on its own rows: AP {:.3}",
        average_precision(std::iter::zip(logits(file, posts)?, unhappy).collect())
    );
    Ok(())
}

/// What the model in a file says of rows.
pub(super) fn logits(file: &[u8], rows: &[Post]) -> Result<Vec<f64>> {
    let model = Model::parse(file).context("the written model cannot be read")?;
    Ok(rows.iter().map(|row| model.logit(&source(row))).collect())
}
