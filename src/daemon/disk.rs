//! What is done when the disk under the database is short or fails: sources are no longer read first, so
//! that what is stored can still be sent; all goes on by itself when the disk is well again.

use std::sync::{Mutex, PoisonError};

use tracing::{info, warn};

use super::Service;
use crate::model::{Timestamp, Ui};
use crate::store::{DiskTrouble, Fault, StoreError};

/// How often a disk that is not well is looked at again.
pub(super) const LOOK_SECONDS: i64 = 5;

/// What is known of the disk.
#[derive(Debug, Default)]
pub(super) struct Disk(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Something could not be written, and nothing was since.
    failed: Option<DiskTrouble>,
    /// Why sources are not read, as it was last said.
    said: Option<String>,
    /// The caretaker has looked at it since the start.
    is_looked_at: bool,
}

impl Disk {
    /// Notes that something could not be stored.
    pub(super) fn note(&self, failure: &StoreError) {
        if let Some(trouble) = failure.disk() {
            self.fail(trouble);
        }
    }

    /// True once a start.
    pub(super) fn is_first_look(&self) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        !std::mem::replace(&mut state.is_looked_at, true)
    }

    /// Nothing is read into a database that is damaged, until somebody has looked at it.
    pub(super) fn is_damaged(&self) {
        self.fail(DiskTrouble::Damaged);
    }

    fn fail(&self, trouble: DiskTrouble) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.failed != Some(DiskTrouble::Damaged) {
            state.failed = Some(trouble);
        }
    }

    fn failed(&self) -> Option<DiskTrouble> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).failed
    }

    /// Each change is said once.
    fn say(&self, why: Option<String>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if why.is_none() {
            state.failed = None;
        }
        if state.said != why {
            if let Some(why) = &why {
                warn!("sources are not read for now: {why}");
            } else {
                info!("the disk is well again; sources are read");
            }
            state.said = why;
        }
    }
}

/// Whether what sources bring could be stored. A disk that failed is tried with a small write.
pub(super) async fn may_read(service: &Service, now: Timestamp) -> bool {
    if let Some(fault @ Fault::Full { .. }) = service.store.room() {
        // The number changes all the time; that it is short is said once.
        let free = matches!(fault, Fault::Full { free: 0 });
        let said = if free {
            "the disk is full"
        } else {
            "the disk is nearly full"
        };
        service.disk.say(Some(said.to_owned()));
        return false;
    }
    match service.disk.failed() {
        None => {
            service.disk.say(None);
            true
        }
        Some(DiskTrouble::Damaged) => {
            let damaged = Fault::Corrupt { found: Vec::new() };
            let said = damaged.sentence(service.store.place(), Ui::En);
            service.disk.say(Some(said));
            false
        }
        Some(_) => match service.store.prove_writable(now).await {
            Ok(()) => {
                service.disk.say(None);
                true
            }
            Err(failure) => {
                service.disk.say(Some(failure.to_string()));
                false
            }
        },
    }
}
