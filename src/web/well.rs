//! `/healthz`: is it well? 200 or 503, for people and for machines, the same answer as `escucha status`.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::door::Way;
use super::with_status;
use crate::clock;
use crate::daemon::{Loop, Service};
use crate::flow::status::{self, Status};
use crate::model::{Timestamp, Ui};
use crate::store::StoreError;

/// A database that does not answer in this time is not well.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was found, and what is wrong in words.
struct Found {
    status: Option<Status>,
    wrong: Vec<String>,
    now: Timestamp,
}

pub(super) async fn healthz(service: &Service, way: Way, headers: &HeaderMap) -> Response {
    let ui = service.engine().settings.ui;
    let found = found(service, ui).await;
    let is_well = found.wrong.is_empty();
    let code = if is_well {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let accept = headers.get(header::ACCEPT);
    let accept = accept.and_then(|accept| accept.to_str().ok()).unwrap_or("");
    let is_json = accept.contains("application/json");
    // What is wrong with us is our business: from outside it is well or not.
    let is_near = way == Way::Near;
    if is_json {
        let told = if is_near {
            found.json(service)
        } else {
            json!({ "well": is_well })
        };
        return with_status(code, "application/json", format!("{told}\n"));
    }
    let mut lines = vec![match (ui, is_well) {
        (Ui::Es, true) => "Todo va bien.".to_owned(),
        (Ui::Es, false) => "Hay algo que mirar.".to_owned(),
        (Ui::En, true) => "All is well.".to_owned(),
        (Ui::En, false) => "There is something to look at.".to_owned(),
    }];
    if is_near {
        lines.extend(found.wrong);
    }
    let text = format!("{}\n", lines.join("\n"));
    with_status(code, "text/plain; charset=utf-8", text)
}

async fn found(service: &Service, ui: Ui) -> Found {
    let engine = service.engine();
    let looking = async {
        let now = clock::shared_now(&service.store).await?;
        let status = status::status(&service.store, &engine.settings, now).await?;
        Ok::<_, StoreError>((status, now))
    };
    let (status, now, mut wrong) = match tokio::time::timeout(PATIENCE, looking).await {
        Ok(Ok((status, now))) => {
            let wrong = troubles(&status, ui);
            (Some(status), now, wrong)
        }
        Ok(Err(failure)) => {
            tracing::warn!("the health could not be looked at: {failure}");
            let said = ui.pick(
                "La base de datos no se puede usar; el registro dice por qué.",
                "The database cannot be used; the log says why.",
            );
            (None, clock::now(), vec![said.to_owned()])
        }
        Err(_) => {
            let said = ui.pick(
                "La base de datos no contesta.",
                "The database does not answer.",
            );
            (None, clock::now(), vec![said.to_owned()])
        }
    };
    let names = |loops: Vec<Loop>| {
        let names: Vec<&str> = loops.into_iter().map(Loop::name).collect();
        names.join(", ")
    };
    let (still, failed) = (names(service.pulse.still()), names(service.pulse.failed()));
    if !still.is_empty() {
        wrong.push(match ui {
            Ui::Es => format!("Sin avanzar desde hace minutos: {still}."),
            Ui::En => format!("No progress for minutes: {still}."),
        });
    }
    if !failed.is_empty() {
        wrong.push(match ui {
            Ui::Es => format!("La última vuelta falló: {failed}. El registro dice por qué."),
            Ui::En => format!("The last turn failed: {failed}. The log says why."),
        });
    }
    Found { status, wrong, now }
}

fn troubles(status: &Status, ui: Ui) -> Vec<String> {
    let mut wrong = Vec::new();
    if let Some(trouble) = &status.mail_trouble {
        wrong.push(format!("{}: {trouble}", ui.pick("Correo", "Mail")));
    }
    if status.is_stuck {
        let n = status.counts.waiting;
        wrong.push(match ui {
            Ui::Es => format!("Correo que espera demasiado: {n} sin enviar."),
            Ui::En => format!("Mail has waited for too long: {n} not sent."),
        });
    }
    if status.n_dead > 0 {
        let n = status.n_dead;
        wrong.push(match ui {
            Ui::Es => format!("Correos imposibles de entregar esta semana: {n}."),
            Ui::En => format!("Mails that could not be delivered this week: {n}."),
        });
    }
    if let Some(trouble) = &status.replies_trouble {
        let what = ui.pick("Buzón de respuestas", "Mailbox for replies");
        wrong.push(format!("{what}: {trouble}"));
    }
    for state in status.webhooks.iter().filter(|state| !state.is_well()) {
        let name = &state.endpoint.name;
        wrong.push(match ui {
            Ui::Es => format!("Webhook {name}: no acepta avisos; «escucha status» dice por qué."),
            Ui::En => format!("Webhook {name} takes no events; \"escucha status\" tells why."),
        });
    }
    if status.is_silent {
        wrong.push(
            ui.pick(
                "El servicio no da señales de vida.",
                "The service gives no sign of life.",
            )
            .to_owned(),
        );
    }
    if status.counts.sources_in_trouble > 0 {
        let n = status.counts.sources_in_trouble;
        wrong.push(match ui {
            Ui::Es => format!("Fuentes con problemas: {n}; «escucha sources» dice cuáles."),
            Ui::En => format!("Sources in trouble: {n}; \"escucha sources\" tells which."),
        });
    }
    wrong
}

impl Found {
    fn json(&self, service: &Service) -> Value {
        let age = |of: Loop| {
            let at = service.pulse.turned_at(of);
            at.map(|at| clock::now().ms_since(at) / 1_000)
        };
        let ages: serde_json::Map<String, Value> = Loop::ALL
            .into_iter()
            .map(|of| (of.name().to_owned(), json!(age(of))))
            .collect();
        let counts = self.status.as_ref().map(|status| status.counts);
        json!({
            "well": self.wrong.is_empty(), "at": self.now.to_string(), "wrong": self.wrong,
            "database": self.status.is_some(),
            "mail": self.status.as_ref().map(Status::can_tell),
            "sources": counts.map(|counts| counts.sources),
            "sources_in_trouble": counts.map(|counts| counts.sources_in_trouble),
            "mails_waiting": counts.map(|counts| counts.waiting),
            "mails_dead": counts.map(|counts| counts.dead),
            "seconds_since_turn": ages,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Counts, EndpointRow, EndpointState, Lease};

    #[test]
    fn what_is_not_well_is_said_and_nothing_else() {
        let well = Status::default();
        assert!(well.is_well() && troubles(&well, Ui::Es).is_empty());
        let failing = EndpointState {
            endpoint: EndpointRow {
                name: "crm".to_owned(),
                config: String::new(),
                lease: Lease {
                    token: 0,
                    until: Timestamp(0),
                },
                failing_at: Some(Timestamp(1)),
                n_failures: 1,
                gone_at: None,
                open_until: Timestamp(0),
                last_error: None,
                last_ok_at: None,
            },
            waiting: 1,
            refused: 0,
            dead: 0,
            sent: 0,
        };
        let ill = |of: fn(&mut Status)| {
            let mut status = Status::default();
            of(&mut status);
            status
        };
        let mut of_webhook = Status::default();
        of_webhook.webhooks.push(failing);
        for status in [
            ill(|status| status.mail_trouble = Some("535".to_owned())),
            ill(|status| status.is_stuck = true),
            ill(|status| status.is_silent = true),
            ill(|status| status.n_dead = 1),
            ill(|status| status.replies_trouble = Some("no".to_owned())),
            ill(|status| {
                status.counts = Counts {
                    sources_in_trouble: 1,
                    ..Counts::default()
                };
            }),
            of_webhook,
        ] {
            let said = troubles(&status, Ui::Es);
            assert!(!status.is_well() && said.len() == 1, "{status:?}: {said:?}");
        }
    }
}
