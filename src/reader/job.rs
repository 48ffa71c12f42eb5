//! What a child is told and what it answers, and how both are written: frames of a length (eight bytes,
//! little-endian) and so many bytes, JSON but for the document itself.
//!
//! Absent: pipes and processes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::extract::{
    self, Article, Document, Extracted, Gates, Guard, Kind, Limit, Map, Problem, RawMap,
    RawSelectors, Reading, Selectors,
};
use crate::model::{Lang, LocalTime, Timestamp};

/// A document and how it is to be read, owned: it goes to another thread or process.
#[derive(Clone, Debug)]
pub struct Job {
    /// Already decompressed.
    pub body: Vec<u8>,
    /// The `Content-Type` header, if any.
    pub content_type: Option<String>,
    /// Where it came from, after redirects.
    pub url: Option<Url>,
    pub kind: Kind,
    pub select: Option<Selectors>,
    pub map: Option<Map>,
    pub lang: Option<Lang>,
    pub now: Timestamp,
    pub local: Arc<LocalTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Wanted {
    Posts,
    Article,
}

/// What reading came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Answer {
    Posts(Extracted),
    Article(Result<Article, Problem>),
}

/// All of a job but the document.
#[derive(Serialize, Deserialize)]
struct Order {
    wanted: Wanted,
    content_type: Option<String>,
    url: Option<Url>,
    kind: Kind,
    select: Option<RawSelectors>,
    map: Option<RawMap>,
    lang: Option<Lang>,
    now: Timestamp,
    local: LocalTime,
}

impl Job {
    /// Reads it here and now, behind narrow gates.
    pub(super) fn read(&self, wanted: Wanted) -> Answer {
        self.read_within(wanted, Gates::Narrow)
    }

    pub(super) fn read_within(&self, wanted: Wanted, gates: Gates) -> Answer {
        let document = Document {
            body: &self.body,
            content_type: self.content_type.as_deref(),
            url: self.url.as_ref(),
        };
        let reading = Reading {
            kind: self.kind,
            select: self.select.as_ref(),
            map: self.map.as_ref(),
            lang: self.lang,
            now: self.now,
            local: &self.local,
        };
        match wanted {
            Wanted::Posts => Answer::Posts(extract::posts_within(&document, &reading, gates)),
            Wanted::Article => Answer::Article(extract::article_within(&document, &reading, gates)),
        }
    }

    /// All but the document, as one frame.
    pub(super) fn order(&self, wanted: Wanted) -> Result<Vec<u8>, serde_json::Error> {
        let order = Order {
            wanted,
            content_type: self.content_type.clone(),
            url: self.url.clone(),
            kind: self.kind,
            select: self.select.as_ref().map(|select| select.raw().clone()),
            map: self.map.as_ref().map(|map| map.raw().clone()),
            lang: self.lang,
            now: self.now,
            local: LocalTime::clone(&self.local),
        };
        Ok(frame(&serde_json::to_vec(&order)?))
    }

    /// The job behind an order; `None` when it cannot be understood.
    pub(super) fn of(order: &[u8], body: Vec<u8>) -> Option<(Self, Wanted)> {
        let order: Order = serde_json::from_slice(order).ok()?;
        let select = order.select.as_ref().map(Selectors::parse).transpose();
        let map = order.map.as_ref().map(Map::parse).transpose();
        let job = Self {
            body,
            content_type: order.content_type,
            url: order.url,
            kind: order.kind,
            select: select.ok()?,
            map: map.ok()?,
            lang: order.lang,
            now: order.now,
            local: Arc::new(order.local),
        };
        Some((job, order.wanted))
    }
}

impl Answer {
    pub(super) fn nothing_within(wanted: Wanted, limit: Limit) -> Self {
        match wanted {
            Wanted::Posts => Self::Posts(Extracted::nothing_within(limit)),
            Wanted::Article => Self::Article(Err(Problem::limit(limit))),
        }
    }

    /// True when wider gates may let more of it be read.
    pub(super) fn is_gated(&self) -> bool {
        match self {
            Self::Posts(extracted) => extracted.is_gated(),
            Self::Article(Err(problem)) => problem.guard == Guard::Gate,
            Self::Article(Ok(_)) => false,
        }
    }

    /// This, which was read behind the gates, when reading beyond them met a limit.
    pub(super) fn stopped_by(self, limit: Limit) -> Self {
        match self {
            Self::Posts(extracted) => Self::Posts(extracted.stopped_by(limit)),
            Self::Article(article) => Self::Article(article.map_err(|_| Problem::limit(limit))),
        }
    }

