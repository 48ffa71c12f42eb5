//! A site's notice of a review or comment: who said it, with how many stars, and where to answer.
//!
//! Absent: rules for single sites; `select` in the configuration tells what these rules do not find.

use std::sync::OnceLock;

use regex::Regex;
use scraper::{Html, Selector};
use url::Url;

use super::super::html::{self, clean_line, visible};
use super::super::words::fold;
use super::super::{links, rating, web_url};
use super::letter::Letter;
use crate::model::Post;

/// Lines of a notice, links and attributes of its HTML that are looked at.
const LINES_MAX: usize = 2_000;
const LINKS_MAX: usize = 500;
/// Who wrote the review stands at the beginning.
const AUTHOR_LINES_MAX: usize = 40;
const LINE_CHARS_MAX: usize = 500;

/// The notice as a post; its subject, date and identity are the mail's.
pub(super) fn post(letter: &Letter) -> Post {
    let lines: Vec<&str> = letter.text.lines().take(LINES_MAX).collect();
    Post {
        text: words(&lines),
        author: author(letter, &lines),
        url: link(letter),
        rating: stars(letter, &lines),
        ..Post::default()
    }
}

/// What stands above "unsubscribe", without the links themselves.
fn words(lines: &[&str]) -> String {
    const FOOT: [&str; 16] = [
        "darse de baja",
        "date de baja",
        "darte de baja",
        "cancelar la suscripcion",
        "cancelar suscripcion",
        "dejar de recibir",
        "ha recibido este",
        "has recibido este",
        "recibe este correo",
        "recibes este correo",
        "unsubscribe",
        "you are receiving this",
        "you received this",
        "cancelar a subscricao",
        "se desabonner",
        "abmelden",
    ];
    let mut kept: Vec<String> = Vec::new();
    for line in lines {
        let plain = without_links(line);
        let folded = fold(&plain.chars().take(LINE_CHARS_MAX).collect::<String>());
        if !kept.is_empty() && FOOT.iter().any(|foot| folded.contains(foot)) {
            break;
        }
        if plain
            .chars()
            .any(|c| c.is_alphanumeric() || matches!(c, '★' | '☆' | '⭐'))
        {
            kept.push(plain);
        }
    }
    html::clean(&kept.join("\n"))
}

/// The line without what only a program clicks on.
fn without_links(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    for word in line.split(' ') {
        let bare = word.trim_matches(['<', '>', '[', ']', '(', ')', '.', ',']);
        if !bare.starts_with("http://") && !bare.starts_with("https://") {
            plain.push_str(word);
            plain.push(' ');
        }
    }
    plain.trim().to_owned()
}

/// Who said it, where the subject or the first lines tell.
fn author(letter: &Letter, lines: &[&str]) -> Option<String> {
    static PATTERNS: OnceLock<Vec<Regex>> = OnceLock::new();
    let patterns = PATTERNS.get_or_init(|| {
        let name = r"(\p{Lu}[\p{L}\p{M}'’.\-]*(?: [\p{Lu}\d][\p{L}\p{M}'’.\-]*){0,3})";
        let what = "(?i:rese[ñn]a|opini[oó]n|valoraci[oó]n|comentario|cr[ií]tica|queja|review|comment|\
                    rating|feedback|avalia[cç][aã]o|recensione|bewertung|kommentar|avis|commentaire|\
                    ressenya|opini[oó])";
        [
            format!(r"(?:^|\s){what}(?:\s\S+){{0,4}}?\s(?i:de|from|by|von|di|da|par)\s{name}"),
            format!(
                r"^\W*{name}\s(?i:ha|has|te ha|le ha|dej[oó]|escribi[oó]|public[oó]|coment[oó]|left|wrote|\
                 posted|added|just|reviewed|commented|hat|a laiss[eé]|deixou|escreveu|ha lasciato)\s"
            ),
            format!(
                r"^\W*(?i:autor|autora|author|nombre|name|usuario|user|cliente|customer|escrito por|\
                 written by|reviewer|auteur|autore|verfasser|nome|publicado por|posted by)\s?:\s*{name}"
            ),
        ]
        .iter()
        .filter_map(|pattern| Regex::new(pattern).ok())
        .collect()
    });
    let subject = letter.subject.as_deref().into_iter();
    let texts = subject.chain(lines.iter().take(AUTHOR_LINES_MAX).copied());
    let texts: Vec<String> = texts
        .filter_map(clean_line)
        .map(|text| text.chars().take(LINE_CHARS_MAX).collect())
        .collect();
    patterns.iter().find_map(|pattern| {
        texts.iter().find_map(|text| {
            let name = pattern.captures(text)?.get(1)?.as_str();
            clean_line(name.trim_end_matches(['.', ',', '-']))
        })
    })
}

