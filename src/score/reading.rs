//! A text read with one language's pack: which words mean what, and which patterns stand where.
//!
//! **Invariant:** linear in the length of the text: patterns are short, their gaps bounded, and the
//! search as a whole has a budget.

use std::cell::Cell;
use std::collections::HashSet;

use super::meaning::{Grammar, Label, Role, Unit};
use super::pack::{OURS, Pack, QUANTITIES};
use super::pattern::Step;
use super::text::{Text, TokenKind};
use super::vocabulary::{Class, Hit};
use crate::model::Span;

/// Steps that one text may cost the search of patterns: some milliseconds.
const STEPS_MAX: u32 = 400_000;

pub(super) struct Reading<'t> {
    pub(super) text: &'t Text,
    pub(super) pack: &'t Pack,
    hits: Vec<Hit>,
    /// Where the hits of each word begin; one more than words.
    offsets: Vec<usize>,
    /// What those hits that have a meaning of their own mean, and their length in words.
    roles: Vec<(Role, usize)>,
    /// Where the roles of each word begin; one more than words.
    role_offsets: Vec<usize>,
    /// The grammar of each word, a bit for each kind.
    grammar: Vec<u64>,
    /// The number of the sentence of each word.
    pub(super) sentence: Vec<u32>,
    pub(super) quantities: Vec<Quantity>,
    matches: Vec<Match>,
}

/// Words from `first` to `last`, both included (positions among the words).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) label: Label,
    pub(super) first: usize,
    pub(super) last: usize,
}

/// A number of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quantity {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) amount: Amount,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Amount {
    Number(u32),
    Times(u32),
    Days(u32),
    Years(u32),
    /// A year of our time: 2014.
    Year(u32),
}

impl<'t> Reading<'t> {
    /// `ours` is where the text names us.
    pub(super) fn new(text: &'t Text, pack: &'t Pack, ours: &[Span]) -> Self {
        let mut reading = Self {
            text,
            pack,
            hits: Vec::new(),
            offsets: Vec::new(),
            roles: Vec::new(),
            role_offsets: Vec::new(),
            grammar: Vec::new(),
            sentence: sentences(text),
            quantities: Vec::new(),
            matches: Vec::new(),
        };
        reading.look_up();
        reading.grammar = (0..text.words.len())
            .map(|at| reading.grammar_of(at))
            .collect();
        reading.quantities = reading.count();
        let mut more = Vec::new();
        if let Some(class) = pack.vocabulary.find(OURS) {
            for (first, last) in ours.iter().filter_map(|span| text.words_of(*span)) {
                let len = (last - first + 1).min(9) as u8;
                more.push((first, pack.hit(class, len)));
            }
        }
        reading.count_as_hits(&mut more);
        reading.insert(more);
        reading.matches = reading.search();
        reading
    }

    pub(super) fn n_words(&self) -> usize {
        self.text.words.len()
    }

    pub(super) fn word(&self, at: usize) -> &str {
        self.text.word(at).map_or("", |token| &token.folded)
    }

    /// What begins at this word: its role and length in words.
    pub(super) fn roles(&self, at: usize) -> impl Iterator<Item = (Role, usize)> {
        part(&self.roles, &self.role_offsets, at).iter().copied()
    }

    pub(super) fn is(&self, at: usize, wanted: Grammar) -> bool {
        self.grammar
            .get(at)
            .is_some_and(|kinds| kinds & wanted.bit() != 0)
    }

    /// The finds of a label, in the order of the text, none inside another.
    pub(super) fn all(&self, label: Label) -> impl Iterator<Item = Match> {
        self.matches
            .iter()
            .copied()
            .filter(move |found| found.label == label)
    }

    /// All finds, by label and then in the order of the text.
    pub(super) fn finds(&self) -> &[Match] {
        &self.matches
    }

    /// The grammar of a word, a bit for each kind.
    pub(super) fn grammar_bits(&self, at: usize) -> u64 {
        self.grammar.get(at).copied().unwrap_or(0)
    }

