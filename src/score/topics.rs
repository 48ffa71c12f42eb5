//! The weaknesses that a text speaks of.

use std::cmp::Reverse;

use super::meaning::Role;
use super::reading::Reading;
use crate::model::Topic;

/// A post that speaks of everything has no topic; these are its first.
const TOPICS_MAX: usize = 3;

/// The most frequent topics first.
pub(super) fn topics(reading: &Reading<'_>) -> Vec<Topic> {
    let mut counts: Vec<(Topic, usize)> = Vec::new();
    for at in 0..reading.n_words() {
        for (role, _) in reading.roles(at) {
            let Role::Topic(topic) = role else { continue };
            match counts.iter_mut().find(|(known, _)| *known == topic) {
                Some((_, n)) => *n += 1,
                None => counts.push((topic, 1)),
            }
        }
    }
    counts.sort_by_key(|(topic, n)| (Reverse(*n), *topic));
    counts.truncate(TOPICS_MAX);
    counts.into_iter().map(|(topic, _)| topic).collect()
}
