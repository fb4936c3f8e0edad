//! Against the clients that come with coturn, which is the reference.

use std::net::SocketAddr;
use std::process::Command;

use crate::running::{Running, password};

/// What a coturn program prints.
fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program} of coturn: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

/// Four clients that send each other 200 packets each; all must come in.
fn relays(running: &Running, address: SocketAddr, flags: &[&str]) {
    let username = "4000000000:coturn";
    let (port, ip) = (address.port().to_string(), address.ip().to_string());
    let password = password(username);
    let mut arguments = vec!["-y", "-u", username, "-w", &password, "-p", &port];
    arguments.extend(["-m", "4", "-n", "200"]);
    arguments.extend(flags.iter().copied().chain([&*ip]));
    let text = run("turnutils_uclient", &arguments);
    assert!(text.contains("Total lost packets 0 (0.000000%)"), "{text}");
    assert!(running.metric("turn_relayed_packets_total{direction=\"to_peer\"}") >= 800);
    assert!(running.metric("turn_relayed_packets_total{direction=\"from_peer\"}") >= 800);
}

#[test]
fn it_relays_by_udp() {
    let running = Running::start(|_| ());
    relays(&running, running.v4(), &[]);
}

#[test]
fn it_relays_by_tcp() {
    let running = Running::start(|_| ());
    relays(&running, running.v4(), &["-t"]);
}

#[test]
fn it_relays_by_ipv6() {
    let running = Running::start(|_| ());
    relays(&running, running.v6(), &["-x"]);
}

#[test]
fn it_relays_by_send_and_data_indications() {
    let running = Running::start(|_| ());
    relays(&running, running.v4(), &["-s"]);
}

#[test]
fn it_tells_an_address() {
    let running = Running::start(|_| ());
    let port = running.v4().port().to_string();
    let text = run("turnutils_stunclient", &["-p", &port, "127.0.0.1"]);
    assert!(text.contains("reflexive addr: 127.0.0.1:"), "{text}");
}
