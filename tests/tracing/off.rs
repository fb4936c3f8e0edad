//! Nothing is sent that is not wanted, and nobody waits for a collector.

use std::time::Instant;

use super::collector::Collector;
use super::server::process::run_to_end;
use super::server::{DEADLINE, Server};

#[tokio::test]
async fn nothing_is_sent_of_pairs_that_are_not_chosen() {
    let collector = Collector::start().await;
    let none = ["--otlp-endpoint", &collector.url, "--otlp-sample", "0"];
    for flags in [&none[..], &[]] {
        let mut server = Server::start(flags);
        let _people = server.pair().await;
        assert!(server.cut_short().await.success());
    }
    assert!(collector.all().is_empty());
}

#[tokio::test]
async fn a_collector_that_is_away_or_mute_costs_nobody_anything() {
    let mute = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mute = format!("http://{}", mute.local_addr().unwrap());
    for url in ["http://127.0.0.1:1", &mute] {
        let mut server = Server::start_with_log(&["--otlp-endpoint", url], "info");
        for _ in 0..20 {
            let (one, other) = server.pair().await;
            one.close(1000).await;
            other.close(1000).await;
        }
        server.metric_becomes("passerby_connections", 0.0).await;
        let begun = Instant::now();
        server.signal("TERM");
        assert!(server.ended().success());
        assert!(begun.elapsed() < DEADLINE / 2, "it waited for the collector");
        let log = server.log();
        assert!(log.matches("traces can't be sent").count() <= 1, "{log}");
        assert!(log.contains("traces"), "it is told: {log}");
    }
}

#[test]
fn a_bad_address_of_a_collector_is_refused_in_one_line() {
    for bad in ["otlp.example:4317", "grpc://a:4317", "http://u:hunter2@a"] {
        let (code, said) = run_to_end(&["--otlp-endpoint", bad], &[]);
        assert_eq!(code, Some(2), "{bad}: {said}");
        assert!(said.lines().count() == 1, "{said}");
    }
    let (code, said) = run_to_end(&["--otlp-sample", "2"], &[]);
    assert_eq!(code, Some(2), "{said}");
}
