//! The first level: L2-regularised logistic regression on hashed n-grams.
//!
//! Columns are scaled by how much they tell the classes apart (Wang and Manning, 2012), rows weighted
//! so that each class of each source counts the same (of lines, hard ones are weighed apart), and labels mixed with a teacher's opinion. The optimum
//! is found by dual coordinate descent (Yu, Huang and Lin, 2011), which needs no step size. A [`Recipe`]
//! without all that is the plain baseline beside which `eval` shows the rest.

use std::collections::{BTreeMap, BTreeSet};

use crate::score::model::grams::{self, BUCKETS, Source};
use crate::score::model::{IDF_STEP, Model, Parts};
use anyhow::{Context, Result};

use super::posts::Post;

/// Columns: both blocks one after the other, then the constant.
const COLUMNS: usize = 2 * BUCKETS + 1;
const EPOCHS: usize = 10;
/// The largest weight that a byte can say, in standard deviations of those that are not zero.
const SPREAD: f64 = 12.0;

/// How a model is fitted.
#[derive(Clone, Copy)]
pub(super) struct Recipe {
    /// What an error costs beside the weights.
    cost: f64,
    /// Whether columns are scaled by what they tell.
    is_scaled: bool,
    /// How much of a row's target is the teacher's opinion, where there is one.
    teacher: f64,
    /// Whether rows are weighed by language and class instead of source and class.
    by_language: bool,
    /// Whether what stands around our name is told apart.
    with_around: bool,
}

/// The model of public posts.
pub(super) const POSTS: Recipe = Recipe {
    cost: 0.3,
    is_scaled: true,
    teacher: 0.5,
    by_language: false,
    with_around: false,
};

/// The model of our own lines: fewer, and of the kind that it is for. Chosen, as the other, by
/// cross-validation of the second level.
pub(super) const LINES: Recipe = Recipe {
    cost: 2.0,
    with_around: true,
    ..POSTS
};

/// What anyone would try first.
pub(super) const PLAIN: Recipe = Recipe {
    cost: 4.0,
    is_scaled: false,
    teacher: 0.0,
    by_language: true,
    with_around: false,
};

pub(super) struct Set {
    pub(super) sources: Vec<String>,
    recipe: Recipe,
    rows: Vec<Row>,
    idf: [Vec<u8>; 2],
    /// What fits start from and are drawn to: the weights of columns, then the constant.
    base: Vec<f32>,
}

struct Row {
    source: usize,
    /// Of which a row shares its weight with others: its source, hard ones apart, or its language.
    kin: usize,
    fold: usize,
    unhappy: bool,
    /// What the fit is to say: the label, mixed with the teacher's opinion.
    target: f64,
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
    pub(super) fn new(posts: &[Post], recipe: Recipe) -> Self {
        let counted: Vec<[grams::Counts; 2]> =
            posts.iter().map(|post| counts(post, recipe)).collect();
        let idf = idf_of(&counted);
        Self::of(posts, &counted, idf, vec![0.0; COLUMNS], recipe)
    }

    /// Lines whose fits go on from a model.
    pub(super) fn on_top(posts: &[Post], base: &Parts) -> Self {
        let counted: Vec<[grams::Counts; 2]> =
            posts.iter().map(|post| counts(post, LINES)).collect();
        let weights = std::iter::zip(base.weights.iter().flatten(), base.idf.iter().flatten());
        let weights = weights.map(|(weight, idf)| {
            let idf = f32::from((*idf).max(1)) * IDF_STEP as f32;
            f32::from(*weight) * base.step / idf
        });
        let weights = weights.chain([base.bias]).collect();
        Self::of(posts, &counted, base.idf.clone(), weights, LINES)
    }

    fn of(
        posts: &[Post],
        counted: &[[grams::Counts; 2]],
        idf: [Vec<u8>; 2],
        base: Vec<f32>,
        recipe: Recipe,
    ) -> Self {
        let names = numbered(posts.iter().map(|post| post.source.as_str()));
        let langs = numbered(posts.iter().map(|post| post.lang.as_str()));
        let rows = posts.iter().zip(counted).map(|(post, counts)| Row {
            source: names[post.source.as_str()],
            kin: if recipe.by_language {
                langs[post.lang.as_str()]
            } else {
                2 * names[post.source.as_str()] + usize::from(post.is_hard)
            },
            fold: post.fold,
            unhappy: post.unhappy,
            target: target(post, recipe.teacher),
            cells: cells(counts, &idf),
        });
        Self {
            rows: rows.collect(),
            sources: names.keys().map(|name| (*name).to_owned()).collect(),
            recipe,
            idf,
            base,
        }
    }

