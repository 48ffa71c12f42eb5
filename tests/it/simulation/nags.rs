//! What must hold of the mails that a person gets in a simulated world: no more than the budget allows, and
//! nothing lost from sight.

use std::collections::{BTreeMap, BTreeSet};

use escucha::flow::{Engine, budget, digest};
use escucha::model::{CaseId, Daily, Timestamp, local_day};
use escucha::store::{CaseRow, DeliveryRow, DeliveryState, HeldRow, Store};
use jiff::civil::Time;

use super::incidents;

/// One list of urgent cases an hour; a day may have 25, and the clocks here are put back by up to an hour.
const URGENT_A_DAY: usize = 26;

/// The Message-IDs of a person's day, by what bounds them: its kind, or the budget.
type OfDay = BTreeMap<&'static str, BTreeSet<String>>;
const COUNTED: &str = "counted";
const DIGESTS: [&str; 2] = ["digest", "weekly"];

/// What was accepted, by person and day.
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
        let (bound, day) = of(engine, delivery, now);
        let of_day = self.days.entry((delivery.recipient.clone(), day));
        let of_bound = of_day.or_default().entry(bound).or_default();
        of_bound.insert(delivery.message_id.clone());
    }

    /// No day of anybody has more than it may.
    pub(super) fn check(&self, engine: &Engine, context: &str) {
        let alerts = engine.settings.alerts.as_ref();
        let Some(a_day) = alerts.and_then(|alerts| alerts.mails_per_day) else {
            return;
        };
        for ((who, day), of_day) in &self.days {
            for (bound, mails) in of_day {
                let most = match *bound {
                    COUNTED => a_day as usize,
                    "urgent" => URGENT_A_DAY,
                    _ => 1,
                };
                let n = mails.len();
                assert!(n <= most, "{context}: {who} on {day}: {n} of {bound}");
            }
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
        let of_days = self.days.values().flatten();
        let digests = of_days.filter(|(bound, _)| DIGESTS.contains(bound));
        digests.map(|(_, mails)| mails.len()).sum()
    }
}

/// What counts, counts on the day of its attempt; a digest is of the day whose hour had struck last when it was
/// made, which after a night without service is the day before.
fn of(engine: &Engine, delivery: &DeliveryRow, now: Timestamp) -> (&'static str, String) {
    let (zone, made_at) = (&engine.settings.zone, delivery.created_at);
    let alerts = engine.settings.alerts.as_ref();
    let at = alerts.and_then(|alerts| alerts.digest_at);
    let at = at.unwrap_or(Time::constant(8, 30, 0, 0));
    let struck = |on| Daily { at, on }.last(made_at, zone).unwrap().0.to_string();
    match delivery.kind.as_str() {
        "digest" => ("digest", struck(None)),
        "weekly" => (
            "weekly",
            struck(alerts.and_then(|alerts| alerts.weekly_digest)),
        ),
        "urgent" => ("urgent", local_day(made_at, zone)),
        _ => (COUNTED, local_day(now, zone)),
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