    pub(super) fn n(&self, label: Label) -> usize {
        self.all(label).count()
    }

    pub(super) fn span(&self, first: usize, last: usize) -> Option<Span> {
        self.text.span(first, last)
    }

    fn hits_at(&self, at: usize) -> &[Hit] {
        part(&self.hits, &self.offsets, at)
    }

    /// What the vocabulary says of each word.
    fn look_up(&mut self) {
        let n_words = self.n_words();
        let mut hits = Vec::with_capacity(16 * n_words);
        let mut roles = Vec::with_capacity(4 * n_words);
        let mut offsets = Vec::with_capacity(n_words + 1);
        let mut role_offsets = Vec::with_capacity(n_words + 1);
        for at in 0..n_words {
            let n_before = hits.len();
            offsets.push(n_before);
            role_offsets.push(roles.len());
            let here = self.sentence[at];
            let word = |i: usize| (self.sentence.get(i) == Some(&here)).then(|| self.word(i));
            self.pack.vocabulary.hits(at, word, &mut hits);
            let meant = hits[n_before..].iter().filter(|hit| hit.uses.means);
            roles.extend(meant.filter_map(|hit| {
                let role = self.pack.roles.get(usize::from(hit.class)).copied()??;
                Some((role, usize::from(hit.len)))
            }));
        }
        offsets.push(hits.len());
        role_offsets.push(roles.len());
        (self.hits, self.offsets) = (hits, offsets);
        (self.roles, self.role_offsets) = (roles, role_offsets);
    }

    /// Patterns ask for quantities as for words.
    fn count_as_hits(&self, more: &mut Vec<(usize, Hit)>) {
        let classes = QUANTITIES.map(|name| self.pack.vocabulary.find(name));
        for quantity in &self.quantities {
            let len = (quantity.last - quantity.first + 1) as u8;
            let kinds: &[usize] = match quantity.amount {
                Amount::Number(_) => &[0],
                Amount::Times(_) => &[1],
                Amount::Days(_) => &[2],
                Amount::Years(_) => &[2, 3],
                Amount::Year(_) => &[0, 4],
            };
            let classes = kinds.iter().filter_map(|&kind| classes[kind]);
            more.extend(classes.map(|class| (quantity.first, self.pack.hit(class, len))));
        }
    }

    /// Adds hits at words, behind those that are known. They stand in patterns and mean nothing else.
    fn insert(&mut self, mut more: Vec<(usize, Hit)>) {
        more.sort_by_key(|(at, _)| *at);
        let mut more = more.into_iter().peekable();
        let mut hits = Vec::with_capacity(self.hits.len() + more.len());
        let mut offsets = Vec::with_capacity(self.offsets.len());
        for word in 0..self.n_words() {
            offsets.push(hits.len());
            hits.extend_from_slice(self.hits_at(word));
            while let Some((_, hit)) = more.next_if(|(at, _)| *at == word) {
                hits.push(hit);
            }
        }
        offsets.push(hits.len());
        (self.hits, self.offsets) = (hits, offsets);
    }

    /// The grammar of a word, a bit for each kind.
    fn grammar_of(&self, at: usize) -> u64 {
        let kinds = self.roles(at).filter_map(|(role, _)| match role {
            Role::Grammar(kind) => Some(kind.bit()),
            _ => None,
        });
        kinds.fold(0, |bits, bit| bits | bit)
    }

