//! `escucha case ID judge yes|no`: what the keywords learn from.

use std::process::ExitCode;

use serde_json::json;

use super::BadUsage;
use super::cases;
use super::terminal::Terminal;
use crate::flow::acts;
use crate::model::{CaseId, PostId, Timestamp, Ui};
use crate::store::Store;

/// Digits of a post's identity in lists: eight are enough to name one of a million.
const SHORT_CHARS: usize = 10;

/// As much of a post's identity as people are shown.
pub(super) fn short(id: &PostId) -> String {
    id.0.chars().take(SHORT_CHARS).collect()
}

/// A case by its id, or a post that is no case (a doubt) by its own.
pub(super) async fn judge(
    terminal: &Terminal,
    store: &Store,
    id: &str,
    is_complaint: bool,
    ui: Ui,
    now: Timestamp,
) -> anyhow::Result<ExitCode> {
    let (post, case) = find(store, id, ui).await?;
    let is_news = acts::judge(store, &post, case.as_ref(), is_complaint, now).await?;
    if terminal.json {
        Terminal::row(&json!({
            "post": post.0, "case": case.map(|case| case.0), "is_complaint": is_complaint,
            "changed": is_news,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let id = case
        .as_ref()
        .map_or_else(|| short(&post), |case| case.0.clone());
    let line = match (ui, is_complaint) {
        (Ui::Es, true) => format!("{id}: anotado que es una queja sobre nosotros."),
        (Ui::Es, false) => format!("{id}: anotado que no es una queja sobre nosotros."),
        (Ui::En, true) => format!("{id}: noted that it is a complaint about us."),
        (Ui::En, false) => format!("{id}: noted that it is no complaint about us."),
    };
    Terminal::line(&line)?;
    if let Some(case) = case.filter(|_| !is_complaint) {
        let hint = ui.pick(
            "El caso sigue abierto; para cerrarlo:",
            "The case stays open; to close it:",
        );
        Terminal::line(&format!(
            "{hint} escucha case {} dismissed --because …",
            case.0
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn find(store: &Store, id: &str, ui: Ui) -> anyhow::Result<(PostId, Option<CaseId>)> {
    if !id.starts_with("p-") {
        let row = cases::find(store, id, ui).await?;
        return Ok((row.post_id, Some(row.id)));
    }
    let mut found = store.posts_by_prefix(&id.to_lowercase()).await?;
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok((only.id, only.case_id)),
        (None, _) => Err(anyhow::anyhow!(match ui {
            Ui::Es => format!("no hay ninguna publicación {id}"),
            Ui::En => format!("there is no post {id}"),
        })),
        _ => Err(BadUsage(match ui {
            Ui::Es => format!("{id} puede ser varias publicaciones; escriba más cifras"),
            Ui::En => format!("{id} may be several posts; write more digits"),
        })
        .into()),
    }
}
