//! STUN and TURN, by the URLs that browsers are told.
//!
//! Where the relay inside does not run yet, one runs here for as long as it is asked;
//! where its ports are taken, who has them is asked.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::future::join_all;

use super::finding::Finding;
use super::ports::{reachable, who_has};
use super::{certificate, in_time, web};
use crate::config::{PublicUrl, Serve};
use crate::ice::{IceUrl, Signer};
use crate::load::webrtc::{IceServerConfig, RelayError, probe};
use crate::metrics::Metrics;
use crate::secret::Secret;
use crate::secret_file;
use crate::turn::StartError;
use crate::turn_server::{TurnServer, urls_of, wall};

const SUBJECT: &str = "STUN and TURN";

/// What browsers are told, and what answers there meanwhile.
struct Told {
    urls: Vec<String>,
    secret: Secret,
    inside: Inside,
}

/// The relay inside.
enum Inside {
    /// There is to be none.
    None,
    /// It runs here, for as long as this is kept.
    Runs { _server: TurnServer },
    /// Somebody has this address: one that runs, or another program.
    Taken(SocketAddr),
}

pub(super) async fn check(serve: &Serve) -> Vec<Finding> {
    let told = match told(serve) {
        Ok(told) => told,
        Err(finding) => return vec![finding],
    };
    if told.urls.is_empty() {
        let what =
            "there is none: people behind most home and mobile networks can't call each other";
        return vec![Finding::warning(SUBJECT, what, "--turn on, or --turn-urls")];
    }
    if let Inside::Taken(at) = told.inside
        && !is_there(serve).await
    {
        return vec![taken(serve, at)];
    }
    let mut found: Vec<_> = told.urls.iter().filter_map(|url| private(serve, url)).collect();
    found.dedup();
    found.extend(join_all(told.urls.iter().map(|url| ask(serve, url, &told.secret))).await);
    found
}

fn told(serve: &Serve) -> Result<Told, Finding> {
    let (ice, text) = (&serve.ice, |url: &IceUrl| String::from(url.clone()));
    // Where there is none yet, only a relay of its own can be asked, which takes any.
    let known = secret_file::shared(&serve.process).unwrap_or_else(|_| Secret::random());
    let secret = ice.turn_secret.clone().unwrap_or(known);
    let turn = ice.turn_urls.iter().map(text).collect();
    let mut told = Told { urls: turn, secret, inside: Inside::None };
    let mut stun = Vec::new();
    if ice.relay_inside() {
        told.inside = start(serve, &told.secret)?;
        (stun, told.urls) = match &told.inside {
            Inside::Runs { _server: server } => (server.stun.clone(), server.turn.clone()),
            Inside::None | Inside::Taken(_) => urls_of(&serve.turn),
        };
    }
    if !ice.stun_urls.is_empty() {
        stun = ice.stun_urls.iter().map(text).collect();
    }
    told.urls.splice(0..0, stun);
    Ok(told)
}

fn start(serve: &Serve, secret: &Secret) -> Result<Inside, Finding> {
    match TurnServer::start(&serve.turn, 1, secret, &Arc::new(Metrics::new())) {
        Ok(server) => Ok(Inside::Runs { _server: server }),
        Err(StartError::Listen(at, error)) if error.kind() == io::ErrorKind::AddrInUse => {
            Ok(Inside::Taken(at))
        }
        Err(error) => {
            let remedy = "see --turn-listen, --turn-external-address, --turn-cert and --turn-key";
            Err(Finding::wrong(SUBJECT, format!("the relay can't start: {error}"), remedy))
        }
    }
}

/// Whether a relay is where the one inside is to listen: any says who asks it.
async fn is_there(serve: &Serve) -> bool {
    let asks = serve.turn.turn_listen.iter().map(|at| {
        let urls = vec![format!("stun:{}", reachable(*at))];
        in_time(probe(IceServerConfig { urls, username: None, credential: None }))
    });
    let answers = join_all(asks).await;
    answers.iter().all(|answer| matches!(answer, Some(Ok(()) | Err(RelayError::Refused(_)))))
}

fn taken(serve: &Serve, at: SocketAddr) -> Finding {
    let plain = serve.turn.turn_listen.contains(&at);
    let flag = if plain { "--turn-listen" } else { "--turn-tls-listen" };
    let what = format!("{flag} {at} is taken by something that is no STUN and TURN server");
    // Both protocols: either may be what is taken.
    Finding::wrong(SUBJECT, what, who_has("ltunp", at.port()))
}

/// An address of the service's own that its people can't have a way to.
fn private(serve: &Serve, url: &str) -> Option<Finding> {
    let host = target(url)?.host;
    let hidden = match host.parse::<IpAddr>().ok()? {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    };
    let what = format!("browsers are told of {host}, which only this machine or network reaches");
    let remedy =
        "name the public address: --turn-external-address (with --turn-listen 0.0.0.0:3478)";
    let public = !serve.listen.ip().is_loopback();
    (hidden && public).then(|| Finding::warning(SUBJECT, what, remedy))
}

