//! What training makes, as the scorer uses it: two linear models and the weights of the named facts.
//!
//! One is embedded; whoever trains his own (`escucha train`) names its folder in `escucha.toml`.
//!
//! Absent: training, and files: these arrive as bytes.

use std::sync::LazyLock;

use hashbrown::HashTable;

use super::model::grams::{SEED, Source, bytes, mixed};
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
    weights: HashTable<Weight>,
}

/// The weight of a fact where the text names us, and where it does not.
#[derive(Debug)]
struct Weight {
    fact: String,
    columns: [f64; 2],
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
        let found = self.weights.find(hash(name), |weight| weight.fact == name);
        found.map_or(0.0, |weight| weight.columns[usize::from(!is_named)])
    }
}

/// A head, then rows of a name and two finite numbers, one of them the bias.
fn table(text: &str) -> Option<HashTable<Weight>> {
    let mut weights: HashTable<Weight> = HashTable::new();
    for line in text.lines().skip(1) {
        let mut cells = line.split('\t');
        let fact = cells.next()?.to_owned();
        let mut number = || -> Option<f64> {
            let number: f64 = cells.next()?.parse().ok()?;
            number.is_finite().then_some(number)
        };
        let columns = [number()?, number()?];
        weights.insert_unique(hash(&fact), Weight { fact, columns }, |weight| {
            hash(&weight.fact)
        });
    }
    let has_bias = weights.find(hash(BIAS), |weight| weight.fact == BIAS);
    has_bias.is_some().then_some(weights)
}

fn hash(name: &str) -> u64 {
    mixed(bytes(SEED, name))
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
