//! The frame of every page, and the pages that say no more than one thing.
//!
//! **Invariant:** whatever comes from elsewhere goes through [`safe`], and is isolated from what stands
//! around it.

use std::fmt::Write as _;

use crate::letter::{SaidWords, escaped};
use crate::model::Ui;

/// Escaped, and with a direction of its own.
pub(super) fn safe(text: &str) -> String {
    format!("<bdi>{}</bdi>", escaped(text))
}

/// A page with its title, the company's name above, and what it shows.
pub(super) fn document(ui: Ui, title: &str, company: &str, main: &str) -> String {
    let (lang, title) = (ui.code(), escaped(title));
    let company = if company.is_empty() {
        String::new()
    } else {
        format!(" · {}", safe(company))
    };
    format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"robots\" content=\"noindex, nofollow\">\n\
         <title>{title}</title>\n<link rel=\"stylesheet\" href=\"style.css\">\n</head>\n<body>\n\
         <header><p>Escucha{company}</p></header>\n<main>\n{main}</main>\n</body>\n</html>\n"
    )
}

/// A heading and a sentence.
pub(super) fn only([title, said]: [&'static str; 2]) -> String {
    format!("<h1>{title}</h1>\n<p>{said}</p>\n")
}

/// What was just tried, for eyes and for readers of screens.
pub(super) fn note(said: Option<&str>) -> String {
    said.map_or(String::new(), |said| {
        format!("<p class=\"note\" role=\"status\">{}</p>\n", escaped(said))
    })
}

/// What somebody wrote, with the way to where it stands.
pub(super) fn said(said: &SaidWords, when: &str, ui: Ui, out: &mut String) {
    out.push_str("<blockquote dir=\"auto\">\n");
    if let Some(title) = &said.title {
        let _ = writeln!(out, "<p><strong>{}</strong></p>", safe(title));
    }
    for line in &said.lines {
        let _ = writeln!(out, "<p>{}</p>", safe(line));
    }
    out.push_str("</blockquote>\n");
    let _ = write!(out, "<p class=\"soft\">{}", escaped(when));
    if let Some(link) = &said.link {
        let words = ui.pick("Leer y contestar allí", "Read and answer there");
        let link = escaped(link);
        let _ = write!(
            out,
            " · <a href=\"{link}\" rel=\"noreferrer noopener nofollow\">{words}</a><br>\n\
             <span class=\"address\">{link}</span>"
        );
    }
    out.push_str("</p>\n");
}

/// The beginning of a form that may do one thing.
pub(super) fn form(link: &str, inner: &str) -> String {
    // Without an action it goes to where the page is, whatever stands before that in the address.
    format!(
        "<form method=\"post\">\n<input type=\"hidden\" name=\"link\" value=\"{}\">\n{inner}</form>\n",
        escaped(link)
    )
}

/// A form that is one button.
pub(super) fn button(link: &str, words: &str) -> String {
    let button = format!("<button type=\"submit\">{}</button>\n", escaped(words));
    form(link, &button)
}

pub(super) fn no_link(ui: Ui) -> [&'static str; 2] {
    match ui {
        Ui::Es => [
            "Este enlace no vale",
            "No está completo, ya pasaron sus catorce días, o se cambiaron las claves. Abra el del correo \
             más reciente del caso.",
        ],
        Ui::En => [
            "This link does not hold",
            "It is not whole, its fourteen days are over, or the keys were changed. Open the one in the \
             latest mail of the case.",
        ],
    }
}

pub(super) fn gone(ui: Ui) -> [&'static str; 2] {
    match ui {
        Ui::Es => ["Ya no está", "Este caso ya no se guarda aquí."],
        Ui::En => ["No longer here", "This case is no longer kept here."],
    }
}

pub(super) fn try_later(ui: Ui) -> [&'static str; 2] {
    match ui {
        Ui::Es => [
            "Ahora no se puede",
            "Pruebe de nuevo dentro de un minuto. No se ha perdido nada.",
        ],
        Ui::En => ["Not now", "Try again in a minute. Nothing was lost."],
    }
}

pub(super) fn nothing_here(ui: Ui) -> [&'static str; 2] {
    match ui {
        Ui::Es => [
            "Aquí no hay nada",
            "Abra el enlace tal como viene en el correo.",
        ],
        Ui::En => ["Nothing is here", "Open the link as it stands in the mail."],
    }
}
