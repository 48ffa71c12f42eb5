//! What the code may look like, and who may know whom. Forbidden words are built from parts: this
//! file is read like any other.

use super::Text;

const LINES_MAX: usize = 500;
const CORE: [&str; 6] = ["model", "extract", "score", "reply", "letter", "hook"];
const NOT_IN_CORE: [&str; 9] = [
    "tokio",
    "sqlx",
    "reqwest",
    "lettre",
    "axum",
    "std::fs",
    "std::env",
    "SystemTime::now",
    "Instant::now",
];
const CLOCKS: [&str; 6] = [
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "Utc::now",
    "Local::now",
];
/// A word, and the only place in `src` that may say it.
const HOMES: [(&str, &str); 4] = [
    // Elsewhere SQL is a text of the program, whole.
    ("AssertSqlSafe", "src/store/visit.rs"),
    ("sqlx", "src/store/"),
    ("reqwest", "src/fetch/"),
    ("lettre", "src/mail/"),
];

pub(super) fn shape(path: &str, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let n_lines = text.lines().count();
    if n_lines > LINES_MAX {
        complaints.push(format!(
            "{path}: {n_lines} lines, at most {LINES_MAX}: move a part with a name of its own out"
        ));
    }
    if !text.starts_with("//! ") {
        complaints.push(format!(
            "{path}:1: begin with a //! line: what the module is for, then what is absent"
        ));
    }
    complaints
}

pub(super) fn core_reaches_out(path: &str, text: &str) -> Vec<String> {
    let is_core = CORE
        .iter()
        .any(|ring| path == format!("src/{ring}.rs") || path.starts_with(&format!("src/{ring}/")));
    if !is_core {
        return Vec::new();
    }
    code_lines(text)
        .flat_map(|(n, code)| {
            NOT_IN_CORE
                .iter()
                .filter(move |word| says(&code, word) || imports(&code, word))
                .map(move |word| {
                    format!(
                        "{path}:{n}: the core does not know {word}: take its result as an argument"
                    )
                })
        })
        .collect()
}

pub(super) fn away_from_home(path: &str, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    if !path.starts_with("src/") {
        return complaints;
    }
    for (n, code) in code_lines(text) {
        for (word, home) in HOMES {
            if !path.starts_with(home) && says(&code, word) {
                complaints.push(format!("{path}:{n}: {word} is named in {home} only"));
            }
        }
        if path != "src/clock.rs" {
            for clock in CLOCKS.iter().filter(|clock| says(&code, clock)) {
                complaints.push(format!(
                    "{path}:{n}: {clock}: take `now` as an argument; src/clock.rs reads the clock"
                ));
            }
        }
        if !path.starts_with("src/store/") && is_sql(&code) {
            complaints.push(format!("{path}:{n}: SQL is written in src/store only"));
        }
    }
    complaints
}

pub(super) fn unfinished(path: &str, text: &str) -> Vec<String> {
    let words = [
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["to", "do!("].concat(),
        ["unimple", "mented!("].concat(),
        ["#[ign", "ore"].concat(),
        ["assert!(", "true"].concat(),
    ];
    let mut complaints = Vec::new();
    for (n, line) in text.lines().enumerate() {
        for word in words.iter().filter(|word| says(line, word)) {
            complaints.push(format!(
                "{path}:{}: {word}: finish it, or take it out",
                n + 1
            ));
        }
    }
    complaints
}

pub(super) fn machine_paths(path: &str, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    for (n, line) in text.lines().enumerate() {
        for root in ["root", "work", "home", "Users"] {
            let wanted = format!("/{root}/");
            let is_hit = line.match_indices(&wanted).any(|(at, _)| {
                // Within a URL or a longer path it is somebody else's folder.
                let is_start = line[..at].chars().next_back().is_none_or(|before| {
                    !before.is_alphanumeric() && !"/._-~*$}>".contains(before)
                });
                let after = line[at + wanted.len()..].chars().next();
                is_start && after.is_some_and(char::is_alphanumeric)
            });
            if is_hit {
                complaints.push(format!(
                    "{path}:{}: {wanted}… is a path of one machine: make it relative",
                    n + 1
                ));
            }
        }
    }
    complaints
}

/// Files that no `mod` line names: the compiler would never read them.
pub(super) fn orphans(files: &[Text]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files {
        let module = file.path.trim_end_matches(".rs").trim_end_matches("/mod");
        let (folder, name) = module.rsplit_once('/').unwrap_or(("", module));
        // The roots of crates have no parent: the library, the binary, one file a test or bench.
        if ["main", "lib"].contains(&name) || ["tests", "benches"].contains(&folder) {
            continue;
        }
        let parents = [
            format!("{folder}.rs"),
            format!("{folder}/mod.rs"),
            format!("{folder}/main.rs"),
            format!("{folder}/lib.rs"),
        ];
        let wanted = format!("mod {name};");
        let is_named = files
            .iter()
            .filter(|parent| parents.contains(&parent.path))
            .any(|parent| {
                code_lines(&parent.text).any(|(_, code)| code.trim_end().ends_with(&wanted))
            });
        // `#[path = "…"]` beside it: where the name of the module is another than the file's.
        let by_path = format!("#[path = \"{name}.rs\"]");
        let is_named = is_named
            || files.iter().any(|file| {
                file.path
                    .rsplit_once('/')
                    .is_some_and(|(beside, _)| beside == folder)
                    && code_lines(&file.text).any(|(_, code)| code.trim() == by_path)
            });
        if !is_named {
            complaints.push(format!(
                "{}: nobody says `{wanted}`, so it never runs",
                file.path
            ));
        }
    }
    complaints
}

pub(super) fn functions(text: &str) -> Vec<String> {
    code_lines(text)
        .filter_map(|(_, code)| Some(code.split_once("fn ")?.1.split_once('(')?.0.to_owned()))
        .collect()
}

fn is_sql(code: &str) -> bool {
    let verbs = ["SELECT", "INSERT INTO", "DELETE FROM"];
    verbs.iter().any(|verb| says(code, verb)) || (says(code, "UPDATE") && says(code, "SET"))
}

/// `word` stands in `line`, not as a part of a longer name.
fn says(line: &str, word: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let ends_as_name = word.ends_with(is_name);
        let goes_on = before.is_some_and(is_name) || (ends_as_name && after.is_some_and(is_name));
        !goes_on
    })
}

/// `use std::{env, fs};` says `std::fs` too.
fn imports(code: &str, word: &str) -> bool {
    let Some((krate, module)) = word.split_once("::") else {
        return false;
    };
    code.split_once(&format!("{krate}::{{"))
        .is_some_and(|(_, list)| says(list, module))
}

/// Lines without their comments; an import over several lines comes as one.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut lines = text.lines().enumerate();
    std::iter::from_fn(move || {
        let (n, first) = lines.next()?;
        let mut code = without_comment(first).to_owned();
        if code.trim_start().starts_with("use ") || code.trim_start().starts_with("pub use ") {
            while !code.contains(';') {
                let Some((_, more)) = lines.next() else { break };
                code.push_str(without_comment(more));
            }
        }
        Some((n + 1, code))
    })
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with("//") {
        return "";
    }
    line.find(" // ").map_or(line, |at| &line[..at])
}
