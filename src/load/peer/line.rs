//! A WebSocket connection to the service.

use std::net::IpAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::trouble::Trouble;
use crate::load::plan::Place;

/// How long a connect or a handshake may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is read at once: a small buffer a connection is what makes many fit.
const READ_BYTES: usize = 1024;
/// The most that waits to be written; a service that does not read for so long
/// breaks the connection.
const MAX_UNWRITTEN_BYTES: usize = 1 << 20;

/// An open connection.
#[derive(Debug)]
pub(super) struct Line(WebSocketStream<TcpStream>);

impl Line {
    /// Connects from `source`, offering these subprotocols.
    pub(super) async fn connect(
        place: &Place,
        turn: usize,
        source: Option<IpAddr>,
        offer: &str,
    ) -> Result<Self, Trouble> {
        let address = place.addresses[turn % place.addresses.len()];
        let open = async {
            let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
            if let Some(source) = source.filter(|source| source.is_ipv4() == address.is_ipv4()) {
                socket.bind((source, 0).into())?;
            }
            socket.set_nodelay(true)?;
            socket.connect(address).await.map_err(Trouble::from)
        };
        let stream = timeout(PATIENCE, open).await.map_err(|_| Trouble::TimedOut("connect"))??;
        let url = format!("ws://{}{}", place.authority, place.path);
        let mut request = url.into_client_request().map_err(|_| Trouble::NotWebSocket)?;
        let offer = offer.parse().map_err(|_| Trouble::NotJson)?;
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, offer);
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(MAX_UNWRITTEN_BYTES);
        let shake = client_async_with_config(request, stream, Some(config));
        let (socket, _) =
            timeout(PATIENCE, shake).await.map_err(|_| Trouble::TimedOut("handshake"))??;
        Ok(Self(socket))
    }

    /// Sends a text.
    pub(super) async fn send(&mut self, text: String) -> Result<(), Trouble> {
        Ok(self.0.send(Message::text(text)).await?)
    }

    /// The next text; pings are answered on the way.
    pub(super) async fn next(&mut self) -> Result<Utf8Bytes, Trouble> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Binary(_))) => return Err(Trouble::NotJson),
                Some(Ok(Message::Close(frame))) => {
                    return Err(Trouble::Closed(frame.map(|frame| frame.code.into())));
                }
                Some(Ok(_)) => (),
                Some(Err(error)) => return Err(error.into()),
                None => return Err(Trouble::Closed(None)),
            }
        }
    }

    /// Ends the session and the connection.
    pub(super) async fn close(mut self) {
        let frame = CloseFrame { code: CloseCode::Normal, reason: Utf8Bytes::default() };
        // Whoever is gone already needs no word.
        let _ = timeout(PATIENCE, self.0.close(Some(frame))).await;
    }
}
