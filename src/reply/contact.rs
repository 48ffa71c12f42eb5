//! How he tried to reach us: which way the count belongs to, and which others he names.
//!
//! The signal gives one count for all channels, and reckons; a letter and a reply repeat of it only what the
//! words say.

mod stems;

use super::{Brief, quote};
use crate::model::{Channel, Signal};
use crate::score::text::fold_str;
use stems::{
    ANSWERED, ANSWERS, MAIL, NOT, NOTHING, NUMBERS, PROMISES, SILENCE, TRYING, UNITS, WAITING,
    stems,
};

/// Of a long post only this much is searched for the count.
const SEARCHED_CHARS_MAX: usize = 6_000;

/// A channel by itself, or more than one way of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    One(Channel),
    Writing,
}

/// The kinds of channels, in the order in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Phone,
    Writing,
    Shop,
}

/// How often he tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tries {
    Exactly(u32),
    /// The words do not bear the count out: it was reckoned, or is of something else.
    Several,
}

/// What is told of an attempt: of what the signal holds, what the words themselves bear out. A public
/// reply that counts wrongly, or says that nobody answered whom a machine had put off, is a second offence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    /// The way that was counted; `None` when the words do not say it.
    pub first: Option<Way>,
    pub also: Vec<Kind>,
    /// More than once; `None`: nothing says how often.
    pub tries: Option<Tries>,
    /// In so many days he tried, or, without tries, he has waited so many for an answer.
    pub days: Option<u32>,
    /// He says that nobody answered, and of no answer at all.
    pub is_silent: bool,
}

impl Reached {
    pub(crate) fn is_by_phone_alone(&self) -> bool {
        self.first == Some(Way::One(Channel::Phone)) && self.also.is_empty()
    }
}

pub(crate) fn of(brief: &Brief, signal: &Signal) -> Reached {
    let said = Said::of(brief);
    let mut kinds: Vec<Kind> = Vec::new();
    for kind in [Kind::Phone, Kind::Writing, Kind::Shop] {
        let mut channels = signal.channels.iter();
        if channels.any(|&channel| kind_of(channel) == kind) && said.names(stems(kind)) {
            kinds.push(kind);
        }
    }
    let n = signal.tries.filter(|&n| n > 1);
    let counted = match (n, kinds.as_slice()) {
        (_, []) => None,
        (None, [first, ..]) | (_, [first]) => Some(*first),
        (Some(tries), _) => said.counted(tries, &kinds),
    };
    let tries = n.map(|n| {
        if said.bears_out(n) {
            Tries::Exactly(n)
        } else {
            Tries::Several
        }
    });
    let days = signal.waited_days.filter(|&n| n > 1);
    let days = days.filter(|_| said.tells_days(tries.is_some()));
    let (first, also) = match counted {
        Some(counted) => {
            let mut own = signal
                .channels
                .iter()
                .filter(|&&channel| kind_of(channel) == counted);
            let first = match (own.next(), own.next()) {
                // "He escrito cinco veces" may be a chat as well.
                (Some(Channel::Mail), None) if !said.names(MAIL) => Way::Writing,
                (Some(&one), None) => Way::One(one),
                _ => Way::Writing,
            };
            kinds.retain(|&kind| kind != counted);
            (Some(first), kinds)
        }
        None => (None, Vec::new()),
    };
    Reached {
        first,
        also,
        tries,
        days,
        is_silent: said.is_silent(),
    }
}

/// The clauses of a post and its title, folded, without the name of the company.
struct Said {
    clauses: Vec<String>,
}

impl Said {
    fn of(brief: &Brief) -> Self {
        let title = brief.post.title.iter().flat_map(|title| title.chars());
        let text = title.chain(['\n']).chain(brief.post.text.chars());
        let chars: Vec<char> = text.take(SEARCHED_CHARS_MAX).collect();
        // A company that is called after telephones is no call.
        let us = fold_str(&brief.company.name);
        let clauses = quote::clauses(&chars).into_iter().map(|clause| {
            let words: String = chars[clause.start..clause.end].iter().collect();
            quote::without(&fold_str(&words), &us)
        });
        Self {
            clauses: clauses.collect(),
        }
    }

