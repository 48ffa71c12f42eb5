//! The page of a case: what the customer said, what can be answered, and one button for each deed.

use std::fmt::Write as _;

use jiff::tz::TimeZone;

use super::acts::SNOOZES;
use super::html::{button, document, form, note, safe, said};
use super::{Visitor, WebError};
use crate::daemon::Service;
use crate::flow::Engine;
use crate::flow::sheet::{self, CaseSheet};
use crate::letter::{because_words, escaped, event_words, lang_word, state_word};
use crate::model::{Because, CaseId, Deed, Grant, State, Timestamp, Ui};

pub(super) async fn page(
    service: &Service,
    engine: &Engine,
    visitor: &Visitor,
    id: &CaseId,
    told: Option<&str>,
) -> Result<String, WebError> {
    let sheet = sheet::of_case(&service.store, engine, id, visitor.now).await?;
    let sheet = sheet.ok_or(WebError::Gone)?;
    let ui = engine.settings.ui;
    let zone = &engine.settings.zone;
    let mut out = String::with_capacity(16 << 10);
    head(&sheet, ui, &mut out);
    out.push_str(&note(told));
    standing(&sheet, visitor, zone, ui, &mut out);
    section(
        "said",
        ui.pick("Lo que dice el cliente", "In the customer's own words"),
        &mut out,
    );
    for (at, words) in &sheet.said {
        said(words, &moment(*at, zone), ui, &mut out);
    }
    if let Some(by_mail) = sheet.face.as_ref().and_then(|face| face.by_mail.as_ref()) {
        let _ = writeln!(out, "<p>{}</p>", safe(by_mail));
    }
    out.push_str("</section>\n");
    deeds(&sheet, visitor, ui, &mut out);
    drafts(&sheet, ui, &mut out);
    history(&sheet, zone, ui, &mut out);
    foot(visitor, zone, ui, &mut out);
    let who = sheet.face.as_ref().map_or(id.0.as_str(), |face| &face.who);
    let title = format!("{who} · {id}");
    Ok(document(ui, &title, &engine.settings.company.name, &out))
}

fn head(sheet: &CaseSheet, ui: Ui, out: &mut String) {
    let id = &sheet.row.id;
    match &sheet.face {
        Some(face) => {
            let _ = writeln!(
                out,
                "<h1>{}: {}</h1>",
                safe(&face.who),
                safe(&face.headline)
            );
            let _ = writeln!(out, "<p>{}</p>", safe(&face.line));
        }
        None => {
            let _ = writeln!(out, "<h1>{} {id}</h1>", ui.pick("Caso", "Case"));
        }
    }
}

/// How the case stands, who takes care of it, what was done last and how to take that back.
fn standing(sheet: &CaseSheet, visitor: &Visitor, zone: &TimeZone, ui: Ui, out: &mut String) {
    let case = &sheet.row.case;
    let mut facts = vec![format!(
        "{} <strong>{}</strong>",
        ui.pick("Estado:", "State:"),
        state_word(case.state, ui)
    )];
    if let Some(at) = case.answer_by.filter(|_| case.waits_for_answer()) {
        let words = ui.pick(
            "queremos haber contestado antes de",
            "we want to have answered by",
        );
        facts.push(format!("{words} <strong>{}</strong>", moment(at, zone)));
    }
    if let Some(by) = &case.taken_by {
        let words = ui.pick("se ocupa", "taken care of by");
        facts.push(format!("{words} <strong>{}</strong>", safe(by)));
    }
    if let Some(until) = case.snoozed_until {
        let words = ui.pick("no se recuerda hasta", "no reminder until");
        facts.push(format!("{words} <strong>{}</strong>", moment(until, zone)));
    }
    let _ = writeln!(out, "<p class=\"state\">{}.</p>", facts.join("; "));
    let undoable = case.undoable(visitor.now);
    let last = sheet
        .events
        .iter()
        .rev()
        .find(|event| undoable.is_some_and(|undo| event.event == undo.hand.word()));
    if let Some(event) = last {
        let words = event_words(&event.event, event.words.as_deref(), zone, ui);
        let by = event
            .by
            .as_deref()
            .map_or(String::new(), |by| format!(" ({})", safe(by)));
        let _ = writeln!(
            out,
            "<div class=\"last\" role=\"status\">\n<p>{}: {}{by}.</p>\n{}</div>",
            ui.pick("Lo último", "Done last"),
            safe(&words),
            button(
                &link(sheet, visitor, Deed::Undo),
                ui.pick("Deshacer", "Take it back")
            )
        );
    }
}

fn deeds(sheet: &CaseSheet, visitor: &Visitor, ui: Ui, out: &mut String) {
    let case = &sheet.row.case;
    let is_live = case.state.is_live();
    let is_closed_by_us = matches!(case.state, State::Solved | State::Dismissed);
    if is_closed_by_us || case.state == State::Gone {
        return;
    }
    section("deeds", ui.pick("Qué ha pasado", "What has happened"), out);
    let link = |deed| link(sheet, visitor, deed);
    if is_live && case.taken_by.as_deref() != Some(visitor.name.as_str()) {
        out.push_str(&button(
            &link(Deed::Take),
            ui.pick("Me ocupo yo", "I take care of it"),
        ));
    }
    if case.state != State::Answered {
        let words = ui.pick("Ya le hemos contestado", "We have answered");
        out.push_str(&button(&link(Deed::Answered), words));
    }
    if case.waits_for_answer() {
        snooze(&link(Deed::Snooze), ui, out);
    }
    solved(&link(Deed::Solved), ui, out);
    dismiss(&link(Deed::Dismiss), ui, out);
    out.push_str("</section>\n");
}

