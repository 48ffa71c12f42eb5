//! How many mails an incident is worth, and that every case of it is named in one of them.

use escucha::flow::acts;
use escucha::model::{State, Timestamp};

use super::*;
use crate::support::dice::Dice;
use crate::support::say;

fn copy(n: usize) -> String {
    format!("{OUTAGE} Ya son {n} horas.")
}

/// Two customers with the same outage, each in nearly the same words.
fn two_afflicted(at: Timestamp) -> Vec<Said> {
    (1..=2)
        .map(|n| Said::new(n, &format!("Afectado {n}"), &copy(n), at))
        .collect()
}

#[tokio::test]
async fn a_growing_incident_is_told_once_per_doubling() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh).await;
        let mut foro = Vec::new();
        for n in 1..=16 {
            let at = lab.now;
            foro.push(Said::new(n, &format!("Afectado {n}"), &copy(n), at));
            // Every quarter of an hour, so that no repeat falls due before 16.
            lab.now = lab.now.plus_minutes(-45);
            read(&mut lab, &foro, &[]).await;
        }
        let told = subjects(&lab, "incident");
        assert_eq!(
            told,
            [
                "2 clientes cuentan lo mismo: avería",
                "Ya son 4 clientes con lo mismo: avería",
                "Ya son 8 clientes con lo mismo: avería",
                "Ya son 16 clientes con lo mismo: avería",
            ],
            "{}",
            fresh.engine
        );
        assert_eq!(subjects(&lab, "complaint").len(), 1);
        assert!(unnamed(&lab).await.is_empty());
    }
}

#[tokio::test]
async fn who_joins_between_two_doublings_is_named_after_four_hours() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh).await;
        let at = lab.now;
        let mut foro = two_afflicted(at);
        read(&mut lab, &foro, &[]).await;
        foro.push(Said::new(3, "Afectada", &copy(3), at));
        read(&mut lab, &foro, &[]).await;
        assert_eq!(subjects(&lab, "incident").len(), 1);
        let held = unnamed(&lab).await;
        assert_eq!(held.len(), 1, "{}", fresh.engine);
        let row = lab.store.case(&held[0]).await.unwrap().unwrap();
        assert_eq!(row.case.state, State::New);
        pass(&mut lab, 3).await;
        assert_eq!(unnamed(&lab).await, held);
        pass(&mut lab, 1).await;
        assert!(unnamed(&lab).await.is_empty(), "{}", fresh.engine);
        let told = lab.store.case(&held[0]).await.unwrap().unwrap();
        assert_eq!(told.case.state, State::Told);
        assert!(told.case.answer_by.is_some(), "its countdown runs");
        let letters = subjects(&lab, "incident");
        assert_eq!(letters[1], "Ya son 3 clientes con lo mismo: avería");
        // Nobody waits: nothing more is told.
        pass(&mut lab, 3).await;
        assert_eq!(subjects(&lab, "incident").len(), 2);
    }
}

#[tokio::test]
async fn urgent_by_its_own_facts_is_told_alone_too() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh).await;
        let at = lab.now;
        let mut foro = two_afflicted(at);
        read(&mut lab, &foro, &[]).await;
        let grave = format!("{OUTAGE} Mi abogado ya lo sabe: voy a poner una denuncia.");
        foro.push(Said::new(3, "Marcos", &grave, at));
        read(&mut lab, &foro, &[]).await;
        let alone = subjects(&lab, "complaint");
        assert_eq!(alone.len(), 1, "{}: {alone:?}", fresh.engine);
        assert!(alone[0].contains("Marcos"), "{alone:?}");
        assert_eq!(together(&lab).await[0].len(), 3);
    }
}

#[tokio::test]
async fn a_hundred_complaints_in_an_hour_are_a_handful_of_mails() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh).await;
        let mut foro = Vec::new();
        for minute in 0..12 {
            let n_by_now = if minute == 11 { 100 } else { (minute + 1) * 8 };
            for n in foro.len()..n_by_now {
                foro.push(Said::new(n, &format!("Afectado {n}"), &copy(n), lab.now));
            }
            lab.now = lab.now.plus_minutes(-55);
            read(&mut lab, &foro, &[]).await;
        }
        let in_the_hour = lab.mails.len();
        pass(&mut lab, 3).await;
        let by_reminder = subjects(&lab, "incident").len();
        pass(&mut lab, 3).await;
        assert!(unnamed(&lab).await.is_empty(), "{}", fresh.engine);
        let n = lab.mails.len();
        say(&format!(
            "{}: 100 complaints in an hour: {in_the_hour} mails within it, {n} within seven hours, \
             {by_reminder} of them about the incident",
            fresh.engine
        ));
        assert!(in_the_hour <= 8 && n <= 16, "{in_the_hour} {n}");
        assert_eq!(lab.store.cases(200).await.unwrap().len(), 100);
        // Reminders come together, not a hundred times three.
        pass(&mut lab, 48).await;
        assert!(lab.mails.len() <= n + 15, "{}", lab.mails.len());
    }
}

#[tokio::test]
async fn what_was_dismissed_counts_no_more() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh).await;
        let at = lab.now;
        let mut foro = two_afflicted(at);
        read(&mut lab, &foro, &[]).await;
        let row = lab.store.cases(9).await.unwrap().remove(0);
        let act = acts::Act::Dismissed {
            because: escucha::model::Because::SpamOrFalse,
        };
        acts::act(lab.store, &lab.engine, &row, act, lab.now)
            .await
            .unwrap();
        for n in 3..=5 {
            assert_eq!(subjects(&lab, "incident").len(), 1, "{}: {n}", fresh.engine);
            foro.push(Said::new(n, &format!("Afectado {n}"), &copy(n), at));
            lab.now = lab.now.plus_minutes(-45);
            read(&mut lab, &foro, &[]).await;
        }
        assert_eq!(subjects(&lab, "incident").len(), 2, "{}", fresh.engine);
    }
}

/// Any mixture of stories, threads and hours: in the end every case was named in an accepted mail.
#[tokio::test]
async fn no_case_of_any_mixture_is_lost_from_sight() {
    const STORIES: [&str; 4] = [
        OUTAGE,
        COPIED,
        OTHER,
        "Llevo tres días sin línea y nadie viene.",
    ];
    for seed in 0..crate::support::dice::from_env("ESCUCHA_SEEDS", 100) / 10 {
        let fresh = databases::sqlite().await;
        let mut lab = lab(&fresh).await;
        let mut dice = Dice::new(seed);
        let (mut foro, mut red) = (Vec::<Said>::new(), Vec::<Said>::new());
        for n in 0..40 {
            let story = dice.pick(&STORIES);
            let author = format!("Vecina {}", dice.below(30));
            let text = format!("{story} Van {n} avisos.");
            let mut said = Said::new(n, &author, &text, lab.now);
            if n > 0 && dice.percent(30) {
                "Yo igual.".clone_into(&mut said.text);
                said = said.to(dice.below(n as u64) as usize);
            }
            if dice.percent(50) {
                &mut foro
            } else {
                &mut red
            }
            .push(said);
            if dice.percent(40) {
                read(&mut lab, &foro, &red).await;
            }
            if dice.percent(30) {
                let hours = dice.below(9) as i64;
                pass(&mut lab, hours).await;
            }
        }
        read(&mut lab, &foro, &red).await;
        pass(&mut lab, 5).await;
        let lost = unnamed(&lab).await;
        assert!(lost.is_empty(), "seed {seed}: {lost:?}");
        for row in lab.store.cases(100).await.unwrap() {
            assert_ne!(row.case.state, State::New, "seed {seed}: {row:?}");
        }
    }
}
