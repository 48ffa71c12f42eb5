//! Whether the scorer understands: lines written to be hard, with the facts that each tells and their
//! numbers. One half shapes the rules and is shown where they fail; the other judges, and of it only
//! sums are ever shown. So it is with lines written for the facts alone (`facts`, `facts.held`) and with plain ones
//! (`plain.dev`, `plain.held`); `hard.dev` holds more hard ones. Whatever is not held has taught the models.
//!
//! The level: a line labelled `complaint` is found when it is told (level complaint or urgent), one
//! labelled `none` is a false alarm when it is. A line labelled `doubt`, of which careful readers think
//! differently, counts in neither direction; how many of them are doubts to the scorer too is told apart.

#![expect(clippy::print_stdout, reason = "the figures are for people to read")]

use std::collections::BTreeMap;

use crate::corpus::{Count, read, report, scorer};
use escucha::model::{Channel, Level, Signal, SignalKind, Timestamp, Topic, Verdict};
use escucha::score::{Sample, Scorer};

/// What is wanted of the half set aside: of the level, and of each signal.
const AIMS: [f64; 2] = [0.90, 0.85];
/// The share of topics that are right, at least.
const TOPICS_LEAST: f64 = 0.70;

#[derive(serde::Deserialize)]
struct Line {
    id: String,
    lang: String,
    text: String,
    title: Option<String>,
    author: Option<String>,
    rating: Option<f64>,
    trap: String,
    level: Level,
    signals: Vec<Fact>,
    /// What a reply may name as its matter; absent where nobody looked.
    topics: Option<Vec<Topic>>,
}

/// A signal as a reader of the text would label it.
#[derive(serde::Deserialize)]
struct Fact {
    kind: SignalKind,
    tries: Option<u32>,
    waited_days: Option<u32>,
    years: Option<u32>,
    #[serde(default)]
    channels: Vec<Channel>,
}

/// What is right of one half.
#[derive(Default)]
struct Sums {
    told: Count,
    by_lang: BTreeMap<String, Count>,
    by_trap: BTreeMap<String, Count>,
    signals: BTreeMap<SignalKind, Count>,
    /// Of the signals that were found and should be: their numbers, all and right.
    numbers: BTreeMap<&'static str, [u32; 2]>,
    /// Lines labelled `doubt`, and how many are doubts to the scorer.
    doubts: [u32; 2],
    /// Urgent, and no complaint.
    urgent: u32,
}

impl Sums {
    fn of(file: &str, shown: bool) -> Self {
        let scorer = scorer();
        let mut sums = Self::default();
        for line in read::<Line>(file) {
            let verdict = verdict(&scorer, &line);
            let wrong = sums.add(&line, &verdict);
            if shown && !wrong.is_empty() {
                let p = verdict.complaint_probability.to_f64();
                println!(
                    "{} [{} {}] {} for {}, p {p:.2}, {}; {}: {} {}",
                    line.id,
                    line.lang,
                    line.trap,
                    verdict.level,
                    line.level,
                    verdict.target,
                    wrong.join("; "),
                    line.title.as_deref().unwrap_or_default(),
                    line.text
                );
            }
        }
        sums
    }

    /// What is wrong with the verdict.
    fn add(&mut self, line: &Line, verdict: &Verdict) -> Vec<String> {
        let mut wrong = Vec::new();
        let told = verdict.level >= Level::Complaint;
        let complaint = line.level == Level::Complaint;
        if line.level == Level::Doubt {
            self.doubts[0] += 1;
            self.doubts[1] += u32::from(verdict.level == Level::Doubt);
        } else {
            self.told.add(told, complaint);
            let lang = self.by_lang.entry(line.lang.clone()).or_default();
            lang.add(told, complaint);
            let trap = self.by_trap.entry(line.trap.clone()).or_default();
            trap.add(told, complaint);
            if told != complaint {
                wrong.push(if told { "false alarm" } else { "missed" }.to_owned());
            }
        }
        if verdict.level == Level::Urgent && !complaint {
            self.urgent += 1;
            wrong.push("urgent".to_owned());
        }
        for &kind in SignalKind::ALL {
            let fact = line.signals.iter().find(|fact| fact.kind == kind);
            let found = verdict.signals.iter().find(|found| found.kind == kind);
            let count = self.signals.entry(kind).or_default();
            count.add(found.is_some(), fact.is_some());
            match (found, fact) {
                (Some(found), Some(fact)) => wrong.extend(self.count(found, fact)),
                (Some(found), None) => wrong.push(format!("+{kind} «{}»", words(line, found))),
                (None, Some(_)) => wrong.push(format!("-{kind}")),
                (None, None) => {}
            }
        }
        wrong
    }

    /// Its numbers that are not right.
    fn count(&mut self, found: &Signal, fact: &Fact) -> Vec<String> {
        let told = |channels: &[Channel]| {
            let mut channels = channels.to_vec();
            channels.sort_unstable();
            let words: Vec<&str> = channels.iter().map(|channel| channel.word()).collect();
            words.join(",")
        };
        let number = |n: Option<u32>| n.map_or_else(String::new, |n| n.to_string());
        let mut pairs = Vec::new();
        if fact.kind == SignalKind::UnansweredContact {
            pairs.push(("tries", number(found.tries), number(fact.tries)));
            let days = (number(found.waited_days), number(fact.waited_days));
            pairs.push(("waited_days", days.0, days.1));
            pairs.push(("channels", told(&found.channels), told(&fact.channels)));
        } else if fact.kind == SignalKind::Loyalty {
            pairs.push(("years", number(found.years), number(fact.years)));
        }
        let mut wrong = Vec::new();
        for (what, found, fact) in pairs {
            let [all, right] = self.numbers.entry(what).or_default();
            *all += 1;
            *right += u32::from(found == fact);
            if found != fact {
                wrong.push(format!("{what} «{found}» for «{fact}»"));
            }
        }
        wrong
    }

