//! Text as hashed runs of letters: what the table of languages was trained on and reads.
//!
//! Runs of one to three letters of each word, with a space before and after it, and the whole word. Lower
//! case, accents kept, a letter more than twice in a row cut to two; an apostrophe ends the word that it
//! belongs to, a middle dot stays within it. Letters of other scripts are all one letter. Left out, as
//! they are of no language: digits, marks, emoji, handles, hashtags, addresses.
//!
//! **Invariant:** linear in the number of characters that are read. A change of anything here needs a new table.

use unicode_normalization::char::is_combining_mark;

use crate::score::model::grams::{SEED, mixed};

/// Buckets: 2 to this.
pub const BITS: u32 = 15;
pub const BUCKETS: usize = 1 << BITS;

const PRIME: u64 = 0x0000_0100_0000_01b3;
/// What all letters of other scripts count as.
const FOREIGN: u32 = b'*' as u32;
const SPACE: u32 = b' ' as u32;

/// What stands in a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Run,
    /// The end of a word: its bucket as a whole.
    Word,
}

/// Tells kind and bucket of each place where a run or a word stands among the first `chars_max` characters.
pub fn each(text: &str, chars_max: usize, found: impl FnMut(Kind, usize)) {
    let mut walk = Walk {
        found,
        last: [0; 2],
        hash: SEED,
        n_letters: 0,
    };
    let mut skipped = Skipped::Nothing;
    for (at, c) in text.char_indices().take(chars_max) {
        skipped = match skipped {
            Skipped::Name if is_letter(c) || c == '_' || c.is_numeric() => continue,
            Skipped::Link if !c.is_whitespace() => continue,
            _ => Skipped::Nothing,
        };
        if is_letter(c) {
            if walk.n_letters == 0 && is_link(&text[at..]) {
                skipped = Skipped::Link;
            } else {
                walk.letters(c);
            }
        } else if walk.n_letters > 0 && matches!(c, '\'' | '’') {
            walk.letter(u32::from('\''));
            walk.end();
        } else if walk.n_letters > 0 && c == '·' {
            walk.letter(u32::from(c));
        } else if !is_combining_mark(c) {
            walk.end();
            if matches!(c, '@' | '#') {
                skipped = Skipped::Name;
            }
        }
    }
    walk.end();
}

#[derive(Clone, Copy)]
enum Skipped {
    Nothing,
    /// A handle or a hashtag.
    Name,
    Link,
}

struct Walk<F> {
    found: F,
    /// The two letters before; zero where none was.
    last: [u32; 2],
    /// Of the word so far.
    hash: u64,
    n_letters: usize,
}

impl<F: FnMut(Kind, usize)> Walk<F> {
    /// A letter as written, which may be two in lower case.
    fn letters(&mut self, c: char) {
        if c.is_ascii() {
            self.letter(u32::from(c.to_ascii_lowercase()));
        } else {
            for lower in c.to_lowercase() {
                let is_known = matches!(lower, '\u{80}'..'\u{250}' | '\u{1e00}'..'\u{1f00}');
                self.letter(if is_known { u32::from(lower) } else { FOREIGN });
            }
        }
    }

    fn letter(&mut self, letter: u32) {
        if self.n_letters == 0 {
            self.last = [0, SPACE];
        } else if self.last == [letter; 2] {
            return;
        }
        self.run(0, 0, letter);
        self.up_to(letter);
        self.hash = (self.hash ^ u64::from(letter)).wrapping_mul(PRIME);
        self.n_letters += 1;
    }

    fn end(&mut self) {
        if self.n_letters > 0 {
            self.up_to(SPACE);
            (self.found)(Kind::Word, bucket(self.hash));
            self.hash = SEED;
            self.n_letters = 0;
        }
    }

    /// The runs of two and three that end here.
    fn up_to(&mut self, letter: u32) {
        let [before, last] = self.last;
        self.run(0, last, letter);
        if before != 0 {
            self.run(before, last, letter);
        }
        self.last = [last, letter];
    }

    fn run(&mut self, a: u32, b: u32, c: u32) {
        let run = u64::from(a) << 42 | u64::from(b) << 21 | u64::from(c);
        (self.found)(Kind::Run, bucket(run));
    }
}

fn bucket(hash: u64) -> usize {
    (mixed(hash) >> (64 - BITS)) as usize
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || (!c.is_ascii() && c.is_alphabetic())
}

/// "http" alone is what some have left of an address.
fn is_link(rest: &str) -> bool {
    let begins = |with: &str| {
        let head = rest.as_bytes().get(..with.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(with.as_bytes()))
    };
    begins("http") || begins("www.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> [Vec<usize>; 2] {
        let (mut runs, mut words) = (Vec::new(), Vec::new());
        each(text, 80, |kind, bucket| match kind {
            Kind::Run => runs.push(bucket),
            Kind::Word => words.push(bucket),
        });
        [runs, words]
    }

    #[track_caller]
    fn check(text: &str, same: &str) {
        assert_eq!(found(text), found(same), "{text}");
    }

    #[test]
    fn what_is_of_no_language_is_left_out() {
        check("¡¡Qué VERGÜENZA!!! 24 h 😡", "qué vergüenza h");
        check("siiiii", "sii");
        check("@ana_2 mira https://a.test/b?c=1 ya #fail", "mira ya");
        check("WWW.a.test http ya", "ya");
        check("l’équipe", "l'équipe");
        check("Очень плохо", "東京 日本");
        check("12:30 👍 @ana https://a.test", "");
    }

    #[test]
    fn runs_have_one_to_three_letters_and_a_space_at_both_ends() {
        let [runs, words] = found("no");
        // n, " n", o, "no", " no", "o ", "no ".
        assert_eq!((runs.len(), words.len()), (7, 1));
        assert_ne!(found("l'a"), found("l a"));
        assert_ne!(found("col·legi"), found("col legi"));
    }

    #[test]
    fn only_the_beginning_of_a_long_text_is_read() {
        let [runs, words] = found(&"palabra ".repeat(10_000));
        assert_eq!(words.len(), 10);
        assert!(runs.len() < 4 * 80);
    }
}
