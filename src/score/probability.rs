//! How probable it is that the writer complains: a logistic sum of named features.
//!
//! Absent: trained word weights. Each feature is a fact that a person can check in the text.

use super::pack::{Grammar, Label};
use super::reading::Reading;
use super::sentiment::{Sentiment, flatten};
use super::text::TokenKind;

/// What the text alone says, and what its source adds.
pub(super) struct Evidence<'a> {
    pub(super) reading: &'a Reading<'a>,
    pub(super) sentiment: &'a Sentiment,
    /// 0 (worst) to 1 (best).
    pub(super) rating: Option<f64>,
}

/// Each feature: its name, its weight in the sum, and how much of it a text has.
type Feature = (&'static str, f64, f64);

const BIAS: f64 = -1.9;
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
    1.0 / (1.0 + (-(BIAS + sum)).exp())
}

fn features(evidence: &Evidence<'_>) -> Vec<Feature> {
    let reading = evidence.reading;
    let share = |label: Label| reading.n(label).min(ENOUGH) as f64 / ENOUGH as f64;
    let has = |label: Label| f64::from(u8::from(reading.n(label) > 0));
    // Of the second and third find of a kind each says half of what the one before said.
    let some = |label: Label| 0.7 * has(label) + 0.3 * share(label);
    let bad = flatten(-evidence.sentiment.sum(true));
    let good = flatten(evidence.sentiment.sum(false));
    let first = f64::from(u8::from(is_personal(reading)));
    let trouble = trouble(reading);
    let calm = f64::from(u8::from(!trouble));
    let asks = f64::from(u8::from(ends_as_question(reading)));
    vec![
        ("bad words", 2.6, bad),
        ("good words", -2.2, good),
        ("first person", 0.5, first),
        ("problem", 1.2, some(Label::Problem)),
        ("blame", 1.2, some(Label::Blame)),
        ("waiting", 1.1, some(Label::Waiting)),
        ("refund", 0.8, has(Label::Refund)),
        ("polite complaint", 0.9, some(Label::Polite)),
        ("demand", 0.8, has(Label::Demand)),
        ("warning", 1.2, has(Label::Warning)),
        ("irony", 1.6, has(Label::Irony)),
        ("nobody answers", 1.9, has(Label::UnansweredContact)),
        ("leaves", 1.3, has(Label::ChurnThreat)),
        ("has left", 0.6, has(Label::Farewell)),
        ("asks for a reply", 0.7, has(Label::AsksForReply)),
        ("crowd", 0.4, has(Label::Crowd)),
        ("again", 0.9, has(Label::RepeatFailure)),
        ("law", 1.0, has(Label::LegalThreat)),
        ("safety", 1.0, has(Label::Safety)),
        ("privacy", 0.8, has(Label::Privacy)),
        (
            "loyal and in trouble",
            0.5,
            has(Label::Loyalty) * (1.0 - calm),
        ),
        ("thanks", -0.7, has(Label::Thanks)),
        ("solved", -2.0, has(Label::Solved)),
        ("no complaint", -2.2, has(Label::NoComplaint)),
        ("praise", -1.3, some(Label::Praise)),
        ("advert", -1.3, some(Label::Advert)),
        (
            "advert without person",
            -1.2,
            has(Label::Advert) * (1.0 - first),
        ),
        ("news", -0.8, has(Label::News)),
        (
            "news without person",
            -2.0,
            some(Label::News) * (1.0 - first),
        ),
        ("job", -2.0, has(Label::Job)),
        ("company speaks", -2.4, some(Label::OwnReply)),
        ("question", -0.6, has(Label::Question)),
        ("question without trouble", -1.4, asks * calm),
        ("came from a rival", -0.7, has(Label::FromRival)),
        ("link", -0.5, f64::from(u8::from(has_link(reading)))),
        ("emphasis", 0.3, emphasis(evidence.sentiment) * (1.0 - good)),
        ("few stars", 2.2, stars(evidence.rating, |r| 0.5 - r)),
        ("many stars", -2.2, stars(evidence.rating, |r| r - 0.5)),
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

fn is_personal(reading: &Reading<'_>) -> bool {
    (0..reading.n_words()).any(|at| reading.is(at, Grammar::First))
}

fn ends_as_question(reading: &Reading<'_>) -> bool {
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

fn emphasis(sentiment: &Sentiment) -> f64 {
    (sentiment.n_exclamations + sentiment.n_shouted).min(4) as f64 / 4.0
}

/// Half of the scale and its outer end make one.
fn stars(rating: Option<f64>, distance: impl Fn(f64) -> f64) -> f64 {
    rating
        .filter(|rating| rating.is_finite())
        .map_or(0.0, |rating| distance(rating).clamp(0.0, 0.5) * 2.0)
}
