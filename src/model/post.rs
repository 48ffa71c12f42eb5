//! One thing somebody published.

use serde::{Deserialize, Serialize};

use super::{Lang, Timestamp};

/// What an extractor yields and the scorer reads. All text is plain text, never HTML.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Post {
    /// The identity the source gives (guid, element id), if any; opaque.
    pub guid: Option<String>,
    pub title: Option<String>,
    pub text: String,
    pub author: Option<String>,
    /// Absolute http(s) link to the place where it was said.
    pub url: Option<String>,
    pub published: Option<Timestamp>,
    /// 0 (worst) to 1 (best).
    #[serde(with = "exact")]
    pub rating: Option<f64>,
    /// Language the document declares: a prior, not an order.
    pub lang: Option<Lang>,
    /// Link or guid of the post that this one answers.
    pub reply_to: Option<String>,
    pub how: How,
    /// The text is only an excerpt: the linked page has more.
    pub excerpt: bool,
}

/// The way a post was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum How {
    #[default]
    Feed,
    /// The feed was broken and was repaired before it could be read.
    FeedRepaired,
    /// Article text of a page.
    Article,
    JsonLd,
    /// Microdata, of schema.org or data-vocabulary.org.
    Microdata,
    Rdfa,
    /// h-review, hReview, h-cite.
    HReview,
    /// The JSON that a page carries for its own scripts.
    State,
    /// A JSON API, by the pointers of the configuration.
    Json,
    /// A comment below a page, found by general rules.
    Comments,
    Selectors,
    /// A person brought it.
    ByHand,
    /// A mail: written to us, or a site's notice of what was said there.
    Mail,
    /// One result of a mail with many.
    MailAlert,
    /// A mail that somebody forwarded.
    MailForwarded,
}

impl How {
    const ALL: [Self; 15] = [
        Self::Feed,
        Self::FeedRepaired,
        Self::Article,
        Self::JsonLd,
        Self::Microdata,
        Self::Rdfa,
        Self::HReview,
        Self::State,
        Self::Json,
        Self::Comments,
        Self::Selectors,
        Self::ByHand,
        Self::Mail,
        Self::MailAlert,
        Self::MailForwarded,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::FeedRepaired => "feed-repaired",
            Self::Article => "article",
            Self::JsonLd => "json-ld",
            Self::Microdata => "microdata",
            Self::Rdfa => "rdfa",
            Self::HReview => "h-review",
            Self::State => "state",
            Self::Json => "json",
            Self::Comments => "comments",
            Self::Selectors => "selectors",
            Self::ByHand => "by-hand",
            Self::Mail => "mail",
            Self::MailAlert => "mail-alert",
            Self::MailForwarded => "mail-forwarded",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|how| how.code() == code)
    }
}

/// A rating bit by bit: decimals, as JSON reads them, may differ in the last one.
mod exact {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    #[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
    pub(super) fn serialize<S: Serializer>(it: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
        it.map(f64::to_bits).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(f64::from_bits))
    }
}

impl Post {
    /// True for what a customer wrote by mail: there is no public place to answer at.
    pub fn is_by_mail(&self) -> bool {
        matches!(self.how, How::Mail | How::MailForwarded) && self.url.is_none()
    }
}

/// One of several keys by which a post is known again; `kind` is `guid`, `link` or `text`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PostKey {
    pub kind: &'static str,
    pub hash: String,
}
