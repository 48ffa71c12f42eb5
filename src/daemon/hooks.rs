//! Calls webhooks: one loop makes the calls of new alerts, and one an endpoint makes them, so that a
//! slow endpoint holds up neither mails nor other endpoints.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::pulse::Loop;
use super::{Service, pace};
use crate::clock;
use crate::fetch::{Client, FetchError, Limits};
use crate::flow::hooks::{self, Answer, Next, Outcome};
use crate::hook;
use crate::model::{Timestamp, Ui};
use crate::settings::{FetchSettings, Settings, WebhookSettings};
use crate::store::{CallRow, StoreError};

/// The specification: between 15 and 30 seconds.
const CALL: Duration = Duration::from_secs(20);
const CONNECT: Duration = Duration::from_secs(10);
const LOOK_UP: Duration = Duration::from_secs(8);
/// Between two calls of one endpoint: what waited for days does not come down on it at once.
const GAP: Duration = Duration::from_millis(50);

/// The endpoints of the configuration, which does not change while we run.
#[derive(Default)]
pub(super) struct Hooks {
    /// Nudges the loop that makes calls of alerts.
    pub(super) alerts_due: Notify,
    endpoints: Vec<Endpoint>,
}

struct Endpoint {
    hook: WebhookSettings,
    /// Its own: no other request reaches what it may.
    client: Result<Client, FetchError>,
    due: Notify,
}

impl Hooks {
    pub(super) fn of(settings: &Settings) -> Self {
        let endpoint = |hook: &WebhookSettings| Endpoint {
            hook: hook.clone(),
            client: client(hook, &settings.fetch),
            due: Notify::new(),
        };
        Self {
            alerts_due: Notify::new(),
            endpoints: settings.webhooks.iter().map(endpoint).collect(),
        }
    }
}

/// The guarded client of an endpoint.
pub fn client(hook: &WebhookSettings, fetch: &FetchSettings) -> Result<Client, FetchError> {
    let mut settings = fetch.clone();
    settings.allow_private.extend(&hook.private);
    let limits = Limits {
        dns: LOOK_UP,
        connect: CONNECT,
        headers: CALL,
        total: CALL,
        ..Limits::default()
    };
    Client::with_limits(&settings, limits)
}

/// One signed call. `id` is the same for every attempt of an event; the timestamp is that of this one,
/// by this machine's clock, since receivers compare it with theirs.
pub async fn call(client: &Client, hook: &WebhookSettings, id: &str, body: &str, ui: Ui) -> Answer {
    let now = clock::now();
    let seconds = now.0.div_euclid(1_000);
    let lines = [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", seconds.to_string()),
        (
            "webhook-signature",
            hook::signature(&hook.keys, id, seconds, body),
        ),
    ];
    match client.post(&hook.url.0, &lines, body.to_owned(), now).await {
        Ok(posted) => answered(posted.status, posted.retry_after_ms, ui),
        Err(error) => Answer {
            outcome: Outcome::Failed { wait_ms: None },
            code: None,
            sentence: failure(&error, ui),
        },
    }
}

/// What a status means.
fn answered(status: u16, retry_after_ms: Option<i64>, ui: Ui) -> Answer {
    let outcome = match status {
        200..=299 => Outcome::Taken,
        410 => Outcome::Gone,
        // About what was sent; all others are about the endpoint.
        400 | 413 | 415 | 422 => Outcome::Refused,
        _ => Outcome::Failed {
            wait_ms: retry_after_ms,
        },
    };
    let (es, en) = match status {
        200..=299 => ("", ""),
        300..=399 => (
            "el receptor redirige a otra dirección, y no se sigue: ponga en url la definitiva",
            "the receiver redirects elsewhere, which is not followed: put the final address into url",
        ),
        401 | 403 => (
            "el receptor no nos deja entrar: revise la dirección y la clave",
            "the receiver does not let us in: look at the address and the key",
        ),
        404 | 405 => (
            "en esa dirección no hay quien reciba: revise url",
            "nobody receives at this address: look at url",
        ),
        410 => (
            "el receptor dice que ya no existe",
            "the receiver says that it is gone",
        ),
        400 | 413 | 415 | 422 => (
            "el receptor no entiende este aviso: revise body",
            "the receiver does not understand this event: look at body",
        ),
        429 => (
            "el receptor pide que se le llame menos",
            "the receiver wants to be called less often",
        ),
        500..=599 => (
            "el receptor tiene un fallo propio",
            "the receiver has a failure of its own",
        ),
        _ => (
            "el receptor ha dado una respuesta inesperada",
            "the receiver gave an unexpected answer",
        ),
    };
    let sentence = match outcome {
        Outcome::Taken => String::new(),
        _ => format!("{} ({status})", ui.pick(es, en)),
    };
    Answer {
        outcome,
        code: Some(status),
        sentence,
    }
}

