//! Text as tokens with their place: what queries, lexicons and signal patterns read.

use std::cell::OnceCell;
use std::sync::LazyLock;

use smol_str::SmolStr;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::model::{Field, Span};

/// Text of one post that is looked at; the rest is kept but not scored (limits table of the design).
pub const TEXT_CHARS_MAX: usize = 64 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Word,
    /// Digits, with inner separators: `2014`, `1.200`, `45,30`, `10:30`.
    Number,
    /// One of `. , ; : ! ? …` and other punctuation or symbols.
    Mark,
    Emoji,
    /// A line or paragraph end.
    Break,
}

/// One token. Positions count Unicode scalar values of its field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: TokenKind,
    pub field: Field,
    /// Lower case, without accents; handles and hashtags keep `@` and `#`.
    pub folded: SmolStr,
    pub start: u32,
    pub end: u32,
    /// Written in capitals, at least two of them.
    pub shouted: bool,
    /// Begins with a capital letter.
    pub capital: bool,
}

impl Token {
    pub fn span(&self) -> Span {
        Span {
            field: self.field,
            start: self.start,
            end: self.end,
        }
    }

    pub fn is_wordlike(&self) -> bool {
        matches!(self.kind, TokenKind::Word | TokenKind::Number)
    }
}

/// A post's title and text, tokenised once for everything that reads it.
#[derive(Clone, Debug, Default)]
pub struct Text {
    /// Title tokens first, then those of the text.
    pub tokens: Vec<Token>,
    /// Indices into `tokens` of words and numbers: what NEAR counts and phrases match.
    pub words: Vec<usize>,
    /// Positions among the words, in the order of the alphabet: hundreds of queries look words up
    /// instead of reading the text again. Made by the first of them.
    sorted: OnceCell<Vec<usize>>,
    /// Title and text as they came, as far as they are looked at.
    raw: [String; 2],
    /// The same folded, for those who ask.
    plain: [OnceCell<Plain>; 2],
}

/// The folded text of one field, with the place of everything in it: what regular expressions read.
#[derive(Clone, Debug, Default)]
pub struct Plain {
    folded: String,
    /// For each byte of it, which character of the field it comes from.
    from: Vec<u32>,
}

impl Plain {
    fn new(raw: &str) -> Self {
        let mut plain = Self::default();
        for (at, c) in raw.chars().enumerate() {
            plain.folded.push_str(&fold(std::iter::once(c)));
            plain.from.resize(plain.folded.len(), at as u32);
        }
        plain
    }

    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The characters of the field from which these bytes of it come, `[start, end)`.
    pub fn chars_of(&self, start: usize, end: usize) -> (u32, u32) {
        let from = |byte: usize| self.from.get(byte).copied();
        let first = from(start).unwrap_or_default();
        let past = end.checked_sub(1).and_then(from).map_or(first, |at| at + 1);
        (first, past)
    }
}

impl Text {
    pub fn new(title: Option<&str>, text: &str) -> Self {
        let mut tokens = Vec::new();
        if let Some(title) = title {
            tokenise(title, Field::Title, &mut tokens);
        }
        tokenise(text, Field::Text, &mut tokens);
        let words: Vec<usize> = (0..tokens.len())
            .filter(|&at| tokens[at].is_wordlike())
            .collect();
        let looked_at = |raw: &str| match raw.char_indices().nth(TEXT_CHARS_MAX) {
            Some((end, _)) => raw[..end].to_owned(),
            None => raw.to_owned(),
        };
        Self {
            tokens,
            words,
            sorted: OnceCell::new(),
            raw: [title.unwrap_or(""), text].map(looked_at),
            plain: Default::default(),
        }
    }

    /// A field, folded as a whole.
    pub fn plain(&self, field: Field) -> &Plain {
        let at = match field {
            Field::Title => 0,
            Field::Text => 1,
        };
        self.plain[at].get_or_init(|| Plain::new(&self.raw[at]))
    }

