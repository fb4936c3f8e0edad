//! The secret of a service: from a flag, or from a file that is made.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::server::Server;
use super::server::process::run_to_end;

#[tokio::test]
async fn a_secret_is_made_at_the_first_start_and_kept() {
    let mut server = Server::start(&[]);
    let file = server.file("passerby.secret");
    let made = fs::read_to_string(&file).unwrap();
    assert_eq!(made.trim().len(), 64);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    server.cut_short().await;
    let _successor = server.successor(&[]);
    assert_eq!(fs::read_to_string(&file).unwrap(), made);
}

#[tokio::test]
async fn a_given_secret_makes_no_file() {
    let server = Server::start(&["--secret", "from-a-flag"]);
    assert!(!server.file("passerby.secret").exists());
    let named = Server::start(&["--secret-file", "of.another.name"]);
    assert!(named.file("of.another.name").exists() && !named.file("passerby.secret").exists());
}

#[tokio::test]
async fn a_secret_that_can_be_guessed_is_told_at_the_start() {
    for (secret, told) in [("fifteen-bytes-x", true), ("sixteen-bytes-xy", false)] {
        let mut server = Server::start_with_log(&["--secret", secret], "warn");
        server.cut_short().await;
        let log = server.log();
        assert_eq!(log.contains("can be guessed"), told, "{log}");
        assert!(!log.contains(secret));
    }
}

#[test]
fn a_secret_that_is_none_is_told_in_one_line() {
    for (flags, code, words) in [
        (&["--secret", ""][..], 2, "--secret"),
        (&["--secret", " "], 2, "--secret"),
        (&["--secret", "x", "--secret-file", "y"], 2, "--secret-file"),
        (&["--secret-file", "/dev/null"], 1, "/dev/null"),
        (&["--secret-file", "no/such/folder/secret"], 1, "no/such/folder/secret"),
    ] {
        let (ended, said) = run_to_end(flags, &[]);
        assert_eq!(ended, Some(code), "{flags:?}: {said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn the_help_shows_no_secret() {
    let (_, said) = run_to_end(&["--help"], &[("PASSERBY_SECRET", "hidden-from-help")]);
    assert!(!said.contains("hidden-from-help"), "{said}");
}
