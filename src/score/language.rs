//! Which of the seven languages a text is written in.
//!
//! whatlang (trigrams) is good on long texts and poor on short ones; there frequent words and the
//! language that the source declares decide. A text that none of them speaks for has no language.

use whatlang::Detector;

use super::pack::Packs;
use super::text::Text;
use crate::model::Lang;

/// The part of a text that is looked at, in characters: enough for any detector.
const CHARS_MAX: usize = 800;
/// The words whose votes are counted.
const WORDS_MAX: usize = 120;
/// What the source's own language is worth, in frequent words.
const PRIOR: f64 = 1.5;
/// What whatlang is worth at full confidence, in frequent words.
const TRIGRAMS: f64 = 4.0;
/// Below this many points nobody has spoken.
const LEAST: f64 = 1.4;

/// What was found out about a text's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Guess {
    /// What is told: `None` when it cannot be.
    pub(super) told: Option<Lang>,
    /// The language that the text is read in all the same.
    pub(super) read: Lang,
}

pub(super) fn guess(raw: &str, text: &Text, prior: Option<Lang>, packs: &Packs) -> Guess {
    let n_words = text.words.len().min(WORDS_MAX);
    let votes = votes(text, n_words, packs);
    let is_foreign = |votes: f64| n_words >= 6 && votes < n_words as f64 * 0.1;
    let mut points = votes;
    for (points, lang) in points.iter_mut().zip(Lang::ALL) {
        *points += if prior == Some(lang) { PRIOR } else { 0.0 };
    }
    let (first, lead) = best(&points);
    // Trigrams are asked where they could change something.
    let trigrams = if lead > TRIGRAMS && !is_foreign(votes[first]) {
        None
    } else {
        trigrams(raw)
    };
    for (points, lang) in points.iter_mut().zip(Lang::ALL) {
        match trigrams {
            Some((said, confidence, _)) if said == lang && n_words >= 3 => {
                *points += TRIGRAMS * confidence;
            }
            _ => {}
        }
    }
    let (at, _) = best(&points);
    let (best, most) = (Lang::ALL[at], points[at]);
    let own = most - if prior == Some(best) { PRIOR } else { 0.0 };
    // A foreign text of some length has few of our frequent words, whatever the trigrams say.
    let sure = trigrams.is_some_and(|(said, _, reliable)| said == best && reliable);
    let told = if is_foreign(votes[at]) && !(sure && prior == Some(best)) {
        None
    } else if own >= LEAST {
        Some(best)
    } else {
        prior
    };
    let read = told
        .or(prior)
        .unwrap_or(if most > 0.0 { best } else { Lang::Es });
    Guess { told, read }
}

/// Which has most, the first of equals, and by how much more than any other.
fn best(points: &[f64; Lang::ALL.len()]) -> (usize, f64) {
    let mut at = 0;
    for next in 1..points.len() {
        if points[next] > points[at] {
            at = next;
        }
    }
    let others = points.iter().enumerate().filter(|(other, _)| *other != at);
    let second = others.map(|(_, points)| *points).fold(0.0, f64::max);
    (at, points[at] - second)
}

/// What whatlang says: the language, its confidence, and whether it calls it reliable.
fn trigrams(raw: &str) -> Option<(Lang, f64, bool)> {
    let end = raw
        .char_indices()
        .nth(CHARS_MAX)
        .map_or(raw.len(), |(end, _)| end);
    let allowed = ALLOWED.map(|(theirs, _)| theirs).to_vec();
    let info = Detector::with_allowlist(allowed).detect(&raw[..end])?;
    Some((ours(info.lang())?, info.confidence(), info.is_reliable()))
}

/// Frequent words and words of the lexicon; a word that several languages share tells less, but it
/// tells each of them the same.
fn votes(text: &Text, n_words: usize, packs: &Packs) -> [f64; Lang::ALL.len()] {
    let mut votes = [0.0; Lang::ALL.len()];
    let mut hits = Vec::new();
    for at in 0..n_words {
        let word = |i: usize| text.word(i).map(|token| token.folded.as_str());
        let worth = packs.telling(at, word, &mut hits);
        for (votes, worth) in votes.iter_mut().zip(worth) {
            *votes += worth;
        }
    }
    votes
}

const ALLOWED: [(whatlang::Lang, Lang); 7] = [
    (whatlang::Lang::Spa, Lang::Es),
    (whatlang::Lang::Eng, Lang::En),
    (whatlang::Lang::Por, Lang::Pt),
    (whatlang::Lang::Fra, Lang::Fr),
    (whatlang::Lang::Ita, Lang::It),
    (whatlang::Lang::Deu, Lang::De),
    (whatlang::Lang::Cat, Lang::Ca),
];

fn ours(lang: whatlang::Lang) -> Option<Lang> {
    ALLOWED
        .iter()
        .find(|(theirs, _)| *theirs == lang)
        .map(|(_, ours)| *ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, prior: Option<Lang>, expected: &str) {
        let text = Text::new(None, raw);
        let told = guess(raw, &text, prior, Packs::embedded()).told;
        assert_eq!(told.map_or("none", Lang::code), expected, "{raw}");
    }

    #[test]
    fn long_texts_speak_for_themselves() {
        check(
            "Llevo dos semanas sin internet y nadie me da una solución",
            None,
            "es",
        );
        check(
            "I have been waiting for two weeks and nobody answers",
            None,
            "en",
        );
        check(
            "Estou há duas semanas sem internet e ninguém resolve nada",
            None,
            "pt",
        );
        check(
            "Je suis sans internet depuis deux semaines et personne ne répond",
            None,
            "fr",
        );
        check(
            "Sono due settimane che non ho internet e nessuno risponde",
            None,
            "it",
        );
        check(
            "Seit zwei Wochen kein Internet und niemand antwortet",
            None,
            "de",
        );
        check(
            "Porto dues setmanes sense internet i ningú em respon",
            None,
            "ca",
        );
    }

    #[test]
    fn the_source_is_a_prior_and_not_an_order() {
        check("Fatal", Some(Lang::Es), "es");
        check(
            "The worst service I have ever had in my life",
            Some(Lang::Es),
            "en",
        );
        check("asdfgh", None, "none");
        check("👍", Some(Lang::Pt), "pt");
        check(
            "Очень плохой сервис, никто не отвечает на звонки",
            None,
            "none",
        );
    }
}
