//! The embedded linear models: how much a text reads like one of an unhappy customer.
//!
//! Two logistic regressions on hashed n-grams ([`grams`]), trained by `examples/train`: one on public
//! research data, one on lines written for this project; `docs/model-card.md` says on what, how well
//! they do and what they are not for. Their logits are two facts among the others of
//! [`super::probability`].
//!
//! Absent: training, and any part in the reasons of a verdict: those are words and facts of the text.

pub mod grams;

use std::sync::LazyLock;

use self::grams::{BITS, BUCKETS, Counts, SEED, Source};

/// The embedded models' files.
const OF_POSTS: &[u8] = include_bytes!("data/posts.bin");
const OF_LINES: &[u8] = include_bytes!("data/lines.bin");
/// What a file begins with; the last digit is the version of the format.
const MAGIC: &[u8; 8] = b"ESCUMOD1";
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
    blocks: [Block<'a>; 2],
}

#[derive(Clone, Copy, Debug)]
struct Block<'a> {
    /// Weight times idf of each bucket, as two's complement.
    weights: &'a [u8],
    idf: &'a [u8],
}

/// The parts of a model's file, as training finds them.
#[derive(Clone, Debug)]
pub struct Parts {
    pub bias: f32,
    pub step: f32,
    pub weights: [Vec<i8>; 2],
    pub idf: [Vec<u8>; 2],
}

impl Model<'static> {
    /// The model trained on public posts. `None` would be a broken build; a test looks.
    pub fn of_posts() -> Option<Self> {
        static MODEL: LazyLock<Option<Model<'static>>> = LazyLock::new(|| Model::parse(OF_POSTS));
        *MODEL
    }

    /// The model trained on lines written for this project, which are of the kind that it is for.
    pub fn of_lines() -> Option<Self> {
        static MODEL: LazyLock<Option<Model<'static>>> = LazyLock::new(|| Model::parse(OF_LINES));
        *MODEL
    }
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
        let block = |at: usize| {
            Some(Block {
                weights: table(at)?,
                idf: table(at + 1)?,
            })
        };
        ours.then_some(Self {
            bias: f64::from(constant),
            step: f64::from(step),
            blocks: [block(0)?, block(2)?],
        })
    }

    /// The logit of "an unhappy customer wrote this", in a stream where half of them are.
    pub fn logit(&self, source: &Source<'_>) -> f64 {
        self.logit_of(&grams::counts(source))
    }

    /// The same of n-grams that were counted before, words and letters.
    pub fn logit_of(&self, counts: &[Counts; 2]) -> f64 {
        let sums = counts.iter().zip(&self.blocks);
        self.bias
            + sums
                .map(|(counts, block)| block.sum(counts) * self.step)
                .sum::<f64>()
    }
}

impl Block<'_> {
    fn sum(&self, counts: &Counts) -> f64 {
        let (mut sum, mut square) = (0.0, 0.0);
        for &(bucket, n) in counts {
            let at = bucket as usize;
            let times = damped(n);
            let (weight, idf) = (self.weights[at].cast_signed(), self.idf[at]);
            sum += f64::from(weight) * times;
            square += (f64::from(idf) * IDF_STEP * times).powi(2);
        }
        sum / square.sqrt().max(1.0)
    }
}

impl Parts {
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

/// How much `n` finds of one n-gram count.
pub fn damped(n: u32) -> f64 {
    1.0 + f64::from(n.max(1)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(good: &str, bad: &str) {
        let model = Model::of_posts().unwrap();
        let logit = |text| {
            model.logit(&Source {
                text,
                ..Source::default()
            })
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
        assert!(Model::parse(OF_POSTS).is_some());
        for at in [0, 8, 12] {
            let mut file = OF_POSTS.to_vec();
            file[at] ^= 1;
            assert!(Model::parse(&file).is_none(), "byte {at}");
        }
        assert!(Model::parse(&OF_POSTS[1..]).is_none());
        assert!(Model::parse(&OF_POSTS[..OF_POSTS.len() - 1]).is_none());
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
        for (bucket, _) in &grams::counts(&source)[0] {
            parts.weights[0][*bucket as usize] = -8;
        }
        let file = parts.to_file();
        let logit = Model::parse(&file).unwrap().logit(&source);
        // Three n-grams of idf 1: −8 · 3 / √3 · 0.25 + 0.5.
        assert!(
            (logit - (0.5 - 2.0 * 3.0_f64.sqrt())).abs() < 1e-9,
            "{logit}"
        );
    }
}
