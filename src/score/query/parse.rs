//! From tokens to a tree: a recursive descent of bounded depth.

use regex::Regex;

use super::lex::{Token, chars, fault, lex, term};
use super::{DEPTH_MAX, Name, Node, Query, QueryError, QueryFault, REGEXES_MAX, TERMS_MAX, Term};

/// A whole query.
pub(super) fn query(written: &str) -> Result<Query, QueryError> {
    let tokens = lex(&chars(written)?)?;
    let mut parser = Parser {
        end: written.chars().count(),
        tokens,
        at: 0,
        depth: 0,
        is_named: false,
        terms: Vec::new(),
        regexes: Vec::new(),
    };
    if parser.tokens.is_empty() {
        return fault(0, QueryFault::Empty);
    }
    let root = parser.or()?;
    match parser.peek() {
        None => Ok(Query {
            root,
            terms: parser.terms,
            regexes: parser.regexes,
        }),
        Some(Token::Close) => fault(parser.place(), QueryFault::ParenClose),
        Some(token) => fault(parser.place(), QueryFault::SideBySide(token.written())),
    }
}

/// Words in a row, without quotes.
pub(super) fn phrase(written: &str) -> Result<Term, QueryError> {
    term(&chars(written)?, 0)
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: usize,
    /// Within `title:` or the like.
    is_named: bool,
    terms: Vec<Term>,
    regexes: Vec<Regex>,
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
                Some(Token::Near(reach)) => Some(*reach),
                Some(Token::Except) => None,
                _ => return Ok(left),
            };
            self.at += 1;
            let right_place = self.place();
            let right = self.atom()?;
            for (at, side) in [(place, &left), (right_place, &right)] {
                if side.has(&|node| node.is_placeless()) {
                    return fault(at, QueryFault::NoPlace);
                }
                let has_not = side.has_not();
                match operator {
                    Some(_) if has_not || side.has_and() => {
                        return fault(at, QueryFault::InsideNear);
                    }
                    None if has_not => return fault(at, QueryFault::InsideExcept),
                    _ => {}
                }
            }
            let (a, b) = (Box::new(left), Box::new(right));
            left = match operator {
                Some(reach) => Node::Near(a, reach, b),
                None => Node::Except(a, b),
            };
        }
    }

    fn atom(&mut self) -> Result<Node, QueryError> {
        let place = self.place();
        let token = self.peek().cloned();
        if token.is_some() {
            self.at += 1;
        }
        match token {
            Some(Token::Term { term, .. }) => {
                if self.terms.len() >= TERMS_MAX {
                    return fault(place, QueryFault::TooManyTerms);
                }
                self.terms.push(term);
                Ok(Node::Term(self.terms.len() - 1))
            }
            Some(Token::Regex(regex)) => {
                if self.regexes.len() >= REGEXES_MAX {
                    return fault(place, QueryFault::TooManyRegexes);
                }
                self.regexes.push(regex);
                Ok(Node::Regex(self.regexes.len() - 1))
            }
            Some(Token::Lang(lang)) => Ok(Node::Lang(lang)),
            Some(Token::In(name)) => self.named(name, place),
            Some(Token::Open) => self.group(place),
            _ => fault(place, QueryFault::WordMissing),
        }
    }

    /// What stands after `title:`: one atom.
    fn named(&mut self, name: Name, place: usize) -> Result<Node, QueryError> {
        if self.is_named || matches!(self.peek(), Some(Token::In(_) | Token::Lang(_))) {
            return fault(place, QueryFault::NameInName);
        }
        self.is_named = true;
        let inner = self.atom()?;
        self.is_named = false;
        Ok(Node::In(name, Box::new(inner)))
    }

    /// What stands after an opening parenthesis.
    fn group(&mut self, place: usize) -> Result<Node, QueryError> {
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
            Self::In(_, inner) => inner.has_and(),
            // NEAR was refused with an AND inside.
            Self::Term(_) | Self::Regex(_) | Self::Lang(_) | Self::Not(_) | Self::Near(..) => false,
        }
    }

    /// True when the text holds no place for what it finds.
    fn is_placeless(&self) -> bool {
        matches!(
            self,
            Self::Lang(_) | Self::In(Name::Author | Name::Source, _)
        )
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
