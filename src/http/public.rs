//! The public port: the page, the API and the WebSocket.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_http::{HttpService, Protocol};
use actix_service::{
    IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, fn_service, map_config,
};
use actix_web::dev::AppConfig;
use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::middleware::Compress;
use actix_web::{App, HttpResponse, Resource, Route, guard, web};
use futures_util::FutureExt;

use super::admission::PATH;
use super::forwarded::TrustedProxies;
use super::origin::AllowedOrigins;
use super::threads::{Serve, Threads};
use super::{cors, ice, kept, page, picture, security, stats, upgrade};
use crate::identity::{AddressKeys, DeviceKey};
use crate::moderation::picture::MAX_PICTURE_BYTES;
use crate::session::node::Node;
use crate::store::{Retention, Store};

/// How long a client may take to send a request's head.
const REQUEST_PATIENCE: Duration = Duration::from_secs(10);
/// How long an HTTP connection may be kept without a request.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What the public port needs.
#[derive(Debug)]
pub struct Front {
    /// The process behind it.
    pub node: Arc<Node>,
    /// Whose pages may connect.
    pub origins: AllowedOrigins,
    /// Whose word on a client's address counts.
    pub trusted: TrustedProxies,
    /// What signs device cookies.
    pub devices: DeviceKey,
    /// What hashes addresses.
    pub addresses: AddressKeys,
    /// What must last.
    pub store: Arc<dyn Store>,
    /// How long it does.
    pub retention: Retention,
}

/// A server of the public port, a thread for each of `listeners`, which share
/// `address`.
///
/// # Errors
/// Where a listener can't be used.
pub fn public(
    address: SocketAddr,
    listeners: Vec<TcpListener>,
    front: Arc<Front>,
) -> io::Result<Threads> {
    Threads::start(listeners, move || server(address, front.clone()).boxed_local())
}

/// What serves the connections of one thread.
async fn server(address: SocketAddr, front: Arc<Front>) -> io::Result<Serve> {
    let site = web::Data::from(front.clone());
    let app = App::new()
        .wrap(Compress::default())
        .wrap(security::headers())
        .app_data(site)
        .configure(routes)
        .into_factory()
        .map_err(|error: actix_web::Error| error.error_response());
    let http = HttpService::build()
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(REQUEST_PATIENCE)
        .local_addr(address)
        .upgrade(fn_service(move |(request, handshake)| {
            let front = front.clone();
            async move {
                upgrade::upgrade(front, request, handshake).await;
                Ok::<_, actix_web::Error>(())
            }
        }))
        .finish(map_config(app, |()| AppConfig::default()));
    let service = http.new_service(()).await;
    let service = service.map_err(|()| io::Error::other("the HTTP server can't be made"))?;
    Ok(Box::new(move |stream, peer| {
        actix_rt::spawn(service.call((stream, Protocol::Http1, Some(peer))));
    }))
}

fn routes(config: &mut web::ServiceConfig) {
    let preflight = || web::method(Method::OPTIONS).to(cors::preflight);
    config
        .service(resource("/healthz", "GET, HEAD").route(reads().to(|| async { "alive\n" })))
        .service(resource("/api/v1/stats", "GET, HEAD").route(reads().to(stats::stats)))
        .service(
            resource("/api/v1/ice", "GET, HEAD, OPTIONS")
                .route(reads().to(ice::ice))
                .route(preflight()),
        )
        .service(
            resource("/api/v1/reports/{room}/picture", "POST, OPTIONS")
                .app_data(web::PayloadConfig::new(MAX_PICTURE_BYTES))
                .route(web::post().to(picture::picture))
                .route(preflight()),
        )
        .service(
            resource("/api/v1/kept", "GET, HEAD, DELETE, OPTIONS")
                .route(reads().to(kept::kept))
                .route(web::delete().to(kept::erase))
                .route(preflight()),
        )
        .service(resource(PATH, "GET").route(web::get().to(not_an_upgrade)))
        .default_service(web::to(page::page));
}

/// What is at `path`, where any other method than those `allowed` gets 405 (RFC 9110
/// section 15.5.6).
fn resource(path: &'static str, allowed: &'static str) -> Resource {
    web::resource(path).default_service(web::to(move || async move {
        HttpResponse::MethodNotAllowed()
            .insert_header((ALLOW, allowed))
            .body("this is not done here by that method\n")
    }))
}

/// Where something is only read.
fn reads() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

async fn not_an_upgrade() -> HttpResponse {
    HttpResponse::UpgradeRequired()
        .insert_header(("upgrade", "websocket"))
        .body("/ws speaks WebSocket; see the protocol passerby.v1\n")
}
