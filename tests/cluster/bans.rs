//! Bans where each node has a database of its own.

use std::time::Duration;

use passerby::clock::UnixMillis;
use passerby::moderation::{Ban, BanId, BanTarget, Entry};
use passerby::store;
use serde_json::json;

use super::crowd::{Crowd, until};

#[tokio::test]
async fn a_ban_spreads_from_one_nodes_database_to_all_nodes_and_to_newcomers() {
    let crowd = Crowd::start(2, &[]).await;
    let [first, second] = &crowd.nodes[..] else { panic!("two nodes") };
    let (mut reporter, mut reported) = first.pair().await;
    reporter.signal(json!({"type": "report", "reason": "spam"})).await;
    reporter.expect("reported").await;
    let url = format!("sqlite:{}", first.file("passerby.db").display());
    let store = store::open(&url.parse().unwrap());
    until(|| async {
        store.reports(UnixMillis(u64::MAX >> 1), 1).await.is_ok_and(|r| r.len() == 1)
    })
    .await;
    let (report, _) = store.reports(UnixMillis(u64::MAX >> 1), 1).await.unwrap().remove(0);
    let ban = Ban {
        id: BanId(uuid::Uuid::new_v4()),
        target: BanTarget { device: Some(report.reported.device), address: None },
        at: UnixMillis::now(),
        until: Some(UnixMillis::now() + Duration::from_secs(3600)),
        reason: "advertising".into(),
        appeal: None,
        reports: vec![report.id],
    };
    store.write(&Entry::Ban(Box::new(ban))).await.unwrap();
    while reported.receive().await["code"] != "banned" {}
    assert_eq!(reported.closed().await, Some(4001));
    second.metric_becomes("passerby_bans", 1.0).await;
    let newcomer = crowd.another();
    newcomer.metric_becomes("passerby_bans", 1.0).await;
}
