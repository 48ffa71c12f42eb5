//! Few connections at a time, and none for long: whoever holds many open, or sends without end, keeps
//! himself from the page and nobody from his mail.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep};

/// Connections at a time; further ones wait where the system keeps them.
const CONNECTIONS_MAX: usize = 64;
/// From its first byte to its last, with all requests on it.
const CONNECTION_TIME: Duration = Duration::from_secs(20);
/// A listener that has no room for a moment is asked again.
const REST: Duration = Duration::from_millis(200);

/// A listener that gives out few connections at a time.
pub(super) struct Few {
    listener: TcpListener,
    places: Arc<Semaphore>,
}

/// A connection that ends when its time is over.
pub(super) struct Brief {
    stream: TcpStream,
    time: Pin<Box<Sleep>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl Few {
    pub(super) fn new(listener: TcpListener) -> Self {
        Self {
            listener,
            places: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
        }
    }
}

impl Listener for Few {
    type Io = Brief;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Brief, SocketAddr) {
        // The places are never closed.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        loop {
            if let Ok((stream, address)) = self.listener.accept().await {
                let brief = Brief {
                    stream,
                    time: Box::pin(sleep(CONNECTION_TIME)),
                    _place: place,
                };
                return (brief, address);
            }
            sleep(REST).await;
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Brief {
    fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        self.time.as_mut().poll(cx).is_ready()
    }
}

impl AsyncRead for Brief {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_over(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Brief {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_over(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
