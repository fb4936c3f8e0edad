//! What stands before a service: a proxy that passes one request a connection on, and
//! may change it.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::SystemTime;

use rcgen::{CertificateParams, KeyPair};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned, crypto};

/// What it does.
#[derive(Clone)]
pub enum Change {
    /// Passes all on as it came.
    Nothing,
    /// Says who came and how, as a proxy should.
    Forwards,
    /// Names another host.
    Host,
    /// Drops the origin of pages.
    NoOrigin,
    /// Drops what asks for an upgrade.
    NoUpgrade,
    /// Passes all that is no WebSocket on to this address.
    Elsewhere(String),
    /// Answers by itself.
    Answer(&'static str),
}

/// A proxy. It ends with the test's process.
pub struct Gate {
    /// Where it listens.
    pub address: String,
}

impl Gate {
    /// Without TLS.
    pub fn start(to: &str, change: Change) -> Self {
        Self::listen(to, change, pass)
    }

    /// With this certificate and key, in PEM.
    pub fn start_tls(to: &str, change: Change, (cert, key): &(String, String)) -> Self {
        let cert = CertificateDer::from_pem_slice(cert.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let provider = Arc::new(crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = Arc::new(config.with_single_cert(vec![cert], key).unwrap());
        Self::listen(to, change, move |stream, to, change| {
            let connection = ServerConnection::new(config.clone()).unwrap();
            pass(StreamOwned::new(connection, stream), to, change)
        })
    }

    /// Each connection on a thread of its own. Those that fail are the doctor's to tell.
    fn listen(
        to: &str,
        change: Change,
        pass: impl Fn(TcpStream, &str, &Change) -> io::Result<()> + Clone + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, to) = (listener.local_addr().unwrap().to_string(), to.to_owned());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (to, change, pass) = (to.clone(), change.clone(), pass.clone());
                thread::spawn(move || pass(stream.unwrap(), &to, &change));
            }
        });
        Self { address }
    }
}

/// A request, its answer, and for a WebSocket what the service says first. It stays open
/// until one of the two ends.
fn pass(mut client: impl Read + Write, to: &str, change: &Change) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap();
    if let Change::Answer(text) = change {
        client.write_all(text.as_bytes())?;
        return client.flush();
    }
    let to = match change {
        Change::Elsewhere(other) if !head.starts_with("GET /ws") => other,
        _ => to,
    };
    let mut server = TcpStream::connect(to)?;
    server.write_all(changed(&head, change).as_bytes())?;
    let mut buffer = [0; 4096];
    loop {
        let length = server.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        client.write_all(&buffer[..length])?;
        client.flush()?;
    }
}

fn changed(head: &str, change: &Change) -> String {
    let line = |line: &str| {
        let name = line.split(':').next().unwrap().to_ascii_lowercase();
        match (change, &*name) {
            (Change::Host, "host") => Some("host: inside:8080\r\n".to_owned()),
            (Change::NoUpgrade, "upgrade" | "connection") | (Change::NoOrigin, "origin") => None,
            (Change::Forwards, "host") => Some(format!(
                "{line}\r\nx-forwarded-for: 192.0.2.7\r\nx-forwarded-proto: https\r\n"
            )),
            _ => Some(format!("{line}\r\n")),
        }
    };
    head.trim_end().lines().filter_map(line).collect::<String>() + "\r\n"
}

/// A certificate for `name` that lasts until then, and its key, both in PEM.
pub fn certificate(name: &str, until: SystemTime) -> (String, String) {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_after = until.into();
    let key = KeyPair::generate().unwrap();
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}
