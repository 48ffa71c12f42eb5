//! Which words tell complaints from other posts: log-odds with an informative Dirichlet prior
//! (Monroe, Colaresi and Quinn, "Fightin' Words", Political Analysis 16, 2008, section 3.5).
//!
//! A post counts a word once, however often it says it: one long complaint must not outvote ten.
//! **Absent:** which words are about us, and what a word should weigh: a person decides.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::text::Text;
use crate::model::Field;

/// The prior weighs a quarter of what was judged: few posts are judged, and they must be heard.
const PRIOR_SHARE: f64 = 4.0;
/// What every word has beside it, so that one that nobody else writes does not seem certain (Jeffreys).
const FLAT: f64 = 0.5;
/// Words and pairs of one post that are counted: the beginning of a novel is enough.
const WORDS_MAX: usize = 600;
/// Letters of a word that may say something.
const LETTERS_MIN: usize = 3;

/// How many posts have each word or pair of words.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    n_posts: u64,
    counts: HashMap<String, u64>,
    sum: u64,
}

impl Tally {
    pub fn n_posts(&self) -> u64 {
        self.n_posts
    }

    /// Counts one post.
    pub fn add(&mut self, title: Option<&str>, text: &str) {
        self.n_posts += 1;
        for term in terms(&Text::new(title, text)) {
            *self.counts.entry(term).or_default() += 1;
            self.sum += 1;
        }
    }

    /// Counts what another has counted.
    pub fn and(&mut self, other: Self) {
        self.n_posts += other.n_posts;
        self.sum += other.sum;
        for (term, n) in other.counts {
            *self.counts.entry(term).or_default() += n;
        }
    }

    fn of(&self, term: &str) -> u64 {
        self.counts.get(term).copied().unwrap_or_default()
    }
}

/// One word or pair, folded.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    pub words: String,
    /// How sure it is that it belongs to the complaints (above 0) or to the others (below), in
    /// standard deviations.
    pub z: f64,
    /// Complaints that have it, and other posts that have it.
    pub n_complaints: u64,
    pub n_others: u64,
}

/// The words that stand in `least` posts or more of one side and tell the sides apart with at least
/// so many standard deviations, the surest first. `background` is what people write anyway: the
/// prior.
pub fn telling(
    complaints: &Tally,
    others: &Tally,
    background: &Tally,
    least: u64,
    z_min: f64,
) -> Vec<Term> {
    let (n_one, n_two) = (complaints.sum as f64, others.sum as f64);
    let heavy = (n_one + n_two) / PRIOR_SHARE;
    let all = (background.sum + complaints.sum + others.sum) as f64;
    let keys: BTreeSet<&String> = complaints
        .counts
        .keys()
        .chain(others.counts.keys())
        .collect();
    let mut terms: Vec<Term> = keys
        .into_iter()
        .filter_map(|words| {
            let (one, two) = (complaints.of(words), others.of(words));
            if one.max(two) < least {
                return None;
            }
            // What was judged is part of what people write.
            let share = (background.of(words) + one + two) as f64 / all;
            let prior = FLAT + heavy * share;
            let odds = |count: f64, sum: f64| {
                ((count + prior) / (sum + heavy - count - prior).max(f64::MIN_POSITIVE)).ln()
            };
            let (count, other) = (one as f64, two as f64);
            let delta = odds(count, n_one) - odds(other, n_two);
            let variance = 1.0 / (count + prior) + 1.0 / (other + prior);
            let z = delta / variance.sqrt();
            (z.abs() >= z_min).then(|| Term {
                words: words.clone(),
                z,
                n_complaints: one,
                n_others: two,
            })
        })
        .collect();
    terms.sort_by(|a, b| {
        let sureness = b.z.abs().total_cmp(&a.z.abs());
        sureness.then_with(|| a.words.cmp(&b.words))
    });
    without_parts(terms)
}

/// A word that stands in the same posts as a pair with it says no more than the pair.
fn without_parts(terms: Vec<Term>) -> Vec<Term> {
    let pairs: HashSet<(String, u64, u64)> = terms
        .iter()
        .filter_map(|term| Some((term, term.words.split_once(' ')?)))
        .flat_map(|(term, (a, b))| {
            [a, b].map(|word| (word.to_owned(), term.n_complaints, term.n_others))
        })
        .collect();
    terms
        .into_iter()
        .filter(|term| !pairs.contains(&(term.words.clone(), term.n_complaints, term.n_others)))
        .collect()
}

/// The words of a post and the pairs that stand side by side in one sentence, each once.
fn terms(text: &Text) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    let mut before: Option<(&str, Field, usize)> = None;
    for &at in text.words.iter().take(WORDS_MAX) {
        let token = &text.tokens[at];
        let word = token.folded.trim_start_matches('#');
        if word.chars().any(char::is_numeric) || word.is_empty() || word.starts_with('@') {
            before = None;
            continue;
        }
        if word.chars().count() >= LETTERS_MIN {
            terms.insert(word.to_owned());
        }
        if let Some((first, field, place)) = before
            && field == token.field
            && place + 1 == at
            && (first.chars().count() >= LETTERS_MIN || word.chars().count() >= LETTERS_MIN)
        {
            terms.insert(format!("{first} {word}"));
        }
        before = Some((word, token.field, at));
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(posts: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for post in posts {
            tally.add(None, post);
        }
        tally
    }

    /// Word, sign and counts of what tells complaints from other posts.
    #[track_caller]
    fn check(complaints: &[&str], others: &[&str], z_min: f64, expected: &str) {
        let (complaints, others) = (tally(complaints), tally(others));
        let found = telling(&complaints, &others, &Tally::default(), 2, z_min);
        let found: Vec<String> = found
            .iter()
            .map(|term| {
                let sign = if term.z > 0.0 { '+' } else { '-' };
                let (n, m) = (term.n_complaints, term.n_others);
                format!("{sign}{} {n}:{m}", term.words)
            })
            .collect();
        assert_eq!(found.join(", "), expected);
    }

    #[test]
    fn words_of_one_side_are_told_with_their_counts() {
        check(
            &["me dan largas hoy", "otra vez largas", "largas y la fibra"],
            &["la fibra va bien", "va bien la fibra", "hoy va bien"],
            1.0,
            "-va bien 0:3, +largas 3:0",
        );
        check(
            &["la fibra", "la fibra"],
            &["la fibra", "la fibra"],
            0.5,
            "",
        );
    }

    #[test]
    fn a_word_counts_once_a_post_and_pairs_stay_within_sentences() {
        let terms = terms(&Text::new(
            Some("Mal mal"),
            "Nadie, llama. Nadie llama 58 veces a la #Fibra",
        ));
        let terms: Vec<String> = terms.into_iter().collect();
        assert_eq!(
            terms.join(", "),
            "a la, fibra, la fibra, llama, mal, mal mal, nadie, nadie llama, veces, veces a"
                .replace("a la, ", "")
        );
    }

    #[test]
    fn common_words_weigh_less_than_rare_ones_of_the_same_counts() {
        let complaints = tally(&["que, timo", "que, timo", "que, timo"]);
        let others = tally(&["el, sol", "el, sol", "el, sol"]);
        let mut background = Tally::default();
        for _ in 0..100 {
            background.add(None, "que sí");
        }
        let found = telling(&complaints, &others, &background, 2, 0.0);
        let z = |words: &str| found.iter().find(|term| term.words == words).unwrap().z;
        assert!(z("timo") > z("que") && z("que") > 0.0, "{found:?}");
    }
}
