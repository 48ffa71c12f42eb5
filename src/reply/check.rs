//! The reply check: what hides, blames, threatens, advertises, is canned, drives him into private
//! or
//! leaves him without a next step is no reply.
//!
//! It knows phrases, not intentions: it errs on the side of showing a fault to the person who
//! writes.

use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

use super::phrases::{COMMITMENTS, DATES, FAMILIES, HERE, NEGATIONS};
use super::{Brief, Lang};
use crate::model::{SignalKind, Ui};
use crate::score::text::{Text, TokenKind, fold_str};

/// What is wrong with a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    Hide,
    Blame,
    Threat,
    Advert,
    Canned,
    PrivateOnly,
    NoNextStep,
    /// Only where the post has a careful signal: legal threat, safety, privacy.
    Admits,
    /// Only where the post has a careful signal.
    Offers,
}

/// One fault with the words that show it; `quote` is empty for what is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub kind: FaultKind,
    pub quote: String,
}

/// The faults of a reply, each kind once, in the order of [`FaultKind`]; empty: it may be shown.
///
/// Without `lang` the phrases of all seven languages are looked for. With a brief, what the
/// customer
/// himself wrote may be quoted, a careful post forbids admitting and offering, and a reply that has
/// nothing of this customer in it is canned.
pub fn check(text: &str, lang: Option<Lang>, brief: Option<&Brief>) -> Vec<Fault> {
    let shown = without_his_words(text, brief);
    let reply = Words::new(&shown);
    let careful = brief.is_some_and(Brief::is_careful);
    let mut faults: Vec<Fault> = Vec::new();
    for family in FAMILY_PATTERNS.iter() {
        let is_asked = lang.is_none_or(|lang| lang == family.lang)
            && (careful || !matches!(family.kind, FaultKind::Admits | FaultKind::Offers));
        if !is_asked || faults.iter().any(|fault| fault.kind == family.kind) {
            continue;
        }
        if let Some((first, last)) = reply.find(&family.patterns, family.kind.is_negatable()) {
            let is_answered_here =
                family.kind == FaultKind::PrivateOnly && reply.has_here_beside(&family.patterns);
            if !is_answered_here {
                faults.push(Fault {
                    kind: family.kind,
                    quote: reply.quote(&shown, first, last),
                });
            }
        }
    }
    if !reply.has_next_step(lang) {
        faults.push(Fault::missing(FaultKind::NoNextStep));
    }
    let is_canned = faults.iter().any(|fault| fault.kind == FaultKind::Canned);
    if !is_canned && brief.is_some_and(|brief| !is_about_him(text, brief)) {
        faults.push(Fault::missing(FaultKind::Canned));
    }
    faults.sort_by_key(|fault| fault.kind);
    faults
}

/// True when a few words to be repeated hold none of the phrases that a reply must not have.
pub(super) fn is_innocent(words: &str, lang: Lang) -> bool {
    let words = Words::new(words);
    FAMILY_PATTERNS
        .iter()
        .filter(|family| [Lang::Es, Lang::En, lang].contains(&family.lang))
        .filter(|family| !matches!(family.kind, FaultKind::Admits | FaultKind::Offers))
        .all(|family| words.find(&family.patterns, false).is_none())
}

