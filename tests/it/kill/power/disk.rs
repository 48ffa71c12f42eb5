//! A disk that keeps what was synced, and of what was written since whatever it likes.

use std::collections::BTreeMap;

use super::trace::Event;
use crate::support::dice::Dice;

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

pub(super) struct Disk {
    /// By name; `None`: it is gone.
    synced: BTreeMap<String, Option<Vec<u8>>>,
    unsynced: Vec<Event>,
}

impl Disk {
    /// With this database and nothing beside it.
    pub(super) fn new(database: &[u8]) -> Self {
        let files = [
            ("escucha.db", Some(database.to_vec())),
            ("escucha.db-wal", None),
            ("escucha.db-journal", None),
        ];
        let files = files.map(|(name, bytes)| (name.to_owned(), bytes));
        Self {
            synced: files.into(),
            unsynced: Vec::new(),
        }
    }

    pub(super) fn note(&mut self, event: &Event) {
        match event {
            Event::Said(_) => {}
            Event::Synced { file: synced } => {
                let (kept, left) = std::mem::take(&mut self.unsynced)
                    .into_iter()
                    .partition(|event: &Event| file_of(event) == Some(synced));
                self.unsynced = left;
                for event in &kept {
                    apply(&mut self.synced, event, &mut |_| true);
                }
            }
            written => self.unsynced.push(written.clone()),
        }
    }

    pub(super) fn has_unsynced(&self) -> bool {
        !self.unsynced.is_empty()
    }

    /// The files as they may be found: of the last writes none, all, or any sectors.
    pub(super) fn after_a_cut(mut self, dice: &mut Dice) -> BTreeMap<String, Option<Vec<u8>>> {
        let chance = *dice.pick(&[0, 50, 90, 100]);
        for event in &self.unsynced {
            apply(&mut self.synced, event, &mut |_| dice.percent(chance));
        }
        self.synced
    }
}

fn file_of(event: &Event) -> Option<&String> {
    match event {
        Event::Write { file, .. }
        | Event::Truncate { file, .. }
        | Event::Unlink { file }
        | Event::Synced { file } => Some(file),
        Event::Said(_) => None,
    }
}

/// Does to the files what `takes` lets through, sector by sector.
fn apply(
    files: &mut BTreeMap<String, Option<Vec<u8>>>,
    event: &Event,
    takes: &mut dyn FnMut(u64) -> bool,
) {
    let Some(file) = file_of(event).and_then(|name| files.get_mut(name)) else {
        return;
    };
    match event {
        Event::Write { at, bytes, .. } => {
            let mut at = *at as usize;
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                let n = (SECTOR - at % SECTOR).min(rest.len());
                let (piece, after) = rest.split_at(n);
                if takes(at as u64) {
                    let content = file.get_or_insert_default();
                    let len = content.len().max(at + n);
                    content.resize(len, 0);
                    content[at..at + n].copy_from_slice(piece);
                }
                (at, rest) = (at + n, after);
            }
        }
        Event::Truncate { len, .. } if takes(0) => {
            if let Some(content) = file {
                content.resize(*len as usize, 0);
            }
        }
        Event::Unlink { .. } if takes(0) => *file = None,
        _ => {}
    }
}
