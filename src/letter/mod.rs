//! What a mail says: subject, text and HTML, rendered once and kept.
//!
//! Every letter is one list of blocks, rendered twice, so that both bodies say the same.
//!
//! **Invariant:** pure and total; nothing remote in the HTML, and text of others stays text.

mod backlog;
mod block;
mod clean;
mod complaint;
mod digest;
mod entry;
mod escalation;
mod evidence;
mod face;
mod health;
mod history;
mod html;
mod incident;
mod links;
mod notes;
mod operator;
mod short;
mod solved;
mod subject;
mod tell;
mod text;
mod webhook;
mod weekly;
mod words;

pub use backlog::{BacklogItem, backlog};
pub use complaint::{
    Elsewhere, ask_whether_solved, complaint, complaint_in, reminder, reminder_to, spoke_again,
};
pub use digest::{Day, Gathered, Held, Listed, NAMED_MAX, digest, together};
pub use entry::Entry;
pub use escalation::escalation;
pub(crate) use face::{Face, SaidWords, face, said_words};
pub use health::SourceHealth;
pub(crate) use history::{because_words, event_words, state_word};
pub(crate) use html::escaped;
pub use incident::{Incident, Matter, Voice, incident, incident_reminder};
pub use links::Linker;
pub use notes::noted;
pub use operator::{Trouble, operator, test_mail};
pub use short::shortened;
pub use solved::solved;
pub use webhook::HookFate;
pub use weekly::{Counted, Week, weekly};
pub(crate) use words::{lang_word, level_word, topic_word};

use crate::model::Ui;
use block::Block;

/// A mail without its envelope: both bodies say the same. Those about cases hold places for their reader's
/// links: [`Letter::with_links`] or [`Letter::plain`] makes what is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// At most 60 characters; no control, bidi or invisible ones.
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Letter {
    fn of(ui: Ui, subject: String, blocks: &[Block]) -> Self {
        Self {
            text: text::render(blocks),
            html: html::render(ui, &subject, blocks),
            subject,
        }
    }
}
