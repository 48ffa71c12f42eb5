//! A letter as one column of HTML that a telephone can read, light and dark.
//!
//! **Invariant:** nothing is loaded from anywhere, and words of others are escaped and isolated.

use std::fmt::Write as _;

use super::block::{Block, Line, Piece, signed};
use super::links;
use crate::model::{Subject, Ui};

/// Inline styles serve the clients that throw the style sheet away; the classes serve the dark.
const HEAD: &str = "<meta charset=\"utf-8\">\n\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
<meta name=\"color-scheme\" content=\"light dark\">\n\
<meta name=\"supported-color-schemes\" content=\"light dark\">\n";
const STYLE: &str = "<style>\n\
:root { color-scheme: light dark; supported-color-schemes: light dark; }\n\
body { -webkit-text-size-adjust: 100%; }\n\
@media (prefers-color-scheme: dark) {\n\
.page { background: #14171a !important; color: #e9e6df !important; }\n\
.soft { color: #a9b0b8 !important; }\n\
.head { color: #a9b0b8 !important; border-color: #343b42 !important; }\n\
.note { background: #33280f !important; color: #ffe6b3 !important; border-color: #d98e04 \
!important; }\n\
.said { background: #1d2227 !important; border-color: #6d7680 !important; }\n\
.mark { background: #66511a !important; color: #fff4d1 !important; }\n\
.draft { background: #18251d !important; border-color: #35523f !important; color: #e9f2ea \
!important; }\n\
.code { background: #1d2227 !important; color: #d6dbe0 !important; }\n\
.link { color: #8cc2ff !important; }\n\
.go { background: #8cc2ff !important; color: #0b1a2b !important; }\n\
}\n\
</style>\n";

const FONT: &str = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,\
'Helvetica Neue',Arial,sans-serif";
const MONO: &str = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace";
const END: &str = "</div>\n</body>\n</html>\n";
const BREAK: &str = "overflow-wrap:anywhere;word-break:break-word";

pub(super) fn render(ui: Ui, subject: &str, blocks: &[Block]) -> String {
    let mut out = String::with_capacity(16 << 10);
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n{HEAD}<title>{}</title>\n{STYLE}</head>\n\
         <body class=\"page\" style=\"margin:0;padding:0;background:#ffffff;color:#1f2328\">\n\
         <div style=\"max-width:600px;margin:0 auto;padding:20px 18px 32px;{FONT};font-size:16px;\
         line-height:1.5;{BREAK}\">\n",
        ui.code(),
        escaped(subject)
    );
    render_all(blocks, &mut out);
    out.push_str(END);
    out
}

/// A rendered letter with more at its end.
pub(super) fn appended(page: &str, blocks: &[Block]) -> String {
    let mut out = page.strip_suffix(END).unwrap_or(page).to_owned();
    render_all(blocks, &mut out);
    out.push_str(END);
    out
}

fn render_all(blocks: &[Block], out: &mut String) {
    for block in blocks {
        match block {
            Block::WithPage(inner) => links::only(true, out, |out| render_all(inner, out)),
            Block::WithoutPage(inner) => links::only(false, out, |out| render_all(inner, out)),
            Block::Open { label, subject } => {
                links::only(true, out, |out| render_open(label, subject, out));
            }
            block => render_block(block, out),
        }
    }
}

fn render_block(block: &Block, out: &mut String) {
    let _ = match block {
        Block::Lead(content) => writeln!(
            out,
            "<h1 style=\"margin:0 0 12px;font-size:22px;line-height:1.3;font-weight:700\">{}</h1>",
            line(content)
        ),
        Block::Heading(heading) => writeln!(
            out,
            "<h2 class=\"head\" style=\"margin:28px 0 10px;padding-top:14px;border-top:1px solid \
             #e1e4e8;font-size:15px;font-weight:700;color:#57606a\">{}</h2>",
            escaped(heading)
        ),
        Block::Para(content) => {
            writeln!(out, "<p style=\"margin:0 0 12px\">{}</p>", line(content))
        }
        Block::Note(content) => writeln!(
            out,
            "<p class=\"note\" style=\"margin:0 0 14px;padding:10px 14px;background:#fff5e0;\
             border-left:4px solid #d98e04;border-radius:4px;color:#4a3200\">{}</p>",
            line(content)
        ),
        Block::Small(content) => writeln!(
            out,
            "<p class=\"soft\" style=\"margin:0 0 10px;font-size:14px;color:#57606a\">{}</p>",
            line(content)
        ),
        Block::Facts(facts) => render_facts(facts, out),
        Block::Said { title, lines } => render_said(title.as_ref(), lines, out),
        Block::Points(points) => render_points(points, out),
        Block::List(items) => render_list(items, out),
        Block::Draft { label, text } => writeln!(
            out,
            "<p class=\"soft\" style=\"margin:14px 0 6px;font-size:14px;font-weight:600;\
             color:#57606a\">{}</p>\n<div class=\"draft\" style=\"margin:0 0 14px;padding:14px \
             16px;\
             background:#f0f7f1;border:1px solid #c6dccb;border-radius:8px;color:#16241a;\
             white-space:pre-wrap\">{}</div>",
            escaped(label),
            escaped(text)
        ),
        Block::Link { label, link } => {
            let href = escaped(&link.0);
            writeln!(
                out,
                "<p style=\"margin:4px 0 12px\"><a class=\"go\" href=\"{href}\" \
                 style=\"display:inline-block;padding:11px 18px;background:#0b57a4;color:#ffffff;\
                 border-radius:8px;font-weight:600;text-decoration:none\">{}</a><br>\n<a \
                 class=\"link\" \
                 href=\"{href}\" style=\"display:inline-block;margin-top:8px;font-size:14px;\
                 color:#0b57a4;word-break:break-all\">{href}</a></p>",
                escaped(label)
            )
        }
        Block::Commands(commands) => render_commands(commands, out),
        Block::Open { .. } | Block::WithPage(_) | Block::WithoutPage(_) => Ok(()),
    };
}

