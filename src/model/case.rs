//! A conversation with one unhappy customer, as a pure state machine.
//!
//! **Invariant:** every live case has exactly one next due time, and a closed one has none.

use super::verdict::word_enum;
use super::{Escalation, Minutes, Pace, Timestamp};

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
                    next.state = State::Answered;
                    next.n_reminders = 0;
                    next.due = Some((Due::HearBack, now.plus_days(HEAR_BACK_DAYS)));
                }
                Effect::Nothing
            }
            Event::CustomerSpoke { unhappy } => {
                next.must_not_be_dismissed()?;
                next.state = if *unhappy {
                    State::Unhappy
                } else {
                    State::Replied
                };
                next.start_countdown(now, pace);
                Effect::Nothing
            }
            Event::Closed(closing) => {
                next.close(closing)?;
                Effect::Nothing
            }
            Event::Gone => {
                if next.state.is_live() {
                    next.state = State::Gone;
                    next.due = None;
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
        self.due = Some((Due::Answer, answer_by));
        self.escalate = Escalation::begin(now, pace);
    }

    fn close(&mut self, closing: &Closing) -> Result<(), Refusal> {
        let state = match closing {
            Closing::Solved { words } if words.trim().is_empty() => {
                return Err(Refusal::WordsMissing);
            }
            Closing::Solved { .. } => State::Solved,
            Closing::Dismissed { .. } => State::Dismissed,
        };
        if !self.state.is_live() && self.state != State::Silent && self.state != state {
            return Err(Refusal::Closed(self.state));
        }
        self.state = state;
        self.due = None;
        Ok(())
    }

    fn elapsed(&mut self, now: Timestamp, pace: &Pace) -> Effect {
        let Some((due, at)) = self.due else {
            return Effect::Nothing;
        };
        if at > now {
            return Effect::Nothing;
        }
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
mod tests {
    use super::*;

    fn pace() -> Pace {
        Pace {
            answer_within: Minutes::from_hours(4),
            office_hours: None,
            zone: jiff::tz::TimeZone::UTC,
            escalate_after: Vec::new(),
        }
    }

    fn hour(n: i64) -> Timestamp {
        Timestamp(0).plus_hours(n)
    }

    /// Plays `(hour, event)` steps and tells where the case ends.
    #[track_caller]
    fn check(steps: &[(i64, Event)], expected: &str) {
        let mut case = Case::open(hour(0));
        let mut told = Vec::new();
        for (at, event) in steps {
            match case.on(event, hour(*at), &pace()) {
                Ok((next, effect)) => {
                    case = next;
                    if effect != Effect::Nothing {
                        told.push(format!("{effect:?}"));
                    }
                }
                Err(refusal) => told.push(format!("refused: {refusal}")),
            }
            assert_eq!(
                case.state.is_live(),
                case.due.is_some(),
                "one due time while live: {case:?}"
            );
        }
        let due = case.due.map_or("-".to_owned(), |(due, at)| {
            format!("{due}@{}", at.0 / 3_600_000)
        });
        assert_eq!(
            format!("{} {due} [{}]", case.state, told.join(", ")),
            expected
        );
    }

    fn solved(words: &str) -> Event {
        Event::Closed(Closing::Solved {
            words: words.into(),
        })
    }

    fn dismissed() -> Event {
        Event::Closed(Closing::Dismissed {
            because: Because::Duplicate,
        })
    }

    #[test]
    fn the_countdown_begins_with_the_mail_not_before() {
        check(&[], "new tell@24 []");
        check(&[(20, Event::Told)], "told answer@24 []");
        check(&[(20, Event::Told), (22, Event::Told)], "told answer@24 []");
        check(&[(24, Event::Elapsed)], "new tell@48 [Stuck]");
    }

    #[test]
    fn reminders_come_when_due_and_are_bounded() {
        check(&[(0, Event::Told), (3, Event::Elapsed)], "told answer@4 []");
        check(
            &[(0, Event::Told), (4, Event::Elapsed)],
            "told answer@12 [Remind { n: 1 }]",
        );
        let mut steps = vec![(0, Event::Told)];
        steps.extend((1..200).map(|n| (n * 4, Event::Elapsed)));
        let mut case = Case::open(hour(0));
        let mut n_reminders = 0;
        for (at, event) in steps {
            let (next, effect) = case.on(&event, hour(at), &pace()).unwrap();
            n_reminders += u32::from(matches!(effect, Effect::Remind { .. }));
            case = next;
        }
        assert_eq!(n_reminders, REMINDERS_MAX);
        assert!(case.due.is_some());
    }

    #[test]
    fn an_older_case_is_told_by_its_letter_and_starts_no_countdown() {
        let before = Case::backlog(hour(0));
        assert_eq!(before.state, State::New);
        let (told, effect) = before.on(&Event::Told, hour(1), &pace()).unwrap();
        assert_eq!((told.state, effect), (State::Told, Effect::Nothing));
        assert_eq!((told.told_at, told.answer_by), (Some(hour(1)), None));
        assert_eq!(told.due, before.due);
    }

    #[test]
    fn his_word_closes_it_and_silence_does_too_until_he_speaks() {
        check(
            &[(0, Event::Told), (1, Event::Answered)],
            "answered hear_back@73 []",
        );
        check(
            &[
                (0, Event::Told),
                (1, Event::Answered),
                (80, solved("gracias, arreglado")),
            ],
            "solved - []",
        );
        check(
            &[(0, Event::Told), (1, solved(" "))],
            "told answer@4 [refused: solved needs the customer's own words]",
        );
        let silent = [
            (0, Event::Told),
            (1, Event::Answered),
            (73, Event::Elapsed),
            (400, Event::Elapsed),
        ];
        check(&silent, "silent - [AskWhetherSolved]");
        let mut again = silent.to_vec();
        again.push((500, Event::CustomerSpoke { unhappy: true }));
        check(&again, "unhappy answer@504 [AskWhetherSolved]");
    }

    #[test]
    fn what_a_person_closed_stays_closed() {
        check(&[(0, Event::Told), (1, dismissed())], "dismissed - []");
        check(&[(1, dismissed()), (2, dismissed())], "dismissed - []");
        check(
            &[(1, dismissed()), (2, Event::Answered)],
            "dismissed - [refused: the case is closed (dismissed)]",
        );
        check(&[(1, dismissed()), (2, Event::Told)], "dismissed - []");
        check(&[(1, Event::Gone), (2, Event::Elapsed)], "gone - []");
        check(&[(1, Event::Back)], "new tell@24 []");
        let mut back = vec![(1, Event::Gone), (2, Event::Back), (900, Event::Elapsed)];
        check(&back, "new answer@1068 []");
        back.insert(0, (0, Event::Told));
        check(&back, "told answer@1068 []");
        check(
            &[
                (1, solved("ya está")),
                (2, Event::CustomerSpoke { unhappy: true }),
            ],
            "unhappy answer@6 []",
        );
    }
}
