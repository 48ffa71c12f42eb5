//! Public replies: drafts that a decent person would sign, and the check that refuses the others.
//!
//! A draft takes its facts only from the post and the signals, tells them as the customer's words, and
//! promises a next step by a named person at a date. Drafts for different customers share no sentence.
//!
//! **Invariant:** pure and total; nothing is published from here, a person answers.

mod check;
mod facts;
mod frames;
mod phrases;
mod quote;
pub(crate) mod when;

pub use check::{Fault, FaultKind, check};

use jiff::tz::TimeZone;

use crate::model::{CaseId, Company, Lang, Post, Remedy, SignalKind, Timestamp, Verdict};
use facts::Facts;
use frames::Frames;

/// All that a draft or a letter about one case is made of.
#[derive(Clone, Copy, Debug)]
pub struct Brief<'a> {
    pub post: &'a Post,
    pub verdict: &'a Verdict,
    pub company: &'a Company,
    pub remedies: &'a [Remedy],
    pub case_id: &'a CaseId,
    pub now: Timestamp,
    pub zone: &'a TimeZone,
    /// Until when we want to have answered.
    pub answer_by: Timestamp,
}

/// A suggested public reply, plain text that ends with the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub lang: Lang,
    pub text: String,
}

/// With these signals a draft neither admits nor offers anything, and asks for a person.
const CAREFUL: [SignalKind; 3] = [
    SignalKind::LegalThreat,
    SignalKind::Safety,
    SignalKind::Privacy,
];

/// Two or three drafts in the customer's language (Spanish where that is unknown); two with a
/// careful signal. Only drafts that pass the reply check are given.
pub fn drafts(brief: &Brief) -> Vec<Draft> {
    let lang = brief.lang();
    let frames = frames::of(lang);
    let facts = Facts::of(brief, lang, frames);
    let wanted = if brief.is_careful() { 2 } else { 3 };
    let mut drafts: Vec<Draft> = Vec::with_capacity(wanted);
    // Other turns stand in for a draft that the check refuses.
    for turn in 0..2 * wanted {
        if drafts.len() == wanted {
            break;
        }
        let Some(text) = compose(frames, &facts, brief.is_careful(), turn) else {
            continue;
        };
        let is_new = drafts.iter().all(|other| other.text != text);
        if is_new && check(&text, Some(lang), Some(brief)).is_empty() {
            drafts.push(Draft { lang, text });
        }
    }
    drafts
}

impl Brief<'_> {
    /// The customer's language.
    pub fn lang(&self) -> Lang {
        self.verdict.lang.or(self.post.lang).unwrap_or(Lang::Es)
    }

    /// True where a draft must neither admit nor offer.
    pub fn is_careful(&self) -> bool {
        CAREFUL.iter().any(|&kind| self.verdict.has(kind))
    }

    /// The person who signs, without his role.
    pub fn signer(&self) -> Option<&str> {
        let signature = self.company.signature.as_deref()?;
        let name = signature.split(',').next().unwrap_or("").trim();
        (!name.is_empty()).then_some(name)
    }

    /// The remedy for one of the post's topics that has words in `lang`.
    pub(crate) fn remedy(&self, lang: Lang) -> Option<(&Remedy, &str)> {
        self.remedies
            .iter()
            .filter(|remedy| self.verdict.topics.contains(&remedy.topic))
            .find_map(|remedy| {
                let (_, offer) = remedy.offer.iter().find(|(of, _)| *of == lang)?;
                Some((remedy, offer.trim().trim_end_matches('.')))
            })
    }
}

/// The `turn`-th draft: own the contact, thank the years and name the fault, say the next step.
fn compose(frames: &Frames, facts: &Facts, careful: bool, turn: usize) -> Option<String> {
    let groups: Vec<&[&str]> = if careful {
        vec![frames.careful_open, frames.careful_step]
    } else {
        let ends = [frames.step_offer, frames.step, frames.step_all];
        vec![
            if facts.has("contact") {
                frames.open_contact
            } else {
                frames.open_plain
            },
            match (facts.has("years"), facts.has("quote")) {
                (true, true) => frames.fault_years,
                (true, false) => frames.years_bare,
                (false, true) => frames.fault,
                (false, false) => frames.fault_bare,
            },
            match ends[turn % 3] {
                _ if turn.is_multiple_of(3) && !facts.has("offer") => frames.step,
                end => end,
            },
        ]
    };
    let mut sentences = Vec::with_capacity(groups.len());
    for (place, group) in groups.into_iter().enumerate() {
        sentences.push(facts.sentence(group, place, turn)?);
    }
    let step = sentences.pop()?;
    Some(format!(
        "{}\n\n{step}\n\n{}",
        sentences.join(" "),
        facts.signature
    ))
}

#[cfg(test)]
mod tests;
