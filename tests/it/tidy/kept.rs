//! docs/reliability.md: every number that was promised has its row, and every row its tests.

use std::collections::{BTreeMap, BTreeSet};

/// The numbers that must stand in the table: a letter, the first and the last.
const NUMBERS: [(char, u32, u32); 6] = [
    ('R', 1, 31),
    ('R', 43, 60),
    ('S', 9, 13),
    ('S', 15, 15),
    ('S', 18, 21),
    ('S', 29, 34),
];
const OPEN: &str = "not kept yet";

/// The tests that the rows `| number | what | tests |` name, and complaints about what is missing.
pub(super) fn rows_of(paper: &str) -> (BTreeSet<String>, Vec<String>) {
    let kept = paper.split("\n## What was found").next().unwrap_or("");
    let mut complaints = Vec::new();
    let mut tests: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in kept.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let (number, last) = (cells[1], cells.get(3).copied().unwrap_or(""));
        if !is_number(number) {
            continue;
        }
        let named = last.split('`').skip(1).step_by(2);
        let named: Vec<String> = named.map(str::to_owned).collect();
        if named.is_empty() && last != OPEN {
            complaints.push(complaint(number, "name its tests, or say \"not kept yet\""));
        }
        if tests.insert(number.to_owned(), named).is_some() {
            complaints.push(complaint(number, "it stands twice: make it one row"));
        }
    }
    let wanted = NUMBERS
        .iter()
        .flat_map(|(letter, first, last)| (*first..=*last).map(move |n| format!("{letter}{n}")));
    for number in wanted.filter(|number| !tests.contains_key(number)) {
        complaints.push(complaint(&number, "it has no row: say which test holds it"));
    }
    (tests.into_values().flatten().collect(), complaints)
}

/// The words by which the parts of tests/reliability.sh choose their tests, and the scripts that they run.
pub(super) fn words_of_parts(script: &str) -> Vec<&str> {
    let parts = script.lines().filter_map(|line| {
        let part = line.strip_prefix("  '")?.strip_suffix('\'')?;
        part.split('|').nth(3)
    });
    parts.flat_map(str::split_whitespace).collect()
}

fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix(['R', 'S']).unwrap_or("");
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn complaint(number: &str, what: &str) -> String {
    format!("docs/reliability.md: {number}: {what}")
}
