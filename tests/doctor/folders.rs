//! The files of the queue and of the sessions.

use super::run::{Folder, doctor};

const FILES: [&str; 2] = ["--store-queue", "--sessions-file"];

#[test]
fn each_is_written_where_it_is_named_or_where_the_service_is_started() {
    let folder = Folder::new();
    let path = folder.path().join("there");
    for flag in FILES {
        doctor(&folder, &[]).is_fine(flag, "can be written to");
        let said = doctor(&folder, &[flag, path.to_str().unwrap()]);
        said.is_fine(flag, "can be written to");
        said.ends_well();
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");
}

/// Those who run as root may write where a mode forbids it, but not here.
#[test]
fn a_folder_that_is_missing_or_takes_nothing_is_found() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("a-folder")).unwrap();
    for flag in FILES {
        doctor(&folder, &[flag, "nowhere/a"]).is_wrong(flag, "make the folder nowhere");
        doctor(&folder, &[flag, "/proc/self/a"]).is_wrong(flag, "/proc/self/a can't be written");
        doctor(&folder, &[flag, "a-folder"]).is_wrong(flag, "name a file, not a folder");
    }
}
