//! A field of a post cut into pieces: what is evidence, of what kind, and what it is evidence of.

use super::words;
use crate::model::{Field, Reason, Signal, Span, Ui, Verdict};

/// What marked words are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A reason that is no signal: a keyword, the tone.
    Reason,
    /// A fact that the text tells.
    Signal,
}

/// A stretch of text that is marked alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) kind: Option<Kind>,
    /// What it is evidence of, a sentence each.
    pub(super) says: Vec<String>,
}

struct Mark {
    span: Span,
    kind: Kind,
    says: String,
}

/// The pieces of a field, in order; nothing is lost and nothing stands twice.
pub(super) fn pieces(field: Field, text: &str, verdict: &Verdict, ui: Ui) -> Vec<Piece> {
    let marks = marks(field, verdict, ui);
    let chars: Vec<char> = text.chars().collect();
    let mut cuts: Vec<usize> = marks
        .iter()
        .flat_map(|mark| [mark.span.start as usize, mark.span.end as usize])
        .chain([0, chars.len()])
        .filter(|cut| *cut <= chars.len())
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let stretches = cuts.windows(2).map(|ends| (ends[0], ends[1]));
    let pieces = stretches.map(|(from, to)| {
        let covering = || {
            marks.iter().filter(move |mark| {
                (mark.span.start as usize) <= from && to <= mark.span.end as usize
            })
        };
        Piece {
            text: chars[from..to].iter().collect(),
            kind: covering().map(|mark| mark.kind).max(),
            says: covering().map(|mark| mark.says.clone()).collect(),
        }
    });
    pieces.collect()
}

fn marks(field: Field, verdict: &Verdict, ui: Ui) -> Vec<Mark> {
    let of_signal = |span: Span| verdict.signals.iter().any(|signal| signal.span == span);
    let reason = |reason: &Reason| {
        let span = reason.span?;
        Some(Mark {
            span,
            kind: if of_signal(span) {
                Kind::Signal
            } else {
                Kind::Reason
            },
            says: format!("{}: {}", words::points(reason.points), reason.because),
        })
    };
    let explained = |span: Span| verdict.why.iter().any(|reason| reason.span == Some(span));
    let signal = |signal: &Signal| Mark {
        span: signal.span,
        kind: Kind::Signal,
        says: words::signal(signal.kind, ui).to_owned(),
    };
    let silent = verdict.signals.iter();
    let silent = silent.filter(|signal| !explained(signal.span)).map(signal);
    let marks = verdict.why.iter().filter_map(reason).chain(silent);
    marks
        .filter(|mark| mark.span.field == field && mark.span.start < mark.span.end)
        .collect()
}

/// The words of a span, on one line, cut in the middle when they are longer than `chars_max`.
pub(super) fn quoted(title: Option<&str>, text: &str, span: Span, chars_max: usize) -> String {
    let field = match span.field {
        Field::Title => title.unwrap_or_default(),
        Field::Text => text,
    };
    let n = span.end.saturating_sub(span.start) as usize;
    let words: String = field.chars().skip(span.start as usize).take(n).collect();
    let words: Vec<&str> = words.split_whitespace().collect();
    let words = words.join(" ");
    let n = words.chars().count();
    if n <= chars_max {
        return words;
    }
    let n_head = chars_max * 2 / 3;
    let n_tail = chars_max.saturating_sub(n_head + 3);
    let head: String = words.chars().take(n_head).collect();
    let tail: String = words.chars().skip(n - n_tail).collect();
    let head = head
        .rsplit_once(' ')
        .map_or(head.as_str(), |(kept, _)| kept);
    let tail = tail.split_once(' ').map_or(tail.as_str(), |(_, kept)| kept);
    format!("{head} … {tail}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SignalKind, Timestamp};
    use crate::score::rules::Rules;
    use crate::score::{Context, Sample, Scorer};

    fn span(start: u32, end: u32) -> Span {
        Span {
            field: Field::Text,
            start,
            end,
        }
    }

    /// Spans of reasons and of signals in "0123456789"; `[…]` is a signal, `(…)` a reason.
    #[track_caller]
    fn check(reasons: &[(u32, u32)], signals: &[(u32, u32)], expected: &str) {
        let scorer = Scorer::new(Rules::default(), Context::default());
        let mut verdict = scorer.verdict(&Sample::default(), Timestamp(0));
        verdict.why = reasons
            .iter()
            .map(|(start, end)| Reason {
                points: 1,
                because: String::new(),
                span: Some(span(*start, *end)),
            })
            .collect();
        verdict.signals = signals
            .iter()
            .map(|(start, end)| Signal::new(SignalKind::Loyalty, span(*start, *end)))
            .collect();
        let pieces = pieces(Field::Text, "0123456789", &verdict, Ui::Es);
        let shown = pieces.iter().map(|piece| match piece.kind {
            None => piece.text.clone(),
            Some(Kind::Signal) => format!("[{}]", piece.text),
            Some(Kind::Reason) => format!("({})", piece.text),
        });
        assert_eq!(shown.collect::<String>(), expected);
        let whole: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(whole, "0123456789");
    }

    #[test]
    fn pieces_are_marked_by_what_covers_them() {
        check(&[], &[], "0123456789");
        check(&[(2, 4)], &[], "01(23)456789");
        check(&[(2, 4)], &[(2, 4)], "01[23]456789");
        check(&[(1, 6)], &[(4, 8)], "0(123)[45][67]89");
        check(&[(0, 10), (8, 99)], &[], "(01234567)(89)");
        check(&[(5, 5), (20, 30)], &[], "0123456789");
    }

    #[test]
    fn long_words_are_cut_in_the_middle() {
        let quoted = |chars_max| {
            quoted(
                None,
                "Llamé  cuatro\nveces y nadie atiende",
                span(0, 99),
                chars_max,
            )
        };
        assert_eq!(quoted(99), "Llamé cuatro veces y nadie atiende");
        assert_eq!(quoted(28), "Llamé cuatro … atiende");
    }
}
