//! Minds the countdowns, the health of the sources, the digests, and the analyst's keyword file.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::{error, info, warn};

use super::{Service, alive};
use crate::clock;
use crate::config;
use crate::flow::{self, Engine, budget, deadlines, digest, health};
use crate::letter::Trouble;
use crate::model::{Timestamp, digest_hex};
use crate::store::StoreError;

/// The keyword file is looked at this often.
const LOOK_SECONDS: i64 = 5;

/// What was last read of the keyword file, so that each change is taken, or told, once.
#[derive(Clone)]
pub(super) struct Keywords {
    path: PathBuf,
    seen: Arc<Mutex<Option<String>>>,
}

impl Keywords {
    pub(super) fn new(engine: &Engine) -> Self {
        let path = engine.settings.keywords_path.clone();
        let seen = read(&path).map(|text| digest_hex(&[&text]));
        Self {
            path,
            seen: Arc::new(Mutex::new(seen)),
        }
    }

    /// The text of the file if it changed since it was last looked at.
    fn changed(&self) -> Option<String> {
        let text = read(&self.path)?;
        let digest = digest_hex(&[&text]);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.as_deref() == Some(digest.as_str()) {
            return None;
        }
        *seen = Some(digest);
        Some(text)
    }
}

/// Takes due cases further and a changed keyword file into force.
pub(super) async fn turn(
    service: Arc<Service>,
    keywords: Keywords,
) -> Result<Option<Timestamp>, StoreError> {
    let now = clock::shared_now(&service.store).await?;
    note_alive(&service, now).await?;
    if let Some(text) = keywords.changed() {
        reload(&service, &text, now).await?;
    }
    let n_due = deadlines::turn(&service.store, &service.engine(), now).await?;
    let n_told = health::turn(&service.store, &service.engine(), now).await?;
    let n_listed = budget::turn(&service.store, &service.engine(), now).await?;
    let n_digests = digest::turn(&service.store, &service.engine(), now).await?;
    if n_due + n_told + n_listed + n_digests > 0 {
        service.mail_due.notify_one();
    }
    alive::tell(&service, now).await?;
    let look_again = now.plus_seconds(LOOK_SECONDS);
    let due = service.store.next_case_due_at().await?;
    Ok(Some(due.map_or(look_again, |due| due.min(look_again))))
}

/// Writes a sign of life once a minute, for `escucha status` and whatever watches it. It shows when the
/// clock was put back, too: by so much all that is to come was drawn forward.
pub(super) async fn note_alive(service: &Service, now: Timestamp) -> Result<(), StoreError> {
    let back_ms = service.store.note_alive(now).await?;
    if back_ms > 0 {
        let minutes = back_ms / 60_000;
        warn!(
            minutes,
            "the clock was put back by {minutes} minutes: what was due then is due now"
        );
    }
    Ok(())
}

/// A good file is in force from now on; a bad one changes nothing, and the operator is told.
async fn reload(service: &Service, text: &str, now: Timestamp) -> Result<(), StoreError> {
    let engine = service.engine();
    match config::reload_rules(&engine.settings) {
        Ok(rules) => {
            let mut settings = engine.settings.clone();
            settings.rules = rules;
            let next = Engine::with_key(settings, engine.instance_key.clone());
            service.engine.send_replace(Arc::new(next));
            service.readdress().await?;
            info!("the keyword file changed and is in force");
        }
        Err(complaints) => {
            let ui = engine.settings.ui;
            let lines: Vec<String> = complaints.print(ui).lines().map(str::to_owned).collect();
            error!(
                "the keyword file is not valid; the old one stays: {}",
                lines.join(" | ")
            );
            let identity = digest_hex(&["keywords", text]);
            let alerts = flow::operator_alert(
                &engine,
                &identity,
                Trouble::KeywordsRefused { problems: lines },
            );
            service.store.add_alerts(&alerts, now).await?;
            service.mail_due.notify_one();
        }
    }
    Ok(())
}

fn read(path: &std::path::Path) -> Option<String> {
    std::fs::read(path)
        .ok()
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}
