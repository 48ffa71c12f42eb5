//! `escucha sources`: who is being listened to, and how each of them is.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::terminal::Terminal;
use super::{found, open};
use crate::clock;
use crate::flow::health;
use crate::letter::SourceHealth;
use crate::model::{Ailment, HourCount, Timestamp, Ui, posts_a_day, sparkline};
use crate::settings::{Settings, SourceSettings};
use crate::store::{Role, SourceState};

/// Days of the sparkline.
const DAYS: usize = 14;
/// The width for which lines are broken, the room for a name and for the word on its health.
const COLUMNS: usize = 80;
const NAME_COLUMNS: usize = 20;
const WORD_COLUMNS: usize = 12;

pub(super) async fn sources(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
) -> anyhow::Result<ExitCode> {
    let settings = open::settings(config, ui, open::Need::Rest)?;
    let store = open::store(&settings, Role::Visitor).await?;
    let now = clock::shared_now(&store).await?;
    let states = store.source_states().await?;
    for configured in &settings.sources {
        let state = states.iter().find(|state| state.id == configured.id);
        let hours = store.source_hours(&configured.id).await?;
        let feed = store
            .found_feed(&configured.id, configured.url.as_str())
            .await?
            .filter(|_| configured.follows_feeds());
        let shown = Shown {
            feed,
            ..Shown::of(configured, state, &hours, &settings, now)
        };
        if terminal.json {
            Terminal::row(&shown.json(ui))?;
        } else {
            for line in shown.lines(terminal, ui) {
                Terminal::line(&line)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// All that is known of one source.
struct Shown<'a> {
    source: &'a SourceSettings,
    state: Option<&'a SourceState>,
    health: SourceHealth,
    days: Vec<i64>,
    /// The feed that is read in place of its page.
    feed: Option<String>,
}

impl<'a> Shown<'a> {
    fn of(
        source: &'a SourceSettings,
        state: Option<&'a SourceState>,
        hours: &[HourCount],
        settings: &Settings,
        now: Timestamp,
    ) -> Self {
        Self {
            source,
            state,
            health: health::health_of(settings.zone.clone(), hours, state),
            days: posts_a_day(hours, DAYS, now, &settings.zone),
            feed: None,
        }
    }

    fn json(&self, ui: Ui) -> serde_json::Value {
        let at = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let state = self.state;
        let condition = state.map(|state| state.condition).unwrap_or_default();
        json!({
            "name": self.source.name, "kind": self.source.kind.code(),
            "url": self.source.url.as_str(), "posts": state.map_or(0, |state| state.n_posts),
            "last_ok_at": at(state.and_then(|state| state.last_ok_at)),
            "last_new_at": at(state.and_then(|state| state.last_new_at)),
            "next_at": at(state.map(|state| state.next_at)),
            "failures": state.map_or(0, |state| state.n_failures),
            "trouble": state.and_then(|state| state.trouble.clone()),
            "trouble_since": at(condition.trouble_at),
            "health": self.health.word(), "why": self.health.why(ui),
            "todo": self.health.todo(ui), "usual_hours": self.health.usual_hours,
            "quiet_at": at(condition.quiet_at), "told_of": condition.told_of.map(Ailment::code),
            "told_at": at(state.and_then(|state| state.told_at)), "note": self.health.note,
            "days": self.days, "feed": self.feed,
            "moved_to": state.and_then(|state| state.moved_to.clone()),
            "robots_tag": state.and_then(|state| state.robots_tag.clone()),
        })
    }

    /// The source at a glance, then its sentence, then what to do, broken for a narrow terminal.
    fn lines(&self, terminal: &Terminal, ui: Ui) -> Vec<String> {
        let name = padded(&self.source.name, NAME_COLUMNS);
        let word = padded(self.health.said(ui), WORD_COLUMNS);
        let next = self.state.map_or(String::new(), |state| {
            let at = state.next_at.in_zone(&self.health.zone);
            let at = at.strftime("%d/%m %H:%M");
            format!("{} {at}", ui.pick("próxima", "next"))
        });
        let bars = sparkline(&self.days);
        let mut lines = vec![format!("{}  {word}  {bars}  {next}", terminal.bold(&name))];
        lines.extend(broken(&self.health.why(ui), "  "));
        if let Some(todo) = self.health.todo(ui) {
            lines.extend(broken(&format!("→ {todo}"), "  "));
        }
        if let Some(feed) = &self.feed {
            lines.extend(broken(&found::by_feed(feed, ui), "  "));
        }
        for remark in self
            .state
            .map(|state| remarks(state, ui))
            .unwrap_or_default()
        {
            lines.extend(broken(&remark, "  "));
        }
        lines
    }
}

/// What else the operator should know: where it is read now, and what the site asks of robots.
fn remarks(state: &SourceState, ui: Ui) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(url) = &state.moved_to {
        remarks.push(match ui {
            Ui::Es => {
                format!("ha cambiado de dirección y se lee en {url}: corríjala en escucha.toml")
            }
            Ui::En => format!("it has moved and is read at {url}: correct it in escucha.toml"),
        });
    }
    if let Some(tag) = &state.robots_tag {
        remarks.push(match ui {
            Ui::Es => format!("el sitio dice a los robots (X-Robots-Tag): {tag}"),
            Ui::En => format!("the site tells robots (X-Robots-Tag): {tag}"),
        });
    }
    remarks
}

/// The text in so many columns: cut, or filled with spaces.
fn padded(text: &str, columns: usize) -> String {
    let mut shown: String = text.chars().take(columns).collect();
    if text.chars().count() > columns {
        shown.pop();
        shown.push('…');
    }
    format!("{shown:<columns$}")
}

/// The text in indented lines of the terminal's width.
fn broken(text: &str, indent: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = indent.to_owned();
    for word in text.split_whitespace() {
        let is_empty = line.len() == indent.len();
        if !is_empty && line.chars().count() + 1 + word.chars().count() > COLUMNS {
            lines.push(std::mem::replace(&mut line, indent.to_owned()));
        } else if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_a_narrow_terminal() {
        let text = "desde el 20/11/2026 10:00: el servidor no responde; pruebe más tarde, o mire si \
                    la dirección ha cambiado";
        let lines = broken(text, "  ");
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.chars().count() <= COLUMNS));
        assert_eq!(
            padded("opiniones de clientes de Ejemplo", 12),
            "opiniones d…"
        );
        assert_eq!(padded("foro", 6), "foro  ");
    }
}
