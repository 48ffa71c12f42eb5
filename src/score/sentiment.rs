//! How a text feels, from a lexicon of valences −5 to 5.
//!
//! The rules are those of VADER (Hutto and Gilbert, 2014), with numbers of our own: negation reaches
//! three words and ends at punctuation, intensifiers, capitals and exclamation marks strengthen, the
//! clause after "but" weighs more. A sum s becomes s/√(s² + 15), between −1 and 1.

use super::meaning::{Grammar, Role};
use super::pack::Packs;
use super::reading::Reading;
use super::text::TokenKind;
use super::vocabulary::is_stretched;

/// Words that a negation reaches.
const REACH: usize = 3;
const NEGATED_GOOD: f64 = -0.7;
const NEGATED_BAD: f64 = -0.4;
const MORE: f64 = 1.3;
const LESS: f64 = 0.7;
const SHOUTED: f64 = 1.25;
const BEFORE_BUT: f64 = 0.6;
const AFTER_BUT: f64 = 1.4;
const EXCLAMATIONS_MAX: usize = 4;
/// How VADER flattens a sum.
const ALPHA: f64 = 15.0;

/// A word, row or emoji with a feeling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Feeling {
    /// Its position among the words (that of the word before it, for an emoji).
    pub(super) at: usize,
    /// Words that it has.
    pub(super) n_words: usize,
    pub(super) valence: f64,
}

/// The feelings of a text and what shows their strength.
#[derive(Clone, Debug, Default)]
pub(super) struct Sentiment {
    pub(super) feelings: Vec<Feeling>,
    pub(super) n_exclamations: usize,
    pub(super) n_shouted: usize,
}

impl Feeling {
    /// The last of its words.
    pub(super) fn last(&self) -> usize {
        self.at + self.n_words.saturating_sub(1)
    }
}

impl Sentiment {
    pub(super) fn of(reading: &Reading<'_>, packs: &Packs) -> Self {
        let mut sentiment = Self::default();
        let shouts = shouted_share(reading) < 0.6;
        let clause = clauses(reading);
        let mut free_from = 0;
        for at in 0..reading.n_words() {
            let Some((valence, len)) = valence(reading, at).filter(|_| at >= free_from) else {
                continue;
            };
            free_from = at + len;
            let strength = strength(reading, at, shouts) * clause.get(at).copied().unwrap_or(1.0);
            let valence = turned(reading, at, &clause, valence) * strength;
            sentiment.feelings.push(Feeling {
                at,
                n_words: len,
                valence,
            });
        }
        sentiment.marks(reading, packs);
        sentiment
    }

    pub(super) fn sum(&self, bad: bool) -> f64 {
        self.feelings
            .iter()
            .map(|feeling| feeling.valence)
            .filter(|valence| (*valence < 0.0) == bad)
            .sum()
    }

    /// −1 to 1; `facts` is what the text tells without a word of feeling (nobody answers).
    pub(super) fn compound(&self, facts: f64) -> f64 {
        let sum = self.sum(true) + self.sum(false) + facts;
        let emphasis = 0.25 * self.n_exclamations.min(EXCLAMATIONS_MAX) as f64;
        let sum = if sum > 0.3 {
            sum + emphasis
        } else if sum < -0.3 {
            sum - emphasis
        } else {
            sum
        };
        flatten(sum)
    }

    fn marks(&mut self, reading: &Reading<'_>, packs: &Packs) {
        let mut n_words: usize = 0;
        let mut same = 0;
        let mut before = "";
        for token in &reading.text.tokens {
            match token.kind {
                TokenKind::Word | TokenKind::Number => {
                    n_words += 1;
                    self.n_shouted += usize::from(token.shouted);
                }
                TokenKind::Mark if token.folded == "!" => self.n_exclamations += 1,
                TokenKind::Emoji => {
                    same = if before == token.folded { same + 1 } else { 0 };
                    before = &token.folded;
                    let valence = packs.emoji(&token.folded);
                    // A row of the same emoji says little more than two of them.
                    if valence != 0.0 && same < 2 {
                        self.feelings.push(Feeling {
                            at: n_words.saturating_sub(1),
                            n_words: 1,
                            valence,
                        });
                    }
                }
                _ => {}
            }
        }
    }
}

/// VADER's normalisation.
pub(super) fn flatten(sum: f64) -> f64 {
    sum / (sum * sum + ALPHA).sqrt()
}

/// The valence of the longest entry that begins here, and its length in words.
fn valence(reading: &Reading<'_>, at: usize) -> Option<(f64, usize)> {
    let entries = reading.roles(at).filter_map(|(role, len)| match role {
        Role::Valence(valence) => Some((valence, len)),
        _ => None,
    });
    entries.max_by(|a, b| a.1.cmp(&b.1).then(a.0.abs().total_cmp(&b.0.abs())))
}

