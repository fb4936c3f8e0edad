//! The STUN and TURN server inside the service, and alone.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::time::Duration;

use serde_json::json;

use super::allocation::{Allocation, SUCCESS};
use super::folder::Folder;
use super::nodes;
use super::server::process::run_turn_to_end;
use super::server::{DEADLINE, Server};

const ON: [&str; 4] = ["--turn", "on", "--turn-listen", "127.0.0.1:0"];
const SECRET: &str = "a-secret-of-both";
const UNAUTHORIZED: u16 = 401;
const FORBIDDEN: u16 = 403;
const MISMATCH: u16 = 437;
const QUOTA: u16 = 486;
const CAPACITY: u16 = 508;

#[tokio::test]
async fn what_a_welcome_gives_makes_an_allocation_that_ends_with_the_session() {
    let server = Server::start(&ON);
    let client = server.client().await;
    assert_eq!(client.welcome["privacy"], "choice");
    let servers = client.welcome["iceServers"].clone();
    let (mut allocation, code) = Allocation::ask(&servers).await;
    assert_eq!(code, SUCCESS);
    assert_eq!(allocation.keep().await, [SUCCESS; 3]);
    let standing = "passerby_turn_allocations{transport=\"udp\"}";
    server.metric_becomes(standing, 1.0).await;
    client.close(1000).await;
    server.metric_becomes(standing, 0.0).await;
    assert_eq!(allocation.keep().await, [MISMATCH; 3]);
    assert_eq!(Allocation::ask(&servers).await.1, UNAUTHORIZED, "the session is over");
}

