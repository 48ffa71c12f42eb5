//! `escucha capture`: a complaint that a person found elsewhere, or heard.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;

use super::terminal::Terminal;
use super::{BadUsage, cases, open};
use crate::flow::capture::{self, Captured};
use crate::model::{LocalTime, Timestamp, Ui};
use crate::store::Role;
use crate::{clock, config, extract};

/// Longer texts are cut, as those of any source are.
const TEXT_BYTES_MAX: u64 = 64 << 10;

/// The arguments as they were given.
pub(super) struct Said {
    pub(super) text: Option<String>,
    pub(super) author: Option<String>,
    pub(super) url: Option<String>,
    pub(super) published: Option<String>,
    pub(super) source_name: Option<String>,
}

pub(super) async fn capture(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
    said: Said,
) -> anyhow::Result<ExitCode> {
    let settings = open::settings(config, ui, open::Need::Rules)?;
    let ui = settings.ui;
    let local = LocalTime::of(&settings.zone);
    let captured = checked(said, clock::now(), &local, ui)?;
    let store = open::store(&settings, Role::Visitor).await?;
    let engine = open::engine(settings, &store).await?;
    let now = clock::shared_now(&store).await?;
    let case = capture::capture(&store, &engine, captured, now)
        .await?
        .context("the complaint has no case")?;
    store.close().await;
    cases::case(terminal, config, ui, &case.0, None).await
}

fn checked(said: Said, now: Timestamp, local: &LocalTime, ui: Ui) -> anyhow::Result<Captured> {
    let text = match said.text {
        Some(text) => text,
        None => read_input()?,
    };
    let text = extract::words_of(&text);
    if text.is_empty() {
        return Err(bad(ui.pick(
            "faltan las palabras del cliente: escríbalas en --text, o mándelas por la entrada \
             estándar",
            "the customer's words are missing: write them in --text, or send them on standard \
             input",
        )));
    }
    let url = said.url.map(|url| {
        config::site(&url).ok_or_else(|| {
            bad(ui.pick(
                "--url no es una dirección: escríbala entera, https://…",
                "--url is no address: write all of it, https://…",
            ))
        })
    });
    let published = said.published.map(|when| {
        extract::date_of(&when, now, local).ok_or_else(|| {
            bad(ui.pick(
                "--published no es una fecha: escríbala como 2026-11-20 o 2026-11-20T10:00:00Z",
                "--published is no date: write it as 2026-11-20 or 2026-11-20T10:00:00Z",
            ))
        })
    });
    let line = |text: Option<String>| text.map(|text| extract::words_of(&text).replace('\n', " "));
    Ok(Captured {
        text,
        author: line(said.author).filter(|author| !author.is_empty()),
        url: url.transpose()?,
        published: published.transpose()?,
        source_name: line(said.source_name),
    })
}

fn read_input() -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .take(TEXT_BYTES_MAX)
        .read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn bad(sentence: &str) -> anyhow::Error {
    BadUsage(sentence.to_owned()).into()
}
