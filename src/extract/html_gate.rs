//! The gate before html5ever, whose time grows with the square of the nesting.
//!
//! It keeps the open elements as the parser would, and when in doubt keeps more of them.
//! Absent: the tree.

use std::collections::HashMap;

use super::Problem;
use super::gate::{Gates, check_attributes, too_deep};
use super::lexer::{Piece, Rules, Start, pieces};

/// Open elements and open formatting elements together.
pub(super) const HTML_NESTING_MAX: usize = 512;
/// Steps that the parser may take in walks over its open elements (tags times nesting).
const STEPS_MAX: usize = 100_000_000;
/// Both where a limit of CPU ends what takes too long: more would hardly be done in time.
const HTML_NESTING_MAX_WIDE: usize = 16_384;
const STEPS_MAX_WIDE: usize = 1_000_000_000;

/// # Errors
/// A fatal problem when the HTML would make the parser slow or its tree too deep.
pub(super) fn html(text: &str, gates: Gates) -> Result<(), Problem> {
    let (nesting_max, steps_max) = match gates {
        Gates::Narrow => (HTML_NESTING_MAX, STEPS_MAX),
        Gates::Wide => (HTML_NESTING_MAX_WIDE, STEPS_MAX_WIDE),
    };
    let mut stack = Stack::default();
    let mut n_steps = 0_usize;
    let mut tags = pieces(text, Rules::Html);
    while let Some((_, piece)) = tags.next() {
        match piece {
            Piece::Start(start) => {
                check_attributes(&start)?;
                if stack.is_in_foreign() {
                    // There even a `script` holds tags.
                    tags.forget_raw();
                }
                stack.open(&start);
            }
            Piece::End(name) => stack.close(&Element::new(name)),
            _ => continue,
        }
        let depth = stack.depth();
        if depth > nesting_max {
            return Err(too_deep("HTML", nesting_max));
        }
        n_steps += depth;
        if n_steps > steps_max {
            return Err(Problem::gate(
                "the HTML is too tangled: too many tags inside too many others",
            )
            .in_spanish("el HTML está demasiado enredado: demasiadas etiquetas dentro de otras"));
        }
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Void,
    /// Opened anew in every block until its own end tag comes.
    Formatting,
    Block,
    /// Hides what is outside from end tags inside.
    Scope,
    /// Drawings, where `<path/>` is an element that ends at once.
    Drawing,
    Other,
}

#[derive(Clone, Copy, Debug)]
struct Element {
    code: u64,
    class: Class,
}

impl Element {
    fn new(name: &str) -> Self {
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Self::of_lower(&name.to_ascii_lowercase());
        }
        Self::of_lower(name)
    }

    fn of_lower(name: &str) -> Self {
        Self {
            code: code(name),
            class: class(name),
        }
    }

    fn is(self, codes: &[u64]) -> bool {
        codes.contains(&self.code)
    }
}

// Names that the rules below speak of, hashed once: the gate stands before every page.
const A: u64 = code("a");
const BODY: u64 = code("body");
const DD: u64 = code("dd");
const DT: u64 = code("dt");
const FORM: u64 = code("form");
const HTML: u64 = code("html");
const LI: u64 = code("li");
const MATH: u64 = code("math");
const OL: u64 = code("ol");
const OPTGROUP: u64 = code("optgroup");
const OPTION: u64 = code("option");
const P: u64 = code("p");
const SELECT_BOX: u64 = code("select");
const SVG: u64 = code("svg");
const TABLE: u64 = code("table");
const TBODY: u64 = code("tbody");
const TD: u64 = code("td");
const TEMPLATE: u64 = code("template");
const TFOOT: u64 = code("tfoot");
const TH: u64 = code("th");
const THEAD: u64 = code("thead");
const TR: u64 = code("tr");
const UL: u64 = code("ul");
const CELLS: [u64; 2] = [TD, TH];

