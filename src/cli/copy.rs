//! `escucha copy URL`: everything into another, empty database of either kind.

use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::terminal::{self, Terminal};
use super::{BadUsage, open};
use crate::clock;
use crate::config;
use crate::model::Ui;
use crate::settings::{DatabaseUrl, Settings};
use crate::store::{self, CopiedTable, Role, Store};

/// A service writes a sign of life every minute.
const SILENT_MINUTES: i64 = 3;

pub(super) async fn copy(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
    url: &str,
) -> anyhow::Result<ExitCode> {
    let mut settings = open::settings(config, ui, open::Need::Rules)?;
    let ui = settings.ui;
    let here = std::env::current_dir()?;
    let Some(target_url) = config::parse_database(url, &here) else {
        return Err(BadUsage(
            ui.pick(
                "el destino no es una base de datos: escriba postgres://usuario@servidor/base o \
                 sqlite://archivo",
                "the target is no database: write postgres://user@host/database or sqlite://file",
            )
            .to_owned(),
        )
        .into());
    };
    if target_url == settings.database {
        let said = ui.pick(
            "el destino es la base de datos de la configuración",
            "the target is the database of the configuration",
        );
        return Err(BadUsage(said.to_owned()).into());
    }
    // With the lock of a service: nobody else works on either of them meanwhile.
    let source = open::store(&settings, Role::Service).await?;
    idle(&source, ui).await?;
    settings.database = target_url;
    let target = open::store(&settings, Role::Service).await?;
    let shows = std::io::stderr().is_terminal();
    let tables = store::copy(&source, &target, |table| {
        if shows {
            terminal::complain(&format!("{}: {}", table.name, table.n_rows));
        }
    });
    let tables = tables
        .await
        .map_err(|error| anyhow::anyhow!(said(&error, ui)));
    source.close().await;
    target.close().await;
    report(terminal, &settings, &tables?)?;
    Ok(ExitCode::SUCCESS)
}

/// PostgreSQL has no lock of the one service: its sign of life says whether any is at work.
async fn idle(source: &Store, ui: Ui) -> anyhow::Result<()> {
    let now = clock::shared_now(source).await?;
    let last = source.alive_at().await?;
    let is_idle = last.is_none_or(|at| at.plus_minutes(SILENT_MINUTES) < now);
    if is_idle || !source.is_shared() {
        return Ok(());
    }
    anyhow::bail!(ui.pick(
        "un servicio trabaja en el origen: párelos todos y espere tres minutos",
        "a service works on the source: stop all of them and wait three minutes",
    ))
}

fn said(error: &store::StoreError, ui: Ui) -> String {
    match (error, ui) {
        (store::StoreError::NotEmpty { table }, Ui::Es) => {
            format!("el destino no está vacío: hay filas en {table}; no se ha copiado nada")
        }
        (store::StoreError::Differs { table }, Ui::Es) => {
            format!("la copia de {table} no es igual a lo leído; no se ha copiado nada")
        }
        (other, ui) => other.sentence(ui),
    }
}

fn report(terminal: &Terminal, settings: &Settings, tables: &[CopiedTable]) -> anyhow::Result<()> {
    let ui = settings.ui;
    for table in tables {
        if terminal.json {
            Terminal::row(&json!({
                "table": table.name, "rows": table.n_rows, "checksum": table.checksum,
            }))?;
        } else if table.n_rows > 0 {
            let (name, n, sum) = (&table.name, table.n_rows, &table.checksum[..12]);
            Terminal::line(&format!("{name:<16} {n:>10}  {sum}"))?;
        }
    }
    if terminal.json {
        return Ok(());
    }
    let n: u64 = tables.iter().map(|table| table.n_rows).sum();
    let key = match settings.database {
        DatabaseUrl::Postgres(_) => "postgres://…",
        DatabaseUrl::Sqlite(_) => "sqlite://…",
    };
    Terminal::line(&match ui {
        Ui::Es => format!(
            "Copiadas y comparadas {n} filas: iguales en los dos lados.\nEscriba ahora url = \"{key}\" en \
             [database] y arranque el servicio. No vuelva a usar la base de antes: enviaría los mismos \
             avisos otra vez."
        ),
        Ui::En => format!(
            "Copied and compared {n} rows: the same on both sides.\nNow write url = \"{key}\" in \
             [database] and start the service. Do not use the former database again: it would send the \
             same alerts once more."
        ),
    })?;
    Ok(())
}
