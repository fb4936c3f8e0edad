//! Who never meets whom again, and what is erased, where each node has a database of its
//! own.

use std::sync::Arc;

use passerby::clock::UnixMillis;
use passerby::moderation::ReportRecord;
use passerby::store::{self, Store};
use serde_json::json;

use super::crowd::{Crowd, until};
use super::server::{Server, request};
use super::visitor::Visitor;

fn store_of(node: &Server) -> Arc<dyn Store> {
    let url = format!("sqlite:{}", node.file("passerby.db").display());
    store::open(&url.parse().unwrap())
}

async fn reports(store: &dyn Store) -> Vec<ReportRecord> {
    let reports = store.reports(UnixMillis(u64::MAX >> 1), 10).await.unwrap_or_default();
    reports.into_iter().map(|(report, _)| report).collect()
}

/// Sends a request with a body of none; its status and its answer.
async fn ask(node: &Server, line: &str, headers: &str) -> (u16, String) {
    let address = node.public();
    let head = format!("{line} HTTP/1.1\r\nhost: {address}\r\n{headers}connection: close\r\n\r\n");
    request(address, &head).await
}

#[tokio::test]
async fn a_report_keeps_apart_and_an_erasure_erases_on_all_nodes() {
    let crowd = Crowd::start(2, &["--rematch-wait-ms", "0"]).await;
    let [first, second] = &crowd.nodes[..] else { panic!("two nodes") };
    let (mut reporter, mut reported) = (Visitor::at(2), Visitor::at(3));
    let mut one = reporter.connect(first.public()).await;
    let mut other = reported.connect(first.public()).await;
    one.join().await;
    other.join().await;
    one.matched().await;
    other.matched().await;
    one.signal(json!({"type": "report", "reason": "spam"})).await;
    one.expect("reported").await;
    let [here, there] = [first, second].map(store_of);
    until(|| async { !reports(&*here).await.is_empty() }).await;
    let report = reports(&*here).await.remove(0);
    let (by, of) = (report.reporter.device, report.reported.device);
    until(|| async { there.separations(by, 10).await.is_ok_and(|apart| apart == [of]) }).await;

    let path = format!("POST /api/v1/reports/{}/picture", one.room);
    let bearer = format!("authorization: Bearer {}\r\ncontent-length: 0\r\n", one.token());
    let (status, answer) = ask(second, &path, &bearer).await;
    assert!(status == 404 && answer.contains("the node that took the report"), "{answer}");
    one.close(1000).await;
    other.close(1000).await;

    let mut one = reporter.connect(second.public()).await;
    let mut other = reported.connect(second.public()).await;
    one.join().await;
    other.join().await;
    one.expect("waiting").await;
    other.expect("waiting").await;
    let mut third = Visitor::at(4).connect(second.public()).await;
    third.join().await;
    third.matched().await;
    second.metric_becomes("passerby_waiting{mode=\"video\"}", 1.0).await;

    let cookie = format!("cookie: {}\r\n", reporter.cookie.clone().unwrap());
    assert_eq!(ask(second, "DELETE /api/v1/kept", &cookie).await.0, 202);
    until(|| async { reports(&*here).await.is_empty() }).await;
    for store in [here, there] {
        until(|| async { store.separations(of, 10).await.is_ok_and(|apart| apart.is_empty()) })
            .await;
    }
}
