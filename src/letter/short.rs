//! A letter for a mail server that takes small mails only.

use super::Letter;
use super::block::{Block, plain, said};
use crate::model::{CaseId, Ui};

/// The beginning of a letter, at most `chars` characters of it, and where the rest is to be read.
#[must_use]
pub fn shortened(letter: &Letter, case: Option<&CaseId>, chars: usize, ui: Ui) -> Letter {
    let end = letter.text.char_indices().nth(chars);
    let kept = &letter.text[..end.map_or(letter.text.len(), |(end, _)| end)];
    let lines = kept.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut blocks: Vec<Block> = lines
        .map(|line| Block::Para(vec![said(line.to_owned())]))
        .collect();
    let why = ui.pick(
        "[…] El servidor de correo solo admite mensajes cortos, y este se ha abreviado. Entero, en la \
         máquina donde está Escucha:",
        "[…] The mail server takes short mails only, and this one was cut. The whole of it, on the \
         machine where Escucha is:",
    );
    blocks.push(Block::Note(vec![plain(why)]));
    let command = match case {
        Some(case) => format!("escucha case {case}"),
        None => "escucha cases".to_owned(),
    };
    blocks.push(Block::Commands(vec![command]));
    Letter::of(ui, letter.subject.clone(), &blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_letter_begins_alike_and_says_where_the_rest_is() {
        let letter = Letter {
            subject: "Javier".to_owned(),
            text: "Llamé «ñ» <b>\n\n".repeat(500),
            html: String::new(),
        };
        let case = CaseId("c-12345678".to_owned());
        let short = shortened(&letter, Some(&case), 300, Ui::Es);
        assert!(short.text.starts_with("Llamé «ñ» <b>"));
        assert!(short.text.contains("escucha case c-12345678"));
        assert!(short.text.chars().count() < 600 && short.html.contains("&lt;b&gt;"));
        assert_eq!(short.subject, "Javier");
        assert!(
            shortened(&letter, None, 0, Ui::En)
                .text
                .contains("escucha cases")
        );
    }
}
