//! From a request to a WebSocket.
//!
//! The bare socket is taken out of the HTTP server with whatever was read ahead
//! and given to a session's task, so that nothing of the HTTP connection stays
//! behind: its buffers would, at their largest, for as long as the socket lives
//! (actix-web issues 2075 and 3367).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix_codec::Framed;
use actix_http::body::BodySize;
use actix_http::header::{RETRY_AFTER, SET_COOKIE};
use actix_http::{Request, RequestHead, Response, ResponseBuilder, h1};
use bytes::Bytes;
use futures_util::SinkExt;
use tokio::net::TcpStream;

use super::Front;
use super::admission::{Refusal, admit};
use super::resume::asked;
use super::security::HEADERS;
use super::visitor::{Visitor, visitor};
use crate::guard::limits::Limit;
use crate::session::attendance::Resume;
use crate::session::connection::{Caller, Shaken, serve};
use crate::session::separations::recollect;

type Handshake = Framed<TcpStream, h1::Codec>;

/// Answers a request for an upgrade; a WebSocket is served by a task of its own.
pub(super) async fn upgrade(front: Arc<Front>, request: Request, mut handshake: Handshake) {
    let admitted = if front.node.stopping.load(Ordering::Acquire) {
        Err(Refusal::Stopping)
    } else {
        admit(request.head(), &front.origins)
    };
    let head = request.head();
    let sent = match admitted.and_then(|granted| call(head, &front, granted)) {
        Ok((granted, caller)) => grant(front, handshake, granted, asked(head), caller).await,
        Err(refusal) => refuse(&mut handshake, refusal).await,
    };
    if let Err(error) = sent {
        tracing::debug!(%error, "a handshake was not heard to its end");
    }
}

/// Looks who calls, and whether they may have one more connection.
fn call(
    head: &RequestHead,
    front: &Arc<Front>,
    mut granted: ResponseBuilder,
) -> Result<(ResponseBuilder, Caller), Refusal> {
    let Visitor { identity, addresses, set_cookie } = visitor(head, front);
    let node = &front.node;
    let held = node.address_limits.connect(identity.address, node.clock.now());
    let held = held.map_err(|refused| {
        node.metrics.moderation.limited(Limit::Connect);
        Refusal::TooMany(refused.again)
    })?;
    if let Some(cookie) = set_cookie {
        granted.append_header((SET_COOKIE, cookie));
    }
    Ok((granted, Caller { identity, addresses, _held: held }))
}

async fn grant(
    front: Arc<Front>,
    mut handshake: Handshake,
    mut granted: ResponseBuilder,
    resume: Option<Resume>,
    caller: Caller,
) -> std::io::Result<()> {
    let head = granted.finish().drop_body();
    // Not flushed: it goes out with the `welcome`, in one write.
    handshake.feed(h1::Message::Item((head, BodySize::None))).await?;
    let parts = handshake.into_parts();
    // Copies of their own: these buffers are as large as the HTTP server likes.
    let shaken = Shaken {
        stream: parts.io,
        answer: parts.write_buf.to_vec(),
        read_ahead: parts.read_buf.to_vec(),
    };
    actix_rt::spawn(async move {
        // Whoever comes back to a session has brought what is remembered along.
        if resume.is_none() && caller.identity.presented {
            // Boxed: else each connection's task would keep the room for it.
            Box::pin(recollect(&front.node, &*front.store, caller.identity)).await;
        }
        serve(front.node.clone(), shaken, resume, caller).await;
    });
    Ok(())
}

async fn refuse(handshake: &mut Handshake, refusal: Refusal) -> std::io::Result<()> {
    let words = Bytes::from(format!("{refusal}\n"));
    let mut response = Response::build(refusal.status());
    response.insert_header(("content-type", "text/plain; charset=utf-8")).force_close();
    if let Refusal::TooMany(wait) = refusal {
        response.insert_header((RETRY_AFTER, wait.as_secs() + 1));
    }
    for header in HEADERS {
        response.insert_header(header);
    }
    let head = response.finish().drop_body();
    let size = BodySize::Sized(words.len() as u64);
    handshake.send(h1::Message::Item((head, size))).await?;
    handshake.send(h1::Message::Chunk(Some(words))).await?;
    handshake.send(h1::Message::Chunk(None)).await
}
