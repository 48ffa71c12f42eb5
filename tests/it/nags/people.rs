//! Escalation and routes: who else is told, and who instead.

use escucha::flow::acts::{self, Act};
use escucha::model::Because;

use super::*;
use crate::support::databases;

const ESCALATE: &str = "answer_within = \"4h\"\n\
    escalate = [{ after = \"6h\", to = [\"jefa@ejemplo.test\"] }, \
    { after = \"2h\", to = [\"jefe@ejemplo.test\", \"JEFE@ejemplo.test\"] }]";

#[tokio::test]
async fn nobody_answers_and_each_step_is_told_once_in_the_thread() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh, ESCALATE, "").await;
        let said = [Said::new(1, "Javier", BILLING, lab.now)];
        read(&mut lab, &said).await;
        assert_eq!(taken(&mut lab), ["complaint gerente"], "{}", fresh.engine);
        pass(&mut lab, 1).await;
        assert!(taken(&mut lab).is_empty());
        pass(&mut lab, 1).await;
        let mail = lab.mails[0].clone();
        assert_eq!(taken(&mut lab), ["escalation jefe"], "{}", fresh.engine);
        let row = lab.store.cases(9).await.unwrap().remove(0);
        assert_eq!(mail.case_id, Some(row.id.clone()));
        assert!(
            mail.subject.starts_with("Re: Javier en foro"),
            "{}",
            mail.subject
        );
        assert!(
            mail.text
                .contains("Hace 2 horas se avisó a gerente@ejemplo.test"),
            "{}",
            mail.text
        );
        pass(&mut lab, 4).await;
        assert_eq!(taken(&mut lab), ["escalation jefa", "reminder gerente"]);
        pass(&mut lab, 48).await;
        let rest = taken(&mut lab);
        assert!(
            rest.iter().all(|mail| mail == "reminder gerente"),
            "{rest:?}"
        );
        let events = lab.store.case_events(&row.id).await.unwrap();
        let steps = events.iter().filter(|event| event.event == "escalated");
        assert_eq!(steps.count(), 2);
    }
}

#[tokio::test]
async fn who_was_answered_or_dismissed_is_not_escalated() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh, ESCALATE, "").await;
        let said = [
            Said::new(1, "Javier", BILLING, lab.now),
            Said::new(2, "Ana", OUTAGE, lab.now),
        ];
        read(&mut lab, &said).await;
        let because = Because::SpamOrFalse;
        let acts = [Act::Answered, Act::Dismissed { because }];
        for (row, act) in lab.store.cases(9).await.unwrap().iter().zip(acts) {
            acts::act(lab.store, &lab.engine, row, act, lab.now)
                .await
                .unwrap();
        }
        taken(&mut lab);
        pass(&mut lab, 20).await;
        let told = taken(&mut lab);
        assert!(told.is_empty(), "{}: {told:?}", fresh.engine);
    }
}

#[tokio::test]
async fn an_urgent_case_does_not_wait_for_the_office_and_others_do() {
    // The lab begins on a Friday at 08:00 UTC; the office opens again on Monday.
    let closed = format!("{ESCALATE}\noffice_hours = \"lun 09:00-19:00\"");
    let grave = format!(
        "{OUTAGE} Mi abogado ya lo sabe y hay peligro: el cable echa chispas. \
        Soy cliente desde 2010, llamé cinco veces en tres semanas y me voy."
    );
    for fresh in databases::both().await {
        let mut lab = lab(&fresh, &closed, "").await;
        let said = [
            Said::new(1, "Javier", BILLING, lab.now),
            Said::new(2, "Marcos", &grave, lab.now),
        ];
        read(&mut lab, &said).await;
        let rows = lab.store.cases(9).await.unwrap();
        let urgent: Vec<bool> = rows.iter().map(|row| row.is_urgent).collect();
        assert_eq!(urgent, [true, false], "the riskiest first");
        taken(&mut lab);
        pass(&mut lab, 5).await;
        let of_urgent = |lab: &Lab<'_>| {
            let mails = lab.mails.iter().filter(|mail| mail.kind == "escalation");
            let cases: Vec<_> = mails.map(|mail| mail.case_id.clone().unwrap()).collect();
            cases
        };
        assert_eq!(of_urgent(&lab), [rows[0].id.clone()], "{}", fresh.engine);
        let before = lab.store.case(&rows[1].id).await.unwrap().unwrap();
        let at = before
            .case
            .escalate
            .unwrap()
            .at
            .in_zone(&lab.engine.settings.zone);
        assert_eq!(at.strftime("%a %H:%M").to_string(), "Mon 11:00");
    }
}

