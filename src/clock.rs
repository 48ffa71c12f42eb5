//! The one file that reads the clock.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::model::Timestamp;
use crate::store::{Store, StoreError};

/// The system's wall clock.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(since.as_millis() as i64)
}

/// A clock that nobody sets, to see how long something took.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn stopwatch() -> Instant {
    Instant::now()
}

/// The clock that all workers on this store share: the database server's, where there is one.
pub async fn shared_now(store: &Store) -> Result<Timestamp, StoreError> {
    Ok(store.server_now().await?.unwrap_or_else(now))
}
