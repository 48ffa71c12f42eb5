//! robots.txt as RFC 9309 reads it, for the agent `escucha`.
//!
//! Pure, and never fails: what is no rule is skipped. Absent here: reading it from the network
//! ([`super::Client::robots`]) and keeping it for a day (`store`).

use super::FetchError;
use super::guard::URL_BYTES_MAX;

/// The product token of our User-Agent.
const AGENT: &str = "escucha";

/// A longer `Crawl-delay` is cut to this (rule 61).
const DELAY_MS_MAX: i64 = 60_000;

/// The rules that hold for us; the default allows everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Robots {
    rules: Vec<Rule>,
    delay_ms: Option<i64>,
}

/// What asking for a robots.txt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RobotsOutcome {
    Read(Robots),
    /// The server says that there is none (4xx): everything is allowed.
    Absent,
    /// Nobody knows (5xx, network): nothing is allowed for now.
    Unreachable(FetchError),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    allow: bool,
    /// Normalised; `*` stands for anything, `$` at the end for the end.
    pattern: String,
}

/// The rules of all groups with one kind of `User-agent`.
#[derive(Debug, Default)]
struct Group {
    present: bool,
    robots: Robots,
}

impl Robots {
    /// What follows is ignored (RFC 9309 section 2.5 asks for at least as much).
    pub const BYTES_MAX: usize = 500 << 10;

    pub fn parse(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.len() < Self::BYTES_MAX {
            return Self::of_lines(bytes);
        }
        // The last line may be half a rule, which could mean something else.
        let bytes = &bytes[..Self::BYTES_MAX];
        let end = bytes.iter().rposition(|b| *b == b'\n').unwrap_or(0);
        Self::of_lines(&bytes[..end])
    }

    /// Reads what [`Robots::to_text`] wrote.
    pub fn of_text(text: &str) -> Self {
        Self::of_lines(text.as_bytes())
    }

    fn of_lines(bytes: &[u8]) -> Self {
        let (mut ours, mut everyones) = (Group::default(), Group::default());
        let (mut in_ours, mut in_everyones, mut naming) = (false, false, false);
        for line in bytes.split(|b| matches!(b, b'\n' | b'\r')) {
            let Some((key, value)) = key_and_value(line) else {
                continue;
            };
            let allow = match key.as_str() {
                "user-agent" => {
                    // Names in a row share the rules below them.
                    if !naming {
                        (in_ours, in_everyones) = (false, false);
                    }
                    naming = true;
                    in_ours |= is_us(value);
                    in_everyones |= value.starts_with(b"*");
                    ours.present |= in_ours;
                    continue;
                }
                "allow" => Some(true),
                "disallow" => Some(false),
                "crawl-delay" => None,
                _ => continue,
            };
            naming = false;
            for (group, is_named) in [(&mut ours, in_ours), (&mut everyones, in_everyones)] {
                if is_named {
                    group.robots.add(allow, value);
                }
            }
        }
        // A group of our own sets aside those for everyone, even if it is empty.
        if ours.present {
            ours.robots
        } else {
            everyones.robots
        }
    }

    /// May this path be read, with its query? The longest matching rule decides; `Allow` wins ties.
    pub fn allows(&self, path_and_query: &str) -> bool {
        if path_and_query == "/robots.txt" {
            return true;
        }
        if path_and_query.len() > URL_BYTES_MAX {
            return false;
        }
        let path = normal(path_and_query.as_bytes(), false);
        self.rules
            .iter()
            .filter(|rule| matches(&rule.pattern, &path))
            .max_by_key(|rule| (rule.pattern.len(), rule.allow))
            .is_none_or(|rule| rule.allow)
    }

    /// `Crawl-delay`, at most a minute.
    pub fn delay_ms(&self) -> Option<i64> {
        self.delay_ms
    }

    /// What holds for us, as a robots.txt: a text to be kept, for [`Robots::of_text`].
    pub fn to_text(&self) -> String {
        let mut text = String::from("User-agent: *\n");
        for rule in &self.rules {
            text.push_str(if rule.allow { "Allow: " } else { "Disallow: " });
            text.push_str(&rule.pattern);
            text.push('\n');
        }
        if let Some(ms) = self.delay_ms {
            let delay = format!(
                "Crawl-delay: {}.{:03}
",
                ms / 1_000,
                ms % 1_000
            );
            text.push_str(&delay);
        }
        text
    }

