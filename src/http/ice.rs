//! STUN and TURN servers with fresh credentials, for who needs new ones.

use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::{Front, cors};
use crate::protocol::IceServer;
use crate::session::node::Node;
use crate::session::token::Token;

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
    let ice_servers = match bearer(&request) {
        None => node.ice.for_guest(),
        Some(token) => match node.sessions.find(token.hash()) {
            Some(session) => node.ice.for_session(session.id()),
            // It need not be this node that has the session of a client.
            None if of_another_node(node, &token) => node.ice.for_guest(),
            None => return refuse(&request, &front),
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

fn bearer(request: &HttpRequest) -> Option<Token> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().unwrap_or_default();
    let (scheme, token) = header.split_once(' ').unwrap_or(("", header));
    // Of another scheme is as good as of no session.
    let token = if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" };
    Some(Token::presented(token))
}

fn refuse(request: &HttpRequest, front: &Front) -> HttpResponse {
    let mut response = HttpResponse::Unauthorized();
    response.insert_header(("www-authenticate", "Bearer"));
    cors::allow(request, front, &mut response);
    response.body("no session has this token; without one, credentials are a guest's\n")
}
