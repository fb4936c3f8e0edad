//! Reports.

use passerby::clock::UnixMillis;
use passerby::moderation::ReportRecord;
use passerby::protocol::ReportReason;
use passerby::session::token::Token;

use crate::samples::{device, keep, line, report, report_between};
use crate::world::{DAY, Kind, NOW, World};

pub async fn one_comes_back_as_it_was(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let reasons = [
        ReportReason::Nudity,
        ReportReason::Minor,
        ReportReason::Harassment,
        ReportReason::Spam,
        ReportReason::Violence,
        ReportReason::Other,
    ];
    for reason in reasons {
        let full = ReportRecord { reason, ..report(NOW) };
        let bare = ReportRecord { ended: None, details: None, lines: Vec::new(), ..report(NOW) };
        for report in [full, bare] {
            keep(&*store, &report).await;
            assert_eq!(store.report(report.id).await.unwrap(), Some((report, false)));
        }
    }
    assert_eq!(store.report(report(NOW).id).await.unwrap(), None);
}

pub async fn one_of_a_room_by_a_session_is_kept(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let first = report(NOW);
    let again = ReportRecord { id: report(NOW).id, details: None, ..first.clone() };
    let partners = ReportRecord { room: first.room, ..report(NOW) };
    for report in [&first, &first, &again, &partners] {
        keep(&*store, report).await;
    }
    assert_eq!(store.report(first.id).await.unwrap(), Some((first.clone(), false)));
    assert_eq!(store.report(again.id).await.unwrap(), None);
    assert_eq!(store.reports(UnixMillis(NOW.0 + 1), 10).await.unwrap().len(), 2);
}

pub async fn odd_texts_come_back_as_they_were(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let texts = [
        "'; DROP TABLE reports; --",
        "\" $1 ? :a @b %s \\ \\0 \\u0000 {} []",
        "\u{1f9d1}\u{200d}\u{1f680} \u{202e}right to left\u{202c} \u{feff}\u{fffe}\u{10ffff}",
        "\r\n\t\u{1}\u{7f}\u{80} e\u{301}",
        "",
    ];
    for text in texts {
        let details = Some(text.to_owned());
        let odd = ReportRecord { details, lines: vec![line(text, true)], ..report(NOW) };
        keep(&*store, &odd).await;
        assert_eq!(store.report(odd.id).await.unwrap(), Some((odd, false)));
    }
    let details = Some("a\0b".to_owned());
    let nul = ReportRecord { details, lines: vec![line("a\0b", false)], ..report(NOW) };
    keep(&*store, &nul).await;
    let (kept, _) = store.report(nul.id).await.unwrap().expect("it was written");
    assert_eq!(kept.details.as_deref(), Some("a\u{2400}b"), "PostgreSQL can't hold it");
    assert_eq!(kept.lines, nul.lines);
}

pub async fn large_ones_come_back_whole(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let details = Some("\u{1f600}".repeat(1000));
    let lines = (0..50).map(|at| line(&"\u{1f600}".repeat(2000), at % 2 == 0)).collect();
    let large = ReportRecord { details, lines, ..report(NOW) };
    keep(&*store, &large).await;
    assert_eq!(store.report(large.id).await.unwrap(), Some((large, false)));
}

pub async fn times_beyond_all_bounds_do_no_harm(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let far = report(UnixMillis(u64::MAX));
    let near = ReportRecord { began: UnixMillis(0), ..report(UnixMillis(0)) };
    keep(&*store, &far).await;
    keep(&*store, &near).await;
    let (kept, _) = store.report(far.id).await.unwrap().expect("it was written");
    assert_eq!(kept.at.0, u64::MAX / 2);
    assert_eq!(store.report(near.id).await.unwrap(), Some((near.clone(), false)));
    let all = store.facts(UnixMillis(0), u32::MAX).await.unwrap();
    assert_eq!(all.iter().map(|fact| fact.id).collect::<Vec<_>>(), [near.id, far.id]);
    assert_eq!(store.facts(UnixMillis(u64::MAX), 10).await.unwrap().len(), 1);
}

pub async fn facts_are_the_newest_oldest_first(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let reports = [5, 3, 1, 2, 4].map(|at| report(UnixMillis(NOW.0 + at)));
    for report in &reports {
        keep(&*store, report).await;
    }
    let facts = store.facts(UnixMillis(NOW.0 + 2), 3).await.unwrap();
    let [newest, third, _, _, fourth] = &reports;
    assert_eq!(facts, [third.fact(), fourth.fact(), newest.fact()]);
    let since = store.facts(UnixMillis(NOW.0 + 5), 3).await.unwrap();
    assert_eq!(since, [newest.fact()]);
    assert_eq!(store.facts(NOW + DAY, 3).await.unwrap(), []);
}

pub async fn of_a_room_are_found_by_their_token(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let one = report(NOW);
    let partners = ReportRecord { room: one.room, ..report(NOW) };
    keep(&*store, &one).await;
    keep(&*store, &partners).await;
    assert_eq!(store.report_of(one.room, one.token).await.unwrap(), Some((one.id, false)));
    let found = store.report_of(one.room, partners.token).await.unwrap();
    assert_eq!(found, Some((partners.id, false)));
    assert_eq!(store.report_of(one.room, Token::random().hash()).await.unwrap(), None);
    assert_eq!(store.report_of(report(NOW).room, one.token).await.unwrap(), None);
    keep(&*store, &crate::samples::picture(one.id, vec![1])).await;
    assert_eq!(store.report_of(one.room, one.token).await.unwrap(), Some((one.id, true)));
}

pub async fn the_newest_come_first_page_by_page(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let reports = [1, 3, 2].map(|at| report(UnixMillis(NOW.0 + at)));
    for report in &reports {
        keep(&*store, report).await;
    }
    assert!(store.hold(reports[1].id, true).await.unwrap());
    let page = store.reports(NOW + DAY, 2).await.unwrap();
    assert_eq!(page, [(reports[1].clone(), true), (reports[2].clone(), false)]);
    let page = store.reports(page[1].0.at, 2).await.unwrap();
    assert_eq!(page, [(reports[0].clone(), false)]);
    assert_eq!(store.reports(NOW, 2).await.unwrap(), []);
}

pub async fn a_reports_two_never_meet_again(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    for _ in 0..2 {
        keep(&*store, &report_between(1, 2, NOW)).await;
        assert_eq!(store.separations(device(1), 10).await.unwrap(), [device(2)]);
        assert_eq!(store.separations(device(2), 10).await.unwrap(), [device(1)]);
    }
}
