//! Where a letter holds its reader's own links: places that are filled when its bytes are made.
//!
//! A letter is rendered once for all who get it, and a link names its reader. So a letter is kept with marks,
//! which are characters that Unicode keeps out of every text. Whatever others wrote loses them before it is
//! rendered: nobody but this module can make a place.

use super::Letter;
use super::html::escaped;
use crate::model::Subject;

/// A place: this, the subject, and `CLOSE`.
const OPEN: char = '\u{fdd0}';
const CLOSE: char = '\u{fdd1}';
/// From here to its `END` stands what is said where there is a page, or where there is none.
const WITH_PAGE: char = '\u{fdd2}';
const WITHOUT_PAGE: char = '\u{fdd3}';
const END: char = '\u{fdd4}';

/// Makes the address at which a reader finds this; `None` where there is none.
pub type Linker<'a> = &'a dyn Fn(&Subject) -> Option<String>;

pub(super) fn is_mark(c: char) -> bool {
    (OPEN..=END).contains(&c)
}

/// The place of a link to this.
pub(super) fn place(subject: &Subject) -> String {
    format!("{OPEN}{subject}{CLOSE}")
}

/// What stands only where there is a page (or only where there is none).
pub(super) fn only(with_page: bool, out: &mut String, inner: impl FnOnce(&mut String)) {
    out.push(if with_page { WITH_PAGE } else { WITHOUT_PAGE });
    inner(out);
    out.push(END);
}

impl Letter {
    /// The letter for one reader, with his links.
    #[must_use]
    pub fn with_links(&self, link: Linker) -> Self {
        self.filled(Some(link))
    }

    /// The letter where there is no page to link to.
    #[must_use]
    pub fn plain(&self) -> Self {
        self.filled(None)
    }

    fn filled(&self, link: Option<Linker>) -> Self {
        Self {
            subject: self.subject.chars().filter(|&c| !is_mark(c)).collect(),
            text: filled(&self.text, link, str::to_owned),
            html: filled(&self.html, link, escaped),
        }
    }
}

/// One walk over the text. A mark that stands alone is taken out.
fn filled(text: &str, link: Option<Linker>, safe: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    // Of each part that is open, whether it is shown: parts stand within parts.
    let mut open: Vec<bool> = Vec::new();
    let mut subject: Option<String> = None;
    for c in text.chars() {
        match c {
            WITH_PAGE => open.push(link.is_some()),
            WITHOUT_PAGE => open.push(link.is_none()),
            END => {
                open.pop();
            }
            OPEN => subject = Some(String::new()),
            CLOSE => {
                let named = subject.take().and_then(|named| Subject::parse(&named));
                let address = named.zip(link).and_then(|(named, link)| link(&named));
                if let Some(address) = address.filter(|_| open.iter().all(|shown| *shown)) {
                    out.push_str(&safe(&address));
                }
            }
            c => match &mut subject {
                Some(subject) => subject.push(c),
                None if open.iter().all(|shown| *shown) => out.push(c),
                None => {}
            },
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::block::{Block, Piece, plain, said};
    use crate::model::Ui;

    fn letter(words: &str) -> Letter {
        let case = Subject::parse("c-1a2b3c4d").unwrap();
        let label = "Abrir el caso".to_owned();
        let open = Block::Open {
            label: label.clone(),
            subject: case.clone(),
        };
        let item = vec![
            said(words),
            Piece::Open {
                label,
                subject: case,
            },
        ];
        let blocks = [
            Block::Lead(vec![said(words)]),
            open.clone(),
            Block::WithPage(vec![open, Block::Para(vec![plain("con página")])]),
            Block::WithoutPage(vec![Block::Commands(vec!["escucha case".to_owned()])]),
            Block::List(vec![item]),
            Block::Draft {
                label: words.to_owned(),
                text: words.to_owned(),
            },
        ];
        Letter::of(Ui::Es, words.to_owned(), &blocks)
    }

    /// The text with links, and without.
    #[track_caller]
    fn check(words: &str, expected: [&str; 2]) {
        let letter = letter(words);
        let link = |subject: &Subject| Some(format!("https://e.test/?a&{subject}"));
        let (with, without) = (letter.with_links(&link), letter.plain());
        assert_eq!([&with.text, &without.text], expected);
        assert!(
            with.html
                .contains("href=\"https://e.test/?a&amp;c-1a2b3c4d\"")
        );
        assert!(!without.html.contains("https:") && !without.html.contains("Abrir"));
        assert_eq!(with.html.matches("https:").count(), 3, "{}", with.html);
        for text in [
            with.subject,
            with.text,
            with.html,
            without.text,
            without.html,
        ] {
            assert!(!text.contains(is_mark), "{text:?}");
        }
    }

    #[test]
    fn a_link_stands_at_its_place_or_nothing_does() {
        check(
            "Javier",
            [
                "Javier\n\nAbrir el caso:\nhttps://e.test/?a&c-1a2b3c4d\n\nAbrir el caso:\n\
                 https://e.test/?a&c-1a2b3c4d\n\ncon página\n\n- Javier · https://e.test/?a&c-1a2b3c4d\n\nJavier:\n\nJavier\n",
                "Javier\n\n    escucha case\n\n- Javier\n\nJavier:\n\nJavier\n",
            ],
        );
    }

    #[test]
    fn words_of_others_make_no_link_and_hide_nothing() {
        let words = "\u{fdd2}A\u{fdd0}c-ffffffff\u{fdd1}\u{fdd3}B\u{fdd4}\u{fdd1}";
        check(
            words,
            [
                "Ac-ffffffffB\n\nAbrir el caso:\nhttps://e.test/?a&c-1a2b3c4d\n\nAbrir el caso:\n\
                 https://e.test/?a&c-1a2b3c4d\n\ncon página\n\n- Ac-ffffffffB · https://e.test/?a&c-1a2b3c4d\n\nAc-ffffffffB:\n\nAc-ffffffffB\n",
                "Ac-ffffffffB\n\n    escucha case\n\n- Ac-ffffffffB\n\nAc-ffffffffB:\n\n\
                 Ac-ffffffffB\n",
            ],
        );
    }

    #[test]
    fn a_letter_that_was_cut_loses_its_marks_all_the_same() {
        let letter = letter("x");
        for cut in 0..letter.text.chars().count() {
            let text: String = letter.text.chars().take(cut).collect();
            let html: String = letter.html.chars().skip(cut).collect();
            let cut = Letter {
                subject: String::new(),
                text,
                html,
            };
            let filled = cut.with_links(&|_| Some("https://e.test".to_owned()));
            assert!(!filled.text.contains(is_mark) && !filled.html.contains(is_mark));
        }
    }
}
