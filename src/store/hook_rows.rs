//! What the store takes and gives of webhooks.

use super::Lease;
use crate::model::{CaseId, Timestamp};

/// An alert that endpoints are still to be told of.
#[derive(Clone, Debug)]
pub struct UncalledAlert {
    pub id: String,
    pub kind: String,
    pub case_id: Option<CaseId>,
    pub created_at: Timestamp,
    pub subject: String,
    pub text: String,
}

/// A call to store: its identity is the `webhook-id` of every attempt.
#[derive(Clone, Debug)]
pub struct NewCall {
    pub id: String,
    /// `webhook:` and the name of the endpoint.
    pub recipient: String,
    pub body: String,
}

/// A call that is due.
#[derive(Clone, Debug)]
pub struct CallRow {
    pub id: String,
    pub alert_id: String,
    pub kind: String,
    /// The bytes of every attempt.
    pub body: String,
    pub attempts: u32,
    /// How often the endpoint refused this event, and not all of them.
    pub refusals: u32,
    pub created_at: Timestamp,
}

/// An endpoint, and the lease under which it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointRow {
    pub name: String,
    /// Digest of its section.
    pub config: String,
    /// When it said that it is gone for good.
    pub gone_at: Option<Timestamp>,
    /// Since when it takes nothing.
    pub failing_at: Option<Timestamp>,
    /// Failures in a row.
    pub n_failures: u32,
    /// Until when it is left alone.
    pub open_until: Timestamp,
    pub last_error: Option<String>,
    pub last_ok_at: Option<Timestamp>,
    pub lease: Lease,
}

/// An endpoint with the number of its calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointState {
    pub endpoint: EndpointRow,
    pub waiting: i64,
    /// Of those that wait, how many it has refused.
    pub refused: i64,
    pub dead: i64,
    pub sent: i64,
}

impl EndpointState {
    /// It takes what it is told.
    pub fn is_well(&self) -> bool {
        self.endpoint.gone_at.is_none() && self.endpoint.failing_at.is_none()
    }
}
