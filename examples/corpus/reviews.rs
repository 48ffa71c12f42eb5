//! `corpus reviews FOLDER [--list SET]`: how many of the marked-up reviews and of the comments that
//! are known to be on a page are read, and how many with the author, date and rating that are known.
//!
//! `manifest.jsonl` has a page a line with `reviews`, what extruct finds there; those with a `body`
//! count. `wp_comments.jsonl` has a page a line with `comments`, from the page's comment feed; those
//! whose text stands in the HTML count, and those of pages by rules alone. `--list SET` names what
//! was missed in one set, or in all.
//!
//! Absent: any judgement. It prints figures; goals and floors are for papers and tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use escucha::extract::{Document, Kind, Reading, posts};
use escucha::model::{LocalTime, Post, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// A date without zone is right when it is less than a day off.
const DAY_MS: i64 = 86_400_000;
/// Equal when they share so much of the longer one.
const SAME_PERCENT: usize = 80;

#[derive(Deserialize)]
struct Page {
    file: String,
    #[serde(default)]
    set: String,
    #[serde(default)]
    repo: String,
    #[serde(default)]
    reviews: Vec<Known>,
    #[serde(default)]
    comments: Vec<Known>,
}

#[derive(Deserialize)]
struct Known {
    #[serde(default)]
    kind: String,
    author: Option<String>,
    date: Option<String>,
    #[serde(default)]
    rating: Value,
    #[serde(default)]
    best: Value,
    #[serde(alias = "text")]
    body: Option<String>,
}

#[expect(clippy::struct_field_names, reason = "all are counts")]
#[derive(Default)]
struct Sums {
    n_pages: usize,
    n_known: usize,
    n_text: usize,
    n_author: usize,
    n_date: usize,
    n_rating: usize,
    /// Text, author, date and rating.
    n_right: usize,
    n_given: usize,
}

struct Bench<'a> {
    folder: &'a Path,
    list: Option<&'a str>,
    sums: BTreeMap<String, Sums>,
    time: Duration,
}

/// Prints a line for each set and kind of markup, then for the comments of each site.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let (folder, list) = match arguments {
        [folder] => (folder, None),
        [folder, option, set] if option == "--list" => (folder, Some(set.as_str())),
        _ => bail!("usage: corpus reviews FOLDER [--list SET]"),
    };
    let mut bench = Bench {
        folder: Path::new(folder),
        list,
        sums: BTreeMap::new(),
        time: Duration::ZERO,
    };
    for page in lines(&bench.folder.join("manifest.jsonl"))? {
        bench.reviews(&page)?;
    }
    for page in lines(&bench.folder.join("wp_comments.jsonl"))? {
        bench.comments(&page)?;
    }
    println!("set | pages | known | text | author | date | rating | all right | posts given");
    for (set, sums) in &bench.sums {
        let share = |n: usize| n as f64 / sums.n_known.max(1) as f64;
        println!(
            "{set} | {} | {} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} | {}",
            sums.n_pages,
            sums.n_known,
            share(sums.n_text),
            share(sums.n_author),
            share(sums.n_date),
            share(sums.n_rating),
            share(sums.n_right),
            sums.n_given
        );
    }
    println!("read in {:.1} s", bench.time.as_secs_f64());
    Ok(())
}

fn lines(path: &Path) -> Result<Vec<Page>> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    text.lines()
        .map(|line| Ok(serde_json::from_str(line)?))
        .collect()
}

