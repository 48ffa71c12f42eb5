//! Contact that came to nothing: how often he tried, by which ways, how long he has waited.
//!
//! He says so in one phrase ("nobody answers"), or in two: "three mails", and a little later "still
//! nothing". Absent: the phrases, which are data.

use super::meaning::{Grammar, Label, Role, Unit};
use super::reading::{Amount, Match, Quantity, Reading};
use super::text::TokenKind;
use crate::model::{Channel, Signal, SignalKind};

/// A count of tries belongs to a word of contact at most so many words away.
const TRIES_REACH: usize = 6;
/// "A thousand times" is a figure of speech.
const TRIES_MAX: u32 = 99;
/// Words that count without a number.
const VAGUE: [&str; 26] = [
    "mil",
    "muchas",
    "muchos",
    "varias",
    "varios",
    "infinitas",
    "incontables",
    "innumerables",
    "cientos",
    "several",
    "many",
    "countless",
    "hundred",
    "hundreds",
    "thousand",
    "muitas",
    "varios",
    "plusieurs",
    "cent",
    "mille",
    "tante",
    "molte",
    "mehrmals",
    "zigmal",
    "moltes",
    "diverses",
];
/// What he tried and that nothing came of it stand at most so many words apart.
const FAR: usize = 30;
/// Nobody waits longer than this for an answer: two years.
const WAITED_DAYS_MAX: u32 = 730;

/// The find with the most numbers around it; its span covers those of its own sentence.
pub(super) fn unanswered_contact(reading: &Reading<'_>) -> Option<Signal> {
    let found = unanswered(reading);
    let facts = found.iter().map(|found| Told::around(reading, *found));
    let best = facts.max_by_key(|told| (told.n_facts(), std::cmp::Reverse(told.first)))?;
    best.signal(reading)
}

/// The signal of words of which it is known that they tell it.
pub(super) fn told_around(reading: &Reading<'_>, found: Match) -> Option<Signal> {
    Told::around(reading, found).signal(reading)
}

/// Where he says that nobody answers, in one phrase or in two: what he tried, and a little later that
/// nothing came of it.
pub(super) fn unanswered(reading: &Reading<'_>) -> Vec<Match> {
    let finds: Vec<Match> = reading.all(Label::UnansweredContact).take(20).collect();
    if !finds.is_empty() {
        return finds;
    }
    let answered: Vec<Match> = [Label::Quick, Label::Solved]
        .into_iter()
        .flat_map(|label| reading.all(label))
        .collect();
    // Whoever asks for an answer has none.
    let open: Vec<Match> = [Label::Open, Label::AsksForReply]
        .into_iter()
        .flat_map(|label| reading.all(label).take(20))
        .collect();
    let attempts = reading.all(Label::Attempt).take(20);
    let joined = attempts.filter_map(|attempt| {
        let sentence = reading.sentence[attempt.first];
        let ends = |answer: &Match| {
            answer.first > attempt.first || reading.sentence[answer.first] == sentence
        };
        if answered.iter().any(ends) {
            return None;
        }
        let near = |open: &&Match| {
            if open.first <= attempt.last && attempt.first <= open.last {
                return false;
            }
            let (before, after) = (attempt.first.min(open.first), attempt.last.max(open.last));
            after - before <= FAR && reading.sentence[before] + 1 >= reading.sentence[after]
        };
        let open = open.iter().find(near)?;
        Some(Match {
            label: Label::UnansweredContact,
            first: attempt.first.min(open.first),
            last: attempt.last.max(open.last),
        })
    });
    joined.collect()
}

/// What is told around one find.
struct Told {
    first: usize,
    last: usize,
    tries: Option<u32>,
    waited_days: Option<u32>,
    channels: Vec<Channel>,
}

