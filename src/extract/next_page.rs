//! Where the next page of a JSON API is: an address, or a change of the present one.
//!
//! Absent: asking for it.

use url::Url;

use super::resolve;

/// An address, or changed parameters of the present one; never the present one itself.
pub(super) fn next_url(written: &str, base: Option<&Url>) -> Option<String> {
    let next = match (written.strip_prefix('&'), base) {
        (Some(changes), Some(base)) => {
            if let Some(name) = changes.strip_suffix("=+1") {
                return counted_on(base, name);
            }
            let changes: Vec<(String, String)> = url::form_urlencoded::parse(changes.as_bytes())
                .into_owned()
                .collect();
            let kept: Vec<(String, String)> = base
                .query_pairs()
                .filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name))
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect();
            let mut next = base.clone();
            next.query_pairs_mut()
                .clear()
                .extend_pairs(kept)
                .extend_pairs(changes);
            next.to_string()
        }
        (Some(_), None) => return None,
        (None, _) => resolve(written, base)?,
    };
    Some(next).filter(|next| base.is_none_or(|base| base.as_str() != next))
}

/// The present address with this number of its path or its query one higher: `…/page=2/…`.
fn counted_on(base: &Url, name: &str) -> Option<String> {
    let named = format!("{name}=");
    let text = base.as_str();
    let at = text
        .match_indices(&named)
        .map(|(at, _)| at)
        .find(|&at| text[..at].ends_with(['/', '?', '&', ';']))?
        + named.len();
    let rest = &text[at..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number: u32 = rest[..digits].parse().ok()?;
    let next = number.checked_add(1)?;
    Some(format!("{}{next}{}", &text[..at], &rest[digits..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, expected: &str) {
        let base = Url::parse("https://a.test/api?q=x&page=1").ok();
        let next = next_url(written, base.as_ref());
        assert_eq!(next.as_deref().unwrap_or("-"), expected);
    }

    #[test]
    fn the_next_page_is_an_address_or_a_change_of_this_one() {
        check("&page=2", "https://a.test/api?q=x&page=2");
        check(
            "&after=%2B%3D",
            "https://a.test/api?q=x&page=1&after=%2B%3D",
        );
        check("/api?page=9", "https://a.test/api?page=9");
        check("https://a.test/api?q=x&page=1", "-");
        check("&page=+1", "https://a.test/api?q=x&page=2");
        check("&age=+1", "-");
        check("&page=1", "-");
    }

    #[test]
    fn a_number_counts_on_wherever_it_stands() {
        let counted = |url: &str| counted_on(&Url::parse(url).unwrap(), "page");
        let next = counted("https://a.test/es/page=9/id=1/json").unwrap();
        assert_eq!(next, "https://a.test/es/page=10/id=1/json");
        assert_eq!(counted("https://a.test/?subpage=1").as_deref(), None);
        assert_eq!(counted("https://a.test/?page=").as_deref(), None);
        assert_eq!(counted("https://a.test/?page=99999999999").as_deref(), None);
    }
}
