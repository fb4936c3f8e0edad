//! STUN and TURN servers with fresh credentials, for who needs new ones.

use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::Serialize;

use super::visitor::{Visitor, visitor};
use super::{Front, cors};
use crate::guard::address::Asked;
use crate::guard::limiter::Refused;
use crate::guard::limits::Limit;
use crate::protocol::IceServer;
use crate::session::node::Node;
use crate::session::token::Token;

const NO_SESSION: &str = "no session has this token; without one, credentials are a guest's\n";
const BANNED: &str = "you are kept out of this service\n";
const TOO_OFTEN: &str = "too many requests from this address\n";

/// The answer of `/api/v1/ice`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    ice_servers: Vec<IceServer<'a>>,
    /// How long their credentials are good for, in seconds.
    ttl: u64,
}

/// Credentials are in a session's name where its token is presented
/// (`Authorization: Bearer`, RFC 6750), so that they end with it; else, and where
/// another node gave the token out, in the name of a guest.
pub(super) async fn ice(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    let node = &front.node;
    let Visitor { identity, addresses, .. } = visitor(request.head(), &front);
    if let Err(refused) =
        node.address_limits.take(Asked::Credentials, identity.address, node.clock.now())
    {
        return too_often(&request, &front, refused);
    }
    if node.moderation.ban_of(&identity, &addresses).is_some() {
        return refuse(&request, &front, HttpResponse::Forbidden(), BANNED);
    }
    let ice_servers = match bearer(&request) {
        None => node.ice.for_guest(),
        Some(token) => match node.sessions.find(token.hash()) {
            Some(session) => node.ice.for_session(session.id()),
            // It need not be this node that has the session of a client.
            None if of_another_node(node, &token) => node.ice.for_guest(),
            None => {
                let mut response = HttpResponse::Unauthorized();
                response.insert_header((WWW_AUTHENTICATE, "Bearer"));
                return refuse(&request, &front, response, NO_SESSION);
            }
        },
    };
    let answer = Answer { ice_servers, ttl: node.ice.ttl_seconds() };
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-store"));
    cors::allow(&request, &front, &mut response);
    response.json(answer)
}

fn of_another_node(node: &Node, token: &Token) -> bool {
    node.office.is_some() && token.origin(&node.tokens).is_some_and(|origin| origin != node.id)
}

/// The token that a request bears (RFC 6750).
pub(super) fn bearer(request: &HttpRequest) -> Option<Token> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().unwrap_or_default();
    let (scheme, token) = header.split_once(' ').unwrap_or(("", header));
    // Of another scheme is as good as of no session.
    let token = if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" };
    Some(Token::presented(token))
}

fn too_often(request: &HttpRequest, front: &Front, refused: Refused) -> HttpResponse {
    front.node.metrics.moderation.limited(Limit::Credentials);
    let mut response = HttpResponse::TooManyRequests();
    response.insert_header((RETRY_AFTER, refused.again.as_secs() + 1));
    refuse(request, front, response, TOO_OFTEN)
}

fn refuse(
    request: &HttpRequest,
    front: &Front,
    mut response: HttpResponseBuilder,
    words: &'static str,
) -> HttpResponse {
    cors::allow(request, front, &mut response);
    response.body(words)
}
