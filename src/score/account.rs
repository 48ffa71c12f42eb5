//! What stands behind a probability: each fact with what it adds to the sum, and the words it was found in.
//!
//! The models judge all words at once; which words told them most is found by leaving out one at a time
//! (occlusion: Zeiler and Fergus, 2014). Nothing of this is done for a verdict: it costs a reading a word.

use super::meaning::{Grammar, Label};
use super::model::grams::Source;
use super::opinion::table::Trait;
use super::pack::Packs;
use super::probability::{self, Evidence, Fact};
use super::reading::Reading;
use super::sentiment::Sentiment;
use super::text::Text;
use super::trained::BIAS;
use super::valence::Tone;
use super::{Sample, Scorer, opinion, signals, subject, topics};
use crate::model::{SignalKind, Span, Timestamp};

/// Words that are left out, one after the other; a longer text is told by its beginning.
const WORDS_MAX: usize = 200;
/// Words told of a fact that all words make.
const TELLING_MAX: usize = 3;
/// A word that moves a model's logit by less tells nothing.
const TELLING_MIN: f64 = 0.05;
/// Finds told of one fact.
const SPANS_MAX: usize = 6;

/// The logistic sum behind one probability.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// Where the sum of every text begins, in log-odds: 0 is a probability of a half.
    pub start: f64,
    /// The facts that count, the strongest first.
    pub facts: Vec<Weighed>,
}

/// One fact and what it is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighed {
    pub name: &'static str,
    pub weight: f64,
    /// How much of it the text has.
    pub value: f64,
    /// The words that it was found in, in the order of the text; empty for what is no word.
    pub spans: Vec<Span>,
}

impl Weighed {
    /// What it adds to the sum.
    pub fn share(&self) -> f64 {
        self.weight * self.value
    }
}

impl Account {
    /// The log-odds of a complaint.
    pub fn sum(&self) -> f64 {
        self.start + self.facts.iter().map(Weighed::share).sum::<f64>()
    }

    /// 0 to 1: that of the verdict.
    pub fn probability(&self) -> f64 {
        1.0 / (1.0 + (-self.sum()).exp())
    }
}

/// The traits of a text, by their hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    pub words: Vec<u32>,
    /// Families of words that stand in one sentence.
    pub families: Vec<u32>,
    /// How often each topic is named.
    pub topics: Vec<u32>,
    /// What patterns alone tell.
    pub found: Vec<SignalKind>,
}

impl Scorer {
    /// The named facts behind a post's probability: name, weight in the logistic sum, value.
    /// For the fit of the weights (`escucha train`).
    pub fn facts(&self, sample: &Sample<'_>) -> Vec<Fact> {
        let facts = self.look(sample, |evidence, _| probability::features(evidence));
        facts.unwrap_or_default()
    }

    /// What opinions on its signals and topics are made of. For the training of both (`escucha train`).
    pub fn traits(&self, sample: &Sample<'_>, now: Timestamp) -> Traits {
        let told = self.look(sample, |evidence, _| {
            let (reading, ours) = (evidence.reading, evidence.ours);
            let probability = probability::probability(evidence);
            let found = signals::signals(reading, ours, sample.published.unwrap_or(now));
            let keys = |block: &Vec<Trait>| block.iter().map(|(key, _)| *key).collect();
            let [words, families] = opinion::traits(reading, ours, &found, probability);
            Traits {
                words: keys(&words),
                families: keys(&families),
                topics: keys(&topics::traits(&topics::counted(reading), &found)),
                found: found.iter().map(|signal| signal.kind).collect(),
            }
        });
        told.unwrap_or_default()
    }

    /// Why a post has its probability.
    ///
    /// ```
    /// use escucha::model::Timestamp;
    /// use escucha::score::{Context, Sample, Scorer, rules::Rules};
    ///
    /// let scorer = Scorer::new(Rules::default(), Context::default());
    /// let sample = Sample { text: "Llevo dos semanas sin internet y nadie contesta", ..Sample::default() };
    /// let account = scorer.account(&sample);
    /// let verdict = scorer.verdict(&sample, Timestamp(1_795_000_000_000));
    /// let told = verdict.complaint_probability.to_f64();
    /// assert!((account.probability() - told).abs() < 1e-6);
    /// assert!(account.facts.iter().any(|fact| fact.name == "nobody answers" && fact.share() > 0.0));
    /// ```
    pub fn account(&self, sample: &Sample<'_>) -> Account {
        let account = self.look(sample, |evidence, source| Account {
            start: evidence.trained.weight(BIAS, !evidence.ours.is_empty()),
            facts: weighed(evidence, source),
        });
        account.unwrap_or_default()
    }

