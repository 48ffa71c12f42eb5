//! The HTML of letters in a real browser.

use super::browser::{self, measured_page};
use super::every_letter;

/// Renders in a real browser at the width of a telephone: no overflow, nothing loaded from
/// elsewhere.
#[test]
fn a_browser_shows_the_letters_on_a_telephone() {
    if !browser::is_here() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let letters = every_letter();
    for wanted in ["javier_es", "hostile_es", "backlog", "operator", "incident"] {
        let (_, letter) = letters.iter().find(|(name, _)| *name == wanted).unwrap();
        let measured = measured_page(folder.path(), wanted, &letter.html);
        assert_eq!(measured["overflow"], "0", "{wanted} {measured:?}");
        assert_eq!(measured["width"], "390", "{wanted} {measured:?}");
        assert_eq!(measured["loaded"], "0", "{wanted} {measured:?}");
        assert_eq!(measured["ran"], "0", "{wanted} {measured:?}");
    }
}

#[test]
fn the_browser_measure_notices_what_it_is_there_for() {
    if !browser::is_here() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let bad = "<!doctype html><body><img src=\"https://evil.test/p.gif\">\
               <div style=\"width:700px\">wide</div><script>top.ran = 1</script>";
    let measured = measured_page(folder.path(), "bad", bad);
    assert_ne!(measured["overflow"], "0");
    assert_ne!(measured["loaded"], "0");
    assert_eq!(measured["ran"], "1");
}
