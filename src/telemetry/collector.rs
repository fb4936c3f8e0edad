//! How spans get to the collector: OTLP as protobuf over HTTP, from a thread of its
//! own that may block.

use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry::KeyValue;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanExporter as _;
use parking_lot::Mutex;
use rustls::crypto::aws_lc_rs;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// How long the collector may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// Of its answers so much is read.
const ANSWER_BYTES: u64 = 64 * 1024;
/// How often the log tells that it can't be reached.
const COMPLAINTS: Duration = Duration::from_secs(60);
/// Where a collector takes traces, below its base.
const PATH: &str = "/v1/traces";

/// A variable of OpenTelemetry, as `OTEL_EXPORTER_OTLP_COMPRESSION`, wants what this
/// service does not have.
#[derive(Debug, thiserror::Error)]
#[error("a variable OTEL_EXPORTER_OTLP_... can't be followed: {0}")]
pub struct WrongVariable(#[from] ExporterBuildError);

/// Takes spans of `node` to the collector at the base `url`, an address.
pub(super) fn exporter(url: &str, node: String) -> Result<SpanExporter, WrongVariable> {
    let base = url.trim_end_matches('/').trim_end_matches(PATH);
    let mut exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Collector::new(url))
        .with_endpoint(format!("{base}{PATH}"))
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(PATIENCE)
        .build()?;
    let resource = Resource::builder_empty()
        .with_service_name("passerby")
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("service.instance.id", node))
        .build();
    exporter.set_resource(&resource);
    Ok(exporter)
}

/// The client of a collector.
struct Collector {
    agent: Agent,
    complained: Mutex<Option<Instant>>,
}

impl Collector {
    fn new(url: &str) -> Self {
        let mut config =
            Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false);
        if url.starts_with("https:") {
            config = config.tls_config(tls());
        }
        Self { agent: config.build().into(), complained: Mutex::default() }
    }

    fn post(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ureq::Error> {
        let (head, body) = request.into_parts();
        let answer = self.agent.run(Request::from_parts(head, &body[..]))?;
        let (head, mut body) = answer.into_parts();
        let body = body.with_config().limit(ANSWER_BYTES).read_to_vec()?;
        Ok(Response::from_parts(head, body.into()))
    }

    /// Says now and then that traces are lost.
    fn note(&self, answer: &Result<Response<Bytes>, ureq::Error>) {
        let why = match answer {
            Ok(answer) if answer.status().is_success() => return,
            Ok(answer) => format!("it answers {}", answer.status().as_u16()),
            Err(error) => error.to_string(),
        };
        let mut complained = self.complained.lock();
        if complained.is_none_or(|at| at.elapsed() >= COMPLAINTS) {
            *complained = Some(Instant::now());
            tracing::warn!(why, "traces can't be sent to the collector");
        }
    }
}

impl HttpClient for Collector {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        let answer = self.post(request);
        self.note(&answer);
        Box::pin(ready(answer.map_err(Into::into)))
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").finish_non_exhaustive()
    }
}

fn tls() -> TlsConfig {
    let roots = rustls_native_certs::load_native_certs().certs;
    let roots = roots.iter().map(|der| Certificate::from_der(der).to_owned());
    TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .root_certs(RootCerts::from(roots))
        .build()
}
