//! How long `escucha keywords test` takes on a million stored posts:
//! `cargo bench --bench keywords -- [--posts N] [--ours PERCENT] [--verify] [--dir DIR]`.
//!
//! It makes a SQLite store of posts as people write them, of which two of a hundred name the company,
//! runs the command on it with a file for each kind of change, and prints the seconds that a person
//! waits. With `--verify` every post is scored with both files too, which takes long, and the bench
//! fails where the lists differ. `--dir` keeps the store there for another run.

#![expect(clippy::print_stdout, reason = "its figures are for people to read")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use escucha::flow::Engine;
use escucha::flow::replay::{self, Extent, Trial};
use escucha::model::{Circumstances, Post, PostId, SourceId, Timestamp, fingerprint, post_keys};
use escucha::store::{Admission, NewPost, Role, Store};

const USAGE: &str = "usage: cargo bench --bench keywords -- [--posts N] [--ours PERCENT] [--verify] \
                     [--dir DIR]";
const SEEN: Timestamp = Timestamp(1_795_000_000_000);
/// Posts of one transaction, as of one poll.
const POLL: u64 = 5_000;
const SOURCES: u64 = 40;
/// What the issue asks for.
const AIM_SECONDS: f64 = 60.0;

const CONFIGURATION: &str = r#"
language = "en"
[company]
name = "Telefonía Ejemplo"
[[source]]
name = "foro"
url = "https://foro.test/rss"
"#;
const OLD: &str = r#"
[[watch]]
name = "ejemplo"
query = '"telefonía ejemplo" OR @ejemplo_ayuda OR ((ejemplo EXCEPT "por ejemplo") NEAR/5 (fibra OR factura*))'
[keywords.es]
"cobro duplicado" = 20
"nadie contesta" = 15
"estaf*" = 15
"sin problema*" = -20
"#;

/// What people write, a piece for each number that is drawn.
const PIECES: &[&str] = &[
    "Llevo dos semanas sin internet",
    "nadie contesta al teléfono",
    "me han cobrado dos veces",
    "por ejemplo el otro día",
    "la factura de mayo llegó tarde",
    "esto es una estafa",
    "muy contento con el cambio",
    "todo sin problemas",
    "el técnico vino el martes",
    "¿alguien sabe cómo se configura?",
    "gracias por la ayuda",
    "el domingo salimos a las nueve",
    "la tortilla lleva cebolla",
    "he leído el libro entero",
    "el partido fue aburrido",
    "busco piso en el centro",
    "me mudo a la sierra",
    "la cobertura es buena",
    "pago 600 megas",
    "reclamé y me dan largas",
    "el router se cae",
    "quiero mi dinero",
    "no volveré jamás",
    "la app no deja ver nada",
    "sigo esperando una respuesta",
    "un saludo a todos",
];

struct Options {
    n_posts: u64,
    ours_percent: u64,
    verify: bool,
    dir: Option<PathBuf>,
}

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let options = options(&words)?;
    let kept = options.dir.clone();
    let folder = std::env::temp_dir().join(format!("escucha-keywords-{}", std::process::id()));
    let folder = kept.clone().unwrap_or(folder);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("escucha.toml"), CONFIGURATION)?;
    std::fs::write(folder.join("keywords.toml"), OLD)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let done = runtime.block_on(measure(&folder, &options));
    if kept.is_none() {
        std::fs::remove_dir_all(&folder)?;
    }
    done
}

fn options(words: &[String]) -> Result<Options> {
    let mut options = Options {
        n_posts: 1_000_000,
        ours_percent: 2,
        verify: false,
        dir: None,
    };
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let mut value = || words.next().context(USAGE);
        match word {
            "--posts" => options.n_posts = value()?.parse()?,
            "--ours" => options.ours_percent = value()?.parse()?,
            "--dir" => options.dir = Some(value()?.into()),
            "--verify" => options.verify = true,
            // Cargo says so to every benchmark.
            "--bench" => {}
            _ => bail!(USAGE),
        }
    }
    Ok(options)
}

async fn measure(folder: &Path, options: &Options) -> Result<()> {
    let store = Store::open_sqlite(&folder.join("escucha.db"), Role::Visitor).await?;
    if store.n_posts_since(Timestamp(0)).await? == 0 {
        let began = now();
        fill(&store, options).await?;
        println!(
            "{} posts stored in {:.0} s",
            options.n_posts,
            began.elapsed().as_secs_f64()
        );
    }
    let changes = [
        (
            "a keyword more",
            OLD.replace("[keywords.es]", "[keywords.es]\n\"me dan largas\" = 12"),
        ),
        (
            "all keywords other points",
            OLD.replace("= 15", "= 16").replace("= 20", "= 21"),
        ),
        (
            "the watch wider",
            OLD.replace("@ejemplo_ayuda", "@ejemplo_ayuda OR operafibra"),
        ),
        (
            "other levels",
            format!("{OLD}\n[levels]\ncomplaint_at = 0.70\n"),
        ),
        (
            "a regular expression",
            format!("{OLD}\n[[keyword]]\nmatch = '/cobr\\w+ dos/'\npoints = 9\n"),
        ),
    ];
    println!(
        "{:<28} {:>8} {:>10} {:>8} {:>8} {:>8}",
        "change", "seconds", "scored", "gained", "lost", "changed"
    );
    for (name, new) in changes {
        let seconds = one(folder, name, &new)?;
        if seconds > AIM_SECONDS {
            println!("  more than the {AIM_SECONDS} s that are aimed at");
        }
        if options.verify {
            verify(folder, &store).await?;
        }
    }
    store.close().await;
    Ok(())
}

