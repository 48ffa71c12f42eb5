//! The papers beside the code: README, CONTRIBUTING, the lock file.

use std::collections::BTreeSet;

pub(super) fn banned(lock: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let names: Vec<&str> = lock
        .lines()
        .filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
        .collect();
    for name in ["openssl-sys", "native-tls", "aws-lc-rs", "aws-lc-sys"] {
        if names.contains(&name) {
            complaints.push(format!("Cargo.lock: {name}: TLS is rustls with ring"));
        }
    }
    for name in ["rustls", "libsqlite3-sys"] {
        if names.iter().filter(|known| **known == name).count() != 1 {
            complaints.push(format!("Cargo.lock: {name} must be there exactly once"));
        }
    }
    for source in lock.lines().filter(|line| line.starts_with("source = ")) {
        if source != "source = \"registry+https://github.com/rust-lang/crates.io-index\"" {
            complaints.push(format!(
                "Cargo.lock: only crates.io is a source, not {source}"
            ));
        }
    }
    complaints
}

/// The subcommands of clap's help: lines of two spaces, a name, spaces, and what it does.
pub(super) fn commands_of(help: &str) -> BTreeSet<String> {
    help.lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
        .filter_map(|line| line.split("  ").next())
        .map(|name| name.trim().to_owned())
        .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
        .collect()
}

pub(super) fn readme_commands(readme: &str, commands: &BTreeSet<String>) -> Vec<String> {
    let mut named = BTreeSet::new();
    for (at, _) in readme.match_indices("escucha ") {
        // Only where it is code: after a backtick, a prompt, a path, or at the start of a line.
        let before = readme[..at].chars().next_back();
        let is_code = before.is_none_or(|c| "`/\n".contains(c)) || readme[..at].ends_with("$ ");
        let word: String = readme[at + "escucha ".len()..]
            .chars()
            .take_while(|c| c.is_ascii_lowercase() || *c == '-')
            .collect();
        if is_code && word.starts_with(|first: char| first.is_ascii_lowercase()) {
            named.insert(word);
        }
    }
    let missing = commands
        .difference(&named)
        .map(|name| format!("README.md: say what `escucha {name}` does"));
    let invented = named
        .difference(commands)
        .map(|name| format!("README.md: `escucha {name}` is no command of --help"));
    missing.chain(invented).collect()
}

/// The tests in the third cell of each row `| M… | what was measured | tests | how to break it |`,
/// `| R… | what | tests | …` or `| rule … | what | tests | …`, and complaints about rows without one.
pub(super) fn guards_of(paper: &str) -> (BTreeSet<String>, Vec<String>) {
    let mut names = BTreeSet::new();
    let mut complaints = Vec::new();
    let kinds = ["M", "R", "rule "];
    for row in paper.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let number = kinds.iter().find_map(|kind| cells[1].strip_prefix(kind));
        let is_number = number.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if !is_number {
            continue;
        }
        let tests: Vec<&str> = cells.get(3).map_or(Vec::new(), |cell| {
            cell.split('`').skip(1).step_by(2).collect()
        });
        if tests.is_empty() {
            complaints.push(format!(
                "CONTRIBUTING.md: {}: name the test that guards it",
                cells[1]
            ));
        }
        names.extend(tests.into_iter().map(str::to_owned));
    }
    (names, complaints)
}

/// Papers that comments cite and that nobody who has the repository can read.
pub(super) fn lost_papers(path: &str, text: &str, papers: &BTreeSet<String>) -> Vec<String> {
    let mut complaints = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let Some(comment) = line.trim_start().strip_prefix("//") else {
            continue;
        };
        let words = comment.split(|c: char| !c.is_alphanumeric() && !"_-.".contains(c));
        for word in words.map(|word| word.trim_end_matches('.')) {
            if word
                .strip_suffix(".md")
                .is_some_and(|stem| !stem.is_empty())
                && !papers.contains(word)
            {
                complaints.push(format!("{path}:{}: {word} is not in the repository", n + 1));
            }
        }
    }
    complaints
}
