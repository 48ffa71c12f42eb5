//! Patterns over words: the one machine that lexicon, cues, signals and topics are read with.
//!
//! A pattern is a row of steps: a word or stem (`llam*`), alternatives (`nadie|ninguno`, `_` for a
//! blank inside one), a list (`{contact}`), a quantity (`<n>`, `<times>`, `<duration>`, `<years>`,
//! `<year>`), or a gap of at most n words (`[5]`, within the sentence; `[5.]` across its end).
//! `?` after a step makes it optional. Absent: regular expressions, and any meaning of the labels.

use std::collections::HashMap;

use super::text::fold_str;

/// A set of words and word rows; an index into [`Vocabulary`].
pub(super) type Class = u16;

/// Words and stems, each with the classes it belongs to.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    names: HashMap<String, Class>,
    exact: HashMap<String, Vec<Item>>,
    stems: HashMap<String, Vec<Item>>,
    longest_stem: usize,
}

#[derive(Clone, Debug)]
struct Item {
    class: Class,
    /// The words that must follow the first.
    rest: Vec<Word>,
}

#[derive(Clone, Debug)]
enum Word {
    Exact(String),
    Stem(String),
}

/// A member of `class` begins at a word and is `len` words long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) class: Class,
    pub(super) len: u8,
}

/// One step of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Class(Class),
    Gap { words: u8, across: bool },
}

/// The longest pattern, in steps: keeps the search of one start small.
const STEPS_MAX: usize = 12;
/// The widest gap, in words.
const GAP_MAX: u8 = 14;

impl Vocabulary {
    /// The class of this name, made when it is new.
    pub(super) fn class(&mut self, name: &str) -> Class {
        let next = self.names.len() as Class;
        *self.names.entry(name.to_owned()).or_insert(next)
    }

    pub(super) fn find(&self, name: &str) -> Option<Class> {
        self.names.get(name).copied()
    }

    pub(super) fn n_classes(&self) -> usize {
        self.names.len()
    }

    /// Adds members written `word, stem*, two words` to a class. `{other}` adds another class's
    /// members so far.
    pub(super) fn add(&mut self, class: Class, members: &str) -> Result<(), String> {
        for member in members.split(',').map(str::trim).filter(|m| !m.is_empty()) {
            if let Some(name) = member.strip_prefix('{').and_then(|m| m.strip_suffix('}')) {
                self.add_class(class, name)?;
            } else {
                self.add_member(class, member)?;
            }
        }
        Ok(())
    }

    fn add_class(&mut self, class: Class, name: &str) -> Result<(), String> {
        let other = self
            .find(name)
            .ok_or_else(|| format!("there is no list `{name}`"))?;
        for items in self.exact.values_mut().chain(self.stems.values_mut()) {
            let copies: Vec<Item> = items
                .iter()
                .filter(|item| item.class == other)
                .map(|item| Item {
                    class,
                    rest: item.rest.clone(),
                })
                .collect();
            items.extend(copies);
        }
        Ok(())
    }

    fn add_member(&mut self, class: Class, member: &str) -> Result<(), String> {
        let mut words = fold_str(member)
            .split(|c: char| c.is_whitespace() || matches!(c, '\'' | '’' | '-'))
            .filter(|word| !word.is_empty())
            .map(Word::parse)
            .collect::<Result<Vec<_>, _>>()?
            .into_iter();
        let first = words
            .next()
            .ok_or_else(|| format!("`{member}` has no word"))?;
        let item = Item {
            class,
            rest: words.collect(),
        };
        match first {
            Word::Exact(word) => self.exact.entry(word).or_default().push(item),
            Word::Stem(stem) => {
                self.longest_stem = self.longest_stem.max(stem.len());
                self.stems.entry(stem).or_default().push(item);
            }
        }
        Ok(())
    }