#[tokio::test]
async fn a_standing_allocation_goes_on_after_its_credentials_end_also_while_away() {
    let server = Server::start(&[&ON[..], &["--turn-ttl-ms", "5000"]].concat());
    let client = server.client().await;
    let servers = client.welcome["iceServers"].clone();
    let (mut allocation, code) = Allocation::ask(&servers).await;
    assert_eq!(code, SUCCESS);
    let expired = async {
        while Allocation::ask(&servers).await.1 != UNAUTHORIZED {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(DEADLINE, expired).await.expect("the credentials end");
    assert_eq!(allocation.keep().await, [SUCCESS; 3]);
    client.drop_connection();
    server.metric_becomes("passerby_sessions_away", 1.0).await;
    assert_eq!(allocation.keep().await, [SUCCESS; 3], "it may come back");
}

#[tokio::test]
async fn a_session_has_so_many_allocations_and_all_together_so_many() {
    let limits = ["--turn-session-allocations", "2", "--turn-max-allocations", "3"];
    // Each node has a relay of its own, with its own limits.
    let server = Server::start(&[&ON[..], &limits].concat()).pinned();
    let [one, other] = [server.client().await, server.client().await];
    let servers = [&one, &other].map(|client| client.welcome["iceServers"].clone());
    let mut standing = Vec::new();
    for (servers, expected) in [
        (&servers[0], SUCCESS),
        (&servers[0], SUCCESS),
        (&servers[0], QUOTA),
        (&servers[1], SUCCESS),
        (&servers[1], CAPACITY),
    ] {
        let (allocation, code) = Allocation::ask(servers).await;
        assert_eq!(code, expected);
        standing.push(allocation);
    }
    for reason in ["session_quota", "capacity"] {
        let series = format!("passerby_turn_refused_total{{reason=\"{reason}\"}}");
        server.metric_becomes(&series, 1.0).await;
    }
}

#[tokio::test]
async fn no_private_peer_is_relayed_to_unless_it_is_allowed() {
    let allowed = ["--turn-allow-peers", "10.7.0.0/16,fd00::/8"];
    let server = Server::start(&[&ON[..], &allowed].concat());
    let client = server.client().await;
    let (mut allocation, _) = Allocation::ask(&client.welcome["iceServers"]).await;
    for (peer, code) in [
        ("192.0.2.1:5", SUCCESS),
        ("10.7.1.1:5", SUCCESS),
        ("127.0.0.1:5", SUCCESS),
        ("10.8.1.1:5", FORBIDDEN),
        ("192.168.1.1:5", FORBIDDEN),
        ("169.254.169.254:80", FORBIDDEN),
        ("224.0.0.1:5", FORBIDDEN),
    ] {
        assert_eq!(allocation.permit(peer.parse().unwrap()).await, code, "{peer}");
    }
}

/// The URLs of a welcome's TURN server.
async fn urls(server: &Server) -> Vec<String> {
    let servers = server.client().await.welcome["iceServers"].clone();
    serde_json::from_value(servers[1]["urls"].clone()).unwrap()
}

#[tokio::test]
async fn urls_name_the_address_by_which_people_reach_the_relay() {
    let flags = ["--turn", "on", "--turn-listen", "0.0.0.0:0"];
    let given = ["--turn-external-address", "192.0.2.10"];
    let mut server = Server::start(&[&flags[..], &given].concat());
    let port = server.turn().port();
    let expected = ["udp", "tcp"].map(|way| format!("turn:192.0.2.10:{port}?transport={way}"));
    assert_eq!(urls(&server).await, expected);
}

#[tokio::test]
async fn with_a_certificate_there_is_turn_over_tls_under_its_name() {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["relay.example".to_owned()]).unwrap();
    let folder = Folder::new();
    let [chain, key] = ["chain.pem", "key.pem"].map(|name| folder.path().join(name));
    std::fs::write(&chain, cert.pem()).unwrap();
    std::fs::write(&key, signing_key.serialize_pem()).unwrap();
    let files = [chain, key].map(|path| path.to_str().unwrap().to_owned());
    let tls = ["--turn-cert", &files[0], "--turn-key", &files[1]];
    let at = ["--turn-host", "relay.example", "--turn-tls-listen", "127.0.0.1:0"];
    let mut server = Server::start(&[&ON[..], &tls, &at].concat());
    let [plain, tls] = [server.turn(), server.turn()];
    let expected = [
        format!("turn:relay.example:{}?transport=udp", plain.port()),
        format!("turn:relay.example:{}?transport=tcp", plain.port()),
        format!("turns:relay.example:{}?transport=tcp", tls.port()),
    ];
    assert_eq!(urls(&server).await, expected);
    tokio::net::TcpStream::connect(tls).await.unwrap();
}

#[tokio::test]
async fn where_its_port_is_taken_the_service_warns_and_goes_on_without() {
    // Of several nodes the next one would take the port above, and have a relay.
    if nodes::several() {
        return;
    }
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    for taken in [udp.local_addr().unwrap(), tcp.local_addr().unwrap()] {
        let listen = taken.to_string();
        let flags = ["--turn", "on", "--turn-listen", &*listen];
        let mut server = Server::start_with_log(&flags, "warn");
        let (mut one, _other) = server.pair().await;
        assert_eq!(one.welcome["iceServers"], json!([]));
        one.wants(json!({"private": true})).await;
        one.expect_error("unavailable").await;
        server.kill();
        let log = server.log();
        assert!(log.contains("going on without a relay") && log.contains(&listen), "{log}");
    }
}

#[tokio::test]
async fn the_relay_alone_takes_what_a_service_with_its_secret_gives_out() {
    let relay = Server::start_turn(&["--secret", SECRET]);
    let url = format!("turn:{}", relay.public());
    let service = Server::start(&["--secret", SECRET, "--turn-urls", &url]);
    let client = service.client().await;
    let (mut allocation, code) = Allocation::ask(&client.welcome["iceServers"]).await;
    assert_eq!(code, SUCCESS);
    assert_eq!(allocation.keep().await, [SUCCESS; 3]);
    relay.metric_becomes("passerby_turn_allocations{transport=\"udp\"}", 1.0).await;
    let stranger = Server::start(&["--secret", "another", "--turn-urls", &url]);
    let client = stranger.client().await;
    assert_eq!(Allocation::ask(&client.welcome["iceServers"]).await.1, UNAUTHORIZED);
    relay.metric_becomes("passerby_turn_refused_total{reason=\"credentials\"}", 1.0).await;
}

#[tokio::test]
async fn the_relay_alone_ends_with_0_on_a_signal() {
    let mut relay = Server::start_turn(&["--secret", SECRET]);
    relay.signal("TERM");
    assert!(relay.ended().success());
}

#[test]
fn the_relay_alone_does_not_start_without_a_secret_or_a_port() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    // The usual port may be another process's.
    let tls = ["--turn-tls-listen", "127.0.0.1:0"];
    for (flags, words) in [
        (&[][..], "--secret"),
        (&["--secret", SECRET, "--turn-listen", &taken], taken.as_str()),
        (
            &[&["--secret", SECRET, "--turn-cert", "no.pem", "--turn-key", "no.pem"], &tls[..]]
                .concat(),
            "no.pem",
        ),
    ] {
        let (code, said) = run_turn_to_end(flags);
        assert_eq!(code, Some(1), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(said.contains(words), "{said}");
    }
}

#[tokio::test]
async fn nothing_of_a_relay_s_clients_is_logged() {
    let filter = "info,passerby=trace,stun_types=trace,turn_types=trace";
    let mut server = Server::start_with_log(&ON, filter);
    let client = server.client().await;
    let servers = client.welcome["iceServers"].clone();
    let mut secrets = vec!["127.0.0.9".to_owned(), "10.99.98.97".to_owned()];
    for server in servers.as_array().unwrap() {
        for field in ["username", "credential"] {
            secrets.extend(server[field].as_str().map(String::from));
        }
    }
    let (mut allocation, _) = Allocation::ask(&servers).await;
    allocation.permit("10.99.98.97:5".parse().unwrap()).await;
    allocation.permit("127.0.0.9:5".parse().unwrap()).await;
    allocation.keep().await;
    let address: SocketAddr = server.turn();
    let (mut wrong, _) = Allocation::ask_at(address, "5:x".into(), "secret-word".into()).await;
    wrong.keep().await;
    let rubbish = UdpSocket::bind("127.0.0.9:0").unwrap();
    for bytes in [&[0, 1, 0, 9, 1][..], b"rubbish", &[0x40, 0, 0, 200, 1]] {
        rubbish.send_to(bytes, address).unwrap();
    }
    secrets.push("secret-word".to_owned());
    secrets.push(rubbish.local_addr().unwrap().to_string());
    assert_eq!(allocation.keep().await, [SUCCESS; 3], "what was sent before was taken");
    client.close(1000).await;
    server.signal("TERM");
    server.ended();
    let log = server.log();
    assert!(log.contains("stopping"), "it logs: {log:?}");
    for text in secrets {
        assert!(!log.contains(&text), "{text} in the log: {log}");
    }
}
