//! docs/sources.md, step by step: what it tells to write is written, and what it says the program
//! prints is compared with what the program prints. Blocks of `text` are not repeated.

use std::fs;
use std::path::Path;

use regex::Regex;

use crate::support::binary::{Home, err, out};
use crate::support::http::{Answer, Server};
use crate::support::tally;

/// Where the paper serves its town.
const TOWN: &str = "http://127.0.0.1:8000/";

#[tokio::test(flavor = "multi_thread")]
async fn the_paper_on_sources_shows_what_the_program_prints() {
    tally("http");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let server = Server::start().await;
    serve(&server, &root.join("tests/fixtures/sources"));
    let here = server.url("/").to_string();
    let paper = fs::read_to_string(root.join("docs/sources.md")).unwrap();
    let (mut written, mut keywords) = (Written::default(), "");
    let mut runs = Vec::new();
    for (kind, block) in blocks(&paper) {
        match kind {
            "toml" if block.starts_with("[[watch]]") => keywords = block,
            "toml" => written.take(block),
            "console" => {
                let (command, wanted) = block.split_once('\n').unwrap();
                let args = command.strip_prefix("$ escucha ").unwrap();
                let home = Home::new(&written.text().replace(TOWN, &here), keywords);
                // All at once: each command waits for the pace of its host.
                let run = tokio::spawn(said(home, args.replace(TOWN, &here)));
                runs.push((command, wanted, run));
            }
            _ => {}
        }
    }
    assert!(runs.len() >= 9, "only {} commands were found", runs.len());
    for (command, wanted, run) in runs {
        let said = run.await.unwrap().replace(&here, TOWN);
        // The dates of the forum are relative: they move with the day.
        let is_relative = command.ends_with(" foro");
        let (wanted, said) = (tidied(wanted, is_relative), tidied(&said, is_relative));
        assert!(
            fits(&wanted, &said),
            "docs/sources.md says of `{command}`:\n{wanted}\n\nand the program:\n{said}"
        );
    }
}

/// What a command prints, on both ways.
async fn said(home: Home, args: String) -> String {
    let args: Vec<&str> = args.split(' ').collect();
    let ran = home.run(&args).await;
    format!("{}{}", out(&ran), err(&ran))
}

#[test]
fn what_the_paper_leaves_out_may_be_anything_and_nothing_else_may() {
    assert!(fits("a…c\n…\ne", "abc\nd\nd\ne"));
    assert!(!fits("a…c", "abd"));
    assert!(!fits("a…", "ba"));
    assert!(!fits("a", "ab"));
}

fn serve(server: &Server, folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_feed = path.extension().is_some_and(|extension| extension == "xml");
        let content_type = if is_feed {
            "application/xml"
        } else {
            "text/html"
        };
        let name = path.file_name().unwrap().to_str().unwrap();
        let body = fs::read(&path).unwrap();
        server.route(&format!("/{name}"), Answer::ok(content_type, body));
    }
}

/// The fenced blocks of a paper: the word after the fence, and the lines.
fn blocks(paper: &str) -> impl Iterator<Item = (&str, &str)> {
    paper
        .split("```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.split_once('\n'))
}

/// `escucha.toml` as the paper has built it so far: what stands first, and the sections of sources.
#[derive(Default)]
struct Written {
    head: String,
    sections: Vec<Vec<String>>,
}

impl Written {
    /// Whole sections take the place of those with their names; single lines belong to the last.
    fn take(&mut self, block: &str) {
        if block.starts_with("[[source]]") {
            for section in block.split("[[source]]\n").skip(1) {
                let section: Vec<String> = section.lines().map(str::to_owned).collect();
                self.sections.retain(|known| known[0] != section[0]);
                self.sections.push(section);
            }
        } else if let Some(section) = self.sections.last_mut() {
            for line in block.lines() {
                let (key, _) = line.split_once('=').unwrap();
                section.retain(|known| !known.starts_with(key));
                section.push(line.to_owned());
            }
        } else {
            block.clone_into(&mut self.head);
        }
    }

    fn text(&self) -> String {
        let mut text = self.head.clone();
        for section in &self.sections {
            text.push_str("[[source]]\n");
            text.push_str(&section.join("\n"));
            text.push('\n');
        }
        text
    }
}

fn tidied(text: &str, is_relative: bool) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let text = lines.join("\n").trim_end().to_owned();
    if !is_relative {
        return text;
    }
    let date = Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").unwrap();
    date.replace_all(&text, "(date)").into_owned()
}

/// Each `…` of the paper stands for anything.
fn fits(paper: &str, said: &str) -> bool {
    let pieces: Vec<String> = paper.split('…').map(regex::escape).collect();
    let pattern = format!("(?s)^{}$", pieces.join(".*"));
    Regex::new(&pattern).unwrap().is_match(said)
}