    /// Reads a post and hands over what its probability is made of.
    fn look<T>(
        &self,
        sample: &Sample<'_>,
        ask: impl FnOnce(&Evidence<'_>, &Source<'_>) -> T,
    ) -> Option<T> {
        let packs = Packs::embedded();
        let text = Text::new(sample.title, sample.text);
        let guess = super::language_of(sample);
        let pack = packs.get(guess.read)?;
        let subject = subject(sample, &text, guess.told);
        let ours = self.ours(&self.matching(sample, &subject, guess.told), &subject);
        let reading = Reading::new(&text, pack, &ours);
        let sentiment = Sentiment::of(&reading, packs);
        let evidence = self.evidence(sample, &reading, &sentiment, &ours);
        let source = Source {
            title: sample.title,
            text: sample.text,
            ours: &ours,
        };
        Some(ask(&evidence, &source))
    }
}

fn weighed(evidence: &Evidence<'_>, source: &Source<'_>) -> Vec<Weighed> {
    let facts = probability::features(evidence).into_iter();
    let counting = facts.filter(|(_, weight, value)| weight * value != 0.0);
    let mut weighed: Vec<Weighed> = counting
        .map(|(name, weight, value)| Weighed {
            name,
            weight,
            value,
            spans: spans(name, evidence, source),
        })
        .collect();
    weighed.sort_by(|a, b| b.share().abs().total_cmp(&a.share().abs()));
    weighed
}

/// Where a fact stands in the text.
fn spans(name: &str, evidence: &Evidence<'_>, source: &Source<'_>) -> Vec<Span> {
    let reading = evidence.reading;
    let one = |at: usize| reading.span(at, at);
    let of_grammar = |kind: Grammar| -> Vec<Span> {
        let words = (0..reading.n_words()).filter(|at| reading.is(*at, kind));
        words.filter_map(one).take(SPANS_MAX).collect()
    };
    let of_feeling = |is_bad: bool| -> Vec<Span> {
        let feelings = evidence.sentiment.feelings.iter();
        let such = feelings.filter(|feeling| (feeling.valence < 0.0) == is_bad);
        such.filter_map(|feeling| reading.span(feeling.at, feeling.last()))
            .take(SPANS_MAX)
            .collect()
    };
    match name {
        "posts model" => telling(0, evidence, source),
        "lines model" => telling(1, evidence, source),
        "worst word" => Tone::of(reading)
            .worst_at
            .and_then(one)
            .into_iter()
            .collect(),
        "bad words" => of_feeling(true),
        "good words" => of_feeling(false),
        "first person" => of_grammar(Grammar::First),
        "negations" => of_grammar(Grammar::Negator),
        "speaks to us" => evidence.ours.iter().copied().take(SPANS_MAX).collect(),
        "tells a number" => {
            let numbers = reading.quantities.iter();
            let spans = numbers.filter_map(|number| reading.span(number.first, number.last));
            spans.take(SPANS_MAX).collect()
        }
        _ => label(name).map_or_else(Vec::new, |label| {
            let finds = reading.all(label);
            let spans = finds.filter_map(|find| reading.span(find.first, find.last));
            spans.take(SPANS_MAX).collect()
        }),
    }
}

