//! `escucha eval DIR`: how well the scorer judges sets of posts that it was not trained on, and how often
//! it tells the language of their texts.
//!
//! Each set is judged by models and weights that were trained without it, from the others in DIR: the
//! scorer's; beside it a plain linear model, trained and measured in the same folds; and the scorer's trained
//! from texts of free terms and our own alone. The embedded models are not asked: they may know the sets.
//! A second-level fit has seen scores of first levels that knew the set; it has fifty weights, which
//! cannot hold one.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::judge::{Figures, figures};
use super::posts::{self, Post};
use super::weigh::{self, CUT, Elsewhere};
use super::{bad, languages, linear, lines, teacher};
use crate::cli::terminal::Terminal;
use crate::clock;
use crate::model::{Lang, Timestamp, Ui};
use crate::score::rules::Rules;
use crate::score::{Context, Fact, Sample, Scorer};

/// How the names of sets begin whose terms allow every use (`docs/model-card.md`).
const FREE: [&str; 2] = ["potts_", "reclameaqui_"];

/// What a set shows.
struct Found {
    source: String,
    n: usize,
    unhappy: usize,
    ours: Figures,
    plain: Figures,
    free: Figures,
    /// How often the language is told rightly; of no text where the set does not say it.
    lang: languages::Told,
    /// Verdicts in a second, on one thread.
    speed: f64,
}

pub(in crate::cli) fn eval(
    terminal: &Terminal,
    dir: &Path,
    lines: &[PathBuf],
    teacher: Option<&Path>,
    ui: Ui,
) -> anyhow::Result<ExitCode> {
    let mut posts = posts::read(&[dir.to_owned()])?;
    if let Some(path) = teacher {
        teacher::Teacher::read(path)?.teach(&mut posts);
    }
    let sets = sets(&posts);
    if sets.len() < 2 || sets.iter().all(|set| !has_both(&posts[set.clone()])) {
        return Err(bad(ui.pick(
            "hacen falta al menos dos conjuntos (source), uno de ellos con ambas clases",
            "at least two sets (source) are needed, one of them with both classes",
        )));
    }
    let cases = lines::read(lines, &lines::scorer(None, None)?)?;
    let facts = lines::facts_of(&posts);
    let ours = judged(&posts, &facts, &cases)?.judged;
    let set = linear::Set::new(&posts, linear::PLAIN);
    let plain = linear::leave_sources_out(&set);
    drop(set);
    let free = free(&posts, &facts, &cases)?;
    let mut names: Vec<&str> = sets
        .iter()
        .map(|set| posts[set.start].source.as_str())
        .collect();
    names.push(lines::SOURCE);
    let rows: Vec<Post> = cases.iter().map(lines::Case::post).collect();
    let texts: Vec<&Post> = posts.iter().chain(&rows).collect();
    let (langs, by_lang) = languages::leave_sources_out(&texts, &names);
    let mut found = Vec::new();
    for (set, lang) in std::iter::zip(sets, langs).filter(|(set, _)| has_both(&posts[set.clone()]))
    {
        let of = |logits: &[f64], cut: f64| {
            let scores = logits[set.clone()].iter().zip(&posts[set.clone()]);
            let scores: Vec<(f64, bool)> = scores.map(|(l, post)| (*l, post.unhappy)).collect();
            figures(&scores, cut)
        };
        let rows = &posts[set.clone()];
        found.push(Found {
            source: rows[0].source.clone(),
            n: rows.len(),
            unhappy: rows.iter().filter(|post| post.unhappy).count(),
            ours: of(&ours, CUT),
            plain: of(&plain, 0.0),
            free: of(&free, CUT),
            lang,
            speed: read_once(rows),
        });
    }
    show(terminal, &found)?;
    show_languages(terminal, &by_lang)?;
    Ok(ExitCode::SUCCESS)
}

/// The rows of each source: posts come in the order of sources.
fn sets(posts: &[Post]) -> Vec<std::ops::Range<usize>> {
    let mut first = 0;
    let sets = posts.chunk_by(|a, b| a.source == b.source).map(|set| {
        first += set.len();
        first - set.len()..first
    });
    sets.collect()
}

fn has_both(posts: &[Post]) -> bool {
    posts.iter().any(|post| post.unhappy) && posts.iter().any(|post| !post.unhappy)
}

/// Trains on the posts and judges each by what has not seen its source.
fn judged(posts: &[Post], facts: &[Vec<Fact>], cases: &[lines::Case]) -> anyhow::Result<Elsewhere> {
    let set = linear::Set::new(posts, linear::POSTS);
    let rows: Vec<Post> = cases.iter().map(lines::Case::post).collect();
    let (of_lines, line_rows) = if rows.is_empty() {
        (vec![0.0; posts.len()], Vec::new())
    } else {
        let lines_set = linear::Set::new(&rows, linear::LINES);
        let crossed = linear::cross_fitted(&lines_set, lines::FOLDS);
        let logits = std::iter::zip(linear::judge(&set, &rows), crossed);
        let logits: Vec<[f64; 2]> = logits.map(<[f64; 2]>::from).collect();
        let of_lines = linear::judge(&lines_set, posts);
        (of_lines, weigh::rows_of(cases, &logits))
    };
    let told = weigh::Posts {
        facts: facts.to_vec(),
        new: linear::leave_sources_out(&set),
        known: linear::cross_fitted(&set, posts::FOLDS),
        of_lines,
        all: posts,
    };
    let prior = weigh::prior_elsewhere(facts.first().map_or(&[], Vec::as_slice))?;
    Ok(weigh::fit_elsewhere(&told, &line_rows, &prior))
}

