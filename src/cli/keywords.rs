//! `escucha keywords check|stats|suggest|test`: the keyword file as an instrument.

mod check;
mod progress;
mod stats;
mod suggest;
mod test;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::args::Keywords;
use super::terminal::Terminal;
use super::{BadUsage, open, terminal};
use crate::clock;
use crate::config::{self, Complaints};
use crate::flow::Engine;
use crate::model::{Timestamp, Ui};
use crate::score::rules::Rules;
use crate::settings::Settings;
use crate::store::{Role, Store};

/// What every one of these commands works with.
struct Bench<'a> {
    terminal: &'a Terminal,
    ui: Ui,
    store: Store,
    engine: Arc<Engine>,
    now: Timestamp,
}

pub(super) async fn keywords(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
    what: Keywords,
) -> anyhow::Result<ExitCode> {
    let settings = open::settings(config, ui, open::Need::Rules)?;
    let ui = settings.ui;
    // What is wrong with the arguments is told before the database is opened.
    let since = match &what {
        Keywords::Check { since, .. }
        | Keywords::Stats { since }
        | Keywords::Test { since, .. } => since.as_deref(),
        Keywords::Suggest { .. } => None,
    };
    let window_ms = since.map(|since| window_ms(since, ui)).transpose()?;
    let other = match &what {
        Keywords::Check {
            file: Some(file), ..
        }
        | Keywords::Test { file, .. } => Some(rules(&settings, file, ui)?),
        _ => None,
    };
    let store = open::store(&settings, Role::Visitor).await?;
    let now = clock::shared_now(&store).await?;
    let since = window_ms.map_or(Timestamp(0), |window| now.plus_ms(-window));
    let engine = match (&what, &other) {
        // The file that is checked takes the place of the one in force.
        (Keywords::Check { .. }, Some(rules)) => {
            let rules = rules.clone();
            open::engine(Settings { rules, ..settings }, &store).await?
        }
        _ => open::engine(settings, &store).await?,
    };
    let bench = Bench {
        terminal,
        ui,
        store,
        engine,
        now,
    };
    match (what, other) {
        (Keywords::Check { .. }, _) => check::check(&bench, since).await,
        (Keywords::Stats { .. }, _) => stats::stats(&bench, since).await,
        (Keywords::Suggest { limit }, _) => suggest::suggest(&bench, limit).await,
        (Keywords::Test { limit, force, .. }, new) => {
            let new = new.unwrap_or_default();
            test::test(&bench, new, since, limit, force).await
        }
    }
}

fn window_ms(since: &str, ui: Ui) -> anyhow::Result<i64> {
    config::parse_duration_ms(since).ok_or_else(|| {
        BadUsage(match ui {
            Ui::Es => format!("--since {since} no vale; escriba por ejemplo 90d o 12h"),
            Ui::En => format!("--since {since} will not do; write 90d or 12h, say"),
        })
        .into()
    })
}

/// Another file in the place of the one in force; all that is wrong with it is told.
fn rules(settings: &Settings, file: &Path, ui: Ui) -> anyhow::Result<Rules> {
    config::rules_of(settings, file).map_err(|complaints: Complaints| {
        terminal::complain(complaints.print(ui).trim_end());
        let n = complaints.list.len();
        BadUsage(match ui {
            Ui::Es => format!("el fichero no es válido: {n} problema(s)"),
            Ui::En => format!("the file is not valid: {n} problem(s)"),
        })
        .into()
    })
}

/// A number with its thousands apart, as people read it.
fn number(n: u64, ui: Ui) -> String {
    let digits = n.to_string();
    let apart = ui.pick('.', ',');
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(apart);
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let shown = |n| (number(n, Ui::Es), number(n, Ui::En));
        assert_eq!(shown(999), ("999".to_owned(), "999".to_owned()));
        assert_eq!(shown(1_000), ("1.000".to_owned(), "1,000".to_owned()));
        assert_eq!(shown(1_234_567).0, "1.234.567");
    }
}