#[tokio::test]
async fn cases_of_one_incident_are_escalated_in_one_letter() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh, ESCALATE, "").await;
        let said: Vec<Said> = (1..=5)
            .map(|n| {
                Said::new(
                    n,
                    &format!("Afectada {n}"),
                    &format!("{OUTAGE} Ya {n} h."),
                    lab.now,
                )
            })
            .collect();
        read(&mut lab, &said).await;
        taken(&mut lab);
        pass(&mut lab, 2).await;
        let subjects: Vec<&str> = lab.mails.iter().map(|mail| mail.subject.as_str()).collect();
        assert_eq!(
            subjects,
            ["Nadie contesta a 5 clientes: avería"],
            "{}",
            fresh.engine
        );
        pass(&mut lab, 2).await;
        assert_eq!(taken(&mut lab), ["escalation jefe", "reminder gerente"]);
    }
}

const ROUTES: &str = "[[route]]\ntopic = \"outage\"\nto = [\"redes@ejemplo.test\"]\n\
    [[route]]\ntopic = \"billing\"\n\
    to = [\"cobros@ejemplo.test\", \"Cobros@Ejemplo.test\", \"caja@ejemplo.test\"]\n";
const OF_WATCH: &str =
    "[[route]]\ntopic = \"outage\"\nwatch = \"zona\"\nto = [\"noche@ejemplo.test\"]\n";
const WATCHES: &str = "[[watch]]\nname = \"zona\"\nquery = 'getafe'\n\
    [[watch]]\nname = \"ejemplo\"\nquery = 'cuota'\n";
const STAFF: &str = "El encargado de la tienda de Telefonía Ejemplo me ha gritado y me ha echado. Un \
    trato vergonzoso.";

#[tokio::test]
async fn the_letters_of_a_topic_or_a_watch_go_to_their_people() {
    let own = WATCHES.replace("'getafe'", "'getafe'\nto = [\"zona@ejemplo.test\"]");
    let both = format!("{ROUTES}{OF_WATCH}");
    for (routes, keywords, text, expected) in [
        (ROUTES, WATCHES, BILLING, "complaint caja, complaint cobros"),
        (ROUTES, WATCHES, OUTAGE, "complaint redes"),
        (ROUTES, WATCHES, STAFF, "complaint gerente"),
        // What names the watch goes before what names a topic alone.
        (ROUTES, own.as_str(), OUTAGE, "complaint zona"),
        (both.as_str(), own.as_str(), OUTAGE, "complaint noche"),
        (
            both.as_str(),
            own.as_str(),
            BILLING,
            "complaint caja, complaint cobros",
        ),
    ] {
        let fresh = databases::sqlite().await;
        let mut lab = lab_with(&fresh, "", routes, keywords).await;
        let said = [Said::new(1, "Javier", text, lab.now)];
        read(&mut lab, &said).await;
        assert_eq!(
            taken(&mut lab).join(", "),
            expected,
            "{routes} {keywords} {text}"
        );
    }
}

#[tokio::test]
async fn older_complaints_are_listed_to_those_who_answer_for_them() {
    let fresh = databases::sqlite().await;
    let mut lab = Lab::with(&fresh.store, &format!("{SOURCES}{ROUTES}"), "", WATCHES).await;
    let before = lab.now.plus_days(-9);
    let said = [
        Said::new(1, "Javier", BILLING, before),
        Said::new(2, "Ana", OUTAGE, before),
        Said::new(3, "Eva", STAFF, before),
    ];
    read(&mut lab, &said).await;
    let mails: Vec<(String, String)> = lab
        .mails
        .iter()
        .map(|mail| (mail.recipient.clone(), mail.text.clone()))
        .collect();
    for (to, text) in &mails {
        assert_eq!(
            text.contains("cuota"),
            !to.starts_with("redes") && !to.starts_with("gerente")
        );
        assert_eq!(
            text.contains("Getafe"),
            to.starts_with("redes"),
            "{to}: {text}"
        );
    }
    let told = [
        "backlog caja",
        "backlog cobros",
        "backlog gerente",
        "backlog redes",
    ];
    assert_eq!(taken(&mut lab), told);
}
