//! What training makes, as the scorer uses it: two linear models and the weights of the named facts.
//!
//! One is embedded; whoever trains his own (`escucha train`) names its folder in `escucha.toml`.
//!
//! Absent: training, and files: these arrive as bytes.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use super::model::grams::Source;
use super::model::{Model, Pair};

/// The files of a folder that `escucha train` writes: of public posts, of our own lines, of facts.
pub const FILES: [&str; 3] = ["posts.bin", "lines.bin", "weights.tsv"];
/// The embedded ones.
pub const POSTS: &[u8] = include_bytes!("data/posts.bin");
pub const LINES: &[u8] = include_bytes!("data/lines.bin");
pub const WEIGHTS: &str = include_str!("data/weights.tsv");
/// The row of what is added to every sum.
pub(super) const BIAS: &str = "bias";

/// The models and weights that one scorer judges with.
#[derive(Debug, Default)]
pub struct Trained {
    models: Pair,
    /// By name of the fact: its weight where the text names us, and where it does not.
    weights: HashMap<String, [f64; 2]>,
    /// The same in the order in which the facts are told, which is always one.
    ordered: OnceLock<Vec<[f64; 2]>>,
}

impl Trained {
    /// Reads three files. `Err` is the index in [`FILES`] of the first that cannot be used: it is of
    /// another format or version, or cut off.
    ///
    /// # Errors
    /// Which file it is.
    pub fn parse(posts: &[u8], lines: &[u8], weights: &str) -> Result<Self, usize> {
        let posts = Model::parse(posts).ok_or(0_usize)?;
        let lines = Model::parse(lines).ok_or(1_usize)?;
        Ok(Self {
            models: Pair::new(posts, lines),
            weights: table(weights).ok_or(2_usize)?,
            ordered: OnceLock::new(),
        })
    }

    /// Without files that can be read, which a test does not allow, nothing weighs anything.
    pub(super) fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Trained> =
            LazyLock::new(|| Trained::parse(POSTS, LINES, WEIGHTS).unwrap_or_default());
        &EMBEDDED
    }

    pub(super) fn logits(&self, source: &Source<'_>) -> [f64; 2] {
        self.models.logits(source)
    }

    pub(super) fn weight(&self, name: &str, is_named: bool) -> f64 {
        self.columns(name)[usize::from(!is_named)]
    }

    /// The weights of all facts, which must be named in the same order every time.
    pub(super) fn weights<'n>(
        &self,
        names: impl Iterator<Item = &'n str>,
        is_named: bool,
    ) -> impl Iterator<Item = f64> {
        let made = || names.map(|name| self.columns(name)).collect();
        let ordered = self.ordered.get_or_init(made);
        ordered.iter().map(move |both| both[usize::from(!is_named)])
    }

    fn columns(&self, name: &str) -> [f64; 2] {
        self.weights.get(name).copied().unwrap_or_default()
    }
}

/// A head, then rows of a name and two finite numbers, one of them the bias.
fn table(text: &str) -> Option<HashMap<String, [f64; 2]>> {
    let mut weights = HashMap::new();
    for line in text.lines().skip(1) {
        let mut cells = line.split('\t');
        let name = cells.next()?;
        let mut number = || -> Option<f64> {
            let number: f64 = cells.next()?.parse().ok()?;
            number.is_finite().then_some(number)
        };
        weights.insert(name.to_owned(), [number()?, number()?]);
    }
    weights.contains_key(BIAS).then_some(weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(posts: &[u8], lines: &[u8], weights: &str, expected: Option<usize>) {
        assert_eq!(Trained::parse(posts, lines, weights).err(), expected);
    }

    #[test]
    fn the_file_that_cannot_be_used_is_told() {
        check(POSTS, LINES, WEIGHTS, None);
        check(&POSTS[1..], LINES, WEIGHTS, Some(0));
        check(POSTS, &LINES[..LINES.len() - 1], WEIGHTS, Some(1));
        check(POSTS, LINES, "", Some(2));
        check(POSTS, LINES, "fact\ta\tb\nproblem\t1\t2\n", Some(2));
        check(POSTS, LINES, "fact\ta\tb\nbias\t1\tNaN\n", Some(2));
        check(POSTS, LINES, "fact\ta\tb\nbias\t1\n", Some(2));
        check(POSTS, LINES, "fact\ta\tb\nbias\t1\t2\n", None);
    }

    #[test]
    fn the_columns_are_those_of_named_and_not() {
        let trained = Trained::parse(POSTS, LINES, "fact\ta\tb\nbias\t1\t2\nrain\t3\t4\n").unwrap();
        assert_eq!(trained.weight("rain", true).to_string(), "3");
        assert_eq!(trained.weight("rain", false).to_string(), "4");
        assert_eq!(trained.weight("snow", true).to_string(), "0");
    }
}
