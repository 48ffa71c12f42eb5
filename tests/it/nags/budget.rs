//! The budget of a day: nothing over it is lost, everything over it is told in fewer mails.

use escucha::flow::acts::{self, Act};
use escucha::model::{Level, State};

use super::*;
use crate::incidents::unnamed;
use crate::support::dice::{self, Dice};
use crate::support::{databases, say};

/// Six troubles that have nothing in common.
const SIX: [&str; 6] = [
    BILLING,
    OUTAGE,
    "El encargado de la tienda de Telefonía Ejemplo me ha gritado y me ha echado. Vergonzoso.",
    "Llevo un mes esperando el router que pedí a Telefonía Ejemplo, no llega y nadie contesta.",
    "La aplicación de Telefonía Ejemplo da error cada vez que entro, es un desastre y estoy harta.",
    "Telefonía Ejemplo no me deja darme de baja: llevo tres llamadas y siguen sin tramitarla.",
];
const GRAVE: &str = "El cable de Telefonía Ejemplo en la fachada echa chispas, hay peligro de incendio. \
    Soy cliente desde 2009, llamé cinco veces en tres semanas, nadie me atiende, me voy y voy a poner una \
    denuncia con mi abogado.";

fn six(at: escucha::model::Timestamp) -> Vec<Said> {
    let said = |(n, text): (usize, &&str)| Said::new(n, &format!("Vecina {n}"), text, at);
    SIX.iter().enumerate().map(said).collect()
}

#[tokio::test]
async fn what_is_over_the_budget_is_named_in_the_digest_and_told_by_it() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh, "mails_per_day = 4", "").await;
        let said = six(lab.now);
        read(&mut lab, &said).await;
        assert_eq!(
            taken(&mut lab),
            ["complaint gerente"; 4],
            "{}",
            fresh.engine
        );
        let rows = lab.store.cases(9).await.unwrap();
        assert_eq!(rows.len(), 6);
        let untold = async |lab: &Lab<'_>| {
            let rows = lab.store.cases(9).await.unwrap();
            let new = rows.into_iter().filter(|row| row.case.state == State::New);
            new.collect::<Vec<_>>()
        };
        let kept = untold(&lab).await;
        assert_eq!(kept.len(), 2);
        assert!(lab.store.is_held(&kept[0].id).await.unwrap());
        // Until midnight nothing more comes; reminders wait as well.
        pass(&mut lab, 12).await;
        assert!(taken(&mut lab).is_empty(), "{}", fresh.engine);
        assert_eq!(untold(&lab).await.len(), 2);
        // Half past eight of the next day, without digest_at.
        pass(&mut lab, 10).await;
        let digest: Vec<_> = lab
            .mails
            .iter()
            .filter(|mail| mail.kind == "digest")
            .collect();
        assert_eq!(digest.len(), 1);
        for row in &rows {
            assert!(
                digest[0].text.contains(&row.id.0),
                "{}: {}",
                row.id,
                digest[0].text
            );
        }
        assert!(
            !digest[0].text.contains("Escucha ha leído"),
            "{}",
            digest[0].text
        );
        assert!(untold(&lab).await.is_empty());
        let told = lab.store.case(&kept[0].id).await.unwrap().unwrap().case;
        assert_eq!(told.told_at, Some(lab.now));
        assert!(
            told.answer_by.unwrap() > lab.now,
            "its countdown begins now"
        );
        // No mail was told as stuck.
        assert!(!taken(&mut lab).contains(&"operator sistemas".to_owned()));
    }
}

