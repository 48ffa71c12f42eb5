//! `escucha status`: is it well?

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::terminal::Terminal;
use super::{open, outbox, webhook};
use crate::clock;
use crate::flow::{self, health};
use crate::model::{GivenUp, Timestamp, Ui};
use crate::settings::Settings;
use crate::store::{Counts, DeliveryState, Role, Store};

/// Mails given up that are named; `outbox` names all.
const DEAD_SHOWN: usize = 20;

pub(super) async fn status(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
) -> anyhow::Result<ExitCode> {
    let settings = open::settings(config, ui, open::Need::Rest)?;
    let store = open::store(&settings, Role::Visitor).await?;
    let now = clock::shared_now(&store).await?;
    let status = flow::status::status(&store, &settings, now).await?;
    let is_well = status.is_well();
    let hooks = status.webhooks;
    let (is_silent, alive_at) = (status.is_silent, status.alive_at);
    let n_held = status.n_held;
    let (counts, mail_trouble) = (status.counts, status.mail_trouble);
    let replies = status.replies_trouble;
    let code = ExitCode::from(u8::from(!is_well));
    if terminal.json {
        Terminal::row(&json!({
            "well": is_well, "service_silent": is_silent,
            "service_alive_at": alive_at.map(|at| at.to_string()), "sources": counts.sources,
            "sources_in_trouble": counts.sources_in_trouble, "posts": counts.posts,
            "live_cases": counts.live_cases, "doubts": counts.doubts,
            "mails_waiting": counts.waiting, "mails_dead": counts.dead,
            "mails_sent": counts.sent, "mails_held": n_held, "mail_trouble": mail_trouble,
            "replies_trouble": replies,
            "webhooks": hooks.iter().map(webhook::row).collect::<Vec<_>>(),
        }))?;
        return Ok(code);
    }
    Terminal::line(&terminal.bold(match (ui, is_well) {
        (Ui::Es, true) => "Todo va bien.",
        (Ui::Es, false) => "Hay algo que mirar.",
        (Ui::En, true) => "All is well.",
        (Ui::En, false) => "There is something to look at.",
    }))?;
    if is_silent {
        Terminal::line(&silence(alive_at, &settings, ui))?;
    }
    for line in counted(&counts, ui) {
        Terminal::line(&line)?;
    }
    if n_held > 0 {
        Terminal::line(&match ui {
            Ui::Es => {
                format!("Correos por encima del tope, a la espera de otro que los reúna: {n_held}")
            }
            Ui::En => format!("Mails over the budget, waiting for one that gathers them: {n_held}"),
        })?;
    }
    for state in &hooks {
        Terminal::line(&webhook::line(state, &settings, ui))?;
    }
    if let Some(trouble) = mail_trouble {
        Terminal::line(&format!("{}: {trouble}", ui.pick("Correo", "Mail")))?;
    }
    if let Some(trouble) = replies {
        let what = ui.pick("Buzón de respuestas", "Mailbox for replies");
        Terminal::line(&format!("{what}: {trouble}"))?;
    }
    show_troubles(&store, &settings, ui).await?;
    Ok(code)
}

fn silence(alive_at: Option<Timestamp>, settings: &Settings, ui: Ui) -> String {
    let since = alive_at.map(|at| at.in_zone(&settings.zone).strftime("%d/%m/%Y %H:%M"));
    match (ui, since) {
        (Ui::Es, None) => {
            "El servicio no se ha puesto en marcha todavía. Arránquelo con «escucha run»."
                .to_owned()
        }
        (Ui::En, None) => {
            "The service has not been started yet. Start it with \"escucha run\".".to_owned()
        }
        (Ui::Es, Some(since)) => format!(
            "El servicio no está en marcha: no da señales de vida desde el {since}. Arránquelo con «escucha run»."
        ),
        (Ui::En, Some(since)) => format!(
            "The service is not running: it has given no sign of life since {since}. Start it with \"escucha run\"."
        ),
    }
}

/// Given up, and not because somebody wanted it.
fn is_lost(mail: &DeliveryState) -> bool {
    mail.state == "dead" && !mail.cause.is_some_and(GivenUp::is_wanted)
}

fn counted(counts: &Counts, ui: Ui) -> [String; 4] {
    let Counts {
        sources,
        sources_in_trouble,
        posts,
        live_cases,
        doubts,
        ..
    } = counts;
    let Counts {
        sent,
        waiting,
        dead,
        ..
    } = counts;
    match ui {
        Ui::Es => [
            format!("Fuentes: {sources}, con problemas: {sources_in_trouble}"),
            format!("Publicaciones leídas: {posts}"),
            format!("Casos abiertos: {live_cases}; dudas: {doubts}"),
            format!("Correos enviados: {sent}, en espera: {waiting}, imposibles: {dead}"),
        ],
        Ui::En => [
            format!("Sources: {sources}, in trouble: {sources_in_trouble}"),
            format!("Posts read: {posts}"),
            format!("Open cases: {live_cases}; doubts: {doubts}"),
            format!("Mails sent: {sent}, waiting: {waiting}, undeliverable: {dead}"),
        ],
    }
}

/// The mails that will never arrive and the sources that are not well, each with its sentence.
async fn show_troubles(store: &Store, settings: &Settings, ui: Ui) -> anyhow::Result<()> {
    let deliveries = store.deliveries(false).await?;
    let dead: Vec<&DeliveryState> = deliveries.iter().filter(|mail| is_lost(mail)).collect();
    for mail in dead.iter().rev().take(DEAD_SHOWN) {
        let why = mail.last_error.as_deref().unwrap_or("");
        let state = outbox::state_word(mail, ui);
        Terminal::line(&format!(
            "{} {}, {state}: {why}",
            ui.pick("Correo", "Mail"),
            mail.id
        ))?;
    }
    if !dead.is_empty() {
        Terminal::line(ui.pick(
            "Qué hacer con ellos: escucha outbox",
            "What to do with them: escucha outbox",
        ))?;
    }
    for source in store.source_states().await? {
        if source.condition.ailment().is_some() {
            let zone = &settings.zone;
            let health = health::health(store, zone, &source.id, Some(&source)).await?;
            let (said, why) = (health.said(ui), health.why(ui));
            Terminal::line(&format!("{}: {said}, {why}", source.name))?;
        }
    }
    Ok(())
}