/// Runs the command as a person does, and tells how long it took.
fn one(folder: &Path, name: &str, new: &str) -> Result<f64> {
    std::fs::write(folder.join("new.toml"), new)?;
    let began = now();
    let ran = Command::new(env!("CARGO_BIN_EXE_escucha"))
        .args(["keywords", "test", "new.toml", "--limit", "3"])
        .current_dir(folder)
        .output()?;
    let seconds = began.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&ran.stdout);
    ensure!(
        ran.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let number = |line: &str| -> String { line.chars().filter(char::is_ascii_digit).collect() };
    let after = |words: &str| {
        let line = said.lines().find(|line| line.starts_with(words));
        line.and_then(|line| line.rsplit(": ").next()).map(number)
    };
    let scored = said
        .split("; ")
        .nth(1)
        .and_then(|rest| rest.split(" scored").next());
    println!(
        "{name:<28} {seconds:>8.1} {:>10} {:>8} {:>8} {:>8}",
        scored.map(number).context("how many were scored")?,
        after("Gained").context("what was gained")?,
        after("Lost").context("what was lost")?,
        after("Changed").context("what was changed")?,
    );
    Ok(seconds)
}

/// Scores every post with both files, and fails where the lists differ.
async fn verify(folder: &Path, store: &Store) -> Result<()> {
    let settings = escucha::config::load(&folder.join("escucha.toml"), &|_| None)?;
    let engine = Arc::new(Engine::with_key(settings, "a key of the bench".to_owned()));
    let new = escucha::config::rules_of(&engine.settings, &folder.join("new.toml"))?;
    let mut outcomes = Vec::new();
    let began = now();
    for extent in [Extent::Touched, Extent::All] {
        let trial = Trial::of(store, &engine, new.clone(), extent).await?;
        outcomes.push(
            replay::replay(store, &trial, Timestamp(0), |_| ())
                .await?
                .moved,
        );
    }
    ensure!(
        outcomes[0] == outcomes[1],
        "the lists are not those of a full replay"
    );
    println!(
        "  the same {} posts by a full replay; both took {:.0} s",
        outcomes[0].len(),
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

async fn fill(store: &Store, options: &Options) -> Result<()> {
    let mut chance = Chance(7);
    let mut n = 0;
    while n < options.n_posts {
        let source = format!("source {}", (n / POLL) % SOURCES);
        let some = POLL.min(options.n_posts - n);
        let posts = (n..n + some).map(|n| new_post(n, options.ours_percent, &mut chance));
        let admission = Admission {
            posts: posts.collect(),
            ..Admission::default()
        };
        let at = SEEN.plus_minutes((n / POLL) as i64);
        let id = SourceId::of_name(&source);
        store.capture(&id, &source, &admission, at).await?;
        n += some;
    }
    Ok(())
}

fn new_post(n: u64, ours_percent: u64, chance: &mut Chance) -> NewPost {
    let mut pieces: Vec<&str> = (0..4 + chance.below(8))
        .map(|_| PIECES[chance.below(PIECES.len() as u64) as usize])
        .collect();
    if chance.below(100) < ours_percent {
        let names = [
            "Telefonía Ejemplo",
            "con @ejemplo_ayuda",
            "la fibra de Ejemplo",
        ];
        let at = chance.below(pieces.len() as u64) as usize;
        pieces.insert(at, names[chance.below(3) as usize]);
    }
    let post = Post {
        title: Some(PIECES[chance.below(PIECES.len() as u64) as usize].to_owned()),
        text: pieces.join(", "),
        author: Some(format!("author {n}")),
        url: Some(format!("https://foro.test/t/{n}")),
        published: Some(SEEN),
        ..Post::default()
    };
    NewPost {
        id: PostId::of_fingerprint(&fingerprint(&post)),
        keys: post_keys(&post),
        post,
        update: false,
        backlog: true,
        verdict: None,
        circumstances: Circumstances::default(),
        page: None,
        case: None,
        also: Vec::new(),
    }
}

/// SplitMix64: the same posts at every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads a stopwatch")]
fn now() -> Instant {
    Instant::now()
}