impl Bench<'_> {
    fn reviews(&mut self, page: &Page) -> Result<()> {
        let known: Vec<&Known> = page.reviews.iter().filter(|one| has_text(one)).collect();
        if known.is_empty() {
            return Ok(());
        }
        let (found, _) = self.read(&page.file, Kind::Reviews)?;
        let mut names = vec![format!("reviews {}", page.set), "reviews, all".to_owned()];
        let mut kinds: Vec<String> = known.iter().map(|one| one.kind.clone()).collect();
        kinds.dedup();
        for kind in kinds {
            let of_kind: Vec<&Known> = known.iter().copied().filter(|k| k.kind == kind).collect();
            let name = format!("reviews by {kind}");
            self.compare(&name, &page.file, &of_kind, &found, false);
        }
        for (n, name) in names.drain(..).enumerate() {
            self.compare(&name, &page.file, &known, &found, n == 0);
        }
        Ok(())
    }

    /// The comments whose text is in the page, by rules alone.
    fn comments(&mut self, page: &Page) -> Result<()> {
        let (found, html) = self.read(&page.file, Kind::Blog)?;
        let shown = letters(&escucha::extract::plain_text(&html));
        let there = |one: &&Known| {
            let text = letters(one.body.as_deref().unwrap_or_default());
            !text.is_empty() && shown.contains(&text)
        };
        let known: Vec<&Known> = page.comments.iter().filter(there).collect();
        // The article itself is no comment.
        let found: Vec<Post> = found
            .into_iter()
            .filter(|post| post.reply_to.is_some())
            .collect();
        let site = format!("comments {}", page.repo);
        self.compare(&site, &page.file, &known, &found, true);
        self.compare("comments, all", &page.file, &known, &found, false);
        Ok(())
    }

    #[expect(clippy::disallowed_methods, reason = "it measures its own speed")]
    fn read(&mut self, file: &str, kind: Kind) -> Result<(Vec<Post>, String)> {
        let path = self.folder.join(file);
        let body = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        let url = Url::parse(&format!("https://corpus.test/{file}"))?;
        let document = Document {
            body: &body,
            content_type: None,
            url: Some(&url),
        };
        let reading = Reading {
            kind,
            select: None,
            map: None,
            lang: None,
            // 2026-11-22: after all documents of the corpus.
            now: Timestamp(1_795_305_600_000),
            local: LocalTime::utc(),
        };
        let begun = Instant::now();
        let extracted = posts(&document, &reading);
        self.time += begun.elapsed();
        let html = String::from_utf8_lossy(&body).into_owned();
        Ok((extracted.posts, html))
    }

    fn compare(
        &mut self,
        name: &str,
        file: &str,
        known: &[&Known],
        found: &[Post],
        is_listed: bool,
    ) {
        let is_listed = is_listed
            && self
                .list
                .is_some_and(|list| list == "all" || name.contains(list));
        let said: Vec<String> = found.iter().map(|post| letters(&post.text)).collect();
        let sums = self.sums.entry(name.to_owned()).or_default();
        sums.n_pages += 1;
        sums.n_given += found.len();
        for one in known {
            sums.n_known += 1;
            let text = letters(one.body.as_deref().unwrap_or_default());
            let same = || (0..found.len()).filter(|&at| is_same(&text, &said[at]));
            let fits = |at: &usize| {
                let post = &found[*at];
                [author(one, post), date(one, post), rating(one, post)]
            };
            let best = same().max_by_key(|at| fits(at).iter().filter(|fits| **fits).count());
            let Some(best) = best else {
                if is_listed {
                    println!("{file}: no text | {:?} | {:?}", one.author, one.body);
                }
                continue;
            };
            let [author, date, rating] = fits(&best);
            sums.n_text += 1;
            sums.n_author += usize::from(author);
            sums.n_date += usize::from(date);
            sums.n_rating += usize::from(rating);
            sums.n_right += usize::from(author && date && rating);
            if is_listed && !(author && date && rating) {
                let post = &found[best];
                println!(
                    "{file}: {:?} {:?} {}/{} is read as {:?} {:?} {:?} ({})",
                    one.author,
                    one.date,
                    one.rating,
                    one.best,
                    post.author,
                    post.published.map(|at| at.to_string()),
                    post.rating,
                    post.how.code()
                );
            }
        }
        if is_listed && known.is_empty() && !found.is_empty() {
            println!("{file}: {} posts, but none is known", found.len());
        }
    }
}

fn has_text(one: &Known) -> bool {
    !letters(one.body.as_deref().unwrap_or_default()).is_empty()
}

/// Letters and digits only: tags, blanks and typography do not count.
fn letters(text: &str) -> String {
    let plain = if text.contains('<') || text.contains('&') {
        escucha::extract::plain_text(text)
    } else {
        text.to_owned()
    };
    plain
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn is_same(known: &str, found: &str) -> bool {
    let (short, long) = if known.len() < found.len() {
        (known, found)
    } else {
        (found, known)
    };
    known == found || short.len() * 100 >= long.len() * SAME_PERCENT && long.contains(short)
}

/// What is not known cannot be wrong.
fn author(known: &Known, post: &Post) -> bool {
    let known = letters(known.author.as_deref().unwrap_or_default());
    known.is_empty() || known == letters(post.author.as_deref().unwrap_or_default())
}

fn date(known: &Known, post: &Post) -> bool {
    let Some(known) = known.date.as_deref().and_then(instant) else {
        return true;
    };
    post.published
        .is_some_and(|at| (at.0 - known).abs() < DAY_MS)
}

fn instant(raw: &str) -> Option<i64> {
    use jiff::civil::{Date, DateTime};
    let raw = raw.trim();
    let in_utc = |at: DateTime| at.to_zoned(jiff::tz::TimeZone::UTC).ok();
    raw.parse::<jiff::Timestamp>()
        .ok()
        .or_else(|| Some(jiff::fmt::rfc2822::parse(raw).ok()?.timestamp()))
        .or_else(|| Some(in_utc(raw.parse::<DateTime>().ok()?)?.timestamp()))
        .or_else(|| Some(in_utc(raw.parse::<Date>().ok()?.at(0, 0, 0, 0))?.timestamp()))
        .map(jiff::Timestamp::as_millisecond)
}

fn rating(known: &Known, post: &Post) -> bool {
    let number = |value: &Value| match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().replace(',', ".").parse::<f64>().ok(),
        _ => None,
    };
    let Some(value) = number(&known.rating) else {
        return true;
    };
    let usual = [5.0, 10.0, 100.0].into_iter().find(|best| value <= *best);
    let Some(best) = number(&known.best).or(usual) else {
        return true;
    };
    post.rating
        .is_some_and(|rating| (rating - value / best).abs() < 0.005)
}
