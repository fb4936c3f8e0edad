//! Targets that refuse, go away or speak nonsense; and goals that are missed.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;

use super::broken::serve;
use super::run::{at_once, load, start};
use super::service::Service;
use super::wrong::Wrong;

/// Answers each connection by these bytes, after it has said something.
fn answers(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(bytes);
        }
    });
    format!("ws://{address}/ws")
}

/// A target at which nobody listens.
fn nobody() -> String {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    format!("ws://{free}/ws")
}

#[test]
fn a_target_that_can_not_be_tested_ends_with_3_and_a_clear_word() {
    let ssh = answers(b"SSH-2.0-OpenSSH_9.2\r\n");
    let page = answers(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
    let cases = [
        (nobody(), "no target can be reached: refused"),
        ("ws://nowhere.invalid/ws".to_owned(), "nowhere.invalid"),
        (ssh, "not a WebSocket server"),
        (page, "HTTP 404"),
        (serve(Wrong::Silent), "timed out: no welcome"),
        (serve(Wrong::HidesAddresses), "--private always"),
    ];
    at_once(&cases, |(target, words)| {
        let run = load(target, &["pair", "--connections", "3"]);
        assert_eq!(run.code, Some(3), "{}", run.stderr);
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    });
    let run = load(&nobody(), &["pair", "--connections", "3"]);
    assert!(run.report["errors"]["refused"].as_u64().unwrap() >= 3, "what there is, is reported");
}

#[test]
fn one_good_target_of_two_is_used() {
    let both = format!("{},{}", serve(Wrong::Nothing), nobody());
    let run = load(&both, &["idle", "--connections", "4", "--seconds", "2"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(run.report["errors"]["refused"], 2, "then they try the other");
    assert_eq!(run.count("welcomes"), 4);
}

#[test]
fn a_target_that_goes_away_ends_with_3_and_what_there_is() {
    let mut service = Service::start(&[]);
    let arguments = ["idle", "--connections", "5", "--seconds", "600"];
    let run = start(&service.target, &arguments);
    service.online(|online| online == 5);
    service.kill();
    let run = run.end();
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("the targets are gone"), "{}", run.stderr);
    assert_eq!(run.count("welcomes"), 5);
}

#[test]
fn a_signal_ends_it_early_with_what_there_is() {
    let service = Service::start(&[]);
    for workers in ["1", "2"] {
        let arguments = ["idle", "--connections", "5", "--seconds", "600", "--workers", workers];
        let run = start(&service.target, &arguments);
        service.online(|online| online == 5);
        let sent = Command::new("kill").args(["-s", "INT", &run.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
        let run = run.end();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert_eq!(run.report["cutShort"], "interrupted");
        assert_eq!(run.count("welcomes"), 5);
        service.online(|online| online == 0);
    }
}

#[test]
fn a_full_service_is_tried_again_and_counted() {
    let service = Service::start(&["--max-connections", "3"]);
    let run = load(&service.target, &["idle", "--connections", "5", "--seconds", "1"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.report["errors"]["closed 1013"].as_u64().unwrap() >= 2, "{}", run.report["errors"]);
}

#[test]
fn goals_that_are_missed_end_with_1_and_are_named() {
    let target = serve(Wrong::Nothing);
    for (flags, name) in [
        (["--max-p99-ms", "match=0"], "--max-p99-ms match"),
        (["--max-p99-ms", "call=1000000"], "--max-p99-ms call"),
    ] {
        let arguments = [&["pair", "--connections", "4", "--seconds", "1"], &flags[..]].concat();
        let run = load(&target, &arguments);
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        assert!(run.stderr.contains(name), "{}", run.stderr);
    }
    let both = format!("{target},{}", nobody());
    let arguments = ["pair", "--connections", "4", "--seconds", "1", "--max-error-rate", "0.001"];
    let run = load(&both, &arguments);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("--max-error-rate"), "{}", run.stderr);
}

#[test]
fn without_descriptors_there_is_a_clear_word_and_what_there_is() {
    let service = Service::start(&[]);
    let binary = env!("CARGO_BIN_EXE_passerby");
    let script = format!(
        "ulimit -n 60; exec {binary} load idle --connections 200 --seconds 5 --workers 1 --target {}",
        service.target
    );
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("no open files are left"), "{said}");
    assert!(said.contains("open-file limit"), "{said}");
    assert!(String::from_utf8(output.stdout).unwrap().contains("welcomes"));
}
