//! A case whose only letter came back.

use super::{Case, Due, State, Timestamp};

impl Case {
    /// The case as if nobody had been told of it yet; `None` where somebody has done something about it, or
    /// where it is closed.
    #[must_use]
    pub fn untold(&self, now: Timestamp) -> Option<Self> {
        if self.state != State::Told {
            return None;
        }
        // Without a countdown it was there before we listened, and waits for a person only.
        let due = match self.answer_by {
            Some(_) => Some((Due::Tell, now.plus_days(1))),
            None => self.due,
        };
        Some(Self {
            state: State::New,
            told_at: None,
            answer_by: None,
            undo: None,
            escalate: None,
            due,
            n_reminders: if self.answer_by.is_some() {
                0
            } else {
                self.n_reminders
            },
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Event, Minutes, Pace};

    #[test]
    fn what_was_told_to_nobody_is_told_anew() {
        let pace = Pace {
            escalate_after: Vec::new(),
            answer_within: Minutes::from_hours(4),
            office_hours: None,
            zone: jiff::tz::TimeZone::UTC,
        };
        let (start, later) = (Timestamp(0), Timestamp(0).plus_hours(5));
        let on = |case: &Case, event| case.on(&event, start, &pace).map(|(next, _)| next).ok();
        let told = on(&Case::open(start), Event::Told);
        let untold = told.as_ref().and_then(|told| told.untold(later));
        let untold = untold.expect("it was told");
        assert_eq!(untold.due, Some((Due::Tell, later.plus_days(1))));
        assert_eq!((untold.state, untold.told_at), (State::New, None));
        // Its letter starts the countdown again.
        let again = on(&untold, Event::Told).expect("a step");
        assert_eq!(again.due.map(|due| due.0), Some(Due::Answer));
        let before = on(&Case::backlog(start), Event::Told).expect("a step");
        assert_eq!(before.untold(later), Some(Case::backlog(start)));
        let answered = on(&told.expect("told"), Event::Answered).expect("a step");
        assert_eq!(answered.untold(later), None);
        assert_eq!(untold.untold(later), None);
    }
}
