//! `escucha restore FILE`, and what becomes of the mails that it holds.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::terminal::Terminal;
use super::{BadUsage, open};
use crate::clock;
use crate::flow::{forget, restored};
use crate::model::Ui;
use crate::settings::{DatabaseUrl, Settings};
use crate::store::{self, Role};

/// What the person wants.
#[derive(Clone, Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Wish {
    file: Option<PathBuf>,
    #[arg(long)]
    send: bool,
    #[arg(long)]
    drop: bool,
}

pub(super) async fn restore(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
    wish: Wish,
) -> anyhow::Result<ExitCode> {
    let settings = open::settings(config, ui, open::Need::Rules)?;
    match wish.file {
        Some(file) => put_back(terminal, &settings, &file).await,
        None => decide(terminal, settings, wish.send).await,
    }
}

async fn put_back(
    terminal: &Terminal,
    settings: &Settings,
    file: &Path,
) -> anyhow::Result<ExitCode> {
    let ui = settings.ui;
    let DatabaseUrl::Sqlite(path) = &settings.database else {
        return Err(BadUsage(
            ui.pick(
                "una copia de PostgreSQL se recupera con pg_restore; un archivo SQLite se lleva a un \
                 PostgreSQL vacío con «escucha copy»",
                "a backup of PostgreSQL is recovered with pg_restore; a SQLite file is taken to an \
                 empty PostgreSQL with \"escucha copy\"",
            )
            .to_owned(),
        )
        .into());
    };
    let said = |error: store::StoreError| anyhow::anyhow!(error.sentence(ui));
    let now = clock::now();
    let done = store::restore(path, file, now).await.map_err(said)?;
    // Who was forgotten after the backup was made is forgotten again.
    let store = store::Store::open_sqlite(path, Role::Visitor)
        .await
        .map_err(said)?;
    let key = store.instance_value("key", &open::random_hex()?).await?;
    let forgotten = forget::replay(&store, &key, ui, now).await?;
    store.close().await;
    if terminal.json {
        Terminal::row(&json!({
            "database": path.display().to_string(), "from": file.display().to_string(),
            "aside": done.aside.as_ref().map(|aside| aside.display().to_string()),
            "mails_held": done.n_held, "posts_forgotten": forgotten.n_posts,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let (place, file) = (path.display(), file.display());
    Terminal::line(&match ui {
        Ui::Es => format!("{place} es ahora la copia {file}, comprobada."),
        Ui::En => format!("{place} is now the backup {file}, checked."),
    })?;
    if let Some(aside) = done.aside {
        let aside = aside.display();
        Terminal::line(&match ui {
            Ui::Es => format!("Lo que había está en {aside}; bórrelo cuando ya no haga falta."),
            Ui::En => format!("What was there is in {aside}; delete it when it is of no use."),
        })?;
    }
    if forgotten.n_posts > 0 {
        let n = forgotten.n_posts;
        Terminal::line(&match ui {
            Ui::Es => {
                format!("Publicaciones de quien pidió que se le olvidara, retiradas otra vez: {n}")
            }
            Ui::En => format!("Posts of those who asked to be forgotten, taken out again: {n}"),
        })?;
    }
    let n = done.n_held;
    Terminal::line(&match ui {
        Ui::Es => format!(
            "Correos que esperaban al hacer la copia, retenidos: {n}. También se retienen durante un día \
             los de lo que se publicó antes de ahora: puede que ya salieran.\nArranque el servicio, mire \
             «escucha cases» y decida: «escucha restore --send» los envía; «escucha restore --drop» los \
             da por enviados."
        ),
        Ui::En => format!(
            "Mails that were waiting when the backup was made, held: {n}. So are for a day those about \
             what was published before now: they may have left already.\nStart the service, look at \
             \"escucha cases\", and decide: \"escucha restore --send\" sends them; \"escucha restore \
             --drop\" takes them as sent."
        ),
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn decide(
    terminal: &Terminal,
    settings: Settings,
    is_to_send: bool,
) -> anyhow::Result<ExitCode> {
    let ui = settings.ui;
    let store = open::store(&settings, Role::Visitor).await?;
    let now = clock::shared_now(&store).await?;
    let n = if is_to_send {
        store.release_held(now).await? as usize
    } else {
        let engine = open::engine(settings, &store).await?;
        restored::drop_held(&store, &engine, &open::worker()?, now).await?
    };
    if terminal.json {
        let what = if is_to_send {
            "released"
        } else {
            "taken_as_sent"
        };
        Terminal::row(&json!({ what: n }))?;
        return Ok(ExitCode::SUCCESS);
    }
    Terminal::line(&match (ui, is_to_send) {
        (Ui::Es, true) => format!("Correos que salen ahora: {n}"),
        (Ui::Es, false) => format!("Correos dados por enviados: {n}"),
        (Ui::En, true) => format!("Mails that leave now: {n}"),
        (Ui::En, false) => format!("Mails taken as sent: {n}"),
    })?;
    Ok(ExitCode::SUCCESS)
}
