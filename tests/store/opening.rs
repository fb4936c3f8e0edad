//! Tables that are made and brought up to date.

use std::time::Duration;

use futures_util::future::join_all;
use passerby::clock::UnixMillis;

use crate::samples::{keep, report};
use crate::world::{Kind, NOW, World, away};

pub async fn migrations_are_applied_once(kind: Kind) {
    let (world, store) = World::new(kind).await;
    let report = report(NOW);
    keep(&*store, &report).await;
    let since = store.since().await.unwrap();
    let age = UnixMillis::now().since(since);
    assert!(age < Duration::from_secs(600), "how old the tables are: {age:?}");
    store.migrate().await.unwrap();
    world.another().migrate().await.unwrap();
    assert_eq!(world.another().since().await.unwrap(), since);
    assert_eq!(world.another().report(report.id).await.unwrap(), Some((report, false)));
}

pub async fn many_at_once_are_no_trouble(kind: Kind) {
    let world = World::bare(kind);
    let stores = (0..8).map(|_| world.another()).collect::<Vec<_>>();
    for outcome in join_all(stores.iter().map(|store| store.migrate())).await {
        outcome.unwrap();
    }
    for store in &stores {
        keep(&**store, &report(NOW)).await;
    }
    assert_eq!(stores[0].facts(NOW, 100).await.unwrap().len(), 8);
}

pub async fn without_migrations_it_is_away(kind: Kind) {
    let world = World::bare(kind);
    let store = world.store();
    away(store.report(report(NOW).id).await);
    away(store.write(&crate::samples::separation(1, 2, NOW)).await);
    store.migrate().await.unwrap();
    keep(&*store, &report(NOW)).await;
}
