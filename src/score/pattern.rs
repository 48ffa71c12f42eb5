//! Patterns over words: the one machine that lexicon, cues, signals and topics are read with.
//!
//! A pattern is a row of steps: a word or stem (`llam*`), alternatives (`nadie|ninguno`, `_` for a
//! blank inside one), a list (`{contact}`), a quantity (`<n>`, `<times>`, `<duration>`, `<years>`,
//! `<year>`), or a gap of at most n words (`[5]`, within the sentence; `[5.]` across its end).
//! `?` after a step makes it optional. Absent: regular expressions, and any meaning of the labels.

use super::vocabulary::{Class, Vocabulary};

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

#[cfg(test)]
mod tests {
    use super::*;

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
