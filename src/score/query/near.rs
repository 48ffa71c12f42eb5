//! Hits that stand near each other, and hits that others cover. Nothing here is more than linear
//! (times a logarithm) in the hits.

use std::cmp::Reverse;

use super::Hit;

/// How near two hits must stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    /// Words between them, at most.
    pub(super) words: usize,
    /// The left one must stand first.
    pub(super) ordered: bool,
}

/// Pairs of `left` and `right` that do not overlap and have at most so many words between them. Each
/// hit is paired with its nearest partner, in either order on both sides. That finds a pair wherever
/// there is one, also for a NEAR around this one, which sees only where a pair begins and where it
/// ends.
pub(super) fn near(left: &[Hit], reach: Reach, right: &[Hit]) -> Vec<Hit> {
    let mut hits = Vec::new();
    pair(left, reach.words, right, &mut hits);
    if !reach.ordered {
        pair(right, reach.words, left, &mut hits);
    }
    thin(hits)
}

/// The shortest hit from each beginning and the shortest to each end: never more than twice the
/// words.
fn thin(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_unstable_by_key(|hit| (hit.last, Reverse(hit.first)));
    let mut kept = hits.clone();
    kept.dedup_by_key(|hit| hit.last);
    hits.sort_unstable();
    hits.dedup_by_key(|hit| hit.first);
    kept.append(&mut hits);
    kept.sort_unstable();
    kept.dedup();
    kept
}

/// All `before` followed by the nearest of `after`, and all `after` preceded by the nearest of
/// `before`.
fn pair(before: &[Hit], n: usize, after: &[Hit], hits: &mut Vec<Hit>) {
    let mut ends: Vec<Hit> = before.to_vec();
    ends.sort_unstable_by_key(|hit| (hit.last, hit.first));
    let mut push = |a: Hit, b: Hit| {
        if b.first - a.last - 1 <= n {
            hits.push(Hit {
                first: a.first,
                last: b.last,
            });
        }
    };
    for &a in before {
        let next = after.partition_point(|b| b.first <= a.last);
        if let Some(&b) = after.get(next) {
            push(a, b);
        }
    }
    for &b in after {
        let past = ends.partition_point(|a| a.last < b.first);
        if let Some(&a) = past.checked_sub(1).and_then(|at| ends.get(at)) {
            push(a, b);
        }
    }
}

/// The hits of `kept` that lie within no hit of `cover`.
pub(super) fn uncovered(kept: &[Hit], cover: &[Hit]) -> Vec<Hit> {
    // The farthest end of all covers up to here: they ascend by their first word.
    let farthest: Vec<usize> = cover
        .iter()
        .scan(0, |end, hit| {
            *end = hit.last.max(*end);
            Some(*end)
        })
        .collect();
    let is_covered = |hit: &&Hit| {
        let n_begun = cover.partition_point(|c| c.first <= hit.first);
        n_begun > 0 && farthest[n_begun - 1] >= hit.last
    };
    kept.iter()
        .filter(|hit| !is_covered(hit))
        .copied()
        .collect()
}
