//! From characters to tokens: words, phrases, regular expressions, operators, names.

use regex::Regex;

use super::{
    Ending, FORMS_CHARS_MIN, NEAR_MAX, Name, PHRASE_WORDS_MAX, Pattern, QUERY_CHARS_MAX,
    QueryError, QueryFault, Reach, STEM_CHARS_MIN, Term, expression, forms,
};
use crate::model::Lang;
use crate::score::text::Text;

#[derive(Clone, Debug)]
pub(super) enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    Except,
    Near(Reach),
    /// `title:` and the like.
    In(Name),
    Lang(Lang),
    Term {
        written: String,
        term: Term,
    },
    Regex(Regex),
}

impl Token {
    pub(super) fn written(&self) -> String {
        match self {
            Self::Open => "(".to_owned(),
            Self::Close => ")".to_owned(),
            Self::And => "AND".to_owned(),
            Self::Or => "OR".to_owned(),
            Self::Not => "NOT".to_owned(),
            Self::Except => "EXCEPT".to_owned(),
            Self::Near(reach) if reach.ordered => format!("BEFORE/{}", reach.words),
            Self::Near(reach) => format!("NEAR/{}", reach.words),
            Self::In(name) => format!("{}:", name.word()),
            Self::Lang(lang) => format!("lang:{}", lang.code()),
            Self::Term { written, .. } => written.clone(),
            Self::Regex(regex) => format!("/{regex}/"),
        }
    }
}

impl Name {
    pub(super) const ALL: [Self; 4] = [Self::Title, Self::Text, Self::Author, Self::Source];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Text => "text",
            Self::Author => "author",
            Self::Source => "source",
        }
    }
}

pub(super) fn fault<T>(at: usize, fault: QueryFault) -> Result<T, QueryError> {
    Err(QueryError { at, fault })
}

pub(super) fn chars(written: &str) -> Result<Vec<char>, QueryError> {
    let chars: Vec<char> = written.chars().take(QUERY_CHARS_MAX + 1).collect();
    if chars.len() > QUERY_CHARS_MAX {
        return fault(QUERY_CHARS_MAX, QueryFault::TooLong);
    }
    Ok(chars)
}

/// Each token with the character at which it begins.
pub(super) fn lex(chars: &[char]) -> Result<Vec<(usize, Token)>, QueryError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        let (token, end) = token(chars, at, c)?;
        tokens.push((at, token));
        at = end;
    }
    Ok(tokens)
}

/// The token that begins at `start`, and where it ends.
fn token(chars: &[char], start: usize, c: char) -> Result<(Token, usize), QueryError> {
    match c {
        '(' => return Ok((Token::Open, start + 1)),
        ')' => return Ok((Token::Close, start + 1)),
        '/' => return expression(chars, start),
        _ => {}
    }
    if let Some(closing) = closing_quote(c) {
        let inner = start + 1;
        let Some(len) = chars[inner..].iter().position(|c| *c == closing) else {
            return fault(start, QueryFault::QuoteOpen);
        };
        let inside = &chars[inner..inner + len];
        let token = Token::Term {
            written: inside.iter().collect(),
            term: term(inside, inner)?,
        };
        return Ok((token, inner + len + 1));
    }
    let len = chars[start..].iter().position(|c| ends_word(*c));
    let end = len.map_or(chars.len(), |len| start + len);
    if let Some(named) = named(chars, start, end)? {
        return Ok(named);
    }
    Ok((bare(&chars[start..end], start)?, end))
}

/// `/…/`; a slash within it is written `\/`.
fn expression(chars: &[char], start: usize) -> Result<(Token, usize), QueryError> {
    let mut at = start + 1;
    while let Some(c) = chars.get(at) {
        match c {
            '\\' => at += 1,
            '/' => {
                let written: String = chars[start + 1..at].iter().collect();
                return match expression::compile(&written) {
                    Ok(regex) => Ok((Token::Regex(regex), at + 1)),
                    Err(wrong) => fault(start, wrong),
                };
            }
            _ => {}
        }
        at += 1;
    }
    fault(start, QueryFault::RegexOpen)
}

