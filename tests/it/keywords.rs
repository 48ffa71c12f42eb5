//! The keyword file as an instrument: what a changed file would do, and the commands around it.

mod paper;

use std::fmt::Write as _;
use std::sync::Arc;

use escucha::config;
use escucha::flow::replay::{self, Extent, Move, Trial};
use escucha::flow::{Engine, acts};
use escucha::model::{
    Circumstances, Lang, Post, PostId, SourceId, Timestamp, fingerprint, post_keys,
};
use escucha::score::rules::Rules;
use escucha::store::{Admission, NewPost, Store};

use crate::support::binary::{Home, err, out, rows};
use crate::support::dice::{self, Dice};

const SEEN: Timestamp = Timestamp(1_795_000_000_000);

const CONFIGURATION: &str = r#"
language = "en"
[company]
name = "Telefonía Ejemplo"
customers = 900
own_authors = ["@ejemplo_ayuda"]
[[source]]
name = "foro"
url = "https://foro.test/rss"
[[source]]
name = "opiniones"
kind = "reviews"
url = "https://opiniones.test/ejemplo"
language = "es"
watches = ["w0"]
"#;

/// What posts are made of: names, complaints, praise, and what is neither.
const PIECES: [&str; 24] = [
    "Telefonía Ejemplo",
    "Ejemplo",
    "por ejemplo",
    "TeleEjem",
    "Operafibra",
    "llevo dos semanas",
    "sin internet",
    "y nadie contesta",
    "me han cobrado dos veces",
    "me siguen cobrando",
    "un timo",
    "sin problemas",
    "muy contento",
    "la factura de mayo",
    "cola en la tienda",
    "en la tienda hay cola",
    "soy cliente desde 2014",
    "me doy de baja",
    "gracias por todo",
    "el router se cae",
    "I was charged twice",
    "nobody answers",
    "¡¡qué vergüenza!!",
    "el domingo hace sol",
];
/// What queries are made of.
const ATOMS: [&str; 22] = [
    "ejemplo",
    "\"telefonía ejemplo\"",
    "teleejem",
    "factura*",
    "cobrar~",
    "timo",
    "cola",
    "tienda",
    "\"nadie contesta\"",
    "internet",
    "title:tienda",
    "text:ejemplo",
    "author:ana",
    "source:foro",
    "lang:es",
    "/!!/",
    "/\\bcobr\\w+/",
    "\"por ejemplo\"",
    "gracias",
    "baja",
    "nobody",
    "semana~",
];

struct World {
    home: Home,
    store: Store,
    engine: Arc<Engine>,
}

impl World {
    async fn new(keywords: &str, n_posts: u64, dice: &mut Dice) -> Self {
        let home = Home::new(CONFIGURATION, keywords);
        let store = Store::open_memory().await.unwrap();
        let settings = config::load(&home.path().join("escucha.toml"), &|_| None).unwrap();
        let engine = Arc::new(Engine::with_key(settings, "a key of the test".to_owned()));
        for n in 0..n_posts {
            let (post, source) = (any_post(n, dice), *dice.pick(&["foro", "opiniones", "old"]));
            let id = PostId::of_fingerprint(&fingerprint(&post));
            let new = NewPost {
                id: id.clone(),
                keys: post_keys(&post),
                post,
                update: false,
                backlog: false,
                verdict: None,
                circumstances: Circumstances::default(),
                page: None,
                case: None,
                also: Vec::new(),
            };
            let admission = Admission {
                posts: vec![new],
                ..Admission::default()
            };
            let at = SEEN.plus_hours(-(dice.below(400) as i64));
            let source_id = SourceId::of_name(source);
            store
                .capture(&source_id, source, &admission, at)
                .await
                .unwrap();
            if dice.percent(20) {
                let is_complaint = dice.percent(50);
                acts::judge(&store, &id, None, is_complaint, SEEN)
                    .await
                    .unwrap();
            }
        }
        Self {
            home,
            store,
            engine,
        }
    }

    /// The rules of another file in the place of the one in force.
    fn rules(&self, keywords: &str) -> Rules {
        self.home.write("new.toml", keywords);
        config::rules_of(&self.engine.settings, &self.home.path().join("new.toml")).unwrap()
    }

