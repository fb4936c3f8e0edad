//! Connections with headers and from addresses of a test's choice.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use passerby::load::Witness;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Response;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::{self, Error};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async};

use super::client::Client;
use super::server::DEADLINE;

/// Somebody with an address of the loopback, and the cookie that a browser would keep.
#[derive(Clone, Debug)]
pub struct Visitor {
    address: IpAddr,
    pub cookie: Option<String>,
    headers: Vec<(&'static str, String)>,
}

impl Visitor {
    /// Somebody at 127.0.0.`last` without a cookie.
    pub fn at(last: u8) -> Self {
        let address = IpAddr::V4(Ipv4Addr::new(127, 0, 0, last));
        Self { address, cookie: None, headers: Vec::new() }
    }

    /// The same browser at another address.
    pub fn moved(self, last: u8) -> Self {
        Self { cookie: self.cookie, ..Self::at(last) }
    }

    /// With a header more.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Connects, keeps the cookie that is given, and takes the `welcome`.
    pub async fn connect(&mut self, server: SocketAddr) -> Client {
        let (socket, response) = self.shake(server, "/ws").await.expect("it is let in");
        self.keep(&response);
        Client::begin(socket, Witness::new()).await
    }

    /// The status with which a handshake is refused, and the answer's headers.
    pub async fn refused(&self, server: SocketAddr) -> tungstenite::http::Response<()> {
        match self.shake(server, "/ws").await {
            Err(Error::Http(response)) => response.map(|_| ()),
            other => panic!("a refusal was expected: {:?}", other.map(|_| "let in")),
        }
    }

    /// Shakes hands.
    pub async fn shake(
        &self,
        server: SocketAddr,
        path: &str,
    ) -> Result<(WebSocketStream<MaybeTlsStream<TcpStream>>, Response), Error> {
        let mut request = format!("ws://{server}{path}").into_client_request()?;
        let own = self.headers.iter().map(|(name, value)| (*name, value.clone()));
        let cookie = self.cookie.iter().map(|cookie| ("cookie", cookie.clone()));
        for (name, value) in own.chain(cookie) {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().append(name, HeaderValue::from_str(&value).unwrap());
        }
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(SocketAddr::new(self.address, 0)).unwrap();
        let stream = socket.connect(server).await.unwrap();
        let shaking = client_async(request, MaybeTlsStream::Plain(stream));
        timeout(DEADLINE, shaking).await.expect("an answer in time")
    }

    /// Keeps the cookie of an answer as a browser would.
    pub fn keep(&mut self, response: &Response) {
        let set = response.headers().get("set-cookie");
        if let Some(set) = set.and_then(|set| set.to_str().ok()) {
            self.cookie = set.split(';').next().map(str::to_owned);
        }
    }
}
