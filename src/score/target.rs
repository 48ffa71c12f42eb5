//! Whom the anger is about: us, another, or it cannot be told.
//!
//! Every piece of anger is given to the name that stands nearest: the last one before it in its
//! sentence, else the first after it there, else the last one named before. Absent: a list of all
//! companies; the embedded one is a help, other people's handles count too.

use super::meaning::{Grammar, Label};
use super::reading::Reading;
use super::rivals::{self, Rival};
use super::sentiment::Sentiment;
use super::text::fold_str;
use crate::model::{Company, Span, Target};

/// What is known of the post beside its words.
pub(super) struct Aim<'a> {
    pub(super) company: &'a Company,
    /// Where the watches that match speak of us.
    pub(super) ours: &'a [Span],
    /// The source is about us, or no watch is configured.
    pub(super) given: bool,
}

/// The target and the rival that stands in the way, as a span.
pub(super) struct Aimed {
    pub(super) target: Target,
    pub(super) rival: Option<Span>,
}

#[derive(Clone, Copy)]
struct Name {
    at: usize,
    ours: bool,
}

pub(super) fn target(reading: &Reading<'_>, sentiment: &Sentiment, aim: &Aim<'_>) -> Aimed {
    let us = |target| Aimed {
        target,
        rival: None,
    };
    if aim.ours.is_empty() && !aim.given {
        return us(Target::Other);
    }
    if is_relief(reading, aim.ours, sentiment) {
        return us(Target::Other);
    }
    if !aim.given && only_passing(reading, aim.ours) {
        // A person looks: it may be a complaint about us all the same.
        return us(Target::Unclear);
    }
    let names = names(reading, aim);
    let rival = names
        .iter()
        .find(|name| !name.ours)
        .and_then(|name| reading.span(name.at, name.at));
    if rival.is_none() {
        let signed = !aim.given && only_signed(reading, aim.ours);
        return us(if signed { Target::Unclear } else { Target::Us });
    }
    let (mut at_us, mut at_others) = (0.0, 0.0);
    for (at, weight) in anger(reading, sentiment) {
        match nearest(reading, &names, at) {
            Some(name) if !name.ours => at_others += weight,
            _ => at_us += weight,
        }
    }
    let came = reading.n(Label::FromRival) > 0 && reading.n(Label::ChurnThreat) == 0;
    let all = at_us + at_others;
    let share = if all > 0.0 { at_us / all } else { 1.0 };
    let target = match share {
        s if s < 0.3 || (came && s < 0.75) => Target::Other,
        s if s < 0.45 => Target::Unclear,
        _ => Target::Us,
    };
    Aimed { target, rival }
}

/// The names in the order of the text. An implied name of ours stands before it when the source is
/// about us and the text does not name us.
fn names(reading: &Reading<'_>, aim: &Aim<'_>) -> Vec<Name> {
    let own: Vec<String> = aim.company.name.split_whitespace().map(fold_str).collect();
    let mut names = Vec::new();
    if aim.given && aim.ours.is_empty() {
        names.push(Name { at: 0, ours: true });
    }
    for at in 0..reading.n_words() {
        let Some(token) = reading.text.word(at) else {
            continue;
        };
        let span = token.span();
        let watched = aim.ours.iter().any(|ours| {
            ours.field == span.field && ours.start <= span.start && span.end <= ours.end
        });
        if watched || reading.is(at, Grammar::Addressed) {
            names.push(Name { at, ours: true });
            continue;
        }
        let is_own = |name: &[String]| name.iter().all(|word| own.contains(word));
        let row = |name: &[String]| {
            name.iter()
                .enumerate()
                .all(|(i, word)| reading.word(at + i).trim_start_matches(['@', '#']) == word)
        };
        let is_name = token.capital || token.folded.starts_with(['@', '#']);
        let begins = !token.folded.starts_with(['@', '#']) && begins_sentence(reading, at);
        let rival = |rival: &Rival| {
            row(&rival.words) && !is_own(&rival.words) && !(rival.is_word && begins)
        };
        let first = token.folded.trim_start_matches(['@', '#']);
        if is_name && rivals::beginning_with(first).iter().any(rival) {
            names.push(Name { at, ours: false });
        }
    }
    names
}

fn begins_sentence(reading: &Reading<'_>, at: usize) -> bool {
    at.checked_sub(1)
        .is_none_or(|before| reading.sentence.get(before) != reading.sentence.get(at))
}

/// Where anger stands, and how much.
fn anger(reading: &Reading<'_>, sentiment: &Sentiment) -> Vec<(usize, f64)> {
    let feelings = sentiment
        .feelings
        .iter()
        .filter(|feeling| feeling.valence <= -1.5)
        .map(|feeling| (feeling.at, -feeling.valence));
    let facts = [
        (Label::UnansweredContact, 3.0),
        (Label::Problem, 1.5),
        (Label::Blame, 1.5),
        (Label::Waiting, 1.0),
        (Label::ChurnThreat, 2.0),
        (Label::Farewell, 1.0),
        (Label::Warning, 1.5),
    ];
    let facts = facts
        .into_iter()
        .flat_map(|(label, weight)| reading.all(label).map(move |found| (found.first, weight)));
    feelings.chain(facts).take(400).collect()
}

