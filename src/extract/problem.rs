//! What could not be read of a document, in words for the operator.

use serde::{Deserialize, Serialize};

use super::Selectors;
use crate::model::{Post, Ui};

/// Longer details are cut: parsers quote the document, which is of any size.
const DETAIL_CHARS_MAX: usize = 500;

/// So many entries do not say nothing by chance; fewer stand in tests of other feed readers.
const SILENT_MIN: usize = 4;

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A fatal problem means that nothing of the document could be read: an error, never "no news".
    pub fatal: bool,
    /// English, a lower-case fragment: "the feed ends in the middle of item 42".
    pub detail: String,
    /// The same in Spanish, where people meet it often.
    pub spanish: Option<String>,
    /// True when the source has more than was read, as long as nobody does anything about it.
    pub is_shortfall: bool,
    /// What kept the reader from it.
    pub guard: Guard,
}

/// What keeps the reader from a document that could be read otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Guard {
    #[default]
    None,
    /// Too deep or too tangled for this process; perhaps not for one of its own.
    Gate,
    /// It would cost more than one document may.
    Limit,
}

/// What one document may cost, each with its measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    CpuSeconds(u64),
    MemoryMib(u64),
    /// From the beginning to the end of the reading.
    Seconds(u64),
    /// Its elements lie so deep within each other that the parser's stack overflows.
    Stack,
    /// What is read of it.
    AnswerMib(u64),
    /// The reading broke off, and nobody knows why.
    Unknown,
}

impl Problem {
    pub(super) fn fatal(detail: impl Into<String>) -> Self {
        Self {
            fatal: true,
            ..Self::minor(detail)
        }
    }

    pub(super) fn minor(detail: impl Into<String>) -> Self {
        Self {
            fatal: false,
            detail: one_line(detail.into()),
            spanish: None,
            is_shortfall: false,
            guard: Guard::None,
        }
    }

    /// What a gate in process refuses, and a process with limits may try.
    pub(super) fn gate(detail: impl Into<String>) -> Self {
        Self {
            guard: Guard::Gate,
            ..Self::fatal(detail)
        }
    }

    /// The same of a part without which the rest is worth something.
    pub(super) fn softened(self) -> Self {
        Self {
            fatal: false,
            ..self
        }
    }

    /// Fatal: a limit was met.
    pub fn limit(limit: Limit) -> Self {
        let (spanish, detail) = match limit {
            Limit::CpuSeconds(n) => (
                format!("el documento necesita más de {n} s de procesador"),
                format!("the document needed more than {n} s of CPU"),
            ),
            Limit::MemoryMib(n) => (
                format!("el documento necesita más de {n} MiB de memoria"),
                format!("the document needed more than {n} MiB of memory"),
            ),
            Limit::Seconds(n) => (
                format!("no se ha terminado de leer el documento en {n} s"),
                format!("the document could not be read within {n} s"),
            ),
            Limit::Stack => (
                "el documento tiene demasiados elementos unos dentro de otros".to_owned(),
                "the document has too many elements within each other".to_owned(),
            ),
            Limit::AnswerMib(n) => (
                format!("el documento da más de {n} MiB de texto"),
                format!("the document yields more than {n} MiB of text"),
            ),
            Limit::Unknown => (
                "la lectura del documento se ha interrumpido; avise a los desarrolladores"
                    .to_owned(),
                "the reading of the document broke off; tell the developers".to_owned(),
            ),
        };
        Self {
            guard: Guard::Limit,
            ..Self::fatal(detail).in_spanish(spanish)
        }
    }

    pub(super) fn repaired(n_read: usize, n_entries: usize) -> Self {
        let [es, en] = [Ui::Es, Ui::En].map(|ui| entries(n_entries, ui));
        let detail = format!("repaired: {n_read} of {en} could be read");
        let spanish = match n_read {
            1 => format!("reparada: se ha podido leer 1 de {es}"),
            n => format!("reparada: se han podido leer {n} de {es}"),
        };
        Self {
            is_shortfall: n_read < n_entries,
            ..Self::minor(detail).in_spanish(spanish)
        }
    }

    /// Entries that say nothing are of a vocabulary that is not known: no news is something else.
    pub(super) fn silence(posts: &[Post]) -> Option<Self> {
        let is_silent = |post: &Post| {
            post.text.is_empty()
                && post.title.is_none()
                && post.url.is_none()
                && post.rating.is_none()
        };
        let n = posts.len();
        (n >= SILENT_MIN && posts.iter().all(is_silent)).then(|| {
            let detail = format!("of its {n} entries none has a text, a title or a link");
            let spanish = format!("de sus {n} entradas ninguna tiene texto, título ni enlace");
            Self::fatal(detail).in_spanish(spanish)
        })
    }

    /// A feed of whose entries none can be read; `cause` is the parser's.
    pub(super) fn unread_entries(n_entries: usize, cause: &str) -> Self {
        let [es, en] = [Ui::Es, Ui::En].map(|ui| entries(n_entries, ui));
        Self::fatal(format!("the feed has {en}, and none can be read: {cause}")).in_spanish(
            format!("el canal tiene {es}, y no se puede leer ninguna: {cause}"),
        )
    }

    pub(super) fn broken_json(error: &serde_json::Error) -> Self {
        Self::fatal(format!("the JSON cannot be read: {error}"))
            .in_spanish(format!("no se puede leer el JSON: {error}"))
    }

    /// The better place for the comments of a page that was read as an article.
    pub(super) fn comment_feed(feed: &str) -> Self {
        Self::minor(format!(
            "the comments of this page have a feed with all of them: {feed}; make it a source of its \
             own"
        ))
        .in_spanish(format!(
            "los comentarios de esta página tienen un canal que los trae todos: {feed}; póngalo como \
             fuente aparte"
        ))
    }

