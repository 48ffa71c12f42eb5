//! Habits kept by machines: the size and rings of the code, words that must not stay, papers that
//! must stay true. A line of failure says what to do instead.
//!
//! The checks are functions from a path and a text to complaints, so that they are tried on bad
//! samples too.

#![expect(clippy::unwrap_used, reason = "a helper that fails ends its test")]

mod code;
mod kept;
mod papers;
mod samples;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use code::{
    away_from_home, core_reaches_out, functions, machine_paths, orphans, shape, unfinished,
};
use kept::{rows_of, words_of_parts};
use papers::{banned, commands_of, guards_of, lost_papers, readme_commands};

/// Larger files are data.
const TEXT_BYTES_MAX: u64 = 2 << 20;

#[test]
fn every_source_file_is_short_and_says_its_purpose() {
    expect_none(
        rust_files()
            .iter()
            .flat_map(|file| shape(&file.path, &file.text)),
    );
}

#[test]
fn each_mutation_is_one_of_the_code_as_it_is() {
    let patches = fs::read_dir("tests/mutations").unwrap();
    let patches: Vec<_> = patches.map(|patch| patch.unwrap().path()).collect();
    assert!(!patches.is_empty());
    expect_none(patches.iter().filter_map(|patch| {
        let mut git = Command::new("git");
        let applies = git.args(["apply", "--check"]).arg(patch).output().unwrap();
        let said = String::from_utf8_lossy(&applies.stderr);
        let advice = "write it anew, and see its tests fail with tests/mutations.sh";
        (!applies.status.success()).then(|| format!("{}: {said}{advice}", patch.display()))
    }));
}

#[test]
fn the_core_is_pure() {
    expect_none(
        rust_files()
            .iter()
            .flat_map(|file| core_reaches_out(&file.path, &file.text)),
    );
}

#[test]
fn sql_mail_http_and_the_clock_stay_in_their_homes() {
    expect_none(
        rust_files()
            .iter()
            .flat_map(|file| away_from_home(&file.path, &file.text)),
    );
}

#[test]
fn nothing_is_left_unfinished() {
    expect_none(
        rust_files()
            .iter()
            .flat_map(|file| unfinished(&file.path, &file.text)),
    );
}

#[test]
fn no_path_of_one_machine_stands_in_the_repository() {
    let files = repository_files();
    assert!(
        files.len() > 50,
        "only {} files were looked at",
        files.len()
    );
    expect_none(
        files
            .iter()
            .flat_map(|file| machine_paths(&file.path, &file.text)),
    );
}

#[test]
fn every_rust_file_is_a_module_of_somebody() {
    expect_none(orphans(&rust_files()));
}

#[test]
fn the_lock_file_keeps_the_bans_of_deny_toml() {
    expect_none(banned(&read("Cargo.lock")));
}

#[test]
fn the_readme_names_every_command_and_no_other() {
    let help = Command::new(env!("CARGO_BIN_EXE_escucha"))
        .arg("--help")
        .output()
        .expect("the binary runs");
    let commands = commands_of(&String::from_utf8_lossy(&help.stdout));
    assert!(commands.len() > 3, "--help lists too little: {commands:?}");
    expect_none(readme_commands(&read("README.md"), &commands));
}

#[test]
fn the_papers_name_the_test_command_that_ci_runs() {
    for (paper, wanted) in [
        ("README.md", "bash tests/all.sh"),
        ("CONTRIBUTING.md", "bash tests/all.sh"),
        (".ci/run", "bash tests/all.sh"),
        ("justfile", "bash tests/all.sh"),
    ] {
        assert!(
            read(paper).contains(wanted),
            "{paper} must name the test command: {wanted}"
        );
    }
}

#[test]
fn comments_cite_papers_that_are_here() {
    let names = repository_files()
        .into_iter()
        .filter_map(|file| Some(Path::new(&file.path).file_name()?.to_str()?.to_owned()));
    let names: BTreeSet<String> = names.collect();
    expect_none(
        rust_files()
            .iter()
            .flat_map(|file| lost_papers(&file.path, &file.text, &names)),
    );
}

