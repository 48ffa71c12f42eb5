//! What a button does: the one thing that changes anything here.
//!
//! A form holds a link of its own, for one deed, and for the case as it stood when the page was made. So a
//! form that is sent a hundred times has one effect, and one that somebody else made has none.

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use url::form_urlencoded;

use super::{Visitor, WebError, door, page, visitor, with_status};
use crate::daemon::Service;
use crate::flow::Engine;
use crate::flow::acts::{self, Act, ActError};
use crate::flow::sheet;
use crate::model::{Because, CaseId, Deed, Grant, PostId, Refusal, Subject, Ui};

/// The customer's words, and the rest of the form.
const FORM_BYTES_MAX: usize = 16 << 10;
/// Said in the address after a button that had no effect any more.
pub(super) const MOVED: &str = "moved";
/// Days after which a case that was put off is told of again.
pub(super) const SNOOZES: [i64; 2] = [1, 3];

/// What a form may hold.
#[derive(Default)]
struct Form {
    link: String,
    words: String,
    because: String,
    days: String,
    said: String,
}

/// What came of it.
enum Done {
    Yes,
    /// The case is no longer as it was when the page was made.
    Moved,
    /// It could not be done: why, for the person.
    No(&'static str),
}

pub(super) async fn act(
    service: &Service,
    engine: &Engine,
    link: &str,
    request: Request,
) -> Result<Response, WebError> {
    // Who has no link is refused before anything he sends is read.
    let visitor = visitor(service, engine, link).await?;
    let headers = request.headers();
    if !door::is_own_form(engine, headers) {
        return Err(WebError::NotValid);
    }
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(WebError::Bad(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let body = to_bytes(request.into_body(), FORM_BYTES_MAX).await;
    let body = body.map_err(|_| WebError::Bad(StatusCode::PAYLOAD_TOO_LARGE))?;
    let form = Form::read(&body);
    let done = match &visitor.grant.subject {
        Subject::Case(id) => on_case(service, engine, &visitor, id, &form).await?,
        Subject::Post(id) => on_post(service, &visitor, id, &form).await?,
    };
    match done {
        Done::Yes => Ok(see(link)),
        Done::Moved => Ok(see(&format!("{link}?{MOVED}"))),
        Done::No(why) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(service, engine, &visitor, Some(why), status).await
        }
    }
}

async fn on_case(
    service: &Service,
    engine: &Engine,
    visitor: &Visitor,
    id: &CaseId,
    form: &Form,
) -> Result<Done, WebError> {
    let ui = engine.settings.ui;
    let grant = form.grant(visitor)?;
    let Some(row) = service.store.case(id).await? else {
        return Err(WebError::Gone);
    };
    if grant.stamp != sheet::stamp_of_case(&row) {
        return Ok(Done::Moved);
    }
    let act = match grant.deed {
        Deed::Take => Act::Taken {
            by: visitor.name.clone(),
        },
        Deed::Answered => Act::Answered,
        Deed::Snooze => {
            let days = form.days.parse().ok();
            let days = days.filter(|days| SNOOZES.contains(days));
            let days = days.ok_or(WebError::Bad(StatusCode::BAD_REQUEST))?;
            let until = acts::morning_in(engine, &row.watch, days, visitor.now);
            Act::Snoozed { until }
        }
        Deed::Solved => Act::Solved {
            words: form.words.trim().to_owned(),
        },
        Deed::Dismiss => match Because::parse(&form.because) {
            Some(because) => Act::Dismissed { because },
            None => return Ok(Done::No(choose_a_reason(ui))),
        },
        Deed::Undo => Act::Undone,
        Deed::Open | Deed::Judge => return Err(WebError::NotValid),
    };
    let by = Some(visitor.name.as_str());
    let acted = acts::act_as(&service.store, engine, &row, act, by, visitor.now).await;
    match acted {
        Ok(_) => Ok(Done::Yes),
        Err(ActError::Raced) => Ok(Done::Moved),
        Err(ActError::Refused(refusal)) => Ok(Done::No(why_not(refusal, ui))),
        Err(ActError::Store(failure)) => Err(failure.into()),
    }
}

async fn on_post(
    service: &Service,
    visitor: &Visitor,
    id: &PostId,
    form: &Form,
) -> Result<Done, WebError> {
    let grant = form.grant(visitor)?;
    let store = &service.store;
    let before = store.judgement_of(id).await?;
    let Some(post) = store.post(id).await? else {
        return Err(WebError::Gone);
    };
    if grant.stamp != sheet::stamp_of_post(before.as_ref()) {
        return Ok(Done::Moved);
    }
    let is_complaint = match (grant.deed, form.said.as_str()) {
        (Deed::Judge, "yes") => true,
        (Deed::Judge, "no") => false,
        (Deed::Judge, _) => return Err(WebError::Bad(StatusCode::BAD_REQUEST)),
        _ => return Err(WebError::NotValid),
    };
    let case = post.case_id.as_ref();
    acts::judge(store, id, case, is_complaint, visitor.now).await?;
    Ok(Done::Yes)
}

impl Form {
    fn read(body: &[u8]) -> Self {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            let field = match name.as_ref() {
                "link" => &mut form.link,
                "words" => &mut form.words,
                "because" => &mut form.because,
                "days" => &mut form.days,
                "said" => &mut form.said,
                _ => continue,
            };
            *field = value.into_owned();
        }
        form
    }

    /// What the form may do: the same reader, the same case, and not only to look.
    fn grant(&self, visitor: &Visitor) -> Result<Grant, WebError> {
        const DEEDS: [Deed; 7] = [
            Deed::Take,
            Deed::Answered,
            Deed::Snooze,
            Deed::Solved,
            Deed::Dismiss,
            Deed::Judge,
            Deed::Undo,
        ];
        let mut found = Err(WebError::NotValid);
        for deed in DEEDS {
            if let Ok(grant) = visitor.keys.verify(&self.link, deed, visitor.now) {
                found = Ok(grant);
            }
        }
        let own = &visitor.grant;
        found.and_then(|grant| {
            let is_same = grant.subject == own.subject && grant.reader == own.reader;
            is_same.then_some(grant).ok_or(WebError::NotValid)
        })
    }
}

/// Back to the page, by GET: to load it again sends nothing again.
fn see(place: &str) -> Response {
    let mut response = with_status(StatusCode::SEE_OTHER, "text/plain", "");
    if let Ok(place) = HeaderValue::from_str(place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}

fn choose_a_reason(ui: Ui) -> &'static str {
    ui.pick(
        "No se ha cambiado nada: elija el motivo por el que no es una queja sobre nosotros.",
        "Nothing was changed: choose the reason why it is no complaint about us.",
    )
}

fn why_not(refusal: Refusal, ui: Ui) -> &'static str {
    match refusal {
        Refusal::Closed(_) => ui.pick(
            "No se ha cambiado nada: el caso ya está cerrado.",
            "Nothing was changed: the case is closed already.",
        ),
        Refusal::WordsMissing => ui.pick(
            "No se ha cambiado nada: un caso se cierra con las palabras del propio cliente.",
            "Nothing was changed: a case is closed by the customer's own words.",
        ),
        Refusal::NotWaiting(_) => ui.pick(
            "No se ha cambiado nada: el caso no espera ninguna respuesta nuestra.",
            "Nothing was changed: the case does not wait for an answer of ours.",
        ),
        Refusal::NothingToUndo => ui.pick(
            "No se ha cambiado nada: ya no queda nada que deshacer.",
            "Nothing was changed: there is nothing left to take back.",
        ),
    }
}
