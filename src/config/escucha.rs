//! `escucha.toml`, the operator's file: what it may say and what that means.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::complaints::said;
use super::database::database;
use super::hooks;
use super::mailbox;
use super::mapping;
use super::people;
use super::reader::{Section, Value};
use super::recipes::{self, Dish, Part, Way};
use super::retention;
use super::secrets::World;
use super::sending;
use super::trained;
use super::values;
use super::web;
use crate::model::{Cadence, Company, LocalTime, Reach, Remedy, SourceId, Ui};
use crate::score::text::fold_str;
use crate::score::trained::Trained;
use crate::settings::{
    AlertSettings, DatabaseUrl, FetchSettings, IpNetwork, Mailbox, MailboxSettings, Retention,
    Route, SmtpSettings, SourceKind, SourceSettings, WebSettings, WebhookSettings,
};

/// The file's contents; a part that is wrong has been complained about and is left out.
pub(super) struct Operator {
    pub(super) zone: TimeZone,
    pub(super) database: DatabaseUrl,
    pub(super) company: Company,
    pub(super) sources: Vec<SourceSettings>,
    pub(super) fetch: FetchSettings,
    pub(super) smtp: Option<SmtpSettings>,
    pub(super) alerts: Option<AlertSettings>,
    pub(super) replies: Option<MailboxSettings>,
    pub(super) routes: Vec<Route>,
    pub(super) remedies: Vec<Remedy>,
    pub(super) web: Option<WebSettings>,
    pub(super) webhooks: Vec<WebhookSettings>,
    pub(super) retention: Retention,
    pub(super) trained: Option<Arc<Trained>>,
}

const EVERY_MS: i64 = 15 * 60_000;
const FLOOR_MS: i64 = 5 * 60_000;
const PACE_MS: i64 = 1_000;
const SLOW_AFTER: u32 = 100;
const SLOW_AFTER_MAX: i64 = 1_000_000;
const YOUNGER_MS: i64 = 48 * 3_600_000;
const ZONE: &str = "Europe/Madrid";

/// The language the file asks for, before anything else is looked at.
pub(super) fn language(root: &Section) -> Option<Ui> {
    values::word(&root.get("language")?, &[("es", Ui::Es), ("en", Ui::En)])
}

/// Reads all but `language`; `watches` are the analyst's, if his file could be read.
pub(super) fn read(root: &Section, world: &World, watches: Option<&[String]>) -> Operator {
    let zone = root.get("time_zone").and_then(|zone| values::zone(&zone));
    let database = database(root, world);
    let company = company(root);
    let fetch = root.table("fetch");
    let floor_ms = fetch.as_ref().and_then(|section| {
        let floor = section.get("floor")?;
        values::duration_ms(&floor, 0)
    });
    let floor_ms = floor_ms.unwrap_or(FLOOR_MS);
    let zone = zone.unwrap_or_else(|| TimeZone::get(ZONE).unwrap_or(TimeZone::UTC));
    let local = Arc::new(LocalTime::of(&zone));
    let sources = sources(root, floor_ms, watches, &local, world);
    let smtp = root
        .table("smtp")
        .and_then(|section| sending::smtp(&section, world));
    let fetch = fetch_settings(fetch.as_ref(), floor_ms, &company, smtp.as_ref());
    let alerts = root
        .table("alerts")
        .map(|section| sending::alerts(&section, world));
    let replies = root
        .table("replies")
        .and_then(|section| mailbox::replies(&section, world));
    let remedies = root.tables("remedy");
    let remedies = remedies.iter().filter_map(sending::remedy).collect();
    let routes = people::routes(root, watches);
    let web = root.table("web").and_then(|section| web::web(&section));
    let webhooks = hooks::webhooks(root, world, &fetch.allow_private);
    let retention = retention::read(root);
    let trained = root
        .table("model")
        .and_then(|section| trained::read(&section, world));
    root.finish();
    Operator {
        zone,
        database,
        company,
        sources,
        fetch,
        smtp,
        alerts,
        replies,
        routes,
        remedies,
        web,
        webhooks,
        retention,
        trained,
    }
}

