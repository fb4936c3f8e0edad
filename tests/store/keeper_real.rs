//! The task that writes to a store, with real ones.

use std::sync::Arc;
use std::time::Duration;

use passerby::metrics::Metrics;
use passerby::moderation::keeper::Keeper;
use passerby::store::{DatabaseUrl, sql};

use crate::keeper::options;
use crate::postgres::PostgresServer;
use crate::samples::{Wrapped, is_there, picture, report};
use crate::world::{Folder, NOW, until};

#[tokio::test]
async fn a_server_that_goes_and_comes_back_costs_nothing() {
    let (mut server, folder) = (PostgresServer::start(), Folder::new());
    let url = format!("postgres://postgres@{}/{}", server.address(), server.database());
    let store = sql::open(&url.parse::<DatabaseUrl>().unwrap());
    let metrics = Arc::new(Metrics::new());
    server.stop();
    let keeper = Keeper::start(store.clone(), metrics.clone(), options(&folder));
    let reports = (0..30).map(|_| report(NOW)).collect::<Vec<_>>();
    let file = |range: std::ops::Range<usize>| {
        for report in &reports[range] {
            keeper.file(Wrapped::from(report).0).unwrap();
            keeper.file(Wrapped::from(&picture(report.id, vec![1; 1000])).0).unwrap();
        }
    };
    file(0..10);
    until("they are on the disk", || async { metrics.store.queued.get() == 20 }).await;
    server.run();
    until("it is back", || async { metrics.store.up.get() == 1 }).await;
    server.stop();
    file(10..20);
    until("it is gone", || async { metrics.store.up.get() == 0 }).await;
    server.run();
    file(20..30);
    keeper.close(Duration::from_secs(60)).await;
    until("it answers", || async { store.report(reports[0].id).await.is_ok() }).await;
    let next = Keeper::start(store.clone(), metrics.clone(), options(&folder));
    until("all are there", || async { is_there(&*store, &reports[29]).await }).await;
    next.close(Duration::from_secs(60)).await;
    for report in &reports {
        assert!(is_there(&*store, report).await);
        assert!(store.picture(report.id).await.unwrap().is_some());
    }
    assert_eq!(metrics.store.queued.get(), 0);
}

#[tokio::test]
async fn a_file_is_made_and_written_to() {
    let folder = Folder::new();
    let store = sql::open(&folder.url("passerby.db").parse::<DatabaseUrl>().unwrap());
    let keeper = Keeper::start(store.clone(), Arc::new(Metrics::new()), options(&folder));
    let reports = (0..100).map(|_| report(NOW)).collect::<Vec<_>>();
    for report in &reports {
        keeper.file(Wrapped::from(report).0).unwrap();
    }
    keeper.close(Duration::from_secs(60)).await;
    assert_eq!(store.facts(NOW, 1000).await.unwrap().len(), 100);
}
