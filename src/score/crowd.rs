//! Whether several people tell the same story: what is left of a text when it is compared with others, who
//! joins somebody else's complaint, and who only reports what happened to others.
//!
//! A story is told by its words and by its pairs of neighbouring words, without those that say nothing
//! (`data/common.txt`), numbers, handles, links and our own name. [`Sketch`] keeps the smallest hashes of
//! them (a bottom-k MinHash), so that two texts of any length are compared in a microsecond: exactly when
//! both are short, by a sample otherwise. Which threshold, and why, stands in decision 17.
//!
//! Absent: who the cases are, and what becomes of them; that is `flow::incidents`.

mod index;

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use serde::Deserialize;

use super::text::{Text, TokenKind, fold_str};

pub use index::Index;

/// Hashes kept of one text: the likeness of two long texts is right to .06 (√(.4·.6/64)).
const SKETCH_LEN: usize = 64;
/// With fewer different words that say something, two texts are alike by chance.
const WORDS_MIN: usize = 6;
/// Words of one text that are looked at.
const WORDS_MAX: usize = 2_000;
/// From here on two texts tell the same story, in thousandths of their common words and pairs.
pub const ALIKE_PERMILLE: u32 = 400;
/// A reply with more words tells a story of its own.
const JOINING_WORDS_MAX: usize = 30;

/// What a text is compared by: the smallest hashes of its words and pairs of words, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch(Vec<u32>);

impl Sketch {
    /// `None` for a text that says too little to be compared. `own` are the words of our name, folded.
    pub fn of(text: &str, own: &HashSet<String>) -> Option<Self> {
        let words = telling(text, own);
        let distinct: HashSet<&str> = words.iter().map(String::as_str).collect();
        if distinct.len() < WORDS_MIN {
            return None;
        }
        let singles = words.iter().map(|word| hash(word, ""));
        let pairs = words.windows(2).map(|pair| hash(&pair[0], &pair[1]));
        let mut hashes: Vec<u32> = singles.chain(pairs).collect();
        hashes.sort_unstable();
        hashes.dedup();
        hashes.truncate(SKETCH_LEN);
        Some(Self(hashes))
    }

    /// How much of two texts is common, in thousandths of both together.
    pub fn likeness_permille(&self, other: &Self) -> u32 {
        // Beyond the last hash of a full sketch nothing is known of its text.
        let known = |sketch: &Self| match sketch.0.last() {
            Some(&last) if sketch.0.len() == SKETCH_LEN => last,
            _ => u32::MAX,
        };
        let known = known(self).min(known(other));
        let within = |sketch: &Self| sketch.0.partition_point(|&hash| hash <= known);
        let (one, other) = (&self.0[..within(self)], &other.0[..within(other)]);
        let common = one
            .iter()
            .filter(|hash| other.binary_search(hash).is_ok())
            .count();
        let all = one.len() + other.len() - common;
        (common * 1_000 / all.max(1)) as u32
    }

    /// As the database keeps it: eight hex digits a hash.
    pub fn to_hex(&self) -> String {
        let mut hex = String::with_capacity(self.0.len() * 8);
        for hash in &self.0 {
            let _ = write!(hex, "{hash:08x}");
        }
        hex
    }

    /// What [`Sketch::to_hex`] wrote; nothing for anything else.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let (digits, []) = hex.as_bytes().as_chunks::<8>() else {
            return None;
        };
        let hashes = digits.iter().map(|eight| {
            let eight = std::str::from_utf8(eight).ok()?;
            u32::from_str_radix(eight, 16).ok()
        });
        let hashes: Vec<u32> = hashes.collect::<Option<_>>()?;
        (hashes.is_sorted() && !hashes.is_empty()).then_some(Self(hashes))
    }
}

/// The words of our name and handles: everybody uses them, whatever the story.
pub fn own_words<'a>(names: impl IntoIterator<Item = &'a str>) -> HashSet<String> {
    let words = names.into_iter().flat_map(words);
    words.map(|word| bare(&word).to_owned()).collect()
}

/// True for a short reply that joins the complaint it answers: "a mí también". `has_signal` is the
/// scorer's signal `crowd`, and `sentiment` what it says of the feeling, −1 to 1.
pub fn is_me_too(text: &str, has_signal: bool, sentiment: f64) -> bool {
    const GLAD: f64 = 0.2;
    let words = words(text);
    if words.is_empty() || words.len() > JOINING_WORDS_MAX || sentiment > GLAD {
        return false;
    }
    let chorus = &*CHORUS;
    let said = words.join(" ");
    let is_content = words.iter().any(|word| has(&chorus.content, word))
        && !words.iter().any(|word| has(&chorus.unless, word));
    let joins = has_signal || says(&said, &chorus.me_too) || has(&chorus.alone, &said);
    joins && !is_content
}

