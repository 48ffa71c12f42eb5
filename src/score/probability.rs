//! How probable it is that the writer complains: a logistic sum of named features.
//!
//! Most features are facts that a person can check in the text. "Posts model" and "lines model" are what
//! the trained models of [`super::model`] make of all words at once, "good tone" and "worst word" what
//! [`super::valence`] says of each.
//!
//! There are two columns of weights in `data/weights.tsv`: for posts that name us, of which the lines of
//! `tests/data` are the best witness, and for posts that do not (reviews on a page about us, a text
//! without configuration), of which public posts are. `escucha train` writes the file: weights are drawn
//! towards those set by hand and never over zero (decision 12).

use super::meaning::{Grammar, Label};
use super::model::LOGIT_MAX;
use super::reading::{Amount, Reading};
use super::sentiment::{Sentiment, flatten};
use super::text::TokenKind;
use super::trained::{BIAS, Trained};
use super::unanswered::unanswered;
use super::valence::Tone;
use crate::model::Span;

/// What the text alone says, and what its source adds.
pub(super) struct Evidence<'a> {
    pub(super) reading: &'a Reading<'a>,
    pub(super) sentiment: &'a Sentiment,
    /// Where the text names us.
    pub(super) ours: &'a [Span],
    /// 0 (worst) to 1 (best).
    pub(super) rating: Option<f64>,
    pub(super) trained: &'a Trained,
    /// The logits of its models, of posts and of lines.
    pub(super) models: [f64; 2],
}

/// A feature: its name, its weight in the sum, and how much of it a text has.
pub type Fact = (&'static str, f64, f64);

/// A feature before it is weighed.
type Found = (&'static str, f64);

/// A short outburst holds fewer facts than a letter; this many finds of a kind are enough.
const ENOUGH: usize = 3;

/// Feelings of facts that need no feeling word, for [`Sentiment::compound`].
const FACTS: [(Label, f64, usize); 9] = [
    (Label::UnansweredContact, -2.5, 1),
    (Label::Problem, -0.8, 3),
    (Label::ChurnThreat, -1.5, 1),
    (Label::LegalThreat, -1.0, 1),
    (Label::RepeatFailure, -0.8, 1),
    (Label::Safety, -2.0, 1),
    (Label::Privacy, -1.0, 1),
    (Label::Waiting, -0.5, 2),
    (Label::Warning, -1.0, 1),
];

pub(super) fn facts(reading: &Reading<'_>) -> f64 {
    FACTS
        .iter()
        .map(|(label, valence, most)| valence * reading.n(*label).min(*most) as f64)
        .sum()
}

/// 0 to 1.
pub(super) fn probability(evidence: &Evidence<'_>) -> f64 {
    let sum: f64 = features(evidence)
        .iter()
        .map(|(_, weight, value)| weight * value)
        .sum();
    let bias = evidence.trained.weight(BIAS, !evidence.ours.is_empty());
    1.0 / (1.0 + (-(bias + sum)).exp())
}

pub(super) fn features(evidence: &Evidence<'_>) -> Vec<Fact> {
    let finds = Finds {
        reading: evidence.reading,
        first: f64::from(u8::from(is_personal(evidence.reading))),
        unanswered: f64::from(u8::from(!unanswered(evidence.reading).is_empty())),
    };
    let mut found = form(evidence, &finds);
    found.extend(complaint(&finds));
    found.extend(anything_else(&finds));
    let names = found.iter().map(|(name, _)| *name);
    let weights = evidence.trained.weights(names, !evidence.ours.is_empty());
    let weighed = |(weight, (name, value)): (f64, &Found)| (*name, weight, *value);
    weights.zip(&found).map(weighed).collect()
}

/// How many finds of each label a text has, as values of features.
struct Finds<'a> {
    reading: &'a Reading<'a>,
    /// Whether he speaks of himself.
    first: f64,
    /// Whether he tried to reach somebody in vain.
    unanswered: f64,
}

impl Finds<'_> {
    fn has(&self, label: Label) -> f64 {
        f64::from(u8::from(self.reading.n(label) > 0))
    }

    /// One find says most; the second and third add a little.
    fn some(&self, label: Label) -> f64 {
        let share = self.reading.n(label).min(ENOUGH) as f64 / ENOUGH as f64;
        0.7 * self.has(label) + 0.3 * share
    }
}