#[tokio::test]
async fn what_is_urgent_passes_the_budget_in_one_mail_an_hour() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh, "mails_per_day = 1", "").await;
        let at = lab.now;
        let urgent = |n: usize| {
            let text = format!("{GRAVE} {}", "Edificio distinto. ".repeat(n));
            Said::new(100 + n, &format!("Afectado {n}"), &text, at)
        };
        let mut said = six(at);
        said.truncate(2);
        read(&mut lab, &said).await;
        assert_eq!(taken(&mut lab), ["complaint gerente"], "{}", fresh.engine);
        said.push(Said::new(200, "Eva", GRAVE, at));
        lab.now = lab.now.plus_minutes(6);
        read_now(&mut lab, &said).await;
        assert_eq!(taken(&mut lab), ["urgent gerente"], "{}", fresh.engine);
        for n in 1..=3 {
            said.push(urgent(n));
            lab.now = lab.now.plus_minutes(6);
            read_now(&mut lab, &said).await;
        }
        assert!(taken(&mut lab).is_empty(), "{}", fresh.engine);
        lab.now = lab.now.plus_minutes(43);
        turn(&mut lab).await;
        let listed: Vec<String> = lab
            .mails
            .iter()
            .filter(|mail| mail.kind == "urgent")
            .map(|mail| mail.subject.clone())
            .collect();
        assert_eq!(listed, ["3 casos urgentes más"], "{}", fresh.engine);
        // They are told by it; only what is not urgent waits on.
        let rows = lab.store.cases(20).await.unwrap();
        let new: Vec<bool> = rows
            .iter()
            .filter(|row| row.case.state == State::New)
            .map(|row| row.is_urgent)
            .collect();
        assert_eq!(new, [false], "{}", fresh.engine);
    }
}

/// Words that nobody else has said.
fn unlike(dice: &mut Dice) -> String {
    const SYLLABLES: [&str; 16] = [
        "ra", "ne", "mo", "ti", "lu", "ca", "pe", "so", "di", "ba", "ge", "for", "tan", "ri",
        "vel", "mu",
    ];
    let mut words = Vec::new();
    for _ in 0..18 {
        let n = 2 + dice.below(3);
        let word: String = (0..n).map(|_| *dice.pick(&SYLLABLES)).collect();
        words.push(word);
    }
    format!(
        "Telefonía Ejemplo, sois un desastre y estoy harto, {}: nadie me contesta.",
        words.join(" ")
    )
}

#[tokio::test]
async fn a_flood_of_different_complaints_is_one_mail() {
    for fresh in databases::both().await {
        // So few of a watch that no topic of it surges.
        let watch = |n: usize| format!("[[watch]]\nname = \"z{n}\"\nquery = 'zona{n}'\n");
        let watches: String = (0..6).map(watch).collect();
        let mut lab = lab_with(&fresh, "", "", &format!("{watches}{KEYWORDS}")).await;
        let mut dice = Dice::new(5);
        let said: Vec<Said> = (0..60)
            .map(|n| {
                let text = format!("{} Es en la zona{}.", unlike(&mut dice), n % 6);
                Said::new(n, &format!("Vecino {n}"), &text, lab.now)
            })
            .collect();
        read(&mut lab, &said).await;
        let n_cases = lab.store.cases(99).await.unwrap().len();
        assert!(n_cases > 50, "{n_cases}");
        let kinds: Vec<&str> = lab.mails.iter().map(|mail| mail.kind.as_str()).collect();
        assert_eq!(kinds, ["together"], "{}", fresh.engine);
        assert!(unnamed(&lab).await.is_empty());
        for row in lab.store.cases(99).await.unwrap() {
            assert_eq!(row.case.state, State::Told, "{}: {row:?}", fresh.engine);
        }
        // A second reading of the same brings nothing again.
        read(&mut lab, &said).await;
        assert!(lab.mails.len() <= 2, "{}", fresh.engine);
    }
}

