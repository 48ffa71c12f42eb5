//! The page on which a person acts from a mail, and what others see of the service: `/healthz`, `/metrics`.
//!
//! There is no login, no cookie and no script. Who comes by a signed link may do what a link of that deed
//! allows, with that one case; everything else is refused in one way.
//!
//! **Invariant:** GET, HEAD and OPTIONS change nothing; no link is written to a log, a metric or an error.

mod acts;
mod case_page;
mod door;
mod html;
mod limits;
mod metrics;
mod post_page;
mod well;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::clock;
use crate::daemon::Service;
use crate::flow::{Engine, links};
use crate::model::{Deed, Grant, LinkKeys, Subject, Timestamp, Ui};
use crate::store::StoreError;
use door::Way;

/// Whatever is asked for is answered within this time.
const ANSWER_TIME: Duration = Duration::from_secs(10);

/// What kept an answer from being made.
#[derive(Debug, thiserror::Error)]
enum WebError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The one answer to every link that does not hold.
    #[error("no valid link")]
    NotValid,
    /// It is there no longer.
    #[error("gone")]
    Gone,
    /// A request that no page of ours makes.
    #[error("{0}")]
    Bad(StatusCode),
}

/// Somebody who came by a link that holds.
struct Visitor {
    keys: LinkKeys,
    grant: Grant,
    /// As the configuration calls him.
    name: String,
    now: Timestamp,
}

/// Answers until told to stop.
pub async fn serve(listener: TcpListener, service: Arc<Service>, shutdown: CancellationToken) {
    if let Ok(address) = listener.local_addr() {
        info!("serving the page on http://{address}");
    }
    let router = Router::new().fallback(answer).with_state(service);
    let serving = axum::serve(limits::Few::new(listener), router);
    let serving = serving.with_graceful_shutdown(shutdown.cancelled_owned());
    if let Err(failure) = serving.await {
        warn!("the page is no longer served: {failure}");
    }
}

async fn answer(State(service): State<Arc<Service>>, request: Request) -> Response {
    let engine = service.engine();
    let is_style = request.uri().path().ends_with("/style.css");
    let way = Way::of(&engine, &request);
    let made = tokio::time::timeout(ANSWER_TIME, route(&service, &engine, way, request)).await;
    let mut response = match made {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => refused(&engine, &error),
        Err(_) => refused(&engine, &WebError::Bad(StatusCode::SERVICE_UNAVAILABLE)),
    };
    protect(
        response.headers_mut(),
        is_style,
        way.is_public() && is_https(&engine),
    );
    response
}

async fn route(
    service: &Service,
    engine: &Engine,
    way: Way,
    request: Request,
) -> Result<Response, WebError> {
    if way == Way::Unknown {
        return Err(WebError::Bad(StatusCode::MISDIRECTED_REQUEST));
    }
    let path = door::path_below(engine, request.uri().path());
    let (folder, name) = path.split_once('/').unwrap_or(("", &path));
    let name = name.to_owned();
    let is_look = matches!(*request.method(), Method::GET | Method::HEAD);
    match (folder, name.as_str(), request.method()) {
        (_, _, &Method::OPTIONS) => Ok(with_status(StatusCode::NO_CONTENT, "text/plain", "")),
        (links::FOLDER, "style.css", _) if is_look => Ok(css()),
        (links::FOLDER, _, &Method::POST) => acts::act(service, engine, &name, request).await,
        (links::FOLDER, _, _) if is_look => {
            look(service, engine, &name, request.uri().query()).await
        }
        ("", "healthz", _) if is_look => Ok(well::healthz(service, way, request.headers()).await),
        ("", "metrics", _) if is_look && way == Way::Near => metrics::metrics(service).await,
        ("", "robots.txt", _) if is_look => {
            let all = "User-agent: *\nDisallow: /\n";
            Ok(with_status(StatusCode::OK, "text/plain", all))
        }
        ("", "healthz" | "robots.txt", _) | (links::FOLDER, ..) => {
            Err(WebError::Bad(StatusCode::METHOD_NOT_ALLOWED))
        }
        _ => Err(WebError::Bad(StatusCode::NOT_FOUND)),
    }
}

