//! Everything that is wrong with the configuration, each with its place and what would be right.

use std::fmt;

use crate::model::Ui;

/// All problems of a configuration at once, in the order of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaints {
    /// Never empty.
    pub list: Vec<Complaint>,
    /// The language that the configuration asks for, where it says so.
    pub ui: Option<Ui>,
}

/// One problem, printed as `file:line:column: key: what is wrong; what would be right`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The key with its sections: `source.every`.
    pub key: String,
    pub wrong: Said,
    pub right: Said,
}

/// Half a sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub es: String,
    pub en: String,
}

impl Said {
    pub fn in_ui(&self, ui: Ui) -> &str {
        ui.pick(&self.es, &self.en)
    }
}

/// The same in Spanish and English, with the variables in scope: `said!("falta {x}", "{x} is
/// missing")`.
macro_rules! said {
    ($es:literal, $en:literal) => {
        $crate::config::complaints::Said {
            es: format!($es),
            en: format!($en),
        }
    };
}
pub(super) use said;

impl Complaints {
    pub(super) fn new(mut list: Vec<Complaint>, ui: Option<Ui>) -> Self {
        // Stable: the operator's file stays before the analyst's.
        let first = list.first().map(|complaint| complaint.file.clone());
        list.sort_by(|a, b| {
            let place = |c: &Complaint| (Some(&c.file) != first.as_ref(), c.line, c.column);
            place(a)
                .cmp(&place(b))
                .then_with(|| a.wrong.en.cmp(&b.wrong.en))
        });
        // What two checks found out about one value is told once.
        list.dedup();
        Self { list, ui }
    }

    /// One line a problem, in the language of the configuration, else in `given`.
    pub fn lines(&self, given: Ui) -> Vec<String> {
        let ui = self.ui.unwrap_or(given);
        self.list
            .iter()
            .map(|complaint| complaint.line_in(ui))
            .collect()
    }

    /// The same as one text; every line ends.
    pub fn print(&self, given: Ui) -> String {
        let ended = self.lines(given).into_iter().map(|line| line + "\n");
        ended.collect()
    }
}

impl Complaint {
    /// The one line of this problem.
    pub fn line_in(&self, ui: Ui) -> String {
        format!(
            "{}:{}:{}: {}: {}; {}",
            self.file,
            self.line,
            self.column,
            self.key,
            self.wrong.in_ui(ui),
            self.right.in_ui(ui)
        )
    }
}

impl fmt::Display for Complaints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.print(Ui::default()).trim_end())
    }
}

impl std::error::Error for Complaints {}

/// The longest stretch of somebody's file that a complaint quotes, in characters.
const SHOWN_CHARS_MAX: usize = 60;

/// A stretch of the file, fit for one line of a terminal.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(SHOWN_CHARS_MAX)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(SHOWN_CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}
