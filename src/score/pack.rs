//! What is known of one language, compiled from its file in `data/`: lexicon, numbers, topics and
//! the patterns of signals and cues.
//!
//! Absent: any text; that is [`super::reading`].

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::meaning::{Grammar, Label, Role, Unit};
use super::pattern::Step;
use super::vocabulary::{Class, Hit, Uses, Vocabulary};
use crate::model::{Lang, Topic};

/// The compiled files of all languages, and what belongs to none.
pub(super) struct Packs {
    languages: Vec<Pack>,
    emoji: Vec<(char, f64)>,
}

pub(super) struct Pack {
    pub(super) lang: Lang,
    pub(super) vocabulary: Vocabulary,
    pub(super) patterns: Vec<Pattern>,
    /// The patterns by the class of their first step.
    pub(super) by_first: Vec<Vec<Beginning>>,
    /// What a class stands for beside its part in patterns.
    pub(super) roles: Vec<Option<Role>>,
    uses: Vec<Uses>,
}

pub(super) struct Pattern {
    pub(super) label: Label,
    /// It takes a find of the same label back.
    pub(super) veto: bool,
    pub(super) steps: Vec<Step>,
}

/// A pattern, told by its first step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beginning {
    /// An index into the pack's patterns.
    pub(super) pattern: usize,
    /// The class of its last step.
    pub(super) last: Class,
}

/// One of the files of a language: they are split by topic, and each may hold any of these tables.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct File {
    grammar: BTreeMap<Grammar, String>,
    numbers: BTreeMap<String, String>,
    times: BTreeMap<String, String>,
    units: BTreeMap<String, String>,
    valence: BTreeMap<String, String>,
    topics: BTreeMap<Topic, String>,
    lists: BTreeMap<String, String>,
    find: BTreeMap<Label, Vec<String>>,
    unless: BTreeMap<Label, Vec<String>>,
}

impl File {
    /// Adds another file's members to the lists and patterns of the same name.
    fn extend(&mut self, more: Self) {
        fn lists<K: Ord>(to: &mut BTreeMap<K, String>, more: BTreeMap<K, String>) {
            for (name, members) in more {
                let list = to.entry(name).or_default();
                list.push_str(", ");
                list.push_str(&members);
            }
        }
        fn patterns(to: &mut BTreeMap<Label, Vec<String>>, more: BTreeMap<Label, Vec<String>>) {
            for (label, written) in more {
                to.entry(label).or_default().extend(written);
            }
        }
        lists(&mut self.grammar, more.grammar);
        lists(&mut self.numbers, more.numbers);
        lists(&mut self.times, more.times);
        lists(&mut self.units, more.units);
        lists(&mut self.valence, more.valence);
        lists(&mut self.topics, more.topics);
        lists(&mut self.lists, more.lists);
        patterns(&mut self.find, more.find);
        patterns(&mut self.unless, more.unless);
    }
}

const FILES: [(Lang, &[&str]); 7] = [
    (
        Lang::Es,
        &[
            include_str!("data/es.toml"),
            include_str!("data/es.find.toml"),
            include_str!("data/es.other.toml"),
            include_str!("data/es.words.toml"),
            include_str!("data/es.more.toml"),
            include_str!("data/es.facts.toml"),
            include_str!("data/es.cues.toml"),
        ],
    ),
    (
        Lang::En,
        &[
            include_str!("data/en.toml"),
            include_str!("data/en.find.toml"),
            include_str!("data/en.words.toml"),
            include_str!("data/en.more.toml"),
            include_str!("data/en.facts.toml"),
            include_str!("data/en.cues.toml"),
        ],
    ),
    (
        Lang::Pt,
        &[
            include_str!("data/pt.toml"),
            include_str!("data/pt.words.toml"),
            include_str!("data/pt.more.toml"),
            include_str!("data/pt.facts.toml"),
            include_str!("data/pt.cues.toml"),
        ],
    ),
    (
        Lang::Fr,
        &[
            include_str!("data/fr.toml"),
            include_str!("data/fr.words.toml"),
            include_str!("data/fr.more.toml"),
            include_str!("data/fr.facts.toml"),
            include_str!("data/fr.cues.toml"),
        ],
    ),
    (
        Lang::It,
        &[
            include_str!("data/it.toml"),
            include_str!("data/it.words.toml"),
            include_str!("data/it.more.toml"),
            include_str!("data/it.facts.toml"),
            include_str!("data/it.cues.toml"),
        ],
    ),
    (
        Lang::De,
        &[
            include_str!("data/de.toml"),
            include_str!("data/de.words.toml"),
            include_str!("data/de.more.toml"),
            include_str!("data/de.facts.toml"),
            include_str!("data/de.cues.toml"),
        ],
    ),
    (
        Lang::Ca,
        &[
            include_str!("data/ca.toml"),
            include_str!("data/ca.words.toml"),
            include_str!("data/ca.more.toml"),
            include_str!("data/ca.facts.toml"),
            include_str!("data/ca.cues.toml"),
        ],
    ),
];
const EMOJI: &str = include_str!("data/emoji.toml");

