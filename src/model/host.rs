//! Whose patience we use: the one name under which all addresses of a site share one pace.
//!
//! Absent: the public suffix list. It answers another question (who may set a cookie for whom), under
//! it every blog of a hoster is a site of its own, and what we need of it is this page.

/// Hosters whose sites, one a subdomain, are served by the same machines: all of them share one pace.
/// After the first name stands what may follow it in other countries (`blogspot.com.es`).
const SHARED: [&str; 62] = [
    // Blogs.
    "blogspot",
    "wordpress.com",
    "tumblr.com",
    "substack.com",
    "medium.com",
    "livejournal.com",
    "dreamwidth.org",
    "over-blog.com",
    "over-blog.es",
    "canalblog.com",
    "eklablog.com",
    "hautetfort.com",
    "blogia.com",
    "blogcindario.com",
    "altervista.org",
    "sapo.pt",
    "blogs.com",
    "typepad.com",
    "hatenablog.com",
    "bearblog.dev",
    "ghost.io",
    "micro.blog",
    "write.as",
    "prose.sh",
    // Sites.
    "wixsite.com",
    "weebly.com",
    "squarespace.com",
    "webnode.es",
    "webnode.page",
    "jimdofree.com",
    "jimdosite.com",
    "webs.com",
    "strikingly.com",
    "webflow.io",
    "godaddysites.com",
    "site123.me",
    "neocities.org",
    "github.io",
    "gitlab.io",
    "codeberg.page",
    "netlify.app",
    "vercel.app",
    "pages.dev",
    "workers.dev",
    "web.app",
    "firebaseapp.com",
    "herokuapp.com",
    "onrender.com",
    "azurewebsites.net",
    "cloudfront.net",
    // Forums, questions, help desks, news.
    "reddit.com",
    "stackexchange.com",
    "fandom.com",
    "foroactivo.com",
    "activoforo.com",
    "mforos.com",
    "proboards.com",
    "forumotion.com",
    "discourse.group",
    "zendesk.com",
    "trustpilot.com",
    "google.com",
];

/// The key of a host's row: its name in lower case without `www.` and a final dot; of a hoster that
/// serves many sites, the hoster's name. `host` is a name or a literal address, without port.
pub fn pace_key(host: &str) -> String {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let shared = SHARED.iter().find_map(|hoster| shared_name(host, hoster));
    shared.unwrap_or(host).to_owned()
}

/// The part of `host` that is the hoster's, when `host` is of that hoster.
fn shared_name<'a>(host: &'a str, hoster: &str) -> Option<&'a str> {
    if hoster.contains('.') {
        let before = host.strip_suffix(hoster)?;
        return (before.is_empty() || before.ends_with('.')).then(|| &host[before.len()..]);
    }
    // The same machines whatever the country: `a.blogspot.com` and `a.blogspot.com.ar` are one.
    let mut labels = host.rsplit('.');
    let is_there = labels.by_ref().skip(1).take(2).any(|label| label == hoster);
    let at = host.rfind(hoster).filter(|_| is_there)?;
    Some(&host[at..at + hoster.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(host: &str, expected: &str) {
        assert_eq!(pace_key(host), expected);
    }

    #[test]
    fn rule_59_sites_of_one_hoster_share_its_pace() {
        check("a.blogspot.com", "blogspot");
        check("b.blogspot.com.es", "blogspot");
        check("www.c.blogspot.mx", "blogspot");
        check("unblog.wordpress.com", "wordpress.com");
        check("wordpress.com", "wordpress.com");
        check("old.reddit.com", "reddit.com");
        check("www.reddit.com.", "reddit.com");
        check("es.trustpilot.com", "trustpilot.com");
    }

    #[test]
    fn other_sites_have_a_pace_of_their_own() {
        check("WWW.Foro.Test", "foro.test");
        check("a.foro.test", "a.foro.test");
        check("miwordpress.com", "miwordpress.com");
        check("blogspot.ejemplo.test.x", "blogspot.ejemplo.test.x");
        check("127.0.0.1", "127.0.0.1");
        check("[::1]", "[::1]");
        check("", "");
        check("ñandú.test", "ñandú.test");
    }
}
