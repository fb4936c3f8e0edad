//! NATS.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::nats_server::{NatsCluster, NatsServer};
use super::run::{Folder, Said, closed, doctor};

fn ask(url: &str) -> Said {
    let secret = "a secret that is long enough";
    doctor(&Folder::new(), &["--secret", secret, "--cluster-url", url])
}

#[test]
fn a_server_with_jetstream_is_fine() {
    let server = NatsServer::start();
    let said = ask(&server.url());
    said.is_fine("NATS", "JetStream");
    said.ends_well();
    // One of two is enough for the service.
    let two = format!("{},nats://{}", server.url(), closed());
    let said = ask(&two);
    said.is_fine("NATS", "JetStream");
    said.has("warning", "NATS", "no server answers");
    said.ends_well();
}

#[tokio::test]
async fn nothing_is_left_on_the_server() {
    let server = NatsServer::start();
    ask(&server.url()).is_fine("NATS", "JetStream");
    let client = async_nats::connect(server.url()).await.unwrap();
    let context = async_nats::jetstream::new(client);
    let account = context.query_account().await.unwrap();
    assert_eq!(account.streams, 0);
}

#[test]
fn one_that_is_away_or_lacks_jetstream_is_not() {
    ask(&format!("nats://{}", closed())).is_wrong("NATS", "no server answers");
    ask(&NatsServer::start_with(&[]).url()).is_wrong("NATS", "JetStream is not enabled");
}

#[test]
fn one_that_wants_a_password_is_shown_the_right_one() {
    let server = NatsServer::start_with(&["-js", "--user", "me", "--pass", "word-of-mine"]);
    let url = |user: &str| format!("nats://{user}@{}", server.address());
    ask(&url("me:word-of-mine")).is_fine("NATS", "JetStream");
    let said = ask(&url("me:other-word"));
    said.is_wrong("NATS", "refuses the user");
    said.never_says("other-word");
}

/// A server of long ago, as far as it gets.
#[test]
fn an_old_one_is_told_by_its_version() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let info = r#"INFO {"server_id":"a","version":"2.9.0","max_payload":1048576}"#;
            let _ = stream.write_all(format!("{info}\r\nPONG\r\n").as_bytes());
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        }
    });
    ask(&format!("nats://{address}")).is_wrong("NATS", "2.9.0 is too old");
}

#[test]
fn three_that_are_one_are_fine() {
    let cluster = NatsCluster::start();
    let said = ask(&cluster.url());
    said.is_fine("NATS", "JetStream");
    said.ends_well();
}

/// As by a server that does not know yet who leads the new bucket.
#[test]
fn what_nobody_took_is_written_again() {
    let server = NatsServer::start();
    let said = ask(&format!("nats://{}", losing_the_first_entry(server.address())));
    said.is_fine("NATS", "keeps entries");
    said.ends_well();
}

/// What stands before a server, and names another subject for the first entry: that
/// nobody takes what is sent there is the server's own answer.
fn losing_the_first_entry(to: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut server = TcpStream::connect(to).unwrap();
        let (mut answers, mut back) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        thread::spawn(move || io::copy(&mut answers, &mut back));
        let (mut buffer, mut lost) = ([0; 4096], false);
        while let Ok(length @ 1..) = client.read(&mut buffer) {
            let sent = &mut buffer[..length];
            let entry = sent.windows(9).position(|part| part == b"HPUB $KV.").filter(|_| !lost);
            if let Some(at) = entry {
                sent[at + 6..at + 8].copy_from_slice(b"XX");
                lost = true;
            }
            server.write_all(sent).unwrap();
        }
        assert!(lost, "no entry came");
    });
    address
}
