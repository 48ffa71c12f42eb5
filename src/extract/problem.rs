//! What could not be read of a document, in words for the operator.

use crate::model::Ui;

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A fatal problem means that nothing of the document could be read: an error, never "no news".
    pub fatal: bool,
    /// English, a lower-case fragment: "the feed ends in the middle of item 42".
    pub detail: String,
    /// The same in Spanish, where people meet it often.
    pub spanish: Option<String>,
    /// True when the source has more than was read, as long as nobody does anything about it.
    pub is_shortfall: bool,
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
            detail: detail.into(),
            spanish: None,
            is_shortfall: false,
        }
    }

    pub(super) fn repaired(n_read: usize, n_entries: usize) -> Self {
        let detail = format!("repaired: {n_read} of {n_entries} entries could be read");
        let spanish = format!("reparada: se han podido leer {n_read} de {n_entries} entradas");
        Self {
            is_shortfall: n_read < n_entries,
            ..Self::minor(detail).in_spanish(spanish)
        }
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

    fn in_spanish(self, spanish: impl Into<String>) -> Self {
        Self {
            spanish: Some(spanish.into()),
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