impl Told {
    fn around(reading: &Reading<'_>, found: Match) -> Self {
        let sentences = reading.sentence[found.first]..=reading.sentence[found.last];
        let near = |at: usize| {
            let sentence = reading.sentence[at];
            sentence + 1 >= *sentences.start() && sentence <= *sentences.end() + 1
        };
        let from = found.first.saturating_sub(30);
        let to = (found.last + 30).min(reading.n_words().saturating_sub(1));
        let attempts: Vec<Match> = reading
            .all(Label::Attempt)
            .filter(|attempt| attempt.first >= from && attempt.last <= to && near(attempt.first))
            .collect();
        let mut told = Self {
            first: found.first,
            last: found.last,
            tries: None,
            waited_days: None,
            channels: Vec::new(),
        };
        let quantities: Vec<&Quantity> = reading
            .quantities
            .iter()
            .filter(|q| q.first >= from && q.last <= to && near(q.first))
            .collect();
        told.count(reading, &quantities, &attempts);
        // "A month ago" rather than "a busy month".
        let is_near = |quantity: &&Quantity| {
            let sentence = reading.sentence[quantity.first];
            // "My boy is two years old." And what it was to take is not what it took.
            (!matches!(quantity.amount, Amount::Years(_)) || sentences.contains(&sentence))
                && !WORKING_DAYS.contains(&reading.word(quantity.last + 1))
        };
        let since: Vec<&Quantity> = quantities
            .iter()
            .copied()
            .filter(|quantity| reading.all(Label::Open).any(|open| covers(&open, quantity)))
            .collect();
        told.wait(reading, &since);
        if told.waited_days.is_none() {
            let near: Vec<&Quantity> = quantities.iter().copied().filter(is_near).collect();
            told.wait(reading, &near);
        }
        // Where he tells how he tried, other words of telephones and shops tell something else.
        let within = |at: usize| {
            attempts.is_empty()
                || (found.first..=found.last + 1).contains(&at)
                || attempts.iter().any(|attempt| {
                    (attempt.first..=attempt.last + 5).contains(&at)
                        && reading.sentence[at] == reading.sentence[attempt.last]
                })
        };
        for at in (from..=to).filter(|&at| near(at) && within(at)) {
            told.hear(reading, at);
        }
        told.channels.sort_unstable();
        told
    }

    /// How often in all: "two mails and three calls" are five tries, and what he tried without a number
    /// is one try more where there are others.
    fn count(&mut self, reading: &Reading<'_>, quantities: &[&Quantity], attempts: &[Match]) {
        let mut sum = 0_u32;
        let mut counted: Vec<&Quantity> = Vec::new();
        for quantity in quantities.iter().copied() {
            let n = match quantity.amount {
                // "Three times 25 minutes" is how long it took.
                Amount::Times(_) if quantities.iter().any(|q| q.first == quantity.last + 1) => {
                    continue;
                }
                Amount::Times(n)
                    if is_of_contact(reading, quantity, quantities)
                        || attempts.iter().any(|attempt| covers(attempt, quantity)) =>
                {
                    n
                }
                Amount::Number(n) if is_counted_contact(reading, quantity, attempts) => n,
                _ => continue,
            };
            sum = sum.saturating_add(n);
            counted.push(quantity);
        }
        let is_counted = |attempt: &Match| {
            // German puts what was counted before the verb: "zwei E-Mails geschrieben".
            let (first, last) = (attempt.first.saturating_sub(3), attempt.last + 5);
            counted.iter().any(|quantity| {
                quantity.first >= first
                    && quantity.last <= last
                    && reading.sentence[quantity.first] == reading.sentence[attempt.first]
            })
        };
        let more = attempts.iter().filter(|attempt| !is_counted(attempt));
        let more = u32::try_from(more.count()).unwrap_or(TRIES_MAX);
        let vague = attempts.iter().any(|attempt| {
            let to = (attempt.last + 4).min(reading.n_words().saturating_sub(1));
            (attempt.first.saturating_sub(2)..=to).any(|at| VAGUE.contains(&reading.word(at)))
        });
        let all = if vague && counted.is_empty() {
            0
        } else if counted.is_empty() && more < 2 {
            // "I called and nobody answers" may be one call or many.
            0
        } else {
            sum.saturating_add(more)
        };
        if (1..=TRIES_MAX).contains(&all) {
            self.tries = Some(all);
            for quantity in counted {
                self.stretch(quantity);
            }
        }
    }

    /// The longest of these times.
    fn wait(&mut self, reading: &Reading<'_>, quantities: &[&Quantity]) {
        let days = |quantity: &Quantity| {
            let of = |unit| {
                reading
                    .roles(quantity.last)
                    .any(|(role, _)| role == Role::Unit(unit))
            };
            match quantity.amount {
                Amount::Days(n) if !of(Unit::Hour) => n,
                Amount::Years(n) if !reading.all(Label::Loyalty).any(|l| covers(&l, quantity)) => {
                    n.saturating_mul(365)
                }
                _ => 0,
            }
        };
        let told = quantities
            .iter()
            .map(|quantity| (days(quantity), *quantity));
        let told = told.filter(|(days, _)| (1..=WAITED_DAYS_MAX).contains(days));
        if let Some((days, quantity)) = told.max_by_key(|(days, _)| *days) {
            self.waited_days = Some(days);
            self.stretch(quantity);
        }
    }

