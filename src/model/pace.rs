//! How fast a case is to be answered, and who is told when it is not.

use jiff::tz::TimeZone;

use super::{Minutes, OfficeHours, Timestamp};

/// How fast this case is to be answered.
#[derive(Clone, Debug)]
pub struct Pace {
    pub answer_within: Minutes,
    /// `None`: every hour counts, as it does for an urgent case.
    pub office_hours: Option<OfficeHours>,
    pub zone: TimeZone,
    /// After how long without an answer each further step is told, the first first.
    pub escalate_after: Vec<Minutes>,
}

impl Pace {
    /// The instant `wait` after `from`, in office hours where there are any.
    pub fn after(&self, from: Timestamp, wait: Minutes) -> Timestamp {
        match &self.office_hours {
            Some(hours) => hours.after(from, wait, &self.zone),
            None => from.plus_minutes(wait.0),
        }
    }
}
