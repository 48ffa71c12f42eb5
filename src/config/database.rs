//! Which database: `database.url`, or the variable that overrides it.

use std::path::Path;

use super::complaints::said;
use super::reader::{Section, Value};
use super::secrets::World;
use crate::settings::{DatabaseUrl, Secret};

const DATABASE: &str = "escucha.db";
/// Overrides `database.url`: in a container the file is often the same everywhere and the database not.
const DATABASE_VARIABLE: &str = "ESCUCHA_DATABASE_URL";

pub(super) fn database(root: &Section, world: &World) -> DatabaseUrl {
    let url = root.table("database").and_then(|section| {
        let url = section.get("url");
        section.finish();
        database_url(&url?, &world.base)
    });
    if let Some(text) = (world.env)(DATABASE_VARIABLE).filter(|text| !text.is_empty()) {
        if let Some(url) = parse_database(&text, &world.base) {
            return url;
        }
        root.complain_here(
            "database.url",
            said!(
                "la variable ESCUCHA_DATABASE_URL no nombra una base de datos",
                "the variable ESCUCHA_DATABASE_URL names no database"
            ),
            said!(
                "escriba en ella sqlite://… o postgres://…, o quítela",
                "write sqlite://… or postgres://… into it, or unset it"
            ),
        );
    }
    url.unwrap_or_else(|| DatabaseUrl::Sqlite(world.base.join(DATABASE)))
}

/// The database that a text names (`sqlite://FILE`, `postgres://…`), wherever it was written; a file
/// without a whole path lies in `base`.
pub fn parse_database(text: &str, base: &Path) -> Option<DatabaseUrl> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return url::Url::parse(text)
            .is_ok_and(|url| url.has_host())
            .then(|| DatabaseUrl::Postgres(Secret::new(text)));
    }
    text.strip_prefix("sqlite://")
        .or_else(|| text.strip_prefix("sqlite:"))
        .filter(|path| !path.is_empty() && !path.starts_with(':') && !path.contains('?'))
        .map(|path| DatabaseUrl::Sqlite(base.join(path)))
}

fn database_url(value: &Value, base: &Path) -> Option<DatabaseUrl> {
    let text = value.text()?.trim();
    if let Some(url) = parse_database(text, base) {
        return Some(url);
    }
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        // It may hold a password, so it is not quoted.
        value.complain(
            said!(
                "la dirección de PostgreSQL no es válida",
                "the PostgreSQL address is not valid"
            ),
            said!(
                "escriba postgres://usuario@servidor/base",
                "write postgres://user@host/database"
            ),
        );
        return None;
    }
    if text.contains('@') {
        value.complain(
            said!(
                "no es una base de datos conocida",
                "is no database that is known"
            ),
            said!(
                "escriba sqlite:// o postgres://",
                "write sqlite:// or postgres://"
            ),
        );
        return None;
    }
    value.wants(said!(
        "sqlite://escucha.db o postgres://usuario@servidor/base",
        "sqlite://escucha.db or postgres://user@host/database"
    ))
}
