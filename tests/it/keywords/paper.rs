//! docs/keywords.md, followed step by step: its files are written, its commands run in its order, and
//! what it shows is compared with what the program prints.

use std::fs;
use std::path::Path;

use regex::Regex;

use crate::support::binary::{Home, err, out};
use crate::support::http::{Answer, Server};
use crate::support::tally;

/// Where the paper serves its forum.
const FORUM: &str = "http://127.0.0.1:8000/";

#[tokio::test(flavor = "multi_thread")]
async fn the_paper_on_keywords_shows_what_the_program_prints() {
    tally("http");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let server = Server::start().await;
    let feed = fs::read(root.join("tests/fixtures/keywords/foro.xml")).unwrap();
    server.route("/foro.xml", Answer::ok("application/xml", feed));
    let here = server.url("/").to_string();
    let paper = fs::read_to_string(root.join("docs/keywords.md")).unwrap();
    let home = Home::new("", "");
    let mut n_commands = 0;
    for block in paper.split("```").skip(1).step_by(2) {
        let (kind, block) = block.split_once('\n').unwrap();
        let (first, rest) = block.split_once('\n').unwrap();
        match (kind, first.strip_prefix("# ")) {
            ("toml" | "text", Some(name)) => write(&home, name, &rest.replace(FORUM, &here)),
            ("console", None) => {
                n_commands += 1;
                step(&home, first, rest, &here).await;
            }
            _ => {}
        }
    }
    assert!(n_commands > 20, "only {n_commands} commands were found");
}

/// A whole file, or what is added to one.
fn write(home: &Home, name: &str, text: &str) {
    match name.strip_prefix("added to ") {
        Some(name) => {
            let before = fs::read_to_string(home.path().join(name)).unwrap();
            home.write(name, &(before + text));
        }
        None => home.write(name, text),
    }
}

async fn step(home: &Home, command: &str, wanted: &str, here: &str) {
    if let Some(copy) = command.strip_prefix("$ cp ") {
        let (from, to) = copy.split_once(' ').unwrap();
        fs::copy(home.path().join(from), home.path().join(to)).unwrap();
        return;
    }
    let args = words(command.strip_prefix("$ escucha ").unwrap());
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let ran = home.run(&args).await;
    let said = format!("{}{}", out(&ran), err(&ran)).replace(here, FORUM);
    let (wanted, said) = (tidied(wanted), tidied(&said));
    assert!(
        fits(&wanted, &said),
        "docs/keywords.md says of `{command}`:\n{wanted}\n\nand the program:\n{said}"
    );
}

/// The arguments, of which some stand in double quotes.
fn words(command: &str) -> Vec<String> {
    let parts = Regex::new(r#""([^"]*)"|(\S+)"#).unwrap();
    let word = |found: regex::Captures<'_>| {
        let part = found.get(1).or(found.get(2)).unwrap();
        part.as_str().to_owned()
    };
    parts.captures_iter(command).map(word).collect()
}

/// Days and hours are those of the run.
fn tidied(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let text = lines.join("\n").trim_end().to_owned();
    let day = Regex::new(r"\d{4}-\d\d-\d\d|\d\d/\d\d(/\d{4})? \d\d:\d\d").unwrap();
    day.replace_all(&text, "(day)").into_owned()
}

/// Each `…` of the paper stands for anything.
fn fits(paper: &str, said: &str) -> bool {
    let pieces: Vec<String> = paper.split('…').map(regex::escape).collect();
    let pattern = format!("(?s)^{}$", pieces.join(".*"));
    Regex::new(&pattern).unwrap().is_match(said)
}
