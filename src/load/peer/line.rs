//! A WebSocket connection to the service.

use std::net::IpAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::dial::{Dial, Socket, dial};
use super::trouble::Trouble;
use crate::load::plan::Place;

/// How long a goodbye may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open connection.
#[derive(Debug)]
pub(super) struct Line(Socket);

impl Line {
    /// Connects from `source`, offering these subprotocols.
    pub(super) async fn connect(
        place: &Place,
        turn: usize,
        source: Option<IpAddr>,
        offer: &str,
    ) -> Result<Self, Trouble> {
        let address = place.addresses[turn % place.addresses.len()];
        let connected = dial(Dial { address, url: &place.url, source, offer: Some(offer) });
        connected.await.map(Self)
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
