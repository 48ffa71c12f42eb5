//! The links of letters: where they belong, and nowhere else.

use escucha::model::Subject;

use super::every_letter_with_places;

#[test]
fn every_letter_about_a_case_opens_it() {
    let case = |subject: &Subject| Some(format!("https://e.test/l/{subject}"));
    for (name, letter) in every_letter_with_places() {
        let (with, without) = (letter.with_links(&case), letter.plain());
        let n_text = with.text.matches("https://e.test/l/c-").count();
        let n_html = with.html.matches("href=\"https://e.test/l/c-").count();
        assert_eq!(n_text, n_html, "{name}: both bodies have the same links");
        let is_about_cases = !matches!(name, "operator" | "test");
        // A digest is written on a day without news, too.
        let may_be_empty = matches!(name, "digest" | "weekly");
        let is_right = may_be_empty || (n_text > 0) == is_about_cases;
        assert!(is_right, "{name}: {}", with.text);
        assert!(!without.text.contains("e.test/l/") && !without.html.contains("e.test/l/"));
        assert!(
            !is_about_cases || !with.text.contains("    escucha case"),
            "{name}: the page, no commands"
        );
        for text in [with.text, with.html, without.text, without.html] {
            assert!(
                !text.contains(|c| ('\u{fdd0}'..='\u{fddf}').contains(&c)),
                "{name}"
            );
        }
    }
}