    /// N / (kinds · 2 · rows of its kind and class), from 0.2 to 5; zero for what is left out.
    fn row_weights(&self, out: Out) -> Vec<f64> {
        let mut cells: BTreeMap<(usize, bool), f64> = BTreeMap::new();
        for row in self.rows.iter().filter(|row| !out.has(row)) {
            *cells.entry((row.kin, row.unhappy)).or_default() += 1.0;
        }
        let n: f64 = cells.values().sum();
        let kinds: BTreeSet<usize> = cells.keys().map(|(kin, _)| *kin).collect();
        let weight = |row: &Row| match cells.get(&(row.kin, row.unhappy)) {
            Some(cell) if !out.has(row) => (n / (kinds.len() as f64 * 2.0 * cell)).clamp(0.2, 5.0),
            _ => 0.0,
        };
        self.rows.iter().map(weight).collect()
    }

    /// How much each column tells the classes apart: from one half up, one and a half at the mean.
    fn scale(&self, weights: &[f64]) -> Vec<f32> {
        if !self.recipe.is_scaled {
            return vec![1.0; COLUMNS];
        }
        let mut sums = [vec![1.0_f64; COLUMNS], vec![1.0_f64; COLUMNS]];
        for (row, weight) in self.rows.iter().zip(weights) {
            for &(column, value) in &row.cells {
                let value = weight * f64::from(value);
                sums[0][column as usize] += value * (1.0 - row.target);
                sums[1][column as usize] += value * row.target;
            }
        }
        let all = sums.each_ref().map(|sum| sum.iter().sum::<f64>());
        let [not, unhappy] = &sums;
        let ratio = |(p, q): (&f64, &f64)| ((p / all[1]).ln() - (q / all[0]).ln()).abs();
        let ratios: Vec<f64> = unhappy.iter().zip(not).map(ratio).collect();
        let mean = (ratios.iter().map(|r| r * r).sum::<f64>() / COLUMNS as f64).sqrt();
        let mean = mean.max(f64::MIN_POSITIVE);
        let scaled = ratios.iter().map(|r| (0.5 + 0.5 * r / mean) as f32);
        scaled.collect()
    }

