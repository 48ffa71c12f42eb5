//! The few words of the customer that name the fault, fit to be repeated in public.
//!
//! A clause is chosen by what it is evidence of: words of the verdict's topics, of trouble, and
//! money. His failed attempts, his years, his leaving and his questions are told elsewhere.
//!
//! **Invariant:** no insult, link, address or long number is ever repeated.

mod stems;

use super::{Brief, check};
use crate::model::{Field, SignalKind, Span};
use crate::score::text::fold_str;
use stems::{CONTACT, INSULTS, MONEY, STARTS, TOPICS, TROUBLE, TROUBLE_WEAK};

/// Of a long post only this much is searched for a quote.
const SEARCHED_CHARS_MAX: usize = 6_000;
const QUOTE_CHARS_MAX: usize = 90;
const WORDS_MIN: usize = 3;
/// Clauses of this many words read best.
const WORDS_BEST: std::ops::RangeInclusive<usize> = 4..=14;
/// The first topics of a verdict are the ones it is sure of.
const TOPICS_MAX: usize = 3;
/// Signals whose words are told in a sentence of their own, or not at all.
const TOLD_ELSEWHERE: [SignalKind; 5] = [
    SignalKind::Loyalty,
    SignalKind::ChurnThreat,
    SignalKind::Farewell,
    SignalKind::AsksForReply,
    SignalKind::LegalThreat,
];

/// A stretch of a text in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clause {
    pub start: usize,
    pub end: usize,
    pub is_question: bool,
}

/// A brief quote without quotation marks; `None` when nothing he wrote can be repeated.
pub(crate) fn pick(brief: &Brief, lang: crate::model::Lang) -> Option<String> {
    let chars: Vec<char> = brief.post.text.chars().take(SEARCHED_CHARS_MAX).collect();
    let mut best: Option<(i64, String)> = None;
    for clause in clauses(&chars) {
        let words = shortened(&chars[clause.start..clause.end]);
        let score = score(brief, &words, clause);
        let is_better = best.as_ref().is_none_or(|(known, _)| score > *known);
        if score > 0 && is_better && is_fit(&words) && check::is_innocent(&words, lang) {
            best = Some((score, words));
        }
    }
    best.map(|(_, words)| words)
}

/// The clauses, cut at punctuation, line ends and coordinating conjunctions.
pub(crate) fn clauses(chars: &[char]) -> Vec<Clause> {
    let mut clauses: Vec<Clause> = Vec::new();
    let mut sentence = 0;
    let mut start = 0;
    let mut at = 0;
    while at < chars.len() {
        let next = chars.get(at + 1).copied().unwrap_or(' ');
        let is_end = match chars[at] {
            '.' | ',' | ':' => !next.is_alphanumeric(),
            c => c.is_control() || "!?;…()[]{}\"«»“”„¡¿—–*<>|".contains(c),
        };
        let conjunction = conjunction_at(chars, at);
        if is_end || conjunction > 0 {
            clauses.push(Clause {
                start,
                end: at,
                is_question: false,
            });
            if chars[at] == '?' {
                for clause in &mut clauses[sentence..] {
                    clause.is_question = true;
                }
            }
            if is_end && (chars[at].is_control() || matches!(chars[at], '.' | '!' | '?' | '…')) {
                sentence = clauses.len();
            }
            start = at + conjunction.max(1);
            at = start;
        } else {
            at += 1;
        }
    }
    clauses.push(Clause {
        start,
        end: chars.len(),
        is_question: false,
    });
    clauses
}

/// Length of " y " and the like, when one begins here; 0 otherwise.
fn conjunction_at(chars: &[char], at: usize) -> usize {
    if chars[at] != ' ' {
        return 0;
    }
    let length = chars[at + 1..]
        .iter()
        .take(6)
        .position(|&c| c == ' ')
        .unwrap_or(0);
    let word: String = chars[at + 1..at + 1 + length].iter().collect();
    let is_conjunction = matches!(
        word.as_str(),
        "y" | "e"
            | "pero"
            | "and"
            | "but"
            | "mas"
            | "et"
            | "mais"
            | "ma"
            | "ed"
            | "und"
            | "aber"
            | "i"
            | "però"
            | "so"
            | "porque"
            | "because"
    );
    if is_conjunction { length + 2 } else { 0 }
}

/// The clause in one line, cut at a word boundary where it is too long.
fn shortened(clause: &[char]) -> String {
    let text: String = clause.iter().filter(|c| !is_hidden(**c)).collect();
    let mut out = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let word_length = word.chars().count();
        if length + word_length + 1 > QUOTE_CHARS_MAX {
            out.push('…');
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
        length += word_length + 1;
    }
    out
}

