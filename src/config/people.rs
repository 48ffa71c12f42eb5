//! Who is told beside or in place of `alerts.to`: `escalate` and `[[route]]`.

use super::complaints::said;
use super::escucha::known_names;
use super::reader::{Section, Value};
use super::values;
use crate::settings::{Mailbox, Route, Step};

/// The steps of the escalation, the first first.
pub(super) fn escalate(section: &Section) -> Vec<Step> {
    let steps = section
        .get("escalate")
        .map_or_else(Vec::new, |list| list.items());
    let mut steps: Vec<Step> = steps.iter().filter_map(step).collect();
    steps.sort_by_key(|step| step.after);
    steps
}

fn step(value: &Value) -> Option<Step> {
    let section = value.table()?;
    let after = section
        .need("after", said!("ponga after = \"2h\"", "put after = \"2h\""))
        .and_then(|after| values::minutes(&after));
    let to = people(&section);
    section.finish();
    Some(Step {
        after: after?,
        to: to?,
    })
}

/// Each `[[route]]`; `watches` are the analyst's, if his file could be read.
pub(super) fn routes(root: &Section, watches: Option<&[String]>) -> Vec<Route> {
    let sections = root.tables("route");
    let routes = sections
        .iter()
        .filter_map(|section| route(section, watches));
    routes.collect()
}

fn route(section: &Section, watches: Option<&[String]>) -> Option<Route> {
    let topic = section.get("topic");
    let watch = section.get("watch");
    if topic.is_none() && watch.is_none() {
        section.complain_here(
            "topic",
            said!("no dice de qué casos", "does not say of which cases"),
            said!(
                "ponga topic = \"billing\", o watch con el nombre de una",
                "put topic = \"billing\", or watch with the name of one"
            ),
        );
    }
    let to = people(section);
    section.finish();
    let is_any = topic.is_some() || watch.is_some();
    Some(Route {
        topic: match &topic {
            Some(topic) => Some(values::topic(topic)?),
            None => None,
        },
        watch: match &watch {
            Some(watch) => {
                watch.text()?;
                Some(known_names(watch, watches).pop()?)
            }
            None => None,
        },
        to: to.filter(|_| is_any)?,
    })
}

/// At least one address.
fn people(section: &Section) -> Option<Vec<Mailbox>> {
    let list = section.need(
        "to",
        said!(
            "ponga to = [\"persona@ejemplo.test\"]",
            "put to = [\"person@example.test\"]"
        ),
    )?;
    let to = values::mailboxes(&list);
    if list.items().is_empty() {
        list.complain(
            said!("no nombra a nadie", "names nobody"),
            said!(
                "escriba al menos una dirección",
                "write at least one address"
            ),
        );
    }
    (!to.is_empty()).then_some(to)
}
