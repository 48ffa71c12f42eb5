//! Tells a door from a document: pages for logging in and for proving oneself human, sent with 200.
//!
//! To be asked only where nothing could be read: real pages have forms for logging in, too.

use super::FetchError;

/// What is looked at: doors are small, and say what they are early.
const LOOKED_AT: usize = 256 << 10;
/// Written by Cloudflare, DataDome, PerimeterX, Imperva and AWS into their riddles.
const RIDDLES: [&str; 7] = [
    "/cdn-cgi/challenge-platform/",
    "cf-chl-",
    "captcha-delivery.com",
    "px-captcha",
    "_incapsula_resource",
    "awswafcookiedomainlist",
    "verifica que no eres un robot",
];

/// Which door this body is, if it is one.
pub fn door(body: &[u8]) -> Option<FetchError> {
    let text = String::from_utf8_lossy(&body[..body.len().min(LOOKED_AT)]).to_lowercase();
    if !text.contains("<html") && !text.contains("<!doctype html") {
        return None;
    }
    if RIDDLES.iter().any(|riddle| text.contains(riddle)) {
        return Some(FetchError::Challenge(200));
    }
    let fields = ["type=\"password\"", "type='password'", "type=password"];
    let asks_for_password = fields.iter().any(|field| text.contains(field));
    asks_for_password.then_some(FetchError::Login)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: Option<&FetchError>) {
        assert_eq!(door(body.as_bytes()).as_ref(), expected, "{body}");
    }

    #[test]
    fn rules_31_and_33_doors_are_known() {
        let login = "<!DOCTYPE html><form><input name=p TYPE='password'></form>";
        check(login, Some(&FetchError::Login));
        check("<html><input type=password>", Some(&FetchError::Login));
        check("<html><input type=\"password\">", Some(&FetchError::Login));
        check(
            "<html><script src=\"/cdn-cgi/challenge-platform/h/b\"></script>",
            Some(&FetchError::Challenge(200)),
        );
        check(
            "<html><body>Nada que leer: type your password</body></html>",
            None,
        );
        check("<rss><item>type=\"password\"</item></rss>", None);
        check("", None);
    }
}
