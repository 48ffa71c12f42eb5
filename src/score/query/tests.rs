//! Queries against texts, as data.

use proptest::prelude::*;

use super::*;
use crate::model::{Field, Ui};

/// The words that each hit covers, or `-` for no match and `+` for a match without hits.
#[track_caller]
fn check(query: &str, text: &str, expected: &str) {
    let (title, text) = text.split_once(" | ").unwrap_or(("", text));
    let query = Query::parse(query).unwrap_or_else(|e| panic!("{query}: {}", e.at));
    let tokens = Text::new(Some(title), text);
    let shown: Vec<String> = query
        .hits(&tokens)
        .iter()
        .map(|span| {
            let field = if span.field == Field::Title {
                title
            } else {
                text
            };
            let (start, end) = (span.start as usize, span.end as usize);
            field.chars().skip(start).take(end - start).collect()
        })
        .collect();
    let shown = match (query.matches(&tokens), shown.is_empty()) {
        (false, true) => "-".to_owned(),
        (true, true) => "+".to_owned(),
        (_, false) => shown.join("; "),
    };
    assert_eq!(shown, expected);
}

#[track_caller]
fn fails(query: &str, expected: &str) {
    let shown = match Query::parse(query) {
        Ok(query) => format!("{query:?}"),
        Err(e) => format!("{}: {}", e.at, e.sentence(Ui::En)),
    };
    assert!(shown.starts_with(expected), "{query}: {shown}");
}

#[test]
fn words_fold_case_and_accents() {
    check("telefonía", "TELEFONIA, Telefonía", "TELEFONIA; Telefonía");
    check("fibra", "la #Fibra y @fibra", "#Fibra");
    check("#fibra", "la #Fibra y fibra", "#Fibra");
    check("@ejemplo_ayuda", "hola @Ejemplo_Ayuda", "@Ejemplo_Ayuda");
    check("strasse", "die Straße", "Straße");
    check(
        "factura*",
        "facturas, facturación, fractura",
        "facturas; facturación",
    );
    check("factura", "facturas", "-");
}

#[test]
fn phrases_are_words_in_a_row_of_one_field() {
    check(
        "\"cobro duplicado\"",
        "un cobro  duplicado, cobro muy duplicado",
        "cobro  duplicado",
    );
    check("“sin problema*”", "sin problemas", "sin problemas");
    check("don't", "I don't", "don't");
    check("\"por ejemplo\"", "por | ejemplo", "-");
    let phrase = Query::phrase("sin problema*").unwrap();
    assert!(phrase.matches(&Text::new(None, "SIN problemas")));
    assert!(!phrase.matches(&Text::new(None, "problemas sin")));
}

#[test]
fn operators_bind_as_documented() {
    check("a OR b AND c", "a", "a");
    check("(a OR b) AND c", "a", "-");
    check("a AND c", "c x a c", "c; a; c");
    check("a AND NOT b", "a x", "a");
    check("a AND NOT b", "a b", "-");
    check("NOT b", "a", "+");
    check("NOT NOT b", "", "-");
    check("NOT (a OR b) OR c", "c a", "c");
}

#[test]
fn near_counts_the_words_between_in_either_order() {
    check(
        "cola NEAR/2 tienda",
        "cola de la tienda",
        "cola de la tienda",
    );
    check("cola NEAR/1 tienda", "cola de la tienda", "-");
    check(
        "tienda NEAR/2 cola",
        "cola de la tienda",
        "cola de la tienda",
    );
    check("a NEAR/0 b", "a, b", "a, b");
    check("a NEAR/5 a", "a", "-");
    check("a NEAR/5 a", "a x a", "a x a");
    check("a NEAR/9 (b OR c)", "b x a x c", "b x a; a x c");
    // The nearest partner is not enough for the NEAR around it: the farther one is found too.
    check("a NEAR/3 b NEAR/3 c", "a b b x x x c", "a b b x x x c");
    check("ejemplo NEAR/5 fibra", "Ejemplo | la fibra", "Ejemplo");
}

#[test]
fn except_drops_the_hits_that_another_covers() {
    let query = "(ejemplo EXCEPT \"por ejemplo\") NEAR/5 (fibra OR factura*)";
    check(query, "por ejemplo, la fibra", "-");
    check(
        query,
        "por ejemplo, la fibra de Ejemplo",
        "fibra de Ejemplo",
    );
    check("a EXCEPT (x NEAR/9 y)", "x a y a", "a");
    check("a EXCEPT (x NEAR/9 y)", "x x a y y", "-");
    check("al* EXCEPT ala EXCEPT ale", "ala ale alo", "alo");
}

