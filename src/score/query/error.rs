//! What can be wrong with a query, in words for the analyst.

use std::fmt;

use super::{DEPTH_MAX, NEAR_MAX, PHRASE_WORDS_MAX, QUERY_CHARS_MAX, STEM_CHARS_MIN, TERMS_MAX};
use crate::model::Ui;

/// A fault and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// Characters before it.
    pub at: usize,
    pub fault: QueryFault,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryFault {
    /// Nothing is asked for.
    Empty,
    TooLong,
    TooManyTerms,
    TooDeep,
    PhraseTooLong,
    /// Two terms without an operator between them; the second one.
    SideBySide(String),
    /// An operator, or the query's end, where a word should stand.
    WordMissing,
    QuoteOpen,
    ParenOpen,
    ParenClose,
    /// NEAR without its number, or with one too large.
    NearNumber,
    /// `*` elsewhere than at the end of a word of some length.
    Star,
    /// Only punctuation or emoji.
    NoWord(String),
    /// NOT or AND inside NEAR.
    InsideNear,
    /// NOT inside EXCEPT.
    InsideExcept,
}

impl QueryError {
    /// What is wrong and what would be right, as one sentence.
    pub fn sentence(&self, ui: Ui) -> String {
        format!("{}; {}", self.fault.wrong(ui), self.fault.right(ui))
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(Ui::En))
    }
}

impl std::error::Error for QueryError {}

impl QueryFault {
    /// What is wrong: half a sentence.
    pub fn wrong(&self, ui: Ui) -> String {
        let (es, en) = match self {
            Self::Empty => ("la consulta está vacía", "the query is empty"),
            Self::TooLong => ("la consulta es demasiado larga", "the query is too long"),
            Self::TooManyTerms => (
                "la consulta tiene demasiadas palabras",
                "the query has too many words",
            ),
            Self::TooDeep => (
                "hay demasiados paréntesis, unos dentro de otros",
                "there are too many parentheses inside one another",
            ),
            Self::PhraseTooLong => ("la frase es demasiado larga", "the phrase is too long"),
            Self::SideBySide(word) => {
                return match ui {
                    Ui::Es => format!("falta un operador delante de «{word}»"),
                    Ui::En => format!("there is no operator before \"{word}\""),
                };
            }
            Self::WordMissing => ("aquí falta una palabra", "a word is missing here"),
            Self::QuoteOpen => ("estas comillas no se cierran", "this quote is not closed"),
            Self::ParenOpen => (
                "este paréntesis no se cierra",
                "this parenthesis is not closed",
            ),
            Self::ParenClose => (
                "este paréntesis no se abre antes",
                "this parenthesis closes nothing",
            ),
            Self::NearNumber => ("NEAR no lleva un número válido", "NEAR has no valid number"),
            Self::Star => ("este * está fuera de lugar", "this * is out of place"),
            Self::NoWord(word) => {
                return match ui {
                    Ui::Es => format!("«{word}» no contiene ninguna palabra"),
                    Ui::En => format!("\"{word}\" has no word in it"),
                };
            }
            Self::InsideNear => (
                "dentro de NEAR no caben ni AND ni NOT",
                "AND and NOT cannot stand inside NEAR",
            ),
            Self::InsideExcept => (
                "dentro de EXCEPT no cabe NOT",
                "NOT cannot stand inside EXCEPT",
            ),
        };
        ui.pick(es, en).to_owned()
    }

    /// What would be right: the other half.
    pub fn right(&self, ui: Ui) -> String {
        match ui {
            Ui::Es => self.right_es(),
            Ui::En => self.right_en(),
        }
    }

    fn right_es(&self) -> String {
        match self {
            Self::Empty => "escriba al menos una palabra".to_owned(),
            Self::TooLong => format!("caben {QUERY_CHARS_MAX} caracteres"),
            Self::TooManyTerms => format!("caben {TERMS_MAX} palabras y frases"),
            Self::TooDeep => format!("caben {DEPTH_MAX} niveles"),
            Self::PhraseTooLong => format!("caben {PHRASE_WORDS_MAX} palabras"),
            Self::SideBySide(word) => match operator(word) {
                Some(upper) => format!("escriba {upper} en mayúsculas"),
                None => "ponga AND u OR entre las palabras, o comillas si es una frase".to_owned(),
            },
            Self::WordMissing => "ponga una palabra, una \"frase\" o un paréntesis".to_owned(),
            Self::QuoteOpen => "ponga otras comillas al final de la frase".to_owned(),
            Self::ParenOpen => "ponga ) donde termina".to_owned(),
            Self::ParenClose => "quítelo o ponga ( donde empieza".to_owned(),
            Self::NearNumber => {
                format!("escriba por ejemplo NEAR/5, con un número de 0 a {NEAR_MAX}")
            }
            Self::Star => format!(
                "* solo vale al final de una palabra de {STEM_CHARS_MIN} letras o más: factura*"
            ),
            Self::NoWord(_) => "se buscan letras y cifras, no signos ni emojis".to_owned(),
            Self::InsideNear => "use OR o una \"frase\" a cada lado".to_owned(),
            Self::InsideExcept => "diga qué se excluye, con OR o con una \"frase\"".to_owned(),
        }
    }

    fn right_en(&self) -> String {
        match self {
            Self::Empty => "write at least one word".to_owned(),
            Self::TooLong => format!("there is room for {QUERY_CHARS_MAX} characters"),
            Self::TooManyTerms => format!("there is room for {TERMS_MAX} words and phrases"),
            Self::TooDeep => format!("there is room for {DEPTH_MAX} levels"),
            Self::PhraseTooLong => format!("there is room for {PHRASE_WORDS_MAX} words"),
            Self::SideBySide(word) => match operator(word) {
                Some(upper) => format!("write {upper} in capitals"),
                None => "put AND or OR between the words, or quotes around a phrase".to_owned(),
            },
            Self::WordMissing => "put a word, a \"phrase\" or a parenthesis".to_owned(),
            Self::QuoteOpen => "put another quote at the end of the phrase".to_owned(),
            Self::ParenOpen => "put ) where it ends".to_owned(),
            Self::ParenClose => "remove it or put ( where it begins".to_owned(),
            Self::NearNumber => format!("write NEAR/5, say, with a number from 0 to {NEAR_MAX}"),
            Self::Star => format!(
                "* only stands at the end of a word of {STEM_CHARS_MIN} letters or more: invoice*"
            ),
            Self::NoWord(_) => "letters and digits are searched, not signs or emoji".to_owned(),
            Self::InsideNear => "use OR or a \"phrase\" on each side".to_owned(),
            Self::InsideExcept => "say what is excluded, with OR or a \"phrase\"".to_owned(),
        }
    }
}

/// The operator that a word in small letters was meant to be.
fn operator(word: &str) -> Option<String> {
    let upper = word.to_ascii_uppercase();
    let is_operator = matches!(upper.as_str(), "AND" | "OR" | "NOT" | "EXCEPT");
    (is_operator || upper.starts_with("NEAR/")).then_some(upper)
}
