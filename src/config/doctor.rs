//! The flags of `doctor`.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use actix_web::http::Uri;
use clap::Args;

use super::serve::Serve;

/// The flags of `doctor`: those of `serve`, and how people reach it.
#[derive(Clone, Debug, Args)]
pub struct Doctor {
    /// How people reach the service, as https://chat.example: has the way through
    /// its proxy tried, which needs the service to run.
    #[arg(long, env = "PASSERBY_URL", value_name = "URL")]
    pub url: Option<PublicUrl>,

    /// What would be served.
    #[command(flatten)]
    pub serve: Serve,
}

/// Where a service is reached: `http://` or `https://`, a host and maybe a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    /// Whether by TLS.
    pub tls: bool,
    /// A name or an address, without brackets.
    pub host: String,
    /// The port, which may be the scheme's own.
    pub port: u16,
    /// Host and port as a browser writes them.
    pub authority: String,
}

/// A text that is no address of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not like https://HOST[:PORT], without a path: the service is served at /")]
pub struct NotAPublicUrl;

impl PublicUrl {
    /// Of a service that listens on this address of this machine.
    #[must_use]
    pub fn of(address: SocketAddr) -> Self {
        let host = address.ip().to_string();
        Self { tls: false, host, port: address.port(), authority: address.to_string() }
    }

    /// The origin of its pages (RFC 6454).
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{}", if self.tls { "https" } else { "http" }, self.authority)
    }

    /// Whether browsers take it for their own machine, to which they give the
    /// camera without TLS as well.
    #[must_use]
    pub fn is_local(&self) -> bool {
        let loopback = self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        loopback || self.host == "localhost" || self.host.ends_with(".localhost")
    }
}

impl FromStr for PublicUrl {
    type Err = NotAPublicUrl;

    fn from_str(text: &str) -> Result<Self, NotAPublicUrl> {
        let uri: Uri = text.parse().map_err(|_| NotAPublicUrl)?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(NotAPublicUrl),
        };
        let authority = uri.authority().ok_or(NotAPublicUrl)?;
        let bare = uri.path_and_query().is_none_or(|path| path.as_str() == "/");
        let host = authority.host().trim_matches(['[', ']']).to_ascii_lowercase();
        if !bare || host.is_empty() || authority.as_str().contains('@') {
            return Err(NotAPublicUrl);
        }
        let default = if tls { 443 } else { 80 };
        let port = authority.port_u16().unwrap_or(default);
        let name = authority.host().to_ascii_lowercase();
        let authority = if port == default { name } else { format!("{name}:{port}") };
        Ok(Self { tls, host, port, authority })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_reached_at_a_host() {
        let url: PublicUrl = "https://Chat.example:443/".parse().unwrap();
        let expected = (true, "chat.example", 443, "https://chat.example".to_owned());
        assert_eq!((url.tls, &*url.host, url.port, url.origin()), expected);
        let url: PublicUrl = "http://[::1]:8080".parse().unwrap();
        let expected = (false, "::1", 8080, "http://[::1]:8080".to_owned());
        assert_eq!((url.tls, &*url.host, url.port, url.origin()), expected);
        assert!(url.is_local() && "http://localhost".parse::<PublicUrl>().unwrap().is_local());
        assert!(!"http://localhost.example".parse::<PublicUrl>().unwrap().is_local());
        for wrong in ["", "chat.example", "ws://a", "https://", "https://a/b", "https://u:p@a"] {
            assert_eq!(wrong.parse::<PublicUrl>(), Err(NotAPublicUrl), "{wrong}");
        }
    }
}
