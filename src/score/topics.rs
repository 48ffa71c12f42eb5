//! The weaknesses that a text speaks of: its words of each, and what a table says of them that learnt from lines
//! whose topics people have told ([`super::opinion::table`]; `escucha train --topics`). A contract that somebody
//! has had since 2014 is none of his troubles.

use std::cmp::Reverse;
use std::sync::LazyLock;

use super::meaning::Role;
use super::opinion::pair_of;
use super::opinion::table::{Table, Trait};
use super::reading::Reading;
use crate::model::{Signal, Topic};

const FILE: &[u8] = include_bytes!("data/topics.bin");
/// What the file begins with.
pub const MAGIC: &[u8; 8] = b"ESCUTOP1";
/// One opinion a topic.
pub const TOPICS: usize = Topic::ALL.len();
/// A post that speaks of everything has no topic; these are its first.
const TOPICS_MAX: usize = 3;
/// Numbers of traits that are no words: topics by how often they are named, the first of them, signals.
const OF_COUNTS: u32 = 512;
const OF_FIRST: u32 = 544;
const OF_SIGNALS: u32 = 576;
/// More words of one topic say no more.
const COUNTED_MAX: usize = 3;

/// `None` would be a broken build; a test looks.
static TABLE: LazyLock<Option<Table<TOPICS>>> = LazyLock::new(|| Table::parse(FILE, MAGIC));

/// Topics and how many words name each, the most frequent first.
pub(super) type Counted = Vec<(Topic, usize)>;

pub(super) fn counted(reading: &Reading<'_>) -> Counted {
    let mut counts: Counted = Vec::new();
    for at in 0..reading.n_words() {
        for (role, _) in reading.roles(at) {
            let Role::Topic(topic) = role else { continue };
            match counts.iter_mut().find(|(known, _)| *known == topic) {
                Some((_, n)) => *n += 1,
                None => counts.push((topic, 1)),
            }
        }
    }
    counts.sort_by_key(|(topic, n)| (Reverse(*n), *topic));
    counts
}

/// The first of those that are counted.
pub(super) fn named(counted: &Counted) -> Vec<Topic> {
    let first = counted.iter().take(TOPICS_MAX);
    first.map(|(topic, _)| *topic).collect()
}

/// What is counted, and what patterns found, as traits beside the words.
pub(super) fn traits(counted: &Counted, found: &[Signal]) -> Vec<Trait> {
    let counts = counted
        .iter()
        .map(|(topic, n)| pair_of(OF_COUNTS + *topic as u32, (*n).min(COUNTED_MAX) as u32));
    let first = counted
        .first()
        .map(|(topic, _)| pair_of(OF_FIRST + *topic as u32, 0));
    let signals = found
        .iter()
        .map(|signal| pair_of(OF_SIGNALS + signal.kind as u32, 0));
    counts
        .chain(first)
        .chain(signals)
        .map(|key| (key, None))
        .collect()
}

/// What a complaint with these words is about, the surest first.
pub(super) fn heard(words: &[Trait], counted: &Counted, found: &[Signal]) -> Vec<Topic> {
    let Some(table) = TABLE.as_ref() else {
        return named(counted);
    };
    let opinions = table.judge(&[words, &traits(counted, found)]);
    let sure = Topic::ALL.iter().zip(opinions);
    let mut sure: Vec<_> = sure.filter(|(_, opinion)| opinion.margin > 0.0).collect();
    // That nobody helps him is seldom all his trouble.
    let last = |topic: &Topic| *topic == Topic::Support;
    sure.sort_by(|(one, a), (other, b)| {
        let by_margin = b.margin.total_cmp(&a.margin);
        last(one).cmp(&last(other)).then(by_margin)
    });
    sure.truncate(TOPICS_MAX);
    sure.into_iter().map(|(topic, _)| *topic).collect()
}

#[cfg(test)]
mod tests {
    use super::super::pack::Packs;
    use super::super::text::Text;
    use super::super::{opinion, signals};
    use super::*;
    use crate::model::{Lang, Timestamp};

    #[track_caller]
    fn check(raw: &str, expected: &str) {
        let text = Text::new(None, raw);
        let reading = Reading::new(&text, Packs::embedded().get(Lang::Es).unwrap(), &[]);
        let found = signals::signals(&reading, &[], Timestamp(0));
        let words = &opinion::traits(&reading, &[], &found, 0.9)[0];
        let heard = heard(words, &counted(&reading), &found);
        let heard: Vec<String> = heard.iter().map(Topic::to_string).collect();
        assert_eq!(heard.join(" "), expected, "{raw}");
    }

    #[test]
    fn what_somebody_names_is_not_all_his_trouble() {
        check(
            "Cuando contraté la fibra todo iba bien; hoy llevo tres días sin internet",
            "outage",
        );
        check(
            "Me han cobrado dos veces la factura y nadie contesta al teléfono",
            "billing support",
        );
        check("Qué vergüenza de empresa, de verdad", "");
    }

    #[test]
    fn the_embedded_table_can_be_read() {
        assert!(TABLE.as_ref().is_some_and(|table| table.len() > 5_000));
    }
}
