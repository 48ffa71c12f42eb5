//! What the simulated worlds came to, in one line.

use std::fmt;

/// What happened in all worlds.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) complaints: usize,
    pub(crate) crashes: usize,
    pub(crate) copies: usize,
    /// Letters about incidents.
    pub(crate) incidents: usize,
    /// Digests and letters of a week that were accepted.
    pub(crate) digests: usize,
    /// Mails that were kept over the budget, or in a flood.
    pub(crate) held: usize,
    pub(crate) mails: usize,
    pub(super) dead: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.complaints += other.complaints;
        self.crashes += other.crashes;
        self.copies += other.copies;
        self.incidents += other.incidents;
        self.digests += other.digests;
        self.held += other.held;
        self.mails += other.mails;
        self.dead += other.dead;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} complaints, {} mails accepted, {} copies, {} letters about incidents, {} digests, \
             {} kept over the budget, {} dead letters, {} crashes, 0 lost",
            self.complaints,
            self.mails,
            self.copies,
            self.incidents,
            self.digests,
            self.held,
            self.dead,
            self.crashes
        )
    }
}
