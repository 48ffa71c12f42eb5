//! What can be wrong with the way that a configuration says where things stand, in both languages.
//!
//! Absent: the place in the file; `config` knows it.

use crate::model::Ui;

/// One key that will not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// As it is written in the configuration: `text`, `date_format`, `state`.
    pub key: &'static str,
    pub kind: FaultKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// No CSS selector, perhaps with `@attribute`.
    Selector,
    /// A selector that ends in `@`.
    NoAttribute,
    /// A selector that must name a whole element; what was probably meant.
    WholeElement(String),
    /// No JSON pointer; what was probably meant.
    Pointer(Option<String>),
    /// A brace that is not closed, or with something else than a pointer in it.
    Template,
    /// No way to write a date.
    DateFormat,
    DateLocale,
    RatingScale,
    /// No regular expression, or one without a group for the number.
    RatingPattern,
}

impl Fault {
    /// What is wrong, as half a sentence.
    pub fn wrong(&self, ui: Ui) -> String {
        let (es, en) = match &self.kind {
            FaultKind::Selector => ("no es un selector CSS", "is no CSS selector"),
            FaultKind::NoAttribute => {
                ("termina en @, sin atributo", "ends in @, without attribute")
            }
            FaultKind::WholeElement(_) => (
                "tiene que elegir elementos enteros",
                "must select whole elements",
            ),
            FaultKind::Pointer(_) => ("no es un puntero JSON", "is no JSON pointer"),
            FaultKind::Template => (
                "entre llaves no hay un puntero JSON",
                "there is no JSON pointer between the braces",
            ),
            FaultKind::DateFormat => ("no es un formato de fecha", "is no format of a date"),
            FaultKind::DateLocale => ("no es un idioma conocido", "is no language that is known"),
            FaultKind::RatingScale => ("no es una escala", "is no scale"),
            FaultKind::RatingPattern => (
                "no es una expresión regular con un grupo para el número",
                "is no regular expression with a group for the number",
            ),
        };
        ui.pick(es, en).to_owned()
    }

    /// What would be right, as half a sentence.
    pub fn right(&self, ui: Ui) -> String {
        let (es, en) = match &self.kind {
            FaultKind::Selector => (
                "escriba por ejemplo p.body, o a.permalink@href para un atributo",
                "write for example p.body, or a.permalink@href for an attribute",
            ),
            FaultKind::NoAttribute => (
                "escriba el atributo detrás, como en time@datetime",
                "write the attribute after it, as in time@datetime",
            ),
            FaultKind::WholeElement(meant) => {
                return match ui {
                    Ui::Es => format!("escriba {meant}, sin @"),
                    Ui::En => format!("write {meant}, without @"),
                };
            }
            FaultKind::Pointer(Some(meant)) => {
                return match ui {
                    Ui::Es => format!("¿quiso decir {meant}?"),
                    Ui::En => format!("did you mean {meant}?"),
                };
            }
            FaultKind::Pointer(None) => (
                "escriba el camino con barras: /author/name; * significa «cada uno»",
                "write the way with slashes: /author/name; * means \"each\"",
            ),
            FaultKind::Template => (
                "escriba por ejemplo https://foro.test/t/{/topic_id}/{/post_number}",
                "write for example https://forum.test/t/{/topic_id}/{/post_number}",
            ),
            FaultKind::DateFormat => (
                "escriba por ejemplo %d/%m/%Y %H:%M, o %d de %B de %Y",
                "write for example %d/%m/%Y %H:%M, or %B %d, %Y",
            ),
            FaultKind::DateLocale => (
                "escriba es, en, en-US, pt, fr, it, de o ca",
                "write es, en, en-US, pt, fr, it, de or ca",
            ),
            FaultKind::RatingScale => (
                "escriba la mejor nota, 10, o la peor y la mejor, [-2, 2]",
                "write the best rating, 10, or the worst and the best, [-2, 2]",
            ),
            FaultKind::RatingPattern => (
                "escriba por ejemplo 'stars-(\\d+)'",
                "write for example 'stars-(\\d+)'",
            ),
        };
        ui.pick(es, en).to_owned()
    }
}
