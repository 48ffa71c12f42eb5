//! How the server plays an answer, well or badly.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{Answer, Play, Seen, State};

pub(super) async fn accept(
    listener: std::net::TcpListener,
    tls: Option<TlsAcceptor>,
    state: Arc<Mutex<State>>,
) {
    let listener = TcpListener::from_std(listener).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        {
            let mut state = state.lock().unwrap();
            state.n_connections += 1;
            let reached = stream.local_addr().map(|address| address.ip());
            state.reached.extend(reached);
        }
        let (tls, state) = (tls.clone(), state.clone());
        tokio::spawn(async move {
            // The other side hangs up on many of these answers; that is no failure of the test.
            match tls {
                None => {
                    if let Ok(Some(stream)) = talk(stream, state).await {
                        stream.set_zero_linger().unwrap();
                    }
                }
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        let _ = talk(stream, state).await;
                    }
                }
            }
        });
    }
}

/// Gives the connection back when it is to be reset.
async fn talk<S>(mut stream: S, state: Arc<Mutex<State>>) -> std::io::Result<Option<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Some(seen) = read_request(&mut stream).await? else {
        return Ok(None);
    };
    let answer = {
        let mut state = state.lock().unwrap();
        let path = seen.path.split('?').next().unwrap_or("").to_owned();
        let answers = state.routes.get_mut(&path);
        let answer = match answers {
            Some(answers) if answers.len() > 1 => answers.remove(0),
            Some(answers) => answers[0].clone(),
            None => Answer::status(404),
        };
        state.seen.push(seen.clone());
        state.n_open += 1;
        state.most_open = state.most_open.max(state.n_open);
        answer
    };
    let played = play(&mut stream, &answer, &seen).await;
    state.lock().unwrap().n_open -= 1;
    played?;
    if matches!(answer.play, Play::Reset) {
        return Ok(Some(stream));
    }
    stream.shutdown().await?;
    Ok(None)
}

async fn read_request<S: AsyncRead + Unpin>(stream: &mut S) -> std::io::Result<Option<Seen>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) if head.is_empty() => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    let head = String::from_utf8_lossy(&head);
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or("").split(' ');
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers: Vec<(String, String)> = headers
        .map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await?;
    Ok(Some(Seen {
        method: first.next().unwrap_or("").to_owned(),
        path: first.next().unwrap_or("").to_owned(),
        headers,
        body,
        at: escucha::clock::stopwatch(),
    }))
}

async fn play<S>(stream: &mut S, answer: &Answer, seen: &Seen) -> std::io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let body = answer.body.as_slice();
    let length = |n: usize| format!("Content-Length: {n}\r\n");
    match answer.play {
        Play::Whole if answer.fits(seen) => stream.write_all(&answer.head(304, "")).await,
        Play::Whole => {
            // These statuses have no body by definition.
            let bodiless = matches!(answer.status, 100..=199 | 204 | 304);
            let framing = if bodiless {
                String::new()
            } else {
                length(body.len())
            };
            stream
                .write_all(&answer.head(answer.status, &framing))
                .await?;
            stream.write_all(body).await
        }
        Play::Silence => std::future::pending().await,
        Play::Drip(every) => {
            stream
                .write_all(&answer.head(answer.status, &length(body.len())))
                .await?;
            drip(stream, body, every).await
        }
        Play::RawDrip(every) => drip(stream, body, every).await,
        Play::Reset => {
            stream
                .write_all(&answer.head(answer.status, &length(body.len())))
                .await?;
            stream.write_all(&body[..body.len() / 2]).await?;
            stream.flush().await
        }
        Play::Cut => {
            stream
                .write_all(&answer.head(answer.status, &length(body.len() * 2)))
                .await?;
            stream.write_all(body).await
        }
        Play::EndlessBody => {
            let framing = "Transfer-Encoding: chunked\r\n";
            stream
                .write_all(&answer.head(answer.status, framing))
                .await?;
            let mut chunk = format!("{:x}\r\n", body.len()).into_bytes();
            chunk.extend_from_slice(body);
            chunk.extend_from_slice(b"\r\n");
            loop {
                stream.write_all(&chunk).await?;
            }
        }
        Play::EndlessHeaders => {
            stream.write_all(b"HTTP/1.1 200 Scripted\r\n").await?;
            loop {
                stream
                    .write_all(b"X-More: and more, and more, and more\r\n")
                    .await?;
            }
        }
        Play::Raw => stream.write_all(body).await,
    }
}

async fn drip<S>(stream: &mut S, bytes: &[u8], every: Duration) -> std::io::Result<()>
where
    S: AsyncWrite + Unpin,
{
    for byte in bytes {
        tokio::time::sleep(every).await;
        stream.write_all(&[*byte]).await?;
        stream.flush().await?;
    }
    Ok(())
}
