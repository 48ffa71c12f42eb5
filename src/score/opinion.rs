//! A second opinion on every signal: how much a text reads like those in which people found that fact.
//!
//! A logistic regression for each kind on the words and pairs of words of the text, their first letters, and
//! the families of words that stand together in one sentence, and what patterns found; these families (`data/*.cues.toml`, the labels of
//! patterns, quantities) are the same in all languages. `escucha train --signals` makes the table from lines
//! whose facts people have labelled, and sets two logits for each kind: from the one on an opinion counts by itself,
//! and where a text tells a fact in words that no pattern has, the sentence that weighs most is its place; below the
//! other it is against what a pattern found.
//!
//! Absent: the numbers of a fact; those are read from the text ([`super::signals`]).

use std::sync::LazyLock;

use super::keys::Keys;
use super::model::grams::{SEED, bytes, mixed};
use super::probability::{ends_as_question, is_personal};
use super::reading::{Amount, Reading};
use super::unanswered::unanswered;
use crate::model::{Millionths, Signal, SignalKind, Span, Verdict};

const FILE: &[u8] = include_bytes!("data/signals.bin");
const MAGIC: &[u8] = b"ESCUSIG2";
/// One opinion a kind of signal.
pub const KINDS: usize = SignalKind::ALL.len();
/// Bias, step of a weight, the logit that counts and the one that is against, for each kind.
const HEADS: usize = 16 * KINDS;
/// A step of a stored idf.
pub const IDF_STEP: f64 = 0.05;
/// Words that are looked at; more say nothing new.
const WORDS_MAX: usize = 250;
/// Letters of a word's beginning: of pairs, too, and of single words.
const BEGINNING: usize = 4;
const LONG_BEGINNING: usize = 6;
/// A complaint as probable as this is sure even where nobody says "I".
const SURE: Millionths = Millionths(800_000);
/// Where the complaint is so sure, and who speaks was there himself, no opinion on his words takes the haste away.
const CERTAIN: Millionths = Millionths(900_000);
/// An opinion below this says that a danger is none.
const DOUBTED: f64 = -0.3;
/// Numbers of cues: the grammar, then labels, then the rest.
const OF_LABELS: u32 = 44;
const OF_REST: u32 = 96;
/// The probability of a complaint, in so many steps.
const STEPS: f64 = 5.0;

/// Blocks of traits: words, then families. Each has the length one, so that neither drowns the other.
pub const BLOCKS: usize = 2;

/// A trait of a text, by its hash, and the sentence that it stands in: none for what the whole text has.
pub(super) type Trait = (u32, Option<u32>);

/// What is thought of one kind of signal in one text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Opinion {
    /// The logit, in a stream where half of all texts tell it.
    pub(super) logit: f64,
    /// Above zero it counts.
    pub(super) margin: f64,
    /// What a pattern found is none.
    pub(super) is_against: bool,
    /// The sentence that speaks most for it.
    pub(super) sentence: u32,
}

/// One for each of [`SignalKind::ALL`].
pub(super) type Opinions = [Opinion; KINDS];

/// The table of a file.
#[derive(Debug)]
struct Table {
    keys: Keys,
    /// Bias, step, cut and veto of each kind.
    heads: Vec<[f64; 4]>,
    idf: &'static [u8],
    /// A row of weights for each key.
    weights: &'static [[u8; KINDS]],
}

/// The parts of a file, as training finds them: keys in ascending order.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    pub keys: Vec<u32>,
    pub heads: Vec<[f32; 4]>,
    pub idf: Vec<u8>,
    pub weights: Vec<[i8; KINDS]>,
}

/// `None` would be a broken build; a test looks.
static TABLE: LazyLock<Option<Table>> = LazyLock::new(|| Table::parse(FILE));

/// The opinions on a text, in the order of [`SignalKind::ALL`]; `found` is what patterns say, `probability` that
/// of a complaint.
pub(super) fn opinions(
    reading: &Reading<'_>,
    ours: &[Span],
    found: &[Signal],
    probability: f64,
) -> Opinions {
    let traits = traits(reading, ours, found, probability);
    TABLE
        .as_ref()
        .map_or_else(none, |table| table.judge(&traits))
}

/// Of a text of which nobody asks: nothing counts.
pub(super) fn none() -> Opinions {
    let none = Opinion {
        logit: 0.0,
        margin: -1.0,
        is_against: false,
        sentence: 0,
    };
    [none; KINDS]
}

