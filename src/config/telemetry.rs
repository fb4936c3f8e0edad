//! The flags of traces.

use std::fmt;
use std::str::FromStr;

use clap::Args;

use super::load_values::Share;

/// Where pairs are traced to.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Traces")]
pub struct TelemetryFlags {
    /// The collector of traces, as http://HOST:4318 (OTLP over HTTP, as protobuf); none
    /// are made without. What it wants to know of the sender goes into
    /// OTEL_EXPORTER_OTLP_HEADERS.
    #[arg(long, env = "PASSERBY_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<OtlpEndpoint>,

    /// Of all pairs, the share that is traced, from 0 to 1; the same on all nodes.
    #[arg(long, env = "PASSERBY_OTLP_SAMPLE", default_value = "1", value_name = "SHARE")]
    pub otlp_sample: Share,
}

/// The address of a collector. It doesn't print itself: its path may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct OtlpEndpoint(String);

/// A text that is no address of a collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not http://HOST:PORT or https://..., without a name, password or query")]
pub struct NotACollector;

impl OtlpEndpoint {
    /// As it was given.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.0
    }
}

impl FromStr for OtlpEndpoint {
    type Err = NotACollector;

    fn from_str(text: &str) -> Result<Self, NotACollector> {
        let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
        let authority = rest.and_then(|rest| rest.split('/').next()).ok_or(NotACollector)?;
        // Colons of an IPv6 address stand before a bracket.
        let after_host = authority.rsplit(']').next().unwrap_or(authority);
        let port = after_host.split_once(':').map_or(Ok(443), |(_, port)| port.parse::<u16>());
        let is_uri = text.parse::<actix_web::http::Uri>().is_ok();
        let plain = !text.contains(['@', '?', '#']);
        let host = !authority.is_empty() && !authority.starts_with(':');
        let good = is_uri && plain && host && port.is_ok_and(|port| port > 0);
        if good { Ok(Self(text.to_owned())) } else { Err(NotACollector) }
    }
}

impl fmt::Debug for OtlpEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OtlpEndpoint(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_reached_by_http() {
        for good in ["http://127.0.0.1:4318", "https://otlp.example/base/", "http://[::1]:4318"] {
            assert_eq!(good.parse::<OtlpEndpoint>().unwrap().url(), good);
        }
        let bad =
            ["", "otlp.example:4317", "grpc://a:4317", "http://", "http://:4318", "http://a:"];
        let worse = ["http://u:word@a:4318", "http://a?key=b", "http://a b", "http://a:99999"];
        for bad in bad.into_iter().chain(worse) {
            assert_eq!(bad.parse::<OtlpEndpoint>(), Err(NotACollector), "{bad}");
        }
        let endpoint: OtlpEndpoint = "https://otlp.example/secret".parse().unwrap();
        assert!(!format!("{endpoint:?}").contains("secret"));
    }
}
