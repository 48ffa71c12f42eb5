//! Words, stems and rows of words, each with the lists that it is in.
//!
//! A text is asked word by word, and one walk through a trie finds the word and every stem that it
//! begins with. Absent: what a list means ([`super::pack`]), and patterns.

use std::collections::HashMap;
use std::sync::OnceLock;

use crawdad::Trie;

use super::text::fold_str;

/// A set of words and word rows; an index into [`Vocabulary`].
pub(super) type Class = u16;

/// Words and stems, each with the classes it belongs to.
#[derive(Default)]
pub(super) struct Vocabulary {
    names: HashMap<String, Class>,
    heads: Vec<Head>,
    /// Where the head of a word stands.
    places: HashMap<String, usize>,
    /// The places by the letters of the words; made by the first look, `None` without any word.
    trie: OnceLock<Option<Trie>>,
}

/// What begins with one word, or with words that begin so.
#[derive(Debug, Default)]
struct Head {
    exact: Members,
    stems: Members,
}

/// What a word is a member of by itself, and the rows of words that it may begin.
#[derive(Debug, Default)]
struct Members {
    alone: Vec<Hit>,
    /// In the order of how the second word begins.
    rows: Vec<Row>,
    /// How it begins, of each row: most rows are seen not to go on by that.
    begins: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Row {
    hit: Hit,
    /// The words that must follow the first: at least one.
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
    pub(super) uses: Uses,
}

/// What a class is used for beside its place in the middle of patterns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Uses {
    /// Patterns begin with it.
    pub(super) begins: bool,
    /// It has a role.
    pub(super) means: bool,
}

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
            Word::Stem(stem) => self.head(&stem).stems.add(class, rest),
        }
        Ok(())
    }

    fn head(&mut self, word: &str) -> &mut Head {
        let next = self.heads.len();
        let place = *self.places.entry(word.to_owned()).or_insert(next);
        if place == next {
            self.trie.take();
            self.heads.push(Head::default());
        }
        &mut self.heads[place]
    }

    /// Takes over the members of another vocabulary's classes, as the classes that `of` tells.
    pub(super) fn adopt(&mut self, other: &Self, of: impl Fn(Class) -> Option<Class>) {
        for (word, place) in &other.places {
            let head = &other.heads[*place];
            let (exact, stems) = (head.exact.of(&of), head.stems.of(&of));
            if !exact.is_empty() || !stems.is_empty() {
                let own = self.head(word);
                own.exact.extend(exact);
                own.stems.extend(stems);
            }
        }
    }

    /// Tells every hit what its class is used for.
    pub(super) fn mark(&mut self, uses: &[Uses]) {
        for head in &mut self.heads {
            for members in [&mut head.exact, &mut head.stems] {
                let rows = members.rows.iter_mut().map(|row| &mut row.hit);
                for hit in members.alone.iter_mut().chain(rows) {
                    hit.uses = uses[usize::from(hit.class)];
                }
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
        if is_stretched(first) {
            for keep in [2, 1] {
                self.hits_of(&unstretched(first, keep), at, &word, found);
            }
        }
    }

    fn hits_of<'w>(
        &self,
        first: &str,
        at: usize,
        word: &impl Fn(usize) -> Option<&'w str>,
        found: &mut Vec<Hit>,
    ) {
        let Some(trie) = self.trie() else { return };
        let next = word(at + 1).and_then(|next| next.bytes().next());
        let add = |found: &mut Vec<Hit>, members: &Members| {
            found.extend_from_slice(&members.alone);
            let Some(next) = next else { return };
            let from = members.begins.partition_point(|begin| *begin < next);
            let n = members.begins[from..]
                .iter()
                .take_while(|begin| **begin == next)
                .count();
            for row in &members.rows[from..from + n] {
                let mut rest = row.rest.iter().enumerate();
                if rest.all(|(i, wanted)| word(at + 1 + i).is_some_and(|word| wanted.is(word))) {
                    found.push(row.hit);
                }
            }
        };
        let n_before = found.len();
        let mut last = None;
        for (place, n_chars) in trie.common_prefix_search(first.chars()) {
            let Some(head) = self.heads.get(place as usize) else {
                continue;
            };
            add(found, &head.stems);
            last = Some((head, n_chars));
        }
        let n_stems = found.len();
        if let Some((head, _)) = last.filter(|(_, n_chars)| *n_chars == first.chars().count()) {
            add(found, &head.exact);
        }
        // What is meant as a whole word comes first.
        let n_exact = found.len() - n_stems;
        found[n_before..].rotate_right(n_exact);
    }

    fn trie(&self) -> Option<&Trie> {
        let made = self.trie.get_or_init(|| {
            let places = self.places.iter();
            let records = places.map(|(word, place)| Some((word, u32::try_from(*place).ok()?)));
            let mut records: Vec<(&String, u32)> = records.collect::<Option<_>>()?;
            records.sort_unstable();
            Trie::from_records(records).ok()
        });
        made.as_ref()
    }
}

impl Members {
    fn add(&mut self, class: Class, rest: Vec<Word>) {
        let next = rest.first().and_then(|word| word.letters().bytes().next());
        let hit = Hit {
            class,
            len: 1 + rest.len() as u8,
            uses: Uses::default(),
        };
        match next {
            None => self.alone.push(hit),
            Some(next) => self.add_row(next, Row { hit, rest }),
        }
    }

    /// Behind the rows that begin alike, so that they stay in the order of the file.
    fn add_row(&mut self, begins: u8, row: Row) {
        let at = self.begins.partition_point(|other| *other <= begins);
        self.begins.insert(at, begins);
        self.rows.insert(at, row);
    }

    /// The members of some classes, as members of others.
    fn of(&self, of: impl Fn(Class) -> Option<Class>) -> Self {
        let as_other = |hit: &Hit| {
            let class = of(hit.class)?;
            Some(Hit { class, ..*hit })
        };
        let mut members = Self {
            alone: self.alone.iter().filter_map(as_other).collect(),
            ..Self::default()
        };
        for (row, begins) in self.rows.iter().zip(&self.begins) {
            if let Some(hit) = as_other(&row.hit) {
                let rest = row.rest.clone();
                members.add_row(*begins, Row { hit, rest });
            }
        }
        members
    }

    fn extend(&mut self, more: Self) {
        self.alone.extend(more.alone);
        for (begins, row) in more.begins.into_iter().zip(more.rows) {
            self.add_row(begins, row);
        }
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

/// The word with runs of three and more equal letters cut to `keep`.
fn unstretched(word: &str, keep: usize) -> String {
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
    shorter
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
}
