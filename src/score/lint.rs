//! What is right as a keyword file and still not what its author meant: entries that stand twice,
//! that can never act, or that contradict each other. What only stored posts can show (an entry that
//! is too broad) is elsewhere.

use std::collections::HashMap;

use jiff::civil::Date;

use super::query::Query;
use super::rules::{Keyword, Rules, Silence, Watch};
use crate::model::{Lang, Ui};

/// One remark on one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// From 1.
    pub line: usize,
    /// The entry as its author knows it: a keyword as written, a watch by its name.
    pub entry: String,
    pub what: Fault,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The same stands on this line too; both count.
    Duplicate {
        line: usize,
    },
    /// The same takes points on one line and gives them on the other, or a silence hides a watch.
    Contradicting {
        line: usize,
    },
    Unreachable(Why),
    /// It looks at the whole post for what must not stand there.
    WholeNot,
    /// It stands in so many of a hundred posts.
    TooBroad {
        percent: u64,
        of_all: bool,
    },
}

/// Why an entry can never act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its query denies itself.
    Impossible,
    /// No watch listens to its languages, or its query asks for others than it has.
    Languages,
    NoPoints,
    /// Its last day is over.
    Over,
}

impl Fault {
    /// True when the entry does not do what it says; the others may be meant.
    pub fn is_wrong(&self) -> bool {
        match self {
            Self::Duplicate { .. } | Self::Contradicting { .. } | Self::Unreachable(_) => true,
            Self::WholeNot | Self::TooBroad { .. } => false,
        }
    }

    /// The word for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Duplicate { .. } => "duplicate",
            Self::Contradicting { .. } => "contradicting",
            Self::Unreachable(_) => "unreachable",
            Self::WholeNot => "whole_not",
            Self::TooBroad { .. } => "too_broad",
        }
    }

    /// What is wrong and what would be right, as one sentence.
    pub fn sentence(&self, ui: Ui) -> String {
        let (es, en) = match self {
            Self::Duplicate { line } => {
                return match ui {
                    Ui::Es => format!(
                        "está también en la línea {line}, y las dos cuentan; quite una de ellas"
                    ),
                    Ui::En => format!("stands on line {line} too, and both count; take one out"),
                };
            }
            Self::Contradicting { line } => {
                return match ui {
                    Ui::Es => format!(
                        "dice lo contrario que la línea {line}; decida cuál de las dos vale"
                    ),
                    Ui::En => format!("says the contrary of line {line}; decide which one holds"),
                };
            }
            Self::TooBroad { percent, of_all } => {
                return match (ui, of_all) {
                    (Ui::Es, true) => format!(
                        "encuentra {percent} de cada 100 publicaciones; añada palabras con AND o NEAR"
                    ),
                    (Ui::En, true) => {
                        format!("finds {percent} of 100 posts; add words by AND or NEAR")
                    }
                    (Ui::Es, false) => format!(
                        "está en {percent} de cada 100 publicaciones sobre nosotros: no distingue nada"
                    ),
                    (Ui::En, false) => {
                        format!("stands in {percent} of 100 posts about us: it tells nothing apart")
                    }
                };
            }
            Self::Unreachable(Why::Impossible) => (
                "no puede encontrar nada: su consulta se contradice a sí misma",
                "can find nothing: its query contradicts itself",
            ),
            Self::Unreachable(Why::Languages) => (
                "no puede actuar: ninguna vigilancia escucha en sus idiomas; revise languages y lang:",
                "cannot act: no watch listens to its languages; look at languages and lang:",
            ),
            Self::Unreachable(Why::NoPoints) => (
                "no cambia nada: tiene 0 puntos; dele puntos o quítela",
                "changes nothing: it has 0 points; give it points or take it out",
            ),
            Self::Unreachable(Why::Over) => (
                "ya no actúa: su último día ha pasado; quítela",
                "acts no more: its last day is over; take it out",
            ),
            Self::WholeNot => (
                "su NOT mira la publicación entera: una sola palabra, en cualquier frase, la hace \
                 callar; ¿quería decir EXCEPT?",
                "its NOT looks at the whole post: one word in any sentence makes it silent; did you \
                 mean EXCEPT?",
            ),
        };
        ui.pick(es, en).to_owned()
    }
}

