//! The real service keeps its promises.

use serde_json::json;

use super::run::{load, start};
use super::service::Service;

#[test]
fn a_short_mix_shows_no_violation() {
    let service = Service::start(&[]);
    let run = load(
        &service.target,
        &[
            "mix",
            "--connections",
            "80",
            "--seconds",
            "5",
            "--stay-ms",
            "600",
            "--drop",
            "0.4",
            "--quiet",
        ],
    );
    run.assert_fine();
    assert_eq!(run.report["scenario"], "mix");
    for name in ["connects", "joins", "matches", "nexts", "resumes", "typings", "signals_received"]
    {
        assert!(run.count(name) > 0, "{name}: {}", run.report["counts"]);
    }
    assert!(run.stderr.is_empty() || run.stderr.starts_with("warning"), "{}", run.stderr);
}

#[test]
fn a_short_churn_shows_no_violation() {
    let service = Service::start(&[]);
    let (pid, metrics) = (service.pid(), service.metrics.clone());
    let run = load(
        &service.target,
        &[
            "churn",
            "--connections",
            "60",
            "--seconds",
            "3",
            "--stay-ms",
            "200",
            "--pid",
            &pid,
            "--metrics-url",
            &metrics,
            "--max-p99-ms",
            "next=30000",
            "--max-error-rate",
            "0",
        ],
    );
    run.assert_fine();
    assert!(run.count("nexts") > 60, "{}", run.report["counts"]);
    assert!(run.report["latencies"]["next"]["figures"]["count"].as_u64().unwrap() > 60);
    assert!(run.report["goals"].as_array().unwrap().iter().all(|goal| goal["met"] == true));
    let series = run.report["series"].as_array().unwrap();
    let seen =
        series.iter().map(|point| &point["server"]).find(|server| server["memoryBytes"].is_u64());
    let seen = seen.expect("the service was watched");
    assert!(seen["metrics"].as_object().unwrap().keys().any(|name| name.starts_with("passerby_")));
}

#[test]
fn every_other_scenario_shows_no_violation() {
    let service = Service::start(&[]);
    let cases = [
        (&["idle"][..], "welcomes"),
        (&["pair"], "matches"),
        (&["relay", "--window", "3"], "signals_received"),
        (&["relay", "--rate", "300"], "signals_received"),
        (&["call", "--stay-ms", "200", "--mode", "text"], "calls"),
        (&["storm", "--storm-ms", "400"], "resumes"),
    ];
    for (arguments, counted) in cases {
        let few = ["--connections", "20", "--seconds", "1"];
        let run = load(&service.target, &[arguments, &few].concat());
        run.assert_fine();
        assert!(run.count(counted) > 0, "{arguments:?}: {}", run.report["counts"]);
    }
}

#[test]
fn worker_processes_share_the_people_and_their_rooms_are_joined() {
    let service = Service::start(&[]);
    let run = load(
        &service.target,
        &["call", "--connections", "31", "--seconds", "2", "--stay-ms", "100", "--workers", "3"],
    );
    run.assert_fine();
    assert_eq!(run.report["load"]["workers"], 3);
    assert_eq!(run.count("connects"), 31);
    assert!(run.count("calls") > 31, "{}", run.report["counts"]);
    let most =
        run.report["series"].as_array().unwrap().iter().map(|point| point["connections"].as_u64());
    assert_eq!(most.max(), Some(Some(31)), "the seconds of workers are added up");
}

#[test]
fn a_service_that_is_replaced_under_load_breaks_no_promise() {
    let mut service = Service::start(&[]);
    let arguments = ["mix", "--connections", "40", "--seconds", "6", "--stay-ms", "400"];
    let run = start(&service.target, &arguments);
    // Some are away at any time, so all of them may never be here at once.
    service.online(|online| online >= 30);
    service.replace();
    let run = run.end();
    run.assert_fine();
    assert!(run.count("resumes") > 0, "{}", run.report["counts"]);
}

#[test]
fn a_soak_says_whether_it_could_look_for_leaks() {
    let service = Service::start(&[]);
    let run = load(&service.target, &["soak", "--connections", "2", "--seconds", "1"]);
    run.assert_fine();
    assert!(run.stderr.contains("too short for a check for leaks"), "{}", run.stderr);
}

#[test]
fn the_same_seed_is_told_again() {
    let service = Service::start(&[]);
    let run =
        load(&service.target, &["idle", "--connections", "1", "--seconds", "1", "--seed", "77"]);
    run.assert_fine();
    assert_eq!(run.report["seed"], 77);
}

#[test]
fn real_webrtc_pairs_call_beside_the_simulated_people() {
    let service = Service::start(&["--turn", "on", "--turn-listen", "127.0.0.1:0"]);
    for (relay, path) in [(None, "webrtc_host"), (Some("--webrtc-relay"), "webrtc_relay")] {
        let mut arguments = vec!["mix", "--connections", "10", "--seconds", "6", "--webrtc", "2"];
        arguments.extend(relay);
        arguments.extend(["--max-p99-ms", "webrtc=25000"]);
        let run = load(&service.target, &arguments);
        run.assert_fine();
        let webrtc = &run.report["webrtc"];
        assert!(webrtc["connected"].as_u64().unwrap() >= 2, "{webrtc}");
        assert_eq!((&webrtc["failed"], &webrtc["relayed"]), (&json!({}), &json!(relay.is_some())));
        assert!(run.count(path) >= 2, "{}", run.report["counts"]);
        assert!(run.stdout.contains("Real WebRTC peers"), "{}", run.stdout);
    }
}
