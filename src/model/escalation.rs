//! Nobody answers: who else is told, step by step, counted from the mail that told of the case.
//!
//! Absent: who they are, and the letter; the steps here are numbers.

use serde::{Deserialize, Serialize};

use super::{Case, Due, Minutes, Pace, Timestamp};

/// The next step, and when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// From 0.
    pub step: usize,
    pub at: Timestamp,
}

impl Escalation {
    /// The first step of a countdown that begins at `from`.
    pub(super) fn begin(from: Timestamp, pace: &Pace) -> Option<Self> {
        let after = *pace.escalate_after.first()?;
        Some(Self {
            step: 0,
            at: pace.after(from, after),
        })
    }

    /// The same step, put off.
    pub(super) fn not_before(self, at: Timestamp) -> Self {
        Self {
            at: self.at.max(at),
            ..self
        }
    }

    /// Open time adds up, so that each step is counted on from the one before it.
    fn next(self, pace: &Pace) -> Option<Self> {
        let step = self.step + 1;
        let after = pace.escalate_after.get(step)?.0;
        let before = pace.escalate_after.get(self.step)?.0;
        Some(Self {
            step,
            at: pace.after(self.at, Minutes(after - before)),
        })
    }
}

impl Case {
    /// The case after the step that has fallen due by `now`, and which one that was. A step is made once;
    /// one that is no longer configured is none.
    pub fn escalated(&self, now: Timestamp, pace: &Pace) -> (Self, Option<usize>) {
        let mut next = self.clone();
        next.end_snooze(now);
        let is_put_off = next.snoozed_until.is_some();
        let Some(due) = self.escalate.filter(|due| due.at <= now && !is_put_off) else {
            return (self.clone(), None);
        };
        next.escalate = due.next(pace);
        let is_known = due.step < pace.escalate_after.len();
        (next, Some(due.step).filter(|_| is_known))
    }

    /// Only who waits for our answer is escalated.
    pub(super) fn waits_for_us(&self) -> bool {
        matches!(self.due, Some((Due::Answer, _)))
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::super::{Because, Closing, Event, OfficeHours};
    use super::*;

    fn pace(office_hours: Option<&str>) -> Pace {
        Pace {
            answer_within: Minutes::from_hours(4),
            office_hours: office_hours.map(|hours| OfficeHours::parse(hours).unwrap()),
            zone: TimeZone::get("Europe/Madrid").unwrap(),
            escalate_after: vec![Minutes::from_hours(2), Minutes::from_hours(9)],
        }
    }

    fn at(local: &str) -> Timestamp {
        let zoned: jiff::Zoned = format!("{local}[Europe/Madrid]").parse().unwrap();
        Timestamp::from_jiff(zoned.timestamp())
    }

    /// A case is told at the first instant and this happens to it; when which step is made, looking every
    /// ten minutes for a week.
    #[track_caller]
    fn check(office_hours: Option<&str>, told: &str, then: &[(i64, Event)], expected: &[&str]) {
        let pace = pace(office_hours);
        let from = at(told);
        let (mut case, _) = Case::open(from).on(&Event::Told, from, &pace).unwrap();
        let mut made = Vec::new();
        for minute in (0..7 * 24 * 60).step_by(10) {
            let now = from.plus_minutes(minute);
            for (_, event) in then.iter().filter(|(at, _)| *at == minute) {
                case = case.on(event, now, &pace).unwrap().0;
            }
            let (next, step) = case.escalated(now, &pace);
            if let Some(step) = step {
                let shown = now.in_zone(&pace.zone).strftime("%a %H:%M").to_string();
                made.push(format!("{step} {shown}"));
            }
            case = next;
        }
        assert_eq!(made, expected);
    }

    const HOURS: Option<&str> = Some("lun-vie 09:00-14:00,16:00-19:00");

    #[test]
    fn each_step_comes_once_in_office_hours_from_the_mail() {
        check(
            HOURS,
            "2026-11-20T10:00",
            &[],
            &["0 Fri 12:00", "1 Mon 11:00"],
        );
        check(
            HOURS,
            "2026-11-20T18:30",
            &[],
            &["0 Mon 10:30", "1 Tue 09:30"],
        );
        // An urgent one counts every hour.
        check(
            None,
            "2026-11-20T18:30",
            &[],
            &["0 Fri 20:30", "1 Sat 03:30"],
        );
    }

    #[test]
    fn who_was_answered_or_dismissed_is_not_escalated() {
        let dismissed = Event::Closed(Closing::Dismissed {
            because: Because::Duplicate,
        });
        check(None, "2026-11-20T10:00", &[(60, Event::Answered)], &[]);
        check(
            None,
            "2026-11-20T10:00",
            &[(130, dismissed)],
            &["0 Fri 12:00"],
        );
        check(None, "2026-11-20T10:00", &[(60, Event::Gone)], &[]);
        // He complains again: it is counted anew from then.
        let again = Event::CustomerSpoke { unhappy: true };
        check(
            None,
            "2026-11-20T10:00",
            &[(60, Event::Answered), (180, again)],
            &["0 Fri 15:00", "1 Fri 22:00"],
        );
    }

    #[test]
    fn who_is_put_off_is_not_escalated_before() {
        let until = at("2026-11-20T15:00");
        let put_off = Event::Snoozed { until };
        check(
            None,
            "2026-11-20T10:00",
            &[(60, put_off.clone())],
            &["0 Fri 15:00", "1 Fri 22:00"],
        );
        check(
            None,
            "2026-11-20T10:00",
            &[(60, put_off), (90, Event::Undone)],
            &["0 Fri 12:00", "1 Fri 19:00"],
        );
    }

    #[test]
    fn what_was_there_before_us_and_steps_that_are_gone_are_silent() {
        let from = at("2026-11-20T10:00");
        let whole = pace(None);
        let (told, _) = Case::backlog(from).on(&Event::Told, from, &whole).unwrap();
        assert_eq!(told.escalate, None);
        let (told, _) = Case::open(from).on(&Event::Told, from, &whole).unwrap();
        let none = Pace {
            escalate_after: Vec::new(),
            ..whole
        };
        let (next, step) = told.escalated(from.plus_hours(3), &none);
        assert_eq!((next.escalate, step), (None, None));
    }
}