    async fn outcome(&self, new: Rules, extent: Extent) -> replay::Outcome {
        let trial = Trial::of(&self.store, &self.engine, new, extent)
            .await
            .unwrap();
        replay::replay(&self.store, &trial, Timestamp(0), |_| ())
            .await
            .unwrap()
    }
}

fn any_post(n: u64, dice: &mut Dice) -> Post {
    let n_pieces = 1 + dice.below(6);
    let pieces: Vec<&str> = (0..n_pieces).map(|_| *dice.pick(&PIECES)).collect();
    let joint: &str = dice.pick::<&str>(&[". ", ", ", " "]);
    Post {
        title: dice.percent(40).then(|| (*dice.pick(&PIECES)).to_owned()),
        text: pieces.join(joint),
        author: Some(format!(
            "{} {n}",
            dice.pick(&["Ana", "Luis", "@ejemplo_ayuda"])
        )),
        published: dice.percent(80).then(|| SEEN.plus_hours(-500)),
        rating: dice.percent(30).then(|| dice.below(6) as f64 / 5.0),
        lang: dice.percent(20).then_some(Lang::Es),
        ..Post::default()
    }
}

/// A keyword file in parts, so that one of them can be changed.
#[derive(Clone)]
struct Parts {
    watches: Vec<String>,
    keywords: Vec<String>,
    silences: Vec<String>,
    levels: String,
    points: String,
}

impl Parts {
    fn any(dice: &mut Dice) -> Self {
        let mut parts = Self {
            watches: vec!["query = 'ejemplo EXCEPT \"por ejemplo\"'".to_owned()],
            keywords: Vec::new(),
            silences: Vec::new(),
            levels: String::new(),
            points: String::new(),
        };
        for _ in 0..dice.below(8) {
            parts.change(dice);
        }
        parts
    }