fn snooze(link: &str, ui: Ui, out: &mut String) {
    let words = |days: i64| match (ui, days) {
        (Ui::Es, 1) => "Recordármelo mañana por la mañana".to_owned(),
        (Ui::En, 1) => "Remind me tomorrow morning".to_owned(),
        (Ui::Es, days) => format!("Recordármelo dentro de {days} días"),
        (Ui::En, days) => format!("Remind me in {days} days"),
    };
    let buttons = SNOOZES.map(|days| {
        let words = words(days);
        format!("<button type=\"submit\" name=\"days\" value=\"{days}\">{words}</button>\n")
    });
    out.push_str(&form(link, &quiet(&buttons.concat())));
}

fn solved(link: &str, ui: Ui, out: &mut String) {
    let label = ui.pick(
        "El cliente dice que está resuelto. Con sus palabras:",
        "The customer says that it is solved. In the customer's own words:",
    );
    let words = ui.pick("Resuelto", "Solved");
    let inner = format!(
        "<label for=\"words\">{label}</label>\n\
         <textarea id=\"words\" name=\"words\" rows=\"3\" maxlength=\"2000\" required></textarea>\n\
         <button type=\"submit\">{words}</button>\n"
    );
    out.push_str(&form(link, &inner));
}

fn dismiss(link: &str, ui: Ui, out: &mut String) {
    let legend = ui.pick(
        "No hay que contestarle, porque",
        "Nobody has to answer, because",
    );
    let mut inner = format!("<fieldset>\n<legend>{legend}</legend>\n");
    for because in Because::ALL {
        let (word, words) = (because.word(), because_words(*because, ui));
        let _ = writeln!(
            inner,
            "<label class=\"choice\"><input type=\"radio\" name=\"because\" value=\"{word}\" required> \
             {words}</label>"
        );
    }
    let words = ui.pick("Descartar el caso", "Dismiss the case");
    let _ = writeln!(
        inner,
        "</fieldset>\n<button type=\"submit\">{words}</button>"
    );
    out.push_str(&form(link, &quiet(&inner)));
}

/// What is not the first thing to press.
fn quiet(inner: &str) -> String {
    format!("<div class=\"quiet\">\n{inner}</div>\n")
}

fn drafts(sheet: &CaseSheet, ui: Ui, out: &mut String) {
    let is_closed = matches!(sheet.row.case.state, State::Solved | State::Dismissed);
    let Some(first) = sheet.drafts.first().filter(|_| !is_closed) else {
        return;
    };
    section(
        "drafts",
        ui.pick("Lo que puede contestar", "What you can answer"),
        out,
    );
    let lang = lang_word(first.lang, ui);
    let intro = match ui {
        Ui::Es => format!(
            "En {lang}, la lengua del cliente, para copiar y ajustar. Escucha no publica nada: contesta \
             una persona, y cada promesa la cumple quien firma."
        ),
        Ui::En => format!(
            "In {lang}, the customer's language, to copy and change. Escucha publishes nothing: a person \
             answers, and whoever signs keeps each promise."
        ),
    };
    let _ = writeln!(out, "<p>{intro}</p>");
    let code = first.lang.code();
    for (nth, draft) in sheet.drafts.iter().enumerate() {
        let nth = nth + 1;
        let label = match ui {
            Ui::Es => format!("Borrador {nth}"),
            Ui::En => format!("Draft {nth}"),
        };
        let _ = writeln!(
            out,
            "<label for=\"draft{nth}\">{label}</label>\n\
             <textarea id=\"draft{nth}\" class=\"draft\" rows=\"9\" lang=\"{code}\" readonly>\n{}</textarea>",
            escaped(&draft.text)
        );
    }
    out.push_str("</section>\n");
}

fn history(sheet: &CaseSheet, zone: &TimeZone, ui: Ui, out: &mut String) {
    section(
        "history",
        ui.pick("Lo que ha pasado hasta ahora", "So far"),
        out,
    );
    out.push_str("<ol>\n");
    for event in &sheet.events {
        let words = event_words(&event.event, event.words.as_deref(), zone, ui);
        let by = event
            .by
            .as_deref()
            .map_or(String::new(), |by| format!(" ({})", safe(by)));
        let at = moment(event.at, zone);
        let _ = writeln!(
            out,
            "<li><span class=\"soft\">{at}</span> {}{by}</li>",
            safe(&words)
        );
    }
    out.push_str("</ol>\n</section>\n");
}

/// For whom the link is, and for how long.
pub(super) fn foot(visitor: &Visitor, zone: &TimeZone, ui: Ui, out: &mut String) {
    let (name, until) = (safe(&visitor.name), moment(visitor.grant.ends_at, zone));
    let _ = match ui {
        Ui::Es => writeln!(
            out,
            "<p class=\"soft\">Esta página es para {name} y vale hasta el {until}: lo que se haga aquí \
             lleva su nombre. No reenvíe el enlace.</p>"
        ),
        Ui::En => writeln!(
            out,
            "<p class=\"soft\">This page is for {name} and holds until {until}: what is done here bears \
             that name. Do not forward the link.</p>"
        ),
    };
}

pub(super) fn section(id: &str, heading: &str, out: &mut String) {
    let _ = writeln!(
        out,
        "<section id=\"{id}\" aria-labelledby=\"{id}-h\">\n<h2 id=\"{id}-h\">{heading}</h2>"
    );
}

pub(super) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.in_zone(zone).strftime("%d/%m/%Y %H:%M").to_string()
}

/// The link of a form: this deed, by this visitor, with the case as it stands.
fn link(sheet: &CaseSheet, visitor: &Visitor, deed: Deed) -> String {
    let grant = Grant {
        deed,
        stamp: sheet::stamp_of_case(&sheet.row),
        ..visitor.grant.clone()
    };
    visitor.keys.sign(&grant).unwrap_or_default()
}
