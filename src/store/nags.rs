//! Rows of the budget and of digests: plain, no behaviour.

use crate::model::{CaseId, SourceId, State, Timestamp, Topic};

/// Whom letters are held for that no other letter lists yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldSum {
    pub recipient: String,
    pub n: i64,
    /// Of which so many came at once.
    pub n_flood: i64,
    /// Over the budget of a day, and urgent.
    pub n_urgent: i64,
    /// Since when the first is held.
    pub first_at: Timestamp,
}

/// A delivery that was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRow {
    pub id: String,
    pub recipient: String,
    pub kind: String,
    pub case_id: Option<CaseId>,
    pub subject: String,
    pub is_flood: bool,
    pub is_urgent: bool,
    /// The alert that lists it.
    pub listed_in: Option<String>,
}

/// Which of what is held for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    All,
    /// What came at once.
    Flood,
    /// What is over the budget of the day, and urgent.
    Urgent,
}

/// A case of which a held letter tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCase {
    pub case: CaseId,
    /// Of the letter.
    pub kind: String,
    pub is_urgent: bool,
    pub author: Option<String>,
    /// The beginning of what was said.
    pub words: String,
    pub url: Option<String>,
    pub source: SourceId,
    pub published: Option<Timestamp>,
    pub risk: u8,
}

/// One digest: of a kind, for a person and a day.
#[derive(Clone, Copy, Debug)]
pub struct DigestMark<'a> {
    pub kind: &'a str,
    pub recipient: &'a str,
    pub day: &'a str,
    /// Until when it tells what happened.
    pub until: Timestamp,
}

/// How many cases are open, by what they wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenCounts {
    /// Our answer.
    pub n_waiting: i64,
    /// Our answer, and they were there before we looked.
    pub n_backlog: i64,
    /// The customer's word.
    pub n_answered: i64,
}

/// A case in the sums of a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekCase {
    pub state: State,
    pub topic: Option<Topic>,
    pub risk: u8,
}

/// A case that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerRow {
    pub told_at: Option<Timestamp>,
    pub published: Option<Timestamp>,
    pub answered_at: Timestamp,
}