/// R44, with as many as `ESCUCHA_FLOOD` says: an hour of complaints, alike and unlike, some urgent.
#[tokio::test]
async fn r44_an_hour_of_complaints_is_a_dozen_mails_and_every_case_is_told() {
    let n_all = usize::try_from(dice::from_env("ESCUCHA_FLOOD", 360)).unwrap();
    let fresh = databases::sqlite().await;
    let mut lab = lab(&fresh, "mails_per_day = 12\ndigest_at = \"08:30\"", "").await;
    turn(&mut lab).await;
    let mut dice = Dice::new(44);
    let mut n = 0;
    let mut first_at = None;
    let begin = lab.now.plus_hours(1);
    for step in 0..12 {
        lab.now = begin.plus_minutes(step * 5);
        let here = (n_all - n) / usize::try_from(12 - step).unwrap();
        let said: Vec<Said> = (n..n + here)
            .map(|n| {
                let text = match dice.below(10) {
                    0 => format!("{GRAVE} {}", unlike(&mut dice)),
                    1..=4 => unlike(&mut dice),
                    5 | 6 => format!("{BILLING} Ya van {n} recibos."),
                    _ => format!("{OUTAGE} Ya van {n} avisos."),
                };
                Said::new(n, &format!("Afectado {n}"), &text, lab.now)
            })
            .collect();
        n += here;
        read_now(&mut lab, &said).await;
        turn(&mut lab).await;
        first_at = first_at.or((!lab.mails.is_empty()).then_some(lab.now));
    }
    let n_in_the_hour = lab.mails.len();
    assert_eq!(first_at, Some(begin), "told in the turn of the first post");
    assert!(
        n_in_the_hour <= 13,
        "{n_in_the_hour}: {:?}",
        taken(&mut lab)
    );
    pass(&mut lab, 30).await;
    let rows = lab.store.cases(u32::MAX).await.unwrap();
    let mut n_heard = 0;
    for level in [Level::Complaint, Level::Urgent] {
        n_heard += lab
            .store
            .posts_of_level(level, u32::MAX)
            .await
            .unwrap()
            .len();
    }
    assert_eq!(rows.len(), n_heard, "each complaint is a case");
    assert!(rows.len() * 2 > n_all, "{} of {n_all}", rows.len());
    for row in &rows {
        assert_ne!(row.case.state, State::New, "{row:?}");
    }
    let digests = lab
        .mails
        .iter()
        .filter(|mail| mail.kind == "digest")
        .count();
    assert_eq!(digests, 1, "that of the next morning");
    let named = rows.len() - unnamed(&lab).await.len();
    assert!(named > rows.len().min(1_900) * 9 / 10, "{named}");
    say(&format!(
        "R44: {} complaints in an hour, {n_in_the_hour} mails within it, {} within 31 hours, {named} \
         cases named, all told",
        rows.len(),
        lab.mails.len()
    ));
}

#[tokio::test]
async fn the_solved_mail_comes_once() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh, "", "").await;
        let mut said = vec![Said::new(1, "Javier", BILLING, lab.now)];
        read(&mut lab, &said).await;
        let solve = async |lab: &Lab<'_>| {
            let row = lab.store.cases(9).await.unwrap().remove(0);
            let words = "Gracias, <b>ya está</b>\r\nBcc: x@y.test".to_owned();
            acts::act(lab.store, &lab.engine, &row, Act::Solved { words }, lab.now)
                .await
                .unwrap();
        };
        taken(&mut lab);
        solve(&lab).await;
        solve(&lab).await;
        pass(&mut lab, 1).await;
        let text = lab.mails[0].text.clone();
        assert!(text.starts_with("Javier dice que está resuelto"), "{text}");
        assert!(
            text.contains("> Gracias, <b>ya está</b> Bcc: x@y.test"),
            "{text}"
        );
        assert_eq!(taken(&mut lab), ["solved gerente"], "{}", fresh.engine);
        // He complains again, and it is solved again: that was told.
        said.push(Said::new(
            2,
            "Javier",
            "Telefonía Ejemplo me ha vuelto a cobrar dos veces.",
            lab.now,
        ));
        read(&mut lab, &said).await;
        solve(&lab).await;
        pass(&mut lab, 1).await;
        assert_eq!(taken(&mut lab), ["complaint gerente"], "{}", fresh.engine);
    }
}
