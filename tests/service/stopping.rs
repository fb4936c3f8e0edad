//! The file by which a stopping server hands its sessions on.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::client::Client;
use super::nodes;
use super::server::Server;

const FLAGS: [&str; 2] = ["--drain-ms", "300"];

/// A pair whose server was stopped; its people's memories don't matter yet.
async fn stopped_under_a_pair(flags: &[&str]) -> (Server, Client, Client) {
    let mut server = Server::start(flags);
    let (one, other) = server.pair().await;
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
    (server, one, other)
}

#[tokio::test]
async fn who_started_it_may_stop_reading() {
    let flags = ["--turn", "on", "--turn-listen", "127.0.0.1:0"];
    let mut server = Server::start_unread(&flags).await;
    let client = server.client().await;
    server.metric_becomes("passerby_connections", 1.0).await;
    client.close(1000).await;
    server.signal("TERM");
    assert!(server.ended().success());
}

#[tokio::test]
async fn the_file_is_its_owners_alone_and_the_next_start_deletes_it() {
    let (server, one, _other) = stopped_under_a_pair(&FLAGS).await;
    let left = server.left_files();
    // One for each node that had somebody.
    assert_eq!(left.len(), nodes::wanted().min(2), "{left:?}");
    for file in left.iter().map(|name| server.file(name)) {
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let text = fs::read_to_string(&file).unwrap();
        assert!(!text.contains(&one.token()[..32]), "tokens are kept as hashes");
    }
    let successor = server.successor(&FLAGS);
    assert!(server.left_files().is_empty(), "{:?}", server.left_files());
    assert!(one.memory().resume(&successor).await.resumed());
}

#[tokio::test]
async fn a_second_signal_keeps_sessions_as_well() {
    let mut server = Server::start(&["--drain-ms", "3600000"]);
    let (one, mut other) = server.pair().await;
    other.say("just before").await;
    other.nothing_came().await;
    assert_eq!(server.cut_short().await.code(), Some(0));
    let successor = server.successor(&[]);
    let mut one = one.memory().resume(&successor).await;
    one.hear("just before").await;
    one.expect("peerAway").await;
    let mut other = other.memory().resume(&successor).await;
    one.expect("peerBack").await;
    other.say("just after").await;
    one.hear("just after").await;
}

#[tokio::test]
async fn the_absent_are_handed_on_where_nobody_is_connected() {
    let mut server = Server::start(&FLAGS);
    let (one, other) = server.pair().await;
    let [one, other] = [one.drop_connection(), other.drop_connection()];
    server.metric_becomes("passerby_connections", 0.0).await;
    server.metric_becomes("passerby_sessions_away", 2.0).await;
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
    let successor = server.successor(&FLAGS);
    for memory in [one, other] {
        let room = memory.seen.room().to_owned();
        let back = memory.resume(&successor).await;
        assert_eq!(back.welcome["room"], room, "{}", back.welcome);
    }
}

#[tokio::test]
async fn where_there_is_nobody_or_no_grace_no_file_is_left() {
    let mut server = Server::start(&FLAGS);
    server.client().await.close(1000).await;
    server.metric_becomes("passerby_connections", 0.0).await;
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
    assert!(server.left_files().is_empty(), "{:?}", server.left_files());
    let (server, ..) = stopped_under_a_pair(&["--drain-ms", "300", "--grace-ms", "0"]).await;
    assert!(server.left_files().is_empty(), "{:?}", server.left_files());
}

#[tokio::test]
async fn a_damaged_file_is_told_in_the_log_and_the_server_starts_anyway() {
    // A node of several knows only after the grace that nobody has a session.
    let grace = if nodes::several() { "1000" } else { "15000" };
    let flags = [&FLAGS[..], &["--grace-ms", grace]].concat();
    let (server, one, _other) = stopped_under_a_pair(&flags).await;
    let files = server.sessions_files();
    let whole = fs::read(&files[0]).unwrap();
    let half = whole[..whole.len() / 2].to_vec();
    let nulls = vec![0; 1000];
    for damaged in [half, nulls, Vec::new(), b"{}".to_vec(), b"[1, 2".to_vec()] {
        files.iter().for_each(|file| fs::write(file, &damaged).unwrap());
        let mut successor = server.successor_with_log(&flags, "info");
        let (mut two, mut three) = successor.pair().await;
        two.say("all is well").await;
        three.hear("all is well").await;
        assert!(!one.memory().resume(&successor).await.resumed());
        successor.kill();
        let log = successor.log();
        assert!(log.contains("can't take over sessions"), "{log}");
    }
}

#[tokio::test]
async fn a_file_older_than_the_grace_is_not_taken() {
    let (server, one, _other) = stopped_under_a_pair(&FLAGS).await;
    let successor = server.successor(&["--grace-ms", "1"]);
    successor.metric_becomes("passerby_rooms", 0.0).await;
    successor.metric_becomes("passerby_sessions_away", 0.0).await;
    assert!(!one.memory().resume(&successor).await.resumed());
    assert!(server.left_files().is_empty(), "it is deleted all the same");
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_told_in_the_log_and_it_ends_with_0() {
    let mut server = Server::start_with_log(&FLAGS, "info");
    server.sessions_files().iter().for_each(|file| fs::create_dir(file).unwrap());
    let _two = server.pair().await;
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
    let log = server.log();
    assert!(log.contains("sessions are lost"), "{log}");
}

#[tokio::test]
async fn after_a_kill_nothing_is_kept_and_people_get_fresh_sessions() {
    let mut server = Server::start(&FLAGS);
    let (one, other) = server.pair().await;
    server.kill();
    assert!(server.left_files().is_empty(), "{:?}", server.left_files());
    let successor = server.successor(&FLAGS);
    for memory in [one.memory(), other.memory()] {
        let mut fresh = memory.resume(&successor).await;
        assert!(!fresh.resumed(), "{}", fresh.welcome);
        fresh.nothing_came().await;
    }
}