    fn stretch(&mut self, quantity: &Quantity) {
        self.first = self.first.min(quantity.first);
        self.last = self.last.max(quantity.last);
    }

    fn hear(&mut self, reading: &Reading<'_>, at: usize) {
        for (role, _) in reading.roles(at) {
            if let Role::Grammar(grammar) = role
                && let Some(channel) = channel(grammar)
                && !self.channels.contains(&channel)
            {
                self.channels.push(channel);
            }
        }
    }

    fn signal(self, reading: &Reading<'_>) -> Option<Signal> {
        let span = reading.span(self.first, self.last)?;
        Some(Signal {
            tries: self.tries,
            waited_days: self.waited_days,
            channels: self.channels,
            ..Signal::new(SignalKind::UnansweredContact, span)
        })
    }

    fn n_facts(&self) -> usize {
        usize::from(self.tries.is_some())
            + usize::from(self.waited_days.is_some())
            + usize::from(!self.channels.is_empty())
    }
}

/// "Within fifteen working days."
const WORKING_DAYS: [&str; 9] = [
    "habiles",
    "laborables",
    "working",
    "business",
    "uteis",
    "ouvres",
    "ouvrables",
    "lavorativi",
    "feiners",
];

/// Words that begin another thought: "charged me twice *and* nobody answers" counts no tries.
const OTHER_THOUGHT: [&str; 13] = [
    "y", "e", "pero", "and", "but", "mas", "et", "mais", "ma", "und", "aber", "i", "que",
];

/// Whether a word of contact stands near the count, in its sentence and in its thought, and no other count
/// between them: "rang five times, was cut off three times".
fn is_of_contact(reading: &Reading<'_>, quantity: &Quantity, all: &[&Quantity]) -> bool {
    let is_contact = |at: usize| {
        reading.sentence[at] == reading.sentence[quantity.first] && reading.is(at, Grammar::Contact)
    };
    let other = [Label::Problem, Label::RepeatFailure];
    let mut other = other.into_iter().flat_map(|label| reading.all(label));
    // "Telefonía Ejemplo charged me twice": the word of telephones is a name. But "called seven times in
    // ten days" tells of calls.
    if other.any(|found| covers(&found, quantity) && !is_contact(found.first.saturating_sub(1))) {
        return false;
    }
    let from = quantity.first.saturating_sub(TRIES_REACH);
    let to = (quantity.last + TRIES_REACH).min(reading.n_words().saturating_sub(1));
    let is_counted = |at: usize| {
        let mut counts = all.iter().filter(|q| matches!(q.amount, Amount::Times(_)));
        counts.any(|q| (q.first..=q.last).contains(&at))
    };
    let goes_on = |at: usize| !OTHER_THOUGHT.contains(&reading.word(at)) && !is_counted(at);
    let before = (from..quantity.first).rev().take_while(|&at| goes_on(at));
    let after = (quantity.last + 1..=to).take_while(|&at| goes_on(at));
    before.chain(after).any(is_contact) || (quantity.first..=quantity.last).any(is_contact)
}

/// Whether the number counts ways to reach somebody: "three long calls", and not "on the 9th, a call".
fn is_counted_contact(reading: &Reading<'_>, quantity: &Quantity, attempts: &[Match]) -> bool {
    let token = reading.text.words.get(quantity.last);
    let next = token.and_then(|token| reading.text.tokens.get(token + 1));
    let is_cut_off = next.is_some_and(|next| next.kind == TokenKind::Mark);
    let after = quantity.last + 1..=quantity.last + 2;
    let mut after =
        after.filter(|&at| reading.sentence.get(at) == reading.sentence.get(quantity.last));
    !is_cut_off
        && attempts.iter().any(|attempt| covers(attempt, quantity))
        && after.any(|at| reading.is(at, Grammar::Contact) || reading.is(at, Grammar::Letter))
}

fn covers(found: &Match, quantity: &Quantity) -> bool {
    found.first <= quantity.first && quantity.last <= found.last
}

fn channel(grammar: Grammar) -> Option<Channel> {
    match grammar {
        Grammar::Phone => Some(Channel::Phone),
        Grammar::Mail => Some(Channel::Mail),
        Grammar::Chat => Some(Channel::Chat),
        Grammar::Form => Some(Channel::Form),
        Grammar::Shop => Some(Channel::Shop),
        Grammar::Social => Some(Channel::Social),
        Grammar::Letter => Some(Channel::Letter),
        Grammar::App => Some(Channel::App),
        _ => None,
    }
}
