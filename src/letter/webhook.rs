//! What the operator is told of a webhook that does not get through.

use super::block::{Block, plain};
use super::clean;
use crate::model::Ui;

const NAME_CHARS_MAX: usize = 24;

/// How it stands with an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookFate {
    /// It takes nothing for some minutes.
    Failing,
    /// It refuses an event again and again, and takes others.
    Refused,
    /// Events were tried for more than three days, and are given up.
    Lost,
    /// It said that it wants no more calls (410).
    Gone,
}

pub(super) fn subject(name: &str, fate: HookFate, ui: Ui) -> String {
    let name = clean::name(name, NAME_CHARS_MAX);
    match (fate, ui) {
        (HookFate::Failing, Ui::Es) => format!("Escucha: el webhook {name} no responde bien"),
        (HookFate::Failing, Ui::En) => format!("Escucha: webhook {name} is failing"),
        (HookFate::Refused, Ui::Es) => format!("Escucha: el webhook {name} rechaza un aviso"),
        (HookFate::Refused, Ui::En) => format!("Escucha: webhook {name} refuses an event"),
        (HookFate::Lost, Ui::Es) => format!("Escucha: el webhook {name} ha perdido avisos"),
        (HookFate::Lost, Ui::En) => format!("Escucha: webhook {name} has missed events"),
        (HookFate::Gone, Ui::Es) => format!("Escucha: el webhook {name} ya no existe (410)"),
        (HookFate::Gone, Ui::En) => format!("Escucha: webhook {name} is gone (410)"),
    }
}

/// What it means and what to do, below the heading and before what happened last.
pub(super) fn explained(name: &str, fate: HookFate, detail: Block, ui: Ui) -> Vec<Block> {
    let what = match fate {
        HookFate::Failing => ui.pick(
            "Lo que había que contarle espera, en su orden, y se le vuelve a llamar: al menos una \
             vez cada hora, durante tres días. Los correos salen como siempre.",
            "What it was to be told waits, in its order, and it is called again: at least once an \
             hour, for three days. Mails leave as always.",
        ),
        HookFate::Refused => ui.pick(
            "El receptor atiende otras llamadas, pero no esta. Suele ser el cuerpo (body): \
             compruebe qué forma espera. Se intenta diez veces en tres días; los demás avisos \
             siguen saliendo.",
            "The receiver takes other calls, but not this one. Most often it is the body: look \
             which form it expects. It is tried ten times in three days; other events go on.",
        ),
        HookFate::Lost => ui.pick(
            "Se ha intentado durante más de tres días y esos avisos ya no se enviarán a este \
             receptor. Los correos salieron igual. Mientras siga así no se repetirá esta nota.",
            "They were tried for more than three days and will not be sent to this receiver any \
             more. Mails left all the same. While this lasts, this note is not repeated.",
        ),
        HookFate::Gone => ui.pick(
            "El receptor pide que no se le llame más, y no se le llama. Lo pendiente espera tres \
             días: corrija su sección [[webhook]] en escucha.toml, o quítela, y reinicie el \
             servicio.",
            "The receiver asks not to be called any more, and is not called. What waits does so \
             for three days: correct its section [[webhook]] in escucha.toml, or remove it, and \
             restart the service.",
        ),
    };
    vec![
        detail,
        Block::Para(vec![plain(what)]),
        Block::Commands(vec![format!(
            "escucha check --webhook {}",
            clean::name(name, 40)
        )]),
    ]
}
