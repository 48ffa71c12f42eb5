//! What a changed keyword file can change: a cheap look at a post that says whether its verdict may
//! be another one, so that a million posts need not be scored twice.
//!
//! **Invariant:** a post that [`Change::may_touch`] leaves out has the same level and the same risk
//! by both files. The other way round nothing is promised.

use regex::{Regex, RegexBuilder};

use super::query::{Needs, Query};
use super::rules::{Keyword, Rules, Silence, Watch};
use super::text::fold;

/// Memory for the automaton of one sieve; with more words than fit, every post is looked at.
const SIEVE_BYTES_MAX: usize = 64 << 20;

/// The difference of two files.
#[derive(Clone, Debug)]
pub struct Change {
    /// Words of which a post needs one to be about us, before or after.
    about_us: Sieve,
    /// Words of which it needs one to be touched by an entry that differs.
    touched: Sieve,
    /// Watches that differ, by name: sources may say that all their posts are about them.
    watches: Vec<String>,
    /// Levels or points differ, which every post about us has.
    is_general: bool,
    is_none: bool,
}

impl Change {
    pub fn between(old: &Rules, new: &Rules) -> Self {
        let is_general = old.levels != new.levels || old.points != new.points;
        let watches = watches(old, new);
        let changed = watches.iter().map(|watch| &watch.query);
        let keywords = keywords(old, new);
        let changed = changed.chain(keywords.iter().map(|keyword| &keyword.query));
        let silences = silences(old, new);
        let changed = changed.chain(silences.iter().map(|silence| &silence.query));
        let changed: Vec<&Query> = changed.collect();
        let all = old.watches.iter().chain(&new.watches);
        Self {
            about_us: Sieve::new(all.map(|watch| &watch.query)),
            is_none: !is_general && changed.is_empty(),
            touched: Sieve::new(changed.into_iter()),
            watches: watches.iter().map(|watch| watch.name.clone()).collect(),
            is_general,
        }
    }

    /// True when both files say the same of every post.
    pub fn is_none(&self) -> bool {
        self.is_none
    }

    /// True when the levels or the points of signals differ: then every post about us is scored.
    pub fn is_general(&self) -> bool {
        self.is_general
    }

    /// False when both files give this post the same level and risk. `about` are the watches that its
    /// source says it is about.
    pub fn may_touch(&self, title: Option<&str>, text: &str, about: &[String]) -> bool {
        if self.is_none {
            return false;
        }
        if self.is_general && !about.is_empty() {
            return true;
        }
        if about.iter().any(|name| self.watches.contains(name)) {
            return true;
        }
        let folded = folded(title, text);
        (!about.is_empty() || self.about_us.lets_through(&folded))
            && (self.is_general || self.touched.lets_through(&folded))
    }

    /// False when no watch of either file finds this post.
    pub fn may_be_about_us(&self, title: Option<&str>, text: &str, about: &[String]) -> bool {
        !about.is_empty() || self.about_us.lets_through(&folded(title, text))
    }
}

/// Watches that stand in one file and not in the other. Where only their order differs, it is all of
/// them: the order decides which words are looked at first.
fn watches<'r>(old: &'r Rules, new: &'r Rules) -> Vec<&'r Watch> {
    let key = |watch: &Watch| {
        let mut languages = watch.languages.clone();
        languages.sort_unstable();
        let mut sources = watch.sources.clone();
        sources.sort_unstable();
        let (form, at) = (watch.query.normal_form(), watch.urgent_at);
        (
            watch.name.clone(),
            form,
            at,
            languages,
            sources,
            watch.trial,
        )
    };
    let differ = different(&old.watches, &new.watches, key);
    let of_both = |rules: &'r Rules| {
        let kept = rules.watches.iter();
        let kept = kept.filter(|watch| !differ.iter().any(|other| std::ptr::eq(*other, *watch)));
        kept.map(|watch| watch.name.as_str()).collect::<Vec<_>>()
    };
    if of_both(old) == of_both(new) {
        return differ;
    }
    old.watches.iter().chain(&new.watches).collect()
}