    /// Positions among the words of every word that is `folded`, or begins so when it is `open`.
    /// For a whole word they ascend; for an open one they ascend for each word that begins so.
    pub fn places(&self, folded: &str, open: bool) -> &[usize] {
        let word = |at: &usize| self.tokens[self.words[*at]].folded.as_str();
        let sorted = self.sorted.get_or_init(|| {
            let mut sorted: Vec<usize> = (0..self.words.len()).collect();
            sorted.sort_by_key(word);
            sorted
        });
        let from = sorted.partition_point(|at| word(at) < folded);
        let rest = &sorted[from..];
        let n = rest.partition_point(|at| {
            if open {
                word(at).starts_with(folded)
            } else {
                word(at) == folded
            }
        });
        &rest[..n]
    }

    /// The word or number at `position` among the words.
    pub fn word(&self, position: usize) -> Option<&Token> {
        self.words.get(position).map(|&at| &self.tokens[at])
    }

    /// The span from the word at `first` to the one at `last` (positions among the words).
    /// A span that would cross from title to text ends with the title.
    pub fn span(&self, first: usize, last: usize) -> Option<Span> {
        let start = self.word(first)?;
        let end = (first..=last)
            .rev()
            .filter_map(|at| self.word(at))
            .find(|t| t.field == start.field)?;
        Some(Span {
            field: start.field,
            start: start.start,
            end: end.end,
        })
    }

    /// The positions of the first and the last word that begin inside a span.
    pub fn words_of(&self, span: Span) -> Option<(usize, usize)> {
        let before = |field: Field, at: u32| {
            self.words.partition_point(|&token| {
                let token = &self.tokens[token];
                (token.field, token.start) < (field, at)
            })
        };
        let first = before(span.field, span.start);
        let last = before(span.field, span.end).checked_sub(1)?;
        (first <= last).then_some((first, last))
    }
}

fn tokenise(raw: &str, field: Field, tokens: &mut Vec<Token>) {
    let chars: Vec<char> = raw.chars().take(TEXT_CHARS_MAX).collect();
    tokens.reserve(chars.len() / 4);
    let mut folded = String::new();
    let mut at = 0;
    while at < chars.len() {
        let (kind, end) = token_at(&chars, at);
        if let Some(kind) = kind {
            let slice = &chars[at..end];
            folded.clear();
            if kind == TokenKind::Break {
                folded.push('\n');
            } else {
                fold_onto(slice.iter().copied(), &mut folded);
            }
            tokens.push(Token {
                kind,
                field,
                folded: SmolStr::new(&folded),
                start: at as u32,
                end: end as u32,
                shouted: kind == TokenKind::Word
                    && !slice.iter().any(|c| c.is_lowercase())
                    && slice.iter().filter(|c| c.is_uppercase()).count() >= 2,
                capital: slice.first().is_some_and(|c| c.is_uppercase()),
            });
        }
        at = end;
    }
}

/// The kind of the token that begins at `at` (`None` for blanks) and where it ends.
fn token_at(chars: &[char], at: usize) -> (Option<TokenKind>, usize) {
    let c = chars[at];
    let next = chars.get(at + 1).copied().unwrap_or(' ');
    if c.is_ascii_digit() || (c.is_numeric() && c.is_alphanumeric()) {
        return number_at(chars, at);
    }
    if c == ' ' {
        return (None, at + 1);
    }
    if is_word(c) || (matches!(c, '@' | '#') && is_word(next)) {
        let is_more = |c: char| is_word(c) || (!c.is_ascii() && is_combining_mark(c));
        let end = run(chars, at + 1, is_more);
        return (Some(TokenKind::Word), end);
    }
    if c == '\n' || c == '\r' || c == '\u{2029}' {
        return (
            Some(TokenKind::Break),
            run(chars, at + 1, |c| matches!(c, '\n' | '\r' | ' ')),
        );
    }
    if c.is_whitespace() || c.is_control() || is_invisible(c) {
        return (None, at + 1);
    }
    if is_emoji(c) {
        return (Some(TokenKind::Emoji), run(chars, at + 1, is_emoji_tail));
    }
    (Some(TokenKind::Mark), at + 1)
}

fn number_at(chars: &[char], at: usize) -> (Option<TokenKind>, usize) {
    let mut end = run(chars, at, char::is_numeric);
    while end + 1 < chars.len()
        && matches!(chars[end], '.' | ',' | ':')
        && chars[end + 1].is_ascii_digit()
    {
        end = run(chars, end + 1, char::is_numeric);
    }
    if end < chars.len() && is_word(chars[end]) {
        // "4g", "20aniversario": a word that begins with digits.
        return (Some(TokenKind::Word), run(chars, end, is_word));
    }
    (Some(TokenKind::Number), end)
}