/// The page of a link. Changes nothing.
async fn look(
    service: &Service,
    engine: &Engine,
    link: &str,
    query: Option<&str>,
) -> Result<Response, WebError> {
    let visitor = visitor(service, engine, link).await?;
    let note = (query == Some(acts::MOVED)).then(|| moved_on(engine.settings.ui));
    page(service, engine, &visitor, note, StatusCode::OK).await
}

/// The page as it is now, with a word on what was just asked for.
async fn page(
    service: &Service,
    engine: &Engine,
    visitor: &Visitor,
    note: Option<&str>,
    status: StatusCode,
) -> Result<Response, WebError> {
    let page = match &visitor.grant.subject {
        Subject::Case(id) => case_page::page(service, engine, visitor, id, note).await?,
        Subject::Post(id) => post_page::page(service, engine, visitor, id, note).await?,
    };
    Ok(with_status(status, "text/html; charset=utf-8", page))
}

/// Who comes by this link, if it holds.
async fn visitor(service: &Service, engine: &Engine, link: &str) -> Result<Visitor, WebError> {
    let store = &service.store;
    let now = clock::shared_now(store).await?;
    let keys = links::keys(store, engine)
        .await?
        .ok_or(WebError::NotValid)?;
    let grant = keys.verify(link, Deed::Open, now);
    let grant = grant.map_err(|_| WebError::NotValid)?;
    let address = store.reader_address(&grant.reader.hex()).await?;
    // A reader who was forgotten is no reader any more.
    let address = address.ok_or(WebError::NotValid)?;
    let name = engine.settings.name_of(&address);
    Ok(Visitor {
        name: name.to_owned(),
        keys,
        grant,
        now,
    })
}

fn moved_on(ui: Ui) -> &'static str {
    ui.pick(
        "No se ha cambiado nada: desde que abrió esta página ya había pasado algo. Así está ahora.",
        "Nothing was changed: something had happened since you opened this page. This is how it is now.",
    )
}

fn refused(engine: &Engine, error: &WebError) -> Response {
    let ui = engine.settings.ui;
    let (status, said) = match error {
        WebError::Store(failure) => {
            warn!("a page could not be made: {failure}");
            (StatusCode::SERVICE_UNAVAILABLE, html::try_later(ui))
        }
        WebError::NotValid => (StatusCode::FORBIDDEN, html::no_link(ui)),
        WebError::Gone => (StatusCode::GONE, html::gone(ui)),
        WebError::Bad(StatusCode::SERVICE_UNAVAILABLE) => {
            (StatusCode::SERVICE_UNAVAILABLE, html::try_later(ui))
        }
        WebError::Bad(status) => (*status, html::nothing_here(ui)),
    };
    let page = html::document(ui, said[0], "", &html::only(said));
    with_status(status, "text/html; charset=utf-8", page)
}

fn with_status(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn css() -> Response {
    let style = include_str!("style.css");
    with_status(StatusCode::OK, "text/css; charset=utf-8", style)
}

fn is_https(engine: &Engine) -> bool {
    let web = engine.settings.web.as_ref();
    let url = web.and_then(|web| web.public_url.as_ref());
    url.is_some_and(|url| url.scheme() == "https")
}

/// No script, nothing from elsewhere, no frame, no trace of the link in another site's log.
fn protect(headers: &mut HeaderMap, is_style: bool, is_tls: bool) {
    const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; \
                          frame-ancestors 'none'; base-uri 'none'";
    let mut put = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    put(header::CONTENT_SECURITY_POLICY, POLICY);
    put(header::REFERRER_POLICY, "no-referrer");
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::X_FRAME_OPTIONS, "DENY");
    put(
        HeaderName::from_static("x-robots-tag"),
        "noindex, nofollow, noarchive",
    );
    put(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    put(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    put(header::ALLOW, "GET, HEAD, POST, OPTIONS");
    let kept = if is_style { "max-age=3600" } else { "no-store" };
    put(header::CACHE_CONTROL, kept);
    if is_tls {
        put(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}
