//! A network that can fail: what stands between a node and its server.

use std::net::SocketAddr;

use tokio::io::{copy, copy_bidirectional, sink};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// What it does with connections.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Passes them on.
    Open,
    /// Closes them.
    Cut,
    /// Keeps them, and passes nothing on.
    Stalled,
    /// Passes on what the server is told, and nothing back.
    Mute,
}

/// A proxy to one server.
pub struct Proxy {
    address: SocketAddr,
    way: watch::Sender<Way>,
    task: AbortHandle,
}

impl Proxy {
    /// Starts one in front of `target`.
    pub async fn start(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, way) = (listener.local_addr().unwrap(), watch::Sender::new(Way::Open));
        let ways = way.subscribe();
        let task = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(pass(client, target.clone(), ways.clone()));
            }
        });
        Self { address, way, task: task.abort_handle() }
    }

    /// Its address, as one of NATS.
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// From now on it does this.
    pub fn set(&self, way: Way) {
        self.way.send_replace(way);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(mut client: TcpStream, target: String, mut ways: watch::Receiver<Way>) {
    let Ok(mut server) = TcpStream::connect(target).await else { return };
    while *ways.borrow_and_update() == Way::Open {
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut server) => return,
            changed = ways.changed() => if changed.is_err() { return },
        }
    }
    if *ways.borrow() == Way::Mute {
        let ((mut said, _), (mut answers, mut server)) = (client.split(), server.split());
        let mut nobody = sink();
        tokio::select! {
            _ = copy(&mut said, &mut server) => return,
            _ = copy(&mut answers, &mut nobody) => return,
        }
    }
    // What a stalled one was passing on is lost, so it is no use any more after that.
    if *ways.borrow() == Way::Stalled {
        let _ = ways.changed().await;
    }
}
