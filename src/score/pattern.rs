//! Patterns over words: the one machine that lexicon, cues, signals and topics are read with.
//!
//! A pattern is a row of steps: a word or stem (`llam*`), alternatives (`nadie|ninguno`, `_` for a
//! blank inside one), a list (`{contact}`), a quantity (`<n>`, `<times>`, `<duration>`, `<years>`,
//! `<year>`), or a gap of at most n words (`[5]`, within the sentence; `[5.]` across its end).
//! `?` after a step makes it optional. Absent: regular expressions, and any meaning of the labels.

use std::collections::HashMap;

use hashbrown::HashTable;

use super::model::grams::{SEED, byte_on, bytes, mixed};
use super::text::fold_str;

/// A set of words and word rows; an index into [`Vocabulary`].
pub(super) type Class = u16;

/// Words and stems, each with the classes it belongs to.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    names: HashMap<String, Class>,
    heads: HashTable<Head>,
    longest_stem: usize,
}

/// What begins with one word, or with words that begin so.
#[derive(Debug)]
struct Head {
    word: String,
    exact: Members,
    stems: Members,
}

/// What a word is a member of by itself, and the rows of words that it may begin.
#[derive(Debug, Default)]
struct Members {
    alone: Vec<Hit>,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    class: Class,
    /// The words that must follow the first: at least one.
    rest: Vec<Word>,
    /// How the next one begins: most rows are seen not to go on by that.
    begins: u8,
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
        for head in &mut self.heads {
            for members in [&mut head.exact, &mut head.stems] {
                let copies = members.of(|known| (known == other).then_some(class));
                members.extend(copies);
            }
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
        let rest = words.collect();
        match first {
            Word::Exact(word) => self.head(&word).exact.add(class, rest),
            Word::Stem(stem) => {
                self.longest_stem = self.longest_stem.max(stem.len());
                self.head(&stem).stems.add(class, rest);
            }
        }
        Ok(())
    }

    fn head(&mut self, word: &str) -> &mut Head {
        let entry = self.heads.entry(
            mixed(bytes(SEED, word)),
            |head| head.word == word,
            |head| mixed(bytes(SEED, &head.word)),
        );
        let new = || Head {
            word: word.to_owned(),
            exact: Members::default(),
            stems: Members::default(),
        };
        entry.or_insert_with(new).into_mut()
    }

    /// Takes over the members of another vocabulary's classes, as the classes that `of` tells.
    pub(super) fn adopt(&mut self, other: &Self, of: impl Fn(Class) -> Option<Class>) {
        for head in &other.heads {
            let (exact, stems) = (head.exact.of(&of), head.stems.of(&of));
            if !stems.is_empty() {
                self.longest_stem = self.longest_stem.max(head.word.len());
            }
            if !exact.is_empty() || !stems.is_empty() {
                let own = self.head(&head.word);
                own.exact.extend(exact);
                own.stems.extend(stems);
            }
        }
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
        let next = word(at + 1).and_then(|next| next.bytes().next());
        let mut add = |members: &Members| {
            found.extend(&members.alone);
            let follow = |row: &&Row| {
                if next != Some(row.begins) {
                    return false;
                }
                let mut rest = row.rest.iter().enumerate();
                rest.all(|(i, wanted)| word(at + 1 + i).is_some_and(|word| wanted.is(word)))
            };
            found.extend(members.rows.iter().filter(follow).map(|row| Hit {
                class: row.class,
                len: 1 + row.rest.len() as u8,
            }));
            found.len()
        };
        // Every beginning of the word, hashed on from the one before it.
        let mut hash = SEED;
        let n_before = add(&Members::default());
        let mut n_stems = n_before;
        let mut whole = None;
        for (n, byte) in first.bytes().enumerate() {
            hash = byte_on(hash, byte);
            let len = n + 1;
            if len == first.len() || (2..=self.longest_stem).contains(&len) {
                let is_it = |head: &Head| head.word.as_bytes() == &first.as_bytes()[..len];
                let head = self.heads.find(mixed(hash), is_it);
                if let Some(head) = head.filter(|_| len >= 2) {
                    n_stems = add(&head.stems);
                }
                whole = head;
            }
        }
        let n_all = whole.map_or(n_stems, |head| add(&head.exact));
        // What is meant as a whole word comes first.
        found[n_before..].rotate_right(n_all - n_stems);
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

impl Members {
    fn add(&mut self, class: Class, rest: Vec<Word>) {
        let next = rest.first().and_then(|word| word.letters().bytes().next());
        match next {
            None => self.alone.push(Hit { class, len: 1 }),
            Some(begins) => self.rows.push(Row {
                class,
                rest,
                begins,
            }),
        }
    }

    /// The members of some classes, as members of others.
    fn of(&self, of: impl Fn(Class) -> Option<Class>) -> Self {
        let alone = self.alone.iter().filter_map(|hit| {
            let class = of(hit.class)?;
            Some(Hit { class, ..*hit })
        });
        let rows = self.rows.iter().filter_map(|row| {
            let class = of(row.class)?;
            let row = row.clone();
            Some(Row { class, ..row })
        });
        Self {
            alone: alone.collect(),
            rows: rows.collect(),
        }
    }

    fn extend(&mut self, more: Self) {
        self.alone.extend(more.alone);
        self.rows.extend(more.rows);
    }

    fn is_empty(&self) -> bool {
        self.alone.is_empty() && self.rows.is_empty()
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

    fn letters(&self) -> &str {
        let (Self::Exact(letters) | Self::Stem(letters)) = self;
        letters
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
    let bytes = word.as_bytes();
    let may_be = |three: &[u8]| three[0] == three[1] && three[1] == three[2];
    if word.is_ascii() && !bytes.windows(3).any(may_be) {
        return false;
    }
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
