//! Hashes in ascending order, found by their upper bits: how the tables in `data/` know what they know.
//!
//! Absent: what stands beside a hash; its place says where.

/// Few enough that the table of beginnings stays in the processor's cache, few keys each.
const UPPER_BITS: u32 = 14;

#[derive(Debug)]
pub(super) struct Keys {
    keys: Vec<u32>,
    /// Where the keys begin whose upper bits are 0, 1, 2 and so on, and where the last ones end.
    begins: Vec<u32>,
}

impl Keys {
    /// Reads the number of keys and the keys, little-endian; returns what follows them. `None` when the
    /// file is cut off or not in order.
    pub(super) fn parse(file: &[u8]) -> Option<(Self, &[u8])> {
        let (n, rest) = file.split_first_chunk::<4>()?;
        let n = u32::from_le_bytes(*n) as usize;
        let (keys, rest) = rest.split_at_checked(n.checked_mul(4)?)?;
        let keys = keys.as_chunks::<4>().0.iter();
        let keys: Vec<u32> = keys.map(|key| u32::from_le_bytes(*key)).collect();
        let mut begins = vec![0; (1 << UPPER_BITS) + 1];
        for (at, key) in keys.iter().enumerate() {
            begins[(key >> (32 - UPPER_BITS)) as usize + 1] = at as u32 + 1;
        }
        for upper in 1..begins.len() {
            begins[upper] = begins[upper].max(begins[upper - 1]);
        }
        keys.is_sorted().then_some((Self { keys, begins }, rest))
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The place of a key.
    pub(super) fn find(&self, key: u32) -> Option<usize> {
        let upper = (key >> (32 - UPPER_BITS)) as usize;
        let here = self.begins[upper] as usize..self.begins[upper + 1] as usize;
        let at = self.keys[here.clone()]
            .iter()
            .position(|other| *other == key)?;
        Some(here.start + at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(keys: &[u32], key: u32, expected: Option<usize>) {
        let mut file = (keys.len() as u32).to_le_bytes().to_vec();
        file.extend(keys.iter().flat_map(|key| key.to_le_bytes()));
        file.push(7);
        let (read, rest) = Keys::parse(&file).unwrap();
        assert_eq!((read.find(key), rest), (expected, &[7_u8][..]), "{key}");
    }

    #[test]
    fn keys_are_found_at_their_places() {
        let keys = [1, 2, 1 << 18, u32::MAX];
        check(&keys, 1, Some(0));
        check(&keys, 1 << 18, Some(2));
        check(&keys, u32::MAX, Some(3));
        check(&keys, 3, None);
        check(&[], 3, None);
    }

    #[test]
    fn a_file_that_is_cut_off_or_out_of_order_is_refused() {
        assert!(Keys::parse(&[1, 0, 0]).is_none());
        assert!(Keys::parse(&[1, 0, 0, 0, 5, 0, 0]).is_none());
        assert!(Keys::parse(&[2, 0, 0, 0, 5, 0, 0, 0, 4, 0, 0, 0]).is_none());
    }
}
