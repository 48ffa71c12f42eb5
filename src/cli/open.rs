//! Finding and opening what a command needs: configuration, language, database.

use std::path::{Path, PathBuf};

use super::{BadUsage, terminal};
use crate::clock;
use crate::config;
pub(super) use crate::config::Need;
use crate::flow::Engine;
use crate::model::{Ui, digest_hex};
use crate::settings::{DatabaseUrl, Settings};
use crate::store::{Role, Store};
use std::sync::Arc;

/// The language for words said before any configuration is read: that of the configuration file if it
/// can be had cheaply, else that of `$LANG`.
pub(super) fn early_ui() -> Ui {
    let asked = std::env::args_os()
        .skip_while(|arg| arg != "--config")
        .nth(1)
        .map(PathBuf::from);
    let configured = find(asked.as_deref())
        .and_then(|path| std::fs::read_to_string(path).ok())
        .and_then(|text| text.parse::<toml::Table>().ok())
        .and_then(|table| {
            table
                .get("language")
                .and_then(|value| value.as_str())
                .map(str::to_owned)
        });
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    match configured.or(locale) {
        Some(language) if language.to_lowercase().starts_with("en") => Ui::En,
        _ => Ui::Es,
    }
}

/// The configuration's file, if there is one.
pub(super) fn find(explicit: Option<&Path>) -> Option<PathBuf> {
    let env = |name: &str| std::env::var(name).ok();
    config::find(explicit, &env, &std::env::current_dir().unwrap_or_default())
}

/// The configuration, or one sentence that names `init` and `demo`.
pub(super) fn settings(explicit: Option<&Path>, ui: Ui, need: Need) -> anyhow::Result<Settings> {
    match load(explicit, ui, need)? {
        Some(settings) => Ok(settings),
        None => Err(BadUsage(
            ui.pick(
                "no hay configuración: escríbala con «escucha init», indíquela con --config, o vea \
                 antes qué hace con «escucha demo»",
                "there is no configuration: write one with \"escucha init\", name one with \
                 --config, or see first what it does with \"escucha demo\"",
            )
            .to_owned(),
        )
        .into()),
    }
}

/// The configuration if there is one, for commands that only look; a bad one is an error, not an
/// absence.
pub(super) fn optional_settings(
    explicit: Option<&Path>,
    ui: Ui,
) -> anyhow::Result<Option<Settings>> {
    load(explicit, ui, Need::Rules)
}

fn load(explicit: Option<&Path>, ui: Ui, need: Need) -> anyhow::Result<Option<Settings>> {
    let Some(path) = find(explicit) else {
        return Ok(None);
    };
    let env = |name: &str| std::env::var(name).ok();
    match config::load_for(need, &path, &env) {
        Ok((settings, lost)) => {
            if let Some(lost) = lost {
                terminal::complain(lost.print(ui).trim_end());
                terminal::complain(ui.pick(
                    "keywords.toml no es válido: esta orden sigue sin él, y el servicio en marcha con el último \
                     que lo era",
                    "keywords.toml is not valid: this command goes on without it, and a running service with the \
                     last one that was",
                ));
            }
            Ok(Some(settings))
        }
        Err(complaints) => {
            terminal::complain(complaints.print(ui).trim_end());
            let n = complaints.list.len();
            let problems = ui.count(n, ["problema", "problemas"], ["problem", "problems"]);
            let said = ui.pick(
                "la configuración no es válida",
                "the configuration is not valid",
            );
            Err(BadUsage(format!("{said}: {problems}")).into())
        }
    }
}

pub(super) async fn store(settings: &Settings, role: Role) -> anyhow::Result<Store> {
    let opened = match &settings.database {
        DatabaseUrl::Sqlite(path) => Store::open_sqlite(path, role).await,
        DatabaseUrl::Postgres(url) => Store::open_postgres(url.expose()).await,
    };
    opened.map_err(|error| anyhow::anyhow!(error.sentence(settings.ui)))
}

pub(super) async fn engine(settings: Settings, store: &Store) -> anyhow::Result<Arc<Engine>> {
    Ok(Engine::new(settings, store, &random_hex()?).await?)
}

/// 128 random bits as hex.
pub(super) fn random_hex() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 16];
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut bytes)
        .map_err(|_| anyhow::anyhow!("the system gives no random numbers"))?;
    Ok(bytes
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}")))
}

/// Who this process is in leases.
pub(super) fn worker() -> anyhow::Result<String> {
    let drawn = random_hex()?;
    let started = clock::now().0.to_string();
    Ok(format!("w-{}", &digest_hex(&[&drawn, &started])[..12]))
}
