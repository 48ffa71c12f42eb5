//! The first configuration of a company: commented files that hold as they are.

use std::fmt::Write as _;

use url::Url;

use crate::model::Ui;
use crate::score::text::Text;
use crate::settings::Mailbox;

/// What `escucha init` has asked.
#[derive(Clone, Debug)]
pub struct InitAnswers {
    pub ui: Ui,
    /// Any text at all: what a query cannot hold is left out of the query.
    pub company: String,
    /// See [`super::site`] for what people type.
    pub site: Option<Url>,
    /// Who is told.
    pub manager: Mailbox,
    /// `sqlite://…`: beside the configuration, or where a service keeps its state.
    pub database: &'static str,
}

const OPERATOR_ES: &str = include_str!("template/escucha.es.toml");
const OPERATOR_EN: &str = include_str!("template/escucha.en.toml");
const ANALYST_ES: &str = include_str!("template/keywords.es.toml");
const ANALYST_EN: &str = include_str!("template/keywords.en.toml");
/// The example file has the starter set of keywords after this line.
const STARTER: &str = include_str!("../../config/keywords.toml");
const STARTER_LINE: &str = "# --- Starter set · palabras de partida ---\n";
/// Words of a company's name that people write; longer ones are legal forms.
const NAME_WORDS_MAX: usize = 6;

/// `escucha.toml` and `keywords.toml` for these answers. They pass `load`, but for the password's
/// variable.
pub fn template(answers: &InitAnswers) -> (String, String) {
    let words = name_words(answers);
    let mail_host = answers
        .manager
        .address
        .rsplit_once('@')
        .map_or("localhost", |(_, host)| host);
    let sender = format!("{}@{mail_host}", answers.ui.pick("avisos", "alerts"));
    let name = Some(answers.company.trim())
        .filter(|name| !name.is_empty())
        .map_or_else(|| words.join(" "), str::to_owned);
    let site = answers
        .site
        .as_ref()
        .map(|site| site.join("/").unwrap_or_else(|_| site.clone()));
    let feed = site.as_ref().and_then(|site| site.join("feed").ok());
    let blanks = [
        ("{company}", string(&name)),
        (
            "{contact}",
            string(site.as_ref().map_or(sender.as_str(), Url::as_str)),
        ),
        // Without a site there is no feed to propose: the section stays as a comment.
        ("{#}", if feed.is_some() { "" } else { "# " }.to_owned()),
        (
            "{feed}",
            string(
                feed.as_ref()
                    .map_or("https://ejemplo.test/feed", Url::as_str),
            ),
        ),
        ("{news}", string(&news(&words.join(" "), answers.ui))),
        ("{mail_host}", string(&format!("mail.{mail_host}"))),
        ("{sender}", string(&sender)),
        ("{from}", string(&format!("Escucha <{sender}>"))),
        ("{manager}", string(&answers.manager.to_string())),
        ("{database}", string(answers.database)),
        ("{watch}", string(&words.join("-"))),
        ("{query}", string(&query(&words, site.as_ref()))),
    ];
    let starter = STARTER
        .split_once(STARTER_LINE)
        .map_or("", |(_, rest)| rest);
    let analyst = fill(answers.ui.pick(ANALYST_ES, ANALYST_EN), &blanks);
    (
        fill(answers.ui.pick(OPERATOR_ES, OPERATOR_EN), &blanks),
        format!("{analyst}\n{starter}"),
    )
}

/// Fills every blank of the template once; what a blank holds is not looked at again.
fn fill(template: &str, blanks: &[(&str, String)]) -> String {
    let mut filled = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        filled.push_str(before);
        let blank = blanks.iter().find(|(name, _)| from.starts_with(name));
        let (text, len) = blank.map_or(("{", 1), |(name, text)| (text.as_str(), name.len()));
        filled.push_str(text);
        rest = &from[len..];
    }
    filled.push_str(rest);
    filled
}

/// A TOML string: nothing in the text ends it or the line.
pub(super) fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The words of the name as queries know them; never none.
fn name_words(answers: &InitAnswers) -> Vec<String> {
    let words_of = |text: &str| -> Vec<String> {
        let text: String = text.chars().take(200).collect();
        let text = Text::new(None, &text);
        let words = text
            .words
            .iter()
            .map(|at| text.tokens[*at].folded.to_string());
        // Of some letters nothing but a blank is left.
        let words = words.filter(|word| word.chars().any(char::is_alphanumeric));
        words.take(NAME_WORDS_MAX).collect()
    };
    let host = answers.site.as_ref().and_then(Url::host_str).unwrap_or("");
    [answers.company.as_str(), host, &answers.manager.address]
        .into_iter()
        .map(words_of)
        .find(|words| !words.is_empty())
        .unwrap_or_else(|| vec!["escucha".to_owned()])
}

/// The name as a phrase, or the site as people write it.
fn query(words: &[String], site: Option<&Url>) -> String {
    let mut query = format!("\"{}\"", words.join(" "));
    let host = site.and_then(Url::host_str).unwrap_or("");
    let host = host.trim_start_matches("www.");
    if !Text::new(None, host).words.is_empty() {
        let _ = write!(query, " OR \"{host}\"");
    }
    query
}

/// News about the name, as a feed: search engines offer one for any words.
fn news(name: &str, ui: Ui) -> String {
    let (region, language) = ui.pick(("ES", "es"), ("US", "en"));
    let phrase = format!("\"{name}\"");
    let pairs = [
        ("q", phrase.as_str()),
        ("hl", language),
        ("gl", region),
        ("ceid", &format!("{region}:{language}")),
    ];
    Url::parse_with_params("https://news.google.com/rss/search", pairs)
        .map_or_else(|_| String::new(), String::from)
}