/// The stars that the text shows, or the pictures of stars say.
fn stars(letter: &Letter, lines: &[&str]) -> Option<f64> {
    static STARS: OnceLock<Option<Regex>> = OnceLock::new();
    static PICTURE: OnceLock<Option<Regex>> = OnceLock::new();
    let star = STARS.get_or_init(|| {
        let unit = "estrellas?|stars?|estrelas?|étoiles?|stelle|stella|sterne?n?|estrell?e?s";
        Regex::new(&format!(
            r"(?i)[★⭐]+\x{{fe0f}}?[★⭐☆\x{{fe0f}}]*|(?:^|[^\d/.,])\d{{1,2}}(?:[.,]\d)?\s?(?:(?:/|de|of|out of|sur|su|von|em)\s?(?:5|10)(?:[^\d/.]|$)|(?:{unit})\b)"
        ))
        .ok()
    });
    let picture = PICTURE.get_or_init(|| {
        Regex::new(r#"(?i)(?:alt|title|aria-label)\s*=\s*["']([^"'<>]{1,60})["']"#).ok()
    });
    let star = star.as_ref()?;
    let rated = |text: &str| {
        let found = star.find(text)?.as_str();
        rating::parse(found)
    };
    let shown = letter
        .subject
        .as_deref()
        .into_iter()
        .chain(lines.iter().copied());
    let mut shown = shown.filter(|line| line.len() < 4 * LINE_CHARS_MAX);
    shown.find_map(rated).or_else(|| {
        let html = letter.html.as_deref()?;
        let pictures = picture.as_ref()?.captures_iter(html).take(LINKS_MAX);
        pictures
            .filter_map(|found| found.get(1))
            .find_map(|said| rated(said.as_str()))
    })
}

/// The link to the place itself: one whose words say so, else the first that leads beyond a front
/// page.
pub(super) fn link(letter: &Letter) -> Option<String> {
    let mut found: Option<(u8, String)> = None;
    for (href, said) in offered(letter) {
        let Ok(url) = Url::parse(&href.replace("&amp;", "&")) else {
            continue;
        };
        let url = links::uncounted(url);
        let (Some(web), worth) = (web_url(&url), worth(&url, &said)) else {
            continue;
        };
        if worth > found.as_ref().map_or(0, |(best, _)| *best) {
            found = Some((worth, web));
        }
    }
    found.map(|(_, link)| link)
}

/// The links of a mail with their words, in their order.
fn offered(letter: &Letter) -> Vec<(String, String)> {
    let mut offered = Vec::new();
    if let Some(html) = &letter.html
        && let Ok(anchor) = Selector::parse("a[href]")
    {
        let page = Html::parse_document(html);
        for link in page.select(&anchor).take(LINKS_MAX) {
            let href = link.attr("href").unwrap_or_default().trim().to_owned();
            let said = clean_line(&visible(link, &[])).unwrap_or_default();
            offered.push((href, said.chars().take(LINE_CHARS_MAX).collect()));
        }
    }
    if !offered.is_empty() {
        return offered;
    }
    let mut before = "";
    for line in letter.text.lines().take(LINES_MAX) {
        let words = line.split([' ', '<', '>', '[', ']', '(', ')', '"']);
        let mut is_link = false;
        for word in words.filter(|word| word.starts_with("http")) {
            // In a text the words of a link stand before it, perhaps a line above.
            let said = line.split("http").next().unwrap_or_default();
            let said = if said.trim().is_empty() { before } else { said };
            let said: String = said.chars().take(LINE_CHARS_MAX).collect();
            offered.push((word.trim_end_matches(['.', ',', ';']).to_owned(), said));
            is_link = true;
            if offered.len() >= LINKS_MAX {
                return offered;
            }
        }
        if !is_link && !line.trim().is_empty() {
            before = line;
        }
    }
    offered
}

/// What stands in links that lead to no review.
const NEVER: [&str; 26] = [
    "unsubscribe",
    "optout",
    "opt-out",
    "opt_out",
    "baja",
    "preferenc",
    "settings",
    "ajustes",
    "privacy",
    "privacidad",
    "terms",
    "condiciones",
    "legal",
    "cookies",
    "help",
    "ayuda",
    "soporte",
    "facebook.com",
    "twitter.com",
    "instagram.com",
    "linkedin.com",
    "youtube.com",
    "apps.apple.com",
    "play.google.com",
    "login",
    "password",
];
/// Words of links, folded: to answer, to look, and at what.
const ANSWER: [&str; 10] = [
    "responder",
    "responda",
    "responde",
    "contestar",
    "contesta",
    "reply",
    "respond",
    "answer",
    "antworten",
    "repondre",
];
const LOOK: [&str; 12] = [
    "ver ", "vea ", "leer", "lee ", "read", "see ", "view", "show", "voir", "leggi", "lesen",
    "veure",
];
const WHAT: [&str; 11] = [
    "resena",
    "opinion",
    "valoracion",
    "comentario",
    "critica",
    "queja",
    "review",
    "comment",
    "avalia",
    "recensione",
    "bewertung",
];

/// How likely a link leads to what was said: 0 never, 4 it says that one can answer there.
fn worth(url: &Url, said: &str) -> u8 {
    let address = url.as_str().to_ascii_lowercase();
    let said = fold(said);
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    // Nothing but the words of a link tells what a counted one leads to.
    let is_never = NEVER
        .iter()
        .any(|word| address.contains(word) || said.contains(word));
    let answers = has(&ANSWER);
    if url.host_str().is_none() || (is_never && !answers) {
        return 0;
    }
    match (answers, has(&LOOK), has(&WHAT)) {
        (true, ..) | (_, true, true) => 4,
        (_, true, _) | (_, _, true) => 3,
        _ if url.path().len() > 1 || url.query().is_some() => 1,
        _ => 0,
    }
}
