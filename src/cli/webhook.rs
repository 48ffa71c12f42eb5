//! The webhooks of `escucha check` and `escucha status`.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::open;
use crate::clock;
use crate::daemon::hooks;
use crate::flow::hooks::Outcome;
use crate::hook;
use crate::model::{Timestamp, Ui};
use crate::settings::{Settings, WebhookSettings};
use crate::store::EndpointState;

/// What `check --online` can say of an endpoint without calling it: whether its address may be reached.
pub(super) async fn looked_at(hook: &WebhookSettings, settings: &Settings) -> (bool, String) {
    let ui = settings.ui;
    let looked = match hooks::client(hook, &settings.fetch) {
        Ok(client) => client.check_name(&hook.url.0).await,
        Err(error) => Err(error),
    };
    match looked {
        Ok(()) => {
            let name = &hook.name;
            let said = match ui {
                Ui::Es => format!(
                    "se puede llamar a su dirección; para llamar de verdad: escucha check --webhook {name}"
                ),
                Ui::En => format!(
                    "its address may be called; to call it for real: escucha check --webhook {name}"
                ),
            };
            (true, said)
        }
        Err(error) => (false, hooks::failure(&error, ui)),
    }
}

/// Sends a signed test event; `None` when there is no webhook of this name.
pub(super) async fn tried(
    settings: &Settings,
    name: &str,
) -> anyhow::Result<Option<(bool, String)>> {
    let ui = settings.ui;
    let Some(hook) = settings.webhooks.iter().find(|hook| hook.name == name) else {
        return Ok(None);
    };
    let text = ui.pick(
        "Es una prueba: ningún cliente espera.",
        "This is a test: no customer is waiting.",
    );
    let event = hook::test_event(
        clock::now(),
        ui.pick("Prueba de Escucha", "Test of Escucha"),
        text,
    );
    let body = match &hook.body {
        Some(template) => template.render(&event),
        None => event.to_string(),
    };
    let id = format!("t-{}", &open::random_hex()?[..24]);
    let answer = match hooks::client(hook, &settings.fetch) {
        Ok(client) => hooks::call(&client, hook, &id, &body, ui).await,
        Err(error) => return Ok(Some((false, hooks::failure(&error, ui)))),
    };
    let is_taken = answer.outcome == Outcome::Taken;
    let said = if is_taken {
        let code = answer.code.unwrap_or_default();
        match ui {
            Ui::Es => format!("el receptor aceptó el aviso de prueba ({code})"),
            Ui::En => format!("the receiver took the test event ({code})"),
        }
    } else {
        answer.sentence
    };
    Ok(Some((is_taken, said)))
}

pub(super) fn row(state: &EndpointState) -> Value {
    let at = |at: Option<Timestamp>| at.map(|at| at.to_string());
    json!({
        "name": state.endpoint.name, "well": state.is_well(),
        "gone_at": at(state.endpoint.gone_at), "failing_at": at(state.endpoint.failing_at),
        "last_ok_at": at(state.endpoint.last_ok_at), "error": state.endpoint.last_error,
        "sent": state.sent, "waiting": state.waiting, "refused": state.refused, "dead": state.dead,
    })
}

pub(super) fn line(state: &EndpointState, settings: &Settings, ui: Ui) -> String {
    let EndpointState {
        endpoint,
        waiting,
        refused,
        dead,
        sent,
    } = state;
    let name = &endpoint.name;
    let mut line = match ui {
        Ui::Es => format!("Webhook {name}: enviados {sent}, en espera {waiting}, perdidos {dead}"),
        Ui::En => format!("Webhook {name}: sent {sent}, waiting {waiting}, given up {dead}"),
    };
    let day = |at: Timestamp| {
        at.in_zone(&settings.zone)
            .strftime("%d/%m %H:%M")
            .to_string()
    };
    let why = endpoint.last_error.as_deref().unwrap_or_default();
    if let Some(at) = endpoint.gone_at {
        let at = day(at);
        let said = ui.pick(
            "apagado: cambie su sección en escucha.toml y reinicie",
            "switched off: change its section in escucha.toml and restart",
        );
        let _ = write!(line, "; {why} ({at}); {said}");
    } else if let Some(at) = endpoint.failing_at {
        let since = ui.pick("desde", "since");
        let _ = write!(line, "; {since} {}: {why}", day(at));
    }
    if *refused > 0 {
        let _ = match ui {
            Ui::Es => write!(line, "; rechaza {refused} y toma los demás: revise body"),
            Ui::En => write!(line, "; refuses {refused} and takes others: look at body"),
        };
    }
    line
}