    pub(super) fn written(&self) -> Result<Vec<u8>, serde_json::Error> {
        Ok(frame(&serde_json::to_vec(self)?))
    }

    pub(super) fn of(written: &[u8]) -> Option<Self> {
        serde_json::from_slice(written).ok()
    }
}

pub(super) fn frame(bytes: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(bytes.len() + LENGTH_BYTES);
    frame.extend(length(bytes.len()));
    frame.extend(bytes);
    frame
}

pub(super) const LENGTH_BYTES: usize = 8;

pub(super) fn length(n_bytes: usize) -> [u8; LENGTH_BYTES] {
    (n_bytes as u64).to_le_bytes()
}

/// The frames that are there as a whole.
pub(super) fn frames(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut frames = Vec::new();
    while let Some((n_bytes, rest)) = bytes.split_first_chunk::<LENGTH_BYTES>() {
        let n_bytes = usize::try_from(u64::from_le_bytes(*n_bytes)).unwrap_or(usize::MAX);
        let Some((frame, rest)) = rest.split_at_checked(n_bytes) else {
            break;
        };
        frames.push(frame);
        bytes = rest;
    }
    frames
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::extract::{Places, RawNotation, plain_text};
    use crate::model::{How, Post};

    #[track_caller]
    fn check(bytes: &[u8], expected: &[&str]) {
        let found = frames(bytes);
        assert_eq!(
            found,
            expected
                .iter()
                .map(|text| text.as_bytes())
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn only_whole_frames_count() {
        let two = [frame(b"uno"), frame(b"")].concat();
        check(&two, &["uno", ""]);
        check(&two[..two.len() - 1], &["uno"]);
        check(&two[..LENGTH_BYTES + 2], &[]);
        check(&u64::MAX.to_le_bytes(), &[]);
        check(b"", &[]);
    }

    #[test]
    fn a_job_arrives_as_it_was_sent() {
        let select = Selectors::parse(&RawSelectors {
            item: "div.a".to_owned(),
            notation: RawNotation {
                rating_scale: Some((0.1, 0.7)),
                ..RawNotation::default()
            },
            ..RawSelectors::default()
        });
        let map = Map::parse(&RawMap {
            items: "/a/*".to_owned(),
            places: Places {
                text: Some("/b".to_owned()),
                ..Places::default()
            },
            ..RawMap::default()
        });
        let job = Job {
            body: vec![0, 255, b'\n'],
            content_type: Some("text/html; charset=ñ".to_owned()),
            url: Url::parse("https://foro.test/ñ?a=b#c").ok(),
            kind: Kind::Reviews,
            select: select.ok(),
            map: map.ok(),
            lang: Some(Lang::Ca),
            now: Timestamp(-7),
            local: Arc::new(LocalTime::of(&TimeZone::get("Europe/Madrid").unwrap())),
        };
        assert!(job.select.is_some() && job.map.is_some());
        let order = job.order(Wanted::Article).unwrap();
        let (arrived, wanted) = Job::of(frames(&order)[0], job.body.clone()).unwrap();
        assert_eq!(wanted, Wanted::Article);
        assert_eq!(format!("{arrived:?}"), format!("{job:?}"));
        assert!(Job::of(b"{}", Vec::new()).is_none());
    }

    #[test]
    fn an_answer_arrives_to_the_last_bit() {
        let ratings = [0.1 + 0.2, 13.0 / 15.0, 1.0 / 3.0, 5e-324];
        let posts = ratings.map(|rating| Post {
            text: plain_text("<p>\u{1f600} \"ñ\" &lt;"),
            rating: Some(rating),
            published: Some(Timestamp(i64::MIN)),
            how: How::State,
            ..Post::default()
        });
        let extracted = Extracted {
            posts: posts.to_vec(),
            problems: vec![Problem::limit(Limit::Stack)],
            skip_hours: u32::MAX,
            ..Extracted::default()
        };
        for answer in [
            Answer::Posts(extracted),
            Answer::Article(Ok(Article::default())),
            Answer::Article(Err(Problem::limit(Limit::CpuSeconds(5)))),
        ] {
            let written = answer.written().unwrap();
            assert_eq!(Answer::of(frames(&written)[0]), Some(answer));
        }
    }
}
