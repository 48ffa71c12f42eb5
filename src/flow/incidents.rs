//! The same story from many mouths becomes one incident: which cases belong together is reckoned beside
//! the posts of a poll, and written with them in one transaction.
//!
//! A case that joins an incident of which people were told already sends no letter of its own, unless its
//! own facts are urgent: the incident's next letter names it, at the next doubling or four hours later at
//! most. Absent: which texts are the same story (`score::crowd`), and the letters' words
//! (`letter::incident`).

mod crowd;

use std::collections::HashSet;

use tokio::sync::MutexGuard;

use super::threads::Threads;
use super::{Engine, intake, letters};
use crate::model::{CaseId, Timestamp, Verdict};
use crate::settings::SourceSettings;
use crate::store::{Gathering, IncidentRow, Member, NewAlert, NewPost, Store, StoreError};
use crowd::Crowd;

/// Cases that one letter names; the others are counted in it, and `escucha incidents` lists them.
pub(super) const NAMED_MAX: u32 = 2_000;
/// Incidents told in one turn.
const INCIDENTS_A_TURN: u32 = 20;
/// How often a job reckons anew when others stored cases meanwhile; then its cases are told one by one.
const TRIES_MAX: u32 = 8;

/// What one job reckons, as often as it must.
pub(super) struct Gatherer {
    n_tries: u32,
    /// The posts that open cases, as they are when each is told alone.
    alone: Vec<(usize, Option<Verdict>, Vec<NewAlert>)>,
}

impl Gatherer {
    pub(super) fn of(posts: &[NewPost]) -> Self {
        let opening = posts.iter().enumerate().filter(|(_, new)| is_opening(new));
        let alone = opening.map(|(at, new)| {
            let alerts = new.case.as_ref().map(|case| case.alerts.clone());
            (at, new.verdict.clone(), alerts.unwrap_or_default())
        });
        Self {
            n_tries: 0,
            alone: alone.collect(),
        }
    }

    /// The turn of this job, if it has anything to reckon.
    pub(super) async fn turn<'s>(&self, store: &'s Store) -> Option<MutexGuard<'s, ()>> {
        if self.alone.is_empty() {
            return None;
        }
        Some(store.crowd_turn().await)
    }

    /// How the cases that these posts open stand to those of others, by the state of the store as it is
    /// now. Takes the letters of those away that their incident names.
    pub(super) async fn gather(
        &mut self,
        store: &Store,
        engine: &Engine,
        source: &SourceSettings,
        posts: &mut [NewPost],
        now: Timestamp,
    ) -> Result<Option<Gathering>, StoreError> {
        for (at, verdict, alerts) in &self.alone {
            posts[*at].verdict.clone_from(verdict);
            if let Some(case) = &mut posts[*at].case {
                case.alerts.clone_from(alerts);
            }
        }
        self.n_tries += 1;
        if self.alone.is_empty() || self.n_tries > TRIES_MAX {
            return Ok(None);
        }
        let version = store.crowd_version().await?;
        let mut crowd = Crowd::of(store, engine, source, posts, now).await?;
        let threads = Threads::of(store, engine, &source.id, posts);
        crowd.join_all(threads, posts).await?;
        crowd.surge().await?;
        let mut gathering = crowd.tell(posts).await?;
        gathering.version = version;
        Ok(Some(gathering))
    }
}

/// Those of `waiting` for whom a letter that names `members` has no room.
fn unnamed(waiting: &[CaseId], members: &[Member]) -> Vec<CaseId> {
    let named: HashSet<&CaseId> = members.iter().map(|member| &member.case).collect();
    let others = waiting.iter().filter(|case| !named.contains(case));
    others.cloned().collect()
}

/// True for a post that opens a case of which people are to be told now.
fn is_opening(new: &NewPost) -> bool {
    let opens = new.case.as_ref().is_some_and(|case| case.event == "opened");
    opens && !new.backlog && intake::is_complaint(new.verdict.as_ref())
}

/// Incidents whose waiting cases have waited long enough: one letter each. Returns how many.
pub async fn turn(store: &Store, engine: &Engine, now: Timestamp) -> Result<usize, StoreError> {
    let _turn = store.crowd_turn().await;
    let mut n_told = 0;
    for row in store.due_incidents(now, INCIDENTS_A_TURN).await? {
        let version = store.crowd_version().await?;
        let n = store.incident_mouths(&row.id).await?.len();
        let members = store.incident_members(&row.id, NAMED_MAX).await?;
        let others = unnamed(&store.incident_waiting(&row.id).await?, &members);
        // Who was dismissed meanwhile needs no letter.
        let letters = if members.iter().any(|member| member.waits) {
            letters::incident(engine, &row, n, (&members, &others), now)
        } else {
            Vec::new()
        };
        let told = IncidentRow {
            // As many may have been told of before in full.
            n_told: row.n_told.max(n as u32),
            told_at: Some(now),
            tell_at: None,
            ..row
        };
        let gathering = Gathering {
            version,
            letters: letters
                .into_iter()
                .map(|letter| (told.id.clone(), letter))
                .collect(),
            incidents: vec![told],
            ..Gathering::default()
        };
        match store.gather(&gathering, now).await {
            // The next turn reckons with what came meanwhile.
            Err(StoreError::Raced) => {}
            done => {
                done?;
                n_told += 1;
            }
        }
    }
    Ok(n_told)
}
