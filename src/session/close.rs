//! The end of a WebSocket (RFC 6455 section 7).

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::frame::{Opcode, append};

/// How long a client may take to hear that it is over.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who says it.
pub(super) enum Farewell {
    /// The client has; its code is said back.
    Answer(Option<u16>),
    /// The service does.
    Close(u16),
}

/// Sends `unsent` and a close frame, and reads on until the client is gone: a
/// socket that is closed with bytes unread takes its last words back.
pub(super) async fn close(mut stream: TcpStream, mut unsent: Vec<u8>, farewell: Farewell) {
    let payload = match farewell {
        Farewell::Answer(code) => code.map(u16::to_be_bytes),
        Farewell::Close(code) => Some(code.to_be_bytes()),
    };
    let payload = payload.as_ref().map_or(&[][..], |bytes| &bytes[..]);
    append(&mut unsent, Opcode::Close, payload);
    let goodbye = async {
        stream.write_all(&unsent).await?;
        stream.shutdown().await?;
        let mut ignored = [0; 1024];
        while stream.read(&mut ignored).await? > 0 {}
        std::io::Result::Ok(())
    };
    if !matches!(timeout(PATIENCE, goodbye).await, Ok(Ok(()))) {
        tracing::debug!("a client did not wait for the end of its connection");
    }
}
