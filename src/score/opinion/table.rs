//! A table of opinions: for each trait of a text a weight for each of `N` questions, as training writes it and as
//! the program reads it.
//!
//! Absent: what is a trait, and what is asked.

use crate::score::keys::Keys;

/// Bias, step of a weight, the logit that counts and the one that is against, four bytes each.
const HEAD: usize = 16;
/// A step of a stored idf.
pub const IDF_STEP: f64 = 0.05;

/// A trait of a text, by its hash, and the sentence that it stands in: none for what the whole text has.
pub(crate) type Trait = (u32, Option<u32>);

/// What is thought of one question about one text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Opinion {
    /// The logit, in a stream where half of all texts tell it.
    pub(crate) logit: f64,
    /// Above zero it counts.
    pub(crate) margin: f64,
    /// What a pattern found is none.
    pub(crate) is_against: bool,
    /// The sentence that speaks most for it.
    pub(crate) sentence: u32,
}

/// The table of a file.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    keys: Keys,
    /// Bias, step, cut and veto of each question.
    heads: Vec<[f64; 4]>,
    idf: &'static [u8],
    /// A row of weights for each key.
    weights: &'static [[u8; N]],
}

/// The parts of a file, as training finds them: keys in ascending order.
#[derive(Clone, Debug, Default)]
pub struct Parts<const N: usize> {
    pub keys: Vec<u32>,
    pub heads: Vec<[f32; 4]>,
    pub idf: Vec<u8>,
    pub weights: Vec<[i8; N]>,
}

impl<const N: usize> Table<N> {
    /// `None` when it is another file, or cut off.
    pub(crate) fn parse(file: &'static [u8], magic: &[u8]) -> Option<Self> {
        let (heads, rest) = file.strip_prefix(magic)?.split_at_checked(N * HEAD)?;
        let numbers = heads
            .as_chunks::<4>()
            .0
            .iter()
            .map(|four| f64::from(f32::from_le_bytes(*four)));
        let heads: Vec<f64> = numbers.collect();
        let (keys, rest) = Keys::parse(rest)?;
        let (idf, weights) = rest.split_at_checked(keys.len())?;
        let (weights, more) = weights.as_chunks::<N>();
        let is_whole = more.is_empty() && weights.len() == keys.len();
        is_whole.then_some(Self {
            keys,
            heads: heads.as_chunks::<4>().0.to_vec(),
            idf,
            weights,
        })
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// What is thought of a text with these blocks of traits, each of the length one.
    pub(crate) fn judge(&self, traits: &[&[Trait]]) -> [Opinion; N] {
        let sentences = traits
            .iter()
            .flat_map(|block| block.iter())
            .filter_map(|(_, sentence)| *sentence);
        let n_sentences = sentences.max().map_or(1, |last| last as usize + 1);
        // What each sentence says, and after them what the whole text does.
        let mut all = vec![[0.0_f32; N]; n_sentences + 1];
        for block in traits {
            let (sums, length) = self.add_up(block, n_sentences);
            for (all, sums) in all.iter_mut().zip(sums) {
                for (all, sum) in all.iter_mut().zip(sums) {
                    *all += sum as f32 / length;
                }
            }
        }
        std::array::from_fn(|kind| {
            let [bias, step, cut, veto] = self.heads[kind];
            let sum: f32 = all.iter().map(|sums| sums[kind]).sum();
            let of = |sentence: &usize| all[*sentence][kind];
            let best = (0..n_sentences)
                .rev()
                .max_by(|a, b| of(a).total_cmp(&of(b)));
            let logit = bias + step * f64::from(sum);
            Opinion {
                logit,
                margin: logit - cut,
                is_against: logit < veto,
                sentence: best.unwrap_or(0) as u32,
            }
        })
    }

    /// The sums of one block by sentence, and its length.
    fn add_up(&self, traits: &[Trait], n_sentences: usize) -> (Vec<[i32; N]>, f32) {
        let mut sums = vec![[0_i32; N]; n_sentences + 1];
        let mut squares = 0_u32;
        for (key, sentence) in traits {
            let Some(at) = self.keys.find(*key) else {
                continue;
            };
            squares += u32::from(self.idf[at]).pow(2);
            let sums = &mut sums[sentence.map_or(n_sentences, |sentence| sentence as usize)];
            for (sum, weight) in sums.iter_mut().zip(self.weights[at]) {
                *sum += i32::from(weight.cast_signed());
            }
        }
        let length = (f64::from(squares).sqrt() * IDF_STEP).max(1.0);
        (sums, length as f32)
    }
}

impl<const N: usize> Parts<N> {
    /// The table's file.
    pub fn to_file(&self, magic: &[u8; 8]) -> Vec<u8> {
        let mut file = magic.to_vec();
        file.extend(self.heads.iter().flatten().flat_map(|n| n.to_le_bytes()));
        file.extend((self.keys.len() as u32).to_le_bytes());
        file.extend(self.keys.iter().flat_map(|key| key.to_le_bytes()));
        file.extend(&self.idf);
        let weights = self.weights.iter().flatten();
        file.extend(weights.map(|weight| weight.cast_unsigned()));
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_parts_say_is_what_the_table_reads() {
        let parts = Parts {
            keys: vec![7, 9],
            heads: vec![[-1.0, 0.5, 0.25, -2.0]; 2],
            idf: vec![20, 20],
            weights: vec![[8; 2], [-8; 2]],
        };
        let file: &'static [u8] = parts.to_file(b"ESCUTEST").leak();
        let table = Table::<2>::parse(file, b"ESCUTEST").unwrap();
        assert!(Table::<2>::parse(file, b"ESCUELSE").is_none());
        let opinion = table.judge(&[&[(7, Some(1)), (8, Some(0))], &[(9, Some(0))]])[0];
        // Eight for the second sentence, eight against the first: the bias and the cut remain.
        assert_eq!(
            (opinion.margin.to_string(), opinion.sentence),
            ("-1.25".into(), 1)
        );
    }
}
