//! The nouns: post, verdict, case, schedule. One word each, the same in code, SQL, pages and documents.
//!
//! **Invariant:** nothing here awaits, reads a clock, opens a file or fails on bad input.

mod canonical;
mod case;
mod circumstances;
mod company;
mod daily;
mod delivery;
mod escalation;
mod health;
mod holidays;
mod host;
mod hours;
mod id;
mod incident;
mod lang;
mod link;
mod local_time;
mod pace;
mod post;
mod returned;
mod schedule;
mod time;
mod verdict;

pub use case::{
    Because, Before, Case, Closing, Due, Effect, Event, Hand, Judged, Refusal, State, Undo,
};
pub use circumstances::{Circumstances, Reach};
pub use company::{Company, Remedy};
pub use daily::{Daily, local_day};
pub use delivery::GivenUp;
pub use escalation::Escalation;
pub use health::{
    Ailment, Condition, HABIT_DAYS, Habit, HourCount, Word, habit, posts_a_day, sparkline, tell_at,
};
pub use holidays::{HolidayFault, Holidays, NoHoliday};
pub use host::pace_key;
pub use hours::OfficeHours;
pub(crate) use id::base32;
pub use id::{
    CaseId, PostId, SourceId, digest_hex, fingerprint, message_id, place_of, post_keys, reply_keys,
    same_author, suppressed_author, suppressed_link, suppression_keys,
};
pub use incident::{
    Bond, IncidentId, SURGE_DAYS, SURGE_HOURS, is_doubled, named_by, rests_until, surge_from,
};
pub use lang::{Lang, Ui, counted};
pub use link::{Deed, Grant, KeyRing, LINK_DAYS, LinkKeys, NotValid, ReaderId, Subject};
pub use local_time::LocalTime;
pub use pace::Pace;
pub use post::{How, Post, PostKey};
pub use schedule::{Asked, Cadence, Hints, Rhythm, entry_gap_ms, next_check};
pub use time::{Minutes, Timestamp};
pub use verdict::{
    Channel, Field, Level, Millionths, Reason, Signal, SignalKind, Span, Target, Topic, Verdict,
};
