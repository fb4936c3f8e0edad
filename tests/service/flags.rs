//! The command line.

use std::net::TcpListener;
use std::process::Command;

use super::server::process::run_to_end;

const FLAGS: [&str; 30] = [
    "--listen",
    "--ops-listen",
    "--interest-wait-ms",
    "--rematch-wait-ms",
    "--allowed-origins",
    "--drain-ms",
    "--drain-delay-ms",
    "--workers",
    "--log-format",
    "--secret",
    "--secret-file",
    "--private",
    "--turn",
    "--turn-listen",
    "--turn-tls-listen",
    "--turn-external-address",
    "--turn-host",
    "--turn-ports",
    "--turn-realm",
    "--turn-cert",
    "--turn-key",
    "--turn-allow-peers",
    "--turn-max-allocations",
    "--turn-session-allocations",
    "--turn-bandwidth",
    "--turn-unauthenticated",
    "--turn-ttl-ms",
    "--stun-urls",
    "--turn-urls",
    "--turn-secret",
];

/// The exit code, standard output and standard error.
fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_passerby")).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn assert_one_line_that_names(said: &str, name: &str) {
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    assert!(said.contains(name), "{name} is to be named: {said}");
}

#[test]
fn a_bad_flag_or_value_ends_with_2_and_one_line_that_names_it() {
    for (flags, name) in [
        (&["--no-such-flag"][..], "--no-such-flag"),
        (&["--no-such-flag=5"], "--no-such-flag"),
        (&["stray"], "stray"),
        (&["--drain-ms"], "--drain-ms"),
        (&["--workers", "513"], "1..=512"),
        (&["--log-format", "xml"], "text, json"),
        (&["--drain-ms", "soon"], "--drain-ms"),
        (&["--drain-ms", "-1"], "-1"),
        (&["--drain-ms", "1.5"], "--drain-ms"),
        (&["--drain-delay-ms", "99999999999999999999"], "--drain-delay-ms"),
        (&["--interest-wait-ms", ""], "--interest-wait-ms"),
        (&["--rematch-wait-ms", "30s"], "--rematch-wait-ms"),
        (&["--workers", "0"], "--workers"),
        (&["--log-format", "xml"], "--log-format"),
        (&["--allowed-origins", "https://a.example/path"], "--allowed-origins"),
        (&["--turn", "maybe"], "--turn"),
        (&["--turn-listen", "nowhere"], "--turn-listen"),
        (&["--turn-ports", "5"], "--turn-ports"),
        (&["--turn-ports", "70-60"], "--turn-ports"),
        (&["--turn-external-address", "relay.example"], "--turn-external-address"),
        (&["--turn-host", "a b"], "--turn-host"),
        (&["--turn-realm", "a\"b"], "--turn-realm"),
        (&["--turn-cert", "a.pem"], "--turn-key"),
        (&["--turn-tls-listen", "127.0.0.1:0"], "--turn-cert"),
        (&["--turn-allow-peers", "10.0.0.0/40"], "--turn-allow-peers"),
        (&["--turn-bandwidth", "0"], "--turn-bandwidth"),
        (&["--stun-urls", "turn:relay.example"], "--stun-urls"),
        (&["--turn-urls", "http://relay.example"], "--turn-urls"),
        (&["--turn-secret", "s"], "--turn-urls"),
        (&["--private", "yes"], "--private"),
    ] {
        let (code, said) = run_to_end(flags, &[]);
        assert_eq!(code, Some(2), "{flags:?}: {said}");
        assert_one_line_that_names(&said, name);
    }
}

#[test]
fn a_bad_address_is_named() {
    for flags in [["serve", "--listen", "nowhere"], ["serve", "--ops-listen", "127.0.0.1"]] {
        let (code, _, said) = run(&flags);
        assert_eq!(code, Some(2), "{said}");
        assert_one_line_that_names(&said, flags[1]);
    }
}

#[test]
fn a_bad_environment_variable_ends_with_2_and_one_line_that_names_its_flag() {
    for (variable, value, flag) in [
        ("PASSERBY_DRAIN_MS", "soon", "--drain-ms"),
        ("PASSERBY_WORKERS", "many", "--workers"),
        ("PASSERBY_LOG_FORMAT", "xml", "--log-format"),
        ("PASSERBY_ALLOWED_ORIGINS", "a b", "--allowed-origins"),
    ] {
        let (code, said) = run_to_end(&[], &[(variable, value)]);
        assert_eq!(code, Some(2), "{variable}: {said}");
        assert_one_line_that_names(&said, flag);
    }
}

#[test]
fn a_command_that_is_unknown_or_missing_ends_with_2_and_one_line() {
    let (code, _, said) = run(&["dance"]);
    assert_eq!(code, Some(2), "{said}");
    assert_one_line_that_names(&said, "dance");
    let (code, _, said) = run(&[]);
    assert_eq!(code, Some(2), "{said}");
    assert_one_line_that_names(&said, "subcommand");
}

#[test]
fn help_names_every_flag_and_its_variable_in_plain_text() {
    let (code, help, _) = run(&["--help"]);
    assert!(code == Some(0) && help.contains("serve"), "{help}");
    let (code, help, _) = run(&["serve", "--help"]);
    assert_eq!(code, Some(0));
    for flag in FLAGS {
        let variable = format!("PASSERBY{}", flag[1..].to_uppercase().replace('-', "_"));
        assert!(help.contains(flag) && help.contains(&variable), "{flag} {variable}: {help}");
    }
    assert!(!help.contains('\u{1b}'), "no colours where nobody sees them: {help:?}");
}

#[test]
fn a_port_that_is_taken_is_told_in_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (flags, name) in [
        (["serve", "--listen", &address, "--ops-listen", "127.0.0.1:0"], &address),
        (["serve", "--listen", "127.0.0.1:0", "--ops-listen", &address], &address),
    ] {
        let (code, _, said) = run(&flags);
        assert!(code.is_some_and(|code| code != 0), "{said}");
        assert_one_line_that_names(&said, name);
    }
}