/// Whether so much haste is right: news and neighbours speak of fires, courts and the sick as well. Where the
/// complaint is sure and a person speaks of himself, it is. Where only one of both is so, a danger must not be
/// one that a single word names.
pub(super) fn is_alarm(verdict: &Verdict, reading: &Reading<'_>, opinions: &Opinions) -> bool {
    let probability = verdict.complaint_probability;
    let is_sure = probability >= SURE;
    let speaks = is_personal(reading);
    let kinds = SignalKind::ALL.iter().zip(opinions);
    let mut dangers = kinds.filter(|(kind, _)| **kind == SignalKind::Safety);
    let is_doubted =
        verdict.has(SignalKind::Safety) && dangers.any(|(_, opinion)| opinion.logit < DOUBTED);
    (probability >= CERTAIN && speaks) || ((is_sure || speaks) && !is_doubted)
}

/// All traits of a text, block by block, each as often as it stands there.
pub(super) fn traits(
    reading: &Reading<'_>,
    ours: &[Span],
    signals: &[Signal],
    probability: f64,
) -> [Vec<Trait>; BLOCKS] {
    let n = reading.n_words().min(WORDS_MAX);
    let mut words = Vec::with_capacity(5 * n);
    of_words(reading, ours, n, &mut words);
    let mut found = Vec::with_capacity(4 * n);
    of_cues(reading, n, &mut found);
    let step = (probability * STEPS).min(STEPS - 1.0) as u32;
    found.push((pair_of(OF_REST + 16 + step, 0), None));
    let kinds = signals.iter().map(|signal| signal.kind as u32);
    found.extend(kinds.map(|kind| (pair_of(OF_REST + 24 + kind, 0), None)));
    if ends_as_question(reading) {
        found.push((pair_of(OF_REST + 8, 0), None));
    }
    if !unanswered(reading).is_empty() {
        found.push((pair_of(OF_REST + 9, 0), None));
    }
    [words, found]
}

/// Words, their beginnings, and pairs of both; our own name says nothing.
fn of_words(reading: &Reading<'_>, ours: &[Span], n: usize, found: &mut Vec<Trait>) {
    let mut named = vec![false; n];
    for (first, last) in ours.iter().filter_map(|span| reading.text.words_of(*span)) {
        named
            .iter_mut()
            .take(last + 1)
            .skip(first)
            .for_each(|named| *named = true);
    }
    let begins = bytes(SEED, "^");
    let mut before: Option<(u32, [u64; 2])> = None;
    for (at, is_ours) in named.into_iter().enumerate() {
        if is_ours {
            before = None;
            continue;
        }
        let word = normal(reading.word(at));
        let sentence = reading.sentence[at];
        let beginning = beginning_of(word, BEGINNING);
        let hashes = [bytes(SEED, word), bytes(begins, beginning)];
        found.extend(hashes.map(|hash| (key(hash), Some(sentence))));
        let long = beginning_of(word, LONG_BEGINNING);
        if long.len() < word.len() {
            found.push((key(bytes(begins, long)), Some(sentence)));
        }
        if let Some((_, [left, left_begins])) = before.filter(|(there, _)| *there == sentence) {
            let pairs = [
                bytes(bytes(left, " "), word),
                bytes(bytes(left_begins, " "), beginning),
            ];
            found.extend(pairs.map(|hash| (key(hash), Some(sentence))));
        }
        before = Some((sentence, hashes));
    }
}

fn beginning_of(word: &str, n_letters: usize) -> &str {
    let end = word.char_indices().nth(n_letters);
    end.map_or(word, |(end, _)| &word[..end])
}

/// All numbers and all names of people are alike.
fn normal(word: &str) -> &str {
    match word.as_bytes().first() {
        Some(b'0'..=b'9') => "0",
        Some(b'@') => "@",
        _ => word,
    }
}

/// The families that stand in a sentence, and every two of them.
fn of_cues(reading: &Reading<'_>, n: usize, found: &mut Vec<Trait>) {
    let n_sentences = reading
        .sentence
        .get(n.wrapping_sub(1))
        .map_or(0, |last| last + 1);
    let mut cues = vec![0_u128; n_sentences as usize];
    let mut add = |at: usize, bits: u128| {
        let sentence = reading
            .sentence
            .get(at)
            .and_then(|s| cues.get_mut(*s as usize));
        if let Some(cues) = sentence {
            *cues |= bits;
        }
    };
    for at in 0..n {
        add(at, u128::from(reading.grammar_bits(at)));
    }
    for found in reading.finds() {
        add(found.first, 1 << (OF_LABELS + found.label as u32));
    }
    for quantity in &reading.quantities {
        let kind = match quantity.amount {
            Amount::Number(_) => 0,
            Amount::Times(_) => 1,
            Amount::Days(_) => 2,
            Amount::Years(_) => 3,
            Amount::Year(_) => 4,
        };
        add(quantity.first, 1 << (OF_REST + kind));
    }
    for (sentence, cues) in (0..).zip(cues) {
        let mut left = cues;
        while left != 0 {
            let one = left.trailing_zeros();
            left &= left - 1;
            found.push((pair_of(one, 0), Some(sentence)));
            let mut others = left;
            while others != 0 {
                let other = others.trailing_zeros();
                others &= others - 1;
                found.push((pair_of(one, other + 1), Some(sentence)));
            }
        }
    }
}

