//! The operations port: never public.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::dev::Server;
use actix_web::middleware::DefaultHeaders;
use actix_web::web::Data;
use actix_web::{App, HttpResponse, HttpServer, web};

use super::security;
use crate::metrics::Metrics;

/// A server of the operations port on `listener`; `ready` is whether the
/// process takes new people.
///
/// # Errors
/// Where the listener can't be used.
pub fn operations(
    listener: TcpListener,
    metrics: Arc<Metrics>,
    ready: Arc<AtomicBool>,
) -> io::Result<Server> {
    let (metrics, ready) = (Data::from(metrics), Data::from(ready));
    let app = move || {
        App::new()
            .wrap(DefaultHeaders::new().add(security::NOSNIFF))
            .app_data(metrics.clone())
            .app_data(ready.clone())
            .route("/healthz", web::get().to(|| async { "alive\n" }))
            .route("/readyz", web::get().to(readiness))
            .route("/metrics", web::get().to(render))
    };
    let server = HttpServer::new(app).workers(1).disable_signals().shutdown_timeout(1);
    Ok(server.listen(listener)?.run())
}

async fn readiness(ready: Data<AtomicBool>) -> HttpResponse {
    if ready.load(Ordering::Acquire) {
        HttpResponse::Ok().body("ready\n")
    } else {
        HttpResponse::ServiceUnavailable().body("starting or draining\n")
    }
}

async fn render(metrics: Data<Metrics>) -> HttpResponse {
    match metrics.render() {
        Ok(text) => HttpResponse::Ok().content_type(prometheus::TEXT_FORMAT).body(text),
        Err(error) => {
            tracing::error!(%error, "the metrics can't be shown");
            HttpResponse::InternalServerError().body("the metrics can't be shown\n")
        }
    }
}
