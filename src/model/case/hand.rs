//! What people do with a case by hand beside answering and closing it: take it, put it off, and take back
//! what was done last.

use serde::{Deserialize, Serialize};

use super::super::verdict::word_enum;
use super::{Case, Due, Effect, Pace, REMINDERS_MAX, Refusal, State};
use crate::model::{Escalation, Timestamp};

/// What was done can be taken back for so long.
const UNDO_DAYS: i64 = 1;

word_enum!(
    /// What a person did.
    Hand {
        Answered = "answered", Solved = "solved", Dismissed = "dismissed", Taken = "taken",
        Snoozed = "snoozed",
    }
);

/// The last act of a person, and what it can be taken back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    pub hand: Hand,
    pub at: Timestamp,
    pub before: Before,
    /// What had been said of the post before a dismissal said that it is none of ours.
    pub judged: Option<Judged>,
}

/// The case as it was before that act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    pub state: State,
    pub answer_by: Option<Timestamp>,
    pub due: Option<(Due, Timestamp)>,
    pub n_reminders: u32,
    pub taken_by: Option<String>,
    pub snoozed_until: Option<Timestamp>,
    pub escalate: Option<Escalation>,
}

/// A judgement as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    pub is_complaint: bool,
    pub because: String,
    pub at: Timestamp,
}

impl Case {
    /// What a person did last and may still take back.
    pub fn undoable(&self, now: Timestamp) -> Option<&Undo> {
        self.undo
            .as_ref()
            .filter(|undo| now < undo.at.plus_days(UNDO_DAYS))
    }

    /// True while it waits for our answer, and somebody has been told.
    pub fn waits_for_answer(&self) -> bool {
        let waits = matches!(self.state, State::Told | State::Replied | State::Unhappy);
        waits && matches!(self.due, Some((Due::Answer, _)))
    }

    pub(super) fn remember(&mut self, hand: Hand, now: Timestamp) {
        self.undo = Some(Undo {
            hand,
            at: now,
            before: Before {
                state: self.state,
                answer_by: self.answer_by,
                due: self.due,
                n_reminders: self.n_reminders,
                taken_by: self.taken_by.clone(),
                snoozed_until: self.snoozed_until,
                escalate: self.escalate,
            },
            judged: None,
        });
    }

    pub(super) fn take(&mut self, by: &str, now: Timestamp) -> Result<Effect, Refusal> {
        if !self.state.is_live() {
            return Err(Refusal::Closed(self.state));
        }
        if self.taken_by.as_deref() != Some(by) {
            self.remember(Hand::Taken, now);
            self.taken_by = Some(by.to_owned());
        }
        Ok(Effect::Nothing)
    }

    /// Who puts a case off wants to be reminded then, also when the reminders were used up; and nobody else
    /// is told before.
    pub(super) fn snooze(&mut self, until: Timestamp, now: Timestamp) -> Result<Effect, Refusal> {
        if !self.waits_for_answer() {
            return Err(Refusal::NotWaiting(self.state));
        }
        if self.snoozed_until != Some(until) {
            self.remember(Hand::Snoozed, now);
            self.snoozed_until = Some(until);
            self.escalate = self.escalate.map(|next| next.not_before(until));
            self.due = Some((Due::Answer, until.max(now)));
            self.n_reminders = self.n_reminders.min(REMINDERS_MAX - 1);
        }
        Ok(Effect::Nothing)
    }

    pub(super) fn undo(&mut self, now: Timestamp, pace: &Pace) -> Result<Effect, Refusal> {
        let Some(undo) = self.undoable(now).cloned() else {
            return Err(Refusal::NothingToUndo);
        };
        let before = undo.before;
        self.undo = None;
        self.taken_by = before.taken_by;
        // Who took it has no hand in the countdown, which may have gone on since.
        if undo.hand != Hand::Taken {
            self.state = before.state;
            self.answer_by = before.answer_by;
            self.due = before.due;
            self.n_reminders = before.n_reminders;
            self.snoozed_until = before.snoozed_until;
            self.escalate = before.escalate;
        }
        // Its mail left after that act: somebody has been told since.
        if self.told_at.is_some() && self.state == State::New {
            self.told(now, pace);
        }
        Ok(Effect::Nothing)
    }

    /// A time that is over is put off no longer, and its putting off cannot be taken back.
    pub(in crate::model) fn end_snooze(&mut self, now: Timestamp) {
        if self.snoozed_until.is_some_and(|until| until <= now) {
            self.snoozed_until = None;
            self.undo = self.undo.take().filter(|undo| undo.hand != Hand::Snoozed);
        }
    }
}
