//! What a larger model thinks of posts: a byte for each text that it has read, by the text's hash.
//!
//! `teacher.py` makes the file and tells its format. It holds no text.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result};

use super::posts::Post;

const MAGIC: &[u8] = b"ESCUTEA1";

pub(super) struct Teacher {
    /// By hash: how probably the text is of an unhappy customer.
    opinions: HashMap<u32, f64>,
}

impl Teacher {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let file = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        let opinions = parse(&file).context("this is no teacher's file, or it is cut off")?;
        Ok(Self { opinions })
    }

    /// Gives the posts their opinions and tells how many have one.
    pub(super) fn teach(&self, posts: &mut [Post]) -> usize {
        for post in posts.iter_mut() {
            post.taught = self.opinions.get(&hash(&post.text)).copied();
        }
        posts.iter().filter(|post| post.taught.is_some()).count()
    }
}

fn parse(file: &[u8]) -> Option<HashMap<u32, f64>> {
    let (n, rest) = file.strip_prefix(MAGIC)?.split_first_chunk::<4>()?;
    let n = u32::from_le_bytes(*n) as usize;
    let (keys, values) = rest.split_at_checked(n.checked_mul(4)?)?;
    let keys = keys.as_chunks::<4>().0.iter();
    let pairs = keys.zip(values);
    let opinion =
        |(key, value): (&[u8; 4], &u8)| (u32::from_le_bytes(*key), f64::from(*value) / 255.0);
    (values.len() == n).then(|| pairs.map(opinion).collect())
}

/// FNV-1a with 64 bits, cut to 32.
fn hash(text: &str) -> u32 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opinions_are_found_by_the_text() {
        let mut file = MAGIC.to_vec();
        file.extend(1_u32.to_le_bytes());
        file.extend(hash("Nadie contesta").to_le_bytes());
        file.push(51);
        let teacher = Teacher {
            opinions: parse(&file).unwrap(),
        };
        let post = |text: &str| Post {
            text: text.to_owned(),
            ..Post::default()
        };
        let mut posts = [post("Nadie contesta"), post("Todo bien")];
        assert_eq!(teacher.teach(&mut posts), 1);
        assert_eq!(posts.map(|post| post.taught), [Some(0.2), None]);
        assert!(parse(&file[..file.len() - 1]).is_none());
        assert!(parse(b"ESCUTEA1").is_none());
    }
}
