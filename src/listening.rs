//! Opens the ports of HTTP.

use std::net::{SocketAddr, TcpListener};
use std::{io, iter};

use tokio::net::TcpSocket;

use crate::app::ServeError;

/// Connections that the kernel holds for a socket until they are accepted.
const BACKLOG: u32 = 8192;

/// Listens on `address`, as nobody else may.
///
/// # Errors
/// [`ServeError::Listen`].
pub(crate) fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let listening = || listen(bound(address)?);
    listening().map_err(|error| ServeError::Listen(address, error))
}

/// Listens on `address` by `count` sockets, one at least: the kernel gives each
/// connection to one of them (`SO_REUSEPORT`, socket(7)). Nobody else may listen there.
///
/// # Errors
/// [`ServeError::Listen`].
pub(crate) fn bind_many(address: SocketAddr, count: usize) -> Result<Vec<TcpListener>, ServeError> {
    let listening = || {
        // Whoever asks to share before it has the port may get a stranger's.
        let first = bound(address)?;
        first.set_reuseport(true)?;
        let address = first.local_addr()?;
        let more = (1..count).map(|_| {
            let socket = socket(address)?;
            socket.set_reuseport(true)?;
            socket.bind(address)?;
            listen(socket)
        });
        iter::once(listen(first)).chain(more).collect::<io::Result<_>>()
    };
    listening().map_err(|error| ServeError::Listen(address, error))
}

fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = socket(address)?;
    socket.bind(address)?;
    Ok(socket)
}

fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    // Connections take it over: small messages go out at once.
    socket.set_nodelay(true)?;
    Ok(socket)
}

fn listen(socket: TcpSocket) -> io::Result<TcpListener> {
    socket.listen(BACKLOG)?.into_std()
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::net::TcpStream;
    use std::thread;
    use std::time::Duration;

    use super::*;

    const ANY: &str = "127.0.0.1:0";

    fn many() -> (SocketAddr, Vec<TcpListener>) {
        let listeners = bind_many(ANY.parse().unwrap(), 3).unwrap();
        (listeners[0].local_addr().unwrap(), listeners)
    }

    fn taken<T>(result: Result<T, ServeError>) -> bool {
        matches!(result, Err(ServeError::Listen(_, error)) if error.kind() == ErrorKind::AddrInUse)
    }

    #[tokio::test]
    async fn nobody_else_gets_an_address_that_many_sockets_listen_on() {
        let (address, _listeners) = many();
        assert!(taken(bind(address)));
        assert!(taken(bind_many(address, 3)));
    }

    #[tokio::test]
    async fn an_address_is_not_shared_with_a_stranger_who_would() {
        let stranger = socket(ANY.parse().unwrap()).unwrap();
        stranger.set_reuseport(true).unwrap();
        stranger.bind(ANY.parse().unwrap()).unwrap();
        let stranger = listen(stranger).unwrap();
        assert!(taken(bind_many(stranger.local_addr().unwrap(), 3)));
    }

    #[tokio::test]
    async fn each_socket_is_given_connections_that_wait_for_nothing() {
        let (address, listeners) = many();
        let _clients: Vec<_> = (0..300).map(|_| TcpStream::connect(address).unwrap()).collect();
        let accepted: usize = listeners.iter().map(accept_all).sum();
        assert_eq!(accepted, 300);
    }

    /// How many connections wait at `listener`: some, each without a delay of what is
    /// sent.
    fn accept_all(listener: &TcpListener) -> usize {
        thread::sleep(Duration::from_millis(50));
        let mut count = 0;
        loop {
            match listener.accept() {
                Ok((stream, _)) => assert!(stream.nodelay().unwrap()),
                Err(error) => break assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
            count += 1;
        }
        assert!(count > 0, "the kernel left one out");
        count
    }
}
