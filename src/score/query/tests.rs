//! Queries against texts, as data.

use proptest::prelude::*;

use super::*;
use crate::model::{Field, Ui};
use crate::score::text::{Text, fold_str};

/// The words that each hit covers, or `-` for no match and `+` for a match without hits.
#[track_caller]
fn check(query: &str, text: &str, expected: &str) {
    let (title, text) = text.split_once(" | ").unwrap_or(("", text));
    let query = Query::parse(query).unwrap_or_else(|e| panic!("{query}: {}", e.at));
    let tokens = Text::new(Some(title), text);
    let subject = Subject::new(&tokens)
        .in_lang(Some(Lang::Es))
        .by(Some("Ana Gómez"))
        .from(Some("foro-clientes"));
    let shown: Vec<String> = query
        .hits(&subject)
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
    let shown = match (query.matches(&subject), shown.is_empty()) {
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

fn finds(query: &Query, text: &str) -> bool {
    query.matches(&Subject::new(&Text::new(None, text)))
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
    assert!(finds(&phrase, "SIN problemas"));
    assert!(!finds(&phrase, "problemas sin"));
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
fn before_is_near_in_one_order() {
    check(
        "cola BEFORE/2 tienda",
        "cola de la tienda",
        "cola de la tienda",
    );
    check("tienda BEFORE/9 cola", "cola de la tienda", "-");
    check("a BEFORE/1 a", "a a x a", "a a; a x a");
    check("a BEFORE/3 b NEAR/3 c", "c a b", "c a b");
    check("a BEFORE/3 (b NEAR/3 c)", "c a b", "-");
}

#[test]
fn forms_are_found_in_the_language_of_the_post() {
    check(
        "\"me cobrar~ dos\"",
        "me cobraron dos veces, y me cobrarían dos más",
        "me cobraron dos; me cobrarían dos",
    );
    check("#factura~", "#Facturas", "#Facturas");
    check(
        "caso~ NEAR/2 perdido~",
        "casi perdido. Nada más, pero casos muy perdidos",
        "casos muy perdidos",
    );
    check("pan~", "pana panel", "pana");
}

#[test]
fn names_look_at_one_part() {
    check("title:fibra", "la fibra | la fibra", "fibra");
    check("text:fibra", "la Fibra | la fibra", "fibra");
    check("title:(a OR \"b c\") AND d", "b c | a d", "b c; d");
    check("title:a NEAR/3 b", "a b | a b", "a b");
    check("author:\"ana gomez\"", "x", "+");
    check("author:gomez AND x", "x", "x");
    check("author:ana*", "x", "+");
    check("NOT author:ana", "x", "-");
    check("source:\"foro clientes\"", "x", "+");
    check("source:tienda", "x", "-");
    check("lang:es AND x", "x", "x");
    check("lang:de OR lang:ca", "x", "-");
    check(
        "https://foro.test/a",
        "https://foro.test/a",
        "https://foro.test/a",
    );
}

#[test]
fn regular_expressions_find_signs_and_words() {
    check("/cobr[oó] \\d+/", "me COBRÓ 58 euros", "COBRÓ 58");
    check("/!!+/", "qué asco!!!", "+");
    check("/😡|🤬/ AND fibra", "fibra 😡", "fibra");
    check("/\\bñu/ NEAR/2 agua", "un ÑU de agua", "ÑU de agua");
    check("title:/^fin$/", "fin | fin", "fin");
    check("/^fin$/", "x | y fin", "-");
    check("/a\\/b/", "a/b", "a/b");
    check("a EXCEPT /a \\w/", "a 😡 a b", "a");
    check("/ß/", "Straße", "Straße");
    check("/…/", "a… b", "+");
}

#[test]
fn what_a_query_needs_is_in_every_match() {
    let needs = |query: &str| match Query::parse(query).unwrap().needs() {
        Needs::Nothing => "anything".to_owned(),
        Needs::OneOf(mut pieces) => {
            pieces.sort_unstable();
            pieces.dedup();
            pieces.join(" ")
        }
    };
    assert_eq!(needs("telefonía OR @ejemplo"), "@ejemplo telefonia");
    assert_eq!(needs("a AND \"cobro duplicado\""), "duplicado");
    assert_eq!(
        needs("(ejemplo EXCEPT x) NEAR/5 (fibra OR factura*)"),
        "ejemplo"
    );
    assert_eq!(needs("a AND NOT b"), "a");
    assert_eq!(needs("NOT b"), "anything");
    assert_eq!(needs("a OR author:b"), "anything");
    assert_eq!(needs("a AND /b+/"), "a");
    assert_eq!(needs("title:abc AND lang:es"), "abc");
}

#[test]
fn queries_that_find_the_same_have_one_normal_form() {
    let form = |query: &str| Query::parse(query).unwrap().normal_form();
    assert_eq!(
        form("(Fibra OR «Á b») AND c"),
        form("c AND (\"a b\" OR fibra)")
    );
    assert_eq!(form("a NEAR/3 b"), form("b NEAR/3 a"));
    assert_ne!(form("a BEFORE/3 b"), form("b BEFORE/3 a"));
    assert_ne!(form("abc*"), form("abc~"));
    assert_eq!(form("title:(a)"), form("title:a"));
}

#[test]
fn what_can_never_match_is_seen() {
    let impossible = |query: &str| Query::parse(query).unwrap().is_impossible();
    assert!(impossible("a AND NOT a"));
    assert!(impossible("ala EXCEPT al*"));
    assert!(impossible("(a OR \"b c\") EXCEPT (a OR \"b c\" OR d)"));
    assert!(impossible("lang:es AND lang:de"));
    assert!(!impossible("a AND NOT b"));
    assert!(!impossible("al* EXCEPT ala"));
    assert!(!impossible("a OR (b AND NOT b)"));
    assert!(!impossible("ejemplo EXCEPT \"por ejemplo\""));
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
}

#[test]
fn faults_of_words_say_where_they_are() {
    fails("fact*ra", "4: this * is out of place");
    fails("*a", "0: this * is out of place");
    fails("\"cobro * x\"", "7: this * is out of place");
    fails("a*", "1: this * is out of place");
    fails("\u{113c7}", "0: \"\u{113c7}\" has no word in it");
    fails("a AND 😡", "6: \"😡\" has no word in it");
    fails(
        "(a AND b) NEAR/3 c",
        "0: AND and NOT cannot stand beside NEAR",
    );
    fails(
        "a NEAR/3 (b OR NOT c)",
        "9: AND and NOT cannot stand beside NEAR",
    );
    fails("a EXCEPT (NOT b)", "9: NOT cannot stand inside EXCEPT");
    fails(
        "a BEFORE b",
        "2: BEFORE has no valid number; write BEFORE/5",
    );
    fails(
        "a before/3 b",
        "2: there is no operator before \"before/3\"; write BEFORE/3 in",
    );
    fails("ab~", "2: this ~ is out of place");
    fails("abc*~", "3: this * is out of place");
    fails("~5", "0: this ~ is out of place");
    fails(
        "autor:ana",
        "0: \"autor:\" is no field; the fields are title:, text:, author:",
    );
    fails(
        "lang:xx",
        "5: \"xx\" is no language; use one of these: es, en",
    );
    fails("title:", "6: a word is missing here");
    fails(
        "title:(author:a)",
        "7: one field cannot stand inside another",
    );
    fails(
        "author:a NEAR/3 b",
        "0: author:, source: and lang: stand nowhere",
    );
    fails(
        "a EXCEPT lang:es",
        "9: author:, source: and lang: stand nowhere",
    );
    fails("a /b", "2: the second / is missing");
    fails(
        "/a(/",
        "0: the regular expression is not understood (unclosed group)",
    );
    fails(
        "/a*/",
        "0: the regular expression accepts nothing at all, too",
    );
    fails(
        "/\\w{900}\\w{900}/",
        "0: the regular expression is too large",
    );
    fails(
        &format!("/{}/", "a".repeat(REGEX_CHARS_MAX + 1)),
        "0: the regular expression is too",
    );
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
    fails(
        &format!("/a/{}", " OR /a/".repeat(REGEXES_MAX)),
        "56: there are too many regular expressions",
    );
}

/// The work grows with the text, not with its square: sixteen million pairs would be seen here.
#[test]
fn the_hits_of_a_large_text_stay_within_twice_its_words() {
    let text = Text::new(None, &"a b ".repeat(4 << 10));
    let chain = format!("a{}", " NEAR/100 (a OR b OR \"a b\")".repeat(12));
    let n_hits = Query::parse(&chain)
        .unwrap()
        .hits(&Subject::new(&text))
        .len();
    assert!(n_hits <= 2 * text.words.len(), "{n_hits}");
    let covers = Query::parse("(a OR b) EXCEPT (a NEAR/100 b)").unwrap();
    assert!(!covers.matches(&Subject::new(&text)));
}

/// Any query of the grammar.
fn queries() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[abñ]{1,2}",
        "[ab]{2}\\*",
        "\"[ab] [ab]\"",
        Just("@ab".to_owned()),
        Just("aba~".to_owned()),
        Just("/[ab]b+/".to_owned()),
        Just("lang:es".to_owned()),
    ];
    leaf.prop_recursive(5, 24, 2, |inner| {
        (inner.clone(), inner, 0..9).prop_map(|(a, b, kind)| match kind {
            0 => format!("({a} AND {b})"),
            1 => format!("({a} OR {b})"),
            2 => format!("NOT ({a})"),
            3 => format!("({a}) EXCEPT ({b})"),
            4 => format!("({a}) BEFORE/2 ({b})"),
            5 => format!("title:({a})"),
            6 => format!("author:({a})"),
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
        let subject = Subject::new(&tokens).in_lang(Some(Lang::Es)).by(Some("ab"));
        let hits = query.hits(&subject);
        for span in &hits {
            let field = if span.field == Field::Title { &title } else { &text };
            prop_assert!(span.start < span.end && span.end as usize <= field.chars().count());
        }
        prop_assert!(hits.is_empty() || query.matches(&subject));
        prop_assert!(hits.windows(2).all(|pair| pair[0] != pair[1]));
        prop_assert_eq!(query.first(&subject).flatten(), hits.first().copied());
        prop_assert_eq!(query.first(&subject).is_some(), query.matches(&subject));
        if let (true, Needs::OneOf(pieces)) = (query.matches(&subject), query.needs()) {
            let plain = fold_str(&format!("{title}\n{text}"));
            prop_assert!(pieces.iter().any(|piece| plain.contains(piece)), "{:?}", pieces);
        }
        prop_assert!(!query.is_impossible() || !query.matches(&subject), "{query:?}");
        let again = Query::parse(&query.normal_form());
        if let Ok(again) = again {
            prop_assert_eq!(again.matches(&subject), query.matches(&subject));
        }
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
        prop_assert_eq!(query.matches(&Subject::new(&tokens)), expected);
    }
}
