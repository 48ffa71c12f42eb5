//! How much one document may give, whatever it holds.
//!
//! Absent: the size and nesting of the document itself ([`super::gate`], [`super::html_gate`]).

use super::{Extracted, POSTS_MAX, Problem, TEXT_BYTES_MAX};
use crate::model::Post;

/// A title, a name, an address: in bytes; the rest is cut off.
const LINE_BYTES_MAX: usize = 8 << 10;
/// Posts within posts may each hold the words of all below them: so many times a document's own bytes.
const TIMES_MAX: usize = 16;
/// And whatever its size, at least and at most so many bytes.
const ROOM_BYTES: (usize, usize) = (1 << 20, 64 << 20);

/// Cuts what is too long or too many, and refuses entries of which none says anything.
pub(super) fn hold(mut extracted: Extracted) -> Extracted {
    if let Some(problem) = Problem::silence(&extracted.posts) {
        return Extracted::failed(problem);
    }
    if extracted.posts.len() > POSTS_MAX {
        let n = extracted.posts.len();
        let problem = Problem::minor(format!(
            "the document has {n} posts, only the first {POSTS_MAX} are read"
        ));
        extracted.problems.push(problem.in_spanish(format!(
            "el documento tiene {n} publicaciones; solo se leen las primeras {POSTS_MAX}"
        )));
        extracted.posts.truncate(POSTS_MAX);
    }
    for post in &mut extracted.posts {
        cut(&mut post.text, TEXT_BYTES_MAX);
        let lines = [
            &mut post.guid,
            &mut post.title,
            &mut post.author,
            &mut post.url,
            &mut post.reply_to,
        ];
        for line in lines.into_iter().flatten() {
            cut(line, LINE_BYTES_MAX);
        }
    }
    extracted
}

/// Cuts at the last character boundary within the limit.
pub(super) fn cut(text: &mut String, max: usize) {
    text.truncate(text.floor_char_boundary(max));
}

/// Room for the texts of a document's posts, taken while they are read.
pub(super) struct Room(usize);

impl Room {
    pub(super) fn of(document: &str) -> Self {
        let (least, most) = ROOM_BYTES;
        Self((document.len() * TIMES_MAX).clamp(least, most))
    }

    /// False when this post no longer fits; then there is no room for any after it.
    pub(super) fn takes(&mut self, post: &Post) -> bool {
        self.0 = self.0.saturating_sub(post.text.len());
        self.0 > 0
    }

    /// What is to be said when not all fitted.
    pub(super) fn shortage(&self, n_read: usize) -> Option<Problem> {
        (self.0 == 0).then(|| {
            Problem::minor(format!(
                "the posts lie within one another and repeat their words: only the first {n_read} \
                 are read"
            ))
            .in_spanish(format!(
                "las publicaciones están unas dentro de otras y repiten sus palabras: solo se leen \
                 las primeras {n_read}"
            ))
        })
    }
}
