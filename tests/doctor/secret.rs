//! The secret, open files and bad flags.

use super::run::{Folder, binary, doctor, mode};

#[test]
fn a_secret_is_long_and_its_owner_s_alone() {
    let folder = Folder::new();
    doctor(&folder, &[]).is_fine("secret", "is made at the first start");
    let path = folder.write("a.secret", &"x".repeat(64));
    let flags = ["--secret-file", &path];
    let said = doctor(&folder, &flags);
    said.is_fine("secret", "64 bytes");
    said.ends_well();
    mode(path.as_ref(), 0o644);
    doctor(&folder, &flags).is_wrong("secret", "mode 0644");
    folder.write("a.secret", "a short word");
    let said = doctor(&folder, &flags);
    said.is_wrong("secret", "can be guessed");
    said.never_says("a short word");
    folder.write("a.secret", " \n");
    doctor(&folder, &flags).is_wrong("secret", "must hold a text");
    let away = folder.path().join("nowhere/a.secret");
    let flags = ["--secret-file", away.to_str().unwrap()];
    doctor(&folder, &flags).is_wrong("secret", "can't be made");
}

#[test]
fn a_cluster_needs_a_secret() {
    let (folder, nowhere) = (Folder::new(), format!("nats://{}", super::run::closed()));
    let flags = ["--cluster-url", &nowhere];
    doctor(&folder, &flags).is_wrong("secret", "a cluster needs one");
    let missing = [&flags[..], &["--secret-file", "a.secret"]].concat();
    doctor(&folder, &missing).is_wrong("secret", "is not there");
    let given = [&flags[..], &["--secret", "a secret that is long enough"]].concat();
    doctor(&folder, &given).is_fine("secret", "28 bytes");
}

#[test]
fn open_files_are_for_all_who_may_connect() {
    let folder = Folder::new();
    doctor(&folder, &["--max-connections", "100"]).is_fine("open files", "100 people");
    let said = doctor(&folder, &["--max-connections", "4000000000"]);
    said.is_wrong("open files", "--max-connections 4000000000");
}

#[test]
fn bad_flags_end_with_2() {
    let folder = Folder::new();
    for flags in [["--url", "chat.example"], ["--database-url", "mysql://h/d"], ["--no", "x"]] {
        let output = binary(&folder).arg("doctor").args(flags).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{flags:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1);
    }
}
