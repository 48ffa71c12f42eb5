//! A letter as plain text: no hard wraps, so that it reads on a telephone and drafts copy clean.

use super::block::{Block, Line, Piece, signed};

pub(super) fn render(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        if !out.is_empty() {
            out.push('\n');
        }
        render_block(block, &mut out);
    }
    out
}

fn render_block(block: &Block, out: &mut String) {
    match block {
        Block::Lead(content) | Block::Para(content) | Block::Small(content) => {
            push_line(out, "", content);
        }
        Block::Note(content) => push_line(out, "» ", content),
        Block::Heading(heading) => {
            out.push_str(heading);
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
            out.push_str(label);
            out.push_str(":\n\n");
            out.push_str(text);
            out.push('\n');
        }
        Block::Link { label, link } => {
            out.push_str(label);
            out.push_str(":\n");
            out.push_str(&link.0);
            out.push('\n');
        }
        Block::Commands(commands) => {
            for command in commands {
                out.push_str("    ");
                out.push_str(command);
                out.push('\n');
            }
        }
    }
}

fn push_line(out: &mut String, prefix: &str, content: &Line) {
    out.push_str(prefix);
    for piece in content {
        match piece {
            Piece::Plain(text) | Piece::Strong(text) | Piece::Said(text) => out.push_str(text),
            Piece::Mark(text) => {
                out.push('*');
                out.push_str(text);
                out.push('*');
            }
        }
    }
    out.push('\n');
}
