//! The file by which a stopping server hands its sessions on.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::client::Client;
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

/// What stands in a server's folder beside its secret.
fn files(server: &Server) -> Vec<String> {
    let folder = server.sessions_file().parent().unwrap().to_owned();
    let names = fs::read_dir(folder).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != "passerby.secret").collect()
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
    let file = server.sessions_file();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(files(&server).len(), 1, "{:?}", files(&server));
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains(one.token()), "tokens are kept as hashes");
    let successor = server.successor(&FLAGS);
    assert!(files(&server).is_empty(), "{:?}", files(&server));
    assert!(one.memory().resume(successor.public).await.resumed());
}

#[tokio::test]
async fn a_second_signal_keeps_sessions_as_well() {
    let mut server = Server::start(&["--drain-ms", "3600000"]);
    let (one, mut other) = server.pair().await;
    other.say("just before").await;
    other.nothing_came().await;
    assert_eq!(server.cut_short().await.code(), Some(0));
    let successor = server.successor(&[]);
    let mut one = one.memory().resume(successor.public).await;
    one.hear("just before").await;
    one.expect("peerAway").await;
    let mut other = other.memory().resume(successor.public).await;
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
        let back = memory.resume(successor.public).await;
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
    assert!(files(&server).is_empty(), "{:?}", files(&server));
    let (server, ..) = stopped_under_a_pair(&["--drain-ms", "300", "--grace-ms", "0"]).await;
    assert!(files(&server).is_empty(), "{:?}", files(&server));
}

#[tokio::test]
async fn a_damaged_file_is_told_in_the_log_and_the_server_starts_anyway() {
    let (server, one, _other) = stopped_under_a_pair(&FLAGS).await;
    let file = server.sessions_file();
    let whole = fs::read(&file).unwrap();
    let half = whole[..whole.len() / 2].to_vec();
    let nulls = vec![0; 1000];
    for damaged in [half, nulls, Vec::new(), b"{}".to_vec(), b"[1, 2".to_vec()] {
        fs::write(&file, &damaged).unwrap();
        let mut successor = server.successor_with_log(&FLAGS, "info");
        let (mut two, mut three) = successor.pair().await;
        two.say("all is well").await;
        three.hear("all is well").await;
        assert!(!one.memory().resume(successor.public).await.resumed());
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
    assert!(!one.memory().resume(successor.public).await.resumed());
    assert!(files(&server).is_empty(), "it is deleted all the same");
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_told_in_the_log_and_it_ends_with_0() {
    let mut server = Server::start_with_log(&FLAGS, "info");
    fs::create_dir(server.sessions_file()).unwrap();
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
    assert!(files(&server).is_empty(), "{:?}", files(&server));
    let successor = server.successor(&FLAGS);
    for memory in [one.memory(), other.memory()] {
        let mut fresh = memory.resume(successor.public).await;
        assert!(!fresh.resumed(), "{}", fresh.welcome);
        fresh.nothing_came().await;
    }
}
