//! What was read of a document.
//!
//! Absent: what a problem says; that is in [`super::problem`].

use super::mail::Reach;
use super::{Finds, Guard, Limit, Problem, asks};
use crate::model::{Post, Ui};

/// The posts of a document in its order, and what went wrong.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Extracted {
    pub posts: Vec<Post>,
    pub problems: Vec<Problem>,
    /// The longer of the feed's own `ttl` and `sy:updatePeriod`, in milliseconds.
    pub ttl_ms: Option<i64>,
    /// `skipHours`: bit 0 is midnight, UTC.
    pub skip_hours: u32,
    /// `skipDays`: bit 0 is Monday.
    pub skip_days: u8,
    /// The next page of reviews.
    pub next_url: Option<String>,
    /// How often the places that the configuration tells were found.
    pub finds: Finds,
    /// Absolute addresses of the feeds that a page offers which was read as a feed or blog, best
    /// first. Whoever can fetch reads the first of them instead.
    pub feed_urls: Vec<String>,
    /// Mails that are no posts: bounces, automatic answers, our own.
    pub n_aside: usize,
    pub reach: Reach,
    /// Whether the page asks search engines not to show it; `None`: the posts are not those of a page.
    #[serde(default)]
    pub is_hidden: Option<bool>,
}

impl Extracted {
    pub(super) fn failed(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
            ..Self::default()
        }
    }

    /// What was lost although the document could be read, as the source's trouble.
    pub fn shortfall(&self, ui: Ui) -> Option<String> {
        let problem = self.problems.iter().find(|problem| problem.is_shortfall)?;
        Some(problem.sentence(ui).to_owned())
    }

    /// With what the feed says about its own reading.
    pub(super) fn asking(mut self, text: &str) -> Self {
        let asks = asks::of_feed(text);
        self.ttl_ms = self.ttl_ms.max(asks.ttl_ms);
        (self.skip_hours, self.skip_days) = (asks.skip_hours, asks.skip_days);
        self
    }

    /// The detail of the fatal problem, if there is one.
    pub fn failure(&self) -> Option<&str> {
        self.fatal().map(|problem| problem.detail.as_str())
    }

    /// The fatal problem for people: what could not be read, and what to do.
    pub fn refusal(&self, ui: Ui) -> Option<String> {
        let said = ui.pick("no se puede leer", "cannot be read");
        self.fatal()
            .map(|problem| format!("{said}: {}", problem.sentence(ui)))
    }

    fn fatal(&self) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.fatal)
    }
    /// True when a gate kept the reader from all of it or a part: wider gates may find more.
    pub fn is_gated(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| problem.guard == Guard::Gate)
    }

    /// True when reading it would cost more than one document may.
    pub fn is_costly(&self) -> bool {
        self.fatal()
            .is_some_and(|problem| problem.guard == Guard::Limit)
    }

    /// What was read behind the gates, when reading beyond them met a limit.
    #[must_use]
    pub fn stopped_by(mut self, limit: Limit) -> Self {
        for problem in &mut self.problems {
            if problem.guard == Guard::Gate {
                let fatal = problem.fatal;
                *problem = Problem {
                    fatal,
                    ..Problem::limit(limit)
                };
            }
        }
        self
    }

    /// Nothing was read: a limit was met first.
    pub fn nothing_within(limit: Limit) -> Self {
        Self::failed(Problem::limit(limit))
    }
}
