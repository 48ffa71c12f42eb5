//! `escucha incidents [ID]`: the same failure told by many, and the cases of each.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::cases::summarize;
use super::terminal::Terminal;
use super::{BadUsage, open};
use crate::flow::case_json;
use crate::letter::topic_word;
use crate::model::{Timestamp, Topic, Ui};
use crate::settings::Settings;
use crate::store::{IncidentRow, Member, Role, Store};

const INCIDENTS_MAX: u32 = 10_000;
const CASES_MAX: u32 = 100_000;

pub(super) async fn incidents(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
    id: Option<&str>,
) -> anyhow::Result<ExitCode> {
    let settings = open::settings(config, ui, open::Need::Rest)?;
    let store = open::store(&settings, Role::Visitor).await?;
    let all = store.incidents(INCIDENTS_MAX).await?;
    if let Some(id) = id {
        let row = find(&all, id, ui)?;
        let members = store.incident_members(&row.id, CASES_MAX).await?;
        if !terminal.json {
            show(terminal, &store, row, &settings, ui).await?;
        }
        for member in &members {
            show_case(terminal, &store, row, member, &settings, ui).await?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if all.is_empty() && !terminal.json {
        Terminal::line(ui.pick("No hay incidentes.", "There is no incident."))?;
    }
    for row in &all {
        show(terminal, &store, row, &settings, ui).await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The incident of which `id` is the whole name, or as much of it as suffices.
fn find<'a>(all: &'a [IncidentRow], id: &str, ui: Ui) -> anyhow::Result<&'a IncidentRow> {
    let prefix = if id.starts_with("i-") {
        id.to_lowercase()
    } else {
        format!("i-{}", id.to_lowercase())
    };
    let found = all.iter().filter(|row| row.id.0.starts_with(&prefix));
    match found.collect::<Vec<_>>()[..] {
        [row] => Ok(row),
        [] => Err(anyhow::anyhow!(match ui {
            Ui::Es => format!("no hay ningún incidente {prefix}; «escucha incidents» los enseña"),
            Ui::En => format!("there is no incident {prefix}; \"escucha incidents\" shows them"),
        })),
        _ => Err(BadUsage(match ui {
            Ui::Es => format!("{prefix} puede ser más de uno; escriba más cifras"),
            Ui::En => format!("{prefix} may be several; write more digits"),
        })
        .into()),
    }
}

async fn show(
    terminal: &Terminal,
    store: &Store,
    row: &IncidentRow,
    settings: &Settings,
    ui: Ui,
) -> anyhow::Result<()> {
    let n_customers = store.incident_mouths(&row.id).await?.len();
    let n_cases = store.incident_members(&row.id, CASES_MAX).await?.len();
    if terminal.json {
        let at = |at: Option<Timestamp>| at.map(|at| at.to_string());
        return Ok(Terminal::row(&json!({
            "id": row.id.0, "watch": row.watch, "topic": row.topic.map(Topic::word),
            "opened_at": row.opened_at.to_string(), "customers": n_customers, "cases": n_cases,
            "told": row.n_told, "told_at": at(row.told_at), "tell_at": at(row.tell_at),
        }))?);
    }
    let time = |at: Timestamp| {
        let at = at.in_zone(&settings.zone);
        at.strftime("%d/%m/%Y %H:%M").to_string()
    };
    let customers = ui.count(
        n_customers as i64,
        ["cliente", "clientes"],
        ["customer", "customers"],
    );
    let cases = ui.count(n_cases as i64, ["caso", "casos"], ["case", "cases"]);
    let topic = row.topic.map_or("—", |topic| topic_word(topic, ui));
    let since = time(row.opened_at);
    let told = row.told_at.map_or(String::new(), |at| match ui {
        Ui::Es => format!("; último aviso {}", time(at)),
        Ui::En => format!("; last told {}", time(at)),
    });
    let waits = row.tell_at.map_or(String::new(), |at| match ui {
        Ui::Es => format!("; el siguiente, antes de {}", time(at)),
        Ui::En => format!("; next by {}", time(at)),
    });
    let since_word = ui.pick("desde", "since");
    let id = terminal.bold(&row.id.0);
    Terminal::line(&format!(
        "{id}  {topic}: {customers}, {cases} {since_word} {since}{told}{waits}"
    ))?;
    Ok(())
}

async fn show_case(
    terminal: &Terminal,
    store: &Store,
    incident: &IncidentRow,
    member: &Member,
    settings: &Settings,
    ui: Ui,
) -> anyhow::Result<()> {
    let Some(row) = store.case(&member.case).await? else {
        return Ok(());
    };
    if terminal.json {
        Terminal::row(&case_json(&row, &member.post, Some(&incident.id)))?;
    } else {
        summarize(terminal, &row, &member.post, settings, ui)?;
    }
    Ok(())
}
