//! What must hold of cases that an incident tells.

use std::collections::BTreeMap;

use escucha::store::{CaseRow, DeliveryState, Store};

/// A case without a letter of its own belongs to an incident: it waits to be named, until a moment that is
/// set, or a letter about the incident was written.
pub(super) async fn tells(store: &Store, row: &CaseRow, has_letter: bool) -> bool {
    let Some(id) = store.incident_of(&row.id).await.unwrap() else {
        return false;
    };
    let members = store.incident_members(&id, 10_000).await.unwrap();
    let waits = members
        .iter()
        .any(|member| member.case == row.id && member.waits);
    let incident = store.incident(&id).await.unwrap().unwrap();
    if waits {
        return incident.tell_at.is_some();
    }
    has_letter
}

/// In the end each case was named in a mail that the server took, unless its letter was refused.
pub(super) fn all_are_named(
    cases: &[CaseRow],
    deliveries: &[DeliveryState],
    mailbox: &BTreeMap<String, (String, usize)>,
    context: &str,
) {
    for row in cases {
        let is_refused = deliveries.iter().any(|d| {
            let is_its_own = d.case_id.as_ref() == Some(&row.id);
            let is_of_many = d.kind == "incident" || d.kind == "backlog";
            d.state == "dead" && (is_its_own || is_of_many)
        });
        let is_named = mailbox.values().any(|(body, _)| body.contains(&row.id.0));
        assert!(
            is_named || is_refused,
            "{context}: no mail names {}: {row:?}",
            row.id
        );
    }
}
