//! What a cluster promises to the nodes on it: one suite for every adapter, and what
//! only NATS can do.

#![allow(unreachable_pub)]

#[path = "../shared/nats.rs"]
#[expect(dead_code, reason = "the benchmarks use more of it")]
mod nats;

mod cluster_of_three;
mod cut_off;
mod entries;
mod logs;
mod messages;
mod node;
mod on_nats;
mod proxy;
mod world;

/// Runs each scenario on every adapter.
macro_rules! contract {
    ($($file:ident::$scenario:ident),* $(,)?) => {
        mod in_memory {
            $(#[tokio::test(start_paused = true)]
            async fn $scenario() {
                crate::$file::$scenario(crate::world::Kind::Hub).await;
            })*
        }

        mod by_nats {
            $(#[tokio::test]
            async fn $scenario() {
                crate::$file::$scenario(crate::world::Kind::Nats).await;
            })*
        }
    };
}

contract! {
    cut_off::a_node_that_is_back_hears_all_entries_anew,
    cut_off::a_node_that_is_cut_off_is_away,
    cut_off::a_node_that_does_not_listen_is_told_that_something_was_lost,
    cut_off::a_node_that_left_hears_nothing,
    entries::a_newcomer_is_told_of_those_that_stand,
    entries::all_are_told_of_changes,
    entries::one_is_created_once,
    entries::one_is_deleted_only_at_its_revision,
    entries::one_is_put_whatever_stands_there,
    entries::one_of_many_wins,
    entries::one_runs_out_unless_it_is_written_again,
    entries::one_is_updated_only_at_its_revision,
    messages::one_reaches_every_other_node,
    messages::one_reaches_the_node_that_it_is_for,
    messages::large_ones_arrive_whole,
    messages::they_keep_their_order,
}
