//! What a draft repeats stands in his words: counts, days, silence, and whole clauses.

use super::*;

/// What is told of the attempt of somebody who wrote this, by a signal with these facts.
#[track_caller]
fn check_contact(lang: Lang, text: &str, facts: (u32, u32, &[Channel]), expected: &str) {
    let (tries, days, channels) = facts;
    let mut customer = Customer::new(lang, text).waiting(tries, days);
    customer.signals[0].channels = channels.to_vec();
    let told = customer.brief(&company(), &[], |brief| {
        let reached = contact::of(brief, &brief.verdict.signals[0]);
        frames::of(lang).failed_contact(&reached)
    });
    assert_eq!(told, expected, "{text}");
}

#[test]
fn a_count_that_his_words_do_not_bear_out_is_not_told() {
    use Channel::{Mail, Phone};
    check_contact(
        Lang::Es,
        "Llamé cuatro veces en dos semanas y nadie me atiende.",
        (4, 14, &[Phone]),
        "llamó cuatro veces en 14 días y nadie le atendió",
    );
    check_contact(
        Lang::It,
        "Addebito doppio, due volte. Ho chiamato sette volte e non risponde nessuno.",
        (2, 0, &[Phone]),
        "ha chiamato più volte e nessuno ha risposto",
    );
    check_contact(
        Lang::De,
        "Ich habe viermal angerufen und zwei Mails geschrieben, niemand antwortet.",
        (6, 0, &[Phone, Mail]),
        "Sie sechsmal versucht haben, uns zu erreichen, und niemand antwortete",
    );
    check_contact(
        Lang::De,
        "Drei Anrufe, dreimal 25 Minuten Warteschleife, und niemand meldet sich.",
        (6, 0, &[Phone]),
        "Sie mehrmals angerufen haben und niemand abnahm",
    );
    // What he was promised is no time in which he tried.
    check_contact(
        Lang::Es,
        "El abono tardaba 15 días hábiles. He escrito cinco veces y nadie responde.",
        (5, 15, &[Mail]),
        "escribió cinco veces y nadie le contestó",
    );
    check_contact(
        Lang::En,
        "My boy is two years old. I have been waiting ten days and nobody replies.",
        (0, 10, &[]),
        "you have been waiting 10 days for an answer",
    );
    check_contact(
        Lang::Es,
        "Mi hijo tiene dos años y nadie me contesta al teléfono.",
        (0, 730, &[Phone]),
        "llamó y nadie le atendió",
    );
}

#[test]
fn nobody_answered_is_said_to_whom_nobody_answered() {
    for (lang, text, is_silent) in [
        (
            Lang::Es,
            "Llamé seis veces y siempre me dicen que en 48 horas.",
            false,
        ),
        (
            Lang::Es,
            "Escribí por el chat y me contesta una máquina.",
            false,
        ),
        (Lang::Es, "Llamé, esperé 40 minutos y me colgaron.", false),
        (
            Lang::Es,
            "Reclamé en agosto y me contestaron en octubre que no procedía.",
            false,
        ),
        (Lang::Es, "Llevo una semana mandando correos y nada.", true),
        (Lang::Es, "Llamo y no me cogen el teléfono.", true),
        (
            Lang::Es,
            "Nadie atiende, y me dieron cuatro números de reclamo.",
            false,
        ),
        (Lang::De, "Ich rufe an und es geht niemand ran.", true),
        (Lang::Es, "No me hacen caso por ninguna vía.", true),
        (Lang::Es, "Los he llamado mil veces.", false),
        (
            Lang::En,
            "I rang and was told three different stories.",
            false,
        ),
        (Lang::En, "I rang twice and no one answers.", true),
        (Lang::Pt, "Liguei e ninguém atende.", true),
        (Lang::Pt, "Liguei e disseram que não era com eles.", false),
        (Lang::Fr, "J'ai appelé, personne ne répond.", true),
        (
            Lang::Fr,
            "On me dit d'attendre, sans réponse claire.",
            false,
        ),
        (Lang::It, "Ho scritto e mi risponde un robot.", false),
        (Lang::It, "Ho scritto e non risponde nessuno.", true),
        (Lang::De, "Ich rufe an und niemand meldet sich.", true),
        (
            Lang::De,
            "Man hat mir gesagt, ich soll warten, niemand antwortet.",
            false,
        ),
        (Lang::Ca, "Truco i no contesta ningú.", true),
        (
            Lang::Ca,
            "Per telèfon em diuen que no em poden atendre.",
            false,
        ),
    ] {
        let customer = Customer::new(lang, text).waiting(0, 0);
        let reached = customer.brief(&company(), &[], |brief| {
            contact::of(brief, &brief.verdict.signals[0])
        });
        assert_eq!(reached.is_silent, is_silent, "{text}");
        for draft in customer.drafts(&company(), &[]) {
            let speaks = ["silencio", "silence", "silêncio", "silenzio", "silenci"];
            let speaks = speaks.iter().any(|word| draft.text.contains(word));
            assert!(is_silent || !speaks, "{}", draft.text);
        }
    }
}

