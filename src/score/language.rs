//! Which of the seven languages a text is written in.
//!
//! whatlang (trigrams) is good on long texts and poor on short ones; there frequent words and the
//! language that the source declares decide. A text that none of them speaks for has no language.

use whatlang::Detector;

use super::pack::{Grammar, Packs, Role};
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
    let head: String = raw.chars().take(CHARS_MAX).collect();
    let trigrams = Detector::with_allowlist(ALLOWED.map(|(theirs, _)| theirs).to_vec())
        .detect(&head)
        .and_then(|info| Some((ours(info.lang())?, info.confidence(), info.is_reliable())));
    let n_words = text.words.len().min(WORDS_MAX);
    let points = Lang::ALL.map(|lang| {
        let mut points = votes(text, n_words, lang, packs);
        if prior == Some(lang) {
            points += PRIOR;
        }
        match trigrams {
            Some((said, confidence, _)) if said == lang && n_words >= 3 => {
                points += TRIGRAMS * confidence;
            }
            _ => {}
        }
        (lang, points)
    });
    let (best, most) = points.into_iter().fold((Lang::Es, f64::MIN), |best, next| {
        if next.1 > best.1 { next } else { best }
    });
    let own = most - if prior == Some(best) { PRIOR } else { 0.0 };
    // A foreign text of some length has few of our frequent words, whatever the trigrams say.
    let foreign = n_words >= 6 && votes(text, n_words, best, packs) < n_words as f64 * 0.1;
    let sure = trigrams.is_some_and(|(said, _, reliable)| said == best && reliable);
    let told = if foreign && !(sure && prior == Some(best)) {
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

/// Frequent words and words of the lexicon; a word that several languages share tells less, but it
/// tells each of them the same.
fn votes(text: &Text, n_words: usize, lang: Lang, packs: &Packs) -> f64 {
    let Some(pack) = packs.get(lang) else {
        return 0.0;
    };
    let mut votes = 0.0;
    let mut hits = Vec::new();
    for at in 0..n_words {
        hits.clear();
        let word = |i: usize| text.word(i).map(|token| token.folded.as_str());
        pack.vocabulary.hits(at, word, &mut hits);
        let roles = || {
            hits.iter()
                .filter_map(|hit| pack.roles.get(usize::from(hit.class)).copied()?)
        };
        if roles().any(|role| role == Role::Grammar(Grammar::Common)) {
            votes += 1.0;
        } else if roles().any(|role| matches!(role, Role::Valence(_))) {
            votes += 0.6;
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
