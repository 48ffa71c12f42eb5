//! One poll that brings many posts at once: how long its jobs take, with and without anything to gather.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use escucha::extract::Extracted;
use escucha::flow::poll::{self, Answer, Outcome, Told};
use escucha::flow::{Engine, deadlines, intake};
use escucha::model::{Post, Timestamp};
use escucha::store::Store;

const CONFIGURATION: &str = r#"
[company]
name = "Telefonía Ejemplo"
[[source]]
name = "foro"
url = "https://foro.test/rss"
full_text = false
[smtp]
host = "127.0.0.1"
port = 2525
security = "none"
from = "avisos@ejemplo.test"
[alerts]
to = ["gerente@ejemplo.test"]
"#;
const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";
const NOW: Timestamp = Timestamp(1_800_000_000_000);
/// Words of which different stories are made.
const WORDS: [&str; 24] = [
    "router", "tejado", "contrato", "antena", "portal", "cable", "oferta", "canal", "partido",
    "garaje", "barrio", "tarjeta", "recibo", "banco", "sorteo", "curso", "maleta", "escalera",
    "puerta", "ventana", "reloj", "mesa", "lámpara", "cocina",
];

/// What the posts of a flood say.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// No complaint: what a poll costs anyway.
    Neutral,
    /// Each a complaint with a story of its own.
    Different,
    /// All of them the same.
    Copied,
}

pub(crate) fn measure(n: usize) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    for kind in [Kind::Neutral, Kind::Different, Kind::Copied] {
        runtime.block_on(one(n, kind))?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "it measures real time")]
async fn one(n: usize, kind: Kind) -> Result<()> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("escucha.toml"), CONFIGURATION)?;
    std::fs::write(folder.path().join("keywords.toml"), KEYWORDS)?;
    let settings = escucha::config::load(Path::new(&folder.path().join("escucha.toml")), &|_| None);
    let settings = settings.map_err(|_| anyhow::anyhow!("the configuration"))?;
    let engine = Arc::new(Engine::with_key(settings, "a key".to_owned()));
    let store = Store::open_memory().await?;
    poll::sync(&store, &engine, NOW).await?;
    let job = poll::begin(&store, &engine, "w", NOW, 1).await?.remove(0);
    let posts = (0..n).map(|at| post(at, kind)).collect();
    let answer = Answer {
        outcome: Outcome::Read {
            extracted: Extracted {
                posts,
                ..Extracted::default()
            },
            body_hash: "1".to_owned(),
            told: Told::default(),
        },
        rests: Vec::new(),
    };
    let started = std::time::Instant::now();
    let report = intake::finish(&store, &engine, &job, answer, NOW.plus_seconds(1)).await?;
    let seconds = started.elapsed().as_secs_f64();
    let mut now = NOW;
    while !store.due_incidents(now.plus_hours(1), 1).await?.is_empty() {
        now = now.plus_minutes(10);
        deadlines::turn(&store, &engine, now).await?;
    }
    let minutes = now.ms_since(NOW) / 60_000;
    let mut n_unnamed = 0;
    for incident in store.incidents(100).await? {
        let members = store.incident_members(&incident.id, 1_000_000).await?;
        n_unnamed += members.iter().filter(|member| member.waits).count();
    }
    let n_letters = store.deliveries(true).await?.len();
    println!(
        "{kind:?}: {n} posts, {} cases, {} incidents, {seconds:.1} s, {:.0} µs a post; {n_letters} letters in \
         {minutes} minutes, {n_unnamed} cases not named",
        report.n_cases,
        store.incidents(100).await?.len(),
        seconds * 1e6 / n as f64
    );
    Ok(())
}

fn post(at: usize, kind: Kind) -> Post {
    let word = |step: usize| WORDS[(at / WORDS.len().pow(step as u32) + step * 5) % WORDS.len()];
    let text = match kind {
        Kind::Neutral => format!("La tienda de Telefonía Ejemplo abre el lunes {at} a las diez."),
        Kind::Different => format!(
            "Llamé a Telefonía Ejemplo por {} {} {} {} {} y nadie me atiende, estoy harto.",
            word(0),
            word(1),
            word(2),
            word(3),
            word(4)
        ),
        Kind::Copied => format!(
            "Sin fibra en el centro de Getafe desde las 9, Telefonía Ejemplo no informa de la avería y el \
             teléfono de asistencia comunica. Van {at} avisos."
        ),
    };
    Post {
        guid: Some(format!("g{at}")),
        text,
        author: Some(format!("Vecino {at}")),
        url: Some(format!("https://foro.test/{at}")),
        published: Some(NOW),
        ..Post::default()
    }
}
