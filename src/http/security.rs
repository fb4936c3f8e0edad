//! Headers that every answer of the public port bears, so that a page can be made
//! to do no more than it is for.

use actix_web::middleware::DefaultHeaders;

/// What the page may load and do: its own files and its own service (CSP Level 3).
/// `'self'` of `connect-src` is the WebSocket as well.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; media-src 'self' blob:; connect-src 'self'; \
    manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// A body is what it is said to be.
pub(super) const NOSNIFF: (&str, &str) = ("x-content-type-options", "nosniff");

/// The headers, each by its name.
pub(super) const HEADERS: [(&str, &str); 6] = [
    ("content-security-policy", POLICY),
    NOSNIFF,
    // For browsers that don't know `frame-ancestors`.
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    (
        "permissions-policy",
        "camera=(self), microphone=(self), autoplay=(self), fullscreen=(self), \
        picture-in-picture=(self), geolocation=(), display-capture=(), usb=(), serial=(), \
        payment=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
];

/// Adds them to each answer.
pub(super) fn headers() -> DefaultHeaders {
    HEADERS.into_iter().fold(DefaultHeaders::new(), DefaultHeaders::add)
}
