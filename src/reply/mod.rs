//! Public replies: drafts that a decent person would sign, and the check that refuses the others.
//!
//! A draft takes its facts only from the post and the signals, tells them as the customer's words,
//! and promises a next step by a named person at a date. Drafts for different customers share no
//! sentence.
//!
//! **Invariant:** pure and total; nothing is published from here, a person answers.

mod check;
pub(crate) mod contact;
mod facts;
mod frames;
mod phrases;
pub(crate) mod quote;
pub(crate) mod when;

pub use check::{Fault, FaultKind, check};
pub(crate) use when::is_only_a_day;

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
/// careful signal, and where he does not say what happened. Only drafts that pass the reply check are given.
pub fn drafts(brief: &Brief) -> Vec<Draft> {
    let lang = brief.lang();
    let frames = frames::of(lang);
    let facts = Facts::of(brief, lang, frames);
    let wanted = if brief.is_careful() || facts.is_vague {
        2
    } else {
        3
    };
    let mut drafts: Vec<Draft> = Vec::with_capacity(wanted);
    // Other turns stand in for a draft that the check refuses.
    for turn in 0..2 * wanted {
        if drafts.len() == wanted {
            break;
        }
        let Some(text) = compose(frames, &facts, brief, turn) else {
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
/// The turns differ in their number of sentences and in what the last one says.
fn compose(frames: &Frames, facts: &Facts, brief: &Brief, turn: usize) -> Option<String> {
    let (before, step): (Vec<&[&str]>, &[&str]) = if brief.verdict.has(SignalKind::Safety) {
        (vec![frames.safety_open], frames.careful_step)
    } else if brief.is_careful() {
        (vec![frames.careful_open], frames.careful_step)
    } else if facts.is_vague {
        (vec![frames.vague_open], frames.vague_step)
    } else {
        let open = if facts.has("contact") {
            frames.open_contact
        } else {
            frames.open_plain
        };
        let mut before = vec![open];
        before.extend(middle(frames, facts, turn));
        (before, last(frames, facts, brief, turn))
    };
    let mut sentences = Vec::with_capacity(before.len());
    for (place, group) in before.iter().enumerate() {
        sentences.push(facts.sentence(group, place, turn)?);
    }
    let step = facts.sentence(step, before.len(), turn)?;
    Some(format!(
        "{}\n\n{step}\n\n{}",
        sentences.join(" "),
        facts.signature
    ))
}

/// The years and the fault, in one sentence or in two.
fn middle<'f>(frames: &'f Frames, facts: &Facts, turn: usize) -> Vec<&'f [&'f str]> {
    // A few words without a name by them may be anybody's, and are not quoted.
    let quoted = facts.has("quote") && (facts.has("name") || !facts.is_brief);
    let fault = if quoted {
        frames.fault
    } else {
        frames.fault_bare
    };
    // His name is called once beside the greeting, not twice.
    let apart = turn % 3 == 1 && facts.has("name") && !facts.is_brief;
    match (facts.has("years"), quoted) {
        // Without a name the opening has the case already, and the last sentence has the topic.
        (false, false) if !facts.has("name") => Vec::new(),
        (false, _) => vec![fault],
        (true, _) if apart => vec![frames.thanks, fault],
        (true, true) => vec![frames.fault_years],
        (true, false) => vec![frames.years_bare],
    }
}

/// The next step: first with a remedy where there is one, and in the third draft for all who read
/// it or for one who leaves; a promise to let him go in every draft would sound like a push.
fn last<'f>(frames: &'f Frames, facts: &Facts, brief: &Brief, turn: usize) -> &'f [&'f str] {
    let has = |kind| brief.verdict.has(kind);
    match turn % 3 {
        0 if facts.has("offer") => frames.step_offer,
        2 if has(SignalKind::Farewell) => frames.step_gone,
        2 if has(SignalKind::ChurnThreat) => frames.step_leave,
        2 => frames.step_all,
        _ => frames.step,
    }
}

#[cfg(test)]
mod tests;
