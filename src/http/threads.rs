//! The threads that serve connections.
//!
//! Each has a socket of its own that listens, and accepts for itself: no thread is
//! woken to serve what another one accepted. The kernel spreads connections over
//! them (`SO_REUSEPORT`, socket(7)).

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::{oneshot, watch};

/// How long nobody is accepted after the system refused to, most likely since the
/// process has no more files.
const REFUSED: Duration = Duration::from_millis(500);
/// All of them together may have so many more for what takes long, such as pictures.
const BLOCKING: usize = 512;

/// What a thread does with each connection that it accepted; made by the thread.
pub(super) type Serve = Box<dyn Fn(TcpStream, SocketAddr)>;

/// Threads that run until they are told to stop, or dropped.
#[derive(Debug)]
pub struct Threads {
    stop: watch::Sender<()>,
    running: FuturesUnordered<oneshot::Receiver<()>>,
}

impl Threads {
    /// Starts a thread for each listener.
    ///
    /// # Errors
    /// Those of the system.
    pub(super) fn start(
        listeners: Vec<TcpListener>,
        make: impl Fn() -> LocalBoxFuture<'static, io::Result<Serve>> + Clone + Send + 'static,
    ) -> io::Result<Self> {
        let threads = Self { stop: watch::Sender::new(()), running: FuturesUnordered::new() };
        let blocking = (BLOCKING / listeners.len().max(1)).max(1);
        for listener in listeners {
            threads.begin(listener, blocking, make.clone())?;
        }
        Ok(threads)
    }

    fn begin(
        &self,
        listener: TcpListener,
        blocking: usize,
        make: impl FnOnce() -> LocalBoxFuture<'static, io::Result<Serve>> + Send + 'static,
    ) -> io::Result<()> {
        listener.set_nonblocking(true)?;
        let (mut stop, (runs, ended)) = (self.stop.subscribe(), oneshot::channel());
        thread::Builder::new().name("http".into()).spawn(move || {
            let run = async {
                tokio::select! {
                    result = accept(listener, make()) => result,
                    _ = stop.changed() => Ok(()),
                }
            };
            let result = runtime(blocking).and_then(|runtime| runtime.block_on(run));
            if let Err(error) = result {
                tracing::error!(%error, "a thread that serves connections has ended");
            }
            drop(runs);
        })?;
        self.running.push(ended);
        Ok(())
    }

    /// Returns when one has ended without being told to.
    pub async fn failed(&mut self) -> io::Error {
        self.running.next().await;
        io::Error::other("a thread that serves connections has ended")
    }

    /// Cuts all connections and returns when the threads have ended.
    pub async fn stop(self) {
        drop(self.stop);
        self.running.count().await;
    }
}

fn runtime(blocking: usize) -> io::Result<LocalRuntime> {
    Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(blocking)
        .build_local(LocalOptions::default())
}

async fn accept(
    listener: TcpListener,
    serve: LocalBoxFuture<'static, io::Result<Serve>>,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let serve = serve.await?;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => serve(stream, peer),
            Err(error) if of_one_connection(&error) => (),
            Err(error) => {
                tracing::error!(%error, "can't accept connections");
                tokio::time::sleep(REFUSED).await;
            }
        }
    }
}

/// Whether a connection was over before it was accepted.
fn of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::TcpStream as Client;

    use futures_util::FutureExt;

    use super::*;

    fn listeners() -> ([SocketAddr; 2], Vec<TcpListener>) {
        let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        (listeners.each_ref().map(|listener| listener.local_addr().unwrap()), listeners.into())
    }

    #[tokio::test]
    async fn each_thread_serves_until_all_are_stopped() {
        let (addresses, listeners) = listeners();
        let threads = Threads::start(listeners, || {
            let serve: Serve = Box::new(|stream, peer| {
                actix_rt::spawn(async move {
                    stream.writable().await.unwrap();
                    stream.try_write(&peer.port().to_be_bytes()).unwrap();
                    // Held until the thread ends.
                    stream.readable().await.unwrap();
                });
            });
            async { Ok(serve) }.boxed_local()
        });
        let mut clients = addresses.map(|address| Client::connect(address).unwrap());
        for client in &mut clients {
            let mut port = [0; 2];
            client.read_exact(&mut port).unwrap();
            assert_eq!(u16::from_be_bytes(port), client.local_addr().unwrap().port());
        }
        threads.unwrap().stop().await;
        for mut client in clients {
            assert_eq!(client.read(&mut [0]).unwrap(), 0);
        }
        assert!(addresses.iter().all(|address| Client::connect(address).is_err()));
    }

    #[tokio::test]
    async fn one_that_ends_by_itself_is_noticed() {
        let make = || async { Err(io::Error::other("no server")) }.boxed_local();
        let mut threads = Threads::start(listeners().1, make).unwrap();
        assert!(threads.failed().await.to_string().contains("has ended"));
    }
}