fn render_open(label: &str, subject: &Subject, out: &mut String) {
    let _ = writeln!(
        out,
        "<p style=\"margin:4px 0 14px\"><a class=\"go\" href=\"{}\" \
         style=\"display:inline-block;padding:11px 18px;background:#0b57a4;color:#ffffff;\
         border-radius:8px;font-weight:600;text-decoration:none\">{}</a></p>",
        links::place(subject),
        escaped(label)
    );
}

fn render_facts(facts: &[(String, Line)], out: &mut String) -> std::fmt::Result {
    out.push_str("<div style=\"margin:0 0 12px\">\n");
    for (label, value) in facts {
        writeln!(
            out,
            "<p style=\"margin:0 0 6px\"><span class=\"soft\" style=\"color:#57606a\">{}:</span> \
             {}</p>",
            escaped(label),
            line(value)
        )?;
    }
    writeln!(out, "</div>")
}

fn render_said(title: Option<&Line>, lines: &[Line], out: &mut String) -> std::fmt::Result {
    out.push_str(
        "<blockquote class=\"said\" style=\"margin:0 0 14px;padding:12px 16px;background:#f6f8fa;\
         border-left:4px solid #8c959f;border-radius:4px\">\n",
    );
    if let Some(title) = title {
        writeln!(
            out,
            "<p style=\"margin:0 0 8px;font-weight:700\">{}</p>",
            line(title)
        )?;
    }
    for (nth, content) in lines.iter().enumerate() {
        let below = if nth + 1 == lines.len() { 0 } else { 8 };
        writeln!(
            out,
            "<p style=\"margin:0 0 {below}px\">{}</p>",
            line(content)
        )?;
    }
    writeln!(out, "</blockquote>")
}

fn render_points(points: &[(i64, Line)], out: &mut String) -> std::fmt::Result {
    out.push_str("<div style=\"margin:14px 0 0\">\n");
    for (points, because) in points {
        writeln!(
            out,
            "<div style=\"margin:0 0 5px;padding-left:52px;text-indent:-52px\"><b \
             style=\"display:inline-block;width:44px;margin-right:8px;text-align:right;\
             text-indent:0\">{}</b>{}</div>",
            signed(*points),
            line(because)
        )?;
    }
    writeln!(out, "</div>")
}

fn render_list(items: &[Line], out: &mut String) -> std::fmt::Result {
    out.push_str("<ul style=\"margin:0 0 14px;padding-left:20px\">\n");
    for item in items {
        writeln!(out, "<li style=\"margin:0 0 7px\">{}</li>", line(item))?;
    }
    writeln!(out, "</ul>")
}

fn render_commands(commands: &[String], out: &mut String) -> std::fmt::Result {
    for command in commands {
        writeln!(
            out,
            "<pre class=\"code\" style=\"margin:0 0 8px;padding:9px 12px;background:#f6f8fa;\
             border-radius:6px;{MONO};font-size:13px;line-height:1.45;white-space:pre-wrap;\
             {BREAK}\">{}</pre>",
            escaped(command)
        )?;
    }
    Ok(())
}

fn line(content: &Line) -> String {
    let mut out = String::new();
    for piece in content {
        let _ = match piece {
            Piece::Plain(text) => write!(out, "{}", escaped(text)),
            Piece::Strong(text) => write!(out, "<strong>{}</strong>", escaped(text)),
            Piece::Said(text) => write!(out, "<bdi>{}</bdi>", escaped(text)),
            Piece::Follow(link) => write!(
                out,
                "<a class=\"link\" href=\"{0}\" \
                 style=\"color:#0b57a4;word-break:break-all\">{0}</a>",
                escaped(&link.0)
            ),
            Piece::Mark(text) => write!(
                out,
                "<mark class=\"mark\" style=\"padding:1px 2px;background:#ffe8a3;color:#2b2100;\
                 border-radius:3px\"><bdi>{}</bdi></mark>",
                escaped(text)
            ),
            Piece::Open { label, subject } => {
                links::only(true, &mut out, |out| {
                    let _ = write!(
                        out,
                        " · <a class=\"link\" href=\"{}\" style=\"color:#0b57a4\">{}</a>",
                        links::place(subject),
                        escaped(label)
                    );
                });
                Ok(())
            }
        };
    }
    out
}

/// Text that no reader of HTML takes for markup, in an element or in a quoted attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            mark if links::is_mark(mark) => {}
            other => out.push(other),
        }
    }
    out
}