/// Why there was no answer. Nothing of the address is told: it may hold a token.
pub(crate) fn failure(error: &FetchError, ui: Ui) -> String {
    let (es, en) = match error {
        FetchError::AddressNotPublic(_) => (
            "la dirección no es pública: si el receptor es suyo, póngalo en allow_private",
            "the address is not public: if the receiver is yours, put it into allow_private",
        ),
        FetchError::Port(_) => (
            "el puerto no es de los de la web: si es el bueno, ponga servidor y puerto en \
             allow_private",
            "the port is not one of the web: if it is right, put host and port into allow_private",
        ),
        FetchError::Dns(_) => (
            "el nombre del receptor no se encuentra",
            "the receiver's name is not found",
        ),
        FetchError::Connect { .. } => (
            "no hay conexión con el receptor",
            "there is no connection to the receiver",
        ),
        FetchError::Tls { .. } => (
            "no hay una conexión segura con el receptor: revise su certificado",
            "there is no safe connection to the receiver: look at its certificate",
        ),
        FetchError::Timeout(_) => (
            "el receptor no ha respondido a tiempo",
            "the receiver did not answer in time",
        ),
        FetchError::Scheme(_) | FetchError::UrlTooLong | FetchError::Userinfo => (
            "a esa dirección no se puede llamar",
            "this address cannot be called",
        ),
        FetchError::Setup(_) => (
            "no se ha podido preparar la llamada",
            "the call could not be prepared",
        ),
        // The others belong to documents, but for an answer that breaks off or is not HTTP.
        _ => (
            "la respuesta del receptor se ha cortado o no es HTTP",
            "the receiver's answer broke off or is not HTTP",
        ),
    };
    format!("{} ({})", ui.pick(es, en), error.code())
}

/// The loops, until `shutdown`.
pub(super) async fn run(service: &Arc<Service>, shutdown: &CancellationToken) {
    let mut loops = JoinSet::new();
    for at in 0..service.hooks.endpoints.len() {
        let (service, shutdown) = (Arc::clone(service), shutdown.clone());
        loops.spawn(async move {
            let due = &service.hooks.endpoints[at].due;
            let turn = || endpoint_turn(Arc::clone(&service), at, shutdown.clone());
            pace::pace((&*service, Loop::Webhooks), due, &shutdown, turn).await;
        });
    }
    let alerts_due = &service.hooks.alerts_due;
    let turn = || alerts_turn(Arc::clone(service));
    pace::pace((&**service, Loop::Webhooks), alerts_due, shutdown, turn).await;
    while loops.join_next().await.is_some() {}
}

/// Makes the calls of all new alerts, and wakes who is to make them.
async fn alerts_turn(service: Arc<Service>) -> Result<Option<Timestamp>, StoreError> {
    spread(&service).await?;
    Ok(None)
}

async fn spread(service: &Service) -> Result<(), StoreError> {
    loop {
        let now = clock::shared_now(&service.store).await?;
        if hooks::spread(&service.store, &service.engine(), now).await? == 0 {
            return Ok(());
        }
        for endpoint in &service.hooks.endpoints {
            endpoint.due.notify_one();
        }
    }
}

