//! The power is cut. A run is watched by strace: what it wrote to the database, when it synced, what it
//! said to the mail server and to its log. Then the file is built as a disk may hold it at a drawn moment:
//! all that was synced, and of what was written since, any of the sectors. What the program had said to
//! anybody by then must be true of that file, and the next start must lose and repeat nothing.
//!
//! Six sources are read at once, so that polls commit together (store/group.rs).
//! `ESCUCHA_POWER_CUTS` sets how often (8), `ESCUCHA_POWER_SEED` repeats a run.

mod disk;
mod trace;

use std::collections::BTreeMap;

use sqlx::{Connection as _, SqliteConnection};

use super::ordinals::{has_strace, run_under_strace};
use crate::support::dice::{self, Dice};
use crate::support::http::Answer;
use crate::support::smtp::Mail;
use crate::support::town::{self, Doubts, Town, message_id};
use crate::support::{binary, figure, levers};
use disk::Disk;
use trace::Event;

const FORUMS: u8 = 6;
/// Cuts of one watched run; the next run goes on from the last of them.
const CUTS_A_RUN: u64 = 4;
/// A disk slow enough that polls wait for each other's commit.
const SLOW: &str = "inject=fsync:delay_enter=20000";
const TRACED: &str = "trace=pwrite64,write,writev,sendto,sendmsg,ftruncate,fsync,fdatasync,unlink";

#[tokio::test(flavor = "multi_thread")]
async fn r3_what_was_told_as_stored_outlives_a_power_cut() {
    if !has_strace() {
        return;
    }
    let seed = dice::from_env("ESCUCHA_POWER_SEED", 20_261_122);
    let n_cuts = dice::from_env("ESCUCHA_POWER_CUTS", 8);
    let mut lab = Lab {
        town: Town::new(FORUMS, None).await,
        dice: Dice::new(seed),
        history: Vec::new(),
        doubts: Doubts::default(),
        tally: Tally::default(),
        seed,
    };
    for round in 0..n_cuts.div_ceil(CUTS_A_RUN) {
        lab.watch_and_cut(round, CUTS_A_RUN.min(n_cuts - round * CUTS_A_RUN))
            .await;
    }
    let tally = &lab.tally;
    figure("R3", "power cuts", tally.cuts);
    figure("R3", "of them with writes that were not synced", tally.torn);
    figure("R3", "posts told as stored before a cut", tally.stored);
    figure("R3", "mails told as sent before a cut", tally.sent);
    figure(
        "R3",
        "mails that may have arrived, and were sent again or not",
        tally.doubts,
    );
    figure("R3", "commits that several polls shared", tally.shared);
    figure("R3", "lost or forgotten", 0);
    let is_worth_it = tally.torn > 0 && tally.stored > 0 && tally.shared > 0;
    assert!(is_worth_it && tally.cuts == n_cuts, "{tally:?}");
}

#[derive(Debug, Default)]
struct Tally {
    cuts: u64,
    torn: u64,
    stored: usize,
    sent: usize,
    doubts: usize,
    shared: usize,
}

struct Lab {
    town: Town,
    dice: Dice,
    /// The mails of the world that goes on, and which of them may have copies.
    history: Vec<Mail>,
    doubts: Doubts,
    tally: Tally,
    seed: u64,
}

/// What the program had told others before the cut.
#[derive(Debug, Default)]
struct Said {
    /// Sources whose post it logged as stored.
    stored: Vec<String>,
    /// Mails whose text it sent: the dot barrier lies behind them.
    begun: Vec<String>,
    /// How many of these it went on from: they are settled.
    n_settled: usize,
}

impl Lab {
    async fn watch_and_cut(&mut self, round: u64, n_cuts: u64) {
        let first = round * u64::from(FORUMS);
        for (nth, forum) in self.town.forums.iter().enumerate() {
            let neighbour = first + nth as u64;
            forum.route("/rss", news(neighbour));
        }
        self.town.take_over().await;
        let file = self.town.home.path().join("escucha.db");
        let before = std::fs::read(&file).unwrap();
        let n_mails = self.town.smtp.mails().len();
        let log = self.town.home.path().join("strace.log");
        let told = log.display().to_string();
        let options = [
            "-y", "-xx", "-s", "1000000", "-e", TRACED, "-e", SLOW, "-o", &told,
        ];
        let output = run_under_strace(&self.town, &options).await;
        assert!(output.status.success(), "{}", binary::err(&output));
        let watched = self.town.smtp.mails()[n_mails..].to_vec();
        let events = trace::events(&std::fs::read_to_string(&log).unwrap());
        assert!(!events.is_empty(), "strace told nothing of the database");
        self.tally.shared += trace::shared_commits(&events);
        for nth in 0..n_cuts {
            let at = self.dice.below(events.len() as u64 + 1) as usize;
            let world = self.cut(round, &before, &events[..at], &watched).await;
            let context = format!(
                "seed {}, run {round}, cut {nth} after event {at}",
                self.seed
            );
            let (mails, doubts) = self.go_on(world, &context).await;
            let authors = (0..first + u64::from(FORUMS)).filter(|n| complains(*n));
            let authors = authors.map(|n| format!("Vecino {n}"));
            let told = town::told(&self.town.database, authors, &mails, &doubts).await;
            told.expect_all(&context);
            if nth + 1 == n_cuts {
                (self.history, self.doubts) = (mails, doubts);
            }
        }
    }