    /// A page where a feed should be; the feed that it offers, if any.
    pub(super) fn page_for_feed(feed: Option<&String>) -> Self {
        match feed {
            Some(feed) => Self::fatal(format!(
                "this is a web page, not a feed; its feed is {feed}"
            ))
            .in_spanish(format!(
                "esto es una página web, no un canal; su canal es {feed}"
            )),
            None => Self::fatal(
                "this is a web page, not a feed, and it offers none: give the address of the feed, \
                 or another kind",
            )
            .in_spanish(
                "esto es una página web, no un canal, y no ofrece ninguno: escriba la dirección del \
                 canal, u otro kind",
            ),
        }
    }

    /// A blog of which only the page itself can be read.
    pub(super) fn blog_without_feed() -> Self {
        let problem = Self::minor(
            "this page offers no feed, and there are no selectors: it is read as one article, and \
             what it links to is not read; for a list of posts give the address of its feed, or \
             select = { item = \"…\", … }",
        )
        .in_spanish(
            "esta página no ofrece ningún canal y no hay selectores: se lee como un solo artículo, y \
             no lo que enlaza; si es una lista de entradas, escriba la dirección de su canal, o \
             select = { item = \"…\", … }",
        );
        Self {
            is_shortfall: true,
            ..problem
        }
    }

    /// Selectors that yield no post, although `item` chose so many elements; `is_looked_for`: markup was
    /// looked for, too.
    pub(super) fn nothing_selected(
        n_items: usize,
        select: &Selectors,
        is_looked_for: bool,
    ) -> Self {
        let has_text = select.raw().places.text.is_some();
        let (spanish, english) = match (n_items, has_text) {
            (0, _) => (
                "el selector de item no encuentra nada en esta página".to_owned(),
                "the selector for item finds nothing on this page".to_owned(),
            ),
            (1, true) => (
                "item encuentra 1 elemento; text no encuentra nada en él".to_owned(),
                "item finds 1 element; text finds nothing in it".to_owned(),
            ),
            (n, true) => (
                format!("item encuentra {n} elementos; text no encuentra nada en ninguno"),
                format!("item finds {n} elements; text finds nothing in any of them"),
            ),
            (1, false) => (
                "item encuentra 1 elemento, y no tiene texto".to_owned(),
                "item finds 1 element, and it has no text".to_owned(),
            ),
            (n, false) => (
                format!("item encuentra {n} elementos, y ninguno tiene texto"),
                format!("item finds {n} elements, and none of them has a text"),
            ),
        };
        if !is_looked_for {
            return Self::fatal(english).in_spanish(spanish);
        }
        Self::fatal(format!("{english}, and the page has no review markup")).in_spanish(format!(
            "{spanish}, y la página no lleva marcado de reseñas"
        ))
    }

    pub(super) fn no_review_markup() -> Self {
        Self::fatal(
            "this page has no review markup: give selectors (select = { item = \"…\", … })",
        )
        .in_spanish(
            "esta página no lleva marcado de reseñas: indique selectores (select = { item = \"…\", \
             … })",
        )
    }

    /// Something that is there, in Spanish and English, and was not read.
    pub fn lost(spanish: String, detail: String) -> Self {
        Self {
            is_shortfall: true,
            ..Self::minor(detail).in_spanish(spanish)
        }
    }

    /// Mails of which nothing could be read.
    pub(super) fn unread_mails(n: usize) -> Self {
        Self::minor(format!("mails that could not be read: {n}"))
            .in_spanish(format!("correos que no se han podido leer: {n}"))
    }

    /// Mails that are nobody's words.
    pub(super) fn mails_aside(n: usize) -> Self {
        Self::minor(format!(
            "left aside as bounces, automatic answers or our own letters: {n}"
        ))
        .in_spanish(format!(
            "apartados por ser devoluciones, respuestas automáticas o correos de Escucha: {n}"
        ))
    }

    pub(super) fn in_spanish(self, spanish: impl Into<String>) -> Self {
        Self {
            spanish: Some(one_line(spanish.into())),
            ..self
        }
    }

    /// The problem for people, in their language as far as it is one that they meet often.
    pub fn sentence(&self, ui: Ui) -> &str {
        match (ui, &self.spanish) {
            (Ui::Es, Some(spanish)) => spanish,
            _ => &self.detail,
        }
    }
}

pub(super) fn entries(n: usize, ui: Ui) -> String {
    ui.count(n, ["entrada", "entradas"], ["entry", "entries"])
}

/// Fit for a log, a terminal and a mail, whatever a parser quotes in it.
fn one_line(text: String) -> String {
    let is_fit = text.len() <= DETAIL_CHARS_MAX && !text.contains(char::is_control);
    if is_fit {
        return text;
    }
    text.chars()
        .take(DETAIL_CHARS_MAX)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found by fuzzing: the XML parser quotes a tag of any length, and the operator's mail quoted it.
    #[test]
    fn what_a_parser_quotes_of_a_document_is_cut_and_has_no_control_characters() {
        let quoted = "</x\u{1b}[2J\u{85}ñ>".repeat(100_000);
        let problem = Problem::minor(quoted.clone()).in_spanish(quoted);
        for said in [&problem.detail, problem.sentence(Ui::Es)] {
            assert!(said.starts_with("</x [2J ñ></x"), "{said}");
            assert_eq!(said.chars().count(), 500);
            assert!(!said.contains(char::is_control), "{said:?}");
        }
    }
}