    fn count(&self) -> Vec<Quantity> {
        let unit_at = |at: usize| {
            self.goes_on(at).then_some(())?;
            self.roles(at).find_map(|(role, len)| match role {
                Role::Unit(unit) => Some((unit, len)),
                _ => None,
            })
        };
        let mut quantities: Vec<Quantity> = Vec::new();
        for first in 0..self.n_words() {
            if quantities.last().is_some_and(|before| before.last >= first) {
                continue;
            }
            let times = self.roles(first).find_map(|(role, len)| match role {
                Role::Times(n) => Some((n, len)),
                _ => None,
            });
            if let Some((n, len)) = times {
                quantities.push(Quantity {
                    first,
                    last: first + len - 1,
                    amount: Amount::Times(n),
                });
                continue;
            }
            let written = self
                .roles(first)
                .filter_map(|(role, len)| match role {
                    Role::Number(n) => Some((n, len)),
                    _ => None,
                })
                .max_by_key(|(_, len)| *len);
            let Some((n, len)) = written.or_else(|| Some((digits(self.word(first))?, 1))) else {
                continue;
            };
            let counted = unit_at(first + len).map(|(unit, more)| (amount(n, unit), more));
            let (amount, more) = counted.unwrap_or_else(|| {
                let year = written.is_none() && (1950..2100).contains(&n);
                (
                    if year {
                        Amount::Year(n)
                    } else {
                        Amount::Number(n)
                    },
                    0,
                )
            });
            quantities.push(Quantity {
                first,
                last: first + len + more - 1,
                amount,
            });
        }
        quantities
    }

    fn search(&self) -> Vec<Match> {
        let budget = Cell::new(STEPS_MAX);
        let mut found = Vec::new();
        let mut vetoes = Vec::new();
        let mut seen = vec![false; self.pack.vocabulary.n_classes()];
        for hit in &self.hits {
            seen[usize::from(hit.class)] = true;
        }
        let is_here = |step: &Step| match step {
            Step::Class(class) => seen[usize::from(*class)],
            Step::Gap { .. } => true,
        };
        for first in 0..self.n_words() {
            for hit in self.hits_at(first).iter().filter(|hit| hit.uses.begins) {
                for beginning in &self.pack.by_first[usize::from(hit.class)] {
                    // Most patterns lack something in the whole text.
                    if !seen[usize::from(beginning.last)] {
                        continue;
                    }
                    let pattern = &self.pack.patterns[beginning.pattern];
                    if !pattern.steps.iter().all(is_here) {
                        continue;
                    }
                    let next = first + usize::from(hit.len);
                    if let Some(end) = self.follow(&pattern.steps[1..], next, &budget) {
                        let list = if pattern.veto {
                            &mut vetoes
                        } else {
                            &mut found
                        };
                        list.push(Match {
                            label: pattern.label,
                            first,
                            last: end - 1,
                        });
                    }
                }
            }
        }
        let covered = covered(&vetoes);
        found
            .retain(|find| !(find.first..=find.last).any(|at| covered.contains(&(find.label, at))));
        // Of finds that overlap the first and longest stays.
        found.sort_by_key(|find| (find.label, find.first, std::cmp::Reverse(find.last)));
        let mut kept: Vec<Match> = Vec::new();
        for find in found {
            if !kept.last().is_some_and(|before| before.overlaps(&find)) {
                kept.push(find);
            }
        }
        kept
    }

    /// Where the remaining steps end when they go on at word `at`; the end is exclusive.
    fn follow(&self, steps: &[Step], at: usize, budget: &Cell<u32>) -> Option<usize> {
        budget.set(budget.get().checked_sub(1)?);
        let Some((step, rest)) = steps.split_first() else {
            return Some(at);
        };
        match *step {
            Step::Class(class) => self.member(class, rest, at, false, budget),
            Step::Gap { words, across } => {
                let Some((Step::Class(class), rest)) = rest.split_first() else {
                    return None;
                };
                (at..=at + usize::from(words))
                    .take_while(|&at| at < self.n_words() && (across || self.goes_on(at)))
                    .find_map(|at| self.member(*class, rest, at, across, budget))
            }
        }
    }

    fn member(
        &self,
        class: Class,
        rest: &[Step],
        at: usize,
        across: bool,
        budget: &Cell<u32>,
    ) -> Option<usize> {
        if !across && !self.goes_on(at) {
            return None;
        }
        self.hits_at(at)
            .iter()
            .filter(|hit| hit.class == class)
            .find_map(|hit| self.follow(rest, at + usize::from(hit.len), budget))
    }

