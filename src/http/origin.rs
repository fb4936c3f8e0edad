//! Whose pages may connect (RFC 6454; RFC 6455 section 10.2).

use std::str::FromStr;

use actix_web::http::Uri;

/// The hosts beside the service's own whose pages may connect.
#[derive(Clone, Debug, Default)]
pub struct AllowedOrigins(Vec<AllowedOrigin>);

/// One of them: `example.org`, `example.org:8443` or `https://example.org`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedOrigin {
    scheme: Option<String>,
    host: String,
    port: Option<u16>,
}

/// A text that names no host.
#[derive(Debug, thiserror::Error)]
#[error("an origin is a host like example.org, example.org:8443 or https://example.org")]
pub struct NotAnOrigin;

impl From<Vec<AllowedOrigin>> for AllowedOrigins {
    fn from(origins: Vec<AllowedOrigin>) -> Self {
        Self(origins)
    }
}

impl AllowedOrigins {
    /// Whether a page of `origin` may connect to the service at `host`, both as
    /// their headers have them.
    #[must_use]
    pub fn permit(&self, origin: &str, host: Option<&str>) -> bool {
        let Ok(page) = origin.parse::<AllowedOrigin>() else { return false };
        let listed = |allowed: &AllowedOrigin| {
            page.is_at(&allowed.host, allowed.port)
                && (allowed.scheme.is_none() || allowed.scheme == page.scheme)
        };
        self.is_own(origin, host) || self.0.iter().any(listed)
    }

    /// Whether `origin` is that of the service at `host` itself.
    #[must_use]
    pub fn is_own(&self, origin: &str, host: Option<&str>) -> bool {
        let own = host.and_then(|host| host.parse::<AllowedOrigin>().ok());
        let page = origin.parse::<AllowedOrigin>().ok();
        page.zip(own).is_some_and(|(page, own)| page.is_at(&own.host, own.port))
    }
}

impl AllowedOrigin {
    /// The origin of a page that it lets in; by TLS, where both schemes are.
    #[must_use]
    pub fn page(&self) -> String {
        let scheme = self.scheme.as_deref().unwrap_or("https");
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{scheme}://{}{port}", self.host)
    }

    /// Whether it is a page's whole origin, at this host and port.
    fn is_at(&self, host: &str, port: Option<u16>) -> bool {
        self.scheme.as_deref().is_some_and(|scheme| {
            let port_of = |port: Option<u16>| port.or_else(|| default_port(scheme));
            self.host == host && port_of(self.port) == port_of(port)
        })
    }
}

impl FromStr for AllowedOrigin {
    type Err = NotAnOrigin;

    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        let uri: Uri = text.parse().map_err(|_| NotAnOrigin)?;
        let authority = uri.authority().ok_or(NotAnOrigin)?;
        let bare = uri.path_and_query().is_none_or(|path| path.as_str() == "/");
        if !bare || text.ends_with('/') || authority.as_str().contains('@') {
            return Err(NotAnOrigin);
        }
        Ok(Self {
            scheme: uri.scheme_str().map(str::to_ascii_lowercase),
            host: authority.host().to_ascii_lowercase(),
            port: authority.port_u16(),
        })
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(list: &[&str]) -> AllowedOrigins {
        list.iter().map(|text| text.parse().unwrap()).collect::<Vec<AllowedOrigin>>().into()
    }

    #[test]
    fn its_own_host_and_port_are_permitted() {
        for (origin, host) in [
            ("http://localhost:8080", "localhost:8080"),
            ("https://Chat.example", "chat.example"),
            ("https://chat.example", "chat.example:443"),
            ("http://[::1]:8080", "[::1]:8080"),
        ] {
            assert!(allowed(&[]).permit(origin, Some(host)), "{origin} {host}");
        }
    }

    #[test]
    fn others_are_not() {
        for (origin, host) in [
            ("http://localhost:8081", "localhost:8080"),
            ("http://evil.example", "localhost:8080"),
            ("http://chat.example", "chat.example:443"),
            ("null", "localhost:8080"),
            ("localhost:8080", "localhost:8080"),
            ("file://localhost:8080/x", "localhost:8080"),
            ("http://localhost:8080@evil.example", "localhost:8080"),
            ("", "localhost:8080"),
        ] {
            assert!(!allowed(&[]).permit(origin, Some(host)), "{origin} {host}");
        }
        assert!(!allowed(&[]).permit("http://localhost", None));
    }

    #[test]
    fn the_allow_list_adds_hosts() {
        let list = allowed(&["a.example", "b.example:8443", "https://c.example"]);
        for origin in ["https://a.example", "http://a.example", "https://b.example:8443"] {
            assert!(list.permit(origin, Some("x")), "{origin}");
        }
        assert!(list.permit("https://c.example", None));
        for listed in ["a.example", "b.example:8443", "https://c.example", "http://[::1]:80"] {
            let origin = listed.parse::<AllowedOrigin>().unwrap();
            assert!(allowed(&[listed]).permit(&origin.page(), Some("x")), "{listed}");
        }
        for origin in ["https://a.example:8443", "https://b.example", "http://c.example"] {
            assert!(!list.permit(origin, Some("x")), "{origin}");
        }
    }

    #[test]
    fn an_entry_that_names_no_host_is_refused() {
        for text in ["", "https://", "a.example/path", "https://a.example/", "a b", "u@a.example"] {
            assert!(text.parse::<AllowedOrigin>().is_err(), "{text}");
        }
    }
}
