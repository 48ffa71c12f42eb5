//! How probable it is that the writer complains: a logistic sum of named features.
//!
//! Each feature but two is a fact that a person can check in the text. The two, "posts model" and "lines
//! model", are what the trained models of [`super::model`] make of all words at once.
//!
//! The weights were fitted by `examples/train` to the lines of `tests/data` (parts "tune" and
//! "dev", never "held"), drawn towards those set by hand and never over zero.

use super::model::LOGIT_MAX;
use super::pack::{Grammar, Label};
use super::reading::{Amount, Reading};
use super::sentiment::{Sentiment, flatten};
use super::text::TokenKind;
use crate::model::Span;

/// What the text alone says, and what its source adds.
pub(super) struct Evidence<'a> {
    pub(super) reading: &'a Reading<'a>,
    pub(super) sentiment: &'a Sentiment,
    /// Where the text names us.
    pub(super) ours: &'a [Span],
    /// 0 (worst) to 1 (best).
    pub(super) rating: Option<f64>,
    /// The logits of the trained models, of posts and of lines.
    pub(super) models: [f64; 2],
}

/// A feature: its name, its weight in the sum, and how much of it a text has.
pub type Fact = (&'static str, f64, f64);

const BIAS: f64 = 0.23;
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

pub(super) fn features(evidence: &Evidence<'_>) -> Vec<Fact> {
    let finds = Finds {
        reading: evidence.reading,
        first: f64::from(u8::from(is_personal(evidence.reading))),
    };
    [
        form(evidence, &finds),
        complaint(&finds),
        anything_else(&finds),
    ]
    .concat()
}

/// How many finds of each label a text has, as values of features.
struct Finds<'a> {
    reading: &'a Reading<'a>,
    /// Whether he speaks of himself.
    first: f64,
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
fn form(evidence: &Evidence<'_>, finds: &Finds<'_>) -> Vec<Fact> {
    let reading = evidence.reading;
    let flag = |fact: bool| f64::from(u8::from(fact));
    let bad = flatten(-evidence.sentiment.sum(true));
    let good = flatten(evidence.sentiment.sum(false));
    let first = finds.first;
    let calm = flag(!trouble(reading));
    let asks = flag(ends_as_question(reading));
    let [posts, lines] = evidence
        .models
        .map(|logit| logit.clamp(-LOGIT_MAX, LOGIT_MAX));
    vec![
        ("posts model", 0.35, posts),
        ("lines model", 0.99, lines),
        ("bad words", 1.12, bad),
        ("good words", -0.69, good),
        ("first person", 0.06, first),
        (
            "loyal and in trouble",
            0.18,
            finds.has(Label::Loyalty) * (1.0 - calm),
        ),
        ("question without trouble", 0.00, asks * calm),
        ("link", -0.20, flag(has_link(reading))),
        ("asks others", -0.46, finds.has(Label::Question) * asks),
        ("negations", 0.22, negations(reading)),
        ("own words in quotes", 0.73, flag(has_quotes(reading))),
        ("tells a number", 0.00, flag(has_numbers(reading))),
        (
            "speaks to us",
            1.11,
            flag(speaks_to(reading, evidence.ours)),
        ),
        ("few stars", 2.44, stars(evidence.rating, |r| 0.5 - r)),
        ("many stars", -3.38, stars(evidence.rating, |r| r - 0.5)),
    ]
}

/// What complaints tell.
fn complaint(finds: &Finds<'_>) -> Vec<Fact> {
    vec![
        ("problem", 0.21, finds.some(Label::Problem)),
        ("waiting", 0.75, finds.some(Label::Waiting)),
        ("refund", 0.45, finds.has(Label::Refund)),
        ("polite complaint", 0.97, finds.some(Label::Polite)),
        ("demand", 0.67, finds.has(Label::Demand)),
        ("warning", 0.00, finds.has(Label::Warning)),
        ("irony", 0.75, finds.has(Label::Irony)),
        ("nobody answers", 0.57, finds.has(Label::UnansweredContact)),
        ("leaves", 0.28, finds.has(Label::ChurnThreat)),
        ("has left", 1.29, finds.has(Label::Farewell)),
        ("asks for a reply", 1.10, finds.has(Label::AsksForReply)),
        ("crowd", 0.45, finds.has(Label::Crowd)),
        ("again", 0.46, finds.has(Label::RepeatFailure)),
        ("law", 0.00, finds.has(Label::LegalThreat)),
        ("safety", 1.37, finds.has(Label::Safety)),
        ("privacy", 1.15, finds.has(Label::Privacy)),
        ("told by the company", 1.06, finds.some(Label::Told)),
    ]
}

/// What posts of other kinds tell.
fn anything_else(finds: &Finds<'_>) -> Vec<Fact> {
    let impersonal = 1.0 - finds.first;
    vec![
        ("solved", -1.70, finds.has(Label::Solved)),
        ("no complaint", -1.93, finds.has(Label::NoComplaint)),
        ("praise", -0.61, finds.some(Label::Praise)),
        ("advert", -0.48, finds.some(Label::Advert)),
        (
            "advert without person",
            -0.64,
            finds.has(Label::Advert) * impersonal,
        ),
        ("news", -0.60, finds.has(Label::News)),
        (
            "news without person",
            -1.84,
            finds.some(Label::News) * impersonal,
        ),
        ("job", -1.95, finds.has(Label::Job)),
        ("company speaks", -2.76, finds.some(Label::OwnReply)),
        ("question", -0.41, finds.has(Label::Question)),
        ("came from a rival", -0.27, finds.has(Label::FromRival)),
        ("comparison", -0.33, finds.has(Label::Comparison)),
        ("how-to", -1.80, finds.has(Label::HowTo)),
        ("sponsor", -1.01, finds.has(Label::Sponsor)),
        ("defends", -2.18, finds.has(Label::Defends)),
        ("employee", -1.39, finds.has(Label::Employee)),
        ("joke", -1.61, finds.has(Label::Joke)),
        ("relief", -0.88, finds.has(Label::Relief)),
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
fn speaks_to(reading: &Reading<'_>, ours: &[Span]) -> bool {
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
