//! A page without its scripts and styles: half of what a page weighs, and nothing that it says.
//!
//! Absent: data for machines (`application/ld+json`), which stays, and comments, whose end parsers see
//! in different places.

use super::lexer::{Piece, Rules, Start, attribute, pieces};

/// The page with empty scripts and styles. Their tags stay, so that all else stands where it stood.
pub(super) fn without_code(html: &str) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut from = 0;
    let mut is_code = false;
    for (at, piece) in pieces(html, Rules::Html) {
        match piece {
            Piece::Text(code) if is_code => {
                kept.push_str(&html[from..at]);
                from = at + code.len();
                is_code = false;
            }
            Piece::Start(start) => is_code = begins_code(&start),
            _ => is_code = false,
        }
    }
    kept.push_str(&html[from..]);
    kept
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
        check("", "");
    }
}
