//! Trains the second opinions on signals, and tells how well they find what their writers have not taught them.
//!
//! On the judgements of each writer's lines by a fit that has not seen that writer ([`super::traits`]) the logits are
//! chosen from which an opinion counts, or is against a pattern, so that patterns and opinions together do best.

use std::path::PathBuf;

use anyhow::Result;

use super::{Terminal, traits};
use crate::model::SignalKind;
use crate::score::Traits;
use crate::score::opinion::table::Parts;
use crate::score::opinion::{KINDS, MAGIC};

/// The name of the file.
pub(super) const FILE: &str = "signals.bin";
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
struct Labels {
    signals: Vec<Fact>,
}

#[derive(serde::Deserialize)]
struct Fact {
    kind: SignalKind,
}

struct Row {
    /// By place in [`SignalKind::ALL`]: what is labelled, and what patterns find.
    has: [bool; KINDS],
    told: [bool; KINDS],
    /// Whether opinions are heard on it at all.
    open: bool,
}

/// Trains on these files and tells the figures.
pub(super) fn train(paths: &[PathBuf]) -> Result<Vec<u8>> {
    let (rows, mut traits) = read(paths)?;
    let parts: Parts<KINDS> =
        traits::fit_all(&mut traits, |kind, logits| best_cuts(&rows, kind, logits))?;
    Ok(parts.to_file(MAGIC))
}

fn read(paths: &[PathBuf]) -> Result<(Vec<Row>, Vec<traits::Row>)> {
    let (mut rows, mut traits) = (Vec::new(), Vec::new());
    traits::each_line::<Labels>(paths, |line, scorer, sample, now| {
        let Traits {
            words,
            families,
            found,
            ..
        } = scorer.traits(sample, now);
        let verdict = scorer.verdict(sample, now);
        let open = verdict.target != crate::model::Target::Other;
        let is_told = verdict.level > crate::model::Level::None;
        let of = |is: &dyn Fn(SignalKind) -> bool| {
            let mut has = [false; KINDS];
            for (has, kind) in has.iter_mut().zip(SignalKind::ALL) {
                *has = is(*kind);
            }
            has
        };
        let facts = &line.labels.signals;
        let has = of(&|kind| facts.iter().any(|fact| fact.kind == kind));
        traits.push(traits::Row::new(&line.id, has.to_vec(), [words, families]));
        rows.push(Row {
            has,
            told: of(&|kind| open && is_told && found.contains(&kind)),
            open,
        });
    })?;
    Ok((rows, traits))
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
