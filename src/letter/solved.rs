//! The last letter of a case: the customer says that it is solved.

use super::Letter;
use super::block::{Block, plain, said};
use super::complaint::place_to_answer;
use super::tell::open_case;
use super::{clean, subject, words};
use crate::model::Ui;
use crate::reply::{Brief, when};

/// What a customer says is long enough told so.
const WORDS_CHARS_MAX: usize = 600;

/// Closed by the customer's own words; in the thread of the case, and once.
pub fn solved(brief: &Brief, customers_words: &str, ui: Ui, source_name: &str) -> Letter {
    let who = words::who(brief, ui);
    let lead = match ui {
        Ui::Es => vec![said(who), plain(" dice que está resuelto")],
        Ui::En => vec![said(who), plain(" says that it is solved")],
    };
    let its_words = customers_words.chars().take(4 * WORDS_CHARS_MAX);
    let its_words = clean::cut(clean::visible_chars(its_words).trim(), WORDS_CHARS_MAX);
    let mut blocks = vec![
        Block::Lead(lead),
        Block::Said {
            title: None,
            lines: vec![vec![said(its_words)]],
        },
    ];
    if let Some(published) = brief.post.published {
        let waited = when::length(words::tongue(ui), brief.now.ms_since(published));
        blocks.push(Block::Para(vec![plain(match ui {
            Ui::Es => format!("Pasaron {waited} desde que lo escribió."),
            Ui::En => format!("It took {waited} from the post."),
        })]));
    }
    let tell = ui.pick(
        "Quien lea la queja debe poder leer también cómo acabó: cuente allí mismo, sin datos del \
         cliente, qué se ha arreglado para que no se repita.",
        "Whoever reads the complaint should be able to read how it ended: tell in the same place, \
         without the customer's data, what was mended so that it does not happen again.",
    );
    blocks.push(Block::Note(vec![plain(tell)]));
    blocks.push(open_case(brief, ui));
    blocks.extend(place_to_answer(brief, ui, source_name));
    let closed = ui.pick(
        "El caso queda cerrado y no habrá más correos sobre él, salvo que el cliente vuelva a \
         quejarse.",
        "The case is closed, and there will be no more mails about it unless the customer complains \
         again.",
    );
    blocks.push(Block::Small(vec![plain(closed)]));
    let subject = format!("Re: {}", subject::of(brief, ui, source_name));
    Letter::of(ui, subject, &blocks)
}
