//! The feeds of the benchmark: Spanish-like text with the markup of blogs, about 20 KB when compressed.
//!
//! Each entry has a long body out of a store of bodies that are compressed once, and a head of its own
//! (guid, title, link, date, first sentence). A feed is stitched together from both as stored and
//! compressed blocks of one gzip member, so that the server costs little beside what is measured.

use std::fmt::Write as _;
use std::io::Write as _;

use anyhow::Result;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// Entries that a feed shows, the newest first.
pub(crate) const ENTRIES: u64 = 12;
/// One of so many new posts is a complaint about us.
pub(crate) const COMPLAINT_EVERY: u64 = 100;
/// Different bodies.
const BODIES: usize = 2_048;
/// Words of a body; with its markup it has about 5 KB, and 1.6 KB when compressed.
const WORDS: usize = 350;
const VOCABULARY: usize = 4_000;
/// The longest stored block of deflate (RFC 1951, section 3.2.4).
const STORED_MAX: usize = 65_535;

const STEMS: [&str; 40] = [
    "cas", "barri", "plaz", "mercad", "vecin", "cami", "libr", "tard", "concier", "fiest", "obr",
    "parqu", "niñ", "escuel", "histori", "puebl", "río", "mañan", "músic", "cocin", "recet",
    "viaj", "estaci", "tren", "calle", "museo", "teatr", "verd", "montañ", "playa", "invierno",
    "lector", "carta", "amig", "trabaj", "tallero", "huert", "jardín", "bicicle", "tiend",
];
const ENDINGS: [&str; 12] = [
    "a", "o", "as", "os", "ito", "eros", "ones", "al", "ado", "iendo", "aron", "aba",
];
const SMALL: [&str; 24] = [
    "de", "la", "que", "el", "en", "y", "los", "se", "del", "las", "un", "por", "con", "una", "su",
    "para", "es", "al", "lo", "como", "más", "pero", "sus", "ya",
];
const COMPLAINTS: [&str; 4] = [
    "Llevo dos semanas sin internet con Telefonía Ejemplo y nadie me contesta.",
    "Telefonía Ejemplo me ha cobrado dos veces la factura y nadie me atiende; llamé cuatro veces.",
    "Estoy harto de Telefonía Ejemplo: el técnico no vino y no me devuelven el dinero.",
    "Telefonía Ejemplo me dio de baja sin avisar. Pésimo servicio, me voy después de diez años.",
];

/// Part of a gzip member: deflate blocks that end at a byte, and what they unpack to.
struct Block {
    packed: Vec<u8>,
    crc: Crc,
}

pub(crate) struct Library {
    bodies: Vec<Block>,
}

impl Library {
    /// The same bodies in every run.
    pub(crate) fn new() -> Result<Self> {
        let mut dice = Dice(0x0e5c_0c4a);
        let words: Vec<String> = (0..VOCABULARY).map(|_| word(&mut dice)).collect();
        let bodies = (0..BODIES).map(|_| Block::packed(&body(&mut dice, &words)));
        Ok(Self {
            bodies: bodies.collect::<Result<_>>()?,
        })
    }

    /// The feed of host number `host` after `n_published` entries were published in all, the first of
    /// them at `began_at` (seconds since 1970), one a second.
    pub(crate) fn feed(&self, host: u64, n_published: u64, began_at: i64) -> Result<Vec<u8>> {
        let mut member = Member::default();
        member.stored(&format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" \
             xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel>\
             <title>Diario del barrio {host}</title><link>http://h{host}.bench.test/</link>\
             <description>Notas</description><language>es</language>"
        ))?;
        for nth in (n_published.saturating_sub(ENTRIES)..n_published).rev() {
            member.stored(&head(host, nth, began_at)?)?;
            // A complaint is short: in a thousand random words nobody would find it.
            if !is_complaint(host, nth) {
                let body = Dice(host * 1_000_003 + nth).below(BODIES);
                member.packed(&self.bodies[body]);
            }
            member.stored("</div>]]></content:encoded></item>")?;
        }
        member.stored("</channel></rss>")?;
        Ok(member.ended())
    }
}

