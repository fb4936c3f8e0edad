//! The ports of the page and of operations: free, or a running Passerby's.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::finding::Finding;
use super::{in_time, web};
use crate::app::ServeError;
use crate::config::{PublicUrl, Serve};
use crate::listening::bind;

const SUBJECT: &str = "ports";

pub(super) async fn check(serve: &Serve) -> Vec<Finding> {
    let (public, operations) = (serve.listen, serve.process.ops_listen);
    let found = tokio::join!(of("--listen", public), of("--ops-listen", operations));
    vec![found.0, found.1]
}

async fn of(flag: &str, address: SocketAddr) -> Finding {
    match bind(address) {
        Ok(_free) => Finding::ok(SUBJECT, format!("{flag} {address} is free")),
        Err(ServeError::Listen(_, error)) if error.kind() == io::ErrorKind::AddrInUse => {
            let alive = in_time(web::get(&PublicUrl::of(reachable(address)), "/healthz")).await;
            let ours = alive
                .and_then(Result::ok)
                .is_some_and(|answer| answer.status == 200 && answer.body.trim() == "alive");
            taken(flag, address, ours)
        }
        Err(error) => Finding::wrong(SUBJECT, format!("{flag}: {error}"), remedy(&error)),
    }
}

fn taken(flag: &str, address: SocketAddr, ours: bool) -> Finding {
    if ours {
        return Finding::ok(SUBJECT, format!("{flag} {address}: a Passerby runs there"));
    }
    let what = format!("{flag} {address} is taken by something that is no Passerby");
    Finding::wrong(SUBJECT, what, who_has("ltnp", address.port()))
}

/// How to find who has a port, by these options of `ss`, and what to do.
pub(super) fn who_has(options: &str, port: u16) -> String {
    format!("stop that (ss -{options} \"sport = :{port}\" shows it), or choose another port")
}

fn remedy(error: &ServeError) -> &'static str {
    let ServeError::Listen(_, error) = error else { return "look at what the system says" };
    match error.kind() {
        io::ErrorKind::AddrNotAvailable => {
            "name an address that this machine has; 0.0.0.0 is all of them"
        }
        io::ErrorKind::PermissionDenied => {
            "ports under 1024 are the system's: take another behind a proxy, or set \
                AmbientCapabilities=CAP_NET_BIND_SERVICE in the systemd unit"
        }
        _ => "look at what the system says, and whether it has this family of addresses",
    }
}

/// Who listens on every address is asked on the loopback.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    let loopback: IpAddr = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    };
    SocketAddr::new(loopback, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remedy_is_the_error_s_whatever_the_port() {
        let of = |kind: io::ErrorKind, port| {
            remedy(&ServeError::Listen(([192, 0, 2, 1], port).into(), kind.into()))
        };
        for port in [80, 8080] {
            assert!(of(io::ErrorKind::AddrNotAvailable, port).contains("that this machine has"));
            assert!(of(io::ErrorKind::PermissionDenied, port).contains("CAP_NET_BIND_SERVICE"));
        }
    }
}
