//! The page of a doubt: what somebody said, why it may be a complaint, and a yes and a no to press.

use std::fmt::Write as _;

use super::case_page::{foot, moment, section};
use super::html::{document, form, note, safe, said};
use super::{Visitor, WebError};
use crate::daemon::Service;
use crate::flow::Engine;
use crate::flow::sheet::{self, PostSheet};
use crate::model::{Deed, Grant, PostId, Ui};

pub(super) async fn page(
    service: &Service,
    engine: &Engine,
    visitor: &Visitor,
    id: &PostId,
    told: Option<&str>,
) -> Result<String, WebError> {
    let sheet = sheet::of_post(&service.store, engine, id, visitor.now).await?;
    let sheet = sheet.ok_or(WebError::Gone)?;
    let (ui, zone) = (engine.settings.ui, &engine.settings.zone);
    let title = ui.pick(
        "¿Es una queja sobre nosotros?",
        "Is it a complaint about us?",
    );
    let mut out = format!("<h1>{title}</h1>\n");
    if let Some(face) = &sheet.face {
        let _ = writeln!(out, "<p>{}</p>", safe(&face.line));
    }
    out.push_str(&note(told));
    section("said", ui.pick("Lo que dice", "What it says"), &mut out);
    let at = sheet.post.post.published.unwrap_or(sheet.post.seen_at);
    said(&sheet.said, &moment(at, zone), ui, &mut out);
    out.push_str("</section>\n");
    judge(&sheet, visitor, ui, &mut out);
    why(&sheet, ui, &mut out);
    foot(visitor, zone, ui, &mut out);
    Ok(document(ui, title, &engine.settings.company.name, &out))
}

fn judge(sheet: &PostSheet, visitor: &Visitor, ui: Ui, out: &mut String) {
    section("deeds", ui.pick("Su respuesta", "Your answer"), out);
    if let Some(judgement) = &sheet.judgement {
        let said = match (ui, judgement.is_complaint) {
            (Ui::Es, true) => "Está anotado que sí es una queja. Si no lo es, pulse «No».",
            (Ui::Es, false) => "Está anotado que no es una queja. Si lo es, pulse «Sí».",
            (Ui::En, true) => "It is noted as a complaint. If it is none, press \"No\".",
            (Ui::En, false) => "It is noted as no complaint. If it is one, press \"Yes\".",
        };
        let _ = writeln!(out, "<p role=\"status\">{said}</p>");
    }
    let grant = Grant {
        deed: Deed::Judge,
        stamp: sheet::stamp_of_post(sheet.judgement.as_ref()),
        ..visitor.grant.clone()
    };
    let link = visitor.keys.sign(&grant).unwrap_or_default();
    let buttons = format!(
        "<button type=\"submit\" name=\"said\" value=\"yes\">{}</button>\n\
         <button type=\"submit\" name=\"said\" value=\"no\">{}</button>\n",
        ui.pick("Sí, es una queja", "Yes, it is a complaint"),
        ui.pick("No, no lo es", "No, it is none")
    );
    out.push_str(&form(&link, &buttons));
    let learns = ui.pick(
        "Las palabras clave aprenden de su respuesta. Nadie recibe un aviso por ella.",
        "The keywords learn from your answer. Nobody gets an alert because of it.",
    );
    let _ = writeln!(out, "<p class=\"soft\">{learns}</p>\n</section>");
}

fn why(sheet: &PostSheet, ui: Ui, out: &mut String) {
    let Some(verdict) = &sheet.post.verdict else {
        return;
    };
    if verdict.why.is_empty() {
        return;
    }
    section(
        "why",
        ui.pick("Por qué es una duda", "Why it is a doubt"),
        out,
    );
    out.push_str("<ul>\n");
    for reason in &verdict.why {
        let _ = writeln!(out, "<li>{}</li>", safe(&reason.because));
    }
    out.push_str("</ul>\n</section>\n");
}
