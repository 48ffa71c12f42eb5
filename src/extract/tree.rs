//! Walks over a page's tree that stay linear although items lie within items.
//!
//! Absent: what an item is; its reader says so.

use scraper::ElementRef;

/// Elements of one item that are looked at.
const OWN_MAX: usize = 2_000;

/// A step of a walk over the whole tree.
pub(super) enum Step<'a> {
    Enter(ElementRef<'a>),
    Leave(ElementRef<'a>),
}

/// Goes through all elements in the order of the document, without recursion.
pub(super) fn walk<'a>(root: ElementRef<'a>, mut visit: impl FnMut(Step<'a>)) {
    let mut todo = vec![Step::Enter(root)];
    while let Some(step) = todo.pop() {
        if let Step::Enter(element) = step {
            todo.push(Step::Leave(element));
            let first = todo.len();
            todo.extend(element.child_elements().map(Step::Enter));
            todo[first..].reverse();
        }
        visit(step);
    }
}

/// The elements below `item` in the order of the document, without those of other items within it.
pub(super) fn own<'a>(
    item: ElementRef<'a>,
    is_other: impl Fn(ElementRef<'a>) -> bool,
) -> Vec<ElementRef<'a>> {
    let mut found = Vec::new();
    let mut todo: Vec<ElementRef<'a>> = item.child_elements().collect();
    todo.reverse();
    while let Some(element) = todo.pop() {
        if found.len() >= OWN_MAX {
            break;
        }
        if is_other(element) {
            continue;
        }
        found.push(element);
        let first = todo.len();
        todo.extend(element.child_elements());
        todo[first..].reverse();
    }
    found
}

/// The words of an element's classes: `comment-authorName` has `comment`, `author` and `name`.
pub(super) fn class_words(element: ElementRef<'_>) -> Vec<String> {
    let mut words = Vec::new();
    for class in element.value().classes() {
        let mut word = String::new();
        let mut was_lower = false;
        for c in class.chars() {
            let is_break = !c.is_alphanumeric() || c.is_uppercase() && was_lower;
            if is_break && !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            if c.is_alphanumeric() {
                word.extend(c.to_lowercase());
            }
            was_lower = c.is_lowercase();
        }
        if !word.is_empty() {
            words.push(word);
        }
    }
    words
}

/// True when the element has this class, whatever its case.
pub(super) fn has_class(element: ElementRef<'_>, class: &str) -> bool {
    element
        .value()
        .classes()
        .any(|own| own.eq_ignore_ascii_case(class))
}

/// The first of these attributes that says something.
pub(super) fn attribute_of<'a>(element: ElementRef<'a>, names: &[&str]) -> Option<&'a str> {
    names
        .iter()
        .filter_map(|name| element.attr(name))
        .map(str::trim)
        .find(|value| !value.is_empty())
}
