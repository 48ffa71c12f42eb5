//! `alerts.alive_url`: asked once a minute while all is so well that whatever goes wrong would be told by
//! mail. Who watches that address notices when we are dead, or mail is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tracing::{debug, warn};

use super::Service;
use crate::flow;
use crate::model::Timestamp;
use crate::store::StoreError;

const EVERY_MS: i64 = 60_000;

/// When the address was last asked.
#[derive(Debug, Default)]
pub(super) struct Alive(AtomicI64);

impl Alive {
    fn is_due(&self, now: Timestamp) -> bool {
        let last = Timestamp(self.0.load(Ordering::Relaxed));
        // A clock that was put back must not keep us silent.
        last > now || now.ms_since(last) >= EVERY_MS
    }
}

/// Asks the address, if there is one, it is time, and mail leaves. Waits for no answer.
pub(super) async fn tell(service: &Arc<Service>, now: Timestamp) -> Result<(), StoreError> {
    let engine = service.engine();
    let alerts = engine.settings.alerts.as_ref();
    let Some(url) = alerts.and_then(|alerts| alerts.alive_url.clone()) else {
        return Ok(());
    };
    if !service.alive.is_due(now) || !service.pulse.failed().is_empty() {
        return Ok(());
    }
    let status = flow::status::status(&service.store, &engine.settings, now).await?;
    if !status.can_tell() {
        return Ok(());
    }
    service.alive.0.store(now.0, Ordering::Relaxed);
    let (service, ui) = (Arc::clone(service), engine.settings.ui);
    let asking = async move {
        match service.client.ping(&url).await {
            Ok(()) => debug!("told alive_url that we live"),
            // The path may be a secret of its own.
            Err(error) => warn!("alive_url could not be told: {}", error.sentence(ui)),
        }
    };
    tokio::spawn(asking);
    Ok(())
}
