//! The customer's own words with the evidence marked, cut around the evidence when they are long.

use super::block::{Block, Line, Piece};
use super::clean;
use crate::model::{Field, Post, Span, Ui, Verdict};

/// More than this of one post is not quoted; the rest is a click away.
const QUOTED_CHARS_MAX: usize = 1_500;
/// So much is shown before the evidence where the text is cut.
const BEFORE_CHARS: usize = 200;
const TITLE_CHARS_MAX: usize = 200;

pub(super) fn quoted(post: &Post, verdict: &Verdict, ui: Ui) -> Block {
    let title = post.title.as_deref().unwrap_or("");
    let title: Vec<char> = title
        .chars()
        .take(TITLE_CHARS_MAX)
        .map(|c| if is_line_end(c) { ' ' } else { c })
        .collect();
    let marked = marks(verdict, Field::Title, title.len());
    let title = lines(&title, &marked, 0, title.len()).into_iter().next();

    let text: Vec<char> = post.text.chars().collect();
    let marked = marks(verdict, Field::Text, text.len());
    let (start, end) = window(&text, &marked);
    let mut lines = lines(&text, &marked, start, end);
    if start > 0
        && let Some(first) = lines.first_mut()
    {
        first.insert(0, Piece::Plain("[…] ".to_owned()));
    }
    if end < text.len()
        && let Some(last) = lines.last_mut()
    {
        let rest = ui.pick(
            " […] (el resto, en el enlace)",
            " […] (the rest is at the link)",
        );
        last.push(Piece::Plain(rest.to_owned()));
    }
    Block::Said { title, lines }
}

/// For each character of a field whether it is evidence.
fn marks(verdict: &Verdict, field: Field, length: usize) -> Vec<bool> {
    let mut marked = vec![false; length];
    for span in spans(verdict).filter(|span| span.field == field) {
        let end = (span.end as usize).min(length);
        let start = (span.start as usize).min(end);
        marked[start..end].fill(true);
    }
    marked
}

fn spans(verdict: &Verdict) -> impl Iterator<Item = Span> {
    let reasons = verdict.why.iter().filter_map(|reason| reason.span);
    reasons.chain(verdict.signals.iter().map(|signal| signal.span))
}

/// What of the text is quoted: all of it, or a stretch that begins a little before the evidence.
fn window(text: &[char], marked: &[bool]) -> (usize, usize) {
    if text.len() <= QUOTED_CHARS_MAX {
        return (0, text.len());
    }
    let first = marked.iter().position(|&is| is).unwrap_or(0);
    let mut start = first.saturating_sub(BEFORE_CHARS);
    if first < QUOTED_CHARS_MAX / 2 {
        start = 0;
    }
    let word_start = |from: usize| {
        (from..text.len().min(from + 40))
            .find(|&at| at == 0 || text[at - 1].is_whitespace())
            .unwrap_or(from)
    };
    let start = word_start(start);
    let end = (start + QUOTED_CHARS_MAX).min(text.len());
    if end == text.len() {
        return (start, end);
    }
    let word_end = (start.max(end - 40)..=end)
        .rev()
        .find(|&at| text.get(at).is_none_or(|c| c.is_whitespace()))
        .unwrap_or(end);
    (start, word_end)
}

/// The lines between `start` and `end`, empty ones left out, each cut into marked and plain pieces.
fn lines(text: &[char], marked: &[bool], start: usize, end: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line: Line = Vec::new();
    let mut at = start;
    while at < end {
        if is_line_end(text[at]) {
            push_line(&mut lines, &mut line);
            at += 1;
            continue;
        }
        let is_mark = marked[at];
        let until = (at..end)
            .find(|&next| marked[next] != is_mark || is_line_end(text[next]))
            .unwrap_or(end);
        let words = clean::visible_chars(text[at..until].iter().copied());
        if is_mark && !words.trim().is_empty() {
            line.push(Piece::Mark(words));
        } else if !words.is_empty() {
            line.push(Piece::Said(words));
        }
        at = until;
    }
    push_line(&mut lines, &mut line);
    lines
}

fn push_line(lines: &mut Vec<Line>, line: &mut Line) {
    let line = std::mem::take(line);
    let is_empty = line.iter().all(|piece| match piece {
        Piece::Plain(text) | Piece::Strong(text) | Piece::Said(text) | Piece::Mark(text) => {
            text.trim().is_empty()
        }
        Piece::Follow(_) | Piece::Open { .. } => false,
    });
    if !is_empty {
        lines.push(line);
    }
}

fn is_line_end(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Evidence at `at` in a text of `length` characters, ten to the word.
    #[track_caller]
    fn check(length: usize, at: Option<usize>, expected: (usize, usize)) {
        let text: Vec<char> = "palabras- ".chars().cycle().take(length).collect();
        let mut marked = vec![false; length];
        if let Some(at) = at {
            marked[at] = true;
        }
        assert_eq!(window(&text, &marked), expected);
    }

    #[test]
    fn a_long_post_is_cut_around_its_evidence_between_words() {
        check(0, None, (0, 0));
        check(1_500, Some(1_400), (0, 1_500));
        check(4_000, None, (0, 1_499));
        check(4_000, Some(700), (0, 1_499));
        check(4_000, Some(2_005), (1_810, 3_309));
        check(4_000, Some(3_999), (3_800, 4_000));
        // Without any blank the cut falls where it must.
        let unbroken = vec!['x'; 4_000];
        assert_eq!(window(&unbroken, &vec![false; 4_000]), (0, 1_500));
    }
}