    fn add(&mut self, allow: Option<bool>, value: &[u8]) {
        match allow {
            // An empty `Disallow` forbids nothing.
            Some(_) if value.is_empty() => {}
            Some(allow) => {
                let pattern = normal(value, true);
                self.rules.push(Rule { allow, pattern });
            }
            None => {
                let seconds = std::str::from_utf8(value)
                    .ok()
                    .and_then(|v| v.parse::<f64>().ok());
                if let Some(seconds) = seconds.filter(|s| s.is_finite() && *s >= 0.0) {
                    self.delay_ms = Some(((seconds * 1e3) as i64).min(DELAY_MS_MAX));
                }
            }
        }
    }
}

impl RobotsOutcome {
    /// May this path be read now, with its query?
    pub fn allows(&self, path_and_query: &str) -> bool {
        match self {
            Self::Read(robots) => robots.allows(path_and_query),
            Self::Absent => true,
            Self::Unreachable(_) => false,
        }
    }

    /// RFC 9309 section 2.3.1: a refusal of the file or too many redirects mean that there is none.
    ///
    /// 429 is left out of the 4xx: it speaks of our haste, not of the file.
    pub(super) fn of_error(error: FetchError) -> Self {
        match error {
            FetchError::Unauthorized
            | FetchError::Forbidden
            | FetchError::NotFound
            | FetchError::Gone
            | FetchError::TooManyRedirects
            | FetchError::RedirectLoop
            | FetchError::Challenge(400..=499)
            | FetchError::Unexpected(400..=499) => Self::Absent,
            other => Self::Unreachable(other),
        }
    }
}

fn key_and_value(line: &[u8]) -> Option<(String, &[u8])> {
    let line = line.split(|b| *b == b'#').next()?;
    let colon = line.iter().position(|b| *b == b':')?;
    let key = String::from_utf8_lossy(line[..colon].trim_ascii()).to_ascii_lowercase();
    Some((key, line[colon + 1..].trim_ascii()))
}

/// `Escucha`, also as `escucha/1.0` or with a comment.
fn is_us(value: &[u8]) -> bool {
    let end = value
        .iter()
        .position(|b| !b.is_ascii_alphabetic() && !matches!(b, b'-' | b'_'))
        .unwrap_or(value.len());
    value[..end].eq_ignore_ascii_case(AGENT.as_bytes())
}

