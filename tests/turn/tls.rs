//! Clients that connect by TLS.

use std::path::PathBuf;
use std::sync::Arc;

use passerby::metrics::Metrics;
use passerby::turn::{Certificate, Relay, StartError};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use crate::client::{Client, Heard};
use crate::running::{Book, Running, config, eventually};
use crate::wire::Wire;

/// A certificate for the loopback, removed when dropped.
struct Files(Certificate);

impl Files {
    fn new(name: &str) -> Self {
        let path = |kind: &str| -> PathBuf {
            std::env::temp_dir().join(format!("passerby-turn-{}-{name}.{kind}", std::process::id()))
        };
        let files = Certificate { cert: path("cert"), key: path("key") };
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(&files.cert, made.cert.pem()).unwrap();
        std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
        Self(files)
    }

    /// Who trusts it.
    fn connector(&self) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&self.0.cert).unwrap()).unwrap();
        let provider = Arc::new(crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        Arc::new(config.with_root_certificates(roots).with_no_client_auth()).into()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0.cert);
        let _ = std::fs::remove_file(&self.0.key);
    }
}

#[tokio::test]
async fn it_relays_by_tls() {
    let files = Files::new("relays");
    let running = Running::start(|config| {
        config.tls_listen = vec!["127.0.0.1:0".parse().unwrap(), "[::1]:0".parse().unwrap()];
        config.tls = Some(files.0.clone());
    });
    let mut clients = Vec::new();
    for (address, username) in running.relay.tls_addresses().iter().zip(["1:a", "1:b"]) {
        let stream = TcpStream::connect(address).await.unwrap();
        let local = stream.local_addr().unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = files.connector().connect(name, stream).await.unwrap();
        clients.push(Client::over(Wire::stream(stream, local), username));
    }
    let relayed = [clients[0].allocate(vec![]).await, clients[1].allocate(vec![]).await];
    assert_eq!(running.metric("turn_allocations{transport=\"tls\"}"), 2);
    assert_eq!(clients[0].bind(0x4000, relayed[1]).await, 0);
    assert_eq!(clients[1].bind(0x4001, relayed[0]).await, 0);
    for length in [1, 3, 1200, 20_000] {
        clients[0].send_on(0x4000, &vec![5; length]).await;
        assert_eq!(clients[1].hear().await, Heard::On(0x4001, vec![5; length]));
        clients[1].send_on(0x4001, &vec![6; length]).await;
        assert_eq!(clients[0].hear().await, Heard::On(0x4000, vec![6; length]));
    }
    drop(clients);
    eventually("they are gone", || running.standing() == 0).await;
}

#[tokio::test]
async fn a_relay_that_can_not_be_served_does_not_start() {
    let start = |change: &dyn Fn(&mut passerby::turn::Config)| {
        let mut config = config();
        change(&mut config);
        Relay::start(config, Arc::new(Book::default()), Arc::new(Metrics::new())).map(drop)
    };
    let any = || vec!["127.0.0.1:0".parse().unwrap()];
    let without = start(&|config| config.tls_listen = any());
    assert!(matches!(without, Err(StartError::NoCertificate)));
    let missing = start(&|config| {
        let nowhere = PathBuf::from("/nonexistent");
        config.tls = Some(Certificate { cert: nowhere.clone(), key: nowhere });
    });
    assert!(matches!(missing, Err(StartError::Certificate(_))));
    let unknown = start(&|config| config.listen = vec!["0.0.0.0:0".parse().unwrap()]);
    assert!(matches!(unknown, Err(StartError::NoExternal(_))));
    let realm = start(&|config| config.realm.clear());
    assert!(matches!(realm, Err(StartError::Realm)));
    let ports = start(&|config| config.ports = 0..=9);
    assert!(matches!(ports, Err(StartError::NoPorts)));
    let taken = Running::start(|_| ());
    let twice = start(&|config| config.listen = vec![taken.v4()]);
    assert!(matches!(twice, Err(StartError::Listen(..))));
}
