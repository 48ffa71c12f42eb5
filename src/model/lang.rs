//! The seven languages that posts are understood in, and the two that people are spoken to in.

use std::{fmt, io};

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

    /// What the system says of a file, in this language where the case is a usual one.
    pub fn io(self, error: &io::Error) -> String {
        let said = match error.kind() {
            io::ErrorKind::NotFound => "no existe",
            io::ErrorKind::AlreadyExists => "ya existe",
            io::ErrorKind::PermissionDenied => "falta el permiso",
            io::ErrorKind::IsADirectory => "es una carpeta",
            io::ErrorKind::NotADirectory => "una parte de la ruta no es una carpeta",
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "no queda sitio en el disco"
            }
            io::ErrorKind::ReadOnlyFilesystem => "el disco es de solo lectura",
            _ => return error.to_string(),
        };
        // What has no number is not of the system, and has words of its own.
        match (self, error.raw_os_error()) {
            (Self::Es, Some(_)) => said.to_owned(),
            _ => error.to_string(),
        }
    }

    /// [`counted`] in this language.
    pub fn count<N>(self, n: N, es: [&str; 2], en: [&str; 2]) -> String
    where
        N: Copy + fmt::Display + PartialEq + From<u8>,
    {
        counted(n, self.pick(es, en))
    }
}

/// "1 post", "3 posts": the number with its word, which is told for one and for several.
pub fn counted<N>(n: N, [one, several]: [&str; 2]) -> String
where
    N: Copy + fmt::Display + PartialEq + From<u8>,
{
    let word = if n == N::from(1) { one } else { several };
    format!("{n} {word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(n: i64, expected: [&str; 2]) {
        let told =
            [Ui::Es, Ui::En].map(|ui| ui.count(n, ["fuente", "fuentes"], ["source", "sources"]));
        assert_eq!(told, expected);
    }

    #[test]
    fn one_is_not_several() {
        check(0, ["0 fuentes", "0 sources"]);
        check(1, ["1 fuente", "1 source"]);
        check(2, ["2 fuentes", "2 sources"]);
    }
}