/// How it is said.
fn form(evidence: &Evidence<'_>, finds: &Finds<'_>) -> Vec<Found> {
    let reading = evidence.reading;
    let flag = |fact: bool| f64::from(u8::from(fact));
    let bad = flatten(-evidence.sentiment.sum(true));
    let good = flatten(evidence.sentiment.sum(false));
    let tone = Tone::of(reading);
    let first = finds.first;
    let calm = flag(!trouble(reading));
    let asks = flag(ends_as_question(reading));
    let [posts, lines] = evidence
        .models
        .map(|logit| logit.clamp(-LOGIT_MAX, LOGIT_MAX));
    vec![
        ("posts model", posts),
        ("lines model", lines),
        ("good tone", tone.good),
        ("worst word", tone.worst),
        ("bad words", bad),
        ("good words", good),
        ("first person", first),
        (
            "loyal and in trouble",
            finds.has(Label::Loyalty) * (1.0 - calm),
        ),
        ("question without trouble", asks * calm),
        ("link", flag(has_link(reading))),
        ("asks others", finds.has(Label::Question) * asks),
        ("negations", negations(reading)),
        ("own words in quotes", flag(has_quotes(reading))),
        ("tells a number", flag(has_numbers(reading))),
        ("speaks to us", flag(speaks_to(reading, evidence.ours))),
        ("few stars", stars(evidence.rating, |r| 0.5 - r)),
        ("many stars", stars(evidence.rating, |r| r - 0.5)),
    ]
}

/// What complaints tell.
fn complaint(finds: &Finds<'_>) -> [Found; 17] {
    [
        ("problem", finds.some(Label::Problem)),
        ("waiting", finds.some(Label::Waiting)),
        ("refund", finds.has(Label::Refund)),
        ("polite complaint", finds.some(Label::Polite)),
        ("demand", finds.has(Label::Demand)),
        ("warning", finds.has(Label::Warning)),
        ("irony", finds.has(Label::Irony)),
        ("nobody answers", finds.unanswered),
        ("leaves", finds.has(Label::ChurnThreat)),
        ("has left", finds.has(Label::Farewell)),
        ("asks for a reply", finds.has(Label::AsksForReply)),
        ("crowd", finds.has(Label::Crowd)),
        ("again", finds.has(Label::RepeatFailure)),
        ("law", finds.has(Label::LegalThreat)),
        ("safety", finds.has(Label::Safety)),
        ("privacy", finds.has(Label::Privacy)),
        ("told by the company", finds.some(Label::Told)),
    ]
}

/// What posts of other kinds tell.
fn anything_else(finds: &Finds<'_>) -> [Found; 18] {
    let impersonal = 1.0 - finds.first;
    [
        ("solved", finds.has(Label::Solved)),
        ("no complaint", finds.has(Label::NoComplaint)),
        ("praise", finds.some(Label::Praise)),
        ("advert", finds.some(Label::Advert)),
        (
            "advert without person",
            finds.has(Label::Advert) * impersonal,
        ),
        ("news", finds.has(Label::News)),
        ("news without person", finds.some(Label::News) * impersonal),
        ("job", finds.has(Label::Job)),
        ("company speaks", finds.some(Label::OwnReply)),
        ("question", finds.has(Label::Question)),
        ("came from a rival", finds.has(Label::FromRival)),
        ("comparison", finds.has(Label::Comparison)),
        ("how-to", finds.has(Label::HowTo)),
        ("sponsor", finds.has(Label::Sponsor)),
        ("defends", finds.has(Label::Defends)),
        ("employee", finds.has(Label::Employee)),
        ("joke", finds.has(Label::Joke)),
        ("relief", finds.has(Label::Relief)),
    ]
}