/// All remarks, in the order of the file.
pub fn findings(rules: &Rules, today: Date) -> Vec<Finding> {
    let mut findings = Vec::new();
    watches(rules, &mut findings);
    keywords(rules, &mut findings);
    silences(rules, today, &mut findings);
    findings.sort_by_key(|finding| finding.line);
    findings
}

fn watches(rules: &Rules, findings: &mut Vec<Finding>) {
    let mut known: HashMap<String, Vec<&Watch>> = HashMap::new();
    for watch in &rules.watches {
        let mut add = |what| {
            findings.push(Finding {
                line: watch.line,
                entry: watch.name.clone(),
                what,
            });
        };
        let alike = known.entry(watch.query.normal_form()).or_default();
        let twin = alike.iter().find(|other| {
            meet(&other.languages, &watch.languages) && meet(&other.sources, &watch.sources)
        });
        if let Some(twin) = twin {
            add(Fault::Duplicate { line: twin.line });
        }
        alike.push(watch);
        if let Some(why) = unreachable(&watch.query, &watch.languages, &[]) {
            add(Fault::Unreachable(why));
        }
        if watch.query.has_not() {
            add(Fault::WholeNot);
        }
    }
}

fn keywords(rules: &Rules, findings: &mut Vec<Finding>) {
    let listened: Vec<Lang> = if rules.watches.iter().any(|watch| watch.languages.is_empty()) {
        Vec::new()
    } else {
        let watches = rules.watches.iter();
        watches.flat_map(|watch| watch.languages.clone()).collect()
    };
    let mut known: HashMap<String, Vec<&Keyword>> = HashMap::new();
    for keyword in &rules.keywords {
        let mut add = |what| {
            findings.push(Finding {
                line: keyword.line,
                entry: keyword.written.clone(),
                what,
            });
        };
        let alike = known.entry(keyword.query.normal_form()).or_default();
        let mut twins = alike
            .iter()
            .filter(|other| meet(&other.languages, &keyword.languages));
        if let Some(twin) = twins.next() {
            let line = twin.line;
            add(if twin.points.signum() * keyword.points.signum() < 0 {
                Fault::Contradicting { line }
            } else {
                Fault::Duplicate { line }
            });
        }
        alike.push(keyword);
        let why = if keyword.points == 0 {
            Some(Why::NoPoints)
        } else {
            unreachable(&keyword.query, &keyword.languages, &listened)
        };
        if let Some(why) = why {
            add(Fault::Unreachable(why));
        }
        if keyword.query.has_not() {
            add(Fault::WholeNot);
        }
    }
}

fn silences(rules: &Rules, today: Date, findings: &mut Vec<Finding>) {
    for silence in &rules.silences {
        let mut add = |what| {
            findings.push(Finding {
                line: silence.line,
                entry: silence.written.clone(),
                what,
            });
        };
        if silence.until < today {
            add(Fault::Unreachable(Why::Over));
            continue;
        }
        if let Some(why) = unreachable(&silence.query, &[], &[]) {
            add(Fault::Unreachable(why));
        }
        let hidden = rules.watches.iter().find(|watch| hides(silence, watch));
        if let Some(watch) = hidden {
            add(Fault::Contradicting { line: watch.line });
        }
        if silence.query.has_not() {
            add(Fault::WholeNot);
        }
    }
}

/// True when all that a watch finds is silenced.
fn hides(silence: &Silence, watch: &Watch) -> bool {
    silence.query.covers(&watch.query) || silence.query.normal_form() == watch.query.normal_form()
}

