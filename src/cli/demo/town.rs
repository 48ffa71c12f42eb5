//! A small town on loopback: a forum's feed, a blog and a page of reviews, dated as of today.

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::model::Timestamp;

pub(super) struct Town {
    /// `http://127.0.0.1:PORT`.
    pub(super) base: String,
}

/// Opens the town; it lives as long as the program.
pub(super) async fn open(now: Timestamp) -> std::io::Result<Town> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let base = format!("http://{}", listener.local_addr()?);
    let pages = [
        (
            "/robots.txt",
            "text/plain; charset=utf-8",
            "User-agent: *\nDisallow: /privado/\n".to_owned(),
        ),
        (
            "/foro/rss.xml",
            "application/rss+xml; charset=utf-8",
            filled(include_str!("town/foro.xml"), &base, now),
        ),
        (
            "/blog/atom.xml",
            "application/atom+xml; charset=utf-8",
            filled(include_str!("town/blog.xml"), &base, now),
        ),
        (
            "/blog/averia",
            "text/html; charset=utf-8",
            filled(include_str!("town/averia.html"), &base, now),
        ),
        (
            "/opiniones/ejemplo",
            "text/html; charset=utf-8",
            filled(include_str!("town/opiniones.html"), &base, now),
        ),
    ];
    let town = pages
        .into_iter()
        .fold(Router::new(), |town, (path, content_type, body)| {
            let answer = move || async move {
                ([(header::CONTENT_TYPE, content_type)], body).into_response()
            };
            town.route(path, get(answer))
        });
    let town = town.fallback(|| async { StatusCode::NOT_FOUND });
    tokio::spawn(async move { axum::serve(listener, town).await.ok() });
    Ok(Town { base })
}

/// Puts the address of the town and dates counted back from `now` into a page: `{{base}}`, and
/// `{{hours 30}}` for thirty hours ago.
fn filled(page: &str, base: &str, now: Timestamp) -> String {
    let mut filled = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((name, behind)) = after.split_once("}}") else {
            break;
        };
        match name
            .strip_prefix("hours ")
            .and_then(|hours| hours.parse::<i64>().ok())
        {
            Some(hours) => filled.push_str(&now.plus_hours(-hours).to_string()),
            None => filled.push_str(base),
        }
        rest = behind;
    }
    filled.push_str(rest);
    filled
}
