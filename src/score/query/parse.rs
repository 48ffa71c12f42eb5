//! From characters to a tree: a lexer and a recursive descent of bounded depth.

use super::{
    DEPTH_MAX, NEAR_MAX, Node, PHRASE_WORDS_MAX, Pattern, QUERY_CHARS_MAX, QueryError, QueryFault,
    STEM_CHARS_MIN, TERMS_MAX, Term,
};
use crate::score::text::Text;

/// The tree of a query and its terms.
pub(super) fn query(written: &str) -> Result<(Node, Vec<Term>), QueryError> {
    let tokens = lex(&chars(written)?)?;
    let mut parser = Parser {
        end: written.chars().count(),
        tokens,
        at: 0,
        depth: 0,
        terms: Vec::new(),
    };
    if parser.tokens.is_empty() {
        return fault(0, QueryFault::Empty);
    }
    let root = parser.or()?;
    match parser.peek() {
        None => Ok((root, parser.terms)),
        Some(Token::Close) => fault(parser.place(), QueryFault::ParenClose),
        Some(token) => fault(parser.place(), QueryFault::SideBySide(token.written())),
    }
}

/// Words in a row, without quotes.
pub(super) fn phrase(written: &str) -> Result<Term, QueryError> {
    term(&chars(written)?, 0)
}

#[derive(Clone, Debug)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    Except,
    Near(usize),
    Term { written: String, term: Term },
}

impl Token {
    fn written(&self) -> String {
        match self {
            Self::Open => "(".to_owned(),
            Self::Close => ")".to_owned(),
            Self::And => "AND".to_owned(),
            Self::Or => "OR".to_owned(),
            Self::Not => "NOT".to_owned(),
            Self::Except => "EXCEPT".to_owned(),
            Self::Near(n) => format!("NEAR/{n}"),
            Self::Term { written, .. } => written.clone(),
        }
    }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: usize,
    terms: Vec<Term>,
    /// Characters of the query.
    end: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    /// The place of the next token, or the query's end.
    fn place(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |(at, _)| *at)
    }

    fn or(&mut self) -> Result<Node, QueryError> {
        let mut sides = vec![self.and()?];
        while matches!(self.peek(), Some(Token::Or)) {
            self.at += 1;
            sides.push(self.and()?);
        }
        Ok(one_or(sides, Node::Or))
    }

    fn and(&mut self) -> Result<Node, QueryError> {
        let mut sides = vec![self.not()?];
        while matches!(self.peek(), Some(Token::And)) {
            self.at += 1;
            sides.push(self.not()?);
        }
        Ok(one_or(sides, Node::And))
    }

    fn not(&mut self) -> Result<Node, QueryError> {
        if !matches!(self.peek(), Some(Token::Not)) {
            return self.tight();
        }
        let place = self.place();
        self.at += 1;
        self.deeper(place)?;
        let side = self.not()?;
        self.depth -= 1;
        Ok(Node::Not(Box::new(side)))
    }

    fn tight(&mut self) -> Result<Node, QueryError> {
        let place = self.place();
        let mut left = self.atom()?;
        loop {
            let operator = match self.peek() {
                Some(Token::Near(n)) => Some(*n),
                Some(Token::Except) => None,
                _ => return Ok(left),
            };
            self.at += 1;
            let right_place = self.place();
            let right = self.atom()?;
            for (at, side) in [(place, &left), (right_place, &right)] {
                match operator {
                    Some(_) if side.has_and() || side.has_not() => {
                        return fault(at, QueryFault::InsideNear);
                    }
                    None if side.has_not() => return fault(at, QueryFault::InsideExcept),
                    _ => {}
                }
            }
            let (a, b) = (Box::new(left), Box::new(right));
            left = match operator {
                Some(n) => Node::Near(a, n, b),
                None => Node::Except(a, b),
            };
        }
    }

    fn atom(&mut self) -> Result<Node, QueryError> {
        let place = self.place();
        match self.peek().cloned() {
            Some(Token::Term { term, .. }) => {
                self.at += 1;
                if self.terms.len() >= TERMS_MAX {
                    return fault(place, QueryFault::TooManyTerms);
                }
                self.terms.push(term);
                Ok(Node::Term(self.terms.len() - 1))
            }
            Some(Token::Open) => {
                self.at += 1;
                self.deeper(place)?;
                let inner = self.or()?;
                match self.peek() {
                    Some(Token::Close) => self.at += 1,
                    None => return fault(place, QueryFault::ParenOpen),
                    Some(token) => {
                        return fault(self.place(), QueryFault::SideBySide(token.written()));
                    }
                }
                self.depth -= 1;
                Ok(inner)
            }
            _ => fault(place, QueryFault::WordMissing),
        }
    }

    fn deeper(&mut self, place: usize) -> Result<(), QueryError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return fault(place, QueryFault::TooDeep);
        }
        Ok(())
    }
}

