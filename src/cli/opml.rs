//! `escucha import` and `escucha export`: the sources as a list that feed readers know.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use url::Url;

use super::terminal::{Terminal, complain};
use super::{BadUsage, open};
use crate::config::{self, AppendError, Names, NewSource};
use crate::extract::Problem;
use crate::extract::opml::{self, Listed, Outline};
use crate::fetch::{Client, FetchError};
use crate::model::{Reach, Ui, place_of};
use crate::settings::{Settings, SourceKind, SourceSettings};

/// One byte more than the reader takes: it then says what is wrong.
const FILE_BYTES_MAX: u64 = (24 << 20) + 1;
/// So many names are looked up at once, and so long in all.
const LOOKUPS_AT_ONCE: usize = 32;
const LOOKUPS_LIMIT: Duration = Duration::from_secs(30);

/// What becomes of an outline.
enum Fate {
    /// It becomes this source.
    New(NewSource),
    /// The source of this name reads it already, or will.
    Known(String),
    Refused(String),
}

pub(super) async fn import(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
    file: &Path,
    dry_run: bool,
) -> anyhow::Result<ExitCode> {
    let settings = open::settings(config, ui, open::Need::Rules)?;
    let path = open::find(config).context("the configuration has gone")?;
    let ui = settings.ui;
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|opened| opened.take(FILE_BYTES_MAX).read_to_end(&mut bytes))
        .with_context(|| file.display().to_string())?;
    let said = |problem: &Problem| format!("{}: {}", file.display(), problem.sentence(ui));
    let list = opml::read(&bytes).map_err(|problem| anyhow::anyhow!(said(&problem)))?;
    for problem in &list.problems {
        complain(&said(problem));
    }
    let fates = fates(&settings, &list.outlines).await?;
    let new: Vec<NewSource> = fates.iter().filter_map(Fate::source).cloned().collect();
    if !dry_run && !new.is_empty() {
        let env = |name: &str| std::env::var(name).ok();
        config::append(&path, &new, &env).map_err(|error| failed(&error, ui))?;
    }
    for (outline, fate) in list.outlines.iter().zip(&fates) {
        fate.show(terminal, outline, dry_run, ui)?;
    }
    let n_refused = fates.iter().filter(|f| matches!(f, Fate::Refused(_)));
    let n_refused = n_refused.count();
    let n_known = fates.len() - new.len() - n_refused;
    let path = path.display().to_string();
    complain(&summary(
        &path,
        [new.len(), n_known, n_refused],
        dry_run,
        ui,
    ));
    Ok(ExitCode::from(u8::from(n_refused > 0)))
}

fn failed(error: &AppendError, ui: Ui) -> anyhow::Error {
    let sentence = error.sentence(ui);
    match error {
        AppendError::Invalid(_) => BadUsage(sentence).into(),
        AppendError::Changed | AppendError::Io { .. } => anyhow::anyhow!(sentence),
    }
}

fn summary(path: &str, [n_new, n_known, n_refused]: [usize; 3], dry_run: bool, ui: Ui) -> String {
    let counted = match ui {
        Ui::Es => format!("nuevas: {n_new}; ya estaban: {n_known}; rechazadas: {n_refused}"),
        Ui::En => format!("new: {n_new}; there already: {n_known}; refused: {n_refused}"),
    };
    let (es, en) = if dry_run {
        (
            "es solo una prueba, y no se ha escrito nada",
            "this was a trial, and nothing was written",
        )
    } else if n_new == 0 {
        ("no había nada que escribir", "there was nothing to write")
    } else {
        (
            "el servicio las leerá cuando se reinicie",
            "the service reads them once it is started again",
        )
    };
    format!("{path}: {counted}; {}", ui.pick(es, en))
}

/// What becomes of each outline, in their order.
async fn fates(settings: &Settings, outlines: &[Outline]) -> anyhow::Result<Vec<Fate>> {
    let ui = settings.ui;
    let client =
        Client::new(&settings.fetch).map_err(|error| anyhow::anyhow!(error.sentence(ui)))?;
    let mut places: HashMap<String, String> = settings
        .sources
        .iter()
        .map(|source| (place_of(&source.url), source.name.clone()))
        .collect();
    let mut names = Names::beside(&settings.sources);
    let urls: Vec<Option<Url>> = outlines
        .iter()
        .map(|outline| Url::parse(outline.url.trim()).ok())
        .collect();
    let verdicts = verdicts(&client, &urls).await;
    let fate = |((outline, url), verdict): ((&Outline, Option<Url>), Option<FetchError>)| {
        let Some(url) = url else {
            return Fate::Refused(no_address(outline, ui).to_owned());
        };
        if let Some(error) = verdict {
            return Fate::Refused(error.sentence(ui));
        }
        let place = place_of(&url);
        if let Some(name) = places.get(&place) {
            return Fate::Known(name.clone());
        }
        let name = names.draw(&outline.title, &url);
        places.insert(place, name.clone());
        Fate::New(NewSource { name, url })
    };
    Ok(outlines.iter().zip(urls).zip(verdicts).map(fate).collect())
}

