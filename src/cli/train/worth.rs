//! Whether a model of one's own is better than the embedded one on the posts that people judged.
//!
//! Each post is judged by a model that was trained without it and without all others of its author: five
//! times a fifth is left out, and the whole training is done anew. How sure the difference is says the
//! bootstrap (Efron, 1979): the same comparison on a thousand draws of the posts, with replacement.

use std::sync::Arc;

use anyhow::{Result, anyhow};

use super::judge::average_precision;
use super::lines::{self, Case};
use crate::cli::terminal::Terminal;
use crate::model::Ui;
use crate::score::trained::Trained;
use crate::settings::Settings;

/// How often a part is left out.
const PARTS: usize = 5;
const DRAWS: usize = 1_000;
/// Draws outside the interval that is told, on each side: 95 % lie within.
const OUTSIDE: usize = DRAWS / 40;

/// A post as two models see it.
#[derive(Clone, Copy)]
struct Seen {
    is_complaint: bool,
    /// How probably it is a complaint: by the embedded model, and by one's own without this post.
    by: [f64; 2],
}

/// What came of it.
struct Worth {
    precision: [f64; 2],
    /// Posts that would be told rightly, or rightly not.
    right: [usize; 2],
    n: usize,
    /// Where the difference of the precisions lies, with 95 %.
    between: [f64; 2],
}

/// Trains without each part of the judged posts and tells how both models judge it. `train` makes the three
/// files of a model from lines; `lines` are always learnt from.
pub(super) fn tell(
    settings: &Settings,
    lines: &[Case],
    judged: &[Case],
    train: impl Fn(&[Case]) -> Result<[Vec<u8>; 3]>,
    ui: Ui,
) -> Result<()> {
    let embedded = lines::scorer(Some(settings), None)?;
    let mut seen = Vec::new();
    for part in 0..PARTS {
        let is_out = |case: &&Case| case.fold % PARTS == part;
        let kept = judged.iter().filter(|case| !is_out(case));
        let kept: Vec<Case> = lines.iter().chain(kept).cloned().collect();
        let [posts, own, weights] = train(&kept)?;
        let weights = String::from_utf8_lossy(&weights);
        let trained = Trained::parse(&posts, &own, &weights)
            .map_err(|_| anyhow!("a model that was trained just now cannot be read"))?;
        let own = lines::scorer(Some(settings), Some(Arc::new(trained)))?;
        seen.extend(judged.iter().filter(is_out).map(|case| Seen {
            is_complaint: case.complaint,
            by: [case.probability(&embedded), case.probability(&own)],
        }));
    }
    let complaint_at = settings.rules.levels.complaint_at as f64 / 1e6;
    let worth = Worth::of(&seen, complaint_at);
    for line in worth.lines(ui) {
        Terminal::line(&line)?;
    }
    Ok(())
}

impl Worth {
    fn of(seen: &[Seen], complaint_at: f64) -> Self {
        let right = |by: usize| {
            let is_right = |post: &&Seen| (post.by[by] >= complaint_at) == post.is_complaint;
            seen.iter().filter(is_right).count()
        };
        Self {
            precision: precisions(seen),
            right: [right(0), right(1)],
            n: seen.len(),
            between: between(seen),
        }
    }

    fn lines(&self, ui: Ui) -> Vec<String> {
        let n = self.n;
        let head = ui.pick(
            "En ellas, cada una juzgada por un modelo que no la ha visto, ni a otras de su autor:",
            "On them, each judged by a model that has not seen it, nor others of its author:",
        );
        let [theirs, own] = ui.pick(["el incluido", "el suyo"], ["the embedded one", "your own"]);
        let row = |name: &str, by: usize| {
            let precision = self.precision[by];
            let right = self.right[by];
            match ui {
                Ui::Es => format!(
                    "  {name:<16}  precisión media {precision:.3}, bien juzgadas {right} de {n}"
                ),
                Ui::En => format!(
                    "  {name:<16}  average precision {precision:.3}, judged rightly {right} of {n}"
                ),
            }
        };
        let difference = self.precision[1] - self.precision[0];
        let [low, high] = self.between;
        let range = match ui {
            Ui::Es => format!("{difference:+.3}, con un 95 % entre {low:+.3} y {high:+.3}"),
            Ui::En => format!("{difference:+.3}, with 95 % between {low:+.3} and {high:+.3}"),
        };
        let said = if low > 0.0 {
            ui.pick("El suyo es mejor en ellas", "Yours is better on them")
        } else if high < 0.0 {
            ui.pick(
                "El incluido es mejor en ellas",
                "The embedded one is better on them",
            )
        } else {
            ui.pick(
                "No se puede decir cuál es mejor: con más publicaciones juzgadas se verá",
                "Nobody can say which is better: more judged posts will tell",
            )
        };
        vec![
            head.to_owned(),
            row(theirs, 0),
            row(own, 1),
            format!("{said} ({range})."),
        ]
    }
}

fn precisions(seen: &[Seen]) -> [f64; 2] {
    [0, 1].map(|by| {
        let scores = seen.iter().map(|post| (post.by[by], post.is_complaint));
        average_precision(scores.collect())
    })
}

/// The interval of the difference; the draws are the same each time.
fn between(seen: &[Seen]) -> [f64; 2] {
    if seen.is_empty() {
        return [0.0, 0.0];
    }
    let mut state = 1_u64;
    let mut differences: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let draw = (0..seen.len()).map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                seen[(state >> 33) as usize % seen.len()]
            });
            let [theirs, own] = precisions(&draw.collect::<Vec<Seen>>());
            own - theirs
        })
        .collect();
    differences.sort_by(f64::total_cmp);
    [differences[OUTSIDE], differences[DRAWS - 1 - OUTSIDE]]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Posts of which every other one is a complaint; each model is right in so many of a hundred.
    #[track_caller]
    fn check(right: [usize; 2], expected: &str) {
        let seen = (0..100).map(|at| {
            let is_complaint = at % 2 == 0;
            let by = right.map(|right| {
                let is_right = at * 37 % 100 < right;
                if is_right == is_complaint { 0.9 } else { 0.1 }
            });
            Seen { is_complaint, by }
        });
        let worth = Worth::of(&seen.collect::<Vec<Seen>>(), 0.6);
        assert_eq!(worth.right, right);
        let said = worth.lines(Ui::En).pop().unwrap();
        assert!(said.starts_with(expected), "{said}");
    }

    #[test]
    fn only_a_difference_that_is_sure_is_called_one() {
        check([60, 95], "Yours is better");
        check([95, 60], "The embedded one is better");
        check([80, 83], "Nobody can say");
        check([90, 90], "Nobody can say");
    }
}