/// The logits of all posts by models of free terms; a free set is judged without itself.
fn free(posts: &[Post], facts: &[Vec<Fact>], cases: &[lines::Case]) -> anyhow::Result<Vec<f64>> {
    let is_free = |post: &Post| FREE.iter().any(|name| post.source.starts_with(name));
    let at: Vec<usize> = (0..posts.len()).filter(|at| is_free(&posts[*at])).collect();
    let of_free: Vec<Post> = at.iter().map(|&at| posts[at].clone()).collect();
    let free_facts: Vec<Vec<Fact>> = at.iter().map(|&at| facts[at].clone()).collect();
    if of_free.is_empty() {
        return Ok(vec![0.0; posts.len()]);
    }
    let fit = judged(&of_free, &free_facts, cases)?;
    let set = linear::Set::new(&of_free, linear::POSTS);
    let of_posts = linear::judge(&set, posts);
    let rows: Vec<Post> = cases.iter().map(lines::Case::post).collect();
    let of_lines = if rows.is_empty() {
        vec![0.0; posts.len()]
    } else {
        linear::judge(&linear::Set::new(&rows, linear::LINES), posts)
    };
    let logits = std::iter::zip(of_posts, of_lines);
    let told = logits
        .zip(facts)
        .map(|((a, b), facts)| weigh::told(&fit.weights, facts, [a, b]));
    let mut told: Vec<f64> = told.collect();
    for (&at, logit) in at.iter().zip(&fit.judged) {
        told[at] = *logit;
    }
    Ok(told)
}

/// How many posts the scorer judges in a second.
fn read_once(posts: &[Post]) -> f64 {
    let scorer = Scorer::new(Rules::default(), Context::default());
    let watch = clock::stopwatch();
    for post in posts {
        let sample = Sample {
            text: &post.text,
            ..Sample::default()
        };
        std::hint::black_box(scorer.verdict(&sample, Timestamp(0)));
    }
    posts.len() as f64 / watch.elapsed().as_secs_f64().max(1e-9)
}

fn show(terminal: &Terminal, found: &[Found]) -> std::io::Result<()> {
    let mean = |of: fn(&Found) -> f64| found.iter().map(of).sum::<f64>() / found.len() as f64;
    if terminal.json {
        for set in found {
            let told = |f: &Figures| json!({"ap": f.ap, "f1": f.f1, "recall_at_p90": f.recall});
            Terminal::row(&json!({
                "set": set.source, "rows": set.n, "unhappy": set.unhappy,
                "scorer": told(&set.ours), "plain": told(&set.plain), "free": told(&set.free),
                "language": lang_json(&set.lang), "per_second": set.speed.round(),
            }))?;
        }
        return Terminal::row(&json!({"set": null, "mean_ap": {
            "scorer": mean(|set| set.ours.ap),
            "plain": mean(|set| set.plain.ap),
            "free": mean(|set| set.free.ap),
        }}));
    }
    Terminal::line(&format!(
        "{:24} {:>6} {:>6}  {:^18}  {:^18}  {:^18}  {:>5} {:>5} {:>7}",
        "set", "rows", "bad", "scorer", "plain linear", "free terms", "≤80", "≤280", "texts/s"
    ))?;
    Terminal::line(&format!("{:40}{}", "", "AP   F1    R.9     ".repeat(3)))?;
    for set in found {
        let told = |f: &Figures| format!("{:.3} {:.3} {:.3} ", f.ap, f.f1, f.recall);
        let [short, long] = set.lang.map(shown);
        Terminal::line(&format!(
            "{:24} {:>6} {:>6}  {} {} {} {short:>5} {long:>5} {:>7.0}",
            set.source,
            set.n,
            set.unhappy,
            told(&set.ours),
            told(&set.plain),
            told(&set.free),
            set.speed
        ))?;
    }
    Terminal::line(&format!(
        "mean of {} sets: average precision {:.3}, plain linear {:.3}, free terms {:.3}",
        found.len(),
        mean(|set| set.ours.ap),
        mean(|set| set.plain.ap),
        mean(|set| set.free.ap),
    ))
}

/// How often the language is told rightly, of each language and on average.
fn show_languages(
    terminal: &Terminal,
    told: &[languages::Told; Lang::ALL.len()],
) -> std::io::Result<()> {
    let mean = |long: usize| {
        let shares: Vec<f64> = told.iter().filter_map(|told| told[long].share()).collect();
        shares.iter().sum::<f64>() / shares.len().max(1) as f64
    };
    if terminal.json {
        for (lang, told) in Lang::ALL.iter().zip(told) {
            Terminal::row(&json!({"lang": lang.code(), "language": lang_json(told)}))?;
        }
        let mean = json!({"short": mean(0), "long": mean(1)});
        return Terminal::row(&json!({"lang": null, "mean_language": mean}));
    }
    for (long, name) in ["texts of up to 80 characters", "texts of 81 to 280"]
        .iter()
        .enumerate()
    {
        let each = Lang::ALL.iter().zip(told);
        let each: Vec<String> = each
            .map(|(lang, told)| format!("{lang} {} of {}", shown(told[long]), told[long].n))
            .collect();
        Terminal::line(&format!(
            "language told rightly in {name}: {:.4} ({})",
            mean(long),
            each.join(", ")
        ))?;
    }
    Ok(())
}

fn shown(score: languages::Score) -> String {
    score
        .share()
        .map_or_else(|| "-".to_owned(), |share| format!("{share:.3}"))
}

fn lang_json([short, long]: &languages::Told) -> serde_json::Value {
    json!({"short": short.share(), "long": long.share()})
}