fn no_address(outline: &Outline, ui: Ui) -> &'static str {
    if outline.url.is_empty() {
        return ui.pick(
            "No trae la dirección de ningún canal (xmlUrl).",
            "It does not give the address of any feed (xmlUrl).",
        );
    }
    ui.pick(
        "Esto no es una dirección: debe empezar por https:// o http://.",
        "This is no address: it must begin with https:// or http://.",
    )
}

/// Why a source at each of these would be refused. Names that no answer came for in time are judged
/// when they are read.
async fn verdicts(client: &Client, urls: &[Option<Url>]) -> Vec<Option<FetchError>> {
    let mut verdicts: Vec<Option<FetchError>> = urls
        .iter()
        .map(|url| client.check(url.as_ref()?).err())
        .collect();
    let room = Arc::new(Semaphore::new(LOOKUPS_AT_ONCE));
    let mut looking = JoinSet::new();
    for (nth, url) in urls.iter().enumerate() {
        let Some(url) = url.clone().filter(|_| verdicts[nth].is_none()) else {
            continue;
        };
        let (client, room) = (client.clone(), room.clone());
        looking.spawn(async move {
            let _place = room.acquire_owned().await.ok()?;
            Some((nth, client.check_name(&url).await.err()))
        });
    }
    let all = async {
        while let Some(done) = looking.join_next().await {
            if let Ok(Some((nth, verdict))) = done {
                verdicts[nth] = verdict;
            }
        }
    };
    let _ = tokio::time::timeout(LOOKUPS_LIMIT, all).await;
    verdicts
}

impl Fate {
    fn source(&self) -> Option<&NewSource> {
        match self {
            Self::New(source) => Some(source),
            Self::Known(_) | Self::Refused(_) => None,
        }
    }

    fn show(
        &self,
        terminal: &Terminal,
        outline: &Outline,
        dry_run: bool,
        ui: Ui,
    ) -> std::io::Result<()> {
        let Outline { title, url } = outline;
        if terminal.json {
            let mut row = json!({"title": title, "url": url});
            match self {
                Self::New(source) => {
                    row["what"] = json!(if dry_run { "would_add" } else { "added" });
                    row["name"] = json!(source.name);
                }
                Self::Known(name) => {
                    row["what"] = json!("known");
                    row["name"] = json!(name);
                }
                Self::Refused(sentence) => row["error"] = json!(sentence),
            }
            return Terminal::row(&row);
        }
        Terminal::line(&match (self, ui) {
            (Self::New(NewSource { name, url }), _) => format!("✓ {name}: {url}"),
            (Self::Known(name), Ui::Es) => format!("· {url}: ya está, en la fuente {name}"),
            (Self::Known(name), Ui::En) => {
                format!("· {url}: is there already, in the source {name}")
            }
            (Self::Refused(sentence), _) => {
                let shown = if url.is_empty() { title } else { url };
                format!("✗ {}: {sentence}", shown.replace(char::is_control, " "))
            }
        })
    }
}

pub(super) fn export(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
) -> anyhow::Result<ExitCode> {
    let settings = open::settings(config, ui, open::Need::Rest)?;
    let ui = settings.ui;
    for source in &settings.sources {
        let lost = lost(source);
        if terminal.json {
            Terminal::row(&json!({
                "name": source.name, "kind": source.kind.code(), "url": source.url.as_str(),
                "lost": lost,
            }))?;
        } else if !lost.is_empty() {
            let (name, lost) = (&source.name, lost.join(", "));
            complain(&match ui {
                Ui::Es => format!("{name}: no cabe en OPML: {lost}"),
                Ui::En => format!("{name}: OPML has no room for: {lost}"),
            });
        }
    }
    if terminal.json {
        return Ok(ExitCode::SUCCESS);
    }
    let listed: Vec<Listed> = settings.sources.iter().map(listed).collect();
    let company = &settings.company.name;
    let title = match ui {
        Ui::Es => format!("Fuentes de {company}"),
        Ui::En => format!("Sources of {company}"),
    };
    Terminal::line(opml::write(&title, &listed).trim_end())?;
    Ok(ExitCode::SUCCESS)
}

fn listed(source: &SourceSettings) -> Listed<'_> {
    Listed {
        name: &source.name,
        url: source.url.as_str(),
        is_feed: source.kind == SourceKind::Feed,
        category: source.kind.code(),
    }
}

/// The keys of a source that a list does not hold.
fn lost(source: &SourceSettings) -> Vec<&'static str> {
    let usually_full = matches!(source.kind, SourceKind::Feed | SourceKind::Blog);
    let keys = [
        ("kind", source.kind != SourceKind::Feed),
        ("every", !source.cadence.is_adaptive),
        ("full_text", source.full_text != usually_full),
        ("language", source.lang.is_some()),
        ("select", source.select.is_some()),
        ("map", source.map.is_some()),
        ("watches", !source.watches.is_empty()),
        ("reach", source.reach != Reach::Normal),
        ("ignore_robots", source.ignore_robots.is_some()),
    ];
    let lost = keys.into_iter().filter(|(_, is_lost)| *is_lost);
    lost.map(|(key, _)| key).collect()
}
