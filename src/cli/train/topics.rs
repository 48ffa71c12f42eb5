//! Trains what a complaint is about, and tells how often the topic that a reply would name is right.
//!
//! A line has the `topics` that may be named without shame, of which none or several may be right. On the judgements
//! of each writer's lines by a fit that has not seen that writer ([`super::traits`]) the logit is chosen from which a
//! topic is told.

use std::path::PathBuf;

use anyhow::Result;

use super::{Terminal, traits};
use crate::model::Topic;
use crate::score::Traits;
use crate::score::opinion::table::Parts;
use crate::score::topics::{MAGIC, TOPICS};

/// The name of the file.
pub(super) const FILE: &str = "topics.bin";
/// A reply that names the wrong trouble is worse than one that names none.
const PRECISION: f64 = 0.80;
/// Lines that a cut must tell rightly, so that chance does not choose it.
const RIGHT_LEAST: usize = 5;

#[derive(serde::Deserialize)]
struct Labels {
    /// Absent where nobody looked for them.
    topics: Option<Vec<Topic>>,
}

/// Trains on the labelled lines of these files and tells the figures.
pub(super) fn train(paths: &[PathBuf]) -> Result<Vec<u8>> {
    let mut rows = read(paths)?;
    let has: Vec<Vec<bool>> = rows.iter().map(|row| row.has.clone()).collect();
    // Of each line the topic that is surest above its cut, and how sure.
    let mut named: Vec<Option<(usize, f64)>> = vec![None; rows.len()];
    let parts: Parts<TOPICS> = traits::fit_all(&mut rows, |topic, logits| {
        let cut = best_cut(&has, topic, logits);
        for (named, logit) in named.iter_mut().zip(logits) {
            let margin = logit - cut;
            if margin > 0.0 && named.is_none_or(|(_, best)| margin > best) {
                *named = Some((topic, margin));
            }
        }
        let name = Topic::ALL[topic];
        let told = count(&has, topic, logits, cut);
        Terminal::line(&format!("{name}: from {cut:.2} {told}"))?;
        Ok([cut, f64::NEG_INFINITY])
    })?;
    let n_named = named.iter().flatten().count();
    let right = named.iter().zip(&has);
    let n_right = right
        .filter(|(named, has)| named.is_some_and(|(topic, _)| has[topic]))
        .count();
    Terminal::line(&format!(
        "of {} lines a topic is named for {n_named}, rightly for {n_right}",
        has.len()
    ))?;
    Ok(parts.to_file(MAGIC))
}

fn read(paths: &[PathBuf]) -> Result<Vec<traits::Row>> {
    let mut rows = Vec::new();
    traits::each_line::<Labels>(paths, |line, scorer, sample, now| {
        let Some(labels) = &line.labels.topics else {
            return;
        };
        let Traits { words, topics, .. } = scorer.traits(sample, now);
        let has = Topic::ALL.iter().map(|topic| labels.contains(topic));
        rows.push(traits::Row::new(&line.id, has.collect(), [words, topics]));
    })?;
    Ok(rows)
}

/// The logit with the best recall among those with precision enough; infinite where none has it.
fn best_cut(has: &[Vec<bool>], topic: usize, logits: &[f64]) -> f64 {
    let mut order: Vec<(f64, bool)> = logits
        .iter()
        .zip(has)
        .map(|(logit, has)| (*logit, has[topic]))
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut n_right, mut best) = (0, f64::INFINITY);
    for (at, (logit, is_right)) in order.into_iter().enumerate() {
        n_right += usize::from(is_right);
        if n_right >= RIGHT_LEAST && n_right as f64 >= PRECISION * (at + 1) as f64 {
            best = logit;
        }
    }
    // What is told is above it.
    best.next_down()
}

/// Precision and recall of what is above the cut.
fn count(has: &[Vec<bool>], topic: usize, logits: &[f64], cut: f64) -> String {
    let told = logits.iter().zip(has).filter(|(logit, _)| **logit > cut);
    let (n_told, n_right) = told.fold((0, 0), |(n, right), (_, has)| {
        (n + 1, right + usize::from(has[topic]))
    });
    let n_with = has.iter().filter(|has| has[topic]).count();
    let share = |of: usize| n_right as f64 / of.max(1) as f64;
    format!("{:.2}/{:.2}", share(n_told), share(n_with))
}
