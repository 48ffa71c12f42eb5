//! The migrations, embedded: one list for both databases.

use sqlx::SqlStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// The migrations: number, name, text.
const MIGRATIONS: [(i64, &str, &str); 18] = [
    (1, "walk", include_str!("../../migrations/0001_walk.sql")),
    (
        2,
        "manners",
        include_str!("../../migrations/0002_manners.sql"),
    ),
    (
        11,
        "found feeds",
        include_str!("../../migrations/0011_found_feeds.sql"),
    ),
    (
        20,
        "health",
        include_str!("../../migrations/0020_health.sql"),
    ),
    (
        32,
        "addresses",
        include_str!("../../migrations/0032_addresses.sql"),
    ),
    (33, "looks", include_str!("../../migrations/0033_looks.sql")),
    (35, "due", include_str!("../../migrations/0035_due.sql")),
    (
        40,
        "alert_cases",
        include_str!("../../migrations/0040_alert_cases.sql"),
    ),
    (
        45,
        "judgements",
        include_str!("../../migrations/0045_judgements.sql"),
    ),
    (
        50,
        "incidents",
        include_str!("../../migrations/0050_incidents.sql"),
    ),
    (
        55,
        "circumstances",
        include_str!("../../migrations/0055_circumstances.sql"),
    ),
    (
        60,
        "escalation",
        include_str!("../../migrations/0060_escalation.sql"),
    ),
    (
        61,
        "budget",
        include_str!("../../migrations/0061_budget.sql"),
    ),
    (70, "hands", include_str!("../../migrations/0070_hands.sql")),
    (
        75,
        "delivery",
        include_str!("../../migrations/0075_delivery.sql"),
    ),
    (
        80,
        "webhooks",
        include_str!("../../migrations/0080_webhooks.sql"),
    ),
    (
        85,
        "retention",
        include_str!("../../migrations/0085_retention.sql"),
    ),
    (
        90,
        "posts_of_cases",
        include_str!("../../migrations/0090_posts_of_cases.sql"),
    ),
];

/// The embedded migrations, forward only.
pub(super) fn migrator() -> Migrator {
    let migration = |(version, name, sql): (i64, &'static str, &'static str)| {
        let sql = SqlStr::from_static(sql);
        Migration::new(version, name.into(), MigrationType::Simple, sql, false)
    };
    Migrator::with_migrations(MIGRATIONS.into_iter().map(migration).collect())
}
