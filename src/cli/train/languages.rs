//! Trains the table of languages, and tells how well one is told by a table that has not seen its set.
//!
//! A softmax regression on the runs and words of short pieces of posts and lines, and on the words of the
//! packs, fitted by stochastic descent with a step of its own for each weight (`AdaGrad`; Duchi, Hazan and
//! Singer, 2011). A quarter of a text is left out at each visit, so that no run is relied on alone. Every
//! language weighs the same.

use std::collections::{BTreeMap, BTreeSet};

use super::linear::{in_two_threads, shuffle};
use super::posts::Post;
use crate::model::{Field, Lang, Span};
use crate::score::language::guess;
use crate::score::language::runs::{self, BUCKETS, Kind};
use crate::score::language::table::{Parts, Table};
use crate::score::pack;

/// The name of the file.
pub(super) const FILE: &str = "languages.bin";
/// The longest text that counts as short, in characters, and what is trained on.
const SHORT: usize = 80;
/// The longest text that is judged.
const LONG: usize = 280;
/// A shorter text may be in any language.
const WORDS_LEAST: usize = 3;
/// Pieces of a post that are trained on.
const PIECES: usize = 2;

const EPOCHS: usize = 5;
const RATE: f32 = 0.2;
/// How much a weight is drawn to nothing at each visit.
const DECAY: f32 = 0.03;
/// What a word of a pack is worth, in pieces of posts; and one of the most frequent.
const OF_PACK: f32 = 5.0;
const COMMON: f32 = 20.0;
/// The most and the least that a piece is worth so that languages weigh the same.
const PIECE: std::ops::RangeInclusive<f32> = 0.3..=8.0;
/// Words of each language that count as frequent.
const FREQUENT: usize = 2_000;
/// The largest weight that a byte can say, in standard deviations of those that are not zero.
const SPREAD: f32 = 8.0;
const N: usize = Lang::ALL.len();

/// Texts to train on.
pub(super) struct Set {
    rows: Vec<Row>,
}

struct Row {
    /// An index in [`Lang::ALL`].
    lang: usize,
    /// Empty for words of packs.
    source: String,
    /// `None`: what makes languages weigh the same.
    worth: Option<f32>,
    /// Each once.
    buckets: Vec<u16>,
    words: Vec<u16>,
}

/// How often the language was told rightly, in texts of how many.
#[derive(Clone, Copy, Default)]
pub(super) struct Score {
    pub(super) right: usize,
    pub(super) n: usize,
}

/// The same for short texts, and for those of more than [`SHORT`] characters.
pub(super) type Told = [Score; 2];

impl Score {
    pub(super) fn share(self) -> Option<f64> {
        (self.n > 0).then(|| self.right as f64 / self.n as f64)
    }

    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.n += other.n;
    }
}

impl Set {
    /// Of posts whose set says their language, and of the packs.
    pub(super) fn new<'p>(posts: impl Iterator<Item = &'p Post>) -> Self {
        let mut rows = Vec::new();
        for post in posts {
            let Some(lang) = index(&post.lang) else {
                continue;
            };
            let text = cleaned(&post.text, &post.ours);
            let mut rest = text.as_str();
            for _ in 0..PIECES {
                let piece = cut(rest, SHORT);
                rest = rest[piece.len()..].trim_start();
                if n_words(piece) >= WORDS_LEAST {
                    rows.push(Row::new(lang, &post.source, piece));
                }
            }
        }
        for member in pack::members() {
            let Some(lang) = index(member.lang.code()) else {
                continue;
            };
            let worth = if member.is_common { COMMON } else { OF_PACK };
            let mut row = Row::new(lang, "", &member.written);
            if member.is_stem {
                // It may go on: its end is no end of a word.
                let open = Row::new(lang, "", &format!("{}\u{b7}", member.written));
                row.buckets.retain(|bucket| open.buckets.contains(bucket));
                row.words.clear();
            }
            rows.push(Row {
                worth: Some(worth),
                ..row
            });
        }
        Self { rows }
    }

    /// The table of all rows but those of the source `out`.
    pub(super) fn fit(&self, out: Option<&str>) -> Parts {
        let mut order: Vec<usize> = (0..self.rows.len())
            .filter(|&at| out.is_none_or(|out| self.rows[at].source != out))
            .collect();
        let mut sizes = [0_u32; N];
        for &at in &order {
            let row = &self.rows[at];
            sizes[row.lang] += u32::from(row.worth.is_none());
        }
        let mean = sizes.iter().sum::<u32>() as f32 / N as f32;
        let balance = sizes.map(|n| (mean / n.max(1) as f32).clamp(*PIECE.start(), *PIECE.end()));
        let mut weights = vec![[0.0_f32; N]; BUCKETS];
        let mut squares = vec![[1e-6_f32; N]; BUCKETS];
        let mut state = 1_u64;
        let mut kept = Vec::new();
        let frequent = self.frequent(&order);
        for _ in 0..EPOCHS {
            shuffle(&mut order, &mut state);
            for &at in &order {
                let row = &self.rows[at];
                kept.clear();
                kept.extend(
                    row.buckets
                        .iter()
                        .filter(|_| !next(&mut state).is_multiple_of(4)),
                );
                let worth = row.worth.unwrap_or(balance[row.lang]);
                visit(row.lang, worth, &kept, &mut weights, &mut squares);
            }
        }
        parts(&weights, &frequent)
    }

    /// For each bucket a bit for each language of which it is a frequent word.
    fn frequent(&self, order: &[usize]) -> Vec<u8> {
        let mut counts: [BTreeMap<u16, u32>; N] = Default::default();
        let mut frequent = vec![0_u8; BUCKETS];
        for &at in order {
            let row = &self.rows[at];
            for word in &row.words {
                *counts[row.lang].entry(*word).or_default() += 1;
                if row.worth == Some(COMMON) {
                    frequent[usize::from(*word)] |= 1 << row.lang;
                }
            }
        }
        for (lang, counts) in counts.iter().enumerate() {
            let mut words: Vec<(u32, u16)> = counts.iter().map(|(word, n)| (*n, *word)).collect();
            words.sort_unstable_by(|a, b| b.cmp(a));
            for (_, word) in words.into_iter().take(FREQUENT) {
                frequent[usize::from(word)] |= 1 << lang;
            }
        }
        frequent
    }
}

