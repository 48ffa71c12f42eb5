//! Minds the database: its mark, its disk, what has outlived its time, and whether it is sound.

use std::sync::Arc;

use tracing::{error, info};

use super::Service;
use crate::clock;
use crate::flow::{self, retention};
use crate::letter::Trouble;
use crate::model::{Timestamp, digest_hex};
use crate::store::{Fault, StoreError};

const LOOK_MINUTES: i64 = 1;
/// Every page and every index is checked once a week.
const CHECK_DAYS: i64 = 7;
const DAY_MS: i64 = 86_400_000;

/// One look; tells when the next is due.
pub(super) async fn turn(service: Arc<Service>) -> Result<Option<Timestamp>, StoreError> {
    let now = clock::shared_now(&service.store).await?;
    service.raise_mark().await;
    if let Some(fault) = service.store.room() {
        tell(&service, &fault, now).await?;
    }
    check(&service, now).await?;
    let engine = service.engine();
    let settings = &engine.settings;
    if retention::begin(&service.store, &settings.zone, now).await? {
        let done = retention::round(&service.store, &settings.retention, now).await?;
        if !done.is_empty() {
            info!(
                posts = done.n_posts,
                cases = done.n_cases,
                mails = done.n_letters + done.n_emptied,
                "what has outlived its time was taken out: {} posts, {} cases, {} mails",
                done.n_posts,
                done.n_cases,
                done.n_letters + done.n_emptied
            );
        }
    }
    Ok(Some(now.plus_minutes(LOOK_MINUTES)))
}

/// A large file is read through when the service has begun, each file wholly once a week. PostgreSQL
/// minds its own pages.
async fn check(service: &Service, now: Timestamp) -> Result<(), StoreError> {
    let store = &service.store;
    if store.is_shared() {
        return Ok(());
    }
    let is_first = service.disk.is_first_look();
    let found = if store
        .take_turn("checked_at", now.plus_days(-CHECK_DAYS), now)
        .await?
    {
        store.integrity_check().await?
    } else if is_first && store.is_unchecked() {
        store.quick_check().await?
    } else {
        Vec::new()
    };
    if found.is_empty() {
        return Ok(());
    }
    service.disk.is_damaged();
    tell(service, &Fault::Corrupt { found }, now).await
}

/// Tells the operator, once a day while it lasts.
async fn tell(service: &Service, fault: &Fault, now: Timestamp) -> Result<(), StoreError> {
    let engine = service.engine();
    let ui = engine.settings.ui;
    let place = service.store.place();
    let day = (now.0 / DAY_MS).to_string();
    let identity = digest_hex(&["database", fault.code(), &day]);
    let trouble = Trouble::Database {
        what: format!("{}: {}.", place.display(), fault.what(ui)),
        remedy: fault.remedy(place, ui),
    };
    let alerts = flow::operator_alert(&engine, &identity, trouble);
    error!("{}", fault.sentence(place, crate::model::Ui::En));
    service.store.add_alerts(&alerts, now).await?;
    service.mail_due.notify_one();
    Ok(())
}
