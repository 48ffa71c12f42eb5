//! `escucha backup FILE`.

use std::path::Path;
use std::process::ExitCode;

use super::open;
use super::terminal::Terminal;
use crate::model::Ui;
use crate::store::{Role, StoreError};

pub(super) async fn backup(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
    file: &Path,
) -> anyhow::Result<ExitCode> {
    let settings = open::settings(config, ui, open::Need::Rest)?;
    let store = open::store(&settings, Role::Visitor).await?;
    let said = |error: StoreError| anyhow::anyhow!(error.sentence(settings.ui));
    store.backup(file).await.map_err(said)?;
    if terminal.json {
        Terminal::row(&serde_json::json!({"file": file.display().to_string()}))?;
    } else {
        let file = file.display();
        Terminal::line(&match ui {
            Ui::Es => format!("Copia comprobada en {file}."),
            Ui::En => format!("A checked copy is in {file}."),
        })?;
    }
    Ok(ExitCode::SUCCESS)
}
