//! What this process has done since it started, counted for `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::flow::outbox;
use crate::flow::poll::Outcome;

/// Upper ends of the buckets, in milliseconds: from a local answer to the longest wait of a verb.
pub const BUCKETS_MS: [u64; 12] = [
    5, 25, 100, 250, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000,
];

/// How long something took, in buckets.
#[derive(Debug, Default)]
pub struct Histogram {
    /// Those within each bucket and no smaller one.
    within: [AtomicU64; BUCKETS_MS.len()],
    n: AtomicU64,
    sum_ms: AtomicU64,
}

/// Counted by the word of each outcome.
#[derive(Debug)]
pub struct Counter<const N: usize> {
    words: [&'static str; N],
    n: [AtomicU64; N],
}

#[derive(Debug)]
pub struct Tally {
    pub polls: Counter<4>,
    pub poll_time: Histogram,
    pub attempts: Counter<6>,
    pub attempt_time: Histogram,
}

impl Histogram {
    pub(super) fn add(&self, took: Duration) {
        let ms = took.as_millis() as u64;
        let at = BUCKETS_MS.partition_point(|end| *end < ms);
        if let Some(bucket) = self.within.get(at) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.n.fetch_add(1, Ordering::Relaxed);
        self.sum_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// How many took no longer than each bucket's end, how many there are, and their sum in
    /// milliseconds.
    pub fn read(&self) -> ([u64; BUCKETS_MS.len()], u64, u64) {
        let mut so_far = 0;
        let sums = self.within.each_ref().map(|bucket| {
            so_far += bucket.load(Ordering::Relaxed);
            so_far
        });
        // What was added between two looks must not make a part larger than the whole.
        let n = self.n.load(Ordering::Relaxed).max(so_far);
        (sums, n, self.sum_ms.load(Ordering::Relaxed))
    }
}

impl<const N: usize> Counter<N> {
    fn new(words: [&'static str; N]) -> Self {
        Self {
            words,
            n: [const { AtomicU64::new(0) }; N],
        }
    }

    fn add(&self, word: &str) {
        if let Some(at) = self.words.iter().position(|known| *known == word) {
            self.n[at].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Each word with its count.
    pub fn read(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = self.n.iter().map(|n| n.load(Ordering::Relaxed));
        self.words.into_iter().zip(counts)
    }
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            polls: Counter::new(["read", "not_modified", "put_off", "trouble"]),
            poll_time: Histogram::default(),
            attempts: Counter::new([
                "sent",
                "transport",
                "later",
                "refused",
                "content_refused",
                "in_doubt",
            ]),
            attempt_time: Histogram::default(),
        }
    }

    pub(super) fn polled(&self, outcome: &Outcome, took: Duration) {
        self.polls.add(match outcome {
            Outcome::Read { .. } => "read",
            Outcome::NotModified { .. } => "not_modified",
            Outcome::PutOff { .. } => "put_off",
            Outcome::Trouble(_) => "trouble",
        });
        self.poll_time.add(took);
    }

    pub(super) fn attempted(&self, outcome: outbox::Outcome, took: Duration) {
        self.attempts.add(match outcome {
            outbox::Outcome::Sent => "sent",
            outbox::Outcome::Transport => "transport",
            outbox::Outcome::Later => "later",
            outbox::Outcome::Refused => "refused",
            outbox::Outcome::ContentRefused => "content_refused",
            outbox::Outcome::InDoubt => "in_doubt",
        });
        self.attempt_time.add(took);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stand_in_their_buckets_and_in_all_larger_ones() {
        let histogram = Histogram::default();
        for ms in [0, 5, 6, 600_000, 600_001] {
            histogram.add(Duration::from_millis(ms));
        }
        let (sums, n, sum_ms) = histogram.read();
        assert_eq!((sums[0], sums[1], sums[10], sums[11]), (2, 3, 3, 4));
        assert_eq!((n, sum_ms), (5, 1_200_012));
    }

    #[test]
    fn outcomes_are_counted_by_their_words() {
        let tally = Tally::new();
        tally.attempted(outbox::Outcome::Sent, Duration::ZERO);
        tally.attempted(outbox::Outcome::Sent, Duration::ZERO);
        let counted: Vec<_> = tally.attempts.read().filter(|(_, n)| *n > 0).collect();
        assert_eq!(counted, [("sent", 2)]);
    }
}
