//! A small HTTP client: one request a connection, by TLS or without.

use std::io;
use std::sync::Arc;

use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::MaybeTlsStream;

use super::certificate::{Judge, Opinion};
use crate::config::PublicUrl;

/// The most bytes of an answer that are read; what is behind is not seen.
const MAX_ANSWER_BYTES: u64 = 256 * 1024;

pub(super) type Stream = MaybeTlsStream<TcpStream>;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreachable {
    #[error("{0}")]
    Network(#[from] io::Error),
    #[error("TLS fails: {0}")]
    Tls(io::Error),
    #[error("the host is no name for TLS")]
    Name,
}

/// What a server answered.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// In small letters, and their values.
    headers: Vec<(String, String)>,
    /// As it came, cut in pieces or not: it is only looked for words.
    pub(super) body: String,
}

impl Answer {
    /// The first header of this name, which is in small letters.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    fn read(text: &str) -> Option<Self> {
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.lines();
        let (version, rest) = lines.next()?.split_once(' ')?;
        let status = rest.get(..3)?.parse().ok().filter(|_| version.starts_with("HTTP/1."))?;
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        Some(Self { status, headers: lines.filter_map(header).collect(), body: body.to_owned() })
    }
}

/// Connects; by TLS with what is thought of the certificate.
pub(super) async fn connect(url: &PublicUrl) -> Result<(Stream, Option<Opinion>), Unreachable> {
    let stream = TcpStream::connect((url.host.as_str(), url.port)).await?;
    if !url.tls {
        return Ok((MaybeTlsStream::Plain(stream), None));
    }
    let judge = Judge::new();
    let config = judge.config().map_err(|error| Unreachable::Tls(io::Error::other(error)))?;
    let name = ServerName::try_from(url.host.clone()).map_err(|_| Unreachable::Name)?;
    let shaken = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let stream = MaybeTlsStream::Rustls(shaken.map_err(Unreachable::Tls)?);
    Ok((stream, Some(judge.opinion())))
}

/// Gets a path.
pub(super) async fn get(url: &PublicUrl, path: &str) -> Result<Answer, Unreachable> {
    let (mut stream, _) = connect(url).await?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {}\r\nuser-agent: passerby-doctor\r\naccept: */*\r\n\
        connection: close\r\n\r\n",
        url.authority
    );
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let mut bytes = Vec::new();
    let read = stream.take(MAX_ANSWER_BYTES).read_to_end(&mut bytes).await;
    // Some end a TLS connection without a word: what came before counts.
    match Answer::read(&String::from_utf8_lossy(&bytes)) {
        Some(answer) => Ok(answer),
        None => {
            read?;
            Err(io::Error::other("the answer is no HTTP").into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_and_other_things_are_not() {
        let text = "HTTP/1.1 200 OK\r\nDate: now\r\nX-A:b\r\nstrange\r\n\r\nalive\r\n\r\nx";
        let answer = Answer::read(text).unwrap();
        assert_eq!((answer.status, &*answer.body), (200, "alive\r\n\r\nx"));
        assert_eq!((answer.header("date"), answer.header("x-a")), (Some("now"), Some("b")));
        for wrong in ["", "HTTP/1.1 200 OK\r\n", "SSH-2.0\r\n\r\n", "HTTP/1.1 xx\r\n\r\n"] {
            assert!(Answer::read(wrong).is_none(), "{wrong}");
        }
    }
}
