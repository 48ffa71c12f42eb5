//! Whether a post is our own: what the company writes is a reply, never a complaint.

use super::text::fold_str;
use crate::model::Company;

/// `own_authors` holds `@handle`, `name`, or `name @ host`: the last counts only where the post's
/// link leads to that host or one below it.
pub(super) fn is_own(company: &Company, author: Option<&str>, url: Option<&str>) -> bool {
    let Some(author) = author.map(str::trim).filter(|author| !author.is_empty()) else {
        return false;
    };
    // Mails tell the name and the address: either may be ours.
    let by_mail = author
        .strip_suffix('>')
        .and_then(|author| author.split_once(" <"));
    let (name, address) = by_mail.unwrap_or((author, author));
    [name, address].into_iter().map(clean).any(|author| {
        company
            .own_authors
            .iter()
            .any(|own| is_called(own, &author, url))
    })
}

fn is_called(own: &str, author: &str, url: Option<&str>) -> bool {
    let (name, host) = match own.rsplit_once(" @ ") {
        Some((name, host)) => (name, Some(host)),
        None => (own, None),
    };
    let same = match name.trim().strip_prefix('@') {
        Some(handle) => author.trim_start_matches('@') == clean(handle),
        None => author == clean(name),
    };
    same && host.is_none_or(|host| is_at(url, host))
}

fn is_at(url: Option<&str>, host: &str) -> bool {
    let wanted = host.trim().to_lowercase();
    let Some(found) = url
        .and_then(|url| url::Url::parse(url).ok())
        .and_then(|url| url.host_str().map(str::to_lowercase))
    else {
        return false;
    };
    found == wanted
        || found
            .strip_suffix(&wanted)
            .is_some_and(|rest| rest.ends_with('.'))
}

fn clean(name: &str) -> String {
    fold_str(name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(author: &str, url: &str, expected: bool) {
        let company = Company {
            own_authors: vec!["@ejemplo_ayuda".into(), "Equipo Ejemplo @ foro.test".into()],
            ..Company::default()
        };
        assert_eq!(
            is_own(&company, Some(author), Some(url)),
            expected,
            "{author} at {url}"
        );
    }

    #[test]
    fn a_name_counts_only_at_its_host() {
        check("@ejemplo_ayuda", "https://red.test/1", true);
        check("@Ejemplo_Ayuda", "", true);
        check("@ejemplo_ayuda2", "https://red.test/1", false);
        check("Equipo Ejemplo", "https://foro.test/t/1", true);
        check("equipo ejemplo", "https://www.foro.test/t/1", true);
        check("Equipo Ejemplo", "https://otro.test/t/1", false);
        check("Equipo Ejemplo", "https://nuestroforo.test/t/1", false);
        check("Equipo Ejemplo", "", false);
        check("Ayuda <@ejemplo_ayuda>", "", true);
        check("Ayuda <ayuda@correo.test>", "", false);
        check("", "https://foro.test/t/1", false);
    }
}
