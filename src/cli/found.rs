//! What `escucha try` shows of a source that could be read: its posts with their verdicts, and what a
//! person should know before anyone depends on it.
//!
//! Absent: reading it; [`super::trying`] does that.

use serde_json::{Value, json};

use super::score;
use super::terminal::{Terminal, complain};
use crate::clock;
use crate::extract::Extracted;
use crate::model::{How, Post, PostId, Reach, Ui, fingerprint};
use crate::score::{Sample, Scorer};
use crate::settings::SourceSettings;

/// What was read of a source.
pub(super) struct Found<'a> {
    pub(super) source: &'a str,
    /// The section of the configuration, if there is one.
    pub(super) known: Option<&'a SourceSettings>,
    pub(super) extracted: &'a Extracted,
}

impl Found<'_> {
    pub(super) fn show(&self, terminal: &Terminal, scorer: &Scorer, ui: Ui) -> anyhow::Result<()> {
        let posts = &self.extracted.posts;
        if terminal.json {
            // Rows are for machines; what a person should know goes another way.
            for line in self.lines(ui) {
                complain(&format!("{}: {line}", self.source));
            }
        } else {
            let said = format!("{}: {}", self.source, n_posts(posts.len(), ui));
            Terminal::line(&terminal.bold(&said))?;
            for line in self.lines(ui) {
                Terminal::line(&format!("  {line}"))?;
            }
        }
        for post in posts {
            self.show_post(terminal, post, scorer, ui)?;
        }
        Ok(())
    }

    /// What there is to know beside the posts.
    fn lines(&self, ui: Ui) -> Vec<String> {
        let mut lines: Vec<String> = note(self.extracted, ui).into_iter().collect();
        lines.extend(self.extracted.finds.sentence(ui));
        let problems = self.extracted.problems.iter();
        lines.extend(problems.map(|problem| format!("! {}", problem.sentence(ui))));
        lines.extend(self.next_page(ui));
        lines
    }

    /// Where the service would read on, if the source says how.
    fn next_page(&self, ui: Ui) -> Option<String> {
        let source = self.known?;
        let select = source.select.as_ref().map(|select| &select.raw().places);
        let map = source.map.as_ref().map(|map| &map.raw().places);
        let is_told = select.or(map)?.next.is_some();
        match &self.extracted.next_url {
            Some(next) => Some(match ui {
                Ui::Es => format!("la página siguiente sería {next}"),
                Ui::En => format!("the next page would be {next}"),
            }),
            None if is_told => Some(
                ui.pick(
                    "next no encuentra ninguna página siguiente, como debe ser solo en la última",
                    "next finds no further page, which is right on the last page only",
                )
                .to_owned(),
            ),
            None => None,
        }
    }

    fn show_post(
        &self,
        terminal: &Terminal,
        post: &Post,
        scorer: &Scorer,
        ui: Ui,
    ) -> anyhow::Result<()> {
        let sample = Sample {
            title: post.title.as_deref(),
            text: &post.text,
            author: post.author.as_deref(),
            url: post.url.as_deref(),
            lang: post.lang,
            rating: post.rating,
            published: post.published,
            about: self.known.map_or(&[][..], |source| &source.watches),
            reach: self.known.map_or(Reach::default(), |source| source.reach),
            ..Sample::default()
        };
        let verdict = scorer.verdict(&sample, clock::now());
        if terminal.json {
            let mut row = post_json(self.source, post);
            row["verdict"] = serde_json::to_value(&verdict)?;
            Terminal::row(&row)?;
            return Ok(());
        }
        Terminal::line("")?;
        let who = post.author.as_deref().unwrap_or("—");
        let when = post.published.map_or("—".to_owned(), |at| at.to_string());
        let url = post.url.as_deref().unwrap_or("—");
        Terminal::line(&format!("{who}, {when}, {url} [{}]", way(post, ui)))?;
        score::explain(
            terminal,
            &score::Shown::new(scorer, &sample, &verdict, false, ui),
        )
    }
}

/// "3 posts".
pub(super) fn n_posts(n: usize, ui: Ui) -> String {
    ui.count(n, ["publicación", "publicaciones"], ["post", "posts"])
}

/// That a feed is read in the place of the page that offers it.
pub(super) fn by_feed(feed: &str, ui: Ui) -> String {
    match ui {
        Ui::Es => format!("es una página web; se lee el canal que ofrece: {feed}"),
        Ui::En => format!("this is a web page; the feed that it offers is read: {feed}"),
    }
}

/// The note for a person when posts came from a page's feed, or could come from one.
pub(super) fn note(extracted: &Extracted, ui: Ui) -> Option<String> {
    let feed = extracted.feed_urls.first()?;
    let is_page = |post: &Post| post.how == How::Article;
    Some(if extracted.posts.iter().any(is_page) {
        match ui {
            Ui::Es => format!("esta página ofrece un canal (feed), que es mejor fuente: {feed}"),
            Ui::En => format!("this page offers a feed, which is the better source: {feed}"),
        }
    } else {
        by_feed(feed, ui)
    })
}

/// Which text was read.
fn way(post: &Post, ui: Ui) -> &'static str {
    match (post.how, post.excerpt) {
        (How::Article, _) => ui.pick("el texto de la página", "the page's text"),
        (_, true) => ui.pick(
            "solo el resumen: la página enlazada tiene más",
            "the summary only: the linked page has more",
        ),
        (how, false) => how.code(),
    }
}

fn post_json(source: &str, post: &Post) -> Value {
    json!({
        "source": source, "id": PostId::of_fingerprint(&fingerprint(post)).0,
        "title": post.title, "text": post.text, "author": post.author, "url": post.url,
        "published": post.published.map(|at| at.to_string()), "rating": post.rating,
        "reply_to": post.reply_to, "how": post.how.code(),
    })
}