/// Keywords that act in one file and not in the other; those on trial act in none.
fn keywords<'r>(old: &'r Rules, new: &'r Rules) -> Vec<&'r Keyword> {
    let acting = |rules: &'r Rules| -> Vec<&'r Keyword> {
        let keywords = rules.keywords.iter();
        keywords
            .filter(|keyword| !keyword.trial && keyword.points != 0)
            .collect()
    };
    let (old, new) = (acting(old), acting(new));
    let differ = different(&old, &new, |keyword| {
        let mut languages = keyword.languages.clone();
        languages.sort_unstable();
        (keyword.query.normal_form(), keyword.points, languages)
    });
    differ.into_iter().copied().collect()
}

fn silences<'r>(old: &'r Rules, new: &'r Rules) -> Vec<&'r Silence> {
    different(&old.silences, &new.silences, |silence| {
        (silence.query.normal_form(), silence.until)
    })
}

/// What is in one list and has no equal in the other; one that stands twice here and once there is
/// different once.
fn different<'r, T, K: PartialEq>(old: &'r [T], new: &'r [T], key: impl Fn(&T) -> K) -> Vec<&'r T> {
    let mut unmatched: Vec<(K, &T)> = old.iter().map(|one| (key(one), one)).collect();
    let mut differ = Vec::new();
    for one in new {
        let own = key(one);
        match unmatched.iter().position(|(known, _)| *known == own) {
            Some(at) => drop(unmatched.swap_remove(at)),
            None => differ.push(one),
        }
    }
    differ.extend(unmatched.into_iter().map(|(_, one)| one));
    differ
}

/// Lets every text through that has one of its words.
#[derive(Clone, Debug)]
enum Sieve {
    All,
    None,
    Words(Regex),
}

impl Sieve {
    fn new<'q>(queries: impl Iterator<Item = &'q Query>) -> Self {
        let needs = queries
            .map(Query::needs)
            .fold(Needs::OneOf(Vec::new()), Needs::or);
        let Needs::OneOf(mut words) = needs else {
            return Self::All;
        };
        words.sort_unstable();
        words.dedup();
        // Where `factura` is let through, `facturas` need not be looked for.
        let mut kept: Vec<String> = Vec::new();
        for word in words {
            if kept.last().is_none_or(|last| !word.starts_with(last)) {
                kept.push(word);
            }
        }
        if kept.is_empty() {
            return Self::None;
        }
        let words: Vec<String> = kept.iter().map(|word| regex::escape(word)).collect();
        let words = RegexBuilder::new(&words.join("|"))
            .size_limit(SIEVE_BYTES_MAX)
            .dfa_size_limit(SIEVE_BYTES_MAX)
            .build();
        words.map_or(Self::All, Self::Words)
    }

    fn lets_through(&self, folded: &str) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Words(words) => words.is_match(folded),
        }
    }
}

fn folded(title: Option<&str>, text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for field in title.into_iter().chain([text]) {
        fold_into(field, &mut folded);
        folded.push('\n');
    }
    folded
}

