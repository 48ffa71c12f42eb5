//! The words that were read last and what their runs of characters came to: texts repeat most of
//! their words, and the runs are most of the work.
//!
//! **Invariant:** it changes no sum. A word that is not remembered is read anew, and a word is known by
//! all its bytes, not by a hash.

use super::Sum;
use super::grams::{self, Token, mixed};

/// Words remembered, a power of two: 400 KB, which stay in the processor's cache.
const ENTRIES: usize = 1 << 13;
/// The longest word that is remembered, in bytes: longer ones are rare.
const BYTES_MAX: usize = 15;

/// The latest word of each place, which its bytes tell.
#[derive(Debug)]
pub(super) struct Memo {
    entries: Vec<Entry>,
}

/// What is remembered of a word.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry {
    written: Packed,
    pub(super) normal: Packed,
    /// Of its runs, in either model.
    pub(super) sums: [Sum; 2],
}

/// At most [`BYTES_MAX`] bytes of UTF-8 and behind them how many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Packed(u128);

impl Default for Memo {
    fn default() -> Self {
        Self {
            entries: vec![Entry::default(); ENTRIES],
        }
    }
}

impl Memo {
    /// What is known of a token; `normal` is free to be used, `read` sums up the runs of a normalised
    /// one. `None` for a token that is too long to be remembered.
    pub(super) fn of(
        &mut self,
        token: Token<'_>,
        normal: &mut Vec<u8>,
        read: impl FnOnce(&[u8]) -> [Sum; 2],
    ) -> Option<Entry> {
        let written = match token {
            Token::Word(chars) => Packed::of(chars)?,
            Token::Kind(_) => return None,
        };
        let entry = self.entries.get_mut(written.place())?;
        if entry.written != written {
            grams::normalise(token, normal);
            *entry = Entry {
                written,
                normal: Packed::pack(normal)?,
                sums: read(normal),
            };
        }
        Some(*entry)
    }
}

impl Packed {
    fn of(chars: &[char]) -> Option<Self> {
        let mut bytes = [0; BYTES_MAX];
        let mut n = 0;
        for c in chars {
            let end = n + c.len_utf8();
            c.encode_utf8(bytes.get_mut(n..end)?);
            n = end;
        }
        Self::pack(&bytes[..n])
    }

    fn pack(bytes: &[u8]) -> Option<Self> {
        let mut all = [0; 16];
        all.get_mut(..BYTES_MAX)?
            .get_mut(..bytes.len())?
            .copy_from_slice(bytes);
        all[BYTES_MAX] = bytes.len() as u8;
        Some(Self(u128::from_le_bytes(all)))
    }

    pub(super) fn bytes(self) -> impl Iterator<Item = u8> + Clone {
        let all = self.0.to_le_bytes();
        (0..usize::from(all[BYTES_MAX])).map(move |at| all[at])
    }

    fn place(self) -> usize {
        let folded = self.0 as u64 ^ (self.0 >> 64) as u64;
        (mixed(folded) >> 40) as usize % ENTRIES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often the memo has to read, when it is asked these words in their order.
    #[track_caller]
    fn check(words: &[&str], n_read: usize) {
        let mut memo = Memo::default();
        let mut normal = Vec::new();
        let mut read = 0;
        for word in words {
            let chars: Vec<char> = word.chars().collect();
            let known = memo.of(Token::Word(&chars), &mut normal, |_| {
                read += 1;
                [Sum::default(); 2]
            });
            let shown: Option<Vec<u8>> = known.map(|known| known.normal.bytes().collect());
            let expected = (word.len() <= BYTES_MAX).then(|| word.to_lowercase().into_bytes());
            assert_eq!(shown, expected, "{word}");
        }
        assert_eq!(read, n_read, "{words:?}");
    }

    #[test]
    fn a_word_is_read_once_and_a_long_one_never_remembered() {
        check(&["Qué", "qué", "Qué", "que", "qué"], 3);
        check(&["otorrinolaringólogo", "otorrinolaringólogo"], 0);
        check(&["", "fontanería", "fontanería"], 1);
    }
}
