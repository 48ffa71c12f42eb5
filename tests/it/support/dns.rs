//! A small name server on real sockets, UDP and TCP, whose answers can be as wrong as those of the
//! net. It listens on port 53 of loopback, so a test that wants one runs in a network namespace of its
//! own, where the system's resolver is told to ask it.
//!
//! ```ignore
//! let names = Names::start(&[("foro.test", Said::Addresses(vec!["127.0.0.1".parse().unwrap()]))]);
//! ```
//! A name that it does not know does not exist.

use std::collections::HashMap;
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex};

const HERE: &str = "127.0.0.1:53";
/// Longer answers do not fit into a packet: the client comes again, over TCP.
const PACKET_BYTES_MAX: usize = 512;
const A: u16 = 1;
const CNAME: u16 = 5;
const AAAA: u16 = 28;

/// What is said of a name.
#[derive(Clone)]
pub(crate) enum Said {
    /// Addresses of either family; a question for one family gets those.
    Addresses(Vec<IpAddr>),
    /// These answers in turn, again and again, one a question for IPv4.
    InTurn(Vec<IpAddr>),
    /// It is another name for this one.
    Alias(&'static str),
    ServerFails,
    /// Nothing, ever.
    Silence,
    /// Bytes that are no answer.
    Noise,
}

pub(crate) struct Names {
    /// Questions for an IPv4 address, by name.
    asked: Arc<Mutex<HashMap<String, usize>>>,
}

/// What a question asks, as far as it matters.
struct Question {
    name: String,
    kind: u16,
    /// The question as it stood in the packet, to be repeated in the answer.
    bytes: Vec<u8>,
}

impl Names {
    pub(crate) fn start(table: &[(&'static str, Said)]) -> Self {
        let table: HashMap<&'static str, Said> = table.iter().cloned().collect();
        let asked = Arc::new(Mutex::new(HashMap::new()));
        let udp = UdpSocket::bind(HERE).unwrap();
        let tcp = TcpListener::bind(HERE).unwrap();
        let (table, asked_too) = (Arc::new(table), asked.clone());
        let (table_too, asked_here) = (table.clone(), asked.clone());
        std::thread::spawn(move || {
            let mut packet = [0; 4_096];
            while let Ok((n, from)) = udp.recv_from(&mut packet) {
                if let Some(mut answer) = answer(&packet[..n], &table, &asked_here) {
                    if answer.len() > PACKET_BYTES_MAX {
                        // "Truncated", and nothing but the question.
                        answer.truncate(12 + question(&packet[..n]).map_or(0, |q| q.bytes.len()));
                        answer[2] |= 2;
                        answer[6..12].fill(0);
                    }
                    // Who asked may be gone.
                    let _ = udp.send_to(&answer, from);
                }
            }
        });
        std::thread::spawn(move || {
            for stream in tcp.incoming() {
                let (table, asked) = (table_too.clone(), asked_too.clone());
                std::thread::spawn(move || talk(stream?, &table, &asked));
            }
        });
        Self { asked }
    }

    /// How many names that begin so were asked for.
    pub(crate) fn n_asked(&self, begin: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.keys().filter(|name| name.starts_with(begin)).count()
    }
}

type Table = HashMap<&'static str, Said>;
type Asked = Mutex<HashMap<String, usize>>;

/// Over TCP each packet has its length before it, and the connection may carry several.
fn talk(mut stream: TcpStream, table: &Table, asked: &Asked) -> io::Result<()> {
    loop {
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut packet = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut packet)?;
        if let Some(answer) = answer(&packet, table, asked) {
            stream.write_all(&u16::try_from(answer.len()).unwrap().to_be_bytes())?;
            stream.write_all(&answer)?;
        }
    }
}

fn question(packet: &[u8]) -> Option<Question> {
    let mut name = Vec::new();
    let mut rest = packet.get(12..)?;
    while let [length, tail @ ..] = rest {
        if *length == 0 {
            rest = tail;
            break;
        }
        let (label, after) = tail.split_at_checked(usize::from(*length))?;
        name.push(String::from_utf8_lossy(label).to_ascii_lowercase());
        rest = after;
    }
    let kind = u16::from_be_bytes([*rest.first()?, *rest.get(1)?]);
    let end = packet.len() - rest.len() + 4;
    Some(Question {
        name: name.join("."),
        kind,
        bytes: packet.get(12..end)?.to_vec(),
    })
}

fn answer(packet: &[u8], table: &Table, asked: &Asked) -> Option<Vec<u8>> {
    let question = question(packet)?;
    let nth = {
        let mut asked = asked.lock().unwrap();
        let n = asked.entry(question.name.clone()).or_default();
        *n += usize::from(question.kind == A);
        *n
    };
    // `hung17.test` is what `hung.test` is.
    let family = question.name.replace(|c: char| c.is_ascii_digit(), "");
    let Some(said) = table
        .get(question.name.as_str())
        .or_else(|| table.get(family.as_str()))
    else {
        return Some(packet_of(packet, &question, 3, &[]));
    };
    let records: Vec<(u16, Vec<u8>)> = match said {
        Said::Addresses(addresses) => addresses.iter().map(record).collect(),
        Said::InTurn(addresses) => vec![record(&addresses[nth % addresses.len()])],
        Said::Alias(name) => vec![(CNAME, name_bytes(name))],
        Said::ServerFails => return Some(packet_of(packet, &question, 2, &[])),
        Said::Silence => return None,
        Said::Noise => return Some([&packet[..2], &[0x80; 40]].concat()),
    };
    let fitting: Vec<&(u16, Vec<u8>)> = records
        .iter()
        .filter(|(kind, _)| *kind == question.kind || *kind == CNAME)
        .collect();
    Some(packet_of(packet, &question, 0, &fitting))
}

fn packet_of(asked: &[u8], question: &Question, fault: u8, records: &[&(u16, Vec<u8>)]) -> Vec<u8> {
    let n = u16::try_from(records.len()).unwrap().to_be_bytes();
    // An answer, recursion wanted and offered.
    let head = [
        asked[0],
        asked[1],
        0x81,
        0x80 | fault,
        0,
        1,
        n[0],
        n[1],
        0,
        0,
        0,
        0,
    ];
    let mut packet = [&head[..], &question.bytes].concat();
    for (kind, data) in records {
        // The name is that of the question, at byte 12; its life is no seconds.
        packet.extend([0xc0, 12]);
        packet.extend(kind.to_be_bytes());
        packet.extend([0, 1, 0, 0, 0, 0]);
        packet.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        packet.extend(data);
    }
    packet
}

fn record(address: &IpAddr) -> (u16, Vec<u8>) {
    match address {
        IpAddr::V4(ip) => (A, ip.octets().to_vec()),
        IpAddr::V6(ip) => (AAAA, ip.octets().to_vec()),
    }
}

fn name_bytes(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in name.split('.') {
        bytes.push(u8::try_from(label.len()).unwrap());
        bytes.extend(label.as_bytes());
    }
    bytes.push(0);
    bytes
}
