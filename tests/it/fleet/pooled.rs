//! PostgreSQL behind a pooler. PgBouncer is not among the tools of these tests; what stands in its place
//! here does what it does with `pool_mode = transaction`: it refuses start parameters that it does not
//! know, and gives each transaction the server's connection that was free last.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::town::KEYWORDS;
use crate::support::{binary, databases, figure};

/// Start parameters that PgBouncer knows.
const KNOWN: [&str; 7] = [
    "user",
    "database",
    "client_encoding",
    "DateStyle",
    "TimeZone",
    "application_name",
    "standard_conforming_strings",
];
const SSL_REQUEST: i32 = 80_877_103;

#[derive(Clone)]
struct Pooler {
    server: String,
    start: Arc<Vec<u8>>,
    /// The last one back is the first one out.
    free: Arc<Mutex<Vec<TcpStream>>>,
}

#[tokio::test(flavor = "multi_thread")]
async fn r52_a_pooler_of_transactions_is_refused_in_plain_words() {
    let Some(fresh) = databases::postgres().await else {
        return;
    };
    let port = pooler(&fresh.url).await;
    let mut url = url::Url::parse(&fresh.url).unwrap();
    url.set_port(Some(port)).unwrap();
    url.set_host(Some("127.0.0.1")).unwrap();
    let toml = format!(
        "[database]\nurl = \"{url}\"\n[company]\nname = \"Telefonía Ejemplo\"\n\
         signature = \"Marta Ruiz\"\n[[source]]\nname = \"foro\"\nurl = \"https://foro.test/rss\"\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = 2525\nsecurity = \"none\"\n\
         from = \"avisos@ejemplo.test\"\n[alerts]\nto = [\"gerente@ejemplo.test\"]\n\
         [fetch]\ncontact = \"https://ejemplo.test/escucha\"\n"
    );
    let home = binary::Home::new(&toml, KEYWORDS);
    let refused = home.run(&["run", "--once"]).await;
    let said = binary::err(&refused);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("pool_mode = session"), "{said}");
    figure("R52", "poolers of transactions refused", 1);
}

/// Its port.
async fn pooler(database: &str) -> u16 {
    let url = url::Url::parse(database).unwrap();
    let mut start = Vec::new();
    start.extend(196_608_i32.to_be_bytes());
    for (name, value) in [
        ("user", url.username()),
        ("database", url.path().trim_start_matches('/')),
    ] {
        start.extend([name.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat());
    }
    start.push(0);
    let len = start.len() as i32 + 4;
    let pooler = Pooler {
        server: format!(
            "{}:{}",
            url.host_str().unwrap(),
            url.port().unwrap_or(5_432)
        ),
        start: Arc::new([&len.to_be_bytes()[..], &start].concat()),
        free: Arc::default(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let pooler = pooler.clone();
            // Either side may hang up at any time.
            tokio::spawn(async move { drop(pooler.serve(client).await) });
        }
    });
    port
}

impl Pooler {
    async fn serve(&self, mut client: TcpStream) -> std::io::Result<()> {
        let mut asked = start(&mut client).await?;
        if asked.starts_with(&SSL_REQUEST.to_be_bytes()) {
            client.write_all(b"N").await?;
            asked = start(&mut client).await?;
        }
        let text = String::from_utf8_lossy(&asked[4..]).into_owned();
        let unknown = text
            .split('\0')
            .step_by(2)
            .find(|name| !name.is_empty() && !KNOWN.contains(name));
        if let Some(unknown) = unknown {
            let fields = format!("SFATAL\0C08P01\0Munsupported startup parameter: {unknown}\0\0");
            return client.write_all(&message(b'E', fields.as_bytes())).await;
        }
        client.write_all(&message(b'R', &[0; 4])).await?;
        client.write_all(&message(b'K', &[0; 8])).await?;
        client.write_all(&message(b'Z', b"I")).await?;
        let mut attached: Option<TcpStream> = None;
        loop {
            let (kind, body) = next(&mut client).await?;
            if kind == b'X' {
                return Ok(());
            }
            let mut server = match attached.take() {
                Some(server) => server,
                None => self.connection().await?,
            };
            server.write_all(&message(kind, &body)).await?;
            let mut is_idle = false;
            if kind == b'Q' || kind == b'S' {
                is_idle = answer(&mut server, &mut client).await?;
            }
            if is_idle {
                self.free.lock().unwrap().push(server);
            } else {
                attached = Some(server);
            }
        }
    }

    async fn connection(&self) -> std::io::Result<TcpStream> {
        if let Some(server) = self.free.lock().unwrap().pop() {
            return Ok(server);
        }
        let mut server = TcpStream::connect(&self.server).await?;
        server.write_all(&self.start).await?;
        while next(&mut server).await?.0 != b'Z' {}
        Ok(server)
    }
}

/// Passes an answer on to its end; true when no transaction is open then.
async fn answer(server: &mut TcpStream, client: &mut TcpStream) -> std::io::Result<bool> {
    loop {
        let (kind, body) = next(server).await?;
        client.write_all(&message(kind, &body)).await?;
        if kind == b'Z' {
            return Ok(body == b"I");
        }
    }
}

/// What a client says first: its length, and all the rest.
async fn start(client: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let len = client.read_i32().await? as usize;
    let mut rest = vec![0; len - 4];
    client.read_exact(&mut rest).await?;
    Ok(rest)
}

/// The next message: its kind and its body.
async fn next(from: &mut TcpStream) -> std::io::Result<(u8, Vec<u8>)> {
    let kind = from.read_u8().await?;
    let len = from.read_i32().await? as usize;
    let mut body = vec![0; len - 4];
    from.read_exact(&mut body).await?;
    Ok((kind, body))
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let len = body.len() as i32 + 4;
    [&[kind][..], &len.to_be_bytes(), body].concat()
}