fn pair_of(one: u32, other: u32) -> u32 {
    key(u64::from(one * 256 + other + 1).wrapping_mul(SEED))
}

fn key(hash: u64) -> u32 {
    (mixed(hash) >> 32) as u32
}

impl Table {
    fn parse(file: &'static [u8]) -> Option<Self> {
        let (heads, rest) = file.strip_prefix(MAGIC)?.split_at_checked(HEADS)?;
        let numbers = heads
            .as_chunks::<4>()
            .0
            .iter()
            .map(|four| f64::from(f32::from_le_bytes(*four)));
        let heads: Vec<f64> = numbers.collect();
        let (keys, rest) = Keys::parse(rest)?;
        let (idf, weights) = rest.split_at_checked(keys.len())?;
        let (weights, more) = weights.as_chunks::<KINDS>();
        let is_whole = more.is_empty() && weights.len() == keys.len();
        is_whole.then_some(Self {
            keys,
            heads: heads.as_chunks::<4>().0.to_vec(),
            idf,
            weights,
        })
    }

    fn judge(&self, traits: &[Vec<Trait>; BLOCKS]) -> Opinions {
        let sentences = traits
            .iter()
            .flatten()
            .filter_map(|(_, sentence)| *sentence);
        let n_sentences = sentences.max().map_or(1, |last| last as usize + 1);
        // What each sentence says, and after them what the whole text does.
        let mut all = vec![[0.0_f32; KINDS]; n_sentences + 1];
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
    fn add_up(&self, traits: &[Trait], n_sentences: usize) -> (Vec<[i32; KINDS]>, f32) {
        let mut sums = vec![[0_i32; KINDS]; n_sentences + 1];
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

impl Parts {
    /// The table's file.
    pub fn to_file(&self) -> Vec<u8> {
        let mut file = MAGIC.to_vec();
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
    use super::super::pack::Packs;
    use super::super::text::Text;
    use super::*;
    use crate::model::Lang;

    /// The kinds that an opinion tells, and the words of the sentence that tells the first.
    #[track_caller]
    fn check(lang: Lang, raw: &str, expected: &str) {
        let text = Text::new(None, raw);
        let reading = Reading::new(&text, Packs::embedded().get(lang).unwrap(), &[]);
        let opinions = opinions(&reading, &[], &[], 0.7);
        let told = SignalKind::ALL.iter().zip(&opinions);
        let told: Vec<(&SignalKind, &Opinion)> = told.filter(|(_, o)| o.margin > 0.0).collect();
        let kinds: Vec<String> = told.iter().map(|(kind, _)| kind.to_string()).collect();
        let sentence = told.first().map_or(0, |(_, opinion)| opinion.sentence);
        assert_eq!(format!("{} {sentence}", kinds.join(",")), expected, "{raw}");
    }

    #[test]
    fn facts_are_heard_in_words_that_no_pattern_has() {
        let es = |raw: &str, expected: &str| check(Lang::Es, raw, expected);
        es(
            "Buen sofá. Le mandé tres burofaxes al seguro y el buzón sigue más callado que una tumba",
            "unanswered_contact 1",
        );
        es("Encantado, todo en su sitio y a la primera", " 0");
    }

    #[test]
    fn the_embedded_table_can_be_read() {
        assert!(TABLE.as_ref().is_some_and(|table| table.keys.len() > 5_000));
        assert!(Table::parse(&FILE[..FILE.len() - 1]).is_none());
        assert!(Table::parse(&FILE[1..]).is_none());
    }

    #[test]
    fn what_parts_say_is_what_the_table_reads() {
        let parts = Parts {
            keys: vec![7, 9],
            heads: vec![[-1.0, 0.5, 0.25, -2.0]; KINDS],
            idf: vec![20, 20],
            weights: vec![[8; KINDS], [-8; KINDS]],
        };
        let file: &'static [u8] = parts.to_file().leak();
        let table = Table::parse(file).unwrap();
        let opinion = table.judge(&[vec![(7, Some(1)), (8, Some(0))], vec![(9, Some(0))]])[0];
        // Eight for the second sentence, eight against the first: the bias and the cut remain.
        assert_eq!(
            (opinion.margin.to_string(), opinion.sentence),
            ("-1.25".into(), 1)
        );
    }
}
