//! The way through the proxy.

use std::time::{Duration, SystemTime};

use super::gate::{Change, Gate, certificate};
use super::run::{Folder, Said, Service, closed, doctor, doctor_trusting};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const TRUSTS: [&str; 2] = ["--trusted-proxies", "127.0.0.1"];

/// Longer than is warned of.
fn month() -> SystemTime {
    SystemTime::now() + 30 * DAY
}

/// What is said of a service behind this proxy.
fn behind(change: Change) -> Said {
    let folder = Folder::new();
    let service = Service::start(&folder, &[]);
    let gate = Gate::start(&service.public, change);
    doctor(&folder, &["--url", &format!("http://{}", gate.address)])
}

/// The same behind TLS, on a machine that trusts the certificate.
fn behind_tls(change: Change, name: &str, until: SystemTime, flags: &[&str]) -> Said {
    let folder = Folder::new();
    let service = Service::start(&folder, flags);
    let shown = certificate(name, until);
    let trusted = folder.write("trusted.pem", &shown.0);
    let gate = Gate::start_tls(&service.public, change, &shown);
    let port = gate.address.rsplit(':').next().unwrap();
    let url = format!("https://localhost:{port}");
    doctor_trusting(&trusted, &folder, &[&["--url", &url], flags].concat())
}

#[test]
fn a_good_proxy_is_fine() {
    let said = behind_tls(Change::Forwards, "localhost", month(), &TRUSTS);
    for (subject, words) in [
        ("TLS", "valid"),
        ("WebSocket", "connect"),
        ("proxy", "by TLS"),
        ("operations", "not public"),
        ("clock", "--url"),
    ] {
        said.is_fine(subject, words);
    }
    said.never_says("taken for somebody else's page");
    said.ends_well();
}

#[test]
fn without_tls_this_machine_is_fine() {
    let said = behind(Change::Nothing);
    said.is_fine("--url", "no TLS is needed");
    said.is_fine("WebSocket", "Not tried is whether the proxy cuts");
    said.ends_well();
}

#[test]
fn a_name_without_tls_gets_no_camera() {
    let folder = Folder::new();
    let service = Service::start(&folder, &["--listen", "0.0.0.0:0"]);
    let Some(address) = outside() else { return };
    let port = service.public.rsplit(':').next().unwrap();
    let said = doctor(&folder, &["--url", &format!("http://{address}:{port}")]);
    said.has("warning", "--url", "no camera");
}

/// An address of this machine other than the loopback's, if it has one.
fn outside() -> Option<std::net::IpAddr> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}

#[test]
fn a_proxy_that_is_not_there_is_one_finding() {
    let said = doctor(&Folder::new(), &["--url", &format!("http://{}", closed())]);
    said.is_wrong("--url", "can't be reached");
    said.never_says("WebSocket: ");
    // One that takes connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", silent.local_addr().unwrap().port());
    doctor(&Folder::new(), &["--url", &url]).is_wrong("--url", "no answer in time");
}

#[test]
fn a_proxy_that_changes_host_is_found() {
    behind(Change::Host).is_wrong("WebSocket", "changes Host");
    // Where its pages are let in nevertheless, they are taken for others'.
    let folder = Folder::new();
    let shown = certificate("localhost", month());
    let (trusted, listen) = (folder.write("trusted.pem", &shown.0), closed());
    let gate = Gate::start_tls(&listen, Change::Host, &shown);
    let origin = format!("https://localhost:{}", gate.address.rsplit(':').next().unwrap());
    let flags = ["--allowed-origins", &origin];
    let _service = Service::start(&folder, &[&flags[..], &["--listen", &listen]].concat());
    let said = doctor_trusting(&trusted, &folder, &[&["--url", &origin], &flags[..]].concat());
    said.has("warning", "WebSocket", "taken for somebody else's page");
}

#[test]
fn pages_of_all_listed_origins_are_tried() {
    let folder = Folder::new();
    let listed = "https://listed.example,other.example:8443";
    let flags = ["--allowed-origins", listed];
    let service = Service::start(&folder, &flags);
    let ask = |service: &Service, change| {
        let gate = Gate::start(&service.public, change);
        let url = format!("http://{}", gate.address);
        doctor(&folder, &[&["--url", &url], &flags[..]].concat())
    };
    let said = ask(&service, Change::Nothing);
    said.is_fine("--allowed-origins", "pages of https://listed.example connect");
    said.is_fine("--allowed-origins", "pages of https://other.example:8443 connect");
    said.ends_well();
    // Of the service that runs nobody but its own pages may.
    let said = ask(&Service::start(&folder, &[]), Change::Nothing);
    said.is_wrong("--allowed-origins", "refuses pages of https://listed.example");
    said.is_wrong("--allowed-origins", "refuses pages of https://other.example:8443");
    ask(&service, Change::NoOrigin).is_wrong("--allowed-origins", "pages of any origin connect");
}

#[test]
fn a_proxy_that_drops_the_upgrade_is_found() {
    behind(Change::NoUpgrade).is_wrong("WebSocket", "does not pass the upgrade on");
}

#[test]
fn something_else_at_the_url_is_found() {
    let other = Change::Answer("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
    behind(other).is_wrong("WebSocket", "answered with 502");
}

#[test]
fn operations_that_are_public_are_found() {
    let folder = Folder::new();
    let service = Service::start(&folder, &[]);
    let change = Change::Elsewhere(service.operations.clone());
    let gate = Gate::start(&service.public, change);
    let said = doctor(&folder, &["--url", &format!("http://{}", gate.address)]);
    said.is_wrong("operations", "/readyz and /metrics");
}

#[test]
fn a_proxy_that_is_not_trusted_or_says_nothing_is_found() {
    let said = behind_tls(Change::Forwards, "localhost", month(), &[]);
    said.is_wrong("proxy", "--trusted-proxies is empty");
    let said = behind_tls(Change::Nothing, "localhost", month(), &TRUSTS);
    said.is_wrong("proxy", "lacks Secure");
    let others = ["--trusted-proxies", "192.0.2.0/24"];
    let said = behind_tls(Change::Forwards, "localhost", month(), &others);
    said.is_wrong("proxy", "lacks Secure");
}

#[test]
fn certificates_that_end_or_do_not_fit_are_found() {
    let of = |name, until| behind_tls(Change::Forwards, name, until, &TRUSTS);
    let now = SystemTime::now();
    let said = of("localhost", now + 5 * DAY + DAY / 2);
    said.has("warning", "TLS", "ends in 5 days");
    said.ends_well();
    of("other.example", month()).is_wrong("TLS", "another name");
    of("localhost", now - DAY).is_wrong("TLS", "has expired");
    let folder = Folder::new();
    let service = Service::start(&folder, &TRUSTS);
    let shown = certificate("localhost", month());
    let gate = Gate::start_tls(&service.public, Change::Forwards, &shown);
    let port = gate.address.rsplit(':').next().unwrap();
    let said = doctor(&folder, &["--url", &format!("https://localhost:{port}")]);
    said.is_wrong("TLS", "does not trust");
}