impl Row {
    fn new(lang: usize, source: &str, text: &str) -> Self {
        let (mut buckets, mut words) = (BTreeSet::new(), BTreeSet::new());
        runs::each(text, SHORT, |kind, bucket| {
            buckets.insert(bucket as u16);
            if kind == Kind::Word {
                words.insert(bucket as u16);
            }
        });
        Self {
            lang,
            source: source.to_owned(),
            worth: None,
            buckets: buckets.into_iter().collect(),
            words: words.into_iter().collect(),
        }
    }
}

/// One step down the slope of one row's error.
fn visit(
    lang: usize,
    worth: f32,
    buckets: &[u16],
    weights: &mut [[f32; N]],
    squares: &mut [[f32; N]],
) {
    let mut logits = [0.0_f32; N];
    for &bucket in buckets {
        for (logit, weight) in logits.iter_mut().zip(&weights[usize::from(bucket)]) {
            *logit += weight;
        }
    }
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    let mut slopes = logits.map(|logit| (logit - most).exp());
    let sum: f32 = slopes.iter().sum();
    for (at, slope) in slopes.iter_mut().enumerate() {
        *slope = worth * (*slope / sum - if at == lang { 1.0 } else { 0.0 });
    }
    if slopes.iter().all(|slope| slope.abs() < 1e-4) {
        return;
    }
    for &bucket in buckets {
        let (weights, squares) = (
            &mut weights[usize::from(bucket)],
            &mut squares[usize::from(bucket)],
        );
        for at in 0..N {
            let slope = slopes[at] + DECAY * weights[at];
            squares[at] += slope * slope;
            weights[at] -= RATE * slope / squares[at].sqrt();
        }
    }
}

/// Rounded to bytes. What speaks for all languages alike says nothing.
fn parts(weights: &[[f32; N]], frequent: &[u8]) -> Parts {
    let centred: Vec<[f32; N]> = weights
        .iter()
        .map(|cell| {
            let mean = cell.iter().sum::<f32>() / N as f32;
            cell.map(|weight| weight - mean)
        })
        .collect();
    let used = centred.as_flattened().iter().filter(|w| **w != 0.0);
    let n = used.clone().count().max(1) as f32;
    let spread = (used.clone().map(|w| w * w).sum::<f32>() / n).sqrt();
    let largest = used.fold(0.0_f32, |most, w| most.max(w.abs()));
    let step = largest.min(SPREAD * spread).max(f32::MIN_POSITIVE) / 127.0;
    let byte = |w: f32| ((w / step).round().clamp(-127.0, 127.0) as i8).cast_unsigned();
    let cells = centred.iter().zip(frequent).map(|(cell, frequent)| {
        let mut bytes = [*frequent; N + 1];
        for (to, weight) in bytes.iter_mut().zip(cell) {
            *to = byte(*weight);
        }
        bytes
    });
    Parts {
        step,
        cells: cells.collect(),
    }
}

