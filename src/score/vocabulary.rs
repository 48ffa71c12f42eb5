//! Words, stems and rows of words, each with the lists that it is in.
//!
//! A text is asked word by word, and a word is asked for by its hash, which grows by a letter at a time,
//! so that stems cost no more. Absent: what a list means ([`super::pack`]), and patterns.

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
    lens: Lens,
}

/// The lengths of heads by how they begin: a bit for each length, the last for all longer ones.
#[derive(Debug)]
struct Lens(Vec<u32>);

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
    /// How the second word of each row begins: most rows are seen not to go on by that.
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
            Word::Stem(stem) => {
                self.longest_stem = self.longest_stem.max(stem.len());
                self.head(&stem).stems.add(class, rest);
            }
        }
        Ok(())
    }

    fn head(&mut self, word: &str) -> &mut Head {
        self.lens.add(word);
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
            for (row, begins) in members.begins.iter().enumerate() {
                if next != Some(*begins) {
                    continue;
                }
                let row = &members.rows[row];
                let mut rest = row.rest.iter().enumerate();
                if rest.all(|(i, wanted)| word(at + 1 + i).is_some_and(|word| wanted.is(word))) {
                    found.push(row.hit);
                }
            }
            found.len()
        };
        // Every beginning of the word, hashed on from the one before it.
        let mut hash = SEED;
        let n_before = add(&Members::default());
        let mut n_stems = n_before;
        let mut whole = None;
        let lens = self.lens.of(first);
        for (n, byte) in first.bytes().enumerate() {
            hash = byte_on(hash, byte);
            let len = n + 1;
            if !Lens::has(lens, len) || (len > self.longest_stem && len < first.len()) {
                continue;
            }
            let is_it = |head: &Head| head.word.as_bytes() == &first.as_bytes()[..len];
            let head = self.heads.find(mixed(hash), is_it);
            if let Some(head) = head {
                n_stems = add(&head.stems);
            }
            whole = head.filter(|_| len == first.len());
        }
        let n_all = whole.map_or(n_stems, |head| add(&head.exact));
        // What is meant as a whole word comes first.
        found[n_before..].rotate_right(n_all - n_stems);
    }
}

impl Default for Lens {
    fn default() -> Self {
        Self(vec![0; 1 << 10])
    }
}

impl Lens {
    fn add(&mut self, word: &str) {
        self.0[Self::index(word)] |= 1 << word.len().min(31);
    }

    /// The lengths of heads that may begin like this word.
    fn of(&self, word: &str) -> [u32; 2] {
        let alone = self.0[Self::index(&word[..usize::from(word.is_char_boundary(1))])];
        [alone, self.0[Self::index(word)]]
    }

    fn has(lens: [u32; 2], len: usize) -> bool {
        lens[usize::from(len > 1)] >> len.min(31) & 1 == 1
    }

    /// Five bits of each of the first two bytes.
    fn index(word: &str) -> usize {
        let mut bytes = word.bytes().map(|byte| usize::from(byte & 31));
        bytes.next().unwrap_or(0) << 5 | bytes.next().unwrap_or(0)
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
            Some(next) => {
                self.begins.push(next);
                self.rows.push(Row { hit, rest });
            }
        }
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
                members.rows.push(Row { hit, rest });
                members.begins.push(*begins);
            }
        }
        members
    }

    fn extend(&mut self, more: Self) {
        self.alone.extend(more.alone);
        self.rows.extend(more.rows);
        self.begins.extend(more.begins);
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
}
