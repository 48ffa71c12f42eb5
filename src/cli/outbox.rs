//! `escucha outbox`: the mails that wait, are held or were given up, what happened to each, and what to do.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::args::OutboxAct;
use super::terminal::Terminal;
use super::{BadUsage, given, open};
use crate::clock;
use crate::flow::redrive::{self, Declined};
use crate::model::{GivenUp, Timestamp, Ui};
use crate::settings::Settings;
use crate::store::{DeliveryState, HeldRow, LogRow, Role, Store};

pub(super) async fn outbox(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
    (id, all): (Option<&str>, bool),
    act: Option<OutboxAct>,
) -> anyhow::Result<ExitCode> {
    let settings = open::settings(config, ui, open::Need::Rest)?;
    let store = open::store(&settings, Role::Visitor).await?;
    match act {
        Some(OutboxAct::Retry { ids, dead }) => {
            let chosen = chosen(&store, &ids, dead, ui).await?;
            let retry = Step::Retry;
            each(terminal, &store, &chosen, &retry, ui).await
        }
        Some(OutboxAct::Cancel { ids, because }) => {
            let because = given("--because", because, ui)?;
            let chosen = chosen(&store, &ids, false, ui).await?;
            let cancel = Step::Cancel { because };
            each(terminal, &store, &chosen, &cancel, ui).await
        }
        None => {
            match id {
                Some(id) => one(terminal, &store, &settings, id, ui).await?,
                None => list(terminal, &store, &settings, all, ui).await?,
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn list(
    terminal: &Terminal,
    store: &Store,
    settings: &Settings,
    all: bool,
    ui: Ui,
) -> anyhow::Result<()> {
    let deliveries = store.deliveries(all).await?;
    let is_open =
        |delivery: &&DeliveryState| all || !delivery.cause.is_some_and(GivenUp::is_wanted);
    let shown: Vec<&DeliveryState> = deliveries.iter().filter(is_open).collect();
    let held = store.held(None, all).await?;
    if terminal.json {
        let held = held.iter().map(held_row);
        let rows = shown.into_iter().map(|delivery| row(delivery, ui));
        return Ok(rows.chain(held).try_for_each(|row| Terminal::row(&row))?);
    }
    for delivery in &shown {
        show(terminal, delivery, settings, ui)?;
    }
    for row in &held {
        show_held(terminal, row, ui)?;
    }
    if shown.is_empty() && held.is_empty() {
        Terminal::line(ui.pick(
            "No hay correos en espera ni imposibles de entregar.",
            "No mail waits, and none was given up.",
        ))?;
    }
    let trouble = store.breaker_error(clock::shared_now(store).await?).await?;
    if let Some(trouble) = trouble {
        let server = ui.pick("El servidor de correo", "The mail server");
        Terminal::line(&format!("{server}: {trouble}"))?;
    }
    Ok(())
}

async fn one(
    terminal: &Terminal,
    store: &Store,
    settings: &Settings,
    id: &str,
    ui: Ui,
) -> anyhow::Result<()> {
    let delivery = find(store, id, ui).await?;
    let log = store.delivery_log(&delivery.id).await?;
    if terminal.json {
        let mut shown = row(&delivery, ui);
        shown["history"] = log.iter().map(line_json).collect();
        return Ok(Terminal::row(&shown)?);
    }
    show(terminal, &delivery, settings, ui)?;
    Terminal::line("")?;
    let made = ui.pick("escrito", "written");
    Terminal::line(&format!(
        "  {}  {made}",
        time(delivery.created_at, settings)
    ))?;
    for line in &log {
        Terminal::line(&format!("  {}", line_text(line, settings, ui)))?;
    }
    Ok(())
}

/// The delivery of which `id` is the whole name, or as much of it as suffices.
async fn find(store: &Store, id: &str, ui: Ui) -> anyhow::Result<DeliveryState> {
    let lower = id.to_lowercase();
    let prefix = if lower.starts_with("d-") {
        lower
    } else {
        format!("d-{lower}")
    };
    let mut found = store.deliveries_by_prefix(&prefix).await?;
    match found.len() {
        1 => found.pop().context("one delivery"),
        0 => Err(anyhow::anyhow!(match ui {
            Ui::Es => {
                format!("no hay ningún correo {prefix}; «escucha outbox --all» los enseña todos")
            }
            Ui::En => format!("there is no mail {prefix}; \"escucha outbox --all\" shows them all"),
        })),
        _ => Err(BadUsage(match ui {
            Ui::Es => format!("{prefix} puede ser más de uno; escriba más cifras"),
            Ui::En => format!("{prefix} may be several; write more digits"),
        })
        .into()),
    }
}

/// Those that are named, or (`dead`) all that were given up and that nobody has settled.
async fn chosen(
    store: &Store,
    ids: &[String],
    dead: bool,
    ui: Ui,
) -> anyhow::Result<Vec<DeliveryState>> {
    if dead {
        let mut all = store.deliveries(false).await?;
        all.retain(|delivery| {
            delivery.state == "dead" && !delivery.cause.is_some_and(GivenUp::is_wanted)
        });
        return Ok(all);
    }
    let mut chosen: Vec<DeliveryState> = Vec::new();
    for id in ids {
        let found = find(store, id, ui).await?;
        if !chosen.iter().any(|known| known.id == found.id) {
            chosen.push(found);
        }
    }
    Ok(chosen)
}

enum Step {
    Retry,
    Cancel { because: String },
}

/// Takes the step for each; 1 when one of them could not be taken.
async fn each(
    terminal: &Terminal,
    store: &Store,
    chosen: &[DeliveryState],
    step: &Step,
    ui: Ui,
) -> anyhow::Result<ExitCode> {
    let now = clock::shared_now(store).await?;
    if chosen.is_empty() && !terminal.json {
        Terminal::line(ui.pick("No hay ninguno.", "There is none."))?;
    }
    let mut is_done = true;
    for delivery in chosen {
        let may_be_second = matches!(step, Step::Retry) && redrive::may_have_arrived(delivery);
        if may_be_second && !terminal.json {
            Terminal::line(&second(&delivery.id, ui))?;
        }
        let taken = match step {
            Step::Retry => redrive::retry(store, delivery, now).await?,
            Step::Cancel { because } => redrive::cancel(store, delivery, because, now).await?,
        };
        is_done &= taken.is_ok();
        let said = match taken {
            Ok(()) => done(step, ui),
            Err(declined) => why_not(declined, ui),
        };
        if terminal.json {
            Terminal::row(&json!({
                "id": delivery.id, "done": taken.is_ok(), "may_have_arrived": may_be_second,
                "said": said,
            }))?;
        } else {
            Terminal::line(&format!("{}: {said}", terminal.bold(&delivery.id)))?;
        }
    }
    Ok(ExitCode::from(u8::from(!is_done)))
}

fn second(id: &str, ui: Ui) -> String {
    match ui {
        Ui::Es => format!(
            "{id} puede haber llegado ya: si llegó, el segundo es idéntico y lleva el mismo \
             Message-ID."
        ),
        Ui::En => format!(
            "{id} may have arrived already: if it did, the second is identical and bears the same \
             Message-ID."
        ),
    }
}

fn done(step: &Step, ui: Ui) -> &'static str {
    match step {
        Step::Retry => ui.pick(
            "sale de nuevo en unos segundos, si el servicio está en marcha",
            "leaves again in some seconds, if the service is running",
        ),
        Step::Cancel { .. } => ui.pick("cancelado", "cancelled"),
    }
}

fn why_not(declined: Declined, ui: Ui) -> &'static str {
    match declined {
        Declined::Sent => ui.pick("ya está enviado", "it has been sent"),
        Declined::Sending => ui.pick(
            "se está enviando en este momento",
            "it is being sent at this moment",
        ),
        Declined::Waiting => ui.pick(
            "ya está en espera de salir",
            "it is waiting to leave already",
        ),
        Declined::Raced => ui.pick(
            "ha cambiado en ese instante; mírelo de nuevo",
            "it changed at that moment; look at it again",
        ),
    }
}

fn show(
    terminal: &Terminal,
    delivery: &DeliveryState,
    settings: &Settings,
    ui: Ui,
) -> std::io::Result<()> {
    let since = time(delivery.created_at, settings);
    let DeliveryState {
        id,
        recipient,
        subject,
        ..
    } = delivery;
    let (id, state) = (terminal.bold(id), state_word(delivery, ui));
    Terminal::line(&format!("{id}  {since}  {state}"))?;
    Terminal::line(&format!("  {recipient}: {subject}"))?;
    let next = match delivery.state.as_str() {
        "ready" | "in_doubt" => {
            let next = ui.pick("próximo intento", "next attempt");
            let tried = ui.count(
                delivery.attempts,
                ["intento hecho", "intentos hechos"],
                ["attempt made", "attempts made"],
            );
            format!("{next}: {}; {tried}", time(delivery.next_at, settings))
        }
        _ => String::new(),
    };
    let why = delivery.last_error.as_deref().unwrap_or_default();
    for line in [why, &next].into_iter().filter(|line| !line.is_empty()) {
        Terminal::line(&format!("  {line}"))?;
    }
    if let Some(todo) = todo(delivery, ui) {
        Terminal::line(&format!("  → {todo}"))?;
    }
    Ok(())
}

fn show_held(terminal: &Terminal, held: &HeldRow, ui: Ui) -> std::io::Result<()> {
    let HeldRow {
        id,
        recipient,
        subject,
        ..
    } = held;
    let state = ui.pick("retenido", "held");
    let why = if held.is_flood {
        ui.pick("llegaron muchos a la vez", "many came at once")
    } else {
        ui.pick(
            "ya recibió hoy los correos de su cupo",
            "has had the mails of the day's budget",
        )
    };
    let told = match &held.listed_in {
        Some(letter) => format!("{} {letter}", ui.pick("lo cuenta", "told by")),
        None => ui
            .pick("otro correo lo contará", "another mail will tell it")
            .to_owned(),
    };
    Terminal::line(&format!("{}  {state}", terminal.bold(id)))?;
    Terminal::line(&format!("  {recipient}: {subject}"))?;
    Terminal::line(&format!("  {why}; {told}"))
}

fn held_row(held: &HeldRow) -> Value {
    json!({
        "id": held.id, "state": "held", "cause": if held.is_flood { "flood" } else { "budget" },
        "kind": held.kind, "case": held.case_id.as_ref().map(|id| &id.0), "subject": held.subject,
        "recipient": held.recipient, "listed_in": held.listed_in,
    })
}

fn row(delivery: &DeliveryState, ui: Ui) -> Value {
    let at = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let is_waiting = matches!(delivery.state.as_str(), "ready" | "in_doubt");
    json!({
        "id": delivery.id, "state": delivery.state, "cause": delivery.cause.map(GivenUp::word),
        "kind": delivery.kind, "case": delivery.case_id.as_ref().map(|id| &id.0),
        "subject": delivery.subject, "recipient": delivery.recipient,
        "message_id": delivery.message_id, "created_at": delivery.created_at.to_string(),
        "next_at": at(is_waiting.then_some(delivery.next_at)), "attempts": delivery.attempts,
        "doubts": delivery.doubts, "code": delivery.last_code, "why": delivery.last_error,
        "todo": todo(delivery, ui), "sent_at": at(delivery.sent_at), "dead_at": at(delivery.dead_at),
    })
}

fn line_json(line: &LogRow) -> Value {
    json!({
        "at": line.at.to_string(), "until": line.until_at.to_string(), "n": line.n,
        "who": line.who, "event": line.event, "phase": line.phase, "code": line.code,
        "text": line.text,
    })
}

fn line_text(line: &LogRow, settings: &Settings, ui: Ui) -> String {
    let again = match (line.n, ui) {
        (1, _) => String::new(),
        (n, Ui::Es) => format!(" ({n} veces, la última {})", time(line.until_at, settings)),
        (n, Ui::En) => format!(" ({n} times, last {})", time(line.until_at, settings)),
    };
    let text = line.text.as_deref().filter(|text| !text.is_empty());
    let text = text.map_or(String::new(), |text| format!(": {text}"));
    let event = event_word(&line.event, ui);
    let at = time(line.at, settings);
    format!("{at}  {event}{again} [{}]{text}", line.who)
}

fn time(at: Timestamp, settings: &Settings) -> String {
    let at = at.in_zone(&settings.zone);
    at.strftime("%d/%m/%Y %H:%M").to_string()
}

pub(super) fn state_word(delivery: &DeliveryState, ui: Ui) -> &str {
    let words = match (delivery.state.as_str(), delivery.cause) {
        ("ready", _) => ["en espera", "waiting"],
        ("sending", _) => ["saliendo", "leaving"],
        ("in_doubt", _) => ["quizá entregado", "perhaps delivered"],
        ("sent", _) => ["enviado", "sent"],
        (_, None) => ["imposible de entregar", "given up"],
        (_, Some(cause)) => match cause {
            GivenUp::Refused => ["rechazado", "refused"],
            GivenUp::ContentRefused => ["contenido rechazado", "content refused"],
            GivenUp::Expired => ["sin éxito en cinco días", "five days without success"],
            GivenUp::MaybeDelivered => ["quizá entregado; no se repite", "perhaps delivered"],
            GivenUp::Bounced => ["devuelto", "returned"],
            GivenUp::Cancelled => ["cancelado", "cancelled"],
            GivenUp::RecipientRemoved => ["cancelado: sin destinatario", "cancelled: no recipient"],
        },
    };
    ui.pick(words[0], words[1])
}

/// What a person can do; nothing for what goes its way.
fn todo(delivery: &DeliveryState, ui: Ui) -> Option<String> {
    if delivery.state != "dead" || delivery.cause.is_some_and(GivenUp::is_wanted) {
        return None;
    }
    let (es, en) = match delivery.cause {
        Some(GivenUp::Refused) => (
            "corrija la dirección o el remitente (smtp.from, alerts.to); después: \
             escucha outbox retry {id}",
            "correct the address or the sender (smtp.from, alerts.to); then: \
             escucha outbox retry {id}",
        ),
        Some(GivenUp::ContentRefused) => (
            "se ha enviado en su lugar un aviso corto; pida al servidor que admita los correos de \
             smtp.from, y después: escucha outbox retry {id}",
            "a short notice was sent in its place; ask the server to let mails from smtp.from \
             through, and then: escucha outbox retry {id}",
        ),
        Some(GivenUp::MaybeDelivered) => (
            "mire si está en el buzón; si no, escucha outbox retry {id}, y si está, \
             escucha outbox cancel {id} --because \"ha llegado\"",
            "look whether it is in the mailbox; if not, escucha outbox retry {id}, and if it is, \
             escucha outbox cancel {id} --because \"it has arrived\"",
        ),
        Some(GivenUp::Bounced) => (
            "compruebe la dirección y que su buzón admita correo; después: escucha outbox retry {id}",
            "check the address and that its mailbox takes mail; then: escucha outbox retry {id}",
        ),
        _ => (
            "cuando el servidor vuelva a admitir correo: escucha outbox retry {id}",
            "when the server takes mail again: escucha outbox retry {id}",
        ),
    };
    let short = delivery.id.get(..10).unwrap_or(&delivery.id);
    let mut said = ui.pick(es, en).replace("{id}", short);
    if let Some(case) = &delivery.case_id {
        let read = ui.pick("lo que decía", "what it said");
        said = format!("{said}; {read}: escucha case {case}");
    }
    Some(said)
}

fn event_word(event: &str, ui: Ui) -> &str {
    let words = match event {
        "sent" => ["lo aceptó el servidor", "the server took it"],
        "later" => ["se intentará más tarde", "to be tried again"],
        "transport" => ["sin servidor de correo", "no mail server"],
        "refused" => ["rechazado", "refused"],
        "in_doubt" => ["quizá entregado", "perhaps delivered"],
        "abandoned" => ["el proceso terminó antes", "its process ended before it"],
        "retried" => ["se intenta de nuevo", "tried anew"],
        "cancelled" => ["cancelado", "cancelled"],
        "bounced" => ["devuelto", "returned"],
        "delayed" => [
            "el servidor avisa de un retraso",
            "a server reports a delay",
        ],
        other => return other,
    };
    ui.pick(words[0], words[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every cause has its word, and whoever can do something is told what.
    #[test]
    fn each_end_says_what_to_do() {
        for cause in GivenUp::ALL {
            let delivery = DeliveryState {
                id: "d-0123456789abcdef".to_owned(),
                alert_id: String::new(),
                kind: "complaint".to_owned(),
                case_id: None,
                subject: String::new(),
                recipient: String::new(),
                message_id: String::new(),
                state: "dead".to_owned(),
                cause: Some(*cause),
                attempts: 0,
                doubts: 0,
                last_code: None,
                last_error: None,
                created_at: Timestamp(0),
                since: Timestamp(0),
                next_at: Timestamp(0),
                sent_at: None,
                dead_at: None,
                token: 0,
            };
            for ui in [Ui::Es, Ui::En] {
                let told = todo(&delivery, ui);
                assert_eq!(told.is_none(), cause.is_wanted(), "{cause}");
                let names =
                    told.is_none_or(|told| told.contains("escucha outbox retry d-01234567"));
                assert!(names, "{cause}");
                assert_ne!(state_word(&delivery, ui), "given up");
            }
        }
    }
}
