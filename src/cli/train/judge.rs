//! How well scores rank and separate: the figures that `eval` prints.

/// The precision at which recall is told.
const PRECISION: f64 = 0.9;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figures {
    /// Average precision.
    pub(super) ap: f64,
    /// At the cut.
    pub(super) f1: f64,
    /// The largest that goes with a precision of .9.
    pub(super) recall: f64,
}

/// `scores` with whether they are of the unhappy; what is not below `cut` is called unhappy.
pub(super) fn figures(scores: &[(f64, bool)], cut: f64) -> Figures {
    let unhappy = scores.iter().filter(|(_, unhappy)| *unhappy).count() as f64;
    let called = scores.iter().filter(|(score, _)| *score >= cut);
    let (mut right, mut n) = (0.0, 0.0);
    for (_, unhappy) in called {
        n += 1.0;
        right += f64::from(u8::from(*unhappy));
    }
    let mut best = 0.0_f64;
    walk(scores.to_vec(), |right, n| {
        if right / n >= PRECISION {
            best = best.max(right);
        }
    });
    Figures {
        ap: average_precision(scores.to_vec()),
        f1: 2.0 * right / f64::max(n + unhappy, 1.0),
        recall: best / unhappy.max(1.0),
    }
}

/// The mean of the precision at each unhappy row, best scores first.
pub(super) fn average_precision(scores: Vec<(f64, bool)>) -> f64 {
    let (mut sum, mut unhappy) = (0.0, 0.0);
    walk(scores, |right, n| {
        if right > unhappy {
            unhappy = right;
            sum += right / n;
        }
    });
    sum / f64::max(unhappy, 1.0)
}

/// How many of the best are unhappy, and how many they are, row by row. Of equal scores the happy come
/// first: no order of the file may help.
fn walk(mut scores: Vec<(f64, bool)>, mut each: impl FnMut(f64, f64)) {
    scores.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let (mut right, mut n) = (0.0, 0.0);
    for (_, unhappy) in scores {
        n += 1.0;
        right += f64::from(u8::from(unhappy));
        each(right, n);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(scores: &[(f64, bool)], expected: &str) {
        let Figures { ap, f1, recall } = figures(scores, 0.5);
        assert_eq!(format!("{ap:.3} {f1:.3} {recall:.3}"), expected);
    }

    #[test]
    fn figures_are_those_of_the_ranking() {
        check(
            &[(0.9, true), (0.8, true), (0.1, false)],
            "1.000 1.000 1.000",
        );
        check(&[(0.9, false), (0.8, true)], "0.500 0.667 0.000");
        // Hits at the first and third place; two of three above the cut are right.
        check(
            &[(0.9, true), (0.8, false), (0.7, true)],
            "0.833 0.800 0.500",
        );
        check(&[(0.7, true), (0.7, false)], "0.500 0.667 0.000");
        check(&[], "0.000 0.000 0.000");
    }
}