#[test]
fn faults_say_where_they_are() {
    fails("", "0: the query is empty");
    fails("  ", "0: the query is empty");
    fails(
        "cobro duplicado",
        "6: there is no operator before \"duplicado\"; put AND or OR",
    );
    fails(
        "ñ or b",
        "2: there is no operator before \"or\"; write OR in capitals",
    );
    fails("a (b)", "2: there is no operator before \"(\"");
    fails("(a b)", "3: there is no operator");
    fails("a AND", "5: a word is missing");
    fails("OR a", "0: a word is missing");
    fails("()", "1: a word is missing");
    fails("a OR \"b c", "5: this quote is not closed");
    fails("(a OR b", "0: this parenthesis is not closed");
    fails("a)", "1: this parenthesis closes nothing");
    fails("a NEAR b", "2: NEAR has no valid number");
    fails("a NEAR/x b", "2: NEAR has no valid number");
    fails("a NEAR/101 b", "2: NEAR has no valid number");
    fails("fact*ra", "4: this * is out of place");
    fails("*a", "0: this * is out of place");
    fails("\"cobro * x\"", "7: this * is out of place");
    fails("a*", "1: this * is out of place");
    fails("\u{113c7}", "0: \"\u{113c7}\" has no word in it");
    fails("a AND 😡", "6: \"😡\" has no word in it");
    fails(
        "(a AND b) NEAR/3 c",
        "0: AND and NOT cannot stand inside NEAR",
    );
    fails(
        "a NEAR/3 (b OR NOT c)",
        "9: AND and NOT cannot stand inside NEAR",
    );
    fails("a EXCEPT (NOT b)", "9: NOT cannot stand inside EXCEPT");
}

#[test]
fn everything_has_a_limit() {
    fails(
        &"a".repeat(QUERY_CHARS_MAX + 1),
        "4096: the query is too long",
    );
    fails(
        &format!("{}a", "NOT ".repeat(DEPTH_MAX + 1)),
        "128: there are too many",
    );
    fails(&"(".repeat(DEPTH_MAX + 1), "32: there are too many");
    fails(
        &format!("a{}", " OR a".repeat(TERMS_MAX)),
        "1280: the query has too many words",
    );
    fails(
        &format!("\"{}\"", "a ".repeat(PHRASE_WORDS_MAX + 1)),
        "1: the phrase is too long",
    );
}

/// The work grows with the text, not with its square: sixteen million pairs would be seen here.
#[test]
fn the_hits_of_a_large_text_stay_within_twice_its_words() {
    let text = Text::new(None, &"a b ".repeat(4 << 10));
    let chain = format!("a{}", " NEAR/100 (a OR b OR \"a b\")".repeat(12));
    let n_hits = Query::parse(&chain).unwrap().hits(&text).len();
    assert!(n_hits <= 2 * text.words.len(), "{n_hits}");
    let covers = Query::parse("(a OR b) EXCEPT (a NEAR/100 b)").unwrap();
    assert!(!covers.matches(&text));
}

/// Any query of the grammar.
fn queries() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[abñ]{1,2}",
        "[ab]{2}\\*",
        "\"[ab] [ab]\"",
        Just("@ab".to_owned())
    ];
    leaf.prop_recursive(5, 24, 2, |inner| {
        (inner.clone(), inner, 0..6).prop_map(|(a, b, kind)| match kind {
            0 => format!("({a} AND {b})"),
            1 => format!("({a} OR {b})"),
            2 => format!("NOT ({a})"),
            3 => format!("({a}) EXCEPT ({b})"),
            n => format!("({a}) NEAR/{n} ({b})"),
        })
    })
}

proptest! {
    #[test]
    fn any_text_is_a_query_or_a_fault_within_it(written in "\\PC*|[ab()\"* ANDORT/5]{0,40}") {
        if let Err(e) = Query::parse(&written) {
            prop_assert!(e.at <= written.chars().count());
            prop_assert!(!e.sentence(Ui::Es).is_empty());
        }
    }

    #[test]
    fn hits_lie_within_the_text_and_mean_a_match(
        query in queries(),
        title in "[abñ #@.\u{301}]{0,10}",
        text in "[abñÑ #@.\n😡]{0,60}",
    ) {
        let Ok(query) = Query::parse(&query) else { return Ok(()) };
        let tokens = Text::new(Some(&title), &text);
        let hits = query.hits(&tokens);
        for span in &hits {
            let field = if span.field == Field::Title { &title } else { &text };
            prop_assert!(span.start < span.end && span.end as usize <= field.chars().count());
        }
        prop_assert!(hits.is_empty() || query.matches(&tokens));
        prop_assert!(hits.windows(2).all(|pair| pair[0] != pair[1]));
    }

    /// The finder and the pairing against the plain reading of the definition.
    #[test]
    fn near_finds_a_pair_wherever_there_is_one(text in "[abc ]{0,30}", n in 0_usize..4, m in 0_usize..4) {
        let spaced: String = text.chars().flat_map(|c| [c, ' ']).collect();
        let tokens = Text::new(None, &spaced);
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let at = |wanted: &str| -> Vec<usize> {
            (0..words.len()).filter(|&i| words[i] == wanted).collect()
        };
        let mut expected = false;
        for &a in &at("a") {
            for &b in &at("b") {
                let (first, last) = (a.min(b), a.max(b));
                expected |= last - first - 1 <= n
                    && at("c").iter().any(|&c| {
                        (c > last && c - last - 1 <= m) || (c < first && first - c - 1 <= m)
                    });
            }
        }
        let query = Query::parse(&format!("a NEAR/{n} b NEAR/{m} c")).unwrap();
        prop_assert_eq!(query.matches(&tokens), expected);
    }
}
