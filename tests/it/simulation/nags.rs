//! What must hold of the mails that a person gets in a simulated world: no more than the budget allows, and
//! nothing lost from sight.

use std::collections::{BTreeMap, BTreeSet};

use escucha::flow::{Engine, budget, digest};
use escucha::model::{CaseId, Timestamp, local_day};
use escucha::store::{CaseRow, DeliveryRow, DeliveryState, HeldRow, Store};

use super::incidents;

/// One digest and one letter of the week.
const DIGESTS_A_DAY: usize = 2;
/// One list of urgent cases an hour; a day may have 25, and the clocks here are put back by up to an hour.
const URGENT_A_DAY: usize = 26;

/// The Message-IDs of a person's day.
#[derive(Default)]
struct OfDay {
    counted: BTreeSet<String>,
    digests: BTreeSet<String>,
    urgent: BTreeSet<String>,
}

/// By person and day: the Message-IDs of what was accepted, by whether they count.
#[derive(Default)]
pub(super) struct Accepted {
    days: BTreeMap<(String, String), OfDay>,
    /// What was accepted before, on whatever day: a copy is no further mail.
    known: BTreeSet<String>,
    /// What is held and was found in the letter that lists it.
    in_sight: BTreeSet<(String, String)>,
}

impl Accepted {
    pub(super) fn note(&mut self, engine: &Engine, delivery: &DeliveryRow, now: Timestamp) {
        if delivery.kind == "operator" || !self.known.insert(delivery.message_id.clone()) {
            return;
        }
        // What may have arrived before counted then, and always goes.
        if delivery.doubts > 0 {
            return;
        }
        // What counts, counts on the day of its attempt; a digest is one of the day that it is of.
        let is_counted = !["digest", "weekly", "urgent"].contains(&delivery.kind.as_str());
        let of = if is_counted { now } else { delivery.created_at };
        let day = local_day(of, &engine.settings.zone);
        let of_day = self.days.entry((delivery.recipient.clone(), day));
        let of_day = of_day.or_default();
        let of_kind = match delivery.kind.as_str() {
            "digest" | "weekly" => &mut of_day.digests,
            "urgent" => &mut of_day.urgent,
            _ => &mut of_day.counted,
        };
        of_kind.insert(delivery.message_id.clone());
    }

    /// No day of anybody has more than it may.
    pub(super) fn check(&self, engine: &Engine, context: &str) {
        let alerts = engine.settings.alerts.as_ref();
        let Some(a_day) = alerts.and_then(|alerts| alerts.mails_per_day) else {
            return;
        };
        for ((who, day), of) in &self.days {
            let found = (of.counted.len(), of.digests.len(), of.urgent.len());
            let is_kept =
                found.0 <= a_day as usize && found.1 <= DIGESTS_A_DAY && found.2 <= URGENT_A_DAY;
            assert!(is_kept, "{context}: {who} on {day}: {found:?}");
        }
    }

    /// What is held waits, or a letter that is stored lists it.
    pub(super) async fn all_in_sight(&mut self, store: &Store, held: &[HeldRow], context: &str) {
        for row in held {
            let (Some(list), Some(case)) = (&row.listed_in, &row.case_id) else {
                continue;
            };
            if self.in_sight.insert((row.id.clone(), list.clone())) {
                let told = store.cases_of_alert(list).await.unwrap();
                let is_named = told.iter().any(|told| told.id == *case);
                assert!(is_named, "{context}: {row:?} is in no letter");
            }
        }
    }

    /// Digests that were accepted.
    pub(super) fn n_digests(&self) -> usize {
        self.days.values().map(|of| of.digests.len()).sum()
    }
}

/// The keeper's look at what is held and at the day; two workers do it.
pub(super) async fn turn(store: &Store, engine: &Engine, now: Timestamp) {
    for _ in 0..2 {
        budget::turn(store, engine, now).await.unwrap();
        digest::turn(store, engine, now).await.unwrap();
    }
}

/// The letters of a case: sent, kept, or told by those of many; reminders and escalations are bounded.
pub(super) async fn check_case(
    store: &Store,
    row: &CaseRow,
    deliveries: &[DeliveryState],
    held: &[HeldRow],
    context: &str,
) {
    let n_of = |kind: &str| {
        let is_its = |case: &Option<CaseId>| case.as_ref() == Some(&row.id);
        let sent = deliveries
            .iter()
            .filter(|d| is_its(&d.case_id) && d.kind == kind);
        let kept = held.iter().filter(|h| is_its(&h.case_id) && h.kind == kind);
        sent.count() + kept.count()
    };
    let n_in_all = |kind: &str| {
        let sent = deliveries.iter().filter(|d| d.kind == kind).count();
        sent + held.iter().filter(|h| h.kind == kind).count()
    };
    let told = n_of("complaint");
    let is_told = told == 2
        || (told == 0
            && (n_in_all("backlog") >= 2
                || incidents::tells(store, row, n_in_all("incident") > 0).await));
    assert!(is_told, "{context}: {told} alerts for two recipients");
    assert!(
        n_of("reminder") <= 2 * 3,
        "{context}: reminders are bounded"
    );
    assert!(n_of("escalation") <= 2, "{context}: each step once");
    assert!(n_of("solved") <= 2, "{context}: one solved mail");
}