fn company(root: &Section) -> Company {
    let right = || {
        said!(
            "escriba [company] y name = \"…\"",
            "write [company] and name = \"…\""
        )
    };
    let Some(section) = root.get("company") else {
        root.complain_here("company.name", said!("falta", "is missing"), right());
        return Company::default();
    };
    let Some(section) = section.table() else {
        return Company::default();
    };
    let name = section.need(
        "name",
        said!(
            "ponga name = \"…\" en [company]",
            "put name = \"…\" into [company]"
        ),
    );
    let company = Company {
        name: owned(name).unwrap_or_default(),
        customers: section
            .get("customers")
            .and_then(|count| count.integer(1, i64::MAX))
            .and_then(|count| u64::try_from(count).ok()),
        help_url: section
            .get("help_url")
            .and_then(|url| values::http_url(&url))
            .map(String::from),
        signature: owned(section.get("signature")),
        own_authors: section.get("own_authors").map_or_else(Vec::new, |list| {
            let names = list.items();
            names.iter().filter_map(Value::text).map(tidy).collect()
        }),
    };
    section.finish();
    company
}

/// How many people read a source.
const REACHES: [(&str, Reach); 3] = [
    ("low", Reach::Low),
    ("normal", Reach::Normal),
    ("high", Reach::High),
];

fn owned(value: Option<Value>) -> Option<String> {
    value?.text().map(tidy)
}

fn tidy(text: &str) -> String {
    text.trim().to_owned()
}

fn sources(
    root: &Section,
    floor_ms: i64,
    watches: Option<&[String]>,
    local: &Arc<LocalTime>,
    world: &World,
) -> Vec<SourceSettings> {
    let mut sources: Vec<SourceSettings> = Vec::new();
    let mut taken = BTreeSet::new();
    for section in root.tables("source") {
        let name = section.need("name", said!("ponga name = \"…\"", "put name = \"…\""));
        if let Some(name) = &name
            && let Some(text) = name.text()
            && !taken.insert(fold_str(text.trim()))
        {
            name.complain(
                said!(
                    "otra fuente ya se llama así",
                    "another source has this name"
                ),
                said!(
                    "dé a cada fuente un nombre propio",
                    "give each source a name of its own"
                ),
            );
        }
        for source in source(&section, owned(name), floor_ms, watches, local, world) {
            let is_part = source.name != source.section;
            if is_part && !taken.insert(fold_str(&source.name)) {
                let name = &source.name;
                section.complain_here(
                    "name",
                    said!(
                        "otra fuente se llama «{name}», como una parte de esta",
                        "another source is called \"{name}\", as a part of this one"
                    ),
                    said!(
                        "dé otro nombre a una de las dos",
                        "give one of the two another name"
                    ),
                );
            }
            sources.push(source);
        }
        section.finish();
    }
    sources
}

/// The sources that one `[[source]]` makes: one, or those of its preset or recipe.
fn source(
    section: &Section,
    name: Option<String>,
    floor_ms: i64,
    watches: Option<&[String]>,
    local: &Arc<LocalTime>,
    world: &World,
) -> Vec<SourceSettings> {
    let dish = match recipes::way(section, world) {
        Way::Recipe(dish) => dish,
        Way::Plain(Some(SourceKind::Mailbox)) => mailbox::dish(section, world),
        Way::Plain(kind) => plain(section, kind),
    };
    let every_ms = section
        .get("every")
        .and_then(|every| values::duration_ms(&every, 1_000));
    let lang = section.get("language").and_then(|lang| values::lang(&lang));
    let reach = section
        .get("reach")
        .and_then(|reach| values::word(&reach, &REACHES));
    let watches = section
        .get("watches")
        .map_or_else(Vec::new, |list| known_names(&list, watches));
    let ignore_robots = section.get("ignore_robots").and_then(|why| {
        let text = why.plain().map(tidy).filter(|text| !text.is_empty());
        if text.is_none() {
            why.complain(
                said!("no dice por qué", "does not say why"),
                said!(
                    "escriba el motivo: ignore_robots = \"la página es nuestra\"",
                    "write the reason: ignore_robots = \"the page is ours\""
                ),
            );
        }
        text
    });
    let (Some(section), Some(dish)) = (name, dish) else {
        return Vec::new();
    };
    let every_ms = every_ms.or(dish.every_ms);
    let cadence = Cadence {
        every_ms: every_ms.unwrap_or(EVERY_MS),
        floor_ms,
        is_adaptive: every_ms.is_none(),
    };
    let source = |part: Part| {
        let name = match part.name {
            Some(part) => format!("{section}/{part}"),
            None => section.clone(),
        };
        SourceSettings {
            id: SourceId::of_name(&name),
            name,
            section: section.clone(),
            kind: part.kind,
            url: part.url,
            cadence,
            pace_ms: dish.pace_ms,
            local: Arc::clone(local),
            full_text: part.full_text,
            lang,
            select: part.select,
            map: part.map,
            watches: watches.clone(),
            reach: reach.unwrap_or_default(),
            ignore_robots: ignore_robots.clone(),
            remark: dish.remark.clone(),
            mailbox: part.mailbox,
        }
    };
    dish.parts.into_iter().map(source).collect()
}

