//! What drafts say in how many words: lengths, hours, quotes and channels.

use super::*;

/// Words of a draft without its signature, and of its longest sentence.
fn lengths(draft: &Draft) -> (usize, usize) {
    let body = draft.text.rsplit_once("\n\n").unwrap().0;
    let longest = body
        .split(['\n', '.', '?'])
        .map(|sentence| sentence.split_whitespace().count());
    (body.split_whitespace().count(), longest.max().unwrap())
}

#[test]
fn drafts_are_as_long_as_one_reads_on_a_telephone() {
    for (lang, text) in SAMPLES {
        for nth in 0..12 {
            let mut plain = one_of_forty(lang, text, nth);
            plain.signals.clear();
            let careful = one_of_forty(lang, text, nth).with(SignalKind::Privacy);
            for customer in [one_of_forty(lang, text, nth), plain, careful] {
                for draft in customer.drafts(&company(), &remedies()) {
                    let (words, longest) = lengths(&draft);
                    assert!((38..=110).contains(&words), "{words}: {}", draft.text);
                    assert!(longest <= 42, "{longest}: {}", draft.text);
                }
            }
        }
    }
}

#[test]
fn a_draft_tells_no_hour_of_his_and_lets_him_go_once_at_most() {
    for nth in 0..40 {
        let customer = one_of_forty(Lang::Es, SAMPLES[0].1, nth).with(SignalKind::ChurnThreat);
        let drafts = customer.drafts(&company(), &remedies());
        let told = drafts
            .iter()
            .filter(|draft| draft.text.contains(" quedarse") || draft.text.contains("si se queda"));
        assert!(told.count() <= 1, "{drafts:?}");
        for draft in &drafts {
            let hours: Vec<&str> = draft.text.matches(":00").collect();
            assert_eq!(hours.len(), 1, "{}", draft.text);
            assert!(!draft.text.contains(" a las "), "{}", draft.text);
        }
    }
}

#[track_caller]
fn check_quote(topics: &[Topic], text: &str, expected: &str) {
    let mut customer = Customer::new(Lang::Es, text);
    customer.topics = topics.to_vec();
    customer.signals = signals_of(text);
    let got = customer.brief(&company(), &[], |brief| quote::pick(brief, Lang::Es));
    assert_eq!(got.unwrap_or_default(), expected);
}

#[test]
fn the_quote_is_the_trouble_and_nothing_else() {
    use Topic::{Billing, Contract, Outage, Support, System};
    let javier = "En la factura de octubre me han cobrado dos veces la misma cuota, 58,90 euros \
                  cada una, y el sistema de la web me dice que no existe mi recibo. Llamé cuatro \
                  veces, escribí dos correos y rellené el formulario de su página. Soy cliente \
                  desde 2014. Antes de darme de baja por la factura prefiero preguntarlo aquí.";
    check_quote(
        &[Billing, System, Contract],
        javier,
        "En la factura de octubre me han cobrado dos veces la misma cuota",
    );
    check_quote(
        &[Outage],
        "Llevo años. El lunes se fue la línea de la librería. ¿Cuándo vuelve internet?",
        "El lunes se fue la línea de la librería",
    );
    check_quote(
        &[Billing],
        "¿Me van a devolver el cobro, por favor, este mes?",
        "",
    );
    check_quote(
        &[Billing],
        "Escribí por la factura y rellené el formulario del cobro.",
        "",
    );
    check_quote(
        &[Support],
        "Nadie contesta al teléfono en toda la semana.",
        "",
    );
    check_quote(
        &[Billing],
        "Telefonía Ejemplo cobró dos veces la factura. Nadie contesta.",
        "Telefonía Ejemplo cobró dos veces la factura",
    );
    check_quote(
        &[Billing],
        "Me han cobrado de más. Soy cliente desde 2014 con la factura al día.",
        "Me han cobrado de más",
    );
}

#[test]
fn the_count_goes_with_the_channel_that_was_counted() {
    for (text, expected) in [
        (
            "Llamé cuatro veces en dos semanas, escribí dos correos y nadie contesta.",
            "llamó cuatro veces en 14 días, escribió y nadie le contestó",
        ),
        (
            "En dos semanas escribí cuatro correos y llamé a la tienda. Nadie contesta.",
            "escribió por correo cuatro veces en 14 días, llamó y nadie le contestó",
        ),
        (
            "Entre llamadas y correos, en total cuatro veces.",
            "intentó hablar con nosotros varias veces y sigue sin solución",
        ),
    ] {
        let mut customer = Customer::new(Lang::Es, text).waiting(4, 14);
        customer.signals[0].channels = vec![Channel::Phone, Channel::Mail];
        let told = customer.brief(&company(), &[], |brief| {
            let reached = contact::of(brief, &brief.verdict.signals[0]);
            frames::of(Lang::Es).failed_contact(&reached)
        });
        assert_eq!(told, expected);
    }
}

/// What a scorer finds: failed contact, years, leaving.
fn signals_of(text: &str) -> Vec<Signal> {
    [
        (SignalKind::UnansweredContact, "Nadie contesta"),
        (SignalKind::UnansweredContact, "Llamé cuatro veces"),
        (SignalKind::UnansweredContact, "Escribí por"),
        (SignalKind::Loyalty, "Soy cliente desde 2014"),
        (SignalKind::ChurnThreat, "darme de baja"),
    ]
    .into_iter()
    .filter_map(|(kind, words)| {
        let start = text[..text.find(words)?].chars().count() as u32;
        let end = start + words.chars().count() as u32;
        let field = Field::Text;
        Some(Signal::new(kind, Span { field, start, end }))
    })
    .collect()
}
