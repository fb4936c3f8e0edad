//! The web client, built into the binary.

use actix_web::http::Method;
use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, ETAG, EntityTag, HeaderValue, IF_NONE_MATCH, ORIGIN, SET_COOKIE,
};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::visitor::visitor;
use super::{Front, cors};

/// Shown where the binary was built without the page.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <title>Passerby</title><h1>The page is not built</h1>\
    <p>This binary was built without the web client; the service itself runs.</p>\
    <p>Run <code>make build</code>, or <code>make run</code> to build and start it.</p></html>";

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Files;

/// Serves a file of the page.
pub(super) async fn page(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    let name = match request.path() {
        "/" => "index.html",
        path => path.trim_start_matches('/'),
    };
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    match Files::get(name) {
        Some(_) if !reads => read_only(),
        None if !reads && name == "index.html" => read_only(),
        Some(file) if name == "index.html" => {
            let mut response = serve(&request, name, file);
            give_cookie(&request, &front, &mut response);
            response
        }
        Some(file) => serve(&request, name, file),
        None if name == "index.html" => {
            HttpResponse::Ok().content_type("text/html; charset=utf-8").body(NOT_BUILT)
        }
        None => HttpResponse::NotFound().body("there is nothing here\n"),
    }
}

fn read_only() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((ALLOW, "GET, HEAD"))
        .body("the page can only be read\n")
}

/// Lets the browser be known again when it connects, which pages of others may not.
fn give_cookie(request: &HttpRequest, front: &Front, response: &mut HttpResponse) {
    if request.headers().contains_key(ORIGIN) && cors::permitted(request, front).is_none() {
        return;
    }
    if let Some(cookie) = visitor(request.head(), front).set_cookie {
        response.headers_mut().insert(SET_COOKIE, cookie);
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
}

fn serve(request: &HttpRequest, name: &str, file: EmbeddedFile) -> HttpResponse {
    let hash: String =
        file.metadata.sha256_hash()[..16].iter().map(|b| format!("{b:02x}")).collect();
    let tag = EntityTag::new_weak(hash);
    // Vite puts a hash into the names of these.
    let caching = if name.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = |mut response: actix_web::HttpResponseBuilder| {
        response
            .insert_header((CACHE_CONTROL, caching))
            .insert_header((ETAG, tag.to_string()))
            .take()
    };
    let known = request.headers().get(IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    if known.is_some_and(|known| known.contains(tag.tag())) {
        return headers(HttpResponse::NotModified()).finish();
    }
    headers(HttpResponse::Ok())
        .content_type(mime_guess::from_path(name).first_or_octet_stream())
        .body(file.data.into_owned())
}
