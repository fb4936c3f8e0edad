//! Pictures of reports.

use passerby::moderation::{Picture, PictureKind};

use crate::samples::{Wrapped, keep, picture, report};
use crate::world::{Kind, NOW, World, refused};

pub async fn a_picture_comes_back_as_it_was(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let large = (0..256 * 1024).map(|at: u32| at.to_le_bytes()[0]).collect();
    for (bytes, kind) in [(large, PictureKind::Jpeg), (vec![0], PictureKind::Webp)] {
        let report = report(NOW);
        keep(&*store, &report).await;
        let picture = Picture { kind, ..picture(report.id, bytes) };
        keep(&*store, &picture).await;
        assert_eq!(store.picture(report.id).await.unwrap(), Some(picture));
    }
    assert_eq!(store.picture(report(NOW).id).await.unwrap(), None);
}

pub async fn the_first_picture_of_a_report_stays(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let report = report(NOW);
    keep(&*store, &report).await;
    let first = picture(report.id, vec![1, 2, 3]);
    for picture in [&first, &first, &picture(report.id, vec![4])] {
        keep(&*store, picture).await;
    }
    assert_eq!(store.picture(report.id).await.unwrap(), Some(first));
}

pub async fn one_of_no_report_is_refused(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let stray = picture(report(NOW).id, b"row contents".to_vec());
    let why = refused(store.write(&Wrapped::from(&stray).0).await);
    assert!(!why.contains("contents") && !why.contains(&stray.report.0.to_string()), "{why}");
}
