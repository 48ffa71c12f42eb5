//! How good or bad words feel that no lexicon of ours has: a table of 67,000 words of seven languages.
//!
//! AFINN's valences (Nielsen, 2011), carried to the frequent words of each language by a regression on word
//! vectors; `examples/train/valence.py` makes the file and tells its format. In standard deviations of
//! all words; those near nothing are left out.

use std::sync::LazyLock;

use super::keys::Keys;
use super::model::grams::{SEED, bytes};
use super::reading::Reading;
use super::sentiment::{clauses, turned};
use super::vocabulary::is_stretched;

const FILE: &[u8] = include_bytes!("data/valence.bin");
const MAGIC: &[u8] = b"ESCUVAL1";
/// A step of a stored valence.
const STEP: f64 = 0.05;

/// How the words of a text feel, after negation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tone {
    /// The sum of the good ones, over the root of the number of words.
    pub(super) good: f64,
    /// The worst one, as a positive number.
    pub(super) worst: f64,
    /// Where it stands among the words.
    pub(super) worst_at: Option<usize>,
}

impl Tone {
    pub(super) fn of(reading: &Reading<'_>) -> Self {
        let mut tone = Self::default();
        let clauses = clauses(reading);
        for at in 0..reading.n_words() {
            let Some(valence) = valence(reading.word(at)) else {
                continue;
            };
            let valence = turned(reading, at, &clauses, valence);
            tone.good += valence.max(0.0);
            if -valence > tone.worst {
                (tone.worst, tone.worst_at) = (-valence, Some(at));
            }
        }
        tone.good /= (reading.n_words().max(1) as f64).sqrt();
        tone
    }
}

/// The valence of a folded word.
fn valence(word: &str) -> Option<f64> {
    let table = TABLE.as_ref()?;
    if !has_run(word) {
        return table.find(word);
    }
    // "Terribleeee" is "terrible".
    table.find(&shortened(word, 2)).or_else(|| {
        let is_stretched = is_stretched(word);
        is_stretched
            .then(|| table.find(&shortened(word, 1)))
            .flatten()
    })
}

/// Whether one character may stand three times in a row.
fn has_run(word: &str) -> bool {
    let is_run = |three: &[u8]| three[0] == three[1] && three[1] == three[2];
    !word.is_ascii() || word.as_bytes().windows(3).any(is_run)
}

/// Runs of three letters and more, cut to `most`.
fn shortened(word: &str, most: usize) -> String {
    let chars: Vec<char> = word.chars().collect();
    let runs = chars.chunk_by(|a, b| a == b);
    let kept = runs.flat_map(|run| &run[..if run.len() > 2 { most } else { run.len() }]);
    kept.collect()
}

/// Hashes in ascending order, and a byte for each.
struct Table {
    keys: Keys,
    values: &'static [u8],
}

/// `None` would be a broken build; a test looks.
static TABLE: LazyLock<Option<Table>> = LazyLock::new(|| {
    let (keys, values) = Keys::parse(FILE.strip_prefix(MAGIC)?)?;
    (values.len() == keys.len()).then_some(Table { keys, values })
});

impl Table {
    fn find(&self, word: &str) -> Option<f64> {
        let at = self.keys.find(bytes(SEED, word) as u32)?;
        Some(f64::from(self.values[at].cast_signed()) * STEP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: &str) {
        let shown = match valence(word) {
            Some(v) if v > 1.0 => "good",
            Some(v) if v < -1.0 => "bad",
            _ => "-",
        };
        assert_eq!(shown, expected, "{word}: {:?}", valence(word));
    }

    #[test]
    fn words_of_every_language_feel() {
        for word in [
            "excelente",
            "excellent",
            "eccellente",
            "ausgezeichnet",
            "fantastic",
        ] {
            check(word, "good");
        }
        for word in [
            "estafa", "terrible", "vergonha", "arnaque", "schlecht", "vergogna",
        ] {
            check(word, "bad");
        }
        check("terribleeee", "bad");
        for word in ["mesa", "monday", "qwertz", ""] {
            check(word, "-");
        }
    }
}
