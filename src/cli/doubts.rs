//! The doubts: what may be a complaint, and nobody was told of.

use std::process::ExitCode;

use serde_json::json;

use super::cases::teaser;
use super::judge::short;
use super::terminal::Terminal;
use crate::model::{Level, Ui};
use crate::store::{Store, StoredPost};

/// The newest; a person judges no more at a time.
const DOUBTS_MAX: u32 = 50;
/// For programs.
const ROWS_MAX: u32 = 10_000;

/// `escucha cases --doubts`; for programs one object a doubt, the newest first, each with the `id` that it is judged by.
pub(super) async fn doubts(terminal: &Terminal, store: &Store, ui: Ui) -> anyhow::Result<ExitCode> {
    if terminal.json {
        for doubt in &store.posts_of_level(Level::Doubt, ROWS_MAX).await? {
            Terminal::row(&row(doubt))?;
        }
    } else if !list(terminal, store, ui).await? {
        Terminal::line(ui.pick("No hay dudas.", "There is no doubt."))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn row(doubt: &StoredPost) -> serde_json::Value {
    let (post, verdict) = (&doubt.post, doubt.verdict.as_ref());
    json!({
        "id": doubt.id.0, "level": Level::Doubt.word(),
        "watch": verdict.and_then(|verdict| verdict.watches.first()),
        "risk": verdict.map(|verdict| verdict.risk),
        "author": post.author, "url": post.url, "text": post.text,
        "published": post.published.map(|at| at.to_string()), "seen_at": doubt.seen_at.to_string(),
        "signals": verdict.map(|verdict| json!(verdict.signals)),
        "topics": verdict.map(|verdict| json!(verdict.topics)),
        "why": verdict.map(|verdict| json!(verdict.why)),
    })
}

/// The list, with how to judge one; false where there is nothing to show.
pub(super) async fn list(terminal: &Terminal, store: &Store, ui: Ui) -> anyhow::Result<bool> {
    let doubts = store.posts_of_level(Level::Doubt, DOUBTS_MAX).await?;
    if doubts.is_empty() {
        return Ok(false);
    }
    Terminal::line("")?;
    Terminal::line(&terminal.bold(ui.pick(
        "Dudas (quizá quejas; no se ha avisado de ellas):",
        "Doubts (perhaps complaints; nobody was told of them):",
    )))?;
    for doubt in &doubts {
        let url = doubt.post.url.as_deref().unwrap_or("");
        let id = short(&doubt.id);
        Terminal::line(&format!("{}  {url}", terminal.bold(&id)))?;
        Terminal::line(&format!("  {}", teaser(&doubt.post.text)))?;
        // Why it is no more than that: a silence, say.
        let reasons = doubt.verdict.iter().flat_map(|verdict| &verdict.why);
        for reason in reasons.filter(|reason| reason.points == 0) {
            Terminal::line(&format!("  {}", reason.because))?;
        }
    }
    Terminal::line(ui.pick(
        "Diga de cada una si es una queja: escucha case p-… judge yes (o no)",
        "Say of each whether it is a complaint: escucha case p-… judge yes (or no)",
    ))?;
    Ok(true)
}