/// `listened` are the languages that any watch hears; empty: all.
fn unreachable(query: &Query, languages: &[Lang], listened: &[Lang]) -> Option<Why> {
    if query.is_impossible() {
        return Some(Why::Impossible);
    }
    let asked = query.langs();
    let meets_own = asked
        .as_ref()
        .is_none_or(|asked| meet(asked, languages) && meet(asked, listened));
    (!meets_own || !meet(languages, listened)).then_some(Why::Languages)
}

/// True when both have something in common; an empty list has everything.
fn meet<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    a.is_empty() || b.is_empty() || a.iter().any(|one| b.contains(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyword(line: usize, query: &str, points: i64, languages: &[Lang]) -> Keyword {
        Keyword {
            written: query.to_owned(),
            query: Query::parse(query).unwrap(),
            points,
            languages: languages.to_vec(),
            trial: false,
            line,
        }
    }

    fn silence(line: usize, query: &str, until: &str) -> Silence {
        Silence {
            written: query.to_owned(),
            query: Query::parse(query).unwrap(),
            until: until.parse().unwrap(),
            because: "x".to_owned(),
            line,
        }
    }

    #[track_caller]
    fn check(rules: &Rules, expected: &[&str]) {
        let found = findings(rules, "2026-11-22".parse().unwrap());
        let found: Vec<String> = found
            .iter()
            .map(|finding| {
                let sentence = finding.what.sentence(Ui::En);
                format!("{} {}: {sentence}", finding.line, finding.entry)
            })
            .collect();
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{found}");
        }
    }

    fn watched(query: &str) -> Rules {
        let mut watch = Watch::new("w", Query::parse(query).unwrap());
        watch.line = 1;
        Rules {
            watches: vec![watch],
            ..Rules::default()
        }
    }

    #[test]
    fn keywords_that_stand_twice_or_against_each_other() {
        let mut rules = watched("ejemplo");
        rules.keywords = vec![
            keyword(10, "timo", 10, &[Lang::Es]),
            keyword(11, "TIMÓ", 12, &[]),
            keyword(12, "timo", 10, &[Lang::De]),
            keyword(13, "cola NEAR/3 tienda", 10, &[]),
            keyword(14, "tienda NEAR/3 cola", -10, &[]),
            keyword(15, "nada", 0, &[]),
        ];
        check(
            &rules,
            &[
                "11 TIMÓ: stands on line 10 too",
                "12 timo: stands on line 11 too",
                "14 tienda NEAR/3 cola: says the contrary of line 13",
                "15 nada: changes nothing",
            ],
        );
    }

    #[test]
    fn what_can_never_act() {
        let mut rules = watched("ejemplo EXCEPT ejemplo");
        rules.watches[0].languages = vec![Lang::Es, Lang::Ca];
        rules.keywords = vec![
            keyword(10, "timo", 10, &[Lang::De]),
            keyword(11, "timo", 10, &[Lang::Ca]),
            keyword(12, "x AND lang:de", 10, &[]),
            keyword(13, "lang:es AND y", 10, &[Lang::Ca]),
        ];
        check(
            &rules,
            &[
                "1 w: can find nothing",
                "10 timo: cannot act",
                "12 x AND lang:de: cannot act",
                "13 lang:es AND y: cannot act",
            ],
        );
    }

    #[test]
    fn silences_and_the_not_that_looks_at_everything() {
        let mut rules = watched("\"telefonía ejemplo\" AND NOT empleo");
        rules.silences = vec![
            silence(10, "corte", "2026-11-21"),
            silence(11, "corte", "2026-11-22"),
        ];
        check(&rules, &["1 w: its NOT looks", "10 corte: acts no more"]);
        let mut rules = watched("\"telefonía ejemplo\"");
        rules.silences = vec![silence(10, "ejemplo", "2026-11-22")];
        check(&rules, &["10 ejemplo: says the contrary of line 1"]);
    }
}