    fn names(&self, stems: &[&str]) -> bool {
        self.clauses.iter().any(|clause| has_one(clause, stems))
    }

    /// The kind whose word stands in one clause with the number; `None` where two would do.
    fn counted(&self, tries: u32, kinds: &[Kind]) -> Option<Kind> {
        self.clauses.iter().find_map(|clause| {
            if !numbers(clause).any(|n| n == tries) {
                return None;
            }
            let mut named = kinds.iter().filter(|&&kind| has_one(clause, stems(kind)));
            match (named.next(), named.next()) {
                (Some(&kind), None) => Some(kind),
                _ => None,
            }
        })
    }

    /// The number stands in a clause of contact, or is the sum of those that do.
    fn bears_out(&self, tries: u32) -> bool {
        let of_contact = self.clauses.iter().filter(|clause| is_of_contact(clause));
        let told: Vec<Vec<u32>> = of_contact.map(|clause| numbers(clause).collect()).collect();
        let counts = told.iter().filter(|numbers| !numbers.is_empty());
        let one_each: Option<Vec<u32>> = counts
            .map(|numbers| (numbers.len() == 1).then(|| numbers[0]))
            .collect();
        let is_sum = one_each.is_some_and(|n| n.len() > 1 && n.iter().sum::<u32>() == tries);
        is_sum || told.iter().flatten().any(|&n| n == tries)
    }

    /// A time stands in a clause of contact or of waiting, and not in one of what he was promised.
    fn tells_days(&self, is_of_tries: bool) -> bool {
        self.clauses.iter().any(|clause| {
            let is_waiting = !is_of_tries && has_one(clause, WAITING);
            has_one(clause, UNITS)
                && (is_of_contact(clause) || is_waiting)
                && !has_one(clause, PROMISES)
        })
    }

    fn is_silent(&self) -> bool {
        let is_silence = |clause: &String| {
            let words: Vec<&str> = words(clause).collect();
            let denies = words.iter().any(|word| NOT.contains(word));
            has_one(clause, SILENCE)
                || (denies && has_one(clause, ANSWERS))
                || (words.len() < 3 && words.iter().any(|word| NOTHING.contains(word)))
        };
        let is_answer = |clause: &String| {
            let words: Vec<&str> = words(clause).collect();
            (0..words.len()).any(|at| {
                let before = &words[at.saturating_sub(2)..at];
                ANSWERED.contains(&words[at]) && !before.iter().any(|word| NOT.contains(word))
            })
        };
        self.clauses.iter().any(is_silence) && !self.clauses.iter().any(is_answer)
    }
}

fn words(clause: &str) -> impl Iterator<Item = &str> {
    let words = clause.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| !word.is_empty())
}

fn has_one(clause: &str, stems: &[&str]) -> bool {
    stems.iter().any(|stem| quote::has_stem(clause, stem))
}

fn is_of_contact(clause: &str) -> bool {
    let kinds = [Kind::Phone, Kind::Writing, Kind::Shop];
    kinds.iter().any(|&kind| has_one(clause, stems(kind))) || has_one(clause, TRYING)
}

/// The numbers of a clause from two to thirty.
fn numbers(clause: &str) -> impl Iterator<Item = u32> {
    words(clause).filter_map(|word| {
        let written = NUMBERS
            .iter()
            .position(|known| known.split(' ').any(|known| known == word));
        let n = written
            .map(|at| at as u32 + 2)
            .or_else(|| word.parse().ok())?;
        (2..=30).contains(&n).then_some(n)
    })
}

fn kind_of(channel: Channel) -> Kind {
    match channel {
        Channel::Phone => Kind::Phone,
        Channel::Shop => Kind::Shop,
        Channel::Mail
        | Channel::Chat
        | Channel::Form
        | Channel::Social
        | Channel::Letter
        | Channel::App => Kind::Writing,
    }
}
