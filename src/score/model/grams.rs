//! Text as hashed n-grams: what the embedded models were trained on and read.
//!
//! Normalised: lower case, accents kept, `http…` and `www.…` to `_url`, `@name` to `_usr`, every run of
//! digits to `0`, runs of one letter cut to two. Words, runs of `!` and `?`, and emoji are tokens.
//! Block 0 has tokens and pairs of tokens, block 1 the runs of two to five characters of each word
//! with a space before and after it. Each place where an n-gram stands counts, so that reading needs no
//! table of what was seen before.
//!
//! Our own name is left out ([`Source::ours`]): a model must not learn whom a post is about. What stands around it may
//! be told apart ([`Block::Around`]): up to four tokens before and after it, each with its side, and the pairs that it
//! stands between. "The router broke" and "broke my leg, sitting at Ejemplo" have the same words.
//!
//! **Invariant:** linear in the length of the text. The hash is FNV-1a with 64 bits over UTF-8, begun
//! at [`SEED`], mixed once; a change of anything here needs a new model file.

use crate::model::{Field, Span};

/// Buckets of one block: 2 to this.
pub const BITS: u32 = 18;
pub const BUCKETS: usize = 1 << BITS;
/// Characters that are read; more say nothing new.
pub const CHARS_MAX: usize = 1_500;
/// The offset basis of FNV-1a.
pub const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// What stands for our name in pairs: the hash of no token, since none has a space.
const OURS: u64 = byte_on(SEED, b' ');
const PRIME: u64 = 0x0000_0100_0000_01b3;
/// The odd number of Fibonacci hashing: spreads FNV's low bits over the high ones.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
/// The longest run of characters.
const RUN_MAX: usize = 5;
/// How many tokens on each side of our name are around it.
const REACH: usize = 4;

/// What is read of a post.
#[derive(Clone, Copy, Debug, Default)]
pub struct Source<'a> {
    pub title: Option<&'a str>,
    pub text: &'a str,
    /// Where it names us; these places are left out.
    pub ours: &'a [Span],
}

/// Bucket and count, by bucket, of one block.
pub type Counts = Vec<(u32, u32)>;

/// What block of n-grams a bucket is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    Words,
    Runs,
    /// What stands around our name, for those who read it: of the buckets of words.
    Around,
}

/// Tells block and bucket of each place where an n-gram stands.
pub(super) fn each(source: &Source<'_>, mut found: impl FnMut(Block, u32)) {
    let mut walk = Walk::default();
    let mut word = Vec::new();
    tokens(source, |piece| match piece {
        Piece::Token(token) => {
            normalise(token, &mut word);
            runs(&word, |bucket| found(Block::Runs, bucket));
            walk.token(word.iter().copied(), &mut found);
        }
        Piece::Us => walk.us(&mut found),
        Piece::End => walk = Walk::default(),
    });
}

/// The pieces of title and text in their order.
pub(super) fn tokens(source: &Source<'_>, mut found: impl FnMut(Piece<'_>)) {
    let mut left = CHARS_MAX;
    for (field, text) in [
        (Field::Title, source.title.unwrap_or_default()),
        (Field::Text, source.text),
    ] {
        let chars: Vec<char> = text.chars().take(left).collect();
        left -= chars.len();
        let mut ours: Vec<Span> = source.ours.to_vec();
        ours.retain(|span| span.field == field);
        ours.sort_unstable_by_key(|span| span.start);
        tokenise(&chars, &ours, &mut found);
        found(Piece::End);
    }
}

/// The counts of tokens, and of what is around our name if that is wanted, then of characters.
pub fn counts(source: &Source<'_>, with_around: bool) -> [Counts; 2] {
    let (mut words, mut runs) = (Vec::new(), Vec::new());
    each(source, |block, bucket| match block {
        Block::Words => words.push(bucket),
        Block::Around if with_around => words.push(bucket),
        Block::Around => {}
        Block::Runs => runs.push(bucket),
    });
    [count(words), count(runs)]
}

fn count(mut buckets: Vec<u32>) -> Counts {
    buckets.sort_unstable();
    let same = buckets.chunk_by(|a, b| a == b);
    same.map(|same| (same[0], same.len() as u32)).collect()
}

/// What a text is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Token(Token<'a>),
    /// A place that names us.
    Us,
    /// Nothing reaches across.
    End,
}

/// What stands at a place of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A handle or an address, by the name that all of its kind share.
    Kind(&'static str),
    /// A word, a run of marks or an emoji, as written.
    Word(&'a [char]),
}

/// What of the pieces before bears on the next one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Walk {
    /// The hash of the last piece.
    before: Option<u64>,
    /// The hashes of the last tokens that no name has had around it, the last one last; 0 where there is none.
    unclaimed: [u64; REACH],
    /// How many tokens more are around the last name.
    left: usize,
}

