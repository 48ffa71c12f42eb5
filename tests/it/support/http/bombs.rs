//! Answers that are small on the wire and enormous unpacked.

use super::Answer;

/// 256 MiB of zeros in brotli, made with Node's zlib (quality 9, window 24).
const BROTLI_ZEROS: &str = "cfffff7f002400e2b14072effff9ffff0f8004401c1680eefd3fffffff01900088c302d0\
bdffe7ffff3f001200715800baf7fffcffff074002200e0b40f7fe9fffffff004800c46101e8defff3ffff1f000980382c00\
ddfb7ffeffff032001108705a07bffcfffff7f002400e2b00074effff9ffff0f8004401c1680eefd3fffffff01900088c302\
d0bdffe7ffff3f001200715800baf7fffcffff074002200e0b40f7fe9fffffff004800c46101e8defff3ffff1f000980382c\
00ddfbfffcffff072001108705a07bff0f";

impl Answer {
    /// 256 MiB of zeros in `gzip`, `deflate` or `br`.
    pub(crate) fn bomb(encoding: &str) -> Self {
        let level = flate2::Compression::best();
        let packed = match encoding {
            "gzip" => packed(flate2::write::GzEncoder::new(Vec::new(), level), |e| {
                e.finish()
            }),
            "deflate" => packed(flate2::write::ZlibEncoder::new(Vec::new(), level), |e| {
                e.finish()
            }),
            _ => BROTLI_ZEROS
                .as_bytes()
                .chunks(2)
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
                .collect(),
        };
        assert!(packed.len() < 1 << 20, "{} bytes", packed.len());
        Self::ok("application/rss+xml", packed).header("Content-Encoding", encoding)
    }
}

fn packed<E: std::io::Write>(
    mut encoder: E,
    finish: impl FnOnce(E) -> std::io::Result<Vec<u8>>,
) -> Vec<u8> {
    for _ in 0..256 {
        encoder.write_all(&vec![0; 1 << 20]).unwrap();
    }
    finish(encoder).unwrap()
}