    /// Whether the word at `at` belongs to the sentence of the one before it.
    fn goes_on(&self, at: usize) -> bool {
        at > 0 && self.sentence.get(at) == self.sentence.get(at - 1)
    }
}

impl Match {
    fn overlaps(&self, other: &Self) -> bool {
        self.label == other.label && self.first <= other.last && other.first <= self.last
    }
}

/// What belongs to one word, of a list in the order of the words.
fn part<'l, T>(list: &'l [T], offsets: &[usize], at: usize) -> &'l [T] {
    match (offsets.get(at), offsets.get(at + 1)) {
        (Some(&from), Some(&to)) => &list[from..to],
        _ => &[],
    }
}

/// The words that the finds cover, by label.
fn covered(finds: &[Match]) -> HashSet<(Label, usize)> {
    finds
        .iter()
        .flat_map(|find| (find.first..=find.last).map(|at| (find.label, at)))
        .collect()
}

fn amount(n: u32, unit: Unit) -> Amount {
    match unit {
        Unit::Times => Amount::Times(n),
        Unit::Hour => Amount::Days(n / 24),
        Unit::Day => Amount::Days(n),
        Unit::Week => Amount::Days(n.saturating_mul(7)),
        Unit::Month => Amount::Days(n.saturating_mul(30)),
        Unit::Year => Amount::Years(n),
    }
}

fn digits(word: &str) -> Option<u32> {
    (word.len() <= 6).then_some(())?;
    word.parse().ok()
}

/// Numbers the sentences; a dot ends one unless a word follows it at once (`ejemplo.com`).
fn sentences(text: &Text) -> Vec<u32> {
    let mut sentence = 0;
    let mut numbers = Vec::with_capacity(text.words.len());
    for (at, token) in text.tokens.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| &text.tokens[before]);
        if before.is_some_and(|before| before.field != token.field) {
            sentence += 1;
        }
        match token.kind {
            TokenKind::Word | TokenKind::Number => numbers.push(sentence),
            TokenKind::Break => sentence += 1,
            TokenKind::Mark => {
                let next = text.tokens.get(at + 1);
                let inside = next.is_some_and(|next| next.is_wordlike() && next.start == token.end);
                let ends = match token.folded.as_str() {
                    "!" | "?" | "…" | ";" | "..." => true,
                    "." => !inside,
                    _ => false,
                };
                if ends {
                    sentence += 1;
                }
            }
            TokenKind::Emoji => {}
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::super::pack::Packs;
    use super::*;
    use crate::model::Lang;

    #[track_caller]
    fn check(lang: Lang, text: &str, expected: &str) {
        let text = Text::new(None, text);
        let reading = Reading::new(&text, Packs::embedded().get(lang).unwrap(), &[]);
        let shown: Vec<String> = reading
            .quantities
            .iter()
            .map(|q| format!("{:?}", q.amount))
            .collect();
        assert_eq!(shown.join(" "), expected);
    }

    #[test]
    fn quantities_are_read_in_words_and_digits() {
        check(
            Lang::Es,
            "Llamé cuatro veces en dos semanas",
            "Times(4) Days(14)",
        );
        check(
            Lang::Es,
            "quince días, 3 meses y 10 años",
            "Days(15) Days(90) Years(10)",
        );
        check(Lang::Es, "cliente desde 2014, 45,30 euros", "Year(2014)");
        check(Lang::Es, "media docena de veces", "Times(6)");
        check(
            Lang::En,
            "called twice, then a dozen times",
            "Times(2) Times(12)",
        );
        check(
            Lang::De,
            "dreimal angerufen, seit zwei Wochen",
            "Times(3) Days(14)",
        );
    }

    #[test]
    fn a_dot_inside_a_name_ends_no_sentence() {
        let text = Text::new(Some("Título"), "en ejemplo.com va. Fin");
        assert_eq!(sentences(&text), [0, 1, 1, 1, 1, 2]);
    }
}
