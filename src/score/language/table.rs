//! The table of languages: for each bucket of [`runs`], how much it speaks for each of the seven, and
//! of which it is a frequent word. `escucha train` makes it.
//!
//! Absent: any decision; that is [`super::guess`].

use std::sync::LazyLock;

use super::runs::{self, BITS, BUCKETS, Kind};
use crate::model::Lang;

/// The embedded file.
pub const FILE: &[u8] = include_bytes!("../data/languages.bin");
/// What a file begins with; the last digit is the version of the format.
const MAGIC: &[u8; 8] = b"ESCULNG1";
/// Magic, bits, step; then the cells.
const HEADER: usize = 8 + 4 + 4;
const N: usize = Lang::ALL.len();
/// Words of one bit, one for each bucket.
const BITSET: usize = BUCKETS / 64;

/// Weights that were read from a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Table<'a> {
    /// A step of a stored weight.
    step: f64,
    /// Of each bucket: the weight for each language of [`Lang::ALL`] as two's complement, then a bit
    /// for each of which it is a frequent word.
    cells: &'a [[u8; N + 1]],
}

/// What a table finds in a text. Languages are in the order of [`Lang::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Findings {
    /// The logit of each language.
    pub logits: [f64; N],
    /// How many words are frequent in each.
    pub frequent: [u32; N],
    pub n_words: u32,
}

/// The parts of a table's file, as training finds them.
#[derive(Clone, Debug)]
pub struct Parts {
    pub step: f32,
    pub cells: Vec<[u8; N + 1]>,
}

impl<'a> Table<'a> {
    /// Reads a file. `None` when it is another format, was hashed otherwise, or is cut off.
    pub fn parse(file: &'a [u8]) -> Option<Self> {
        let (header, cells) = file.split_at_checked(HEADER)?;
        let (magic, header) = header.split_first_chunk::<8>()?;
        let (bits, header) = header.split_first_chunk::<4>()?;
        let (step, _) = header.split_first_chunk::<4>()?;
        let step = f32::from_le_bytes(*step);
        let (cells, rest) = cells.as_chunks();
        let ours = magic == MAGIC
            && u32::from_le_bytes(*bits) == BITS
            && cells.len() == BUCKETS
            && rest.is_empty()
            && step.is_finite();
        ours.then_some(Self {
            step: f64::from(step),
            cells,
        })
    }

    /// Without a file that can be read, which a test does not allow, nothing speaks for any language.
    pub fn embedded() -> Table<'static> {
        static EMBEDDED: LazyLock<Table<'static>> =
            LazyLock::new(|| Table::parse(FILE).unwrap_or_default());
        *EMBEDDED
    }

    /// Reads so many characters of each field. Each run and word of the text counts once, however often it stands there: letters and
    /// syllables that repeat say nothing new.
    pub fn read(&self, fields: [&str; 2], chars_max: usize) -> Findings {
        let mut seen = [0_u64; BITSET];
        // Eight lanes, of which the last is not asked, are one addition to the processor.
        let mut sums = [0_i16; N + 1];
        let mut findings = Findings::default();
        for text in fields {
            runs::each(text, chars_max, |kind, bucket| {
                let Some(cell) = self.cells.get(bucket) else {
                    return;
                };
                let (word, bit) = (&mut seen[bucket / 64], 1 << (bucket % 64));
                if *word & bit == 0 {
                    *word |= bit;
                    let weights = cell.map(|weight| i16::from(weight.cast_signed()));
                    for (sum, weight) in sums.iter_mut().zip(weights) {
                        *sum = sum.saturating_add(weight);
                    }
                }
                if kind == Kind::Word {
                    findings.n_words += 1;
                    for (at, frequent) in findings.frequent.iter_mut().enumerate() {
                        *frequent += u32::from(cell[N] >> at & 1);
                    }
                }
            });
        }
        for (logit, sum) in findings.logits.iter_mut().zip(sums) {
            *logit = self.step * f64::from(sum);
        }
        findings
    }
}

impl Findings {
    /// Whether less than `a` of `b` words are frequent in the language at `at`: of six words and more,
    /// for fewer may all be names.
    pub fn has_few(&self, at: usize, a: u32, b: u32) -> bool {
        self.n_words >= 6 && self.frequent[at] * b < self.n_words * a
    }
}

impl Parts {
    /// A table's file.
    pub fn to_file(&self) -> Vec<u8> {
        let mut file = Vec::with_capacity(HEADER + self.cells.len() * (N + 1));
        file.extend(MAGIC);
        file.extend(BITS.to_le_bytes());
        file.extend(self.step.to_le_bytes());
        file.extend(self.cells.as_flattened());
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_ours_is_refused() {
        assert!(Table::parse(FILE).is_some());
        for at in [0, 8] {
            let mut file = FILE.to_vec();
            file[at] ^= 1;
            assert!(Table::parse(&file).is_none(), "byte {at}");
        }
        assert!(Table::parse(&FILE[1..]).is_none());
        assert!(Table::parse(&FILE[..FILE.len() - 1]).is_none());
        assert!(Table::parse(b"").is_none());
    }

    #[test]
    fn each_run_counts_once_and_each_word_as_often_as_it_stands() {
        let mut parts = Parts {
            step: 0.5,
            cells: vec![[0; N + 1]; BUCKETS],
        };
        let mut n = 0;
        runs::each("no", 9, |kind, bucket| {
            n += 1;
            parts.cells[bucket][0] = 2;
            parts.cells[bucket][N] = u8::from(kind == Kind::Word);
        });
        let file = parts.to_file();
        let found = Table::parse(&file).unwrap().read(["no no", "NO"], 9);
        assert_eq!(found.logits[0].to_string(), f64::from(n).to_string());
        assert_eq!(
            (found.frequent[0], found.frequent[1], found.n_words),
            (3, 0, 3)
        );
    }
}