/// Names that patterns give to quantities, and to us.
pub(super) const QUANTITIES: [&str; 6] =
    ["<n>", "<times>", "<duration>", "<years>", "<year>", OURS];
/// The words with which a post names us.
pub(super) const OURS: &str = "<us>";

/// A word, row of words or stem of a list of a language: what `escucha train` learns languages from
/// beside posts.
pub struct Member {
    pub lang: Lang,
    /// Without the star of a stem.
    pub written: String,
    pub is_stem: bool,
    /// One of the most frequent words of the language.
    pub is_common: bool,
}

/// The members of all lists, in the order of languages and names of lists.
pub fn members() -> Vec<Member> {
    let mut found = Vec::new();
    for (lang, files) in FILES {
        let mut file = File::default();
        for toml in files {
            file.extend(toml::from_str(toml).unwrap_or_default());
        }
        let is_common = |grammar: &Grammar| matches!(grammar, Grammar::Common);
        let grammar = file
            .grammar
            .iter()
            .map(|(name, list)| (is_common(name), list));
        let tables = [
            &file.numbers,
            &file.times,
            &file.units,
            &file.valence,
            &file.lists,
        ];
        let others = tables.into_iter().flat_map(BTreeMap::values);
        let others = others.chain(file.topics.values()).map(|list| (false, list));
        for (is_common, list) in grammar.chain(others) {
            let members = list.split(',').map(str::trim);
            let members = members.filter(|written| !written.is_empty() && !written.contains('{'));
            found.extend(members.map(|written| Member {
                lang,
                written: written.trim_end_matches('*').to_owned(),
                is_stem: written.ends_with('*'),
                is_common,
            }));
        }
    }
    found
}

static EMBEDDED: LazyLock<Packs> = LazyLock::new(|| Packs::parse().0);

impl Packs {
    /// The embedded data. What cannot be read in it is left out; a unit test sees to it that all can.
    pub(super) fn embedded() -> &'static Self {
        &EMBEDDED
    }

    pub(super) fn get(&self, lang: Lang) -> Option<&Pack> {
        self.languages.iter().find(|pack| pack.lang == lang)
    }

    pub(super) fn emoji(&self, token: &str) -> f64 {
        let first = token.chars().next();
        self.emoji
            .iter()
            .find(|(emoji, _)| Some(*emoji) == first)
            .map_or(0.0, |(_, valence)| *valence)
    }

    fn parse() -> (Self, Vec<String>) {
        let mut problems = Vec::new();
        let languages: Vec<Pack> = FILES
            .iter()
            .map(|(lang, files)| Pack::parse(*lang, files, &mut problems))
            .collect();
        let emoji: BTreeMap<String, String> = toml::from_str(EMOJI).unwrap_or_else(|error| {
            problems.push(format!("emoji: {error}"));
            BTreeMap::new()
        });
        let emoji = emoji
            .iter()
            .filter_map(|(valence, chars)| Some((valence.parse::<f64>().ok()?, chars)))
            .flat_map(|(valence, chars)| {
                let chars = chars.chars().filter(|c| !c.is_whitespace());
                chars.map(move |c| (c, valence))
            })
            .collect();
        let packs = Self { languages, emoji };
        (packs, problems)
    }
}

impl Pack {
    pub(super) fn hit(&self, class: Class, len: u8) -> Hit {
        Hit {
            class,
            len,
            uses: self.uses[usize::from(class)],
        }
    }

    fn parse(lang: Lang, files: &[&str], problems: &mut Vec<String>) -> Self {
        let mut said = Vec::new();
        let mut file = File::default();
        for toml in files {
            match toml::from_str(toml) {
                Ok(more) => file.extend(more),
                Err(error) => said.push(error.to_string()),
            }
        }
        let mut building = Building {
            vocabulary: Vocabulary::default(),
            roles: Vec::new(),
            said,
        };
        for name in QUANTITIES {
            building.vocabulary.class(name);
        }
        building.words(&file);
        let patterns = building.patterns(&file);
        let Building {
            mut vocabulary,
            mut roles,
            said,
        } = building;
        roles.resize(vocabulary.n_classes(), None);
        let mut by_first = vec![Vec::new(); vocabulary.n_classes()];
        for (at, pattern) in patterns.iter().enumerate() {
            let ends = (pattern.steps.first(), pattern.steps.last());
            if let (Some(Step::Class(first)), Some(Step::Class(last))) = ends {
                by_first[usize::from(*first)].push(Beginning {
                    pattern: at,
                    last: *last,
                });
            }
        }
        problems.extend(said.into_iter().map(|problem| format!("{lang}: {problem}")));
        let uses = std::iter::zip(&by_first, &roles).map(|(patterns, role)| Uses {
            begins: !patterns.is_empty(),
            means: role.is_some(),
        });
        let uses: Vec<Uses> = uses.collect();
        vocabulary.mark(&uses);
        Self {
            lang,
            vocabulary,
            patterns,
            by_first,
            roles,
            uses,
        }
    }
}

