//! What a store promises to who uses it: one suite for every database, what only one
//! of them can do, and the task that writes to it.

#![allow(unreachable_pub)]

#[path = "../shared/fake_store.rs"]
mod fake_store;
#[path = "../cluster_port/logs.rs"]
#[expect(dead_code, reason = "others ask it for more")]
mod logs;
#[path = "../shared/postgres.rs"]
mod postgres;
#[path = "../cluster_port/proxy.rs"]
mod proxy;

mod away;
mod bans;
mod commands;
mod erase;
mod keeper;
mod keeper_memory;
mod keeper_queue;
mod keeper_real;
mod opening;
mod pictures;
mod purge;
mod reports;
mod samples;
mod separations;
mod world;

/// Runs each scenario on every database.
macro_rules! contract {
    ($($file:ident::$scenario:ident),* $(,)?) => {
        contract! { in_memory Memory: $($file::$scenario),* }
        contract! { in_a_file File: $($file::$scenario),* }
        contract! { on_postgres Postgres: $($file::$scenario),* }
    };
    ($module:ident $kind:ident: $($file:ident::$scenario:ident),*) => {
        mod $module {
            $(#[tokio::test]
            async fn $scenario() {
                crate::$file::$scenario(crate::world::Kind::$kind).await;
            })*
        }
    };
}

contract! {
    bans::are_read_in_the_order_in_which_they_were_written,
    bans::are_replaced_by_what_is_newer,
    bans::none_is_missed_by_who_reads_while_many_write,
    bans::of_nobody_are_refused,
    bans::those_that_ended_are_left_out_at_the_start,
    bans::what_is_banned_comes_back_as_it_was,
    erase::held_evidence_stays,
    erase::what_is_kept_under_a_device_goes,
    erase::what_is_newer_stays,
    opening::many_at_once_are_no_trouble,
    opening::migrations_are_applied_once,
    opening::without_migrations_it_is_away,
    pictures::a_picture_comes_back_as_it_was,
    pictures::one_of_no_report_is_refused,
    pictures::the_first_picture_of_a_report_stays,
    purge::bans_go_some_time_after_they_ended,
    purge::evidence_of_a_ban_in_force_stays,
    purge::held_reports_stay_until_released,
    purge::many_go_at_once,
    purge::reports_go_by_their_class,
    purge::separations_go_after_a_year_and_a_month,
    reports::a_reports_two_never_meet_again,
    reports::facts_are_the_newest_oldest_first,
    reports::large_ones_come_back_whole,
    reports::of_a_room_are_found_by_their_token,
    reports::odd_texts_come_back_as_they_were,
    reports::one_comes_back_as_it_was,
    reports::one_of_a_room_by_a_session_is_kept,
    reports::the_newest_come_first_page_by_page,
    reports::times_beyond_all_bounds_do_no_harm,
    separations::are_found_from_both_sides,
    separations::of_one_device_are_bounded_to_each_side,
    separations::written_again_count_as_new,
}
