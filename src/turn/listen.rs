//! Opens what clients speak to.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use socket2::SockRef;
use tokio::net::{TcpListener, UdpSocket};

use super::relayed::bind_udp;

/// Connections that the kernel holds until they are accepted.
const BACKLOG: i32 = 1024;
/// Bytes of datagrams that the kernel holds for all clients, each way; it may
/// give less.
const SOCKET_BYTES: usize = 4 * 1024 * 1024;
/// How often a port is tried that is free for TCP and may not be for UDP.
const TRIES: usize = 16;

/// The two sockets on an address.
pub(super) struct Listener {
    pub address: SocketAddr,
    pub udp: Arc<UdpSocket>,
    pub tcp: TcpListener,
}

/// Listens by UDP and TCP. Port 0 becomes one that is free for both.
///
/// # Errors
/// Those of the system.
pub(super) fn both(address: SocketAddr) -> io::Result<Listener> {
    let mut result = pair(address);
    for _ in 1..TRIES {
        match &result {
            Err(error) if address.port() == 0 && error.kind() == io::ErrorKind::AddrInUse => {
                result = pair(address);
            }
            _ => break,
        }
    }
    result
}

fn pair(address: SocketAddr) -> io::Result<Listener> {
    let tcp = tcp(address)?;
    let address = tcp.local_addr()?;
    let udp = bind_udp(address)?;
    // As much as the system allows will do.
    let _ = SockRef::from(&udp).set_recv_buffer_size(SOCKET_BYTES);
    let _ = SockRef::from(&udp).set_send_buffer_size(SOCKET_BYTES);
    Ok(Listener { address, udp: Arc::new(udp), tcp })
}

/// Listens by TCP.
///
/// # Errors
/// Those of the system.
pub(super) fn tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket2::Socket::new(
        socket2::Domain::for_address(address),
        socket2::Type::STREAM.nonblocking().cloexec(),
        None,
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // A port can be had again at once after a restart.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}
