//! Targets behind TLS.

use std::path::Path;
use std::sync::Arc;

use rustls_pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto};

use super::run::{File, load_trusting};
use super::service::Service;

/// A proxy that speaks TLS in front of `service`; its port, and the file of its
/// certificate.
async fn proxy(service: &Service) -> (u16, File) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let file = File::new("pem");
    std::fs::write(file.path(), made.cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    let config =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.unwrap().with_no_client_auth();
    let config = config.with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let to = service.target.trim_start_matches("ws://").trim_end_matches("/ws").to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, to) = (acceptor.clone(), to.clone());
            tokio::spawn(async move {
                // Who does not trust it ends the handshake.
                let Ok(mut client) = acceptor.accept(stream).await else { return };
                let mut server = TcpStream::connect(to).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (port, file)
}

#[tokio::test(flavor = "multi_thread")]
async fn people_connect_by_tls_where_the_certificate_is_trusted() {
    let service = Service::start(&[]);
    let (port, certificate) = proxy(&service).await;
    let target = format!("wss://localhost:{port}/ws");
    let pair = ["pair", "--connections", "6", "--seconds", "1"];
    let run = load_trusting(certificate.path(), &target, &pair);
    run.assert_fine();
    assert_eq!((run.count("welcomes"), run.count("matches")), (6, 6));
    let run = load_trusting(Path::new("/dev/null"), &target, &pair);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("TLS failed"), "{}", run.stderr);
}