impl FaultKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Hide => "hide",
            Self::Blame => "blame",
            Self::Threat => "threat",
            Self::Advert => "advert",
            Self::Canned => "canned",
            Self::PrivateOnly => "private_only",
            Self::NoNextStep => "no_next_step",
            Self::Admits => "admits",
            Self::Offers => "offers",
        }
    }

    /// "We do not ask you to delete it" is no demand to delete it.
    fn is_negatable(self) -> bool {
        matches!(
            self,
            Self::Hide | Self::Threat | Self::PrivateOnly | Self::Offers
        )
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Fault {
    fn missing(kind: FaultKind) -> Self {
        Self {
            kind,
            quote: String::new(),
        }
    }

    /// What is wrong, and what would be better.
    pub fn sentence(&self, ui: Ui) -> String {
        let advice = match self.kind {
            FaultKind::Hide => ui.pick(
                "pide que se oculte o cambie lo dicho; conteste donde lo dijo y deje su mensaje \
                 en paz",
                "asks to hide or change what was said; answer where it was said and leave it alone",
            ),
            FaultKind::Blame => ui.pick(
                "le echa la culpa o le quita importancia; empiece por lo que nos toca a nosotros",
                "blames the customer or plays it down; begin with our own part",
            ),
            FaultKind::Threat => ui.pick(
                "suena a amenaza; quite lo legal, que lo leerán todos, y ofrezca hablar",
                "sounds like a threat; leave the law out, everybody will read it, and offer to \
                 talk",
            ),
            FaultKind::Advert => ui.pick(
                "es publicidad; a quien está enfadado se le responde, no se le vende",
                "is advertising; somebody angry wants an answer, not an offer to buy",
            ),
            FaultKind::Canned if self.quote.is_empty() => ui.pick(
                "no hay nada de este cliente; nombre lo que le ha pasado, con sus palabras",
                "there is nothing of this customer in it; name what happened, in the \
                 customer's words",
            ),
            FaultKind::Canned => ui.pick(
                "es una fórmula que vale para cualquiera; diga lo que le ha pasado a este \
                 cliente",
                "is a formula that would fit anybody; say what happened to this customer",
            ),
            FaultKind::PrivateOnly => ui.pick(
                "se lo lleva a un canal privado; conteste también aquí, donde lo leen los demás",
                "takes it into private; answer here as well, where the others read it",
            ),
            FaultKind::NoNextStep => ui.pick(
                "falta el paso siguiente; diga quién hará qué, y antes de qué día y hora",
                "the next step is missing; say who will do what, and before which day and hour",
            ),
            FaultKind::Admits => ui.pick(
                "reconoce una culpa, y este caso lo debe ver antes una persona responsable",
                "admits a fault, and a responsible person has to look at this case first",
            ),
            FaultKind::Offers => ui.pick(
                "ofrece algo, y este caso lo debe ver antes una persona responsable",
                "offers something, and a responsible person has to look at this case first",
            ),
        };
        if self.quote.is_empty() {
            let mut chars = advice.chars();
            let first = chars.next().map(|c| c.to_uppercase().collect::<String>());
            return format!("{}{}.", first.unwrap_or_default(), chars.as_str());
        }
        format!("«{}»: {advice}.", self.quote)
    }
}

struct Family {
    lang: Lang,
    kind: FaultKind,
    patterns: Vec<Pattern>,
}

/// The steps of a phrase.
type Pattern = Vec<Step>;

enum Step {
    /// Alternatives, each with whether the word may go on.
    Word(Vec<(&'static str, bool)>),
    /// Up to three further words.
    Gap,
}

/// How many words `~` may stand for.
const GAP_WORDS_MAX: usize = 3;
/// A negation counts when it stands at most this many words before.
const NEGATION_WORDS_MAX: usize = 4;

static FAMILY_PATTERNS: LazyLock<Vec<Family>> = LazyLock::new(|| {
    FAMILIES
        .into_iter()
        .flatten()
        .map(|&(lang, kind, lines)| Family {
            lang,
            kind,
            patterns: patterns(lines),
        })
        .collect()
});
static COMMITMENT_PATTERNS: LazyLock<Vec<(Lang, Vec<Pattern>)>> = LazyLock::new(|| {
    COMMITMENTS
        .iter()
        .map(|&(lang, lines)| (lang, patterns(lines)))
        .collect()
});
static DATE_PATTERNS: LazyLock<Vec<(Lang, Vec<Pattern>)>> = LazyLock::new(|| {
    DATES
        .iter()
        .map(|&(lang, lines)| (lang, patterns(lines)))
        .collect()
});

fn patterns(lines: &'static str) -> Vec<Pattern> {
    lines
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| line.split(' ').map(step).collect())
        .collect()
}

fn step(written: &'static str) -> Step {
    if written == "~" {
        return Step::Gap;
    }
    let word = |word: &'static str| match word.strip_suffix('*') {
        Some(stem) => (stem, true),
        None => (word, false),
    };
    Step::Word(written.split('|').map(word).collect())
}

/// A reply as words with the sentence each stands in.
struct Words {
    text: Text,
    sentences: Vec<usize>,
}

impl Words {
    fn new(reply: &str) -> Self {
        let text = Text::new(None, reply);
        let mut sentence = 0;
        let mut sentences = Vec::with_capacity(text.words.len());
        for token in &text.tokens {
            if token.is_wordlike() {
                sentences.push(sentence);
            } else if token.kind == TokenKind::Break
                || matches!(token.folded.as_str(), "." | "!" | "?" | ";" | "…")
            {
                sentence += 1;
            }
        }
        Self { text, sentences }
    }

    /// First and last word of the first phrase found.
    fn find(&self, patterns: &[Pattern], negatable: bool) -> Option<(usize, usize)> {
        (0..self.sentences.len()).find_map(|first| {
            let last = patterns
                .iter()
                .find_map(|pattern| self.at(pattern, first, first))?;
            (!negatable || !self.is_negated(first)).then_some((first, last))
        })
    }

    /// The last word of `pattern` if it begins at `at`, all within the sentence of `first`.
    fn at(&self, pattern: &[Step], at: usize, first: usize) -> Option<usize> {
        match pattern.split_first()? {
            (Step::Gap, rest) => {
                (0..=GAP_WORDS_MAX).find_map(|skipped| self.at(rest, at + skipped, first))
            }
            (Step::Word(alternatives), rest) => {
                let same = self.sentences.get(at) == self.sentences.get(first);
                let word = self.text.word(at)?.folded.as_str();
                let fits = alternatives
                    .iter()
                    .any(|&(stem, open)| word == stem || (open && word.starts_with(stem)));
                if !same || !fits {
                    return None;
                }
                if rest.is_empty() {
                    Some(at)
                } else {
                    self.at(rest, at + 1, first)
                }
            }
        }
    }

    fn is_negated(&self, first: usize) -> bool {
        (first.saturating_sub(NEGATION_WORDS_MAX)..first)
            .filter(|&before| self.sentences.get(before) == self.sentences.get(first))
            .filter_map(|before| self.text.word(before))
            .any(|word| NEGATIONS.contains(&word.folded.as_str()))
    }

    /// Some sentence says "here" and does not itself lead into private.
    fn has_here_beside(&self, private: &[Pattern]) -> bool {
        let leads_away: HashSet<usize> = (0..self.sentences.len())
            .filter(|&at| {
                private
                    .iter()
                    .any(|pattern| self.at(pattern, at, at).is_some())
            })
            .map(|at| self.sentences[at])
            .collect();
        (0..self.sentences.len()).any(|at| {
            let word = self.text.word(at).map_or("", |word| word.folded.as_str());
            HERE.contains(&word) && !leads_away.contains(&self.sentences[at])
        })
    }

    /// Somebody undertakes something, and there is a date or an hour.
    fn has_next_step(&self, lang: Option<Lang>) -> bool {
        let has = |table: &[(Lang, Vec<Pattern>)]| {
            table
                .iter()
                .filter(|(of, _)| lang.is_none_or(|lang| lang == *of))
                .any(|(_, patterns)| self.find(patterns, false).is_some())
        };
        has(&COMMITMENT_PATTERNS) && (has(&DATE_PATTERNS) || self.has_hour())
    }

    fn has_hour(&self) -> bool {
        self.text
            .tokens
            .iter()
            .any(|token| token.kind == TokenKind::Number && token.folded.contains(':'))
    }

    fn quote(&self, shown: &str, first: usize, last: usize) -> String {
        let Some(span) = self.text.span(first, last) else {
            return String::new();
        };
        shown
            .chars()
            .skip(span.start as usize)
            .take((span.end - span.start) as usize)
            .collect()
    }
}

/// The reply with what it quotes from the post blanked out: his words are not our faults.
fn without_his_words(text: &str, brief: Option<&Brief>) -> String {
    let Some(brief) = brief else {
        return text.to_owned();
    };
    let his = squeezed(&brief.post.text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['«', '“', '„']) {
        let (before, quoted) = rest.split_at(at);
        out.push_str(before);
        let mut inner = quoted.char_indices().skip(1);
        let Some((end, _)) = inner.find(|&(_, c)| matches!(c, '»' | '”' | '“')) else {
            rest = quoted;
            break;
        };
        let words = squeezed(quoted[..end].trim_start_matches(['«', '“', '„']));
        let words = words.trim_end_matches('…').trim();
        if !words.is_empty() && his.contains(words) {
            out.extend(quoted[..end].chars().map(|_| ' '));
        } else {
            out.push_str(&quoted[..end]);
        }
        rest = &quoted[end..];
        // The closing mark must not open the next quote.
        let mut closing = rest.chars();
        out.extend(closing.next());
        rest = closing.as_str();
    }
    out.push_str(rest);
    out
}

fn squeezed(text: &str) -> String {
    fold_str(text)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The reply has something that belongs to this customer alone: his name, the reference, his
/// numbers
/// or at least two of his own words.
fn is_about_him(text: &str, brief: &Brief) -> bool {
    let reply = fold_str(text);
    let author = fold_str(brief.post.author.as_deref().unwrap_or("").trim());
    if reply.contains(&brief.case_id.0) || (!author.is_empty() && reply.contains(&author)) {
        return true;
    }
    let his = Text::new(brief.post.title.as_deref(), &brief.post.text);
    let his: HashSet<&str> = his
        .words
        .iter()
        .filter_map(|&at| his.tokens.get(at))
        .map(|token| token.folded.as_str())
        .filter(|word| word.chars().count() >= 5)
        .collect();
    let ours = Text::new(None, text);
    let shared: HashSet<&str> = ours
        .words
        .iter()
        .filter_map(|&at| ours.tokens.get(at))
        .map(|token| token.folded.as_str())
        .filter(|word| his.contains(word) && !matches!(*word, "cliente" | "customer" | "servicio"))
        .collect();
    let tells_tries = brief
        .verdict
        .signal(SignalKind::UnansweredContact)
        .and_then(|signal| signal.waited_days)
        .is_some_and(|days| reply.contains(&format!(" {days} ")));
    shared.len() >= 2 || tells_tries
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
