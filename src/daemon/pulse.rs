//! What can be seen of the loops from outside: when each last got on, and how its last turn ended.
//!
//! A loop gets on when a turn ends, and within a long turn when a step is done. Who asks the watchdog to wait
//! asks this first, so a loop that hangs is noticed although the process lives.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::tally::Histogram;
use crate::clock;
use crate::model::Timestamp;

/// A loop that has not got on for so long hangs. Each looks again every quarter of a minute at least, and
/// the courier gets on whenever it renews a lease.
const STILL_MAX: Duration = Duration::from_mins(3);

/// One of the loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loop {
    Poller,
    Courier,
    Keeper,
    Replies,
    Caretaker,
    /// Those of the webhooks, taken together.
    Webhooks,
}

impl Loop {
    pub const ALL: [Self; 6] = [
        Self::Poller,
        Self::Courier,
        Self::Keeper,
        Self::Replies,
        Self::Caretaker,
        Self::Webhooks,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Poller => "poller",
            Self::Courier => "courier",
            Self::Keeper => "keeper",
            Self::Replies => "replies",
            Self::Caretaker => "caretaker",
            Self::Webhooks => "webhooks",
        }
    }
}

/// The signs of all.
#[derive(Debug)]
pub struct Pulse {
    started: Instant,
    signs: [Sign; 6],
}

#[derive(Debug)]
struct Sign {
    /// When it last got on, in milliseconds since the start.
    got_on_ms: AtomicU64,
    /// When its last turn ended, by the calendar; 0 before the first.
    turned_at: AtomicI64,
    has_failed: AtomicBool,
    turns: Histogram,
}

impl Pulse {
    pub(super) fn new() -> Self {
        let sign = || Sign {
            got_on_ms: AtomicU64::new(0),
            turned_at: AtomicI64::new(0),
            has_failed: AtomicBool::new(false),
            turns: Histogram::default(),
        };
        Self {
            started: clock::stopwatch(),
            signs: [(); 6].map(|()| sign()),
        }
    }

    /// Notes that this loop gets on.
    pub(super) fn beat(&self, of: Loop) {
        let ms = self.started.elapsed().as_millis() as u64;
        self.sign(of).got_on_ms.store(ms, Ordering::Relaxed);
    }

    /// Notes that a turn of this loop has ended, and whether well.
    pub(super) fn turned(&self, of: Loop, took: Duration, is_well: bool) {
        self.beat(of);
        let sign = self.sign(of);
        sign.turned_at.store(clock::now().0, Ordering::Relaxed);
        sign.has_failed.store(!is_well, Ordering::Relaxed);
        sign.turns.add(took);
    }

    /// The loops that hang.
    pub fn still(&self) -> Vec<Loop> {
        let now = self.started.elapsed();
        let is_still = |of: &Loop| {
            let got_on = Duration::from_millis(self.sign(*of).got_on_ms.load(Ordering::Relaxed));
            now.saturating_sub(got_on) > STILL_MAX
        };
        Loop::ALL.into_iter().filter(is_still).collect()
    }

    /// The loops whose last turn failed: the database cannot be used, or not be written to.
    pub fn failed(&self) -> Vec<Loop> {
        let has_failed = |of: &Loop| self.sign(*of).has_failed.load(Ordering::Relaxed);
        Loop::ALL.into_iter().filter(has_failed).collect()
    }

    /// When the last turn of this loop ended.
    pub fn turned_at(&self, of: Loop) -> Option<Timestamp> {
        let at = self.sign(of).turned_at.load(Ordering::Relaxed);
        (at != 0).then_some(Timestamp(at))
    }

    /// How long its turns took.
    pub fn turns(&self, of: Loop) -> &Histogram {
        &self.sign(of).turns
    }

    fn sign(&self, of: Loop) -> &Sign {
        let [poller, courier, keeper, replies, caretaker, webhooks] = &self.signs;
        match of {
            Loop::Poller => poller,
            Loop::Courier => courier,
            Loop::Keeper => keeper,
            Loop::Replies => replies,
            Loop::Caretaker => caretaker,
            Loop::Webhooks => webhooks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_that_does_not_get_on_hangs() {
        let began = clock::stopwatch().checked_sub(2 * STILL_MAX);
        let pulse = Pulse {
            started: began.unwrap(),
            ..Pulse::new()
        };
        pulse.beat(Loop::Poller);
        pulse.turned(Loop::Keeper, Duration::ZERO, false);
        let still = pulse.still();
        assert_eq!(still.len(), Loop::ALL.len() - 2);
        assert!(!still.contains(&Loop::Poller) && !still.contains(&Loop::Keeper));
        assert_eq!(pulse.failed(), [Loop::Keeper]);
        assert!(Pulse::new().still().is_empty());
    }
}
