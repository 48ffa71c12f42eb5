//! Replies that the check refuses, and those that it lets pass.

use super::*;

const STEP_ES: &str = " Reviso el cobro y le contesto aquí el lunes antes de las 13:00.";
const STEP_EN: &str = " I will check the charge and answer you here before 13:00 on Monday.";

/// The kinds of the faults, in their order.
#[track_caller]
fn check_text(lang: Lang, text: &str, expected: &str) {
    let faults = check(text, Some(lang), None);
    let kinds: Vec<&str> = faults.iter().map(|fault| fault.kind.word()).collect();
    assert_eq!(kinds.join(" "), expected, "{text}: {faults:?}");
    for fault in &faults {
        for ui in [Ui::Es, Ui::En] {
            assert!(fault.sentence(ui).ends_with('.'));
            assert!(fault.sentence(ui).contains(&fault.quote));
        }
    }
}

#[test]
fn bad_spanish_replies_are_refused() {
    for (reply, expected) in [
        ("Le pedimos que borre su comentario.", "hide"),
        ("Si modifica la valoración le llamamos.", "hide"),
        ("Hemos procedido a ocultar su comentario.", "hide"),
        ("Este no es el lugar adecuado para tratarlo.", "hide"),
        ("Debería haber leído las condiciones.", "blame"),
        ("Usted no siguió las instrucciones.", "blame"),
        ("Como ya le indicamos, el cargo es correcto.", "blame"),
        ("No es para tanto.", "blame"),
        ("Ha tenido mala suerte.", "blame"),
        ("Es usted el único que se queja.", "blame"),
        ("Nos reservamos el derecho de actuar.", "threat"),
        ("Emprenderemos acciones legales.", "threat"),
        ("Nuestros abogados lo verán.", "threat"),
        ("Eso es difamación.", "threat"),
        ("Aproveche nuestra oferta de fibra.", "advert"),
        ("Descubra todas nuestras novedades.", "advert"),
        ("Síganos en Instagram.", "advert"),
        ("Lamentamos las molestias ocasionadas.", "canned"),
        ("Gracias por ponerse en contacto.", "canned"),
        ("Su opinión es muy importante.", "canned"),
        ("Estimado cliente.", "canned"),
        ("Seguimos trabajando para mejorar.", "canned"),
        ("Hemos trasladado su queja al departamento.", "canned"),
    ] {
        check_text(Lang::Es, &format!("{reply}{STEP_ES}"), expected);
    }
    check_text(
        Lang::Es,
        "Escríbanos por privado y mañana le contestamos.",
        "private_only",
    );
    check_text(
        Lang::Es,
        "Llámenos al 900 y mañana lo resolvemos.",
        "private_only",
    );
    check_text(Lang::Es, "Lo miraremos.", "no_next_step");
    check_text(Lang::Es, "Le contestamos.", "no_next_step");
    check_text(Lang::Es, "", "no_next_step");
    check_text(
        Lang::Es,
        "Estimado cliente: lamentamos las molestias. Borre su reseña o hablarán nuestros abogados.",
        "hide threat canned no_next_step",
    );
}

#[test]
fn bad_english_replies_are_refused() {
    for (reply, expected) in [
        ("Please delete your review.", "hide"),
        ("Could you take this down?", "hide"),
        ("Would you consider changing your rating?", "hide"),
        ("You should have read the contract.", "blame"),
        ("As we have already explained, it is correct.", "blame"),
        ("This was your own fault.", "blame"),
        ("Nobody else has this problem.", "blame"),
        ("This is an isolated incident.", "blame"),
        ("We will take legal action.", "threat"),
        ("You will hear from our lawyers.", "threat"),
        ("This is defamatory.", "threat"),
        ("Check out our new plans.", "advert"),
        ("Follow us on Instagram.", "advert"),
        ("We are sorry for any inconvenience.", "canned"),
        ("We apologise for the inconvenience caused.", "canned"),
        ("Thank you for your feedback.", "canned"),
        ("Dear valued customer.", "canned"),
        ("We take all complaints very seriously.", "canned"),
        ("Do not hesitate to ask.", "canned"),
    ] {
        check_text(Lang::En, &format!("{reply}{STEP_EN}"), expected);
    }
    check_text(
        Lang::En,
        "Please DM us, we will look into it today.",
        "private_only",
    );
    check_text(Lang::En, "We will look into it.", "no_next_step");
    check_text(Lang::En, "We looked into it on Monday.", "no_next_step");
}

#[test]
fn the_other_languages_know_the_worst_of_it() {
    check_text(
        Lang::Pt,
        "Apague o comentário. Amanhã respondemos aqui.",
        "hide",
    );
    check_text(
        Lang::Fr,
        "Supprimez votre avis. Demain nous vous répondons ici.",
        "hide",
    );
    check_text(
        Lang::It,
        "Cancelli la recensione. Domani rispondiamo qui.",
        "hide",
    );
    check_text(
        Lang::De,
        "Bitte die Bewertung löschen. Morgen antworten wir hier.",
        "hide",
    );
    check_text(
        Lang::Ca,
        "Esborri el comentari. Demà li responem aquí.",
        "hide",
    );
    check_text(
        Lang::Fr,
        "Nos avocats vous écriront. Demain nous vous répondons ici.",
        "threat",
    );
    check_text(
        Lang::De,
        "Das war Ihr eigener Fehler. Morgen antworten wir hier.",
        "blame",
    );
    check_text(
        Lang::It,
        "Gentile cliente, domani rispondiamo qui.",
        "canned",
    );
    check_text(
        Lang::Pt,
        "Lamentamos o transtorno. Amanhã respondemos aqui.",
        "canned",
    );
    check_text(
        Lang::Ca,
        "Lamentem les molèsties. Demà li responem aquí.",
        "canned",
    );
    assert_eq!(
        check("Supprimez votre avis.", None, None)[0].kind,
        FaultKind::Hide
    );
}

#[test]
fn good_replies_pass() {
    for reply in [
        "Javier, llamó cuatro veces y nadie le atendió: eso es un fallo nuestro.",
        "No le pedimos que borre nada: su mensaje se queda donde está.",
        "Le escribimos también por privado, pero la respuesta queda en esta página.",
        "La oferta que firmó decía otra cosa, y eso lo aclaramos.",
        "No vamos a emprender acciones legales contra nadie por quejarse.",
        "Gracias por los doce años que dice llevar con nosotros.",
    ] {
        check_text(Lang::Es, &format!("{reply}{STEP_ES}"), "");
    }
    for reply in [
        "Ana, you called four times and nobody answered: that is our failure.",
        "We will not ask you to remove anything.",
        "Thank you for the twelve years you say you have spent with us.",
    ] {
        check_text(Lang::En, &format!("{reply}{STEP_EN}"), "");
    }
    check_text(
        Lang::Es,
        "Mañana a las 10 le llamo y lo dejo contado aquí.",
        "",
    );
    check_text(
        Lang::En,
        "I'll call you tomorrow and post the result here.",
        "",
    );
}

#[test]
fn the_quote_is_as_written() {
    let faults = check("Por favor, BORRE su Comentario hoy.", Some(Lang::Es), None);
    assert_eq!(faults[0].quote, "BORRE su Comentario");
    assert_eq!(
        faults[0].sentence(Ui::En),
        "«BORRE su Comentario»: asks to hide or change what was said; answer where it was said and \
         leave it alone."
    );
}