    /// Changes one thing: an entry comes, goes, or becomes another.
    fn change(&mut self, dice: &mut Dice) {
        match dice.below(12) {
            0 => self.watches[0] = any_watch(dice),
            1 => self.watches.push(any_watch(dice)),
            2 => self.watches.reverse(),
            3 => self.levels = format!("complaint_at = 0.{}\ndoubt_at = 0.3", 40 + dice.below(50)),
            4 => self.points = format!("anger = {}", dice.below(40)),
            5 => self.silences.push(any_silence(dice)),
            6 => drop(self.silences.pop()),
            7 => drop(self.keywords.pop()),
            _ => self.keywords.push(any_keyword(dice)),
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (n, watch) in self.watches.iter().enumerate() {
            let _ = writeln!(text, "[[watch]]\nname = \"w{n}\"\n{watch}");
        }
        for keyword in &self.keywords {
            let _ = writeln!(text, "[[keyword]]\n{keyword}");
        }
        for silence in &self.silences {
            let _ = writeln!(text, "[[silence]]\n{silence}");
        }
        let _ = writeln!(text, "[levels]\n{}\n[points]\n{}", self.levels, self.points);
        text
    }
}

fn any_watch(dice: &mut Dice) -> String {
    let mut watch = format!("query = '{}'", any_query(dice, 2));
    if dice.percent(20) {
        watch.push_str("\nlanguages = [\"es\", \"ca\"]");
    }
    if dice.percent(20) {
        watch.push_str("\nsources = [\"foro\"]");
    }
    if dice.percent(20) {
        let _ = write!(watch, "\nurgent_at = {}", dice.below(100));
    }
    watch
}

fn any_keyword(dice: &mut Dice) -> String {
    let points = dice.below(80) as i64 - 40;
    let mut keyword = format!("match = '{}'\npoints = {points}", any_query(dice, 2));
    if dice.percent(20) {
        keyword.push_str("\nlanguages = [\"es\"]");
    }
    if dice.percent(20) {
        keyword.push_str("\ntrial = true");
    }
    keyword
}

fn any_silence(dice: &mut Dice) -> String {
    let (query, day) = (any_query(dice, 1), 1 + dice.below(28));
    format!("match = '{query}'\nuntil = 2026-11-{day:02}\nbecause = \"known\"")
}

fn any_query(dice: &mut Dice, depth: u64) -> String {
    if depth == 0 || dice.percent(40) {
        return (*dice.pick(&ATOMS)).to_owned();
    }
    let (a, b) = (any_query(dice, depth - 1), any_query(dice, depth - 1));
    let query = match dice.below(6) {
        0 => format!("({a}) AND ({b})"),
        1 => format!("({a}) OR ({b})"),
        2 => format!("({a}) AND NOT ({b})"),
        3 => format!("({a}) NEAR/5 ({b})"),
        4 => format!("({a}) BEFORE/5 ({b})"),
        _ => format!("({a}) EXCEPT ({b})"),
    };
    // NEAR and EXCEPT refuse some of these.
    match escucha::score::query::Query::parse(&query) {
        Ok(_) => query,
        Err(_) => a,
    }
}

/// The quick way scores only what a change may touch: its lists must be those of the slow way.
#[tokio::test]
async fn a_replay_of_what_is_touched_is_a_replay_of_everything() {
    let (mut n_moved, mut n_quick, mut n_slow) = (0, 0, 0);
    for seed in 0..dice::from_env("ESCUCHA_SEEDS", 8) {
        let dice = &mut Dice::new(seed);
        let old = Parts::any(dice);
        let world = World::new(&old.text(), 60, dice).await;
        for change in 0..6 {
            let mut new = old.clone();
            for _ in 0..=dice.below(2) {
                new.change(dice);
            }
            let rules = world.rules(&new.text());
            let quick = world.outcome(rules.clone(), Extent::Touched).await;
            let slow = world.outcome(rules, Extent::All).await;
            assert_eq!(
                (&quick.moved, quick.before, quick.after),
                (&slow.moved, slow.before, slow.after),
                "seed {seed}, change {change}\n{}\n---\n{}",
                old.text(),
                new.text()
            );
            assert_eq!((quick.n_posts, slow.n_scored), (60, 60));
            n_moved += quick.moved.len();
            n_quick += quick.n_scored;
            n_slow += slow.n_scored;
        }
    }
    assert!(
        n_moved > 100,
        "only {n_moved} posts were moved by any change"
    );
    assert!(
        n_quick * 2 < n_slow,
        "{n_quick} of {n_slow} posts were scored"
    );
}

#[tokio::test]
async fn gained_lost_and_changed_are_told_with_what_people_judged() {
    let dice = &mut Dice::new(1);
    let old = "[[watch]]\nname = \"w0\"\nquery = 'ejemplo'\n";
    let world = World::new(old, 240, dice).await;
    let none = world.rules("[[watch]]\nname = \"w0\"\nquery = 'nada'\nsources = [\"foro\"]\n");
    let away = world.outcome(none, Extent::Touched).await;
    assert!(away.count(Move::Lost) > 3, "{away:?}");
    let lost: Vec<_> = away
        .moved
        .iter()
        .filter(|moved| moved.what == Move::Lost)
        .collect();
    assert!(lost.is_sorted_by_key(|moved| std::cmp::Reverse(moved.before.risk)));
    let n_lost = away.lost_complaints().count() as u64;
    assert!(n_lost > 0);
    let judged = |score: replay::Score| score.right + score.missed + score.false_alarms;
    assert_eq!(judged(away.before), judged(away.after));
    assert_eq!(away.after.missed, away.before.missed + n_lost);
    let same = world.outcome(world.rules(old), Extent::Touched).await;
    assert_eq!((same.moved.len(), same.before), (0, same.after));
}

const WATCH: &str = "[[watch]]\nname = \"w0\"\nquery = '\"telefonía ejemplo\"'\n";

/// A home whose store holds what was captured by hand.
fn captured(texts: &[&str]) -> Home {
    let home = Home::new(CONFIGURATION, WATCH);
    for text in texts {
        let ran = home.feed(&["capture", "--author", "Ana"], text.as_bytes());
        assert!(ran.status.success(), "{}", err(&ran));
    }
    home
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_loses_a_judged_complaint_is_refused_unless_forced() {
    let text = "Telefonía Ejemplo: llevo dos semanas sin internet y nadie contesta";
    let home = captured(&[text]);
    home.write("new.toml", &WATCH.replace("telefonía ejemplo", "teleejem"));
    let refused = home.run(&["keywords", "test", "new.toml"]).await;
    assert_eq!(refused.status.code(), Some(1), "{}", out(&refused));
    let said = out(&refused);
    assert!(said.contains("Lost (would no longer be told): 1"), "{said}");
    assert!(said.contains("[judged: a complaint]"), "{said}");
    assert!(
        said.contains("«Telefonía Ejemplo»: llevo dos semanas"),
        "{said}"
    );
    assert!(said.contains("complaints not told: 0 → 1"), "{said}");
    assert!(err(&refused).contains("Refused: 1 judged complaint(s)"));
    let forced = home.run(&["keywords", "test", "new.toml", "--force"]).await;
    assert_eq!(forced.status.code(), Some(0), "{}", err(&forced));
    let json = home.run(&["--json", "keywords", "test", "new.toml"]).await;
    let rows = rows(&json);
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["what"], "lost");
    assert_eq!(rows[0]["span"], serde_json::json!([0, 17]));
    assert_eq!(
        (&rows[1]["lost"], &rows[1]["lost_complaints"]),
        (&1.into(), &1.into())
    );
    let bad = home.run(&["keywords", "test", "escucha.toml"]).await;
    assert_eq!(bad.status.code(), Some(2), "{}", err(&bad));
    let bad = home.run(&["keywords", "stats", "--since", "soon"]).await;
    assert_eq!(bad.status.code(), Some(2), "{}", err(&bad));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_judges_cases_and_posts_and_the_entries_are_counted() {
    let texts = [
        "Telefonía Ejemplo: un timo",
        "Telefonía Ejemplo, sin problemas",
        "Nada que ver",
    ];
    let home = captured(&texts);
    let listed = home.run(&["--json", "cases"]).await;
    let case = |text: &str| {
        let rows = rows(&listed);
        let row = rows.iter().find(|row| row["text"] == text).unwrap();
        row["id"].as_str().unwrap().to_owned()
    };
    let judged = home.run(&["case", &case(texts[1]), "judge", "no"]).await;
    assert!(
        out(&judged).contains("noted that it is no complaint"),
        "{}",
        err(&judged)
    );
    let shown = home.run(&["case", &case(texts[1])]).await;
    assert!(
        out(&shown).contains("judged: is it a complaint?: no"),
        "{}",
        out(&shown)
    );
    let because = [
        "case",
        &case(texts[2]),
        "dismissed",
        "--because",
        "not_about_us",
    ];
    assert!(home.run(&because).await.status.success());
    let keywords = "[keywords.es]\n\"timo\" = 10\n\"sin problema*\" = -20\n\"nada\" = 5\n";
    home.write("keywords.toml", &format!("{WATCH}{keywords}"));
    let stats = home.run(&["--json", "keywords", "stats"]).await;
    let figures: Vec<String> = rows(&stats)
        .iter()
        .map(|row| {
            format!(
                "{} {} {} {}",
                row["entry"], row["hits"], row["right"], row["wrong"]
            )
        })
        .collect();
    let expected = [
        "\"w0\" 2 1 0",
        "\"timo\" 1 1 0",
        "\"sin problema*\" 1 1 0",
        "\"nada\" 0 0 0",
    ];
    assert_eq!(figures, expected);
    let lesson = home.run(&["keywords", "suggest"]).await;
    assert_eq!(lesson.status.code(), Some(1));
    assert!(
        err(&lesson).contains("there are 1 and 2"),
        "{}",
        err(&lesson)
    );
    let nobody = home.run(&["case", "p-ffffffff", "judge", "yes"]).await;
    assert_eq!(nobody.status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_a_file_are_told_with_their_lines() {
    let home = captured(&["Telefonía Ejemplo: un timo"]);
    let file = format!(
        "{WATCH}\n[keywords.es]\n\"timo\" = 10\n\n[[keyword]]\nmatch = 'timo'\npoints = -5\n\
         [[keyword]]\nmatch = 'a AND NOT b'\npoints = 5\n"
    );
    home.write("new.toml", &file);
    let checked = home.run(&["keywords", "check", "new.toml"]).await;
    assert_eq!(checked.status.code(), Some(1), "{}", err(&checked));
    let said = out(&checked);
    assert!(
        said.contains("✗ line 8: timo: says the contrary of line 6"),
        "{said}"
    );
    assert!(
        said.contains("! line 11: a AND NOT b: its NOT looks"),
        "{said}"
    );
    assert!(said.contains("faults: 1, remarks: 1"), "{said}");
    let own = home.run(&["keywords", "check"]).await;
    assert_eq!(own.status.code(), Some(0), "{}", out(&own));
}