fn is_complaint(host: u64, nth: u64) -> bool {
    // The numbers of feeds are ten apart.
    nth >= ENTRIES && (nth + host / 10).is_multiple_of(COMPLAINT_EVERY)
}

/// What an entry has of its own.
fn head(host: u64, nth: u64, began_at: i64) -> Result<String> {
    let at = jiff::Timestamp::from_second(began_at + nth as i64)?;
    let date = at.strftime("%a, %d %b %Y %H:%M:%S +0000");
    let mut head = format!(
        "<item><title>Nota {nth} del barrio {host}</title><link>http://h{host}.bench.test/{nth}</link>\
         <guid isPermaLink=\"false\">h{host}-{nth}</guid><pubDate>{date}</pubDate>\
         <content:encoded><![CDATA[<div class=\"entry\"><p>La nota {nth} del barrio {host}: "
    );
    if is_complaint(host, nth) {
        let complaint = COMPLAINTS[(host % COMPLAINTS.len() as u64) as usize];
        write!(head, "</p><p>{complaint}")?;
    }
    head.push_str("</p>");
    Ok(head)
}

fn word(dice: &mut Dice) -> String {
    if dice.below(3) == 0 {
        return SMALL[dice.below(SMALL.len())].to_owned();
    }
    let middle = ["", "", "r", "t", "in", "ec", "al"][dice.below(7)];
    let (stem, ending) = (dice.below(STEMS.len()), dice.below(ENDINGS.len()));
    format!("{}{middle}{}", STEMS[stem], ENDINGS[ending])
}

/// Paragraphs with links and pictures, as a blog has them.
fn body(dice: &mut Dice, words: &[String]) -> String {
    let mut html = String::new();
    for at in 0..WORDS {
        if at % 70 == 0 {
            let (picture, page) = (dice.below(1 << 30), dice.below(1 << 30));
            let _ = write!(
                html,
                "<p class=\"wp-block-paragraph\"><a href=\"http://fotos.bench.test/{page:x}\" \
                 rel=\"noopener\" target=\"_blank\"><img loading=\"lazy\" width=\"640\" height=\"480\" \
                 src=\"http://fotos.bench.test/{picture:x}-640x480.jpg\" \
                 srcset=\"http://fotos.bench.test/{picture:x}-300x225.jpg 300w, \
                 http://fotos.bench.test/{picture:x}-1024x768.jpg 1024w\" alt=\"\"></a> "
            );
        }
        html.push_str(&words[dice.below(words.len())]);
        html.push_str(match (at % 70, dice.below(12)) {
            (69, _) => ".</p>\n",
            (_, 0) => ". ",
            (_, 1) => ", ",
            _ => " ",
        });
    }
    html
}

impl Block {
    fn packed(text: &str) -> Result<Self> {
        let mut crc = Crc::new();
        crc.update(text.as_bytes());
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes())?;
        // Ends the block at a byte without ending the stream.
        encoder.flush()?;
        let packed = encoder.get_ref().clone();
        Ok(Self { packed, crc })
    }
}

/// One gzip member (RFC 1952) under way.
struct Member {
    bytes: Vec<u8>,
    crc: Crc,
}

impl Default for Member {
    fn default() -> Self {
        let bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
        Self {
            bytes,
            crc: Crc::new(),
        }
    }
}

impl Member {
    fn stored(&mut self, text: &str) -> Result<()> {
        self.crc.update(text.as_bytes());
        for part in text.as_bytes().chunks(STORED_MAX) {
            let length = u16::try_from(part.len())?;
            self.bytes.push(0);
            self.bytes.extend(length.to_le_bytes());
            self.bytes.extend((!length).to_le_bytes());
            self.bytes.extend(part);
        }
        Ok(())
    }

    fn packed(&mut self, block: &Block) {
        self.crc.combine(&block.crc);
        self.bytes.extend(&block.packed);
    }

    fn ended(mut self) -> Vec<u8> {
        // An empty last block.
        self.bytes.extend([1, 0, 0, 0xff, 0xff]);
        self.bytes.extend(self.crc.sum().to_le_bytes());
        self.bytes.extend(self.crc.amount().to_le_bytes());
        self.bytes
    }
}

/// Splitmix64.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit.max(1) as u64) as usize
    }
}