    fn fit(&self, out: Out) -> Fit {
        let row_weights = self.row_weights(out);
        let scale = self.scale(&row_weights);
        // Of scaled columns: what is multiplied with the scale again gives the base.
        let mut weights = self.base.clone();
        for (weight, scale) in weights.iter_mut().zip(&scale).take(COLUMNS - 1) {
            *weight /= scale;
        }
        let mut duals = vec![0.0_f64; self.rows.len()];
        let mut order: Vec<usize> = (0..self.rows.len())
            .filter(|&at| row_weights[at] > 0.0)
            .collect();
        let mut state = 1_u64;
        for _ in 0..EPOCHS {
            shuffle(&mut order, &mut state);
            for &at in &order {
                let row = &self.rows[at];
                let (mut sum, mut square) = (f64::from(weights[COLUMNS - 1]), 1.0);
                for &(column, value) in &row.cells {
                    let value = f64::from(value * scale[column as usize]);
                    sum += f64::from(weights[column as usize]) * value;
                    square += value * value;
                }
                let cost = row_weights[at] * self.recipe.cost;
                let dual = best_dual(cost, square, row.target, sum, duals[at]);
                let step = (dual - duals[at]) as f32;
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

/// The dual of one row, `cost · (target − σ(z))`, that is best while all others stay: `z` is the root of
/// `z − sum − square · (cost · (target − σ(z)) − dual)`, which rises in `z`.
pub(super) fn best_dual(cost: f64, square: f64, target: f64, sum: f64, dual: f64) -> f64 {
    let sigma = |z: f64| 1.0 / (1.0 + (-z).exp());
    let (mut low, mut high) = (-60.0_f64, 60.0_f64);
    let mut z = sum.clamp(low, high);
    for _ in 0..40 {
        let s = sigma(z);
        let value = z - sum - square * (cost * (target - s) - dual);
        if value > 0.0 {
            high = z;
        } else {
            low = z;
        }
        let newton = z - value / (1.0 + square * cost * s * (1.0 - s));
        let next = if newton > low && newton < high {
            newton
        } else {
            f64::midpoint(low, high)
        };
        if (next - z).abs() < 1e-6 {
            break;
        }
        z = next;
    }
    cost * (target - sigma(z))
}

/// Names in their order, with their numbers.
fn numbered<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let names: BTreeSet<&str> = names.collect();
    names
        .into_iter()
        .enumerate()
        .map(|(at, name)| (name, at))
        .collect()
}

fn target(post: &Post, teacher: f64) -> f64 {
    let label = f64::from(u8::from(post.unhappy));
    post.taught
        .map_or(label, |taught| label + teacher * (taught - label))
}

/// Fisher and Yates with a generator of Knuth's.
pub(super) fn shuffle(order: &mut [usize], state: &mut u64) {
    for at in (1..order.len()).rev() {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        order.swap(at, (*state >> 33) as usize % (at + 1));
    }
}

fn idf_of(counted: &[[grams::Counts; 2]]) -> [Vec<u8>; 2] {
    [0, 1].map(|block| {
        let mut found = vec![0_u32; BUCKETS];
        for counts in counted {
            for (bucket, _) in &counts[block] {
                found[*bucket as usize] += 1;
            }
        }
        let n = counted.len() as f64;
        let idf = |df: &u32| (((1.0 + n) / (1.0 + f64::from(*df))).ln() + 1.0) / IDF_STEP;
        found
            .iter()
            .map(|df| idf(df).round().clamp(1.0, 255.0) as u8)
            .collect()
    })
}

fn source(post: &Post) -> Source<'_> {
    Source {
        title: post.title.as_deref(),
        text: &post.text,
        ours: &post.ours,
    }
}

fn counts(post: &Post, recipe: Recipe) -> [grams::Counts; 2] {
    grams::counts(&source(post), recipe.with_around)
}

fn cells(counts: &[grams::Counts; 2], idf: &[Vec<u8>; 2]) -> Vec<(u32, f32)> {
    let mut cells = Vec::with_capacity(counts[0].len() + counts[1].len());
    for (block, counts) in counts.iter().enumerate() {
        let idf = |bucket: u32| f64::from(idf[block][bucket as usize]) * IDF_STEP;
        let square: f64 = counts
            .iter()
            .map(|&(bucket, n)| f64::from(n) * idf(bucket).powi(2))
            .sum();
        let length = square.sqrt().max(1.0);
        cells.extend(counts.iter().map(|&(bucket, n)| {
            let column = bucket + (block * BUCKETS) as u32;
            (column, (f64::from(n) * idf(bucket) / length) as f32)
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
pub(super) fn in_two_threads<T, F>(n: usize, n_rows: usize, judge: F) -> Vec<T>
where
    T: Clone + Default + Send,
    F: Fn(usize) -> Vec<(usize, T)> + Sync,
{
    let half = |first: usize| (first..n).step_by(2).flat_map(&judge).collect::<Vec<_>>();
    let mut told = vec![T::default(); n_rows];
    let (even, odd) = std::thread::scope(|scope| {
        let even = scope.spawn(|| half(0));
        let odd = half(1);
        (even.join().unwrap_or_default(), odd)
    });
    for (at, one) in even.into_iter().chain(odd) {
        told[at] = one;
    }
    told
}

/// What a model of all rows says of others, which may be of sources that it knows.
pub(super) fn judge(set: &Set, others: &[Post]) -> Vec<f64> {
    let fit = set.fit(Out::Nothing);
    let row = |post: &Post| Row {
        source: 0,
        kin: 0,
        fold: 0,
        unhappy: post.unhappy,
        target: 0.0,
        cells: cells(&counts(post, set.recipe), &set.idf),
    };
    others.iter().map(|post| fit.logit(&row(post))).collect()
}

/// What the model in a file says of rows; it was trained by this recipe.
pub(super) fn logits(file: &[u8], rows: &[Post], recipe: Recipe) -> Result<Vec<f64>> {
    let model = Model::parse(file).context("the written model cannot be read")?;
    Ok(rows
        .iter()
        .map(|row| model.logit(&source(row), recipe.with_around))
        .collect())
}
