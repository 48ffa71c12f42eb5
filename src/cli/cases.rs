//! `escucha cases` and `escucha case ID …`.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;

use super::args::{Act, YesNo};
use super::doubts;
use super::judge;
use super::terminal::{Terminal, complain};
use super::{BadUsage, given, open};
use crate::clock;
use crate::config::parse_duration_ms;
use crate::flow::acts;
use crate::flow::case_json;
use crate::letter::{event_words, state_word};
use crate::model::{Because, Due, How, Refusal, Timestamp, Ui};
use crate::settings::Settings;
use crate::store::{CaseRow, EventRow, Role, Store, StoredPost};

const CASES_MAX: u32 = 10_000;
/// A customer who waits for longer is not put off but left alone.
const SNOOZE_DAYS_MAX: i64 = 30;
/// First words of a post in a list.
const TEASER_CHARS: usize = 60;

pub(super) async fn cases(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
    (all, doubts): (bool, bool),
) -> anyhow::Result<ExitCode> {
    let settings = open::settings(config, ui, open::Need::Rest)?;
    let store = open::store(&settings, Role::Visitor).await?;
    if doubts {
        return doubts::doubts(terminal, &store, ui).await;
    }
    let rows = store.cases(CASES_MAX).await?;
    let mut n_shown = 0;
    for row in rows
        .iter()
        .filter(|row| all || terminal.json || row.case.state.is_live())
    {
        let Some(post) = store.post(&row.post_id).await? else {
            continue;
        };
        n_shown += 1;
        if terminal.json {
            let incident = store.incident_of(&row.id).await?;
            Terminal::row(&case_json(row, &post, incident.as_ref()))?;
        } else {
            summarize(terminal, row, &post, &settings, ui)?;
        }
    }
    if terminal.json {
        return Ok(ExitCode::SUCCESS);
    }
    if n_shown == 0 {
        Terminal::line(ui.pick("No hay casos abiertos.", "There is no open case."))?;
    }
    doubts::list(terminal, &store, ui).await?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn case(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
    id: &str,
    act: Option<Act>,
) -> anyhow::Result<ExitCode> {
    // Who acts sets countdowns, which a watch may have made shorter.
    let need = match act {
        None | Some(Act::Judge { .. }) => open::Need::Rest,
        Some(_) => open::Need::Rules,
    };
    let settings = open::settings(config, ui, need)?;
    let store = open::store(&settings, Role::Visitor).await?;
    let now = clock::shared_now(&store).await?;
    let act = match act {
        Some(Act::Judge { said }) => {
            return judge::judge(terminal, &store, id, said == YesNo::Yes, ui, now).await;
        }
        Some(Act::Answered) => Some(acts::Act::Answered),
        Some(Act::Solved { words }) => Some(solved(words, ui)?),
        Some(Act::Dismissed { because }) => Some(dismissed(because, ui)?),
        Some(Act::Take { by }) => Some(acts::Act::Taken {
            by: given("--by", by, ui)?,
        }),
        Some(Act::Snooze { wait }) => {
            let days = snooze_days(&wait, ui)?;
            let row = find(&store, id, ui).await?;
            let engine = open::engine(settings.clone(), &store).await?;
            let until = acts::morning_in(&engine, &row.watch, days, now);
            Some(acts::Act::Snoozed { until })
        }
        Some(Act::Undo) => Some(acts::Act::Undone),
        None => None,
    };
    let row = find(&store, id, ui).await?;
    let row = match act {
        None => row,
        Some(act) => acted(&store, &settings, row, act, now).await?,
    };
    let post = store
        .post(&row.post_id)
        .await?
        .context("the case has lost its post")?;
    let events = store.case_events(&row.id).await?;
    let incident = store.incident_of(&row.id).await?;
    if terminal.json {
        let mut shown = case_json(&row, &post, incident.as_ref());
        shown["how"] = json!(post.post.how.code());
        shown["taken_by"] = json!(row.case.taken_by);
        shown["snoozed_until"] = json!(row.case.snoozed_until.map(|at| at.to_string()));
        shown["events"] = events
            .iter()
            .map(|event| {
                json!({"at": event.at.to_string(), "event": event.event, "words": event.words,
                       "by": event.by})
            })
            .collect();
        Terminal::row(&shown)?;
    } else {
        show(terminal, &row, &post, &events, &settings, ui)?;
        if let Some(id) = incident {
            let others = ui.pick("Otros cuentan lo mismo", "Others tell the same");
            Terminal::line("")?;
            Terminal::line(&format!("{others}: escucha incidents {id}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The case after a person has acted; what changes nothing says so.
async fn acted(
    store: &Store,
    settings: &Settings,
    row: CaseRow,
    act: acts::Act,
    now: Timestamp,
) -> anyhow::Result<CaseRow> {
    let ui = settings.ui;
    let engine = open::engine(settings.clone(), store).await?;
    let acted = acts::act(store, &engine, &row, act, now)
        .await
        .map_err(|error| refusal(&error, ui))?;
    if acted.n_acts == row.n_acts {
        complain(ui.pick(
            "no ha cambiado nada: el caso ya estaba así. Para cambiar el motivo o las palabras, deshágalo \
             antes con «undo»",
            "nothing has changed: that was done already. To give another reason or other words, take it back \
             with \"undo\" first",
        ));
    }
    Ok(acted)
}

pub(super) async fn find(store: &Store, id: &str, ui: Ui) -> anyhow::Result<CaseRow> {
    if id.starts_with("p-") {
        return Err(anyhow::anyhow!(match ui {
            Ui::Es => format!(
                "{id} es una duda y no tiene caso: júzguela con «escucha case {id} judge yes|no»"
            ),
            Ui::En => format!(
                "{id} is a doubt without a case: judge it with \"escucha case {id} judge yes|no\""
            ),
        }));
    }
    let id = &id.to_lowercase();
    let prefix = if id.starts_with("c-") {
        id.to_owned()
    } else {
        format!("c-{id}")
    };
    let mut found = store.cases_by_prefix(&prefix).await?;
    match found.len() {
        1 => found.pop().context("one case"),
        0 => Err(anyhow::anyhow!(match ui {
            Ui::Es =>
                format!("no hay ningún caso {prefix}; «escucha cases --all» los enseña todos"),
            Ui::En => format!("there is no case {prefix}; \"escucha cases --all\" shows them all"),
        })),
        _ => {
            let ids: Vec<&str> = found.iter().map(|row| row.id.0.as_str()).collect();
            let ids = ids.join(", ");
            Err(BadUsage(match ui {
                Ui::Es => format!("{prefix} puede ser {ids}; escriba más cifras"),
                Ui::En => format!("{prefix} may be {ids}; write more digits"),
            })
            .into())
        }
    }
}

/// A case is closed by the customer's own words.
fn solved(words: Option<String>, ui: Ui) -> anyhow::Result<acts::Act> {
    match words.filter(|words| !words.trim().is_empty()) {
        Some(words) => Ok(acts::Act::Solved { words }),
        None => Err(BadUsage(
            ui.pick(
                "un caso se cierra con las palabras del cliente: --words \"Me han llamado y ya está \
                 arreglado\". Si aún no lo ha dicho él, use «answered»",
                "a case is closed by the customer's own words: --words \"They called me and it is \
                 fixed\". If he has not said so yet, use \"answered\"",
            )
            .to_owned(),
        )
        .into()),
    }
}

/// Whole days, of which the last is the day on whose morning the reminders go on.
fn snooze_days(wait: &str, ui: Ui) -> anyhow::Result<i64> {
    let days = parse_duration_ms(wait).map(|ms| ms / (24 * 3_600_000));
    days.filter(|days| (1..=SNOOZE_DAYS_MAX).contains(days))
        .ok_or_else(|| {
            BadUsage(match ui {
                Ui::Es => format!("--for: de 1d a {SNOOZE_DAYS_MAX}d, no «{wait}»"),
                Ui::En => format!("--for: from 1d to {SNOOZE_DAYS_MAX}d, not \"{wait}\""),
            })
            .into()
        })
}

/// What is no reason is refused with an explanation.
fn dismissed(because: Option<String>, ui: Ui) -> anyhow::Result<acts::Act> {
    let said = because.unwrap_or_default();
    match Because::parse(said.trim()) {
        Some(because) => Ok(acts::Act::Dismissed { because }),
        None => Err(BadUsage(no_reason(&said, ui)).into()),
    }
}

/// Why "a critic", "bad luck" or "it will pass" dismiss nobody.
fn no_reason(said: &str, ui: Ui) -> String {
    let folded = crate::score::text::fold_str(said);
    let has = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    let why = if has(&["critic", "troll", "hater", "quejica", "pesado"]) {
        ui.pick(
            "llamarlo crítico no le contesta: otros lo leen, y él esperaba una respuesta",
            "calling him a critic does not answer him: others read it, and he hoped for an answer",
        )
    } else if has(&[
        "luck",
        "suerte",
        "casualidad",
        "puntual",
        "isolated",
        "aislado",
    ]) {
        ui.pick(
            "la mala suerte es para él un fallo nuestro; quien calla se va sin decir nada",
            "what is bad luck to us is our failure to him; most leave without a word",
        )
    } else if has(&[
        "pass", "pasar", "olvid", "forget", "wait", "esper", "tiempo",
    ]) {
        ui.pick(
            "no se pasa solo: los buscadores lo guardan y cada día lo leen más personas",
            "it does not pass: search engines keep it, and every day more people read it",
        )
    } else {
        ui.pick(
            "ese no es un motivo para dejarlo sin respuesta",
            "that is no reason to leave him unanswered",
        )
    };
    let known: Vec<&str> = Because::ALL.iter().map(|because| because.word()).collect();
    let known = known.join(", ");
    match ui {
        Ui::Es => format!("{why}. Solo se descarta con --because y uno de estos: {known}"),
        Ui::En => format!("{why}. Only these dismiss a case, with --because: {known}"),
    }
}

fn refusal(error: &acts::ActError, ui: Ui) -> anyhow::Error {
    match error {
        acts::ActError::Refused(refusal) => anyhow::anyhow!(match (refusal, ui) {
            (Refusal::Closed(state), Ui::Es) => format!("el caso ya está cerrado ({state})"),
            (Refusal::NotWaiting(state), Ui::Es) => {
                format!("el caso no espera ninguna respuesta nuestra ({state})")
            }
            (Refusal::NothingToUndo, Ui::Es) =>
                "en el último día no se hizo nada que se pueda deshacer".to_owned(),
            (refusal, _) => refusal.to_string(),
        }),
        acts::ActError::Raced => anyhow::anyhow!(ui.pick(
            "otra persona movió el caso en ese instante; mírelo de nuevo",
            "somebody else moved the case at that moment; look at it again",
        )),
        acts::ActError::Store(_) => anyhow::anyhow!(error.to_string()),
    }
}

/// How it stands, and below it who says what: neither is wider than most terminals.
pub(super) fn summarize(
    terminal: &Terminal,
    row: &CaseRow,
    post: &StoredPost,
    settings: &Settings,
    ui: Ui,
) -> io::Result<()> {
    let risk = post.verdict.as_ref().map_or(0, |verdict| verdict.risk);
    let who = post.post.author.as_deref().unwrap_or("—");
    let due = row.case.due.map_or(String::new(), |(due, at)| {
        // After the deadline the due time is that of the next reminder, which nobody was promised.
        let deadline = row.case.answer_by.filter(|_| due == Due::Answer);
        let at = row.case.snoozed_until.or(deadline).unwrap_or(at);
        let at = at
            .in_zone(&settings.zone)
            .strftime("%d/%m %H:%M")
            .to_string();
        // A case that was there before us has no countdown: its date is only the next look at it.
        let word = match row.case.answer_by {
            _ if row.case.snoozed_until.is_some() => ui.pick("aplazado hasta", "put off until"),
            None if due == Due::Answer => ui.pick("mirar de nuevo", "look again"),
            Some(_) if due == Due::Answer && row.case.n_reminders > 0 => {
                ui.pick("sin contestar; el plazo acabó", "not answered; it was due")
            }
            _ => due_word(due, ui),
        };
        format!("  {word}: {at}")
    });
    let (id, state) = (terminal.bold(&row.id.0), state_word(row.case.state, ui));
    Terminal::line(&format!("{id}  {risk:>3}  {state}{due}"))?;
    Terminal::line(&format!("  {who}: {}", teaser(&post.post.text)))
}

fn show(
    terminal: &Terminal,
    row: &CaseRow,
    post: &StoredPost,
    events: &[EventRow],
    settings: &Settings,
    ui: Ui,
) -> anyhow::Result<()> {
    summarize(terminal, row, post, settings, ui)?;
    if let Some(by) = &row.case.taken_by {
        let taken = ui.pick("Se ocupa de contestar", "Taken care of by");
        Terminal::line(&format!("{taken}: {by}"))?;
    }
    Terminal::line("")?;
    Terminal::line(&post.post.text)?;
    Terminal::line("")?;
    if let Some(url) = &post.post.url {
        Terminal::line(url)?;
    }
    if post.post.how == How::Article {
        Terminal::line(ui.pick("(texto de la página enlazada)", "(text of the linked page)"))?;
    }
    for reason in post.verdict.iter().flat_map(|verdict| &verdict.why) {
        Terminal::line(&format!("  {:>+4}  {}", reason.points, reason.because))?;
    }
    Terminal::line("")?;
    for event in events {
        let at = event
            .at
            .in_zone(&settings.zone)
            .strftime("%d/%m/%Y %H:%M")
            .to_string();
        let words = event_words(&event.event, event.words.as_deref(), &settings.zone, ui);
        let by = event
            .by
            .as_ref()
            .map_or(String::new(), |by| format!(" ({by})"));
        Terminal::line(&format!("  {at}  {words}{by}"))?;
    }
    Ok(())
}

pub(super) fn teaser(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    let line = line.join(" ");
    if line.chars().count() <= TEASER_CHARS {
        return line;
    }
    let cut: String = line.chars().take(TEASER_CHARS).collect();
    format!("{}…", cut.trim_end())
}

fn due_word(due: Due, ui: Ui) -> &'static str {
    match (ui, due) {
        (Ui::Es, Due::Tell) => "avisar antes de",
        (Ui::Es, Due::Answer) => "contestar antes de",
        (Ui::Es, Due::HearBack) => "ver si responde",
        (Ui::En, Due::Tell) => "tell by",
        (Ui::En, Due::Answer) => "answer by",
        (Ui::En, Due::HearBack) => "hear back by",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &str, expected: &str) {
        assert!(
            no_reason(said, Ui::En).contains(expected),
            "{}",
            no_reason(said, Ui::En)
        );
    }

    #[test]
    fn what_is_no_reason_is_explained() {
        check("a critic", "does not answer him");
        check("bad luck", "our failure to him");
        check("it will pass", "search engines keep it");
        check("", "not_about_us");
    }
}