    /// The hits that begin at `at`; `word(i)` is the folded word at `i` of the same sentence.
    pub(super) fn hits<'w>(
        &self,
        at: usize,
        word: impl Fn(usize) -> Option<&'w str>,
        found: &mut Vec<Hit>,
    ) {
        let Some(first) = word(at) else { return };
        self.hits_of(first, at, &word, found);
        if let Some(shorter) = unstretch(first, 2) {
            self.hits_of(&shorter, at, &word, found);
        }
        if let Some(shortest) = unstretch(first, 1) {
            self.hits_of(&shortest, at, &word, found);
        }
    }

    fn hits_of<'w>(
        &self,
        first: &str,
        at: usize,
        word: &impl Fn(usize) -> Option<&'w str>,
        found: &mut Vec<Hit>,
    ) {
        let stems = (2..=first.len().min(self.longest_stem))
            .filter_map(|end| first.get(..end))
            .filter_map(|stem| self.stems.get(stem));
        for item in self.exact.get(first).into_iter().chain(stems).flatten() {
            let follows = item
                .rest
                .iter()
                .enumerate()
                .all(|(i, wanted)| word(at + 1 + i).is_some_and(|word| wanted.is(word)));
            if follows {
                found.push(Hit {
                    class: item.class,
                    len: 1 + item.rest.len() as u8,
                });
            }
        }
    }

    /// Reads one pattern into rows of steps: an optional step and a step of several lists multiply them.
    pub(super) fn pattern(&mut self, written: &str) -> Result<Vec<Vec<Step>>, String> {
        let mut rows: Vec<Vec<Step>> = vec![Vec::new()];
        for part in written.split_whitespace() {
            let (part, optional) = match part.strip_suffix('?') {
                Some(part) => (part, true),
                None => (part, false),
            };
            let steps = self
                .steps(part)
                .map_err(|problem| format!("`{written}`: {problem}"))?;
            let mut longer = if optional { rows.clone() } else { Vec::new() };
            for step in steps {
                longer.extend(rows.iter().map(|row| {
                    let mut row = row.clone();
                    row.push(step);
                    row
                }));
            }
            rows = longer;
        }
        for row in &rows {
            let starts_and_ends_with_words = matches!(row.first(), Some(Step::Class(_)))
                && matches!(row.last(), Some(Step::Class(_)));
            if row.len() > STEPS_MAX || !starts_and_ends_with_words {
                return Err(format!(
                    "`{written}` must begin and end with a word and have at most {STEPS_MAX} steps"
                ));
            }
        }
        Ok(rows)
    }

    /// The steps that may stand in one place: a gap, or a class for each list and quantity and one
    /// for all the words together.
    fn steps(&mut self, part: &str) -> Result<Vec<Step>, String> {
        if let Some(gap) = part.strip_prefix('[').and_then(|p| p.strip_suffix(']')) {
            return Ok(vec![gap_step(gap)?]);
        }
        let (named, words): (Vec<&str>, Vec<&str>) =
            part.split('|').partition(|one| one.starts_with(['{', '<']));
        let mut steps = Vec::new();
        for name in named {
            let list = name
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'));
            let class = self.find(list.unwrap_or(name));
            let class = class.ok_or_else(|| format!("there is no list `{name}`"))?;
            steps.push(Step::Class(class));
        }
        if !words.is_empty() {
            let members = words.join(",").replace('_', " ");
            let name = format!("={members}");
            let class = if let Some(class) = self.find(&name) {
                class
            } else {
                let class = self.class(&name);
                self.add(class, &members)?;
                class
            };
            steps.push(Step::Class(class));
        }
        Ok(steps)
    }
}

fn gap_step(gap: &str) -> Result<Step, String> {
    let (words, across) = match gap.strip_suffix('.') {
        Some(words) => (words, true),
        None => (gap, false),
    };
    match words.parse() {
        Ok(words) if words <= GAP_MAX => Ok(Step::Gap { words, across }),
        _ => Err(format!("`[{gap}]` is not a gap of at most {GAP_MAX} words")),
    }
}

impl Word {
    fn parse(written: &str) -> Result<Self, String> {
        let (word, stem) = match written.strip_suffix('*') {
            Some(word) => (word, true),
            None => (written, false),
        };
        if word.contains(['*', '[', ']', '{', '}', '?']) || word.is_empty() {
            return Err(format!("`{written}` is not a word or a stem"));
        }
        if stem && word.len() < 2 {
            return Err(format!("the stem `{written}` is too short"));
        }
        Ok(if stem {
            Self::Stem(word.to_owned())
        } else {
            Self::Exact(word.to_owned())
        })
    }

    fn is(&self, word: &str) -> bool {
        match self {
            Self::Exact(wanted) => wanted == word,
            Self::Stem(stem) => word.starts_with(stem.as_str()),
        }
    }
}

/// The word with runs of three and more equal letters cut to `keep`; `None` when there are none.
fn unstretch(word: &str, keep: usize) -> Option<String> {
    if !is_stretched(word) {
        return None;
    }
    let mut shorter = String::with_capacity(word.len());
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        let mut n = 1;
        while chars.next_if_eq(&c).is_some() {
            n += 1;
        }
        let n = if n >= 3 { keep } else { n };
        shorter.extend(std::iter::repeat_n(c, n));
    }
    Some(shorter)
}

/// Whether a letter stands three or more times in a row: "maaaal".
pub(super) fn is_stretched(word: &str) -> bool {
    let mut before = ['\0'; 2];
    word.chars().any(|c| {
        let stretched = c.is_alphabetic() && before == [c, c];
        before = [before[1], c];
        stretched
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(members: &str, text: &str, expected: &[u8]) {
        let mut vocabulary = Vocabulary::default();
        let class = vocabulary.class("list");
        vocabulary.add(class, members).unwrap();
        let words: Vec<&str> = text.split(' ').collect();
        let mut found = Vec::new();
        for at in 0..words.len() {
            vocabulary.hits(at, |i| words.get(i).copied(), &mut found);
        }
        let lens: Vec<u8> = found.iter().map(|hit| hit.len).collect();
        assert_eq!(lens, expected, "{members} in {text}");
    }

    #[test]
    fn words_stems_and_rows_are_found() {
        check("mal, pésim*", "mal pesimo malo", &[1, 1]);
        check("ningun problema*", "ningun problemas ningun", &[2]);
        check("don't", "i don t know", &[2]);
        check("mal, cool", "maaaal coooool", &[1, 1]);
    }

    #[test]
    fn wrong_patterns_say_why() {
        let mut vocabulary = Vocabulary::default();
        for (written, expected) in [
            ("[3] casa", "must begin"),
            ("una {nada}", "no list `{nada}`"),
            ("una [99] casa", "not a gap"),
            ("u*", "too short"),
        ] {
            let problem = vocabulary.pattern(written).unwrap_err();
            assert!(problem.contains(expected), "{written}: {problem}");
        }
    }

    #[test]
    fn an_optional_step_doubles_a_pattern() {
        let rows = Vocabulary::default().pattern("una? casa [2] roja").unwrap();
        let lens: Vec<usize> = rows.iter().map(Vec::len).collect();
        assert_eq!(lens, [3, 4]);
    }
}
