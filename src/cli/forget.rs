//! `escucha forget`: takes a person out of the database, and keeps him out.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use url::Url;

use super::terminal::Terminal;
use super::{BadUsage, given, open};
use crate::clock;
use crate::flow::forget::{self, Whom};
use crate::model::{SourceId, Ui};
use crate::settings::{DatabaseUrl, Settings};
use crate::store::{Forgotten, Role, Store};

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Who {
    #[arg(
        long,
        value_name = "NAME",
        required_unless_present = "url",
        conflicts_with = "url"
    )]
    author: Option<String>,
    #[arg(long, value_name = "NAME", requires = "author")]
    source: Option<String>,
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn forget(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
    who: Who,
) -> anyhow::Result<ExitCode> {
    let settings = open::settings(config, ui, open::Need::Rest)?;
    let store = open::store(&settings, Role::Visitor).await?;
    let key = store.instance_value("key", &open::random_hex()?).await?;
    let now = clock::shared_now(&store).await?;
    let whom = match (who.author, who.url) {
        (_, Some(url)) => Whom::Url(url.into()),
        (name, None) => Whom::Author {
            name: given("--author", name.unwrap_or_default(), ui)?,
            source: match who.source {
                Some(name) => Some(known_source(&store, &settings, &name).await?.0),
                None => None,
            },
        },
    };
    let done = if who.dry_run {
        let found = forget::find(&store, &key, &whom).await?;
        let cases = found.iter().filter(|trace| trace.case_id.is_some());
        Forgotten {
            n_cases: cases.count() as u64,
            n_posts: found.len() as u64,
            ..Forgotten::default()
        }
    } else {
        forget::forget(&store, &key, &whom, ui, now).await?
    };
    store.close().await;
    report(terminal, &settings, &done, who.dry_run)?;
    Ok(ExitCode::SUCCESS)
}

/// The source of this name: one that is configured, or that something was read from.
async fn known_source(store: &Store, settings: &Settings, name: &str) -> anyhow::Result<SourceId> {
    let id = SourceId::of_name(name);
    let is_configured = settings.sources.iter().any(|source| source.id == id);
    let states = store.source_states().await?;
    if is_configured || states.iter().any(|state| state.id == id) {
        return Ok(id);
    }
    let said = match settings.ui {
        Ui::Es => format!("ninguna fuente se llama «{name}»; «escucha sources» las enseña"),
        Ui::En => format!("no source is called \"{name}\"; \"escucha sources\" shows them"),
    };
    Err(BadUsage(said).into())
}

fn report(
    terminal: &Terminal,
    settings: &Settings,
    done: &Forgotten,
    is_dry: bool,
) -> anyhow::Result<()> {
    let ui = settings.ui;
    let copies = copies(settings);
    if terminal.json {
        // What is not counted in a trial is not said to be none.
        let counted = |n: u64| (!is_dry).then_some(n);
        return Ok(Terminal::row(&json!({
            "dry_run": is_dry, "posts": done.n_posts, "cases": done.n_cases,
            "letters": counted(done.n_letters), "letters_emptied": counted(done.n_emptied),
            "mails_sent_before": counted(done.n_sent), "copies": copies,
        }))?);
    }
    let Forgotten {
        n_posts,
        n_cases,
        n_letters,
        n_emptied,
        n_sent,
    } = done;
    if is_dry {
        return Ok(Terminal::line(&match ui {
            Ui::Es => {
                format!("Se retirarían: publicaciones {n_posts}, de ellas en casos {n_cases}")
            }
            Ui::En => {
                format!("These would be taken out: posts {n_posts}, of them in cases {n_cases}")
            }
        })?);
    }
    Terminal::line(&match ui {
        Ui::Es => format!(
            "Retirado: publicaciones {n_posts}, casos {n_cases}, correos {n_letters}; de otros correos \
             se han quitado sus palabras: {n_emptied}.\nNinguna lectura lo volverá a guardar."
        ),
        Ui::En => format!(
            "Taken out: posts {n_posts}, cases {n_cases}, letters {n_letters}; his words were taken out \
             of other letters: {n_emptied}.\nNo reading will store him again."
        ),
    })?;
    if *n_posts == 0 {
        Terminal::line(ui.pick(
            "No había nada guardado de él: compruebe que el nombre o la dirección están escritos como en su sitio. \
             Lo que se escribió aquí queda vetado de todos modos.",
            "Nothing of him was stored: see whether the name or the address is written as on his site. What was \
             written here is kept out all the same.",
        ))?;
    }
    Terminal::line(&match ui {
        Ui::Es => format!(
            "Fuera del alcance de Escucha, y a su cargo: los buzones a los que llegaron {n_sent} correos \
             sobre él, las copias de seguridad, lo que usted haya exportado y lo que sigue publicado en \
             su sitio."
        ),
        Ui::En => format!(
            "Out of the reach of Escucha, and yours to mind: the mailboxes that {n_sent} mails about him \
             reached, backups, what you exported, and what still stands where he published it."
        ),
    })?;
    for copy in copies {
        Terminal::line(&match ui {
            Ui::Es => format!("  una copia, junto a la base de datos: {copy}"),
            Ui::En => format!("  a copy, beside the database: {copy}"),
        })?;
    }
    Ok(())
}

/// The copies that this program itself made beside the database.
fn copies(settings: &Settings) -> Vec<String> {
    let DatabaseUrl::Sqlite(path) = &settings.database else {
        return Vec::new();
    };
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Vec::new();
    };
    let name = name.to_string_lossy();
    let ours = [format!("{name}.before-"), format!("{name}.replaced-")];
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut copies: Vec<String> = paths
        .filter(|path| {
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            name.is_some_and(|name| ours.iter().any(|own| name.starts_with(own)))
        })
        .map(|path| path.display().to_string())
        .collect();
    copies.sort();
    copies
}