/// One spelling for equal paths (RFC 9309 section 2.2.2): escapes of unreserved characters undone,
/// all else that is not plain ASCII escaped in capitals. In a query `:` and `/` mean the same escaped
/// or not.
fn normal(path: &[u8], is_pattern: bool) -> String {
    let mut text = String::with_capacity(path.len());
    let mut in_query = false;
    let mut rest = path;
    while let [first, tail @ ..] = rest {
        rest = tail;
        let (byte, escaped) = match (*first, tail) {
            (b'%', [high, low, after @ ..]) if hex(*high).is_some() && hex(*low).is_some() => {
                rest = after;
                (hex(*high).unwrap_or(0) << 4 | hex(*low).unwrap_or(0), true)
            }
            (byte, _) => (byte, false),
        };
        let plain = match byte {
            b'-' | b'.' | b'_' | b'~' => true,
            _ if byte.is_ascii_alphanumeric() => true,
            b'*' => is_pattern && !escaped,
            b'$' => is_pattern && !escaped && rest.is_empty(),
            b':' | b'/' if in_query => false,
            _ => byte.is_ascii_graphic() && !escaped,
        };
        in_query |= byte == b'?' && !escaped;
        if plain {
            text.push(char::from(byte));
        } else {
            let nibbles = [byte >> 4, byte & 15].map(usize::from);
            text.push('%');
            text.extend(nibbles.map(|nibble| char::from(HEX[nibble])));
        }
    }
    text
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

/// Both are normalised. Each part between stars is taken at its first place, which suffices.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, to_the_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        if let Some(before) = last.replace(part) {
            match rest.find(before) {
                Some(at) => rest = &rest[at + str::len(before)..],
                None => return false,
            }
        }
    }
    match last {
        None => !to_the_end || rest.is_empty(),
        Some(last) if to_the_end => rest.ends_with(last),
        Some(last) => rest.contains(last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, path: &str, expected: bool) {
        let robots = Robots::parse(text.as_bytes());
        assert_eq!(robots.allows(path), expected, "{path} under {text:?}");
        let kept = Robots::of_text(&robots.to_text());
        assert_eq!(kept, robots, "kept as {:?}", robots.to_text());
    }

    #[test]
    fn the_longest_match_decides_and_allow_wins_ties() {
        let text = "User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /a/b/c\n\
                    Allow: /x\nDisallow: /x";
        check(text, "/a", false);
        check(text, "/a/b", true);
        check(text, "/a/b/cd", false);
        check(text, "/x", true);
        check(text, "/other", true);
        check("User-agent: *\nDisallow: /", "/robots.txt", true);
        check("User-agent: *\nDisallow: /", "/", false);
        check("User-agent: *\nDisallow:", "/", true);
        check("", "/", true);
        check("<html>not a robots.txt: at all</html>", "/", true);
        check("Disallow: /", "/", true); // belongs to nobody
    }

    #[test]
    fn stars_and_the_end() {
        check("User-agent: *\nDisallow: /*.php$", "/a/b.php", false);
        check("User-agent: *\nDisallow: /*.php$", "/a/b.php?x=1", true);
        check("User-agent: *\nDisallow: /*.php", "/a/b.php?x=1", false);
        check("User-agent: *\nDisallow: /a*b*c", "/a-b-b-c-d", false);
        check("User-agent: *\nDisallow: /a*b*c", "/a-c-b", true);
        check("User-agent: *\nDisallow: /$", "/", false);
        check("User-agent: *\nDisallow: /$", "/a", true);
        check("User-agent: *\nDisallow: *.pdf", "/x.pdf", false);
        check("User-agent: *\nDisallow: /ab*bc$", "/abc", true);
        // A literal star or dollar is escaped.
        check("User-agent: *\nDisallow: /a%2A", "/ab", true);
        check("User-agent: *\nDisallow: /a%2A", "/a*", false);
        check("User-agent: *\nDisallow: /a%24", "/a$b", false);
        check("User-agent: *\nDisallow: /a$b", "/a$b", false);
    }

    #[test]
    fn our_groups_are_merged_and_set_aside_those_for_everyone() {
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: otro\nUser-agent: ESCUCHA/1.0\n\
                    Disallow: /a\n\nUser-agent: escucha\nDisallow: /b";
        check(text, "/a", false);
        check(text, "/b", false);
        check(text, "/c", true);
        check(
            "User-agent: escucha\nDisallow:\n\nUser-agent: *\nDisallow: /",
            "/",
            true,
        );
        check("User-agent: escuchador\nDisallow: /", "/", true);
        check("User-agent: otro\nDisallow: /", "/", true);
        check(
            "User-agent: *\nDisallow: /a\nUser-agent: *\nDisallow: /b",
            "/b",
            false,
        );
        // A sitemap between names does not part them; a rule does.
        check(
            "User-agent: escucha\nSitemap: /s\nUser-agent: x\nDisallow: /",
            "/",
            false,
        );
        check(
            "User-agent: *\nCrawl-delay: 9\nUser-agent: x\nDisallow: /",
            "/",
            true,
        );
    }

    #[test]
    fn one_spelling_for_equal_paths() {
        check("User-agent: *\nDisallow: /%62%61%7a", "/baz", false);
        check("User-agent: *\nDisallow: /baz", "/%62%61%7A", false);
        check("User-agent: *\nDisallow: /ツ", "/%e3%83%84", false);
        check("User-agent: *\nDisallow: /%e3%83%84", "/ツ", false);
        check("User-agent: *\nDisallow: /a%2fb", "/a/b", true);
        check("User-agent: *\nDisallow: /a%2fb", "/a%2Fb", false);
        check(
            "User-agent: *\nDisallow: /b?z=https://x.es",
            "/b?z=https%3A%2F%2Fx.es",
            false,
        );
        check("User-agent: *\nDisallow: /100%", "/100%", false);
    }

    #[test]
    fn lines_as_they_come() {
        check("\u{feff}User-agent: *\nDisallow: /a", "/a", false);
        check("User-agent: *\rDisallow: /a\r", "/a", false);
        check("User-agent: *\r\nDisallow: /a\r\n", "/a", false);
        check("  user-AGENT :*  # all\n\n DISALLOW:/a # why", "/a", false);
        check("User-agent: *\nDisallow: /a", "/A", true);
    }

    #[test]
    fn beyond_its_limit_nothing_is_read() {
        let long = format!(
            "User-agent: *\n#{}\nDisallow: /a\nDisallow: /b",
            " ".repeat(Robots::BYTES_MAX - 30)
        );
        check(&long, "/a", false);
        let robots = Robots::parse(long.as_bytes());
        assert!(robots.allows("/b"));
        assert!(!robots.allows(&format!("/{}", "c".repeat(URL_BYTES_MAX))));
    }

    #[test]
    fn rule_61_crawl_delay() {
        let delay = |text: &str| Robots::parse(text.as_bytes()).delay_ms();
        assert_eq!(delay("User-agent: *\nCrawl-delay: 2.5"), Some(2_500));
        assert_eq!(delay("User-agent: *\nCrawl-delay: 86400"), Some(60_000));
        assert_eq!(delay("User-agent: *\nCrawl-delay: -1"), None);
        assert_eq!(delay("User-agent: otro\nCrawl-delay: 2"), None);
        check("User-agent: *\nCrawl-delay: 2.5\nDisallow: /a", "/a", false);
    }
}
