//! Whether a request may become a WebSocket. Pure.

use std::time::Duration;

use actix_http::header::{HOST, HeaderName, ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use actix_http::{RequestHead, ResponseBuilder, StatusCode, ws};

use super::origin::AllowedOrigins;
use crate::protocol::SUBPROTOCOL;

/// The path of the protocol.
pub(super) const PATH: &str = "/ws";

/// Why it may not, in words for whoever looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("there is no WebSocket here; the protocol is spoken at /ws")]
    NotFound,
    #[error("pages of this origin may not connect; --allowed-origins lists those that may")]
    Origin,
    #[error("not a WebSocket handshake (RFC 6455)")]
    Handshake,
    #[error("none of the offered subprotocols is known; passerby.v1 is")]
    Subprotocol,
    #[error("this server is being replaced; try again")]
    Stopping,
    #[error("too many connections from this address; try again in {} s", .0.as_secs() + 1)]
    TooMany(Duration),
}

impl Refusal {
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Origin => StatusCode::FORBIDDEN,
            Self::Handshake | Self::Subprotocol => StatusCode::BAD_REQUEST,
            Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
        }
    }
}

/// Looks at a request that asks for an upgrade; the answer that grants it.
pub(super) fn admit(
    head: &RequestHead,
    origins: &AllowedOrigins,
) -> Result<ResponseBuilder, Refusal> {
    if head.uri.path() != PATH {
        return Err(Refusal::NotFound);
    }
    if !origin_permitted(head, origins) {
        return Err(Refusal::Origin);
    }
    let mut response = ws::handshake(head).map_err(|_| Refusal::Handshake)?;
    if select_subprotocol(head)? {
        response.insert_header((SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL));
    }
    Ok(response)
}

/// A request without `Origin` comes from no browser's page.
fn origin_permitted(head: &RequestHead, origins: &AllowedOrigins) -> bool {
    let mut named = head.headers.get_all(ORIGIN);
    let Some(origin) = named.next() else { return true };
    let only = named.next().is_none();
    let host = texts(head, HOST).next();
    only && origin.to_str().is_ok_and(|origin| origins.permit(origin, host))
}

/// Whether the subprotocol is to be named in the answer.
fn select_subprotocol(head: &RequestHead) -> Result<bool, Refusal> {
    if !head.headers.contains_key(SEC_WEBSOCKET_PROTOCOL) {
        return Ok(false);
    }
    let known = texts(head, SEC_WEBSOCKET_PROTOCOL)
        .flat_map(|offered| offered.split(','))
        .any(|offered| offered.trim() == SUBPROTOCOL);
    if known { Ok(true) } else { Err(Refusal::Subprotocol) }
}

pub(super) fn texts(head: &RequestHead, name: HeaderName) -> impl Iterator<Item = &str> {
    head.headers.get_all(name).filter_map(|value| value.to_str().ok())
}