#[track_caller]
fn check_quote(lang: Lang, topic: Topic, text: &str, expected: &str) {
    let mut customer = Customer::new(lang, text);
    customer.topics = vec![topic];
    let got = customer.brief(&company(), &[], |brief| quote::pick(brief, lang));
    assert_eq!(got.unwrap_or_default(), expected);
}

#[test]
fn a_quote_is_whole_and_his_own() {
    check_quote(
        Lang::De,
        Topic::Billing,
        "Am 2. November wurden mir 49 Euro doppelt abgebucht.",
        "Am 2. November wurden mir 49 Euro doppelt abgebucht",
    );
    check_quote(
        Lang::Es,
        Topic::Install,
        "El técnico iba a venir el martes entre 8 y 12 y no vino.",
        "El técnico iba a venir el martes entre 8 y 12 y no vino",
    );
    check_quote(
        Lang::En,
        Topic::Billing,
        "You charged the fee twice on the first and again on the third.",
        "You charged the fee twice on the first and again on the third",
    );
    check_quote(
        Lang::En,
        Topic::Quality,
        "Nice people. But the sauna has been broken for months.",
        "the sauna has been broken for months",
    );
    // Our own words, his order, and half a sentence are no quotes.
    check_quote(
        Lang::De,
        Topic::Outage,
        "Auf der Seite steht „keine Störung in diesem Ort bekannt“.",
        "",
    );
    check_quote(
        Lang::Es,
        Topic::Refund,
        "Quiero la devolución del dinero del viaje perdido.",
        "",
    );
    check_quote(
        Lang::Es,
        Topic::Contract,
        "Me dijo, delante de todos, que si no entiendo el contrato.",
        "",
    );
}

#[test]
fn who_does_not_say_what_happened_is_asked() {
    for (lang, text, asked) in [
        (Lang::Es, "Vergüenza.", "qué ha pasado"),
        (Lang::En, "Terrible company", "what happened"),
        (Lang::Fr, "Honteux.", "ce qui s’est passé"),
        (Lang::It, "Vergognosi!", "che cosa è successo"),
        (Lang::De, "Einfach schlecht.", "was geschehen ist"),
        (Lang::Pt, "Péssimos.", "o que aconteceu"),
        (Lang::Ca, "Quina vergonya.", "què ha passat"),
    ] {
        let mut customer = Customer::new(lang, text);
        customer.topics.clear();
        let drafts = customer.drafts(&company(), &[]);
        assert_eq!(drafts.len(), 2, "{lang}");
        for draft in drafts {
            assert!(draft.text.contains(asked), "{}", draft.text);
            assert!(draft.text.contains("c-1a2b3c4d"), "{}", draft.text);
        }
    }
}

#[test]
fn where_there_is_danger_his_safety_comes_first() {
    for (lang, text) in SAMPLES {
        let customer = Customer::new(lang, text).with(SignalKind::Safety);
        let drafts = customer.drafts(&company(), &[]);
        assert_eq!(drafts.len(), 2, "{lang}");
        for draft in drafts {
            let well = [
                "bien", "safe", "well", "allez", "stiate", "gut geht", "bem", "bé",
            ];
            assert!(
                well.iter().any(|word| draft.text.contains(word)),
                "{}",
                draft.text
            );
        }
    }
}

#[test]
fn the_answer_is_about_the_trouble_and_not_about_our_silence() {
    let text = "Llamé tres veces y nadie me atiende. Llevamos dos días sin luz en casa.";
    let mut customer = Customer::new(Lang::Es, text).waiting(3, 0);
    customer.topics = vec![Topic::Support, Topic::Outage];
    for draft in customer.drafts(&company(), &[]) {
        assert!(draft.text.contains("la avería"), "{}", draft.text);
        assert!(
            !draft.text.contains("la atención recibida"),
            "{}",
            draft.text
        );
    }
}
