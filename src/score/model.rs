//! The embedded linear models: how much a text reads like one of an unhappy customer.
//!
//! Two logistic regressions on hashed n-grams ([`grams`]), trained by `escucha train`: one on public
//! research data, one on lines written for this project; `docs/model-card.md` says on what, how well
//! they do and what they are not for. Their logits are two facts among the others of
//! [`super::probability`].
//!
//! Absent: training, and any part in the reasons of a verdict: those are words and facts of the text.

pub mod grams;
mod memo;

use std::sync::Mutex;

use self::grams::{BITS, BUCKETS, Block, Piece, SEED, Source};
use self::memo::Memo;

/// What a file begins with; the last digit is the version of the format.
const MAGIC: &[u8; 8] = b"ESCUMOD3";
/// Magic, bits, seed, step, bias; then weights and idf of each block, a byte a bucket.
const HEADER: usize = 8 + 4 + 8 + 4 + 4;
/// The surest logit that counts: the model was trained on reviews and posts, not on news and adverts.
pub const LOGIT_MAX: f64 = 3.0;
/// A step of a stored idf.
pub const IDF_STEP: f64 = 0.05;

/// Weights that were read from a file.
#[derive(Clone, Copy, Debug)]
pub struct Model<'a> {
    bias: f64,
    /// A step of a stored weight.
    step: f64,
    /// Of words, then of runs of characters.
    tables: [Table<'a>; 2],
}

#[derive(Clone, Copy, Debug)]
struct Table<'a> {
    /// Weight times idf of each bucket, as two's complement.
    weights: &'a [u8],
    idf: &'a [u8],
}

/// Two models side by side, so that each n-gram is hashed and looked up once for both.
#[derive(Debug, Default)]
pub struct Pair {
    bias: [f64; 2],
    step: [f64; 2],
    /// By block and bucket: weight and idf of the first model, weight and idf of the second.
    cells: Vec<[u8; 4]>,
    memo: Mutex<Memo>,
}

/// What a model finds in one block of a text.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    weights: i32,
    /// The sum of squares of the idf; [`grams::CHARS_MAX`] bounds how many there are.
    squares: u32,
}

/// The parts of a model's file, as training finds them.
#[derive(Clone, Debug)]
pub struct Parts {
    pub bias: f32,
    pub step: f32,
    pub weights: [Vec<i8>; 2],
    pub idf: [Vec<u8>; 2],
}

impl Pair {
    pub fn new(first: Model<'_>, second: Model<'_>) -> Self {
        let cells = (0..2).flat_map(|block| {
            let [a, b] = [first.tables[block], second.tables[block]];
            let ours = std::iter::zip(a.weights, a.idf);
            let theirs = std::iter::zip(b.weights, b.idf);
            std::iter::zip(ours, theirs).map(|((w, i), (v, j))| [*w, *i, *v, *j])
        });
        Self {
            bias: [first.bias, second.bias],
            step: [first.step, second.step],
            cells: cells.collect(),
            memo: Mutex::default(),
        }
    }

    /// The logits of "an unhappy customer wrote this", in a stream where half of them are, by each model.
    pub fn logits(&self, source: &Source<'_>) -> [f64; 2] {
        let (mut words, mut runs) = ([Sum::default(); 2], [Sum::default(); 2]);
        // Another thread that has it reads at least as fast as we should wait.
        let mut memo = self.memo.try_lock().ok();
        let mut normal = Vec::new();
        let mut walk = grams::Walk::default();
        grams::tokens(source, |piece| {
            let mut found = |block, bucket| match block {
                // The first model is of posts that name nobody.
                Block::Around => self.add_to_second(&mut words[1], bucket),
                _ => self.add(&mut words, block, bucket),
            };
            let token = match piece {
                Piece::Token(token) => token,
                Piece::Us => return walk.us(found),
                Piece::End => return walk = grams::Walk::default(),
            };
            let read = |normal: &[u8]| {
                let mut sums = [Sum::default(); 2];
                grams::runs(normal, |bucket| self.add(&mut sums, Block::Runs, bucket));
                sums
            };
            let memo = memo.as_mut();
            if let Some(known) = memo.and_then(|memo| memo.of(token, &mut normal, read)) {
                merge(&mut runs, &known.sums);
                walk.token(known.normal.bytes(), &mut found);
            } else {
                grams::normalise(token, &mut normal);
                merge(&mut runs, &read(&normal));
                walk.token(normal.iter().copied(), &mut found);
            }
        });
        std::array::from_fn(|at| self.bias[at] + self.step[at] * total(&[words[at], runs[at]]))
    }

    fn add(&self, sums: &mut [Sum; 2], block: Block, bucket: u32) {
        let at = block as usize * BUCKETS + bucket as usize;
        if let Some(cell) = self.cells.get(at) {
            sums[0].add(cell[0], cell[1]);
            sums[1].add(cell[2], cell[3]);
        }
    }

    fn add_to_second(&self, sum: &mut Sum, bucket: u32) {
        if let Some(cell) = self.cells.get(bucket as usize) {
            sum.add(cell[2], cell[3]);
        }
    }
}

impl Sum {
    fn add(&mut self, weight: u8, idf: u8) {
        self.weights += i32::from(weight.cast_signed());
        self.squares += u32::from(idf) * u32::from(idf);
    }
}

fn merge(sums: &mut [Sum; 2], more: &[Sum; 2]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        sum.weights += more.weights;
        sum.squares += more.squares;
    }
}

/// Each block has the length one at most, so that long texts do not outweigh short ones.
fn total(sums: &[Sum; 2]) -> f64 {
    let over = |sum: &Sum| {
        let length = f64::from(sum.squares).sqrt() * IDF_STEP;
        f64::from(sum.weights) / length.max(1.0)
    };
    sums.iter().map(over).sum()
}

