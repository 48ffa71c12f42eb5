//! The digest: once a local day whatever happens, and what stands in it.

use escucha::flow::acts::{self, Act};
use escucha::flow::digest as digests;
use escucha::model::Timestamp;

use super::*;
use crate::support::databases;

fn at(utc: &str) -> Timestamp {
    Timestamp::parse_rfc3339(&format!("{utc}:00Z")).unwrap()
}

/// The local times at which digests were made.
fn made(lab: &Lab<'_>, kind: &str) -> Vec<String> {
    let zone = &lab.engine.settings.zone;
    let of = lab.mails.iter().filter(|mail| mail.kind == kind);
    of.map(|mail| {
        mail.created_at
            .in_zone(zone)
            .strftime("%m-%d %H:%M")
            .to_string()
    })
    .collect()
}

#[tokio::test]
async fn r29_two_workers_make_one_digest_a_day_also_when_clocks_change() {
    for (zone, from, expected) in [
        (
            "Europe/Madrid",
            "2027-03-27T12:10",
            ["03-28 03:30", "03-29 02:30"],
        ),
        (
            "Europe/Madrid",
            "2027-10-30T12:10",
            ["10-31 02:30", "11-01 02:30"],
        ),
        (
            "America/New_York",
            "2027-03-13T12:10",
            ["03-14 03:30", "03-15 02:30"],
        ),
    ] {
        for fresh in databases::both().await {
            let mut lab = Lab::new(&fresh.store, SOURCES).await;
            let text = std::fs::read_to_string(lab.home.path().join("escucha.toml")).unwrap();
            let text = format!("time_zone = \"{zone}\"\n{text}digest_at = \"02:30\"\n");
            lab.home.write("escucha.toml", &text);
            lab.restart();
            lab.now = at(from);
            for _ in 0..2 * 24 * 4 {
                let (store, engine) = (lab.store, lab.engine.clone());
                let (one, other) = tokio::join!(
                    digests::turn(store, &engine, lab.now),
                    digests::turn(store, &engine, lab.now)
                );
                assert!(
                    one.unwrap() + other.unwrap() <= 1,
                    "{}: {zone}",
                    fresh.engine
                );
                lab.look_around().await;
                lab.restart();
                lab.now = lab.now.plus_minutes(10);
                if lab.now.0 % 3_600_000 == 0 {
                    // The clock is put back by a quarter of an hour, and goes on.
                    lab.now = lab.now.plus_minutes(-15);
                    digests::turn(lab.store, &lab.engine, lab.now)
                        .await
                        .unwrap();
                    lab.now = lab.now.plus_minutes(35);
                }
            }
            let made: Vec<String> = made(&lab, "digest")
                .into_iter()
                .map(|at| format!("{}0", &at[..at.len() - 1]))
                .collect();
            assert_eq!(made.len(), 2, "{}: {zone} {made:?}", fresh.engine);
            for (made, expected) in made.iter().zip(expected) {
                assert_eq!(made[..8], expected[..8], "{zone} {from}");
            }
        }
    }
}

#[tokio::test]
async fn days_that_were_missed_are_told_by_one() {
    for fresh in databases::both().await {
        let alerts = "digest_at = \"08:30\"\nweekly_digest = \"sáb\"";
        let mut lab = lab(&fresh, alerts, "").await;
        turn(&mut lab).await;
        assert!(taken(&mut lab).is_empty(), "the first comes with its time");
        pass(&mut lab, 24).await;
        let quiet = lab.mails.iter().find(|mail| mail.kind == "digest");
        let quiet = quiet.unwrap().clone();
        assert_eq!(
            taken(&mut lab),
            ["digest gerente", "weekly gerente"],
            "{}",
            fresh.engine
        );
        assert_eq!(
            quiet.subject,
            "Resumen del sábado 16 de enero: sin novedades"
        );
        assert!(
            quiet
                .text
                .contains("de sus 2 fuentes y ha visto 0 publicaciones nuevas"),
            "{}",
            quiet.text
        );
        assert!(
            quiet.text.len() < 300,
            "a quiet day is short: {}",
            quiet.text
        );
        // The service is stopped for nine days.
        lab.pass_hours(9 * 24);
        let said = [Said::new(1, "Javier", BILLING, lab.now)];
        read_now(&mut lab, &said).await;
        turn(&mut lab).await;
        turn(&mut lab).await;
        assert_eq!(
            taken(&mut lab),
            ["complaint gerente", "digest gerente", "weekly gerente"],
            "{}",
            fresh.engine
        );
    }
}

#[tokio::test]
async fn a_digest_tells_what_is_open_doubtful_and_solved() {
    const WATCH: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n[levels]\n\
        complaint_at = 0.60\ndoubt_at = 0.05\n";
    for fresh in databases::both().await {
        let alerts = "digest_at = \"08:30\"\nweekly_digest = \"sáb\"";
        let mut lab = lab_with(&fresh, alerts, "", WATCH).await;
        turn(&mut lab).await;
        let said = [
            Said::new(1, "Javier", BILLING, lab.now),
            Said::new(2, "Ana <img src=x>", OUTAGE, lab.now),
            Said::new(
                3,
                "Eva",
                "No sé si Telefonía Ejemplo me cobra bien el router, la verdad.",
                lab.now,
            ),
        ];
        read(&mut lab, &said).await;
        let rows = lab.store.cases(9).await.unwrap();
        let solved = rows
            .iter()
            .find(|row| row.watch == "ejemplo")
            .unwrap()
            .clone();
        let words = "Perfecto, ya me lo han devuelto".to_owned();
        acts::act(
            lab.store,
            &lab.engine,
            &solved,
            Act::Solved { words },
            lab.now,
        )
        .await
        .unwrap();
        taken(&mut lab);
        pass(&mut lab, 24).await;
        let text = |kind: &str| {
            let mail = lab.mails.iter().find(|mail| mail.kind == kind);
            mail.unwrap_or_else(|| panic!("{kind}: {}", fresh.engine))
                .text
                .clone()
        };
        let digest = text("digest");
        let n_open = rows.len() - 1;
        for said in [
            format!("mayor riesgo primero: {n_open}"),
            "espera desde hace 23 horas".to_owned(),
            "Resueltos, en palabras del cliente: 1".to_owned(),
            "> Perfecto, ya me lo han devuelto".to_owned(),
            "judge yes|no".to_owned(),
            "escucha case p-".to_owned(),
        ] {
            assert!(digest.contains(&said), "{}: {said}\n{digest}", fresh.engine);
        }
        let weekly = text("weekly");
        assert!(weekly.contains("Resueltos, por su palabra: 1"), "{weekly}");
        assert!(weekly.contains("Lo que falla, por asuntos"), "{weekly}");
    }
}