/// The open elements as html5ever would hold them, or more.
#[derive(Default)]
struct Stack {
    open: Vec<Element>,
    /// Formatting elements not yet closed by their end tag, as (name, whole tag).
    formatting: Vec<(u64, u64)>,
    /// How often the very same formatting tag stands in that list.
    same: HashMap<u64, u8>,
    n_foreign: usize,
    /// HTML stood inside a drawing: from here on nothing ends at once.
    broke_out: bool,
}

impl Stack {
    fn depth(&self) -> usize {
        self.open.len() + self.formatting.len()
    }

    fn is_in_foreign(&self) -> bool {
        self.n_foreign > 0
    }

    fn open(&mut self, start: &Start<'_>) {
        let element = Element::new(start.name);
        let is_in_drawing = self
            .open
            .last()
            .is_some_and(|top| top.class == Class::Drawing);
        match element.class {
            Class::Void | Class::Block => self.broke_out |= is_in_drawing,
            Class::Formatting => self.broke_out |= is_in_drawing && !element.is(&[A]),
            Class::Drawing if start.is_empty && is_in_drawing && !self.broke_out => return,
            _ => {}
        }
        if element.class == Class::Void {
            return;
        }
        self.close_implied(element);
        self.n_foreign += usize::from(is_foreign(element));
        self.open.push(element);
        if element.class == Class::Formatting {
            let whole = element.code ^ code(start.attributes).rotate_left(17);
            let n = self.same.entry(whole).or_default();
            // The parser keeps at most three equal ones.
            if *n < 3 {
                *n += 1;
                self.formatting.push((element.code, whole));
            }
        }
    }

    /// Ends that authors may leave out; only where the parser is sure to supply them.
    fn close_implied(&mut self, next: Element) {
        let Some(&top) = self.open.last() else {
            return;
        };
        let siblings: [&[u64]; 5] = [&[LI], &[DT, DD], &[OPTION, OPTGROUP], &[TR], &CELLS];
        if siblings.iter().any(|codes| top.is(codes) && next.is(codes))
            || top.code == P && next.class == Class::Block
        {
            self.pop_to(self.open.len() - 1);
        } else if top.is(&CELLS) && next.code == TR {
            self.pop_to(self.open.len() - 1);
            if self.open.last().is_some_and(|top| top.code == TR) {
                self.pop_to(self.open.len() - 1);
            }
        }
    }

    fn close(&mut self, end: &Element) {
        if end.is(&[BODY, HTML]) {
            // The parser takes what follows as if they had not been closed.
            return;
        }
        if end.class == Class::Formatting {
            self.close_formatting(end.code);
        }
        if end.class == Class::Formatting || end.code == FORM {
            // Blocks inside it survive its end; only it goes.
            if let Some(at) = self.open.iter().rposition(|open| open.code == end.code) {
                self.open.remove(at);
            }
            return;
        }
        let is_table_part = end.is(&[TABLE, TR, TBODY, THEAD, TFOOT]);
        let is_list_item = end.code == LI;
        for at in (0..self.open.len()).rev() {
            let open = self.open[at];
            if open.code == end.code {
                self.pop_to(at);
                return;
            }
            let stops = match open.class {
                // An end tag does not reach out of a cell, but a row's or table's does.
                Class::Scope => !is_table_part || open.is(&[TABLE, TEMPLATE]),
                // An inline end tag does not reach through a block.
                Class::Block => {
                    !matches!(end.class, Class::Block | Class::Scope)
                        || is_list_item && open.is(&[UL, OL])
                }
                _ => false,
            };
            if stops {
                return;
            }
        }
    }

    fn close_formatting(&mut self, code: u64) {
        if let Some(at) = self.formatting.iter().rposition(|(name, _)| *name == code) {
            let (_, whole) = self.formatting.remove(at);
            if let Some(n) = self.same.get_mut(&whole) {
                *n = n.saturating_sub(1);
            }
        }
    }

    fn pop_to(&mut self, len: usize) {
        for element in self.open.drain(len..) {
            self.n_foreign -= usize::from(is_foreign(element));
        }
    }
}

