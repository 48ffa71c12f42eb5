//! The seven languages that posts are understood in, and the two that people are spoken to in.

use std::fmt;

/// A language of posts, by its ISO 639-1 code.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    Es,
    En,
    Pt,
    Fr,
    It,
    De,
    Ca,
}

/// The language of mails, reasons and messages: the configured one, else that of `$LANG`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ui {
    #[default]
    Es,
    En,
}

impl Lang {
    pub const ALL: [Self; 7] = [
        Self::Es,
        Self::En,
        Self::Pt,
        Self::Fr,
        Self::It,
        Self::De,
        Self::Ca,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
            Self::Pt => "pt",
            Self::Fr => "fr",
            Self::It => "it",
            Self::De => "de",
            Self::Ca => "ca",
        }
    }

    /// Reads `es`, `es-MX`, `ES_ar` and the like; the region is ignored.
    pub fn parse(text: &str) -> Option<Self> {
        let primary = text
            .trim()
            .split(['-', '_'])
            .next()
            .unwrap_or("")
            .to_ascii_lowercase();
        Self::ALL.into_iter().find(|lang| lang.code() == primary)
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Ui {
    pub fn code(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
        }
    }

    /// The text in this language.
    pub fn pick<T>(self, es: T, en: T) -> T {
        match self {
            Self::Es => es,
            Self::En => en,
        }
    }
}