impl Walk {
    /// Goes on by a normalised token.
    pub(super) fn token(
        &mut self,
        token: impl Iterator<Item = u8> + Clone,
        mut found: impl FnMut(Block, u32),
    ) {
        let alone = token.clone().fold(SEED, byte_on);
        found(Block::Words, bucket(alone));
        if let Some(before) = self.before {
            let block = if before == OURS {
                Block::Around
            } else {
                Block::Words
            };
            found(block, bucket(token.fold(byte_on(before, b' '), byte_on)));
        }
        if self.left > 0 {
            self.left -= 1;
            found(Block::Around, bucket(byte_on(alone, b'>')));
        }
        self.before = Some(alone);
        self.unclaimed.rotate_left(1);
        self.unclaimed[REACH - 1] = alone;
    }

    /// Goes on by a place that names us.
    pub(super) fn us(&mut self, mut found: impl FnMut(Block, u32)) {
        if let Some(before) = self.before {
            found(Block::Around, bucket(byte_on(byte_on(before, b' '), b'@')));
        }
        for hash in self.unclaimed.into_iter().filter(|hash| *hash != 0) {
            found(Block::Around, bucket(byte_on(hash, b'<')));
        }
        *self = Self {
            before: Some(OURS),
            unclaimed: [0; REACH],
            left: REACH,
        };
    }
}

/// Tells the buckets of all runs of two to five characters of a normalised token.
pub(super) fn runs(token: &[u8], mut found: impl FnMut(u32)) {
    // The names of kinds are no words.
    if token.first() == Some(&b'_') {
        return;
    }
    let spaced = [b" ", token, b" "].concat();
    let is_inside = |at: usize| spaced.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    for first in (0..spaced.len()).filter(|first| !is_inside(*first)) {
        let mut hash = SEED;
        let mut n_characters = 0;
        for (at, &byte) in spaced.iter().enumerate().skip(first) {
            hash = byte_on(hash, byte);
            if is_inside(at + 1) {
                continue;
            }
            n_characters += 1;
            if n_characters > 1 {
                found(bucket(hash));
            }
            if n_characters == RUN_MAX {
                break;
            }
        }
    }
}

/// FNV-1a, continued.
pub(in crate::score) fn bytes(hash: u64, text: &str) -> u64 {
    text.bytes().fold(hash, byte_on)
}

/// FNV-1a, continued by one byte.
const fn byte_on(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(PRIME)
}

/// The hash with its bits spread, for tables.
pub(in crate::score) fn mixed(hash: u64) -> u64 {
    (hash ^ (hash >> 32)).wrapping_mul(MIX)
}

fn bucket(hash: u64) -> u32 {
    (mixed(hash) >> (64 - BITS)) as u32
}

/// `ours` in the order of the text.
fn tokenise<'a>(chars: &'a [char], ours: &[Span], mut found: impl FnMut(Piece<'a>)) {
    let mut at = 0;
    let mut ours = ours.iter().peekable();
    while let Some(&c) = chars.get(at) {
        while ours.next_if(|span| span.end as usize <= at).is_some() {}
        let named = ours.peek().filter(|span| span.start as usize <= at);
        let rest = &chars[at..];
        let n = if c == '@' && rest.get(1).is_some_and(|c| is_word(*c)) {
            found(Piece::Token(Token::Kind("_usr")));
            1 + length(&rest[1..], is_word)
        } else if let Some(span) = named {
            found(Piece::Us);
            span.end as usize - at
        } else if is_link(rest) {
            found(Piece::Token(Token::Kind("_url")));
            length(rest, |c| !c.is_whitespace())
        } else if is_word(c) {
            let n = length(rest, is_word);
            found(Piece::Token(Token::Word(&rest[..n])));
            n
        } else if is_loud(c) {
            let n = length(rest, is_loud);
            found(Piece::Token(Token::Word(&rest[..n])));
            n
        } else {
            if is_emoji(c) {
                found(Piece::Token(Token::Word(&rest[..1])));
            }
            1
        };
        at += n;
    }
}

fn length(chars: &[char], belongs: impl Fn(char) -> bool) -> usize {
    let n = chars.iter().position(|c| !belongs(*c));
    n.unwrap_or(chars.len())
}