/// How well a clause names the fault; 0 or less where it does not.
fn score(brief: &Brief, words: &str, clause: Clause) -> i64 {
    let n_words = words.split(' ').count();
    let verdict = brief.verdict;
    let overlaps = |span: &Span| {
        span.field == Field::Text
            && (span.start as usize) < clause.end
            && clause.start < span.end as usize
    };
    let is_told = verdict
        .signals
        .iter()
        .any(|signal| TOLD_ELSEWHERE.contains(&signal.kind) && overlaps(&signal.span));
    if n_words < WORDS_MIN || clause.is_question || is_told {
        return 0;
    }
    let folded = fold_str(words);
    let count = |stems: &[&str]| {
        let hits = stems.iter().filter(|stem| has_stem(&folded, stem));
        i64::try_from(hits.take(2).count()).unwrap_or(0)
    };
    let us = fold_str(&brief.company.name);
    // A company that is called after telephones is no call.
    let apart = without(&folded, &us);
    let of_contact = CONTACT.iter().any(|stem| has_stem(&apart, stem));
    if of_contact && verdict.has(SignalKind::UnansweredContact) {
        return 0;
    }
    let topic = verdict
        .topics
        .iter()
        .take(TOPICS_MAX)
        .zip([6, 4, 2])
        .filter_map(|(topic, weight)| {
            let (_, stems) = TOPICS.iter().find(|(known, _)| known == topic)?;
            let hits = count(stems);
            (hits > 0).then_some(weight + 2 * (hits - 1))
        })
        .max()
        .unwrap_or(0);
    let trouble = match (count(TROUBLE), count(TROUBLE_WEAK)) {
        (0, 0) => 0,
        (0, _) => 2,
        (_, _) => 5,
    };
    let money = 3 * i64::from(folded.contains(|c: char| c.is_ascii_digit()) && count(MONEY) > 0);
    if topic == 0 && (trouble == 0 || money == 0) {
        return 0;
    }
    let about_us = has_stem(&folded, &us);
    let starts_low = STARTS
        .iter()
        .any(|start| folded.split(' ').next() == Some(*start));
    topic + trouble + money + 2 * i64::from(WORDS_BEST.contains(&n_words))
        - 2 * i64::from(about_us)
        - 2 * i64::from(of_contact)
        - 3 * i64::from(starts_low)
        - 3 * i64::from(words.ends_with('…'))
}

/// May be repeated in public: no address, link, number that identifies, or insult.
fn is_fit(words: &str) -> bool {
    let folded = fold_str(words);
    let n_digits = words.chars().filter(char::is_ascii_digit).count();
    let is_plain = !words.contains(['@', '/', '\\', '#', '<', '>', '{', '}', '=', '`'])
        && !folded.contains("www")
        && !folded.contains("http");
    let shouts = words.chars().filter(|c| c.is_uppercase()).count() * 2
        > words.chars().filter(|c| c.is_alphabetic()).count();
    is_plain && n_digits < 6 && !shouts && !INSULTS.iter().any(|stem| has_stem(&folded, stem))
}

/// `folded` without a name; as it is where the name is empty.
pub(crate) fn without(folded: &str, name: &str) -> String {
    if name.is_empty() {
        folded.to_owned()
    } else {
        folded.replace(name, " ")
    }
}

pub(crate) fn has_stem(folded: &str, stem: &str) -> bool {
    !stem.is_empty()
        && folded.match_indices(stem).any(|(at, _)| {
            folded[..at]
                .chars()
                .next_back()
                .is_none_or(|before| !before.is_alphanumeric())
        })
}

/// Invisible and direction-changing characters have no place in a quote.
fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &str, fit: bool) {
        assert_eq!(is_fit(words), fit, "{words}");
    }

    #[test]
    fn what_identifies_or_insults_is_not_repeated() {
        check("me han cobrado dos veces", true);
        check("sois unos ladrones con el cobro", false);
        check("el cobro en ES7621000418401234567891", false);
        check("mirad http evil.test el cobro", false);
        check("ME COBRARON DOS VECES", false);
        check("la tarifa subió 12 euros", true);
    }

    #[test]
    fn clauses_end_at_marks_and_conjunctions() {
        let chars: Vec<char> = "Pagué 45,30 € y me cobran, otra vez. ¿Y ahora?"
            .chars()
            .collect();
        let shown: Vec<String> = clauses(&chars)
            .into_iter()
            .map(|clause| shortened(&chars[clause.start..clause.end]))
            .filter(|clause| !clause.is_empty())
            .collect();
        assert_eq!(shown, ["Pagué 45,30 €", "me cobran", "otra vez", "Y ahora"]);
    }
}
