//! Asks one STUN or TURN server, as a browser would before a call.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::time::Instant;

use tokio::net::UdpSocket;
use tokio::time::{sleep_until, timeout};

use super::outcome::RelayError;
use super::reflexive::Binding;
use super::relayed::Relayed;
use super::servers::{IceServerConfig, Kind, find, servers};
use super::transaction::Turn;
use super::wire::DATAGRAM_BYTES;

/// Asks the first server of `config`: a `stun:` one for the address that it sees, a
/// `turn:` one for an allocation, which is ended again. It waits for as long as the
/// standards have it: the caller sets a bound.
///
/// # Errors
/// What went wrong. A URL that is neither can't be reached.
pub async fn probe(config: IceServerConfig) -> Result<(), RelayError> {
    let server = servers(&[config]).into_iter().next().ok_or(RelayError::Unreachable)?;
    let found = find(&server).await.ok_or(RelayError::Unreachable)?;
    match found.kind {
        Kind::Stun => bind(found.address).await,
        Kind::Turn(transport, credentials) => {
            let asked = Relayed::ask(found.address, (transport, credentials), None, Instant::now());
            allocate(asked.map_err(|_| RelayError::Unreachable)?).await
        }
    }
}

async fn allocate(mut relayed: Relayed) -> Result<(), RelayError> {
    while relayed.is_asking() {
        let due = relayed.due().unwrap_or_else(Instant::now);
        tokio::select! {
            _ = poll_fn(|cx| relayed.poll(cx, Instant::now())) => (),
            () = sleep_until(due.into()) => relayed.tick(Instant::now()),
        }
    }
    relayed.error().map_or(Ok(()), Err)
}

async fn bind(server: SocketAddr) -> Result<(), RelayError> {
    let local = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(local).await.map_err(|_| RelayError::Unreachable)?;
    socket.connect(server).await.map_err(|_| RelayError::Unreachable)?;
    let mut binding = Binding::new(server, Instant::now());
    let mut buffer = [0; DATAGRAM_BYTES];
    send(&socket, &binding).await?;
    loop {
        let heard = timeout(binding.due() - Instant::now(), socket.recv(&mut buffer)).await;
        if let Ok(heard) = heard {
            let length = heard.map_err(|_| RelayError::Unreachable)?;
            if let Some(told) = binding.answer(server, &buffer[..length]) {
                return told.map(drop).ok_or(RelayError::Silent);
            }
        }
        match binding.turn(Instant::now()) {
            Turn::Again => send(&socket, &binding).await?,
            Turn::Wait => (),
            Turn::GiveUp => return Err(RelayError::Silent),
        }
    }
}

async fn send(socket: &UdpSocket, binding: &Binding) -> Result<(), RelayError> {
    socket.send(binding.request()).await.map(drop).map_err(|_| RelayError::Unreachable)
}
