//! The picture that belongs to a report.

use std::io::Cursor;
use std::net::SocketAddr;

use image::{DynamicImage, ImageFormat};
use serde_json::json;

use super::client::Client;
use super::kept::{Kept, eventually};
use super::server::{DEADLINE, Server};

fn jpeg() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(32, 16).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

/// Sends a picture, again while the store is not there yet; the status.
async fn post(address: SocketAddr, room: &str, token: Option<&str>, bytes: &[u8]) -> u16 {
    eventually(async || Some(post_once(address, room, token, bytes).await).filter(|s| *s != 503))
        .await
}

async fn post_once(address: SocketAddr, room: &str, token: Option<&str>, bytes: &[u8]) -> u16 {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let bearer = token.map(|token| format!("authorization: Bearer {token}\r\n"));
    let head = format!(
        "POST /api/v1/reports/{room}/picture HTTP/1.1\r\nhost: {address}\r\n\
         content-type: image/jpeg\r\ncontent-length: {}\r\n{}connection: close\r\n\r\n",
        bytes.len(),
        bearer.unwrap_or_default(),
    );
    let exchange = async {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // One that is refused may not be read to its end.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    };
    let answer = tokio::time::timeout(DEADLINE, exchange).await.expect("an answer");
    answer.split(' ').nth(1).expect("a status").parse().unwrap()
}

async fn reported() -> (Server, Client, Client) {
    let server = Server::start(&[]);
    let (mut one, other) = server.pair().await;
    one.signal(json!({"type": "report", "reason": "nudity"})).await;
    one.expect("reported").await;
    (server, one, other)
}

#[tokio::test]
async fn a_picture_is_kept_with_its_report_and_once() {
    let (server, one, other) = reported().await;
    let room = one.room.clone();
    let picture = jpeg();
    for node in server.nodes() {
        assert_eq!(post(node.public, &room, Some(other.token()), &picture).await, 404);
    }
    // A report stands in the store a moment after it was made.
    let kept = Kept::of(&server);
    let report = eventually(async || kept.reports().await.pop()).await.0;
    assert_eq!(post(server.public(), &room, Some(one.token()), &picture).await, 204);
    let stored = eventually(async || kept.0.picture(report.id).await.unwrap()).await;
    let decoded = image::load_from_memory(&stored.bytes).expect("it is whole");
    assert_eq!((decoded.width(), decoded.height()), (32, 16));
    for node in server.nodes() {
        assert_eq!(post(node.public, &room, Some(one.token()), &picture).await, 409);
    }
}

#[tokio::test]
async fn what_is_no_picture_or_nobody_s_is_refused() {
    let (server, one, _other) = reported().await;
    let (address, token, room) = (server.public(), Some(one.token()), one.room.as_str());
    let whole = jpeg();
    let status = async |room: &str, token, bytes: &[u8]| post(address, room, token, bytes).await;
    assert_eq!(status(room, None, &whole).await, 401);
    assert_eq!(status(room, Some("made-up"), &whole).await, 404);
    assert_eq!(status("no-room", token, &whole).await, 404);
    assert_eq!(status(room, token, &vec![0xFF; 256 * 1024 + 1]).await, 413);
    let kept = Kept::of(&server);
    eventually(async || kept.reports().await.pop()).await;
    for (bytes, expected) in
        [(&b"GIF89a-not-one"[..], 415), (b"", 415), (&whole[..whole.len() / 2], 422)]
    {
        let status = status(room, token, bytes).await;
        assert!(status == expected || status == 422, "{status} of {} bytes", bytes.len());
    }
    assert_eq!(status(room, token, &whole).await, 204, "it can still be added");
}
