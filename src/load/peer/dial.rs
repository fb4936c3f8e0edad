//! Opens a WebSocket to a service, as each simulated person does.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async_tls_with_config};

use super::trouble::Trouble;

/// How long a connect or a handshake may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is read at once: a small buffer a connection is what makes many fit.
const READ_BYTES: usize = 1024;
/// The most that waits to be written; a service that does not read for so long
/// breaks the connection.
const MAX_UNWRITTEN_BYTES: usize = 1 << 20;

/// An open WebSocket.
pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Where a person connects, and how.
#[derive(Clone, Copy, Debug)]
pub struct Dial<'a> {
    /// The service's address.
    pub address: SocketAddr,
    /// `ws://` or `wss://`, `HOST:PORT`, and the path.
    pub url: &'a str,
    /// The address to connect from; none: as the system likes.
    pub source: Option<IpAddr>,
    /// The subprotocols that are offered, with commas between.
    pub offer: Option<&'a str>,
}

/// Connects, by TLS where the URL says so: the certificate must be one that this
/// machine trusts.
///
/// # Errors
/// Why there is no connection.
pub async fn dial(dial: Dial<'_>) -> Result<Socket, Trouble> {
    let stream = timeout(PATIENCE, connect(dial.address, dial.source)).await;
    let stream = stream.map_err(|_| Trouble::TimedOut("connect"))??;
    let mut request = dial.url.into_client_request().map_err(|_| Trouble::NotWebSocket)?;
    if let Some(offer) = dial.offer {
        let offer = offer.parse().map_err(|_| Trouble::NotJson)?;
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, offer);
    }
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(MAX_UNWRITTEN_BYTES);
    let shake = client_async_tls_with_config(request, stream, Some(config), None);
    let shaken = timeout(PATIENCE, shake).await.map_err(|_| Trouble::TimedOut("handshake"))?;
    Ok(shaken?.0)
}

async fn connect(address: SocketAddr, source: Option<IpAddr>) -> Result<TcpStream, Trouble> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    if let Some(source) = source.filter(|source| source.is_ipv4() == address.is_ipv4()) {
        socket.bind((source, 0).into())?;
    }
    socket.set_nodelay(true)?;
    Ok(socket.connect(address).await?)
}