/// A pack on its way; what cannot be read is said and left out.
struct Building {
    vocabulary: Vocabulary,
    roles: Vec<Option<Role>>,
    said: Vec<String>,
}

impl Building {
    fn words(&mut self, file: &File) {
        for (name, members) in &file.grammar {
            let list = format!("{name:?}").to_lowercase();
            self.list(&list, members, Some(Role::Grammar(*name)));
        }
        for (number, members) in &file.numbers {
            let role = number.parse().ok().map(Role::Number);
            self.role(&format!("number {number}"), members, role);
        }
        for (number, members) in &file.times {
            let role = number.parse().ok().map(Role::Times);
            self.role(&format!("times {number}"), members, role);
        }
        for (unit, members) in &file.units {
            let role = match unit.as_str() {
                "times" => Some(Role::Unit(Unit::Times)),
                "hour" => Some(Role::Unit(Unit::Hour)),
                "day" => Some(Role::Unit(Unit::Day)),
                "week" => Some(Role::Unit(Unit::Week)),
                "month" => Some(Role::Unit(Unit::Month)),
                "year" => Some(Role::Unit(Unit::Year)),
                _ => None,
            };
            self.role(&format!("unit_{unit}"), members, role);
        }
        for (valence, members) in &file.valence {
            let role = valence.parse().ok().map(Role::Valence);
            self.role(&format!("valence {valence}"), members, role);
        }
        for (topic, members) in &file.topics {
            let name = format!("topic {topic}");
            self.list(&name, members, Some(Role::Topic(*topic)));
        }
        // Lists that take others up come after those that do not.
        for of_lists in [false, true] {
            for (name, members) in &file.lists {
                if members.contains('{') == of_lists {
                    self.list(name, members, None);
                }
            }
        }
    }

    fn role(&mut self, name: &str, members: &str, role: Option<Role>) {
        if role.is_none() {
            self.said.push(format!("`{name}` is not known"));
        }
        self.list(name, members, role);
    }

    fn list(&mut self, name: &str, members: &str, role: Option<Role>) {
        if self.vocabulary.find(name).is_some() {
            self.said.push(format!("the list `{name}` stands twice"));
        }
        let class = self.vocabulary.class(name);
        if let Err(problem) = self.vocabulary.add(class, members) {
            self.said.push(format!("{name}: {problem}"));
        }
        self.set(class, role);
    }

    fn set(&mut self, class: Class, role: Option<Role>) {
        let at = usize::from(class);
        if self.roles.len() <= at {
            self.roles.resize(at + 1, None);
        }
        self.roles[at] = role;
    }

    fn patterns(&mut self, file: &File) -> Vec<Pattern> {
        let mut patterns = Vec::new();
        for (veto, table) in [(false, &file.find), (true, &file.unless)] {
            for (&label, written) in table {
                for written in written {
                    match self.vocabulary.pattern(written) {
                        Ok(rows) => patterns.extend(rows.into_iter().map(|steps| Pattern {
                            label,
                            veto,
                            steps,
                        })),
                        Err(problem) => self.said.push(format!("{label:?}: {problem}")),
                    }
                }
            }
        }
        patterns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_data_can_all_be_read() {
        let (packs, problems) = Packs::parse();
        assert_eq!(problems, Vec::<String>::new());
        assert!(packs.emoji("😡") < 0.0);
    }

    #[test]
    fn a_wrong_file_is_said_and_the_rest_is_kept() {
        let mut problems = Vec::new();
        let toml = "[lists]\nx = \"uno, {nada}\"\n[find]\nblame = [\"{x}\", \"{y}\"]";
        let pack = Pack::parse(Lang::Es, &[toml], &mut problems);
        assert_eq!(pack.patterns.len(), 1);
        assert_eq!(
            problems,
            [
                "es: x: there is no list `nada`",
                "es: Blame: `{y}`: there is no list `{y}`"
            ]
        );
    }
}
