//! Which of the seven languages a text is written in.
//!
//! The first look is a table of our own ([`table`]): each run of letters speaks for some languages and
//! against others, in logits, so that a long text says more than a short one. The language that the
//! source declares adds to them as a few words would. Two doubts remain, and whatlang (trigrams) is
//! asked about both: which of two that are close it is, and, where few words are frequent in the language that
//! leads, whether it is another than the seven. Words of no language at all leave the source's.
//!
//! Absent: what follows from a language ([`super::pack`]), and training.

pub mod runs;
pub mod table;

use whatlang::Detector;

use self::table::{Findings, Table};
use crate::model::Lang;

/// How many characters of title and text are read: more where the first look leaves doubt.
const LOOKS: [usize; 2] = [80, 400];
/// With such a lead, in logits, there is none.
const SURE: f64 = 10.0;
/// The part of a text that whatlang looks at, in characters.
const CHARS_MAX: usize = 800;
/// What the source's own language is worth, in logits.
const PRIOR: f64 = 3.0;
/// With a lead of less, whatlang is asked.
const UNSURE: f64 = 4.0;
/// What whatlang is worth at full confidence, in logits.
const TRIGRAMS: f64 = 4.0;
/// Of fewer words whatlang knows nothing.
const WORDS_LEAST: u32 = 3;
/// With a lead of less, the language is not told.
const LEAST: f64 = 1.0;
/// The same of one or two words.
const LEAST_FEW: f64 = 2.0;
/// The same where not one word is frequent in it.
const LEAST_UNKNOWN: f64 = 6.0;

/// What was found out about a text's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess {
    /// What is told: `None` when it cannot be.
    pub told: Option<Lang>,
    /// The language that the text is read in all the same.
    pub read: Lang,
}

/// The language of a post, whose source declares `prior`.
pub fn guess(title: Option<&str>, text: &str, prior: Option<Lang>, table: &Table<'_>) -> Guess {
    let (mut found, mut points) = (Findings::default(), [0.0; Lang::ALL.len()]);
    let (mut at, mut lead) = (0, 0.0);
    for chars_max in LOOKS {
        found = table.read([title.unwrap_or_default(), text], chars_max);
        points = found.logits;
        add(&mut points, prior, PRIOR);
        (at, lead) = best(&points);
        if lead >= SURE && !found.has_few(at, 2, 5) {
            break;
        }
    }
    if lead < UNSURE
        && found.n_words >= WORDS_LEAST
        && let Some((said, confidence)) = trigrams(text, &ALLOWED.map(|(theirs, _)| theirs))
    {
        add(&mut points, ours(said), TRIGRAMS * confidence);
        (at, lead) = best(&points);
    }
    let best = Lang::ALL[at];
    let least = match found {
        _ if found.frequent[at] == 0 => LEAST_UNKNOWN,
        _ if found.n_words < WORDS_LEAST => LEAST_FEW,
        _ => LEAST,
    };
    let told = if is_foreign(text, &found, at, prior) {
        None
    } else if found.n_words > 0 && lead >= least {
        Some(best)
    } else {
        prior
    };
    let read = told
        .or(prior)
        .unwrap_or(if found.n_words > 0 { best } else { Lang::Es });
    Guess { told, read }
}

fn add(points: &mut [f64; Lang::ALL.len()], lang: Option<Lang>, worth: f64) {
    for (points, of) in points.iter_mut().zip(Lang::ALL) {
        *points += if lang == Some(of) { worth } else { 0.0 };
    }
}

/// Whether it is of none of the seven: a text of some length with very few frequent words of the language
/// that it looks most like, or with few of them and by its trigrams in another of all that whatlang knows.
fn is_foreign(text: &str, found: &Findings, at: usize, prior: Option<Lang>) -> bool {
    if !found.has_few(at, 2, 5) {
        return false;
    }
    let said = trigrams(text, &[]).map(|(said, _)| ours(said));
    if found.has_few(at, 1, 4) {
        // Both agree with the source.
        let best = Some(Lang::ALL[at]);
        return prior != best || said != Some(best);
    }
    said == Some(None)
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
    let second = others.map(|(_, points)| *points).fold(f64::MIN, f64::max);
    (at, points[at] - second)
}

/// What whatlang says: which of the allowed languages (none: of all), and its confidence.
fn trigrams(raw: &str, allowed: &[whatlang::Lang]) -> Option<(whatlang::Lang, f64)> {
    let end = raw
        .char_indices()
        .nth(CHARS_MAX)
        .map_or(raw.len(), |(end, _)| end);
    let detector = if allowed.is_empty() {
        Detector::new()
    } else {
        Detector::with_allowlist(allowed.to_vec())
    };
    let info = detector.detect(&raw[..end])?;
    Some((info.lang(), info.confidence()))
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
        let told = guess(None, raw, prior, &Table::embedded()).told;
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
    fn short_texts_are_told_too() {
        check(
            "Mandé cinco correos a Telefonía Ejemplo y ninguno lo contestan.",
            None,
            "es",
        );
        check("no contestan", None, "es");
        check("muito ruim", None, "pt");
        check("Merci beaucoup", None, "fr");
        check("Vergogna!", None, "it");
        check("Danke", None, "de");
        check("molt malament", None, "ca");
        check("Never again", None, "en");
    }

    #[test]
    fn other_languages_are_not_claimed() {
        for foreign in [
            "Ik wacht al twee weken op een antwoord en niemand belt terug",
            "De klantenservice is slecht en het internet werkt niet",
            "Nie mam internetu od dwóch tygodni i nikt nie odpowiada",
            "Aștept de două săptămâni și nimeni nu îmi răspunde la telefon",
            "Jag har väntat i två veckor och ingen svarar i telefonen",
            "İki haftadır internetim yok ve kimse cevap vermiyor",
            "Olen odottanut kaksi viikkoa eikä kukaan vastaa puhelimeen",
            "Bi aste daramatzat internetik gabe eta inork ez dit erantzuten",
            "客服完全不回复,我已经等了两个星期",
            "lorem ipsum dolor sit amet consectetur",
        ] {
            check(foreign, None, "none");
        }
    }

    #[test]
    fn the_source_is_a_prior_and_not_an_order() {
        check("Fatal", Some(Lang::Es), "es");
        check("Fatal", None, "none");
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
