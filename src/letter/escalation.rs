//! The letter to those who are told when nobody answers.

use super::Letter;
use super::block::{Block, plain, said};
use super::complaint::{drafts_to_copy, place_to_answer, where_and_when};
use super::tell::{is_taken, open_case, tell_the_program};
use super::{clean, subject, words};
use crate::model::{Timestamp, Ui};
use crate::reply::{Brief, Draft, when};

/// Nobody has answered since `told_at`, when `told` (addresses of the configuration) were told; it says
/// who has said that he answers this customer. In the thread of the case.
pub fn escalation(
    brief: &Brief,
    told_at: Timestamp,
    told: &[String],
    ui: Ui,
    source_name: &str,
    drafts: &[Draft],
    taken_by: Option<&str>,
) -> Letter {
    let who = words::who(brief, ui);
    let lead = match ui {
        Ui::Es => vec![plain("Nadie ha contestado todavía a "), said(who)],
        Ui::En => vec![plain("Nobody has answered "), said(who), plain(" yet")],
    };
    let since = when::length(words::tongue(ui), brief.now.ms_since(told_at));
    let mut blocks = vec![
        Block::Lead(lead),
        Block::Para(vec![said(words::headline(brief, ui)), plain(".")]),
        where_and_when(brief, ui, source_name),
        Block::Note(vec![plain(whom_to_turn_to(&since, told, ui))]),
    ];
    blocks.extend(taken_by.map(|by| is_taken(by, ui)));
    blocks.push(open_case(brief, ui));
    blocks.extend(place_to_answer(brief, ui, source_name));
    blocks.extend(drafts_to_copy(
        brief,
        ui,
        drafts.get(..1).unwrap_or_default(),
    ));
    blocks.extend(tell_the_program(brief, ui));
    let subject = format!("Re: {}", subject::of(brief, ui, source_name));
    Letter::of(ui, subject, &blocks)
}

/// Why he gets this mail, and what is wanted of him.
fn whom_to_turn_to(since: &str, told: &[String], ui: Ui) -> String {
    let told: Vec<String> = told
        .iter()
        .map(|address| clean::name(address, 60))
        .collect();
    let (last, first) = match told.split_last() {
        Some((last, first)) => (last.clone(), first.join(", ")),
        None => (String::new(), String::new()),
    };
    let and = ui.pick("y", "and");
    let whom = match (first.is_empty(), last.is_empty()) {
        (_, true) => ui
            .pick("quien debe contestar", "whoever should answer")
            .to_owned(),
        (true, false) => last,
        (false, false) => format!("{first} {and} {last}"),
    };
    match ui {
        Ui::Es => format!(
            "Hace {since} se avisó a {whom}, y no consta ninguna respuesta. Usted figura como la \
             persona a la que acudir cuando eso ocurre: decida quién contesta y cuándo."
        ),
        Ui::En => format!(
            "{since} ago this was told to {whom}, and no answer is known. You are named as the person \
             to turn to when that happens: decide who answers, and when."
        ),
    }
}