fn nearest(reading: &Reading<'_>, names: &[Name], at: usize) -> Option<Name> {
    let sentence = reading.sentence.get(at)?;
    let here = |name: &&Name| reading.sentence.get(name.at) == Some(sentence);
    let before = names.iter().rev().find(|name| name.at <= at);
    let after = names.iter().find(|name| name.at > at);
    before
        .filter(here)
        .or(after.filter(here))
        .or(before)
        .or(after)
        .copied()
}

/// Whether the sentences that name us are glad of us, and the anger stands in others.
fn is_relief(reading: &Reading<'_>, ours: &[Span], sentiment: &Sentiment) -> bool {
    let sentences: Vec<u32> = ours
        .iter()
        .filter_map(|span| reading.sentence.get(position(reading, span)?).copied())
        .collect();
    let ours = |at: usize| {
        reading
            .sentence
            .get(at)
            .is_some_and(|s| sentences.contains(s))
    };
    let mut glad = reading.all(Label::Relief).filter(|found| ours(found.first));
    let anger = anger(reading, sentiment);
    let (here, elsewhere) = anger
        .iter()
        .fold((0.0, 0.0), |(here, elsewhere), (at, weight)| {
            if ours(*at) {
                (here + weight, elsewhere)
            } else {
                (here, elsewhere + weight)
            }
        });
    glad.next().is_some() && elsewhere > here
}

/// The word at which a span begins.
fn position(reading: &Reading<'_>, span: &Span) -> Option<usize> {
    reading.text.words_of(*span).map(|(first, _)| first)
}

/// Marks between the entries of a menu or a line of links.
const MENU: [&str; 3] = ["|", "›", "»"];
/// What begins a line that only tells where something was seen, or with what it was sent …
const PASSING: [&str; 16] = [
    "visto", "leido", "enviado", "enviada", "escrito", "seen", "read", "sent", "envoye", "lu",
    "vu", "gesendet", "gelesen", "inviato", "letto", "enviat",
];
/// … and goes on so before the name: "sent *from* Ejemplo", and never "sent three mails to Ejemplo".
const FROM: [&str; 16] = [
    "en", "desde", "con", "from", "with", "on", "in", "via", "depuis", "sur", "avec", "von", "mit",
    "da", "dal", "des",
];
const SOURCE: [&str; 4] = ["fuente", "source", "quelle", "via"];

/// Whether every name of ours stands in a menu, or is the telephone that a post was sent with or the
/// paper where it was read.
fn only_passing(reading: &Reading<'_>, ours: &[Span]) -> bool {
    let tokens = &reading.text.tokens;
    let is = |at: Option<usize>, words: &[&str]| {
        let token = at.and_then(|at| tokens.get(at));
        token.is_some_and(|token| words.contains(&token.folded.as_str()))
    };
    let in_menu = |at: usize| {
        let starts = tokens[..at].iter().rposition(|token| token.folded == "\n");
        let ends = tokens[at..].iter().position(|token| token.folded == "\n");
        let line =
            &tokens[starts.map_or(0, |start| start + 1)..ends.map_or(tokens.len(), |end| at + end)];
        // In «quotations» the mark is none of a menu.
        let quotes = line.iter().any(|token| token.folded == "«");
        let marks = line.iter().filter(|token| {
            MENU.contains(&token.folded.as_str()) && !(quotes && token.folded == "»")
        });
        marks.take(2).count() == 2
    };
    let begins_line = |at: usize| {
        at.checked_sub(1).is_none_or(|before| {
            matches!(tokens[before].folded.as_str(), "\n" | "." | "!" | "(" | "-")
        })
    };
    let passing = |at: usize| {
        let before = |n: usize| at.checked_sub(n);
        if is(before(1), &[":"]) && is(before(2), &SOURCE) {
            return true;
        }
        (1..=3).any(|n| {
            is(before(n), &FROM)
                && is(before(n + 1), &PASSING)
                && before(n + 1).is_some_and(begins_line)
        })
    };
    !ours.is_empty()
        && ours.iter().take(20).all(|span| {
            let at = tokens.partition_point(|t| (t.field, t.start) < (span.field, span.start));
            at < tokens.len() && (in_menu(at) || passing(at))
        })
}

/// Whether we are named only below the text, as in "-- \nsent from Ejemplo".
fn only_signed(reading: &Reading<'_>, ours: &[Span]) -> bool {
    let tokens = &reading.text.tokens;
    let signature = tokens.windows(3).rposition(|three| {
        let dashes = matches!(three[1].folded.as_str(), "-" | "—" | "–" | "_" | "--");
        three[0].folded == "\n"
            && dashes
            && matches!(three[2].folded.as_str(), "-" | "—" | "–" | "\n")
    });
    let sent = (0..reading.n_words()).rfind(|&at| {
        matches!(
            (reading.word(at), reading.word(at + 1)),
            ("enviado" | "enviat", "desde" | "des") | ("sent", "from") | ("gesendet", "von")
        )
    });
    let sent = sent.and_then(|at| reading.text.words.get(at).copied());
    let Some(begin) = signature.or(sent).filter(|begin| *begin > 4) else {
        return false;
    };
    let start = tokens[begin].start;
    !ours.is_empty()
        && ours
            .iter()
            .all(|span| span.field == tokens[begin].field && span.start >= start)
}
