//! `escucha status`: is it well?

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::open;
use super::terminal::Terminal;
use crate::clock;
use crate::flow::health;
use crate::model::{Timestamp, Ui};
use crate::settings::Settings;
use crate::store::{Counts, Role, Store};

/// Two rounds may be missed before the silence of the service is worth a word.
const ROUNDS_MISSED: i64 = 2;
const SPARE_MINUTES: i64 = 15;
/// Mail that waits longer than this is trouble, not traffic.
const WAITING_MINUTES_MAX: i64 = 15;

pub(super) async fn status(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
) -> anyhow::Result<ExitCode> {
    let settings = open::settings(config, ui, open::Secrets::Unneeded)?;
    let store = open::store(&settings, Role::Visitor).await?;
    let now = clock::shared_now(&store).await?;
    let counts = store.counts().await?;
    let mail_trouble = store.breaker_error(now).await?;
    let oldest = store.oldest_waiting_at().await?;
    let is_stuck = oldest.is_some_and(|at| now > at.plus_minutes(WAITING_MINUTES_MAX));
    let is_silent = is_service_silent(store.alive_at().await?, &settings, now);
    let n_dead = recently_dead(&store, now).await?;
    let n_held: i64 = store.held_sums().await?.iter().map(|sum| sum.n).sum();
    let is_well = n_dead == 0
        && mail_trouble.is_none()
        && !is_stuck
        && !is_silent
        && counts.sources_in_trouble == 0;
    let code = ExitCode::from(u8::from(!is_well));
    if terminal.json {
        Terminal::row(&json!({
            "well": is_well, "service_silent": is_silent, "sources": counts.sources,
            "sources_in_trouble": counts.sources_in_trouble, "posts": counts.posts,
            "live_cases": counts.live_cases, "doubts": counts.doubts,
            "mails_waiting": counts.waiting, "mails_dead": counts.dead,
            "mails_sent": counts.sent, "mails_held": n_held, "mail_trouble": mail_trouble,
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
        Terminal::line(ui.pick(
            "El servicio no está en marcha: hace demasiado que no da señales de vida. Arránquelo con «escucha run».",
            "The service is not running: it has been silent for too long. Start it with \"escucha run\".",
        ))?;
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
    if let Some(trouble) = mail_trouble {
        Terminal::line(&format!("{}: {trouble}", ui.pick("Correo", "Mail")))?;
    }
    show_troubles(&store, &settings, ui).await?;
    Ok(code)
}

/// True when neither a service nor `run --once` was at work for longer than the sources' rhythm.
fn is_service_silent(alive_at: Option<Timestamp>, settings: &Settings, now: Timestamp) -> bool {
    let slowest = settings
        .sources
        .iter()
        .map(|source| source.cadence.every_ms)
        .max();
    let patience = Timestamp(0)
        .plus_ms(ROUNDS_MISSED * slowest.unwrap_or(0))
        .plus_minutes(SPARE_MINUTES);
    alive_at.is_none_or(|at| now > at.plus_ms(patience.0))
}

/// Mails given up within a week; older ones are history.
async fn recently_dead(store: &Store, now: Timestamp) -> anyhow::Result<usize> {
    let from = now.plus_days(-7);
    let deliveries = store.deliveries(false).await?;
    let dead = deliveries
        .iter()
        .filter(|mail| mail.state == "dead" && mail.created_at > from);
    Ok(dead.count())
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
    for mail in store.deliveries(false).await? {
        if mail.state == "dead" {
            let why = mail.last_error.as_deref().unwrap_or("");
            Terminal::line(&format!("{} {}: {why}", ui.pick("Correo", "Mail"), mail.id))?;
        }
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
