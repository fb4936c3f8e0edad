//! What the relay logs names nobody, at any level.

use std::io::Write;
use std::sync::{Arc, Mutex};

use stun_types::message::{BINDING, MessageWrite};
use tracing_subscriber::EnvFilter;
use turn_types::message::ALLOCATE;

use crate::client::{Client, key, udp, unsigned};
use crate::running::{Running, password};

/// Everything, but of the codecs nothing: they log what comes in.
const FILTER: &str = "trace,stun_types=off,stun_proto=off,turn_types=off";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_address_name_or_secret() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(FILTER))
        .with_writer(move || writer.clone())
        .init();
    let running = Running::start(|_| ());
    for mut client in
        [Client::udp(running.v4(), "1:zaphod").await, Client::tcp(running.v4(), "1:zaphod").await]
    {
        client.wire.send(b"\0\x01\0\x08rubbish rubbish rubbish!").await;
        client.exchange(&unsigned(BINDING, &[]).finish()).await;
        let relayed = client.allocate(vec![]).await;
        client.bind(0x4000, relayed).await;
        client.send_on(0x4000, b"beeblebrox").await;
        client.send_to(relayed, b"beeblebrox").await;
        let local = client.wire.local();
        client.key = key("1:zaphod", "wrong");
        client.request(ALLOCATE, &[udp()]).await;
        let port = |address: std::net::SocketAddr| address.port().to_string();
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        for secret in ["zaphod", "beeblebrox", &password("1:zaphod"), "127.0.0.1", "::1"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        for port in [port(local), port(relayed)] {
            assert!(!text.contains(&format!(":{port}")), "{port} in {text}");
        }
    }
    tracing::info!("a log");
    assert!(String::from_utf8_lossy(&log.0.lock().unwrap()).contains("a log"));
}