/// What [`super::text::fold_str`] gives, with a short way for the letters of most texts.
fn fold_into(field: &str, folded: &mut String) {
    for c in field.chars() {
        match c {
            '\0'..='\u{7f}' => folded.push(c.to_ascii_lowercase()),
            'á' | 'Á' => folded.push('a'),
            'é' | 'É' => folded.push('e'),
            'í' | 'Í' => folded.push('i'),
            'ó' | 'Ó' => folded.push('o'),
            'ú' | 'Ú' | 'ü' | 'Ü' => folded.push('u'),
            'ñ' | 'Ñ' => folded.push('n'),
            '¿' | '¡' | '«' | '»' => folded.push(c),
            c => folded.push_str(&fold(std::iter::once(c))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::text::fold_str;

    fn rules(watches: &[&str], keywords: &[(&str, i64, bool)]) -> Rules {
        let keyword = |(written, points, trial): &(&str, i64, bool)| Keyword {
            written: (*written).into(),
            query: Query::parse(written).unwrap(),
            points: *points,
            languages: Vec::new(),
            trial: *trial,
            line: 0,
        };
        let watches = watches.iter().enumerate();
        let watch =
            |(n, query): (usize, &&str)| Watch::new(&format!("w{n}"), Query::parse(query).unwrap());
        Rules {
            watches: watches.map(watch).collect(),
            keywords: keywords.iter().map(keyword).collect(),
            ..Rules::default()
        }
    }

    /// Which of the texts may be touched.
    #[track_caller]
    fn check(old: &Rules, new: &Rules, texts: &str, expected: &str) {
        let change = Change::between(old, new);
        let touched: Vec<&str> = texts
            .split(" | ")
            .filter(|text| change.may_touch(None, text, &[]))
            .collect();
        assert_eq!(touched.join(" | "), expected);
        let back = Change::between(new, old);
        assert!(touched.iter().all(|text| back.may_touch(None, text, &[])));
    }

    #[test]
    fn only_posts_about_us_with_a_word_of_a_changed_entry_are_touched() {
        let old = rules(&["ejemplo"], &[("timo", 10, false), ("cola", 5, false)]);
        let new = rules(&["ejemplo"], &[("timo", 12, false), ("cola", 5, false)]);
        let texts = "Ejemplo, un TIMO | Ejemplo y la cola | un timo | Éjemplo: timó";
        check(&old, &new, texts, "Ejemplo, un TIMO | Éjemplo: timó");
        check(&old, &old, texts, "");
        let moved = rules(&["ejemplo"], &[("cola", 5, false), ("timo", 10, false)]);
        assert!(Change::between(&old, &moved).is_none());
    }

    #[test]
    fn what_is_on_trial_touches_nothing_until_it_is_not() {
        let old = rules(&["ejemplo"], &[]);
        let trial = rules(&["ejemplo"], &[("timo", 12, true)]);
        let live = rules(&["ejemplo"], &[("timo", 12, false)]);
        assert!(Change::between(&old, &trial).is_none());
        check(&trial, &live, "ejemplo | ejemplo timo", "ejemplo timo");
        let twice = rules(&["ejemplo"], &[("timo", 12, false), ("timo", 12, false)]);
        check(&live, &twice, "ejemplo | ejemplo timo", "ejemplo timo");
    }

    #[test]
    fn a_changed_watch_touches_what_it_finds_before_or_after() {
        let old = rules(&["ejemplo", "otra"], &[]);
        let new = rules(&["ejemplo AND fibra", "otra"], &[]);
        check(&old, &new, "ejemplo | fibra | otra", "ejemplo");
        let turned = rules(&["otra", "ejemplo"], &[]);
        check(&old, &turned, "ejemplo | fibra | otra", "ejemplo | otra");
        let change = Change::between(&old, &new);
        assert!(change.may_touch(None, "nada", &["w0".to_owned()]));
        assert!(!change.may_touch(None, "nada", &["w1".to_owned()]));
        let open = rules(&["NOT ejemplo", "otra"], &[]);
        check(&old, &open, "ejemplo | fibra", "ejemplo | fibra");
    }

    #[test]
    fn levels_and_points_touch_all_that_is_about_us() {
        let old = rules(&["ejemplo"], &[("timo", 10, false)]);
        let mut new = old.clone();
        new.levels.doubt_at = 200_000;
        check(&old, &new, "ejemplo | fibra", "ejemplo");
        let change = Change::between(&old, &new);
        assert!(change.is_general() && change.may_touch(None, "nada", &["w0".to_owned()]));
        let mut new = old.clone();
        new.points.anger = 1;
        check(&old, &new, "ejemplo | fibra", "ejemplo");
    }

    #[test]
    fn the_short_way_folds_as_the_long_one() {
        let all: String = (0..0x3000).filter_map(char::from_u32).collect();
        let mut folded = String::new();
        fold_into(&all, &mut folded);
        assert_eq!(folded, fold_str(&all));
    }
}
