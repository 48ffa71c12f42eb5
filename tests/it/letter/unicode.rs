//! Text that turns, hides, stacks or mimics (S13): out of subjects and names, as it was written in the body.

use escucha::mail::compose::mime;
use escucha::model::{Post, Ui};
use mail_parser::MessageParser;

use super::{check_harmless, javier};
use crate::mail::envelope;

/// Marks on one letter that living scripts need.
const MARKS_MAX: usize = 3;

/// What a reader of a list of mails cannot see, or what turns the words around.
fn is_trick(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
    ) || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

fn most_marks(text: &str) -> usize {
    let is_mark = |c: char| ('\u{300}'..='\u{36f}').contains(&c);
    text.split(|c| !is_mark(c))
        .map(|marks| marks.chars().count())
        .max()
        .unwrap_or(0)
}

#[test]
fn s13_hostile_unicode_leaves_a_subject_that_says_who_and_where() {
    let (storm, faces) = ("\u{301}".repeat(500), "😡".repeat(10_000));
    let tags: String = "HIDDEN"
        .chars()
        .map(|c| char::from_u32(0xe_0000 + c as u32).unwrap())
        .collect();
    for (name, trick) in [
        ("override", "\u{202e}solpmeje\u{202c}"),
        ("isolates", "\u{2066}a\u{2067}b\u{2068}c\u{2069}"),
        (
            "zero width",
            "E\u{200b}j\u{200c}e\u{200d}m\u{2060}plo\u{feff}",
        ),
        ("tags", tags.as_str()),
        ("storm", storm.as_str()),
        ("another script", "\u{415}jempl\u{43e}"),
        ("faces", faces.as_str()),
    ] {
        let mut case = javier();
        case.post = Post {
            title: Some(format!("Cobro{trick} doble")),
            author: Some(format!("Ja{trick}vier")),
            text: format!("Me cobraron dos veces {trick} y Telefonía Ejemplo no contesta."),
            url: Some("https://\u{435}jemplo.test/hilo".into()),
            ..case.post
        };
        for ui in [Ui::Es, Ui::En] {
            let letter = case.complaint(ui);
            check_harmless(&letter);
            let raw = mime(&envelope(), &letter).unwrap();
            let parsed = MessageParser::default().parse(&raw).unwrap();
            let subject = parsed.subject().unwrap();
            assert!(!subject.chars().any(is_trick), "{name}: {subject:?}");
            assert!(most_marks(subject) <= MARKS_MAX, "{name}: {subject:?}");
            assert!(subject.contains("Ja"), "{name}: {subject}");
            // A domain that only looks like ours is shown as what it is.
            for shown in [subject, &letter.text, &letter.html] {
                assert!(!shown.contains("\u{435}jemplo.test"), "{name}: {shown}");
            }
            assert!(
                letter.text.contains("xn--jemplo-2of.test"),
                "{}",
                letter.text
            );
            // What he wrote stays what he wrote, and turns nothing beside it.
            let first = trick.chars().find(|c| !is_trick(*c)).unwrap_or('M');
            assert!(letter.text.contains(first), "{name}");
            assert!(letter.html.contains("<bdi>"), "{name}");
        }
    }
}