async fn ask(serve: &Serve, url: &str, secret: &Secret) -> Finding {
    if url.starts_with("turns:") || url.starts_with("stuns:") {
        return by_tls(url).await;
    }
    let signed = Signer::new(secret).sign("doctor", wall().saturating_add(600));
    let config = IceServerConfig {
        urls: vec![url.to_owned()],
        username: Some(signed.username),
        credential: Some(signed.password),
    };
    match in_time(probe(config)).await.unwrap_or(Err(RelayError::Silent)) {
        Ok(()) if url.starts_with("stun:") => Finding::ok(SUBJECT, format!("{url} answers")),
        Ok(()) => Finding::ok(SUBJECT, format!("{url} allocates{}", not_tried(serve, url))),
        Err(error) => failed(url, error, !serve.ice.turn_urls.is_empty()),
    }
}

/// From this machine nobody sees what a firewall does to others.
fn not_tried(serve: &Serve, url: &str) -> String {
    if !serve.ice.relay_inside() || !url.ends_with("udp") {
        return String::new();
    }
    let ports = &serve.turn.turn_ports.0;
    let (first, last) = (ports.start(), ports.end());
    format!(
        ". Not tried is whether firewalls let UDP in to ports {first}-{last}, from which it relays"
    )
}

/// Allocations by TLS are those by TCP; what differs is the certificate.
async fn by_tls(url: &str) -> Finding {
    let Some(target) = target(url) else { return failed(url, RelayError::Unreachable, true) };
    match in_time(web::connect(&target)).await {
        Some(Ok((_stream, opinion))) => {
            let opinion = opinion.unwrap_or(certificate::Opinion::Untrusted);
            certificate::finding(url, opinion)
        }
        Some(Err(error)) => {
            let remedy = "see that it runs, and that the firewall lets TCP through to this port";
            Finding::wrong(SUBJECT, format!("{url}: {error}"), remedy)
        }
        None => failed(url, RelayError::Silent, true),
    }
}

/// Host and port in a URL of STUN or TURN (RFC 7064, RFC 7065).
fn target(url: &str) -> Option<PublicUrl> {
    let (scheme, rest) = url.split_once(':')?;
    let address = rest.split('?').next()?;
    let (tls, port) = if scheme.ends_with('s') { (true, 5349) } else { (false, 3478) };
    let bare = address.ends_with(']') || !address.contains(':');
    let address = if bare { format!("{address}:{port}") } else { address.to_owned() };
    let url: PublicUrl = format!("https://{address}").parse().ok()?;
    Some(PublicUrl { tls, ..url })
}

fn failed(url: &str, error: RelayError, elsewhere: bool) -> Finding {
    let protocol = if url.ends_with("tcp") { "TCP" } else { "UDP" };
    let remedy = match error {
        RelayError::Refused(401 | 441) if elsewhere => {
            "the secret is not the server's: --turn-secret has to be its static-auth-secret (or \
                --secret that of \"passerby turn\"), and both clocks right"
                .to_owned()
        }
        RelayError::Refused(401 | 441) => {
            "who runs there has another secret: give both the same --secret, and stop what has \
                the port otherwise"
                .to_owned()
        }
        RelayError::Refused(486 | 508) => {
            "it is full: see --turn-max-allocations and --turn-ports".to_owned()
        }
        RelayError::Refused(_) => "look at its log".to_owned(),
        RelayError::Silent | RelayError::Unreachable => format!(
            "see that it runs and that firewalls let {protocol} through to this port; behind a \
            NAT this machine may not reach its own public address: then ask from outside"
        ),
    };
    Finding::wrong(SUBJECT, format!("{url} {error}"), remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_url_is_read() {
        for (url, host, port, tls) in [
            ("stun:a.example", "a.example", 3478, false),
            ("turn:192.0.2.1:5?transport=udp", "192.0.2.1", 5, false),
            ("turns:[2001:db8::1]?transport=tcp", "2001:db8::1", 5349, true),
            ("turns:a.example:443", "a.example", 443, true),
        ] {
            let found = target(url).unwrap();
            assert_eq!((&*found.host, found.port, found.tls), (host, port, tls), "{url}");
        }
    }

    #[test]
    fn each_failure_has_its_remedy() {
        let said = |error, elsewhere| failed("turn:a?transport=udp", error, elsewhere).to_string();
        assert!(said(RelayError::Refused(401), true).contains("--turn-secret"));
        assert!(said(RelayError::Refused(401), false).contains("--secret"));
        assert!(said(RelayError::Refused(486), false).contains("--turn-max-allocations"));
        assert!(said(RelayError::Silent, false).contains("UDP"));
    }
}