impl Node {
    fn has_and(&self) -> bool {
        match self {
            Self::And(_) => true,
            Self::Or(sides) => sides.iter().any(Self::has_and),
            Self::Except(kept, _) => kept.has_and(),
            // NEAR was refused with an AND inside.
            Self::Term(_) | Self::Not(_) | Self::Near(..) => false,
        }
    }

    fn has_not(&self) -> bool {
        match self {
            Self::Not(_) => true,
            Self::And(sides) | Self::Or(sides) => sides.iter().any(Self::has_not),
            // NEAR and EXCEPT were refused with a NOT inside.
            Self::Term(_) | Self::Near(..) | Self::Except(..) => false,
        }
    }
}

fn one_or(mut sides: Vec<Node>, many: impl FnOnce(Vec<Node>) -> Node) -> Node {
    match sides.pop() {
        Some(only) if sides.is_empty() => only,
        Some(last) => {
            sides.push(last);
            many(sides)
        }
        None => many(sides),
    }
}

fn fault<T>(at: usize, fault: QueryFault) -> Result<T, QueryError> {
    Err(QueryError { at, fault })
}

fn chars(written: &str) -> Result<Vec<char>, QueryError> {
    let chars: Vec<char> = written.chars().take(QUERY_CHARS_MAX + 1).collect();
    if chars.len() > QUERY_CHARS_MAX {
        return fault(QUERY_CHARS_MAX, QueryFault::TooLong);
    }
    Ok(chars)
}

fn lex(chars: &[char]) -> Result<Vec<(usize, Token)>, QueryError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let start = at;
        at += 1;
        if c.is_whitespace() {
            continue;
        }
        let token = if c == '(' {
            Token::Open
        } else if c == ')' {
            Token::Close
        } else if let Some(closing) = closing_quote(c) {
            let Some(len) = chars[at..].iter().position(|c| *c == closing) else {
                return fault(start, QueryFault::QuoteOpen);
            };
            at += len + 1;
            Token::Term {
                written: chars[start + 1..at - 1].iter().collect(),
                term: term(&chars[start + 1..at - 1], start + 1)?,
            }
        } else {
            let len = chars[start..].iter().position(|c| ends_word(*c));
            at = len.map_or(chars.len(), |len| start + len);
            bare(&chars[start..at], start)?
        };
        tokens.push((start, token));
    }
    Ok(tokens)
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
        "NEAR" => return fault(start, QueryFault::NearNumber),
        _ => {}
    }
    if let Some(number) = written.strip_prefix("NEAR/") {
        return match number.parse() {
            Ok(n) if n <= NEAR_MAX => Ok(Token::Near(n)),
            _ => fault(start, QueryFault::NearNumber),
        };
    }
    let term = term(chars, start)?;
    Ok(Token::Term { written, term })
}

/// The words of a term that begins at `start`, cut as a text's words are.
fn term(chars: &[char], start: usize) -> Result<Term, QueryError> {
    let written: String = chars.iter().collect();
    let text = Text::new(None, &written);
    let mut term = Term::new();
    let mut n_stars = 0;
    // A lone accent is a letter to Unicode, yet nothing is left of it when accents do not count.
    let words = text
        .tokens
        .iter()
        .filter(|token| token.is_wordlike() && !token.folded.is_empty());
    for token in words {
        let end = token.end as usize;
        let open = chars.get(end) == Some(&'*');
        if open && (token.folded.chars().count() < STEM_CHARS_MIN || !stands_last(chars, end)) {
            return fault(start + end, QueryFault::Star);
        }
        n_stars += usize::from(open);
        term.push(Pattern {
            folded: token.folded.clone(),
            open,
        });
    }
    if n_stars < chars.iter().filter(|c| **c == '*').count() {
        return fault(start + stray_star(chars, &text), QueryFault::Star);
    }
    if term.is_empty() {
        return fault(start, QueryFault::NoWord(written.trim().to_owned()));
    }
    if term.len() > PHRASE_WORDS_MAX {
        return fault(start, QueryFault::PhraseTooLong);
    }
    Ok(term)
}

/// True when no letter follows the star at `at` directly: `fact*ra` is no word's end.
fn stands_last(chars: &[char], at: usize) -> bool {
    chars.get(at + 1).is_none_or(|c| !c.is_alphanumeric())
}

/// The first star that follows no word.
fn stray_star(chars: &[char], text: &Text) -> usize {
    let follows_word = |at: usize| {
        let words = text.tokens.iter().filter(|token| token.is_wordlike());
        words.into_iter().any(|token| token.end as usize == at)
    };
    (0..chars.len())
        .find(|&at| chars[at] == '*' && !follows_word(at))
        .unwrap_or(0)
}
