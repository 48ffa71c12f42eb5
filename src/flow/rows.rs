//! Rows for other programs: what `--json` and webhooks show of a case.

use serde_json::{Value, json};

use crate::model::{IncidentId, Timestamp};
use crate::store::{CaseRow, StoredPost};

/// A case as `escucha cases --json` and the event of a webhook show it.
pub fn case_json(row: &CaseRow, post: &StoredPost, incident: Option<&IncidentId>) -> Value {
    let at = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let verdict = post.verdict.as_ref();
    json!({
        "id": row.id.0, "state": row.case.state.word(), "watch": row.watch,
        "level": verdict.map(|verdict| verdict.level.word()),
        "risk": verdict.map(|verdict| verdict.risk),
        "author": post.post.author, "url": post.post.url, "text": post.post.text,
        "published": at(post.post.published), "seen_at": post.seen_at.to_string(),
        "alerted_at": at(row.case.told_at), "due_at": at(row.case.due.map(|(_, at)| at)),
        "signals": verdict.map(|verdict| json!(verdict.signals)),
        "topics": verdict.map(|verdict| json!(verdict.topics)),
        "incident": incident.map(|id| &id.0),
    })
}
