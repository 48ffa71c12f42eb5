//! The nightly round: what has outlived its time goes. Hashes stay, so that nothing is told again; a
//! case that is open stays, however old.

use jiff::tz::TimeZone;

use crate::model::Timestamp;
use crate::settings::Retention;
use crate::store::{Store, StoreError};

/// The words of a mail are kept for so long after a server took it.
const MAIL_DAYS: i64 = 90;
/// The hours of the night in which it is done, in the manager's zone.
const NIGHT: std::ops::Range<i8> = 2..6;
/// One round a night, and a whole day at the most late where nobody is up at night.
const AT_NIGHT_HOURS: i64 = 12;
const AT_THE_LATEST_HOURS: i64 = 36;

/// What one round took out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub n_posts: u64,
    pub n_cases: u64,
    pub n_letters: u64,
    /// Mails whose words were taken out.
    pub n_emptied: u64,
}

impl Report {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Takes the turn of this night, for the whole fleet; false when it is not time or somebody has it.
pub async fn begin(store: &Store, zone: &TimeZone, now: Timestamp) -> Result<bool, StoreError> {
    let is_night = NIGHT.contains(&now.in_zone(zone).hour());
    let hours = if is_night {
        AT_NIGHT_HOURS
    } else {
        AT_THE_LATEST_HOURS
    };
    store
        .take_turn("retained_at", now.plus_hours(-hours), now)
        .await
}

/// The round itself, in slices; others write between two of them.
pub async fn round(
    store: &Store,
    retention: &Retention,
    now: Timestamp,
) -> Result<Report, StoreError> {
    let posts = now.plus_ms(-retention.posts_ms);
    let cases = now.plus_ms(-retention.cases_ms);
    let mails = now.plus_days(-MAIL_DAYS);
    let mut report = Report::default();
    while let n @ 1.. = store.drop_closed_cases(cases).await? {
        report.n_cases += n;
    }
    while let n @ 1.. = store.drop_idle_posts(posts).await? {
        report.n_posts += n;
    }
    while let n @ 1.. = store.drop_other_posts(cases.min(posts)).await? {
        report.n_posts += n;
    }
    while let n @ 1.. = store.drop_old_letters(cases).await? {
        report.n_letters += n;
    }
    while let n @ 1.. = store.empty_sent_mails(mails).await? {
        report.n_emptied += n;
    }
    store.give_back().await?;
    Ok(report)
}