/// Knuth's generator, its upper bits.
fn next(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

/// How often the language of the posts of each source is told by a table that has not seen it, and of
/// each language.
pub(super) fn leave_sources_out(posts: &[&Post], sources: &[&str]) -> (Vec<Told>, [Told; N]) {
    let set = Set::new(posts.iter().copied());
    let judge = |at: usize| {
        let file = set.fit(Some(sources[at])).to_file();
        let table = Table::parse(&file).unwrap_or_default();
        let of_it = posts.iter().filter(|post| post.source == sources[at]);
        vec![(at, by_language(of_it, &table))]
    };
    let judged: Vec<[Told; N]> = in_two_threads(sources.len(), sources.len(), judge);
    let sum = |told: &mut Told, more: &Told| {
        for (score, more) in told.iter_mut().zip(more) {
            score.add(*more);
        }
    };
    let mut of_langs = [Told::default(); N];
    let mut of_sources = Vec::new();
    for told in &judged {
        let mut of_source = Told::default();
        for (told, of_lang) in told.iter().zip(&mut of_langs) {
            sum(of_lang, told);
            sum(&mut of_source, told);
        }
        of_sources.push(of_source);
    }
    (of_sources, of_langs)
}

fn by_language<'p>(posts: impl Iterator<Item = &'p &'p Post>, table: &Table<'_>) -> [Told; N] {
    let mut told = [Told::default(); N];
    for post in posts {
        let Some(lang) = index(&post.lang) else {
            continue;
        };
        let text = cleaned(&post.text, &[]);
        let rest = (text.chars().count() > SHORT).then(|| cut(&text, LONG));
        for (score, piece) in told[lang].iter_mut().zip([Some(cut(&text, SHORT)), rest]) {
            if let Some(piece) = piece.filter(|piece| n_words(piece) >= WORDS_LEAST) {
                let said = guess(None, piece, None, table).told;
                score.right += usize::from(said == Some(Lang::ALL[lang]));
                score.n += 1;
            }
        }
    }
    told
}

fn index(code: &str) -> Option<usize> {
    Lang::ALL.iter().position(|lang| lang.code() == code)
}

/// Without handles, hashtags, addresses, and the places where it names us.
fn cleaned(text: &str, ours: &[Span]) -> String {
    let named = |at: usize| {
        let at = at as u32;
        ours.iter()
            .any(|span| span.field == Field::Text && (span.start..span.end).contains(&at))
    };
    let kept: String = text
        .chars()
        .enumerate()
        .map(|(at, c)| if named(at) { ' ' } else { c })
        .collect();
    let mut words = Vec::new();
    for word in kept.split_whitespace() {
        let is_link = |part: &str| word.find(part);
        let links = ["http://", "https://", "www."];
        let end = links.into_iter().filter_map(is_link).min();
        let mut rest = &word[..end.unwrap_or(word.len())];
        while let Some(at) = rest.find(['@', '#']) {
            words.push(&rest[..at]);
            rest = rest[at + 1..].trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        }
        words.push(rest);
    }
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

/// The beginning, of whole words if it has a space at all.
fn cut(text: &str, chars_max: usize) -> &str {
    let Some((end, next)) = text.char_indices().nth(chars_max) else {
        return text;
    };
    let head = &text[..end];
    if next == ' ' {
        return head;
    }
    head.rfind(' ').map_or(head, |end| &head[..end])
}

fn n_words(text: &str) -> usize {
    let words = text.split(|c: char| !c.is_alphabetic());
    words.filter(|word| !word.is_empty()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(cut(&cleaned(text, &[]), 16), expected);
    }

    #[test]
    fn texts_are_cut_as_short_posts_are() {
        check("@ana  mira\nhttps://a.test/b?c=1 esto", "mira esto");
        check("(#fail) ya: www.a.test", "( ) ya:");
        check("una frase que sigue", "una frase que");
        check("una frase que si sigue", "una frase que si");
        check("unapalabrainterminable", "unapalabrainterm");
    }

    #[test]
    fn a_table_tells_the_languages_that_it_was_taught() {
        let post = |lang: &str, source: &str, text: &str| Post {
            lang: lang.to_owned(),
            source: source.to_owned(),
            text: text.to_owned(),
            ..Post::default()
        };
        let posts = [
            post("it", "one", "zurripia clandurria mostrenca"),
            post("es", "two", "sbirulino trallallero paperoga"),
        ];
        let said = |out: Option<&str>| {
            let many = std::iter::repeat_n(&posts, 30).flatten();
            let file = Set::new(many).fit(out).to_file();
            let logits = Table::parse(&file)
                .unwrap()
                .read(["", "zurripia"], SHORT)
                .logits;
            logits[4] - logits[0]
        };
        assert!(said(None) > said(Some("one")));
    }
}