/// Whether anything is wrong at all.
fn trouble(reading: &Reading<'_>) -> bool {
    [
        Label::Problem,
        Label::Waiting,
        Label::UnansweredContact,
        Label::Blame,
        Label::RepeatFailure,
        Label::Refund,
        Label::ChurnThreat,
    ]
    .into_iter()
    .any(|label| reading.n(label) > 0)
}

pub(super) fn is_personal(reading: &Reading<'_>) -> bool {
    (0..reading.n_words()).any(|at| reading.is(at, Grammar::First))
}

pub(super) fn ends_as_question(reading: &Reading<'_>) -> bool {
    let last = reading
        .text
        .tokens
        .iter()
        .rev()
        .find(|token| token.kind == TokenKind::Mark);
    last.is_some_and(|token| token.folded == "?")
}

fn has_link(reading: &Reading<'_>) -> bool {
    (0..reading.n_words()).any(|at| matches!(reading.word(at), "http" | "https" | "www"))
}

/// The share of words that say no; a seventh of them is all that a text can bear.
fn negations(reading: &Reading<'_>) -> f64 {
    let n = (0..reading.n_words())
        .filter(|&at| reading.is(at, Grammar::Negator))
        .count();
    (n as f64 * 7.0 / reading.n_words().max(8) as f64).min(1.0)
}

/// A few words in quotation marks: what the company said, or its words turned against it.
fn has_quotes(reading: &Reading<'_>) -> bool {
    let is_quote = |mark: &str| matches!(mark, "\"" | "“" | "”" | "«" | "»" | "„" | "‘");
    let marks = reading
        .text
        .tokens
        .iter()
        .filter(|token| token.kind == TokenKind::Mark && is_quote(&token.folded));
    marks.take(2).count() == 2
}

/// How long, how often, since when.
fn has_numbers(reading: &Reading<'_>) -> bool {
    reading.quantities.iter().any(|quantity| {
        matches!(
            quantity.amount,
            Amount::Times(2..) | Amount::Days(_) | Amount::Years(_)
        )
    })
}

/// Whether our name is called: a handle, or set off by commas or at the end of a sentence.
pub(super) fn speaks_to(reading: &Reading<'_>, ours: &[Span]) -> bool {
    let tokens = &reading.text.tokens;
    ours.iter().any(|span| {
        let first = tokens.partition_point(|t| (t.field, t.start) < (span.field, span.start));
        let after = tokens.partition_point(|t| (t.field, t.start) < (span.field, span.end));
        let before = first.checked_sub(1).and_then(|at| tokens.get(at));
        let comma = before.is_some_and(|token| token.folded == ",");
        let ends = tokens.get(after).is_none_or(|token| {
            matches!(token.folded.as_str(), "," | "." | "?" | "!" | ":" | "\n")
        });
        let handle = tokens
            .get(first)
            .is_some_and(|token| token.folded.starts_with('@'));
        handle || (comma && ends) || (before.is_none() && ends)
    })
}

/// Half of the scale and its outer end make one.
fn stars(rating: Option<f64>, distance: impl Fn(f64) -> f64) -> f64 {
    rating
        .filter(|rating| rating.is_finite())
        .map_or(0.0, |rating| distance(rating).clamp(0.0, 0.5) * 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::pack::Packs;
    use crate::score::text::Text;
    use crate::score::trained::WEIGHTS;

    #[test]
    fn every_feature_has_its_weights_and_every_weight_its_feature() {
        let text = Text::new(None, "Nadie contesta");
        let packs = Packs::embedded();
        let reading = Reading::new(&text, packs.get(crate::model::Lang::Es).unwrap(), &[]);
        let facts = features(&Evidence {
            reading: &reading,
            sentiment: &Sentiment::of(&reading, packs),
            ours: &[],
            rating: None,
            trained: Trained::embedded(),
            models: [0.0; 2],
        });
        let mut names: Vec<&str> = facts.iter().map(|fact| fact.0).chain([BIAS]).collect();
        let rows = WEIGHTS.lines().skip(1);
        let mut weighed: Vec<&str> = rows.filter_map(|row| row.split('\t').next()).collect();
        names.sort_unstable();
        weighed.sort_unstable();
        assert_eq!(names, weighed);
    }
}
