//! From when and where a document is read.
//!
//! Absent: a clock; both are told.

use crate::model::{LocalTime, Timestamp};

/// Relative dates count from this instant, and a clock's time without a zone is this local time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now<'a> {
    pub(super) at: Timestamp,
    pub(super) local: &'a LocalTime,
}
