//! Who tells the same story, who joins, who reports.

use proptest::prelude::*;

use super::*;

fn sketch(text: &str) -> Option<Sketch> {
    Sketch::of(text, &own_words(["Telefonía Ejemplo", "@ejemplo_ayuda"]))
}

#[track_caller]
fn check(one: &str, other: &str, is_same: bool) {
    let (Some(a), Some(b)) = (sketch(one), sketch(other)) else {
        assert!(!is_same, "too little to compare: {one:?} {other:?}");
        return;
    };
    let likeness = a.likeness_permille(&b);
    assert_eq!(likeness, b.likeness_permille(&a));
    assert_eq!(
        likeness >= ALIKE_PERMILLE,
        is_same,
        "{likeness}: {one:?} {other:?}"
    );
}

const OUTAGE: &str = "Desde las nueve de la mañana sin fibra en el centro de Getafe con Telefonía \
                      Ejemplo. Nadie informa de la avería y el teléfono de asistencia comunica.";

#[test]
fn a_story_that_was_copied_or_told_again_is_the_same() {
    check(OUTAGE, OUTAGE, true);
    check(
        OUTAGE,
        "Sin fibra desde las 9 de la mañana en el centro de Getafe. @ejemplo_ayuda nadie informa de \
         la avería y el teléfono de asistencia comunica https://foro.test/1",
        true,
    );
    check(
        OUTAGE,
        "#Getafe sin fibra toda la mañana, Ejemplo no informa de la avería y en el teléfono de \
         asistencia comunica",
        true,
    );
    check(
        "Que quede claro: la subida de 3 euros de Ejemplo en enero es ilegal. Devuelvan lo cobrado \
         de más a todos los clientes.",
        "La subida de 4 euros de Ejemplo en enero es ilegal, que quede claro: devuelvan lo cobrado \
         de más a los clientes ya.",
        true,
    );
}

#[test]
fn our_name_and_common_words_make_no_story() {
    check(
        OUTAGE,
        "Desde las nueve de la mañana espero al técnico de Telefonía Ejemplo. Nadie llama y el \
         router sigue en su caja.",
        false,
    );
    check(
        "Telefonía Ejemplo me ha cobrado dos veces la factura de octubre y nadie me devuelve el dinero",
        "Telefonía Ejemplo me ha dejado sin línea en octubre y nadie me dice cuándo vuelve el técnico",
        false,
    );
    check("Pésimo servicio", "Pésimo servicio", false);
    check("", "", false);
}

#[test]
fn long_texts_are_compared_by_a_sample() {
    let words = |from: usize| (from..from + 900).map(|n| format!("palabra{} ", letters(n)));
    let one: String = words(0).collect();
    let other: String = words(300).collect();
    let (one, other) = (sketch(&one).unwrap(), sketch(&other).unwrap());
    // 600 of 1,200 words are common.
    let likeness = one.likeness_permille(&other);
    assert!((380..=620).contains(&likeness), "{likeness}");
}

fn letters(n: usize) -> String {
    let digits = n.to_string();
    digits
        .bytes()
        .map(|b| char::from(b - b'0' + b'a'))
        .collect()
}

#[test]
fn the_likest_of_many_is_found_and_a_copy_of_thousands_is_one_of_them() {
    let mut index = Index::default();
    let story = |n: usize| {
        format!(
            "{OUTAGE} Además el vecino {} dice {}",
            letters(n),
            letters(n * 7)
        )
    };
    for n in 0..2_000 {
        index.add(sketch(&story(n)).unwrap());
    }
    let other = "El repartidor dejó mi paquete en otra calle, junto al buzón roto, y la tienda niega la \
                 entrega y el reembolso.";
    let other = sketch(other).unwrap();
    assert_eq!(index.likest(&other), None);
    let place = index.add(other.clone());
    assert_eq!(index.likest(&other), Some(place));
    assert!(index.likest(&sketch(&story(1_999)).unwrap()).is_some());
}

/// `joins` for a reply without the scorer's signal and without feeling.
#[track_caller]
fn check_joins(text: &str, joins: bool) {
    assert_eq!(is_me_too(text, false, 0.0), joins, "{text:?}");
}

#[test]
fn who_says_that_it_happens_to_him_too_joins() {
    for text in [
        "A mí también",
        "Yo igual, en Getafe",
        "Igual aquí, sin línea desde ayer",
        "A mí tampoco me funciona",
        "+1",
        "Same here!",
        "me too, since 9",
        "Eu também",
        "Pareil à Lyon",
        "Stesso problema a Roma",
        "Bei uns auch",
        "A mi també",
    ] {
        check_joins(text, true);
    }
    for text in [
        "A mí también me funciona",
        "Same here, works great",
        "A mí me va perfecto",
        "¿Han probado a reiniciar?",
        "Gracias a todos",
        "",
    ] {
        check_joins(text, false);
    }
    assert!(!is_me_too("A mí también me gusta", true, 0.6), "praise");
    let own_story = "palabra ".repeat(40);
    assert!(!is_me_too(&format!("Yo también. {own_story}"), true, 0.0));
}

#[track_caller]
fn check_report(text: &str, is_one: bool) {
    assert_eq!(is_report(None, text), is_one, "{text:?}");
}

#[test]
fn the_press_reports_and_a_customer_tells() {
    check_report(
        "Miles de usuarios de Telefonía Ejemplo se quedan sin internet, según Downdetector.",
        true,
    );
    check_report(
        "La operadora sufre una caída que afecta a miles de clientes, que denuncian la falta de \
         respuesta.",
        true,
    );
    check_report(
        "Thousands of customers without internet, a spokesperson of the company said.",
        true,
    );
    check_report(
        "Toda la mañana sin fibra en Getafe. ¿Alguien sabe algo?",
        false,
    );
    check_report(
        "Según ustedes funciona, y estamos sin línea mil clientes",
        false,
    );
    check_report("Los clientes les damos igual", false);
}

proptest! {
    #[test]
    fn any_text_is_compared_and_kept(one in "\\PC{0,80}", other in "(fibra|casa|@x|#y|9|é|sin| ){0,30}") {
        for text in [&one, &other] {
            if let Some(sketch) = sketch(text) {
                prop_assert_eq!(sketch.likeness_permille(&sketch), 1_000);
                prop_assert_eq!(Sketch::from_hex(&sketch.to_hex()), Some(sketch));
            }
            is_me_too(text, true, 0.0);
            is_report(Some(text), text);
        }
    }
}

#[test]
fn what_is_no_sketch_is_none() {
    for hex in ["", "1", "0000000z", "0000000200000001", "ñññññññññ"] {
        assert_eq!(Sketch::from_hex(hex), None, "{hex:?}");
    }
}
