//! What stands around an article, told by the names that web sites give it.
//!
//! Absent: any judgement by size. A wrapper may bear such a name too; whoever leaves something out
//! looks at how much is left ([`super::body`]).

use dom_query::NodeRef;

/// True for menus, sharing buttons, comments, advertising and the like, and for what is not shown.
pub(super) fn is_frame(node: &NodeRef<'_>, name: &str) -> bool {
    if matches!(name, "html" | "body" | "main" | "article") {
        return false;
    }
    if matches!(
        name,
        "nav" | "footer" | "aside" | "form" | "button" | "dialog"
    ) {
        return true;
    }
    node.element_ref().is_some_and(|element| {
        element.attrs.iter().any(|attribute| {
            let value = &*attribute.value;
            match &*attribute.name.local {
                "class" | "id" => names_frame(value),
                "hidden" => true,
                "aria-hidden" => value == "true",
                "style" => hides(value),
                "role" => is_frame_role(value),
                _ => false,
            }
        })
    })
}

fn hides(style: &str) -> bool {
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
    let style = style.to_ascii_lowercase();
    style.contains("display:none") || style.contains("visibility:hidden")
}

fn is_frame_role(role: &str) -> bool {
    matches!(
        role,
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
}

/// Looks at each class, and at each word of it: `jp-relatedposts`, `SocialShare`, `post_comments`.
fn names_frame(names: &str) -> bool {
    names.split_ascii_whitespace().any(|name| {
        matches!(
            name,
            "hidden" | "sr-only" | "screen-reader-text" | "visually-hidden" | "noprint"
        ) || has_frame_word(name)
    })
}

/// Cuts a class or id at what is no letter or digit and before capitals, and looks at the words.
fn has_frame_word(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut begin = 0;
    for at in 1..=bytes.len() {
        let is_cut = at == bytes.len()
            || !bytes[at].is_ascii_alphanumeric()
            || !bytes[at - 1].is_ascii_alphanumeric()
            || bytes[at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase();
        if is_cut {
            if is_frame_word(&bytes[begin..at]) {
                return true;
            }
            begin = at;
        }
    }
    false
}

fn is_frame_word(word: &[u8]) -> bool {
    let mut lower = [0; 16];
    let Some(lower) = lower.get_mut(..word.len()) else {
        return false;
    };
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    matches!(
        std::str::from_utf8(lower).unwrap_or_default(),
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
