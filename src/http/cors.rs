//! What pages of other hosts may read (Fetch, "CORS protocol"): those on the
//! allow-list may what the service's own page may.

use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, HOST, HeaderValue, ORIGIN, VARY,
};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use super::Front;

/// The answer to a browser that asks before it sends a request with a token.
pub(super) async fn preflight(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    response
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, DELETE"))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"))
        .insert_header((ACCESS_CONTROL_MAX_AGE, "600"));
    allow(&request, &front, &mut response);
    response.finish()
}

/// Lets the asking page read the response, where it may connect.
pub(super) fn allow(request: &HttpRequest, front: &Front, response: &mut HttpResponseBuilder) {
    response.insert_header((VARY, "origin"));
    if let Some(origin) = permitted(request, front) {
        response.insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, origin));
        // The device's cookie, which is set for such pages by itself.
        response.insert_header((ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"));
    }
}

/// The page that asks, where it may connect.
pub(super) fn permitted(request: &HttpRequest, front: &Front) -> Option<HeaderValue> {
    let origin = request.headers().get(ORIGIN)?;
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let permitted = front.origins.permit(origin.to_str().ok()?, host);
    permitted.then(|| origin.clone())
}
