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

pub mod table;

use std::sync::LazyLock;

use self::table::{Opinion, Table, Trait};
use super::model::grams::{SEED, bytes, mixed};
use super::probability::{ends_as_question, is_personal};
use super::reading::{Amount, Reading};
use super::unanswered::unanswered;
use crate::model::{Millionths, Signal, SignalKind, Span, Verdict};

const FILE: &[u8] = include_bytes!("data/signals.bin");
/// What the file begins with.
pub const MAGIC: &[u8; 8] = b"ESCUSIG2";
/// One opinion a kind of signal.
pub const KINDS: usize = SignalKind::ALL.len();
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

/// One for each of [`SignalKind::ALL`].
pub(super) type Opinions = [Opinion; KINDS];

/// `None` would be a broken build; a test looks.
static TABLE: LazyLock<Option<Table<KINDS>>> = LazyLock::new(|| Table::parse(FILE, MAGIC));

/// The opinions on a text with these traits, in the order of [`SignalKind::ALL`].
pub(super) fn opinions([words, families]: &[Vec<Trait>; BLOCKS]) -> Opinions {
    let judge = |table: &Table<KINDS>| table.judge(&[words, families]);
    TABLE.as_ref().map_or_else(none, judge)
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

/// All traits of a text, block by block, each as often as it stands there; `signals` is what patterns say,
/// `probability` that of a complaint.
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

pub(super) fn pair_of(one: u32, other: u32) -> u32 {
    key(u64::from(one * 256 + other + 1).wrapping_mul(SEED))
}

fn key(hash: u64) -> u32 {
    (mixed(hash) >> 32) as u32
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
        let opinions = opinions(&traits(&reading, &[], &[], 0.7));
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
        assert!(TABLE.as_ref().is_some_and(|table| table.len() > 5_000));
        assert!(Table::<KINDS>::parse(&FILE[..FILE.len() - 1], MAGIC).is_none());
        assert!(Table::<KINDS>::parse(&FILE[1..], MAGIC).is_none());
    }
}
