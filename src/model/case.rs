//! A conversation with one unhappy customer, as a pure state machine.
//!
//! **Invariant:** every live case has exactly one next due time, and a closed one has none.

mod hand;

use super::verdict::word_enum;
use super::{Escalation, Minutes, Pace, Timestamp};

pub use hand::{Before, Hand, Judged, Undo};

word_enum!(
    /// Where a case stands.
    State {
        /// Opened; nobody has been told yet.
        New = "new",
        /// The manager has been told: the server took the mail.
        Told = "told",
        /// We have answered in public; his word is awaited.
        Answered = "answered",
        /// The customer has spoken again.
        Replied = "replied",
        /// He says that it is solved: closed by his own words.
        Solved = "solved",
        /// He has not spoken since our answer: closed, and opened again when he speaks.
        Silent = "silent",
        /// He has spoken again, and is still unhappy.
        Unhappy = "unhappy",
        /// His post is gone.
        Gone = "gone",
        /// A person said that it is no complaint about us.
        Dismissed = "dismissed",
    }
);

word_enum!(
    /// The closed set of reasons for which a case may be dismissed.
    Because {
        NotAboutUs = "not_about_us", OtherCompany = "other_company", SpamOrFalse = "spam_or_false",
        Duplicate = "duplicate", AlreadySolved = "already_solved", NotAComplaint = "not_a_complaint",
    }
);

word_enum!(
    /// What falls due next.
    Due {
        /// The first mail should have left by then.
        Tell = "tell",
        /// We wanted to have answered by then.
        Answer = "answer",
        /// Time to look whether the customer has answered us.
        HearBack = "hear_back",
    }
);

/// One case as the store keeps it; what the machine does not need stays with the post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub state: State,
    pub opened_at: Timestamp,
    /// When the first mail was accepted.
    pub told_at: Option<Timestamp>,
    /// Until when we want to have answered; counted from the mail.
    pub answer_by: Option<Timestamp>,
    pub due: Option<(Due, Timestamp)>,
    pub n_reminders: u32,
    /// Who else is told next while nobody answers.
    pub escalate: Option<Escalation>,
    /// Who said that he answers this customer.
    pub taken_by: Option<String>,
    /// Until when a person put it off.
    pub snoozed_until: Option<Timestamp>,
    /// What a person did last, for as long as nothing else has happened.
    pub undo: Option<Undo>,
}

/// What happens to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The mail server took the alert.
    Told,
    /// We have answered him in public.
    Answered,
    /// He has spoken again; `unhappy` if it is a complaint again.
    CustomerSpoke {
        unhappy: bool,
    },
    Closed(Closing),
    /// A person says that he answers this customer.
    Taken {
        by: String,
    },
    /// A person puts it off.
    Snoozed {
        until: Timestamp,
    },
    /// A person takes back what was done last.
    Undone,
    /// His post is gone.
    Gone,
    /// His post, which was gone, is there again.
    Back,
    /// The due time has come.
    Elapsed,
}

/// How a person closes a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closing {
    /// With the customer's own words.
    Solved {
        words: String,
    },
    Dismissed {
        because: Because,
    },
}

/// What the world should do after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Nothing,
    /// The first mail has not been accepted for a day: the operator must know.
    Stuck,
    /// Nobody has answered him: the `n`-th reminder.
    Remind {
        n: u32,
    },
    /// We answered; ask once whether he has said that it is solved.
    AskWhetherSolved,
}

/// Why a step was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the case is closed ({0})")]
    Closed(State),
    #[error("solved needs the customer's own words")]
    WordsMissing,
    #[error("the case does not wait for an answer ({0})")]
    NotWaiting(State),
    #[error("nothing was done in the last day that could be taken back")]
    NothingToUndo,
}

/// At most this many reminders a countdown; then the case waits for a person in the lists.
const REMINDERS_MAX: u32 = 3;
/// The second and third reminder follow after this many further hours of office time.
const REMIND_AGAIN: Minutes = Minutes::from_hours(8);
/// After our answer the customer has this long before we ask the manager about him.
const HEAR_BACK_DAYS: i64 = 3;
/// After that question, this long again before the case counts as silent.
const SILENT_DAYS: i64 = 11;
/// A case whose countdown is used up is looked at again this often.
const IDLE_DAYS: i64 = 7;

impl State {
    /// A live case waits for something; a closed one does not.
    pub fn is_live(self) -> bool {
        match self {
            Self::New | Self::Told | Self::Answered | Self::Replied | Self::Unhappy => true,
            Self::Solved | Self::Silent | Self::Gone | Self::Dismissed => false,
        }
    }
}

impl Case {
    /// A case that somebody must be told about.
    pub fn open(now: Timestamp) -> Self {
        Self {
            state: State::New,
            opened_at: now,
            told_at: None,
            answer_by: None,
            due: Some((Due::Tell, now.plus_days(1))),
            n_reminders: 0,
            escalate: None,
            taken_by: None,
            snoozed_until: None,
            undo: None,
        }
    }

    /// A case that was there before we looked: it is listed until a person acts, and nags nobody. It is
    /// told like any other, when the letter that lists it has been taken, and no countdown starts.
    pub fn backlog(now: Timestamp) -> Self {
        Self {
            due: Some((Due::Answer, now.plus_days(IDLE_DAYS))),
            n_reminders: REMINDERS_MAX,
            ..Self::open(now)
        }
    }

