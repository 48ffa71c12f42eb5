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

/// Names like `m5_…` in backticks: tests that repeat a measurement.
pub(super) fn measured_names(paper: &str) -> BTreeSet<String> {
    paper
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| {
            let number = name.strip_prefix('m').and_then(|rest| rest.split_once('_'));
            number.is_some_and(|(digits, _)| digits.parse::<u32>().is_ok())
        })
        .map(str::to_owned)
        .collect()
}
