//! A seeded world: the real store in memory, a scripted web and a scripted mail server, crashes between
//! begin and finish, clock steps, two workers. After each step the invariants of the design are checked.
//!
//! `ESCUCHA_SEEDS` sets how many seeds run (300), `ESCUCHA_STEPS` how long their worlds last (one of three 150
//! steps, the others a fifth of it), `ESCUCHA_SEED` repeats one, for which it must last as long as it did.

mod health;
mod incidents;
mod nags;
mod tally;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use escucha::flow::Engine;
use escucha::store::Store;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::support::binary::Home;
use crate::support::dice::{self, Dice};
use crate::support::figure;
use tally::Tally;
use tokio::runtime::Builder;
use world::World;

const STEPS: u64 = 150;

const ESCUCHA: &str = r#"
[company]
name = "Telefonía Ejemplo"
signature = "Marta Ruiz, responsable de calidad"
[[source]]
name = "foro"
url = "https://foro.test/rss"
full_text = false
[[source]]
name = "eco"
url = "https://eco.test/rss"
full_text = false
[[source]]
name = "blog"
url = "https://blog.test/rss"
full_text = true
[smtp]
host = "127.0.0.1"
port = 2525
security = "none"
from = "avisos@ejemplo.test"
[alerts]
to = ["gerente@ejemplo.test", "segunda@ejemplo.test"]
operator = ["sistemas@ejemplo.test"]
"#;

/// Every second world has these.
const NAGS: &str = "mails_per_day = 3\ndigest_at = \"08:30\"\nweekly_digest = \"lun\"\n\
    office_hours = \"lun-sáb 09:00-14:00,16:00-19:00\"\n\
    escalate = [{ after = \"2h\", to = [\"jefa@ejemplo.test\"] }, \
    { after = \"9h\", to = [\"jefa@ejemplo.test\"] }]\n";

const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";

#[test]
fn a_hundred_worlds_keep_the_promises() {
    let engine = |escucha: &str| {
        let home = Home::new(escucha, KEYWORDS);
        let settings = escucha::config::load(&home.path().join("escucha.toml"), &|_| None);
        let key = "a key of the test".to_owned();
        Arc::new(Engine::with_key(settings.unwrap(), key))
    };
    let engines = [engine(ESCUCHA), engine(&format!("{ESCUCHA}{NAGS}"))];
    let only = dice::from_env("ESCUCHA_SEED", u64::MAX);
    let seeds = match only {
        u64::MAX => 0..dice::from_env("ESCUCHA_SEEDS", 300),
        seed => seed..seed + 1,
    };
    let next = AtomicU64::new(seeds.start);
    let lane = &|core: CpuSet| {
        sched_setaffinity(None, &core).unwrap();
        let mut total = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return total;
            }
            let engine = Arc::clone(&engines[(seed % 2) as usize]);
            match catch_unwind(AssertUnwindSafe(|| lived(engine, seed))) {
                Ok(tally) => total.add(&tally),
                Err(broken) => {
                    // One promise that is broken is enough: the other lanes begin no more worlds.
                    next.store(seeds.end, Ordering::Relaxed);
                    resume_unwind(broken);
                }
            }
        }
    };
    let mut total = Tally::default();
    std::thread::scope(|scope| {
        let lanes = cores().map(|core| scope.spawn(move || lane(core)));
        let lanes: Vec<_> = lanes.collect();
        for lane in lanes {
            match lane.join() {
                Ok(tally) => total.add(&tally),
                Err(panic) => resume_unwind(panic),
            }
        }
    });
    println!("seeds {seeds:?}: {total}");
    figure("R60", "seeds", seeds.end - seeds.start);
    figure("R60", "complaints", total.complaints);
    figure("R60", "crashes", total.crashes);
    figure("R60", "mails accepted", total.mails);
    figure("R60", "copies among them", total.copies);
    figure("R60", "complaints lost", 0);
    assert!(
        total.complaints > 0 && total.crashes > 0 && total.copies > 0 && total.incidents > 0,
        "{total}"
    );
    let has_nags = only == u64::MAX || only % 2 == 1;
    assert!(
        !has_nags || (total.digests > 0 && total.held > 0),
        "{total}"
    );
}

/// Each core that this process may use. A world and the thread of its database share one: to wake a
/// thread on another costs more than what either does before it waits again.
fn cores() -> impl Iterator<Item = CpuSet> {
    let ours = sched_getaffinity(None).unwrap();
    let ours = (0..CpuSet::MAX_CPU).filter(move |nth| ours.is_set(*nth));
    ours.map(|nth| {
        let mut core = CpuSet::new();
        core.set(nth);
        core
    })
}

/// What a world came to.
fn lived(engine: Arc<Engine>, seed: u64) -> Tally {
    let usual = if seed.is_multiple_of(3) {
        STEPS
    } else {
        STEPS / 5
    };
    let n_steps = dice::from_env("ESCUCHA_STEPS", usual);
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open_memory().await.unwrap();
        let mut world = World::new(store, engine, Dice::new(seed), seed).await;
        for _ in 0..n_steps {
            world.step().await;
            world.check().await;
        }
        world.heal().await;
        world.tally
    })
}