/// Inside these the parser's rules for scripts and the like do not hold.
fn is_foreign(element: Element) -> bool {
    element.is(&[SVG, MATH, SELECT_BOX])
}

fn class(name: &str) -> Class {
    match name {
        "area" | "base" | "br" | "col" | "embed" | "hr" | "img" | "input" | "link" | "meta"
        | "param" | "source" | "track" | "wbr" => Class::Void,
        "a" | "b" | "big" | "code" | "em" | "font" | "i" | "nobr" | "s" | "small" | "strike"
        | "strong" | "tt" | "u" => Class::Formatting,
        "address" | "article" | "aside" | "blockquote" | "body" | "center" | "dd" | "details"
        | "dialog" | "dir" | "div" | "dl" | "dt" | "fieldset" | "figcaption" | "figure"
        | "footer" | "form" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "header" | "hgroup"
        | "html" | "li" | "listing" | "main" | "menu" | "nav" | "ol" | "p" | "plaintext"
        | "pre" | "search" | "section" | "summary" | "tbody" | "tfoot" | "thead" | "tr" | "ul"
        | "xmp" => Class::Block,
        "applet" | "button" | "caption" | "desc" | "foreignobject" | "marquee" | "object"
        | "select" | "table" | "td" | "template" | "th" | "title" => Class::Scope,
        "circle" | "clippath" | "defs" | "ellipse" | "g" | "image" | "line" | "lineargradient"
        | "mask" | "path" | "pattern" | "polygon" | "polyline" | "radialgradient" | "rect"
        | "stop" | "svg" | "symbol" | "use" => Class::Drawing,
        _ => Class::Other,
    }
}

/// FNV-1a, so that names compare as numbers.
const fn code(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html_text: &str, expected: &str) {
        let told = match html(html_text, Gates::Narrow) {
            Ok(()) => "passes".to_owned(),
            Err(problem) => problem.detail,
        };
        assert_eq!(
            told,
            expected,
            "{}",
            html_text.chars().take(60).collect::<String>()
        );
    }

    const DEEP: &str = "the HTML is nested deeper than 512 levels";

    #[test]
    fn what_makes_the_parser_slow_is_refused() {
        check(&"<div>".repeat(600), DEEP);
        check(&"<x-y>".repeat(600), DEEP);
        check(&"<span><div></span>".repeat(300), DEEP);
        check(&"<form><div></form>".repeat(600), DEEP);
        check(&"<li><ul></li>".repeat(300), DEEP);
        check(&"<div></body>".repeat(600), DEEP);
        check(&format!("<svg><title>{}", "<div>".repeat(600)), DEEP);
        check(
            &format!("<select><title></select>{}", "<div>".repeat(600)),
            DEEP,
        );
        let fonts: Vec<String> = (0..600).map(|n| format!("<p><font a{n}></p>")).collect();
        check(&fonts.concat(), DEEP);
        check(
            &format!("<p {}>", "a=b ".repeat(300)),
            "a tag has more than 256 attributes",
        );
        let tangle = format!("{}{}", "<div>".repeat(500), "<i></i>".repeat(200_000));
        check(
            &tangle,
            "the HTML is too tangled: too many tags inside too many others",
        );
    }

    #[test]
    fn what_careless_authors_write_passes() {
        check(&"<p>uno<p>dos".repeat(5_000), "passes");
        check(&"<ul><li>a<li>b</ul>".repeat(5_000), "passes");
        check(&"<tr><td>a<td>b".repeat(5_000), "passes");
        check(&"<font color=red>a".repeat(100), "passes");
        check(&"<br><img src=a><input>".repeat(5_000), "passes");
        check(
            &format!("<svg>{}</svg>", "<path d=''/>".repeat(5_000)),
            "passes",
        );
        check(
            &format!("<script>{}</script>", "if(a<b)".repeat(5_000)),
            "passes",
        );
        check(&"<div><b>a</b></div>".repeat(50_000), "passes");
    }
}
