//! Well-known companies: a help to see that the anger sits at another. Absent: a list of all of them.

use std::sync::LazyLock;

use super::text::fold_str;

/// The name of a company that may be another.
pub(super) struct Rival {
    /// In lower case without accents.
    pub(super) words: Vec<String>,
    /// Also a word of some language, which stands capital at the beginning of a sentence.
    pub(super) is_word: bool,
}

const NAMES: &str = include_str!("data/rivals.txt");

static EMBEDDED: LazyLock<Vec<Rival>> = LazyLock::new(|| {
    let lines = NAMES.lines().filter(|line| !line.starts_with('#'));
    let rival = |line: &str| Rival {
        words: (line.trim_start_matches('~').split_whitespace())
            .map(fold_str)
            .collect(),
        is_word: line.starts_with('~'),
    };
    lines
        .map(rival)
        .filter(|rival| !rival.words.is_empty())
        .collect()
});

/// The embedded names.
pub(super) fn embedded() -> &'static [Rival] {
    &EMBEDDED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        assert!(embedded().len() > 300);
        let claro = embedded().iter().find(|rival| rival.words == ["claro"]);
        assert!(claro.is_some_and(|claro| claro.is_word));
    }
}
