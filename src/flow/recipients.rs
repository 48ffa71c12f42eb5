//! Who gets the letters of a case.
//!
//! What names a watch goes before what names a topic alone, since that is the more special; then the
//! first that fits decides, so that one person is responsible: 1. the first `[[route]]` that names the
//! watch (and the topic, if it has one); 2. `to` of the watch; 3. the first `[[route]]` that names a
//! topic of the case; 4. `alerts.to`.

use super::Engine;
use crate::model::Topic;
use crate::settings::{Mailbox, Route};

/// The people for a case of this watch that speaks of these topics, each once.
pub(super) fn of(engine: &Engine, watch: &str, topics: &[Topic]) -> Vec<Mailbox> {
    let settings = &engine.settings;
    let fits = |route: &&Route| {
        let by_topic = route.topic.is_none_or(|topic| topics.contains(&topic));
        by_topic && route.watch.as_deref().is_none_or(|name| name == watch)
    };
    let mut routes = settings.routes.iter().filter(fits);
    if let Some(route) = routes.clone().find(|route| route.watch.is_some()) {
        return once(&route.to);
    }
    let known = &settings.rules.watches;
    let own = known.iter().find(|known| known.name == watch);
    if let Some(own) = own.filter(|watch| !watch.to.is_empty()) {
        let mailbox = |address: &String| Mailbox {
            name: None,
            address: address.clone(),
        };
        return once(&own.to.iter().map(mailbox).collect::<Vec<_>>());
    }
    match routes.next() {
        Some(route) => once(&route.to),
        None => managers(engine),
    }
}

/// Those of `alerts.to`.
pub(super) fn managers(engine: &Engine) -> Vec<Mailbox> {
    let alerts = engine.settings.alerts.as_ref();
    alerts.map_or(Vec::new(), |alerts| once(&alerts.to))
}

/// The same without those that stand twice, whatever the case of their letters.
pub(super) fn once(list: &[Mailbox]) -> Vec<Mailbox> {
    let mut people: Vec<Mailbox> = Vec::new();
    for mailbox in list {
        let is_known = |known: &Mailbox| known.address.eq_ignore_ascii_case(&mailbox.address);
        if !people.iter().any(is_known) {
            people.push(mailbox.clone());
        }
    }
    people
}