fn is_link(rest: &[char]) -> bool {
    matches!(rest.first(), Some('h' | 'H' | 'w' | 'W'))
        && ["http://", "https://", "www."].iter().any(|begin| {
            let n = begin.len();
            let lower = |c: &char| c.to_ascii_lowercase();
            rest.len() > n && rest[..n].iter().map(lower).eq(begin.chars())
        })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_loud(c: char) -> bool {
    matches!(c, '!' | '?')
}

fn is_emoji(c: char) -> bool {
    matches!(u32::from(c), 0x2600..=0x27bf | 0x2b50 | 0x1f300..=0x1f3fa | 0x1f400..=0x1faff)
}

/// The token as it is hashed, in UTF-8.
pub(super) fn normalise(token: Token<'_>, normal: &mut Vec<u8>) {
    normal.clear();
    let written = match token {
        Token::Kind(name) => return normal.extend_from_slice(name.as_bytes()),
        Token::Word(written) => written,
    };
    let mut last = ['\0'; 2];
    let mut push = |lower: char| {
        let c = if lower.is_numeric() { '0' } else { lower };
        let again = if c == '0' {
            last[1] == c
        } else {
            last == [c; 2]
        };
        if !again {
            normal.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        last = [last[1], c];
    };
    for c in written {
        if c.is_ascii() {
            push(c.to_ascii_lowercase());
        } else {
            c.to_lowercase().for_each(&mut push);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source: &Source<'_>) -> String {
        let mut shown: Vec<String> = Vec::new();
        let mut word = Vec::new();
        tokens(source, |piece| {
            shown.push(match piece {
                Piece::Token(token) => {
                    normalise(token, &mut word);
                    String::from_utf8_lossy(&word).into()
                }
                Piece::Us => "US".into(),
                Piece::End => "/".into(),
            });
        });
        shown.join(" ").trim_matches([' ', '/']).to_owned()
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let source = Source {
            text,
            ..Source::default()
        };
        assert_eq!(shown(&source), expected);
    }

    #[test]
    fn text_is_normalised() {
        check("¡¡Qué VERGÜENZA!!!", "qué vergüenza !!");
        check("siiiiii, 2.500 € en 2014?", "sii 0 0 en 0 ?");
        check("4G a 10Mb", "0g a 0mb");
        check(
            "@ejemplo mirad https://a.test/b?c=1 ya",
            "_usr mirad _url ya",
        );
        check(
            "WWW.a.test #fail l'équipe 😡😡👍🏽",
            "_url fail l équipe 😡 😡 👍",
        );
        check("http:// www. @", "_url _url");
    }

    #[test]
    fn our_name_is_left_out_and_what_is_around_it_is_told_apart() {
        let span = |start, end| Span {
            field: Field::Text,
            start,
            end,
        };
        let ours = [span(8, 15), span(19, 27), span(8, 15)];
        let source = Source {
            title: Some("Mal"),
            text: "Odio a  Ejemplo ya @Ejemplo.",
            ours: &ours,
        };
        assert_eq!(shown(&source), "mal / odio a US ya _usr");
        let n_cells = |text, ours: &[Span], with_around| {
            let source = Source {
                title: None,
                text,
                ours,
            };
            counts(&source, with_around)[0].len()
        };
        assert_eq!(n_cells("uno dos tres", &[], true), 5);
        assert_eq!(n_cells("uno dos tres", &[span(4, 7)], false), 2);
        // The pairs "uno @" and "@ tres", "uno" before it and "tres" behind it.
        assert_eq!(n_cells("uno dos tres", &[span(4, 7)], true), 6);
        // Of six tokens on each side the four that are nearest.
        let long = "a b c d e f US g h i j k l";
        let around = n_cells(long, &[span(12, 14)], true) - n_cells(long, &[span(12, 14)], false);
        assert_eq!(around, 2 + 4 + 4);
    }

    #[test]
    fn buckets_are_fixed_for_ever() {
        assert_eq!(bytes(SEED, "a"), 0xaf63_dc4c_8601_ec8c);
        let source = Source {
            text: "no no",
            ..Source::default()
        };
        let [words, runs] = counts(&source, true);
        let n = |counts: &Counts| counts.iter().map(|(_, n)| *n).collect::<Vec<u32>>();
        assert_eq!(words.iter().map(|(_, n)| *n).sum::<u32>(), 3);
        assert_eq!(n(&runs), [2; 6]);
    }

    #[test]
    fn only_the_beginning_of_a_long_text_is_read() {
        let long = "palabra ".repeat(10_000);
        let source = Source {
            text: &long,
            ..Source::default()
        };
        let [words, _] = counts(&source, true);
        assert!(words.iter().all(|(_, n)| *n <= (CHARS_MAX / 8 + 1) as u32));
    }
}
