//! Rule 1: who waits is paired with exactly one other, once, and both are told.

use futures_util::future::join_all;

use super::server::Server;

#[tokio::test]
async fn rule_1_two_are_paired_with_one_offerer_and_both_are_told() {
    let server = Server::start(&[]);
    let (one, other) = server.pair().await;
    assert_eq!(one.room, other.room);
    let mut roles = [one.role, other.role];
    roles.sort();
    assert_eq!(roles, ["answerer", "offerer"]);
    server.metric_becomes("passerby_rooms", 1.0).await;
    server.metric_becomes("passerby_connections", 2.0).await;
}

#[tokio::test]
async fn rule_1_nobody_is_paired_with_themselves() {
    let server = Server::start(&[]);
    let mut alone = server.client().await;
    for _ in 0..10 {
        alone.join().await;
    }
    alone.expect("waiting").await;
    alone.nothing_came().await;
    server.metric_becomes("passerby_waiting{mode=\"video\"}", 1.0).await;
    server.metric_becomes("passerby_pairs_total{mode=\"video\"}", 0.0).await;
}

#[tokio::test]
async fn rule_1_the_odd_one_out_waits() {
    let server = Server::start(&[]);
    let (mut one, mut other) = server.pair().await;
    let mut third = server.client().await;
    third.join().await;
    third.expect("waiting").await;
    for person in [&mut third, &mut one, &mut other] {
        person.nothing_came().await;
    }
    server.metric_becomes("passerby_rooms", 1.0).await;
}

#[tokio::test]
async fn rule_1_a_crowd_that_comes_at_once_is_paired_off() {
    let server = Server::start(&["--workers", "4"]);
    let mut crowd = join_all((0..60).map(|_| server.client())).await;
    join_all(crowd.iter_mut().map(|person| person.join())).await;
    join_all(crowd.iter_mut().map(|person| person.matched())).await;
    let mut sides: Vec<_> = crowd.iter().map(|person| (&person.room, person.role)).collect();
    sides.sort();
    for room in sides.chunks(2) {
        assert_eq!(room[0].0, room[1].0, "no room has one member or three");
        assert_eq!([room[0].1, room[1].1], ["answerer", "offerer"]);
    }
    let mut rooms: Vec<_> = sides.iter().map(|(room, _)| room).collect();
    rooms.dedup();
    assert_eq!(rooms.len(), 30);
    server.metric_becomes("passerby_rooms", 30.0).await;
}
