//! What recipients answered to earlier letters, at the end of the next one about the same case.

use super::block::{Block, plain, said};
use super::{Letter, clean, html, text};
use crate::model::Ui;

/// Notes shown, the newest.
const NOTES_MAX: usize = 5;
const NOTE_CHARS_MAX: usize = 400;

/// The letter with these notes ("who: words") at its end; as it was without any.
#[must_use]
pub fn noted(letter: Letter, notes: &[String], ui: Ui) -> Letter {
    let newest = &notes[notes.len().saturating_sub(NOTES_MAX)..];
    if newest.is_empty() {
        return letter;
    }
    let heading = ui.pick("Notas que le llegaron al caso", "Notes on the case");
    let mut blocks = vec![Block::Heading(heading.to_owned())];
    let fact = |note: &String| {
        let (who, words) = note.split_once(": ").unwrap_or(("", note));
        let words = clean::cut(&clean::visible(words), NOTE_CHARS_MAX);
        let label = match ui {
            Ui::Es => format!("Nota de {}", clean::name(who, 80)),
            Ui::En => format!("Note of {}", clean::name(who, 80)),
        };
        (label, vec![said(words)])
    };
    blocks.push(Block::Facts(newest.iter().map(fact).collect()));
    let kept = ui.pick(
        "Una respuesta a este correo queda como nota en el caso; no llega al cliente ni detiene el \
         plazo.",
        "An answer to this mail is kept as a note on the case; it does not reach the customer and \
         does not stop the countdown.",
    );
    blocks.push(Block::Small(vec![plain(kept)]));
    Letter {
        text: format!("{}\n{}", letter.text, text::render(&blocks)),
        html: html::appended(&letter.html, &blocks),
        ..letter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_stand_at_the_end_and_stay_text() {
        let letter = Letter::of(
            Ui::Es,
            "Javier".to_owned(),
            &[Block::Para(vec![plain("Cuerpo.")])],
        );
        assert_eq!(noted(letter.clone(), &[], Ui::Es), letter);
        let notes: Vec<String> = (1..8)
            .map(|n| format!("g@ejemplo.test: <b>nota {n}</b>\u{202e}"))
            .collect();
        let with = noted(letter, &notes, Ui::Es);
        assert!(with.text.starts_with("Cuerpo.\n"));
        assert!(with.text.contains("Nota de g@ejemplo.test: <b>nota 7</b>"));
        assert!(!with.text.contains("nota 2"));
        assert!(
            with.html.contains("&lt;b&gt;nota 7&lt;/b&gt;"),
            "{}",
            with.html
        );
        assert!(with.html.trim_end().ends_with("</html>"));
        assert_eq!(with.html.matches("</body>").count(), 1);
    }
}