    /// Puts the file in place as the disk may hold it after these events, and looks whether what was said
    /// is true of it. Gives back what was said, and the mails that the server had by then.
    async fn cut(
        &mut self,
        round: u64,
        before: &[u8],
        events: &[Event],
        watched: &[Mail],
    ) -> World {
        let mut disk = Disk::new(before);
        let mut said = Said::default();
        for event in events {
            disk.note(event);
            said.note(event);
        }
        self.tally.cuts += 1;
        self.tally.torn += u64::from(disk.has_unsynced());
        let folder = self.town.home.path();
        for (name, bytes) in disk.after_a_cut(&mut self.dice) {
            let path = folder.join(name);
            match bytes {
                Some(bytes) => std::fs::write(path, bytes).unwrap(),
                None => drop(std::fs::remove_file(path)),
            }
        }
        // Shared memory is no file that outlives the power.
        drop(std::fs::remove_file(folder.join("escucha.db-shm")));
        // The mark that lies there is of the end of the run, which this disk has not come to.
        drop(std::fs::remove_file(folder.join("escucha.db.mark")));
        let context = format!(
            "seed {}, run {round}, {} events: {said:?}",
            self.seed,
            events.len()
        );
        said.is_true_of(&self.town.database, round, &context).await;
        self.tally.stored += said.stored.len();
        self.tally.sent += said.n_settled;
        self.tally.doubts += said.begun.len() - said.n_settled;
        let had = watched
            .iter()
            .filter(|mail| said.begun.contains(&message_id(mail)));
        let mails = self.history.iter().chain(had).cloned().collect();
        World { said, mails }
    }

    /// The power is back.
    async fn go_on(&mut self, world: World, context: &str) -> (Vec<Mail>, Doubts) {
        let mut doubts = self.doubts.clone();
        for id in &world.said.begun[world.said.n_settled..] {
            doubts.add(id, context);
        }
        let n_before = self.town.smtp.mails().len();
        self.town.drain().await;
        let mut mails = world.mails;
        mails.extend_from_slice(&self.town.smtp.mails()[n_before..]);
        (mails, doubts)
    }
}

/// Cases are stored one job after the other; what brings none commits together.
fn complains(neighbour: u64) -> bool {
    neighbour.is_multiple_of(2)
}

fn news(neighbour: u64) -> Answer {
    if complains(neighbour) {
        town::feed(neighbour..neighbour + 1)
    } else {
        town::quiet(neighbour)
    }
}

struct World {
    said: Said,
    mails: Vec<Mail>,
}

const POSTS: &str = "SELECT s.name, p.id FROM posts p JOIN sources s ON s.id = p.source_id";
const MAILS: &str = "SELECT message_id, state || ' ' || phase FROM outbox WHERE mime IS NOT NULL";

impl Said {
    fn note(&mut self, event: &Event) {
        let Event::Said(text) = event else { return };
        for line in text.lines() {
            let source = line.split_once(" source ").map(|(_, rest)| rest);
            if let Some((source, what)) = source.and_then(|rest| rest.split_once(": "))
                && what.contains("1 new post")
            {
                self.stored.push(source.to_owned());
            }
            if let Some(id) = line.strip_prefix("Message-ID: ") {
                self.begun.push(id.trim_matches(['<', '>']).to_owned());
            }
            if line.starts_with("MAIL FROM") || line.starts_with("QUIT") {
                self.n_settled = self.begun.len();
            }
        }
    }

    /// Each run brings one post to each source.
    async fn is_true_of(&self, database: &str, round: u64, context: &str) {
        let mut connection = SqliteConnection::connect(database).await.unwrap();
        let sound: String = sqlx::query_scalar("PRAGMA integrity_check")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(sound, "ok", "{context}");
        connection.close().await.unwrap();
        let mut posts: BTreeMap<String, u64> = BTreeMap::new();
        for (source, _) in levers::pairs(database, POSTS).await {
            *posts.entry(source).or_default() += 1;
        }
        for source in &self.stored {
            let n = posts.get(source).copied().unwrap_or(0);
            assert_eq!(
                n,
                round + 1,
                "{context}: {source} was told as stored: {posts:?}"
            );
        }
        let mails: BTreeMap<String, String> =
            levers::pairs(database, MAILS).await.into_iter().collect();
        for (nth, id) in self.begun.iter().enumerate() {
            let is = mails.get(&format!("<{id}>")).map_or("", String::as_str);
            let is_right = if nth < self.n_settled {
                is == "sent none"
            } else {
                is == "sent none" || is == "sending post_dot"
            };
            assert!(is_right, "{context}: mail {id} is {is:?}");
        }
    }
}
