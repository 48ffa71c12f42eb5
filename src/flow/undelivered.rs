//! Mails that will never arrive, and those whose recipient is gone: who is told instead.

use super::letters::{addressed, alert, operator_alert};
use super::{Engine, recipients};
use crate::letter::{self, Trouble};
use crate::model::{CaseId, Timestamp, Topic, digest_hex};
use crate::settings::Mailbox;
use crate::store::{DeliveryRow, DeliveryState, NewAlert};

/// A delivery that did not reach its mailbox.
pub(super) struct Undelivered<'a> {
    id: &'a str,
    kind: &'a str,
    case_id: Option<&'a CaseId>,
    recipient: &'a str,
    /// Since when a person had it tried anew.
    again: Option<Timestamp>,
}

impl<'a> From<&'a DeliveryRow> for Undelivered<'a> {
    fn from(row: &'a DeliveryRow) -> Self {
        Self {
            id: &row.id,
            kind: &row.kind,
            case_id: row.case_id.as_ref(),
            recipient: &row.recipient,
            again: Some(row.since).filter(|since| *since != row.created_at),
        }
    }
}

impl<'a> From<&'a DeliveryState> for Undelivered<'a> {
    fn from(state: &'a DeliveryState) -> Self {
        Self {
            id: &state.id,
            kind: &state.kind,
            case_id: state.case_id.as_ref(),
            recipient: &state.recipient,
            again: Some(state.since).filter(|since| *since != state.created_at),
        }
    }
}

/// A person must know, by another way, without the words of third parties.
pub(super) fn told(
    engine: &Engine,
    delivery: &Undelivered<'_>,
    is_content: bool,
    sentence: &str,
) -> Vec<NewAlert> {
    // A notice about a notice would never end.
    if delivery.kind == "operator" {
        return Vec::new();
    }
    let trouble = Trouble::MailDead {
        case_id: delivery.case_id.cloned(),
        detail: sentence.to_owned(),
    };
    // What was tried anew and failed again is told again.
    let again = delivery.again.map(|at| at.0.to_string());
    let identity = |what| match &again {
        Some(again) => digest_hex(&[what, delivery.id, again]),
        None => digest_hex(&[what, delivery.id]),
    };
    let mut told = operator_alert(engine, &identity("dead"), trouble.clone());
    if is_content {
        // The mailbox is good, only the text was refused: its owner gets the short notice too.
        let letter = letter::operator(&[trouble], engine.settings.ui);
        let to = [Mailbox {
            name: None,
            address: delivery.recipient.to_owned(),
        }];
        let notice = identity("notice");
        told.extend(alert(engine, "operator", &notice, None, letter, &to));
    }
    told
}

/// Those who are told now what this alert, about a case of this watch and these topics, was to tell somebody
/// who no longer stands in the configuration: delivery id, recipient, Message-ID.
pub(super) fn in_place_of(
    engine: &Engine,
    delivery: &DeliveryState,
    watch: &str,
    topics: &[Topic],
) -> Vec<(String, String, String)> {
    let alerts = engine.settings.alerts.as_ref();
    let to = match delivery.kind.as_str() {
        "operator" => alerts.map_or(Vec::new(), |alerts| alerts.operator.clone()),
        "escalation" => alerts.map_or(Vec::new(), |alerts| {
            let steps = alerts.escalate.iter().flat_map(|step| step.to.clone());
            recipients::once(&steps.collect::<Vec<_>>())
        }),
        // Each manager has his own.
        "weekly" => Vec::new(),
        _ => recipients::of(engine, watch, topics),
    };
    addressed(engine, &delivery.alert_id, &to)
}
