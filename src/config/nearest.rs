//! The word that was probably meant.

use crate::score::text::fold_str;

/// Longer words are never compared: the work is their product.
const WORD_CHARS_MAX: usize = 64;

/// The known word nearest to `word`, unless none is near: at most a third of its letters, or two,
/// differ.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold_str(word);
    let limit = (folded.chars().count() / 3).max(2);
    known
        .into_iter()
        .filter_map(|candidate| Some((distance(&folded, &fold_str(candidate))?, candidate)))
        .filter(|(far, candidate)| *far <= limit && *far < candidate.chars().count())
        .min_by_key(|(far, _)| *far)
        .map(|(_, candidate)| candidate)
}

/// Letters to insert, drop, change, or swap with their neighbour (optimal string alignment).
pub(super) fn distance(a: &str, b: &str) -> Option<usize> {
    let a: Vec<char> = a.chars().take(WORD_CHARS_MAX + 1).collect();
    let b: Vec<char> = b.chars().take(WORD_CHARS_MAX + 1).collect();
    if a.len().max(b.len()) > WORD_CHARS_MAX {
        return None;
    }
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: &str) {
        let known = ["every", "url", "name", "watches", "full_text", "language"];
        assert_eq!(nearest(word, known).unwrap_or("-"), expected);
    }

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        check("evry", "every");
        check("eevry", "every");
        check("URL", "url");
        check("fulltext", "full_text");
        check("lenguage", "language");
        check("watch", "watches");
        check("retention", "-");
        check("", "-");
        check(&"x".repeat(1 << 20), "-");
    }

    #[test]
    fn a_swap_counts_once() {
        assert_eq!(distance("ab", "ba"), Some(1));
        assert_eq!(distance("abc", ""), Some(3));
        assert_eq!(distance("ñandú", "nandu"), Some(2));
    }
}
