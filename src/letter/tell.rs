//! How the manager tells us what was done: on the page of the case, or by a command where there is none.

use super::block::{Block, plain, said, strong};
use super::clean;
use crate::model::{CaseId, Subject, Ui};
use crate::reply::Brief;

/// Words of the button and of the link to the page of a case.
pub(super) fn open_words(ui: Ui) -> String {
    ui.pick("Abrir el caso", "Open the case").to_owned()
}

pub(super) fn subject_of(case: &CaseId) -> Subject {
    Subject::Case(case.clone())
}

pub(super) fn open_case(brief: &Brief, ui: Ui) -> Block {
    Block::Open {
        label: open_words(ui),
        subject: subject_of(brief.case_id),
    }
}

/// Who has said that he answers this customer.
pub(super) fn is_taken(by: &str, ui: Ui) -> Block {
    Block::Para(vec![
        plain(ui.pick("Se ocupa de contestar: ", "Taken care of by: ")),
        said(clean::cut(&clean::visible(by), 80)),
        plain("."),
    ])
}

/// That we told of it `since` ago, and how to make us quiet.
pub(super) fn told_before(since: &str, ui: Ui) -> [Block; 2] {
    let told = |how: &str| {
        let told = match ui {
            Ui::Es => format!(
                "Le avisamos de este mensaje hace {since}. Si ya ha contestado, díganoslo {how} y no \
                 insistiremos."
            ),
            Ui::En => format!(
                "We told you about this message {since} ago. If you have answered, tell us {how} and \
                 we will be quiet."
            ),
        };
        vec![Block::Para(vec![plain(told)])]
    };
    let by_page = ui.pick("en la página del caso", "on the page of the case");
    let by_command = ui.pick(
        "con una de las órdenes del final",
        "with one of the commands at the end",
    );
    [
        Block::WithPage(told(by_page)),
        Block::WithoutPage(told(by_command)),
    ]
}

pub(super) fn tell_the_program(brief: &Brief, ui: Ui) -> Vec<Block> {
    let heading = ui.pick("Después, dígaselo a Escucha", "Then tell Escucha");
    vec![
        Block::Heading(heading.to_owned()),
        Block::WithPage(by_page(brief, ui)),
        Block::WithoutPage(by_command(brief.case_id, ui)),
    ]
}

fn by_page(brief: &Brief, ui: Ui) -> Vec<Block> {
    let explained = ui.pick(
        "Que se ocupa usted, que ya ha contestado, que el cliente lo da por resuelto, que se le recuerde \
         otro día, o que no es una queja sobre nosotros: con un botón, en la página del caso.",
        "That you take care of it, that you have answered, that the customer calls it solved, that you \
         want to be reminded another day, or that it is no complaint about us: with a button, on the \
         page of the case.",
    );
    let yours = ui.pick(
        "El enlace es solo para usted y vale catorce días: no reenvíe este correo. ",
        "The link is for you alone and holds for fourteen days: do not forward this mail. ",
    );
    let nothing = ui.pick(
        "Escucha no publica nada: contesta una persona.",
        "Escucha publishes nothing: a person answers.",
    );
    vec![
        Block::Para(vec![plain(explained)]),
        open_case(brief, ui),
        Block::Small(vec![strong(yours), plain(nothing)]),
    ]
}

fn by_command(case: &CaseId, ui: Ui) -> Vec<Block> {
    let its_words = ui.pick("las palabras del cliente", "the customer's words");
    let explained = ui.pick(
        "Cuando haya contestado; cuando el cliente diga que está resuelto, con sus palabras; o si \
         no es una \
         queja sobre nosotros:",
        "When you have answered; when the customer says that it is solved, in the customer's own words; \
         or if it is no \
         complaint about us:",
    );
    vec![
        Block::Para(vec![plain(explained)]),
        Block::Commands(vec![
            format!("escucha case {case} answered"),
            format!("escucha case {case} solved --words \"{its_words}\""),
            format!("escucha case {case} dismissed --because not_about_us"),
        ]),
        Block::Small(vec![plain(ui.pick(
            "Otros motivos: other_company, spam_or_false, duplicate, already_solved, \
             not_a_complaint. Escucha no publica nada: contesta una persona.",
            "Other reasons: other_company, spam_or_false, duplicate, already_solved, \
             not_a_complaint. Escucha publishes nothing: a person answers.",
        ))]),
    ]
}
