//! `escucha doctor [FILE]`: what is wrong with a database, in plain words, and what to do.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::open;
use super::terminal::Terminal;
use crate::clock;
use crate::model::Ui;
use crate::settings::DatabaseUrl;
use crate::store::{Facts, Fault, Inspection, Severity, inspect_postgres, inspect_sqlite};

const MIB: u64 = 1 << 20;

pub(super) async fn doctor(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
    file: Option<PathBuf>,
) -> anyhow::Result<ExitCode> {
    let now = clock::now();
    let is_asked_for = file.is_some();
    let database = match file {
        Some(file) => DatabaseUrl::Sqlite(file),
        None => open::settings(config, ui, open::Need::Rest)?.database,
    };
    let found = match &database {
        DatabaseUrl::Sqlite(path) => inspect_sqlite(path, now).await,
        DatabaseUrl::Postgres(url) => inspect_postgres(url.expose(), now).await,
    };
    if terminal.json {
        print_json(&found)?;
    } else {
        print(terminal, &found, ui)?;
    }
    let is_ill = found
        .faults
        .iter()
        .any(|fault| fault.severity() == Severity::Fault);
    let is_missing = found.is_absent && is_asked_for;
    Ok(ExitCode::from(u8::from(is_ill || is_missing)))
}

fn print(terminal: &Terminal, found: &Inspection, ui: Ui) -> anyhow::Result<()> {
    Terminal::line(&terminal.bold(&found.place.display().to_string()))?;
    if found.is_absent {
        Terminal::line(ui.pick(
            "  No existe: todavía no ha trabajado ningún servicio aquí.",
            "  It does not exist: no service has worked here yet.",
        ))?;
        return Ok(());
    }
    for line in described(&found.facts, ui) {
        Terminal::line(&format!("  {line}"))?;
    }
    for fault in &found.faults {
        let (what, remedy) = (sentence(fault, ui), fault.remedy(&found.place, ui));
        Terminal::line(&format!("  {}: {what}", head(fault.severity(), ui)))?;
        Terminal::line(&format!("      {remedy}"))?;
    }
    let worst = found.faults.iter().map(Fault::severity).max();
    Terminal::line(&terminal.bold(match worst {
        Some(Severity::Fault) => ui.pick(
            "Así no se puede trabajar con ella.",
            "It cannot be worked with as it is.",
        ),
        Some(Severity::Warning) => ui.pick(
            "Se puede trabajar con ella; mire los avisos.",
            "It can be worked with; look at the warnings.",
        ),
        _ => ui.pick("Está bien.", "It is well."),
    }))?;
    Ok(())
}

/// What a fault says, as a sentence of its own.
fn sentence(fault: &Fault, ui: Ui) -> String {
    let what = fault.what(ui);
    let mut chars = what.chars();
    let first: String = chars
        .next()
        .map(char::to_uppercase)
        .into_iter()
        .flatten()
        .collect();
    format!("{first}{}.", chars.as_str())
}

fn head(severity: Severity, ui: Ui) -> &'static str {
    match severity {
        Severity::Fault => ui.pick("MAL", "WRONG"),
        Severity::Warning => ui.pick("AVISO", "WARNING"),
        Severity::Fact => ui.pick("NOTA", "NOTE"),
    }
}

fn described(facts: &Facts, ui: Ui) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(schema) = facts.schema {
        lines.push(match ui {
            Ui::Es => format!("Base de datos de Escucha, esquema {schema}"),
            Ui::En => format!("A database of Escucha, schema {schema}"),
        });
    }
    if facts.bytes > 0 {
        let [bytes, wal] = [facts.bytes, facts.wal_bytes].map(mib);
        let free = facts.free_bytes.map_or_else(|| "?".to_owned(), mib);
        lines.push(match ui {
            Ui::Es => {
                format!("Ocupa {bytes}, y su registro {wal}; quedan {free} libres en el disco")
            }
            Ui::En => format!("It takes {bytes}, its log {wal}; {free} are free on the disk"),
        });
    }
    if facts.is_checked {
        lines.push(
            ui.pick(
                "Se han leído todas sus páginas",
                "Every page of it was read",
            )
            .to_owned(),
        );
    }
    if let (Some(posts), Some(cases)) = (facts.posts, facts.cases) {
        lines.push(match ui {
            Ui::Es => format!("Publicaciones: {posts}; casos: {cases}"),
            Ui::En => format!("Posts: {posts}; cases: {cases}"),
        });
    }
    if let Some(at) = facts.alive_at {
        lines.push(match ui {
            Ui::Es => format!("Última señal de vida del servicio: {at}"),
            Ui::En => format!("Last sign of life of the service: {at}"),
        });
    }
    lines
}

fn mib(bytes: u64) -> String {
    format!("{} MiB", bytes.div_ceil(MIB))
}

/// One object for the database, and one for each fault.
fn print_json(found: &Inspection) -> anyhow::Result<()> {
    let facts = &found.facts;
    let place = found.place.display().to_string();
    Terminal::row(&json!({
        "database": place, "absent": found.is_absent, "schema": facts.schema,
        "bytes": facts.bytes, "wal_bytes": facts.wal_bytes, "free_bytes": facts.free_bytes,
        "posts": facts.posts, "cases": facts.cases, "checked": facts.is_checked,
        "alive_at": facts.alive_at.map(|at| at.to_string()),
        "service": facts.holder.as_ref().and_then(|holder| holder.pid.clone()),
    }))?;
    for fault in &found.faults {
        Terminal::row(&json!({
            "database": place, "problem": fault.code(), "severity": fault.severity().code(),
            "what": fault.what(Ui::En), "remedy": fault.remedy(&found.place, Ui::En),
        }))?;
    }
    Ok(())
}
