//! Well-known companies: a help to see that the anger sits at another. Absent: a list of all of them.

use std::collections::HashMap;
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

/// By their first word.
static EMBEDDED: LazyLock<HashMap<String, Vec<Rival>>> = LazyLock::new(|| {
    let lines = NAMES.lines().filter(|line| !line.starts_with('#'));
    let rival = |line: &str| Rival {
        words: (line.trim_start_matches('~').split_whitespace())
            .map(fold_str)
            .collect(),
        is_word: line.starts_with('~'),
    };
    let mut by_first: HashMap<String, Vec<Rival>> = HashMap::new();
    for rival in lines.map(rival) {
        if let Some(first) = rival.words.first().cloned() {
            by_first.entry(first).or_default().push(rival);
        }
    }
    by_first
});

/// The embedded names that begin with this word.
pub(super) fn beginning_with(word: &str) -> &'static [Rival] {
    EMBEDDED.get(word).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        assert!(EMBEDDED.len() > 250);
        let claro = beginning_with("claro").iter();
        let claro: Vec<bool> = claro.map(|rival| rival.is_word).collect();
        assert_eq!(claro, [true]);
        assert!(beginning_with("nadie").is_empty());
    }
}