    /// The case after `event` at `now`, and what the world should do.
    ///
    /// Doing the same step twice is the same as doing it once.
    ///
    /// # Errors
    /// [`Refusal`] when the case is closed, or a closing lacks the customer's words.
    pub fn on(
        &self,
        event: &Event,
        now: Timestamp,
        pace: &Pace,
    ) -> Result<(Self, Effect), Refusal> {
        let mut next = self.clone();
        let effect = match event {
            Event::Told => next.told(now, pace),
            Event::Answered => {
                next.must_not_be_closed_by_a_person()?;
                if next.state != State::Answered {
                    next.remember(Hand::Answered, now);
                    next.state = State::Answered;
                    next.snoozed_until = None;
                    next.n_reminders = 0;
                    next.due = Some((Due::HearBack, now.plus_days(HEAR_BACK_DAYS)));
                }
                Effect::Nothing
            }
            Event::CustomerSpoke { unhappy } => {
                next.must_not_be_dismissed()?;
                next.undo = None;
                next.state = if *unhappy {
                    State::Unhappy
                } else {
                    State::Replied
                };
                next.start_countdown(now, pace);
                Effect::Nothing
            }
            Event::Closed(closing) => {
                next.close(closing, now)?;
                Effect::Nothing
            }
            Event::Taken { by } => next.take(by, now)?,
            Event::Snoozed { until } => next.snooze(*until, now)?,
            Event::Undone => next.undo(now, pace)?,
            Event::Gone => {
                if next.state.is_live() {
                    next.state = State::Gone;
                    next.due = None;
                    next.undo = None;
                }
                Effect::Nothing
            }
            Event::Back => {
                if next.state == State::Gone {
                    // It is listed again and waits for a person; it was told once, and nags nobody.
                    next = Self {
                        state: next.told_at.map_or(State::New, |_| State::Told),
                        opened_at: next.opened_at,
                        told_at: next.told_at,
                        answer_by: next.answer_by,
                        taken_by: next.taken_by,
                        ..Self::backlog(now)
                    };
                }
                Effect::Nothing
            }
            Event::Elapsed => next.elapsed(now, pace),
        };
        next.escalate = next.escalate.filter(|_| next.waits_for_us());
        Ok((next, effect))
    }

    /// When we answered, while his word is awaited for the first time.
    pub fn answered_at(&self) -> Option<Timestamp> {
        match self.due {
            Some((Due::HearBack, at)) if self.n_reminders == 0 => {
                Some(at.plus_days(-HEAR_BACK_DAYS))
            }
            _ => None,
        }
    }

    fn told(&mut self, now: Timestamp, pace: &Pace) -> Effect {
        if self.told_at.is_none() {
            self.told_at = Some(now);
        }
        if self.state == State::New {
            self.state = State::Told;
            // Where nobody waits for a mail, there is no countdown to start with it.
            if matches!(self.due, Some((Due::Tell, _))) {
                self.start_countdown(now, pace);
            }
        }
        Effect::Nothing
    }

    fn start_countdown(&mut self, now: Timestamp, pace: &Pace) {
        let answer_by = pace.after(now, pace.answer_within);
        self.answer_by = Some(answer_by);
        self.n_reminders = 0;
        self.snoozed_until = None;
        self.due = Some((Due::Answer, answer_by));
        self.escalate = Escalation::begin(now, pace);
    }

    fn close(&mut self, closing: &Closing, now: Timestamp) -> Result<(), Refusal> {
        let (state, hand) = match closing {
            Closing::Solved { words } if words.trim().is_empty() => {
                return Err(Refusal::WordsMissing);
            }
            Closing::Solved { .. } => (State::Solved, Hand::Solved),
            Closing::Dismissed { .. } => (State::Dismissed, Hand::Dismissed),
        };
        if !self.state.is_live() && self.state != State::Silent && self.state != state {
            return Err(Refusal::Closed(self.state));
        }
        if self.state != state {
            self.remember(hand, now);
        }
        self.state = state;
        self.due = None;
        self.snoozed_until = None;
        Ok(())
    }

    fn elapsed(&mut self, now: Timestamp, pace: &Pace) -> Effect {
        let Some((due, at)) = self.due else {
            return Effect::Nothing;
        };
        if at > now {
            return Effect::Nothing;
        }
        self.end_snooze(now);
        match due {
            Due::Tell => {
                self.due = Some((Due::Tell, now.plus_days(1)));
                Effect::Stuck
            }
            Due::Answer if self.n_reminders < REMINDERS_MAX => {
                self.n_reminders += 1;
                self.due = Some((
                    Due::Answer,
                    pace.after(now, REMIND_AGAIN).max(now.plus_minutes(1)),
                ));
                Effect::Remind {
                    n: self.n_reminders,
                }
            }
            Due::Answer => {
                // Nobody is nagged any more; the case stays in every list until a person acts.
                self.due = Some((Due::Answer, now.plus_days(IDLE_DAYS)));
                Effect::Nothing
            }
            Due::HearBack if self.n_reminders == 0 => {
                self.n_reminders = 1;
                self.due = Some((Due::HearBack, now.plus_days(SILENT_DAYS)));
                Effect::AskWhetherSolved
            }
            Due::HearBack => {
                self.state = State::Silent;
                self.due = None;
                Effect::Nothing
            }
        }
    }

    fn must_not_be_closed_by_a_person(&self) -> Result<(), Refusal> {
        match self.state {
            State::Solved | State::Dismissed => Err(Refusal::Closed(self.state)),
            _ => Ok(()),
        }
    }

    fn must_not_be_dismissed(&self) -> Result<(), Refusal> {
        match self.state {
            State::Dismissed => Err(Refusal::Closed(self.state)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
