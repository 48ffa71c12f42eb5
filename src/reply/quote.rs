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
use stems::{
    CONJUNCTIONS, CONTACT, GERMAN_MONTHS, HANGS, INSULTS, MONEY, STARTS, TOPICS, TROUBLE,
    TROUBLE_WEAK, WANTS,
};

/// Of a long post only this much is searched for a quote.
const SEARCHED_CHARS_MAX: usize = 6_000;
const QUOTE_CHARS_MAX: usize = 90;
const WORDS_MIN: usize = 4;
/// A quotation mark that is not closed so soon is none.
const CITED_CHARS_MAX: usize = 200;
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
    /// In quotation marks: somebody else's words, often ours.
    pub is_cited: bool,
}

/// A brief quote without quotation marks; `None` when nothing he wrote can be repeated.
pub(crate) fn pick(brief: &Brief, lang: crate::model::Lang) -> Option<String> {
    let chars: Vec<char> = brief.post.text.chars().take(SEARCHED_CHARS_MAX).collect();
    let clauses = clauses(&chars);
    let may_be = |words: &str| is_fit(words) && check::is_innocent(words, lang);
    let mut best: Option<(i64, String)> = None;
    for (nth, clause) in clauses.iter().enumerate() {
        let words = shortened(&chars[clause.start..clause.end]);
        let score = score(brief, &words, *clause);
        let is_better = best.as_ref().is_none_or(|(known, _)| score > *known);
        if score > 0 && is_better && may_be(&words) {
            let whole = clauses
                .get(nth + 1)
                .and_then(|next| with_next(brief, &chars, (clause, next)));
            best = Some((score, whole.filter(|whole| may_be(whole)).unwrap_or(words)));
        }
    }
    best.map(|(_, words)| words)
}

/// The clause and the one that a conjunction joins to it, where both have room: what goes wrong often stands
/// in the second ("he was to come on Monday and never came").
fn with_next(brief: &Brief, chars: &[char], (clause, next): (&Clause, &Clause)) -> Option<String> {
    let is_joined = next.start > clause.end + 1 && chars[clause.end] == ' ';
    let words = shortened(&chars[next.start..next.end]);
    if !is_joined || next.is_cited || next.is_question || is_told(brief, next, &words) {
        return None;
    }
    let whole = shortened(&chars[clause.start..next.end]);
    (!words.is_empty() && !whole.ends_with('…')).then_some(whole)
}

/// What is told in a sentence of its own, or not at all.
fn is_told(brief: &Brief, clause: &Clause, words: &str) -> bool {
    let overlaps = |span: &Span| {
        span.field == Field::Text
            && (span.start as usize) < clause.end
            && clause.start < span.end as usize
    };
    let mut signals = brief.verdict.signals.iter();
    signals.any(|signal| TOLD_ELSEWHERE.contains(&signal.kind) && overlaps(&signal.span))
        || (is_of_contact(brief, words) && brief.verdict.has(SignalKind::UnansweredContact))
}

/// A company that is called after telephones is no call.
fn is_of_contact(brief: &Brief, words: &str) -> bool {
    let apart = without(&fold_str(words), &fold_str(&brief.company.name));
    CONTACT.iter().any(|stem| has_stem(&apart, stem))
}

/// The clauses, cut at punctuation, line ends and coordinating conjunctions.
pub(crate) fn clauses(chars: &[char]) -> Vec<Clause> {
    let mut clauses: Vec<Clause> = Vec::new();
    let mut sentence = 0;
    let mut start = 0;
    let mut at = 0;
    // Where the words of another end that have begun.
    let mut cited_to = None;
    let clause = |start, end, cited_to: Option<usize>| Clause {
        start,
        end,
        is_question: false,
        is_cited: cited_to.is_some_and(|to| end <= to),
    };
    while at < chars.len() {
        let next = chars.get(at + 1).copied().unwrap_or(' ');
        let is_end = match chars[at] {
            '.' => !next.is_alphanumeric() && !is_ordinal(chars, at),
            ',' | ':' => !next.is_alphanumeric(),
            c => c.is_control() || "!?;…()[]{}\"«»“”„¡¿—–*<>|".contains(c),
        };
        let conjunction = conjunction_at(chars, at);
        if is_end || conjunction > 0 {
            clauses.push(clause(start, at, cited_to));
            if chars[at] == '?' {
                for clause in &mut clauses[sentence..] {
                    clause.is_question = true;
                }
            }
            if is_end && (chars[at].is_control() || matches!(chars[at], '.' | '!' | '?' | '…')) {
                sentence = clauses.len();
            }
            cited_to = match cited_to {
                Some(to) if at < to => cited_to,
                Some(_) => None,
                None => citation_end(chars, at),
            };
            start = at + conjunction.max(1);
            at = start;
        } else {
            at += 1;
        }
    }
    clauses.push(clause(start, chars.len(), cited_to));
    clauses
}

/// Where the quotation that begins here ends.
fn citation_end(chars: &[char], at: usize) -> Option<usize> {
    let closing: &[char] = match chars[at] {
        '"' => &['"'],
        '«' => &['»'],
        '“' => &['”'],
        '„' => &['“', '”'],
        _ => return None,
    };
    let rest = chars[at + 1..].iter().take(CITED_CHARS_MAX);
    let length = rest.into_iter().position(|c| closing.contains(c))?;
    Some(at + 1 + length)
}

/// "Am 2. November", "am 17.11. geliefert": the dot of a number, after which the sentence goes on.
fn is_ordinal(chars: &[char], at: usize) -> bool {
    let after_digit = at > 0 && chars[at - 1].is_ascii_digit();
    let rest = chars[at + 1..].iter().skip_while(|c| **c == ' ').take(12);
    let word: String = rest.take_while(|c| c.is_alphabetic()).collect();
    after_digit
        && word.chars().next().is_some_and(|first| {
            first.is_lowercase() || GERMAN_MONTHS.iter().any(|month| word.starts_with(month))
        })
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
    let is_conjunction = CONJUNCTIONS.contains(&word.to_lowercase().as_str());
    // "Between 8 and 12" is one time.
    let is_digit = |at: Option<&char>| at.is_some_and(char::is_ascii_digit);
    let before = at.checked_sub(1).and_then(|at| chars.get(at));
    let is_between = is_digit(before) && is_digit(chars.get(at + length + 2));
    if is_conjunction && !is_between {
        length + 2
    } else {
        0
    }
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
    let is_out = clause.is_question || clause.is_cited || is_told(brief, &clause, words);
    if n_words < WORDS_MIN || is_out {
        return 0;
    }
    let folded = fold_str(words);
    let mut first = folded.split(' ');
    if first.next().is_some_and(|first| HANGS.contains(&first))
        || folded.split(' ').take(2).any(|word| WANTS.contains(&word))
    {
        return 0;
    }
    let count = |stems: &[&str]| {
        let hits = stems.iter().filter(|stem| has_stem(&folded, stem));
        i64::try_from(hits.take(2).count()).unwrap_or(0)
    };
    let us = fold_str(&brief.company.name);
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
        - 2 * i64::from(is_of_contact(brief, words))
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