fn run(chars: &[char], from: usize, keep: impl Fn(char) -> bool) -> usize {
    (from..chars.len())
        .find(|&at| !keep(chars[at]))
        .unwrap_or(chars.len())
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c.is_alphanumeric() || c == '_' || c == 'ª' || c == 'º'
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1f300}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2b50}' | '\u{2b55}' | '\u{1f1e6}'..='\u{1f1ff}')
}

fn is_emoji_tail(c: char) -> bool {
    matches!(c, '\u{fe0f}' | '\u{200d}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// Lower case without accents; letters that no decomposition reaches (ß ø æ œ ł đ) become their usual spelling.
pub fn fold(chars: impl Iterator<Item = char>) -> String {
    let mut folded = String::with_capacity(chars.size_hint().0);
    fold_onto(chars, &mut folded);
    folded
}

fn fold_onto(chars: impl Iterator<Item = char>, folded: &mut String) {
    for c in chars {
        let known = if c.is_ascii() {
            Some(c.to_ascii_lowercase())
        } else {
            latin(c)
        };
        match known {
            Some(letter) => folded.push(letter),
            None => fold_rarely(c, folded),
        }
    }
}

/// What an accented letter of our languages becomes, where that is one letter of ASCII.
fn latin(c: char) -> Option<char> {
    const BEGIN: u32 = 0xc0;
    static FOLDED: LazyLock<[Option<char>; 0xc0]> = LazyLock::new(|| {
        std::array::from_fn(|at| {
            let mut folded = String::new();
            fold_rarely(char::from_u32(BEGIN + at as u32)?, &mut folded);
            let letter = folded.chars().next().filter(char::is_ascii)?;
            (folded.len() == 1).then_some(letter)
        })
    });
    let at = u32::from(c).checked_sub(BEGIN)?;
    FOLDED.get(at as usize).copied()?
}

fn fold_rarely(c: char, folded: &mut String) {
    for lower in c.to_lowercase().nfkd().filter(|c| !is_combining_mark(*c)) {
        match lower {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            other => folded.push(other),
        }
    }
}

/// [`fold`] for a whole string.
pub fn fold_str(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    fold(text.chars())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let text = Text::new(None, text);
        let shown: Vec<String> = text
            .tokens
            .iter()
            .map(|t| format!("{}@{}-{}", t.folded, t.start, t.end))
            .collect();
        assert_eq!(shown.join(" "), expected);
    }

    #[test]
    fn tokens_keep_their_place() {
        check(
            "¿Llamé 4 veces!",
            "¿@0-1 llame@1-6 4@7-8 veces@9-14 !@14-15",
        );
        check("@Ejemplo_Ayuda #Fibra", "@ejemplo_ayuda@0-14 #fibra@15-21");
        check("45,30 € y 1.200", "45,30@0-5 €@6-7 y@8-9 1.200@10-15");
        check("Straße 4G 😡👍🏽", "strasse@0-6 4g@7-9 😡@10-11 👍🏽@11-13");
        check(
            "l'equip don't",
            "l@0-1 '@1-2 equip@2-7 don@8-11 '@11-12 t@12-13",
        );
    }

    #[test]
    fn words_are_looked_up_whole_or_by_their_beginning() {
        let text = Text::new(Some("Sol y sombra"), "soles, ¡SOL! sólo y sol");
        assert_eq!(text.places("sol", false), [0, 4, 7]);
        assert_eq!(text.places("sol", true), [0, 4, 7, 3, 5]);
        assert_eq!(text.places("so", false), [0_usize; 0]);
        assert_eq!(text.places("z", true), [0_usize; 0]);
        assert_eq!(Text::default().places("sol", true), [0_usize; 0]);
    }

    #[test]
    fn capitals_are_shouting_only_as_whole_words() {
        let text = Text::new(Some("NUNCA más A"), "SÍ");
        let shouted: Vec<bool> = text.tokens.iter().map(|t| t.shouted).collect();
        assert_eq!(shouted, [true, false, false, true]);
    }
}