impl<'a> Model<'a> {
    /// Reads a file. `None` when it is another format, was hashed otherwise, or is cut off.
    pub fn parse(file: &'a [u8]) -> Option<Self> {
        let (header, tables) = file.split_at_checked(HEADER)?;
        let (magic, header) = header.split_first_chunk::<8>()?;
        let (bits, header) = header.split_first_chunk::<4>()?;
        let (seed, header) = header.split_first_chunk::<8>()?;
        let (step, header) = header.split_first_chunk::<4>()?;
        let (constant, _) = header.split_first_chunk::<4>()?;
        let step = f32::from_le_bytes(*step);
        let constant = f32::from_le_bytes(*constant);
        let ours = magic == MAGIC
            && u32::from_le_bytes(*bits) == BITS
            && u64::from_le_bytes(*seed) == SEED
            && tables.len() == 4 * BUCKETS
            && step.is_finite()
            && constant.is_finite();
        let table = |at: usize| tables.get(at * BUCKETS..(at + 1) * BUCKETS);
        let pair = |at: usize| {
            Some(Table {
                weights: table(at)?,
                idf: table(at + 1)?,
            })
        };
        ours.then_some(Self {
            bias: f64::from(constant),
            step: f64::from(step),
            tables: [pair(0)?, pair(2)?],
        })
    }

    /// The logit of "an unhappy customer wrote this", in a stream where half of them are; of a model that
    /// was trained so, with what stands around our name.
    pub fn logit(&self, source: &Source<'_>, with_around: bool) -> f64 {
        let mut sums = [Sum::default(); 2];
        grams::each(source, |block, bucket| {
            let of = usize::from(block == Block::Runs);
            if block != Block::Around || with_around {
                let table = &self.tables[of];
                sums[of].add(table.weights[bucket as usize], table.idf[bucket as usize]);
            }
        });
        self.bias + self.step * total(&sums)
    }
}

impl Parts {
    /// The parts of a model, to train on.
    pub fn of(model: &Model<'_>) -> Self {
        let weights = |table: &Table<'_>| table.weights.iter().map(|w| w.cast_signed()).collect();
        Self {
            bias: model.bias as f32,
            step: model.step as f32,
            weights: model.tables.each_ref().map(weights),
            idf: model.tables.map(|table| table.idf.to_vec()),
        }
    }

    /// A model's file.
    pub fn to_file(&self) -> Vec<u8> {
        let mut file = Vec::with_capacity(HEADER + 4 * BUCKETS);
        file.extend(MAGIC);
        file.extend(BITS.to_le_bytes());
        file.extend(SEED.to_le_bytes());
        file.extend(self.step.to_le_bytes());
        file.extend(self.bias.to_le_bytes());
        for (weights, idf) in self.weights.iter().zip(&self.idf) {
            file.extend(weights.iter().map(|weight| weight.cast_unsigned()));
            file.extend(idf);
        }
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::trained::POSTS;

    #[track_caller]
    fn check(good: &str, bad: &str) {
        let models = crate::score::trained::Trained::embedded();
        let logit = |text| {
            let source = Source {
                text,
                ..Source::default()
            };
            models.logits(&source)[0]
        };
        assert!(
            logit(bad) > logit(good) + 1.0,
            "{} {}",
            logit(bad),
            logit(good)
        );
    }

    #[test]
    fn the_model_of_posts_knows_anger_in_every_language() {
        check(
            "Muy buen servicio, muchas gracias",
            "Pésimo servicio, no contestan, una vergüenza",
        );
        check(
            "Great service, thank you so much",
            "Terrible service, worst company, no refund",
        );
        check(
            "Ótimo atendimento, adorei",
            "Péssimo atendimento, ninguém responde",
        );
        check(
            "Très bon service, je recommande",
            "Service client nul, toujours pas remboursé",
        );
        check("Ottimo, grazie mille", "Pessimo, che schifo, vergogna");
        check("Super, danke, sehr schön", "Wieder Verspätung, so ein Mist");
        check(
            "Molt bé, l'habitació perfecta",
            "L'habitació bruta i el pitjor servei",
        );
    }

    #[test]
    fn a_file_that_is_not_ours_is_refused() {
        assert!(Model::parse(POSTS).is_some());
        for at in [0, 8, 12] {
            let mut file = POSTS.to_vec();
            file[at] ^= 1;
            assert!(Model::parse(&file).is_none(), "byte {at}");
        }
        assert!(Model::parse(&POSTS[1..]).is_none());
        assert!(Model::parse(&POSTS[..POSTS.len() - 1]).is_none());
        assert!(Model::parse(b"").is_none());
    }

    #[test]
    fn the_sum_is_that_of_weights_over_the_length() {
        let mut parts = Parts {
            bias: 0.5,
            step: 0.25,
            weights: [vec![0; BUCKETS], vec![0; BUCKETS]],
            idf: [vec![20; BUCKETS], vec![20; BUCKETS]],
        };
        let source = Source {
            text: "uno dos",
            ..Source::default()
        };
        for (bucket, _) in &grams::counts(&source, false)[0] {
            parts.weights[0][*bucket as usize] = -8;
        }
        let file = parts.to_file();
        let logit = Model::parse(&file).unwrap().logit(&source, false);
        // Three n-grams of idf 1: −8 · 3 / √3 · 0.25 + 0.5.
        assert!(
            (logit - (0.5 - 2.0 * 3.0_f64.sqrt())).abs() < 1e-9,
            "{logit}"
        );
    }
}
