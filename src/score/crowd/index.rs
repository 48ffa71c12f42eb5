//! Many sketches at once: which of them is most like a new one, without looking at each.

use std::collections::HashMap;

use super::{ALIKE_PERMILLE, Sketch};

/// Sketches listed under one hash: what more texts share tells none of them apart, and where thousands
/// copy one text, some of them stand for all.
const LISTED_MAX: usize = 16;
/// Candidates that are compared in full, those with the most hashes in common first.
const COMPARED_MAX: usize = 8;

/// Sketches by their hashes.
#[derive(Debug, Default)]
pub struct Index {
    sketches: Vec<Sketch>,
    by_hash: HashMap<u32, Vec<u32>>,
}

impl Index {
    /// Adds a sketch and tells its place: 0, 1, 2 ….
    pub fn add(&mut self, sketch: Sketch) -> usize {
        let place = self.sketches.len();
        for hash in &sketch.0 {
            let listed = self.by_hash.entry(*hash).or_default();
            if listed.len() < LISTED_MAX {
                listed.push(place as u32);
            }
        }
        self.sketches.push(sketch);
        place
    }

    /// The place of the sketch that is most like this one, the first of several, if any is alike.
    pub fn likest(&self, sketch: &Sketch) -> Option<usize> {
        let mut common: HashMap<u32, u32> = HashMap::new();
        let listed = sketch.0.iter().filter_map(|hash| self.by_hash.get(hash));
        for place in listed.flatten() {
            *common.entry(*place).or_default() += 1;
        }
        let mut candidates: Vec<(u32, u32)> = common.into_iter().collect();
        candidates.sort_unstable_by_key(|(place, n)| (std::cmp::Reverse(*n), *place));
        candidates.truncate(COMPARED_MAX);
        let compared = candidates.into_iter().map(|(place, _)| {
            let likeness = self.sketches[place as usize].likeness_permille(sketch);
            (likeness, std::cmp::Reverse(place))
        });
        let (likeness, std::cmp::Reverse(place)) = compared.max()?;
        (likeness >= ALIKE_PERMILLE).then_some(place as usize)
    }
}