    fn print(&self, half: &str) {
        let [aim_level, aim_signals] = AIMS;
        for (lang, count) in &self.by_lang {
            report(&format!("  hard {half} {lang}"), *count);
        }
        for (trap, count) in &self.by_trap {
            report(&format!("  hard {half} {trap}"), *count);
        }
        for (kind, count) in &self.signals {
            report(
                &format!("hard {half} signal {kind} (aim {aim_signals:.2})"),
                *count,
            );
        }
        report(&format!("hard {half} all signals"), self.all_signals());
        for (what, [all, right]) in &self.numbers {
            println!("hard {half} {what}: {right} of {all} right");
        }
        let [all, doubts] = self.doubts;
        println!("hard {half} doubts: {doubts} of {all} are doubts to the scorer");
        println!(
            "hard {half} urgent and no complaint: {} (aim 0)",
            self.urgent
        );
        report(
            &format!("hard {half} level (aim {aim_level:.2})"),
            self.told,
        );
    }

    fn all_signals(&self) -> Count {
        let mut all = Count::default();
        for count in self.signals.values() {
            all.right += count.right;
            all.wrong += count.wrong;
            all.missed += count.missed;
            all.quiet += count.quiet;
        }
        all
    }
}

fn verdict(scorer: &Scorer, line: &Line) -> Verdict {
    let published = Timestamp::parse_rfc3339("2026-11-20T10:00:00Z").unwrap();
    let sample = Sample {
        title: line.title.as_deref(),
        text: &line.text,
        author: line.author.as_deref(),
        rating: line.rating,
        published: Some(published),
        ..Sample::default()
    };
    scorer.verdict(&sample, published)
}

/// The words of a line that made a signal.
fn words(line: &Line, signal: &Signal) -> String {
    let field = match signal.span.field {
        escucha::model::Field::Title => line.title.as_deref().unwrap_or_default(),
        escucha::model::Field::Text => &line.text,
    };
    let (start, end) = (signal.span.start as usize, signal.span.end as usize);
    field.chars().take(end).skip(start).collect()
}

#[track_caller]
fn check(half: &str, floors: [f64; 4]) {
    let file = if half.starts_with("facts") || half.starts_with("plain") {
        format!("{half}.jsonl")
    } else {
        format!("hard.{half}.jsonl")
    };
    let sums = Sums::of(&file, !half.ends_with("held"));
    sums.print(half);
    assert!(
        sums.told.right + sums.told.quiet > 100,
        "{half} is nearly empty"
    );
    let signals = sums.all_signals();
    let reached = [
        sums.told.precision(),
        sums.told.recall(),
        signals.precision(),
        signals.recall(),
    ];
    let what = [
        "precision",
        "recall",
        "precision of signals",
        "recall of signals",
    ];
    for (what, (reached, floor)) in what.iter().zip(reached.iter().zip(floors)) {
        assert!(
            *reached >= floor,
            "{what} on hard lines, {half}: {reached:.3}"
        );
    }
    // Of the lines written for facts one in each part still is, a breakdown with another company; of a thousand
    // everyday ones five, of dangers that are somebody else's.
    let most = match half {
        "facts" | "facts.held" => 1,
        "plain.held" => 5,
        _ => 0,
    };
    assert!(
        sums.urgent <= most,
        "urgent, and no complaint, on hard lines, {half}: {}",
        sums.urgent
    );
}

#[test]
fn hard_lines_the_rules_were_tuned_on_are_understood() {
    check("tune", [0.90, 0.80, 0.85, 0.90]);
}

#[test]
fn facts_are_found_in_lines_written_for_them() {
    check("facts", [0.91, 0.85, 0.85, 0.90]);
}

#[test]
fn facts_are_found_in_lines_that_taught_nothing() {
    check("facts.held", [0.88, 0.84, 0.78, 0.58]);
}

/// What most people post, in the usual words; two thirds of it are everyday talk without a complaint.
#[test]
fn plain_lines_that_taught_nothing_are_understood() {
    check("plain.held", [0.67, 0.91, 0.67, 0.79]);
}

#[test]
fn hard_lines_the_rules_have_not_seen_are_understood() {
    check("held", [0.89, 0.89, 0.63, 0.70]);
}

/// The topic that a reply would name, on lines set aside: right, wrong, and none where there is one.
#[test]
fn a_topic_that_is_named_is_mostly_right() {
    let scorer = scorer();
    let (mut right, mut wrong, mut missed) = (0_u32, 0_u32, 0_u32);
    for file in ["hard.held.jsonl", "facts.held.jsonl", "plain.held.jsonl"] {
        for line in read::<Line>(file) {
            let Some(labels) = &line.topics else { continue };
            let verdict = verdict(&scorer, &line);
            match verdict.topics.first() {
                Some(topic) if labels.contains(topic) => right += 1,
                Some(_) => wrong += 1,
                None => missed += u32::from(!labels.is_empty()),
            }
        }
    }
    let share = |of: u32| f64::from(right) / f64::from(of.max(1));
    println!("topics of lines set aside: {right} right, {wrong} wrong, {missed} not named");
    assert!(right + wrong > 100, "no labelled lines");
    assert!(
        share(right + wrong) >= TOPICS_LEAST,
        "{right} of {}",
        right + wrong
    );
}
