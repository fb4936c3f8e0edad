//! What is kept and for how long, and how anybody has it erased.

use actix_web::http::header::{CACHE_CONTROL, ORIGIN, RETRY_AFTER};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::Serialize;

use super::{Front, cors, visitor};
use crate::guard::limits::Limit;

/// After so many seconds there may be room in the queue again.
const AGAIN_WHEN_FULL: u64 = 5;
const DAY_SECONDS: u64 = 24 * 60 * 60;

/// The answer of `GET /api/v1/kept`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Kept<'a> {
    /// For how many days reports are kept.
    reports_days: u64,
    /// The same of those about someone who seems under age.
    minor_days: u64,
    /// How a banned person may appeal.
    appeal: Option<&'a str>,
}

pub(super) async fn kept(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    let days = |span: std::time::Duration| span.as_secs() / DAY_SECONDS;
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-store"));
    cors::allow(&request, &front, &mut response);
    response.json(Kept {
        reports_days: days(front.retention.reports),
        minor_days: days(front.retention.minor),
        appeal: front.node.moderation.appeal(),
    })
}

/// Erases what is kept under the device that asks, save held evidence.
pub(super) async fn erase(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    if request.headers().contains_key(ORIGIN) && cors::permitted(&request, &front).is_none() {
        return HttpResponse::Forbidden().body("pages of this origin may not do this\n");
    }
    let answer = |mut response: HttpResponseBuilder, words: &'static str| {
        response.insert_header((CACHE_CONTROL, "no-store"));
        cors::allow(&request, &front, &mut response);
        response.body(words)
    };
    let later = |mut response: HttpResponseBuilder, seconds: u64| {
        response.insert_header((RETRY_AFTER, seconds));
        response
    };
    let Some(device) = visitor::device(request.headers(), &front) else {
        return answer(
            HttpResponse::NotFound(),
            "no device cookie came with this request: nothing is kept under it\n",
        );
    };
    let (node, address) = (&front.node, visitor::address(request.head(), &front));
    if let Err(refused) = node.address_limits.erase(address, device, node.clock.now()) {
        node.metrics.moderation.limited(Limit::Erasure);
        let response = later(HttpResponse::TooManyRequests(), refused.again.as_secs() + 1);
        return answer(response, "this was asked too often by this device or address\n");
    }
    match node.moderation.erase(device) {
        Ok(()) => answer(
            HttpResponse::Accepted(),
            "what is kept under this device is erased, save evidence that is held\n",
        ),
        Err(_) => answer(
            later(HttpResponse::ServiceUnavailable(), AGAIN_WHEN_FULL),
            "please try again in a moment\n",
        ),
    }
}