/// What a word before a colon names: `title:`, or `lang:es` as a whole. An address (`https://…`) and
/// an hour (`10:30`) name nothing.
fn named(chars: &[char], start: usize, end: usize) -> Result<Option<(Token, usize)>, QueryError> {
    let Some(len) = chars[start..end].iter().position(|c| *c == ':') else {
        return Ok(None);
    };
    let colon = start + len;
    let name: String = chars[start..colon].iter().collect();
    let rest = &chars[colon + 1..end];
    if name == "lang" {
        let code: String = rest.iter().collect();
        return match Lang::ALL.into_iter().find(|lang| lang.code() == code) {
            Some(lang) => Ok(Some((Token::Lang(lang), end))),
            None => fault(colon + 1, QueryFault::NoLang(code)),
        };
    }
    if let Some(known) = Name::ALL.into_iter().find(|known| known.word() == name) {
        return Ok(Some((Token::In(known), colon + 1)));
    }
    let is_name = name.chars().count() > 1 && name.chars().all(char::is_alphabetic);
    let goes_on = match rest.first() {
        Some(c) => *c != '/',
        None => chars
            .get(end)
            .is_some_and(|c| !c.is_whitespace() && *c != ')'),
    };
    if is_name && goes_on {
        return fault(start, QueryFault::NoName(name));
    }
    Ok(None)
}

/// Word processors turn straight quotes into these.
fn closing_quote(c: char) -> Option<char> {
    match c {
        '"' => Some('"'),
        '“' => Some('”'),
        '«' => Some('»'),
        _ => None,
    }
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')') || closing_quote(c).is_some()
}

/// An operator or a word without quotes.
fn bare(chars: &[char], start: usize) -> Result<Token, QueryError> {
    let written: String = chars.iter().collect();
    match written.as_str() {
        "AND" => return Ok(Token::And),
        "OR" => return Ok(Token::Or),
        "NOT" => return Ok(Token::Not),
        "EXCEPT" => return Ok(Token::Except),
        "NEAR" | "BEFORE" => return fault(start, QueryFault::NearNumber(written)),
        _ => {}
    }
    for (operator, ordered) in [("NEAR", false), ("BEFORE", true)] {
        let number = written.strip_prefix(operator);
        if let Some(number) = number.and_then(|rest| rest.strip_prefix('/')) {
            return match number.parse() {
                Ok(words) if words <= NEAR_MAX => Ok(Token::Near(Reach { words, ordered })),
                _ => fault(start, QueryFault::NearNumber(operator.to_owned())),
            };
        }
    }
    let term = term(chars, start)?;
    Ok(Token::Term { written, term })
}

/// The words of a term that begins at `start`, cut as a text's words are.
pub(super) fn term(chars: &[char], start: usize) -> Result<Term, QueryError> {
    let written: String = chars.iter().collect();
    let text = Text::new(None, &written);
    let mut term = Term::new();
    let mut n_marks = 0;
    // A lone accent is a letter to Unicode, yet nothing is left of it when accents do not count.
    let words = text
        .tokens
        .iter()
        .filter(|token| token.is_wordlike() && !token.folded.is_empty());
    for token in words {
        let end = token.end as usize;
        let mark = chars.get(end).copied().filter(|c| is_mark(*c));
        let n_letters = token.folded.chars().count();
        let ending = match mark {
            Some('*') if n_letters >= STEM_CHARS_MIN => Ending::Open,
            Some('~') if n_letters >= FORMS_CHARS_MIN => Ending::Forms(forms::of(&token.folded)),
            Some(mark) => return fault(start + end, misplaced(mark)),
            None => Ending::Whole,
        };
        if let Some(mark) = mark.filter(|_| !stands_last(chars, end)) {
            return fault(start + end, misplaced(mark));
        }
        n_marks += usize::from(mark.is_some());
        term.push(Pattern {
            folded: token.folded.to_string(),
            ending,
        });
    }
    if n_marks < chars.iter().filter(|c| is_mark(**c)).count() {
        let (at, mark) = stray_mark(chars, &text);
        return fault(start + at, misplaced(mark));
    }
    if term.is_empty() {
        return fault(start, QueryFault::NoWord(written.trim().to_owned()));
    }
    if term.len() > PHRASE_WORDS_MAX {
        return fault(start, QueryFault::PhraseTooLong);
    }
    Ok(term)
}

fn is_mark(c: char) -> bool {
    matches!(c, '*' | '~')
}

fn misplaced(mark: char) -> QueryFault {
    if mark == '*' {
        QueryFault::Star
    } else {
        QueryFault::Tilde
    }
}

/// True when no letter follows the mark at `at` directly: `fact*ra` is no word's end.
fn stands_last(chars: &[char], at: usize) -> bool {
    let next = chars.get(at + 1);
    next.is_none_or(|c| !c.is_alphanumeric() && !is_mark(*c))
}

/// The first mark that follows no word.
fn stray_mark(chars: &[char], text: &Text) -> (usize, char) {
    let follows_word = |at: usize| {
        let words = text.tokens.iter().filter(|token| token.is_wordlike());
        words.into_iter().any(|token| token.end as usize == at)
    };
    (0..chars.len())
        .map(|at| (at, chars[at]))
        .find(|(at, c)| is_mark(*c) && !follows_word(*at))
        .unwrap_or((0, '*'))
}