#[test]
fn the_tests_that_contributing_names_exist() {
    let tests: BTreeSet<String> = rust_files()
        .iter()
        .flat_map(|file| functions(&file.text))
        .collect();
    let (named, complaints) = guards_of(&read("CONTRIBUTING.md"));
    assert!(
        named.len() > 10,
        "CONTRIBUTING.md names too few tests: {named:?}"
    );
    let lost = named.difference(&tests).map(|name| {
        format!("CONTRIBUTING.md: no test is called {name}: name the one that guards it now")
    });
    expect_none(complaints.into_iter().chain(lost));
}

#[test]
fn every_promise_of_the_paper_on_reliability_has_its_test_or_says_that_it_has_none() {
    let tests: BTreeSet<String> = rust_files()
        .iter()
        .flat_map(|file| functions(&file.text))
        .collect();
    let (named, complaints) = rows_of(&read("docs/reliability.md"));
    assert!(named.len() > 20, "it names too few tests: {named:?}");
    // What no test of Rust can do is done by a script, which is named by its file.
    let is_script = |name: &&String| name.contains('/') && root().join(name.as_str()).is_file();
    let lost = named.difference(&tests).filter(|name| !is_script(name));
    let lost = lost.map(|name| {
        format!("docs/reliability.md: no test is called {name}: name the one that holds it now")
    });
    let script = read("tests/reliability.sh");
    let words = words_of_parts(&script);
    assert!(words.len() > 20, "it runs too few tests: {words:?}");
    // As a test is called when it is run: by its module, which its file says.
    let mut run: BTreeSet<String> = words.iter().map(|&word| word.to_owned()).collect();
    for file in rust_files() {
        let module = file.path.trim_start_matches("tests/it/");
        let module = module.trim_start_matches("src/").trim_end_matches(".rs");
        let module = module.replace('/', "::");
        let is_run = |name: &String| {
            let path = format!("{module}::{name}");
            words.iter().any(|word| path.contains(word))
        };
        run.extend(functions(&file.text).into_iter().filter(is_run));
    }
    let left_out = named.difference(&run).map(|name| {
        format!(
            "tests/reliability.sh: {name} is in none of its parts: add a word of its name to one"
        )
    });
    expect_none(complaints.into_iter().chain(lost).chain(left_out));
}

struct Text {
    path: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[track_caller]
fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path} cannot be read: {e}"))
}

fn rust_files() -> Vec<Text> {
    let mut files = Vec::new();
    for folder in ["src", "tests", "benches"] {
        walk(&root().join(folder), &mut files);
    }
    files.retain(|file| {
        Path::new(&file.path)
            .extension()
            .is_some_and(|end| end == "rs")
    });
    assert!(
        files.len() > 50,
        "only {} Rust files were found",
        files.len()
    );
    files
}

/// What git would keep; without git, everything but what it would not.
fn repository_files() -> Vec<Text> {
    let listed = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root())
        .output();
    let mut files = Vec::new();
    match listed {
        Ok(listed) if listed.status.success() => {
            for path in String::from_utf8_lossy(&listed.stdout).split_terminator('\0') {
                take(&root().join(path), &mut files);
            }
        }
        _ => walk(root(), &mut files),
    }
    files
}

fn walk(folder: &Path, files: &mut Vec<Text>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy();
        if path.is_dir() && !["target", ".git", "escucha-demo"].contains(&name.as_ref()) {
            walk(&path, files);
        } else {
            take(&path, files);
        }
    }
}

/// Text only: what is no UTF-8 is not for reading.
fn take(path: &Path, files: &mut Vec<Text>) {
    let is_small = fs::metadata(path).is_ok_and(|is| is.is_file() && is.len() <= TEXT_BYTES_MAX);
    if is_small && let Ok(text) = fs::read_to_string(path) {
        let path = path
            .strip_prefix(root())
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        files.push(Text { path, text });
    }
}

#[track_caller]
fn expect_none(complaints: impl IntoIterator<Item = String>) {
    let all: Vec<String> = complaints.into_iter().collect();
    assert!(all.is_empty(), "\n{}\n", all.join("\n"));
}
