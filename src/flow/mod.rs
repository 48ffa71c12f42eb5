//! Begin and finish of every job, given `now`: the core and the database, no network and no clock.
//!
//! Each use of the network is two halves. `begin` leases rows; the outer ring does its work; `finish`
//! absorbs the outcome, a plain value, in one transaction. The simulation puts a scripted outcome, a
//! crash, or nothing between them.

pub mod acts;
pub mod budget;
pub mod capture;
pub mod deadlines;
pub mod digest;
pub mod forget;
mod gone;
pub mod health;
pub mod hooks;
pub mod incidents;
pub mod intake;
mod known;
pub mod learn;
mod letters;
pub mod links;
pub mod long_work;
pub mod look;
pub mod outbox;
pub mod page;
mod past;
pub mod poll;
mod recipients;
pub mod redrive;
pub mod replay;
pub mod replies;
pub mod restored;
pub mod retention;
mod rows;
mod settling;
pub mod sheet;
pub mod status;
mod threads;
mod undelivered;
pub mod usage;

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{Minutes, Pace, SourceId};
use crate::score::{Context, Scorer};
use crate::settings::{Settings, SourceSettings};
use crate::store::{CaseRow, Store, StoreError};

pub use letters::operator_alert;
pub use rows::case_json;

/// The target of the spans around the stages of a poll, for whoever measures them (`benches/poll`):
/// `claim`, `fetch`, `read`, `compare`, `score`, `store`.
pub const STAGE: &str = "escucha::stage";

/// What every job needs to know beside its rows. Replaced whole when the keywords change.
#[derive(Debug)]
pub struct Engine {
    pub settings: Settings,
    pub scorer: Scorer,
    /// Random, drawn once and kept in the database: Message-IDs are derived with it.
    pub instance_key: String,
    /// Where each source stands in the settings: there may be ten thousand.
    places: HashMap<SourceId, usize>,
}

impl Engine {
    /// Reads (or with `fresh_key` founds) the identity of this instance.
    pub async fn new(
        settings: Settings,
        store: &Store,
        fresh_key: &str,
    ) -> Result<Arc<Self>, StoreError> {
        let instance_key = store.instance_value("key", fresh_key).await?;
        Ok(Arc::new(Self::with_key(settings, instance_key)))
    }

    /// The same instance with other settings.
    pub fn with_key(settings: Settings, instance_key: String) -> Self {
        let context = Context {
            company: settings.company.clone(),
            ui: settings.ui,
            trained: settings.trained.clone(),
        };
        let scorer = Scorer::new(settings.rules.clone(), context);
        let sources = settings.sources.iter().enumerate();
        let places = sources.map(|(at, source)| (source.id.clone(), at));
        Self {
            places: places.collect(),
            settings,
            scorer,
            instance_key,
        }
    }

    /// The configured source of this identity.
    pub fn source(&self, id: &SourceId) -> Option<&SourceSettings> {
        self.settings.sources.get(*self.places.get(id)?)
    }

    /// How fast the cases of this watch are to be answered. An urgent one does not wait for office hours.
    fn pace(&self, watch: &str, is_urgent: bool) -> Pace {
        let own = self
            .settings
            .rules
            .watches
            .iter()
            .find(|known| known.name == watch);
        let alerts = self.settings.alerts.as_ref();
        let steps = alerts.map_or(&[][..], |alerts| &alerts.escalate);
        Pace {
            answer_within: own
                .and_then(|watch| watch.answer_within)
                .or(alerts.map(|alerts| alerts.answer_within))
                .unwrap_or(ANSWER_WITHIN),
            office_hours: alerts
                .filter(|_| !is_urgent)
                .and_then(|alerts| alerts.office_hours.clone()),
            zone: self.settings.zone.clone(),
            escalate_after: steps.iter().map(|step| step.after).collect(),
        }
    }

    fn pace_of(&self, row: &CaseRow) -> Pace {
        self.pace(&row.watch, row.is_urgent)
    }
}

/// Used where no `[alerts]` section says otherwise (the default of the design).
const ANSWER_WITHIN: Minutes = Minutes::from_hours(4);
