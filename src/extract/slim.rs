//! A page without what weighs half of it and says nothing: scripts, styles, and the attributes that no
//! reader of articles looks at.
//!
//! Absent: data for machines (`application/ld+json`), which stays, and comments, whose end parsers see
//! in different places.

use super::html_tag::{Place, places};
use super::lexer::{Piece, Rules, Start, attribute, pieces};

/// What links to elsewhere lead to: where does not matter, only that it is neither here nor a script.
const ELSEWHERE: &str = "http:";

/// The page with empty scripts and styles. Their tags stay, so that all else stands where it stood.
pub(super) fn without_code(html: &str) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut from = 0;
    let mut is_code = false;
    let mut tags = pieces(html, Rules::Html);
    while let Some((at, piece)) = tags.next() {
        match piece {
            Piece::Text(code) if is_code => {
                kept.push_str(&html[from..at]);
                from = at + code.len();
                is_code = false;
            }
            Piece::Start(start) => {
                is_code = begins_code(&start);
                if start.n_attributes > 0 && !needs_all(start.name) {
                    kept.push_str(&html[from..at]);
                    from = tags.position();
                    push_tag(&mut kept, start.name, &html[at..from]);
                }
            }
            _ => is_code = false,
        }
    }
    kept.push_str(&html[from..]);
    kept
}

/// The tag with those of its attributes that are looked at.
fn push_tag(kept: &mut String, name: &str, tag: &str) {
    let is_link = name.eq_ignore_ascii_case("a");
    let mut from = 0;
    for Place { name, value } in places(tag) {
        let attribute = &tag[name.clone()];
        if is_idle(attribute) {
            kept.push_str(&tag[from..name.start]);
            from = value.end;
        } else if is_link && attribute.eq_ignore_ascii_case("href") {
            let to = tag[value.clone()].trim_start_matches(['"', '\'']);
            // Of links to a place in the page and to scripts more is read.
            if to.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/')
                && !to.starts_with("javascript")
            {
                kept.push_str(&tag[from..value.start]);
                kept.push_str(ELSEWHERE);
                from = value.end;
            }
        }
    }
    kept.push_str(&tag[from..]);
}

/// Images may hide in any attribute; of the head each is read.
fn needs_all(name: &str) -> bool {
    [
        "img", "picture", "figure", "video", "audio", "source", "link", "meta", "base", "html",
        "input", "script", "style",
    ]
    .iter()
    .any(|needs| name.eq_ignore_ascii_case(needs))
}

/// Attributes for browsers and their scripts.
fn is_idle(name: &str) -> bool {
    let begins = |with: &str| {
        let head = name.as_bytes().get(..with.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(with.as_bytes()))
    };
    let is = |idle: &&str| name.eq_ignore_ascii_case(idle);
    let idle = ["d", "title", "target", "tabindex", "aria-label", "viewbox"];
    begins("data-") || begins("on") || idle.iter().any(is)
}

fn begins_code(start: &Start<'_>) -> bool {
    start.name.eq_ignore_ascii_case("style")
        || (start.name.eq_ignore_ascii_case("script")
            && attribute(start.attributes, "type").is_none_or(|kind| !kind.contains("ld+json")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: &str) {
        assert_eq!(without_code(html), expected);
    }

    #[test]
    fn scripts_and_styles_are_emptied_and_nothing_else() {
        check(
            "<p>a<script>if (a<b) x('</p>')</script>b</p><STYLE>p{}</STYLE>c",
            "<p>a<script></script>b</p><STYLE></STYLE>c",
        );
        check(
            "<script type='application/ld+json'>{\"a\":1}</script><script src=x></script>d",
            "<script type='application/ld+json'>{\"a\":1}</script><script src=x></script>d",
        );
        check(
            "<textarea><script>a</script></textarea>",
            "<textarea><script>a</script></textarea>",
        );
        check("<p>ñ <!-- <script>a --> b", "<p>ñ <!-- <script>a --> b");
        check("a<script>b", "a<script>");
        check(
            "<p title=a>b</p><h1 style='c' onclick='d>'>e",
            "<p >b</p><h1 style='c' >e",
        );
        check("<a data-b=c/d class=e>f", "<a  class=e>f");
        check(
            "<a href=b/c id=d href='e'>f",
            "<a href=http: id=d href=http:>f",
        );
        check(
            "<a href='#b'><a href=javascript:c><a href>d",
            "<a href='#b'><a href=javascript:c><a href>d",
        );
        check(
            "<img data-src=a title=b><p title='c",
            "<img data-src=a title=b><p ",
        );
        check("", "");
    }
}
