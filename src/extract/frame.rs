//! What stands around an article, told by the names that web sites give it.
//!
//! Absent: any judgement by size. A wrapper may bear such a name too; whoever leaves something out
//! looks at how much is left ([`super::body`]).

use dom_query::NodeRef;

/// True for menus, sharing buttons, comments, advertising and the like, and for what is not shown.
pub(super) fn is_frame(element: &NodeRef<'_>, name: &str) -> bool {
    if matches!(name, "html" | "body" | "main" | "article") {
        return false;
    }
    matches!(
        name,
        "nav" | "footer" | "aside" | "form" | "button" | "dialog"
    ) || is_hidden(element)
        || has_frame_role(element)
        || ["class", "id"]
            .iter()
            .filter_map(|attribute| element.attr(attribute))
            .any(|names| names_frame(&names))
}

fn is_hidden(element: &NodeRef<'_>) -> bool {
    element.has_attr("hidden")
        || element
            .attr("aria-hidden")
            .is_some_and(|value| &*value == "true")
        || element.attr("style").is_some_and(|style| {
            let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
            let style = style.to_ascii_lowercase();
            style.contains("display:none") || style.contains("visibility:hidden")
        })
}

fn has_frame_role(element: &NodeRef<'_>) -> bool {
    element.attr("role").is_some_and(|role| {
        matches!(
            &*role,
            "navigation"
                | "banner"
                | "complementary"
                | "contentinfo"
                | "dialog"
                | "menu"
                | "search"
                | "toolbar"
                | "alert"
        )
    })
}

/// Looks at each class, and at each word of it: `jp-relatedposts`, `SocialShare`, `post_comments`.
fn names_frame(names: &str) -> bool {
    names.split_ascii_whitespace().any(|name| {
        matches!(
            name,
            "hidden" | "sr-only" | "screen-reader-text" | "visually-hidden" | "noprint"
        ) || words(name).any(is_frame_word)
    })
}

/// The words of a class or id, cut at what is no letter or digit and before capitals.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .flat_map(|part| {
            let bytes = part.as_bytes();
            let mut rest = 0;
            let mut cuts: Vec<&str> = Vec::new();
            for at in 1..bytes.len() {
                if bytes[at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase() {
                    cuts.push(&part[rest..at]);
                    rest = at;
                }
            }
            cuts.push(&part[rest..]);
            cuts
        })
        .filter(|word| !word.is_empty())
}

fn is_frame_word(word: &str) -> bool {
    const LONGEST: usize = 16;
    if word.len() > LONGEST {
        return false;
    }
    matches!(
        word.to_ascii_lowercase().as_str(),
        // Sharing.
        "share" | "sharing" | "sharebar" | "sharedaddy" | "sharebuttons" | "addtoany" | "a2a"
            | "addthis" | "social" | "socials" | "sociable" | "sfsi"
            // Other articles.
            | "related" | "relateds" | "relatedposts" | "relacionados" | "relacionadas" | "yarpp"
            | "crp" | "recommended" | "recommendations"
            // What readers say and give.
            | "comments" | "commentlist" | "respond" | "disqus" | "akismet" | "ratings" | "kksr"
            // The way through the site.
            | "breadcrumb" | "breadcrumbs" | "pagination" | "pager" | "navigation" | "navbar"
            | "postnav" | "sidebar" | "toolbar" | "tagcloud" | "postmetadata"
            // Who wrote it, at length.
            | "bio" | "authorbox"
            // What the site wants.
            | "newsletter" | "subscribe" | "login" | "popup" | "modal" | "cookie" | "cookies"
            | "gdpr" | "wishlist" | "affiliate" | "advert" | "advertisement" | "advertising"
            | "adsense" | "adsbygoogle" | "promo" | "promos" | "sponsored" | "outbrain"
            | "taboola" | "publicidad" | "anzeige" | "werbung"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use dom_query::Document;

    #[track_caller]
    fn check(tag: &str, expected: bool) {
        let page = Document::from(format!("<body><{tag}>x</body>"));
        let found = page.select("body > *");
        let node = found.nodes()[0];
        let name = node.node_name().unwrap();
        assert_eq!(is_frame(&node, &name), expected, "{tag}");
    }

    #[test]
    fn frames_are_known_by_their_names() {
        for tag in [
            "div class='sharedaddy sd-block'",
            "div id=jp-relatedposts",
            "div class=SocialShare",
            "section class='post_comments'",
            "div id=respond",
            "ul class='nav pagination'",
            "div class='entry hidden'",
            "div style='color:red; display : none'",
            "div aria-hidden=true",
            "div role=navigation",
            "nav",
            "aside class=quote",
        ] {
            check(tag, true);
        }
    }

    #[test]
    fn what_only_sounds_like_a_frame_stays() {
        for tag in [
            "div class='entry-content'",
            "div class='overflow-hidden'",
            "article class='post has-comments'",
            "div class='shareholders'",
            "p class=comment-free",
            "div class='single author'",
            "div class='ÁREA-é'",
        ] {
            check(tag, false);
        }
    }
}
