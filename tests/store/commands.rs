//! The commands of who looks after the service.

use std::process::{Command, Output, Stdio};

use passerby::moderation::ReportRecord;

use crate::postgres::PostgresServer;
use crate::samples::{keep, line, person, picture, report};
use crate::world::{Folder, NOW};

/// The exit code, standard output and standard error.
fn run(url: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passerby"));
    let output = command.args(arguments).env("PASSERBY_DATABASE_URL", url).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// What a command says that succeeds.
fn said(url: &str, arguments: &[&str]) -> String {
    let (code, out, error) = run(url, arguments);
    assert_eq!((code, error.as_str()), (Some(0), ""), "{arguments:?}");
    out
}

/// What one says that fails, in one line.
fn failed(url: &str, arguments: &[&str]) -> String {
    let (code, out, error) = run(url, arguments);
    assert_eq!((code, out.as_str()), (Some(1), ""), "{arguments:?}");
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

/// A database with tables.
fn migrated() -> (Folder, String) {
    let folder = Folder::new();
    let url = folder.url("passerby.db");
    said(&url, &["migrate"]);
    (folder, url)
}

#[test]
fn migrate_says_what_it_did() {
    let folder = Folder::new();
    let server = PostgresServer::shared();
    let postgres = format!("postgres://postgres@{}/{}", server.address(), server.database());
    for (url, kind) in [(folder.url("passerby.db"), "SQLite"), (postgres, "PostgreSQL")] {
        let first = said(&url, &["migrate"]);
        assert_eq!(first, format!("{kind}: applied 0001_reports_and_bans\n"));
        assert_eq!(said(&url, &["migrate"]), format!("{kind}: the tables are up to date\n"));
    }
    let nowhere = failed(&folder.url("missing/passerby.db"), &["migrate"]);
    assert!(nowhere.contains("missing/passerby.db") && nowhere.contains("--database-url"));
}

/// As when all machines of a service are started together.
#[test]
fn many_processes_migrate_at_once() {
    let (folder, server) = (Folder::new(), PostgresServer::shared());
    for round in 0..5 {
        let file = folder.url(&format!("{round}.db"));
        let postgres = format!("postgres://postgres@{}/{}", server.address(), server.database());
        for url in [file, postgres] {
            let start = |_| {
                let mut command = Command::new(env!("CARGO_BIN_EXE_passerby"));
                command.arg("migrate").env("PASSERBY_DATABASE_URL", &url);
                command.stdout(Stdio::piped()).spawn().unwrap()
            };
            let started = (0..6).map(start).collect::<Vec<_>>();
            let ended = started.into_iter().map(|child| child.wait_with_output().unwrap());
            let ended = ended.collect::<Vec<_>>();
            assert!(ended.iter().all(|output| output.status.success()), "{ended:?}");
            let applied = |output: &&Output| output.stdout.ends_with(b"_bans\n");
            assert_eq!(ended.iter().filter(applied).count(), 1, "{ended:?}");
        }
    }
}

#[test]
fn a_wrong_address_ends_with_2_and_is_not_repeated() {
    for command in [&["migrate"][..], &["reports", "list"], &["bans", "list"]] {
        let (code, _, error) = run("postgress://me:secret-word@host/d", command);
        assert_eq!(code, Some(2));
        assert!(error.contains("--database-url") && !error.contains("secret-word"), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn no_help_shows_a_password() {
    for command in [&["migrate"][..], &["reports", "list"], &["bans", "add"], &["bans"]] {
        let help = said("postgres://me:secret-word@host/d", &[command, &["--help"]].concat());
        assert!(!help.contains("secret-word"), "{help}");
    }
}

#[tokio::test]
async fn reports_are_listed_shown_and_held() {
    let (folder, url) = migrated();
    let store = passerby::store::sql::open(&url.parse().unwrap());
    let details = Some("rude\u{1b}[2J and\nlong ".repeat(10));
    let lines = vec![line("hi", true), line("\u{202e}evil", false)];
    let report = ReportRecord { details, lines, ..report(NOW) };
    keep(&*store, &report).await;
    keep(&*store, &picture(report.id, vec![1, 2, 3])).await;
    let id = report.id.0.to_string();

    let list = said(&url, &["reports", "list"]);
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(list.contains(&id) && list.contains("harassment") && list.contains("2027-01-15"));
    assert!(!list.contains('\u{1b}'), "{list}");

    let shown = said(&url, &["reports", "show", &id]);
    for text in [
        &report.reported.device.to_string(),
        &report.reported.address.to_string(),
        &report.reporter.device.to_string(),
        "legal hold  no",
        "picture     yes",
        "reporter (claimed): hi",
        "reported (proven): \\u{202e}evil",
    ] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    assert!(!shown.contains('\u{1b}'), "{shown}");

    said(&url, &["reports", "hold", &id]);
    assert!(said(&url, &["reports", "show", &id]).contains("legal hold  yes"));
    said(&url, &["reports", "release", &id]);
    assert!(said(&url, &["reports", "show", &id]).contains("legal hold  no"));

    let file = folder.path().join("evidence.webp");
    let path = file.to_str().unwrap();
    said(&url, &["reports", "picture", &id, path]);
    assert_eq!(std::fs::read(&file).unwrap(), [1, 2, 3]);
    assert!(failed(&url, &["reports", "picture", &id, path]).contains("exists"));

    let other = uuid::Uuid::new_v4().to_string();
    for command in [&["show", &other][..], &["hold", &other], &["picture", &other, "x"]] {
        assert!(failed(&url, &[&["reports"], command].concat()).contains("no such"));
    }
}

#[tokio::test]
async fn bans_are_made_listed_and_lifted() {
    let (_folder, url) = migrated();
    let store = passerby::store::sql::open(&url.parse().unwrap());
    // Without its cookie, and with it.
    for (number, by_address) in [(3, true), (4, false)] {
        let report = ReportRecord { reported: person(number), ..report(NOW) };
        keep(&*store, &report).await;
        let id = report.id.0.to_string();
        said(&url, &["bans", "add", "--report", &id, "--for", "7d", "--reason", "Rude"]);
        let bans = store.bans(-1, NOW, 10).await.unwrap();
        let (_, ban) = bans.last().unwrap();
        assert_eq!(ban.target.device, Some(report.reported.device));
        assert_eq!(ban.target.address, by_address.then_some(report.reported.address));
        assert_eq!((&*ban.reason, &ban.reports), ("Rude", &vec![report.id]));
    }
    let (device, address) = (person(9).device.to_string(), person(9).address.to_string());
    let both = ["--device", &device, "--address", &address, "--for", "good", "--reason", "Threats"];
    let made = said(&url, &[&["bans", "add"], &both[..], &["--appeal", "Write to us"]].concat());
    assert!(made.contains("is in force for good"), "{made}");
    let list = said(&url, &["bans", "list"]);
    assert_eq!(list.lines().count(), 4, "{list}");
    assert!(list.contains(&device) && list.contains(&address) && list.contains("for good"));

    let id = made.split(' ').nth(1).unwrap();
    let shown = said(&url, &["bans", "show", id]);
    for text in [&device[..], &address, "for good", "reason   Threats", "appeal   Write to us"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    assert!(!shown.contains("report "), "{shown}");
    for (_, ban) in store.bans(-1, NOW, 2).await.unwrap() {
        let shown = said(&url, &["bans", "show", &ban.id.0.to_string()]);
        assert!(shown.contains(&format!("report   {}", ban.reports[0].0)), "{shown}");
    }
    said(&url, &["bans", "lift", id]);
    assert!(!said(&url, &["bans", "list"]).contains(id));
    assert!(said(&url, &["bans", "list", "--all"]).contains(id));
    assert!(failed(&url, &["bans", "lift", id]).contains("over already"));
    let other = uuid::Uuid::new_v4().to_string();
    assert!(failed(&url, &["bans", "lift", &other]).contains("no such ban"));
}

#[test]
fn a_ban_says_whom_why_and_for_how_long() {
    let (_folder, url) = migrated();
    let device = person(9).device.to_string();
    let whole = ["--device", &device, "--for", "24h", "--reason", "Rude"];
    for (missing, name) in [(0, "--device"), (2, "--for"), (4, "--reason")] {
        let mut flags = whole.to_vec();
        flags.drain(missing..missing + 2);
        let (code, _, error) = run(&url, &[&["bans", "add"], &flags[..]].concat());
        assert_eq!(code, Some(2));
        assert!(error.contains(name), "{error}");
    }
    for (place, wrong) in [(1, "12"), (3, "soon"), (5, " ")] {
        let mut flags = whole;
        flags[place] = wrong;
        let (code, _, error) = run(&url, &[&["bans", "add"], &flags[..]].concat());
        assert_eq!((code, error.lines().count()), (Some(2), 1), "{error}");
    }
}

/// Commands find nothing in a database without tables, and make none.
#[test]
fn commands_make_no_database() {
    let folder = Folder::new();
    let url = folder.url("passerby.db");
    failed(&url, &["reports", "list"]);
    assert!(!folder.path().join("passerby.db").exists());
}
