//! What can be wrong with a query, in words for the analyst.

use std::fmt;

use super::{
    DEPTH_MAX, FORMS_CHARS_MIN, NEAR_MAX, Name, PHRASE_WORDS_MAX, QUERY_CHARS_MAX, REGEX_CHARS_MAX,
    REGEXES_MAX, STEM_CHARS_MIN, TERMS_MAX,
};
use crate::model::{Lang, Ui};

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
    /// NEAR or BEFORE without its number, or with one too large.
    NearNumber(String),
    /// `*` elsewhere than at the end of a word of some length.
    Star,
    /// `~` elsewhere than at the end of a word of some length.
    Tilde,
    /// Only punctuation or emoji.
    NoWord(String),
    /// NOT or AND inside NEAR.
    InsideNear,
    /// NOT inside EXCEPT.
    InsideExcept,
    /// What has no place in the text, inside NEAR or EXCEPT.
    NoPlace,
    /// A word before a colon that names no part of a post.
    NoName(String),
    /// `title:` within `title:( … )` and the like.
    NameInName,
    /// What stands after `lang:` is no language.
    NoLang(String),
    /// A regular expression without its second slash.
    RegexOpen,
    /// Not one, and what the reader of such expressions says of it, in English.
    Regex(String),
    RegexTooLong,
    /// It finds nothing at all, everywhere.
    RegexEmpty,
    TooManyRegexes,
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
            Self::Star => ("este * está fuera de lugar", "this * is out of place"),
            Self::Tilde => ("esta ~ está fuera de lugar", "this ~ is out of place"),
            Self::InsideNear => (
                "junto a NEAR o BEFORE no caben ni AND ni NOT",
                "AND and NOT cannot stand beside NEAR or BEFORE",
            ),
            Self::InsideExcept => (
                "dentro de EXCEPT no cabe NOT",
                "NOT cannot stand inside EXCEPT",
            ),
            Self::NoPlace => (
                "author:, source: y lang: no están en ningún lugar del texto",
                "author:, source: and lang: stand nowhere in the text",
            ),
            Self::NameInName => (
                "un campo no cabe dentro de otro",
                "one field cannot stand inside another",
            ),
            Self::RegexOpen => ("falta la segunda /", "the second / is missing"),
            Self::RegexTooLong => (
                "la expresión regular es demasiado grande",
                "the regular expression is too large",
            ),
            Self::RegexEmpty => (
                "la expresión regular acepta también la nada",
                "the regular expression accepts nothing at all, too",
            ),
            Self::TooManyRegexes => (
                "hay demasiadas expresiones regulares",
                "there are too many regular expressions",
            ),
            Self::SideBySide(_)
            | Self::NearNumber(_)
            | Self::NoWord(_)
            | Self::NoName(_)
            | Self::NoLang(_)
            | Self::Regex(_) => return self.wrong_word(ui),
        };
        ui.pick(es, en).to_owned()
    }

    /// The same for what is said with the words of the query.
    fn wrong_word(&self, ui: Ui) -> String {
        match (self, ui) {
            (Self::SideBySide(word), Ui::Es) => format!("falta un operador delante de «{word}»"),
            (Self::SideBySide(word), Ui::En) => format!("there is no operator before \"{word}\""),
            (Self::NearNumber(word), Ui::Es) => format!("{word} no lleva un número válido"),
            (Self::NearNumber(word), Ui::En) => format!("{word} has no valid number"),
            (Self::NoWord(word), Ui::Es) => format!("«{word}» no contiene ninguna palabra"),
            (Self::NoWord(word), Ui::En) => format!("\"{word}\" has no word in it"),
            (Self::NoName(word), Ui::Es) => format!("«{word}:» no es ningún campo"),
            (Self::NoName(word), Ui::En) => format!("\"{word}:\" is no field"),
            (Self::NoLang(word), Ui::Es) => format!("«{word}» no es ningún idioma"),
            (Self::NoLang(word), Ui::En) => format!("\"{word}\" is no language"),
            (Self::Regex(said), Ui::Es) => {
                format!("la expresión regular no se entiende ({said})")
            }
            (Self::Regex(said), Ui::En) => {
                format!("the regular expression is not understood ({said})")
            }
            _ => String::new(),
        }
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
            Self::NearNumber(word) => {
                format!("escriba por ejemplo {word}/5, con un número de 0 a {NEAR_MAX}")
            }
            Self::Star => format!(
                "* solo vale al final de una palabra de {STEM_CHARS_MIN} letras o más: factura*"
            ),
            Self::Tilde => format!(
                "~ solo vale al final de una palabra de {FORMS_CHARS_MIN} letras o más: cobrar~"
            ),
            Self::NoWord(_) => "se buscan letras y cifras; los signos y emojis, con /…/".to_owned(),
            Self::InsideNear => "use OR o una \"frase\" a cada lado".to_owned(),
            Self::InsideExcept => "diga qué se excluye, con OR o con una \"frase\"".to_owned(),
            Self::NoPlace => "únalos con AND, OR o NOT".to_owned(),
            Self::NoName(_) => format!(
                "los campos son {} y lang:; o ponga comillas si es una frase",
                names()
            ),
            Self::NameInName => "deje solo uno".to_owned(),
            Self::NoLang(_) => format!("use uno de estos: {}", langs()),
            Self::RegexOpen => "cierre la expresión con otra /, o ponga comillas".to_owned(),
            Self::Regex(_) => {
                "corríjala; un signo que se busca tal cual lleva \\ delante".to_owned()
            }
            Self::RegexTooLong => {
                format!("caben {REGEX_CHARS_MAX} caracteres, y menos con números como {{1000}}")
            }
            Self::RegexEmpty => "cambie * por +, o quite ?".to_owned(),
            Self::TooManyRegexes => format!("caben {REGEXES_MAX}"),
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
            Self::NearNumber(word) => {
                format!("write {word}/5, say, with a number from 0 to {NEAR_MAX}")
            }
            Self::Star => format!(
                "* only stands at the end of a word of {STEM_CHARS_MIN} letters or more: invoice*"
            ),
            Self::Tilde => format!(
                "~ only stands at the end of a word of {FORMS_CHARS_MIN} letters or more: charge~"
            ),
            Self::NoWord(_) => "letters and digits are searched; signs and emoji by /…/".to_owned(),
            Self::InsideNear => "use OR or a \"phrase\" on each side".to_owned(),
            Self::InsideExcept => "say what is excluded, with OR or a \"phrase\"".to_owned(),
            Self::NoPlace => "join them by AND, OR or NOT".to_owned(),
            Self::NoName(_) => format!(
                "the fields are {} and lang:; or put quotes around a phrase",
                names()
            ),
            Self::NameInName => "leave only one".to_owned(),
            Self::NoLang(_) => format!("use one of these: {}", langs()),
            Self::RegexOpen => "close the expression by another /, or put quotes".to_owned(),
            Self::Regex(_) => "mend it; a sign that is meant itself has a \\ before it".to_owned(),
            Self::RegexTooLong => {
                format!("there is room for {REGEX_CHARS_MAX}, and less with numbers as {{1000}}")
            }
            Self::RegexEmpty => "write + for *, or take ? out".to_owned(),
            Self::TooManyRegexes => format!("there is room for {REGEXES_MAX}"),
        }
    }
}

fn names() -> String {
    let names = Name::ALL.map(|name| format!("{}:", name.word()));
    names.join(", ")
}

fn langs() -> String {
    Lang::ALL.map(Lang::code).join(", ")
}

/// The operator that a word in small letters was meant to be.
fn operator(word: &str) -> Option<String> {
    let upper = word.to_ascii_uppercase();
    let is_operator = matches!(upper.as_str(), "AND" | "OR" | "NOT" | "EXCEPT");
    let has_number = ["NEAR/", "BEFORE/"]
        .iter()
        .any(|near| upper.starts_with(near));
    (is_operator || has_number).then_some(upper)
}