fn strength(reading: &Reading<'_>, at: usize, shouts: bool) -> f64 {
    let mut strength = 1.0;
    if at > 0 && reading.sentence[at - 1] == reading.sentence[at] {
        if reading.is(at - 1, Grammar::More) {
            strength *= MORE;
        } else if reading.is(at - 1, Grammar::Less) {
            strength *= LESS;
        }
    }
    let shouted = reading.text.word(at).is_some_and(|token| token.shouted);
    if (shouted && shouts) || is_stretched(reading.word(at)) {
        strength *= SHOUTED;
    }
    strength
}

/// The valence after the negation or the wish before it.
pub(super) fn turned(reading: &Reading<'_>, at: usize, clause: &[f64], valence: f64) -> f64 {
    let own = |grammar| reading.is(at, grammar);
    let reach = reading.text.words[at.saturating_sub(REACH)..at]
        .iter()
        .rev();
    let mut position = at;
    let mut until = reading.text.words[at];
    for &token in reach {
        position -= 1;
        let ended = reading.text.tokens[token + 1..until]
            .iter()
            .any(|between| is_end(between.kind, &between.folded));
        if ended || clause[position].to_bits() != clause[at].to_bits() {
            break;
        }
        until = token;
        if reading.is(position, Grammar::Wish) && valence > 0.0 {
            return -0.4 * valence;
        }
        if reading.is(position, Grammar::Negator) && !own(Grammar::Negator) {
            return valence
                * if valence > 0.0 {
                    NEGATED_GOOD
                } else {
                    NEGATED_BAD
                };
        }
    }
    valence
}

fn is_end(kind: TokenKind, mark: &str) -> bool {
    kind == TokenKind::Break
        || (kind == TokenKind::Mark
            && matches!(
                mark,
                "." | "," | ";" | ":" | "!" | "?" | "…" | "..." | "(" | ")"
            ))
}

/// The weight of each word's clause: less before a "but" of its sentence, more after.
pub(super) fn clauses(reading: &Reading<'_>) -> Vec<f64> {
    let mut weights = vec![1.0; reading.n_words()];
    let mut at = 0;
    while at < weights.len() {
        let sentence = reading.sentence[at];
        let len = reading.sentence[at..]
            .iter()
            .take_while(|other| **other == sentence)
            .count();
        let but = (at..at + len).find(|&word| word > at && reading.is(word, Grammar::But));
        if let Some(but) = but {
            weights[at..but].fill(BEFORE_BUT);
            weights[but..at + len].fill(AFTER_BUT);
        }
        at += len;
    }
    weights
}

fn shouted_share(reading: &Reading<'_>) -> f64 {
    let n = reading.n_words().max(1) as f64;
    let shouted = |at: usize| reading.text.word(at).is_some_and(|token| token.shouted);
    (0..reading.n_words()).filter(|&at| shouted(at)).count() as f64 / n
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Lang;
    use crate::score::text::Text;

    /// `+`, `0` or `-` by the sign of the compound, with 0.05 either side as nothing.
    #[track_caller]
    fn check(lang: Lang, raw: &str, expected: &str) {
        let text = Text::new(None, raw);
        let packs = Packs::embedded();
        let reading = Reading::new(&text, packs.get(lang).unwrap(), &[]);
        let compound = Sentiment::of(&reading, packs).compound(0.0);
        let shown = match compound {
            c if c > 0.05 => "+",
            c if c < -0.05 => "-",
            _ => "0",
        };
        assert_eq!(shown, expected, "{raw}: {compound}");
    }

    #[test]
    fn negation_turns_and_ends_at_punctuation() {
        check(Lang::Es, "El servicio es bueno", "+");
        check(Lang::Es, "El servicio no es bueno", "-");
        check(Lang::Es, "No. Bueno de verdad", "+");
        check(Lang::Es, "Funciona sin problemas", "+");
        check(Lang::Es, "Ninguna queja", "+");
        check(Lang::Es, "No está mal", "+");
        check(Lang::En, "not good at all", "-");
        check(Lang::En, "no complaints here", "+");
        check(Lang::De, "nicht schlecht", "+");
    }

    #[test]
    fn wishes_and_buts_weigh() {
        check(Lang::Es, "Ojalá fuera excelente", "-");
        check(Lang::Es, "Buen precio, pero pésima atención", "-");
        check(Lang::Es, "Al principio mal, pero ahora excelente", "+");
    }

    #[test]
    fn emphasis_strengthens() {
        let compound = |raw: &str| {
            let text = Text::new(None, raw);
            let packs = Packs::embedded();
            let reading = Reading::new(&text, packs.get(Lang::Es).unwrap(), &[]);
            Sentiment::of(&reading, packs).compound(0.0)
        };
        let plain = compound("el servicio es malo");
        for strong in [
            "el servicio es MALO",
            "el servicio es muy malo",
            "el servicio es malooooo",
            "el servicio es malo!!!",
            "el servicio es malo 😡",
        ] {
            assert!(compound(strong) < plain, "{strong}");
        }
    }
}