/// A source that says all by itself.
fn plain(section: &Section, kind: Option<SourceKind>) -> Option<Dish> {
    let url = section
        .need(
            "url",
            said!("ponga url = \"https://…\"", "put url = \"https://…\""),
        )
        .and_then(|url| values::http_url(&url));
    let full_text = full_text(section, kind);
    let select = mapping::select(section, kind);
    let map = mapping::map(section, kind);
    let part = Part {
        name: None,
        kind: kind?,
        url: url?,
        full_text,
        select,
        map,
        mailbox: None,
    };
    Some(Dish {
        parts: vec![part],
        ..Dish::default()
    })
}

pub(super) fn full_text(section: &Section, kind: Option<SourceKind>) -> bool {
    let Some(value) = section.get("full_text") else {
        return matches!(
            kind,
            Some(SourceKind::Feed | SourceKind::Blog | SourceKind::Mailbox)
        );
    };
    let full_text = value.boolean().unwrap_or_default();
    if full_text && matches!(kind, Some(SourceKind::Reviews | SourceKind::Json)) {
        value.complain(
            said!(
                "una página de reseñas o JSON no enlaza textos",
                "a review page or JSON links to no texts"
            ),
            said!(
                "quítela: solo vale con feed o blog",
                "leave it out: it is for feed and blog"
            ),
        );
    }
    full_text
}

/// A list of names, each of which must be known (when the known ones could be read at all).
pub(super) fn known_names(list: &Value, known: Option<&[String]>) -> Vec<String> {
    let mut names = Vec::new();
    for item in list.items() {
        let Some(name) = item.text().map(tidy) else {
            continue;
        };
        if known.is_some_and(|known| !known.contains(&name)) {
            let all: Vec<(&str, ())> = known
                .unwrap_or_default()
                .iter()
                .map(|known| (known.as_str(), ()))
                .collect();
            if all.is_empty() {
                item.wants::<()>(said!(
                    "el nombre de una que exista",
                    "the name of one that exists"
                ));
            } else {
                values::word(&item, &all);
            }
        }
        names.push(name);
    }
    names
}

fn fetch_settings(
    section: Option<&Section>,
    floor_ms: i64,
    company: &Company,
    smtp: Option<&SmtpSettings>,
) -> FetchSettings {
    let get = |key| section.and_then(|section| section.get(key));
    let settings = FetchSettings {
        contact: get("contact")
            .and_then(|value| contact(&value))
            .unwrap_or_else(|| default_contact(company, smtp)),
        allow_private: get("allow_private").map_or_else(Vec::new, |list| {
            list.items().iter().filter_map(network).collect()
        }),
        alert_if_younger_than_ms: get("alert_if_younger_than")
            .and_then(|value| values::duration_ms(&value, 0))
            .unwrap_or(YOUNGER_MS),
        floor_ms,
        pace_ms: get("pace")
            .and_then(|value| values::duration_ms(&value, 0))
            .unwrap_or(PACE_MS),
        slow_after: get("slow_after")
            .and_then(|value| value.integer(0, SLOW_AFTER_MAX))
            .map_or(SLOW_AFTER, |n| n as u32),
    };
    if let Some(section) = section {
        section.finish();
    }
    settings
}

/// A link or an address: anybody whose server we read must be able to reach a person.
fn contact(value: &Value) -> Option<String> {
    let text = value.text()?.trim();
    if let Some(mailbox) = Mailbox::parse(text.strip_prefix("mailto:").unwrap_or(text)) {
        return Some(format!("mailto:{}", mailbox.address));
    }
    values::http_url(value).map(String::from)
}

/// Without `contact`: the help page, else the address that mails come from, else the name.
fn default_contact(company: &Company, smtp: Option<&SmtpSettings>) -> String {
    if let Some(url) = &company.help_url {
        return url.clone();
    }
    match smtp {
        Some(smtp) => format!("mailto:{}", smtp.from.address),
        // A header holds ASCII only.
        None => fold_str(&company.name)
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == ' ')
            .collect(),
    }
}

fn network(value: &Value) -> Option<IpNetwork> {
    let network = IpNetwork::parse(value.text()?);
    if network.is_none() {
        return value.wants(said!(
            "una red como 127.0.0.0/8 o 10.1.0.0/16",
            "a network like 127.0.0.0/8 or 10.1.0.0/16"
        ));
    }
    network
}
