//! A letter as plain text: no hard wraps, so that it reads on a telephone and drafts copy clean.

use super::block::{Block, Line, Piece, signed};
use super::links;

pub(super) fn render(blocks: &[Block]) -> String {
    let mut out = String::new();
    render_all(blocks, &mut out);
    out
}

fn render_all(blocks: &[Block], out: &mut String) {
    for block in blocks {
        match block {
            Block::WithPage(inner) => links::only(true, out, |out| render_all(inner, out)),
            Block::WithoutPage(inner) => links::only(false, out, |out| render_all(inner, out)),
            Block::Open { label, subject } => links::only(true, out, |out| {
                out.push('\n');
                push(out, label);
                out.push_str(":\n");
                out.push_str(&links::place(subject));
                out.push('\n');
            }),
            block => {
                if !out.is_empty() {
                    out.push('\n');
                }
                render_block(block, out);
            }
        }
    }
}

/// Text that can hold no mark of ours.
fn push(out: &mut String, text: &str) {
    out.extend(text.chars().filter(|&c| !links::is_mark(c)));
}

fn render_block(block: &Block, out: &mut String) {
    match block {
        Block::Lead(content) | Block::Para(content) | Block::Small(content) => {
            push_line(out, "", content);
        }
        Block::Note(content) => push_line(out, "→ ", content),
        Block::Heading(heading) => {
            push(out, heading);
            out.push('\n');
            out.extend(heading.chars().map(|_| '-'));
            out.push('\n');
        }
        Block::Facts(facts) => {
            for (label, value) in facts {
                push_line(out, &format!("{label}: "), value);
            }
        }
        Block::Said { title, lines } => {
            for content in title.iter().chain(lines) {
                push_line(out, "> ", content);
            }
        }
        Block::Points(points) => {
            for (points, because) in points {
                push_line(out, &format!("{:>4}  ", signed(*points)), because);
            }
        }
        Block::List(items) => {
            for item in items {
                push_line(out, "- ", item);
            }
        }
        Block::Draft { label, text } => {
            push(out, label);
            out.push_str(":\n\n");
            push(out, text);
            out.push('\n');
        }
        Block::Link { label, link } => {
            push(out, label);
            out.push_str(":\n");
            push(out, &link.0);
            out.push('\n');
        }
        Block::Commands(commands) => {
            for command in commands {
                out.push_str("    ");
                push(out, command);
                out.push('\n');
            }
        }
        Block::Open { .. } | Block::WithPage(_) | Block::WithoutPage(_) => {}
    }
}

fn push_line(out: &mut String, prefix: &str, content: &Line) {
    push(out, prefix);
    for piece in content {
        match piece {
            Piece::Plain(text) | Piece::Strong(text) | Piece::Said(text) => push(out, text),
            Piece::Follow(link) => push(out, &link.0),
            Piece::Open { subject, .. } => links::only(true, out, |out| {
                out.push_str(" · ");
                out.push_str(&links::place(subject));
            }),
            Piece::Mark(text) => {
                out.push('*');
                push(out, text);
                out.push('*');
            }
        }
    }
    out.push('\n');
}