/// True for a text short enough to be about what it answers.
pub fn is_short(text: &str) -> bool {
    words(text).len() <= JOINING_WORDS_MAX
}

/// True for a report, as the press writes it: of others, in the words of a report, by nobody who tells of
/// himself. It repeats what many say and is not one of them.
pub fn is_report(title: Option<&str>, text: &str) -> bool {
    let mut all = title.map_or(Vec::new(), words);
    all.extend(words(text));
    let chorus = &*CHORUS;
    if all.iter().any(|word| has(&chorus.person, word)) {
        return false;
    }
    let tells_of_others = all.iter().any(|word| has(&chorus.others, word));
    tells_of_others && says(&all.join(" "), &chorus.report)
}

/// Words that say something and stand in at least half of these texts, and in two: the most frequent
/// first, as they were first written.
pub fn shared_words<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut counts: HashMap<String, (usize, usize, String)> = HashMap::new();
    let mut n_texts = 0;
    for text in texts {
        n_texts += 1;
        let mut seen = HashSet::new();
        for word in text.split_whitespace().take(WORDS_MAX) {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric());
            let folded = fold_str(word);
            let says_little = COMMON.contains(folded.as_str()) || folded.chars().count() < 3;
            if says_little || folded.contains(['/', '@']) || !seen.insert(folded.clone()) {
                continue;
            }
            let order = counts.len();
            let count = counts
                .entry(folded)
                .or_insert_with(|| (0, order, word.to_lowercase()));
            count.0 += 1;
        }
    }
    let counts = counts.into_values();
    let mut shared: Vec<(usize, usize, String)> = counts
        .filter(|(n, ..)| *n >= 2 && *n * 2 >= n_texts)
        .collect();
    shared.sort_by_key(|(n, order, _)| (std::cmp::Reverse(*n), *order));
    shared.into_iter().map(|(.., word)| word).collect()
}

/// The tables of `data/chorus.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chorus {
    me_too: Vec<String>,
    alone: HashSet<String>,
    content: HashSet<String>,
    unless: HashSet<String>,
    person: HashSet<String>,
    others: HashSet<String>,
    report: Vec<String>,
}

static CHORUS: LazyLock<Chorus> = LazyLock::new(|| {
    let embedded = toml::from_str(include_str!("data/chorus.toml"));
    embedded.unwrap_or_else(|_| Chorus {
        me_too: Vec::new(),
        alone: HashSet::new(),
        content: HashSet::new(),
        unless: HashSet::new(),
        person: HashSet::new(),
        others: HashSet::new(),
        report: Vec::new(),
    })
});

static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("data/common.txt").lines();
    let lists = lines.filter_map(|line| line.split_once(": "));
    lists.flat_map(|(_, words)| words.split(' ')).collect()
});

fn has(set: &HashSet<String>, word: &str) -> bool {
    set.contains(word)
}

/// True when one of the phrases stands in the words, as words.
fn says(words: &str, phrases: &[String]) -> bool {
    let padded = format!(" {words} ");
    phrases
        .iter()
        .any(|phrase| padded.contains(&format!(" {phrase} ")))
}

/// The words that tell what happened, in order.
fn telling(text: &str, own: &HashSet<String>) -> Vec<String> {
    let is_telling = |word: &String| {
        let bare = bare(word);
        !word.starts_with('@')
            && bare.chars().nth(1).is_some()
            && !bare.bytes().any(|byte| byte.is_ascii_digit())
            && !COMMON.contains(bare)
            && !own.contains(bare)
    };
    let said = words(text).into_iter().filter(is_telling);
    said.map(|word| bare(&word).to_owned()).collect()
}

/// A hashtag or handle without its mark.
fn bare(word: &str) -> &str {
    word.trim_start_matches(['#', '@'])
}

/// The words and numbers of a text, folded, without its links.
fn words(text: &str) -> Vec<String> {
    let is_link = |word: &&str| word.contains("://") || word.starts_with("www.");
    let plain: Vec<&str> = text
        .split_whitespace()
        .filter(|word| !is_link(word))
        .collect();
    let text = Text::new(None, &plain.join(" "));
    let tokens = text
        .tokens
        .into_iter()
        .filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Number));
    tokens
        .take(WORDS_MAX)
        .map(|token| token.folded.to_string())
        .collect()
}

/// FNV-1a over both words, stirred (the finaliser of splitmix64) so that the smallest hashes are a fair
/// sample. The database keeps it: it must never change.
fn hash(one: &str, other: &str) -> u32 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in one.bytes().chain([0]).chain(other.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests;