/// The words without which a model would have said another thing, in the order of the text.
fn telling(model: usize, evidence: &Evidence<'_>, source: &Source<'_>) -> Vec<Span> {
    let whole = evidence.models[model];
    let mut left_out = source.ours.to_vec();
    let mut moved: Vec<(f64, Span)> = Vec::new();
    for at in 0..evidence.reading.n_words().min(WORDS_MAX) {
        let Some(span) = evidence.reading.span(at, at) else {
            continue;
        };
        left_out.push(span);
        let without = evidence.trained.logits(&Source {
            ours: &left_out,
            ..*source
        });
        left_out.pop();
        moved.push(((whole - without[model]) * whole.signum(), span));
    }
    moved.retain(|(by, _)| *by >= TELLING_MIN);
    moved.sort_by(|a, b| b.0.total_cmp(&a.0));
    moved.truncate(TELLING_MAX);
    let mut spans: Vec<Span> = moved.into_iter().map(|(_, span)| span).collect();
    spans.sort_unstable();
    spans
}

/// The pattern that a fact counts.
fn label(name: &str) -> Option<Label> {
    Some(match name {
        "loyal and in trouble" => Label::Loyalty,
        "asks others" | "question" => Label::Question,
        "problem" => Label::Problem,
        "waiting" => Label::Waiting,
        "refund" => Label::Refund,
        "polite complaint" => Label::Polite,
        "demand" => Label::Demand,
        "warning" => Label::Warning,
        "irony" => Label::Irony,
        "nobody answers" => Label::UnansweredContact,
        "leaves" => Label::ChurnThreat,
        "has left" => Label::Farewell,
        "asks for a reply" => Label::AsksForReply,
        "crowd" => Label::Crowd,
        "again" => Label::RepeatFailure,
        "law" => Label::LegalThreat,
        "safety" => Label::Safety,
        "privacy" => Label::Privacy,
        "told by the company" => Label::Told,
        "solved" => Label::Solved,
        "no complaint" => Label::NoComplaint,
        "praise" => Label::Praise,
        "advert" | "advert without person" => Label::Advert,
        "news" | "news without person" => Label::News,
        "job" => Label::Job,
        "company speaks" => Label::OwnReply,
        "came from a rival" => Label::FromRival,
        "comparison" => Label::Comparison,
        "how-to" => Label::HowTo,
        "sponsor" => Label::Sponsor,
        "defends" => Label::Defends,
        "employee" => Label::Employee,
        "joke" => Label::Joke,
        "relief" => Label::Relief,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;
    use crate::score::Context;
    use crate::score::rules::Rules;

    fn account(text: &str) -> Account {
        let scorer = Scorer::new(Rules::default(), Context::default());
        let sample = Sample {
            text,
            ..Sample::default()
        };
        let account = scorer.account(&sample);
        let verdict = scorer.verdict(&sample, Timestamp(1_795_000_000_000));
        let told = verdict.complaint_probability.to_f64();
        assert!((account.probability() - told).abs() < 1e-6, "{text}");
        account
    }

    #[track_caller]
    fn check(text: &str, name: &str, words: &str) {
        let account = account(text);
        let fact = account.facts.iter().find(|fact| fact.name == name);
        let fact = fact.unwrap_or_else(|| panic!("no {name}: {account:?}"));
        let chars: Vec<char> = text.chars().collect();
        let shown = fact.spans.iter().map(|span| {
            let words = &chars[span.start as usize..span.end as usize];
            words.iter().collect::<String>()
        });
        assert_eq!(shown.collect::<Vec<_>>().join("|"), words);
    }

    #[test]
    fn facts_are_told_with_their_words() {
        let text = "Nadie contesta. Son dos semanas. Es horrible";
        check(text, "nobody answers", "Nadie contesta");
        check(text, "bad words", "Nadie|horrible");
        check(text, "tells a number", "dos semanas");
        check(text, "worst word", "horrible");
        check(
            "Gracias, todo solucionado",
            "solved",
            "Gracias, todo solucionado",
        );
    }

    #[test]
    fn the_words_of_a_model_are_those_without_which_it_would_say_less() {
        let told = account("El lunes me cobraron dos veces y es una estafa");
        let model = told.facts.iter().find(|fact| fact.name == "posts model");
        let spans = &model.unwrap().spans;
        assert!((1..=TELLING_MAX).contains(&spans.len()), "{spans:?}");
        assert!(spans.is_sorted());
    }

    #[test]
    fn every_text_has_an_account() {
        for text in ["", " ", "\u{202e}\u{0}", "🙂", &"nadie ".repeat(5_000)] {
            account(text);
        }
    }
}