async fn endpoint_turn(
    service: Arc<Service>,
    at: usize,
    shutdown: CancellationToken,
) -> Result<Option<Timestamp>, StoreError> {
    let endpoint = &service.hooks.endpoints[at];
    drain(&service, endpoint, &shutdown).await?;
    let hook = &endpoint.hook;
    let recipient = hook.recipient();
    service.store.next_call_at(&hook.name, &recipient).await
}

/// All that is due everywhere, for a single run.
pub(super) async fn once(
    service: &Arc<Service>,
    shutdown: &CancellationToken,
) -> Result<(), StoreError> {
    spread(service).await?;
    for endpoint in &service.hooks.endpoints {
        drain(service, endpoint, shutdown).await?;
    }
    Ok(())
}

/// Makes the calls that are due at an endpoint, one after the other, as long as it takes them.
async fn drain(
    service: &Service,
    endpoint: &Endpoint,
    shutdown: &CancellationToken,
) -> Result<(), StoreError> {
    let store = &service.store;
    while !shutdown.is_cancelled() {
        let now = clock::shared_now(store).await?;
        let begun = hooks::begin(store, &endpoint.hook, &service.worker, now);
        let Some(mut job) = begun.await? else { break };
        let next = make(service, endpoint, &mut job, shutdown).await?;
        store.release_endpoint(&job.endpoint).await?;
        if next == Next::Stop || (next == Next::Call && !job.is_full()) {
            break;
        }
    }
    Ok(())
}

/// Makes the calls of a job; tells what comes after them.
async fn make(
    service: &Service,
    endpoint: &Endpoint,
    job: &mut hooks::Job,
    shutdown: &CancellationToken,
) -> Result<Next, StoreError> {
    let engine = service.engine();
    for due in job.calls.clone() {
        let now = clock::shared_now(&service.store).await?;
        if shutdown.is_cancelled() || !hooks::may_call(&service.store, &job.endpoint, now).await? {
            return Ok(Next::Stop);
        }
        let answer = match &endpoint.client {
            Ok(client) => {
                let ui = engine.settings.ui;
                call(client, &endpoint.hook, &due.id, &due.body, ui).await
            }
            Err(error) => Answer {
                outcome: Outcome::Failed { wait_ms: None },
                code: None,
                sentence: failure(error, engine.settings.ui),
            },
        };
        log(&endpoint.hook, &due, &answer);
        let now = clock::shared_now(&service.store).await?;
        let next = hooks::finish(&service.store, &engine, job, &due, &answer, now).await?;
        if next != Next::Call {
            return Ok(next);
        }
        tokio::time::sleep(GAP).await;
    }
    Ok(Next::Call)
}

fn log(hook: &WebhookSettings, call: &CallRow, answer: &Answer) {
    let (name, id) = (&hook.name, &call.id);
    if answer.outcome == Outcome::Taken {
        info!(delivery.id = %id, alert.kind = %call.kind, "webhook {name} took {id}");
    } else {
        warn!(delivery.id = %id, outcome = ?answer.outcome, "webhook {name}, {id}: {}", answer.sentence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, expected: Outcome) {
        let answer = answered(status, Some(7), Ui::Es);
        assert_eq!((answer.outcome, answer.code), (expected, Some(status)));
        let is_silent = answer.sentence.is_empty();
        assert_eq!(is_silent, expected == Outcome::Taken, "{}", answer.sentence);
    }

    #[test]
    fn only_2xx_is_success_and_410_the_end() {
        let failed = Outcome::Failed { wait_ms: Some(7) };
        for status in [200, 201, 202, 204, 299] {
            check(status, Outcome::Taken);
        }
        for status in [
            100, 301, 302, 304, 307, 401, 403, 404, 408, 409, 429, 500, 502, 503, 599,
        ] {
            check(status, failed);
        }
        for status in [400, 413, 415, 422] {
            check(status, Outcome::Refused);
        }
        check(410, Outcome::Gone);
    }
}
